import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NetWeaverError } from '../errors';
import type { Route, RouteResponse } from '../role';

/** Largest request body, bytes. */
export const MAX_BODY_BYTES = 64 * 1024;
/** Largest request line and headers together, bytes. */
export const MAX_HEADER_BYTES = 8 * 1024;

/** What the server serves. */
export interface HttpOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Key of the configuration that sets the port, for the error when it is taken. */
  readonly portKey: string;
  readonly maxConnections: number;
  /** Prometheus text. */
  metrics(): Promise<string>;
  /** `null` when ready, else why not. */
  readiness(): Promise<string | null> | string | null;
  /** Further routes: `/path` for GET, or `POST /path`; looked up at each request. */
  routes(): Readonly<Record<string, Route>> | Promise<Readonly<Record<string, Route>>>;
}

/** A running server. */
export interface HttpServer {
  /** `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the server. GET and HEAD of /metrics, /healthz (200 while the process serves) and /readyz (503 with the reason while
 * not ready); everything else is a route or 404. Slow and large requests are cut off.
 * @throws NW_PORT_IN_USE
 */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    (request, response) => void handle(options, request, response),
  );
  server.maxConnections = options.maxConnections;
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port, portKey }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL';
      reject(taken ? new NetWeaverError('NW_PORT_IN_USE', `TCP ${host}:${port} (${portKey}): ${error.code}.`, { cause: error }) : error);
    });
    server.listen(port, host, resolve);
  });
}

async function handle(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let answer: RouteResponse & { type?: string };
  try {
    answer = await answerTo(options, request);
  } catch (error) {
    answer = { status: 500, body: { error: error instanceof Error ? error.message : String(error) } };
  }
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body) + '\n';
  const type = answer.type ?? (typeof answer.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json');
  response.writeHead(answer.status, { 'content-type': type, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : text);
}

async function answerTo(options: HttpOptions, request: IncomingMessage): Promise<RouteResponse & { type?: string }> {
  let url: URL;
  try {
    url = new URL(request.url ?? '/', 'http://localhost');
  } catch {
    return { status: 400, body: 'bad request\n' };
  }
  if (isFromAnotherSite(request)) return { status: 403, body: 'not from a page of another site\n' };
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  if (method === 'GET') {
    if (url.pathname === '/metrics') return { status: 200, body: await options.metrics(), type: 'text/plain; version=0.0.4; charset=utf-8' };
    if (url.pathname === '/healthz') return { status: 200, body: 'ok\n' };
    if (url.pathname === '/readyz') {
      const reason = await options.readiness();
      return reason === null ? { status: 200, body: 'ready\n' } : { status: 503, body: `not ready: ${reason}\n` };
    }
  }
  const routes = await options.routes();
  const route = routes[`${method} ${url.pathname}`] ?? (method === 'GET' ? routes[url.pathname] : undefined);
  if (route !== undefined) {
    const body = await readBody(request);
    if (body === null) return { status: 413, body: `a body may have ${MAX_BODY_BYTES} bytes\n` };
    return route({ method, path: url.pathname, query: Object.fromEntries(url.searchParams), body });
  }
  const fixed = ['/metrics', '/healthz', '/readyz'].includes(url.pathname);
  const exists = fixed || Object.keys(routes).some((name) => name.split(' ').at(-1) === url.pathname);
  return exists ? { status: 405, body: 'method not allowed\n' } : { status: 404, body: 'not found\n' };
}

/** True where a browser asks on behalf of a page that this server did not send: it has no login, and a page must not act in its visitor's name. */
function isFromAnotherSite({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}

/** The body as text, or null where it is too large. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
