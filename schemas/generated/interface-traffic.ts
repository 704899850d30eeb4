// Made from traffic/interface-traffic.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeIpRow, writeLong } from '../avro';
import type { RecordType } from '../avro';
import { formatIpRow, IPV4_MAPPED_WORD } from '../ip';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** One interface and direction. */
export interface InterfaceTrafficRow {
  /** Address of the device. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  exporter: string;
  /** SNMP index of the interface; no unit. */
  ifIndex: number;
  /** 0 into the device, 1 out of it; no unit. */
  direction: number;
  /** IP bytes scaled by the sampling rate; unit: bytes. */
  bytes: number;
  /** Packets scaled by the sampling rate; unit: packets. */
  packets: number;
  /** Flow records; unit: flows. */
  flows: number;
}

/** What passed interfaces in a window: partial sums of one partition, mergeable by addition. */
export interface InterfaceTraffic {
  /** Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end. */
  windowStart: number;
  /** Length of the window; unit: milliseconds. */
  windowMs: number;
  /** Partition of flows.unique that this partial sum was made from; sum over it for the whole; no unit. */
  sourcePartition: number;
  /** One row an interface and direction. */
  rows: InterfaceTrafficRow[];
}

/** The schema's text, as it is registered. */
export const INTERFACE_TRAFFIC_SCHEMA =
  '{"type":"record","name":"InterfaceTraffic","namespace":"netweaver.traffic","doc":"What passed interfaces in a window: partial sums of one partition, mergeable by addition.","fields":[{"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end."},{"name":"windowMs","type":"long","doc":"Length of the window; unit: milliseconds."},{"name":"sourcePartition","type":"int","doc":"Partition of flows.unique that this partial sum was made from; sum over it for the whole; no unit."},{"name":"rows","type":{"type":"array","items":{"type":"record","name":"InterfaceTrafficRow","doc":"One interface and direction.","fields":[{"name":"exporter","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the device. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"ifIndex","type":"long","doc":"SNMP index of the interface; no unit."},{"name":"direction","type":"int","doc":"0 into the device, 1 out of it; no unit."},{"name":"bytes","type":"long","doc":"IP bytes scaled by the sampling rate; unit: bytes."},{"name":"packets","type":"long","doc":"Packets scaled by the sampling rate; unit: packets."},{"name":"flows","type":"long","doc":"Flow records; unit: flows."}]}},"doc":"One row an interface and direction."}]}';

function putInterfaceTrafficRow(value: InterfaceTrafficRow): void {
  writer.ip(value.exporter);
  writer.long(value.ifIndex);
  writer.int(value.direction);
  writer.long(value.bytes);
  writer.long(value.packets);
  writer.long(value.flows);
}

function putInterfaceTraffic(value: InterfaceTraffic): void {
  writer.long(value.windowStart);
  writer.long(value.windowMs);
  writer.int(value.sourcePartition);
  if (value.rows.length > 0) writer.long(value.rows.length);
  for (const row of value.rows) putInterfaceTrafficRow(row);
  writer.long(0);
}

const takeInterfaceTrafficRow = (reader: AvroReader): InterfaceTrafficRow => ({
    exporter: reader.ip(),
    ifIndex: reader.long(),
    direction: reader.int(),
    bytes: reader.long(),
    packets: reader.long(),
    flows: reader.long(),
});

const takeInterfaceTraffic = (reader: AvroReader): InterfaceTraffic => ({
    windowStart: reader.long(),
    windowMs: reader.long(),
    sourcePartition: reader.int(),
    rows: takeRows(reader, 6, takeInterfaceTrafficRow),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeInterfaceTraffic(value: InterfaceTraffic, schemaId: number): Buffer {
  writer.begin(schemaId);
  putInterfaceTraffic(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeInterfaceTraffic(value: Uint8Array): InterfaceTraffic {
  objectReader.begin(value);
  const result = takeInterfaceTraffic(objectReader);
  objectReader.finish();
  return result;
}

/** InterfaceTraffic with its code, as a topic holds it. */
export const INTERFACE_TRAFFIC: RecordType<InterfaceTraffic> = { name: 'netweaver.traffic.InterfaceTraffic', schema: INTERFACE_TRAFFIC_SCHEMA, encode: encodeInterfaceTraffic, decode: decodeInterfaceTraffic };

/** Most bytes that one InterfaceTrafficRow takes. */
export const INTERFACE_TRAFFIC_ROW_MAX_BYTES = 54;

/** Rows of InterfaceTrafficRow as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class InterfaceTrafficRowColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Address of the device. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  exporter: Uint8Array = new Uint8Array(0);
  /** The same memory as `exporter`: 4 little-endian words a row. */
  exporterWords: Int32Array = new Int32Array(0);
  /** SNMP index of the interface; no unit. */
  ifIndex: Float64Array = new Float64Array(0);
  /** 0 into the device, 1 out of it; no unit. */
  direction: Int32Array = new Int32Array(0);
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
    this.exporter = grown(this.exporter, capacity * 16);
    this.exporterWords = new Int32Array(this.exporter.buffer);
    this.ifIndex = grown(this.ifIndex, capacity);
    this.direction = grown(this.direction, capacity);
    this.bytes = grown(this.bytes, capacity);
    this.packets = grown(this.packets, capacity);
    this.flows = grown(this.flows, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): InterfaceTrafficRow {
    return {
      exporter: formatIpRow(this.exporter, row * 16),
      ifIndex: this.ifIndex[row],
      direction: this.direction[row],
      bytes: this.bytes[row],
      packets: this.packets[row],
      flows: this.flows[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(6); count > 0; count = reader.block(6)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, exporterWords: exporterColumn, ifIndex: ifIndexColumn, direction: directionColumn, bytes: bytesColumn, packets: packetsColumn, flows: flowsColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        exporterColumn[w] = 0;
        exporterColumn[w + 1] = 0;
        exporterColumn[w + 2] = IPV4_MAPPED_WORD;
        exporterColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        exporterColumn[w] = 0;
        exporterColumn[w + 1] = 0;
        exporterColumn[w + 2] = 0;
        exporterColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) exporterColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('exporter is no address.');
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
          if (b > 31) throw malformed('ifIndex is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) ifIndexColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        ifIndexColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
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
          if (b > 15) throw malformed('direction is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      directionColumn[i] = (v >>> 1) ^ -(v & 1);
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
      if (p > end) throw malformed('The bytes end within InterfaceTrafficRow.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where INTERFACE_TRAFFIC_ROW_MAX_BYTES bytes must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeInterfaceTrafficRow(target: Uint8Array, position: number, columns: InterfaceTrafficRowColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeIpRow(target, p, columns.exporterWords, row << 2);
  x = columns.ifIndex[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  v = columns.direction[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
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

/** InterfaceTraffic with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class InterfaceTrafficColumns {
  /** Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end. */
  windowStart = 0;
  /** Length of the window; unit: milliseconds. */
  windowMs = 0;
  /** Partition of flows.unique that this partial sum was made from; sum over it for the whole; no unit. */
  sourcePartition = 0;
  /** One row an interface and direction. */
  readonly rows = new InterfaceTrafficRowColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 54;
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
export function encodeInterfaceTrafficColumns(columns: InterfaceTrafficColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.long(columns.windowStart);
  writer.long(columns.windowMs);
  writer.int(columns.sourcePartition);
  if (columns.rows.length > 0) writer.long(columns.rows.length);
  for (let row = 0; row < columns.rows.length; row++) {
    writer.reserve(INTERFACE_TRAFFIC_ROW_MAX_BYTES);
    writer.position = writeInterfaceTrafficRow(writer.bytes, writer.position, columns.rows, row);
  }
  writer.long(0);
  return writer.finish();
}
