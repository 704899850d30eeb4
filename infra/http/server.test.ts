import { request } from 'node:http';
import { connect } from 'node:net';
import type { Route } from '../role';
import { MAX_BODY_BYTES, startHttpServer, type HttpServer } from './server';

let server: HttpServer;
let reason: string | null = null;
const routes: Record<string, Route> = {
  '/collector/acknowledged': ({ query }) => ({ status: 200, body: { instance: query.instance ?? 'i' } }),
  'POST /echo': ({ body }) => ({ status: 200, body }),
  '/broken': () => {
    throw new Error('on purpose');
  },
};
const options = { host: '127.0.0.1', port: 0, portKey: 'http.testPort', maxConnections: 4, metrics: async () => 'm 1\n', readiness: () => reason, routes: () => routes };
beforeAll(async () => (server = await startHttpServer(options)));
afterAll(() => server.close());

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(server.url + path, { ...init, headers: { connection: 'close', ...init.headers } });

test.each([
  ['/metrics', 200, 'm 1\n'],
  ['/healthz', 200, 'ok\n'],
  ['/readyz', 200, 'ready\n'],
  ['/collector/acknowledged?instance=a', 200, '{"instance":"a"}\n'],
  ['/broken', 500, '{"error":"on purpose"}\n'],
  ['/none', 404, 'not found\n'],
  ['/echo', 405, 'method not allowed\n'],
])('GET %s answers %i', async (path, status, body) => {
  const response = await get(path);
  expect([response.status, await response.text()]).toEqual([status, body]);
});

test('/readyz says why it is not ready', async () => {
  reason = 'waiting for the database';
  const response = await get('/readyz');
  reason = null;
  expect([response.status, await response.text()]).toEqual([503, 'not ready: waiting for the database\n']);
});

test('only GET, unless a route says otherwise', async () => {
  expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
  expect(await (await get('/echo', { method: 'POST', body: 'hello' })).text()).toBe('hello');
  expect((await get('/healthz', { method: 'HEAD' })).status).toBe(200);
});

test.each([
  ['http://elsewhere.example', 403],
  ['null', 403],
])('a page of %s in a browser is refused', async (origin, status) => {
  expect((await get('/echo', { method: 'POST', body: 'x', headers: { origin } })).status).toBe(status);
  expect((await get('/healthz', { headers: { origin: server.url } })).status).toBe(200);
});

test('a body that is too large is refused', async () => {
  expect((await get('/echo', { method: 'POST', body: 'x'.repeat(MAX_BODY_BYTES + 1) })).status).toBe(413);
});

test('headers that are too large are refused', async () => {
  const status = await new Promise((resolve, reject) => {
    request(server.url + '/healthz', { headers: { 'x-large': 'x'.repeat(9000) } }, (response) => resolve(response.resume().statusCode)).on('error', reject).end();
  });
  expect(status).toBe(431);
});

test('more connections than allowed are closed', async () => {
  const { port } = new URL(server.url);
  const sockets = Array.from({ length: 8 }, () => connect(Number(port), '127.0.0.1'));
  const closed = await Promise.all(
    sockets.slice(4).map((socket) => new Promise((resolve) => socket.on('error', () => undefined).on('close', () => resolve(true)).resume())),
  );
  sockets.forEach((socket) => socket.destroy());
  expect(closed).toEqual([true, true, true, true]);
});

test('a port that is taken is NW_PORT_IN_USE and names the key', async () => {
  const { port } = new URL(server.url);
  await expect(startHttpServer({ ...options, port: Number(port) })).rejects.toMatchObject({ code: 'NW_PORT_IN_USE', message: expect.stringContaining('http.testPort') });
});
