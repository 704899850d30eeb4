/** What is kept of a prefix: the last second, what it consists of, what is usual, and whether a carpet is laid over it. */
import { BASELINE_CELLS, learn, learnt, usualOf } from '../../domain/detect/baseline';
import type { PrefixView } from '../../domain/detect/carpet';
import { admit, lastSecond, sliding, type Sliding } from '../../domain/detect/sliding';
import type { TrafficPulseColumns } from '../../schemas';
import { PREFIX_SKETCH } from '../pulse/columns';
import { AgeingTable } from '../runtime/state/ageing-table';
import type { Table } from '../runtime/state/table';
import { KNOWN_SECONDS, LIFE_MS, MEMORY_SECONDS, MIX_MS, SKETCH_MS } from './host-cells';
import { addLong, fadeLong } from './long-flows';
import { OPEN_CELLS } from './open';

/** What the traffic consists of, as for hosts. */
const MIX = { packets: 0, bytes: 1, syn: 2, udp: 3, icmp: 4, reflectedBytes: 5 } as const;
const MIX_CELLS = 6;

/** Cells of a row, as for hosts. */
export class PrefixCells {
  readonly NEWEST = 0;
  readonly MIXED_AT = 1;
  readonly SKETCHED_AT = 2;
  readonly SINCE = 3;
  readonly UNTIL = 4;
  readonly OFFSET = 5;
  readonly SECOND = 6;
  readonly USUAL_PACKETS = 7;
  readonly USUAL_BITS = this.USUAL_PACKETS + BASELINE_CELLS;
  readonly USUAL_REACH = this.USUAL_BITS + BASELINE_CELLS;
  readonly CARPET = this.USUAL_REACH + BASELINE_CELLS;
  /** Packets and bytes a second of flows that are longer, and how long they are. */
  readonly LONG = this.CARPET + OPEN_CELLS;
  readonly MIX = this.LONG + 3;
  readonly RING = this.MIX + MIX_CELLS;
}

/** What came to single hosts of a prefix that receive much; packets/s, bits/s. */
export interface Single {
  readonly packets: number;
  readonly bits: number;
}

/** The prefixes that are followed. */
export class PrefixStates {
  readonly table: AgeingTable;
  readonly cells = new PrefixCells();
  private readonly ring: Sliding;
  private keys = new Int32Array(0);
  private rows = new Int32Array(0);
  private fresh = new Uint8Array(0);

  constructor(
    private readonly slotMs: number,
    maxPrefixes: number,
  ) {
    this.ring = sliding(slotMs, 2);
    // key: four words, length; two generations of the bitmap
    this.table = new AgeingTable({ name: 'prefixes', keyWords: 5, ints: (2 * PREFIX_SKETCH) / 4, doubles: this.cells.RING + this.ring.ring * this.ring.columns, maxRows: maxPrefixes }, LIFE_MS);
  }

  /** Takes the prefixes of a pulse; `look` is called for each with the place of its cells in the doubles of the young table. */
  take(pulse: TrafficPulseColumns, look: (table: Table, row: number, at: number, slot: number) => void): void {
    const { prefixes } = pulse;
    const { length } = prefixes;
    if (length === 0) return;
    if (this.rows.length < length) {
      this.keys = new Int32Array(10 * length);
      this.rows = new Int32Array(2 * length);
      this.fresh = new Uint8Array(2 * length);
    }
    const { keys, rows, fresh } = this;
    for (let i = 0; i < length; i++) {
      for (let word = 0; word < 4; word++) keys[5 * i + word] = prefixes.prefixWords[4 * i + word];
      keys[5 * i + 4] = prefixes.bits[i];
    }
    this.table.upsertAll(keys, length, rows, fresh);
    const table = this.table.young;
    const slot = Math.floor(pulse.slotStart / this.slotMs);
    for (let i = 0; i < length; i++) {
      const at = rows[i] * table.doublesPerRow + table.doublesAt;
      if (fresh[i] === 1) table.doubles[at + this.cells.NEWEST] = -1;
      if (this.add(pulse, i, table, rows[i], at, slot)) look(table, rows[i], at, slot);
    }
  }

  private add({ prefixes, prefixSketches }: TrafficPulseColumns, i: number, table: Table, row: number, at: number, slot: number): boolean {
    const { cells, ring } = this;
    const { doubles } = table;
    const newest = admit(doubles, at + cells.RING, ring, doubles[at + cells.NEWEST], slot);
    if (newest < 0) return false;
    doubles[at + cells.NEWEST] = newest;
    const cell = at + cells.RING + (slot % ring.ring);
    doubles[cell] += prefixes.packets[i] - prefixes.longPackets[i];
    doubles[cell + ring.ring] += prefixes.bytes[i] - prefixes.longBytes[i];
    this.pass(table, row, at, (slot + 1) * this.slotMs);
    addLong(doubles, at + cells.LONG, prefixes.longPackets[i], prefixes.longBytes[i], prefixes.longSeconds[i]);
    const mix = at + cells.MIX;
    doubles[mix + MIX.packets] += prefixes.packets[i];
    doubles[mix + MIX.bytes] += prefixes.bytes[i];
    doubles[mix + MIX.syn] += prefixes.synPackets[i];
    doubles[mix + MIX.udp] += prefixes.udpPackets[i];
    doubles[mix + MIX.icmp] += prefixes.icmpPackets[i];
    doubles[mix + MIX.reflectedBytes] += prefixes.reflectedBytes[i];
    const reach = bitmapOf(table, row);
    for (let byte = 0; byte < PREFIX_SKETCH; byte++) reach[byte] |= prefixSketches[PREFIX_SKETCH * i + byte];
    return true;
  }

  private pass(table: Table, row: number, at: number, nowMs: number): void {
    const { cells } = this;
    const { doubles } = table;
    const elapsed = nowMs - doubles[at + cells.MIXED_AT];
    if (elapsed <= 0) return;
    doubles[at + cells.MIXED_AT] = nowMs;
    const fade = Math.exp(-elapsed / MIX_MS);
    for (let i = at + cells.MIX; i < at + cells.RING; i++) doubles[i] *= fade;
    fadeLong(doubles, at + cells.LONG, elapsed);
    if (nowMs - doubles[at + cells.SKETCHED_AT] < SKETCH_MS) return;
    const reach = bitmapOf(table, row);
    if (nowMs - doubles[at + cells.SKETCHED_AT] < 2 * SKETCH_MS) reach.copyWithin(PREFIX_SKETCH, 0, PREFIX_SKETCH);
    else reach.fill(0, PREFIX_SKETCH);
    reach.fill(0, 0, PREFIX_SKETCH);
    doubles[at + cells.SKETCHED_AT] = nowMs;
  }

  /** Packets and bits a second of all hosts in the second that ends with a slot. */
  received(doubles: Float64Array, at: number, slot: number): Single {
    const { cells, ring } = this;
    return { packets: lastSecond(doubles, at + cells.RING, ring, 0, slot) + doubles[at + cells.LONG], bits: 8 * (lastSecond(doubles, at + cells.RING, ring, 1, slot) + doubles[at + cells.LONG + 1]) };
  }

  /** A row as detectors see it, without what came to single hosts. */
  view(table: Table, row: number, at: number, slot: number, single: Single): PrefixView {
    const { cells } = this;
    const { doubles } = table;
    const all = this.received(doubles, at, slot);
    const of = (i: number): number => doubles[at + cells.MIX + i];
    const packets = Math.max(1, of(MIX.packets));
    const usual = (from: number): number => (learnt(doubles, at + from) >= KNOWN_SECONDS ? usualOf(doubles, at + from) : NaN);
    return {
      packets: Math.max(0, all.packets - single.packets), bits: Math.max(0, all.bits - single.bits),
      reach: distinctIn(bitmapOf(table, row), table.words[row * table.wordsPerRow + 2] === -65536),
      syn: of(MIX.syn) / packets, udp: of(MIX.udp) / packets, icmp: of(MIX.icmp) / packets, reflected: of(MIX.reflectedBytes) / Math.max(1, of(MIX.bytes)),
      usual: { packets: usual(cells.USUAL_PACKETS), bits: usual(cells.USUAL_BITS), reach: usual(cells.USUAL_REACH) },
    };
  }

  /** Learns what is usual, a second at a time; those in which the prefix was below the floor count as such. */
  learn(view: PrefixView, doubles: Float64Array, at: number, slot: number): void {
    const { cells } = this;
    const second = Math.floor((slot * this.slotMs) / 1000);
    const last = doubles[at + cells.SECOND];
    if (second <= last) return;
    doubles[at + cells.SECOND] = second;
    for (let missed = Math.max(last + 1, second - MEMORY_SECONDS); last > 0 && missed < second; missed++) for (const usual of [cells.USUAL_PACKETS, cells.USUAL_BITS, cells.USUAL_REACH]) learn(doubles, at + usual, 0, MEMORY_SECONDS);
    learn(doubles, at + cells.USUAL_PACKETS, view.packets, MEMORY_SECONDS);
    learn(doubles, at + cells.USUAL_BITS, view.bits, MEMORY_SECONDS);
    learn(doubles, at + cells.USUAL_REACH, view.reach, MEMORY_SECONDS);
  }
}

function bitmapOf(table: Table, row: number): Uint8Array {
  return new Uint8Array(table.words.buffer, table.words.byteOffset + 4 * (row * table.wordsPerRow + table.intsAt), 2 * PREFIX_SKETCH);
}

/** Addresses in the two generations of a bitmap: those of IPv4 have a bit each; others share them, so theirs are estimated by linear counting (Whang, Vander-Zanden, Taylor 1990). */
function distinctIn(bitmap: Uint8Array, isExact: boolean): number {
  let set = 0;
  for (let i = 0; i < PREFIX_SKETCH; i++) for (let bits = bitmap[i] | bitmap[PREFIX_SKETCH + i]; bits !== 0; bits &= bits - 1) set++;
  const size = 8 * PREFIX_SKETCH;
  return isExact ? set : size * Math.log(size / Math.max(1, size - set));
}
