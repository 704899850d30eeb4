// Made from traffic/prefix-traffic.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeIpRow, writeLong } from '../avro';
import type { RecordType } from '../avro';
import { formatIpRow, IPV4_MAPPED_WORD } from '../ip';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** One pair of prefixes. */
export interface PrefixTrafficRow {
  /** Source network: the address cut to srcMask (where the exporter gives no mask, to the configured length). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  srcPrefix: string;
  /** Length of the source prefix; unit: bits. */
  srcMask: number;
  /** Destination network, likewise. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  dstPrefix: string;
  /** Length of the destination prefix; unit: bits. */
  dstMask: number;
  /** Source autonomous system; 0 not known; no unit. */
  srcAs: number;
  /** Destination autonomous system; 0 not known; no unit. */
  dstAs: number;
  /** IP bytes scaled by the sampling rate; unit: bytes. */
  bytes: number;
  /** Packets scaled by the sampling rate; unit: packets. */
  packets: number;
  /** Flow records; unit: flows. */
  flows: number;
}

/** What passed between prefixes and autonomous systems in a window: partial sums of one partition, mergeable by addition. */
export interface PrefixTraffic {
  /** Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end. */
  windowStart: number;
  /** Length of the window; unit: milliseconds. */
  windowMs: number;
  /** Partition of flows.unique that this partial sum was made from; sum over it for the whole; no unit. */
  sourcePartition: number;
  /** One row a pair. */
  rows: PrefixTrafficRow[];
}

/** The schema's text, as it is registered. */
export const PREFIX_TRAFFIC_SCHEMA =
  '{"type":"record","name":"PrefixTraffic","namespace":"netweaver.traffic","doc":"What passed between prefixes and autonomous systems in a window: partial sums of one partition, mergeable by addition.","fields":[{"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end."},{"name":"windowMs","type":"long","doc":"Length of the window; unit: milliseconds."},{"name":"sourcePartition","type":"int","doc":"Partition of flows.unique that this partial sum was made from; sum over it for the whole; no unit."},{"name":"rows","type":{"type":"array","items":{"type":"record","name":"PrefixTrafficRow","doc":"One pair of prefixes.","fields":[{"name":"srcPrefix","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Source network: the address cut to srcMask (where the exporter gives no mask, to the configured length). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"srcMask","type":"int","doc":"Length of the source prefix; unit: bits."},{"name":"dstPrefix","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Destination network, likewise. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"dstMask","type":"int","doc":"Length of the destination prefix; unit: bits."},{"name":"srcAs","type":"long","doc":"Source autonomous system; 0 not known; no unit."},{"name":"dstAs","type":"long","doc":"Destination autonomous system; 0 not known; no unit."},{"name":"bytes","type":"long","doc":"IP bytes scaled by the sampling rate; unit: bytes."},{"name":"packets","type":"long","doc":"Packets scaled by the sampling rate; unit: packets."},{"name":"flows","type":"long","doc":"Flow records; unit: flows."}]}},"doc":"One row a pair."}]}';

function putPrefixTrafficRow(value: PrefixTrafficRow): void {
  writer.ip(value.srcPrefix);
  writer.int(value.srcMask);
  writer.ip(value.dstPrefix);
  writer.int(value.dstMask);
  writer.long(value.srcAs);
  writer.long(value.dstAs);
  writer.long(value.bytes);
  writer.long(value.packets);
  writer.long(value.flows);
}

function putPrefixTraffic(value: PrefixTraffic): void {
  writer.long(value.windowStart);
  writer.long(value.windowMs);
  writer.int(value.sourcePartition);
  if (value.rows.length > 0) writer.long(value.rows.length);
  for (const row of value.rows) putPrefixTrafficRow(row);
  writer.long(0);
}

const takePrefixTrafficRow = (reader: AvroReader): PrefixTrafficRow => ({
    srcPrefix: reader.ip(),
    srcMask: reader.int(),
    dstPrefix: reader.ip(),
    dstMask: reader.int(),
    srcAs: reader.long(),
    dstAs: reader.long(),
    bytes: reader.long(),
    packets: reader.long(),
    flows: reader.long(),
});

const takePrefixTraffic = (reader: AvroReader): PrefixTraffic => ({
    windowStart: reader.long(),
    windowMs: reader.long(),
    sourcePartition: reader.int(),
    rows: takeRows(reader, 9, takePrefixTrafficRow),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodePrefixTraffic(value: PrefixTraffic, schemaId: number): Buffer {
  writer.begin(schemaId);
  putPrefixTraffic(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodePrefixTraffic(value: Uint8Array): PrefixTraffic {
  objectReader.begin(value);
  const result = takePrefixTraffic(objectReader);
  objectReader.finish();
  return result;
}

/** PrefixTraffic with its code, as a topic holds it. */
export const PREFIX_TRAFFIC: RecordType<PrefixTraffic> = { name: 'netweaver.traffic.PrefixTraffic', schema: PREFIX_TRAFFIC_SCHEMA, encode: encodePrefixTraffic, decode: decodePrefixTraffic };

/** Most bytes that one PrefixTrafficRow takes. */
export const PREFIX_TRAFFIC_ROW_MAX_BYTES = 84;

/** Rows of PrefixTrafficRow as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class PrefixTrafficRowColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Source network: the address cut to srcMask (where the exporter gives no mask, to the configured length). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  srcPrefix: Uint8Array = new Uint8Array(0);
  /** The same memory as `srcPrefix`: 4 little-endian words a row. */
  srcPrefixWords: Int32Array = new Int32Array(0);
  /** Length of the source prefix; unit: bits. */
  srcMask: Int32Array = new Int32Array(0);
  /** Destination network, likewise. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  dstPrefix: Uint8Array = new Uint8Array(0);
  /** The same memory as `dstPrefix`: 4 little-endian words a row. */
  dstPrefixWords: Int32Array = new Int32Array(0);
  /** Length of the destination prefix; unit: bits. */
  dstMask: Int32Array = new Int32Array(0);
  /** Source autonomous system; 0 not known; no unit. */
  srcAs: Float64Array = new Float64Array(0);
  /** Destination autonomous system; 0 not known; no unit. */
  dstAs: Float64Array = new Float64Array(0);
  /** IP bytes scaled by the sampling rate; unit: bytes. */
  bytes: Float64Array = new Float64Array(0);
  /** Packets scaled by the sampling rate; unit: packets. */
  packets: Float64Array = new Float64Array(0);
  /** Flow records; unit: flows. */
  flows: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.srcPrefix = grown(this.srcPrefix, capacity * 16);
    this.srcPrefixWords = new Int32Array(this.srcPrefix.buffer);
    this.srcMask = grown(this.srcMask, capacity);
    this.dstPrefix = grown(this.dstPrefix, capacity * 16);
    this.dstPrefixWords = new Int32Array(this.dstPrefix.buffer);
    this.dstMask = grown(this.dstMask, capacity);
    this.srcAs = grown(this.srcAs, capacity);
    this.dstAs = grown(this.dstAs, capacity);
    this.bytes = grown(this.bytes, capacity);
    this.packets = grown(this.packets, capacity);
    this.flows = grown(this.flows, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): PrefixTrafficRow {
    return {
      srcPrefix: formatIpRow(this.srcPrefix, row * 16),
      srcMask: this.srcMask[row],
      dstPrefix: formatIpRow(this.dstPrefix, row * 16),
      dstMask: this.dstMask[row],
      srcAs: this.srcAs[row],
      dstAs: this.dstAs[row],
      bytes: this.bytes[row],
      packets: this.packets[row],
      flows: this.flows[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(9); count > 0; count = reader.block(9)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, srcPrefixWords: srcPrefixColumn, srcMask: srcMaskColumn, dstPrefixWords: dstPrefixColumn, dstMask: dstMaskColumn, srcAs: srcAsColumn, dstAs: dstAsColumn, bytes: bytesColumn, packets: packetsColumn, flows: flowsColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        srcPrefixColumn[w] = 0;
        srcPrefixColumn[w + 1] = 0;
        srcPrefixColumn[w + 2] = IPV4_MAPPED_WORD;
        srcPrefixColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        srcPrefixColumn[w] = 0;
        srcPrefixColumn[w + 1] = 0;
        srcPrefixColumn[w + 2] = 0;
        srcPrefixColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) srcPrefixColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('srcPrefix is no address.');
      b = bytes[p++];
      v = b & 127;
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
          if (b > 15) throw malformed('srcMask is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      srcMaskColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        dstPrefixColumn[w] = 0;
        dstPrefixColumn[w + 1] = 0;
        dstPrefixColumn[w + 2] = IPV4_MAPPED_WORD;
        dstPrefixColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        dstPrefixColumn[w] = 0;
        dstPrefixColumn[w + 1] = 0;
        dstPrefixColumn[w + 2] = 0;
        dstPrefixColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) dstPrefixColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('dstPrefix is no address.');
      b = bytes[p++];
      v = b & 127;
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
          if (b > 15) throw malformed('dstMask is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      dstMaskColumn[i] = (v >>> 1) ^ -(v & 1);
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
          if (b > 31) throw malformed('srcAs is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) srcAsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        srcAsColumn[i] = (v & 1) === 1 ? -1 - x : x;
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
          if (b > 31) throw malformed('dstAs is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) dstAsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        dstAsColumn[i] = (v & 1) === 1 ? -1 - x : x;
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
          if (b > 31) throw malformed('bytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) bytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        bytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
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
          if (b > 31) throw malformed('packets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) packetsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        packetsColumn[i] = (v & 1) === 1 ? -1 - x : x;
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
          if (b > 31) throw malformed('flows is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) flowsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        flowsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      if (p > end) throw malformed('The bytes end within PrefixTrafficRow.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where PREFIX_TRAFFIC_ROW_MAX_BYTES bytes must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writePrefixTrafficRow(target: Uint8Array, position: number, columns: PrefixTrafficRowColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeIpRow(target, p, columns.srcPrefixWords, row << 2);
  v = columns.srcMask[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  p = writeIpRow(target, p, columns.dstPrefixWords, row << 2);
  v = columns.dstMask[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  x = columns.srcAs[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.dstAs[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.bytes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.packets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.flows[row];
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

/** PrefixTraffic with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class PrefixTrafficColumns {
  /** Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end. */
  windowStart = 0;
  /** Length of the window; unit: milliseconds. */
  windowMs = 0;
  /** Partition of flows.unique that this partial sum was made from; sum over it for the whole; no unit. */
  sourcePartition = 0;
  /** One row a pair. */
  readonly rows = new PrefixTrafficRowColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 84;
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
export function encodePrefixTrafficColumns(columns: PrefixTrafficColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.long(columns.windowStart);
  writer.long(columns.windowMs);
  writer.int(columns.sourcePartition);
  if (columns.rows.length > 0) writer.long(columns.rows.length);
  for (let row = 0; row < columns.rows.length; row++) {
    writer.reserve(PREFIX_TRAFFIC_ROW_MAX_BYTES);
    writer.position = writePrefixTrafficRow(writer.bytes, writer.position, columns.rows, row);
  }
  writer.long(0);
  return writer.finish();
}
