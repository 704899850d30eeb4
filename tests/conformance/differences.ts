/**
 * Where an oracle says something else and is not followed, with the RFC's or the vendor's reason. Each is as narrow as it can be told; `npm run
 * conformance` names those that no longer apply to anything.
 */
import type { CaptureRecord } from '../../domain/flow/capture-records';

/** What is known of a field that differs. */
export interface Difference {
  readonly got: string;
  readonly want: string;
  /** The oracle's whole record. */
  readonly wanted: Readonly<Record<string, unknown>>;
  readonly record: CaptureRecord | null;
  readonly name: string;
}

/** A reason for which fields may differ. */
export interface Explanation {
  readonly oracle: string;
  readonly fields: readonly string[];
  /** Captures; left out: all. */
  readonly files?: RegExp;
  readonly reason: string;
  /** Left out: always. */
  readonly when?: (difference: Difference) => boolean;
}

type Flow = Extract<CaptureRecord, { kind: 'flow' }>;
const of = (record: CaptureRecord | null): Flow => record as Flow;

/** Every one. */
export const EXPLANATIONS: readonly Explanation[] = [
  { oracle: 'nfdump', fields: ['first', 'last'], reason: 'it does not know the time elements of the template (150, 151 with others, 154 to 159, IE 160 from options) or there are none, for which we take the export time', when: ({ wanted, name }) => String(wanted[name]).startsWith('1970') },
  { oracle: 'nfdump', fields: ['first', 'last'], files: /^ipfix/, reason: 'it swaps IE 22 flowStartSysUpTime and IE 21 flowEndSysUpTime in IPFIX', when: ({ got, wanted, record, name }) => wanted[name === 'first' ? 'last' : 'first'] === got && of(record).start <= of(record).end },
  { oracle: 'nfdump', fields: ['first', 'last'], files: /softflowd-v9-templates-then-data/, reason: 'sysUpTime has wrapped (2^32 ms) between flow and export: it gives a time after the export', when: ({ got, wanted, record, name }) => Date.parse(`${wanted[name]}Z`) - Date.parse(`${got}Z`) === 2 ** 32 && of(record).end <= of(record).exportTime },
  { oracle: 'nfdump', fields: ['icmp_type', 'icmp_code'], reason: 'it gives ICMP type and code 0 where they come as IE 11 or in a sampled header', when: ({ wanted }) => wanted.icmp_type === 0 && wanted.icmp_code === 0 },
  { oracle: 'nfdump', fields: ['icmp_type', 'icmp_code'], files: /procera/, reason: 'the exporter puts the type into the source port and something else into the destination port; IE 11 is type * 256 + code' },
  { oracle: 'nfdump', fields: ['in_packets', 'in_bytes'], files: /invalid-01|akvorado-(template-and-data|samplingrate|mpls|physical)/, reason: 'it does not apply rates from options data without a sampler id, nor IE 34 in the record', when: ({ wanted, record, name }) => wanted[name] === (name === 'in_bytes' ? of(record).bytes : of(record).packets) && of(record).samplingRate > 1 },
  { oracle: 'nfdump', fields: ['in_packets', 'in_bytes'], files: /pmacct104/, reason: 'the sampler is described in another observation domain than the flows are exported in: pmacct gives the same', when: ({ got, wanted, name }) => Number(got) === 256 * Number(wanted[name]) },
  { oracle: 'nfdump', fields: ['src4_addr', 'dst4_addr', 'src6_addr', 'dst6_addr'], files: /^ipfix/, reason: 'of a template with both families it shows the empty ones only', when: ({ wanted }) => wanted.src4_addr === '0.0.0.0' && wanted.src6_addr === '::' },
  { oracle: 'nfdump', fields: ['proto', 'src_port', 'dst_port', 'src_tos', 'src6_addr', 'dst6_addr'], files: /pmacct(106|400|403|500)/, reason: 'SRv6 templates repeat elements, the outer packet\'s first (RFC 7011 section 8): it takes the last', when: ({ wanted, record }) => of(record).srcAddr.includes(':') && (of(record).proto === 4 || of(record).proto === 41 || wanted.src6_addr !== '::') },
  { oracle: 'nfdump', fields: ['proto'], files: /softflowd-ipfix/, reason: 'its ICMP templates have IE 32 or 139 and no IE 4: the protocol is implied', when: ({ got, wanted }) => wanted.proto === 0 && (got === '1' || got === '58') },
  { oracle: 'nfdump', fields: ['tcp_flags'], files: /telegraf-ipfix-example/, reason: 'YAF has TCP flags in its own elements (6871.14 and 15), which it does not know', when: ({ wanted }) => wanted.tcp_flags === '........' },
  { oracle: 'nfdump', fields: ['ip4_next_hop'], files: /akvorado-mpls/, reason: 'the template has no next hop', when: ({ got }) => got === '' },
  { oracle: 'nfdump', fields: ['src_mask', 'dst_mask'], files: /vflow-v5/, reason: 'it leaves the masks of NetFlow v5 (octets 44 and 45 of the record) out', when: ({ wanted }) => wanted.src_mask === 0 && wanted.dst_mask === 0 },
  { oracle: 'nfdump', fields: ['src_as', 'dst_as'], files: /akvorado-1140/, reason: 'an empty AS path or a source AS 0 means the router\'s own AS (sFlow v5 section 5, extended_gateway)', when: ({ got, wanted, name }) => got === '39421' && wanted[name] === 0 },
  { oracle: 'nfdump', fields: ['input_snmp', 'output_snmp'], files: /^sflow/, reason: '0x3fffffff is the agent itself, formats 1 and 2 are a reason to drop and a number of interfaces (sFlow v5 section 5, interface): no ifIndex', when: ({ got, wanted, name }) => got === '0' && (Number(wanted[name]) === 0x3fffffff || Number(wanted[name]) === 1) },
  { oracle: 'nfdump', fields: ['src4_addr', 'dst4_addr'], files: /^sflow\/gopacket/, reason: 'the sample holds no IP header', when: ({ got, wanted }) => got === '' && wanted.src4_addr === '0.0.0.0' },
  { oracle: 'nfdump', fields: ['proto'], files: /tunnel-ingress/, reason: 'it takes the tunnel\'s protocol for the packet\'s, which the sample does not hold' },
  { oracle: 'nfdump', fields: ['src_vlan'], files: /^sflow/, reason: '0xffffffff in a switch record is a VLAN that the switch does not know (ids have 12 bits); the header tells it', when: ({ wanted }) => wanted.src_vlan === 65535 },
  { oracle: 'nfdump', fields: ['in_bytes'], files: /akvorado-ipv4-data/, reason: 'of a sampled header and a sampled IPv4 record it takes the second\'s length: the IP packet\'s, not the frame\'s', when: ({ wanted, record }) => of(record).bytes === 1390 && wanted.in_bytes === 1344 * 256 },
  { oracle: 'nfdump', fields: ['in_bytes'], files: /gopacket-ethernet-frame/, reason: 'it does not read the length in an Ethernet frame record', when: ({ wanted }) => wanted.in_bytes === 0 },
  { oracle: 'tshark', fields: ['destinationtransportport'], files: /cisco-asa-1/, reason: 'of ICMP the row has type * 256 + code, which the record tells in elements of their own (IE 176, 177)', when: ({ record }) => of(record).proto === 1 },
  { oracle: 'tshark', fields: ['start', 'end'], files: /libnetflow9-1|softflowd-3datagrams|nprobe-2/, reason: 'the exporter leaves the time 0, that is, does not know it: then that of the other end or of the export counts', when: ({ want, got }) => want.startsWith('Jan  1, 1970 00:00:00.0') && got !== '0' },
  { oracle: 'tshark', fields: ['flow records', 'options records'], files: /netflow9\/(invalid-01|graylog-v9-1|h3c-netstream)/, reason: 'it stops at the count in the header of NetFlow v9, which these exporters get wrong; nfdump and the walk decode all', when: ({ got, want }) => Number(got) > Number(want) },
  { oracle: 'tshark', fields: ['flow records'], files: /ipfix\/ixia/, reason: 'it keeps 64 fields of a template at most and does not decode records of longer ones; nfdump and the walk do', when: ({ want }) => want === '0' },
  { oracle: 'tshark', fields: ['datagram'], files: /malformed-6/, reason: 'it dissects the datagram once more in the ICMP message (port unreachable) that quotes it', when: ({ got, want }) => got === '0' && want === '1' },
  { oracle: 'logstash', fields: ['application_id'], reason: 'the same octets in another notation: engine and selector (RFC 6759)', when: ({ got, want }) => want.replace('..', '.') === `${parseInt(got.slice(0, 2), 16)}.${parseInt(got.slice(2), 16)}` },
  { oracle: 'logstash', fields: ['application_name'], files: /nprobe-dpi/, reason: 'the text begins with a zero, where texts end here; what follows is of no text', when: ({ got }) => got === '' },
  { oracle: 'logstash', fields: ['l4_dst_port'], files: /cisco-asa-1/, reason: 'of ICMP the row has type * 256 + code, which the record tells in elements of their own (IE 176, 177)', when: ({ record }) => of(record).proto === 1 },
  { oracle: 'logstash', fields: ['systemInitTimeMilliseconds'], files: /juniper-mx240/, reason: 'the same time in another notation', when: ({ got, want }) => Date.parse(got) === Number(want) },
  { oracle: 'logstash', fields: ['netscalerHttpResForwLB', 'netscalerHttpResForwFB'], files: /netscaler/, reason: 'the vendor gives these elements times (dateTimeMicroseconds); it shows the number', when: ({ got, want }) => want === '0' && got.startsWith('1900-01-01T00:00:00') },
];

/** Where another count than the walk's is right. */
export const COUNTS: Readonly<Record<string, { readonly reason: string; readonly counts: Readonly<Record<string, number>> }>> = {
  'ipfix/telegraf-issue14370.pcap': { reason: 'the set overruns the message by two bytes but not the datagram: decoded all the same, as tshark, nfdump and telegraf do', counts: { flows: 2 } },
  'netflow9/malformed-1.pcap': { reason: 'the walk stops at templates without fields (RFC 3954 section 5.2 has at least one): refused, and counted', counts: { errors: 3 } },
  'netflow9/malformed-3.pcap': { reason: 'after the refused template the walk stops; the data set behind it has no template', counts: { withoutTemplate: 1 } },
  'netflow9/malformed-6.pcap': { reason: 'an options template that runs over its set is one fault, and no template; the walk finds it again in the ICMP message that quotes the datagram', counts: { errors: 1 } },
  'netflow9/fuzz-corpus-libnetflow9.pcap': { reason: 'fuzzer seeds: the walk stops at the first fault of a set', counts: { errors: 49, withoutTemplate: 4 } },
  'sflow/h3c-multiple-counters-30.pcap': { reason: 'five of the datagrams to the sFlow port are NetFlow v5 (any port takes any protocol), faults to a walk that knows sFlow alone', counts: { flows: 7, errors: 0 } },
  'sflow/gopacket-extended-router.pcap': { reason: 'the record is shorter than its sample claims, which the walk does not look at', counts: { errors: 1 } },
  'mixed/softflowd-netflow-v1.pcap': { reason: 'NetFlow v1 is refused and counted', counts: { flows: 0, errors: 1 } },
};
