/** Policies where another process writes the log: over HTTP to the role that has it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPolicies } from '../../domain/paths/policy-file';
import { loadConfiguration } from '../../infra/config/load';
import { startHttpServer, type HttpServer } from '../../infra/http/server';
import { applyTopics, POLICIES_PATH, policyRoutes } from '../../topics';
import { openContext } from '../context';
import { sections } from '../sections';
import * as policies from './policies';
import { runCommand, type Outcome } from './testing/run';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-policies-'));
const sets = [`data.dir=${folder}`, 'telemetry.logLevel=error'];
const file = join(folder, 'policies.yaml');
const netweaver = (...words: string[]): Promise<Outcome> => runCommand([policies.register], sets, 'policies', ...words);
const names = async (): Promise<string[]> => (await netweaver('list', '--json')).lines.map((line) => (JSON.parse(line) as { name: string }).name);
let context: Awaited<ReturnType<typeof openContext>>;
let server: HttpServer;
let allowed = true;
let orders = 0;

beforeAll(async () => {
  context = await openContext(loadConfiguration({ sections, sets, environment: {} }), 'all');
  await applyTopics(context.log, context.config);
  const counted = (text: string, timeMs: number): ReturnType<typeof readPolicies> => (orders++, readPolicies(text, timeMs));
  server = await startHttpServer({ host: '127.0.0.1', port: 0, portKey: '', maxConnections: 8, metrics: async () => '', readiness: () => null, routes: () => policyRoutes(context, allowed, counted) });
}, 60_000);

afterAll(async () => {
  await server.close();
  await context.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a file is written by the role, in as many orders as its size takes, and policies are taken away', async () => {
  const many = Array.from({ length: 150 }, (_, i) => `p${String(i).padStart(3, '0')}`);
  writeFileSync(file, `policies:\n${many.map((name) => `  ${name}: { priority: 3, sources: [${Array.from({ length: 80 }, (_, i) => `edge-router-${i}`).join(', ')}], maxLatencyMs: 20 }\n`).join('')}`);
  expect(await netweaver('apply', file, '--url', server.url)).toMatchObject({ code: 0, lines: [expect.stringMatching(/^150 written: p000, p001/)] });
  expect(await names()).toEqual(many);
  expect(orders).toBeGreaterThan(2);
  expect(await netweaver('remove', ...many.slice(1), '--url', server.url)).toMatchObject({ code: 0, lines: ['149 removed.'] });
  expect(await names()).toEqual(['p000']);
});

test('where the role does not allow it nothing is written', async () => {
  allowed = false;
  writeFileSync(file, 'policies: { other: {} }\n');
  expect(await netweaver('apply', file, '--url', server.url)).toMatchObject({ code: 2, lines: [], error: expect.stringContaining(`${POLICIES_PATH} answers 403`) as string });
  expect(await names()).toEqual(['p000']);
  allowed = true;
});

test.each([
  ['{', 'no JSON'],
  ['{"apply":7}', 'apply is the text of a file'],
  ['{"remove":[1]}', 'remove a list of names'],
  ['{"apply":"policies:\\n  bad: { paths: 0 }\\n"}', 'line 2, column 17'],
])('%s is refused', async (body, message) => {
  const response = await fetch(server.url + POLICIES_PATH, { method: 'POST', body });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain(message);
  expect(await names()).toEqual(['p000']);
});
