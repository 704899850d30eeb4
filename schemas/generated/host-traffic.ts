// Made from traffic/host-traffic.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeIpRow, writeLong } from '../avro';
import type { RecordType } from '../avro';
import { formatIpRow, IPV4_MAPPED_WORD } from '../ip';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** One host. */
export interface HostTrafficRow {
  /** Address of the host. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  addr: string;
  /** IP bytes that it sent, scaled by the sampling rate; unit: bytes. */
  bytesOut: number;
  /** Packets that it sent, scaled; unit: packets. */
  packetsOut: number;
  /** Flow records with it as the source; unit: flows. */
  flowsOut: number;
  /** IP bytes sent to it, scaled; unit: bytes. */
  bytesIn: number;
  /** Packets sent to it, scaled; unit: packets. */
  packetsIn: number;
  /** Flow records with it as the destination; unit: flows. */
  flowsIn: number;
}

/** What hosts sent and received in a window: partial sums of one partition, mergeable by addition. */
export interface HostTraffic {
  /** Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end. */
  windowStart: number;
  /** Length of the window; unit: milliseconds. */
  windowMs: number;
  /** Partition of flows.unique that this partial sum was made from; sum over it for the whole; no unit. */
  sourcePartition: number;
  /** One row a host. */
  rows: HostTrafficRow[];
}

/** The schema's text, as it is registered. */
export const HOST_TRAFFIC_SCHEMA =
  '{"type":"record","name":"HostTraffic","namespace":"netweaver.traffic","doc":"What hosts sent and received in a window: partial sums of one partition, mergeable by addition.","fields":[{"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end."},{"name":"windowMs","type":"long","doc":"Length of the window; unit: milliseconds."},{"name":"sourcePartition","type":"int","doc":"Partition of flows.unique that this partial sum was made from; sum over it for the whole; no unit."},{"name":"rows","type":{"type":"array","items":{"type":"record","name":"HostTrafficRow","doc":"One host.","fields":[{"name":"addr","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the host. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"bytesOut","type":"long","doc":"IP bytes that it sent, scaled by the sampling rate; unit: bytes."},{"name":"packetsOut","type":"long","doc":"Packets that it sent, scaled; unit: packets."},{"name":"flowsOut","type":"long","doc":"Flow records with it as the source; unit: flows."},{"name":"bytesIn","type":"long","doc":"IP bytes sent to it, scaled; unit: bytes."},{"name":"packetsIn","type":"long","doc":"Packets sent to it, scaled; unit: packets."},{"name":"flowsIn","type":"long","doc":"Flow records with it as the destination; unit: flows."}]}},"doc":"One row a host."}]}';

function putHostTrafficRow(value: HostTrafficRow): void {
  writer.ip(value.addr);
  writer.long(value.bytesOut);
  writer.long(value.packetsOut);
  writer.long(value.flowsOut);
  writer.long(value.bytesIn);
  writer.long(value.packetsIn);
  writer.long(value.flowsIn);
}

function putHostTraffic(value: HostTraffic): void {
  writer.long(value.windowStart);
  writer.long(value.windowMs);
  writer.int(value.sourcePartition);
  if (value.rows.length > 0) writer.long(value.rows.length);
  for (const row of value.rows) putHostTrafficRow(row);
  writer.long(0);
}

const takeHostTrafficRow = (reader: AvroReader): HostTrafficRow => ({
    addr: reader.ip(),
    bytesOut: reader.long(),
    packetsOut: reader.long(),
    flowsOut: reader.long(),
    bytesIn: reader.long(),
    packetsIn: reader.long(),
    flowsIn: reader.long(),
});

const takeHostTraffic = (reader: AvroReader): HostTraffic => ({
    windowStart: reader.long(),
    windowMs: reader.long(),
    sourcePartition: reader.int(),
    rows: takeRows(reader, 7, takeHostTrafficRow),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeHostTraffic(value: HostTraffic, schemaId: number): Buffer {
  writer.begin(schemaId);
  putHostTraffic(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeHostTraffic(value: Uint8Array): HostTraffic {
  objectReader.begin(value);
  const result = takeHostTraffic(objectReader);
  objectReader.finish();
  return result;
}

/** HostTraffic with its code, as a topic holds it. */
export const HOST_TRAFFIC: RecordType<HostTraffic> = { name: 'netweaver.traffic.HostTraffic', schema: HOST_TRAFFIC_SCHEMA, encode: encodeHostTraffic, decode: decodeHostTraffic };

/** Most bytes that one HostTrafficRow takes. */
export const HOST_TRAFFIC_ROW_MAX_BYTES = 65;

/** Rows of HostTrafficRow as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class HostTrafficRowColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Address of the host. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  addr: Uint8Array = new Uint8Array(0);
  /** The same memory as `addr`: 4 little-endian words a row. */
  addrWords: Int32Array = new Int32Array(0);
  /** IP bytes that it sent, scaled by the sampling rate; unit: bytes. */
  bytesOut: Float64Array = new Float64Array(0);
  /** Packets that it sent, scaled; unit: packets. */
  packetsOut: Float64Array = new Float64Array(0);
  /** Flow records with it as the source; unit: flows. */
  flowsOut: Float64Array = new Float64Array(0);
  /** IP bytes sent to it, scaled; unit: bytes. */
  bytesIn: Float64Array = new Float64Array(0);
  /** Packets sent to it, scaled; unit: packets. */
  packetsIn: Float64Array = new Float64Array(0);
  /** Flow records with it as the destination; unit: flows. */
  flowsIn: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.addr = grown(this.addr, capacity * 16);
    this.addrWords = new Int32Array(this.addr.buffer);
    this.bytesOut = grown(this.bytesOut, capacity);
    this.packetsOut = grown(this.packetsOut, capacity);
    this.flowsOut = grown(this.flowsOut, capacity);
    this.bytesIn = grown(this.bytesIn, capacity);
    this.packetsIn = grown(this.packetsIn, capacity);
    this.flowsIn = grown(this.flowsIn, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): HostTrafficRow {
    return {
      addr: formatIpRow(this.addr, row * 16),
      bytesOut: this.bytesOut[row],
      packetsOut: this.packetsOut[row],
      flowsOut: this.flowsOut[row],
      bytesIn: this.bytesIn[row],
      packetsIn: this.packetsIn[row],
      flowsIn: this.flowsIn[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(7); count > 0; count = reader.block(7)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, addrWords: addrColumn, bytesOut: bytesOutColumn, packetsOut: packetsOutColumn, flowsOut: flowsOutColumn, bytesIn: bytesInColumn, packetsIn: packetsInColumn, flowsIn: flowsInColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        addrColumn[w] = 0;
        addrColumn[w + 1] = 0;
        addrColumn[w + 2] = IPV4_MAPPED_WORD;
        addrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        addrColumn[w] = 0;
        addrColumn[w + 1] = 0;
        addrColumn[w + 2] = 0;
        addrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) addrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('addr is no address.');
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('bytesOut is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) bytesOutColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        bytesOutColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('packetsOut is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) packetsOutColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        packetsOutColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('flowsOut is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) flowsOutColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        flowsOutColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('bytesIn is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) bytesInColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        bytesInColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('packetsIn is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) packetsInColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        packetsInColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('flowsIn is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) flowsInColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        flowsInColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      if (p > end) throw malformed('The bytes end within HostTrafficRow.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where HOST_TRAFFIC_ROW_MAX_BYTES bytes must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeHostTrafficRow(target: Uint8Array, position: number, columns: HostTrafficRowColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeIpRow(target, p, columns.addrWords, row << 2);
  x = columns.bytesOut[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.packetsOut[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.flowsOut[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.bytesIn[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.packetsIn[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.flowsIn[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  return p;
}

/** HostTraffic with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class HostTrafficColumns {
  /** Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end. */
  windowStart = 0;
  /** Length of the window; unit: milliseconds. */
  windowMs = 0;
  /** Partition of flows.unique that this partial sum was made from; sum over it for the whole; no unit. */
  sourcePartition = 0;
  /** One row a host. */
  readonly rows = new HostTrafficRowColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 65;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.windowStart = reader.long();
      this.windowMs = reader.long();
      this.sourcePartition = reader.int();
      this.rows.decode(reader);
      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
    this.rows.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeHostTrafficColumns(columns: HostTrafficColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.long(columns.windowStart);
  writer.long(columns.windowMs);
  writer.int(columns.sourcePartition);
  if (columns.rows.length > 0) writer.long(columns.rows.length);
  for (let row = 0; row < columns.rows.length; row++) {
    writer.reserve(HOST_TRAFFIC_ROW_MAX_BYTES);
    writer.position = writeHostTrafficRow(writer.bytes, writer.position, columns.rows, row);
  }
  writer.long(0);
  return writer.finish();
}
