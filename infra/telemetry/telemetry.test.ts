import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { loadConfiguration } from '../config/load';
import { openTelemetry, type OpenTelemetry } from './open';
import { extractSpanContext, extractTrace, injectTrace, traceparentOf } from './propagation';
import { RateLimited } from './rate-limit';
import { telemetrySection } from './settings';

const open = (...sets: string[]): OpenTelemetry => openTelemetry(loadConfiguration({ sections: [telemetrySection], sets }), 'test');

describe('logs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nw-log-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('are JSON lines with level, time and role; passwords are taken out', () => {
    const file = join(folder, 'deep', 'nw.log');
    const { logger } = open(`telemetry.logFile=${file}`, 'telemetry.logLevel=info');
    logger.debug('not written');
    logger.info({ password: 'hunter2', database: { password: 'hunter2' } }, 'connected to postgres://nw:hunter2@db:5432/nw');
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0])).toMatchObject({ level: 'info', role: 'test', password: '***', database: { password: '***' }, msg: 'connected to postgres://nw:***@db:5432/nw', time: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  test('of a hot error are written once an interval, with the number held back', () => {
    let now = 0;
    const written: [string, number][] = [];
    const limited = new RateLimited(1000, () => now);
    const note = (key: string): void => limited.note(key, (held) => written.push([key, held]));
    note('a');
    note('a');
    note('b');
    now = 999;
    note('a');
    now = 1000;
    note('a');
    expect(written).toEqual([['a', 0], ['b', 0], ['a', 2]]);
  });

  test('of very many different errors are remembered in bounded memory', () => {
    let writes = 0;
    const limited = new RateLimited(1000, () => 0);
    for (let i = 0; i < 10_000; i++) limited.note(`exporter ${i}`, () => writes++);
    expect(writes).toBe(10_000);
    expect((limited as unknown as { seen: Map<string, unknown> }).seen.size).toBe(256);
  });
});

describe('metrics', () => {
  test('the same name is the same metric; a component has four counters; every line names the role', async () => {
    const telemetry = open();
    expect(telemetry.counter('x', 'X.')).toBe(telemetry.counter('x', 'X.'));
    telemetry.gauge('lag', 'Lag.', ['topic']).set({ topic: 't' }, 3);
    const component = telemetry.component('source', 'flow');
    component.received(10);
    component.sent(7);
    component.error('NW_SCHEMA_MALFORMED');
    component.discarded('duplicate', 2);
    const text = await telemetry.metrics.metrics();
    expect(text).toContain('netweaver_lag{topic="t",role="test"} 3');
    expect(text).toContain('netweaver_component_received_total{kind="source",name="flow",role="test"} 10');
    expect(text).toContain('netweaver_component_sent_total{kind="source",name="flow",role="test"} 7');
    expect(text).toContain('netweaver_component_errors_total{kind="source",name="flow",code="NW_SCHEMA_MALFORMED",role="test"} 1');
    expect(text).toContain('netweaver_component_discarded_total{kind="source",name="flow",reason="duplicate",role="test"} 2');
    expect(text).toContain('process_cpu_seconds_total');
  });
});

describe('traces', () => {
  test('without an endpoint nothing is made and no header is written', () => {
    const span = open().tracer.startSpan('x');
    expect(traceparentOf(span)).toBeUndefined();
    expect(injectTrace(span, {})).toEqual({});
  });

  describe('with an endpoint', () => {
    const bodies: string[] = [];
    let server: Server;
    beforeAll((done) => {
      server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          bodies.push(Buffer.concat(chunks).toString());
          response.end('{}');
        });
      }).listen(0, '127.0.0.1', done);
    });
    afterAll((done) => void server.close(done));

    test('a trace goes on through the headers of a record, and leaves at close', async () => {
      const telemetry = open(`telemetry.otlpUrl=http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, 'telemetry.tracePercent=100');
      const first = telemetry.tracer.startSpan('datagrams');
      const headers = injectTrace(trace.setSpan(ROOT_CONTEXT, first), { ce_id: 'x' });
      expect(headers).toEqual({ ce_id: 'x', traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/) });
      const second = telemetry.tracer.startSpan('commit', {}, extractTrace(headers));
      expect(second.spanContext().traceId).toBe(first.spanContext().traceId);
      second.end();
      first.end();
      await telemetry.close();
      expect(bodies.join()).toContain('"datagrams"');
      expect(bodies.join()).toContain('netweaver-test');
    });
  });

  test.each(['', 'x', '00-00000000000000000000000000000000-00f067aa0ba902b7-01', 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01'])('a malformed traceparent (%s) is no parent', (traceparent) => {
    expect(extractSpanContext({ traceparent })).toBeUndefined();
    expect(trace.getSpanContext(extractTrace({ traceparent }))).toBeUndefined();
    expect(context.active()).toBe(ROOT_CONTEXT);
  });
});
