/** What a processor says of itself, on a running role. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '../../infra/role';
import { FLOWS_RAW, INTERFACES_STATE, topicName, topicSettings } from '../../topics';
import { batch, HOUR } from './testing/flows';
import { interfaceKey, stateValue } from './testing/interfaces';
import { openProcessing, type Processing } from './testing/processing';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-worker-metrics-'));
const SETS = ['topics.flowPartitions=2', 'processing.processors=dedup'];
const opened: { role: Role; processing: Processing }[] = [];
jest.setTimeout(120_000);

async function run(sets: readonly string[], fail: (error: Error) => void = (error) => { throw error; }): Promise<Processing> {
  const processing = await openProcessing(folder, [...SETS, ...sets]);
  await processing.log.admin.createTopics([topicSettings(FLOWS_RAW, processing.context.config)]);
  const role = processing.role(fail);
  opened.push({ role, processing });
  await role.start();
  return processing;
}

async function put({ context, log }: Processing, values: readonly Buffer[]): Promise<void> {
  const producer = await log.producer('test');
  await producer.append(values.map((value) => ({ topic: topicName(FLOWS_RAW, context.config), partition: 0, key: null, value, timestampMs: HOUR })));
  await producer.close();
}

/** Values by name and labels other than `role`, `kind`, `name` and `processor`. */
async function metrics({ context }: Processing): Promise<Map<string, number>> {
  const values = new Map<string, number>();
  for (const line of (await context.telemetry.metrics.metrics()).split('\n')) {
    const match = /^netweaver_(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) continue;
    const labels = (match[2] ?? '').split(',').filter((label) => !/^(role|kind|name|processor)=/.test(label));
    values.set([match[1], ...labels].join(' '), Number(match[3]));
  }
  return values;
}

async function until(of: Processing, name: string, holds: (value: number) => boolean): Promise<Map<string, number>> {
  for (let tries = 0; tries < 2000; tries++) {
    const values = await metrics(of);
    if (holds(values.get(name) ?? 0)) return values;
    await sleep(20);
  }
  throw new Error(`gave up waiting for ${name}`);
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('rows in, out and let go, dead letters by code, commits and how long they took, lag, state', async () => {
  const processing = await run(['processing.commitMs=10']);
  const twice = batch([{ bytes: 1 }, { bytes: 2 }], { sequence: 1 });
  await put(processing, [twice, twice, Buffer.from('no flows'), batch([{ bytes: 3 }], { exporter: '192.0.2.9', sequence: 2 })]);
  const values = await until(processing, 'component_received_total', (rows) => rows === 5);
  expect(Object.fromEntries(values)).toMatchObject({
    'component_sent_total': 3,
    'component_errors_total code="NW_SCHEMA_MALFORMED"': 1,
    'component_discarded_total reason="datagram-sent-twice"': 2,
    'processor_restores_total': 1,
    'processor_paused': 0,
  });
  const commits = values.get('processor_commits_total')!;
  expect(commits).toBeGreaterThan(0);
  expect([values.get('processor_commit_seconds_count'), values.get('processor_transaction_seconds_count')]).toEqual([commits, commits]);
  expect(values.get('processor_transaction_seconds_sum')).toBeGreaterThanOrEqual(values.get('processor_commit_seconds_sum')! - 0.001 * commits);
  expect(values.get('processor_state_entries')).toBeGreaterThan(3);
  expect(values.get('processor_state_bytes')).toBeGreaterThan(1000);
  expect(await until(processing, 'processor_lag partition="0"', (lag) => lag === 0)).toBeDefined();
  await opened.pop()!.role.drain();
  const after = await metrics(processing);
  expect([after.has('processor_lag partition="0"'), after.get('processor_state_entries')]).toEqual([false, 0]);
  await processing.close();
});

test('lag of the tables that it joins, while it is paused and after', async () => {
  const processing = await openProcessing(folder, ['topics.prefix=joins.', 'processing.processors=interface-rates', 'processing.paused=interface-rates', 'processing.control=always']);
  const { context, log } = processing;
  await log.admin.createTopics([topicSettings(INTERFACES_STATE, context.config)]);
  const producer = await log.producer('test');
  await producer.append([1, 2, 3].map((ifIndex) => ({ topic: topicName(INTERFACES_STATE, context.config), partition: 1, key: interfaceKey(ifIndex), value: stateValue({ ifIndex }), timestampMs: HOUR })));
  await producer.close();
  const role = processing.role((error) => { throw error; });
  await role.start();
  const name = 'processor_table_lag topic="joins.interfaces.state" partition="1"';
  await until(processing, name, (lag) => lag === 3);
  await role.routes!()['POST /processors/interface-rates/resume']({ method: 'POST', path: '', query: {}, body: '' });
  const values = await until(processing, name, (lag) => lag === 0);
  expect(values.get(name)).toBe(0);
  await role.drain();
  expect((await metrics(processing)).has(name)).toBe(false);
  await processing.close();
});

test('a transaction that is undone because another instance of the same name took over: nothing of it is counted', async () => {
  let failure: Error | undefined;
  const first = await run(['processing.commitMs=60000'], (error) => (failure = error));
  await put(first, [batch([{ bytes: 4 }], { sequence: 10 })]);
  const routes = opened[0].role.routes!();
  const next = async (): Promise<number> => ((await routes['/processors/dedup']({ method: 'GET', path: '', query: {}, body: '' })).body as { partitions: { next: number }[] }).partitions[0]?.next;
  while ((await next()) < 5) await sleep(20);
  const second = await run(['processing.commitMs=10']);
  const values = await until(first, 'processor_fenced_total', (fenced) => fenced === 1);
  expect(values.get('processor_aborts_total code="NW_LOG_ABORTED"')).toBe(1);
  expect(values.get('component_received_total') ?? 0).toBe(0);
  expect(failure).toMatchObject({ code: 'NW_LOG_FENCED' });
  await until(second, 'component_received_total', (rows) => rows === 1);
  for (const { role, processing } of opened.splice(0)) {
    await role.drain();
    await processing.close();
  }
});
