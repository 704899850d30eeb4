/** The commands that ask the role `process`, which runs here on an embedded log behind a real HTTP server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHttpServer, type HttpServer } from '../../infra/http/server';
import type { Role } from '../../infra/role';
import { batch, HOUR } from '../../processors/runtime/testing/flows';
import { openProcessing, type Processing } from '../../processors/runtime/testing/processing';
import { FLOWS_RAW, topicName, topicSettings } from '../../topics';
import * as processors from './processors';
import { runCommand, type Outcome } from './testing/run';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-processors-'));
let processing: Processing;
let role: Role;
let server: HttpServer;
const run = (...words: string[]): Promise<Outcome> => runCommand([processors.register], [`data.dir=${folder}`], ...words, '--url', server.url);

beforeAll(async () => {
  processing = await openProcessing(folder, ['topics.flowPartitions=1', 'processing.commitMs=10']);
  await processing.log.admin.createTopics([topicSettings(FLOWS_RAW, processing.context.config)]);
  const producer = await processing.log.producer('test');
  await producer.append([{ topic: topicName(FLOWS_RAW, processing.context.config), partition: 0, key: null, value: batch([{ bytes: 1 }, { bytes: 2, dstPort: 80 }]), timestampMs: HOUR }]);
  await producer.close();
  role = processing.role((error) => { throw error; });
  await role.start();
  server = await startHttpServer({ host: '127.0.0.1', port: 0, portKey: 'http.processPort', maxConnections: 8, metrics: async () => '', readiness: () => role.readiness(), routes: () => role.routes!() });
  while ((await run('stores', 'dedup', 'flows4', '--json')).lines.length < 2) await sleep(20);
}, 60_000);

afterAll(async () => {
  await server.close();
  await role.drain();
  await processing.close();
  rmSync(folder, { recursive: true, force: true });
});

test('processors shows how each is; pause and resume say how it is then', async () => {
  const { lines } = await run('processors', '--json');
  expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(expect.objectContaining({ processor: 'dedup', state: 'running', partition: 0, next: 1, lag: 0 }));
  expect((await run('processors', 'pause', 'dedup', '--json')).lines[0]).toContain('"state":"paused"');
  expect(await (await fetch(`${server.url}/readyz`)).text()).toBe('not ready: dedup: paused\n');
  expect((await run('processors', 'resume', 'dedup', '--json')).lines[0]).toContain('"state":"running"');
});

test('stores lists them with their keys, and prints rows, or one by its key', async () => {
  expect((await run('stores', 'dedup')).lines).toContainEqual(expect.stringMatching(/^flows4 +srcAddr,dstAddr,srcPort,dstPort,proto +/));
  expect((await run('stores', 'dedup', 'flows4', '--key', '10.0.0.1,10.0.1.1,40000,80,6', '--json')).lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ partition: 0, dstPort: 80, owner: '192.0.2.1' }]);
  expect((await run('stores', 'dedup', 'flows4', '--limit', '1', '--json')).lines).toHaveLength(1);
});

test.each([
  [2, ['processors', 'stop', 'dedup'], 'NW_USAGE'],
  [2, ['processors', 'pause', 'nobody'], '404'],
  [2, ['stores', 'dedup', 'flows4', '--key', 'here'], 'srcAddr,dstAddr'],
])('exit code %i for %j', async (code, words, said) => {
  const outcome = await run(...words);
  expect([outcome.code, outcome.error]).toEqual([code, expect.stringContaining(said)]);
});

test('exit code 3 where nobody is', async () => {
  expect(await runCommand([processors.register], [`data.dir=${folder}`], 'processors', '--url', 'http://127.0.0.1:1')).toMatchObject({ code: 3, error: expect.stringContaining('NW_ROLE_UNREACHABLE') });
});
