// Made from system/dead-letter.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** A record that could not be processed, with its bytes. */
export interface DeadLetter {
  /** Processor or sink that refused it; no unit. */
  component: string;
  /** Topic of the record; no unit. */
  sourceTopic: string;
  /** Its partition; no unit. */
  sourcePartition: number;
  /** Its offset; no unit. */
  sourceOffset: number;
  /** NW_ error code; no unit. */
  code: string;
  /** What was wrong; no unit. */
  message: string;
  /** Timestamp of the record, in milliseconds since the epoch. */
  time: number;
  /** Key of the record, unchanged. */
  key: Buffer | null;
  /** Value of the record, unchanged. */
  value: Buffer | null;
}

/** The schema's text, as it is registered. */
export const DEAD_LETTER_SCHEMA =
  '{"type":"record","name":"DeadLetter","namespace":"netweaver.system","doc":"A record that could not be processed, with its bytes.","fields":[{"name":"component","type":"string","doc":"Processor or sink that refused it; no unit."},{"name":"sourceTopic","type":"string","doc":"Topic of the record; no unit."},{"name":"sourcePartition","type":"int","doc":"Its partition; no unit."},{"name":"sourceOffset","type":"long","doc":"Its offset; no unit."},{"name":"code","type":"string","doc":"NW_ error code; no unit."},{"name":"message","type":"string","doc":"What was wrong; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Timestamp of the record, in milliseconds since the epoch."},{"name":"key","type":["null","bytes"],"doc":"Key of the record, unchanged.","default":null},{"name":"value","type":["null","bytes"],"doc":"Value of the record, unchanged.","default":null}]}';

function putDeadLetter(value: DeadLetter): void {
  writer.string(value.component);
  writer.string(value.sourceTopic);
  writer.int(value.sourcePartition);
  writer.long(value.sourceOffset);
  writer.string(value.code);
  writer.string(value.message);
  writer.long(value.time);
  writer.long(value.key === null ? 0 : 1);
  if (value.key !== null) writer.blob(value.key);
  writer.long(value.value === null ? 0 : 1);
  if (value.value !== null) writer.blob(value.value);
}

const takeDeadLetter = (reader: AvroReader): DeadLetter => ({
    component: reader.string(),
    sourceTopic: reader.string(),
    sourcePartition: reader.int(),
    sourceOffset: reader.long(),
    code: reader.string(),
    message: reader.string(),
    time: reader.long(),
    key: reader.index(2) === 0 ? null : reader.blob(),
    value: reader.index(2) === 0 ? null : reader.blob(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeDeadLetter(value: DeadLetter, schemaId: number): Buffer {
  writer.begin(schemaId);
  putDeadLetter(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeDeadLetter(value: Uint8Array): DeadLetter {
  objectReader.begin(value);
  const result = takeDeadLetter(objectReader);
  objectReader.finish();
  return result;
}

/** DeadLetter with its code, as a topic holds it. */
export const DEAD_LETTER: RecordType<DeadLetter> = { name: 'netweaver.system.DeadLetter', schema: DEAD_LETTER_SCHEMA, encode: encodeDeadLetter, decode: decodeDeadLetter };
