/** The events that Logstash's codec is expected to give, chosen ones of each capture. */
import { Comparison, elementsOf } from './compare';
import { read, type Decoded } from './capture';

interface Golden {
  readonly decoded_events_expected: number;
  readonly events: readonly { readonly index: number; readonly event: { readonly netflow?: Readonly<Record<string, unknown>>; readonly ipfix?: Readonly<Record<string, unknown>> } }[];
}

/** The codec's names for NetFlow; those of IPFIX are the elements'. */
const NAMES: Readonly<Record<string, string>> = {
  ipv4_src_addr: 'sourceIPv4Address', ipv4_dst_addr: 'destinationIPv4Address', ipv6_src_addr: 'sourceIPv6Address', ipv6_dst_addr: 'destinationIPv6Address', l4_src_port: 'sourceTransportPort', l4_dst_port: 'destinationTransportPort',
  protocol: 'protocolIdentifier', in_pkts: 'packetDeltaCount', in_bytes: 'octetDeltaCount', out_pkts: 'postPacketDeltaCount', out_bytes: 'postOctetDeltaCount', input_snmp: 'ingressInterface', output_snmp: 'egressInterface',
  src_tos: 'ipClassOfService', tcp_flags: 'tcpControlBits', direction: 'flowDirection', ipv4_next_hop: 'nextHop', ipNextHopIPv4Address: 'nextHop', src_mask: 'sourceIPv4PrefixLength', dst_mask: 'destinationIPv4PrefixLength', src_as: 'bgpSourceAsNumber',
  dst_as: 'bgpDestinationAsNumber', flow_sampler_id: 'samplerId', in_src_mac: 'sourceMacAddress', in_dst_mac: 'destinationMacAddress', total_flows_exp: 'exportedFlowRecordTotalCount', total_pkts_exp: 'exportedMessageTotalCount',
  ip_protocol_version: 'ipVersion', src_vlan: 'vlanId', if_desc: 'interfaceDescription', application_name: 'applicationName', application_description: 'applicationDescription', ip_dscp: 'postIpDiffServCodePoint',
};
/** Of the datagram, and texts that the specification leaves open. */
const OTHERS = new Set(['version', 'flow_seq_num', 'flowset_id', 'flow_records', 'engine_id', 'engine_type', 'sampling_algorithm', 'sampling_interval', 'ip_dscp']);

/** Compares where it is plain which record of ours an event is: the capture has flows alone, or options alone. */
export function compareLogstash({ file, flows, records }: Decoded): Comparison | null {
  const golden = JSON.parse(read(file.replace(/pcap$/, 'golden-logstash.json'))) as Golden;
  const options = records.filter((record) => record.kind === 'options');
  const ours = options.length === 0 ? flows : flows.length === 0 ? options : null;
  if (ours === null || golden.decoded_events_expected > ours.length) return null;
  const comparison = new Comparison(file, 'logstash');
  for (const { index, event } of golden.events) {
    const wanted = event.netflow ?? event.ipfix ?? {};
    const record = ours[index];
    comparison.outcome.records++;
    const elements = elementsOf(record);
    for (const [name, value] of Object.entries(wanted)) {
      if (OTHERS.has(name) || typeof value === 'object' || String(value).includes('#{')) continue;
      const element = (NAMES[name] ?? name).toLowerCase();
      const got = elements.get(element) ?? elements.get(element.replaceAll('_', '')) ?? vendorValue(elements, name);
      if (got === undefined) continue;
      comparison.field(`record ${index}`, name, got, value, wanted, record, sameOrTime);
    }
  }
  return comparison;
}

/** `proceraBaseService` is `procera.baseService` here. */
function vendorValue(elements: ReadonlyMap<string, string>, name: string): string | undefined {
  const lower = name.toLowerCase();
  for (const [element, value] of elements) if (element.includes('.') && lower === element.replace('.', '')) return value;
  return undefined;
}

const sameOrTime = (ours: string, theirs: string): boolean => {
  if (ours === theirs || (theirs !== '' && Number(ours) === Number(theirs)) || ours.replaceAll(':', '').toLowerCase() === theirs.replaceAll(':', '').toLowerCase()) return true;
  const [a, b] = [Date.parse(ours), Date.parse(theirs)];
  return !Number.isNaN(a) && a === b;
};
