/**
 * Members of a group come, go and are killed while records keep coming, each a process of its own. What is committed must be
 * what one calm task makes of the same records.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssignerProtocol, Kafka, type Admin } from 'kafkajs';
import { ERRORS } from '../../infra/errors';
import { partitionOf } from '../../infra/log/partition';
import type { LogReader } from '../../infra/log/log';
import { subjectOf, FLOWS_OBSERVATIONS, FLOWS_RAW, FLOWS_UNIQUE, INTERFACES_COUNTERS, INTERFACES_RATES, INTERFACES_STATE, topicName, topicsSection, topicSettings, type Topic } from '../../topics';
import { dedup } from '../dedup';
import { interfaceRates } from '../interface-rates';
import { Driver } from './driver';
import type { Processor } from './processor';
import { replayLog } from './replay-log';
import { course, HOUR } from './testing/flows';
import { countersValue, interfaceKey, stateValue } from './testing/interfaces';
import { openProcessing, type Processing } from './testing/processing';
import { groupOf } from './worker';

const PARTITIONS = 4;
const INTERFACES = 12;
/** Records come in steps of all partitions and interfaces, so often, and so many at most. */
const STEP_MS = 25;
const STEPS = 6000;
const bootstrap = process.env.NETWEAVER_TEST_KAFKA;
const whenKafka = bootstrap ? describe : describe.skip;
const folder = mkdtempSync(join(tmpdir(), 'netweaver-rebalance-'));
const sets = [
  `kafka.brokers=${bootstrap}`, 'kafka.sessionTimeoutMs=6000', `topics.prefix=rebalance-${Date.now().toString(36)}.`, `topics.flowPartitions=${PARTITIONS}`, `topics.metricPartitions=${PARTITIONS}`,
  'processing.processors=dedup,interface-rates', 'processing.idleMs=86400000', 'processing.commitMs=20', 'processing.checkpointMs=300', 'processing.pollRecords=20', 'interfaceRates.leastMs=1',
];

const children = new Map<string, ChildProcess>();
let view: Processing;
let admin: Admin;
let reader: LogReader;

/** A member of its own name; several run beside each other on one machine. */
function start(instance: string): void {
  const child = spawn(process.execPath, ['-r', join(__dirname, '../../tests/typescript.cjs'), join(__dirname, 'testing/child.ts'), folder, ...sets, `processing.instance=${instance}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  children.set(instance, child);
}

async function end(instance: string, signal: NodeJS.Signals): Promise<number | null> {
  const child = children.get(instance)!;
  children.delete(instance);
  const ended = once(child, 'exit');
  child.kill(signal);
  return ((await ended) as [number | null])[0];
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 120_000; !(await holds()); await sleep(100)) {
    for (const [instance, { exitCode }] of children) if (exitCode !== null) throw new Error(`member ${instance} ended with ${exitCode} while waiting for ${what}`);
    if (Date.now() > deadline) throw new Error(`gave up waiting for ${what}`);
  }
}

const nameOf = (topic: Topic): string => topicName(topic, view.context.config);
const groups = (): string[] => [dedup, interfaceRates].map(({ name }) => groupOf(name, view.context.config));

/** Waits until so many members of either group share all partitions of its input. */
const shared = (members: number): Promise<void> =>
  until(`${members} members`, async () => {
    const described = (await admin.describeGroups(groups())).groups;
    return described.every(({ state, members: of }) => {
      const held = of.map(({ memberAssignment }) => Object.values(AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {}).flat().length);
      return state === 'Stable' && held.length === members && held.every((count) => count > 0) && held.reduce((sum, count) => sum + count, 0) === PARTITIONS;
    });
  });

/** True where a processor has read all of its input. */
async function hasRead({ name, input }: { readonly name: string; readonly input: Topic }): Promise<boolean> {
  const committed = await view.log.admin.committed(groupOf(name, view.context.config), nameOf(input));
  for (const { partition, end: to } of await reader.bounds(nameOf(input))) {
    for await (const record of reader.read({ topic: nameOf(input), partition }, committed.get(partition) ?? 0, to)) if (record.offset < to) return false;
  }
  return true;
}

/** What is committed of a topic, by the task that wrote it. */
async function read(topic: Topic): Promise<Record<string, string[]>> {
  const values: Record<string, string[]> = {};
  for (const { partition, begin, end: to } of await reader.bounds(nameOf(topic))) {
    for await (const { value, headers } of reader.read({ topic: nameOf(topic), partition }, begin, to)) (values[headers.ce_source] ??= []).push(readable(topic, value!));
  }
  return values;
}

/** Of rates all but the alias, which changes meanwhile: when each is seen is a matter of time, and of the replay. */
function readable(topic: Topic, value: Buffer): string {
  if (topic !== INTERFACES_RATES) return value.subarray(5).toString('base64');
  return JSON.stringify({ ...INTERFACES_RATES.record.decode(value), alias: '' });
}

/** The same of a driver. */
function driven(driver: Driver<Processor['section']>, topic: Topic): Record<string, string[]> {
  driver.commit();
  const values: Record<string, string[]> = {};
  for (const output of driver.outputs) if (output.topic === topic) (values[output.headers.ce_source] ??= []).push(readable(topic, output.value));
  return values;
}

whenKafka(`members that come, go and die under load${bootstrap ? '' : ' (needs NETWEAVER_TEST_KAFKA)'}`, () => {
  beforeAll(async () => {
    view = await openProcessing(folder, sets);
    reader = await view.log.reader();
    admin = new Kafka({ brokers: [bootstrap!], logLevel: 0 }).admin();
    await admin.connect();
  }, 300_000);
  afterAll(async () => {
    for (const child of children.values()) child.kill('SIGKILL');
    await admin?.disconnect();
    await reader?.close();
    if (view !== undefined) {
      const { prefix } = view.context.config.get(topicsSection);
      for (const { name } of await view.log.admin.listTopics()) if (name.startsWith(prefix)) await view.log.admin.deleteTopic(name);
      await view.close();
    }
    rmSync(folder, { recursive: true, force: true });
  }, 300_000);

  test('leave neither loss nor duplicate, and a replay gives the same bytes', async () => {
    const { log, context } = view;
    await log.admin.createTopics([FLOWS_RAW, INTERFACES_COUNTERS, INTERFACES_STATE].map((topic) => topicSettings(topic, context.config)));
    const ids = new Map<Topic, number>();
    for (const topic of [FLOWS_RAW, INTERFACES_COUNTERS, INTERFACES_STATE] as Topic[]) ids.set(topic, await context.registry.register(subjectOf(nameOf(topic)), topic.record.schema as string));
    const calmDedup = new Driver(dedup, {}, PARTITIONS);
    const calmRates = new Driver(interfaceRates, { leastMs: 1 }, PARTITIONS);
    const producer = await log.producer('test');
    const put = (topic: Topic, partition: number, key: Buffer | null, value: Buffer): Promise<void> => {
      value.writeUInt32BE(ids.get(topic)!, 1);
      return producer.append([{ topic: nameOf(topic), partition, key, value, timestampMs: Date.now() }]);
    };
    const interfaces = Array.from({ length: INTERFACES }, (_, ifIndex) => ({ ifIndex, key: interfaceKey(ifIndex), partition: partitionOf(interfaceKey(ifIndex), PARTITIONS) }));
    const tell = async (alias: string): Promise<void> => {
      for (const { ifIndex, key, partition } of interfaces) await put(INTERFACES_STATE, partition, key, stateValue({ ifIndex, name: `if${ifIndex}`, speed: 1e9, alias }));
    };
    await tell('');
    for (const { ifIndex, key, partition } of interfaces) calmRates.feedTable(INTERFACES_STATE, key, stateValue({ ifIndex, name: `if${ifIndex}`, speed: 1e9 }), { partition });

    // Records keep coming until everything has happened.
    let over = false;
    const flows = Array.from({ length: PARTITIONS }, (_, partition) => course(STEPS, partition + 1));
    const feeding = (async () => {
      for (let step = 0; step < STEPS && !over; step++, await sleep(STEP_MS)) {
        const waits: Promise<void>[] = [];
        for (let partition = 0; partition < PARTITIONS; partition++) {
          const value = flows[partition][step];
          calmDedup.feed(Buffer.from(value), { partition });
          waits.push(put(FLOWS_RAW, partition, null, value));
        }
        const time = HOUR + 1000 * step;
        for (const { ifIndex, key, partition } of interfaces) {
          const value = countersValue({ ifIndex, time, inOctets: 1000 * step * (ifIndex + 1) });
          calmRates.feed(value, { key, partition, timestampMs: time });
          waits.push(put(INTERFACES_COUNTERS, partition, key, Buffer.from(value)));
        }
        if (step % 40 === 39) waits.push(tell(`as of ${step}`));
        await Promise.all(waits);
      }
    })();

    start('one');
    start('two');
    await shared(2);
    start('three');
    await shared(3);
    await end('one', 'SIGKILL');
    await shared(2);
    start('one');
    await shared(3);
    expect(await end('two', 'SIGTERM')).toBe(0);
    await shared(2);
    over = true;
    await feeding;
    await until('everything is read', async () => (await hasRead(dedup)) && (await hasRead(interfaceRates)));
    for (const instance of [...children.keys()]) expect(await end(instance, 'SIGTERM')).toBe(0);

    for (const topic of [FLOWS_UNIQUE, FLOWS_OBSERVATIONS] as Topic[]) expect({ topic: topic.name, values: await read(topic) }).toEqual({ topic: topic.name, values: driven(calmDedup as never, topic) });
    const rates = await read(INTERFACES_RATES);
    expect(rates).toEqual(driven(calmRates as never, INTERFACES_RATES));
    const count = Object.values(rates).reduce((sum, of) => sum + of.length, 0);
    expect(count).toBeGreaterThan(1000);

    const differences: string[] = [];
    const outcome = await replayLog(context, { processors: [dedup, interfaceRates] as unknown as Processor[], from: 'begin', to: 'end', into: 'again', against: null, onDifference: ({ kind, id }) => void differences.push(`${kind} ${id}`) });
    expect(differences.slice(0, 5)).toEqual([]);
    expect(outcome.truncated).toEqual([]);
    const replayed = outcome.counts.find(({ topic }) => topic === nameOf(INTERFACES_RATES))!;
    expect(replayed).toMatchObject({ replayed: count, identical: count });
    await producer.close();
  }, 900_000);

  test('the same name opened again ends the older at once', async () => {
    start('same');
    await shared(1);
    const older = children.get('same')!;
    children.delete('same');
    const ended = once(older, 'exit');
    start('same');
    // Its error ends the process: it does not join again.
    expect(((await ended) as [number | null])[0]).toBe(ERRORS.NW_LOG_FENCED.exit);
    await shared(1);
    expect(await end('same', 'SIGTERM')).toBe(0);
  }, 600_000);
});
