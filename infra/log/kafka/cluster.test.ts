import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigResourceTypes, Kafka } from 'kafkajs';
import { startKafka, stopKafka } from '../../dev/kafka';
import { hasCode } from '../../errors';
import { placeOf } from '../log';
import type { GroupMember, LogRecord, OutgoingRecord } from '../log';
import { kafkajsConfig } from './admin';
import { KafkaLog } from './log';
import { kafkaSettings } from './testing';

const bootstrap = process.env.NETWEAVER_TEST_KAFKA;
const whenKafka = bootstrap ? describe : describe.skip;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (done: () => boolean | Promise<boolean>, seconds = 60): Promise<void> => {
  for (const deadline = Date.now() + seconds * 1000; !(await done()) && Date.now() < deadline; ) await pause(100);
};
const record = (topic: string, value: string | null, more: Partial<OutgoingRecord> = {}): OutgoingRecord => ({ topic, partition: 0, key: null, value: value === null ? null : Buffer.from(value), ...more });
const readAll = async (log: KafkaLog, topic: string, partition = 0): Promise<LogRecord[]> => {
  const reader = await log.reader();
  const { begin, end } = (await reader.bounds(topic))[partition];
  const records: LogRecord[] = [];
  for await (const found of reader.read({ topic, partition }, begin, end)) records.push(found);
  await reader.close();
  return records;
};

whenKafka(`Kafka alone${bootstrap ? '' : ' (left out: set NETWEAVER_TEST_KAFKA to the address of a broker)'}`, () => {
  jest.setTimeout(180_000);
  const suffix = Date.now().toString(36);
  const settings = { ...kafkaSettings(bootstrap ?? ''), sessionTimeoutMs: 6000 };
  let log: KafkaLog;
  beforeAll(() => {
    log = new KafkaLog(settings);
  });
  afterAll(() => log.close());

  test('an administrator that is idle lets go of its connection, which would wake the process a thousand times a second, and connects again when asked', async () => {
    const other = new KafkaLog(settings);
    const topic = `test.idle-${suffix}`;
    await other.admin.createTopics([{ name: topic, partitions: 3, cleanup: 'delete' }]);
    const connected = (): boolean => Reflect.get(other.admin, 'connection') !== undefined;
    expect(connected()).toBe(true);
    await until(() => !connected());
    expect(connected()).toBe(false);
    expect(await other.admin.partitionsOf(topic, true)).toBe(3);
    await other.close();
  });

  test('topics that are deleted while they are listed disturb nobody', async () => {
    const kept = `test.kept-${suffix}`;
    await log.admin.createTopics([{ name: kept, partitions: 1, cleanup: 'delete' }]);
    const other = new KafkaLog(settings);
    let going = true;
    const comings = (async () => {
      for (let i = 0; going; i++) {
        const names = Array.from({ length: 4 }, (_, n) => `test.gone-${suffix}-${i}-${n}`);
        await other.admin.createTopics(names.map((name) => ({ name, partitions: 1, cleanup: 'delete' })));
        for (const name of names) await other.admin.deleteTopic(name);
      }
    })();
    for (let i = 0; i < 60; i++) expect((await log.admin.listTopics()).map(({ name }) => name)).toContain(kept);
    going = false;
    await comings;
    await other.close();
  });

  test('a second member takes some partitions, and the first never lets go of those it keeps', async () => {
    const topic = `test.share-${suffix}`;
    await log.admin.createTopics([{ name: topic, partitions: 4, cleanup: 'delete' }]);
    const revoked: string[] = [];
    const open = (instanceId: string): Promise<GroupMember> =>
      log.member({ group: `share-${suffix}`, instanceId, topics: [topic], transactional: true, onRevoke: async (partitions) => void revoked.push(...partitions.map(placeOf)) });
    const first = await open('one');
    await until(async () => (await first.poll(1, 100), first.assignment().length === 4));
    const second = await open('two');
    await until(async () => {
      await Promise.all([first.poll(1, 100), second.poll(1, 100)]);
      return first.assignment().length === 2 && second.assignment().length === 2;
    });
    const all = [...first.assignment(), ...second.assignment()].map(placeOf);
    expect(new Set(all)).toEqual(new Set([0, 1, 2, 3].map((partition) => `${topic}-${partition}`)));
    expect(revoked.sort()).toEqual(second.assignment().map(placeOf).sort());
    await first.close();
    await second.close();
  });

  test('a member that comes back under its name for one topic more is given that too', async () => {
    const topics = ['first', 'second'].map((name) => `test.${name}-${suffix}`);
    await log.admin.createTopics(topics.map((name) => ({ name, partitions: 2, cleanup: 'delete' })));
    const open = (of: readonly string[]): Promise<GroupMember> => log.member({ group: `more-${suffix}`, instanceId: 'same', topics: of, transactional: false });
    const before = await open(topics.slice(0, 1));
    await until(async () => (await before.poll(1, 100), before.assignment().length === 2));
    await before.close();
    const after = await open(topics);
    await until(async () => (await after.poll(1, 100), after.assignment().length === 4), 30);
    expect(after.assignment().map(placeOf).sort()).toEqual(topics.flatMap((name) => [`${name}-0`, `${name}-1`]));
    await after.close();
  });

  test('a compacted topic takes no record without a key', async () => {
    const topic = `test.keyless-${suffix}`;
    await log.admin.createTopics([{ name: topic, partitions: 1, cleanup: 'compact' }]);
    const producer = await log.producer('test');
    await expect(producer.append([record(topic, 'a')])).rejects.toMatchObject({ code: 'NW_LOG_REJECTED' });
    await expect(producer.append([record(topic, 'b', { key: Buffer.from('k') })])).resolves.toBeUndefined();
    await producer.close();
  });

  test('a record beyond the largest allowed is refused', async () => {
    const topic = `test.large-${suffix}`;
    await log.admin.createTopics([{ name: topic, partitions: 1, cleanup: 'delete' }]);
    const producer = await log.producer('test');
    await expect(producer.append([{ topic, partition: 0, key: null, value: Buffer.alloc(settings.maxRecordBytes + 1) }])).rejects.toMatchObject({ code: 'NW_LOG_REJECTED' });
    expect(producer.pendingBytes).toBe(0);
    await producer.close();
  });

  test('retention and clean-up are set on the topic, altering leaves alone what others set, and the broker compacts', async () => {
    const topic = `test.compact-${suffix}`;
    await log.admin.createTopics([{ name: topic, partitions: 1, cleanup: 'compact' }]);
    const admin = new Kafka(kafkajsConfig(settings)).admin();
    await admin.connect();
    const own = async (): Promise<Record<string, string>> => {
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }] });
      return Object.fromEntries(resources[0].configEntries.filter(({ configSource }) => (configSource as number) === 1).map(({ configName, configValue }) => [configName, configValue]));
    };
    expect(await own()).toMatchObject({ 'cleanup.policy': 'compact', 'max.message.bytes': String(settings.maxRecordBytes), 'segment.bytes': String(64 * 2 ** 20) });
    // An operator's own settings, which make the cleaner hurry.
    const hurry = { 'segment.ms': '200', 'segment.bytes': '1048576', 'min.cleanable.dirty.ratio': '0.01', 'delete.retention.ms': '100', 'cleanup.policy': 'compact' };
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: Object.entries(hurry).map(([name, value]) => ({ name, value })) }] });
    await log.admin.alterTopic({ name: topic, partitions: 1, cleanup: 'compact', retentionMs: -1 });
    expect(await own()).toMatchObject({ ...hurry, 'max.message.bytes': String(settings.maxRecordBytes), 'min.compaction.lag.ms': '9223372036854775807' });
    expect((await log.admin.listTopics()).find(({ name }) => name === topic)).toMatchObject({ retentionMs: -1 });
    await log.admin.alterTopic({ name: topic, partitions: 1, cleanup: 'compact' });
    expect(await own()).not.toHaveProperty('min.compaction.lag.ms');
    await admin.disconnect();

    const producer = await log.producer('test');
    for (const value of ['1', '2', '3']) {
      await producer.append(['a', 'b'].map((key) => record(topic, `${key}${value}`, { key: Buffer.from(key) })));
      await pause(300);
    }
    // The newest segment is never compacted: another record closes it.
    await until(async () => {
      await producer.append([record(topic, 'tick', { key: Buffer.from('tick') })]);
      return (await readAll(log, topic)).filter(({ value }) => String(value) !== 'tick').length === 2;
    });
    expect((await readAll(log, topic)).filter(({ value }) => String(value) !== 'tick').map(({ value }) => String(value))).toEqual(['a3', 'b3']);
    await producer.close();
  });

  test('nobody there is said as such', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const nobody = new KafkaLog(kafkaSettings(`127.0.0.1:${port}`));
    await expect(nobody.ping()).rejects.toMatchObject({ code: 'NW_LOG_UNREACHABLE' });
    await expect(nobody.producer('test')).rejects.toMatchObject({ code: 'NW_LOG_UNREACHABLE' });
    await nobody.close();
  });

  test('a broker that goes away and comes back loses nothing and doubles nothing', async () => {
    const data = mkdtempSync(join(tmpdir(), 'netweaver-kafka-'));
    const port = 20_000 + (process.pid % 10_000) * 2;
    const own = await startKafka({ port, data });
    const away = new KafkaLog({ ...kafkaSettings(own), sessionTimeoutMs: 6000 });
    try {
      await away.admin.createTopics(['in', 'out'].map((name) => ({ name, partitions: 1, cleanup: 'delete' as const })));
      const producer = await away.producer('test');
      const enter = (): Promise<GroupMember> => away.member({ group: 'g', instanceId: 'i', topics: ['in'], transactional: true });
      let member = await enter();
      const total = 200;
      let copied = 0;
      const copying = (async () => {
        for (const deadline = Date.now() + 120_000; copied < total && Date.now() < deadline; ) {
          let records: LogRecord[];
          try {
            records = await member.poll(10, 200);
          } catch (error) {
            // The broker may take a member that joins again for a second one of its name: a process then ends and is started anew.
            if (!hasCode(error, 'NW_LOG_FENCED')) throw error;
            await member.close();
            member = await enter();
            continue;
          }
          if (records.length === 0) continue;
          try {
            const transaction = member.begin();
            for (const { value } of records) transaction.append({ topic: 'out', partition: 0, key: null, value });
            await transaction.commit([{ topic: 'in', partition: 0, next: records[records.length - 1].offset + 1 }]);
          } catch (error) {
            if (hasCode(error, 'NW_LOG_FENCED')) continue;
            if (!hasCode(error, 'NW_LOG_ABORTED')) throw error;
            await member.seek([{ topic: 'in', partition: 0, next: records[0].offset }]);
            continue;
          }
          copied += records.length;
        }
      })();
      const appends: Promise<void>[] = [];
      let restarted: Promise<unknown> = Promise.resolve();
      for (let i = 0; i < total; i++) {
        if (i === 100) {
          await stopKafka(port);
          restarted = pause(1000).then(() => startKafka({ port, data }));
        }
        appends.push(producer.append([record('in', String(i))]));
        await pause(10);
      }
      await restarted;
      await Promise.all([...appends, copying]);
      const expected = Array.from({ length: total }, (_, i) => String(i));
      expect((await readAll(away, 'in')).map(({ value }) => String(value))).toEqual(expected);
      expect((await readAll(away, 'out')).map(({ value }) => String(value))).toEqual(expected);
      await producer.close();
      await member.close();
    } finally {
      await away.close();
      await stopKafka(port);
      rmSync(data, { recursive: true, force: true });
    }
  });
});
