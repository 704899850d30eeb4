/** The way from a simulated attack to its alert and back, on the embedded log: collector, processors and the commands that people use. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCollector } from '../connectors/sources/flow/collector';
import { loadConfiguration } from '../infra/config/load';
import type { Role } from '../infra/role';
import { createProcessorRole } from '../processors/runtime/role';
import { applyTopics } from '../topics';
import * as alerts from './commands/alerts';
import * as explain from './commands/explain';
import * as simulate from './commands/simulate';
import * as tail from './commands/tail';
import { runCommand, type Outcome } from './commands/testing/run';
import { openContext } from './context';
import { sections } from './sections';

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4').once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });

const folder = mkdtempSync(join(tmpdir(), 'netweaver-attack-'));
const truth = join(folder, 'truth.jsonl');
const roles: Role[] = [];
let sets: string[];
let context: Awaited<ReturnType<typeof openContext>>;
const netweaver = (...words: string[]): Promise<Outcome> => runCommand([alerts.register, explain.register, simulate.register, tail.register], sets, ...words);
const json = <T>({ lines }: Outcome): T[] => lines.map((line) => JSON.parse(line) as T);
const listed = async (...words: string[]): Promise<{ id: string; kind: string; subject: string; state: string; place: string; acknowledgedBy: string; verdict: string }[]> => json(await netweaver('alerts', 'list', '--json', ...words));
/** Waits for what must come; the test's own limit ends it. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await sleep(100);
  }
}

beforeAll(async () => {
  const port = await freePort();
  sets = [
    // Sender and collector share this thread.
    `data.dir=${folder}`, 'telemetry.logLevel=error', 'collector.addresses=127.0.0.1', 'collector.receiver=dgram', `collector.ipfixPort=${port}`, 'collector.netflowPort=-1', 'collector.sflowPort=-1', 'processing.snapshots=false',
    'processing.commitMs=20', 'processing.processors=dedup,pulse,detect,alerts', 'detection.packetsPerSecond=3000', 'topics.flowPartitions=2',
  ];
  context = await openContext(loadConfiguration({ sections, sets, environment: {} }), 'all');
  await applyTopics(context.log, context.config);
  for (const create of [createCollector, createProcessorRole]) {
    const role = create(context, (error) => {
      throw error;
    });
    await role.start();
    roles.push(role);
  }
  // A second of quiet, then the flood, at the pace of the clock.
  expect((await netweaver('simulate', '--no-log', '--no-incidents', '--nodes', '10', '--rate', '50', '--duration', '6', '--attack', 'syn-flood@1+4:8000', '--truth', truth, '--port', String(port))).code).toBe(0);
}, 120_000);

afterAll(async () => {
  for (const role of roles) await role.drain();
  await context.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('a SYN flood', () => {
  let id = '';
  let place = '';

  test('is an alert on the host that is attacked, and the only one', async () => {
    const attack = readFileSync(truth, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>).find((line) => JSON.stringify(line).includes('syn-flood'))!;
    const alert = await until(async () => (await listed()).find(({ kind }) => kind === 'syn-flood'));
    expect(JSON.stringify(attack)).toContain(`"${alert.subject}"`);
    expect(await listed('--all')).toHaveLength(1);
    ({ id, place } = alert);
  }, 60_000);

  test('tells its evidence in words', async () => {
    const { lines } = await netweaver('tail', 'alerts', '--from-beginning', '--no-follow');
    expect(lines[0]).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d {2}opened {2}(warning|critical) {2}${id} {2}syn-flood on [0-9.]+: .* packets/s, .* times 3.00 k packets/s$`));
    expect(lines[1]).toMatch(/^ {4}share of packets with SYN .*distinct sources \d+ addresses/);
    expect(lines.some((line) => line === `    netweaver explain alerts/0/0`)).toBe(true);
    expect(json(await netweaver('tail', 'alerts', '--from-beginning', '--no-follow', '--json'))[0]).toMatchObject({ offset: 0, value: { id, change: 'opened' } });
    expect((await netweaver('alerts', 'show', id)).lines.slice(0, 1)).toEqual([expect.stringMatching(`^${id}  open  (warning|critical)  syn-flood on`)]);
  }, 60_000);

  test('is explained back to the datagrams, from its first record and from its last', async () => {
    for (const from of ['alerts/0/0', place]) {
      const { lines } = await netweaver('explain', from);
      for (const topic of ['alerts', 'anomalies', 'traffic.pulses', 'flows.unique', 'flows.raw']) expect(lines.filter((line) => line.includes(`${topic}/`)).length).toBeGreaterThan(0);
      expect(lines.some((line) => /IPFIX domain \d+ {2}\d+ datagrams?/.test(line))).toBe(true);
    }
  }, 60_000);

  test('is acknowledged, is found to be none, and raises the threshold of its host', async () => {
    expect((await netweaver('alerts', 'ack', id, '--by', 'anna')).lines).toEqual([`${id}: acknowledge, by anna.`]);
    await until(async () => (await listed()).find(({ state }) => state === 'acknowledged'));
    await netweaver('alerts', 'false-positive', id, '--by', 'ben', '--note', 'load test');
    const alert = await until(async () => (await listed('--all')).find(({ state }) => state === 'closed'));
    expect(alert).toMatchObject({ acknowledgedBy: 'anna', verdict: 'false-positive' });
    expect(json(await netweaver('alerts', 'thresholds', '--json'))).toMatchObject([{ subject: alert.subject, kind: 'syn-flood', 'false positives': 1, 'last by': 'ben' }]);
    expect((await netweaver('alerts', 'list')).lines).toEqual(['None is open.']);
    expect(await netweaver('alerts', 'ack', 'nothing-1')).toMatchObject({ code: 3, error: expect.stringContaining('NW_ALERT_UNKNOWN') as string });
    expect((await netweaver('alerts', 'mute', id)).code).not.toBe(0);
  }, 60_000);
});
