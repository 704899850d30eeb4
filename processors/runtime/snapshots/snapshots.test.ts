import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { FLOWS_RAW, FLOWS_UNIQUE, topicName, topicSettings } from '../../../topics';
import { dedup } from '../../dedup';
import { Driver } from '../driver';
import { seeded } from '../../../domain/simulate/random';
import { course } from '../testing/flows';
import { openProcessing, type Processing } from '../testing/processing';
import { groupOf } from '../worker';

jest.setTimeout(400_000);

const PARTITIONS = 2;
const SETS = [`topics.flowPartitions=${PARTITIONS}`, 'processing.processors=dedup', 'processing.idleMs=86400000', 'processing.commitMs=10', 'processing.checkpointMs=50', 'processing.pollRecords=5'];

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'netweaver-snapshots-'))));
afterEach(() => {
  children.splice(0).forEach((child) => child.kill('SIGKILL'));
  rmSync(folder, { recursive: true, force: true });
});

/** Values for each partition. */
const values = (seed: number, count = 60): Buffer[][] => Array.from({ length: PARTITIONS }, (_, partition) => course(count, 10 * seed + partition));

async function produce({ context, log }: Processing, inputs: readonly Buffer[][]): Promise<void> {
  await log.admin.createTopics([topicSettings(FLOWS_RAW, context.config)]);
  const topic = topicName(FLOWS_RAW, context.config);
  const id = await context.registry.register(`${topic}-value`, FLOWS_RAW.record.schema);
  const producer = await log.producer('test');
  for (const [partition, of] of inputs.entries()) {
    await producer.append(of.map((value) => {
      const own = Buffer.from(value);
      own.writeUInt32BE(id, 1);
      return { topic, partition, key: null, value: own, timestampMs: 1 };
    }));
  }
  await producer.close();
}

/** Waits until everything there is was processed. */
async function processed({ context, log }: Processing, isAlive = (): boolean => true): Promise<void> {
  const reader = await log.reader();
  const topic = topicName(FLOWS_RAW, context.config);
  const ends = await reader.bounds(topic);
  await reader.close();
  for (;;) {
    const committed = await log.admin.committed(groupOf('dedup', context.config), topic);
    if (ends.every(({ partition, end }) => (committed.get(partition) ?? 0) >= end)) return;
    if (!isAlive()) throw new Error('the role has ended');
    await sleep(10);
  }
}

async function output({ context, log }: Processing): Promise<string[][]> {
  const reader = await log.reader();
  const topic = topicName(FLOWS_UNIQUE, context.config);
  const out: string[][] = [];
  for (const { partition, begin, end } of await reader.bounds(topic)) {
    out[partition] = [];
    for await (const { value } of reader.read({ topic, partition }, begin, end)) out[partition].push(value!.subarray(5).toString('base64'));
  }
  await reader.close();
  return out;
}

/** What must come out, by the test driver. */
function expected(...inputs: readonly Buffer[][][]): string[][] {
  const driver = new Driver(dedup, {}, PARTITIONS);
  for (const input of inputs) input.forEach((of, partition) => of.forEach((value) => driver.feed(value, { partition })));
  driver.commit();
  return Array.from({ length: PARTITIONS }, (_, at) => driver.outputs.filter(({ topic, partition }) => topic === FLOWS_UNIQUE && partition === at).map(({ value }) => value.subarray(5).toString('base64')));
}

/** Appends input, runs the role until it is processed, and drains it; what the metrics say of copies. */
async function run(input: readonly Buffer[][], ...sets: readonly string[]): Promise<{ loads: number; refusals: Record<string, number> }> {
  const processing = await openProcessing(folder, [...SETS, ...sets]);
  await produce(processing, input);
  let failure: Error | null = null;
  const role = processing.role((error) => (failure = error));
  await role.start();
  await processed(processing, () => failure === null);
  await role.drain();
  const { metrics } = processing.context.telemetry;
  const valuesOf = async (name: string): Promise<{ value: number; labels: Partial<Record<string, string | number>> }[]> => (await metrics.getSingleMetric(name)?.get())?.values ?? [];
  const loads = (await valuesOf('netweaver_processor_snapshot_loads_total')).reduce((sum, { value }) => sum + value, 0);
  const refusals = Object.fromEntries((await valuesOf('netweaver_processor_snapshot_refusals_total')).map(({ value, labels }) => [labels.reason!, value]));
  await processing.close();
  return { loads, refusals };
}

async function result(): Promise<string[][]> {
  const processing = await openProcessing(folder, SETS);
  const out = await output(processing);
  await processing.close();
  return out;
}

describe('a restart with local copies of the changelog', () => {
  test('goes on from them, with the same output', async () => {
    const inputs = [values(1), values(2), values(3)];
    expect(await run(inputs[0])).toEqual({ loads: 0, refusals: {} });
    expect(await run(inputs[1])).toEqual({ loads: PARTITIONS, refusals: {} });
    expect(await run(inputs[2])).toEqual({ loads: PARTITIONS, refusals: {} });
    expect(await result()).toEqual(expected(...inputs));
  });

  test('reads everything where they were deleted, and makes them anew', async () => {
    const inputs = [values(1), values(2), values(3)];
    await run(inputs[0]);
    rmSync(join(folder, 'snapshots'), { recursive: true });
    expect(await run(inputs[1])).toEqual({ loads: 0, refusals: {} });
    expect(await run(inputs[2])).toEqual({ loads: PARTITIONS, refusals: {} });
    expect(await result()).toEqual(expected(...inputs));
  });

  test('keeps none where they are turned off', async () => {
    await run(values(1), 'processing.snapshots=false');
    expect(existsSync(join(folder, 'snapshots'))).toBe(false);
  });

  test('goes on from one that is older than the last run', async () => {
    const inputs = [values(1), values(2), values(3)];
    await run(inputs[0]);
    await run(inputs[1], 'processing.snapshots=false');
    expect(await run(inputs[2])).toEqual({ loads: PARTITIONS, refusals: {} });
    expect(await result()).toEqual(expected(...inputs));
  });

  test('throws those of another log away', async () => {
    await run(values(1));
    rmSync(join(folder, 'log'), { recursive: true });
    const inputs = [values(2), values(3, 200)];
    // The new changelog must be longer than the copies say, or its length alone would tell.
    await run(inputs[0], 'processing.snapshots=false', 'processing.checkpointMs=0');
    await run(inputs[1], 'processing.snapshots=false', 'processing.checkpointMs=0');
    expect(await run(values(4))).toEqual({ loads: 0, refusals: { 'other-changelog': PARTITIONS } });
    expect(await result()).toEqual(expected(...inputs, values(4)));
  });

  test('throws those away that know what a log put back from a backup has never seen', async () => {
    await run(values(1));
    cpSync(join(folder, 'log'), join(folder, 'backup'), { recursive: true });
    await run(values(2));
    rmSync(join(folder, 'log'), { recursive: true });
    cpSync(join(folder, 'backup'), join(folder, 'log'), { recursive: true });
    const inputs = [values(3, 200), values(4)];
    await run(inputs[0], 'processing.snapshots=false', 'processing.checkpointMs=0');
    expect(await run(inputs[1])).toEqual({ loads: 0, refusals: { 'other-changelog': PARTITIONS } });
    expect(await result()).toEqual(expected(values(1), ...inputs));
  });

  test('throws those away that go on where the changelog ends', async () => {
    await run(values(1));
    cpSync(join(folder, 'log'), join(folder, 'backup'), { recursive: true });
    await run(values(2));
    rmSync(join(folder, 'log'), { recursive: true });
    cpSync(join(folder, 'backup'), join(folder, 'log'), { recursive: true });
    expect(await run(values(3))).toEqual({ loads: 0, refusals: { 'beyond-end': PARTITIONS } });
    expect(await result()).toEqual(expected(values(1), values(3)));
  });

  test('throws those away whose bytes were changed on the disk', async () => {
    await run(values(1));
    const file = join(folder, 'snapshots/data.mdb');
    const bytes = readFileSync(file);
    // An IPv4 address as the table of exporters holds it: in every copy.
    const words = Buffer.from(Int32Array.of(0, 0, -65536).buffer);
    let found = 0;
    for (let at = bytes.indexOf(words); at >= 0; at = bytes.indexOf(words, at + 1), found++) bytes[at + 3] ^= 1;
    expect(found).toBeGreaterThan(0);
    writeFileSync(file, bytes);
    const { loads, refusals } = await run(values(2));
    expect({ loads, refusals }).toEqual({ loads: 0, refusals: { damaged: PARTITIONS } });
    expect(await result()).toEqual(expected(values(1), values(2)));
  });

  test('goes on from them after kill -9 at any point', async () => {
    const input = values(5, 16_000);
    const producing = await openProcessing(folder, SETS);
    await produce(producing, input);
    await producing.close();
    const view = await openProcessing(folder, SETS);
    const total = input.reduce((sum, of) => sum + of.length, 0);
    const next = seeded(5);
    const done = async (): Promise<number> => [...(await view.log.admin.committed(groupOf('dedup', view.context.config), topicName(FLOWS_RAW, view.context.config))).values()].reduce((sum, at) => sum + at, 0);
    const reached = async (records: number): Promise<void> => {
      while ((await done()) < records) await sleep(5);
    };
    let copies = 0;
    let unfinished = 0;
    for (let round = 0; round < 6; round++) {
      const isLast = round === 5;
      const child = spawn(process.execPath, ['-r', join(__dirname, '../../../tests/typescript.cjs'), join(__dirname, '../testing/child.ts'), folder, ...SETS, 'processing.pollRecords=1', 'telemetry.logLevel=info'], { stdio: ['ignore', 'pipe', 'pipe'] });
      children.push(child);
      const exited = once(child, 'exit');
      child.stderr!.on('data', (text: Buffer) => (copies += Number(/"copies":(\d+)/.exec(text.toString())?.[1] ?? 0)));
      for await (const line of createInterface({ input: child.stdout! })) {
        if (line !== 'ready') continue;
        if (isLast) void processed(view, () => child.exitCode === null).then(() => child.kill('SIGTERM'));
        // Copies are written every second.
        else void Promise.all([reached(total * ((round + next()) / 6)), sleep(1300)]).then(() => child.kill('SIGKILL'));
      }
      await exited;
      if ((await done()) < total) unfinished++;
    }
    expect(unfinished).toBeGreaterThan(0);
    expect(copies).toBeGreaterThan(0);
    expect(await output(view)).toEqual(expected(input));
    await view.close();
  });
});

const bootstrap = process.env.NETWEAVER_TEST_KAFKA;
const whenKafka = bootstrap ? describe : describe.skip;
whenKafka(`a restart with local copies, on Kafka${bootstrap ? '' : ' (left out: set NETWEAVER_TEST_KAFKA to the address of a broker)'}`, () => {
  test('goes on from them, with the same output', async () => {
    const sets = [`kafka.brokers=${bootstrap}`, 'kafka.sessionTimeoutMs=6000', `topics.prefix=test-${Date.now().toString(36)}.`];
    const inputs = [values(1), values(2), values(3)];
    expect(await run(inputs[0], ...sets)).toEqual({ loads: 0, refusals: {} });
    expect(await run(inputs[1], ...sets)).toEqual({ loads: PARTITIONS, refusals: {} });
    expect(await run(inputs[2], ...sets, 'processing.checkpointMs=0')).toEqual({ loads: PARTITIONS, refusals: {} });
    const processing = await openProcessing(folder, [...SETS, ...sets]);
    expect(await output(processing)).toEqual(expected(...inputs));
    await processing.close();
  });
});
