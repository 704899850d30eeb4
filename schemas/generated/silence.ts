// Made from system/silence.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** A partition had been silent, and a processor was told so: what it then did was decided by the clock, and is decided by this record when the log is replayed. */
export interface Silence {
  /** Processor that was told; no unit. */
  component: string;
  /** Topic that it reads; no unit. */
  sourceTopic: string;
  /** The partition that was silent; no unit. */
  sourcePartition: number;
  /** Offset from which on it had read nothing yet: the silence comes before the record there; no unit. */
  sourceOffset: number;
  /** Until when it had been silent, in milliseconds since the epoch. */
  time: number;
}

/** The schema's text, as it is registered. */
export const SILENCE_SCHEMA =
  '{"type":"record","name":"Silence","namespace":"netweaver.system","doc":"A partition had been silent, and a processor was told so: what it then did was decided by the clock, and is decided by this record when the log is replayed.","fields":[{"name":"component","type":"string","doc":"Processor that was told; no unit."},{"name":"sourceTopic","type":"string","doc":"Topic that it reads; no unit."},{"name":"sourcePartition","type":"int","doc":"The partition that was silent; no unit."},{"name":"sourceOffset","type":"long","doc":"Offset from which on it had read nothing yet: the silence comes before the record there; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Until when it had been silent, in milliseconds since the epoch."}]}';

function putSilence(value: Silence): void {
  writer.string(value.component);
  writer.string(value.sourceTopic);
  writer.int(value.sourcePartition);
  writer.long(value.sourceOffset);
  writer.long(value.time);
}

const takeSilence = (reader: AvroReader): Silence => ({
    component: reader.string(),
    sourceTopic: reader.string(),
    sourcePartition: reader.int(),
    sourceOffset: reader.long(),
    time: reader.long(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeSilence(value: Silence, schemaId: number): Buffer {
  writer.begin(schemaId);
  putSilence(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeSilence(value: Uint8Array): Silence {
  objectReader.begin(value);
  const result = takeSilence(objectReader);
  objectReader.finish();
  return result;
}

/** Silence with its code, as a topic holds it. */
export const SILENCE: RecordType<Silence> = { name: 'netweaver.system.Silence', schema: SILENCE_SCHEMA, encode: encodeSilence, decode: decodeSilence };
