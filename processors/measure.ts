/**
 * Measures what hosts and interfaces do, in windows of ten seconds: sums, and sketches of their peers, ports and entropies. The first of
 * two stages: a host's flows lie in all partitions of flows.unique, so what goes out are parts, which `features` merges.
 *
 * `measure` reads flows.unique. A flow that passes several devices stands there once, but passed the interfaces of all:
 * `measure-observed` adds the others' records, from flows.observations, by interface alone.
 *
 * A flow belongs to the window that holds its end, and counts with its bytes and packets times the sampling rate (not known: 1). A window goes out
 * with the record that brings stream time `graceMs` past its end; of hosts the `hosts` with most traffic, the others are counted
 * (`host-not-among-largest`). Flows that come after that are late: counted, and reported on `late`. Interfaces that an exporter does not name (ifIndex 0), and flows without addresses, have no subject.
 *
 * Delivery: exactly once, from flows.unique and flows.observations to traffic.partials, traffic.interface-partials and late.
 * State, of each open window: 96 bytes a host, 400 for each that has sketches, at most three times `hosts`, and 2.1 KiB a direction of an
 * interface; bounded by `maxHosts` and `maxInterfaces`, beyond which a window goes out before its time, as a part like all others.
 */
import { section, whole, type ValuesOf } from '../infra/config/section';
import { partitionOf } from '../infra/log/partition';
import { FlowMeasureBatchColumns } from '../schemas';
import { formatIpRow } from '../schemas/ip';
import { FLOWS_OBSERVATIONS, FLOWS_UNIQUE, TRAFFIC_INTERFACE_PARTIALS, TRAFFIC_PARTIALS, type Topic } from '../topics';
import { encodePartials } from './features/partials';
import { bytesOf, HOSTS, INTERFACES, largest, PARTIAL_MS, type SubjectKind } from './features/subjects';
import { HOST_SKETCHES, HOST_SUMS, HostTables } from './measure/host-tables';
import { MOST_TOGETHER, Run } from './measure/run';
import { checkDatagrams } from './runtime/flow-batch';
import type { Context, Processor, ProcessorTask } from './runtime/processor';
import type { Store } from './runtime/state/store';
import type { Table } from './runtime/state/table';
import { doubleColumn, keyColumn, TableView, timeCell, type StoreView } from './runtime/state/view';
import { OpenWindows } from './runtime/windows/open-windows';
import { StreamTime, type WindowSet } from './runtime/windows/stream-time';
import { ABSURD, LIVE, TIMELINES } from './runtime/windows/timelines';

/** Keys of `measure`. */
export const measureSection = section('measure', 'What hosts and interfaces do in ten seconds, partition by partition: the first stage of the features.', {
  graceMs: whole({ doc: 'How long after the end of a window, in stream time, flows may still come; unit: milliseconds.', default: 20_000, min: 0, max: 3_600_000 }),
  pastMs: whole({ doc: 'Flows that ended longer than this before their receipt are a replay of the past, with a stream time of their own; unit: milliseconds.', default: 3_600_000, min: 1000, max: 31_536_000_000 }),
  aheadMs: whole({ doc: 'Flows that ended longer than this after their receipt come from a wrong clock, with a stream time of their own; unit: milliseconds.', default: 300_000, min: 1000, max: 31_536_000_000 }),
  idleMs: whole({ doc: 'When no live flow, no flow of the past, or none ahead was received for so long, the windows of that kind that wait for more go out; unit: milliseconds.', default: 10_000, min: 100, max: 86_400_000 }),
  hosts: whole({ doc: 'Hosts of a window and partition that go out: those with most traffic; the others are counted. Sketches, 400 bytes each, are kept for three times as many.', default: 2000, min: 1, max: 1_000_000 }),
  maxHosts: whole({ doc: 'Hosts of a window that are kept, 96 bytes each; when there are more it goes out before its time.', default: 100_000, min: 1000, max: 8_000_000 }),
  maxInterfaces: whole({ doc: 'Directions of interfaces of a window that are kept, 2.1 KiB each; when there are more it goes out before its time.', default: 10_000, min: 1000, max: 1_000_000 }),
  maxWindows: whole({ doc: 'Windows that may be open at once in a partition; beyond, the earliest goes out before its time.', default: 32, min: 4, max: 1024 }),
});

type Settings = ValuesOf<typeof measureSection>;

const INTERFACE_TABLE = 0, HOST_TABLE = 1, SKETCH_TABLE = 2;
/** Rows of a record: some 200 KiB. */
const HOST_ROWS = 500, INTERFACE_ROWS = 100;

class MeasureTask implements ProcessorTask, WindowSet {
  readonly stores: readonly Store[];
  readonly views: readonly StoreView[];
  private readonly batch = new FlowMeasureBatchColumns();
  private readonly time: StreamTime;
  private readonly windows: OpenWindows;
  private readonly hosts: HostTables;
  private readonly run = new Run();
  /** Slot of the window of each flow of the batch; -1: of none, or added already. Flows before `added` are. */
  private slots = new Int16Array(0);
  private added = 0;
  /** Stream time before the batch, by timeline: what is late is so by the records before. */
  private readonly before = new Float64Array(TIMELINES);

  constructor(
    private readonly settings: Settings,
    /** False: interfaces alone. */
    private readonly withHosts: boolean,
  ) {
    const { graceMs, maxWindows, hosts, maxHosts, maxInterfaces } = settings;
    this.hosts = new HostTables(hosts);
    this.time = new StreamTime({ name: 'time', ...settings });
    this.time.add(this);
    const tables = [{ ...INTERFACES.shape, maxRows: maxInterfaces }, ...(withHosts ? [{ ...HOST_SUMS, maxRows: maxHosts }, { ...HOST_SKETCHES, maxRows: HostTables.mostSketches(hosts) }] : [])];
    this.windows = new OpenWindows({ name: 'w10', lengthMs: PARTIAL_MS, graceMs, slots: maxWindows, tables });
    this.stores = [...this.time.stores, ...this.windows.stores, ...(withHosts ? [this.hosts.followed] : [])];
    this.views = windowViews(this.windows, withHosts);
  }

  streamTime(): number | null {
    return this.time.shown;
  }

  decode(value: Buffer): void {
    this.batch.decode(value);
    checkDatagrams(this.batch);
  }

  step(context: Context): void {
    const { datagrams, flows } = this.batch;
    const { length, datagram, end: ends } = flows;
    const { time, before } = this;
    const { pastMs, aheadMs } = this.settings;
    context.received(length);
    time.silence(time.received, context);
    if (this.slots.length < length) this.slots = new Int16Array(2 * length);
    this.run.begin(this.batch);
    this.added = 0;
    for (let timeline = 0; timeline < TIMELINES; timeline++) before[timeline] = time.streamTime(timeline);
    let absurd = 0;
    let slot = -1;
    // Of the window in that slot: its timeline, start and end.
    let of = -1, from = 0, until = 0;
    // Flows that ended no later and were received no later than others of their window before them: there is nothing new in them.
    let received = -1, latest = -1;
    for (let row = 0; row < length; row++) {
      const end = ends[row];
      const at = datagrams.receiveTime[datagram[row]];
      if (at === received && end >= from && end <= latest) {
        this.slots[row] = slot;
        continue;
      }
      const timeline = time.observe(end, at);
      if (timeline === ABSURD) {
        absurd++;
        this.slots[row] = -1;
        continue;
      }
      if (timeline !== of || end < from || end >= until) {
        of = timeline;
        from = end - (end % PARTIAL_MS);
        until = from + PARTIAL_MS;
        slot = this.slotFor(timeline, from, row, context);
      }
      this.slots[row] = slot;
      if (slot < 0) time.countLate(end, before[timeline], this.run.bytesOf(row));
      const isPlain = slot >= 0 && timeline === LIVE && at - from <= pastMs && until - at <= aheadMs;
      received = isPlain ? at : -1;
      latest = Math.min(until - 1, time.streamTime(LIVE));
    }
    this.addAll(length, context);
    if (absurd > 0) context.discarded('absurd-time', absurd);
    for (let timeline = 0; timeline < TIMELINES; timeline++) this.close(timeline, time.streamTime(timeline), context);
    time.end(context);
  }

  due(): number {
    return this.time.due();
  }

  silence(timeMs: number, context: Context): void {
    this.time.silence(timeMs, context);
  }

  closesAt(timeline: number): number {
    return this.windows.closesAt(timeline);
  }

  close(timeline: number, streamTime: number, context: Context): void {
    while (this.windows.closesAt(timeline) <= streamTime && this.windows.closesAt(timeline) < Infinity) this.send(this.windows.earliest(timeline), context);
  }

  /** Slot of a window; -1 where it is closed. Where none is free the earliest goes out, with the flows before `row`. */
  private slotFor(timeline: number, start: number, row: number, context: Context): number {
    const { windows } = this;
    const found = windows.find(timeline, start);
    if (found >= 0) return found;
    if (windows.isClosed(start, this.before[timeline])) return -1;
    const opened = windows.open(timeline, start);
    if (opened >= 0) return opened;
    this.addAll(row, context);
    this.send(windows.earliest(), context);
    return windows.open(timeline, start);
  }

  /** Adds the flows before `to` to their windows, one window after the other. */
  private addAll(to: number, context: Context): void {
    const { slots, run } = this;
    for (let first = this.added; first < to; first++) {
      const slot = slots[first];
      if (slot < 0) continue;
      run.clear();
      for (let row = first; row < to; ) {
        row = run.take(slots, slot, row, to);
        if (run.count > 0) this.add(slot, context);
      }
    }
    this.added = to;
  }

  private add(slot: number, context: Context): void {
    const { run, windows } = this;
    windows.note(slot, context.offset, context.offset);
    run.measure();
    run.addInterfaces(this.roomy(slot, INTERFACE_TABLE, context));
    if (this.withHosts) run.addHosts(this.hosts, this.roomy(slot, HOST_TABLE, context), windows.table(slot, SKETCH_TABLE));
    run.clear();
  }

  /** A table of a window with room for the ends of all flows of a run: where it has not, what it holds goes out first. */
  private roomy(slot: number, which: number, context: Context): Table {
    const table = this.windows.table(slot, which);
    if (table.entries + 2 * MOST_TOGETHER > table.maxRows) this.sendTable(slot, which, context);
    return table;
  }

  private send(slot: number, context: Context): void {
    this.sendTable(slot, INTERFACE_TABLE, context);
    if (this.withHosts) this.sendTable(slot, HOST_TABLE, context);
    this.windows.release(slot);
  }

  private sendTable(slot: number, which: number, context: Context): void {
    const table = this.windows.table(slot, which);
    if (table.entries === 0) return;
    if (which === INTERFACE_TABLE) this.emit(INTERFACES, TRAFFIC_INTERFACE_PARTIALS, 0, table, largest(table, Infinity), slot, context);
    else {
      const sketches = this.windows.table(slot, SKETCH_TABLE);
      const whole = this.hosts.takeLargest(table, sketches);
      if (whole.entries < table.entries) context.discarded('host-not-among-largest', table.entries - whole.entries);
      byPartition(whole, context.partitionsOf(TRAFFIC_PARTIALS)).forEach((rows, partition) => this.emit(HOSTS, TRAFFIC_PARTIALS, partition, whole, rows, slot, context));
      sketches.clear();
    }
    table.clear();
  }

  private emit(kind: SubjectKind, topic: Topic, partition: number, table: Table, rows: readonly number[], slot: number, context: Context): void {
    const windowStart = this.windows.start(slot);
    const options = { timeMs: windowStart + PARTIAL_MS, causes: this.windows.causes(slot) };
    const most = kind === HOSTS ? HOST_ROWS : INTERFACE_ROWS;
    for (let from = 0; from < rows.length; from += most) {
      context.emit(topic, partition, null, encodePartials(kind, table, rows.slice(from, from + most), windowStart, context.partition, context.schemaId(topic)), options);
    }
    context.sent(rows.length);
  }
}

/** Rows of hosts by the partition that their address as text has. */
function byPartition(table: Table, partitions: number): number[][] {
  const parts = Array.from({ length: partitions }, (): number[] => []);
  const bytes = bytesOf(table);
  for (let row = 0; row < table.entries; row++) parts[partitionOf(Buffer.from(formatIpRow(bytes, 4 * row * table.wordsPerRow)), partitions)].push(row);
  return parts;
}

function windowViews(windows: OpenWindows, withHosts: boolean): readonly StoreView[] {
  const sums = ['bytes', 'packets', 'flows'].map((name, i) => doubleColumn(i, name, `${name[0].toUpperCase()}${name.slice(1)} so far; of a host: received.`));
  const view = (name: string, which: number, columns: ConstructorParameters<typeof TableView>[0]['columns']): StoreView =>
    new TableView({
      name, columns, doc: 'Sums of an open window of ten seconds.', common: [{ name: 'windowStart', doc: 'Start of the window.' }],
      parts: () => windows.inOrder().map((slot) => ({ table: windows.table(slot, which), common: [timeCell(windows.start(slot))] })),
    });
  return [
    view('interfaces', INTERFACE_TABLE, [keyColumn.address(0, 4, 'exporter', 'Address of the exporter.'), keyColumn.uint(4, 'ifIndex', 'Index of the interface.'), keyColumn.uint(5, 'direction', '0: in, 1: out.'), ...sums]),
    ...(withHosts ? [view('hosts', HOST_TABLE, [keyColumn.address(0, 4, 'addr', 'Address of the host.'), ...sums])] : []),
  ];
}

const windows = ({ graceMs }: Settings): { lengthMs: number; graceMs: number }[] => [{ lengthMs: PARTIAL_MS, graceMs }];

/** The processor. */
export const measure: Processor<typeof measureSection> = {
  name: 'measure',
  doc: 'Sums and sketches of hosts and interfaces in windows of ten seconds, partition by partition.',
  delivery: 'exactly once, from flows.unique to traffic.partials, traffic.interface-partials and late',
  input: FLOWS_UNIQUE,
  outputs: [TRAFFIC_PARTIALS, TRAFFIC_INTERFACE_PARTIALS],
  section: measureSection,
  windows,
  create: (settings) => new MeasureTask(settings, true),
};

/** The processor of what other exporters saw of the same flows. */
export const measureObserved: Processor<typeof measureSection> = {
  ...measure,
  name: 'measure-observed',
  doc: 'The same of interfaces, by what other exporters than the one in flows.unique reported.',
  delivery: 'exactly once, from flows.observations to traffic.interface-partials and late',
  input: FLOWS_OBSERVATIONS,
  outputs: [TRAFFIC_INTERFACE_PARTIALS],
  create: (settings) => new MeasureTask(settings, false),
};
