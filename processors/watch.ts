/**
 * Watches what devices say of themselves: errors and discards of interfaces beyond what is allowed and usual, and elements of the topology that go up and down again
 * and again.
 *
 * Errors and discards are judged reading by reading, `domain/detect/interface-errors.ts`; an interface of which no reading comes for `silentMs` is not told of any more. Flaps are
 * counted on topology.state, `domain/detect/topology-flap.ts`: what flaps at one device is one anomaly of that device, which takes the place of those of its links and
 * interfaces. Time is that of the readings and of the changes, but not later than their receipt.
 *
 * Units: errors and discards a second; changes within `flapWindowMs`.
 *
 * Delivery: exactly once, from interfaces.rates and topology.state to anomalies.
 * State: 350 bytes an interface, 200 an element of the topology; bounded by `maxStateMiB`.
 */
import { COUNTER_CELLS, watchCounter, type CounterLimits } from '../domain/detect/interface-errors';
import { changesAt, groupFlaps, isFlapping, noteChange, type FlapGroup, type Flapping, type FlapLimits } from '../domain/detect/topology-flap';
import { section, whole, type ValuesOf } from '../infra/config/section';
import { decodeInterfaceRates, decodeTopologyState, type InterfaceRates } from '../schemas';
import { ANOMALIES, INTERFACES_RATES, TOPOLOGY_STATE } from '../topics';
import { JoinTable } from './runtime/joins/join-table';
import type { Context, EmitOptions, Processor, ProcessorTask, RecordSteps } from './runtime/processor';
import { Cells } from './runtime/state/cells';
import { KeyValue } from './runtime/state/key-value';
import { OpenAnomalies } from './watch/open-anomalies';

/** Keys of `watch`. */
export const watchSection = section('watch', 'Errors and discards of interfaces, and what flaps.', {
  errorsPerMinute: whole({ doc: 'Fewer errors of a direction of an interface are none; unit: errors/min.', default: 10, min: 1, max: 1_000_000_000 }),
  errorsPerMillion: whole({ doc: 'So are errors of a smaller part of the packets; unit: errors for a million packets.', default: 100, min: 0, max: 1_000_000 }),
  discardsPerMinute: whole({ doc: 'Fewer discards of a direction of an interface are none; unit: discards/min.', default: 600, min: 1, max: 1_000_000_000 }),
  discardsPerMillion: whole({ doc: 'So are discards of a smaller part of the packets; unit: discards for a million packets.', default: 5000, min: 0, max: 1_000_000 }),
  timesUsual: whole({ doc: 'Errors and discards are told of when they are so many times what is usual for the interface.', default: 5, min: 1, max: 1000 }),
  readings: whole({ doc: 'Readings that must be beyond one after the other before it is told, and within before it is over.', default: 2, min: 1, max: 100 }),
  silentMs: whole({ doc: 'An interface of which no reading came for so long is told of no more; unit: milliseconds.', default: 900_000, min: 1000, max: 86_400_000 }),
  flapChanges: whole({ doc: 'Times that an element must go up or down to flap; a failure and its repair are two.', default: 6, min: 2, max: 100 }),
  flapWindowMs: whole({ doc: 'Within so long; without a change for so long it is over; unit: milliseconds.', default: 600_000, min: 1000, max: 86_400_000 }),
  goesOnMs: whole({ doc: 'How often it is told that an anomaly goes on; unit: milliseconds.', default: 300_000, min: 1000, max: 86_400_000 }),
  maxStateMiB: whole({ doc: 'Memory of interfaces, of the topology, of changes, and of what goes on, each; unit: MiB.', default: 64, min: 1, max: 16_384 }),
});

type Settings = ValuesOf<typeof watchSection>;

const FLAP = 'topology-flap';
const FLAPS = 'flaps';
const ELEMENTS: readonly string[] = ['device', 'interface', 'link'];
/** How long an interface is remembered of which nothing is heard. */
const DAY_MS = 86_400_000;
const ELEMENTS_MOST = 16;
/** Counters of an interface, in the order of their cells. */
const COUNTERS = [
  { detector: 'counters-in', kind: 'interface-errors', unit: 'errors/s', rate: 'inErrorsPerSecond', packets: 'inPacketsPerSecond' },
  { detector: 'counters-out', kind: 'interface-errors', unit: 'errors/s', rate: 'outErrorsPerSecond', packets: 'outPacketsPerSecond' },
  { detector: 'counters-in', kind: 'interface-discards', unit: 'discards/s', rate: 'inDiscardsPerSecond', packets: 'inPacketsPerSecond' },
  { detector: 'counters-out', kind: 'interface-discards', unit: 'discards/s', rate: 'outDiscardsPerSecond', packets: 'outPacketsPerSecond' },
] as const;

/** Kept of an element: whether it works (null: not said), the devices that it is at. */
interface Kept {
  readonly up: boolean | null;
  readonly devices: readonly string[];
}

function keep(value: Buffer): Buffer {
  const { element, id, up, a, b } = decodeTopologyState(value);
  const devices = element === 'device' ? [id] : element === 'interface' ? [id.slice(0, id.indexOf('/'))] : [a, b].filter((device) => device !== null);
  return Buffer.from(JSON.stringify({ up, devices } satisfies Kept));
}

class WatchTask implements ProcessorTask {
  readonly stores;
  readonly tables: readonly RecordSteps[];
  private readonly topology: JoinTable;
  /** Of each interface the cells of its counters, {@link COUNTERS}. */
  private readonly interfaces: KeyValue;
  /** Of each element that changed the times of its latest changes. */
  private readonly changes: KeyValue;
  private readonly open: OpenAnomalies;
  /** Latest time. */
  private readonly clock = new Cells('clock', 1);
  private readonly limits: Readonly<Record<'interface-errors' | 'interface-discards', CounterLimits>>;
  private readonly flaps: FlapLimits;
  private rates!: InterfaceRates;
  private key: Buffer = Buffer.alloc(0);

  constructor(private readonly settings: Settings) {
    const { maxStateMiB, timesUsual, readings, errorsPerMinute, errorsPerMillion, discardsPerMinute, discardsPerMillion, flapChanges, flapWindowMs, goesOnMs } = settings;
    const maxBytes = maxStateMiB * 2 ** 20;
    this.limits = {
      'interface-errors': { perSecond: errorsPerMinute / 60, share: errorsPerMillion / 1e6, timesUsual, readings },
      'interface-discards': { perSecond: discardsPerMinute / 60, share: discardsPerMillion / 1e6, timesUsual, readings },
    };
    this.flaps = { changes: flapChanges, windowMs: flapWindowMs };
    this.interfaces = new KeyValue({ name: 'interfaces', maxBytes, lifeMs: DAY_MS });
    this.changes = new KeyValue({ name: 'changes', maxBytes, lifeMs: flapWindowMs });
    this.open = new OpenAnomalies(maxBytes, goesOnMs);
    this.topology = new JoinTable({ name: 'topology', topic: TOPOLOGY_STATE, maxBytes, keep });
    this.stores = [this.clock, this.interfaces, this.changes, this.open.store, this.topology.store];
    this.tables = [this.topologySteps()];
  }

  streamTime(): number | null {
    return this.clock.values[0] || null;
  }

  decode(value: Buffer, key: Buffer | null): void {
    this.rates = decodeInterfaceRates(value);
    this.key = key ?? Buffer.from(`${this.rates.device}/${this.rates.ifIndex}`);
  }

  step(context: Context): void {
    const { rates, key } = this;
    context.received(1);
    const time = Math.min(rates.time, context.timestampMs);
    this.pass(time, context);
    const before = this.interfaces.get(key);
    const cells = new Float64Array(COUNTERS.length * COUNTER_CELLS);
    if (before !== null && before.length === cells.byteLength) Buffer.from(cells.buffer).set(before);
    const subject = `${rates.device}/${rates.ifIndex}`;
    COUNTERS.forEach((counter, i) => {
      const perSecond = rates[counter.rate];
      if (perSecond === null || !(perSecond >= 0)) return;
      const of = cells.subarray(i * COUNTER_CELLS, (i + 1) * COUNTER_CELLS);
      const { phase, readings, ...verdict } = watchCounter(of, perSecond, rates[counter.packets] ?? NaN, this.limits[counter.kind], counter.unit);
      if (phase === null) return;
      const named = { kind: counter.kind, detector: counter.detector, subject };
      if (phase === 'over') return this.open.over(named, time, context);
      const began = time - 1000 * rates.seconds * readings;
      this.tellFound({ ...verdict, ...named, subjectKind: 'interface', began, time, unit: counter.unit, evidence: verdict.evidence.map((one) => ({ ...one })), elements: [{ kind: 'interface', id: subject, share: NaN }] }, context);
    });
    if (!this.interfaces.put(key, new Uint8Array(cells.buffer), this.clock.values[0])) context.deadLetter('NW_STATE_FULL', `The store interfaces holds ${this.interfaces.entries} entries in ${this.interfaces.bytes} bytes.`);
  }

  due(): number {
    return this.open.store.entries > 0 ? this.clock.values[0] + Math.min(this.settings.silentMs, this.settings.flapWindowMs) : Infinity;
  }

  silence(timeMs: number, context: Context): void {
    this.pass(timeMs, context);
  }

  /** Folds the topology, and looks at what went up or down. */
  private topologySteps(): RecordSteps {
    let before: Kept | null = null;
    let time = 0;
    const steps = this.topology.steps((key) => void (before = this.keptOf(key)), (key, context) => this.changed(key, before, time, context));
    return {
      ...steps,
      decode: (value, key) => {
        ({ time } = decodeTopologyState(value));
        steps.decode(value, key);
      },
    };
  }

  private keptOf(key: Buffer): Kept | null {
    const value = this.topology.get(key);
    return value === null ? null : (JSON.parse(value.toString()) as Kept);
  }

  private changed(key: Buffer, before: Kept | null, stateTime: number, context: Context): void {
    const now = this.keptOf(key);
    const name = key.toString();
    if (now === null || before === null || now.up === null || before.up === null || now.up === before.up || !ELEMENTS.includes(name.slice(0, name.indexOf('/')))) return;
    const time = Math.min(stateTime, context.timestampMs);
    this.pass(time, context);
    const kept = this.changes.get(key);
    const times = noteChange(kept === null ? [] : (JSON.parse(kept.toString()) as number[]), time, this.flaps);
    if (!this.changes.put(key, Buffer.from(JSON.stringify(times)), time)) return context.discarded('state-full', 1);
    if (isFlapping(times, time, this.flaps)) this.tellFlaps(name, time, context);
  }

  /** An element flaps: what flaps with it at one device is told as one. */
  private tellFlaps(name: string, time: number, context: Context): void {
    const { flaps } = this;
    const flapping: (Flapping & { times: readonly number[] })[] = [];
    const keys: { key: string; times: number[] }[] = [];
    this.changes.forEach((key, value) => void keys.push({ key: key.toString(), times: JSON.parse(value.toString()) as number[] }));
    keys.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { key, times } of keys) {
      const element = key.slice(0, key.indexOf('/')) as Flapping['element'];
      if (isFlapping(times, time, flaps)) flapping.push({ element, id: key.slice(element.length + 1), devices: this.keptOf(Buffer.from(key))?.devices ?? [], times });
    }
    const group = groupFlaps(flapping).find(({ members }) => members.some(({ element, id }) => `${element}/${id}` === name));
    if (group === undefined) return;
    for (const { id } of group.members) if (group.subject !== id) this.open.over({ kind: FLAP, detector: FLAPS, subject: id }, time, context);
    this.tellGroup(group, flapping, time, context);
  }

  private tellGroup({ subject, subjectKind, members }: FlapGroup, flapping: readonly (Flapping & { times: readonly number[] })[], time: number, context: Context): void {
    const { flaps } = this;
    const all = members.map((member) => flapping.find(({ element, id }) => element === member.element && id === member.id)!);
    const counts = all.map(({ times }) => changesAt(times, time, flaps));
    const value = Math.max(...counts);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const elements = all.map(({ element, id }, i) => ({ kind: element, id, share: counts[i] / total })).sort((a, b) => b.share - a.share || (a.id < b.id ? -1 : 1)).slice(0, ELEMENTS_MOST);
    const evidence = [
      { name: 'changes', value: total, usual: NaN, unit: 'changes' },
      { name: 'elements that flap', value: all.length, usual: NaN, unit: '' },
      { name: 'within', value: flaps.windowMs / 1000, usual: NaN, unit: 's' },
    ];
    this.tellFound(
      { subject, subjectKind, kind: FLAP, began: Math.min(...all.map(({ times }) => times[0])), time, detector: FLAPS, severity: all.length > 1 || value >= 2 * flaps.changes ? 'critical' : 'warning', score: value / flaps.changes, value, threshold: flaps.changes, unit: 'changes', evidence, elements },
      context,
      { joined: this.topology.get(Buffer.from(`${all[0].element}/${all[0].id}`)) === null ? [] : this.topology.causes() },
    );
  }

  private tellFound(found: Parameters<OpenAnomalies['found']>[0], context: Context, options?: EmitOptions): void {
    if (!this.open.found(found, context, options)) context.discarded('state-full', 1);
  }

  /** Time goes on: what was not seen for long enough is over. */
  private pass(time: number, context: Context): void {
    const before = this.clock.values[0];
    if (time <= before) return;
    this.clock.set(0, time);
    this.interfaces.advance(time);
    this.changes.advance(time);
    // Looked at a hundred times within the shorter of the two, as it need not be at once.
    const step = Math.min(this.settings.silentMs, this.settings.flapWindowMs) / 100;
    if (this.open.store.entries === 0 || Math.floor(time / step) === Math.floor(before / step)) return;
    for (const { seen, ...named } of this.open.all()) {
      if (time - seen >= (named.kind === FLAP ? this.settings.flapWindowMs : this.settings.silentMs)) this.open.over(named, time, context);
    }
  }
}

/** See the file's head. */
export const watch: Processor<typeof watchSection> = {
  name: 'watch',
  doc: 'Tells of interfaces with errors and discards, and of what goes up and down again and again.',
  delivery: 'exactly once, from interfaces.rates and topology.state to anomalies',
  input: INTERFACES_RATES,
  tables: [TOPOLOGY_STATE],
  outputs: [ANOMALIES],
  section: watchSection,
  windows: () => [],
  create: (settings) => new WatchTask(settings),
};
