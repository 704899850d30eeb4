/** What is kept of a host: the last second, what it consists of, what is usual, and which anomalies go on. */
import { BASELINE_CELLS, learn, learnt, usualOf } from '../../domain/detect/baseline';
import { departs } from '../../domain/detect/departure';
import type { HostView } from '../../domain/detect/host-view';
import type { Limits } from '../../domain/detect/host-verdict';
import { admit, lastSecond, sliding, type Sliding } from '../../domain/detect/sliding';
import { foldedEntropy } from '../../domain/sketch/entropy';
import { hllEstimate, hllMerge } from '../../domain/sketch/hyperloglog';
import type { TrafficPulseColumns } from '../../schemas';
import { BUCKETS, HOST_SKETCH, PEERS_AT, PORTS_AT, PRECISION, REGISTERS, SERVICES, SERVICES_AT, SOURCES_AT, SPREAD_AT } from '../pulse/columns';
import { AgeingTable } from '../runtime/state/ageing-table';
import type { Table } from '../runtime/state/table';
import { addLong, fadeLong } from './long-flows';
import { OPEN_CELLS } from './open';

/** How fast what a second consists of is forgotten; how often sketches of distinct things begin anew, and two of them are looked at together; unit: milliseconds. */
const MIX_MS = 500, SKETCH_MS = 500;
/** A moment: long enough to hold several rounds of an exporter and batches of a collector; unit: milliseconds. */
const MOMENT_MS = 400;
/** Seconds from which something is usual, and seconds that are remembered. */
export const KNOWN_SECONDS = 5, MEMORY_SECONDS = 120;
/** What is not seen for so long is forgotten; unit: milliseconds. */
export const LIFE_MS = 300_000;

/** Columns of the sliding second. */
const IN_PACKETS = 0, IN_BYTES = 1, OUT_PACKETS = 2, OUT_BYTES = 3;
/** What goes on beside it, from flows that are longer than it: packets and bytes a second, mean length in seconds; the same sent. */
const LONG_CELLS = 6;
/** What the traffic consists of, with exponential forgetting. */
const MIX = { packets: 0, bytes: 1, syn: 2, udp: 3, icmp: 4, reflectedPackets: 5, reflectedBytes: 6, outPackets: 7, outBytes: 8, asked: 9, variance: 10 } as const;
const MIX_CELLS = 11;

/** Cells of a row. NEWEST and MIXED_AT: last slot, and its time in milliseconds; SKETCHED_AT: when sketches began anew; IN_SINCE, IN_UNTIL, IN_OFFSET: since when it has had half its limit, when it had last, and the offset of the pulse that it began with. */
export class HostCells {
  readonly NEWEST = 0;
  readonly MIXED_AT = 1;
  readonly SKETCHED_AT = 2;
  readonly LIMIT_PACKETS = 3;
  readonly LIMIT_BITS = 4;
  readonly IN_SINCE = 5;
  readonly IN_UNTIL = 6;
  readonly IN_OFFSET = 7;
  readonly OUT_SINCE = 8;
  readonly OUT_UNTIL = 9;
  readonly OUT_OFFSET = 10;
  /** The last level, packets/s and bits/s. */
  readonly PACKETS = 11;
  readonly BITS = 12;
  /** Last second that was learnt; sums of departures. */
  readonly SECOND = 13;
  readonly PACKETS_SUM = 14;
  readonly BITS_SUM = 15;
  readonly USUAL_PACKETS = 16;
  readonly USUAL_BITS = this.USUAL_PACKETS + BASELINE_CELLS;
  readonly USUAL_SOURCES = this.USUAL_BITS + BASELINE_CELLS;
  readonly USUAL_ENTROPY = this.USUAL_SOURCES + BASELINE_CELLS;
  /** Anomalies: received, sent, against the baseline. */
  readonly IN = this.USUAL_ENTROPY + BASELINE_CELLS;
  readonly OUT = this.IN + OPEN_CELLS;
  readonly DEPARTS = this.OUT + OPEN_CELLS;
  readonly LONG = this.DEPARTS + OPEN_CELLS;
  readonly MIX = this.LONG + LONG_CELLS;
  readonly SPREAD = this.MIX + MIX_CELLS;
  readonly SERVICES = this.SPREAD + BUCKETS;
  readonly RING = this.SERVICES + SERVICES;
}

/** Two generations each of three HyperLogLogs: sources, ports, peers. */
const GENERATION = 3 * REGISTERS;
const union = new Uint8Array(REGISTERS);

/** The hosts that are followed. */
export class HostStates {
  readonly table: AgeingTable;
  readonly cells = new HostCells();
  /** Rows of the pulse that were too old to count. */
  late = 0;
  private readonly ring: Sliding;
  /** Slots of a moment. */
  private readonly moments: number;
  private seen: Int32Array = new Int32Array(0);
  private bytes: Uint8Array = new Uint8Array(0);
  private rows = new Int32Array(0);
  private fresh = new Uint8Array(0);

  constructor(
    private readonly slotMs: number,
    maxHosts: number,
    /** Limits of the host whose address is at `at`. */
    private readonly limitsOf: (words: Int32Array, at: number) => Limits,
  ) {
    this.ring = sliding(slotMs, 4);
    this.moments = Math.max(1, Math.round(MOMENT_MS / slotMs));
    this.table = new AgeingTable({ name: 'hosts', keyWords: 4, ints: (2 * GENERATION) / 4, doubles: this.cells.RING + this.ring.ring * this.ring.columns, maxRows: maxHosts }, LIFE_MS);
  }

  /** Takes the hosts of a pulse; `look` is called for each with the place of its cells in the doubles of the young table. */
  take(pulse: TrafficPulseColumns, look: (table: Table, row: number, at: number, slot: number) => void): void {
    const { hosts } = pulse;
    const { length } = hosts;
    if (length === 0) return;
    if (this.rows.length < length) {
      this.rows = new Int32Array(2 * length);
      this.fresh = new Uint8Array(2 * length);
    }
    const { rows, fresh } = this;
    this.table.upsertAll(hosts.addrWords, length, rows, fresh);
    const table = this.table.young;
    const slot = Math.floor(pulse.slotStart / this.slotMs);
    for (let i = 0; i < length; i++) {
      const at = rows[i] * table.doublesPerRow + table.doublesAt;
      if (fresh[i] === 1) this.begin(table, rows[i], at);
      if (this.add(pulse, i, table, rows[i], at, slot)) look(table, rows[i], at, slot);
      else this.late++;
    }
  }

  private begin(table: Table, row: number, at: number): void {
    const { doubles } = table;
    const limits = this.limitsOf(table.words, row * table.wordsPerRow);
    doubles[at + this.cells.NEWEST] = -1;
    doubles[at + this.cells.LIMIT_PACKETS] = limits.packets;
    doubles[at + this.cells.LIMIT_BITS] = limits.bits;
  }

  /** Adds a row of a pulse; false where it is too old. */
  private add(pulse: TrafficPulseColumns, i: number, table: Table, row: number, at: number, slot: number): boolean {
    const { hosts } = pulse;
    const { cells, ring } = this;
    const { doubles } = table;
    const newest = admit(doubles, at + cells.RING, ring, doubles[at + cells.NEWEST], slot);
    if (newest < 0) return false;
    doubles[at + cells.NEWEST] = newest;
    const cell = at + cells.RING + (slot % ring.ring);
    doubles[cell + IN_PACKETS * ring.ring] += hosts.packets[i] - hosts.longPackets[i];
    doubles[cell + IN_BYTES * ring.ring] += hosts.bytes[i] - hosts.longBytes[i];
    doubles[cell + OUT_PACKETS * ring.ring] += hosts.outPackets[i] - hosts.outLongPackets[i];
    doubles[cell + OUT_BYTES * ring.ring] += hosts.outBytes[i] - hosts.outLongBytes[i];
    const nowMs = (slot + 1) * this.slotMs;
    this.pass(table, row, at, nowMs);
    addLong(doubles, at + cells.LONG, hosts.longPackets[i], hosts.longBytes[i], hosts.longSeconds[i]);
    addLong(doubles, at + cells.LONG + 3, hosts.outLongPackets[i], hosts.outLongBytes[i], hosts.outLongSeconds[i]);
    const mix = at + cells.MIX;
    doubles[mix + MIX.packets] += hosts.packets[i];
    doubles[mix + MIX.bytes] += hosts.bytes[i];
    doubles[mix + MIX.syn] += hosts.synPackets[i];
    doubles[mix + MIX.udp] += hosts.udpPackets[i];
    doubles[mix + MIX.icmp] += hosts.icmpPackets[i];
    doubles[mix + MIX.reflectedPackets] += hosts.reflectedPackets[i];
    doubles[mix + MIX.reflectedBytes] += hosts.reflectedBytes[i];
    doubles[mix + MIX.outPackets] += hosts.outPackets[i];
    doubles[mix + MIX.outBytes] += hosts.outBytes[i];
    doubles[mix + MIX.asked] += hosts.askedPackets[i];
    doubles[mix + MIX.variance] += hosts.variance[i];
    this.addSketch(pulse, hosts.sketch[i], table, row, at);
    return true;
  }

  /** Time goes on for a row: what it consists of fades, sketches begin anew. */
  private pass(table: Table, row: number, at: number, nowMs: number): void {
    const { cells } = this;
    const { doubles } = table;
    const elapsed = nowMs - doubles[at + cells.MIXED_AT];
    if (elapsed <= 0) return;
    doubles[at + cells.MIXED_AT] = nowMs;
    const fade = Math.exp(-elapsed / MIX_MS);
    for (let i = at + cells.MIX; i < at + cells.RING; i++) doubles[i] *= fade;
    fadeLong(doubles, at + cells.LONG, elapsed);
    fadeLong(doubles, at + cells.LONG + 3, elapsed);
    if (nowMs - doubles[at + cells.SKETCHED_AT] < SKETCH_MS) return;
    const bytes = this.look(table);
    const from = sketchAt(table, row);
    if (nowMs - doubles[at + cells.SKETCHED_AT] < 2 * SKETCH_MS) bytes.copyWithin(from + GENERATION, from, from + GENERATION);
    else bytes.fill(0, from + GENERATION, from + 2 * GENERATION);
    bytes.fill(0, from, from + GENERATION);
    doubles[at + cells.SKETCHED_AT] = nowMs;
  }

  private addSketch({ hostSketches }: TrafficPulseColumns, place: number, table: Table, row: number, at: number): void {
    const from = place * HOST_SKETCH;
    if (place < 0 || from + HOST_SKETCH > hostSketches.length) return;
    const bytes = this.look(table);
    const to = sketchAt(table, row);
    hllMerge(bytes, to, PRECISION, hostSketches, from + SOURCES_AT);
    hllMerge(bytes, to + REGISTERS, PRECISION, hostSketches, from + PORTS_AT);
    hllMerge(bytes, to + 2 * REGISTERS, PRECISION, hostSketches, from + PEERS_AT);
    const { doubles } = table;
    for (let i = 0; i < BUCKETS; i++) doubles[at + this.cells.SPREAD + i] += hostSketches.readFloatLE(from + SPREAD_AT + 4 * i);
    for (let i = 0; i < SERVICES; i++) doubles[at + this.cells.SERVICES + i] += hostSketches.readFloatLE(from + SERVICES_AT + 4 * i);
  }

  /** Packets and bits a second received in the second that ends with a slot. */
  received(doubles: Float64Array, at: number, slot: number): { packets: number; bits: number } {
    const { cells, ring } = this;
    return { packets: lastSecond(doubles, at + cells.RING, ring, IN_PACKETS, slot) + doubles[at + cells.LONG], bits: 8 * (lastSecond(doubles, at + cells.RING, ring, IN_BYTES, slot) + doubles[at + cells.LONG + 1]) };
  }

  /** The same of the last moment. */
  moment(doubles: Float64Array, at: number, slot: number): { packets: number; bits: number } {
    const { cells, ring, moments } = this;
    const times = ring.window / moments;
    return { packets: times * lastSecond(doubles, at + cells.RING, ring, IN_PACKETS, slot, moments) + doubles[at + cells.LONG], bits: 8 * (times * lastSecond(doubles, at + cells.RING, ring, IN_BYTES, slot, moments) + doubles[at + cells.LONG + 1]) };
  }

  /** The same, sent. */
  sent(doubles: Float64Array, at: number, slot: number): { packets: number; bits: number } {
    const { cells, ring } = this;
    return { packets: lastSecond(doubles, at + cells.RING, ring, OUT_PACKETS, slot) + doubles[at + cells.LONG + 3], bits: 8 * (lastSecond(doubles, at + cells.RING, ring, OUT_BYTES, slot) + doubles[at + cells.LONG + 4]) };
  }

  /** What of it long flows make, and how long these are on average. */
  longReceived(doubles: Float64Array, at: number): { packets: number; bits: number; seconds: number } {
    return longIn(doubles, at + this.cells.LONG);
  }

  /** The same, sent. */
  longSent(doubles: Float64Array, at: number): { packets: number; bits: number; seconds: number } {
    return longIn(doubles, at + this.cells.LONG + 3);
  }

  /** A row as detectors see it. */
  view(table: Table, row: number, at: number, slot: number): HostView {
    const { cells } = this;
    const { doubles } = table;
    const received = this.received(doubles, at, slot);
    const moment = this.moment(doubles, at, slot);
    const sent = this.sent(doubles, at, slot);
    const of = (i: number): number => doubles[at + cells.MIX + i];
    const packets = Math.max(1, of(MIX.packets));
    const bytes = Math.max(1, of(MIX.bytes));
    const services = Array.from({ length: SERVICES }, (_, i) => doubles[at + cells.SERVICES + i]);
    const reflected = services.reduce((sum, value) => sum + value, 0);
    const registers = this.look(table);
    const sketch = sketchAt(table, row);
    const distinct = (from: number): number => {
      union.fill(0);
      hllMerge(union, 0, PRECISION, registers, sketch + from);
      hllMerge(union, 0, PRECISION, registers, sketch + GENERATION + from);
      return hllEstimate(union, 0, PRECISION) || NaN;
    };
    const sources = distinct(0);
    const usual = (from: number): number => (learnt(doubles, at + from) >= KNOWN_SECONDS ? usualOf(doubles, at + from) : NaN);
    return {
      packets: received.packets, bits: received.bits, quickPackets: moment.packets, quickBits: moment.bits, outPackets: sent.packets, outBits: sent.bits,
      // Both sums fade with MIX_MS: their quotient is the error of that long.
      error: (Math.sqrt(of(MIX.variance)) / packets) * Math.sqrt(MIX_MS / 1000), quickError: (Math.sqrt(of(MIX.variance)) / packets) * Math.sqrt(MIX_MS / MOMENT_MS),
      syn: of(MIX.syn) / packets, udp: of(MIX.udp) / packets, icmp: of(MIX.icmp) / packets,
      reflected: of(MIX.reflectedBytes) / bytes,
      reflectedSize: of(MIX.reflectedPackets) > 0 ? of(MIX.reflectedBytes) / of(MIX.reflectedPackets) : 0,
      asked: of(MIX.reflectedPackets) > 0 ? of(MIX.asked) / of(MIX.reflectedPackets) : 0,
      reflectors: reflected > 0 ? services.map((value) => value / reflected) : services,
      size: bytes / packets,
      sources, ports: distinct(REGISTERS), peers: distinct(2 * REGISTERS),
      entropy: Number.isNaN(sources) ? NaN : foldedEntropy(doubles, at + cells.SPREAD, BUCKETS, sources),
      usual: { packets: usual(cells.USUAL_PACKETS), bits: usual(cells.USUAL_BITS), sources: usual(cells.USUAL_SOURCES), entropy: usual(cells.USUAL_ENTROPY) },
    };
  }

  /** The memory of a table, as bytes. */
  private look({ words }: Table): Uint8Array {
    if (words !== this.seen) {
      this.seen = words;
      this.bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    }
    return this.bytes;
  }

  /** Learns what is usual, a second at a time; seconds in which the host was below the floor count as such. */
  learn(view: HostView, doubles: Float64Array, at: number, slot: number): void {
    const { cells } = this;
    const second = Math.floor((slot * this.slotMs) / 1000);
    const last = doubles[at + cells.SECOND];
    if (second <= last) return;
    doubles[at + cells.SECOND] = second;
    for (let missed = Math.max(last + 1, second - MEMORY_SECONDS); last > 0 && missed < second; missed++) this.learnOne(doubles, at, 0, 0, 0);
    this.learnOne(doubles, at, view.packets, view.bits, view.sources || 0);
    if (!Number.isNaN(view.entropy)) learn(doubles, at + cells.USUAL_ENTROPY, view.entropy, MEMORY_SECONDS);
  }

  private learnOne(doubles: Float64Array, at: number, packets: number, bits: number, sources: number): void {
    const { cells } = this;
    doubles[at + cells.PACKETS_SUM] = departs(doubles[at + cells.PACKETS_SUM], packets, doubles, at + cells.USUAL_PACKETS);
    doubles[at + cells.BITS_SUM] = departs(doubles[at + cells.BITS_SUM], bits, doubles, at + cells.USUAL_BITS);
    learn(doubles, at + cells.USUAL_PACKETS, packets, MEMORY_SECONDS);
    learn(doubles, at + cells.USUAL_BITS, bits, MEMORY_SECONDS);
    learn(doubles, at + cells.USUAL_SOURCES, sources, MEMORY_SECONDS);
  }
}

/** Where in the bytes of a table the sketches of a row begin. */
const sketchAt = (table: Table, row: number): number => 4 * (row * table.wordsPerRow + table.intsAt);

const longIn = (doubles: Float64Array, at: number): { packets: number; bits: number; seconds: number } => ({ packets: doubles[at], bits: 8 * doubles[at + 1], seconds: doubles[at + 2] });
