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

whenCaptures('captures (needs the collection of captures)', () => {
  describe('as many records as the walk over the bytes finds', () => {
    test.each(flowCaptures.map((entry) => [entry.file, entry] as const))('%s', (file, { walk }) => {
      const { decoder, records, flows } = decode(file);
      const { counts } = decoder.decoder;
      const sflow = walk!.flow_samples !== undefined;
      const got = { flows: flows.length, options: counts.optionsRecords, counters: counts.counterSamples, drops: counts.discardedPacketSamples, noTemplate: records.filter((r) => r.kind === 'fault' && r.fault === 'template_missing').length, errors: records.filter((r) => r.kind === 'fault' && r.fault !== 'template_missing').length, templates: counts.templates, ot: counts.optionsTemplates };
      const want = sflow
        ? { flows: walk!.flow_samples, options: 0, counters: walk!.counter_samples, drops: walk!.discarded_packet_samples, noTemplate: 0, errors: walk!.errors, templates: 0, ot: 0 }
        : { flows: walk!.flow_records, options: walk!.options_records, counters: 0, drops: 0, noTemplate: walk!.sets_without_template, errors: walk!.errors, templates: walk!.templates, ot: walk!.options_templates };
      expect(got).toEqual(want);
    });
  });

  describe('the flows that nfdump stored, field by field', () => {
    const compared = flowCaptures.filter(({ beside }) => beside.some((name) => name.endsWith('.nfdump.json')));
    test.each(compared.map(({ file }) => [file]))('%s', (file) => {
      const wanted: NfdumpFlow[] = JSON.parse(read(file.replace(/pcap$/, 'nfdump.json')));
      const { flows } = decode(file);
      const diffs: Record<string, string[]> = {};
      wanted.forEach((w, i) => {
        if (!flows[i]) return;
        const got = asNfdump(flows[i], w);
        for (const [name, value] of Object.entries(got)) {
          const want = name === 'tcp_flags' ? flags(String(w[name])) : w[name];
          if (String(value) !== String(want)) (diffs[name] ??= []).push(`${i}: got ${value} want ${want}`);
        }
      });
      expect([flows.length, ...Object.entries(diffs).map(([n, d]) => `${n} x${d.length} ${d[0]}`)]).toEqual([wanted.length]);
    });
  });
});
