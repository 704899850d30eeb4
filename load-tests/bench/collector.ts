/**
 * What decoding costs: flows a second on one core from datagram to finished Avro batches, for each protocol, and beside it the
 * plain way, an object a flow encoded by an Avro library.
 *
 *     npm run build && node dist/load-tests/bench/collector.js [--runs 5] [--seconds 1] [--places] [--anonymise]
 *
 * `--places` looks up system, country and site of both ends, `--anonymise` anonymises them: compare with a run without.
 * Prints a table and a JSON line. The whole collector (sockets, log) is measured by `collector-rival.sh`.
 */
import { parse } from 'avsc';
import { countryOf, MmdbTable, systemOf } from '../../domain/enrich/mmdb';
import { mmdbOf } from '../../domain/enrich/mmdb-fixture';
import { Places } from '../../domain/enrich/places';
import { Anonymiser, KEY_BYTES } from '../../domain/flow/anonymise';
import { FlowPartitions } from '../../domain/flow/batch-builder';
import { FlowDecoder } from '../../domain/flow/decoder';
import { bytes, ethernet, flowSample, ip4, ipfix, ipv4Packet, netflow5, netflow9, sampledHeader, set, sflow5, tcp, template, type FixtureField } from '../../domain/flow/fixtures';
import { PROTOCOL_NAMES } from '../../domain/flow/protocol';
import type { Finishing } from '../../domain/flow/row-finish';
import { ConfiguredRates } from '../../domain/flow/sampling';
import { addressBytes } from '../../domain/flow/prefix';
import { decodeFlowBatch, FLOW_BATCH_SCHEMA } from '../../schemas';

const PARTITIONS = 4;
/** Datagrams of each protocol, all different: 100 of about 1,400 bytes. */
const COUNT = 100;

const V9: readonly FixtureField[] = [[8, 4], [12, 4], [15, 4], [10, 4], [14, 4], [2, 4], [1, 4], [22, 4], [21, 4], [7, 2], [11, 2], [6, 1], [4, 1], [5, 1], [16, 4], [17, 4], [9, 1], [13, 1]];
const IPFIX: readonly FixtureField[] = [[8, 4], [12, 4], [10, 4], [14, 4], [2, 8], [1, 8], [152, 8], [153, 8], [7, 2], [11, 2], [4, 1], [6, 2], [5, 1]];

interface Address {
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly octets: number;
}

const flow = (i: number): Address => ({ src: `10.${(i >> 12) & 15}.${(i >> 6) & 63}.${i & 63}`, dst: `192.168.${(i * 7) & 255}.${(i * 13) & 255}`, srcPort: (i * 31) & 0xffff, octets: 40 + ((i * 977) % 150_000) });
const up = (i: number): number => 3_500_000 + (i % 90_000);

function datagrams(protocol: number): { first: Buffer[]; datagrams: Buffer[]; flows: number } {
  const per = [30, 24, 24, 7][protocol];
  const each = (d: number, make: (f: Address, i: number) => Buffer): Buffer[] => Array.from({ length: per }, (_, j) => make(flow(d * per + j), d * per + j));
  const made = Array.from({ length: COUNT }, (_, d) => {
    if (protocol === 0) return netflow5(Array.from({ length: per }, (_, j) => ({ ...flow(d * per + j), dstPort: 443, bytes: flow(d * per + j).octets, packets: 10, first: up(j), last: up(j) + 500, inIf: 3, outIf: 4 })), { sequence: d * per });
    if (protocol === 1) {
      const records = each(d, (f, i) => bytes(ip4(f.src), ip4(f.dst), ip4('10.9.9.9'), [3, 4], [4, 4], [10, 4], [f.octets, 4], [up(i), 4], [up(i) + 500, 4], [f.srcPort, 2], [443, 2], [0x1b, 1], [6, 1], [0, 1], [64500, 4], [64501, 4], [24, 1], [16, 1]));
      return netflow9([set(256, Buffer.concat(records))], { sequence: d });
    }
    if (protocol === 2) {
      const records = each(d, (f, i) => bytes(ip4(f.src), ip4(f.dst), [3, 4], [4, 4], [10, 8], [f.octets, 8], [1_700_000_000_000 + i, 8], [1_700_000_000_500 + i, 8], [f.srcPort, 2], [443, 2], [6, 1], [0x1b, 2], [0, 1]));
      return ipfix([set(256, Buffer.concat(records))], { sequence: d * per });
    }
    return sflow5(each(d, (f, i) => flowSample([sampledHeader(ethernet(0x0800, ipv4Packet(f.src, f.dst, 6, bytes(tcp(f.srcPort, 443), Buffer.alloc(70)))), { length: 1514 })], { sequence: i })), { sequence: d });
  });
  const first = protocol === 1 ? [netflow9([set(0, template(256, V9))])] : protocol === 2 ? [ipfix([set(2, template(256, IPFIX))])] : [];
  return { first, datagrams: made, flows: per * COUNT };
}

/** Calls `round` for `seconds` of CPU time; flows a CPU-second. */
function measure(round: () => number, seconds: number): number {
  const before = process.cpuUsage();
  let flows = 0;
  for (;;) {
    for (let i = 0; i < 20; i++) flows += round();
    const { user, system } = process.cpuUsage(before);
    if (user + system >= seconds * 1e6) return flows / ((user + system) / 1e6);
  }
}

/** 10.0.0.0/8 has sites of 24 bits each, everything has a system and a country. */
function finishing(): Finishing {
  const sites = Array.from({ length: 4096 }, (_, i) => ({ bytes: Buffer.from([10, i >> 8, i & 255, 0]), bits: 24, place: { site: `site ${i % 100}` } }));
  const everywhere = mmdbOf([['0.0.0.0/0', { autonomous_system_number: 64_500, country: { iso_code: 'DE' } }]]);
  return {
    places: process.argv.includes('--places') ? new Places({ prefixes: sites, systems: new MmdbTable(everywhere, systemOf, 0), countries: new MmdbTable(everywhere, countryOf, '') }) : null,
    anonymiser: process.argv.includes('--anonymise') ? new Anonymiser(Buffer.alloc(KEY_BYTES, 7)) : null,
  };
}

function ours(protocol: number): { round: () => number; sample: Buffer } {
  let sample: Buffer = Buffer.alloc(0);
  let bytesOut = 0;
  const partitions = new FlowPartitions(PARTITIONS, 192 * 1024, (builder) => {
    sample = builder.take(1);
    bytesOut += sample.length;
  });
  const decoder = new FlowDecoder(partitions, new ConfiguredRates({}, 0), { perExporter: 1 << 20, total: 1 << 24 }, { fault: (_source, fault) => { throw new Error(fault); } }, { finishing: finishing() });
  const source = decoder.sources.of('192.0.2.1');
  const load = datagrams(protocol);
  let serial = 0;
  for (const datagram of load.first) decoder.decode(datagram, source, Date.now(), serial++);
  const round = (): number => {
    let flows = 0;
    for (const datagram of load.datagrams) flows += decoder.decode(datagram, source, 1_700_000_000_000, serial++);
    return flows;
  };
  while (bytesOut === 0) round();
  return { round, sample };
}

/** The plain way, given the flows already decoded: an object a flow, encoded by the library. */
function plain(sample: Buffer): () => number {
  const type = parse(FLOW_BATCH_SCHEMA);
  const { datagrams: table, flows } = decodeFlowBatch(sample);
  const ip = (text: string): Buffer => Buffer.from(text === '' ? [] : addressBytes(text));
  const rows = flows.map(({ detail, ...row }) => ({
    ...row, srcAddr: ip(row.srcAddr), dstAddr: ip(row.dstAddr), nextHop: ip(row.nextHop),
    detail: detail && { ...detail, innerSrcAddr: ip(detail.innerSrcAddr), innerDstAddr: ip(detail.innerDstAddr) },
  }));
  const entries = table.map((row) => ({ ...row, exporter: ip(row.exporter) }));
  return () => {
    type.toBuffer({ datagrams: entries, flows: rows.map((row) => ({ ...row })) });
    return rows.length;
  };
}

function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

const runs = option('runs', 5);
const seconds = option('seconds', 1);
const results: Record<string, { flowsPerCoreSecond: number; nsPerFlow: number; avscFlowsPerCoreSecond: number; bytesPerFlow: number }> = {};
for (const [protocol, name] of PROTOCOL_NAMES.entries()) {
  const { round, sample } = ours(protocol);
  const other = plain(sample);
  measure(round, 0.5);
  measure(other, 0.5);
  const own: number[] = [];
  const library: number[] = [];
  for (let run = 0; run < runs; run++) {
    own.push(measure(round, seconds));
    library.push(measure(other, seconds));
  }
  const flowsPerCoreSecond = Math.round(median(own));
  const batch = decodeFlowBatch(sample);
  results[name] = { flowsPerCoreSecond, nsPerFlow: Math.round(1e9 / flowsPerCoreSecond), avscFlowsPerCoreSecond: Math.round(median(library)), bytesPerFlow: Math.round(sample.length / batch.flows.length) };
}
console.table(results);
console.log(JSON.stringify({ bench: 'collector-transcoders', node: process.version, runs, seconds, results }));
