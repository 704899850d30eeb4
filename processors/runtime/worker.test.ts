import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../../infra/errors';
import { DEAD_LETTERS, FLOWS_OBSERVATIONS, FLOWS_RAW, FLOWS_UNIQUE, LATE, topicName, topicSettings, TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, type Topic } from '../../topics';
import { aggregate, observedInterfaces } from '../aggregate';
import { dedup } from '../dedup';
import { batch, course, HOUR } from './testing/flows';
import { openProcessing, type Processing } from './testing/processing';
import { Driver } from './driver';
import { groupOf } from './worker';

const PARTITIONS = 3;
const OUTPUTS: readonly Topic[] = [FLOWS_UNIQUE, FLOWS_OBSERVATIONS, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, TRAFFIC_BY_HOST];
/** Two processors write it, each in its order. */
const INTERLEAVED: readonly Topic[] = [TRAFFIC_BY_INTERFACE];
/** The processors whose outputs are a function of one partition of flows.raw, whatever the others are at. Silence does nothing within a test; commits are many, checkpoints few, so that a kill falls between. */
const SETS = ['processing.processors=dedup,aggregate,observed-interfaces', `topics.flowPartitions=${PARTITIONS}`, 'processing.idleMs=86400000', 'processing.commitMs=10', 'processing.checkpointMs=150', 'processing.pollRecords=7', 'aggregate.graceMs=20000'];

/** What is read of a partition of each flows.raw: traffic, a record that is none, and a flow so late that every window goes out. */
const inputOf = (partition: number): Buffer[] => [...course(250, partition + 1), Buffer.from('no flows'), ...course(20, partition + 9), batch([{ end: HOUR + 7_200_000 }], { sequence: 0 })];
const inputs = Array.from({ length: PARTITIONS }, (_, partition) => inputOf(partition));

/** Values of an output topic by partition. */
type Values = string[][];
const nothing = (): Values => Array.from({ length: PARTITIONS }, () => []);

/** What must come out, by the test driver. */
function expected(): Map<Topic, Values> {
  const result = new Map(OUTPUTS.map((topic) => [topic, nothing()]));
  const first = new Driver(dedup, {}, PARTITIONS);
  const second = new Driver(aggregate, { graceMs: 20_000 }, PARTITIONS);
  const third = new Driver(observedInterfaces, { graceMs: 20_000 }, PARTITIONS);
  inputs.forEach((values, partition) => values.forEach((value) => first.feed(value, { partition })));
  first.commit();
  for (const { topic, partition, value } of first.outputs) {
    if (topic === FLOWS_UNIQUE) second.feed(value, { partition });
    if (topic === FLOWS_OBSERVATIONS) third.feed(value, { partition });
  }
  second.commit();
  third.commit();
  for (const { topic, partition, value } of [...first.outputs, ...second.outputs, ...third.outputs]) result.get(topic)?.[partition].push(value.subarray(5).toString('base64'));
  for (const topic of INTERLEAVED) result.get(topic)!.forEach((values) => values.sort());
  return result;
}

/** A topic that the child has not yet made is empty. */
function ifMissing(error: unknown): [] {
  if (hasCode(error, 'NW_TOPIC_MISSING')) return [];
  throw error;
}

async function read({ context, log }: Processing, topic: Topic): Promise<{ values: Values; causes: string[][] }> {
  const values = nothing();
  const causes: string[][] = nothing();
  const reader = await log.reader();
  const name = topicName(topic, context.config);
  for (const { partition, begin, end } of await reader.bounds(name).catch(ifMissing)) {
    for await (const record of reader.read({ topic: name, partition }, begin, end)) {
      values[partition].push(record.value!.subarray(5).toString('base64'));
      causes[partition].push(`${record.headers.ce_id} ${record.headers.causes}`);
    }
  }
  await reader.close();
  return { values, causes };
}

async function produce({ context, log }: Processing): Promise<void> {
  await log.admin.createTopics([topicSettings(FLOWS_RAW, context.config)]);
  const producer = await log.producer('test');
  const topic = topicName(FLOWS_RAW, context.config);
  const id = await context.registry.register(`${topic}-value`, FLOWS_RAW.record.schema);
  for (const [partition, values] of inputs.entries()) {
    for (const value of values) {
      // The schema id of the registry in place of the test's.
      if (value[0] === 0) value.writeUInt32BE(id, 1);
    }
    await producer.append(values.map((value) => ({ topic, partition, key: null, value, timestampMs: HOUR })));
  }
  await producer.close();
}

/** Sum of the positions of a processor's group over the partitions of its input. */
async function progress({ context, log }: Processing, processor: string, topic: Topic): Promise<number> {
  const positions = await log.admin.committed(groupOf(processor, context.config), topicName(topic, context.config)).catch(() => new Map<number, number>());
  return [...positions.values()].reduce((sum, next) => sum + next, 0);
}

async function until(what: string, holds: () => Promise<boolean>, child: ChildProcess, everyMs = 5): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (child.exitCode !== null) throw new Error(`the child ended while waiting for ${what}`);
    if (tries > 60_000 / everyMs) throw new Error(`gave up waiting for ${what}`);
    await sleep(everyMs);
  }
}

const count = (values: Values): number => values.reduce((sum, of) => sum + of.length, 0);

function suite(open: () => { folder: string; sets: string[] }, offsetsAreDense: boolean): void {
  const children: ChildProcess[] = [];
  const run = (folder: string, sets: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, ['-r', join(__dirname, '../../tests/typescript.cjs'), join(__dirname, 'testing/child.ts'), folder, ...sets], { stdio: ['ignore', 'inherit', 'inherit'] });
    children.push(child);
    return child;
  };
  afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

  /** Runs the role in child processes, killed each time the processors have come so far, then to the end; what came out. */
  async function outcome(kills: readonly number[]): Promise<Map<Topic, { values: Values; causes: string[][] }>> {
    const { folder, sets } = open();
    const view = await openProcessing(folder, sets);
    await produce(view);
    await view.close();
    const total = inputs.reduce((sum, values) => sum + values.length, 0);
    for (const share of kills) {
      const child = run(folder, sets);
      const watch = await openProcessing(folder, sets);
      await until(`${share} of the input`, async () => (await progress(watch, 'dedup', FLOWS_RAW)) >= share * total, child);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await watch.close();
    }
    const child = run(folder, sets);
    const watch = await openProcessing(folder, sets);
    const want = expected();
    for (const topic of OUTPUTS) await until(topic.name, async () => count((await read(watch, topic)).values) >= count(want.get(topic)!), child, 300);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    const out = new Map<Topic, { values: Values; causes: string[][] }>();
    for (const topic of OUTPUTS) out.set(topic, await read(watch, topic));
    // Of the first two there is one partition, in which those of the input interleave.
    for (const topic of [DEAD_LETTERS, LATE, ...INTERLEAVED]) {
      const { values, causes } = await read(watch, topic);
      out.set(topic, { values: values.map((of) => of.sort()), causes: causes.map((of) => of.sort()) });
    }
    await watch.close();
    return out;
  }

  test('what comes out after kills is, record by record, what the test driver says and what comes out of a calm run', async () => {
    const out = await outcome([0.15, 0.3, 0.5, 0.7, 0.9]);
    for (const [topic, values] of expected()) expect({ topic: topic.name, values: out.get(topic)!.values }).toEqual({ topic: topic.name, values });
    expect(count(out.get(DEAD_LETTERS)!.values)).toBe(PARTITIONS);
    if (offsetsAreDense) expect(out).toEqual(await outcome([]));
  });
}

jest.setTimeout(600_000);
const folders: string[] = [];
const folder = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'netweaver-process-')));
  return folders[folders.length - 1];
};
afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));

describe('the processors on the embedded log', () => {
  suite(() => ({ folder: folder(), sets: SETS }), true);
});

const bootstrap = process.env.NETWEAVER_TEST_KAFKA;
const whenKafka = bootstrap ? describe : describe.skip;
whenKafka(`the processors on Kafka${bootstrap ? '' : ' (left out: set NETWEAVER_TEST_KAFKA to the address of a broker)'}`, () => {
  let runs = 0;
  suite(() => ({ folder: folder(), sets: [...SETS, `kafka.brokers=${bootstrap}`, 'kafka.sessionTimeoutMs=6000', `topics.prefix=test-${Date.now().toString(36)}-${++runs}.`] }), false);
});
