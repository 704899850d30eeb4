// Made from metrics/exporter-name.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** Symbols of NamedKind, by index. What has a name. */
export const NAMED_KIND_SYMBOLS = ['SAMPLER', 'VRF', 'APPLICATION'] as const;
/** A symbol of NamedKind. */
export type NamedKind = (typeof NAMED_KIND_SYMBOLS)[number];
/** Index of each symbol of NamedKind, as columns hold it. */
export const NAMED_KIND = { SAMPLER: 0, VRF: 1, APPLICATION: 2 } as const;

/** What an exporter calls one of its samplers, VRFs or applications, by its options data. Told again when it changes, and every hour. */
export interface ExporterName {
  /** Address of the exporter. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  device: string;
  /** What has the name. */
  kind: NamedKind;
  /** samplerId (IE 48) or selectorId (IE 302), ingressVRFID (IE 234) or egressVRFID (IE 235), applicationId (IE 95, RFC 6759) in hexadecimal: as extra elements of flows have them; no unit. */
  id: string;
  /** samplerName (IE 84) or selectorName (IE 335), VRFname (IE 236), applicationName (IE 96). */
  name: string;
  /** applicationDescription (IE 94); empty where there is none. */
  description: string;
  /** When it was told, in milliseconds since the epoch. */
  time: number;
}

/** The schema's text, as it is registered. */
export const EXPORTER_NAME_SCHEMA =
  '{"type":"record","name":"ExporterName","namespace":"netweaver.metrics","doc":"What an exporter calls one of its samplers, VRFs or applications, by its options data. Told again when it changes, and every hour.","fields":[{"name":"device","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the exporter. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"kind","type":{"type":"enum","name":"NamedKind","symbols":["SAMPLER","VRF","APPLICATION"],"doc":"What has a name."},"doc":"What has the name."},{"name":"id","type":"string","doc":"samplerId (IE 48) or selectorId (IE 302), ingressVRFID (IE 234) or egressVRFID (IE 235), applicationId (IE 95, RFC 6759) in hexadecimal: as extra elements of flows have them; no unit."},{"name":"name","type":"string","doc":"samplerName (IE 84) or selectorName (IE 335), VRFname (IE 236), applicationName (IE 96)."},{"name":"description","type":"string","doc":"applicationDescription (IE 94); empty where there is none.","default":""},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was told, in milliseconds since the epoch."}]}';

function putExporterName(value: ExporterName): void {
  writer.ip(value.device);
  writer.symbol(value.kind, NAMED_KIND_SYMBOLS);
  writer.string(value.id);
  writer.string(value.name);
  writer.string(value.description);
  writer.long(value.time);
}

const takeExporterName = (reader: AvroReader): ExporterName => ({
    device: reader.ip(),
    kind: NAMED_KIND_SYMBOLS[reader.index(3)],
    id: reader.string(),
    name: reader.string(),
    description: reader.string(),
    time: reader.long(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeExporterName(value: ExporterName, schemaId: number): Buffer {
  writer.begin(schemaId);
  putExporterName(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeExporterName(value: Uint8Array): ExporterName {
  objectReader.begin(value);
  const result = takeExporterName(objectReader);
  objectReader.finish();
  return result;
}

/** ExporterName with its code, as a topic holds it. */
export const EXPORTER_NAME: RecordType<ExporterName> = { name: 'netweaver.metrics.ExporterName', schema: EXPORTER_NAME_SCHEMA, encode: encodeExporterName, decode: decodeExporterName };
