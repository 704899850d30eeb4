import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Anonymiser } from '../../../domain/flow/anonymise';
import { addressWord, flowHash, flowPartition } from '../../../domain/flow/hash';
import { bytes, counterSample, ethernet, flowSample, ip4, ipfix, ipv4Packet, netflow5, netflow9, optionsTemplate9, sampledHeader, set, sflow5, sflowPart, template } from '../../../domain/flow/fixtures';
import { dataSection } from '../../../infra/config/data';
import { loadConfiguration } from '../../../infra/config/load';
import { openLog } from '../../../infra/log/open';
import type { Log, LogProducer, LogRecord } from '../../../infra/log/log';
import { partitionOf } from '../../../infra/log/partition';
import { kafkaSection, logSection } from '../../../infra/log/settings';
import { openRegistry } from '../../../infra/registry/open';
import { readWireSchemaId, type SchemaRegistry } from '../../../infra/registry/registry';
import { registrySection } from '../../../infra/registry/settings';
import type { Role, RouteRequest } from '../../../infra/role';
import { openTelemetry, type OpenTelemetry } from '../../../infra/telemetry/open';
import { telemetrySection } from '../../../infra/telemetry/settings';
import { decodeCollectorHealth, decodeDeviceMetrics, decodeDiscardedPacket, decodeFlowBatch, decodeExporterName, decodeInterfaceCounters, decodeInterfaceState, FLOW_BATCH_SCHEMA } from '../../../schemas';
import { COLLECTORS_HEALTH, DEVICES_METRICS, EXPORTERS_NAMES, FLOWS_RAW, INTERFACES_COUNTERS, INTERFACES_STATE, PACKETS_DISCARDED } from '../../../topics/catalogue';
import { topicSettings } from '../../../topics/names';
import { topicsSection } from '../../../topics/settings';
import { createCollector } from './collector';
import { enrichSection } from './enrichment';
import { collectorSection } from './settings';

interface Acknowledged {
  readonly instance: string;
  readonly received: number;
  readonly acknowledged: number;
}

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));
const whenIpv6 = hasIpv6 ? describe : describe.skip;

const folder = mkdtempSync(join(tmpdir(), 'netweaver-collector-'));
const sections = [dataSection, kafkaSection, logSection, registrySection, topicsSection, telemetrySection, collectorSection, enrichSection];
const configOf = (...sets: string[]) =>
  loadConfiguration({
    sections,
    environment: {},
    sets: [`data.dir=${folder}`, 'telemetry.logLevel=silent', 'topics.flowPartitions=3', 'collector.addresses=127.0.0.1', 'collector.netflowPort=21000', 'collector.ipfixPort=21000', 'collector.sflowPort=21001', 'collector.batchMs=20', ...sets],
  });

const telemetries: OpenTelemetry[] = [];
let log: Log;
let registry: SchemaRegistry;
let role: Role | null = null;

beforeAll(async () => {
  const config = configOf();
  log = await openLog(config);
  registry = await openRegistry(config);
  await log.admin.createTopics([FLOWS_RAW, INTERFACES_COUNTERS, DEVICES_METRICS, PACKETS_DISCARDED, COLLECTORS_HEALTH, INTERFACES_STATE, EXPORTERS_NAMES].map((topic) => topicSettings(topic, config)));
});
afterEach(async () => {
  await role?.drain();
  role = null;
  for (const telemetry of telemetries.splice(0)) await telemetry.close();
});
afterAll(async () => {
  await registry.close();
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

function make(sets: string[] = [], over: Log = log): { role: Role; telemetry: OpenTelemetry; failed: Error[] } {
  const config = configOf(...sets);
  const telemetry = openTelemetry(config, 'collect');
  telemetries.push(telemetry);
  const failed: Error[] = [];
  return { role: createCollector({ config, log: over, registry, telemetry }, (error) => failed.push(error)), telemetry, failed };
}

async function start(sets: string[] = [], over: Log = log): Promise<ReturnType<typeof make>> {
  const made = make(sets, over);
  await made.role.start();
  role = made.role;
  return made;
}

const get = async (of: Role, path: string): Promise<unknown> => (await of.routes!()[path]({ method: 'GET', path, query: {}, body: '' } satisfies RouteRequest)).body;
const acknowledged = async (of: Role): Promise<Acknowledged> => (await get(of, '/collector/acknowledged')) as Acknowledged;

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function send(port: number, datagrams: readonly Uint8Array[], host = '127.0.0.1'): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  for (const datagram of datagrams) await new Promise<void>((resolve, reject) => socket.send(datagram, port, host, (error) => (error ? reject(error) : resolve())));
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

async function ends(topic: string): Promise<Map<number, number>> {
  const reader = await log.reader();
  const bounds = new Map((await reader.bounds(topic)).map(({ partition, end }) => [partition, end]));
  await reader.close();
  return bounds;
}

/** What has come to a topic since `from`. */
async function recordsSince(topic: string, from: Map<number, number>): Promise<LogRecord[]> {
  const reader = await log.reader();
  const records: LogRecord[] = [];
  for (const { partition, end } of await reader.bounds(topic)) for await (const record of reader.read({ topic, partition }, from.get(partition) ?? 0, end)) records.push(record);
  await reader.close();
  return records;
}

const flowsOf = (n: number, third = 0) => Array.from({ length: n }, (_, i) => ({ src: `10.0.${third}.${i}`, dst: '198.51.100.7', srcPort: 1000 + i, dstPort: 443, bytes: 100 + i }));

describe('the collector', () => {
  test('puts the flows of a datagram on flows.raw, each in the partition of its 5-tuple', async () => {
    const before = await ends('flows.raw');
    const { role } = await start();
    await send(21000, [netflow5(flowsOf(30), { sequence: 77 })]);
    await until(async () => (await acknowledged(role)).acknowledged === 1);
    const records = await recordsSince('flows.raw', before);
    const sources: string[] = [];
    for (const { value, partition, key, headers } of records) {
      expect(await registry.schema(readWireSchemaId(value!))).toBe(FLOW_BATCH_SCHEMA);
      expect(key).toBeNull();
      expect(headers).toMatchObject({ ce_specversion: '1.0', ce_type: 'netweaver.flows.FlowBatch', ce_source: '/netweaver/collect' });
      const batch = decodeFlowBatch(value!);
      expect(batch.datagrams).toMatchObject([{ exporter: '127.0.0.1', protocol: 'NETFLOW_V5', sequence: 77, exportTime: 1_700_000_000_000 }]);
      for (const flow of batch.flows) {
        const view = new DataView(Uint8Array.from([...flow.srcAddr.split('.'), ...flow.dstAddr.split('.')].map(Number)).buffer);
        expect(flowPartition(flowHash(addressWord(view, 0, 4), addressWord(view, 4, 4), flow.srcPort, flow.dstPort, flow.proto), 3)).toBe(partition);
        sources.push(flow.srcAddr);
      }
    }
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(records.length);
    expect(sources.sort()).toEqual(flowsOf(30).map(({ src }) => src).sort());
    expect(await get(role, '/collector/published')).toBe('30\n');
  });

  test('any port takes any protocol', async () => {
    const { role } = await start();
    await send(21001, [netflow5(flowsOf(1))]);
    await send(21000, [sflow5([counterSample(1, 2, 3)])]);
    await until(async () => (await acknowledged(role)).acknowledged === 2);
    expect(await get(role, '/collector/published')).toBe('1\n');
  });

  whenIpv6('IPv6 (needs ::1)', () => {
    test('datagrams come by IPv6 too', async () => {
      const before = await ends('flows.raw');
      const { role } = await start(['collector.addresses=127.0.0.1,::1']);
      await send(21000, [netflow5(flowsOf(1, 1))], '::1');
      await until(async () => (await acknowledged(role)).acknowledged === 1);
      const exporters = (await recordsSince('flows.raw', before)).flatMap(({ value }) => decodeFlowBatch(value!).datagrams.map(({ exporter }) => exporter));
      expect(exporters).toEqual(['::1']);
    });
  });

  test('counter samples of sFlow become records of interfaces.counters, keyed by device and interface', async () => {
    const before = await ends('interfaces.counters');
    const { role } = await start();
    await send(21001, [sflow5([counterSample(7, 5e9, 6e9)], { agent: '192.0.2.44' })]);
    await until(async () => (await acknowledged(role)).acknowledged === 1);
    const [{ key, value, partition }] = await recordsSince('interfaces.counters', before);
    expect(key!.toString()).toBe('192.0.2.44/7');
    expect(partition).toBe(partitionOf(key!, 2));
    expect(decodeInterfaceCounters(value!)).toMatchObject({ device: '192.0.2.44', ifIndex: 7, speed: 1e9, operUp: true, inOctets: 5e9, outOctets: 6e9, outErrors: 25, source: 'SFLOW' });
  });

  test('names of interfaces in options data and counter samples become records of interfaces.state, once', async () => {
    const before = await ends('interfaces.state');
    const { role } = await start();
    const name = (text: string, length: number): Buffer => Buffer.from(text.padEnd(length, '\0'));
    const table = (index: number, text: string, description: string): Buffer => bytes([1, 4], [index, 4], name(text, 16), name(description, 32));
    const interfaceTable = netflow9([set(1, optionsTemplate9(260, [[1, 4]], [[10, 4], [82, 16], [83, 32]])), set(260, Buffer.concat([table(5, 'Gi0/5', 'GigabitEthernet0/5'), table(6, 'lo', 'Loopback')]))]);
    const portName = sflowPart(1005, bytes([5, 4], name('port7', 8)));
    const sample = counterSample(7, 1, 2);
    const withName = sflowPart(2, bytes([1, 4], [7, 4], [2, 4], sample.subarray(20), portName));
    await send(21000, [interfaceTable, interfaceTable, sflow5([withName], { agent: '192.0.2.44' }), sflow5([withName], { agent: '192.0.2.44', sequence: 2 })]);
    await until(async () => (await acknowledged(role)).acknowledged === 4);
    const found = (await recordsSince('interfaces.state', before)).map(({ key, value }) => [key!.toString(), decodeInterfaceState(value!)] as const);
    const told = { deviceName: '', alias: '' };
    expect(found.sort(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['127.0.0.1/5', expect.objectContaining({ ...told, device: '127.0.0.1', ifIndex: 5, source: 'OPTIONS', name: 'Gi0/5', description: 'GigabitEthernet0/5', speed: null, operUp: null })],
      ['127.0.0.1/6', expect.objectContaining({ ...told, device: '127.0.0.1', ifIndex: 6, source: 'OPTIONS', name: 'lo', description: 'Loopback' })],
      ['192.0.2.44/7', expect.objectContaining({ ...told, device: '192.0.2.44', ifIndex: 7, source: 'SFLOW', name: 'port7', speed: 1e9, adminUp: true, operUp: true })],
    ]);
  });

  test('names of samplers in options data become records of exporters.names', async () => {
    const before = await ends('exporters.names');
    const { role } = await start();
    await send(21000, [netflow9([set(1, optionsTemplate9(261, [[1, 4]], [[48, 2], [84, 16]])), set(261, bytes([1, 4], [3, 2], Buffer.from('edge'.padEnd(16, '\0'))))])]);
    await until(async () => (await acknowledged(role)).acknowledged === 1);
    const [{ key, value }] = await recordsSince('exporters.names', before);
    expect(key!.toString()).toBe('127.0.0.1/SAMPLER/3');
    expect(decodeExporterName(value!)).toMatchObject({ device: '127.0.0.1', kind: 'SAMPLER', id: '3', name: 'edge', description: '' });
  });

  test('what sFlow tells of a device and of packets that it discarded becomes records of devices.metrics and packets.discarded', async () => {
    const [devices, packets] = [await ends('devices.metrics'), await ends('packets.discarded')];
    const { role } = await start();
    const processor = sflowPart(2, bytes([1, 4], [0x02000001, 4], [1, 4], sflowPart(1001, bytes([1450, 4], [0, 8], [4000, 8], [1000, 8]))));
    const discarded = sflowPart(5, bytes([1, 4], [0, 4], [3, 4], [0, 4], [3, 4], [4, 4], [257, 4], [1, 4], sampledHeader(ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 17, bytes([53, 2], [54, 2], [0, 4]))))));
    await send(21001, [sflow5([processor, discarded], { agent: '192.0.2.44' })]);
    await until(async () => (await acknowledged(role)).acknowledged === 1);
    const [device] = await recordsSince('devices.metrics', devices);
    expect([device.key!.toString(), decodeDeviceMetrics(device.value!)]).toMatchObject(['192.0.2.44', { device: '192.0.2.44', cpuPercent: 14.5, memoryPercent: 75 }]);
    const [packet] = await recordsSince('packets.discarded', packets);
    expect([packet.key!.toString(), decodeDiscardedPacket(packet.value!)]).toMatchObject(['192.0.2.44/3', { inIf: 3, outIf: 4, reasonName: 'ttl_exceeded', srcAddr: '10.0.0.1', dstPort: 54 }]);
  });

  test('collector.tunnels: the packet in a sampled packet', async () => {
    const before = await ends('flows.raw');
    const { role } = await start(['collector.tunnels=both']);
    const inner = ipv4Packet('10.0.0.1', '10.0.0.2', 17, bytes([53, 2], [54, 2], [0, 4]));
    await send(21001, [sflow5([flowSample([sampledHeader(ethernet(0x0800, ipv4Packet('192.0.2.1', '192.0.2.2', 4, inner)))])])]);
    await until(async () => (await acknowledged(role)).acknowledged === 1);
    const [flow] = (await recordsSince('flows.raw', before)).flatMap(({ value }) => decodeFlowBatch(value!).flows);
    expect(flow).toMatchObject({ srcAddr: '192.0.2.1', proto: 4, detail: { tunnel: 'IPIP', innerSrcAddr: '10.0.0.1', innerDstPort: 54, innerProto: 17 } });
  });

  test('an exporter that is not on the list is refused and counted', async () => {
    const { role, telemetry } = await start(['collector.exporters=192.0.2.0/24']);
    await send(21000, [netflow5(flowsOf(3))]);
    await until(async () => (await acknowledged(role)).acknowledged === 1);
    expect(await get(role, '/collector/published')).toBe('0\n');
    await until(async () => /netweaver_collector_errors_total\{[^}]*reason="exporter_refused"[^}]*\} 1/.test(await telemetry.metrics.metrics()));
  });

  test('an exporter that sends more than it may is thinned out; what is kept stands for the rest and says so, and nothing counts as lost', async () => {
    const before = await ends('flows.raw');
    const { role, telemetry } = await start(['collector.flowsPerSecond=30']);
    await send(21000, Array.from({ length: 400 }, (_, i) => netflow5(flowsOf(10), { sequence: 10 * i })));
    await until(async () => (await acknowledged(role)).acknowledged === 400);
    const told = await get(role, '/collector/exporters');
    await role.drain();
    const batches = (await recordsSince('flows.raw', before)).map(({ value }) => decodeFlowBatch(value!));
    const flows = batches.flatMap((batch) => batch.flows.map((flow) => ({ ...flow, thinning: batch.datagrams[flow.datagram].thinning })));
    expect(flows.length).toBeLessThan(1500);
    for (const { samplingRate, thinning } of flows) expect(thinning > 1 ? samplingRate : Math.max(1, samplingRate)).toBe(thinning);
    expect(Math.max(...flows.map(({ thinning }) => thinning))).toBeGreaterThan(1);
    expect(told).toMatchObject({ exporters: [{ exporter: '127.0.0.1', lost: 0 }] });
    expect(await telemetry.metrics.metrics()).toMatch(/netweaver_collector_limited_datagrams_total\{[^}]*\} [1-9]/);
  });

  test('addresses are anonymised and places looked up before anything is stored', async () => {
    const before = await ends('flows.raw');
    process.env.NETWEAVER_TEST_CRYPTO_KEY = '15'.repeat(32);
    const { role } = await start(['collector.anonymiseKey=env:NETWEAVER_TEST_CRYPTO_KEY', 'enrich.prefixes={"10.0.0.0/16":"Kiel"}']);
    await send(21000, [netflow5(flowsOf(1))]);
    await until(async () => (await acknowledged(role)).acknowledged === 1);
    const [{ value }] = await recordsSince('flows.raw', before);
    const [flow] = decodeFlowBatch(value!).flows;
    expect(flow).toMatchObject({ srcPort: 1000, detail: { srcSite: 'Kiel', dstSite: '' } });
    expect(flow.srcAddr).not.toBe('10.0.0.0');
    expect(flow.dstAddr).not.toBe('198.51.100.7');
  });

  test('addresses of discarded packets are anonymised as those of flows are', async () => {
    const before = await ends('packets.discarded');
    process.env.NETWEAVER_TEST_CRYPTO_KEY = '15'.repeat(32);
    const { role } = await start(['collector.anonymiseKey=env:NETWEAVER_TEST_CRYPTO_KEY']);
    const frame = sampledHeader(ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 17, bytes([53, 2], [54, 2], [0, 4]))));
    await send(21001, [sflow5([sflowPart(5, bytes([1, 4], [0, 4], [3, 4], [0, 4], [3, 4], [4, 4], [257, 4], [1, 4], frame))])]);
    await until(async () => (await acknowledged(role)).acknowledged === 1);
    const [{ value }] = await recordsSince('packets.discarded', before);
    expect(decodeDiscardedPacket(value!).srcAddr).toBe(new Anonymiser(Buffer.alloc(32, 0x15)).text('10.0.0.1'));
  });

  test('what cannot be decoded is counted by exporter and reason, and acknowledged, for there is nothing to keep', async () => {
    const { role, telemetry } = await start();
    await send(21000, [Buffer.from('00010002', 'hex'), netflow9([set(300, Buffer.alloc(8))]), netflow5(flowsOf(1))]);
    await until(async () => (await acknowledged(role)).acknowledged === 3);
    await role.drain();
    const text = await telemetry.metrics.metrics();
    expect(text).toMatch(/netweaver_collector_errors_total\{exporter="127.0.0.1",reason="unsupported_version",role="collect"\} 1/);
    expect(text).toMatch(/netweaver_collector_errors_total\{exporter="127.0.0.1",reason="template_missing",role="collect"\} 1/);
    expect(text).toMatch(/netweaver_collector_datagrams_total\{protocol="netflow5",role="collect"\} 1/);
    expect(text).toMatch(/netweaver_collector_flows_total\{protocol="netflow5",role="collect"\} 1/);
    expect(text).toMatch(/netweaver_component_received_total\{kind="source",name="flow",role="collect"\} 3/);
    expect(text).toMatch(/netweaver_component_sent_total\{kind="source",name="flow",role="collect"\} 1/);
  });

  test('while the log is slow nothing is acknowledged, and what goes beyond the limit is dropped and counted', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const slow: Log = new Proxy(log, {
      get: (target, name) =>
        name === 'producer'
          ? async (label: string): Promise<LogProducer> => {
              const producer = await target.producer(label);
              return { append: async (records) => gate.then(() => producer.append(records)), flush: () => producer.flush(), close: () => producer.close(), pendingBytes: 0 };
            }
          : Reflect.get(target, name, target),
    });
    const { role, telemetry } = await start(['collector.inFlightMiB=1', 'collector.batchKiB=4'], slow);
    const datagrams = Array.from({ length: 200 }, (_, i) => netflow5(flowsOf(30, i % 200), { sequence: i }));
    const dropped = async (): Promise<number> => Number(/netweaver_collector_dropped_datagrams_total\{[^}]*\} (\d+)/.exec(await telemetry.metrics.metrics())?.[1] ?? 0);
    while ((await dropped()) === 0) {
      await send(21000, datagrams);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(role.readiness()).toMatch(/log is too slow/);
    expect((await acknowledged(role)).acknowledged).toBe(0);
    open();
    await until(async () => {
      const { received, acknowledged: durable } = await acknowledged(role);
      return received === durable;
    });
    expect(role.readiness()).toBeNull();
  });

  test('a drain hands over what waits for its time', async () => {
    const before = await ends('flows.raw');
    const { role } = await start(['collector.batchMs=60000']);
    await send(21000, [netflow5(flowsOf(5))]);
    await until(async () => (await acknowledged(role)).received === 1);
    expect((await acknowledged(role)).acknowledged).toBe(0);
    await role.drain();
    expect((await recordsSince('flows.raw', before)).reduce((sum, { value }) => sum + decodeFlowBatch(value!).flows.length, 0)).toBe(5);
  });

  test('tells on collector.health what came and what did not, every exporter under its address', async () => {
    const before = await ends('collector.health');
    const { role, telemetry } = await start(['collector.healthSeconds=1']);
    await send(21000, [netflow5(flowsOf(10), { sequence: 100 }), netflow5(flowsOf(10), { sequence: 130 })]);
    await until(async () => (await acknowledged(role)).acknowledged === 2);
    await role.drain();
    const records = await recordsSince('collector.health', before);
    const told = records.map(({ key, value }) => ({ key: key!.toString(), ...decodeCollectorHealth(value!) }));
    const sum = (exporter: string, field: 'datagrams' | 'flows' | 'lost'): number => told.filter((record) => record.exporter === exporter).reduce((total, record) => total + record[field], 0);
    expect([sum('127.0.0.1', 'datagrams'), sum('127.0.0.1', 'flows'), sum('127.0.0.1', 'lost')]).toEqual([2, 20, 20]);
    expect(sum('', 'datagrams')).toBe(2);
    expect(told.filter(({ exporter }) => exporter !== '').every(({ key, protocol, lossUnit }) => key === '127.0.0.1' && protocol === 'netflow5' && lossUnit === 'FLOWS')).toBe(true);
    const metrics = await telemetry.metrics.metrics();
    expect(metrics).toMatch(/netweaver_collector_lost_total\{[^}]*exporter="127.0.0.1",protocol="netflow5",unit="flows"[^}]*\} 20/);
  });

  test('knows the templates of before a restart', async () => {
    const fields = [[8, 4], [12, 4], [1, 4]] as const;
    const flow = bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [7, 4]);
    const first = await start();
    await send(21000, [ipfix([set(2, template(777, fields)), set(777, flow)])]);
    await until(async () => (await acknowledged(first.role)).acknowledged === 1);
    await first.role.drain();
    const second = await start();
    await send(21000, [ipfix([set(777, flow)], { sequence: 2 }), ipfix([set(778, flow)], { sequence: 3 })]);
    await until(async () => (await acknowledged(second.role)).acknowledged === 2);
    expect(await get(second.role, '/collector/published')).toBe('1\n');
    expect(await acknowledged(second.role)).toMatchObject({ received: 2, waiting: 1 });
    expect(await get(second.role, '/collector/exporters')).toMatchObject({ total: 1, exporters: [{ exporter: '127.0.0.1', protocol: 'ipfix', flows: 1, waiting: 1, templates: [{ id: 777, restored: true }], faults: { template_missing: 1 } }] });
  });

  test('a port in use ends the start with an error that names its key', async () => {
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(21001, '127.0.0.1', resolve));
    const { role } = make();
    await expect(role.start()).rejects.toMatchObject({ code: 'NW_PORT_IN_USE', message: expect.stringContaining('21001 (collector.sflowPort)') });
    await new Promise<void>((resolve) => other.close(() => resolve()));
    await start();
  });

  test('each start is an instance of its own', async () => {
    const first = await start();
    const { instance } = await acknowledged(first.role);
    await first.role.drain();
    const second = await start();
    expect((await acknowledged(second.role)).instance).not.toBe(instance);
  });

  test.each([
    ['a rate for what is no address', 'collector.samplingRates={"router-1":100}'],
    ['a prefix that is too long', 'collector.samplingRates={"192.0.2.0/33":100}'],
  ])('%s is a wrong configuration', async (_name, setting) => {
    await expect(make([setting]).role.start()).rejects.toMatchObject({ code: 'NW_CONFIG_INVALID', message: expect.stringContaining('collector.samplingRates') });
  });
});
