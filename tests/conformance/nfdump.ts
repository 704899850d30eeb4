import { asForward, BOTH_DIRECTIONS, Comparison } from './compare';
import { read, type Decoded, type FlowRecord } from './capture';

type NfdumpFlow = Readonly<Record<string, string | number>>;

const flags = (text: string): number => [...text].reduce((bits, letter, i) => (letter === '.' ? bits : bits | (0x80 >> i)), 0);

/** Field by field as nfdump names and scales them; fields that nfdump does not give are left out. */
function asNfdump(flow: FlowRecord, wanted: NfdumpFlow): Record<string, unknown> {
  const rate = flow.samplingRate || 1;
  const got: Record<string, unknown> = {};
  const put = (name: string, value: unknown): void => {
    if (name in wanted) got[name] = value;
  };
  const icmp = flow.proto === 1 || flow.proto === 58;
  put('first', new Date(flow.start).toISOString().slice(0, -1));
  put('last', new Date(flow.end).toISOString().slice(0, -1));
  put('in_packets', flow.packets * rate);
  put('in_bytes', flow.bytes * rate);
  put('proto', flow.proto);
  put('tcp_flags', flow.tcpFlags & 255);
  put('src_port', flow.srcPort);
  put('dst_port', flow.dstPort);
  if (icmp) {
    put('icmp_type', flow.dstPort >> 8);
    put('icmp_code', flow.dstPort & 255);
  }
  put('src_tos', flow.tos);
  put(wanted.src4_addr === undefined || flow.srcAddr.includes(':') ? 'src6_addr' : 'src4_addr', flow.srcAddr);
  put(wanted.dst4_addr === undefined || flow.dstAddr.includes(':') ? 'dst6_addr' : 'dst4_addr', flow.dstAddr);
  put('input_snmp', flow.inIf);
  put('output_snmp', flow.outIf);
  put('src_mask', flow.srcMask);
  put('dst_mask', flow.dstMask);
  put('src_as', flow.srcAs);
  put('dst_as', flow.dstAs);
  put('src_vlan', flow.vlan);
  put('direction', flow.direction);
  put(flow.nextHop.includes(':') ? 'ip6_next_hop' : 'ip4_next_hop', flow.nextHop);
  return got;
}

/** The flows that nfdump stored, in their order. */
export function compareNfdump({ file, flows: decoded }: Decoded): Comparison {
  const comparison = new Comparison(file, 'nfdump');
  const wanted = JSON.parse(read(file.replace(/pcap$/, 'nfdump.json'))) as NfdumpFlow[];
  const flows = BOTH_DIRECTIONS.test(file) ? asForward(decoded) : decoded;
  comparison.outcome.records = wanted.length;
  comparison.count('flows', flows.length, wanted.length);
  wanted.slice(0, flows.length).forEach((record, i) => {
    for (const [name, value] of Object.entries(asNfdump(flows[i], record))) comparison.field(`flow ${i}`, name, value, name === 'tcp_flags' ? flags(String(record[name])) : record[name], record, flows[i], (a, b) => a === b);
  });
  return comparison;
}

interface Summary {
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  readonly flows_by_ip_protocol: Readonly<Record<string, number>>;
  readonly top_sources_by_bytes: readonly [string, number][];
  readonly top_destinations_by_bytes: readonly [string, number][];
}

/** Totals and top lists of nfdump, for large captures. */
export function compareSummary({ file, flows }: Decoded): Comparison {
  const comparison = new Comparison(file, 'nfdump-summary');
  const wanted = JSON.parse(read(file.replace(/pcap$/, 'nfdump-summary.json'))) as Summary;
  const rate = (flow: FlowRecord): number => flow.samplingRate || 1;
  const sums = (key: (flow: FlowRecord) => string, weight: (flow: FlowRecord) => number): Map<string, number> => {
    const by = new Map<string, number>();
    for (const flow of flows) by.set(key(flow), (by.get(key(flow)) ?? 0) + weight(flow));
    return by;
  };
  const bytes = (flow: FlowRecord): number => flow.bytes * rate(flow);
  comparison.outcome.records = wanted.flows;
  comparison.count('flows', flows.length, wanted.flows);
  comparison.count('packets', flows.reduce((sum, flow) => sum + flow.packets * rate(flow), 0), wanted.packets);
  comparison.count('bytes', flows.reduce((sum, flow) => sum + bytes(flow), 0), wanted.bytes);
  for (const [name, by, list] of [['source', sums((flow) => flow.srcAddr, bytes), wanted.top_sources_by_bytes], ['destination', sums((flow) => flow.dstAddr, bytes), wanted.top_destinations_by_bytes]] as const) {
    by.delete('');
    const top = [...by.values()].sort((a, b) => b - a);
    list.forEach(([address, sum], i) => {
      comparison.count(`${name} ${address}`, by.get(address) ?? 0, sum);
      comparison.count(`${name} ${i + 1}`, top[i], sum);
    });
  }
  const protocols = sums((flow) => String(flow.proto), () => 1);
  for (const [protocol, count] of Object.entries(wanted.flows_by_ip_protocol)) comparison.count(`protocol ${protocol}`, protocols.get(protocol) ?? 0, count);
  return comparison;
}
