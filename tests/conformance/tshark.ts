/** TShark's dissection: data records of NetFlow and IPFIX, flows and options alike, by Wireshark's names of fields. */
import { asForward, BOTH_DIRECTIONS, Comparison, elementsOf, same } from './compare';
import { read, type Decoded, type DecodedDatagram } from './capture';

type Fields = Readonly<Record<string, string | readonly string[] | null>>;
interface Packet {
  readonly exporter?: string;
  readonly version?: string;
  readonly sequence?: string;
  readonly od_id?: string;
  readonly source_id?: string;
  readonly sysuptime?: string;
  readonly sets?: readonly { readonly id: number; readonly templates?: readonly number[]; readonly records?: readonly Fields[] }[];
  readonly records?: readonly Fields[];
}

/** Wireshark's names where they are not the element's with underscores. */
const NAMES: Readonly<Record<string, string>> = {
  srcaddr: 'sourceIPv4Address', dstaddr: 'destinationIPv4Address', srcaddrv6: 'sourceIPv6Address', dstaddrv6: 'destinationIPv6Address', inputint: 'ingressInterface', outputint: 'egressInterface',
  packets: 'packetDeltaCount', octets: 'octetDeltaCount', permanent_octets: 'octetTotalCount', permanent_packets: 'packetTotalCount', srcport: 'sourceTransportPort', dstport: 'destinationTransportPort',
  protocol: 'protocolIdentifier', tos: 'ipClassOfService', tcpflags: 'tcpControlBits', srcas: 'bgpSourceAsNumber', dstas: 'bgpDestinationAsNumber', srcmask: 'sourceIPv4PrefixLength', dstmask: 'destinationIPv4PrefixLength',
  srcmaskv6: 'sourceIPv6PrefixLength', dstmaskv6: 'destinationIPv6PrefixLength', direction: 'flowDirection', forwarding_status: 'forwardingStatus', ttl_min: 'minimumTTL', ttl_max: 'maximumTTL',
  srcmac: 'sourceMacAddress', dstmac: 'destinationMacAddress', post_dstmac: 'postDestinationMacAddress', post_srcmac: 'postSourceMacAddress', ethernet_type: 'ethernetType', if_descr: 'interfaceDescription', if_name: 'interfaceName',
  appl_name: 'applicationName', appl_desc: 'applicationDescription', delta_octets_squared: 'octetDeltaSumOfSquares', ipv6flowlabel: 'flowLabelIPv6', length_min: 'minimumIpTotalLength', length_max: 'maximumIpTotalLength',
  mp_id: 'meteringProcessId', od_id: 'observationDomainId', sys_init_time: 'systemInitTimeMilliseconds', flowsexp: 'exportedFlowRecordTotalCount', packetsexp: 'exportedMessageTotalCount', exporter_addr: 'exporterIPv4Address',
  nexthop: 'nextHop', nexthopv6: 'nextHop', frag_ident: 'fragmentIdentification', toplabeltype: 'mplsTopLabelType', toplabeladdr: 'mplsTopLabelIPv4Address', toplabeladdr_v6: 'mplsTopLabelIPv6Address', ip_dscp: 'ipDiffServCodePoint',
  post_octets: 'postOctetDeltaCount', post_packets: 'postPacketDeltaCount', bgpnexthop: 'bgpNextHopIPv4Address', bgpnexthopv6: 'bgpNextHopIPv6Address', ipv6_exthdr: 'ipv6ExtensionHeaders', abstimestart: 'start', abstimeend: 'end',
  vlanid: 'vlanId', post_vlanid: 'postVlanId', ingress_vrfid: 'ingressVRFID', egress_vrfid: 'egressVRFID', observation_time_milliseconds: 'observationTimeMilliseconds', ip_version: 'ipVersion',
};

/** The element that a field of Wireshark's stands for, in small letters. */
const elementOf = (field: string): string => {
  const name = field.replace(/^cflow\./, '');
  return (NAMES[name] ?? name.replaceAll('_', '')).toLowerCase();
};

/** Times are the same where their milliseconds are, or, where Wireshark's is that of a sysUpTime or an interval, not compared here. */
const sameTime = (ours: string, theirs: string): boolean => {
  const ms = Date.parse(theirs.replace(/(\.\d{3})\d*/, '$1'));
  return Number(ours) === ms || new Date(ours).getTime() === ms || Math.floor(Number(ours)) * 1000 === ms;
};

/** Compares all data records of a capture. */
export function compareTshark({ file, datagrams }: Decoded): Comparison {
  const comparison = new Comparison(file, 'tshark');
  const packets = (JSON.parse(read(file.replace(/pcap$/, 'tshark.json'))) as Packet[]).filter(({ version }) => version === '5' || version === '9' || version === '10');
  const options = new Set<string>();
  let next = 0;
  for (const packet of packets) {
    while (next < datagrams.length && !isOf(datagrams[next], packet)) next++;
    if (next === datagrams.length) {
      comparison.count('datagram', 0, 1);
      return comparison;
    }
    compareDatagram(comparison, datagrams[next++], packet, options);
  }
  return comparison;
}

/** By exporter, version and sequence number. */
function isOf({ exporter, payload }: DecodedDatagram, packet: Packet): boolean {
  if (payload.length < 20 || payload.readUInt16BE(0) !== Number(packet.version)) return false;
  const at = packet.version === '5' ? 16 : packet.version === '9' ? 12 : 8;
  return payload.readUInt32BE(at) === Number(packet.sequence) && exporter === packet.exporter;
}

function compareDatagram(comparison: Comparison, { exporter, records }: DecodedDatagram, packet: Packet, options: Set<string>): void {
  const scope = `${exporter} ${packet.version} ${packet.od_id ?? packet.source_id}`;
  const wanted = { flow: [...(packet.records ?? [])], options: [] as Fields[] };
  for (const { id, templates = [], records: data = [] } of packet.sets ?? []) {
    if (id === 1 || id === 3) templates.forEach((template) => options.add(`${scope} ${template}`));
    if (id === 0 || id === 2) templates.forEach((template) => options.delete(`${scope} ${template}`));
    if (id >= 256) wanted[options.has(`${scope} ${id}`) ? 'options' : 'flow'].push(...data);
  }
  for (const kind of ['flow', 'options'] as const) {
    const all = records.filter((record) => record.kind === kind);
    const ours = BOTH_DIRECTIONS.test(comparison.outcome.capture) ? asForward(all) : all;
    comparison.outcome.records += wanted[kind].length;
    comparison.field(`sequence ${packet.sequence}`, `${kind} records`, ours.length, wanted[kind].length, {}, null);
    if (ours.length !== wanted[kind].length) continue;
    wanted[kind].forEach((fields, i) => {
      const elements = elementsOf(ours[i]);
      for (const [field, value] of Object.entries(fields)) {
        if (!field.startsWith('cflow.') || value === null) continue;
        const element = elementOf(field);
        const raw = elements.get(element);
        if (raw === undefined) continue;
        // Wireshark shows the status in the two bits above the reason.
        const got = element === 'forwardingstatus' ? String(Number(raw) >> 6) : raw;
        // Of an element that a template holds several times, the first counts.
        const want = typeof value === 'string' ? value : value[0];
        comparison.field(`sequence ${packet.sequence} ${kind} ${i}`, element, got, want, fields, ours[i], /UTC$/.test(want) ? sameTime : same);
      }
    });
  }
}
