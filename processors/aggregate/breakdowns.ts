/**
 * The ways in which traffic is broken down: what a row of each table is, and how rows become records. Prefixes and hosts
 * have a table for IPv4, whose keys are a third as long, and one for all else.
 */
import { encodeHostTrafficColumns, encodeInterfaceTrafficColumns, encodePrefixTrafficColumns, HostTrafficColumns, InterfaceTrafficColumns, PrefixTrafficColumns } from '../../schemas';
import { TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, type Topic } from '../../topics';
import { IPV4_MAPPED_WORD } from '../../schemas/ip';
import type { Table, TableShape } from '../runtime/state/table';

/** Index of each table in a window. */
export const INTERFACES = 0, PREFIXES4 = 1, PREFIXES6 = 2, HOSTS4 = 3, HOSTS6 = 4;

/** The window that rows belong to. */
export interface WindowOf {
  readonly windowStart: number;
  readonly windowMs: number;
  readonly sourcePartition: number;
}

/** One way. */
export interface Breakdown {
  readonly shape: Omit<TableShape, 'maxRows'>;
  readonly topic: Topic;
  /** Rows `from` to `to` (not included) of a table as a value. */
  encode(table: Table, from: number, to: number, window: WindowOf, schemaId: number): Buffer;
}

/** The largest sum that is exact, and where sums stay. */
export const MOST = Number.MAX_SAFE_INTEGER;
const sum = (value: number): number => Math.min(value, MOST);

const interfaceColumns = new InterfaceTrafficColumns();
const prefixColumns = new PrefixTrafficColumns();
const hostColumns = new HostTrafficColumns();

/** In the order of {@link INTERFACES} to {@link HOSTS6}. */
export const BREAKDOWNS: readonly Breakdown[] = [
  // key: exporter 4, ifIndex, direction; sums: bytes, packets, flows
  { shape: { name: 'interfaces', keyWords: 6, ints: 0, doubles: 3 }, topic: TRAFFIC_BY_INTERFACE, encode: encodeInterfaces },
  // key: source prefix 1 or 4, destination prefix 1 or 4, lengths, autonomous systems 2; sums: bytes, packets, flows
  { shape: { name: 'prefixes4', keyWords: 5, ints: 0, doubles: 3 }, topic: TRAFFIC_BY_PREFIX, encode: (...of) => encodePrefixes(1, ...of) },
  { shape: { name: 'prefixes6', keyWords: 11, ints: 0, doubles: 3 }, topic: TRAFFIC_BY_PREFIX, encode: (...of) => encodePrefixes(4, ...of) },
  // key: address 1 or 4; sums: bytes, packets, flows out; the same in
  { shape: { name: 'hosts4', keyWords: 1, ints: 0, doubles: 6 }, topic: TRAFFIC_BY_HOST, encode: (...of) => encodeHosts(1, ...of) },
  { shape: { name: 'hosts6', keyWords: 4, ints: 0, doubles: 6 }, topic: TRAFFIC_BY_HOST, encode: (...of) => encodeHosts(4, ...of) },
];

/** Puts the address of `length` words at `from` into row `row` of a column. */
function address(words: Int32Array, from: number, length: number, column: Int32Array, row: number): void {
  const at = 4 * row;
  if (length === 4) for (let word = 0; word < 4; word++) column[at + word] = words[from + word];
  else {
    column[at] = 0;
    column[at + 1] = 0;
    column[at + 2] = IPV4_MAPPED_WORD;
    column[at + 3] = words[from];
  }
}

function encodeInterfaces(table: Table, from: number, to: number, window: WindowOf, schemaId: number): Buffer {
  const { rows } = Object.assign(interfaceColumns, window);
  rows.reserve(to - from);
  rows.length = to - from;
  for (let row = from, i = 0; row < to; row++, i++) {
    const word = row * table.wordsPerRow;
    const double = row * table.doublesPerRow + table.doublesAt;
    address(table.words, word, 4, rows.exporterWords, i);
    rows.ifIndex[i] = table.words[word + 4] >>> 0;
    rows.direction[i] = table.words[word + 5];
    rows.bytes[i] = sum(table.doubles[double]);
    rows.packets[i] = sum(table.doubles[double + 1]);
    rows.flows[i] = table.doubles[double + 2];
  }
  return encodeInterfaceTrafficColumns(interfaceColumns, schemaId);
}

function encodePrefixes(length: number, table: Table, from: number, to: number, window: WindowOf, schemaId: number): Buffer {
  const { rows } = Object.assign(prefixColumns, window);
  rows.reserve(to - from);
  rows.length = to - from;
  for (let row = from, i = 0; row < to; row++, i++) {
    const word = row * table.wordsPerRow;
    const double = row * table.doublesPerRow + table.doublesAt;
    address(table.words, word, length, rows.srcPrefixWords, i);
    address(table.words, word + length, length, rows.dstPrefixWords, i);
    const rest = word + 2 * length;
    rows.srcMask[i] = table.words[rest] >>> 8;
    rows.dstMask[i] = table.words[rest] & 255;
    rows.srcAs[i] = table.words[rest + 1] >>> 0;
    rows.dstAs[i] = table.words[rest + 2] >>> 0;
    rows.bytes[i] = sum(table.doubles[double]);
    rows.packets[i] = sum(table.doubles[double + 1]);
    rows.flows[i] = table.doubles[double + 2];
  }
  return encodePrefixTrafficColumns(prefixColumns, schemaId);
}

function encodeHosts(length: number, table: Table, from: number, to: number, window: WindowOf, schemaId: number): Buffer {
  const { rows } = Object.assign(hostColumns, window);
  rows.reserve(to - from);
  rows.length = to - from;
  for (let row = from, i = 0; row < to; row++, i++) {
    const double = row * table.doublesPerRow + table.doublesAt;
    address(table.words, row * table.wordsPerRow, length, rows.addrWords, i);
    rows.bytesOut[i] = sum(table.doubles[double]);
    rows.packetsOut[i] = sum(table.doubles[double + 1]);
    rows.flowsOut[i] = table.doubles[double + 2];
    rows.bytesIn[i] = sum(table.doubles[double + 3]);
    rows.packetsIn[i] = sum(table.doubles[double + 4]);
    rows.flowsIn[i] = table.doubles[double + 5];
  }
  return encodeHostTrafficColumns(hostColumns, schemaId);
}

/** Masks of prefix lengths 0 to 128 over a column's address row, 4 words each; an IPv4 prefix of n bits is one of 96 + n. */
export const PREFIX_MASKS = new Int32Array(129 * 4);
for (let length = 0; length <= 128; length++) {
  const bytes = new Uint8Array(PREFIX_MASKS.buffer, length * 16, 16);
  for (let bit = 0; bit < length; bit++) bytes[bit >> 3] |= 128 >> (bit & 7);
}
