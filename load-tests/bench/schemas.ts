/**
 * Rows a second, on one core, of the generated decoders and encoders beside avsc, on the same seeded values. Rivals take
 * turns within each run, so that a slow moment of the machine meets both. avsc is given addresses as bytes, which spares it
 * the text that the generated objects have; both write equal bytes, which is checked first.
 *
 *   node -r ./bin/ts.cjs load-tests/bench/schemas.ts [> load-tests/results/schemas.txt]
 *
 * Prints a table and a JSON line with the raw runs.
 */
import { cpus } from 'node:os';
import { version as avscVersion } from 'avsc/package.json';
import { WIRE_PREFIX } from '../../infra/registry/registry';
import {
  decodeFlowBatch, decodeInterfaceCounters, encodeFlowBatch, encodeFlowBatchColumns, encodeHostTrafficColumns, encodeInterfaceCounters,
  FLOW_BATCH_SCHEMA, FlowBatchColumns, HOST_TRAFFIC_SCHEMA, HostTrafficColumns, INTERFACE_COUNTERS_SCHEMA, encodeHostTraffic, decodeHostTraffic,
} from '../../schemas';
import type { FlowBatch, HostTraffic, InterfaceCounters } from '../../schemas';
import { typeOf } from '../../infra/registry/compatibility';
import { seeded } from '../../schemas/random';

const RUNS = 7;
const SLICE_MS = 300;
const FLOWS = 480;
const random = seeded(42);
const below = (limit: number): number => Math.floor(random() * limit);
const ipv4 = (): Buffer => Buffer.from([10, below(256), below(256), below(256)]);
const ipv6 = (): Buffer => Buffer.from([0x20, 0x01, 0x0d, 0xb8, ...Array.from({ length: 12 }, () => below(256))]);
const text = (address: Buffer): string => (address.length === 4 ? address.join('.') : (address.toString('hex').match(/.{4}/g) as string[]).join(':'));
const NOW = 1_760_000_000_000;

const flow = (ip: () => Buffer): object => ({
  datagram: below(20), srcAddr: ip(), dstAddr: ip(), srcPort: below(65536), dstPort: below(65536), proto: random() < 0.7 ? 6 : 17, tcpFlags: below(64), tos: 0,
  packets: 1 + below(2000), bytes: 40 + below(2_000_000), samplingRate: 1, start: NOW + below(60_000), end: NOW + 60_000 + below(60_000), inIf: below(48), outIf: below(48),
  nextHop: ip(), srcAs: below(70_000), dstAs: below(70_000), srcMask: 24, dstMask: 16, vlan: 0, direction: 0, observers: 1,
});
const datagram = (): object => ({ exporter: ipv4(), observationDomain: 0, protocol: 'IPFIX', sequence: below(2 ** 32), contentHash: below(2 ** 32) | 0, exportTime: NOW, receiveTime: NOW + below(1000) });
const flowBatch = (ip: () => Buffer): object => ({ datagrams: Array.from({ length: 20 }, datagram), flows: Array.from({ length: FLOWS }, () => flow(ip)) });
const hostTraffic = (): object => ({
  windowStart: NOW, windowMs: 60_000, sourcePartition: 1,
  rows: Array.from({ length: FLOWS }, () => ({ addr: ipv4(), bytesOut: below(2 ** 31) * 8, packetsOut: below(1e6), flowsOut: below(1000), bytesIn: below(2 ** 31), packetsIn: below(1e6), flowsIn: below(1000) })),
});
const counters = (): object => ({
  device: ipv4(), ifIndex: below(500), ifName: 'Ethernet1/7', time: NOW, speed: 1e10, adminUp: true, operUp: true, inOctets: below(2 ** 31) * 2 ** 20, inUnicastPackets: below(2 ** 31) * 512,
  inMulticastPackets: below(1e9), inBroadcastPackets: below(1e6), inDiscards: 0, inErrors: 0, outOctets: below(2 ** 31) * 2 ** 20, outUnicastPackets: below(2 ** 31) * 512,
  outMulticastPackets: below(1e9), outBroadcastPackets: below(1e6), outDiscards: 3, outErrors: 0, source: 'SFLOW',
});

/** The same value with addresses as text. */
const withText = (value: unknown): unknown => {
  if (Buffer.isBuffer(value)) return text(value);
  if (Array.isArray(value)) return value.map(withText);
  return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withText(item)])) : value;
};

interface Contender {
  readonly name: string;
  readonly work: () => unknown;
  readonly rates: number[];
}

/** Runs rivals in turn; rows a CPU-second of each run. */
function compete(rows: number, works: Readonly<Record<string, () => unknown>>): Contender[] {
  const contenders = Object.entries(works).map(([name, work]): Contender => ({ name, work, rates: [] }));
  for (let run = 0; run <= RUNS; run++) {
    for (const { work, rates } of contenders) {
      const begin = process.cpuUsage();
      const end = performance.now() + SLICE_MS;
      let count = 0;
      while (performance.now() < end) {
        for (let i = 0; i < 10; i++) work();
        count += 10;
      }
      const { user, system } = process.cpuUsage(begin);
      if (run > 0) rates.push((rows * count * 1e6) / (user + system)); // The first run is for the compiler.
    }
  }
  return contenders;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
const lines: object[] = [];

function report(title: string, rows: number, bytes: number, works: Readonly<Record<string, () => unknown>>): void {
  const contenders = compete(rows, works);
  const rival = median(contenders.find(({ name }) => name.startsWith('avsc'))!.rates);
  for (const { name, rates } of contenders) {
    const middle = median(rates);
    console.log(`${title.padEnd(38)} ${name.padEnd(20)} ${(middle / 1e6).toFixed(2).padStart(8)} M rows/s ${(1e3 / (middle / 1e6)).toFixed(0).padStart(6)} ns a row ${(middle / rival).toFixed(1).padStart(6)} × avsc`);
    lines.push({ bench: 'schemas', title, name, rowsPerCpuSecond: Math.round(middle), timesAvsc: Number((middle / rival).toFixed(2)), bytesPerRow: Number((bytes / rows).toFixed(1)), runs: rates.map(Math.round) });
  }
}

/** Both write the same bytes, or there is nothing to compare. */
function same(ours: Buffer, theirs: Buffer): Buffer {
  if (!ours.subarray(WIRE_PREFIX).equals(theirs)) throw new Error('the bytes differ from avsc');
  return ours;
}

console.log(`${cpus()[0].model}, node ${process.version}, avsc ${avscVersion}; rows a CPU-second, median of ${RUNS} runs of ${SLICE_MS} ms each\n`);

for (const [title, ip] of [['FlowBatch, IPv4', ipv4], ['FlowBatch, IPv6', ipv6]] as const) {
  const plain = flowBatch(ip);
  const type = typeOf(FLOW_BATCH_SCHEMA);
  const value = withText(plain) as FlowBatch;
  const bare = type.toBuffer(plain);
  const framed = same(encodeFlowBatch(value, 1), bare);
  const columns = new FlowBatchColumns();
  columns.decode(framed);
  same(encodeFlowBatchColumns(columns, 1), bare);
  const { length } = framed;
  report(`${title}, decode`, FLOWS, length, { columns: () => columns.decode(framed), objects: () => decodeFlowBatch(framed), 'avsc objects': () => type.fromBuffer(bare) });
  report(`${title}, encode`, FLOWS, length, { columns: () => encodeFlowBatchColumns(columns, 1), objects: () => encodeFlowBatch(value, 1), 'avsc objects': () => type.toBuffer(plain) });
}

{
  const plain = hostTraffic();
  const type = typeOf(HOST_TRAFFIC_SCHEMA);
  const value = withText(plain) as HostTraffic;
  const bare = type.toBuffer(plain);
  const framed = same(encodeHostTraffic(value, 1), bare);
  const columns = new HostTrafficColumns();
  columns.decode(framed);
  same(encodeHostTrafficColumns(columns, 1), bare);
  report('HostTraffic, decode', FLOWS, framed.length, { columns: () => columns.decode(framed), objects: () => decodeHostTraffic(framed), 'avsc objects': () => type.fromBuffer(bare) });
  report('HostTraffic, encode', FLOWS, framed.length, { columns: () => encodeHostTrafficColumns(columns, 1), objects: () => encodeHostTraffic(value, 1), 'avsc objects': () => type.toBuffer(plain) });
}

{
  const plain = counters();
  const type = typeOf(INTERFACE_COUNTERS_SCHEMA);
  const value = withText(plain) as InterfaceCounters;
  const bare = type.toBuffer(plain);
  const framed = same(encodeInterfaceCounters(value, 1), bare);
  report('InterfaceCounters, decode', 1, framed.length, { objects: () => decodeInterfaceCounters(framed), 'avsc objects': () => type.fromBuffer(bare) });
  report('InterfaceCounters, encode', 1, framed.length, { objects: () => encodeInterfaceCounters(value, 1), 'avsc objects': () => type.toBuffer(plain) });
}

console.log();
for (const line of lines) console.log(JSON.stringify(line));
