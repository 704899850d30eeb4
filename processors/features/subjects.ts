/**
 * What is kept of a host or of a direction of an interface in a window: sums, HyperLogLog registers of its peers and ports, and
 * histograms by hash, from which entropies come. All of it merges: sums and histograms by addition, exact up to 2^53, registers by
 * their maximum; so the parts of several partitions are, whatever their order, bit for bit what one partition would have.
 *
 * A row without sketches has registers of zeros alone: how many peers it has is not known then.
 */
import { hllMerge, hllRegisters } from '../../domain/sketch/hyperloglog';
import type { Table, TableShape } from '../runtime/state/table';

/** Sums, in the order of their columns; those of a host are of what it received, but the last two. */
export const BYTES = 0, PACKETS = 1, FLOWS = 2, DURATION = 3, TCP = 4, UDP = 5, ICMP = 6, BYTES_OUT = 7, PACKETS_OUT = 8, SUMS = 9;
/** Histograms, in their order; a host has no destinations. */
export const SOURCES = 0, PORTS_TO = 1, DESTINATIONS = 2;

/** Length of the windows that partials are of. */
export const PARTIAL_MS = 10_000;

/** A kind of subjects. */
export interface SubjectKind {
  readonly name: 'host' | 'interface';
  /** Of its table, whose key is the address, and of an interface ifIndex and direction behind it. */
  readonly shape: Omit<TableShape, 'maxRows'>;
  /** HyperLogLog: 2 ** precision registers, first those of peers, then those of ports. */
  readonly precision: number;
  readonly registers: number;
  /** Buckets of a histogram, a power of two, and how many histograms there are. */
  readonly buckets: number;
  readonly histograms: number;
}

function kind(name: SubjectKind['name'], keyWords: number, precision: number, buckets: number, histograms: number): SubjectKind {
  const registers = hllRegisters(precision);
  return { name, shape: { name: `${name}s`, keyWords, ints: (2 * registers) / 4, doubles: SUMS + histograms * buckets }, precision, registers, buckets, histograms };
}

/** Many: 480 bytes each, the estimates within 13 %. */
export const HOSTS = kind('host', 4, 6, 16, 2);
/** Few: 2.1 KiB each, the estimates within 6.5 %. */
export const INTERFACES = kind('interface', 6, 8, 64, 3);

/** The words of a table as bytes: registers of a row begin at {@link registersAt}. Asked for anew after each upsert. */
export const bytesOf = ({ words }: Table): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** Where the registers of a row begin among {@link bytesOf}. */
export const registersAt = (table: Table, row: number): number => 4 * (row * table.wordsPerRow + table.intsAt);

/** Where the doubles of a row begin. */
export const sumsAt = (table: Table, row: number): number => row * table.doublesPerRow + table.doublesAt;

/** Adds a row of one table to a row of another of the same kind. */
export function mergeRow({ precision, registers }: SubjectKind, from: Table, row: number, to: Table, target: number): void {
  const source = sumsAt(from, row);
  const at = sumsAt(to, target);
  const columns = to.doublesPerRow - to.doublesAt;
  for (let column = 0; column < columns; column++) to.doubles[at + column] += from.doubles[source + column];
  const [others, own] = [bytesOf(from), bytesOf(to)];
  for (let sketch = 0; sketch < 2; sketch++) hllMerge(own, registersAt(to, target) + sketch * registers, precision, others, registersAt(from, row) + sketch * registers);
}

/** Orders rows of a table by their keys, word by word. */
export function byKey({ words, wordsPerRow, keyWords }: Table): (a: number, b: number) => number {
  return (a, b) => {
    for (let word = 0; word < keyWords; word++) {
      const [one, other] = [words[a * wordsPerRow + word], words[b * wordsPerRow + word]];
      if (one !== other) return (one >>> 0) - (other >>> 0);
    }
    return 0;
  };
}

/**
 * Rows of a table with the most traffic, at most `most`, in the order of their keys: by their shares of all bytes, packets and flows,
 * added up, so that many small flows count beside few large ones.
 */
export function largest(table: Table, most: number): number[] {
  const rows = Array.from({ length: table.entries }, (_, row) => row);
  const compare = byKey(table);
  if (rows.length <= most) return rows.sort(compare);
  const { doubles } = table;
  const bytes = (at: number): number => doubles[at + BYTES] + doubles[at + BYTES_OUT];
  const packets = (at: number): number => doubles[at + PACKETS] + doubles[at + PACKETS_OUT];
  const totals = [1, 1, 1];
  for (const row of rows) {
    const at = sumsAt(table, row);
    totals[0] += bytes(at);
    totals[1] += packets(at);
    totals[2] += doubles[at + FLOWS];
  }
  const shares = Float64Array.from(rows, (row) => {
    const at = sumsAt(table, row);
    return bytes(at) / totals[0] + packets(at) / totals[1] + doubles[at + FLOWS] / totals[2];
  });
  return rows
    .sort((a, b) => shares[b] - shares[a] || compare(a, b))
    .slice(0, most)
    .sort(compare);
}
