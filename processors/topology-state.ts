/**
 * The network as it is: folds what sources say of devices, interfaces, links and whatever else into one state an element.
 *
 * Each source's word is kept apart, so that an element is there as long as one source names it, and of every field that counts
 * which was said last. 'added', 'changed' and 'present' say everything that the source knows of the element; 'up' and 'down' change
 * `up` alone; 'removed' takes the source's word back. The records of a snapshot bear one time: 'complete' takes back what the
 * source named before that time and did not name in it. What is older than what the same source has said is counted and left.
 * Kinds of elements that are not known are kept like the others; of kinds of changes that are not known the attributes are kept. Both are counted.
 *
 * Delivery: exactly once, from topology.events to topology.state. State: some 300 bytes an element and source.
 */
import { isSame } from '../domain/topology/differences';
import { BUILDING_ORDER, elementKey, NOTHING_SAID } from '../domain/topology/elements';
import { impossibleNumbers, without } from '../domain/topology/limits';
import { section, whole, type ValuesOf } from '../infra/config/section';
import { decodeTopologyEvent, encodeTopologyState, type TopologyEvent, type TopologyState } from '../schemas';
import { TOPOLOGY_EVENTS, TOPOLOGY_STATE } from '../topics';
import type { Context, Processor, ProcessorTask } from './runtime/processor';
import { KeyValue } from './runtime/state/key-value';
import { merged, packed, unpacked, type Statement } from './topology-state/statements';

/** Keys of `topologyState`. */
export const topologyStateSection = section('topologyState', 'The network as it is.', {
  maxStateMiB: whole({ doc: 'Memory of what sources say of elements; beyond, records go to dead-letters; unit: MiB.', default: 256, min: 1, max: 16_384 }),
  maxSources: whole({ doc: 'Sources of one element whose word is kept; those beyond are counted and left.', default: 16, min: 1, max: 1000 }),
  maxAheadMs: whole({ doc: 'An event that is so far ahead of its record\'s time goes to dead-letters, for it would make all that follows out of date; unit: milliseconds.', default: 3_600_000, min: 0, max: 86_400_000 }),
  forgetMs: whole({ doc: 'How long it is known when an element was taken back; unit: milliseconds.', default: 86_400_000, min: 1000, max: 2_592_000_000 }),
});

type Settings = ValuesOf<typeof topologyStateSection>;

const SAYS_ALL: ReadonlySet<string> = new Set(['added', 'changed', 'present']);
/** Memory beside that of the elements. */
const SMALL_BYTES = 2 ** 24;

class TopologyTask implements ProcessorTask {
  readonly stores;
  /** By key of the element. */
  private readonly elements: KeyValue;
  /** By source and key of an element: when it was taken back, a double. */
  private readonly gone: KeyValue;
  /** By source: time of the latest snapshot that began, and of the latest that was complete, two doubles. */
  private readonly snapshots = new KeyValue({ name: 'snapshots', maxBytes: SMALL_BYTES });
  private event!: TopologyEvent;

  constructor(private readonly settings: Settings) {
    this.elements = new KeyValue({ name: 'elements', maxBytes: settings.maxStateMiB * 2 ** 20 });
    this.gone = new KeyValue({ name: 'gone', maxBytes: SMALL_BYTES, lifeMs: settings.forgetMs });
    this.stores = [this.elements, this.gone, this.snapshots];
  }

  decode(value: Buffer): void {
    this.event = decodeTopologyEvent(value);
  }

  step(context: Context): void {
    const { event } = this;
    context.received(1);
    this.gone.advance(context.timestampMs);
    if (event.time > context.timestampMs + this.settings.maxAheadMs) {
      return context.deadLetter('NW_TIME_ABSURD', `The event of ${event.source} is ${event.time - context.timestampMs} ms ahead of its record.`);
    }
    const [began, complete] = this.snapshotTimes();
    if (event.time < complete) return context.discarded('out-of-date', 1);
    if (event.change === 'complete') return this.complete(began, complete, context);
    if (event.id === '' || event.element === '') return context.discarded('element-without-name', 1);
    if (event.change === 'present') {
      if (event.time < began) return context.discarded('out-of-date', 1);
      if (event.time > began && !this.putSnapshotTimes(event.time, complete)) return this.full(context);
    }
    this.one(context);
  }

  /** A change of one element. */
  private one(context: Context): void {
    const { event } = this;
    const key = Buffer.from(elementKey(event));
    const statements = unpacked(this.elements.get(key));
    const at = statements.findIndex(({ said }) => said.source === event.source);
    const own = at < 0 ? null : statements[at];
    if (event.time < (own?.namedMs ?? this.goneMs(event.source, key))) return context.discarded('out-of-date', 1);
    if (event.change === 'removed') {
      if (own === null) return context.discarded('element-not-known', 1);
      this.markGone(event.source, key, event.time, context);
      return this.keep(key, statements, statements.filter((one) => one !== own), context);
    }
    const next = this.stated(own, statements.length > 0, context);
    if (next === null) return;
    if (own === null && statements.length >= this.settings.maxSources) return context.discarded('too-many-sources', 1);
    this.keep(key, statements, own === null ? [...statements, next] : statements.map((one) => (one === own ? next : one)), context);
  }

  /** What the source says after the event; null where that is nothing. */
  private stated(own: Statement | null, known: boolean, context: Context): Statement | null {
    const { change, ...told } = this.event;
    const before = own?.said ?? { ...NOTHING_SAID, element: told.element, id: told.id, source: told.source, time: told.time };
    let said: TopologyState;
    if (SAYS_ALL.has(change)) {
      if (told.element === 'link' && (told.a === null || told.b === null || told.a === '' || told.b === '')) {
        context.discarded('link-without-ends', 1);
        return null;
      }
      if (!BUILDING_ORDER.includes(told.element) && told.element !== 'group') context.discarded('element-kind-not-known', 1);
      const wrong = impossibleNumbers(told);
      if (wrong.length > 0) context.discarded('impossible-number', wrong.length);
      said = without(told, wrong);
    } else {
      const isUpOrDown = change === 'up' || change === 'down';
      if (!isUpOrDown) context.discarded('change-not-known', 1);
      if (!known) {
        if (isUpOrDown) context.discarded('element-not-known', 1);
        return null;
      }
      said = isUpOrDown ? { ...before, up: change === 'up', time: told.time } : { ...before, time: told.time, attributes: { ...before.attributes, ...told.attributes, change } };
    }
    const bare = own === null ? !SAYS_ALL.has(change) : own.bare && !SAYS_ALL.has(change);
    // Said again, it has been so since it was said first.
    return { said: own !== null && isSame(own.said, said) ? { ...said, time: own.said.time } : said, namedMs: this.event.time, bare };
  }

  /** The snapshot of a source is over. */
  private complete(began: number, complete: number, context: Context): void {
    const { source, time } = this.event;
    // Elements of another time than its end: whatever that is, nothing is taken back because of it.
    if (began > complete && began !== time) return context.discarded('snapshot-torn', 1);
    if (!this.putSnapshotTimes(began, time)) return this.full(context);
    const left: Buffer[] = [];
    this.elements.forEach((key, value) => {
      if (unpacked(value).some(({ said, namedMs }) => said.source === source && namedMs < time)) left.push(Buffer.from(key));
    });
    // Links before what they end at.
    for (const key of left.sort((one, other) => Buffer.compare(other, one))) {
      const statements = unpacked(this.elements.get(key));
      this.markGone(source, key, time, context);
      this.keep(key, statements, statements.filter(({ said, namedMs }) => said.source !== source || namedMs >= time), context);
    }
  }

  /** Keeps the statements on an element, and says what it is now where that is something else. */
  private keep(key: Buffer, before: readonly Statement[], after: readonly Statement[], context: Context): void {
    const [was, is] = [merged(before), merged(after)];
    if (is === null) this.elements.delete(key);
    else if (!this.elements.put(key, packed(after))) return this.full(context);
    if (is === null ? was === null : was !== null && isSame(was, is)) return;
    if (is?.element === 'link') {
      const strangers = [is.a!, is.b!].filter((device) => !this.elements.find(Buffer.from(`device/${device}`))).length;
      if (strangers > 0) context.discarded('device-not-in-topology', strangers);
    }
    context.emit(TOPOLOGY_STATE, 0, Buffer.from(key), is === null ? null : encodeTopologyState(is, context.schemaId(TOPOLOGY_STATE)), { timeMs: this.event.time });
    context.sent(1);
  }

  private full(context: Context): void {
    context.deadLetter('NW_STATE_FULL', `What sources say of ${this.elements.entries} elements takes ${this.elements.bytes} bytes.`);
  }

  private snapshotTimes(): [number, number] {
    const times = this.snapshots.get(Buffer.from(this.event.source));
    return times === null ? [-Infinity, -Infinity] : [times.readDoubleLE(0), times.readDoubleLE(8)];
  }

  private putSnapshotTimes(began: number, complete: number): boolean {
    return this.snapshots.put(Buffer.from(this.event.source), Buffer.from(Float64Array.of(began, complete).buffer));
  }

  private goneMs(source: string, key: Buffer): number {
    return this.gone.get(goneKey(source, key))?.readDoubleLE(0) ?? -Infinity;
  }

  private markGone(source: string, key: Buffer, timeMs: number, context: Context): void {
    if (!this.gone.put(goneKey(source, key), Buffer.from(Float64Array.of(timeMs).buffer), context.timestampMs)) context.discarded('removal-not-kept', 1);
  }
}

const goneKey = (source: string, key: Buffer): Buffer => Buffer.concat([Buffer.from(`${source}\0`), key]);

/** The processor. */
export const topologyState: Processor<typeof topologyStateSection> = {
  name: 'topology-state',
  doc: 'The network as it is, from what sources say of its devices, interfaces and links.',
  delivery: 'exactly once, from topology.events to topology.state',
  input: TOPOLOGY_EVENTS,
  outputs: [TOPOLOGY_STATE],
  section: topologyStateSection,
  windows: () => [],
  create: (settings) => new TopologyTask(settings),
};
