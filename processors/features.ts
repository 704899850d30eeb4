/**
 * Features of hosts, interfaces and links, in windows of ten seconds, one and five minutes: the second of two stages. Merges the parts that
 * `measure` made of each partition of the flows, so that what goes out is whole.
 *
 * `features` has the hosts, `interface-features` the interfaces, and the links, whose traffic ahead is what their interface at end a sends, else what that at end
 * b receives, by the topology as it is when the window goes out. A window goes out when stream time, the start of the latest part, is `graceMs` past its end: parts of
 * partitions that are behind by more are late: counted, reported on `late`, and in the longer windows that are still open. Of hosts
 * the `hosts` with most traffic go out, the others are counted (`host-not-among-largest`). Rows are in the order of addresses, or of names of links.
 *
 * A window in which a subject did nothing has no row; the next row says how many are missing (`gap`). The ten inputs of models are bytes,
 * packets, flows, meanDurationMs, tcpShare, udpShare, icmpShare, dayFraction, weekFraction, trend; what is not known is not a number.
 *
 * Delivery: exactly once, from traffic.partials, traffic.interface-partials and topology.state to traffic.features and late.
 * State: 480 bytes a host and 2.1 KiB a direction of an interface of each open window; 230 bytes a subject that was seen within `historyMs`.
 */
import { section, whole, type ValuesOf } from '../infra/config/section';
import { partitionOf } from '../infra/log/partition';
import { decodeTopologyState, encodeTrafficFeaturesColumns, TrafficFeaturesColumns } from '../schemas';
import { formatIpRow } from '../schemas/ip';
import { TOPOLOGY_STATE, TRAFFIC_FEATURES, TRAFFIC_INTERFACE_PARTIALS, TRAFFIC_PARTIALS } from '../topics';
import { Histories } from './features/history';
import { LinkEndsTable } from './features/link-ends';
import { Partials } from './features/partials';
import { bytesOf, BYTES, HOSTS, INTERFACES, largest, mergeRow, PARTIAL_MS, sumsAt, type SubjectKind } from './features/subjects';
import { appendVector, emptied } from './features/vectors';
import { JoinTable } from './runtime/joins/join-table';
import type { Context, EmitOptions, Processor, ProcessorTask, RecordSteps } from './runtime/processor';
import { Cells } from './runtime/state/cells';
import type { Store } from './runtime/state/store';
import type { Table } from './runtime/state/table';
import { doubleColumn, keyColumn, TableView, timeCell, type StoreView } from './runtime/state/view';
import { OpenWindows } from './runtime/windows/open-windows';
import { StreamTime, type WindowSet } from './runtime/windows/stream-time';
import { ABSURD, TIMELINES } from './runtime/windows/timelines';

/** Keys of `features`. */
export const featuresSection = section('features', 'Features of hosts, interfaces and links: the second stage.', {
  graceMs: whole({ doc: 'How far partitions of the flows may be behind one another when a window goes out; unit: milliseconds.', default: 10_000, min: 0, max: 3_600_000 }),
  pastMs: whole({ doc: 'Windows that begin longer than this before the receipt of their flows are a replay of the past, with a stream time of their own; unit: milliseconds.', default: 3_600_000, min: 1000, max: 31_536_000_000 }),
  aheadMs: whole({ doc: 'Windows that begin longer than this after the receipt of their flows come from a wrong clock, with a stream time of their own; unit: milliseconds.', default: 300_000, min: 1000, max: 31_536_000_000 }),
  idleMs: whole({ doc: 'When no part of live flows, of the past, or ahead came for so long, the windows of that kind that wait for more go out; unit: milliseconds.', default: 15_000, min: 100, max: 86_400_000 }),
  hosts: whole({ doc: 'Hosts of a window and partition that go out: those with most traffic; the others are counted.', default: 1000, min: 1, max: 1_000_000 }),
  maxSubjects: whole({ doc: 'Hosts, or directions of interfaces, of a window and partition that are kept, 480 bytes and 2.1 KiB each; others are counted (`window-full`).', default: 20_000, min: 100, max: 4_000_000 }),
  averageWindows: whole({ doc: 'Windows that the moving average is about; the latest has a weight of 2 / (windows + 1).', default: 12, min: 1, max: 10_000 }),
  historyMs: whole({ doc: 'How long the latest windows of a subject are remembered at least; unit: milliseconds.', default: 3_600_000, min: 600_000, max: 2_592_000_000 }),
  maxHistories: whole({ doc: 'Subjects of a partition that are remembered, 230 bytes each, twice; beyond, the oldest give way.', default: 50_000, min: 1000, max: 8_000_000 }),
  maxTopologyMiB: whole({ doc: 'Memory of the topology, which says what links interfaces are ends of; unit: MiB.', default: 64, min: 1, max: 16_384 }),
});

type Settings = ValuesOf<typeof featuresSection>;

/** Lengths of the windows: the rows of one go into the next when it is over. */
const LENGTHS = [PARTIAL_MS, 60_000, 300_000] as const;
/** Windows of each length that may be open at once. */
const SLOTS = [40, 12, 6] as const;
const RECORD_ROWS = 500;
/** Words of the key of a link in the histories, and so of an interface: address, ifIndex, direction. */
const DIRECTIONS = ['in', 'out'] as const;
const IN = 0, OUT = 1;

class FeaturesTask implements ProcessorTask, WindowSet {
  readonly stores: readonly Store[];
  readonly views: readonly StoreView[];
  readonly tables?: readonly RecordSteps[];
  private readonly partials: Partials;
  private readonly time: StreamTime;
  private readonly windows: readonly OpenWindows[];
  /** By length and timeline: start of the latest window that went out; what comes for it is late. */
  private readonly closed = new Cells('closed', LENGTHS.length * TIMELINES, () => -1);
  private readonly histories: Histories;
  private readonly links: LinkEndsTable | null;
  private readonly out = new TrafficFeaturesColumns();

  constructor(
    private readonly settings: Settings,
    private readonly kind: SubjectKind,
  ) {
    const { graceMs, maxSubjects, averageWindows, historyMs, maxHistories, maxTopologyMiB } = settings;
    this.partials = new Partials(kind);
    this.time = new StreamTime({ name: 'time', ...settings });
    this.time.add(this);
    this.windows = LENGTHS.map((lengthMs, length) => new OpenWindows({ name: `w${lengthMs / 1000}`, lengthMs, graceMs, slots: SLOTS[length], tables: [{ ...kind.shape, maxRows: maxSubjects }] }));
    this.histories = new Histories({ keyWords: kind.shape.keyWords, lengths: LENGTHS.length, maxSubjects: maxHistories, lifeMs: historyMs, averageWindows });
    this.links = kind === INTERFACES ? new LinkEndsTable(new JoinTable({ name: 'topology', topic: TOPOLOGY_STATE, maxBytes: maxTopologyMiB * 2 ** 20, keep: (value) => (decodeTopologyState(value), value) })) : null;
    this.stores = [...this.time.stores, this.closed, ...this.windows.flatMap(({ stores }) => stores), ...this.histories.stores, ...(this.links === null ? [] : [this.links.store])];
    if (this.links !== null) this.tables = [this.links.steps];
    this.views = this.windows.map((windows) => windowView(windows, kind));
  }

  streamTime(): number | null {
    return this.time.shown;
  }

  decode(value: Buffer): void {
    this.partials.decode(value);
  }

  step(context: Context): void {
    const { time, partials } = this;
    const { windowStart, rows } = partials.columns;
    context.received(rows.length);
    time.silence(time.received, context);
    this.histories.advance(Math.max(time.received, context.timestampMs));
    const timeline = time.observe(windowStart, context.timestampMs);
    if (timeline === ABSURD) return context.deadLetter('NW_TIME_ABSURD', `The window begins at ${windowStart}.`);
    let length = 0;
    while (length < LENGTHS.length && this.isClosed(length, timeline, windowStart)) length++;
    if (length > 0) this.countLate(time.streamTime(timeline));
    if (length < LENGTHS.length) this.add(length, timeline, context);
    this.close(timeline, time.streamTime(timeline), context);
    time.end(context);
  }

  due(): number {
    return this.time.due();
  }

  silence(timeMs: number, context: Context): void {
    this.time.silence(timeMs, context);
  }

  closesAt(timeline: number): number {
    return Math.min(...this.windows.map((windows) => windows.closesAt(timeline)));
  }

  close(timeline: number, streamTime: number, context: Context): void {
    this.windows.forEach((windows, length) => {
      while (windows.closesAt(timeline) <= streamTime && windows.closesAt(timeline) < Infinity) this.send(length, windows.earliest(timeline), context);
    });
    if (streamTime === Infinity) for (let length = 0; length < LENGTHS.length; length++) this.closed.set(length * TIMELINES + timeline, -1);
  }

  private isClosed(length: number, timeline: number, time: number): boolean {
    return startOf(time, length) <= this.closed.values[length * TIMELINES + timeline];
  }

  /** Rows that came too late for their window of ten seconds. */
  private countLate(streamTime: number): void {
    const { columns, bytes } = this.partials;
    for (let row = 0; row < columns.rows.length; row++) this.time.countLate(columns.windowStart, streamTime, row === 0 ? bytes : 0);
  }

  private add(length: number, timeline: number, context: Context): void {
    const slot = this.slotFor(length, timeline, this.partials.columns.windowStart, context);
    this.windows[length].note(slot, context.offset, context.offset);
    const refused = this.partials.addTo(this.windows[length].table(slot, 0));
    if (refused > 0) context.discarded('window-full', refused);
  }

  /** Slot of the window of a length that holds a time and is not closed. Where none is free the earliest goes out. */
  private slotFor(length: number, timeline: number, time: number, context: Context): number {
    const windows = this.windows[length];
    const start = startOf(time, length);
    const found = windows.find(timeline, start);
    if (found >= 0) return found;
    const opened = windows.open(timeline, start);
    if (opened >= 0) return opened;
    this.send(length, windows.earliest(), context);
    return windows.open(timeline, start);
  }

  /** Sends out a window; its rows go into the next longer one. */
  private send(length: number, slot: number, context: Context): void {
    const { kind, settings } = this;
    const windows = this.windows[length];
    const table = windows.table(slot, 0);
    const [timeline, windowStart, causes] = [windows.timeline(slot), windows.start(slot), windows.causes(slot)];
    const window = { windowStart, windowMs: LENGTHS[length], length, timeline };
    const options = { timeMs: windowStart + LENGTHS[length], causes };
    const rows = largest(table, kind === HOSTS ? settings.hosts : Infinity);
    if (rows.length < table.entries) context.discarded('host-not-among-largest', table.entries - rows.length);
    if (kind === HOSTS) this.sendHosts(table, rows, window, options, context);
    else this.sendInterfaces(table, rows, window, options, context);
    const evicted = this.histories.takeEvicted();
    if (evicted > 0) context.discarded('history-full', evicted);
    this.closed.set(length * TIMELINES + timeline, Math.max(windowStart, this.closed.values[length * TIMELINES + timeline]));
    if (length + 1 < LENGTHS.length) {
      if (this.isClosed(length + 1, timeline, windowStart)) context.discarded('window-full', table.entries);
      else this.mergeInto(length + 1, table, timeline, windowStart, causes, context);
    }
    windows.release(slot);
  }

  /** Adds the rows of a window to the longer one that it is part of. */
  private mergeInto(length: number, table: Table, timeline: number, time: number, causes: { first: number; last: number }, context: Context): void {
    const slot = this.slotFor(length, timeline, time, context);
    this.windows[length].note(slot, causes.first, causes.last);
    const to = this.windows[length].table(slot, 0);
    if (to.entries === 0) return to.take(table);
    let refused = 0;
    for (let row = 0; row < table.entries; row++) {
      const target = to.upsert(table.words, row * table.wordsPerRow);
      if (target < 0) refused++;
      else mergeRow(this.kind, table, row, to, target);
    }
    if (refused > 0) context.discarded('window-full', refused);
  }

  private sendHosts(table: Table, rows: readonly number[], window: SentWindow, options: EmitOptions, context: Context): void {
    const bytes = bytesOf(table);
    for (let from = 0; from < rows.length; from += RECORD_ROWS) {
      emptied(this.out, 'host', window);
      for (const row of rows.slice(from, from + RECORD_ROWS)) this.append(table, row, formatIpRow(bytes, 4 * row * table.wordsPerRow), table.words, row * table.wordsPerRow, window);
      this.emit(context.partition, options, context);
    }
  }

  private sendInterfaces(table: Table, rows: readonly number[], window: SentWindow, options: EmitOptions, context: Context): void {
    const bytes = bytesOf(table);
    const { words, wordsPerRow } = table;
    const interfaces = rows.map((row): Vector => {
      const at = row * wordsPerRow;
      return { subject: `${formatIpRow(bytes, 4 * at)}/${words[at + 4] >>> 0}/${DIRECTIONS[words[at + 5]]}`, row, words, at };
    });
    this.sendByPartition('interface', table, interfaces, window, options, context);
    const links = this.links!.all().flatMap(({ link, words: name, a, b }) =>
      [{ way: 'ahead', from: a, to: b, direction: IN }, { way: 'back', from: b, to: a, direction: OUT }].flatMap(({ way, from, to, direction }): Vector[] => {
        const row = find(table, from, OUT) ?? find(table, to, IN);
        return row === null ? [] : [{ subject: `${link}/${way}`, row, words: Int32Array.of(...name, direction), at: 0 }];
      }),
    );
    this.sendByPartition('link', table, links, window, { ...options, joined: this.links!.causes(TOPOLOGY_STATE) }, context);
  }

  /** Sends vectors of subjects that lie in many partitions, partition by partition. */
  private sendByPartition(kind: string, table: Table, vectors: readonly Vector[], window: SentWindow, options: EmitOptions, context: Context): void {
    const partitions = context.partitionsOf(TRAFFIC_FEATURES);
    const parts = Array.from({ length: partitions }, (): Vector[] => []);
    for (const vector of vectors) parts[partitionOf(Buffer.from(vector.subject), partitions)].push(vector);
    parts.forEach((part, partition) => {
      for (let from = 0; from < part.length; from += RECORD_ROWS) {
        emptied(this.out, kind, window);
        for (const { subject, row, words, at } of part.slice(from, from + RECORD_ROWS)) this.append(table, row, subject, words, at, window);
        this.emit(partition, options, context);
      }
    });
  }

  private append(table: Table, row: number, subject: string, words: Int32Array, at: number, { windowStart, windowMs, length, timeline }: SentWindow): void {
    const bytes = table.doubles[sumsAt(table, row) + BYTES];
    const past = this.histories.take(words, at, timeline, length, windowStart, windowMs, bytes);
    appendVector(this.out.rows, this.kind, table, row, subject, { windowStart, windowMs }, past);
  }

  private emit(partition: number, options: EmitOptions, context: Context): void {
    context.emit(TRAFFIC_FEATURES, partition, null, encodeTrafficFeaturesColumns(this.out, context.schemaId(TRAFFIC_FEATURES)), options);
    context.sent(this.out.rows.length);
  }
}

/** A window on its way out. */
interface SentWindow {
  readonly windowStart: number;
  readonly windowMs: number;
  /** Number of its length, and its timeline. */
  readonly length: number;
  readonly timeline: number;
}

/** A subject, its row, and the words that it is known by in the histories. */
interface Vector {
  readonly subject: string;
  readonly row: number;
  readonly words: Int32Array;
  readonly at: number;
}

const startOf = (time: number, length: number): number => time - (time % LENGTHS[length]);

/** Row of a direction of an interface; null where there is none. */
function find(table: Table, of: Int32Array | null, direction: number): number | null {
  if (of === null) return null;
  table.key.set(of);
  table.key[5] = direction;
  const row = table.find();
  return row < 0 ? null : row;
}

function windowView(windows: OpenWindows, kind: SubjectKind): StoreView {
  const key = kind === HOSTS ? [keyColumn.address(0, 4, 'addr', 'Address of the host.')] : [keyColumn.address(0, 4, 'exporter', 'Address of the exporter.'), keyColumn.uint(4, 'ifIndex', 'Index of the interface.'), keyColumn.uint(5, 'direction', '0: in, 1: out.')];
  return new TableView({
    name: windows.name,
    doc: `Sums of an open window of ${windows.lengthMs / 1000} s, as merged so far.`,
    common: [{ name: 'windowStart', doc: 'Start of the window.' }],
    columns: [...key, doubleColumn(0, 'bytes', 'Bytes; of a host: received.'), doubleColumn(1, 'packets', 'Packets; of a host: received.'), doubleColumn(2, 'flows', 'Flows; of a host: received.')],
    parts: () => windows.inOrder().map((slot) => ({ table: windows.table(slot, 0), common: [timeCell(windows.start(slot))] })),
  });
}

const windows = ({ graceMs }: Settings): { lengthMs: number; graceMs: number }[] => LENGTHS.map((lengthMs) => ({ lengthMs, graceMs }));

/** The processor of hosts. */
export const features: Processor<typeof featuresSection> = {
  name: 'features',
  doc: 'Features of hosts in windows of ten seconds, one and five minutes.',
  delivery: 'exactly once, from traffic.partials to traffic.features and late',
  input: TRAFFIC_PARTIALS,
  outputs: [TRAFFIC_FEATURES],
  section: featuresSection,
  windows,
  create: (settings) => new FeaturesTask(settings, HOSTS),
};

/** The processor of interfaces and links. */
export const interfaceFeatures: Processor<typeof featuresSection> = {
  ...features,
  name: 'interface-features',
  doc: 'Features of interfaces and links in windows of ten seconds, one and five minutes.',
  delivery: 'exactly once, from traffic.interface-partials and topology.state to traffic.features and late',
  input: TRAFFIC_INTERFACE_PARTIALS,
  tables: [TOPOLOGY_STATE],
  create: (settings) => new FeaturesTask(settings, INTERFACES),
};
