/** How the role `process` begins where what it needs is away. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { client } from '../../infra/log/kafka/client';
import { openProcessing } from './testing/processing';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-role-'));
jest.setTimeout(120_000);

const hasClient = (): boolean => {
  try {
    client();
    return true;
  } catch {
    return false;
  }
};
const whenClient = hasClient() ? test : test.skip;

/** A registry that is starting, for ever. */
async function startingRegistry(): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => void response.writeHead(503, { 'content-type': 'application/json' }).end('{"message":"starting"}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const until = async (holds: () => boolean): Promise<void> => {
  for (let tries = 0; !holds() && tries < 3000; tries++) await sleep(20);
  expect(holds()).toBe(true);
};

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('waits for a registry that does not answer, says so, and stops waiting when it is drained', async () => {
  const { url, server } = await startingRegistry();
  const processing = await openProcessing(join(folder, 'drained'), [`registry.url=${url}`, 'registry.retries=0', 'processing.processors=dedup']);
  const role = processing.role((error) => { throw error; });
  const started = expect(role.start()).rejects.toThrow('aborted');
  await until(() => role.readiness()!.startsWith('waiting (NW_REGISTRY_UNREACHABLE): '));
  await role.drain();
  await started;
  await processing.close();
  server.close();
});

whenClient('a log that nobody serves is waited for too (needs the Kafka client, npm run add:kafka)', async () => {
  const { url, server } = await startingRegistry();
  const nobody = createServer().listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const { port } = nobody.address() as AddressInfo;
  nobody.close();
  const processing = await openProcessing(join(folder, 'log'), [`registry.url=${url}`, `kafka.brokers=127.0.0.1:${port}`, 'processing.processors=dedup']);
  const role = processing.role((error) => { throw error; });
  const started = expect(role.start()).rejects.toThrow('aborted');
  await until(() => role.readiness()!.startsWith('waiting (NW_LOG_UNREACHABLE): Kafka at 127.0.0.1:'));
  await role.drain();
  await started;
  await processing.close();
  server.close();
});
