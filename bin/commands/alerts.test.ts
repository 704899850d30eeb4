/** What is said of alerts where another process writes the log: over HTTP to the role that has it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../../infra/config/load';
import { startHttpServer, type HttpServer } from '../../infra/http/server';
import { alerts as processor } from '../../processors/alerts';
import { Driver } from '../../processors/runtime/driver';
import { anomalyValue } from '../../processors/runtime/testing/anomalies';
import { decodeAlert } from '../../schemas';
import { ALERTS, applyTopics, FEEDBACK_PATH, feedbackFrom, feedbackRoutes, TopicCodec } from '../../topics';
import { openContext } from '../context';
import { sections } from '../sections';
import * as alerts from './alerts';
import * as tail from './tail';
import { runCommand, type Outcome } from './testing/run';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-alerts-'));
const sets = [`data.dir=${folder}`, 'telemetry.logLevel=error'];
const netweaver = (...words: string[]): Promise<Outcome> => runCommand([alerts.register, tail.register], sets, ...words);
let context: Awaited<ReturnType<typeof openContext>>;
let server: HttpServer;
let allowed = true;

beforeAll(async () => {
  context = await openContext(loadConfiguration({ sections, sets, environment: {} }), 'all');
  await applyTopics(context.log, context.config);
  server = await startHttpServer({ host: '127.0.0.1', port: 0, portKey: '', maxConnections: 8, metrics: async () => '', readiness: () => null, routes: () => feedbackRoutes(context, allowed) });
  // Two alerts as the processor makes them.
  const driver = new Driver(processor, {}, 1);
  driver.feed(anomalyValue(), { timestampMs: 1000 });
  driver.feed(anomalyValue({ subject: '203.0.113.9', severity: 'warning', kind: 'horizontal-scan' }), { timestampMs: 2000 });
  driver.feed(anomalyValue({ subject: '203.0.113.9', severity: 'warning', kind: 'horizontal-scan', phase: 'over' }), { timestampMs: 3000 });
  driver.silence(90_000);
  driver.commit();
  const codec = await TopicCodec.open(ALERTS, ALERTS.name, context.registry);
  const producer = await context.log.producer('test');
  for (const { topic, key, value } of driver.outputs) if (topic === ALERTS) await producer.append([{ topic: ALERTS.name, partition: 0, key, value: codec.encode(decodeAlert(value)) }]);
  await producer.close();
}, 60_000);

afterAll(async () => {
  await server.close();
  await context.close();
  rmSync(folder, { recursive: true, force: true });
});

test('list shows what is open; with --all what is closed, behind it', async () => {
  expect((await netweaver('alerts', 'list')).lines.slice(1)).toEqual([expect.stringMatching(/^syn-flood-0 +open +critical .* syn-flood on 198\.51\.100\.7: 20\.0 k packets\/s, 2 times 10\.0 k packets\/s$/)]);
  expect((await netweaver('alerts', 'list', '--all')).lines.slice(1).map((line) => line.split(/ +/).slice(0, 2))).toEqual([['syn-flood-0', 'open'], ['horizontal-scan-1', 'closed']]);
});

test('show tells what it was when it fired, what it is now, and its life', async () => {
  const { lines } = await netweaver('alerts', 'show', 'horizontal-scan-1');
  expect(lines[0]).toBe('horizontal-scan-1  closed  warning  horizontal-scan on 203.0.113.9: 20.0 k packets/s, 2 times 10.0 k packets/s');
  expect(lines.join('\n')).toMatch(/When it fired, 2026-01-02 03:00:00 \(warning, syn-flood\):\n[^]*SYN packets 20\.0 k packets\/s \(usually 40 packets\/s\)\n {4}source 203\.0\.113\.5 25 %\n[^]*Life:\n.*opened\n.*closed: over\nOpened by anomalies\/0\/1; back to the datagrams: netweaver explain alerts\/0\/\d+$/);
  expect(await netweaver('alerts', 'show', 'none-1')).toMatchObject({ code: 3, error: expect.stringContaining('NW_ALERT_UNKNOWN') as string });
});

test('what is said goes to the role, which writes it', async () => {
  const say = (...words: string[]): Promise<Outcome> => netweaver('alerts', ...words, '--by', 'anna', '--url', server.url);
  for (const words of [['ack', 'syn-flood-0'], ['mute', 'syn-flood-0', '--for', '2h', '--note', 'works'], ['note', 'syn-flood-0', 'provider is told'], ['true-positive', 'syn-flood-0']]) expect((await say(...words)).code).toBe(0);
  const said = (await netweaver('tail', 'alerts.feedback', '--from-beginning', '--no-follow')).lines.map((line) => (JSON.parse(line) as { value: { time: number; until: number } }).value);
  expect(said).toMatchObject([
    { action: 'acknowledge', by: 'anna' }, { action: 'mute', text: 'works' }, { action: 'note', text: 'provider is told' },
    { action: 'true-positive', targets: [{ subject: '198.51.100.7', kind: 'syn-flood', score: 2 }] },
  ]);
  expect(said[1].until - said[1].time).toBeGreaterThan(7_100_000);
  expect((await netweaver('alerts', 'thresholds')).lines[1]).toMatch(/^198\.51\.100\.7 +syn-flood +67 /);
  allowed = false;
  expect(await say('ack', 'syn-flood-0')).toMatchObject({ code: 2, error: expect.stringContaining(`${FEEDBACK_PATH} answers 403`) as string });
});

test.each([
  ['{', 'no JSON'],
  ['[]', 'an object'],
  ['{"alert":"a","action":"shout"}', 'action is one of'],
  ['{"alert":"","action":"note"}', 'alert is an id'],
  ['{"alert":7,"action":"note"}', 'alert is a text'],
  ['{"alert":"a","action":"mute","until":-1}', 'until is a time'],
  ['{"alert":"a","action":"note","targets":[1]}', 'is an object'],
  ['{"alert":"a","action":"note","targets":[{"subject":"s","kind":"k","score":"high"}]}', 'score is a number'],
])('%s is no feedback', (json, message) => expect(() => feedbackFrom(json)).toThrow(message));
