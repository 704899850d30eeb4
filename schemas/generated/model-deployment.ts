// Made from system/model-deployment.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** Which model a processor is to run in one of its places, from here on. */
export interface ModelDeployment {
  /** The processor; no unit. */
  processor: string;
  /** 'serving': its events count; 'shadow': it is run on the same input, and its events go to a side topic; no unit. */
  slot: string;
  /** Name of the model; no unit. */
  model: string;
  /** SHA-256 of its file, hexadecimal; no unit. */
  modelHash: string;
  /** When it was deployed, in milliseconds since the epoch. */
  time: number;
  /** Who deployed it; no unit. */
  by: string;
}

/** The schema's text, as it is registered. */
export const MODEL_DEPLOYMENT_SCHEMA =
  '{"type":"record","name":"ModelDeployment","namespace":"netweaver.system","doc":"Which model a processor is to run in one of its places, from here on.","fields":[{"name":"processor","type":"string","doc":"The processor; no unit."},{"name":"slot","type":"string","doc":"\'serving\': its events count; \'shadow\': it is run on the same input, and its events go to a side topic; no unit."},{"name":"model","type":"string","doc":"Name of the model; no unit."},{"name":"modelHash","type":"string","doc":"SHA-256 of its file, hexadecimal; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was deployed, in milliseconds since the epoch."},{"name":"by","type":"string","doc":"Who deployed it; no unit.","default":""}]}';

function putModelDeployment(value: ModelDeployment): void {
  writer.string(value.processor);
  writer.string(value.slot);
  writer.string(value.model);
  writer.string(value.modelHash);
  writer.long(value.time);
  writer.string(value.by);
}

const takeModelDeployment = (reader: AvroReader): ModelDeployment => ({
    processor: reader.string(),
    slot: reader.string(),
    model: reader.string(),
    modelHash: reader.string(),
    time: reader.long(),
    by: reader.string(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeModelDeployment(value: ModelDeployment, schemaId: number): Buffer {
  writer.begin(schemaId);
  putModelDeployment(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeModelDeployment(value: Uint8Array): ModelDeployment {
  objectReader.begin(value);
  const result = takeModelDeployment(objectReader);
  objectReader.finish();
  return result;
}

/** ModelDeployment with its code, as a topic holds it. */
export const MODEL_DEPLOYMENT: RecordType<ModelDeployment> = { name: 'netweaver.system.ModelDeployment', schema: MODEL_DEPLOYMENT_SCHEMA, encode: encodeModelDeployment, decode: decodeModelDeployment };
