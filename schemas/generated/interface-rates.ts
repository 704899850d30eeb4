// Made from metrics/interface-rates.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** Symbols of RateSource, by index. How the counters were read. */
export const RATE_SOURCE_SYMBOLS = ['SNMP', 'SFLOW'] as const;
/** A symbol of RateSource. */
export type RateSource = (typeof RATE_SOURCE_SYMBOLS)[number];
/** Index of each symbol of RateSource, as columns hold it. */
export const RATE_SOURCE = { SNMP: 0, SFLOW: 1 } as const;

/** What an interface carried a second between two readings of its counters, with what interfaces.state calls it. */
export interface InterfaceRates {
  /** Address of the device. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  device: string;
  /** ifIndex; no unit. */
  ifIndex: number;
  /** ifName as interfaces.state has it, else as the counters say; empty where not known; no unit. */
  name: string;
  /** ifAlias: what the operator calls it, from interfaces.state; empty where not known; no unit. */
  alias: string;
  /** When the counters were read, the end of the time that the rates are of, in milliseconds since the epoch. */
  time: number;
  /** How long before that the counters were read the last time; unit: seconds. */
  seconds: number;
  /** How the counters were read. */
  source: RateSource;
  /** Speed that utilisation is of: that of interfaces.state, else that of the counters; unit: bits a second; null where not known. */
  speed: number | null;
  /** Bits received (ifHCInOctets times 8); unit: bits a second; null where not known. */
  inBitsPerSecond: number | null;
  /** Packets received, unicast, multicast and broadcast as far as the device counts them; unit: packets a second; null where not known. */
  inPacketsPerSecond: number | null;
  /** Bits received a second over the speed; no unit, 1 is full; null where one of them is not known. */
  inUtilisation: number | null;
  /** ifInErrors; unit: packets a second; null where not known. */
  inErrorsPerSecond: number | null;
  /** ifInDiscards; unit: packets a second; null where not known. */
  inDiscardsPerSecond: number | null;
  /** Bits sent (ifHCOutOctets times 8); unit: bits a second; null where not known. */
  outBitsPerSecond: number | null;
  /** Packets sent, unicast, multicast and broadcast as far as the device counts them; unit: packets a second; null where not known. */
  outPacketsPerSecond: number | null;
  /** Bits sent a second over the speed; no unit, 1 is full; null where one of them is not known. */
  outUtilisation: number | null;
  /** ifOutErrors; unit: packets a second; null where not known. */
  outErrorsPerSecond: number | null;
  /** ifOutDiscards; unit: packets a second; null where not known. */
  outDiscardsPerSecond: number | null;
  /** Counters that passed their largest number meanwhile, which the rates allow for; no unit. */
  wraps: number;
}

/** The schema's text, as it is registered. */
export const INTERFACE_RATES_SCHEMA =
  '{"type":"record","name":"InterfaceRates","namespace":"netweaver.metrics","doc":"What an interface carried a second between two readings of its counters, with what interfaces.state calls it.","fields":[{"name":"device","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the device. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"ifIndex","type":"long","doc":"ifIndex; no unit."},{"name":"name","type":"string","doc":"ifName as interfaces.state has it, else as the counters say; empty where not known; no unit.","default":""},{"name":"alias","type":"string","doc":"ifAlias: what the operator calls it, from interfaces.state; empty where not known; no unit.","default":""},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the counters were read, the end of the time that the rates are of, in milliseconds since the epoch."},{"name":"seconds","type":"double","doc":"How long before that the counters were read the last time; unit: seconds."},{"name":"source","type":{"type":"enum","name":"RateSource","symbols":["SNMP","SFLOW"],"doc":"How the counters were read."},"doc":"How the counters were read."},{"name":"speed","type":["null","long"],"doc":"Speed that utilisation is of: that of interfaces.state, else that of the counters; unit: bits a second; null where not known.","default":null},{"name":"inBitsPerSecond","type":["null","double"],"doc":"Bits received (ifHCInOctets times 8); unit: bits a second; null where not known.","default":null},{"name":"inPacketsPerSecond","type":["null","double"],"doc":"Packets received, unicast, multicast and broadcast as far as the device counts them; unit: packets a second; null where not known.","default":null},{"name":"inUtilisation","type":["null","double"],"doc":"Bits received a second over the speed; no unit, 1 is full; null where one of them is not known.","default":null},{"name":"inErrorsPerSecond","type":["null","double"],"doc":"ifInErrors; unit: packets a second; null where not known.","default":null},{"name":"inDiscardsPerSecond","type":["null","double"],"doc":"ifInDiscards; unit: packets a second; null where not known.","default":null},{"name":"outBitsPerSecond","type":["null","double"],"doc":"Bits sent (ifHCOutOctets times 8); unit: bits a second; null where not known.","default":null},{"name":"outPacketsPerSecond","type":["null","double"],"doc":"Packets sent, unicast, multicast and broadcast as far as the device counts them; unit: packets a second; null where not known.","default":null},{"name":"outUtilisation","type":["null","double"],"doc":"Bits sent a second over the speed; no unit, 1 is full; null where one of them is not known.","default":null},{"name":"outErrorsPerSecond","type":["null","double"],"doc":"ifOutErrors; unit: packets a second; null where not known.","default":null},{"name":"outDiscardsPerSecond","type":["null","double"],"doc":"ifOutDiscards; unit: packets a second; null where not known.","default":null},{"name":"wraps","type":"int","doc":"Counters that passed their largest number meanwhile, which the rates allow for; no unit."}]}';

function putInterfaceRates(value: InterfaceRates): void {
  writer.ip(value.device);
  writer.long(value.ifIndex);
  writer.string(value.name);
  writer.string(value.alias);
  writer.long(value.time);
  writer.double(value.seconds);
  writer.symbol(value.source, RATE_SOURCE_SYMBOLS);
  writer.long(value.speed === null ? 0 : 1);
  if (value.speed !== null) writer.long(value.speed);
  writer.long(value.inBitsPerSecond === null ? 0 : 1);
  if (value.inBitsPerSecond !== null) writer.double(value.inBitsPerSecond);
  writer.long(value.inPacketsPerSecond === null ? 0 : 1);
  if (value.inPacketsPerSecond !== null) writer.double(value.inPacketsPerSecond);
  writer.long(value.inUtilisation === null ? 0 : 1);
  if (value.inUtilisation !== null) writer.double(value.inUtilisation);
  writer.long(value.inErrorsPerSecond === null ? 0 : 1);
  if (value.inErrorsPerSecond !== null) writer.double(value.inErrorsPerSecond);
  writer.long(value.inDiscardsPerSecond === null ? 0 : 1);
  if (value.inDiscardsPerSecond !== null) writer.double(value.inDiscardsPerSecond);
  writer.long(value.outBitsPerSecond === null ? 0 : 1);
  if (value.outBitsPerSecond !== null) writer.double(value.outBitsPerSecond);
  writer.long(value.outPacketsPerSecond === null ? 0 : 1);
  if (value.outPacketsPerSecond !== null) writer.double(value.outPacketsPerSecond);
  writer.long(value.outUtilisation === null ? 0 : 1);
  if (value.outUtilisation !== null) writer.double(value.outUtilisation);
  writer.long(value.outErrorsPerSecond === null ? 0 : 1);
  if (value.outErrorsPerSecond !== null) writer.double(value.outErrorsPerSecond);
  writer.long(value.outDiscardsPerSecond === null ? 0 : 1);
  if (value.outDiscardsPerSecond !== null) writer.double(value.outDiscardsPerSecond);
  writer.int(value.wraps);
}

const takeInterfaceRates = (reader: AvroReader): InterfaceRates => ({
    device: reader.ip(),
    ifIndex: reader.long(),
    name: reader.string(),
    alias: reader.string(),
    time: reader.long(),
    seconds: reader.double(),
    source: RATE_SOURCE_SYMBOLS[reader.index(2)],
    speed: reader.index(2) === 0 ? null : reader.long(),
    inBitsPerSecond: reader.index(2) === 0 ? null : reader.double(),
    inPacketsPerSecond: reader.index(2) === 0 ? null : reader.double(),
    inUtilisation: reader.index(2) === 0 ? null : reader.double(),
    inErrorsPerSecond: reader.index(2) === 0 ? null : reader.double(),
    inDiscardsPerSecond: reader.index(2) === 0 ? null : reader.double(),
    outBitsPerSecond: reader.index(2) === 0 ? null : reader.double(),
    outPacketsPerSecond: reader.index(2) === 0 ? null : reader.double(),
    outUtilisation: reader.index(2) === 0 ? null : reader.double(),
    outErrorsPerSecond: reader.index(2) === 0 ? null : reader.double(),
    outDiscardsPerSecond: reader.index(2) === 0 ? null : reader.double(),
    wraps: reader.int(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeInterfaceRates(value: InterfaceRates, schemaId: number): Buffer {
  writer.begin(schemaId);
  putInterfaceRates(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeInterfaceRates(value: Uint8Array): InterfaceRates {
  objectReader.begin(value);
  const result = takeInterfaceRates(objectReader);
  objectReader.finish();
  return result;
}

/** InterfaceRates with its code, as a topic holds it. */
export const INTERFACE_RATES: RecordType<InterfaceRates> = { name: 'netweaver.metrics.InterfaceRates', schema: INTERFACE_RATES_SCHEMA, encode: encodeInterfaceRates, decode: decodeInterfaceRates };
