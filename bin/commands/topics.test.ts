import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../../infra/config/load';
import { openLog } from '../../infra/log/open';
import { partitionOf } from '../../infra/log/partition';
import { openRegistry } from '../../infra/registry/open';
import type { InterfaceCounters } from '../../schemas';
import { NO_COUNTERS } from '../../schemas/unknown';
import { CATALOGUE, eventHeaders, INTERFACES_COUNTERS, TopicCodec, topicName } from '../../topics';
import { sections } from '../sections';
import * as tail from './tail';
import { runCommand, type Outcome } from './testing/run';
import * as topics from './topics';

const brokers = process.env['NETWEAVER_TEST_KAFKA'];
const registryUrl = process.env['NETWEAVER_TEST_REGISTRY'];
const servers = brokers !== undefined && registryUrl !== undefined;
const prefix = `t${Date.now().toString(36)}${process.pid}.`;
const folder = mkdtempSync(join(tmpdir(), 'netweaver-commands-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kinds: readonly (readonly [string, readonly string[], boolean])[] = [
  ['the embedded log', [`data.dir=${join(folder, 'data')}`], true],
  [servers ? 'Kafka' : 'Kafka (needs NETWEAVER_TEST_KAFKA and NETWEAVER_TEST_REGISTRY)', [`kafka.brokers=${brokers}`, `registry.url=${registryUrl}`, `data.dir=${join(folder, 'none')}`], servers],
];

/** Runs a command line as `netweaver` would. */
const netweaver = (sets: readonly string[], ...words: string[]): Promise<Outcome> => runCommand([topics.register, tail.register], sets, ...words);

const json = (outcome: Outcome): Record<string, unknown>[] => outcome.lines.map((line) => JSON.parse(line) as Record<string, unknown>);

const counters = (ifIndex: number): InterfaceCounters => ({
  ...NO_COUNTERS, device: '192.0.2.1', ifIndex, ifName: 'eth0', time: 1_700_000_000_000, speed: 1e9, adminUp: true, operUp: false, inOctets: 2 ** 40, inUnicastPackets: 1, inMulticastPackets: 2,
  inBroadcastPackets: 3, inDiscards: 4, inErrors: 5, outOctets: 6, outUnicastPackets: 7, outMulticastPackets: 8, outBroadcastPackets: 9, outDiscards: 10, outErrors: 11, source: 'SFLOW',
});

for (const [kind, place, available] of kinds) {
  const whenAvailable = available ? describe : describe.skip;
  const sets = [...place, `topics.prefix=${prefix}`];
  const named = (name: string): string => prefix + name;

  whenAvailable(`netweaver topics on ${kind}`, () => {
    test('list shows the catalogue before anything is there', async () => {
      const { code, lines } = await netweaver(sets, 'topics', 'list', '--json');
      expect(code).toBe(0);
      expect(lines.map((line) => (JSON.parse(line) as { topic: string }).topic)).toEqual(CATALOGUE.map(({ name }) => named(name)));
      expect(lines.some((line) => line.includes('"onLog":true'))).toBe(false);
    });

    test('apply --dry-run says what it would do, and does nothing', async () => {
      const outcome = await netweaver(sets, 'topics', 'apply', '--dry-run', '--json');
      expect(json(outcome).map(({ action }) => action)).toEqual(CATALOGUE.map(() => 'create'));
      expect(json(await netweaver(sets, 'topics', 'list', '--json')).map(({ onLog }) => onLog)).toEqual(CATALOGUE.map(() => false));
    });

    test('apply creates, then keeps, then changes', async () => {
      expect((await netweaver(sets, 'topics', 'apply')).lines.at(-1)).toBe(`${CATALOGUE.length} created, 0 changed, 0 as they should be.`);
      expect((await netweaver(sets, 'topics', 'apply')).lines.at(-1)).toBe(`0 created, 0 changed, ${CATALOGUE.length} as they should be.`);
      const changed = await netweaver([...sets, 'topics.flowPartitions=5', 'topics.retentionHours=3'], 'topics', 'apply', '--json');
      expect(changed.code).toBe(0);
      expect(json(changed)[0]).toEqual({ topic: named('flows.raw'), action: 'alter', detail: 'partitions 4 → 5' });
      const listed = json(await netweaver(sets, 'topics', 'list', '--json'));
      expect(listed.find(({ topic }) => topic === named('traffic.by-interface'))).toMatchObject({ partitions: 5, retention: 10_800_000, onLog: true, offsets: 0 });
    });

    test('describe says what a topic is and what is there, by its name with or without the prefix', async () => {
      const { lines } = await netweaver(sets, 'topics', 'describe', 'flows.raw');
      expect(lines.find((line) => line.startsWith('subject'))).toContain(`${named('flows.raw')}-value`);
      expect(lines.some((line) => /^flows\[\]\.srcPort +int +Source port/.test(line))).toBe(true);
      const [described] = json(await netweaver(sets, 'topics', 'describe', named('flows.raw'), '--json'));
      expect(described).toMatchObject({ onLog: true, settings: { partitions: 5 } });
      expect((described['partitions'] as unknown[]).length).toBe(5);
    });

    test('describe of what is no topic ends with exit code 2 and the names that there are', async () => {
      const { code, error } = await netweaver(sets, 'topics', 'describe', 'flows.row');
      expect(code).toBe(2);
      expect(error).toContain('NW_USAGE');
      expect(error).toContain('flows.raw');
    });
  });

  whenAvailable(`netweaver tail on ${kind}`, () => {
    const KEY = Buffer.from('192.0.2.1/7');

    beforeAll(async () => {
      const config = loadConfiguration({ sections, environment: {}, sets });
      const [log, registry] = [await openLog(config), await openRegistry(config)];
      const topic = topicName(INTERFACES_COUNTERS, config);
      await log.admin.createTopics([{ name: topic, partitions: 2, cleanup: 'delete', retentionMs: -1 }]);
      const codec = await TopicCodec.open(INTERFACES_COUNTERS, topic, registry);
      const producer = await log.producer('tail-test');
      const partition = partitionOf(KEY, 2);
      const headers = eventHeaders({ id: 'a/1', source: '/test', type: INTERFACES_COUNTERS.record.name, timeMs: 1_700_000_000_000 });
      await producer.append([1, 2, 3].map((ifIndex) => ({ topic, partition, key: KEY, value: codec.encode(counters(ifIndex)), timestampMs: 1_700_000_000_000 + ifIndex, headers })));
      await producer.append([{ topic, partition, key: Buffer.from([255, 0]), value: Buffer.from([0, 0, 0, 0, codec.schemaId, 255, 255]), timestampMs: 1_700_000_000_009 }]);
      await producer.close();
      await registry.close();
      await log.close();
    });

    afterAll(async () => {
      const log = await openLog(loadConfiguration({ sections, environment: {}, sets }));
      for (const { name } of await log.admin.listTopics()) if (name.startsWith(prefix)) await log.admin.deleteTopic(name);
      await log.close();
    });

    const tailed = async (...words: string[]): Promise<Record<string, unknown>[]> => json(await netweaver(sets, 'tail', 'interfaces.counters', '--from-beginning', ...words));

    test('prints each record decoded, with partition, offset, time, key and headers', async () => {
      const [first, second] = await tailed('--no-follow');
      expect(first).toMatchObject({ partition: partitionOf(KEY, 2), offset: 0, time: '2023-11-14T22:13:20.001Z', key: '192.0.2.1/7', headers: { ce_id: 'a/1', ce_type: 'netweaver.metrics.InterfaceCounters' }, value: counters(1) });
      expect(second).toMatchObject({ offset: 1, value: { ifIndex: 2 } });
    });

    test('prints what cannot be decoded with its error and its bytes, and goes on', async () => {
      const records = await tailed('--no-follow');
      expect(records.length).toBe(4);
      expect(records[3]).toMatchObject({ error: expect.stringMatching(/^NW_SCHEMA_(MALFORMED|UNKNOWN): /) as string, key: 'ff00', value: expect.stringMatching(/^00000000..ffff$/) as string });
    });

    test('ends after --limit, even where it would wait for more', async () => {
      expect((await tailed('--limit', '2')).length).toBe(2);
      expect((await tailed('--limit', '1', '--no-follow')).length).toBe(1);
    });

    test('of what is not on the log ends with exit code 3', async () => {
      const { code, error } = await netweaver(sets, 'tail', 'nonsense');
      expect(code).toBe(3);
      expect(error).toContain('NW_TOPIC_MISSING');
    });

    test('refuses a limit that is no number', async () => {
      const { code, lines, error } = await netweaver(sets, 'tail', 'flows.raw', '--limit', 'x');
      expect({ failed: code !== 0, lines }).toEqual({ failed: true, lines: [] });
      expect(error).toContain('whole number');
    });
  });
}

test('apply where no broker answers ends with exit code 3 and a coded error', async () => {
  const { code, error } = await netweaver(['kafka.brokers=127.0.0.1:1', `data.dir=${join(folder, 'none')}`], 'topics', 'apply');
  expect(code).toBe(3);
  expect(error).toMatch(/NW_LOG_UNREACHABLE|NW_KAFKA_CLIENT_MISSING/);
});
