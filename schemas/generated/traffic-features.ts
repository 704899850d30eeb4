// Made from traffic/traffic-features.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeDouble, writeString } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** One subject. */
export interface TrafficFeaturesRow {
  /** The subject: the address of a host; `<device>/<ifIndex>/in` or `/out`; `<link>/ahead` or `/back`; no unit. */
  subject: string;
  /** IP bytes, scaled by the sampling rate; of a host: received; unit: bytes. */
  bytes: number;
  /** Packets, scaled; of a host: received; unit: packets. */
  packets: number;
  /** Flow records; not a number where not known; unit: flows. */
  flows: number;
  /** Of a host: IP bytes that it sent, scaled; else 0; unit: bytes. */
  bytesOut: number;
  /** Of a host: packets that it sent, scaled; else 0; unit: packets. */
  packetsOut: number;
  /** Mean duration of the flows; not a number where not known; unit: milliseconds. */
  meanDurationMs: number;
  /** TCP's share of the packets, 0 to 1; not a number where not known; no unit. */
  tcpShare: number;
  /** UDP's share of the packets, 0 to 1; not a number where not known; no unit. */
  udpShare: number;
  /** ICMP's and ICMPv6's share of the packets, 0 to 1; not a number where not known; no unit. */
  icmpShare: number;
  /** Time of the window's start within its day, UTC, 0 to 1; no unit. */
  dayFraction: number;
  /** Time of the window's start within its week, from Monday 0 h UTC, 0 to 1; no unit. */
  weekFraction: number;
  /** Exponential moving average of the bytes of windows of this length, this one included; unit: bytes. */
  movingAverage: number;
  /** Slope of the bytes over the latest six windows of this length, a window, relative to their mean; not a number where fewer than two are known; no unit. */
  trend: number;
  /** Estimate of how many addresses it talked with, of an interface or link: of source addresses (HyperLogLog); not a number where not known; no unit. */
  distinctPeers: number;
  /** Estimate of how many of its ports were talked to, of an interface or link: of destination ports (HyperLogLog); not a number where not known; no unit. */
  distinctPorts: number;
  /** Entropy of the source addresses by packets, 0 to 1 of the most that so many could have; not a number where not known; no unit. */
  srcEntropy: number;
  /** Entropy of the destination addresses by packets, likewise; no unit. */
  dstEntropy: number;
  /** Entropy of the destination ports by packets, likewise; no unit. */
  portEntropy: number;
  /** Windows of this subject and length missing right before this one; no unit. */
  gap: number;
}

/** What subjects of one kind did in a window: vectors of features that detectors, models and forecasts work on. */
export interface TrafficFeatures {
  /** Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end. */
  windowStart: number;
  /** Length of the window: 10 s, 1 min or 5 min; unit: milliseconds. */
  windowMs: number;
  /** What the subjects are: 'host', 'interface' or 'link'; no unit. */
  kind: string;
  /** One row a subject. */
  rows: TrafficFeaturesRow[];
}

/** The schema's text, as it is registered. */
export const TRAFFIC_FEATURES_SCHEMA =
  '{"type":"record","name":"TrafficFeatures","namespace":"netweaver.traffic","doc":"What subjects of one kind did in a window: vectors of features that detectors, models and forecasts work on.","fields":[{"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end."},{"name":"windowMs","type":"long","doc":"Length of the window: 10 s, 1 min or 5 min; unit: milliseconds."},{"name":"kind","type":"string","doc":"What the subjects are: \'host\', \'interface\' or \'link\'; no unit."},{"name":"rows","type":{"type":"array","items":{"type":"record","name":"TrafficFeaturesRow","doc":"One subject.","fields":[{"name":"subject","type":"string","doc":"The subject: the address of a host; `<device>/<ifIndex>/in` or `/out`; `<link>/ahead` or `/back`; no unit."},{"name":"bytes","type":"double","doc":"IP bytes, scaled by the sampling rate; of a host: received; unit: bytes."},{"name":"packets","type":"double","doc":"Packets, scaled; of a host: received; unit: packets."},{"name":"flows","type":"double","doc":"Flow records; not a number where not known; unit: flows."},{"name":"bytesOut","type":"double","doc":"Of a host: IP bytes that it sent, scaled; else 0; unit: bytes.","default":0},{"name":"packetsOut","type":"double","doc":"Of a host: packets that it sent, scaled; else 0; unit: packets.","default":0},{"name":"meanDurationMs","type":"double","doc":"Mean duration of the flows; not a number where not known; unit: milliseconds."},{"name":"tcpShare","type":"double","doc":"TCP\'s share of the packets, 0 to 1; not a number where not known; no unit."},{"name":"udpShare","type":"double","doc":"UDP\'s share of the packets, 0 to 1; not a number where not known; no unit."},{"name":"icmpShare","type":"double","doc":"ICMP\'s and ICMPv6\'s share of the packets, 0 to 1; not a number where not known; no unit."},{"name":"dayFraction","type":"double","doc":"Time of the window\'s start within its day, UTC, 0 to 1; no unit."},{"name":"weekFraction","type":"double","doc":"Time of the window\'s start within its week, from Monday 0 h UTC, 0 to 1; no unit."},{"name":"movingAverage","type":"double","doc":"Exponential moving average of the bytes of windows of this length, this one included; unit: bytes."},{"name":"trend","type":"double","doc":"Slope of the bytes over the latest six windows of this length, a window, relative to their mean; not a number where fewer than two are known; no unit."},{"name":"distinctPeers","type":"double","doc":"Estimate of how many addresses it talked with, of an interface or link: of source addresses (HyperLogLog); not a number where not known; no unit."},{"name":"distinctPorts","type":"double","doc":"Estimate of how many of its ports were talked to, of an interface or link: of destination ports (HyperLogLog); not a number where not known; no unit."},{"name":"srcEntropy","type":"double","doc":"Entropy of the source addresses by packets, 0 to 1 of the most that so many could have; not a number where not known; no unit."},{"name":"dstEntropy","type":"double","doc":"Entropy of the destination addresses by packets, likewise; no unit."},{"name":"portEntropy","type":"double","doc":"Entropy of the destination ports by packets, likewise; no unit."},{"name":"gap","type":"int","doc":"Windows of this subject and length missing right before this one; no unit.","default":0}]}},"doc":"One row a subject."}]}';

function putTrafficFeaturesRow(value: TrafficFeaturesRow): void {
  writer.string(value.subject);
  writer.double(value.bytes);
  writer.double(value.packets);
  writer.double(value.flows);
  writer.double(value.bytesOut);
  writer.double(value.packetsOut);
  writer.double(value.meanDurationMs);
  writer.double(value.tcpShare);
  writer.double(value.udpShare);
  writer.double(value.icmpShare);
  writer.double(value.dayFraction);
  writer.double(value.weekFraction);
  writer.double(value.movingAverage);
  writer.double(value.trend);
  writer.double(value.distinctPeers);
  writer.double(value.distinctPorts);
  writer.double(value.srcEntropy);
  writer.double(value.dstEntropy);
  writer.double(value.portEntropy);
  writer.int(value.gap);
}

function putTrafficFeatures(value: TrafficFeatures): void {
  writer.long(value.windowStart);
  writer.long(value.windowMs);
  writer.string(value.kind);
  if (value.rows.length > 0) writer.long(value.rows.length);
  for (const row of value.rows) putTrafficFeaturesRow(row);
  writer.long(0);
}

const takeTrafficFeaturesRow = (reader: AvroReader): TrafficFeaturesRow => ({
    subject: reader.string(),
    bytes: reader.double(),
    packets: reader.double(),
    flows: reader.double(),
    bytesOut: reader.double(),
    packetsOut: reader.double(),
    meanDurationMs: reader.double(),
    tcpShare: reader.double(),
    udpShare: reader.double(),
    icmpShare: reader.double(),
    dayFraction: reader.double(),
    weekFraction: reader.double(),
    movingAverage: reader.double(),
    trend: reader.double(),
    distinctPeers: reader.double(),
    distinctPorts: reader.double(),
    srcEntropy: reader.double(),
    dstEntropy: reader.double(),
    portEntropy: reader.double(),
    gap: reader.int(),
});

const takeTrafficFeatures = (reader: AvroReader): TrafficFeatures => ({
    windowStart: reader.long(),
    windowMs: reader.long(),
    kind: reader.string(),
    rows: takeRows(reader, 146, takeTrafficFeaturesRow),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeTrafficFeatures(value: TrafficFeatures, schemaId: number): Buffer {
  writer.begin(schemaId);
  putTrafficFeatures(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeTrafficFeatures(value: Uint8Array): TrafficFeatures {
  objectReader.begin(value);
  const result = takeTrafficFeatures(objectReader);
  objectReader.finish();
  return result;
}

/** TrafficFeatures with its code, as a topic holds it. */
export const TRAFFIC_FEATURES: RecordType<TrafficFeatures> = { name: 'netweaver.traffic.TrafficFeatures', schema: TRAFFIC_FEATURES_SCHEMA, encode: encodeTrafficFeatures, decode: decodeTrafficFeatures };

/** Most bytes that one TrafficFeaturesRow takes, the UTF-8 of subject left out. */
export const TRAFFIC_FEATURES_ROW_MAX_BYTES = 157;

/** Rows of TrafficFeaturesRow as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class TrafficFeaturesRowColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** The subject: the address of a host; `<device>/<ifIndex>/in` or `/out`; `<link>/ahead` or `/back`; no unit. */
  subject: string[] = [];
  /** IP bytes, scaled by the sampling rate; of a host: received; unit: bytes. */
  bytes: Float64Array = new Float64Array(0);
  /** Packets, scaled; of a host: received; unit: packets. */
  packets: Float64Array = new Float64Array(0);
  /** Flow records; not a number where not known; unit: flows. */
  flows: Float64Array = new Float64Array(0);
  /** Of a host: IP bytes that it sent, scaled; else 0; unit: bytes. */
  bytesOut: Float64Array = new Float64Array(0);
  /** Of a host: packets that it sent, scaled; else 0; unit: packets. */
  packetsOut: Float64Array = new Float64Array(0);
  /** Mean duration of the flows; not a number where not known; unit: milliseconds. */
  meanDurationMs: Float64Array = new Float64Array(0);
  /** TCP's share of the packets, 0 to 1; not a number where not known; no unit. */
  tcpShare: Float64Array = new Float64Array(0);
  /** UDP's share of the packets, 0 to 1; not a number where not known; no unit. */
  udpShare: Float64Array = new Float64Array(0);
  /** ICMP's and ICMPv6's share of the packets, 0 to 1; not a number where not known; no unit. */
  icmpShare: Float64Array = new Float64Array(0);
  /** Time of the window's start within its day, UTC, 0 to 1; no unit. */
  dayFraction: Float64Array = new Float64Array(0);
  /** Time of the window's start within its week, from Monday 0 h UTC, 0 to 1; no unit. */
  weekFraction: Float64Array = new Float64Array(0);
  /** Exponential moving average of the bytes of windows of this length, this one included; unit: bytes. */
  movingAverage: Float64Array = new Float64Array(0);
  /** Slope of the bytes over the latest six windows of this length, a window, relative to their mean; not a number where fewer than two are known; no unit. */
  trend: Float64Array = new Float64Array(0);
  /** Estimate of how many addresses it talked with, of an interface or link: of source addresses (HyperLogLog); not a number where not known; no unit. */
  distinctPeers: Float64Array = new Float64Array(0);
  /** Estimate of how many of its ports were talked to, of an interface or link: of destination ports (HyperLogLog); not a number where not known; no unit. */
  distinctPorts: Float64Array = new Float64Array(0);
  /** Entropy of the source addresses by packets, 0 to 1 of the most that so many could have; not a number where not known; no unit. */
  srcEntropy: Float64Array = new Float64Array(0);
  /** Entropy of the destination addresses by packets, likewise; no unit. */
  dstEntropy: Float64Array = new Float64Array(0);
  /** Entropy of the destination ports by packets, likewise; no unit. */
  portEntropy: Float64Array = new Float64Array(0);
  /** Windows of this subject and length missing right before this one; no unit. */
  gap: Int32Array = new Int32Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.bytes = grown(this.bytes, capacity);
    this.packets = grown(this.packets, capacity);
    this.flows = grown(this.flows, capacity);
    this.bytesOut = grown(this.bytesOut, capacity);
    this.packetsOut = grown(this.packetsOut, capacity);
    this.meanDurationMs = grown(this.meanDurationMs, capacity);
    this.tcpShare = grown(this.tcpShare, capacity);
    this.udpShare = grown(this.udpShare, capacity);
    this.icmpShare = grown(this.icmpShare, capacity);
    this.dayFraction = grown(this.dayFraction, capacity);
    this.weekFraction = grown(this.weekFraction, capacity);
    this.movingAverage = grown(this.movingAverage, capacity);
    this.trend = grown(this.trend, capacity);
    this.distinctPeers = grown(this.distinctPeers, capacity);
    this.distinctPorts = grown(this.distinctPorts, capacity);
    this.srcEntropy = grown(this.srcEntropy, capacity);
    this.dstEntropy = grown(this.dstEntropy, capacity);
    this.portEntropy = grown(this.portEntropy, capacity);
    this.gap = grown(this.gap, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): TrafficFeaturesRow {
    return {
      subject: this.subject[row],
      bytes: this.bytes[row],
      packets: this.packets[row],
      flows: this.flows[row],
      bytesOut: this.bytesOut[row],
      packetsOut: this.packetsOut[row],
      meanDurationMs: this.meanDurationMs[row],
      tcpShare: this.tcpShare[row],
      udpShare: this.udpShare[row],
      icmpShare: this.icmpShare[row],
      dayFraction: this.dayFraction[row],
      weekFraction: this.weekFraction[row],
      movingAverage: this.movingAverage[row],
      trend: this.trend[row],
      distinctPeers: this.distinctPeers[row],
      distinctPorts: this.distinctPorts[row],
      srcEntropy: this.srcEntropy[row],
      dstEntropy: this.dstEntropy[row],
      portEntropy: this.portEntropy[row],
      gap: this.gap[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(146); count > 0; count = reader.block(146)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, subject: subjectColumn, bytes: bytesColumn, packets: packetsColumn, flows: flowsColumn, bytesOut: bytesOutColumn, packetsOut: packetsOutColumn, meanDurationMs: meanDurationMsColumn, tcpShare: tcpShareColumn, udpShare: udpShareColumn, icmpShare: icmpShareColumn, dayFraction: dayFractionColumn, weekFraction: weekFractionColumn, movingAverage: movingAverageColumn, trend: trendColumn, distinctPeers: distinctPeersColumn, distinctPorts: distinctPortsColumn, srcEntropy: srcEntropyColumn, dstEntropy: dstEntropyColumn, portEntropy: portEntropyColumn, gap: gapColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      subjectColumn[i] = reader.string();
      p = reader.position;
      bytesColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      packetsColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      flowsColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      bytesOutColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      packetsOutColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      meanDurationMsColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      tcpShareColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      udpShareColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      icmpShareColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      dayFractionColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      weekFractionColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      movingAverageColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      trendColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      distinctPeersColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      distinctPortsColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      srcEntropyColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      dstEntropyColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      portEntropyColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
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
          if (b > 15) throw malformed('gap is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      gapColumn[i] = (v >>> 1) ^ -(v & 1);
      if (p > end) throw malformed('The bytes end within TrafficFeaturesRow.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where TRAFFIC_FEATURES_ROW_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeTrafficFeaturesRow(target: Buffer, position: number, columns: TrafficFeaturesRowColumns, row: number): number {
  let p = position;
  let v = 0;
  p = writeString(target, p, columns.subject[row]);
  p = writeDouble(target, p, columns.bytes[row]);
  p = writeDouble(target, p, columns.packets[row]);
  p = writeDouble(target, p, columns.flows[row]);
  p = writeDouble(target, p, columns.bytesOut[row]);
  p = writeDouble(target, p, columns.packetsOut[row]);
  p = writeDouble(target, p, columns.meanDurationMs[row]);
  p = writeDouble(target, p, columns.tcpShare[row]);
  p = writeDouble(target, p, columns.udpShare[row]);
  p = writeDouble(target, p, columns.icmpShare[row]);
  p = writeDouble(target, p, columns.dayFraction[row]);
  p = writeDouble(target, p, columns.weekFraction[row]);
  p = writeDouble(target, p, columns.movingAverage[row]);
  p = writeDouble(target, p, columns.trend[row]);
  p = writeDouble(target, p, columns.distinctPeers[row]);
  p = writeDouble(target, p, columns.distinctPorts[row]);
  p = writeDouble(target, p, columns.srcEntropy[row]);
  p = writeDouble(target, p, columns.dstEntropy[row]);
  p = writeDouble(target, p, columns.portEntropy[row]);
  v = columns.gap[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  return p;
}

/** TrafficFeatures with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class TrafficFeaturesColumns {
  /** Start of the window, in milliseconds since the epoch; a flow belongs to the window that holds its end. */
  windowStart = 0;
  /** Length of the window: 10 s, 1 min or 5 min; unit: milliseconds. */
  windowMs = 0;
  /** What the subjects are: 'host', 'interface' or 'link'; no unit. */
  kind = '';
  /** One row a subject. */
  readonly rows = new TrafficFeaturesRowColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 157;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.windowStart = reader.long();
      this.windowMs = reader.long();
      this.kind = reader.string();
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
export function encodeTrafficFeaturesColumns(columns: TrafficFeaturesColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.long(columns.windowStart);
  writer.long(columns.windowMs);
  writer.string(columns.kind);
  if (columns.rows.length > 0) writer.long(columns.rows.length);
  for (let row = 0; row < columns.rows.length; row++) {
    writer.reserve(TRAFFIC_FEATURES_ROW_MAX_BYTES + 3 * columns.rows.subject[row].length);
    writer.position = writeTrafficFeaturesRow(writer.bytes, writer.position, columns.rows, row);
  }
  writer.long(0);
  return writer.finish();
}
