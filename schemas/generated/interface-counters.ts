// Made from metrics/interface-counters.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** Symbols of CounterSource, by index. How counters were read. */
export const COUNTER_SOURCE_SYMBOLS = ['SNMP', 'SFLOW'] as const;
/** A symbol of CounterSource. */
export type CounterSource = (typeof COUNTER_SOURCE_SYMBOLS)[number];
/** Index of each symbol of CounterSource, as columns hold it. */
export const COUNTER_SOURCE = { SNMP: 0, SFLOW: 1 } as const;

/** Counters of one interface at one time, as the device keeps them since its start (IF-MIB; sFlow v5 generic interface counters). */
export interface InterfaceCounters {
  /** Address of the device. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  device: string;
  /** ifIndex; no unit. */
  ifIndex: number;
  /** ifName; empty where not known; no unit. */
  ifName: string;
  /** When they were read, in milliseconds since the epoch. */
  time: number;
  /** ifSpeed or ifHighSpeed; unit: bits a second. */
  speed: number;
  /** ifAdminStatus is up; no unit. */
  adminUp: boolean;
  /** ifOperStatus is up; no unit. */
  operUp: boolean;
  /** ifHCInOctets; unit: bytes. */
  inOctets: number;
  /** ifHCInUcastPkts; unit: packets. */
  inUnicastPackets: number;
  /** Multicast packets; unit: packets. */
  inMulticastPackets: number;
  /** Broadcast packets; unit: packets. */
  inBroadcastPackets: number;
  /** ifInDiscards; unit: packets. */
  inDiscards: number;
  /** ifInErrors; unit: packets. */
  inErrors: number;
  /** ifHCOutOctets; unit: bytes. */
  outOctets: number;
  /** ifHCOutUcastPkts; unit: packets. */
  outUnicastPackets: number;
  /** Multicast packets; unit: packets. */
  outMulticastPackets: number;
  /** Broadcast packets; unit: packets. */
  outBroadcastPackets: number;
  /** ifOutDiscards; unit: packets. */
  outDiscards: number;
  /** ifOutErrors; unit: packets. */
  outErrors: number;
  /** How they were read. */
  source: CounterSource;
  /** sysUpTime when they were read; unit: seconds; null where not known. */
  uptimeSeconds: number | null;
  /** The counters do not continue those read before: the device restarted, or ifCounterDiscontinuityTime moved; a difference across it means nothing. */
  discontinuity: boolean;
}

/** The schema's text, as it is registered. */
export const INTERFACE_COUNTERS_SCHEMA =
  '{"type":"record","name":"InterfaceCounters","namespace":"netweaver.metrics","doc":"Counters of one interface at one time, as the device keeps them since its start (IF-MIB; sFlow v5 generic interface counters).","fields":[{"name":"device","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the device. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"ifIndex","type":"long","doc":"ifIndex; no unit."},{"name":"ifName","type":"string","doc":"ifName; empty where not known; no unit.","default":""},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When they were read, in milliseconds since the epoch."},{"name":"speed","type":"long","doc":"ifSpeed or ifHighSpeed; unit: bits a second."},{"name":"adminUp","type":"boolean","doc":"ifAdminStatus is up; no unit."},{"name":"operUp","type":"boolean","doc":"ifOperStatus is up; no unit."},{"name":"inOctets","type":"long","doc":"ifHCInOctets; unit: bytes."},{"name":"inUnicastPackets","type":"long","doc":"ifHCInUcastPkts; unit: packets."},{"name":"inMulticastPackets","type":"long","doc":"Multicast packets; unit: packets."},{"name":"inBroadcastPackets","type":"long","doc":"Broadcast packets; unit: packets."},{"name":"inDiscards","type":"long","doc":"ifInDiscards; unit: packets."},{"name":"inErrors","type":"long","doc":"ifInErrors; unit: packets."},{"name":"outOctets","type":"long","doc":"ifHCOutOctets; unit: bytes."},{"name":"outUnicastPackets","type":"long","doc":"ifHCOutUcastPkts; unit: packets."},{"name":"outMulticastPackets","type":"long","doc":"Multicast packets; unit: packets."},{"name":"outBroadcastPackets","type":"long","doc":"Broadcast packets; unit: packets."},{"name":"outDiscards","type":"long","doc":"ifOutDiscards; unit: packets."},{"name":"outErrors","type":"long","doc":"ifOutErrors; unit: packets."},{"name":"source","type":{"type":"enum","name":"CounterSource","symbols":["SNMP","SFLOW"],"doc":"How counters were read."},"doc":"How they were read."},{"name":"uptimeSeconds","type":["null","long"],"doc":"sysUpTime when they were read; unit: seconds; null where not known.","default":null},{"name":"discontinuity","type":"boolean","doc":"The counters do not continue those read before: the device restarted, or ifCounterDiscontinuityTime moved; a difference across it means nothing.","default":false}]}';

function putInterfaceCounters(value: InterfaceCounters): void {
  writer.ip(value.device);
  writer.long(value.ifIndex);
  writer.string(value.ifName);
  writer.long(value.time);
  writer.long(value.speed);
  writer.boolean(value.adminUp);
  writer.boolean(value.operUp);
  writer.long(value.inOctets);
  writer.long(value.inUnicastPackets);
  writer.long(value.inMulticastPackets);
  writer.long(value.inBroadcastPackets);
  writer.long(value.inDiscards);
  writer.long(value.inErrors);
  writer.long(value.outOctets);
  writer.long(value.outUnicastPackets);
  writer.long(value.outMulticastPackets);
  writer.long(value.outBroadcastPackets);
  writer.long(value.outDiscards);
  writer.long(value.outErrors);
  writer.symbol(value.source, COUNTER_SOURCE_SYMBOLS);
  writer.long(value.uptimeSeconds === null ? 0 : 1);
  if (value.uptimeSeconds !== null) writer.long(value.uptimeSeconds);
  writer.boolean(value.discontinuity);
}

const takeInterfaceCounters = (reader: AvroReader): InterfaceCounters => ({
    device: reader.ip(),
    ifIndex: reader.long(),
    ifName: reader.string(),
    time: reader.long(),
    speed: reader.long(),
    adminUp: reader.boolean(),
    operUp: reader.boolean(),
    inOctets: reader.long(),
    inUnicastPackets: reader.long(),
    inMulticastPackets: reader.long(),
    inBroadcastPackets: reader.long(),
    inDiscards: reader.long(),
    inErrors: reader.long(),
    outOctets: reader.long(),
    outUnicastPackets: reader.long(),
    outMulticastPackets: reader.long(),
    outBroadcastPackets: reader.long(),
    outDiscards: reader.long(),
    outErrors: reader.long(),
    source: COUNTER_SOURCE_SYMBOLS[reader.index(2)],
    uptimeSeconds: reader.index(2) === 0 ? null : reader.long(),
    discontinuity: reader.boolean(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeInterfaceCounters(value: InterfaceCounters, schemaId: number): Buffer {
  writer.begin(schemaId);
  putInterfaceCounters(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeInterfaceCounters(value: Uint8Array): InterfaceCounters {
  objectReader.begin(value);
  const result = takeInterfaceCounters(objectReader);
  objectReader.finish();
  return result;
}

/** InterfaceCounters with its code, as a topic holds it. */
export const INTERFACE_COUNTERS: RecordType<InterfaceCounters> = { name: 'netweaver.metrics.InterfaceCounters', schema: INTERFACE_COUNTERS_SCHEMA, encode: encodeInterfaceCounters, decode: decodeInterfaceCounters };
