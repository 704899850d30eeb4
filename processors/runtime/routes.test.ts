/** The role over HTTP: what its stores hold, and pausing it; on the embedded log and, where there is one, on Kafka. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { FLOWS_RAW, FLOWS_UNIQUE, subjectOf, topicName, topicSettings, TRAFFIC_BY_HOST, type Topic } from '../../topics';
import type { Role, RouteResponse } from '../../infra/role';
import { dedup } from '../dedup';
import { Driver } from './driver';
import { batch, course, HOUR } from './testing/flows';
import { openProcessing, type Processing } from './testing/processing';
import { groupOf } from './worker';

const PARTITIONS = 2;
const SETS = [`topics.flowPartitions=${PARTITIONS}`, 'processing.processors=dedup,aggregate', 'processing.idleMs=86400000', 'processing.commitMs=10', 'processing.checkpointMs=50'];
const brokers = process.env.NETWEAVER_TEST_KAFKA;

interface Answer {
  readonly [name: string]: unknown;
  readonly rows: Record<string, unknown>[];
  readonly positions: { partition: number; next: number; streamTime: string | null }[];
  readonly next: string | null;
  readonly state: string;
  readonly partitions: { partition: number; next: number; lag: number; entries: number }[];
  readonly stores: unknown[];
}

jest.setTimeout(400_000);

describe.each([['the embedded log', '', true], [brokers === undefined ? 'Kafka (left out: set NETWEAVER_TEST_KAFKA to the address of a broker)' : 'Kafka', brokers, brokers !== undefined]])('the processors over HTTP, on %s', (_, place, available) => {
  const whenAvailable = available ? test : test.skip;
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-routes-'));
  const sets = [...SETS, ...(place === '' ? [] : [`kafka.brokers=${place}`, 'kafka.sessionTimeoutMs=6000', `topics.prefix=routes-${Date.now().toString(36)}.`])];
  let processing: Processing;
  let role: Role;
  const inputs = Array.from({ length: PARTITIONS }, (_unused, partition) => course(60, partition + 1));

  const ask = async (path: string, query: Record<string, string> = {}): Promise<RouteResponse & { body: Answer }> => {
    const [method, name] = path.includes(' ') ? path.split(' ') : ['GET', path];
    const route = role.routes!()[path];
    if (route === undefined) throw new Error(`${path} is no route`);
    return (await route({ method, path: name, query, body: '' })) as RouteResponse & { body: Answer };
  };
  const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
    for (let tries = 0; !(await holds()); tries++) {
      if (tries > 3000) throw new Error(`gave up waiting until ${what}`);
      await sleep(20);
    }
  };
  const put = async (partition: number, values: readonly Buffer[]): Promise<void> => {
    const topic = topicName(FLOWS_RAW, processing.context.config);
    const id = await processing.context.registry.register(subjectOf(topic), FLOWS_RAW.record.schema);
    for (const value of values) value.writeUInt32BE(id, 1);
    const producer = await processing.log.producer('test');
    await producer.append(values.map((value) => ({ topic, partition, key: null, value, timestampMs: HOUR })));
    await producer.close();
  };
  const endOf = async (topic: Topic): Promise<number> => {
    const reader = await processing.log.reader();
    const bounds = await reader.bounds(topicName(topic, processing.context.config));
    await reader.close();
    return bounds.reduce((sum, { end }) => sum + end, 0);
  };
  const begin = async (more: readonly string[] = []): Promise<void> => {
    processing = await openProcessing(folder, [...sets, ...more]);
    await processing.log.admin.createTopics([topicSettings(FLOWS_RAW, processing.context.config)]);
    role = processing.role((error) => { throw error; });
  };
  const ready = (): Promise<void> => until('the role is ready', () => role.readiness() === null);
  const processed = (counts: readonly number[]): Promise<void> => until(`${counts.join(' and ')} records are processed`, async () => {
    const { partitions } = (await ask('/processors/dedup')).body;
    return partitions.length === PARTITIONS && partitions.every(({ partition, next }) => next >= counts[partition]);
  });
  const end = async (): Promise<void> => {
    await role.drain();
    await processing.close();
  };

  beforeAll(async () => {
    if (!available) return;
    await begin();
    for (const [partition, values] of inputs.entries()) await put(partition, values);
    await role.start();
    await ready();
    await processed(inputs.map(({ length }) => length));
  });
  afterAll(async () => {
    if (available) await end();
    rmSync(folder, { recursive: true, force: true });
  });

  whenAvailable('tell what runs: partitions, positions, stores', async () => {
    const { body } = await ask('/processors');
    expect(body.processors).toMatchObject([{ name: 'dedup', state: 'running', paused: false, input: 'flows.raw', partitions: [{ partition: 0, next: inputs[0].length }, { partition: 1, next: inputs[1].length }], stores: ['exporters', 'datagrams', 'flows4', 'flows6'] }, { name: 'aggregate' }]);
    expect((await ask('/processors/dedup/stores')).body.stores).toContainEqual(expect.objectContaining({ name: 'flows4', key: ['srcAddr', 'dstAddr', 'srcPort', 'dstPort', 'proto'], columns: expect.arrayContaining([{ name: 'owner', doc: expect.any(String) }]) }));
  });

  whenAvailable('read a store out in bounded answers: what the test driver keeps of the same records', async () => {
    const driver = new Driver(dedup, {}, PARTITIONS);
    inputs.forEach((values, partition) => values.forEach((value) => driver.feed(Buffer.from(value), { partition, timestampMs: HOUR })));
    const wanted = inputs.flatMap((__, partition) => {
      const view = driver.views(partition).find(({ name }) => name === 'flows4')!;
      return view.read(0, 1e6, 1e6).rows.map((row) => ({ partition, ...Object.fromEntries(view.columns.map((column, i) => [column.name, row[i]])) }));
    });
    const rows: unknown[] = [];
    for (let after: string | null = '0-0'; after !== null; ) {
      const { status, body }: { status: number; body: Answer } = await ask('/processors/dedup/stores/flows4', { limit: '100', after });
      expect([status, body.rows.length <= 100]).toEqual([200, true]);
      expect(body.positions).toMatchObject(inputs.map(({ length }, partition) => ({ partition, next: length, streamTime: expect.stringMatching(/^2026-01-02T03:/) })));
      rows.push(...body.rows);
      after = body.next;
    }
    expect(rows).toEqual(wanted);
    const one = wanted.find(({ partition }) => partition === 1) as Record<string, unknown>;
    const key = ['srcAddr', 'dstAddr', 'srcPort', 'dstPort', 'proto'].map((name) => one[name]).join(',');
    expect((await ask('/processors/dedup/stores/flows4', { key, partition: '1' })).body.rows).toEqual([one]);
  });

  whenAvailable.each([
    [400, { limit: '1001' }],
    [400, { limit: 'all' }],
    [400, { partition: '-1' }],
    [400, { after: 'here' }],
    [400, { key: '10.0.0.1' }],
    [404, { partition: '99' }],
  ])('answer %i to %j, with what is wrong', async (status, query) => {
    expect(await ask('/processors/dedup/stores/flows4', query as unknown as Record<string, string>)).toMatchObject({ status, body: { error: expect.any(String) } });
  });

  whenAvailable('pause: what was begun is committed, the partitions stay, nothing is read until resumed, then all', async () => {
    const restores = async (): Promise<string | undefined> => /netweaver_processor_restores_total\{processor="dedup".*\} (\d+)/.exec(await processing.context.telemetry.metrics.metrics())?.[1];
    const before = await restores();
    expect((await ask('POST /processors/dedup/pause')).body).toMatchObject({ state: 'paused', paused: true });
    expect(role.readiness()).toBe('dedup: paused');
    const { log, config } = processing.context;
    await until('what was begun is committed', async () => {
      const committed = await log.admin.committed(groupOf('dedup', config), topicName(FLOWS_RAW, config));
      return inputs.every(({ length }, partition) => committed.get(partition) === length);
    });
    const unique = await endOf(FLOWS_UNIQUE);
    // The loop that reads may be in the middle of a poll: it has seen the pause when the lag shows.
    await put(0, [batch([{ bytes: 1 }], { sequence: 70_000 })]);
    await put(1, [batch([{ bytes: 2 }], { sequence: 70_001 }), batch([{ bytes: 3 }], { sequence: 70_002 })]);
    await until('the lag shows', async () => (await ask('/processors/dedup')).body.partitions.every(({ partition, lag }) => lag > partition));
    expect((await ask('/processors/dedup')).body.partitions).toMatchObject(inputs.map(({ length }, partition) => ({ partition, next: length })));
    expect(await endOf(FLOWS_UNIQUE)).toBe(unique);
    expect(await processing.context.telemetry.metrics.metrics()).toMatch(/netweaver_processor_paused\{processor="dedup".*\} 1/);
    expect((await ask('/processors/dedup/stores/flows4', { limit: '1' })).body.rows).toHaveLength(1);
    await ask('POST /processors/dedup/resume');
    await processed([inputs[0].length + 1, inputs[1].length + 2]);
    await ready();
    await until('they are written', async () => (await endOf(FLOWS_UNIQUE)) >= unique + 3);
    expect(await restores()).toBe(before);
  });

  whenAvailable('a role that starts is not ready before its state is restored; a processor that is to begin paused reads nothing', async () => {
    const entries = async (): Promise<number[]> => (await ask('/processors/dedup')).body.partitions.map((of) => of.entries);
    const kept = await entries();
    await end();
    await begin(['processing.paused=aggregate']);
    const hosts = await endOf(TRAFFIC_BY_HOST);
    const seen = new Set<string>();
    const starting = role.start();
    // Of dedup and the others; aggregate stays paused.
    for (let why = role.readiness(); why !== 'aggregate: paused'; why = role.readiness()) {
      seen.add(why ?? 'ready');
      await setImmediate();
    }
    expect(await entries()).toEqual(kept);
    expect([...seen]).toEqual(expect.arrayContaining([expect.stringMatching(/^starting|joining|restoring/)]));
    expect([...seen]).not.toContain('ready');
    await starting;
    // A day later: every window would go out.
    await put(0, [batch([{ end: HOUR + 86_400_000 }], { sequence: 80_000 })]);
    await until('aggregate has it to read', async () => (await ask('/processors/aggregate')).body.partitions[0].lag > 0);
    expect(await endOf(TRAFFIC_BY_HOST)).toBe(hosts);
    await ask('POST /processors/aggregate/resume');
    await until('the windows go out', async () => (await endOf(TRAFFIC_BY_HOST)) > hosts);
    await ready();
  });

  whenAvailable('refuse to show or to pause anything where the server is not on loopback', async () => {
    await end();
    await begin(['http.host=0.0.0.0']);
    await role.start();
    await ready();
    for (const path of ['POST /processors/dedup/pause', '/processors/dedup/stores/flows4']) expect((await ask(path)).status).toBe(403);
    expect((await ask('/processors')).status).toBe(200);
    expect(role.readiness()).toBeNull();
  });
});
