import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataSection } from '../../../infra/config/data';
import { loadConfiguration, type LoadedConfiguration } from '../../../infra/config/load';
import type { Log } from '../../../infra/log/log';
import { openLog } from '../../../infra/log/open';
import { kafkaSection, logSection } from '../../../infra/log/settings';
import { openRegistry } from '../../../infra/registry/open';
import type { SchemaRegistry } from '../../../infra/registry/registry';
import { registrySection } from '../../../infra/registry/settings';
import type { Role } from '../../../infra/role';
import { openTelemetry, type OpenTelemetry } from '../../../infra/telemetry/open';
import { telemetrySection } from '../../../infra/telemetry/settings';
import type { TopologyEvent } from '../../../schemas';
import { TOPOLOGY_EVENTS, topicSettings, topicsSection, type Topic } from '../../../topics';
import { snmpSection } from '../snmp/settings';
import { createTopologyRole } from './role';
import { topologySection } from './settings';
import { FeedServer } from './testing/feed-server';

const sections = [dataSection, kafkaSection, logSection, registrySection, topicsSection, telemetrySection, snmpSection, topologySection];
let folder: string;
let config: LoadedConfiguration;
let log: Log;
let registry: SchemaRegistry;
const running: { role: Role; telemetry: OpenTelemetry }[] = [];
const failures: Error[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nw-topology-'));
  config = configOf([]);
  log = await openLog(config);
  registry = await openRegistry(config);
  await log.admin.createTopics([topicSettings(TOPOLOGY_EVENTS as Topic, config)]);
});
afterEach(async () => {
  while (running.length > 0) await stop();
  await registry.close();
  await log.close();
  rmSync(folder, { recursive: true, force: true });
  expect(failures.splice(0)).toEqual([]);
});

function configOf(sets: readonly string[]): LoadedConfiguration {
  return loadConfiguration({ sections, environment: {}, sets: [`data.dir=${folder}`, `telemetry.logFile=${join(folder, 'log.json')}`, 'topology.fileSeconds=1', ...sets] });
}

async function start(sets: readonly string[], over: Partial<{ log: Log }> = {}): Promise<Role> {
  const of = configOf(sets);
  const telemetry = openTelemetry(of, 'topology');
  const role = createTopologyRole({ config: of, log, registry, telemetry, ...over }, (error) => failures.push(error));
  running.push({ role, telemetry });
  await role.start();
  return role;
}

async function stop(): Promise<void> {
  const { role, telemetry } = running.pop()!;
  await role.drain();
  await telemetry.close();
}

async function events(): Promise<{ key: string; headers: Record<string, unknown>; value: TopologyEvent }[]> {
  const reader = await log.reader();
  const found = [];
  const [{ begin, end }] = await reader.bounds(TOPOLOGY_EVENTS.name);
  for await (const { key, value, headers } of reader.read({ topic: TOPOLOGY_EVENTS.name, partition: 0 }, begin, end)) found.push({ key: key!.toString(), headers, value: TOPOLOGY_EVENTS.record.decode(value!) });
  await reader.close();
  return found;
}

const told = async (): Promise<string[]> => (await events()).map(({ key, value: { change, source } }) => `${source} ${change} ${key}`);
const sources = async (role: Role): Promise<Record<string, unknown>[]> => (await role.routes!()['/topology/sources']({ method: 'GET', path: '/topology/sources', query: {}, body: '' })).body as Record<string, unknown>[];

/** The test's own limit ends it otherwise. */
async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(10);
}

/** Puts a file in place as a whole. */
function place(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

it('a file goes out whole, then what changed of it; one that cannot be read leaves the network as it was', async () => {
  const path = join(folder, 'net.yaml');
  place(path, 'devices: { a: {}, b: {} }\nlinks: [{ a: a, b: b }]');
  const role = await start([`topology.files=${path}`]);
  await until(async () => (await told()).length === 4);
  expect(await told()).toEqual(['present device/a', 'present device/b', 'present link/a--b', 'complete snapshot/'].map((line) => `file:net.yaml ${line}`));
  expect((await events())[0].headers).toMatchObject({ ce_type: 'netweaver.topology.TopologyEvent', ce_source: '/netweaver/topology', ce_specversion: '1.0' });
  place(path, 'devices: { a: {}, ');
  await until(async () => (await sources(role))[0].problem !== null);
  expect((await sources(role))[0]).toMatchObject({ source: 'file:net.yaml', elements: 3, problem: expect.stringContaining('line 1') as string });
  expect(role.readiness()).toBeNull();
  place(path, 'devices: { a: {}, c: {} }\nlinks: [{ a: a, b: c }]');
  await until(async () => (await told()).length > 4);
  expect((await told()).slice(4)).toEqual(['removed link/a--b', 'removed device/b', 'added device/c', 'added link/a--c'].map((line) => `file:net.yaml ${line}`));
  rmSync(path);
  await until(async () => (await sources(role))[0].problem !== null);
  expect((await told()).length).toBe(8);
}, 60_000);

it('a restart tells every source whole once more, for what the run before wrote is not known', async () => {
  const path = join(folder, 'net.yaml');
  place(path, 'devices: { a: {} }');
  await start([`topology.files=${path}`]);
  await until(async () => (await told()).length === 2);
  await stop();
  await start([`topology.files=${path}`]);
  await until(async () => (await told()).length === 4);
  const times = (await events()).map(({ value }) => value.time);
  expect(times[2]).toBeGreaterThan(times[0]);
  expect((await told()).slice(2)).toEqual(['file:net.yaml present device/a', 'file:net.yaml complete snapshot/']);
}, 60_000);

it('a feed is written beside a file; a source that is away makes nobody unready', async () => {
  const server = await FeedServer.start();
  server.onAsked = ({ socket }) => socket.send(JSON.stringify({ type: 'snapshot', sequence: 3, elements: [{ element: 'device', id: 'f' }] }));
  try {
    const role = await start([`topology.files=${join(folder, 'none.gml')}`, `topology.feeds=${JSON.stringify({ inventory: server.url })}`]);
    await until(async () => (await told()).length === 2);
    expect(await told()).toEqual(['websocket:inventory present device/f', 'websocket:inventory complete snapshot/']);
    expect(await sources(role)).toMatchObject([{ source: 'file:none.gml', problem: expect.stringContaining('ENOENT') as string }, { source: 'websocket:inventory', connected: true, sequence: 3, elements: 1, problem: null }]);
    expect(role.readiness()).toBeNull();
  } finally {
    await server.stop();
  }
}, 60_000);

it('a dry run prints the events and writes nothing', async () => {
  const path = join(folder, 'net.yaml');
  place(path, 'devices: { a: {} }');
  let printed = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation(((text: string, done: () => void) => {
    printed += text;
    done();
    return true;
  }) as never);
  try {
    await start([`topology.files=${path}`, 'topology.dryRun=true']);
    await until(() => printed.includes('complete'));
    expect(printed.trim().split('\n').map((line) => (JSON.parse(line) as TopologyEvent).change)).toEqual(['present', 'complete']);
    expect(await told()).toEqual([]);
  } finally {
    write.mockRestore();
  }
}, 60_000);

it('while the log does not take events it is unready, tries again, and loses nothing', async () => {
  const path = join(folder, 'net.yaml');
  place(path, 'devices: { a: {} }');
  let away = true;
  const slow: Log = Object.assign(Object.create(log) as Log, {
    producer: async (name: string) => {
      const producer = await log.producer(name);
      return Object.assign(Object.create(producer) as typeof producer, { append: (records: never) => (away ? Promise.reject(new Error('away')) : producer.append(records)) });
    },
  });
  const role = await start([`topology.files=${path}`], { log: slow });
  await until(() => role.readiness() !== null);
  expect(await told()).toEqual([]);
  away = false;
  await until(async () => (await told()).length === 2);
  expect(role.readiness()).toBeNull();
}, 60_000);

it('refuses what cannot work', async () => {
  await expect(start(['topology.files=x/net.yaml,y/net.yaml'])).rejects.toMatchObject({ code: 'NW_CONFIG_INVALID' });
  await expect(start(['topics.prefix=other.', 'topology.lldp=true'])).rejects.toMatchObject({ code: 'NW_TOPIC_MISSING' });
  for (const feed of ['ftp://x', 'wss://user:secret@x/', '', { url: 'wss://x', token: 'the-secret' }, { url: 'wss://x', verify: false }]) {
    let message = '';
    try {
      configOf([`topology.feeds=${JSON.stringify({ a: feed })}`]);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('topology.feeds');
  }
});
