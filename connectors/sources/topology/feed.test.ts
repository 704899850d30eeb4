import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import type { TopologyEvent } from '../../../schemas';
import { Feed, type FeedOptions } from './feed';
import { readFeedMessage } from './feed-messages';
import type { TopologyMetrics } from './metrics';
import type { FeedSettings } from './settings';
import { FeedServer, type Client } from './testing/feed-server';

/** The test's own limit ends it otherwise. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

/** Counts what the metrics are told. */
class Counts {
  readonly discards: Record<string, number> = {};
  readonly errors: string[] = [];
  gaps = 0;
  messages = 0;
  readonly metrics = {
    received: (count: number) => (this.messages += count),
    sent: () => undefined,
    error: (code: string) => this.errors.push(code),
    discarded: (reason: string, count: number) => count > 0 && (this.discards[reason] = (this.discards[reason] ?? 0) + count),
    gap: () => this.gaps++,
    connected: () => undefined,
    elements: () => undefined,
  } as unknown as TopologyMetrics;
}

let server: FeedServer;
let feed: Feed | null = null;
let events: TopologyEvent[];
let counts: Counts;
let logged: string;
let failures: Error[];

beforeEach(async () => {
  server = await FeedServer.start();
  [events, counts, logged, failures] = [[], new Counts(), '', []];
});
afterEach(async () => {
  await feed?.stop();
  await server.stop();
  expect(failures).toEqual([]);
});

function follow(settings: Partial<FeedSettings> = {}, options: Partial<FeedOptions> = {}): Feed {
  const logger = pino({}, { write: (line: string) => void (logged += line) });
  feed = new Feed({
    name: 'inventory', settings: { url: server.url, ...settings }, sink: { write: (written) => Promise.resolve(void events.push(...written)) }, metrics: counts.metrics, logger,
    silenceMs: 60_000, maxBackoffMs: 50, firstBackoffMs: 5, maxMessageBytes: 2 ** 20, maxElements: 1000, fail: (error) => failures.push(error), ...options,
  });
  feed.start();
  return feed;
}

const send = ({ socket }: Client, message: unknown): void => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
const device = (id: string, more: object = {}): object => ({ element: 'device', id, ...more });
const AB = { element: 'link', id: 'ab', a: 'a', b: 'b' };
const snapshot = (sequence: number, elements: unknown[]): object => ({ type: 'snapshot', sequence, elements });
const delta = (sequence: number, ...changes: object[]): object => ({ type: 'delta', sequence, changes });
const told = (): string[] => events.map(({ change, element, id }) => `${change} ${element}/${id}`);
/** Sends what belongs to each question of a client, in that order. */
const script = (...answers: unknown[][]): void => {
  server.onAsked = (client) => (answers.shift() ?? []).forEach((message) => send(client, message));
};

test('a snapshot goes out whole, changes as they come', async () => {
  script([snapshot(7, [device('a', { site: 'x', rack: 7 }), device('b'), AB]), delta(8, { change: 'down', ...AB }), delta(9, { change: 'maintenance', ...device('a') }, { change: 'removed', ...AB })]);
  follow();
  await until(() => feed!.status.sequence === 9);
  expect(server.clients[0].asked).toEqual([{ type: 'subscribe', after: null }]);
  expect(told()).toEqual(['present device/a', 'present device/b', 'present link/ab', 'complete snapshot/', 'down link/ab', 'maintenance device/a', 'removed link/ab']);
  expect(events[0]).toMatchObject({ source: 'websocket:inventory', site: 'x', attributes: { rack: '7' } });
  expect(feed!.status).toEqual({ source: 'websocket:inventory', connected: true, sequence: 9, elements: 2, problem: null });
});

test('times are those of the feed, never ahead of the clock nor behind what was said', async () => {
  const before = Date.now();
  script([{ ...snapshot(1, []), time: '2020-01-01T00:00:00Z' }, { ...delta(2, { change: 'added', ...device('a') }), time: 4e12 }, { ...delta(3, { change: 'added', ...device('b') }), time: 5 }]);
  follow();
  await until(() => feed!.status.sequence === 3);
  expect(events[0].time).toBe(Date.parse('2020-01-01T00:00:00Z'));
  expect(events[1].time).toBeGreaterThanOrEqual(before);
  expect(events[1].time).toBeLessThanOrEqual(Date.now());
  expect(events[2].time).toBe(events[1].time);
});

test('after a gap a snapshot is asked for, and nothing is taken until it is here', async () => {
  script(
    [snapshot(1, [device('a')]), delta(2, { change: 'added', ...device('b') }), delta(4, { change: 'removed', ...device('a') }), delta(5, { change: 'removed', ...device('b') })],
    [snapshot(5, [device('a'), device('c')]), delta(6, { change: 'added', ...device('d') })],
  );
  follow();
  await until(() => feed!.status.sequence === 6);
  expect(server.clients[0].asked).toEqual([{ type: 'subscribe', after: null }, { type: 'snapshot' }]);
  expect([counts.gaps, counts.discards]).toEqual([1, { 'awaiting-snapshot': 1 }]);
  // What the snapshot says that is other.
  expect(told().slice(2)).toEqual(['added device/b', 'removed device/b', 'added device/c', 'added device/d']);
});

test('changes before any snapshot are a gap', async () => {
  script([delta(3, { change: 'added', ...device('a') })], [snapshot(3, [device('a')])]);
  follow();
  await until(() => feed!.status.sequence === 3);
  expect(told()).toEqual(['present device/a', 'complete snapshot/']);
});

test('a lost connection is made anew, and goes on after the last number', async () => {
  script([snapshot(1, [device('a')]), delta(2, { change: 'added', ...device('b') })], [delta(2, { change: 'added', ...device('b') }), delta(3, { change: 'up', ...device('b') })]);
  follow();
  await until(() => feed!.status.sequence === 2);
  server.clients[0].socket.terminate();
  await until(() => feed!.status.sequence === 3);
  expect(server.clients[1].asked).toEqual([{ type: 'subscribe', after: 2 }]);
  expect(told().slice(2)).toEqual(['added device/b', 'up device/b']);
  expect([counts.discards, counts.errors]).toEqual([{ repeated: 1 }, ['disconnect']]);
});

test('a server that is away is tried again until it is back', async () => {
  const { port } = server;
  await server.stop();
  follow({ url: `ws://localhost:${port}/` });
  await until(() => counts.errors.length >= 3);
  expect(feed!.status.problem).toContain('ECONNREFUSED');
  server = await FeedServer.start(undefined, port);
  script([snapshot(1, [device('a')])]);
  await until(() => feed!.status.sequence === 1);
  expect(feed!.status.problem).toBeNull();
});

test('a server that falls silent is left and connected anew', async () => {
  script([snapshot(1, [device('a')])]);
  // As after a cut cable: what comes is not read, no ping is answered.
  follow({}, { silenceMs: 200 });
  await until(() => feed!.status.sequence === 1);
  server.clients[0].socket.pause();
  await until(() => server.clients.length === 2);
  expect(logged).toContain('the feed fell silent');
});

test('messages that are none are counted, and the others go on', async () => {
  script([
    'no JSON', '[]', '{"type":"snapshot"}', '{"type":"delta","sequence":1.5,"changes":[]}', '{"type":"hello"}',
    snapshot(1, [device('a'), device('a'), device(''), device('b', { up: 'yes' }), device('c', { latitude: 'north' }), 7, { ...AB, b: null }, AB, { element: 'tunnel', id: 't' }]),
    delta(2, { change: 'added' }, { change: 'complete', ...device('z') }, { change: 'down', ...AB }),
  ]);
  follow();
  await until(() => feed!.status.sequence === 2);
  expect(counts.discards).toEqual({ 'malformed-message': 4, 'message-kind-not-known': 1, 'malformed-element': 7, 'duplicate-element': 1 });
  expect(told()).toEqual(['present device/a', 'present link/ab', 'present tunnel/t', 'complete snapshot/', 'down link/ab']);
});

test('bytes are no message', async () => {
  server.onAsked = ({ socket }) => {
    socket.send(Buffer.from('{}'));
    socket.send(JSON.stringify(snapshot(1, [])));
  };
  follow();
  await until(() => feed!.status.sequence === 1);
  expect(counts.discards).toEqual({ 'malformed-message': 1 });
});

test('a message that is too large ends the connection, not the program', async () => {
  script([snapshot(1, [device('x'.repeat(5000))])], [snapshot(2, [device('a')])]);
  follow({}, { maxMessageBytes: 1000 });
  await until(() => feed!.status.sequence === 2);
  expect(logged).toContain('Max payload size exceeded');
  expect(told()).toEqual(['present device/a', 'complete snapshot/']);
});

test('a snapshot of too many elements is refused whole; what is added beyond is left', async () => {
  script([snapshot(1, [device('a'), device('b'), device('c')]), delta(2, { change: 'added', ...device('d') }), snapshot(3, [device('a')]), delta(4, { change: 'added', ...device('b') }, { change: 'added', ...device('c') })]);
  follow({}, { maxElements: 2 });
  await until(() => feed!.status.sequence === 4);
  expect(told()).toEqual(['present device/a', 'complete snapshot/', 'added device/b']);
  expect(counts.discards).toEqual({ 'too-many-elements': 4, 'awaiting-snapshot': 1 });
});

test('while the log is slow the feed waits, and nothing is lost', async () => {
  const total = 2000;
  script([snapshot(0, []), ...Array.from({ length: total }, (_, i) => delta(i + 1, { change: 'added', ...device(`d${i}`, { site: 'x'.repeat(1000) }) }))]);
  let go = (): void => undefined;
  const gate = new Promise<void>((resolve) => (go = resolve));
  follow({}, { maxElements: total, sink: { write: async (written) => { await gate; events.push(...written); } } });
  await until(() => server.clients[0]?.asked.length === 1);
  await until(() => counts.messages === 1);
  expect(events).toEqual([]);
  go();
  await until(() => feed!.status.sequence === total);
  expect(events.filter(({ change }) => change === 'added')).toHaveLength(total);
});

test('a log that is lost for good is told', async () => {
  const lost = new Error('lost');
  script([snapshot(1, [])]);
  follow({}, { sink: { write: () => Promise.reject(lost) } });
  await until(() => failures.length > 0);
  expect(failures.splice(0)).toEqual([lost]);
});

describe('the token', () => {
  test('is sent, is read anew for every connection, and stands in no log', async () => {
    process.env.TOPOLOGY_TEST_TOKEN = 'wrong-secret';
    server.token = 'right-secret';
    script([snapshot(1, [])]);
    follow({ token: 'env:TOPOLOGY_TEST_TOKEN' });
    await until(() => server.refused >= 2);
    expect(feed!.status.problem).toContain('401');
    process.env.TOPOLOGY_TEST_TOKEN = 'right-secret';
    await until(() => feed!.status.sequence === 1);
    expect(server.clients[0].authorization).toBe('Bearer right-secret');
    expect(logged).toContain('401');
    expect(logged).not.toMatch(/wrong-secret|right-secret/);
  });

  test('that is missing keeps the feed away, and is named', async () => {
    delete process.env.TOPOLOGY_TEST_TOKEN;
    follow({ token: 'env:TOPOLOGY_TEST_TOKEN' });
    await until(() => counts.errors.length >= 2);
    expect(feed!.status.problem).toContain('env:TOPOLOGY_TEST_TOKEN is not set');
    expect(server.clients).toHaveLength(0);
  });
});

const whenOpenssl = spawnSync('openssl', ['version']).status === 0 ? describe : describe.skip;
whenOpenssl('over TLS (needs openssl to make a certificate)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nw-feed-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  let secured: FeedServer;
  beforeAll(async () => {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
    secured = await FeedServer.start({ key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') });
  });
  afterAll(async () => {
    await secured.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('an authority of its own is trusted where the settings name it, and only there', async () => {
    secured.onAsked = (client) => send(client, snapshot(1, [device('a')]));
    follow({ url: secured.url });
    await until(() => counts.errors.length >= 2);
    expect([feed!.status.problem, secured.clients.length]).toEqual([expect.stringMatching(/self.signed/), 0]);
    await feed!.stop();
    follow({ url: secured.url, ca: cert });
    await until(() => feed!.status.sequence === 1);
  });
});

test('a message without a time has none; groups may be a list', () => {
  expect(readFeedMessage('{"type":"snapshot","sequence":1,"time":"never","elements":[{"element":"link","id":"l","a":"x","b":"y","riskGroups":["g","h"],"prefixes":["203.0.113.0/24","::/0"],"attributes":{"k":1}}]}')).toMatchObject({ timeMs: null, elements: [{ riskGroups: 'g,h', prefixes: '203.0.113.0/24,::/0', attributes: { k: '1' } }] });
});
