import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataSection } from '../../../infra/config/data';
import { loadConfiguration } from '../../../infra/config/load';
import { openLog } from '../../../infra/log/open';
import type { Log } from '../../../infra/log/log';
import { partitionOf } from '../../../infra/log/partition';
import { kafkaSection, logSection } from '../../../infra/log/settings';
import { openRegistry } from '../../../infra/registry/open';
import type { SchemaRegistry } from '../../../infra/registry/registry';
import { registrySection } from '../../../infra/registry/settings';
import type { Role } from '../../../infra/role';
import { openTelemetry, type OpenTelemetry } from '../../../infra/telemetry/open';
import { telemetrySection } from '../../../infra/telemetry/settings';
import type { CollectorHealth, DeviceMetrics, InterfaceCounters, InterfaceState } from '../../../schemas';
import { COLLECTORS_HEALTH, DEVICES_METRICS, INTERFACES_COUNTERS, INTERFACES_STATE, topicSettings, topicsSection, type Topic } from '../../../topics';
import { createPoller } from './poller';
import { snmpSection } from './settings';
import { deviceWith, TestAgent } from './testing/agent';
import { COMMUNITY, HAS_SNMPD, startSnmpd } from './testing/snmpd';

/** An event as it stands on the log. */
interface Event<T> {
  readonly key: string;
  readonly value: T | null;
}

const sections = [dataSection, kafkaSection, logSection, registrySection, topicsSection, telemetrySection, snmpSection];
let folder: string;
let log: Log;
let registry: SchemaRegistry;
let agent: TestAgent;
const roles: { role: Role; telemetry: OpenTelemetry }[] = [];
const failures: Error[] = [];

const configOf = (devices: object, sets: readonly string[] = []) =>
  loadConfiguration({
    sections,
    environment: {},
    sets: [
      `data.dir=${folder}`, `telemetry.logFile=${join(folder, 'log.json')}`, `snmp.devices=${JSON.stringify(devices)}`, 'snmp.intervalSeconds=1', 'snmp.timeoutMs=200', 'snmp.retries=0', 'snmp.maxBackoffSeconds=1',
      'snmp.credentials={"default":{"community":"env:SNMP_TEST_COMMUNITY"},"wrong":{"community":"env:SNMP_TEST_WRONG"},"v3":{"user":"sha256aes256","auth":"sha256","authPassword":"env:SNMP_TEST_AUTH","privacy":"aes256","privacyPassword":"env:SNMP_TEST_PRIV"},"v3wrong":{"user":"sha256aes256","auth":"sha256","authPassword":"env:SNMP_TEST_WRONG","privacy":"aes256","privacyPassword":"env:SNMP_TEST_PRIV"}}',
      ...sets,
    ],
  });

beforeEach(async () => {
  Object.assign(process.env, { SNMP_TEST_COMMUNITY: 'the-community', SNMP_TEST_WRONG: 'the-wrong-word', SNMP_TEST_AUTH: 'authentication-sha256aes256', SNMP_TEST_PRIV: 'encryption-sha256aes256' });
  folder = mkdtempSync(join(tmpdir(), 'nw-poll-'));
  const config = configOf({});
  log = await openLog(config);
  registry = await openRegistry(config);
  await log.admin.createTopics([DEVICES_METRICS, INTERFACES_COUNTERS, INTERFACES_STATE].map((topic) => topicSettings(topic as Topic, config)));
  agent = await TestAgent.start();
  agent.community = 'the-community';
  agent.hold(deviceWith([1, 2]));
});
afterEach(async () => {
  while (roles.length > 0) await stop();
  await registry.close();
  await log.close();
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
  expect(failures.splice(0)).toEqual([]);
});

async function start(devices: object, sets: readonly string[] = [], over: Partial<{ log: Log }> = {}): Promise<Role> {
  const config = configOf(devices, sets);
  const telemetry = openTelemetry(config, 'poll');
  const role = createPoller({ config, log, registry, telemetry, ...over }, (error) => failures.push(error));
  roles.push({ role, telemetry });
  await role.start();
  return role;
}

async function stop(): Promise<void> {
  const { role, telemetry } = roles.pop()!;
  await role.drain();
  await telemetry.close();
}

async function events<T>(topic: Topic<T>): Promise<Event<T>[]> {
  const reader = await log.reader();
  const found: Event<T>[] = [];
  for (const { partition, begin, end } of await reader.bounds(topic.name)) {
    for await (const { key, value } of reader.read({ topic: topic.name, partition }, begin, end)) {
      expect(partitionOf(key!, 2)).toBe(partition);
      found.push({ key: key!.toString(), value: value === null ? null : topic.record.decode(value) });
    }
  }
  await reader.close();
  return found;
}

const counters = (): Promise<Event<InterfaceCounters>[]> => events(INTERFACES_COUNTERS);
const states = (): Promise<Event<InterfaceState>[]> => events(INTERFACES_STATE);
const metrics = (): Promise<Event<DeviceMetrics>[]> => events(DEVICES_METRICS);

/** The test's own limit ends it otherwise. */
async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(10);
}

const devicesOf = async (role: Role): Promise<Record<string, unknown>[]> => (await role.routes!()['/poll/devices']({ method: 'GET', path: '/poll/devices', query: {}, body: '' })).body as Record<string, unknown>[];
const samples = async (name: string): Promise<Record<string, number>> => {
  const metric = (await roles.at(-1)!.telemetry.metrics.getMetricsAsJSON()).find((one) => one.name === name);
  return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [Object.values(labels).join(), value]));
};

it('writes counters and health at every poll, and the state of interfaces once', async () => {
  const role = await start({ '127.0.0.1': { port: agent.port } });
  await until(async () => (await metrics()).length >= 3);
  expect(role.readiness()).toBeNull();
  const [{ key, value }] = await metrics();
  expect(key).toBe('127.0.0.1');
  expect(value).toMatchObject({ device: '127.0.0.1', name: 'test-device', description: 'A test device', objectId: '1.3.6.1.4.1.99999.1', uptimeSeconds: 100, cpuPercent: null });
  const read = await counters();
  expect(new Set(read.map((event) => event.key))).toEqual(new Set(['127.0.0.1/1', '127.0.0.1/2']));
  expect(read.find((event) => event.key === '127.0.0.1/2')!.value).toMatchObject({
    device: '127.0.0.1', ifIndex: 2, ifName: 'eth2', source: 'SNMP', speed: 1e9, adminUp: true, operUp: true, inOctets: 2 ** 40 + 6002, outErrors: 2002, uptimeSeconds: 100, discontinuity: false, fcsErrors: null,
  });
  const told = await states();
  expect(told.map((event) => event.key).sort()).toEqual(['127.0.0.1/1', '127.0.0.1/2']);
  expect(told.find((event) => event.key === '127.0.0.1/1')!.value).toMatchObject({
    device: '127.0.0.1', ifIndex: 1, source: 'SNMP', deviceName: 'test-device', name: 'eth1', alias: 'to customer 1', description: 'GigabitEthernet0/1', speed: 1e9, adminUp: true, operUp: false,
  });
  expect(await devicesOf(role)).toEqual([expect.objectContaining({ device: '127.0.0.1', address: '127.0.0.1', name: 'test-device', interfaces: 2, error: null, failures: 0 })]);
});

it('events bear the address that flows of the device come from', async () => {
  await start({ localhost: { address: '127.0.0.1', exporter: '2001:db8::1', port: agent.port } });
  await until(async () => (await states()).length >= 2);
  expect((await states()).map((event) => event.key).sort()).toEqual(['2001:db8::1/1', '2001:db8::1/2']);
});

describe('exporters that send flows', () => {
  const health = (exporter: string, over: Partial<CollectorHealth> = {}): CollectorHealth => ({
    collector: 'c', worker: 0, exporter, protocol: 'ipfix', domain: 0, windowStart: Date.now() - 60_000, windowEnd: Date.now(), lastSeen: Date.now(), datagrams: 1, flows: 1, receivedBytes: 1, lost: 0, lossUnit: 'RECORDS', lossRatio: 0,
    reordered: 0, duplicates: 0, restarts: 0, samplesLost: 0, samplesDropped: 0, refused: 0, kernelDrops: 0, queueDrops: 0, spoolDrops: 0, waiting: 0, givenUp: 0, templates: 0, templatesChanged: 0, samplingRate: 1, samplingOrigin: 'unknown', faults: [], ...over,
  });
  async function tell(...records: CollectorHealth[]): Promise<void> {
    const schemaId = await registry.register('collector.health-value', COLLECTORS_HEALTH.record.schema);
    const producer = await log.producer('collector');
    await producer.append(records.map((record) => ({ topic: COLLECTORS_HEALTH.name, partition: 0, key: Buffer.from(record.exporter), value: COLLECTORS_HEALTH.record.encode(record, schemaId) })));
    await producer.close();
  }
  beforeEach(async () => void (await log.admin.createTopics([topicSettings(COLLECTORS_HEALTH as Topic, configOf({}))])));

  it('are polled as far as they lie within a prefix: those of the last hour, and those that come', async () => {
    await tell(health('127.0.0.1'), health('192.0.2.1'), health('', { datagrams: 5 }), health('127.0.0.9', { datagrams: 0 }));
    const role = await start({ '127.0.0.0/8': { port: agent.port } }, ['snmp.exporters=true']);
    await until(async () => (await states()).length >= 2);
    expect((await states()).map(({ key }) => key).sort()).toEqual(['127.0.0.1/1', '127.0.0.1/2']);
    await tell(health('127.0.0.2'), health('127.0.0.1'));
    await until(async () => (await devicesOf(role)).length === 2);
    expect((await devicesOf(role)).map(({ device }) => device)).toEqual(['127.0.0.1', '127.0.0.2']);
  });

  it('are not polled where that is not asked for', async () => {
    await tell(health('127.0.0.1'));
    const role = await start({ '127.0.0.0/8': { port: agent.port }, 'the only one': { address: '127.0.0.1', exporter: '192.0.2.1', port: agent.port } });
    await until(async () => (await states()).length >= 2);
    expect((await devicesOf(role)).map(({ device }) => device)).toEqual(['the only one']);
  });
});

it('tells what changed, what went, and which counters do not continue', async () => {
  await start({ '127.0.0.1': { port: agent.port } });
  await until(async () => (await metrics()).length >= 1);
  // The device restarts; 1 is another interface now, 2 is there no more, 3 is new.
  agent.hold(deviceWith([1, 3], { uptime: 2, name: (ifIndex) => `ge${ifIndex}` }));
  await until(async () => (await metrics()).some(({ value }) => value!.uptimeSeconds === 2));
  agent.hold(deviceWith([1, 3], { uptime: 3, name: (ifIndex) => `ge${ifIndex}` }));
  await until(async () => (await metrics()).some(({ value }) => value!.uptimeSeconds === 3));
  const told = await states();
  expect(told.filter(({ key }) => key === '127.0.0.1/1').map(({ value }) => value!.name)).toEqual(['eth1', 'ge1']);
  expect(told.filter(({ key }) => key === '127.0.0.1/2').map(({ value }) => value?.name)).toEqual(['eth2', undefined]);
  expect(told.filter(({ key }) => key === '127.0.0.1/3').map(({ value }) => value!.name)).toEqual(['ge3']);
  const broken = (await counters()).filter(({ value }) => value!.discontinuity);
  expect(broken.map(({ key, value }) => [key, value!.uptimeSeconds])).toEqual([['127.0.0.1/1', 2]]);
});

it('a new start goes on from what stands on the topic', async () => {
  await start({ '127.0.0.1': { port: agent.port } });
  await until(async () => (await metrics()).length >= 1);
  await stop();
  const before = (await metrics()).length;
  agent.hold(deviceWith([2]));
  await start({ '127.0.0.1': { port: agent.port } });
  await until(async () => (await metrics()).length >= before + 2);
  const told = await states();
  expect(told.map(({ key, value }) => [key, value === null]).sort()).toEqual([['127.0.0.1/1', false], ['127.0.0.1/1', true], ['127.0.0.1/2', false]]);
});

describe('devices that do not answer', () => {
  let silent: Socket;
  beforeEach(async () => {
    silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  afterEach(() => void silent.close());

  it('never delay the others, and are counted', async () => {
    const hanging = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`hangs ${i}`, { address: '127.0.0.1', exporter: `192.0.2.${i + 1}`, port: silent.address().port, timeoutMs: 60_000 }]));
    const role = await start({ alive: { address: '127.0.0.1', port: agent.port }, ...hanging }, ['snmp.concurrency=41']);
    await until(async () => (await metrics()).length >= 4);
    const status = await devicesOf(role);
    // None of the others has even failed yet.
    expect(status.filter(({ error }) => error !== null)).toEqual([]);
    expect(status.find(({ device }) => device === 'alive')).toMatchObject({ error: null, interfaces: 2 });
  });

  it('have a reason each', async () => {
    const role = await start({
      hangs: { address: '127.0.0.1', exporter: '192.0.2.1', port: silent.address().port },
      'wrong community': { address: '127.0.0.1', exporter: '192.0.2.2', port: agent.port, credentials: 'wrong' },
      'no.such.name.invalid': {},
      alive: { address: '127.0.0.1', port: agent.port },
    });
    await until(async () => (await devicesOf(role)).every(({ error, readAt }) => error !== null || readAt !== null));
    const errors = Object.fromEntries((await devicesOf(role)).map(({ device, error }) => [device, error]));
    expect(errors).toEqual({ hangs: 'timeout', 'wrong community': 'timeout', 'no.such.name.invalid': 'unresolved', alive: null });
    expect(Object.keys(await samples('netweaver_poll_errors_total')).sort()).toEqual(['poll,timeout', 'poll,unresolved'].map((label) => expect.stringContaining(label.split(',')[1])));
    expect(role.readiness()).toBeNull();
    const written = readFileSync(join(folder, 'log.json'), 'utf8');
    expect(written).toContain('"reason":"timeout"');
    expect(written).not.toMatch(/the-community|the-wrong-word/);
  });

  it('a device that answers for ever is left after the limit of a poll', async () => {
    const endless = await TestAgent.start();
    endless.community = 'the-community';
    endless.hold(deviceWith(Array.from({ length: 3000 }, (_, i) => i + 1)));
    endless.room = 80;
    const role = await start({ slow: { address: '127.0.0.1', port: endless.port } }, ['snmp.pollLimitSeconds=1']);
    await until(async () => (await devicesOf(role))[0].error !== null);
    expect((await devicesOf(role))[0].error).toBe('deadline');
    expect(await states()).toEqual([]);
    await stop();
    await endless.stop();
  });

  it('do not hold up the end', async () => {
    await start({ hangs: { address: '127.0.0.1', port: silent.address().port, timeoutMs: 60_000 } });
    const [asked] = await once(silent, 'message');
    expect(asked).toBeInstanceOf(Buffer);
    await stop();
  });
});

it('waits for a log that does not answer, and loses no reading', async () => {
  let down = true;
  const faulty: Log = Object.assign(Object.create(log) as Log, {
    async producer(name: string) {
      const producer = await log.producer(name);
      return Object.assign(Object.create(producer) as typeof producer, {
        append: (records: Parameters<typeof producer.append>[0]) => (down ? Promise.reject(new Error('away')) : producer.append(records)),
        close: () => producer.close(),
      });
    },
  });
  const role = await start({ '127.0.0.1': { port: agent.port } }, [], { log: faulty });
  await until(() => role.readiness() !== null);
  const { requests } = agent;
  await sleep(1500);
  expect(agent.requests).toBe(requests);
  agent.hold(deviceWith([1, 2], { uptime: 999 }));
  down = false;
  await until(async () => (await metrics()).length >= 1);
  expect((await metrics())[0].value).toMatchObject({ uptimeSeconds: 100 });
  expect(role.readiness()).toBeNull();
});

it.each([
  ['credentials that are not there', { '127.0.0.1': 'other' }, 'NW_CONFIG_INVALID'],
  ['a secret that is not there', { '127.0.0.1': {} }, 'NW_CONFIG_INVALID'],
])('%s: it does not start', async (_, devices, code) => {
  delete process.env.SNMP_TEST_COMMUNITY;
  await expect(start(devices)).rejects.toMatchObject({ code });
});

it('without its topics it does not start', async () => {
  await log.admin.deleteTopic(INTERFACES_STATE.name);
  await expect(start({ '127.0.0.1': {} })).rejects.toMatchObject({ code: 'NW_TOPIC_MISSING' });
});

const whenSnmpd = HAS_SNMPD ? describe : describe.skip;
whenSnmpd(HAS_SNMPD ? 'with snmpd' : 'with snmpd, left out where it is not installed', () => {
  it('reads it by v2c and by v3; a wrong password costs that device alone', async () => {
    process.env.SNMP_TEST_COMMUNITY = COMMUNITY;
    const { port, stop: stopSnmpd } = await startSnmpd(21_602);
    try {
      const role = await start({
        v2c: { address: '127.0.0.1', exporter: '192.0.2.1', port },
        v3: { address: '127.0.0.1', exporter: '192.0.2.2', port, credentials: 'v3', timeoutMs: 2000 },
        v3wrong: { address: '127.0.0.1', exporter: '192.0.2.3', port, credentials: 'v3wrong' },
      });
      await until(async () => (await devicesOf(role)).every(({ error, readAt }) => error !== null || readAt !== null));
      expect((await devicesOf(role)).map(({ device, name, error }) => [device, name, error])).toEqual([['v2c', 'a-real-agent', null], ['v3', 'a-real-agent', null], ['v3wrong', undefined, 'authentication']]);
      const loopbacks = (await states()).filter(({ value }) => value!.name === 'lo').map(({ key, value }) => [key, value!.deviceName, value!.operUp]);
      expect(loopbacks.sort()).toEqual([['192.0.2.1/1', 'a-real-agent', true], ['192.0.2.2/1', 'a-real-agent', true]]);
      expect(readFileSync(join(folder, 'log.json'), 'utf8')).not.toMatch(/authentication-sha|encryption-sha|the-wrong-word/);
    } finally {
      await stop();
      await stopSnmpd();
    }
  });
});
