/** Rows of a pulse from the tables of a slot. */
import type { TrafficPulseColumns } from '../../schemas';
import type { Table } from '../runtime/state/table';
import { HOST_SKETCH, PREFIX_SKETCH, SOURCE_SKETCH } from './columns';
import { PORT, PROBES, TARGET, type SourceSums } from './source-sums';
import type { HostSums } from './host-sums';

/** The largest sum that is exact. */
const MOST = Number.MAX_SAFE_INTEGER;
const whole = (value: number): number => Math.min(MOST, Math.round(value));

/** Columns of the schema in the order of the sums. */
const RECEIVED = ['packets', 'bytes', 'flows', 'synPackets', 'udpPackets', 'icmpPackets', 'reflectedPackets', 'reflectedBytes', 'longPackets', 'longBytes', 'longSeconds'] as const;
const OF_HOST = [...RECEIVED, 'variance', 'outPackets', 'outBytes', 'outFlows', 'askedPackets', 'outLongPackets', 'outLongBytes', 'outLongSeconds'] as const;

function address(table: Table, row: number, column: Int32Array, to: number): void {
  const at = row * table.wordsPerRow;
  for (let word = 0; word < 4; word++) column[4 * to + word] = table.words[at + word];
}

/** Words of a host's sketches, and those of a pulse that is about to be encoded. */
const SKETCH_WORDS = HOST_SKETCH / 4;
let sketches = new Int32Array(0);

/** Sums of a row, from the first on, into as many columns. */
function putSums({ doubles, doublesPerRow, doublesAt }: Table, row: number, columns: readonly Float64Array[], to: number): void {
  const at = row * doublesPerRow + doublesAt;
  for (let column = 0; column < columns.length; column++) columns[column][to] = whole(doubles[at + column]);
}

/** Puts hosts, by their rows, into a pulse, with the sketches that they have; these are there until the next call. */
export function putHosts(pulse: TrafficPulseColumns, sums: HostSums, rows: readonly number[]): void {
  const { hosts } = pulse;
  const { table } = sums;
  hosts.reserve(rows.length);
  hosts.length = rows.length;
  const columns = OF_HOST.map((name) => hosts[name]);
  if (sketches.length < SKETCH_WORDS * rows.length) sketches = new Int32Array(SKETCH_WORDS * rows.length);
  let sketched = 0;
  for (let i = 0; i < rows.length; i++) {
    address(table, rows[i], hosts.addrWords, i);
    putSums(table, rows[i], columns, i);
    hosts.sketch[i] = sums.copySketch(rows[i], sketches, SKETCH_WORDS * sketched) ? sketched++ : -1;
  }
  pulse.hostSketches = Buffer.from(sketches.buffer, 0, HOST_SKETCH * sketched);
}

/** Puts prefixes, by their rows, into a pulse: key: four words and the length; the bitmap; the sums. */
export function putPrefixes(pulse: TrafficPulseColumns, table: Table, rows: readonly number[]): void {
  const { prefixes } = pulse;
  prefixes.reserve(rows.length);
  prefixes.length = rows.length;
  pulse.prefixSketches = Buffer.alloc(PREFIX_SKETCH * rows.length);
  const bytes = new Uint8Array(table.words.buffer, table.words.byteOffset, table.words.byteLength);
  const columns = RECEIVED.map((name) => prefixes[name]);
  rows.forEach((row, i) => {
    address(table, row, prefixes.prefixWords, i);
    prefixes.bits[i] = table.words[row * table.wordsPerRow + 4];
    putSums(table, row, columns, i);
    const sketch = 4 * (row * table.wordsPerRow + table.intsAt);
    pulse.prefixSketches.set(bytes.subarray(sketch, sketch + PREFIX_SKETCH), PREFIX_SKETCH * i);
  });
}

/** Puts sources, by their rows, into a pulse. */
export function putSources(pulse: TrafficPulseColumns, sums: SourceSums, rows: readonly number[]): void {
  const { sources } = pulse;
  const { table } = sums;
  sources.reserve(rows.length);
  sources.length = rows.length;
  pulse.sourceSketches = Buffer.alloc(SOURCE_SKETCH * rows.length);
  rows.forEach((row, i) => {
    address(table, row, sources.addrWords, i);
    const at = row * table.wordsPerRow + table.intsAt;
    for (let word = 0; word < 4; word++) sources.lastTargetWords[4 * i + word] = table.words[at + TARGET + word];
    sources.lastPort[i] = table.words[at + PORT];
    sources.probes[i] = table.doubles[row * table.doublesPerRow + table.doublesAt + PROBES];
    pulse.sourceSketches.set(sums.sketchOf(row), SOURCE_SKETCH * i);
  });
}
