/** Rows of subjects as records of traffic.partials and back. */
import { NetWeaverError } from '../../infra/errors';
import { encodeTrafficPartialsColumns, TrafficPartialsColumns } from '../../schemas';
import { hllMerge } from '../../domain/sketch/hyperloglog';
import type { Table } from '../runtime/state/table';
import {
  BYTES, BYTES_OUT, bytesOf, DESTINATIONS, DURATION, FLOWS, ICMP, PACKETS, PACKETS_OUT, PARTIAL_MS, PORTS_TO, registersAt, SOURCES, SUMS, sumsAt, TCP, UDP, type SubjectKind,
} from './subjects';

const MOST = Number.MAX_SAFE_INTEGER;
const DOUBLE = 8;
const out = new TrafficPartialsColumns();

/** Rows of a table as a value. */
export function encodePartials(kind: SubjectKind, table: Table, rows: readonly number[], windowStart: number, sourcePartition: number, schemaId: number): Buffer {
  const { registers, buckets, histograms } = kind;
  Object.assign(out, { windowStart, windowMs: PARTIAL_MS, kind: kind.name, sourcePartition, registers, buckets });
  const to = out.rows;
  to.reserve(rows.length);
  to.length = rows.length;
  out.peers = Buffer.alloc(rows.length * registers);
  out.ports = Buffer.alloc(rows.length * registers);
  const counts = Array.from({ length: 3 }, (_, histogram) => new Float64Array(histogram < histograms ? rows.length * buckets : 0));
  const bytes = bytesOf(table);
  const { words, doubles, wordsPerRow } = table;
  rows.forEach((row, i) => {
    const key = row * wordsPerRow;
    to.addrWords.set(words.subarray(key, key + 4), 4 * i);
    to.ifIndex[i] = table.keyWords > 4 ? words[key + 4] >>> 0 : 0;
    to.direction[i] = table.keyWords > 4 ? words[key + 5] : 0;
    const at = sumsAt(table, row);
    const sum = (column: number): number => Math.min(MOST, doubles[at + column]);
    to.bytes[i] = sum(BYTES);
    to.packets[i] = sum(PACKETS);
    to.flows[i] = sum(FLOWS);
    to.durationMs[i] = sum(DURATION);
    to.tcpPackets[i] = sum(TCP);
    to.udpPackets[i] = sum(UDP);
    to.icmpPackets[i] = sum(ICMP);
    to.bytesOut[i] = sum(BYTES_OUT);
    to.packetsOut[i] = sum(PACKETS_OUT);
    const sketch = registersAt(table, row);
    out.peers.set(bytes.subarray(sketch, sketch + registers), i * registers);
    out.ports.set(bytes.subarray(sketch + registers, sketch + 2 * registers), i * registers);
    for (let histogram = 0; histogram < histograms; histogram++) {
      const from = at + SUMS + histogram * buckets;
      counts[histogram].set(doubles.subarray(from, from + buckets), i * buckets);
    }
  });
  [out.sources, out.portsTo, out.destinations] = [SOURCES, PORTS_TO, DESTINATIONS].map((histogram) => Buffer.from(counts[histogram].buffer));
  return encodeTrafficPartialsColumns(out, schemaId);
}

/** Decodes records of one kind, and adds their rows to tables. */
export class Partials {
  readonly columns = new TrafficPartialsColumns();
  private keys = new Int32Array(0);
  private targets = new Int32Array(0);

  constructor(private readonly kind: SubjectKind) {}

  /** @throws NW_SCHEMA_MALFORMED what is no record of this kind, or was made with other sketches. */
  decode(value: Buffer): void {
    const { columns, kind } = this;
    const { name, registers, buckets, histograms } = kind;
    columns.decode(value);
    const count = columns.rows.length;
    const refuse = (what: string): never => {
      throw new NetWeaverError('NW_SCHEMA_MALFORMED', `Parts of a window: ${what}.`);
    };
    if (columns.kind !== name || columns.windowMs !== PARTIAL_MS) refuse(`of kind '${columns.kind}' and ${columns.windowMs} ms, expected '${name}' and ${PARTIAL_MS}`);
    if (columns.windowStart % PARTIAL_MS !== 0) refuse(`the window begins at ${columns.windowStart}`);
    if (columns.registers !== registers || columns.buckets !== buckets) refuse(`made with ${columns.registers} registers and ${columns.buckets} buckets, expected ${registers} and ${buckets}`);
    const lengths = [columns.peers, columns.ports, columns.sources, columns.portsTo, columns.destinations].map((blob) => blob.length);
    const expected = [registers, registers, ...[SOURCES, PORTS_TO, DESTINATIONS].map((histogram) => (histogram < histograms ? DOUBLE * buckets : 0))].map((each) => each * count);
    if (lengths.some((length, i) => length !== expected[i])) refuse(`sketches of ${lengths.join(', ')} bytes, expected ${expected.join(', ')}`);
  }

  /** Bytes of all rows, those that hosts sent included. */
  get bytes(): number {
    const { rows } = this.columns;
    let bytes = 0;
    for (let row = 0; row < rows.length; row++) bytes += rows.bytes[row] + rows.bytesOut[row];
    return bytes;
  }

  /** Adds the rows to a table; how many found no room in it. */
  addTo(table: Table): number {
    const { columns, kind } = this;
    const { registers, buckets, histograms, precision } = kind;
    const { rows, peers, ports } = columns;
    const { keyWords } = table;
    if (this.targets.length < rows.length) {
      this.targets = new Int32Array(2 * rows.length);
      this.keys = new Int32Array(2 * rows.length * keyWords);
    }
    const { keys, targets } = this;
    for (let row = 0; row < rows.length; row++) {
      for (let word = 0; word < 4; word++) keys[row * keyWords + word] = rows.addrWords[4 * row + word];
      if (keyWords > 4) {
        keys[row * keyWords + 4] = rows.ifIndex[row];
        keys[row * keyWords + 5] = rows.direction[row];
      }
    }
    table.upsertAll(keys, rows.length, targets);
    const { doubles } = table;
    const bytes = bytesOf(table);
    const blobs = [columns.sources, columns.portsTo, columns.destinations].map((blob) => new DataView(blob.buffer, blob.byteOffset, blob.byteLength));
    let refused = 0;
    for (let row = 0; row < rows.length; row++) {
      const target = targets[row];
      if (target < 0) {
        refused++;
        continue;
      }
      const at = sumsAt(table, target);
      doubles[at + BYTES] += rows.bytes[row];
      doubles[at + PACKETS] += rows.packets[row];
      doubles[at + FLOWS] += rows.flows[row];
      doubles[at + DURATION] += rows.durationMs[row];
      doubles[at + TCP] += rows.tcpPackets[row];
      doubles[at + UDP] += rows.udpPackets[row];
      doubles[at + ICMP] += rows.icmpPackets[row];
      doubles[at + BYTES_OUT] += rows.bytesOut[row];
      doubles[at + PACKETS_OUT] += rows.packetsOut[row];
      hllMerge(bytes, registersAt(table, target), precision, peers, row * registers);
      hllMerge(bytes, registersAt(table, target) + registers, precision, ports, row * registers);
      for (let histogram = 0; histogram < histograms; histogram++) {
        const into = at + SUMS + histogram * buckets;
        for (let bucket = 0; bucket < buckets; bucket++) doubles[into + bucket] += count(blobs[histogram].getFloat64(DOUBLE * (row * buckets + bucket), true));
      }
    }
    return refused;
  }
}

/** What is no count counts as none. */
const count = (value: number): number => (value > 0 && value < Infinity ? value : 0);
