// Made from metrics/device-metrics.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** Health of one device at one time. */
export interface DeviceMetrics {
  /** Address of the device. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  device: string;
  /** When it was read, in milliseconds since the epoch. */
  time: number;
  /** Load of the processor; unit: percent. */
  cpuPercent: number | null;
  /** Memory in use; unit: percent. */
  memoryPercent: number | null;
  /** Temperature; unit: degrees Celsius. */
  temperatureCelsius: number | null;
  /** sysUpTime; unit: seconds. */
  uptimeSeconds: number | null;
  /** Sessions that the device keeps; unit: sessions. */
  sessions: number | null;
  /** sysName; host name of sFlow; empty where not known. */
  name: string;
  /** sysDescr; empty where not known. */
  description: string;
  /** sysObjectID, which tells the maker and the model, in dots; empty where not known. */
  objectId: string;
  /** Processes that run or wait, over one minute; no unit; null where not known. */
  loadAverage: number | null;
  /** Memory of the device; unit: bytes; null where not known. */
  memoryBytes: number | null;
  /** Storage in use; unit: percent; null where not known. */
  diskPercent: number | null;
}

/** The schema's text, as it is registered. */
export const DEVICE_METRICS_SCHEMA =
  '{"type":"record","name":"DeviceMetrics","namespace":"netweaver.metrics","doc":"Health of one device at one time.","fields":[{"name":"device","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the device. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was read, in milliseconds since the epoch."},{"name":"cpuPercent","type":["null","double"],"doc":"Load of the processor; unit: percent.","default":null},{"name":"memoryPercent","type":["null","double"],"doc":"Memory in use; unit: percent.","default":null},{"name":"temperatureCelsius","type":["null","double"],"doc":"Temperature; unit: degrees Celsius.","default":null},{"name":"uptimeSeconds","type":["null","long"],"doc":"sysUpTime; unit: seconds.","default":null},{"name":"sessions","type":["null","long"],"doc":"Sessions that the device keeps; unit: sessions.","default":null},{"name":"name","type":"string","doc":"sysName; host name of sFlow; empty where not known.","default":""},{"name":"description","type":"string","doc":"sysDescr; empty where not known.","default":""},{"name":"objectId","type":"string","doc":"sysObjectID, which tells the maker and the model, in dots; empty where not known.","default":""},{"name":"loadAverage","type":["null","double"],"doc":"Processes that run or wait, over one minute; no unit; null where not known.","default":null},{"name":"memoryBytes","type":["null","long"],"doc":"Memory of the device; unit: bytes; null where not known.","default":null},{"name":"diskPercent","type":["null","double"],"doc":"Storage in use; unit: percent; null where not known.","default":null}]}';

function putDeviceMetrics(value: DeviceMetrics): void {
  writer.ip(value.device);
  writer.long(value.time);
  writer.long(value.cpuPercent === null ? 0 : 1);
  if (value.cpuPercent !== null) writer.double(value.cpuPercent);
  writer.long(value.memoryPercent === null ? 0 : 1);
  if (value.memoryPercent !== null) writer.double(value.memoryPercent);
  writer.long(value.temperatureCelsius === null ? 0 : 1);
  if (value.temperatureCelsius !== null) writer.double(value.temperatureCelsius);
  writer.long(value.uptimeSeconds === null ? 0 : 1);
  if (value.uptimeSeconds !== null) writer.long(value.uptimeSeconds);
  writer.long(value.sessions === null ? 0 : 1);
  if (value.sessions !== null) writer.long(value.sessions);
  writer.string(value.name);
  writer.string(value.description);
  writer.string(value.objectId);
  writer.long(value.loadAverage === null ? 0 : 1);
  if (value.loadAverage !== null) writer.double(value.loadAverage);
  writer.long(value.memoryBytes === null ? 0 : 1);
  if (value.memoryBytes !== null) writer.long(value.memoryBytes);
  writer.long(value.diskPercent === null ? 0 : 1);
  if (value.diskPercent !== null) writer.double(value.diskPercent);
}

const takeDeviceMetrics = (reader: AvroReader): DeviceMetrics => ({
    device: reader.ip(),
    time: reader.long(),
    cpuPercent: reader.index(2) === 0 ? null : reader.double(),
    memoryPercent: reader.index(2) === 0 ? null : reader.double(),
    temperatureCelsius: reader.index(2) === 0 ? null : reader.double(),
    uptimeSeconds: reader.index(2) === 0 ? null : reader.long(),
    sessions: reader.index(2) === 0 ? null : reader.long(),
    name: reader.string(),
    description: reader.string(),
    objectId: reader.string(),
    loadAverage: reader.index(2) === 0 ? null : reader.double(),
    memoryBytes: reader.index(2) === 0 ? null : reader.long(),
    diskPercent: reader.index(2) === 0 ? null : reader.double(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeDeviceMetrics(value: DeviceMetrics, schemaId: number): Buffer {
  writer.begin(schemaId);
  putDeviceMetrics(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeDeviceMetrics(value: Uint8Array): DeviceMetrics {
  objectReader.begin(value);
  const result = takeDeviceMetrics(objectReader);
  objectReader.finish();
  return result;
}

/** DeviceMetrics with its code, as a topic holds it. */
export const DEVICE_METRICS: RecordType<DeviceMetrics> = { name: 'netweaver.metrics.DeviceMetrics', schema: DEVICE_METRICS_SCHEMA, encode: encodeDeviceMetrics, decode: decodeDeviceMetrics };
