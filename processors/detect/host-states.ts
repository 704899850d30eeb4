/** What is kept of a host: the last second, what it consists of, what is usual, and which anomalies go on. */
import { learn } from '../../domain/detect/baseline';
import { departs } from '../../domain/detect/departure';
import type { HostView } from '../../domain/detect/host-view';
import type { Limits } from '../../domain/detect/host-verdict';
import { admit, lastSecond, placeOf, sliding, type Sliding } from '../../domain/detect/sliding';
import { hllMergeWords } from '../../domain/sketch/hyperloglog';
import type { TrafficPulseColumns } from '../../schemas';
import { HOST_SKETCH, SPREAD_AT } from '../pulse/columns';
import { AgeingTable } from '../runtime/state/ageing-table';
import type { Table } from '../runtime/state/table';
import { GENERATION, HostCells, LIFE_MS, MEMORY_SECONDS, MIX, MIX_MS, MOMENT_MS, sketchAt, SKETCH_MS } from './host-cells';
import { HostRow } from './host-row';
import { addLong, fadeLong } from './long-flows';

/** Columns of the sliding second. */
const IN_PACKETS = 0, IN_BYTES = 1, OUT_PACKETS = 2, OUT_BYTES = 3;
/** Words of a host's sketches in a pulse: three HyperLogLogs in the order of a generation, then the numbers. */
const PULSE_WORDS = HOST_SKETCH / 4;
/** The hosts that are followed. */
export class HostStates {
  readonly table: AgeingTable;
  readonly cells = new HostCells();
  /** Rows of the pulse that were too old to count. */
  late = 0;
  private readonly ring: Sliding;
  /** Slots of a moment. */
  private readonly moments: number;
  private rows = new Int32Array(0);
  private fresh = new Uint8Array(0);
  /** The sketches of a pulse, as words and as numbers. */
  private words = new Int32Array(0);
  private floats = new Float32Array(0);
  private sketches = 0;
  /** How much of what a host's second consists of is left after so many milliseconds: nearly always the same. */
  private faded = { afterMs: 0, left: 1 };

  constructor(
    private readonly slotMs: number,
    maxHosts: number,
    /** Limits of the host whose address is at `at`. */
    private readonly limitsOf: (words: Int32Array, at: number) => Limits,
  ) {
    this.ring = sliding(slotMs, 4);
    this.moments = Math.max(1, Math.round(MOMENT_MS / slotMs));
    this.table = new AgeingTable({ name: 'hosts', keyWords: 4, ints: 2 * GENERATION, doubles: this.cells.RING + this.ring.ring * this.ring.columns, maxRows: maxHosts }, LIFE_MS);
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
    this.readSketches(pulse);
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
    const cell = at + cells.RING + placeOf(ring.ring, slot);
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
    this.addSketch(hosts.sketch[i], table, row, at);
    return true;
  }

  /** Time goes on for a row: what it consists of fades, sketches begin anew. */
  private pass(table: Table, row: number, at: number, nowMs: number): void {
    const { cells } = this;
    const { doubles } = table;
    const elapsed = nowMs - doubles[at + cells.MIXED_AT];
    if (elapsed <= 0) return;
    doubles[at + cells.MIXED_AT] = nowMs;
    if (elapsed !== this.faded.afterMs) this.faded = { afterMs: elapsed, left: Math.exp(-elapsed / MIX_MS) };
    const { left } = this.faded;
    for (let i = at + cells.MIX, end = at + cells.RING; i < end; i++) doubles[i] *= left;
    fadeLong(doubles, at + cells.LONG, elapsed);
    fadeLong(doubles, at + cells.LONG + 3, elapsed);
    if (nowMs - doubles[at + cells.SKETCHED_AT] < SKETCH_MS) return;
    const { words } = table;
    const from = sketchAt(table, row);
    const isKept = nowMs - doubles[at + cells.SKETCHED_AT] < 2 * SKETCH_MS;
    for (let i = from; i < from + GENERATION; i++) {
      words[i + GENERATION] = isKept ? words[i] : 0;
      words[i] = 0;
    }
    doubles[at + cells.SKETCHED_AT] = nowMs;
  }

  /** Copies the sketches of a pulse to where words begin at multiples of four; part of one at the end is none. */
  private readSketches({ hostSketches }: TrafficPulseColumns): void {
    const count = Math.floor(hostSketches.length / HOST_SKETCH);
    if (this.words.length < count * PULSE_WORDS) {
      this.words = new Int32Array(2 * count * PULSE_WORDS);
      this.floats = new Float32Array(this.words.buffer);
    }
    new Uint8Array(this.words.buffer).set(hostSketches.subarray(0, count * HOST_SKETCH));
    this.sketches = count;
  }

  private addSketch(place: number, table: Table, row: number, at: number): void {
    if (place < 0 || place >= this.sketches) return;
    const from = place * PULSE_WORDS;
    hllMergeWords(table.words, sketchAt(table, row), GENERATION, this.words, from);
    const { doubles } = table;
    const { floats } = this;
    // By source, and behind that by service, in both.
    for (let i = from + SPREAD_AT / 4, to = at + this.cells.SPREAD; i < from + PULSE_WORDS; i++, to++) doubles[to] += floats[i];
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

  /** A row as detectors see it, as long as nothing is added to it. */
  view(table: Table, row: number, at: number, slot: number): HostView {
    return new HostRow(this, table, row, at, slot);
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

const longIn = (doubles: Float64Array, at: number): { packets: number; bits: number; seconds: number } => ({ packets: doubles[at], bits: 8 * doubles[at + 1], seconds: doubles[at + 2] });
