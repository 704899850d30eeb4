/** `replay-log` after the processors have run, on the embedded log and, where there is one, on Kafka. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { course } from '../../processors/runtime/testing/flows';
import { openProcessing } from '../../processors/runtime/testing/processing';
import { applyTopics, FLOWS_OBSERVATIONS, FLOWS_RAW, FLOWS_UNIQUE, SILENCES, topicName } from '../../topics';
import * as replayLog from './replay-log';
import { runCommand } from './testing/run';

interface Count {
  readonly processor: string;
  readonly topic: string;
  readonly replayed: number;
  readonly expected: number;
  readonly identical: number;
  readonly differences: number;
}
interface Result {
  readonly code: number;
  readonly error: string;
  readonly identical: boolean;
  readonly counts: readonly Count[];
  readonly shown: readonly Record<string, unknown>[];
  readonly configs: Readonly<Record<string, { present: string; found: string[] }>>;
}

const folder = mkdtempSync(join(tmpdir(), 'netweaver-replay-log-'));
const brokers = process.env['NETWEAVER_TEST_KAFKA'];
const registry = process.env['NETWEAVER_TEST_REGISTRY'];
const servers = brokers !== undefined && registry !== undefined;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Those that the expectations are about: each has members and transactions of its own on Kafka. */
const PROCESSORS = 'dedup,aggregate,observed-interfaces';

describe.each([['the embedded log', [], true], [servers ? 'Kafka' : 'Kafka (needs NETWEAVER_TEST_KAFKA and NETWEAVER_TEST_REGISTRY)', [`kafka.brokers=${brokers}`, `registry.url=${registry}`], servers]] as const)('replay-log on %s', (_, place, available) => {
  const whenAvailable = available ? test : test.skip;
  // Old times would fall to the retention of the topics.
  const writtenAt = Date.now();
  const prefix = `r${Date.now().toString(36)}${process.pid}.`;
  const sets = [`data.dir=${folder}`, `processing.processors=${PROCESSORS}`, `topics.prefix=${prefix}`, 'topics.flowPartitions=2', 'processing.commitMs=10', 'processing.checkpointMs=100', 'processing.idleMs=150', 'aggregate.idleMs=1000', 'aggregate.graceMs=20000', ...place];
  const replay = async (words: readonly string[], more: readonly string[] = []): Promise<Result> => {
    const { code, lines, error } = await runCommand([replayLog.register], [...sets, ...more], 'replay-log', '--json', ...(words.includes('--processors') ? [] : ['--processors', PROCESSORS]), ...words);
    return { ...(lines.length > 0 ? (JSON.parse(lines[0]) as Result) : ({} as Result)), code, error };
  };
  const total = ({ counts }: Result, name: keyof Count): number => counts.reduce((sum, count) => sum + Number(count[name]), 0);

  beforeAll(async () => {
    if (!available) return;
    const processing = await openProcessing(folder, sets);
    const { config } = processing.context;
    await applyTopics(processing.log, config);
    const producer = await processing.log.producer('test');
    const id = await processing.context.registry.register(`${topicName(FLOWS_RAW, config)}-value`, FLOWS_RAW.record.schema);
    // The schema id of the registry in place of the test's.
    const framed = (value: Buffer): Buffer => (value[0] === 0 && value.writeUInt32BE(id, 1), value);
    const put = async (partition: number, values: readonly Buffer[]): Promise<void> => producer.append(values.map(framed).map((value) => ({ topic: topicName(FLOWS_RAW, config), partition, key: null, value, timestampMs: writtenAt + 1000 * partition })));
    const role = processing.role((error) => { throw error; });
    await role.start();
    const reader = await processing.log.reader();
    const endOf = async (topic: string): Promise<number> => (await reader.bounds(topic)).reduce((sum, { end }) => sum + end, 0);
    await put(0, course(120, 1));
    // The windows of the first part go out by silence, then more of the same time comes.
    while ((await endOf(topicName(SILENCES, config))) < 2) await sleep(50);
    await put(0, [...course(30, 2), Buffer.from('no flows')]);
    await put(1, course(60, 3));
    for (;;) {
      let behind = 0;
      for (const [name, topic] of [['dedup', FLOWS_RAW], ['aggregate', FLOWS_UNIQUE], ['observed-interfaces', FLOWS_OBSERVATIONS]] as const) {
        const committed = await processing.log.admin.committed(`${prefix}netweaver.${name}`, topicName(topic, config));
        // The last offset may be the marker of a transaction.
        for (const { partition, end } of await reader.bounds(topicName(topic, config))) behind += Math.max(0, end - 1 - (committed.get(partition) ?? 0));
      }
      if (behind <= 0) break;
      await sleep(50);
    }
    await sleep(500);
    await reader.close();
    await role.drain();
    await producer.close();
    await processing.close();
  }, 300_000);

  whenAvailable('says that every event comes out as it did, those that silence decided too', async () => {
    const result = await replay(['--into', 'first']);
    expect(result).toMatchObject({ code: 0, error: '', identical: true, shown: [] });
    expect(total(result, 'identical')).toBe(total(result, 'expected'));
    expect(result.counts.find(({ processor, topic }) => processor === 'aggregate' && topic === `${prefix}${SILENCES.name}`)?.identical).toBeGreaterThan(0);
    expect(result.counts.filter(({ topic, identical }) => identical > 0 && !topic.endsWith(SILENCES.name)).map(({ processor, topic }) => `${processor} ${topic.slice(prefix.length)}`)).toEqual(expect.arrayContaining([
      'dedup flows.unique', 'dedup flows.observations', 'dedup dead-letters', 'aggregate traffic.by-interface', 'aggregate traffic.by-prefix', 'aggregate traffic.by-host', 'aggregate late',
      'observed-interfaces traffic.by-interface',
    ]));
  });

  whenAvailable('two replays are the same; a name is used once', async () => {
    expect(await replay(['--into', 'second', '--against', 'first'])).toMatchObject({ code: 0, identical: true });
    expect(await replay(['--into', 'second'])).toMatchObject({ code: 2, error: expect.stringContaining('NW_USAGE') as string });
  });

  whenAvailable('a range in the middle has the events of that range alone, with the state that there was', async () => {
    const whole = await replay(['--processors', 'dedup', '--discard']);
    const part = await replay(['--processors', 'dedup', '--from', '20', '--to', '50', '--discard']);
    expect(part).toMatchObject({ code: 0, identical: true });
    expect(total(part, 'identical')).toBeGreaterThan(20);
    expect(total(part, 'identical')).toBeLessThan(total(whole, 'identical') / 2);
    const inTime = await replay(['--processors', 'dedup', '--from', new Date(writtenAt + 1000).toISOString(), '--discard']);
    expect(inTime).toMatchObject({ code: 0, identical: true });
    expect(total(inTime, 'identical')).toBeLessThan(total(whole, 'identical'));
  });

  whenAvailable('under another configuration shows which events differ, and in what', async () => {
    const result = await replay(['--processors', 'aggregate', '--discard'], ['aggregate.ipv4Prefix=16']);
    expect(result).toMatchObject({ code: 1, identical: false });
    expect(result.counts.filter(({ differences }) => differences > 0).map(({ topic }) => topic)).toEqual([`${prefix}traffic.by-prefix`]);
    expect(result.shown[0]).toMatchObject({ kind: 'different', topic: `${prefix}traffic.by-prefix`, fields: { 'rows.0.dstMask': { then: 24, now: 16 } } });
    expect(result.configs.aggregate.found).not.toContain(result.configs.aggregate.present);
  });

  whenAvailable('a processor that gives other events is found out: missing ones, others in their place', async () => {
    const result = await replay(['--processors', 'dedup', '--discard'], ['dedup.acrossExporters=false']);
    expect(result.code).toBe(1);
    expect(result.shown.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['different']));
    expect(result.counts.find(({ topic }) => topic === `${prefix}flows.observations`)).toMatchObject({ replayed: 0, identical: 0 });
  });
});
