/** Where what is in the row of a host that `detect` follows. */
import { BASELINE_CELLS } from '../../domain/detect/baseline';
import { BUCKETS, REGISTERS, SERVICES } from '../pulse/columns';
import type { Table } from '../runtime/state/table';
import { OPEN_CELLS } from './open';

/** How fast what a second consists of is forgotten; how often sketches of distinct things begin anew, and two of them are looked at together; unit: milliseconds. */
export const MIX_MS = 500, SKETCH_MS = 500;
/** A moment: long enough to hold several rounds of an exporter and batches of a collector; unit: milliseconds. */
export const MOMENT_MS = 400;
/** Seconds from which something is usual, and seconds that are remembered. */
export const KNOWN_SECONDS = 5, MEMORY_SECONDS = 120;
/** What is not seen for so long is forgotten; unit: milliseconds. */
export const LIFE_MS = 300_000;

/** What goes on beside it, from flows that are longer than it: packets and bytes a second, mean length in seconds; the same sent. */
const LONG_CELLS = 6;
/** What the traffic consists of, with exponential forgetting. */
export const MIX = { packets: 0, bytes: 1, syn: 2, udp: 3, icmp: 4, reflectedPackets: 5, reflectedBytes: 6, outPackets: 7, outBytes: 8, asked: 9, variance: 10 } as const;
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

/** Two generations each of three HyperLogLogs, sources, ports, peers: words of one, and of one sketch. */
export const SKETCH_WORDS = REGISTERS / 4;
export const GENERATION = 3 * SKETCH_WORDS;
/** Where in the words of a table the sketches of a row begin. */
export const sketchAt = (table: Table, row: number): number => row * table.wordsPerRow + table.intsAt;
