// Made from traffic/traffic-forecast.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeLong, writeDouble } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** The window that ends so long after `time`. */
export interface ForecastHorizon {
  /** From `time` to the end of the window that is forecast; unit: milliseconds. */
  horizonMs: number;
  /** Expected mean of that window; unit: bits per second. */
  bitsPerSecond: number;
  /** 5 % quantile; unit: bits per second. */
  p05: number;
  /** 10 % quantile; unit: bits per second. */
  p10: number;
  /** 50 % quantile; unit: bits per second. */
  p50: number;
  /** 90 % quantile; unit: bits per second. */
  p90: number;
  /** 95 % quantile; unit: bits per second. */
  p95: number;
}

/** What a subject is expected to carry, at several horizons, with quantiles. */
export interface TrafficForecast {
  /** The subject, as in traffic.features; no unit. */
  subject: string;
  /** What the subject is: 'host', 'interface' or 'link'; no unit. */
  kind: string;
  /** End of the last window that the forecast knows, in milliseconds since the epoch. */
  time: number;
  /** Length of the windows that it was made from; unit: milliseconds. */
  windowMs: number;
  /** Name of the model; no unit. */
  model: string;
  /** SHA-256 of the model's file, hexadecimal; no unit. */
  modelHash: string;
  /** Windows missing among those that it was made from; no unit. */
  gaps: number;
  /** One row a horizon, the nearest first. */
  horizons: ForecastHorizon[];
}

/** The schema's text, as it is registered. */
export const TRAFFIC_FORECAST_SCHEMA =
  '{"type":"record","name":"TrafficForecast","namespace":"netweaver.traffic","doc":"What a subject is expected to carry, at several horizons, with quantiles.","fields":[{"name":"subject","type":"string","doc":"The subject, as in traffic.features; no unit."},{"name":"kind","type":"string","doc":"What the subject is: \'host\', \'interface\' or \'link\'; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the last window that the forecast knows, in milliseconds since the epoch."},{"name":"windowMs","type":"long","doc":"Length of the windows that it was made from; unit: milliseconds."},{"name":"model","type":"string","doc":"Name of the model; no unit."},{"name":"modelHash","type":"string","doc":"SHA-256 of the model\'s file, hexadecimal; no unit."},{"name":"gaps","type":"int","doc":"Windows missing among those that it was made from; no unit.","default":0},{"name":"horizons","type":{"type":"array","items":{"type":"record","name":"ForecastHorizon","doc":"The window that ends so long after `time`.","fields":[{"name":"horizonMs","type":"long","doc":"From `time` to the end of the window that is forecast; unit: milliseconds."},{"name":"bitsPerSecond","type":"double","doc":"Expected mean of that window; unit: bits per second."},{"name":"p05","type":"double","doc":"5 % quantile; unit: bits per second."},{"name":"p10","type":"double","doc":"10 % quantile; unit: bits per second."},{"name":"p50","type":"double","doc":"50 % quantile; unit: bits per second."},{"name":"p90","type":"double","doc":"90 % quantile; unit: bits per second."},{"name":"p95","type":"double","doc":"95 % quantile; unit: bits per second."}]}},"doc":"One row a horizon, the nearest first."}]}';

function putForecastHorizon(value: ForecastHorizon): void {
  writer.long(value.horizonMs);
  writer.double(value.bitsPerSecond);
  writer.double(value.p05);
  writer.double(value.p10);
  writer.double(value.p50);
  writer.double(value.p90);
  writer.double(value.p95);
}

function putTrafficForecast(value: TrafficForecast): void {
  writer.string(value.subject);
  writer.string(value.kind);
  writer.long(value.time);
  writer.long(value.windowMs);
  writer.string(value.model);
  writer.string(value.modelHash);
  writer.int(value.gaps);
  if (value.horizons.length > 0) writer.long(value.horizons.length);
  for (const row of value.horizons) putForecastHorizon(row);
  writer.long(0);
}

const takeForecastHorizon = (reader: AvroReader): ForecastHorizon => ({
    horizonMs: reader.long(),
    bitsPerSecond: reader.double(),
    p05: reader.double(),
    p10: reader.double(),
    p50: reader.double(),
    p90: reader.double(),
    p95: reader.double(),
});

const takeTrafficForecast = (reader: AvroReader): TrafficForecast => ({
    subject: reader.string(),
    kind: reader.string(),
    time: reader.long(),
    windowMs: reader.long(),
    model: reader.string(),
    modelHash: reader.string(),
    gaps: reader.int(),
    horizons: takeRows(reader, 49, takeForecastHorizon),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeTrafficForecast(value: TrafficForecast, schemaId: number): Buffer {
  writer.begin(schemaId);
  putTrafficForecast(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeTrafficForecast(value: Uint8Array): TrafficForecast {
  objectReader.begin(value);
  const result = takeTrafficForecast(objectReader);
  objectReader.finish();
  return result;
}

/** TrafficForecast with its code, as a topic holds it. */
export const TRAFFIC_FORECAST: RecordType<TrafficForecast> = { name: 'netweaver.traffic.TrafficForecast', schema: TRAFFIC_FORECAST_SCHEMA, encode: encodeTrafficForecast, decode: decodeTrafficForecast };

/** Most bytes that one ForecastHorizon takes. */
export const FORECAST_HORIZON_MAX_BYTES = 56;

/** Rows of ForecastHorizon as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class ForecastHorizonColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** From `time` to the end of the window that is forecast; unit: milliseconds. */
  horizonMs: Float64Array = new Float64Array(0);
  /** Expected mean of that window; unit: bits per second. */
  bitsPerSecond: Float64Array = new Float64Array(0);
  /** 5 % quantile; unit: bits per second. */
  p05: Float64Array = new Float64Array(0);
  /** 10 % quantile; unit: bits per second. */
  p10: Float64Array = new Float64Array(0);
  /** 50 % quantile; unit: bits per second. */
  p50: Float64Array = new Float64Array(0);
  /** 90 % quantile; unit: bits per second. */
  p90: Float64Array = new Float64Array(0);
  /** 95 % quantile; unit: bits per second. */
  p95: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.horizonMs = grown(this.horizonMs, capacity);
    this.bitsPerSecond = grown(this.bitsPerSecond, capacity);
    this.p05 = grown(this.p05, capacity);
    this.p10 = grown(this.p10, capacity);
    this.p50 = grown(this.p50, capacity);
    this.p90 = grown(this.p90, capacity);
    this.p95 = grown(this.p95, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): ForecastHorizon {
    return {
      horizonMs: this.horizonMs[row],
      bitsPerSecond: this.bitsPerSecond[row],
      p05: this.p05[row],
      p10: this.p10[row],
      p50: this.p50[row],
      p90: this.p90[row],
      p95: this.p95[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(49); count > 0; count = reader.block(49)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, horizonMs: horizonMsColumn, bitsPerSecond: bitsPerSecondColumn, p05: p05Column, p10: p10Column, p50: p50Column, p90: p90Column, p95: p95Column } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0;
    for (let i = first, last = first + count; i < last; i++) {
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
          if (b > 31) throw malformed('horizonMs is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) horizonMsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        horizonMsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      bitsPerSecondColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      p05Column[i] = reader.view.getFloat64(p, true);
      p += 8;
      p10Column[i] = reader.view.getFloat64(p, true);
      p += 8;
      p50Column[i] = reader.view.getFloat64(p, true);
      p += 8;
      p90Column[i] = reader.view.getFloat64(p, true);
      p += 8;
      p95Column[i] = reader.view.getFloat64(p, true);
      p += 8;
      if (p > end) throw malformed('The bytes end within ForecastHorizon.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where FORECAST_HORIZON_MAX_BYTES bytes must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeForecastHorizon(target: Buffer, position: number, columns: ForecastHorizonColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  x = columns.horizonMs[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  p = writeDouble(target, p, columns.bitsPerSecond[row]);
  p = writeDouble(target, p, columns.p05[row]);
  p = writeDouble(target, p, columns.p10[row]);
  p = writeDouble(target, p, columns.p50[row]);
  p = writeDouble(target, p, columns.p90[row]);
  p = writeDouble(target, p, columns.p95[row]);
  return p;
}

/** TrafficForecast with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class TrafficForecastColumns {
  /** The subject, as in traffic.features; no unit. */
  subject = '';
  /** What the subject is: 'host', 'interface' or 'link'; no unit. */
  kind = '';
  /** End of the last window that the forecast knows, in milliseconds since the epoch. */
  time = 0;
  /** Length of the windows that it was made from; unit: milliseconds. */
  windowMs = 0;
  /** Name of the model; no unit. */
  model = '';
  /** SHA-256 of the model's file, hexadecimal; no unit. */
  modelHash = '';
  /** Windows missing among those that it was made from; no unit. */
  gaps = 0;
  /** One row a horizon, the nearest first. */
  readonly horizons = new ForecastHorizonColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 56;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.subject = reader.string();
      this.kind = reader.string();
      this.time = reader.long();
      this.windowMs = reader.long();
      this.model = reader.string();
      this.modelHash = reader.string();
      this.gaps = reader.int();
      this.horizons.decode(reader);
      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
    this.horizons.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeTrafficForecastColumns(columns: TrafficForecastColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.string(columns.subject);
  writer.string(columns.kind);
  writer.long(columns.time);
  writer.long(columns.windowMs);
  writer.string(columns.model);
  writer.string(columns.modelHash);
  writer.int(columns.gaps);
  if (columns.horizons.length > 0) writer.long(columns.horizons.length);
  for (let row = 0; row < columns.horizons.length; row++) {
    writer.reserve(FORECAST_HORIZON_MAX_BYTES);
    writer.position = writeForecastHorizon(writer.bytes, writer.position, columns.horizons, row);
  }
  writer.long(0);
  return writer.finish();
}
