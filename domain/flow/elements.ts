import type { Elements } from './elements/registry';

/**
 * Information elements (IANA "IPFIX Information Elements"; NetFlow v9 numbers 1 to 127 alike, RFC 3954 section 8) that the
 * Flow row is made from. Of elements that say the same, the first listed that a template holds is taken; of one element that
 * a template holds several times, the first.
 */
export const IE = {
  octetDeltaCount: 1,
  packetDeltaCount: 2,
  protocolIdentifier: 4,
  ipClassOfService: 5,
  tcpControlBits: 6,
  sourceTransportPort: 7,
  sourceIPv4Address: 8,
  sourceIPv4PrefixLength: 9,
  ingressInterface: 10,
  destinationTransportPort: 11,
  destinationIPv4Address: 12,
  destinationIPv4PrefixLength: 13,
  egressInterface: 14,
  ipNextHopIPv4Address: 15,
  bgpSourceAsNumber: 16,
  bgpDestinationAsNumber: 17,
  bgpNextHopIPv4Address: 18,
  flowEndSysUpTime: 21,
  flowStartSysUpTime: 22,
  postOctetDeltaCount: 23,
  postPacketDeltaCount: 24,
  sourceIPv6Address: 27,
  destinationIPv6Address: 28,
  sourceIPv6PrefixLength: 29,
  destinationIPv6PrefixLength: 30,
  icmpTypeCodeIPv4: 32,
  samplingInterval: 34,
  samplerId: 48,
  samplerRandomInterval: 50,
  vlanId: 58,
  flowDirection: 61,
  ipNextHopIPv6Address: 62,
  bgpNextHopIPv6Address: 63,
  octetTotalCount: 85,
  packetTotalCount: 86,
  layer2PacketSectionOffset: 102,
  dataLinkFrameSectionOld: 104,
  icmpTypeCodeIPv6: 139,
  flowStartSeconds: 150,
  flowEndSeconds: 151,
  flowStartMilliseconds: 152,
  flowEndMilliseconds: 153,
  flowStartMicroseconds: 154,
  flowEndMicroseconds: 155,
  flowStartNanoseconds: 156,
  flowEndNanoseconds: 157,
  flowStartDeltaMicroseconds: 158,
  flowEndDeltaMicroseconds: 159,
  systemInitTimeMilliseconds: 160,
  flowDurationMilliseconds: 161,
  flowDurationMicroseconds: 162,
  icmpTypeIPv4: 176,
  icmpCodeIPv4: 177,
  icmpTypeIPv6: 178,
  icmpCodeIPv6: 179,
  udpSourcePort: 180,
  udpDestinationPort: 181,
  tcpSourcePort: 182,
  tcpDestinationPort: 183,
  flowId: 148,
  initiatorOctets: 231,
  responderOctets: 232,
  firewallEvent: 233,
  dot1qVlanId: 243,
  ingressPhysicalInterface: 252,
  egressPhysicalInterface: 253,
  initiatorPackets: 298,
  responderPackets: 299,
  selectionSequenceId: 301,
  selectorId: 302,
  samplingPacketInterval: 305,
  samplingPacketSpace: 306,
  samplingSize: 309,
  samplingPopulation: 310,
  dataLinkFrameSize: 312,
  ipHeaderPacketSection: 313,
  ipPayloadPacketSection: 314,
  dataLinkFrameSection: 315,
  mplsLabelStackSection: 316,
  mplsPayloadPacketSection: 317,
  observationTimeSeconds: 322,
  observationTimeMilliseconds: 323,
  layer2SegmentId: 351,
  layer2OctetDeltaCount: 352,
  dataLinkFrameType: 408,
  sectionOffset: 409,
  srhSegmentIPv6BasicList: 496,
  srhSegmentIPv6ListSection: 497,
  srhActiveSegmentIPv6: 495,
  firewallExtendedEvent: 33002, // NetFlow v9: Cisco
} as const;

/** RFC 3954 section 6.1: scope types of NetFlow v9 options. */
const V9_SCOPES: Readonly<Record<number, string>> = { 1: 'system', 2: 'interface', 3: 'lineCard', 4: 'cache', 5: 'template' };

/** A field of a template. `length` is 65535 where each record says it (RFC 7011 section 7). `scope` is true for scope fields of options. */
export interface Field {
  readonly id: number;
  /** Private enterprise number; 0 for IANA's elements. */
  readonly enterprise: number;
  readonly length: number;
  readonly scope: boolean;
}

/** Name of a field; `ie<number>` or `<enterprise>.<number>` where it has none. `v9` tells scope types from elements. */
export function fieldName(elements: Elements, field: Field, v9: boolean): string {
  return (v9 && field.scope ? V9_SCOPES[field.id] : undefined) ?? elements.name(field.enterprise, field.id);
}

export const VARIABLE = 65535;
