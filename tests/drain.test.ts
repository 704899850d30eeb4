/** SIGTERM to a processor: what was begun is committed; where that cannot be, it ends in time and the next start does it again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openContext } from '../bin/context';
import { sections } from '../bin/sections';
import { loadConfiguration } from '../infra/config/load';
import { startKafka, stopKafka } from '../infra/dev/kafka';
import { course } from '../processors/runtime/testing/flows';
import { groupOf } from '../processors/runtime/worker';
import { applyTopics, FLOWS_RAW, FLOWS_UNIQUE, subjectOf, topicName } from '../topics';
import { freeTcpPort, NETWEAVER, until } from './support/stack';

const registry = process.env.NETWEAVER_TEST_REGISTRY;
// Where the suite found what Kafka takes, a broker of its own can be started.
const available = process.env.NETWEAVER_TEST_KAFKA !== undefined && registry !== undefined && existsSync(NETWEAVER);
const whenAvailable = available ? describe : describe.skip;

whenAvailable(`a processor that is told to end${available ? '' : ' (needs NETWEAVER_TEST_KAFKA, NETWEAVER_TEST_REGISTRY and a build)'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-drain-'));
  const configFile = join(folder, 'netweaver.yaml');
  const values = course(40);
  let kafka: number;
  let http: number;
  let child: ChildProcess | undefined;

  const config = (): ReturnType<typeof loadConfiguration> => loadConfiguration({ sections, path: configFile, environment: {}, sets: ['telemetry.logLevel=silent'] });
  const start = async (...sets: string[]): Promise<void> => {
    child = spawn(process.execPath, [NETWEAVER, 'process', '--config', configFile, ...sets.flatMap((set) => ['--set', set])], { stdio: ['ignore', 'ignore', 'inherit'] });
    await until('it is ready', async () => (await fetch(`http://127.0.0.1:${http}/readyz`)).ok);
  };
  const endOf = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ended = once(child!, 'exit');
    child!.kill(signal);
    return (await ended)[0] as number | null;
  };
  /** Batches on flows.unique that readers of committed records see, and the position of dedup. */
  const committed = async (): Promise<{ unique: number; position: number }> => {
    const context = await openContext(config(), 'cli');
    const reader = await context.log.reader();
    let unique = 0;
    const topic = topicName(FLOWS_UNIQUE, context.config);
    for (const { partition, begin, end } of await reader.bounds(topic)) for await (const record of reader.read({ topic, partition }, begin, end)) unique += record.value === null ? 0 : 1;
    const positions = await context.log.admin.committed(groupOf('dedup', context.config), topicName(FLOWS_RAW, context.config));
    await reader.close();
    await context.close();
    return { unique, position: [...positions.values()].reduce((sum, next) => sum + next, 0) };
  };
  const put = async (batches: readonly Buffer[]): Promise<void> => {
    const context = await openContext(config(), 'cli');
    await applyTopics(context.log, context.config);
    const topic = topicName(FLOWS_RAW, context.config);
    const id = await context.registry.register(subjectOf(topic), FLOWS_RAW.record.schema);
    const producer = await context.log.producer('test');
    for (const value of batches) value.writeUInt32BE(id, 1);
    await producer.append(batches.map((value) => ({ topic, partition: 0, key: null, value, timestampMs: Date.now() })));
    await producer.close();
    await context.close();
  };
  const worked = (rows: string): Promise<void> => until(`${rows} is read`, async () => {
    const { partitions } = (await (await fetch(`http://127.0.0.1:${http}/processors/dedup`)).json()) as { partitions: { next: number }[] };
    return partitions.some(({ next }) => next >= values.length);
  });

  beforeAll(async () => {
    [kafka, http] = [await freeTcpPort(), await freeTcpPort()];
    await startKafka({ port: kafka, data: join(folder, 'kafka') });
    // No commit by itself within the test.
    writeFileSync(configFile, stringify({ data: { dir: join(folder, 'data') }, kafka: { brokers: [`127.0.0.1:${kafka}`], sessionTimeoutMs: 6000 }, registry: { url: registry }, topics: { prefix: `drain-${Date.now().toString(36)}.`, flowPartitions: 1 }, processing: { commitMs: 60_000, processors: ['dedup'] }, http: { processPort: http }, telemetry: { logLevel: 'error' } }));
    await put(values);
  }, 180_000);
  afterAll(async () => {
    child?.kill('SIGKILL');
    await stopKafka(kafka);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test('ends within its deadline where the log has gone, with nothing half written, and the next start does the work', async () => {
    await start();
    await worked('all');
    expect(await committed()).toEqual({ unique: 0, position: 0 });
    await stopKafka(kafka);
    expect(await endOf('SIGTERM')).toBe(1);
    await startKafka({ port: kafka, data: join(folder, 'kafka') });
    expect(await committed()).toEqual({ unique: 0, position: 0 });
    await start('processing.commitMs=100');
    await until('all is committed', async () => (await committed()).position === values.length);
    const { unique } = await committed();
    expect(unique).toBeGreaterThan(0);
    expect(await endOf('SIGTERM')).toBe(0);
    expect((await committed()).unique).toBe(unique);
  }, 300_000);

  test('commits what was begun, and ends with 0', async () => {
    const before = await committed();
    await start();
    const more = course(10, 77);
    await put(more);
    await until('they are read', async () => ((await (await fetch(`http://127.0.0.1:${http}/processors/dedup`)).json()) as { partitions: { next: number }[] }).partitions[0]?.next >= before.position + more.length);
    expect(await committed()).toEqual(before);
    expect(await endOf('SIGTERM')).toBe(0);
    const after = await committed();
    expect(after.position).toBe(before.position + more.length);
    expect(after.unique).toBeGreaterThan(before.unique);
  }, 120_000);
});
