/** A trace can be followed from the datagrams to the commit in the database, through the headers of the records. */
import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { netflow5 } from './netflow5';
import { Stack, until } from './support/stack';

interface Span {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string }[];
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'service'>[] }[];
  }[];
}

/** Takes OTLP over HTTP, as a collector of traces does. */
const spans: Span[] = [];
let server: Server;
beforeAll((done) => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Exported;
      for (const { resource, scopeSpans } of resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
        for (const scope of scopeSpans) spans.push(...scope.spans.map((span) => ({ ...span, service })));
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1', done);
});
afterAll((done) => void server.close(done));

test('datagrams → flows.raw → dedup → flows.unique → database', async () => {
  const { port } = server.address() as AddressInfo;
  const stack = await Stack.start({ telemetry: { otlpUrl: `http://127.0.0.1:${port}/v1/traces`, tracePercent: 100 } });
  try {
    const socket = createSocket('udp4');
    await new Promise((resolve) => socket.send(netflow5(0, 30, Date.now()), stack.ports.netflow, '127.0.0.1', resolve));
    socket.close();
    await stack.stored(30);
    // A role sends its last spans before it ends.
    await stack.terminate();
    await until('spans of the sink have come', async () => spans.some(({ service }) => service === 'netweaver-sink'));
  } finally {
    await stack.stop();
  }
  const published = spans.filter(({ service, name }) => service === 'netweaver-collect' && name === 'publish flows.raw');
  const deduplicated = spans.filter(({ service, name }) => service === 'netweaver-process' && name === 'process dedup');
  const stored = spans.filter(({ service, name }) => service === 'netweaver-sink' && name === 'store flows.unique');
  expect([published.length, deduplicated.length, stored.length].every((count) => count > 0)).toBe(true);
  const from = deduplicated.flatMap(({ traceId, links = [] }) => links.map((link) => ({ traceId, of: link.traceId })));
  for (const { traceId } of stored) {
    const origins = from.filter((link) => link.traceId === traceId).map((link) => link.of);
    expect(published.map((span) => span.traceId)).toEqual(expect.arrayContaining(origins));
    expect(origins.length).toBeGreaterThan(0);
  }
}, 120_000);
