/**
 * Every capture of the collection beside the checkout, against what independent decoders made of it: the counts of the
 * manifest's walk over the bytes, and field by field the flows that nfdump stored.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureReader } from '../pcap/datagrams';
import { CaptureDecoder, type CaptureRecord } from './capture-records';

const FOLDER = join(__dirname, '../../../shared/captures');
const whenCaptures = existsSync(join(FOLDER, 'manifest.json')) ? describe : describe.skip;

type FlowRecord = Extract<CaptureRecord, { kind: 'flow' }>;
type NfdumpFlow = Readonly<Record<string, string | number>>;

interface Entry {
  readonly file: string;
  readonly beside: readonly string[];
  readonly walk?: Readonly<Record<string, number>>;
}

const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const manifest: readonly Entry[] = existsSync(join(FOLDER, 'manifest.json')) ? JSON.parse(read('manifest.json')) : [];
const flowCaptures = manifest.filter(({ walk }) => walk !== undefined);

function decode(file: string): { decoder: CaptureDecoder; records: CaptureRecord[]; flows: FlowRecord[] } {
  const decoder = new CaptureDecoder();
  const records: CaptureRecord[] = [];
  for (const datagram of CaptureReader.open(join(FOLDER, file)).datagrams()) for (const record of decoder.decode(datagram)) records.push(record);
  return { decoder, records, flows: records.filter((record) => record.kind === 'flow') };
}

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

/**
 * The rows that nfdump has: of a record that tells of both directions (RFC 5103) it stores one, with the other direction's counters in it,
 * or without them where it does not know their elements. The row of the other direction follows with its ends exchanged.
 */
function asForward(flows: readonly FlowRecord[]): FlowRecord[] {
  const forward: FlowRecord[] = [];
  let before: FlowRecord | undefined;
  for (const flow of flows) {
    const icmp = flow.proto === 1 || flow.proto === 58;
    const reverse = before?.srcAddr === flow.dstAddr && before.dstAddr === flow.srcAddr && before.sequence === flow.sequence && (icmp || (before.srcPort === flow.dstPort && before.dstPort === flow.srcPort));
    before = reverse ? undefined : flow;
    if (!reverse) forward.push(flow);
  }
  return forward;
}

/** Captures with records of both directions. */
const BOTH_DIRECTIONS = /ipfixprobe-biflow|telegraf-ipfix-example/;

/** Where another count than the walk's is right. */
const COUNTS: Readonly<Record<string, { readonly reason: string; readonly counts: Readonly<Record<string, number>> }>> = {
  'ipfix/telegraf-issue14370.pcap': { reason: 'the set overruns the message by two bytes but not the datagram: decoded all the same, as tshark, nfdump and telegraf do', counts: { flows: 2 } },
  'netflow9/malformed-1.pcap': { reason: 'the walk stops at templates without fields (RFC 3954 section 5.2 has at least one): refused, and counted', counts: { errors: 3 } },
  'netflow9/malformed-3.pcap': { reason: 'after the refused template the walk stops; the data set behind it has no template', counts: { withoutTemplate: 1 } },
  'netflow9/malformed-6.pcap': { reason: 'an options template that runs over its set is one fault, and no template', counts: { errors: 1 } },
  'netflow9/fuzz-corpus-libnetflow9.pcap': { reason: 'fuzzer seeds: the walk stops at the first fault of a set', counts: { errors: 49, withoutTemplate: 4 } },
  'sflow/h3c-multiple-counters-30.pcap': { reason: 'five of the datagrams to the sFlow port are NetFlow v5 (any port takes any protocol), faults to a walk that knows sFlow alone', counts: { flows: 7, errors: 0 } },
  'sflow/gopacket-extended-router.pcap': { reason: 'the record is shorter than its sample claims, which the walk does not look at', counts: { errors: 1 } },
  'mixed/softflowd-netflow-v1.pcap': { reason: 'NetFlow v1 is refused and counted', counts: { flows: 0, errors: 1 } },
};

type Exception = { readonly fields: readonly string[]; readonly reason: string; readonly files?: RegExp; readonly when?: (got: string, wanted: NfdumpFlow, flow: FlowRecord, name: string) => boolean };

/** Where nfdump 1.7.1 says something else and is not followed. */
const EXCEPTIONS: readonly Exception[] = [
  { fields: ['first', 'last'], reason: 'it does not know the time elements of the template (150, 151 with others, 154 to 159, IE 160 from options) or there are none, for which we take the export time', when: (_got, wanted, _flow, name) => String(wanted[name]).startsWith('1970') },
  { fields: ['first', 'last'], files: /^ipfix/, reason: 'it swaps IE 22 flowStartSysUpTime and IE 21 flowEndSysUpTime in IPFIX', when: (got, wanted, flow, name) => wanted[name === 'first' ? 'last' : 'first'] === got && flow.start <= flow.end },
  { fields: ['first', 'last'], files: /softflowd-v9-templates-then-data/, reason: 'sysUpTime has wrapped (2^32 ms) between flow and export: it gives a time after the export', when: (got, wanted, flow, name) => Date.parse(`${wanted[name]}Z`) - Date.parse(`${got}Z`) === 2 ** 32 && flow.end <= flow.exportTime },
  { fields: ['icmp_type', 'icmp_code'], reason: 'it gives ICMP type and code 0 where they come as IE 11 or in a sampled header', when: (_got, wanted) => wanted.icmp_type === 0 && wanted.icmp_code === 0 },
  { fields: ['icmp_type', 'icmp_code'], files: /procera/, reason: 'the exporter puts the type into the source port and something else into the destination port; IE 11 is type * 256 + code' },
  { fields: ['in_packets', 'in_bytes'], files: /invalid-01|akvorado-(template-and-data|samplingrate|mpls|physical)/, reason: 'it does not apply rates from options data without a sampler id, nor IE 34 in the record', when: (_got, wanted, flow, name) => wanted[name] === (name === 'in_bytes' ? flow.bytes : flow.packets) && flow.samplingRate > 1 },
  { fields: ['in_packets', 'in_bytes'], files: /pmacct104/, reason: 'the sampler is described in another observation domain than the flows are exported in: pmacct gives the same', when: (got, wanted, _flow, name) => Number(got) === 256 * Number(wanted[name]) },
  { fields: ['src4_addr', 'dst4_addr', 'src6_addr', 'dst6_addr'], files: /^ipfix/, reason: 'of a template with both families it shows the empty ones only', when: (_got, wanted) => wanted.src4_addr === '0.0.0.0' && wanted.src6_addr === '::' },
  { fields: ['proto', 'src_port', 'dst_port', 'src_tos', 'src6_addr', 'dst6_addr'], files: /pmacct(106|400|403|500)/, reason: 'SRv6 templates repeat elements, the outer packet\'s first (RFC 7011 section 8): it takes the last', when: (_got, wanted, flow) => flow.srcAddr.includes(':') && (flow.proto === 4 || flow.proto === 41 || wanted.src6_addr !== '::') },
  { fields: ['src6_addr', 'dst6_addr'], files: /pmacct400/, reason: 'the same, with an inner packet whose addresses are empty', when: (_got, wanted) => wanted.src6_addr === '::' },
  { fields: ['proto'], files: /softflowd-ipfix/, reason: 'its ICMP templates have IE 32 or 139 and no IE 4: the protocol is implied', when: (got, wanted) => wanted.proto === 0 && (got === '1' || got === '58') },
  { fields: ['tcp_flags'], files: /telegraf-ipfix-example/, reason: 'YAF has TCP flags in its own elements (6871.14 and 15), which it does not know', when: (_got, wanted) => wanted.tcp_flags === '........' },
  { fields: ['ip4_next_hop'], files: /akvorado-mpls/, reason: 'the template has no next hop', when: (got) => got === '' },
  { fields: ['src_mask', 'dst_mask'], files: /vflow-v5/, reason: 'it leaves the masks of NetFlow v5 (octets 44 and 45 of the record) out', when: (_got, wanted) => wanted.src_mask === 0 && wanted.dst_mask === 0 },
  { fields: ['src_as', 'dst_as'], files: /akvorado-1140/, reason: 'an empty AS path or a source AS 0 means the router\'s own AS (sFlow v5 section 5, extended_gateway)', when: (got, wanted, _flow, name) => got === '39421' && wanted[name] === 0 },
  { fields: ['input_snmp', 'output_snmp'], files: /^sflow/, reason: '0x3fffffff is the agent itself, formats 1 and 2 are a reason to drop and a number of interfaces (sFlow v5 section 5, interface): no ifIndex', when: (got, wanted, _flow, name) => got === '0' && (Number(wanted[name]) === 0x3fffffff || Number(wanted[name]) === 1) },
  { fields: ['src4_addr', 'dst4_addr'], files: /^sflow\/gopacket/, reason: 'the sample holds no IP header', when: (got, wanted) => got === '' && wanted.src4_addr === '0.0.0.0' },
  { fields: ['proto'], files: /tunnel-ingress/, reason: 'it takes the tunnel\'s protocol for the packet\'s, which the sample does not hold' },
  { fields: ['src_vlan'], files: /^sflow/, reason: '0xffffffff in a switch record is a VLAN that the switch does not know (ids have 12 bits); the header tells it', when: (_got, wanted) => wanted.src_vlan === 65535 },
  { fields: ['in_bytes'], files: /akvorado-ipv4-data/, reason: 'of a sampled header and a sampled IPv4 record it takes the second\'s length: the IP packet\'s, not the frame\'s', when: (_got, wanted, flow) => flow.bytes === 1390 && wanted.in_bytes === 1344 * 256 },
  { fields: ['in_bytes'], files: /gopacket-ethernet-frame/, reason: 'it does not read the length in an Ethernet frame record', when: (_got, wanted) => wanted.in_bytes === 0 },
];

whenCaptures('captures (needs the collection of captures)', () => {
  describe('as many records as the walk over the bytes finds', () => {
    test.each(flowCaptures.map((entry) => [entry.file, entry] as const))('%s', (file, { walk = {} }) => {
      const { decoder, records } = decode(file);
      const { counts } = decoder.decoder;
      const faults = records.filter((record) => record.kind === 'fault').map(({ fault }) => fault);
      const withoutTemplate = faults.filter((fault) => fault === 'template_missing').length;
      const got = { flows: counts.records.reduce((sum, records) => sum + records, 0), options: counts.optionsRecords, counters: counts.counterSamples, discarded: counts.discardedPacketSamples, withoutTemplate, errors: faults.length - withoutTemplate };
      expect(got).toEqual({
        flows: walk.flow_records ?? walk.flow_samples + walk.expanded_flow_samples,
        options: walk.options_records ?? 0,
        counters: (walk.counter_samples ?? 0) + (walk.expanded_counter_samples ?? 0),
        discarded: walk.discarded_packet_samples ?? 0,
        withoutTemplate: walk.sets_without_template ?? 0,
        errors: walk.errors,
        ...COUNTS[file]?.counts,
      });
    });
  });

  describe('the flows that nfdump stored, field by field', () => {
    const compared = flowCaptures.filter(({ file, beside }) => !file.includes('netflow-v1') && beside.some((name) => name.endsWith('.nfdump.json')));
    test.each(compared.map(({ file }) => [file]))('%s', (file) => {
      const wanted: NfdumpFlow[] = JSON.parse(read(file.replace(/pcap$/, 'nfdump.json')));
      const decoded = decode(file).flows;
      const flows = BOTH_DIRECTIONS.test(file) ? asForward(decoded) : decoded;
      expect(flows).toHaveLength(wanted.length);
      const exceptions = EXCEPTIONS.filter(({ files }) => files?.test(file) ?? true);
      const differences: string[] = [];
      wanted.forEach((record, i) => {
        for (const [name, value] of Object.entries(asNfdump(flows[i], record))) {
          const got = String(value);
          const want = String(name === 'tcp_flags' ? flags(String(record[name])) : record[name]);
          if (got === want || exceptions.some(({ fields, when }) => fields.includes(name) && (when?.(got, record, flows[i], name) ?? true))) continue;
          differences.push(`flow ${i} ${name}: ${got}, nfdump ${want}`);
        }
      });
      expect(differences).toEqual([]);
    });
  });

  describe('totals and top lists of nfdump', () => {
    test.each([['netflow5/simpleweb-university-2708.pcap'], ['sflow/hpn-1000.pcap']])('%s', (file) => {
      const wanted = JSON.parse(read(file.replace(/pcap$/, 'nfdump-summary.json')));
      const { flows } = decode(file);
      const rate = (flow: FlowRecord): number => flow.samplingRate || 1;
      const by = (key: (flow: FlowRecord) => string | number | null, weight: (flow: FlowRecord) => number): Map<string, number> => {
        const sums = new Map<string, number>();
        for (const flow of flows) {
          const name = key(flow);
          if (name !== null) sums.set(String(name), (sums.get(String(name)) ?? 0) + weight(flow));
        }
        return sums;
      };
      const bytes = (flow: FlowRecord): number => flow.bytes * rate(flow);
      const top = (sums: Map<string, number>): [string, number][] => [...sums].sort((a, b) => b[1] - a[1]).slice(0, 20);
      const values = (list: readonly [string, number][]): number[] => list.map(([, n]) => n);
      expect(flows).toHaveLength(wanted.flows);
      expect(flows.reduce((sum, flow) => sum + flow.packets * rate(flow), 0)).toBe(wanted.packets);
      expect(flows.reduce((sum, flow) => sum + bytes(flow), 0)).toBe(wanted.bytes);
      const sources = by((flow) => flow.srcAddr || null, bytes);
      const destinations = by((flow) => flow.dstAddr || null, bytes);
      for (const [got, want] of [[sources, wanted.top_sources_by_bytes], [destinations, wanted.top_destinations_by_bytes]]) {
        expect(values(top(got))).toEqual(values(want));
        for (const [address, sum] of want) expect([address, got.get(address)]).toEqual([address, sum]);
      }
      expect(Object.fromEntries(by((flow) => flow.proto, () => 1))).toEqual(wanted.flows_by_ip_protocol);
    });
  });
});
