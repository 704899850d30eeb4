// Made from metrics/link-metrics.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** A measurement of one link at one time. */
export interface LinkMetrics {
  /** Name of the link; no unit. */
  link: string;
  /** When it was measured, in milliseconds since the epoch. */
  time: number;
  /** Round trip; unit: milliseconds. */
  latencyMs: number | null;
  /** Variation of the round trip; unit: milliseconds. */
  jitterMs: number | null;
  /** Packets lost, 0 to 1; no unit. */
  lossRatio: number | null;
  /** Load over capacity, 0 to 1; no unit. */
  utilisationRatio: number | null;
}

/** The schema's text, as it is registered. */
export const LINK_METRICS_SCHEMA =
  '{"type":"record","name":"LinkMetrics","namespace":"netweaver.metrics","doc":"A measurement of one link at one time.","fields":[{"name":"link","type":"string","doc":"Name of the link; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was measured, in milliseconds since the epoch."},{"name":"latencyMs","type":["null","double"],"doc":"Round trip; unit: milliseconds.","default":null},{"name":"jitterMs","type":["null","double"],"doc":"Variation of the round trip; unit: milliseconds.","default":null},{"name":"lossRatio","type":["null","double"],"doc":"Packets lost, 0 to 1; no unit.","default":null},{"name":"utilisationRatio","type":["null","double"],"doc":"Load over capacity, 0 to 1; no unit.","default":null}]}';

function putLinkMetrics(value: LinkMetrics): void {
  writer.string(value.link);
  writer.long(value.time);
  writer.long(value.latencyMs === null ? 0 : 1);
  if (value.latencyMs !== null) writer.double(value.latencyMs);
  writer.long(value.jitterMs === null ? 0 : 1);
  if (value.jitterMs !== null) writer.double(value.jitterMs);
  writer.long(value.lossRatio === null ? 0 : 1);
  if (value.lossRatio !== null) writer.double(value.lossRatio);
  writer.long(value.utilisationRatio === null ? 0 : 1);
  if (value.utilisationRatio !== null) writer.double(value.utilisationRatio);
}

const takeLinkMetrics = (reader: AvroReader): LinkMetrics => ({
    link: reader.string(),
    time: reader.long(),
    latencyMs: reader.index(2) === 0 ? null : reader.double(),
    jitterMs: reader.index(2) === 0 ? null : reader.double(),
    lossRatio: reader.index(2) === 0 ? null : reader.double(),
    utilisationRatio: reader.index(2) === 0 ? null : reader.double(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeLinkMetrics(value: LinkMetrics, schemaId: number): Buffer {
  writer.begin(schemaId);
  putLinkMetrics(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeLinkMetrics(value: Uint8Array): LinkMetrics {
  objectReader.begin(value);
  const result = takeLinkMetrics(objectReader);
  objectReader.finish();
  return result;
}

/** LinkMetrics with its code, as a topic holds it. */
export const LINK_METRICS: RecordType<LinkMetrics> = { name: 'netweaver.metrics.LinkMetrics', schema: LINK_METRICS_SCHEMA, encode: encodeLinkMetrics, decode: decodeLinkMetrics };
