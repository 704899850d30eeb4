// Made from traffic/capacity-forecast.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** When one direction of an interface or link will pass a share of its capacity, by the trend of its daily peaks. */
export interface CapacityForecast {
  /** `<device>/<ifIndex>/in` or `/out`; `<link>/ahead` or `/back`; no unit. */
  subject: string;
  /** What the subject is: 'interface' or 'link'; no unit. */
  kind: string;
  /** End of the last window that it knows, in milliseconds since the epoch. */
  time: number;
  /** Capacity of the direction; unit: bits per second. */
  capacity: number;
  /** What is to be passed; unit: bits per second. */
  threshold: number;
  /** Days whose peaks it was made from; unit: days. */
  days: number;
  /** Peak of the latest of them, by the windows forecast one ahead; unit: bits per second. */
  peak: number;
  /** Peak expected within 24 hours; not a number where not known; unit: bits per second. */
  peakNext: number;
  /** Growth of the daily peak (slope of Theil and Sen); unit: bits per second a day. */
  trend: number;
  /** Lower end of its 90 % confidence interval; unit: bits per second a day. */
  trendLow: number;
  /** Upper end of it; unit: bits per second a day. */
  trendHigh: number;
  /** When it may be passed at the earliest, in milliseconds since the epoch; null: not foreseen. */
  earliest: number | null;
  /** When it likely is, in milliseconds since the epoch; null: not foreseen. */
  likely: number | null;
  /** When it is at the latest, in milliseconds since the epoch; null: perhaps never. */
  latest: number | null;
}

/** The schema's text, as it is registered. */
export const CAPACITY_FORECAST_SCHEMA =
  '{"type":"record","name":"CapacityForecast","namespace":"netweaver.traffic","doc":"When one direction of an interface or link will pass a share of its capacity, by the trend of its daily peaks.","fields":[{"name":"subject","type":"string","doc":"`<device>/<ifIndex>/in` or `/out`; `<link>/ahead` or `/back`; no unit."},{"name":"kind","type":"string","doc":"What the subject is: \'interface\' or \'link\'; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the last window that it knows, in milliseconds since the epoch."},{"name":"capacity","type":"double","doc":"Capacity of the direction; unit: bits per second."},{"name":"threshold","type":"double","doc":"What is to be passed; unit: bits per second."},{"name":"days","type":"int","doc":"Days whose peaks it was made from; unit: days."},{"name":"peak","type":"double","doc":"Peak of the latest of them, by the windows forecast one ahead; unit: bits per second."},{"name":"peakNext","type":"double","doc":"Peak expected within 24 hours; not a number where not known; unit: bits per second."},{"name":"trend","type":"double","doc":"Growth of the daily peak (slope of Theil and Sen); unit: bits per second a day."},{"name":"trendLow","type":"double","doc":"Lower end of its 90 % confidence interval; unit: bits per second a day."},{"name":"trendHigh","type":"double","doc":"Upper end of it; unit: bits per second a day."},{"name":"earliest","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When it may be passed at the earliest, in milliseconds since the epoch; null: not foreseen."},{"name":"likely","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When it likely is, in milliseconds since the epoch; null: not foreseen."},{"name":"latest","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When it is at the latest, in milliseconds since the epoch; null: perhaps never."}]}';

function putCapacityForecast(value: CapacityForecast): void {
  writer.string(value.subject);
  writer.string(value.kind);
  writer.long(value.time);
  writer.double(value.capacity);
  writer.double(value.threshold);
  writer.int(value.days);
  writer.double(value.peak);
  writer.double(value.peakNext);
  writer.double(value.trend);
  writer.double(value.trendLow);
  writer.double(value.trendHigh);
  writer.long(value.earliest === null ? 0 : 1);
  if (value.earliest !== null) writer.long(value.earliest);
  writer.long(value.likely === null ? 0 : 1);
  if (value.likely !== null) writer.long(value.likely);
  writer.long(value.latest === null ? 0 : 1);
  if (value.latest !== null) writer.long(value.latest);
}

const takeCapacityForecast = (reader: AvroReader): CapacityForecast => ({
    subject: reader.string(),
    kind: reader.string(),
    time: reader.long(),
    capacity: reader.double(),
    threshold: reader.double(),
    days: reader.int(),
    peak: reader.double(),
    peakNext: reader.double(),
    trend: reader.double(),
    trendLow: reader.double(),
    trendHigh: reader.double(),
    earliest: reader.index(2) === 0 ? null : reader.long(),
    likely: reader.index(2) === 0 ? null : reader.long(),
    latest: reader.index(2) === 0 ? null : reader.long(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeCapacityForecast(value: CapacityForecast, schemaId: number): Buffer {
  writer.begin(schemaId);
  putCapacityForecast(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeCapacityForecast(value: Uint8Array): CapacityForecast {
  objectReader.begin(value);
  const result = takeCapacityForecast(objectReader);
  objectReader.finish();
  return result;
}

/** CapacityForecast with its code, as a topic holds it. */
export const CAPACITY_FORECAST: RecordType<CapacityForecast> = { name: 'netweaver.traffic.CapacityForecast', schema: CAPACITY_FORECAST_SCHEMA, encode: encodeCapacityForecast, decode: decodeCapacityForecast };
