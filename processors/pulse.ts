/**
 * Picks from the flows what is worth a detector's look, several times a second: hosts and prefixes that much is sent to, hosts that send much, and sources
 * that ask in vain or talk with very many. `detect` puts the partitions together and looks.
 *
 * Time is that of receipt, in slots of `slotMs`: what a flow reports of its last second counts where it was received, all of it where it is no longer than
 * 1.5 s. Of a longer one the packets of one second count, and are told apart, with how long it was: an exporter that reports every minute what went on all the
 * time makes no bursts. A flow that comes late counts in the slot that is open: nothing is left out.
 *
 * The volume is bounded by what is there, not by who is there: a partition tells of a host when it saw `floorPercent` of its limit, so the rows of a slot are at most the
 * traffic divided by that.
 *
 * Units: packets and bytes scaled by the sampling rate.
 *
 * Delivery: exactly once, from flows.unique to traffic.pulses.
 * State: 200 bytes a host of the open slot, 320 more above the floor; 320 a source that asks in vain, for a minute.
 */
import { Networks } from '../domain/detect/networks';
import { hashAddress } from '../domain/sketch/hash';
import { encodeTrafficPulseColumns, FlowConductBatchColumns, TrafficPulseColumns } from '../schemas';
import { isIpv4At } from '../schemas/ip';
import { FLOWS_UNIQUE, TRAFFIC_PULSES } from '../topics';
import { PREFIX_MASKS } from './aggregate/breakdowns';
import { OUT_PACKETS, PACKETS, PREFIX_SKETCH, PREFIX_SUMS, SYN } from './pulse/columns';
import { Flooded } from './pulse/flooded';
import { HostSums, type Floor } from './pulse/host-sums';
import { MOST_TOGETHER, Run } from './pulse/run';
import { putHosts, putPrefixes, putSources } from './pulse/rows';
import { detectionSection, limitOf, type DetectionSettings } from './pulse/settings';
import { SourceSums } from './pulse/source-sums';
import { checkDatagrams } from './runtime/flow-batch';
import type { Context, Processor, ProcessorTask } from './runtime/processor';
import { Cells } from './runtime/state/cells';
import { Table } from './runtime/state/table';

/** Start of the open slot, -1 where none is; offsets of its first and last record; when the sources were forgotten last. */
const SLOT = 0, FIRST = 1, LAST = 2, SOURCES_SINCE = 3;
/** A clock that is set back by more than this begins anew; by less, its flows count in the open slot. */
const BACK_MS = 10_000;
/** How long sources are remembered, and how long a slot that nothing follows stays open after its end. */
const SOURCES_MS = 60_000, WAIT_MS = 200;
/** Before sources are forgotten, those go out that have asked so often in vain. */
const ASKS_LAST = 4;
/** Times the floor of packets with SYN and without ACK from which a host is flooded. */
const FLOODED = 10;
/** Rows of one kind in a record. */
const RECORD_ROWS = 1000;

class PulseTask implements ProcessorTask {
  readonly stores;
  private readonly batch = new FlowConductBatchColumns();
  private readonly clock = new Cells('clock', 4, () => -1);
  /** What is protected; null: everything. */
  private readonly networks: Networks | null;
  private readonly hosts: HostSums;
  private readonly sources: SourceSums;
  private readonly flooded = new Flooded();
  /** Of the slot that goes out: key: four words, length; the bitmap of addresses; sums. */
  private readonly prefixes: Table;
  private readonly floor: Floor;
  private readonly prefixFloor: Floor;
  private readonly pulse = new TrafficPulseColumns();
  private readonly run = new Run();
  /** Sources that were forgotten as there was no room for more, since this was told last. */
  private forgotten = 0;

  constructor(private readonly settings: DetectionSettings) {
    const { maxHosts, maxSketches, maxSources, packetsPerSecondOf, bitsPerSecondOf } = settings;
    this.networks = settings.networks.length === 0 ? null : new Networks(settings.networks);
    const least = (value: number, of: Readonly<Record<string, number>>): number => Math.min(limitOf(value), ...Object.values(of).map(limitOf));
    this.floor = this.floorOf(least(settings.packetsPerSecond, packetsPerSecondOf), least(settings.bitsPerSecond, bitsPerSecondOf));
    this.prefixFloor = this.floorOf(limitOf(settings.carpetPacketsPerSecond), limitOf(settings.carpetBitsPerSecond));
    this.hosts = new HostSums(this.floor, maxHosts, maxSketches);
    this.sources = new SourceSums(maxSources);
    this.prefixes = new Table({ name: 'prefixes', keyWords: 5, ints: PREFIX_SKETCH / 4, doubles: PREFIX_SUMS, maxRows: maxHosts });
    this.stores = [this.clock, this.hosts.table, this.hosts.sketches, this.sources.store, this.flooded.store];
  }

  streamTime(): number | null {
    return this.slot < 0 ? null : this.slot;
  }

  decode(value: Buffer): void {
    this.batch.decode(value);
    checkDatagrams(this.batch);
  }

  step(context: Context): void {
    const { datagrams, flows } = this.batch;
    context.received(flows.length);
    const { length, datagram: datagramOf } = flows;
    let datagram = -1;
    // Flows before this one are added up.
    let added = 0;
    for (let row = 0; row < length; row++) {
      if (datagramOf[row] !== datagram) {
        datagram = datagramOf[row];
        const received = datagrams.receiveTime[datagram];
        if (this.isOver(received)) {
          this.add(added, row);
          added = row;
          this.close(context);
        }
        this.pass(received, context);
      }
      if (row - added === MOST_TOGETHER) {
        this.add(added, row);
        added = row;
      }
    }
    this.add(added, length);
    if (this.forgotten > 0) context.discarded('sources-forgotten', this.forgotten);
    if (this.hosts.refused > 0) context.discarded('host-not-kept', this.hosts.refused);
    this.forgotten = this.hosts.refused = 0;
  }

  /** Adds up the flows of the batch from `first` to `end`, which is not among them. */
  private add(first: number, end: number): void {
    if (end === first) return;
    const { run, sources } = this;
    run.measure(this.batch, first, end);
    this.hosts.add(run, this.networks);
    for (let taken = 0; (taken = sources.take(run, taken, this.flooded)) < run.count; sources.clear()) this.forgotten += sources.table.entries;
  }

  due(): number {
    return this.slot < 0 ? Infinity : this.slot + this.settings.slotMs + WAIT_MS;
  }

  silence(timeMs: number, context: Context): void {
    if (this.due() <= timeMs) this.close(context);
  }

  private get slot(): number {
    return this.clock.values[SLOT];
  }

  /** True where a datagram that is received then is none of the open slot. */
  private isOver(receivedMs: number): boolean {
    const { slot } = this;
    return slot >= 0 && (receivedMs >= slot + this.settings.slotMs || receivedMs < slot - BACK_MS);
  }

  /** A datagram was received at that time: a slot is open for it. */
  private pass(receivedMs: number, context: Context): void {
    const { clock } = this;
    const { slotMs } = this.settings;
    if (this.slot < 0) {
      clock.set(SLOT, receivedMs - (receivedMs % slotMs));
      clock.set(FIRST, context.offset);
      if (clock.values[SOURCES_SINCE] < 0) clock.set(SOURCES_SINCE, receivedMs);
    }
    clock.set(LAST, context.offset);
  }

  /** The open slot goes out. */
  private close(context: Context): void {
    const { clock, slot } = this;
    const isOver = Math.abs(slot - clock.values[SOURCES_SINCE]) >= SOURCES_MS;
    this.addPrefixes();
    const { table } = this.hosts;
    const hosts = rowsOf(table, (at) => isAbove(table.doubles, at + PACKETS, this.floor) || isAbove(table.doubles, at + OUT_PACKETS, this.floor));
    const prefixes = rowsOf(this.prefixes, (at) => isAbove(this.prefixes.doubles, at + PACKETS, this.prefixFloor));
    const sources = this.sources.takeWanted(isOver ? ASKS_LAST : undefined);
    for (let from = 0; from < Math.max(hosts.length, prefixes.length, sources.length); from += RECORD_ROWS) this.emit(context, from, hosts, prefixes, sources);
    this.flooded.clear();
    for (const row of hosts) {
      const at = row * table.doublesPerRow + table.doublesAt;
      if (table.doubles[at + SYN] >= FLOODED * this.floor.packets && table.doubles[at + SYN] >= table.doubles[at + PACKETS] / 2) this.flooded.add(table.words, row * table.wordsPerRow);
    }
    this.hosts.clear();
    this.prefixes.empty();
    if (isOver) {
      this.sources.clear();
      clock.set(SOURCES_SINCE, slot);
    }
    clock.set(SLOT, -1);
  }

  private emit(context: Context, from: number, hosts: readonly number[], prefixes: readonly number[], sources: readonly number[]): void {
    const { pulse, slot, clock } = this;
    const some = (rows: readonly number[]): readonly number[] => rows.slice(from, from + RECORD_ROWS);
    Object.assign(pulse, { slotStart: slot, slotMs: this.settings.slotMs, sourcePartition: context.partition });
    putHosts(pulse, this.hosts, some(hosts));
    putPrefixes(pulse, this.prefixes, some(prefixes));
    putSources(pulse, this.sources, some(sources));
    const value = encodeTrafficPulseColumns(pulse, context.schemaId(TRAFFIC_PULSES));
    context.emit(TRAFFIC_PULSES, 0, null, value, { timeMs: slot + this.settings.slotMs, causes: { first: clock.values[FIRST], last: clock.values[LAST] } });
    context.sent(pulse.hosts.length + pulse.prefixes.length + pulse.sources.length);
  }

  /** Adds the hosts up by prefix. */
  private addPrefixes(): void {
    const { prefixes, settings } = this;
    const { table } = this.hosts;
    for (let row = 0; row < table.entries; row++) {
      const at = row * table.doublesPerRow + table.doublesAt;
      if (table.doubles[at + PACKETS] === 0) continue;
      const word = row * table.wordsPerRow;
      const isV4 = isIpv4At(table.words, word);
      const bits = isV4 ? settings.ipv4Prefix : settings.ipv6Prefix;
      const mask = 4 * (isV4 ? 96 + bits : bits);
      for (let i = 0; i < 4; i++) prefixes.key[i] = table.words[word + i] & PREFIX_MASKS[mask + i];
      prefixes.key[4] = bits;
      const prefix = prefixes.upsert();
      const to = prefix * prefixes.doublesPerRow + prefixes.doublesAt;
      for (let sum = 0; sum < PREFIX_SUMS; sum++) prefixes.doubles[to + sum] += table.doubles[at + sum];
      const place = isV4 ? table.words[word + 3] >>> 24 : placeOf(table.words, word);
      prefixes.words[prefix * prefixes.wordsPerRow + prefixes.intsAt + (place >> 5)] |= 1 << (place & 31);
    }
  }

  private floorOf(packets: number, bits: number): Floor {
    const { floorPercent, slotMs } = this.settings;
    // In whole numbers as long as they are: a limit of 1000, 10 % of it, in 100 ms is 10.
    const part = (limit: number): number => Math.max(1, (limit * floorPercent * slotMs) / 100_000);
    return { packets: part(packets), bytes: part(bits / 8) };
  }
}

/** Rows of a table whose sums, from a place on, are so. */
function rowsOf(table: Table, isWanted: (at: number) => boolean): number[] {
  const rows: number[] = [];
  for (let row = 0, at = table.doublesAt; row < table.entries; row++, at += table.doublesPerRow) if (isWanted(at)) rows.push(row);
  return rows;
}

/** Packets and bytes beside each other, either above the floor. */
const isAbove = (doubles: Float64Array, at: number, { packets, bytes }: Floor): boolean => doubles[at] >= packets || doubles[at + 1] >= bytes;

/** Bit of an IPv6 address in the bitmap of its prefix. */
const placeOf = (words: Int32Array, at: number): number => hashAddress(words, at) >>> 24;

/** See the file's head. */
export const pulse: Processor<typeof detectionSection> = {
  name: 'pulse',
  doc: 'Picks from the flows, several times a second, what is worth a detector\'s look: hosts, prefixes and sources above a floor.',
  delivery: 'exactly once, from flows.unique to traffic.pulses',
  input: FLOWS_UNIQUE,
  outputs: [TRAFFIC_PULSES],
  section: detectionSection,
  idleMs: 250,
  windows: () => [],
  create: (settings) => new PulseTask(settings),
};
