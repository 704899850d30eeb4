/**
 * Adds up what interfaces, prefixes and hosts carried, in windows of one and of five minutes.
 *
 * `aggregate` reads flows.unique. A flow that passes several devices stands there once, by the word of one of them, but it
 * passed the interfaces of all: `observed-interfaces` adds up the others' records, from flows.observations, by interface alone.
 *
 * A flow belongs to the window that holds its end, and counts with its bytes and packets times the sampling rate (not
 * known: 1). A window goes out when stream time is `graceMs` past its end; flows that come later are late: counted, and
 * reported on `late`; the five-minute window takes them while it is open itself. Stream time is kept apart for live
 * flows, for those of the past (a capture replayed) and for those ahead of the clock: see `StreamTime`.
 *
 * What goes out are partial sums, to be added: over partitions, and over the records of one window and partition, of which
 * there are several where a window has more rows than a record takes, where the partition fell silent before the
 * window's end was known and then went on, where more windows or keys were open than memory is given for, and where
 * `updateMs` asks for them. No flow is left out for any of these.
 *
 * Units: bytes and packets scaled, whole numbers, exact up to 2^53, where they stay.
 *
 * Delivery: exactly once, from flows.unique and flows.observations to traffic.by-interface, traffic.by-prefix,
 * traffic.by-host and late.
 * State: 56 to 88 bytes a row of an open window.
 */
import { section, whole, type ValuesOf } from '../infra/config/section';
import { FlowTrafficBatchColumns } from '../schemas';
import { isIpv4At } from '../schemas/ip';
import { FLOWS_OBSERVATIONS, FLOWS_UNIQUE, TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX } from '../topics';
import { BREAKDOWNS, type Breakdown, HOSTS4, HOSTS6, INTERFACES, PREFIX_MASKS, PREFIXES4, PREFIXES6 } from './aggregate/breakdowns';
import { windowViews } from './aggregate/views';
import { checkDatagrams, sameExporters, scaled } from './runtime/flow-batch';
import { InterfaceKeys } from './runtime/interface-keys';
import type { Context, Processor, ProcessorTask } from './runtime/processor';
import type { Store } from './runtime/state/store';
import type { Table } from './runtime/state/table';
import type { StoreView } from './runtime/state/view';
import { OpenWindows } from './runtime/windows/open-windows';
import { StreamTime, type WindowSet } from './runtime/windows/stream-time';
import { ABSURD } from './runtime/windows/timelines';

/** Keys of `aggregate`. */
export const aggregateSection = section('aggregate', 'Traffic by interface, prefix and host, in windows of one and five minutes.', {
  graceMs: whole({ doc: 'How long after the end of a window, in stream time, flows may still come; unit: milliseconds.', default: 60_000, min: 0, max: 86_400_000 }),
  pastMs: whole({ doc: 'Flows that ended longer than this before their receipt are a replay of the past, with a stream time of their own; unit: milliseconds.', default: 3_600_000, min: 1000, max: 31_536_000_000 }),
  aheadMs: whole({ doc: 'Flows that ended longer than this after their receipt come from a wrong clock, with a stream time of their own; unit: milliseconds.', default: 300_000, min: 1000, max: 31_536_000_000 }),
  updateMs: whole({ doc: 'How often rows of one-minute windows that are still open go out, as partial sums like all others, so that what reads them sees the minute that runs; 0: when their window is over; unit: milliseconds of the time of receipt.', default: 0, min: 0, max: 60_000 }),
  idleMs: whole({ doc: 'When no live flow, no flow of the past, or none ahead was received for so long, the windows of that kind that wait for more go out; unit: milliseconds.', default: 30_000, min: 100, max: 86_400_000 }),
  ipv4Prefix: whole({ doc: 'Length of IPv4 prefixes where the exporter gives none; unit: bits.', default: 24, min: 1, max: 32 }),
  ipv6Prefix: whole({ doc: 'Length of IPv6 prefixes where the exporter gives none; unit: bits.', default: 48, min: 1, max: 128 }),
  maxWindows: whole({ doc: 'One-minute windows that may be open at once in a partition, and half as many of five minutes; beyond, the earliest go out before their time as partial sums.', default: 12, min: 4, max: 1024 }),
  maxKeys: whole({ doc: 'Rows of each table of a window, 64 to 104 bytes each; when a table is full it goes out before its time as partial sums.', default: 500_000, min: 1000, max: 16_000_000 }),
});

type Settings = ValuesOf<typeof aggregateSection>;

const MINUTE = 60_000;
const FIVE_MINUTES = 300_000;
/** Flows added together; twice as many rows must fit in a table. */
const MOST_TOGETHER = 256;
/** Rows that a record has at most. */
const RECORD_ROWS = 1000;

class AggregateTask implements ProcessorTask, WindowSet {
  readonly stores: readonly Store[];
  readonly views: readonly StoreView[];
  readonly updates: WindowSet['updates'];
  private readonly batch = new FlowTrafficBatchColumns();
  private readonly time: StreamTime;
  private readonly minutes: OpenWindows;
  private readonly fives: OpenWindows;
  /** Flows of one window, to be added together: their numbers in the batch; their keys and rows in a table. */
  private readonly run = new Int32Array(MOST_TOGETHER);
  private readonly rest = new Int32Array(MOST_TOGETHER);
  private readonly keys = new Int32Array(2 * 6 * MOST_TOGETHER);
  private readonly rows = new Int32Array(2 * MOST_TOGETHER);
  /** For each flow of the run the place of its interface among those looked up, in and then out. */
  private readonly places = new Int32Array(2 * MOST_TOGETHER);
  private readonly interfaces = new InterfaceKeys(this.keys, this.places, true);
  /** Of the batch: bytes and packets of each flow, scaled; for each datagram the first of those before it that have its exporter all. */
  private bytes = new Float64Array(0);
  private packets = new Float64Array(0);
  private exporterOf = new Int32Array(0);

  constructor(
    private readonly settings: Settings,
    /** What it adds up by, from {@link BREAKDOWNS}: all, or interfaces alone. */
    private readonly breakdowns: readonly Breakdown[],
  ) {
    const { graceMs, maxWindows, maxKeys, updateMs } = settings;
    if (updateMs > 0) this.updates = { everyMs: updateMs, pending: () => this.minutes.openSlots().some((slot) => this.holds(slot)), send: (context) => this.sendOpen(context) };
    const tables = breakdowns.map(({ shape }) => ({ ...shape, maxRows: maxKeys }));
    this.time = new StreamTime({ name: 'time', ...settings });
    this.time.add(this);
    this.minutes = new OpenWindows({ name: 'w1', lengthMs: MINUTE, graceMs, slots: maxWindows, tables });
    this.fives = new OpenWindows({ name: 'w5', lengthMs: FIVE_MINUTES, graceMs, slots: maxWindows >> 1, tables });
    this.stores = [...this.time.stores, ...this.minutes.stores, ...this.fives.stores];
    this.views = [this.minutes, this.fives].flatMap((windows) => windowViews(windows, breakdowns));
  }

  /** Of live flows; of the past or ahead where there are no others. */
  streamTime(): number | null {
    return this.time.shown;
  }

  decode(value: Buffer): void {
    this.batch.decode(value);
    checkDatagrams(this.batch);
  }

  step(context: Context): void {
    const { datagrams, flows } = this.batch;
    context.received(flows.length);
    this.silence(this.time.received, context);
    if (this.updates !== undefined) for (let datagram = 0; datagram < datagrams.length; datagram++) this.time.sendUpdates(datagrams.receiveTime[datagram], context);
    this.prepare();
    let absurd = 0;
    let count = 0;
    let slot = -1;
    // Of the window in that slot: its timeline, start and end; when the first window of its timeline closes.
    let of = 0, from = 0, until = 0, closes = 0;
    const { length, datagram, end: ends } = flows;
    for (let row = 0; row < length; row++) {
      const end = ends[row];
      const timeline = this.time.observe(end, datagrams.receiveTime[datagram[row]]);
      if (timeline === ABSURD) {
        absurd++;
        continue;
      }
      const streamTime = this.time.streamTime(timeline);
      // Flows of one window are added together, before anything else happens to a window.
      const same = count > 0 && count < MOST_TOGETHER && timeline === of && end >= from && end < until && closes > streamTime;
      if (!same) {
        if (count > 0) this.add(this.minutes, slot, count, context);
        count = 0;
        this.close(timeline, streamTime, context);
        slot = this.slotFor(this.minutes, timeline, end, streamTime, context);
        if (slot < 0) {
          this.takeLate(row, timeline, streamTime, context);
          continue;
        }
        of = timeline;
        from = this.minutes.start(slot);
        until = from + MINUTE;
        closes = this.closesAt(timeline);
      }
      this.run[count++] = row;
    }
    if (count > 0) this.add(this.minutes, slot, count, context);
    if (absurd > 0) context.discarded('absurd-time', absurd);
    this.time.end(context);
  }

  /** What is asked of flows and datagrams several times. */
  private prepare(): void {
    const { datagrams, flows } = this.batch;
    if (this.bytes.length < flows.length) {
      this.bytes = new Float64Array(2 * flows.length);
      this.packets = new Float64Array(2 * flows.length);
    }
    const { bytes, packets } = this;
    const { length, bytes: exported, packets: exportedPackets, samplingRate } = flows;
    for (let row = 0; row < length; row++) {
      bytes[row] = scaled(exported[row], samplingRate[row]);
      packets[row] = scaled(exportedPackets[row], samplingRate[row]);
    }
    this.exporterOf = sameExporters(datagrams, this.exporterOf);
    this.interfaces.begin(this.batch, this.exporterOf);
  }

  due(): number {
    return this.time.due();
  }

  silence(timeMs: number, context: Context): void {
    this.time.silence(timeMs, context);
  }

  closesAt(timeline: number): number {
    return Math.min(this.minutes.closesAt(timeline), this.fives.closesAt(timeline));
  }

  close(timeline: number, streamTime: number, context: Context): void {
    while (this.minutes.closesAt(timeline) <= streamTime && this.minutes.closesAt(timeline) < Infinity) this.sendMinute(this.minutes.earliest(timeline), context);
    while (this.fives.closesAt(timeline) <= streamTime && this.fives.closesAt(timeline) < Infinity) this.sendFive(this.fives.earliest(timeline), context);
  }

  /** Slot of the window that holds `time`; -1 where it is closed. */
  private slotFor(windows: OpenWindows, timeline: number, time: number, streamTime: number, context: Context): number {
    const start = time - (time % windows.lengthMs);
    const found = windows.find(timeline, start);
    if (found >= 0) return found;
    if (windows.isClosed(start, streamTime)) return -1;
    const opened = windows.open(timeline, start);
    if (opened >= 0) return opened;
    const earliest = windows.earliest();
    for (let kind = 0; kind < this.breakdowns.length; kind++) context.sentEarly(windows.table(earliest, kind).entries);
    if (windows === this.minutes) this.sendMinute(earliest, context);
    else this.sendFive(earliest, context);
    return windows.open(timeline, start);
  }

  private takeLate(row: number, timeline: number, streamTime: number, context: Context): void {
    const { flows } = this.batch;
    const end = flows.end[row];
    this.time.countLate(end, streamTime, this.bytes[row]);
    const five = this.slotFor(this.fives, timeline, end, streamTime, context);
    if (five < 0) return;
    this.run[0] = row;
    this.add(this.fives, five, 1, context);
  }

  /** Adds flows to the tables of a window: those whose numbers are the first `count` of {@link run}. */
  private add(windows: OpenWindows, slot: number, count: number, context: Context): void {
    windows.note(slot, context.offset, context.offset);
    this.addInterfaces(this.roomy(windows, slot, INTERFACES, 2 * count, context), count);
    if (this.breakdowns.length === 1) return;
    // IPv4 first, then all else, both in the order of the batch.
    const { run, rest } = this;
    const { srcAddrWords, dstAddrWords } = this.batch.flows;
    let v4 = 0;
    let others = 0;
    for (let i = 0; i < count; i++) {
      const at = 4 * run[i];
      const isV4 = isIpv4At(srcAddrWords, at) && isIpv4At(dstAddrWords, at);
      if (isV4) run[v4++] = run[i];
      else rest[others++] = run[i];
    }
    if (v4 > 0) {
      this.addPrefixes4(this.roomy(windows, slot, PREFIXES4, v4, context), v4);
      this.addHosts(this.roomy(windows, slot, HOSTS4, 2 * v4, context), v4, 1);
    }
    if (others > 0) {
      run.set(rest.subarray(0, others));
      this.addPrefixes6(this.roomy(windows, slot, PREFIXES6, others, context), others);
      this.addHosts(this.roomy(windows, slot, HOSTS6, 2 * others, context), others, 4);
    }
  }

  private addInterfaces(table: Table, count: number): void {
    const { places, rows } = this;
    table.upsertAll(this.keys, this.interfaces.take(this.run, count), rows);
    for (let i = 0; i < 2 * count; i++) places[i] = rows[places[i]];
    this.sum(table, places, 0, count, 0);
    this.sum(table, places, count, count, 0);
  }

  private addPrefixes4(table: Table, count: number): void {
    const { run, keys } = this;
    const { srcAddrWords, dstAddrWords, srcMask, dstMask, srcAs, dstAs } = this.batch.flows;
    const { ipv4Prefix } = this.settings;
    for (let i = 0; i < count; i++) {
      const row = run[i];
      const srcLength = srcMask[row] >= 1 && srcMask[row] <= 32 ? srcMask[row] : ipv4Prefix;
      const dstLength = dstMask[row] >= 1 && dstMask[row] <= 32 ? dstMask[row] : ipv4Prefix;
      const key = 5 * i;
      keys[key] = srcAddrWords[4 * row + 3] & PREFIX_MASKS[4 * srcLength];
      keys[key + 1] = dstAddrWords[4 * row + 3] & PREFIX_MASKS[4 * dstLength];
      keys[key + 2] = (srcLength << 8) | dstLength;
      keys[key + 3] = srcAs[row];
      keys[key + 4] = dstAs[row];
    }
    table.upsertAll(keys, count, this.rows);
    this.sum(table, this.rows, 0, count, 0);
  }

  private addPrefixes6(table: Table, count: number): void {
    const { run, keys } = this;
    const { srcAddrWords, dstAddrWords, srcMask, dstMask, srcAs, dstAs } = this.batch.flows;
    for (let i = 0; i < count; i++) {
      const row = run[i];
      const key = 11 * i;
      const srcLength = this.cut(srcAddrWords, 4 * row, srcMask[row], key);
      const dstLength = this.cut(dstAddrWords, 4 * row, dstMask[row], key + 4);
      keys[key + 8] = (srcLength << 8) | dstLength;
      keys[key + 9] = srcAs[row];
      keys[key + 10] = dstAs[row];
    }
    table.upsertAll(keys, count, this.rows);
    this.sum(table, this.rows, 0, count, 0);
  }

  /** Source and destination, by the last `words` words of their addresses. */
  private addHosts(table: Table, count: number, words: number): void {
    const { run, keys } = this;
    const { srcAddrWords, dstAddrWords } = this.batch.flows;
    for (let i = 0; i < count; i++) {
      const at = 4 * run[i] + 4 - words;
      for (let word = 0; word < words; word++) {
        keys[words * i + word] = srcAddrWords[at + word];
        keys[words * (count + i) + word] = dstAddrWords[at + word];
      }
    }
    table.upsertAll(keys, 2 * count, this.rows);
    this.sum(table, this.rows, 0, count, 0);
    this.sum(table, this.rows, count, count, 3);
  }

  /** Adds the flows of the run to the rows from `rows[from]`, in the sums from `column`. */
  private sum(table: Table, rows: Int32Array, from: number, count: number, column: number): void {
    const { run, bytes, packets } = this;
    const { doubles, doublesPerRow } = table;
    const at = table.doublesAt + column;
    for (let i = 0; i < count; i++) {
      const cell = rows[from + i] * doublesPerRow + at;
      doubles[cell] += bytes[run[i]];
      doubles[cell + 1] += packets[run[i]];
      doubles[cell + 2]++;
    }
  }

  /** Writes the prefix of an address into {@link keys}; its length: the exporter's or, where it gives none, the configured one. */
  private cut(words: Int32Array, from: number, mask: number, to: number): number {
    const { keys } = this;
    const isV4 = isIpv4At(words, from);
    const none = (words[from] | words[from + 1] | words[from + 2] | words[from + 3]) === 0;
    const longest = isV4 ? 32 : 128;
    const length = none ? 0 : mask < 1 || mask > longest ? (isV4 ? this.settings.ipv4Prefix : this.settings.ipv6Prefix) : mask;
    const at = 4 * (isV4 ? 96 + length : length);
    keys[to] = words[from] & PREFIX_MASKS[at];
    keys[to + 1] = words[from + 1] & PREFIX_MASKS[at + 1];
    keys[to + 2] = words[from + 2] & PREFIX_MASKS[at + 2];
    keys[to + 3] = words[from + 3] & PREFIX_MASKS[at + 3];
    return length;
  }

  /** A table of a window with room for more rows: where it has not, what it holds goes out first. */
  private roomy(windows: OpenWindows, slot: number, kind: number, more: number, context: Context): Table {
    const table = windows.table(slot, kind);
    if (table.entries + more > table.maxRows) {
      context.sentEarly(table.entries);
      this.send(windows, slot, kind, context);
    }
    return table;
  }

  /** True where a one-minute window has rows that did not go out. */
  private holds(slot: number): boolean {
    for (let kind = 0; kind < this.breakdowns.length; kind++) if (this.minutes.table(slot, kind).entries > 0) return true;
    return false;
  }

  /** Sends out what the open one-minute windows hold, in order of time; they stay open. */
  private sendOpen(context: Context): void {
    for (const slot of this.minutes.inOrder()) for (let kind = 0; kind < this.breakdowns.length; kind++) this.send(this.minutes, slot, kind, context);
  }

  /** Sends out a one-minute window. */
  private sendMinute(slot: number, context: Context): void {
    for (let kind = 0; kind < this.breakdowns.length; kind++) this.send(this.minutes, slot, kind, context);
    this.minutes.release(slot);
  }

  private sendFive(slot: number, context: Context): void {
    for (let kind = 0; kind < this.breakdowns.length; kind++) this.send(this.fives, slot, kind, context);
    this.fives.release(slot);
  }

  /** Sends out what a table holds and empties it; rows of one minute are added to their five minutes. */
  private send(windows: OpenWindows, slot: number, kind: number, context: Context): void {
    const table = windows.table(slot, kind);
    if (table.entries === 0) return;
    const { topic, encode } = BREAKDOWNS[kind];
    const windowStart = windows.start(slot);
    const window = { windowStart, windowMs: windows.lengthMs, sourcePartition: context.partition };
    const options = { timeMs: windowStart + windows.lengthMs, causes: windows.causes(slot) };
    for (let from = 0; from < table.entries; from += RECORD_ROWS) {
      const to = Math.min(table.entries, from + RECORD_ROWS);
      context.emit(topic, context.partition, null, encode(table, from, to, window, context.schemaId(topic)), options);
    }
    context.sent(table.entries);
    if (windows === this.minutes) {
      const five = this.slotFor(this.fives, windows.timeline(slot), windowStart, NEVER, context);
      this.fives.note(five, options.causes.first, options.causes.last);
      this.merge(table, five, kind, context);
    }
    table.clear();
  }

  /** Adds the rows of one minute to their five minutes. The table may be left empty. */
  private merge(table: Table, five: number, kind: number, context: Context): void {
    const { rows } = this;
    const { wordsPerRow } = table;
    if (this.fives.table(five, kind).entries === 0) {
      this.fives.table(five, kind).take(table);
      return;
    }
    for (let from = 0, some = 0; from < table.entries; from += some) {
      const full = this.fives.table(five, kind);
      // The last rows before a table is full one by one: it goes out when there is no room for the next key, not before.
      some = full.entries + rows.length > full.maxRows ? 1 : Math.min(rows.length, table.entries - from);
      const to = this.roomy(this.fives, five, kind, some, context);
      to.upsertAll(table.words, some, rows, from * wordsPerRow, wordsPerRow);
      addRows(table, from, some, to, rows);
    }
  }
}

/** A stream time at which no window is closed. */
const NEVER = -1;

/** Adds the sums of `count` rows from `first` on to those of rows of another table. */
function addRows(from: Table, first: number, count: number, to: Table, rows: Int32Array): void {
  const columns = from.doublesPerRow - from.doublesAt;
  for (let i = 0; i < count; i++) {
    const source = (first + i) * from.doublesPerRow + from.doublesAt;
    const target = rows[i] * to.doublesPerRow + to.doublesAt;
    for (let column = 0; column < columns; column++) to.doubles[target + column] += from.doubles[source + column];
  }
}

/** The processor. */
export const aggregate: Processor<typeof aggregateSection> = {
  name: 'aggregate',
  doc: 'Adds up bytes, packets and flows by interface, by pair of prefixes and by host, in windows of one and five minutes.',
  delivery: 'exactly once, from flows.unique to traffic.by-interface, traffic.by-prefix, traffic.by-host and late',
  input: FLOWS_UNIQUE,
  outputs: [TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, TRAFFIC_BY_HOST],
  section: aggregateSection,
  windows: ({ graceMs }) => [
    { lengthMs: MINUTE, graceMs },
    { lengthMs: FIVE_MINUTES, graceMs },
  ],
  create: (settings) => new AggregateTask(settings, BREAKDOWNS),
};

/** The processor of what other exporters saw of the same flows. */
export const observedInterfaces: Processor<typeof aggregateSection> = {
  ...aggregate,
  name: 'observed-interfaces',
  doc: 'Adds up by interface, in the same windows, what other exporters than the one in flows.unique reported.',
  delivery: 'exactly once, from flows.observations to traffic.by-interface and late',
  input: FLOWS_OBSERVATIONS,
  outputs: [TRAFFIC_BY_INTERFACE],
  create: (settings) => new AggregateTask(settings, [BREAKDOWNS[INTERFACES]]),
};
