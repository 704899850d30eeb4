/** The three ways in which traffic is broken down: what a row of each table is, and how rows become records. */
import { encodeHostTrafficColumns, encodeInterfaceTrafficColumns, encodePrefixTrafficColumns, HostTrafficColumns, InterfaceTrafficColumns, PrefixTrafficColumns } from '../../schemas';
import { TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, type Topic } from '../../topics';
import type { Table, TableShape } from '../runtime/state/table';

/** Index of each table in a window. */
export const INTERFACES = 0, PREFIXES = 1, HOSTS = 2;

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

/** In the order of {@link INTERFACES}, {@link PREFIXES}, {@link HOSTS}. */
export const BREAKDOWNS: readonly Breakdown[] = [
  {
    // key: exporter 4, ifIndex, direction; sums: bytes, packets, flows
    shape: { name: 'interfaces', keyWords: 6, ints: 0, doubles: 3 },
    topic: TRAFFIC_BY_INTERFACE,
    encode(table, from, to, window, schemaId) {
      const { rows } = Object.assign(interfaceColumns, window);
      rows.reserve(to - from);
      rows.length = to - from;
      for (let row = from, i = 0; row < to; row++, i++) {
        const word = row * table.wordsPerRow;
        const double = row * table.doublesPerRow + table.doublesAt;
        for (let w = 0; w < 4; w++) rows.exporterWords[4 * i + w] = table.words[word + w];
        rows.ifIndex[i] = table.words[word + 4] >>> 0;
        rows.direction[i] = table.words[word + 5];
        rows.bytes[i] = sum(table.doubles[double]);
        rows.packets[i] = sum(table.doubles[double + 1]);
        rows.flows[i] = table.doubles[double + 2];
      }
      return encodeInterfaceTrafficColumns(interfaceColumns, schemaId);
    },
  },
  {
    // key: source prefix 4, destination prefix 4, lengths, autonomous systems 2; sums: bytes, packets, flows
    shape: { name: 'prefixes', keyWords: 11, ints: 0, doubles: 3 },
    topic: TRAFFIC_BY_PREFIX,
    encode(table, from, to, window, schemaId) {
      const { rows } = Object.assign(prefixColumns, window);
      rows.reserve(to - from);
      rows.length = to - from;
      for (let row = from, i = 0; row < to; row++, i++) {
        const word = row * table.wordsPerRow;
        const double = row * table.doublesPerRow + table.doublesAt;
        for (let w = 0; w < 4; w++) {
          rows.srcPrefixWords[4 * i + w] = table.words[word + w];
          rows.dstPrefixWords[4 * i + w] = table.words[word + 4 + w];
        }
        rows.srcMask[i] = table.words[word + 8] >>> 8;
        rows.dstMask[i] = table.words[word + 8] & 255;
        rows.srcAs[i] = table.words[word + 9] >>> 0;
        rows.dstAs[i] = table.words[word + 10] >>> 0;
        rows.bytes[i] = sum(table.doubles[double]);
        rows.packets[i] = sum(table.doubles[double + 1]);
        rows.flows[i] = table.doubles[double + 2];
      }
      return encodePrefixTrafficColumns(prefixColumns, schemaId);
    },
  },
  {
    // key: address 4; sums: bytes, packets, flows out; the same in
    shape: { name: 'hosts', keyWords: 4, ints: 0, doubles: 6 },
    topic: TRAFFIC_BY_HOST,
    encode(table, from, to, window, schemaId) {
      const { rows } = Object.assign(hostColumns, window);
      rows.reserve(to - from);
      rows.length = to - from;
      for (let row = from, i = 0; row < to; row++, i++) {
        const word = row * table.wordsPerRow;
        const double = row * table.doublesPerRow + table.doublesAt;
        for (let w = 0; w < 4; w++) rows.addrWords[4 * i + w] = table.words[word + w];
        rows.bytesOut[i] = sum(table.doubles[double]);
        rows.packetsOut[i] = sum(table.doubles[double + 1]);
        rows.flowsOut[i] = table.doubles[double + 2];
        rows.bytesIn[i] = sum(table.doubles[double + 3]);
        rows.packetsIn[i] = sum(table.doubles[double + 4]);
        rows.flowsIn[i] = table.doubles[double + 5];
      }
      return encodeHostTrafficColumns(hostColumns, schemaId);
    },
  },
];

/** Masks of prefix lengths 0 to 128 over a column's address row, 4 words each; an IPv4 prefix of n bits is one of 96 + n. */
export const PREFIX_MASKS = new Int32Array(129 * 4);
for (let length = 0; length <= 128; length++) {
  const bytes = new Uint8Array(PREFIX_MASKS.buffer, length * 16, 16);
  for (let bit = 0; bit < length; bit++) bytes[bit >> 3] |= 128 >> (bit & 7);
}
