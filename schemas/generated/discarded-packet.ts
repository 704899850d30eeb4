// Made from flows/discarded-packet.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** One packet that a device discarded, with the reason (sFlow v5 discarded-packet samples, sflow_drops.txt). */
export interface DiscardedPacket {
  /** Address of the device: sFlow's agent address. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  device: string;
  /** When the collector received it, in milliseconds since the epoch. */
  time: number;
  /** ifIndex of the interface that the packet came in by; 0 not known; no unit. */
  inIf: number;
  /** ifIndex of the interface that it would have gone out by; 0 not known; no unit. */
  outIf: number;
  /** Why it was discarded, as in sflow_drops.txt: below 256 the codes of ICMP's destination unreachable; no unit. */
  reason: number;
  /** The name of the reason there; `reason_<number>` where it has none. */
  reasonName: string;
  /** Discarded packets that the device itself could not report since its last start: its limit of rate, or want of resources; unit: packets. */
  drops: number;
  /** Source address. 4 bytes for IPv4, 16 for IPv6, none where the sample has no IP packet. */
  srcAddr: string;
  /** Destination address. 4 bytes for IPv4, 16 for IPv6, none where the sample has no IP packet. */
  dstAddr: string;
  /** Source port; no unit; 0 where the protocol has none. */
  srcPort: number;
  /** Destination port; for ICMP type * 256 + code; no unit. */
  dstPort: number;
  /** IP protocol number; no unit. */
  proto: number;
  /** TCP flags, a bit each; no unit. */
  tcpFlags: number;
  /** The outermost VLAN id; 0 none; no unit. */
  vlan: number;
  /** Length of the frame, 0 where not known; unit: bytes. */
  length: number;
  /** Queue of the interface that it would have gone out by; no unit; null where not said. */
  queue: number | null;
  /** Number of the access list or rule that it met; no unit; null where not said. */
  acl: number | null;
  /** Name of that list; empty where not said. */
  aclName: string;
  /** Name of the software function that discarded it; empty where not said. */
  function: string;
}

/** The schema's text, as it is registered. */
export const DISCARDED_PACKET_SCHEMA =
  '{"type":"record","name":"DiscardedPacket","namespace":"netweaver.flows","doc":"One packet that a device discarded, with the reason (sFlow v5 discarded-packet samples, sflow_drops.txt).","fields":[{"name":"device","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address of the device: sFlow\'s agent address. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the collector received it, in milliseconds since the epoch."},{"name":"inIf","type":"long","doc":"ifIndex of the interface that the packet came in by; 0 not known; no unit."},{"name":"outIf","type":"long","doc":"ifIndex of the interface that it would have gone out by; 0 not known; no unit."},{"name":"reason","type":"int","doc":"Why it was discarded, as in sflow_drops.txt: below 256 the codes of ICMP\'s destination unreachable; no unit."},{"name":"reasonName","type":"string","doc":"The name of the reason there; `reason_<number>` where it has none."},{"name":"drops","type":"long","doc":"Discarded packets that the device itself could not report since its last start: its limit of rate, or want of resources; unit: packets."},{"name":"srcAddr","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Source address. 4 bytes for IPv4, 16 for IPv6, none where the sample has no IP packet."},{"name":"dstAddr","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Destination address. 4 bytes for IPv4, 16 for IPv6, none where the sample has no IP packet."},{"name":"srcPort","type":"int","doc":"Source port; no unit; 0 where the protocol has none."},{"name":"dstPort","type":"int","doc":"Destination port; for ICMP type * 256 + code; no unit."},{"name":"proto","type":"int","doc":"IP protocol number; no unit."},{"name":"tcpFlags","type":"int","doc":"TCP flags, a bit each; no unit."},{"name":"vlan","type":"int","doc":"The outermost VLAN id; 0 none; no unit."},{"name":"length","type":"long","doc":"Length of the frame, 0 where not known; unit: bytes."},{"name":"queue","type":["null","long"],"doc":"Queue of the interface that it would have gone out by; no unit; null where not said.","default":null},{"name":"acl","type":["null","long"],"doc":"Number of the access list or rule that it met; no unit; null where not said.","default":null},{"name":"aclName","type":"string","doc":"Name of that list; empty where not said.","default":""},{"name":"function","type":"string","doc":"Name of the software function that discarded it; empty where not said.","default":""}]}';

function putDiscardedPacket(value: DiscardedPacket): void {
  writer.ip(value.device);
  writer.long(value.time);
  writer.long(value.inIf);
  writer.long(value.outIf);
  writer.int(value.reason);
  writer.string(value.reasonName);
  writer.long(value.drops);
  writer.ip(value.srcAddr);
  writer.ip(value.dstAddr);
  writer.int(value.srcPort);
  writer.int(value.dstPort);
  writer.int(value.proto);
  writer.int(value.tcpFlags);
  writer.int(value.vlan);
  writer.long(value.length);
  writer.long(value.queue === null ? 0 : 1);
  if (value.queue !== null) writer.long(value.queue);
  writer.long(value.acl === null ? 0 : 1);
  if (value.acl !== null) writer.long(value.acl);
  writer.string(value.aclName);
  writer.string(value.function);
}

const takeDiscardedPacket = (reader: AvroReader): DiscardedPacket => ({
    device: reader.ip(),
    time: reader.long(),
    inIf: reader.long(),
    outIf: reader.long(),
    reason: reader.int(),
    reasonName: reader.string(),
    drops: reader.long(),
    srcAddr: reader.ip(),
    dstAddr: reader.ip(),
    srcPort: reader.int(),
    dstPort: reader.int(),
    proto: reader.int(),
    tcpFlags: reader.int(),
    vlan: reader.int(),
    length: reader.long(),
    queue: reader.index(2) === 0 ? null : reader.long(),
    acl: reader.index(2) === 0 ? null : reader.long(),
    aclName: reader.string(),
    function: reader.string(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeDiscardedPacket(value: DiscardedPacket, schemaId: number): Buffer {
  writer.begin(schemaId);
  putDiscardedPacket(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeDiscardedPacket(value: Uint8Array): DiscardedPacket {
  objectReader.begin(value);
  const result = takeDiscardedPacket(objectReader);
  objectReader.finish();
  return result;
}

/** DiscardedPacket with its code, as a topic holds it. */
export const DISCARDED_PACKET: RecordType<DiscardedPacket> = { name: 'netweaver.flows.DiscardedPacket', schema: DISCARDED_PACKET_SCHEMA, encode: encodeDiscardedPacket, decode: decodeDiscardedPacket };
