// Made from flows/flow-batch.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeIpRow, writeLong } from '../avro';
import type { RecordType } from '../avro';
import { formatIpRow, IPV4_MAPPED_WORD } from '../ip';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** Symbols of FlowProtocol, by index. Export protocols. */
export const FLOW_PROTOCOL_SYMBOLS = ['NETFLOW_V5', 'NETFLOW_V9', 'IPFIX', 'SFLOW_V5'] as const;
/** A symbol of FlowProtocol. */
export type FlowProtocol = (typeof FLOW_PROTOCOL_SYMBOLS)[number];
/** Index of each symbol of FlowProtocol, as columns hold it. */
export const FLOW_PROTOCOL = { NETFLOW_V5: 0, NETFLOW_V9: 1, IPFIX: 2, SFLOW_V5: 3 } as const;

/** Symbols of TunnelKind, by index. Ways to carry a packet in a packet. */
export const TUNNEL_KIND_SYMBOLS = ['NONE', 'VXLAN', 'GENEVE', 'GRE', 'IPIP', 'SRV6', 'MPLS', 'GTPU', 'L2TP'] as const;
/** A symbol of TunnelKind. */
export type TunnelKind = (typeof TUNNEL_KIND_SYMBOLS)[number];
/** Index of each symbol of TunnelKind, as columns hold it. */
export const TUNNEL_KIND = { NONE: 0, VXLAN: 1, GENEVE: 2, GRE: 3, IPIP: 4, SRV6: 5, MPLS: 6, GTPU: 7, L2TP: 8 } as const;

/** A datagram as it arrived. */
export interface Datagram {
  /** Address that the datagram came from (IPFIX exporterIPv4Address, IE 130, or exporterIPv6Address, IE 131); for sFlow the agent address of its header. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  exporter: string;
  /** Observation domain id of IPFIX (IE 149), source id of NetFlow v9, engine type * 256 + engine id of NetFlow v5, sub-agent id of sFlow; no unit. */
  observationDomain: number;
  /** Export protocol of the datagram. */
  protocol: FlowProtocol;
  /** Sequence number of the header as sent: flows (v5), datagrams (v9, sFlow), records (IPFIX); wraps at 2^32; no unit. */
  sequence: number;
  /** 32-bit hash of the datagram's payload, which with exporter, domain and sequence tells a datagram sent twice; no unit. */
  contentHash: number;
  /** When the exporter sent it, by its own clock, in milliseconds since the epoch; sFlow has no clock: the time of receipt. */
  exportTime: number;
  /** When the collector received it, in milliseconds since the epoch. */
  receiveTime: number;
  /** Datagrams of its exporter that this one stands for where the collector limits its rate: 1 all were kept. It is in the samplingRate of the flows already; unit: datagrams. */
  thinning: number;
  /** The exporter multiplied the counters of these flows by its sampling rate already, so that their samplingRate is 1; no unit. */
  scaled: boolean;
}

/** What not every flow has: where its ends are, what is inside a tunnel, elements that were asked for. */
export interface FlowDetail {
  /** Country of the source, ISO 3166-1 alpha-2; empty where not known; no unit. */
  srcCountry: string;
  /** Country of the destination, ISO 3166-1 alpha-2; empty where not known; no unit. */
  dstCountry: string;
  /** Site of the source by the configured prefixes; empty where there is none; no unit. */
  srcSite: string;
  /** Site of the destination by the configured prefixes; empty where there is none; no unit. */
  dstSite: string;
  /** How the inner packet is carried. */
  tunnel: TunnelKind;
  /** Identifier in the tunnel's header: VXLAN and GENEVE network identifier, GRE key, GTP-U tunnel endpoint identifier; 0 where there is none; no unit. */
  tunnelId: number;
  /** Source address of the inner packet. 4 bytes for IPv4, 16 for IPv6, none where there is none. */
  innerSrcAddr: string;
  /** Destination address of the inner packet. 4 bytes for IPv4, 16 for IPv6, none where there is none. */
  innerDstAddr: string;
  /** Source port of the inner packet; no unit. */
  innerSrcPort: number;
  /** Destination port of the inner packet; for ICMP type * 256 + code; no unit. */
  innerDstPort: number;
  /** IP protocol number of the inner packet; no unit. */
  innerProto: number;
  /** Information elements that the row has no field for and that were asked for, by name; by `ie<number>` or `<enterprise>.<number>` where they have none; no unit. */
  extra: Record<string, string>;
}

/** One flow record, or one sampled packet of sFlow. */
export interface Flow {
  /** Index into `datagrams`; no unit. */
  datagram: number;
  /** Source address (IE 8 sourceIPv4Address, IE 27 sourceIPv6Address). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  srcAddr: string;
  /** Destination address (IE 12 destinationIPv4Address, IE 28 destinationIPv6Address). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  dstAddr: string;
  /** Source port (IE 7 sourceTransportPort); no unit; 0 where the protocol has none. */
  srcPort: number;
  /** Destination port (IE 11 destinationTransportPort); for ICMP type * 256 + code (IE 32 icmpTypeCodeIPv4, IE 139 icmpTypeCodeIPv6); no unit. */
  dstPort: number;
  /** IP protocol number (IE 4 protocolIdentifier); no unit. */
  proto: number;
  /** Union of the TCP flags seen (IE 6 tcpControlBits), a bit each; no unit. */
  tcpFlags: number;
  /** Type of service, or IPv6 traffic class (IE 5 ipClassOfService); no unit. */
  tos: number;
  /** Packets as exported, before scaling by samplingRate (IE 2 packetDeltaCount); unit: packets. */
  packets: number;
  /** IP bytes as exported, before scaling by samplingRate (IE 1 octetDeltaCount); sFlow: length of the sampled frame; unit: bytes. */
  bytes: number;
  /** Packets that each exported packet stands for: 1 unsampled, 0 not known (then taken as 1) (IE 34 samplingInterval, IE 305 and 306); unit: packets. */
  samplingRate: number;
  /** First packet of the flow, in milliseconds since the epoch (IE 152 flowStartMilliseconds and its kin). */
  start: number;
  /** Last packet of the flow, in milliseconds since the epoch (IE 153 flowEndMilliseconds and its kin): the event time. */
  end: number;
  /** SNMP index of the interface that it came in by (IE 10 ingressInterface); 0 not known; no unit. */
  inIf: number;
  /** SNMP index of the interface that it went out by (IE 14 egressInterface); 0 not known; no unit. */
  outIf: number;
  /** Next hop (IE 15 ipNextHopIPv4Address, IE 62 ipNextHopIPv6Address). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. */
  nextHop: string;
  /** Autonomous system of the source (IE 16 bgpSourceAsNumber); 0 not known; no unit. */
  srcAs: number;
  /** Autonomous system of the destination (IE 17 bgpDestinationAsNumber); 0 not known; no unit. */
  dstAs: number;
  /** Prefix length of the source route (IE 9 sourceIPv4PrefixLength, IE 29 sourceIPv6PrefixLength); unit: bits. */
  srcMask: number;
  /** Prefix length of the destination route (IE 13 destinationIPv4PrefixLength, IE 30 destinationIPv6PrefixLength); unit: bits. */
  dstMask: number;
  /** VLAN id of the source side (IE 58 vlanId); 0 none; no unit. */
  vlan: number;
  /** 0 seen at ingress, 1 at egress (IE 61 flowDirection); no unit. */
  direction: number;
  /** What not every flow has; null where there is nothing. */
  detail: FlowDetail | null;
  /** Exporters known to have reported this flow when the record was written, 1 to 63 (63: or more); 1 on flows.raw; always one byte, the last of the record; no unit. */
  observers: number;
}

/** Flows of one partition, as decoded from the datagrams of one or more exporters, with those datagrams. A datagram's flows of a partition are never split over two batches. */
export interface FlowBatch {
  /** The datagrams that these flows came in, in order of receipt. */
  datagrams: Datagram[];
  /** The flows. */
  flows: Flow[];
}

/** The schema's text, as it is registered. */
export const FLOW_BATCH_SCHEMA =
  '{"type":"record","name":"FlowBatch","namespace":"netweaver.flows","doc":"Flows of one partition, as decoded from the datagrams of one or more exporters, with those datagrams. A datagram\'s flows of a partition are never split over two batches.","fields":[{"name":"datagrams","type":{"type":"array","items":{"type":"record","name":"Datagram","doc":"A datagram as it arrived.","fields":[{"name":"exporter","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Address that the datagram came from (IPFIX exporterIPv4Address, IE 130, or exporterIPv6Address, IE 131); for sFlow the agent address of its header. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"observationDomain","type":"long","doc":"Observation domain id of IPFIX (IE 149), source id of NetFlow v9, engine type * 256 + engine id of NetFlow v5, sub-agent id of sFlow; no unit."},{"name":"protocol","type":{"type":"enum","name":"FlowProtocol","symbols":["NETFLOW_V5","NETFLOW_V9","IPFIX","SFLOW_V5"],"doc":"Export protocols."},"doc":"Export protocol of the datagram."},{"name":"sequence","type":"long","doc":"Sequence number of the header as sent: flows (v5), datagrams (v9, sFlow), records (IPFIX); wraps at 2^32; no unit."},{"name":"contentHash","type":"int","doc":"32-bit hash of the datagram\'s payload, which with exporter, domain and sequence tells a datagram sent twice; no unit."},{"name":"exportTime","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the exporter sent it, by its own clock, in milliseconds since the epoch; sFlow has no clock: the time of receipt."},{"name":"receiveTime","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the collector received it, in milliseconds since the epoch."},{"name":"thinning","type":"long","default":1,"doc":"Datagrams of its exporter that this one stands for where the collector limits its rate: 1 all were kept. It is in the samplingRate of the flows already; unit: datagrams."},{"name":"scaled","type":"boolean","default":false,"doc":"The exporter multiplied the counters of these flows by its sampling rate already, so that their samplingRate is 1; no unit."}]}},"doc":"The datagrams that these flows came in, in order of receipt."},{"name":"flows","type":{"type":"array","items":{"type":"record","name":"Flow","doc":"One flow record, or one sampled packet of sFlow.","fields":[{"name":"datagram","type":"int","doc":"Index into `datagrams`; no unit."},{"name":"srcAddr","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Source address (IE 8 sourceIPv4Address, IE 27 sourceIPv6Address). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"dstAddr","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Destination address (IE 12 destinationIPv4Address, IE 28 destinationIPv6Address). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"srcPort","type":"int","doc":"Source port (IE 7 sourceTransportPort); no unit; 0 where the protocol has none."},{"name":"dstPort","type":"int","doc":"Destination port (IE 11 destinationTransportPort); for ICMP type * 256 + code (IE 32 icmpTypeCodeIPv4, IE 139 icmpTypeCodeIPv6); no unit."},{"name":"proto","type":"int","doc":"IP protocol number (IE 4 protocolIdentifier); no unit."},{"name":"tcpFlags","type":"int","doc":"Union of the TCP flags seen (IE 6 tcpControlBits), a bit each; no unit."},{"name":"tos","type":"int","doc":"Type of service, or IPv6 traffic class (IE 5 ipClassOfService); no unit."},{"name":"packets","type":"long","doc":"Packets as exported, before scaling by samplingRate (IE 2 packetDeltaCount); unit: packets."},{"name":"bytes","type":"long","doc":"IP bytes as exported, before scaling by samplingRate (IE 1 octetDeltaCount); sFlow: length of the sampled frame; unit: bytes."},{"name":"samplingRate","type":"long","doc":"Packets that each exported packet stands for: 1 unsampled, 0 not known (then taken as 1) (IE 34 samplingInterval, IE 305 and 306); unit: packets."},{"name":"start","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First packet of the flow, in milliseconds since the epoch (IE 152 flowStartMilliseconds and its kin)."},{"name":"end","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Last packet of the flow, in milliseconds since the epoch (IE 153 flowEndMilliseconds and its kin): the event time."},{"name":"inIf","type":"long","doc":"SNMP index of the interface that it came in by (IE 10 ingressInterface); 0 not known; no unit."},{"name":"outIf","type":"long","doc":"SNMP index of the interface that it went out by (IE 14 egressInterface); 0 not known; no unit."},{"name":"nextHop","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Next hop (IE 15 ipNextHopIPv4Address, IE 62 ipNextHopIPv6Address). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say."},{"name":"srcAs","type":"long","doc":"Autonomous system of the source (IE 16 bgpSourceAsNumber); 0 not known; no unit."},{"name":"dstAs","type":"long","doc":"Autonomous system of the destination (IE 17 bgpDestinationAsNumber); 0 not known; no unit."},{"name":"srcMask","type":"int","doc":"Prefix length of the source route (IE 9 sourceIPv4PrefixLength, IE 29 sourceIPv6PrefixLength); unit: bits."},{"name":"dstMask","type":"int","doc":"Prefix length of the destination route (IE 13 destinationIPv4PrefixLength, IE 30 destinationIPv6PrefixLength); unit: bits."},{"name":"vlan","type":"int","doc":"VLAN id of the source side (IE 58 vlanId); 0 none; no unit."},{"name":"direction","type":"int","doc":"0 seen at ingress, 1 at egress (IE 61 flowDirection); no unit."},{"name":"detail","type":["null",{"type":"record","name":"FlowDetail","doc":"What not every flow has: where its ends are, what is inside a tunnel, elements that were asked for.","fields":[{"name":"srcCountry","type":"string","doc":"Country of the source, ISO 3166-1 alpha-2; empty where not known; no unit."},{"name":"dstCountry","type":"string","doc":"Country of the destination, ISO 3166-1 alpha-2; empty where not known; no unit."},{"name":"srcSite","type":"string","doc":"Site of the source by the configured prefixes; empty where there is none; no unit."},{"name":"dstSite","type":"string","doc":"Site of the destination by the configured prefixes; empty where there is none; no unit."},{"name":"tunnel","type":{"type":"enum","name":"TunnelKind","symbols":["NONE","VXLAN","GENEVE","GRE","IPIP","SRV6","MPLS","GTPU","L2TP"],"doc":"Ways to carry a packet in a packet."},"doc":"How the inner packet is carried."},{"name":"tunnelId","type":"long","doc":"Identifier in the tunnel\'s header: VXLAN and GENEVE network identifier, GRE key, GTP-U tunnel endpoint identifier; 0 where there is none; no unit."},{"name":"innerSrcAddr","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Source address of the inner packet. 4 bytes for IPv4, 16 for IPv6, none where there is none."},{"name":"innerDstAddr","type":{"type":"bytes","logicalType":"ip-address"},"doc":"Destination address of the inner packet. 4 bytes for IPv4, 16 for IPv6, none where there is none."},{"name":"innerSrcPort","type":"int","doc":"Source port of the inner packet; no unit."},{"name":"innerDstPort","type":"int","doc":"Destination port of the inner packet; for ICMP type * 256 + code; no unit."},{"name":"innerProto","type":"int","doc":"IP protocol number of the inner packet; no unit."},{"name":"extra","type":{"type":"map","values":"string"},"doc":"Information elements that the row has no field for and that were asked for, by name; by `ie<number>` or `<enterprise>.<number>` where they have none; no unit."}]}],"default":null,"doc":"What not every flow has; null where there is nothing."},{"name":"observers","type":"int","doc":"Exporters known to have reported this flow when the record was written, 1 to 63 (63: or more); 1 on flows.raw; always one byte, the last of the record; no unit."}]}},"doc":"The flows."}]}';

function putDatagram(value: Datagram): void {
  writer.ip(value.exporter);
  writer.long(value.observationDomain);
  writer.symbol(value.protocol, FLOW_PROTOCOL_SYMBOLS);
  writer.long(value.sequence);
  writer.int(value.contentHash);
  writer.long(value.exportTime);
  writer.long(value.receiveTime);
  writer.long(value.thinning);
  writer.boolean(value.scaled);
}

function putFlowDetail(value: FlowDetail): void {
  writer.string(value.srcCountry);
  writer.string(value.dstCountry);
  writer.string(value.srcSite);
  writer.string(value.dstSite);
  writer.symbol(value.tunnel, TUNNEL_KIND_SYMBOLS);
  writer.long(value.tunnelId);
  writer.ip(value.innerSrcAddr);
  writer.ip(value.innerDstAddr);
  writer.int(value.innerSrcPort);
  writer.int(value.innerDstPort);
  writer.int(value.innerProto);
  writer.texts(value.extra);
}

function putFlow(value: Flow): void {
  writer.int(value.datagram);
  writer.ip(value.srcAddr);
  writer.ip(value.dstAddr);
  writer.int(value.srcPort);
  writer.int(value.dstPort);
  writer.int(value.proto);
  writer.int(value.tcpFlags);
  writer.int(value.tos);
  writer.long(value.packets);
  writer.long(value.bytes);
  writer.long(value.samplingRate);
  writer.long(value.start);
  writer.long(value.end);
  writer.long(value.inIf);
  writer.long(value.outIf);
  writer.ip(value.nextHop);
  writer.long(value.srcAs);
  writer.long(value.dstAs);
  writer.int(value.srcMask);
  writer.int(value.dstMask);
  writer.int(value.vlan);
  writer.int(value.direction);
  writer.long(value.detail === null ? 0 : 1);
  if (value.detail !== null) putFlowDetail(value.detail);
  writer.int(value.observers);
}

function putFlowBatch(value: FlowBatch): void {
  if (value.datagrams.length > 0) writer.long(value.datagrams.length);
  for (const row of value.datagrams) putDatagram(row);
  writer.long(0);
  if (value.flows.length > 0) writer.long(value.flows.length);
  for (const row of value.flows) putFlow(row);
  writer.long(0);
}

const takeDatagram = (reader: AvroReader): Datagram => ({
    exporter: reader.ip(),
    observationDomain: reader.long(),
    protocol: FLOW_PROTOCOL_SYMBOLS[reader.index(4)],
    sequence: reader.long(),
    contentHash: reader.int(),
    exportTime: reader.long(),
    receiveTime: reader.long(),
    thinning: reader.long(),
    scaled: reader.boolean(),
});

const takeFlowDetail = (reader: AvroReader): FlowDetail => ({
    srcCountry: reader.string(),
    dstCountry: reader.string(),
    srcSite: reader.string(),
    dstSite: reader.string(),
    tunnel: TUNNEL_KIND_SYMBOLS[reader.index(9)],
    tunnelId: reader.long(),
    innerSrcAddr: reader.ip(),
    innerDstAddr: reader.ip(),
    innerSrcPort: reader.int(),
    innerDstPort: reader.int(),
    innerProto: reader.int(),
    extra: reader.texts(),
});

const takeFlow = (reader: AvroReader): Flow => ({
    datagram: reader.int(),
    srcAddr: reader.ip(),
    dstAddr: reader.ip(),
    srcPort: reader.int(),
    dstPort: reader.int(),
    proto: reader.int(),
    tcpFlags: reader.int(),
    tos: reader.int(),
    packets: reader.long(),
    bytes: reader.long(),
    samplingRate: reader.long(),
    start: reader.long(),
    end: reader.long(),
    inIf: reader.long(),
    outIf: reader.long(),
    nextHop: reader.ip(),
    srcAs: reader.long(),
    dstAs: reader.long(),
    srcMask: reader.int(),
    dstMask: reader.int(),
    vlan: reader.int(),
    direction: reader.int(),
    detail: reader.index(2) === 0 ? null : takeFlowDetail(reader),
    observers: reader.int(),
});

const takeFlowBatch = (reader: AvroReader): FlowBatch => ({
    datagrams: takeRows(reader, 9, takeDatagram),
    flows: takeRows(reader, 24, takeFlow),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeFlowBatch(value: FlowBatch, schemaId: number): Buffer {
  writer.begin(schemaId);
  putFlowBatch(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeFlowBatch(value: Uint8Array): FlowBatch {
  objectReader.begin(value);
  const result = takeFlowBatch(objectReader);
  objectReader.finish();
  return result;
}

/** FlowBatch with its code, as a topic holds it. */
export const FLOW_BATCH: RecordType<FlowBatch> = { name: 'netweaver.flows.FlowBatch', schema: FLOW_BATCH_SCHEMA, encode: encodeFlowBatch, decode: decodeFlowBatch };

/** Most bytes that one Datagram takes. */
export const DATAGRAM_MAX_BYTES = 68;

/** Rows of Datagram as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class DatagramColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Address that the datagram came from (IPFIX exporterIPv4Address, IE 130, or exporterIPv6Address, IE 131); for sFlow the agent address of its header. 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  exporter: Uint8Array = new Uint8Array(0);
  /** The same memory as `exporter`: 4 little-endian words a row. */
  exporterWords: Int32Array = new Int32Array(0);
  /** Observation domain id of IPFIX (IE 149), source id of NetFlow v9, engine type * 256 + engine id of NetFlow v5, sub-agent id of sFlow; no unit. */
  observationDomain: Float64Array = new Float64Array(0);
  /** Export protocol of the datagram. The index of the symbol. */
  protocol: Uint8Array = new Uint8Array(0);
  /** Sequence number of the header as sent: flows (v5), datagrams (v9, sFlow), records (IPFIX); wraps at 2^32; no unit. */
  sequence: Float64Array = new Float64Array(0);
  /** 32-bit hash of the datagram's payload, which with exporter, domain and sequence tells a datagram sent twice; no unit. */
  contentHash: Int32Array = new Int32Array(0);
  /** When the exporter sent it, by its own clock, in milliseconds since the epoch; sFlow has no clock: the time of receipt. */
  exportTime: Float64Array = new Float64Array(0);
  /** When the collector received it, in milliseconds since the epoch. */
  receiveTime: Float64Array = new Float64Array(0);
  /** Datagrams of its exporter that this one stands for where the collector limits its rate: 1 all were kept. It is in the samplingRate of the flows already; unit: datagrams. */
  thinning: Float64Array = new Float64Array(0);
  /** The exporter multiplied the counters of these flows by its sampling rate already, so that their samplingRate is 1; no unit. 1 for true. */
  scaled: Uint8Array = new Uint8Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.exporter = grown(this.exporter, capacity * 16);
    this.exporterWords = new Int32Array(this.exporter.buffer);
    this.observationDomain = grown(this.observationDomain, capacity);
    this.protocol = grown(this.protocol, capacity);
    this.sequence = grown(this.sequence, capacity);
    this.contentHash = grown(this.contentHash, capacity);
    this.exportTime = grown(this.exportTime, capacity);
    this.receiveTime = grown(this.receiveTime, capacity);
    this.thinning = grown(this.thinning, capacity);
    this.scaled = grown(this.scaled, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): Datagram {
    return {
      exporter: formatIpRow(this.exporter, row * 16),
      observationDomain: this.observationDomain[row],
      protocol: FLOW_PROTOCOL_SYMBOLS[this.protocol[row]],
      sequence: this.sequence[row],
      contentHash: this.contentHash[row],
      exportTime: this.exportTime[row],
      receiveTime: this.receiveTime[row],
      thinning: this.thinning[row],
      scaled: this.scaled[row] === 1,
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(9); count > 0; count = reader.block(9)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, exporterWords: exporterColumn, observationDomain: observationDomainColumn, protocol: protocolColumn, sequence: sequenceColumn, contentHash: contentHashColumn, exportTime: exportTimeColumn, receiveTime: receiveTimeColumn, thinning: thinningColumn, scaled: scaledColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        exporterColumn[w] = 0;
        exporterColumn[w + 1] = 0;
        exporterColumn[w + 2] = IPV4_MAPPED_WORD;
        exporterColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        exporterColumn[w] = 0;
        exporterColumn[w + 1] = 0;
        exporterColumn[w + 2] = 0;
        exporterColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) exporterColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('exporter is no address.');
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('observationDomain is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) observationDomainColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        observationDomainColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('protocol is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      if (v >= 8 || v < 0 || (v & 1) === 1) throw malformed('protocol is no symbol of FlowProtocol.');
      protocolColumn[i] = v >>> 1;
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('sequence is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) sequenceColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        sequenceColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('contentHash is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      contentHashColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('exportTime is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) exportTimeColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        exportTimeColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('receiveTime is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) receiveTimeColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        receiveTimeColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('thinning is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) thinningColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        thinningColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      if (b > 1) throw malformed('scaled is no boolean.');
      scaledColumn[i] = b;
      if (p > end) throw malformed('The bytes end within Datagram.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where DATAGRAM_MAX_BYTES bytes must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeDatagram(target: Uint8Array, position: number, columns: DatagramColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeIpRow(target, p, columns.exporterWords, row << 2);
  x = columns.observationDomain[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  v = columns.protocol[row] << 1;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  x = columns.sequence[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  v = columns.contentHash[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  x = columns.exportTime[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.receiveTime[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.thinning[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  target[p++] = columns.scaled[row];
  return p;
}

function skipFlowDetail(reader: AvroReader): void {
  reader.skipBytes();
  reader.skipBytes();
  reader.skipBytes();
  reader.skipBytes();
  reader.index(9);
  reader.long();
  reader.ip();
  reader.ip();
  reader.int();
  reader.int();
  reader.int();
  reader.skipTexts();
}
/** Most bytes that one Flow takes, what is in detail left out. */
export const FLOW_MAX_BYTES = 179;

/** Rows of Flow as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class FlowColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Index into `datagrams`; no unit. */
  datagram: Int32Array = new Int32Array(0);
  /** Source address (IE 8 sourceIPv4Address, IE 27 sourceIPv6Address). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  srcAddr: Uint8Array = new Uint8Array(0);
  /** The same memory as `srcAddr`: 4 little-endian words a row. */
  srcAddrWords: Int32Array = new Int32Array(0);
  /** Destination address (IE 12 destinationIPv4Address, IE 28 destinationIPv6Address). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  dstAddr: Uint8Array = new Uint8Array(0);
  /** The same memory as `dstAddr`: 4 little-endian words a row. */
  dstAddrWords: Int32Array = new Int32Array(0);
  /** Source port (IE 7 sourceTransportPort); no unit; 0 where the protocol has none. */
  srcPort: Int32Array = new Int32Array(0);
  /** Destination port (IE 11 destinationTransportPort); for ICMP type * 256 + code (IE 32 icmpTypeCodeIPv4, IE 139 icmpTypeCodeIPv6); no unit. */
  dstPort: Int32Array = new Int32Array(0);
  /** IP protocol number (IE 4 protocolIdentifier); no unit. */
  proto: Int32Array = new Int32Array(0);
  /** Union of the TCP flags seen (IE 6 tcpControlBits), a bit each; no unit. */
  tcpFlags: Int32Array = new Int32Array(0);
  /** Type of service, or IPv6 traffic class (IE 5 ipClassOfService); no unit. */
  tos: Int32Array = new Int32Array(0);
  /** Packets as exported, before scaling by samplingRate (IE 2 packetDeltaCount); unit: packets. */
  packets: Float64Array = new Float64Array(0);
  /** IP bytes as exported, before scaling by samplingRate (IE 1 octetDeltaCount); sFlow: length of the sampled frame; unit: bytes. */
  bytes: Float64Array = new Float64Array(0);
  /** Packets that each exported packet stands for: 1 unsampled, 0 not known (then taken as 1) (IE 34 samplingInterval, IE 305 and 306); unit: packets. */
  samplingRate: Float64Array = new Float64Array(0);
  /** First packet of the flow, in milliseconds since the epoch (IE 152 flowStartMilliseconds and its kin). */
  start: Float64Array = new Float64Array(0);
  /** Last packet of the flow, in milliseconds since the epoch (IE 153 flowEndMilliseconds and its kin): the event time. */
  end: Float64Array = new Float64Array(0);
  /** SNMP index of the interface that it came in by (IE 10 ingressInterface); 0 not known; no unit. */
  inIf: Float64Array = new Float64Array(0);
  /** SNMP index of the interface that it went out by (IE 14 egressInterface); 0 not known; no unit. */
  outIf: Float64Array = new Float64Array(0);
  /** Next hop (IE 15 ipNextHopIPv4Address, IE 62 ipNextHopIPv6Address). 4 bytes for IPv4, 16 for IPv6, none where the exporter does not say. 16 bytes a row; IPv4 as IPv4-mapped, none all zero. */
  nextHop: Uint8Array = new Uint8Array(0);
  /** The same memory as `nextHop`: 4 little-endian words a row. */
  nextHopWords: Int32Array = new Int32Array(0);
  /** Autonomous system of the source (IE 16 bgpSourceAsNumber); 0 not known; no unit. */
  srcAs: Float64Array = new Float64Array(0);
  /** Autonomous system of the destination (IE 17 bgpDestinationAsNumber); 0 not known; no unit. */
  dstAs: Float64Array = new Float64Array(0);
  /** Prefix length of the source route (IE 9 sourceIPv4PrefixLength, IE 29 sourceIPv6PrefixLength); unit: bits. */
  srcMask: Int32Array = new Int32Array(0);
  /** Prefix length of the destination route (IE 13 destinationIPv4PrefixLength, IE 30 destinationIPv6PrefixLength); unit: bits. */
  dstMask: Int32Array = new Int32Array(0);
  /** VLAN id of the source side (IE 58 vlanId); 0 none; no unit. */
  vlan: Int32Array = new Int32Array(0);
  /** 0 seen at ingress, 1 at egress (IE 61 flowDirection); no unit. */
  direction: Int32Array = new Int32Array(0);
  /** What not every flow has; null where there is nothing. Where its bytes begin in `source`, and where they end: 0 where there is none. */
  detailAt: Int32Array = new Int32Array(0);
  detailEnd: Int32Array = new Int32Array(0);
  /** Exporters known to have reported this flow when the record was written, 1 to 63 (63: or more); 1 on flows.raw; always one byte, the last of the record; no unit. */
  observers: Int32Array = new Int32Array(0);
  /** The bytes that detail lie in: those of the batch decoded last. */
  source: Buffer = Buffer.alloc(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.datagram = grown(this.datagram, capacity);
    this.srcAddr = grown(this.srcAddr, capacity * 16);
    this.srcAddrWords = new Int32Array(this.srcAddr.buffer);
    this.dstAddr = grown(this.dstAddr, capacity * 16);
    this.dstAddrWords = new Int32Array(this.dstAddr.buffer);
    this.srcPort = grown(this.srcPort, capacity);
    this.dstPort = grown(this.dstPort, capacity);
    this.proto = grown(this.proto, capacity);
    this.tcpFlags = grown(this.tcpFlags, capacity);
    this.tos = grown(this.tos, capacity);
    this.packets = grown(this.packets, capacity);
    this.bytes = grown(this.bytes, capacity);
    this.samplingRate = grown(this.samplingRate, capacity);
    this.start = grown(this.start, capacity);
    this.end = grown(this.end, capacity);
    this.inIf = grown(this.inIf, capacity);
    this.outIf = grown(this.outIf, capacity);
    this.nextHop = grown(this.nextHop, capacity * 16);
    this.nextHopWords = new Int32Array(this.nextHop.buffer);
    this.srcAs = grown(this.srcAs, capacity);
    this.dstAs = grown(this.dstAs, capacity);
    this.srcMask = grown(this.srcMask, capacity);
    this.dstMask = grown(this.dstMask, capacity);
    this.vlan = grown(this.vlan, capacity);
    this.direction = grown(this.direction, capacity);
    this.detailAt = grown(this.detailAt, capacity);
    this.detailEnd = grown(this.detailEnd, capacity);
    this.observers = grown(this.observers, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): Flow {
    return {
      datagram: this.datagram[row],
      srcAddr: formatIpRow(this.srcAddr, row * 16),
      dstAddr: formatIpRow(this.dstAddr, row * 16),
      srcPort: this.srcPort[row],
      dstPort: this.dstPort[row],
      proto: this.proto[row],
      tcpFlags: this.tcpFlags[row],
      tos: this.tos[row],
      packets: this.packets[row],
      bytes: this.bytes[row],
      samplingRate: this.samplingRate[row],
      start: this.start[row],
      end: this.end[row],
      inIf: this.inIf[row],
      outIf: this.outIf[row],
      nextHop: formatIpRow(this.nextHop, row * 16),
      srcAs: this.srcAs[row],
      dstAs: this.dstAs[row],
      srcMask: this.srcMask[row],
      dstMask: this.dstMask[row],
      vlan: this.vlan[row],
      direction: this.direction[row],
      detail: this.detailEnd[row] === 0 ? null : takeFlowDetail(objectReader.within(this.source, this.detailAt[row], this.detailEnd[row])),
      observers: this.observers[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.source = reader.bytes;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(24); count > 0; count = reader.block(24)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, datagram: datagramColumn, srcAddrWords: srcAddrColumn, dstAddrWords: dstAddrColumn, srcPort: srcPortColumn, dstPort: dstPortColumn, proto: protoColumn, tcpFlags: tcpFlagsColumn, tos: tosColumn, packets: packetsColumn, bytes: bytesColumn, samplingRate: samplingRateColumn, start: startColumn, end: endColumn, inIf: inIfColumn, outIf: outIfColumn, nextHopWords: nextHopColumn, srcAs: srcAsColumn, dstAs: dstAsColumn, srcMask: srcMaskColumn, dstMask: dstMaskColumn, vlan: vlanColumn, direction: directionColumn, detailAt: detailAtColumn, detailEnd: detailEndColumn, observers: observersColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('datagram is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      datagramColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        srcAddrColumn[w] = 0;
        srcAddrColumn[w + 1] = 0;
        srcAddrColumn[w + 2] = IPV4_MAPPED_WORD;
        srcAddrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        srcAddrColumn[w] = 0;
        srcAddrColumn[w + 1] = 0;
        srcAddrColumn[w + 2] = 0;
        srcAddrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) srcAddrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('srcAddr is no address.');
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        dstAddrColumn[w] = 0;
        dstAddrColumn[w + 1] = 0;
        dstAddrColumn[w + 2] = IPV4_MAPPED_WORD;
        dstAddrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        dstAddrColumn[w] = 0;
        dstAddrColumn[w + 1] = 0;
        dstAddrColumn[w + 2] = 0;
        dstAddrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) dstAddrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('dstAddr is no address.');
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('srcPort is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      srcPortColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('dstPort is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      dstPortColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('proto is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      protoColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('tcpFlags is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      tcpFlagsColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('tos is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      tosColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('packets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) packetsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        packetsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('bytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) bytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        bytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('samplingRate is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) samplingRateColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        samplingRateColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('start is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) startColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        startColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('end is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) endColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        endColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('inIf is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) inIfColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        inIfColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('outIf is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) outIfColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        outIfColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        nextHopColumn[w] = 0;
        nextHopColumn[w + 1] = 0;
        nextHopColumn[w + 2] = IPV4_MAPPED_WORD;
        nextHopColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        nextHopColumn[w] = 0;
        nextHopColumn[w + 1] = 0;
        nextHopColumn[w + 2] = 0;
        nextHopColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) nextHopColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('nextHop is no address.');
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('srcAs is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) srcAsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        srcAsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('dstAs is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) dstAsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        dstAsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('srcMask is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      srcMaskColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('dstMask is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      dstMaskColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('vlan is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      vlanColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('direction is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      directionColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      detailAtColumn[i] = detailEndColumn[i] = 0;
      if (b === 2) {
        reader.position = p;
        skipFlowDetail(reader);
        detailAtColumn[i] = p - gap;
        p = reader.position;
        detailEndColumn[i] = p - gap;
      } else if (b !== 0) throw malformed('detail is no branch of its union.');
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('observers is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      observersColumn[i] = (v >>> 1) ^ -(v & 1);
      if (p > end) throw malformed('The bytes end within Flow.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where FLOW_MAX_BYTES bytes and the parts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeFlow(target: Uint8Array, position: number, columns: FlowColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  v = columns.datagram[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  p = writeIpRow(target, p, columns.srcAddrWords, row << 2);
  p = writeIpRow(target, p, columns.dstAddrWords, row << 2);
  v = columns.srcPort[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  v = columns.dstPort[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  v = columns.proto[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  v = columns.tcpFlags[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  v = columns.tos[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  x = columns.packets[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.bytes[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.samplingRate[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.start[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.end[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.inIf[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.outIf[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  p = writeIpRow(target, p, columns.nextHopWords, row << 2);
  x = columns.srcAs[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.dstAs[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  v = columns.srcMask[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  v = columns.dstMask[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  v = columns.vlan[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  v = columns.direction[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  v = columns.detailEnd[row];
  target[p++] = v === 0 ? 0 : 2;
  if (v !== 0) p += columns.source.copy(target, p, columns.detailAt[row], v);
  v = columns.observers[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  return p;
}

/** FlowBatch with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class FlowBatchColumns {
  /** The datagrams that these flows came in, in order of receipt. */
  readonly datagrams = new DatagramColumns();
  /** The flows. */
  readonly flows = new FlowColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 179;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.datagrams.decode(reader);
      this.flows.decode(reader);
      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
    this.datagrams.length = 0;
    this.flows.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeFlowBatchColumns(columns: FlowBatchColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  if (columns.datagrams.length > 0) writer.long(columns.datagrams.length);
  for (let row = 0; row < columns.datagrams.length; row++) {
    writer.reserve(DATAGRAM_MAX_BYTES);
    writer.position = writeDatagram(writer.bytes, writer.position, columns.datagrams, row);
  }
  writer.long(0);
  if (columns.flows.length > 0) writer.long(columns.flows.length);
  for (let row = 0; row < columns.flows.length; row++) {
    writer.reserve(FLOW_MAX_BYTES + columns.flows.detailEnd[row] - columns.flows.detailAt[row]);
    writer.position = writeFlow(writer.bytes, writer.position, columns.flows, row);
  }
  writer.long(0);
  return writer.finish();
}

/** Of Flow the columns datagram, srcAddr, dstAddr, srcPort, dstPort, proto, start, end; the others stay empty. */
class FlowTupleColumns extends FlowColumns {
  override reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.datagram = grown(this.datagram, capacity);
    this.srcAddr = grown(this.srcAddr, capacity * 16);
    this.srcAddrWords = new Int32Array(this.srcAddr.buffer);
    this.dstAddr = grown(this.dstAddr, capacity * 16);
    this.dstAddrWords = new Int32Array(this.dstAddr.buffer);
    this.srcPort = grown(this.srcPort, capacity);
    this.dstPort = grown(this.dstPort, capacity);
    this.proto = grown(this.proto, capacity);
    this.start = grown(this.start, capacity);
    this.end = grown(this.end, capacity);
    this.detailAt = grown(this.detailAt, capacity);
    this.detailEnd = grown(this.detailEnd, capacity);
    this.capacity = capacity;
  }

  protected override decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, datagram: datagramColumn, srcAddrWords: srcAddrColumn, dstAddrWords: dstAddrColumn, srcPort: srcPortColumn, dstPort: dstPortColumn, proto: protoColumn, start: startColumn, end: endColumn, detailAt: detailAtColumn, detailEnd: detailEndColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('datagram is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      datagramColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        srcAddrColumn[w] = 0;
        srcAddrColumn[w + 1] = 0;
        srcAddrColumn[w + 2] = IPV4_MAPPED_WORD;
        srcAddrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        srcAddrColumn[w] = 0;
        srcAddrColumn[w + 1] = 0;
        srcAddrColumn[w + 2] = 0;
        srcAddrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) srcAddrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('srcAddr is no address.');
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        dstAddrColumn[w] = 0;
        dstAddrColumn[w + 1] = 0;
        dstAddrColumn[w + 2] = IPV4_MAPPED_WORD;
        dstAddrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        dstAddrColumn[w] = 0;
        dstAddrColumn[w + 1] = 0;
        dstAddrColumn[w + 2] = 0;
        dstAddrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) dstAddrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('dstAddr is no address.');
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('srcPort is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      srcPortColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('dstPort is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      dstPortColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('proto is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      protoColumn[i] = (v >>> 1) ^ -(v & 1);
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('tcpFlags is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('tos is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('packets is beyond 2^53.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('bytes is beyond 2^53.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('samplingRate is beyond 2^53.');
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('start is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) startColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        startColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('end is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) endColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        endColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('inIf is beyond 2^53.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('outIf is beyond 2^53.');
      b = bytes[p++];
      if (b !== 0 && b !== 8 && b !== 32) throw malformed('nextHop is no address.');
      p += b >>> 1;
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('srcAs is beyond 2^53.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('dstAs is beyond 2^53.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('srcMask is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('dstMask is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('vlan is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('direction is beyond 32 bits.');
      b = bytes[p++];
      detailAtColumn[i] = detailEndColumn[i] = 0;
      if (b === 2) {
        reader.position = p;
        skipFlowDetail(reader);
        detailAtColumn[i] = p - gap;
        p = reader.position;
        detailEndColumn[i] = p - gap;
      } else if (b !== 0) throw malformed('detail is no branch of its union.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('observers is beyond 32 bits.');
      if (p > end) throw malformed('The bytes end within Flow.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** {@link FlowBatchColumns} that decode of `flows` only datagram, srcAddr, dstAddr, srcPort, dstPort, proto, start, end: what is refused is the same. */
export class FlowTupleBatchColumns extends FlowBatchColumns {
  override readonly flows = new FlowTupleColumns();
}

/** Of Flow the columns datagram, srcAddr, dstAddr, packets, bytes, samplingRate, end, inIf, outIf, srcAs, dstAs, srcMask, dstMask; the others stay empty. */
class FlowTrafficColumns extends FlowColumns {
  override reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.datagram = grown(this.datagram, capacity);
    this.srcAddr = grown(this.srcAddr, capacity * 16);
    this.srcAddrWords = new Int32Array(this.srcAddr.buffer);
    this.dstAddr = grown(this.dstAddr, capacity * 16);
    this.dstAddrWords = new Int32Array(this.dstAddr.buffer);
    this.packets = grown(this.packets, capacity);
    this.bytes = grown(this.bytes, capacity);
    this.samplingRate = grown(this.samplingRate, capacity);
    this.end = grown(this.end, capacity);
    this.inIf = grown(this.inIf, capacity);
    this.outIf = grown(this.outIf, capacity);
    this.srcAs = grown(this.srcAs, capacity);
    this.dstAs = grown(this.dstAs, capacity);
    this.srcMask = grown(this.srcMask, capacity);
    this.dstMask = grown(this.dstMask, capacity);
    this.detailAt = grown(this.detailAt, capacity);
    this.detailEnd = grown(this.detailEnd, capacity);
    this.capacity = capacity;
  }

  protected override decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, datagram: datagramColumn, srcAddrWords: srcAddrColumn, dstAddrWords: dstAddrColumn, packets: packetsColumn, bytes: bytesColumn, samplingRate: samplingRateColumn, end: endColumn, inIf: inIfColumn, outIf: outIfColumn, srcAs: srcAsColumn, dstAs: dstAsColumn, srcMask: srcMaskColumn, dstMask: dstMaskColumn, detailAt: detailAtColumn, detailEnd: detailEndColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('datagram is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      datagramColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        srcAddrColumn[w] = 0;
        srcAddrColumn[w + 1] = 0;
        srcAddrColumn[w + 2] = IPV4_MAPPED_WORD;
        srcAddrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        srcAddrColumn[w] = 0;
        srcAddrColumn[w + 1] = 0;
        srcAddrColumn[w + 2] = 0;
        srcAddrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) srcAddrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('srcAddr is no address.');
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        dstAddrColumn[w] = 0;
        dstAddrColumn[w + 1] = 0;
        dstAddrColumn[w + 2] = IPV4_MAPPED_WORD;
        dstAddrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        dstAddrColumn[w] = 0;
        dstAddrColumn[w + 1] = 0;
        dstAddrColumn[w + 2] = 0;
        dstAddrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) dstAddrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('dstAddr is no address.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('srcPort is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('dstPort is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('proto is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('tcpFlags is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('tos is beyond 32 bits.');
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('packets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) packetsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        packetsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('bytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) bytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        bytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('samplingRate is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) samplingRateColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        samplingRateColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('start is beyond 2^53.');
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('end is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) endColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        endColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('inIf is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) inIfColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        inIfColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('outIf is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) outIfColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        outIfColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      if (b !== 0 && b !== 8 && b !== 32) throw malformed('nextHop is no address.');
      p += b >>> 1;
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('srcAs is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) srcAsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        srcAsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('dstAs is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) dstAsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        dstAsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('srcMask is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      srcMaskColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('dstMask is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      dstMaskColumn[i] = (v >>> 1) ^ -(v & 1);
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('vlan is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('direction is beyond 32 bits.');
      b = bytes[p++];
      detailAtColumn[i] = detailEndColumn[i] = 0;
      if (b === 2) {
        reader.position = p;
        skipFlowDetail(reader);
        detailAtColumn[i] = p - gap;
        p = reader.position;
        detailEndColumn[i] = p - gap;
      } else if (b !== 0) throw malformed('detail is no branch of its union.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('observers is beyond 32 bits.');
      if (p > end) throw malformed('The bytes end within Flow.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** {@link FlowBatchColumns} that decode of `flows` only datagram, srcAddr, dstAddr, packets, bytes, samplingRate, end, inIf, outIf, srcAs, dstAs, srcMask, dstMask: what is refused is the same. */
export class FlowTrafficBatchColumns extends FlowBatchColumns {
  override readonly flows = new FlowTrafficColumns();
}

/** Of Flow the columns datagram, srcAddr, dstAddr, srcPort, dstPort, proto, tcpFlags, packets, bytes, samplingRate, start, end; the others stay empty. */
class FlowConductColumns extends FlowColumns {
  override reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.datagram = grown(this.datagram, capacity);
    this.srcAddr = grown(this.srcAddr, capacity * 16);
    this.srcAddrWords = new Int32Array(this.srcAddr.buffer);
    this.dstAddr = grown(this.dstAddr, capacity * 16);
    this.dstAddrWords = new Int32Array(this.dstAddr.buffer);
    this.srcPort = grown(this.srcPort, capacity);
    this.dstPort = grown(this.dstPort, capacity);
    this.proto = grown(this.proto, capacity);
    this.tcpFlags = grown(this.tcpFlags, capacity);
    this.packets = grown(this.packets, capacity);
    this.bytes = grown(this.bytes, capacity);
    this.samplingRate = grown(this.samplingRate, capacity);
    this.start = grown(this.start, capacity);
    this.end = grown(this.end, capacity);
    this.detailAt = grown(this.detailAt, capacity);
    this.detailEnd = grown(this.detailEnd, capacity);
    this.capacity = capacity;
  }

  protected override decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, datagram: datagramColumn, srcAddrWords: srcAddrColumn, dstAddrWords: dstAddrColumn, srcPort: srcPortColumn, dstPort: dstPortColumn, proto: protoColumn, tcpFlags: tcpFlagsColumn, packets: packetsColumn, bytes: bytesColumn, samplingRate: samplingRateColumn, start: startColumn, end: endColumn, detailAt: detailAtColumn, detailEnd: detailEndColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('datagram is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      datagramColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        srcAddrColumn[w] = 0;
        srcAddrColumn[w + 1] = 0;
        srcAddrColumn[w + 2] = IPV4_MAPPED_WORD;
        srcAddrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        srcAddrColumn[w] = 0;
        srcAddrColumn[w + 1] = 0;
        srcAddrColumn[w + 2] = 0;
        srcAddrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) srcAddrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('srcAddr is no address.');
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        dstAddrColumn[w] = 0;
        dstAddrColumn[w + 1] = 0;
        dstAddrColumn[w + 2] = IPV4_MAPPED_WORD;
        dstAddrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        dstAddrColumn[w] = 0;
        dstAddrColumn[w + 1] = 0;
        dstAddrColumn[w + 2] = 0;
        dstAddrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) dstAddrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('dstAddr is no address.');
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('srcPort is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      srcPortColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('dstPort is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      dstPortColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('proto is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      protoColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('tcpFlags is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      tcpFlagsColumn[i] = (v >>> 1) ^ -(v & 1);
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('tos is beyond 32 bits.');
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('packets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) packetsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        packetsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('bytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) bytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        bytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('samplingRate is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) samplingRateColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        samplingRateColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('start is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) startColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        startColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('end is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) endColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        endColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('inIf is beyond 2^53.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('outIf is beyond 2^53.');
      b = bytes[p++];
      if (b !== 0 && b !== 8 && b !== 32) throw malformed('nextHop is no address.');
      p += b >>> 1;
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('srcAs is beyond 2^53.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('dstAs is beyond 2^53.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('srcMask is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('dstMask is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('vlan is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('direction is beyond 32 bits.');
      b = bytes[p++];
      detailAtColumn[i] = detailEndColumn[i] = 0;
      if (b === 2) {
        reader.position = p;
        skipFlowDetail(reader);
        detailAtColumn[i] = p - gap;
        p = reader.position;
        detailEndColumn[i] = p - gap;
      } else if (b !== 0) throw malformed('detail is no branch of its union.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('observers is beyond 32 bits.');
      if (p > end) throw malformed('The bytes end within Flow.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** {@link FlowBatchColumns} that decode of `flows` only datagram, srcAddr, dstAddr, srcPort, dstPort, proto, tcpFlags, packets, bytes, samplingRate, start, end: what is refused is the same. */
export class FlowConductBatchColumns extends FlowBatchColumns {
  override readonly flows = new FlowConductColumns();
}

/** Of Flow the columns datagram, srcAddr, dstAddr, dstPort, proto, packets, bytes, samplingRate, start, end, inIf, outIf; the others stay empty. */
class FlowMeasureColumns extends FlowColumns {
  override reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.datagram = grown(this.datagram, capacity);
    this.srcAddr = grown(this.srcAddr, capacity * 16);
    this.srcAddrWords = new Int32Array(this.srcAddr.buffer);
    this.dstAddr = grown(this.dstAddr, capacity * 16);
    this.dstAddrWords = new Int32Array(this.dstAddr.buffer);
    this.dstPort = grown(this.dstPort, capacity);
    this.proto = grown(this.proto, capacity);
    this.packets = grown(this.packets, capacity);
    this.bytes = grown(this.bytes, capacity);
    this.samplingRate = grown(this.samplingRate, capacity);
    this.start = grown(this.start, capacity);
    this.end = grown(this.end, capacity);
    this.inIf = grown(this.inIf, capacity);
    this.outIf = grown(this.outIf, capacity);
    this.detailAt = grown(this.detailAt, capacity);
    this.detailEnd = grown(this.detailEnd, capacity);
    this.capacity = capacity;
  }

  protected override decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, datagram: datagramColumn, srcAddrWords: srcAddrColumn, dstAddrWords: dstAddrColumn, dstPort: dstPortColumn, proto: protoColumn, packets: packetsColumn, bytes: bytesColumn, samplingRate: samplingRateColumn, start: startColumn, end: endColumn, inIf: inIfColumn, outIf: outIfColumn, detailAt: detailAtColumn, detailEnd: detailEndColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0, w = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('datagram is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      datagramColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        srcAddrColumn[w] = 0;
        srcAddrColumn[w + 1] = 0;
        srcAddrColumn[w + 2] = IPV4_MAPPED_WORD;
        srcAddrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        srcAddrColumn[w] = 0;
        srcAddrColumn[w + 1] = 0;
        srcAddrColumn[w + 2] = 0;
        srcAddrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) srcAddrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('srcAddr is no address.');
      b = bytes[p++];
      w = i << 2;
      if (b === 8) {
        dstAddrColumn[w] = 0;
        dstAddrColumn[w + 1] = 0;
        dstAddrColumn[w + 2] = IPV4_MAPPED_WORD;
        dstAddrColumn[w + 3] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        p += 4;
      } else if (b === 0) {
        dstAddrColumn[w] = 0;
        dstAddrColumn[w + 1] = 0;
        dstAddrColumn[w + 2] = 0;
        dstAddrColumn[w + 3] = 0;
      } else if (b === 32) {
        for (let last = w + 4; w < last; w++, p += 4) dstAddrColumn[w] = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      } else throw malformed('dstAddr is no address.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('srcPort is beyond 32 bits.');
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('dstPort is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      dstPortColumn[i] = (v >>> 1) ^ -(v & 1);
      b = bytes[p++];
      v = b & 127;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
          b = bytes[p++];
          if (b > 15) throw malformed('proto is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      protoColumn[i] = (v >>> 1) ^ -(v & 1);
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('tcpFlags is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('tos is beyond 32 bits.');
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('packets is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) packetsColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        packetsColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('bytes is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) bytesColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        bytesColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('samplingRate is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) samplingRateColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        samplingRateColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('start is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) startColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        startColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('end is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) endColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        endColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('inIf is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) inIfColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        inIfColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('outIf is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) outIfColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        outIfColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      if (b !== 0 && b !== 8 && b !== 32) throw malformed('nextHop is no address.');
      p += b >>> 1;
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('srcAs is beyond 2^53.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 31) throw malformed('dstAs is beyond 2^53.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('srcMask is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('dstMask is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('vlan is beyond 32 bits.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('direction is beyond 32 bits.');
      b = bytes[p++];
      detailAtColumn[i] = detailEndColumn[i] = 0;
      if (b === 2) {
        reader.position = p;
        skipFlowDetail(reader);
        detailAtColumn[i] = p - gap;
        p = reader.position;
        detailEndColumn[i] = p - gap;
      } else if (b !== 0) throw malformed('detail is no branch of its union.');
      if (bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 127 && bytes[p++] > 15) throw malformed('observers is beyond 32 bits.');
      if (p > end) throw malformed('The bytes end within Flow.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** {@link FlowBatchColumns} that decode of `flows` only datagram, srcAddr, dstAddr, dstPort, proto, packets, bytes, samplingRate, start, end, inIf, outIf: what is refused is the same. */
export class FlowMeasureBatchColumns extends FlowBatchColumns {
  override readonly flows = new FlowMeasureColumns();
}
