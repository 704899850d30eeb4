// Made from metrics/interface-state.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** Symbols of StateSource, by index. Who tells it: an SNMP agent, options data of NetFlow v9 or IPFIX, counter samples of sFlow. */
export const STATE_SOURCE_SYMBOLS = ['SNMP', 'OPTIONS', 'SFLOW'] as const;
/** A symbol of StateSource. */
export type StateSource = (typeof STATE_SOURCE_SYMBOLS)[number];
/** Index of each symbol of StateSource, as columns hold it. */
export const STATE_SOURCE = { SNMP: 0, OPTIONS: 1, SFLOW: 2 } as const;

/** What an interface is called and what it can, as one source tells it. A source tells it again when something of it changes, and every hour. */
export interface InterfaceState {
  /** Address of the device, the one that its flows come from. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  device: string;
  /** ifIndex, as in inIf and outIf of flows; no unit. */
  ifIndex: number;
  /** When it was told, in milliseconds since the epoch. */
  time: number;
  /** Who tells it. */
  source: StateSource;
  /** sysName of the device; empty where not known. */
  deviceName: string;
  /** Short name: ifName (IE 82 interfaceName; port name of sFlow); empty where not known. */
  name: string;
  /** ifAlias: what the operator calls it; empty where not known. */
  alias: string;
  /** ifDescr (IE 83 interfaceDescription); empty where not known. */
  description: string;
  /** ifHighSpeed or ifSpeed; unit: bits a second; null where not known. */
  speed: number | null;
  /** ifAdminStatus is up; null where not known. */
  adminUp: boolean | null;
  /** ifOperStatus is up; null where not known. */
  operUp: boolean | null;
}

/** The schema's text, as it is registered. */
export const INTERFACE_STATE_SCHEMA =
  '{"type":"record","name":"InterfaceState","namespace":"netweaver.metrics","doc":"What an interface is called and what it can, as one source tells it. A source tells it again when something of it changes, and every hour.","fields":[{"name":"device","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the device, the one that its flows come from. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"ifIndex","type":"long","doc":"ifIndex, as in inIf and outIf of flows; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was told, in milliseconds since the epoch."},{"name":"source","type":{"type":"enum","name":"StateSource","symbols":["SNMP","OPTIONS","SFLOW"],"doc":"Who tells it: an SNMP agent, options data of NetFlow v9 or IPFIX, counter samples of sFlow."},"doc":"Who tells it."},{"name":"deviceName","type":"string","doc":"sysName of the device; empty where not known.","default":""},{"name":"name","type":"string","doc":"Short name: ifName (IE 82 interfaceName; port name of sFlow); empty where not known.","default":""},{"name":"alias","type":"string","doc":"ifAlias: what the operator calls it; empty where not known.","default":""},{"name":"description","type":"string","doc":"ifDescr (IE 83 interfaceDescription); empty where not known.","default":""},{"name":"speed","type":["null","long"],"doc":"ifHighSpeed or ifSpeed; unit: bits a second; null where not known.","default":null},{"name":"adminUp","type":["null","boolean"],"doc":"ifAdminStatus is up; null where not known.","default":null},{"name":"operUp","type":["null","boolean"],"doc":"ifOperStatus is up; null where not known.","default":null}]}';

function putInterfaceState(value: InterfaceState): void {
  writer.ip(value.device);
  writer.long(value.ifIndex);
  writer.long(value.time);
  writer.symbol(value.source, STATE_SOURCE_SYMBOLS);
  writer.string(value.deviceName);
  writer.string(value.name);
  writer.string(value.alias);
  writer.string(value.description);
  writer.long(value.speed === null ? 0 : 1);
  if (value.speed !== null) writer.long(value.speed);
  writer.long(value.adminUp === null ? 0 : 1);
  if (value.adminUp !== null) writer.boolean(value.adminUp);
  writer.long(value.operUp === null ? 0 : 1);
  if (value.operUp !== null) writer.boolean(value.operUp);
}

const takeInterfaceState = (reader: AvroReader): InterfaceState => ({
    device: reader.ip(),
    ifIndex: reader.long(),
    time: reader.long(),
    source: STATE_SOURCE_SYMBOLS[reader.index(3)],
    deviceName: reader.string(),
    name: reader.string(),
    alias: reader.string(),
    description: reader.string(),
    speed: reader.index(2) === 0 ? null : reader.long(),
    adminUp: reader.index(2) === 0 ? null : reader.boolean(),
    operUp: reader.index(2) === 0 ? null : reader.boolean(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeInterfaceState(value: InterfaceState, schemaId: number): Buffer {
  writer.begin(schemaId);
  putInterfaceState(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeInterfaceState(value: Uint8Array): InterfaceState {
  objectReader.begin(value);
  const result = takeInterfaceState(objectReader);
  objectReader.finish();
  return result;
}

/** InterfaceState with its code, as a topic holds it. */
export const INTERFACE_STATE: RecordType<InterfaceState> = { name: 'netweaver.metrics.InterfaceState', schema: INTERFACE_STATE_SCHEMA, encode: encodeInterfaceState, decode: decodeInterfaceState };
