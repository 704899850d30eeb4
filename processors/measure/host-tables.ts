import { BYTES, BYTES_OUT, DURATION, FLOWS, HOSTS, largest, PACKETS, PACKETS_OUT, PORTS_TO, SOURCES, SUMS, sumsAt } from '../features/subjects';
import { hllAdd } from '../../domain/sketch/hyperloglog';
import { Table, type TableShape } from '../runtime/state/table';

const { precision, registers: REGISTERS, buckets: BUCKETS, histograms } = HOSTS;

/** Of all hosts of a window: their sums, and where their sketches are: row and 1; where there are none how often the host was met, negative. 96 bytes. */
export const HOST_SUMS: Omit<TableShape, 'maxRows'> = { name: 'hosts', keyWords: 4, ints: 1, doubles: SUMS };
/** Of some hosts their sketches, as {@link HOSTS} has them behind the sums. 400 bytes. */
export const HOST_SKETCHES: Omit<TableShape, 'maxRows'> = { name: 'sketches', keyWords: 4, ints: (2 * REGISTERS) / 4, doubles: histograms * BUCKETS };

/** How often a host must be met to get sketches when they are scarce. */
const WORTH = 16;

/** Flows of a run, in columns: see `Run`. */
export interface HostFlows {
  readonly count: number;
  /** Row in the sums of the receiver of each flow, and behind {@link count} of them those of the senders; -1: it has no address. */
  readonly rows: Int32Array;
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
  readonly durations: Float64Array;
  /** Which sum has the packets of its protocol; -1: none. */
  readonly sums: Int32Array;
  /** Hashes of addresses and destination port. */
  readonly sources: Int32Array;
  readonly destinations: Int32Array;
  readonly ports: Int32Array;
}

/**
 * Which hosts get sketches. Only `hosts` of a window go out, so there are sketches for three times as many: for those that went out of the
 * last window that did, for the first `hosts` that come, and then for those that come again and again. With no more hosts than that all have them from
 * their first flow on, whatever the partition; else a host that is new has them from its sixteenth on, or from the next window.
 */
export class HostTables {
  /** Hosts that went out last. */
  readonly followed: Table;
  /** Where hosts that go out get their sums and sketches side by side. */
  private readonly whole: Table;

  constructor(private readonly hosts: number) {
    this.followed = new Table({ name: 'followed', keyWords: 4, ints: 0, doubles: 0, maxRows: hosts });
    this.whole = new Table({ ...HOSTS.shape, maxRows: hosts });
  }

  /** Most rows of sketches of a window. */
  static mostSketches = (hosts: number): number => 3 * hosts;

  /** Adds flows to the hosts that received and sent them. */
  add(flows: HostFlows, sums: Table, sketches: Table): void {
    const { count, rows, packets, bytes, durations, sums: sumOf, sources, destinations, ports } = flows;
    const { doubles, doublesPerRow, doublesAt, words, wordsPerRow, intsAt } = sums;
    for (let i = 0; i < count; i++) {
      const row = rows[i];
      if (row < 0) continue;
      const at = row * doublesPerRow + doublesAt;
      doubles[at + BYTES] += bytes[i];
      doubles[at + PACKETS] += packets[i];
      doubles[at + FLOWS]++;
      doubles[at + DURATION] += durations[i];
      if (sumOf[i] >= 0) doubles[at + sumOf[i]] += packets[i];
      if (words[row * wordsPerRow + intsAt] <= 0) this.admit(sums, row, sketches);
    }
    for (let i = 0; i < count; i++) {
      const row = rows[count + i];
      if (row < 0) continue;
      const at = row * doublesPerRow + doublesAt;
      doubles[at + BYTES_OUT] += bytes[i];
      doubles[at + PACKETS_OUT] += packets[i];
      if (words[row * wordsPerRow + intsAt] <= 0) this.admit(sums, row, sketches);
    }
    const registers = new Uint8Array(sketches.words.buffer, sketches.words.byteOffset, sketches.words.byteLength);
    const { doubles: counts, wordsPerRow: sketchWords, intsAt: sketchInts, doublesPerRow: sketchDoubles, doublesAt: sketchDoublesAt } = sketches;
    for (let i = 0; i < count; i++) {
      const sketch = rows[i] < 0 ? -1 : words[rows[i] * wordsPerRow + intsAt] - 1;
      if (sketch < 0) continue;
      sketches.touch(sketch);
      const at = 4 * (sketch * sketchWords + sketchInts);
      hllAdd(registers, at, precision, sources[i]);
      hllAdd(registers, at + REGISTERS, precision, ports[i]);
      const buckets = sketch * sketchDoubles + sketchDoublesAt;
      counts[buckets + SOURCES * BUCKETS + (sources[i] & (BUCKETS - 1))] += packets[i];
      counts[buckets + PORTS_TO * BUCKETS + (ports[i] & (BUCKETS - 1))] += packets[i];
    }
    for (let i = 0; i < count; i++) {
      const sketch = rows[count + i] < 0 ? -1 : words[rows[count + i] * wordsPerRow + intsAt] - 1;
      if (sketch < 0) continue;
      sketches.touch(sketch);
      hllAdd(registers, 4 * (sketch * sketchWords + sketchInts), precision, destinations[i]);
    }
  }

  /** The hosts with most traffic, in the order of their addresses, with sums and sketches; valid until the next call. They are followed from now on. */
  takeLargest(sums: Table, sketches: Table): Table {
    const { whole, followed } = this;
    whole.clear();
    followed.clear();
    for (const row of largest(sums, this.hosts)) {
      const key = row * sums.wordsPerRow;
      followed.upsert(sums.words, key);
      const to = whole.upsert(sums.words, key);
      const from = sumsAt(sums, row);
      whole.doubles.set(sums.doubles.subarray(from, from + SUMS), sumsAt(whole, to));
      const sketch = sums.words[key + sums.intsAt] - 1;
      if (sketch < 0) continue;
      const at = sketch * sketches.wordsPerRow + sketches.intsAt;
      whole.words.set(sketches.words.subarray(at, at + HOST_SKETCHES.ints), to * whole.wordsPerRow + whole.intsAt);
      const buckets = sumsAt(sketches, sketch);
      whole.doubles.set(sketches.doubles.subarray(buckets, buckets + HOST_SKETCHES.doubles), sumsAt(whole, to) + SUMS);
    }
    return whole;
  }

  /** A host without sketches was met: it may get some. */
  private admit(sums: Table, row: number, sketches: Table): void {
    const key = row * sums.wordsPerRow;
    const at = key + sums.intsAt;
    const met = -sums.words[at] + 1;
    const isFirst = met === 1;
    const granted = (isFirst && (sketches.entries < this.hosts || this.followed.find(sums.words, key) >= 0)) || (met >= WORTH && sketches.entries < 2 * this.hosts);
    sums.words[at] = granted ? sketches.upsert(sums.words, key) + 1 : -Math.min(met, WORTH);
  }
}
