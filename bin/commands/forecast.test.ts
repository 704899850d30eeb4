import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../../infra/config/load';
import { forecastValue } from '../../processors/runtime/testing/forecasts';
import { decodeTrafficForecast, type TrafficForecast } from '../../schemas';
import { applyTopics, TopicCodec, TRAFFIC_FORECASTS } from '../../topics';
import { openContext } from '../context';
import { sections } from '../sections';
import { register } from './forecast';
import { runCommand, type Outcome } from './testing/run';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-forecast-'));
const sets = [`data.dir=${folder}`, 'telemetry.logLevel=error'];
const netweaver = (...words: string[]): Promise<Outcome> => runCommand([register], sets, 'forecast', ...words);
const NOON = Date.UTC(2026, 0, 5, 12);
let context: Awaited<ReturnType<typeof openContext>>;

beforeAll(async () => {
  context = await openContext(loadConfiguration({ sections, sets, environment: {} }), 'all');
  await applyTopics(context.log, context.config);
  const codec = await TopicCodec.open(TRAFFIC_FORECASTS, TRAFFIC_FORECASTS.name, context.registry);
  const producer = await context.log.producer('test');
  const append = (subject: string, time: number, bitsPerSecond: number, of: Partial<TrafficForecast> = {}): Promise<unknown> =>
    producer.append([{ topic: TRAFFIC_FORECASTS.name, partition: 0, key: Buffer.from(subject), value: codec.encode(decodeTrafficForecast(forecastValue(subject, time, bitsPerSecond, of))) }]);
  await append('192.0.2.1/3/out', NOON - 300_000, 9e9);
  await append('192.0.2.1/3/out', NOON, 1.5e9, { gaps: 3, modelHash: '0123456789abcdef' });
  await append('192.0.2.1/3/in', NOON, 7e9);
  await producer.close();
}, 60_000);

afterAll(async () => {
  await context.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the last forecast of a subject: a row a horizon with when it is and its interval, and what it was made from', async () => {
  const { code, lines, error } = await netweaver('192.0.2.1/3/out');
  expect(code).toBe(0);
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    ['in', 'at', 'expected', 'median', 'from (5 %)', 'to (95 %)'],
    ...[['5 min', '05T12:05'], ['15 min', '05T12:15'], ['1 h', '05T13:00'], ['24 h', '06T12:00']].map(([horizon, at]) => [horizon, `2026-01-${at}Z`, ...new Array<string>(4).fill('1.50 Gbit/s')]),
  ]);
  expect(error).toBe('192.0.2.1/3/out: known up to 2026-01-05T12:00:00.000Z, 3 of the last 60 windows missing; model linear 01234567\n');
});

test('the whole of it as JSON', async () => {
  const { lines } = await netweaver('192.0.2.1/3/in', '--json');
  expect(JSON.parse(lines[0])).toMatchObject({ subject: '192.0.2.1/3/in', horizons: [{ horizonMs: 300_000, bitsPerSecond: 7e9 }, {}, {}, {}] });
});

test('a subject without a forecast is an error that names some that have one', async () => {
  const { code, error } = await netweaver('192.0.2.9/1/in');
  expect(code).not.toBe(0);
  expect(error).toContain('192.0.2.1/3/out');
});
