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

/** Counters of one interface at one time, as the device keeps them since its start (IF-MIB; sFlow v5 generic interface counters). Those of 64 bits modulo 2^53, which divides 2^64, so that differences modulo 2^53 are exact. */
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
  /** ifHCInOctets; unit: bytes; null where the device does not keep it. */
  inOctets: number | null;
  /** ifHCInUcastPkts; unit: packets; null where the device does not keep it. */
  inUnicastPackets: number | null;
  /** Multicast packets; unit: packets; null where the device does not keep it. */
  inMulticastPackets: number | null;
  /** Broadcast packets; unit: packets; null where the device does not keep it. */
  inBroadcastPackets: number | null;
  /** ifInDiscards; unit: packets; null where the device does not keep it. */
  inDiscards: number | null;
  /** ifInErrors; unit: packets; null where the device does not keep it. */
  inErrors: number | null;
  /** ifHCOutOctets; unit: bytes; null where the device does not keep it. */
  outOctets: number | null;
  /** ifHCOutUcastPkts; unit: packets; null where the device does not keep it. */
  outUnicastPackets: number | null;
  /** Multicast packets; unit: packets; null where the device does not keep it. */
  outMulticastPackets: number | null;
  /** Broadcast packets; unit: packets; null where the device does not keep it. */
  outBroadcastPackets: number | null;
  /** ifOutDiscards; unit: packets; null where the device does not keep it. */
  outDiscards: number | null;
  /** ifOutErrors; unit: packets; null where the device does not keep it. */
  outErrors: number | null;
  /** How they were read. */
  source: CounterSource;
  /** sysUpTime when they were read; unit: seconds; null where not known. */
  uptimeSeconds: number | null;
  /** The counters do not continue those read before: the device restarted, or ifCounterDiscontinuityTime moved; a difference across it means nothing. */
  discontinuity: boolean;
  /** ifInUnknownProtos; unit: packets; null where the device does not keep it. */
  inUnknownProtocols: number | null;
  /** dot3StatsAlignmentErrors (EtherLike-MIB); unit: frames; null where not known. */
  alignmentErrors: number | null;
  /** dot3StatsFCSErrors; unit: frames; null where not known. */
  fcsErrors: number | null;
  /** dot3StatsSymbolErrors; unit: errors; null where not known. */
  symbolErrors: number | null;
  /** dot3StatsFrameTooLongs; unit: frames; null where not known. */
  frameTooLongs: number | null;
  /** dot3StatsLateCollisions; unit: collisions; null where not known. */
  lateCollisions: number | null;
  /** dot3StatsExcessiveCollisions; unit: frames; null where not known. */
  excessiveCollisions: number | null;
  /** dot3StatsCarrierSenseErrors; unit: errors; null where not known. */
  carrierSenseErrors: number | null;
  /** Temperature of the optical module; unit: degrees Celsius; null where there is none. */
  opticsCelsius: number | null;
  /** Light received, on the lane that receives least; unit: microwatts; null where not known. */
  opticsReceivedMicrowatts: number | null;
  /** Light sent, on the lane that sends least; unit: microwatts; null where not known. */
  opticsSentMicrowatts: number | null;
}

/** The schema's text, as it is registered. */
export const INTERFACE_COUNTERS_SCHEMA =
  '{"type":"record","name":"InterfaceCounters","namespace":"netweaver.metrics","doc":"Counters of one interface at one time, as the device keeps them since its start (IF-MIB; sFlow v5 generic interface counters). Those of 64 bits modulo 2^53, which divides 2^64, so that differences modulo 2^53 are exact.","fields":[{"name":"device","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the device. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"ifIndex","type":"long","doc":"ifIndex; no unit."},{"name":"ifName","type":"string","doc":"ifName; empty where not known; no unit.","default":""},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When they were read, in milliseconds since the epoch."},{"name":"speed","type":"long","doc":"ifSpeed or ifHighSpeed; unit: bits a second."},{"name":"adminUp","type":"boolean","doc":"ifAdminStatus is up; no unit."},{"name":"operUp","type":"boolean","doc":"ifOperStatus is up; no unit."},{"name":"inOctets","type":["null","long"],"doc":"ifHCInOctets; unit: bytes; null where the device does not keep it.","default":null},{"name":"inUnicastPackets","type":["null","long"],"doc":"ifHCInUcastPkts; unit: packets; null where the device does not keep it.","default":null},{"name":"inMulticastPackets","type":["null","long"],"doc":"Multicast packets; unit: packets; null where the device does not keep it.","default":null},{"name":"inBroadcastPackets","type":["null","long"],"doc":"Broadcast packets; unit: packets; null where the device does not keep it.","default":null},{"name":"inDiscards","type":["null","long"],"doc":"ifInDiscards; unit: packets; null where the device does not keep it.","default":null},{"name":"inErrors","type":["null","long"],"doc":"ifInErrors; unit: packets; null where the device does not keep it.","default":null},{"name":"outOctets","type":["null","long"],"doc":"ifHCOutOctets; unit: bytes; null where the device does not keep it.","default":null},{"name":"outUnicastPackets","type":["null","long"],"doc":"ifHCOutUcastPkts; unit: packets; null where the device does not keep it.","default":null},{"name":"outMulticastPackets","type":["null","long"],"doc":"Multicast packets; unit: packets; null where the device does not keep it.","default":null},{"name":"outBroadcastPackets","type":["null","long"],"doc":"Broadcast packets; unit: packets; null where the device does not keep it.","default":null},{"name":"outDiscards","type":["null","long"],"doc":"ifOutDiscards; unit: packets; null where the device does not keep it.","default":null},{"name":"outErrors","type":["null","long"],"doc":"ifOutErrors; unit: packets; null where the device does not keep it.","default":null},{"name":"source","type":{"type":"enum","name":"CounterSource","symbols":["SNMP","SFLOW"],"doc":"How counters were read."},"doc":"How they were read."},{"name":"uptimeSeconds","type":["null","long"],"doc":"sysUpTime when they were read; unit: seconds; null where not known.","default":null},{"name":"discontinuity","type":"boolean","doc":"The counters do not continue those read before: the device restarted, or ifCounterDiscontinuityTime moved; a difference across it means nothing.","default":false},{"name":"inUnknownProtocols","type":["null","long"],"doc":"ifInUnknownProtos; unit: packets; null where the device does not keep it.","default":null},{"name":"alignmentErrors","type":["null","long"],"doc":"dot3StatsAlignmentErrors (EtherLike-MIB); unit: frames; null where not known.","default":null},{"name":"fcsErrors","type":["null","long"],"doc":"dot3StatsFCSErrors; unit: frames; null where not known.","default":null},{"name":"symbolErrors","type":["null","long"],"doc":"dot3StatsSymbolErrors; unit: errors; null where not known.","default":null},{"name":"frameTooLongs","type":["null","long"],"doc":"dot3StatsFrameTooLongs; unit: frames; null where not known.","default":null},{"name":"lateCollisions","type":["null","long"],"doc":"dot3StatsLateCollisions; unit: collisions; null where not known.","default":null},{"name":"excessiveCollisions","type":["null","long"],"doc":"dot3StatsExcessiveCollisions; unit: frames; null where not known.","default":null},{"name":"carrierSenseErrors","type":["null","long"],"doc":"dot3StatsCarrierSenseErrors; unit: errors; null where not known.","default":null},{"name":"opticsCelsius","type":["null","double"],"doc":"Temperature of the optical module; unit: degrees Celsius; null where there is none.","default":null},{"name":"opticsReceivedMicrowatts","type":["null","long"],"doc":"Light received, on the lane that receives least; unit: microwatts; null where not known.","default":null},{"name":"opticsSentMicrowatts","type":["null","long"],"doc":"Light sent, on the lane that sends least; unit: microwatts; null where not known.","default":null}]}';

function putInterfaceCounters(value: InterfaceCounters): void {
  writer.ip(value.device);
  writer.long(value.ifIndex);
  writer.string(value.ifName);
  writer.long(value.time);
  writer.long(value.speed);
  writer.boolean(value.adminUp);
  writer.boolean(value.operUp);
  writer.long(value.inOctets === null ? 0 : 1);
  if (value.inOctets !== null) writer.long(value.inOctets);
  writer.long(value.inUnicastPackets === null ? 0 : 1);
  if (value.inUnicastPackets !== null) writer.long(value.inUnicastPackets);
  writer.long(value.inMulticastPackets === null ? 0 : 1);
  if (value.inMulticastPackets !== null) writer.long(value.inMulticastPackets);
  writer.long(value.inBroadcastPackets === null ? 0 : 1);
  if (value.inBroadcastPackets !== null) writer.long(value.inBroadcastPackets);
  writer.long(value.inDiscards === null ? 0 : 1);
  if (value.inDiscards !== null) writer.long(value.inDiscards);
  writer.long(value.inErrors === null ? 0 : 1);
  if (value.inErrors !== null) writer.long(value.inErrors);
  writer.long(value.outOctets === null ? 0 : 1);
  if (value.outOctets !== null) writer.long(value.outOctets);
  writer.long(value.outUnicastPackets === null ? 0 : 1);
  if (value.outUnicastPackets !== null) writer.long(value.outUnicastPackets);
  writer.long(value.outMulticastPackets === null ? 0 : 1);
  if (value.outMulticastPackets !== null) writer.long(value.outMulticastPackets);
  writer.long(value.outBroadcastPackets === null ? 0 : 1);
  if (value.outBroadcastPackets !== null) writer.long(value.outBroadcastPackets);
  writer.long(value.outDiscards === null ? 0 : 1);
  if (value.outDiscards !== null) writer.long(value.outDiscards);
  writer.long(value.outErrors === null ? 0 : 1);
  if (value.outErrors !== null) writer.long(value.outErrors);
  writer.symbol(value.source, COUNTER_SOURCE_SYMBOLS);
  writer.long(value.uptimeSeconds === null ? 0 : 1);
  if (value.uptimeSeconds !== null) writer.long(value.uptimeSeconds);
  writer.boolean(value.discontinuity);
  writer.long(value.inUnknownProtocols === null ? 0 : 1);
  if (value.inUnknownProtocols !== null) writer.long(value.inUnknownProtocols);
  writer.long(value.alignmentErrors === null ? 0 : 1);
  if (value.alignmentErrors !== null) writer.long(value.alignmentErrors);
  writer.long(value.fcsErrors === null ? 0 : 1);
  if (value.fcsErrors !== null) writer.long(value.fcsErrors);
  writer.long(value.symbolErrors === null ? 0 : 1);
  if (value.symbolErrors !== null) writer.long(value.symbolErrors);
  writer.long(value.frameTooLongs === null ? 0 : 1);
  if (value.frameTooLongs !== null) writer.long(value.frameTooLongs);
  writer.long(value.lateCollisions === null ? 0 : 1);
  if (value.lateCollisions !== null) writer.long(value.lateCollisions);
  writer.long(value.excessiveCollisions === null ? 0 : 1);
  if (value.excessiveCollisions !== null) writer.long(value.excessiveCollisions);
  writer.long(value.carrierSenseErrors === null ? 0 : 1);
  if (value.carrierSenseErrors !== null) writer.long(value.carrierSenseErrors);
  writer.long(value.opticsCelsius === null ? 0 : 1);
  if (value.opticsCelsius !== null) writer.double(value.opticsCelsius);
  writer.long(value.opticsReceivedMicrowatts === null ? 0 : 1);
  if (value.opticsReceivedMicrowatts !== null) writer.long(value.opticsReceivedMicrowatts);
  writer.long(value.opticsSentMicrowatts === null ? 0 : 1);
  if (value.opticsSentMicrowatts !== null) writer.long(value.opticsSentMicrowatts);
}

const takeInterfaceCounters = (reader: AvroReader): InterfaceCounters => ({
    device: reader.ip(),
    ifIndex: reader.long(),
    ifName: reader.string(),
    time: reader.long(),
    speed: reader.long(),
    adminUp: reader.boolean(),
    operUp: reader.boolean(),
    inOctets: reader.index(2) === 0 ? null : reader.long(),
    inUnicastPackets: reader.index(2) === 0 ? null : reader.long(),
    inMulticastPackets: reader.index(2) === 0 ? null : reader.long(),
    inBroadcastPackets: reader.index(2) === 0 ? null : reader.long(),
    inDiscards: reader.index(2) === 0 ? null : reader.long(),
    inErrors: reader.index(2) === 0 ? null : reader.long(),
    outOctets: reader.index(2) === 0 ? null : reader.long(),
    outUnicastPackets: reader.index(2) === 0 ? null : reader.long(),
    outMulticastPackets: reader.index(2) === 0 ? null : reader.long(),
    outBroadcastPackets: reader.index(2) === 0 ? null : reader.long(),
    outDiscards: reader.index(2) === 0 ? null : reader.long(),
    outErrors: reader.index(2) === 0 ? null : reader.long(),
    source: COUNTER_SOURCE_SYMBOLS[reader.index(2)],
    uptimeSeconds: reader.index(2) === 0 ? null : reader.long(),
    discontinuity: reader.boolean(),
    inUnknownProtocols: reader.index(2) === 0 ? null : reader.long(),
    alignmentErrors: reader.index(2) === 0 ? null : reader.long(),
    fcsErrors: reader.index(2) === 0 ? null : reader.long(),
    symbolErrors: reader.index(2) === 0 ? null : reader.long(),
    frameTooLongs: reader.index(2) === 0 ? null : reader.long(),
    lateCollisions: reader.index(2) === 0 ? null : reader.long(),
    excessiveCollisions: reader.index(2) === 0 ? null : reader.long(),
    carrierSenseErrors: reader.index(2) === 0 ? null : reader.long(),
    opticsCelsius: reader.index(2) === 0 ? null : reader.double(),
    opticsReceivedMicrowatts: reader.index(2) === 0 ? null : reader.long(),
    opticsSentMicrowatts: reader.index(2) === 0 ? null : reader.long(),
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
