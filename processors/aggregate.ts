/**
 * Adds up what interfaces, prefixes and hosts carried, in windows of one and of five minutes.
 *
 * A flow belongs to the window that holds its end, and counts with its bytes and packets times the sampling rate (not
 * known: 1). A window goes out when stream time is `graceMs` past its end; flows that come later are late: counted, and
 * reported on `late`; the five-minute window takes them while it is open itself. Stream time is kept apart for live
 * flows, for those of the past (a capture replayed) and for those ahead of the clock: see `Timelines`.
 *
 * What goes out are partial sums, to be added: over partitions, and over the records of one window and partition, of which
 * there are several where a window has more rows than a record takes, where the partition fell silent before the
 * window's end was known and then went on, and where more windows or keys were open than memory is given for. No flow is
 * left out for any of these.
 *
 * Units: bytes and packets scaled, whole numbers, exact up to 2^53, where they stay.
 *
 * Delivery: exactly once, from flows.unique to traffic.by-interface, traffic.by-prefix, traffic.by-host and late.
 * State: 56 to 88 bytes a row of an open window.
 */
import { NetWeaverError } from '../infra/errors';
import { section, whole, type ValuesOf } from '../infra/config/section';
import { FlowBatchColumns } from '../schemas';
import { IPV4_MAPPED_WORD } from '../schemas/ip';
import { FLOWS_UNIQUE, TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX } from '../topics';
import { BREAKDOWNS, HOSTS, INTERFACES, MOST, PREFIX_MASKS, PREFIXES } from './aggregate/breakdowns';
import { OpenWindows } from './aggregate/open-windows';
import type { Context, Processor, ProcessorTask } from './runtime/processor';
import type { Store } from './runtime/state/store';
import type { Table } from './runtime/state/table';
import { ABSURD, LIVE, Timelines, TIMELINES } from './runtime/state/timelines';

/** Keys of `aggregate`. */
export const aggregateSection = section('aggregate', 'Traffic by interface, prefix and host, in windows of one and five minutes.', {
  graceMs: whole({ doc: 'How long after the end of a window, in stream time, flows may still come; unit: milliseconds.', default: 60_000, min: 0, max: 86_400_000 }),
  pastMs: whole({ doc: 'Flows that ended longer than this before their receipt are a replay of the past, with a stream time of their own; unit: milliseconds.', default: 3_600_000, min: 1000, max: 31_536_000_000 }),
  aheadMs: whole({ doc: 'Flows that ended longer than this after their receipt come from a wrong clock, with a stream time of their own; unit: milliseconds.', default: 300_000, min: 1000, max: 31_536_000_000 }),
  idleMs: whole({ doc: 'When no live flow, no flow of the past, or none ahead was received for so long, the windows of that kind that wait for more go out; unit: milliseconds.', default: 30_000, min: 100, max: 86_400_000 }),
  ipv4Prefix: whole({ doc: 'Length of IPv4 prefixes where the exporter gives none; unit: bits.', default: 24, min: 1, max: 32 }),
  ipv6Prefix: whole({ doc: 'Length of IPv6 prefixes where the exporter gives none; unit: bits.', default: 48, min: 1, max: 128 }),
  maxWindows: whole({ doc: 'One-minute windows that may be open at once in a partition, and half as many of five minutes; beyond, the earliest go out before their time as partial sums.', default: 12, min: 4, max: 1024 }),
  maxKeys: whole({ doc: 'Rows of each table of a window; when a table is full it goes out before its time as partial sums.', default: 500_000, min: 1000, max: 16_000_000 }),
});

type Settings = ValuesOf<typeof aggregateSection>;

const MINUTE = 60_000;
const FIVE_MINUTES = 300_000;
/** Rows that a record has at most. */
const RECORD_ROWS = 1000;

class AggregateTask implements ProcessorTask {
  readonly stores: readonly Store[];
  private readonly batch = new FlowBatchColumns();
  private readonly timelines: Timelines;
  private readonly minutes: OpenWindows;
  private readonly fives: OpenWindows;
  private readonly lateness = { rows: 0, earliest: 0, latest: 0, bytes: 0, streamTime: 0 };

  constructor(private readonly settings: Settings) {
    const { graceMs, maxWindows, maxKeys } = settings;
    const tables = BREAKDOWNS.map(({ shape }) => ({ ...shape, maxRows: maxKeys }));
    this.timelines = new Timelines('time', settings);
    this.minutes = new OpenWindows({ name: 'w1', lengthMs: MINUTE, graceMs, slots: maxWindows, tables });
    this.fives = new OpenWindows({ name: 'w5', lengthMs: FIVE_MINUTES, graceMs, slots: maxWindows >> 1, tables });
    this.stores = [this.timelines.cells, ...this.minutes.stores, ...this.fives.stores];
  }

  decode(value: Buffer): void {
    this.batch.decode(value);
    const { datagrams, flows } = this.batch;
    for (let row = 0; row < flows.length; row++) {
      if (flows.datagram[row] < 0 || flows.datagram[row] >= datagrams.length) throw new NetWeaverError('NW_SCHEMA_MALFORMED', `Flow ${row} names datagram ${flows.datagram[row]} of ${datagrams.length}.`);
    }
  }

  step(context: Context): void {
    const { datagrams, flows } = this.batch;
    context.received(flows.length);
    this.silence(this.timelines.received, context);
    this.lateness.rows = 0;
    let absurd = 0;
    for (let row = 0; row < flows.length; row++) {
      const end = flows.end[row];
      const timeline = this.timelines.observe(end, datagrams.receiveTime[flows.datagram[row]]);
      if (timeline === ABSURD) {
        absurd++;
        continue;
      }
      const streamTime = this.timelines.streamTime(timeline);
      this.close(timeline, streamTime, context);
      const slot = this.slotFor(this.minutes, timeline, end, streamTime, context);
      if (slot >= 0) this.add(this.minutes, slot, row, context);
      else this.takeLate(row, timeline, streamTime, context);
    }
    if (absurd > 0) context.discarded('absurd-time', absurd);
    if (this.lateness.rows > 0) context.late(this.lateness);
  }

  due(): number {
    let due = Infinity;
    for (let timeline = 0; timeline < TIMELINES; timeline++) {
      const closes = Math.min(this.minutes.closesAt(timeline), this.fives.closesAt(timeline));
      if (closes === Infinity) continue;
      const idle = this.timelines.lastReceived(timeline) + this.settings.idleMs;
      due = Math.min(due, timeline === LIVE ? Math.max(idle, closes) : idle);
    }
    return due;
  }

  silence(timeMs: number, context: Context): void {
    for (let timeline = 0; timeline < TIMELINES; timeline++) {
      if (this.timelines.lastReceived(timeline) + this.settings.idleMs > timeMs) continue;
      if (timeline === LIVE) this.close(LIVE, timeMs, context);
      else if (this.timelines.streamTime(timeline) >= 0) {
        this.close(timeline, Infinity, context);
        this.timelines.forget(timeline);
      }
    }
  }

  /** Sends out the windows of a timeline that are over at `streamTime`. */
  private close(timeline: number, streamTime: number, context: Context): void {
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
    if (windows === this.minutes) this.sendMinute(windows.earliest(), context);
    else this.sendFive(windows.earliest(), context);
    return windows.open(timeline, start);
  }

  private takeLate(row: number, timeline: number, streamTime: number, context: Context): void {
    const { flows } = this.batch;
    const end = flows.end[row];
    const { lateness } = this;
    if (lateness.rows++ === 0) Object.assign(lateness, { earliest: end, latest: end, bytes: 0 });
    lateness.earliest = Math.min(lateness.earliest, end);
    lateness.latest = Math.max(lateness.latest, end);
    lateness.bytes = Math.min(MOST, lateness.bytes + scaled(flows.bytes[row], flows.samplingRate[row]));
    lateness.streamTime = streamTime;
    const five = this.slotFor(this.fives, timeline, end, streamTime, context);
    if (five >= 0) this.add(this.fives, five, row, context);
  }

  /** Adds a flow to the tables of a window. */
  private add(windows: OpenWindows, slot: number, row: number, context: Context): void {
    const { datagrams, flows } = this.batch;
    windows.note(slot, context.offset, context.offset);
    const bytes = scaled(flows.bytes[row], flows.samplingRate[row]);
    const packets = scaled(flows.packets[row], flows.samplingRate[row]);

    const interfaces = this.roomy(windows, slot, INTERFACES, context);
    const exporter = 4 * flows.datagram[row];
    interfaces.key[0] = datagrams.exporterWords[exporter];
    interfaces.key[1] = datagrams.exporterWords[exporter + 1];
    interfaces.key[2] = datagrams.exporterWords[exporter + 2];
    interfaces.key[3] = datagrams.exporterWords[exporter + 3];
    interfaces.key[4] = flows.inIf[row];
    interfaces.key[5] = 0;
    addTo(interfaces, 0, bytes, packets);
    interfaces.key[4] = flows.outIf[row];
    interfaces.key[5] = 1;
    addTo(interfaces, 0, bytes, packets);

    const { srcAddrWords, dstAddrWords } = flows;
    const address = 4 * row;
    const prefixes = this.roomy(windows, slot, PREFIXES, context);
    const srcLength = this.cut(srcAddrWords, address, flows.srcMask[row], prefixes.key, 0);
    const dstLength = this.cut(dstAddrWords, address, flows.dstMask[row], prefixes.key, 4);
    prefixes.key[8] = (srcLength << 8) | dstLength;
    prefixes.key[9] = flows.srcAs[row];
    prefixes.key[10] = flows.dstAs[row];
    addTo(prefixes, 0, bytes, packets);

    const hosts = this.roomy(windows, slot, HOSTS, context);
    for (let word = 0; word < 4; word++) hosts.key[word] = srcAddrWords[address + word];
    addTo(hosts, 0, bytes, packets);
    for (let word = 0; word < 4; word++) hosts.key[word] = dstAddrWords[address + word];
    addTo(hosts, 3, bytes, packets);
  }

  /** Writes the prefix of an address into a key; its length: the exporter's or, where it gives none, the configured one. */
  private cut(words: Int32Array, from: number, mask: number, key: Int32Array, to: number): number {
    const isV4 = words[from + 2] === IPV4_MAPPED_WORD && (words[from] | words[from + 1]) === 0;
    const none = (words[from] | words[from + 1] | words[from + 2] | words[from + 3]) === 0;
    const longest = isV4 ? 32 : 128;
    const length = none ? 0 : mask < 1 || mask > longest ? (isV4 ? this.settings.ipv4Prefix : this.settings.ipv6Prefix) : mask;
    const at = 4 * (isV4 ? 96 + length : length);
    key[to] = words[from] & PREFIX_MASKS[at];
    key[to + 1] = words[from + 1] & PREFIX_MASKS[at + 1];
    key[to + 2] = words[from + 2] & PREFIX_MASKS[at + 2];
    key[to + 3] = words[from + 3] & PREFIX_MASKS[at + 3];
    return length;
  }

  /** A table of a window with room for two rows: a full one goes out first. */
  private roomy(windows: OpenWindows, slot: number, kind: number, context: Context): Table {
    const table = windows.table(slot, kind);
    if (table.entries + 2 > table.maxRows) this.send(windows, slot, kind, context);
    return table;
  }

  /** Sends out a one-minute window. */
  private sendMinute(slot: number, context: Context): void {
    for (let kind = 0; kind < BREAKDOWNS.length; kind++) this.send(this.minutes, slot, kind, context);
    this.minutes.release(slot);
  }

  private sendFive(slot: number, context: Context): void {
    for (let kind = 0; kind < BREAKDOWNS.length; kind++) this.send(this.fives, slot, kind, context);
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
      for (let row = 0; row < table.entries; row++) merge(table, row, this.roomy(this.fives, five, kind, context));
    }
    table.clear();
  }
}

/** A stream time at which no window is closed. */
const NEVER = -1;

/** A count times the sampling rate, at most {@link MOST}; what cannot be a count is none. */
function scaled(count: number, samplingRate: number): number {
  if (count <= 0) return 0;
  return samplingRate > 1 ? Math.min(MOST, count * samplingRate) : count;
}

/** Adds a flow to the row of `table.key`, in the sums from `column`. */
function addTo(table: Table, column: number, bytes: number, packets: number): void {
  const cell = table.upsert() * table.doublesPerRow + table.doublesAt + column;
  const { doubles } = table;
  doubles[cell] += bytes;
  doubles[cell + 1] += packets;
  doubles[cell + 2]++;
}

/** Adds the sums of a row to those of the same key in another table. */
function merge(from: Table, row: number, to: Table): void {
  from.copyKey(row, to);
  const target = to.upsert() * to.doublesPerRow + to.doublesAt;
  const source = row * from.doublesPerRow + from.doublesAt;
  const columns = from.doublesPerRow - from.doublesAt;
  for (let column = 0; column < columns; column++) to.doubles[target + column] += from.doubles[source + column];
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
  create: (settings) => new AggregateTask(settings),
};
