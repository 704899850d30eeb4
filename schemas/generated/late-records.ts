// Made from system/late-records.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** Records, or rows of a batch, that came after their window had been closed. */
export interface LateRecords {
  /** Processor that found them late; no unit. */
  component: string;
  /** Topic of the record; no unit. */
  sourceTopic: string;
  /** Its partition; no unit. */
  sourcePartition: number;
  /** Its offset; no unit. */
  sourceOffset: number;
  /** Rows that were late; unit: rows. */
  rows: number;
  /** Stream time of the partition then, in milliseconds since the epoch. */
  streamTime: number;
  /** Earliest event time among them, in milliseconds since the epoch. */
  earliest: number;
  /** Latest event time among them, in milliseconds since the epoch. */
  latest: number;
  /** Their bytes, scaled; unit: bytes. */
  bytes: number;
}

/** The schema's text, as it is registered. */
export const LATE_RECORDS_SCHEMA =
  '{"type":"record","name":"LateRecords","namespace":"netweaver.system","doc":"Records, or rows of a batch, that came after their window had been closed.","fields":[{"name":"component","type":"string","doc":"Processor that found them late; no unit."},{"name":"sourceTopic","type":"string","doc":"Topic of the record; no unit."},{"name":"sourcePartition","type":"int","doc":"Its partition; no unit."},{"name":"sourceOffset","type":"long","doc":"Its offset; no unit."},{"name":"rows","type":"long","doc":"Rows that were late; unit: rows."},{"name":"streamTime","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Stream time of the partition then, in milliseconds since the epoch."},{"name":"earliest","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Earliest event time among them, in milliseconds since the epoch."},{"name":"latest","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Latest event time among them, in milliseconds since the epoch."},{"name":"bytes","type":"long","doc":"Their bytes, scaled; unit: bytes."}]}';

function putLateRecords(value: LateRecords): void {
  writer.string(value.component);
  writer.string(value.sourceTopic);
  writer.int(value.sourcePartition);
  writer.long(value.sourceOffset);
  writer.long(value.rows);
  writer.long(value.streamTime);
  writer.long(value.earliest);
  writer.long(value.latest);
  writer.long(value.bytes);
}

const takeLateRecords = (reader: AvroReader): LateRecords => ({
    component: reader.string(),
    sourceTopic: reader.string(),
    sourcePartition: reader.int(),
    sourceOffset: reader.long(),
    rows: reader.long(),
    streamTime: reader.long(),
    earliest: reader.long(),
    latest: reader.long(),
    bytes: reader.long(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeLateRecords(value: LateRecords, schemaId: number): Buffer {
  writer.begin(schemaId);
  putLateRecords(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeLateRecords(value: Uint8Array): LateRecords {
  objectReader.begin(value);
  const result = takeLateRecords(objectReader);
  objectReader.finish();
  return result;
}

/** LateRecords with its code, as a topic holds it. */
export const LATE_RECORDS: RecordType<LateRecords> = { name: 'netweaver.system.LateRecords', schema: LATE_RECORDS_SCHEMA, encode: encodeLateRecords, decode: decodeLateRecords };
