import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHttpServer, type HttpServer } from '../../../infra/http/server';
import { ReplayControl } from './control';
import { pcapOf, TestCollector, v5 } from './testing';

let base: string;
let collector: TestCollector;
let control: ReplayControl;
let server: HttpServer;
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'netweaver-control-'));
  mkdirSync(join(base, 'captures'));
  const pcap = (count: number, gapMs: number): Buffer => pcapOf(Array.from({ length: count }, (_, i) => ({ timeMs: 1_700_000_000_000 + i * gapMs, src: '10.0.0.2', payload: v5(i) })));
  writeFileSync(join(base, 'captures', 'ten.pcap'), pcap(10, 1));
  writeFileSync(join(base, 'captures', 'long.pcap'), pcap(2, 3_600_000));
  writeFileSync(join(base, 'secret.pcap'), pcap(1, 1));
  symlinkSync(join(base, 'secret.pcap'), join(base, 'captures', 'link.pcap'));
  collector = await TestCollector.start();
  const { port } = collector;
  control = new ReplayControl(
    { target: '127.0.0.1', netflowPort: port, ipfixPort: port, sflowPort: port, host: '127.0.0.1', folder: join(base, 'captures'), targets: [], mostRunning: 1, acknowledgeUrl: collector.url },
    () => Promise.resolve({ flows: 1, packets: 2, bytes: 3 }),
  );
  server = await startHttpServer({ host: '127.0.0.1', port: 0, portKey: '--serve', maxConnections: 8, metrics: () => Promise.resolve(''), readiness: () => null, routes: () => control.routes() });
});
afterEach(async () => {
  await control.close();
  await Promise.all([server.close(), collector.close()]);
  rmSync(base, { recursive: true, force: true });
});

const call = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(server.url + path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text } };
};
const ended = async (id: unknown): Promise<Record<string, unknown>> => {
  for (;;) {
    const { body } = await call('GET', `/replays/${String(id)}`);
    if (!['loading', 'running'].includes(String(body.state))) return body;
    await new Promise((done) => setTimeout(done, 20));
  }
};

describe('the HTTP control of replays', () => {
  it('starts a replay, tells its progress and its totals', async () => {
    const { status, body } = await call('POST', '/replays', { pcap: 'ten.pcap', speed: 'max', loops: 2, acknowledge: true });
    expect(status).toBe(201);
    expect(await ended(body.id)).toMatchObject({ state: 'done', planned: 20, datagrams: 20, windows: 1 });
    expect(collector.arrived).toHaveLength(20);
  });

  it('stops one', async () => {
    const { body } = await call('POST', '/replays', { pcap: 'long.pcap' });
    expect(await call('DELETE', `/replays/${String(body.id)}`)).toMatchObject({ status: 200, body: { state: 'stopped' } });
  });

  it('refuses more at once than configured', async () => {
    await call('POST', '/replays', { pcap: 'long.pcap' });
    expect((await call('POST', '/replays', { pcap: 'ten.pcap' })).status).toBe(429);
  });

  it.each([
    ['a path out of the folder', { pcap: '../secret.pcap' }, 'no capture below'],
    ['an absolute path', { pcap: '/etc/hostname' }, 'no capture below'],
    ['a link out of the folder', { pcap: 'link.pcap' }, 'no capture below'],
    ['the folder itself', { pcap: '.' }, 'no capture below'],
    ['a file that is not there', { pcap: 'none.pcap' }, 'no capture below'],
    ['another target', { pcap: 'ten.pcap', target: '192.0.2.1' }, 'is not allowed'],
    ['a speed of zero', { pcap: 'ten.pcap', speed: 0 }, 'speed must be'],
    ['an unknown field', { pcap: 'ten.pcap', sped: 1 }, 'sped is not known'],
    ['no capture', {}, 'pcap must be'],
    ['a list', [], 'not an object'],
  ])('refuses %s', async (_, request, message) => {
    const { status, body } = await call('POST', '/replays', request);
    expect([status, String(body.error)]).toEqual([400, expect.stringContaining(message)]);
    expect(String(body.error)).toMatch(/^NW_REPLAY_REFUSED/);
  });

  it('answers the totals of the database', async () => {
    expect(await call('GET', '/totals')).toEqual({ status: 200, body: { flows: 1, packets: 2, bytes: 3 } });
  });

  it('does not know replays that never were', async () => {
    expect((await call('GET', '/replays/77')).status).toBe(404);
  });
});
