import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../infra/root';
import { bytesOf, MOST_RECORDS, netflow5 } from './netflow5';

/** The built command, as a user runs it; `npm test` builds before it tests. */
const COMMAND = join(ROOT, 'dist/bin/netweaver.js');

const folder = mkdtempSync(join(tmpdir(), 'nw-all-'));
let ports: { netflow: number; http: number };
let child: ChildProcess;
let said = '';

const freeTcpPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
const freeUdpPort = (): Promise<number> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });

const sets = (): string[] =>
  [`data.dir=${join(folder, 'data')}`, `http.allPort=${ports.http}`, 'collector.addresses=127.0.0.1', `collector.netflowPort=${ports.netflow}`, 'collector.ipfixPort=-1', 'collector.sflowPort=-1', 'telemetry.logLevel=warn'].flatMap((set) => ['--set', set]);

const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${ports.http}${path}`, { headers: { connection: 'close' } });

/** Asks until `check` agrees with the answer; the test's own time limit ends it otherwise. */
async function until<T>(ask: () => Promise<T>, check: (answer: T) => boolean): Promise<T> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`netweaver all ended: ${said}`);
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && check(answer)) return answer;
    await sleep(100);
  }
}

async function start(): Promise<void> {
  said = '';
  child = spawn(process.execPath, [COMMAND, 'all', ...sets()], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr!.on('data', (part: Buffer) => (said = (said + part.toString()).slice(-4000)));
  await until(async () => (await get('/readyz')).status, (status) => status === 200);
}

/** Ends it with a signal; its exit code, or the signal that killed it. */
async function end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => child.once('exit', (code, killed) => resolve(code ?? killed)));
  child.kill(signal);
  return exited;
}

async function send(from: number, datagrams: number): Promise<void> {
  const socket = createSocket('udp4');
  for (let i = 0; i < datagrams; i++) {
    const datagram = netflow5((from + i) * MOST_RECORDS, MOST_RECORDS, Date.now());
    await new Promise<void>((resolve, reject) => socket.send(datagram, ports.netflow, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))));
  }
  socket.close();
}

interface Acknowledged {
  readonly instance: string;
  readonly received: number;
  readonly acknowledged: number;
}
const acknowledged = async (): Promise<Acknowledged> => (await (await get('/collector/acknowledged')).json()) as Acknowledged;

function query(sql: string): Record<string, unknown>[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, [COMMAND, 'query', 'sql', sql, '--json', ...sets()], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
}
const totals = async (): Promise<{ flows: number; bytes: number; packets: number }> => {
  const [row] = query('select count(*)::float8 as flows, coalesce(sum(bytes), 0)::float8 as bytes, coalesce(sum(packets), 0)::float8 as packets from flow_records');
  return row as { flows: number; bytes: number; packets: number };
};

beforeAll(async () => {
  ports = { netflow: await freeUdpPort(), http: await freeTcpPort() };
  await start();
}, 120_000);
afterAll(async () => {
  if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
  // The embedded database notices that its owner is gone, and leaves.
  await sleep(1000);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
}, 60_000);

test('datagrams sent to it are rows of the database, each once; killed after the acknowledgement it loses none', async () => {
  await send(0, 10);
  const first = await until(acknowledged, ({ acknowledged: done }) => done === 10);
  await until(totals, ({ flows }) => flows === 300);

  await send(10, 20);
  await until(acknowledged, ({ acknowledged: done }) => done === 30);
  expect(await end('SIGKILL')).toBe('SIGKILL');

  await start();
  const second = await acknowledged();
  expect(second).toMatchObject({ received: 0, acknowledged: 0 });
  expect(second.instance).not.toBe(first.instance);
  await send(30, 10);
  await until(totals, ({ flows }) => flows >= 1200);
  // A datagram that comes twice is one.
  await send(30, 10);
  await until(acknowledged, ({ acknowledged: done }) => done === 20);
  await send(40, 1);
  await until(totals, ({ flows }) => flows >= 1230);
  expect(await totals()).toEqual({ flows: 1230, bytes: 41 * bytesOf(MOST_RECORDS), packets: 41 * MOST_RECORDS * 10 });
}, 180_000);

test('its metrics carry all roles in one page', async () => {
  const text = await (await get('/metrics')).text();
  for (const role of ['all', 'collect', 'process', 'sink']) expect(text).toMatch(new RegExp(`process_cpu_seconds_total\\{role="${role}"\\} `));
  expect(text).toMatch(/netweaver_component_received_total\{kind="source".*role="collect"\} \d+/);
  expect(text.split('\n').filter((line) => line.startsWith('# TYPE netweaver_component_received_total'))).toHaveLength(1);
});

test('a second one on the same ports ends with one coded message and leaves the first alone', async () => {
  const { stderr, status } = spawnSync(process.execPath, [COMMAND, 'all', ...sets()], { encoding: 'utf8' });
  expect(stderr).toMatch(/^NW_(LOG_LOCKED|PORT_IN_USE|DATABASE_LOCKED): /m);
  expect(status).toBe(3);
  expect((await get('/readyz')).status).toBe(200);
}, 60_000);

test('SIGTERM ends it with code 0, and what it stored is there at the next start', async () => {
  const before = await totals();
  expect(await end('SIGTERM')).toBe(0);
  await start();
  expect(await totals()).toEqual(before);
}, 120_000);
