/** What Telegraf's input is expected to give: a line of InfluxDB's protocol a record. */
import { asForward, BOTH_DIRECTIONS, Comparison, elementsOf, same } from './compare';
import { read, type Decoded } from './capture';

const NAMES: Readonly<Record<string, string>> = {
  src_port: 'sourceTransportPort', dst_port: 'destinationTransportPort', in_bytes: 'octetDeltaCount', in_packets: 'packetDeltaCount', in_total_bytes: 'octetTotalCount', in_total_packets: 'packetTotalCount', src_tos: 'ipClassOfService',
  in_snmp: 'ingressInterface', out_snmp: 'egressInterface', src_mask: 'sourceIPv4PrefixLength', dst_mask: 'destinationIPv4PrefixLength', bgp_src_as: 'bgpSourceAsNumber', bgp_dst_as: 'bgpDestinationAsNumber', next_hop: 'nextHop',
  flow_start_ms: 'start', flow_end_ms: 'end', vlan_src: 'vlanId', flow_end_reason: '', icmp_type: '', icmp_code: '',
};
const PROTOCOLS: Readonly<Record<string, string>> = { icmp: '1', tcp: '6', udp: '17', 'ipv6-icmp': '58' };
const FIELD = /(\w+)=("(?:[^"\\]|\\.)*"|[^,\s]+)/g;

/** Compares the flows of NetFlow and IPFIX, where there are as many. */
export function compareTelegraf({ file, flows: decoded }: Decoded): Comparison | null {
  const lines = read(file.replace(/pcap$/, 'golden-telegraf.out')).split('\n').filter((line) => /version=(NetFlow|IPFIX)/.test(line) && /\bdst=/.test(line));
  const flows = BOTH_DIRECTIONS.test(file) ? asForward(decoded) : decoded;
  if (lines.length === 0) return null;
  const comparison = new Comparison(file, 'telegraf');
  comparison.outcome.records = lines.length;
  comparison.count('flows', flows.length, lines.length);
  if (flows.length !== lines.length) return comparison;
  lines.forEach((line, i) => {
    const wanted = Object.fromEntries([...line.slice(line.indexOf(' ') + 1).matchAll(FIELD)].map(([, name, value]) => [name, value.startsWith('"') ? value.slice(1, -1) : value.replace(/[ui]$/, '')]));
    const elements = elementsOf(flows[i]);
    const place = `flow ${i}`;
    for (const [name, value] of Object.entries(wanted)) {
      if (name === 'src' || name === 'dst') comparison.field(place, name, flows[i][`${name}Addr`], value, wanted, flows[i], same);
      else if (name === 'protocol') comparison.field(place, name, flows[i].proto, PROTOCOLS[value] ?? value, wanted, flows[i], same);
      else if (name === 'tcp_flags') comparison.field(place, name, flows[i].tcpFlags & 255, [...value].reduce((bits, letter, bit) => (letter === '.' ? bits : bits | (0x80 >> bit)), 0), wanted, flows[i], same);
      else if (NAMES[name]) comparison.field(place, name, elements.get(NAMES[name].toLowerCase()), value, wanted, flows[i], same);
    }
  });
  return comparison;
}
