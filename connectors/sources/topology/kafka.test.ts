/** The role `topology` on a real Kafka with a real registry. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataSection } from '../../../infra/config/data';
import { loadConfiguration, type LoadedConfiguration } from '../../../infra/config/load';
import type { Log, LogReader } from '../../../infra/log/log';
import { openLog } from '../../../infra/log/open';
import { kafkaSection, logSection } from '../../../infra/log/settings';
import { openRegistry } from '../../../infra/registry/open';
import type { SchemaRegistry } from '../../../infra/registry/registry';
import { registrySection } from '../../../infra/registry/settings';
import type { Role } from '../../../infra/role';
import { openTelemetry, type OpenTelemetry } from '../../../infra/telemetry/open';
import { telemetrySection } from '../../../infra/telemetry/settings';
import { TOPOLOGY_EVENTS, topicName, topicSettings, topicsSection, type Topic } from '../../../topics';
import { snmpSection } from '../snmp/settings';
import { createTopologyRole } from './role';
import { topologySection } from './settings';
import { FeedServer } from './testing/feed-server';

const brokers = process.env['NETWEAVER_TEST_KAFKA'];
const registryUrl = process.env['NETWEAVER_TEST_REGISTRY'];
const there = brokers !== undefined && registryUrl !== undefined;
const whenKafka = there ? describe : describe.skip;

whenKafka(`the role topology on Kafka${there ? '' : ' (needs NETWEAVER_TEST_KAFKA and NETWEAVER_TEST_REGISTRY)'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nw-topology-kafka-'));
  const prefix = `topology-${randomUUID()}.`;
  const failures: Error[] = [];
  let log: Log;
  let registry: SchemaRegistry;
  let reader: LogReader;

  const configOf = (sets: readonly string[]): LoadedConfiguration =>
    loadConfiguration({
      sections: [dataSection, kafkaSection, logSection, registrySection, topicsSection, telemetrySection, snmpSection, topologySection],
      environment: {},
      sets: [`data.dir=${folder}`, `telemetry.logFile=${join(folder, 'log.json')}`, `kafka.brokers=${brokers}`, `registry.url=${registryUrl}`, `topics.prefix=${prefix}`, 'topology.fileSeconds=1', ...sets],
    });

  beforeAll(async () => {
    const config = configOf([]);
    log = await openLog(config);
    registry = await openRegistry(config);
    await log.admin.createTopics([topicSettings(TOPOLOGY_EVENTS as Topic, config)]);
    reader = await log.reader();
  }, 60_000);
  afterAll(async () => {
    await reader?.close();
    await registry?.close();
    await log?.close();
    rmSync(folder, { recursive: true, force: true });
    expect(failures).toEqual([]);
  });

  async function start(sets: readonly string[]): Promise<{ role: Role; telemetry: OpenTelemetry }> {
    const config = configOf(sets);
    const telemetry = openTelemetry(config, 'topology');
    const role = createTopologyRole({ config, log, registry, telemetry }, (error) => failures.push(error));
    await role.start();
    return { role, telemetry };
  }

  async function stop({ role, telemetry }: { role: Role; telemetry: OpenTelemetry }): Promise<void> {
    await role.drain();
    await telemetry.close();
  }

  /** What is on the topic, in the order of the log. */
  async function told(): Promise<string[]> {
    const topic = topicName(TOPOLOGY_EVENTS, configOf([]));
    const found: string[] = [];
    for (const [partition, { begin, end }] of (await reader.bounds(topic)).entries()) {
      for await (const { key, value } of reader.read({ topic, partition }, begin, end)) {
        const { source, change } = TOPOLOGY_EVENTS.record.decode(value!);
        found.push(`${source} ${change} ${key!.toString()}`);
      }
    }
    return found;
  }

  const until = async (count: number): Promise<string[]> => {
    for (;;) {
      const all = await told();
      if (all.length >= count) return all;
      await sleep(50);
    }
  };

  function place(path: string, text: string): void {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }

  test('a file and a feed go out whole and in order, then their changes; a restart tells them whole once more', async () => {
    const path = join(folder, 'net.yaml');
    place(path, 'devices: { a: {}, b: {} }\nlinks: [{ a: a, b: b }]');
    const file = (lines: readonly string[]): string[] => lines.map((line) => `file:net.yaml ${line}`);
    const ofFile = (all: readonly string[]): string[] => all.filter((line) => line.startsWith('file:'));
    const first = await start([`topology.files=${path}`]);
    expect(await until(4)).toEqual(file(['present device/a', 'present device/b', 'present link/a--b', 'complete snapshot/']));
    place(path, 'devices: { a: {}, b: {} }\nlinks: [{ a: a, b: b, up: false }]');
    expect((await until(5)).slice(4)).toHaveLength(1);
    await stop(first);

    const server = await FeedServer.start();
    server.onAsked = ({ socket }) => socket.send(JSON.stringify({ type: 'snapshot', sequence: 1, elements: [{ element: 'device', id: 'f' }] }));
    try {
      const second = await start([`topology.files=${path}`, `topology.feeds=${JSON.stringify({ inventory: server.url })}`]);
      const all = await until(11);
      expect(ofFile(all).slice(5)).toEqual(file(['present device/a', 'present device/b', 'present link/a--b', 'complete snapshot/']));
      expect(all.filter((line) => line.startsWith('websocket:'))).toEqual(['websocket:inventory present device/f', 'websocket:inventory complete snapshot/']);
      expect(second.role.readiness()).toBeNull();
      await stop(second);
      expect(await told()).toHaveLength(11);
    } finally {
      await server.stop();
    }
  }, 120_000);
});
