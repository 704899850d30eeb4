import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type, type Schema } from 'avsc';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { ALERTS, ANOMALIES, DEAD_LETTERS, DEVICES_METRICS, FLOWS_UNIQUE, INTERFACES_COUNTERS, LINKS_METRICS, subjectOf, topicName, TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, TRAFFIC_FEATURES, TRAFFIC_FORECASTS } from '../../../topics';
import { WIRE_PREFIX, writeWirePrefix } from '../../../infra/registry/registry';
import { decodeDeadLetter, encodeFlowBatch, type Alert, type InterfaceCounters } from '../../../schemas';
import { NO_COUNTERS, NO_DEVICE_METRICS } from '../../../schemas/unknown';
import { alerts } from '../../../processors/alerts';
import { Driver } from '../../../processors/runtime/driver';
import { anomaly, anomalyValue } from '../../../processors/runtime/testing/anomalies';
import { NativeJobs } from './jobs';
import { batchOf, datagram, flow, manyFlows } from './testing/flows';
import { onEachDatabase, type Server, type TestDatabase } from './testing/databases';
import { Rig, until } from './testing/rig';

const ROOT = join(__dirname, '../../..');
const minute = Date.UTC(2026, 0, 2, 3, 4);
const link = { link: 'a—b', time: minute, latencyMs: 1.5, jitterMs: null, lossRatio: 0, utilisationRatio: 0.25 };

const counters = (over: Partial<InterfaceCounters> = {}): InterfaceCounters => ({
  ...NO_COUNTERS, device: '192.0.2.10', ifIndex: 1, ifName: 'eth0', time: minute, speed: 1e9, adminUp: true, operUp: true,
  inOctets: 1000, inUnicastPackets: 10, inMulticastPackets: 1, inBroadcastPackets: 2, inDiscards: 3, inErrors: 4,
  outOctets: 2000, outUnicastPackets: 20, outMulticastPackets: 5, outBroadcastPackets: 6, outDiscards: 7, outErrors: 8, source: 'SFLOW', ...over,
});

onEachDatabase('the sink', (start, flavour) => {
  let server: Server;
  let db: TestDatabase;
  let rig: Rig;
  const children = new Set<ChildProcess>();
  beforeAll(async () => void (server = await start()));
  afterAll(async () => server?.stop());
  beforeEach(async () => {
    db = await server.database();
    rig = await Rig.open(db.url);
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
    await rig.close();
    await db.drop();
  });

  const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await db.pool.query<Record<string, unknown>>(sql)).rows;
  const totals = async () => (await rows('SELECT count(*)::int AS flows, coalesce(sum(bytes), 0)::float8 AS bytes FROM flow_records'))[0];
  const stored = (flows: number) => until(async () => ((await totals().catch(() => ({ flows: -1 }))).flows as number) >= flows);
  /** Sum of 1 … n. */
  const triangle = (n: number) => (n * (n + 1)) / 2;

  it('stores every flow of every partition once, and says how far it is', async () => {
    for (let partition = 0; partition < 4; partition++) await rig.put(FLOWS_UNIQUE, [manyFlows(500, 1 + partition * 1000), manyFlows(500, 501 + partition * 1000)], partition);
    const sink = await rig.sink();
    await stored(4000);
    await rig.put(FLOWS_UNIQUE, [manyFlows(100, 4001)], 2);
    await stored(4100);
    expect(await totals()).toEqual({ flows: 4100, bytes: triangle(4100) });
    expect(sink.readiness()).toBeNull();
    await rig.drain(sink);
    expect(await rows(`SELECT partition, next_offset::int AS next FROM sink_offsets WHERE topic = 'flows.unique' ORDER BY partition`)).toEqual([0, 1, 2, 3].map((partition) => ({ partition, next: partition === 2 ? 3 : 2 })));
    expect(await rig.log.admin.committed('netweaver-sink', 'flows.unique')).toEqual(new Map([[0, 2], [1, 2], [2, 3], [3, 2]]));
    expect(await rig.metric('netweaver_component_sent_total')).toBe(4100);
    expect(await rows('SELECT host(address) AS address, last_seen FROM devices')).toEqual([{ address: '192.0.2.10', last_seen: new Date(datagram().exportTime) }]);
  });

  it('goes on from the database when it starts again', async () => {
    await rig.put(FLOWS_UNIQUE, [manyFlows(10)]);
    await rig.drain(await startedAndStored(10));
    await rig.put(FLOWS_UNIQUE, [manyFlows(10, 11)]);
    await startedAndStored(20);
    expect(await totals()).toEqual({ flows: 20, bytes: triangle(20) });
  });

  async function startedAndStored(flows: number) {
    const sink = await rig.sink();
    await stored(flows);
    return sink;
  }

  it('stores traffic, counters and metrics, and keeps devices, interfaces and links', async () => {
    const window = { windowStart: minute, windowMs: 60_000 };
    const interfaceRow = { exporter: '192.0.2.10', ifIndex: 1, direction: 0, bytes: 100, packets: 2, flows: 1 };
    for (const sourcePartition of [0, 1]) {
      await rig.put(TRAFFIC_BY_INTERFACE, [{ ...window, sourcePartition, rows: [interfaceRow] }], sourcePartition);
      await rig.put(TRAFFIC_BY_PREFIX, [{ ...window, sourcePartition, rows: [{ srcPrefix: '10.0.0.0', srcMask: 24, dstPrefix: '2001:db8::', dstMask: 32, srcAs: 64500, dstAs: 0, bytes: 100, packets: 2, flows: 1 }] }], sourcePartition);
      await rig.put(TRAFFIC_BY_HOST, [{ ...window, sourcePartition, rows: [{ addr: '10.0.0.1', bytesOut: 100, packetsOut: 2, flowsOut: 1, bytesIn: 7, packetsIn: 1, flowsIn: 1 }] }], sourcePartition);
    }
    await rig.put(INTERFACES_COUNTERS, [counters(), counters({ time: minute + 60_000, inOctets: 1500, inMulticastPackets: null, operUp: false })]);
    await rig.put(DEVICES_METRICS, [{ ...NO_DEVICE_METRICS, device: '192.0.2.20', time: minute, cpuPercent: 12.5, uptimeSeconds: 3600 }]);
    await rig.put(LINKS_METRICS, [link]);
    await rig.sink();
    await until(async () => (await rows(`SELECT sum(next_offset)::int AS n FROM sink_offsets`).catch(() => [{ n: 0 }]))[0].n === 10);
    expect(await rows('SELECT host(exporter) AS exporter, bytes::int, flows::int FROM traffic_by_interface')).toEqual([{ exporter: '192.0.2.10', bytes: 200, flows: 2 }]);
    expect(await rows('SELECT src_prefix, dst_prefix, src_as::int, bytes::int FROM traffic_by_prefix')).toEqual([{ src_prefix: '10.0.0.0/24', dst_prefix: '2001:db8::/32', src_as: 64500, bytes: 200 }]);
    expect(await rows('SELECT host(addr) AS addr, bytes_out::int, bytes_in::int FROM traffic_by_host')).toEqual([{ addr: '10.0.0.1', bytes_out: 200, bytes_in: 14 }]);
    expect(await rows('SELECT in_octets::int, in_multicast_packets::int, out_errors::int, if_name, source FROM interface_metrics ORDER BY time')).toEqual([
      { in_octets: 1000, in_multicast_packets: 1, out_errors: 8, if_name: 'eth0', source: 'SFLOW' },
      { in_octets: 1500, in_multicast_packets: null, out_errors: 8, if_name: 'eth0', source: 'SFLOW' },
    ]);
    expect(await rows('SELECT name, oper_up, last_seen FROM interfaces')).toEqual([{ name: 'eth0', oper_up: false, last_seen: new Date(minute + 60_000) }]);
    expect(await rows('SELECT host(device) AS device, cpu_percent, memory_percent, uptime_seconds::int FROM device_metrics')).toEqual([{ device: '192.0.2.20', cpu_percent: 12.5, memory_percent: null, uptime_seconds: 3600 }]);
    expect(await rows('SELECT link, latency_ms, jitter_ms, loss_ratio, utilisation_ratio FROM link_latency_metrics')).toEqual([{ link: 'a—b', latency_ms: 1.5, jitter_ms: null, loss_ratio: 0, utilisation_ratio: 0.25 }]);
    expect(await rows('SELECT host(address) AS address FROM devices ORDER BY address')).toEqual([{ address: '192.0.2.10' }, { address: '192.0.2.20' }]);
    expect(await rows('SELECT name FROM links')).toEqual([{ name: 'a—b' }]);
  });

  it('stores anomalies, every change of alerts, forecasts, and features of links', async () => {
    const driver = new Driver(alerts, {}, 1);
    driver.feed(anomalyValue(), { timestampMs: minute });
    driver.feed(anomalyValue({ phase: 'over' }), { timestampMs: minute });
    driver.silence(minute + 60_000);
    driver.commit();
    await rig.put(ANOMALIES, [anomaly({ time: minute }), anomaly({ time: minute + 1000, phase: 'over', score: NaN })]);
    await rig.put(ALERTS, driver.values<Alert>(ALERTS));
    const horizon = { bitsPerSecond: 5e6, p05: 1e6, p10: 2e6, p50: 5e6, p90: 8e6, p95: 9e6 };
    await rig.put(TRAFFIC_FORECASTS, [{ subject: 'ab/ahead', kind: 'link', time: minute, windowMs: 300_000, model: 'linear', modelHash: 'abc', gaps: 1, horizons: [{ ...horizon, horizonMs: 300_000 }, { ...horizon, horizonMs: 86_400_000, p05: NaN }] }]);
    const row = { subject: 'ab/ahead', bytes: 100, packets: 2, flows: NaN, bytesOut: 0, packetsOut: 0, meanDurationMs: NaN, tcpShare: 1, udpShare: 0, icmpShare: 0, dayFraction: 0, weekFraction: 0, movingAverage: 90, trend: 0, distinctPeers: NaN, distinctPorts: NaN, srcEntropy: NaN, dstEntropy: NaN, portEntropy: NaN, gap: 2 };
    const window = { windowStart: minute, windowMs: 60_000, kind: 'link', rows: [row] };
    await rig.put(TRAFFIC_FEATURES, [window, { ...window, windowMs: 10_000 }, { ...window, kind: 'host', rows: [{ ...row, subject: '10.0.0.1' }] }]);
    await rig.sink();
    await until(async () => (await rows(`SELECT sum(next_offset)::int AS n FROM sink_offsets`).catch(() => [{ n: 0 }]))[0].n === 9);
    expect(await rows('SELECT subject, phase, detector, value, unit, evidence->0->>\'usual\' AS usual, elements->0->>\'id\' AS source, count(*) OVER (PARTITION BY id)::int AS of_it FROM anomalies ORDER BY time')).toEqual(
      ['began', 'over'].map((phase) => ({ subject: '198.51.100.7', phase, detector: 'syn-flood', value: 20_000, unit: 'packets/s', usual: '40', source: '203.0.113.5', of_it: 2 })),
    );
    expect(await rows('SELECT change, state FROM alert_changes ORDER BY time, seq')).toEqual([{ change: 'opened', state: 'open' }, { change: 'quiet', state: 'open' }, { change: 'closed', state: 'closed' }]);
    expect(await rows('SELECT id, state, closed_by, opened, fired->>\'value\' AS fired, jsonb_array_length(history) AS steps FROM alerts')).toEqual([{ id: 'syn-flood-0', state: 'closed', closed_by: 'over', opened: new Date(minute), fired: '20000', steps: 2 }]);
    expect(await rows('SELECT time, made_at, horizon_seconds, value, lower, upper, p90, model, model_hash, gaps FROM predictions ORDER BY time')).toEqual([
      { time: new Date(minute + 300_000), made_at: new Date(minute), horizon_seconds: 300, value: 5e6, lower: 1e6, upper: 9e6, p90: 8e6, model: 'linear', model_hash: 'abc', gaps: 1 },
      { time: new Date(minute + 86_400_000), made_at: new Date(minute), horizon_seconds: 86_400, value: 5e6, lower: null, upper: 9e6, p90: 8e6, model: 'linear', model_hash: 'abc', gaps: 1 },
    ]);
    expect(await rows('SELECT subject, window_ms::int, bytes, flows, tcp_share, moving_average, gap FROM traffic_features')).toEqual([{ subject: 'ab/ahead', window_ms: 60_000, bytes: 100, flows: null, tcp_share: 1, moving_average: 90, gap: 2 }]);
  });

  it('rolls flows up by five minutes, also those of long ago that come later', async () => {
    const jobs = new NativeJobs(db.pool, rig.telemetry, 3_600_000);
    const roll = async () => {
      if (flavour === 'native') await jobs.run();
      else for (const view of ['flows_5m', 'interfaces_1h']) await db.pool.query(`CALL refresh_continuous_aggregate('${view}', NULL, NULL)`);
      return rows('SELECT bucket, bytes::int, flows::int FROM flows_5m ORDER BY bucket');
    };
    const old = Date.UTC(2008, 1, 3, 4, 5, 6);
    await rig.put(FLOWS_UNIQUE, [batchOf([flow({ bytes: 10, samplingRate: 3 }), flow({ bytes: 5 })])]);
    await rig.put(INTERFACES_COUNTERS, [counters(), counters({ time: minute + 60_000, inOctets: 1500 })]);
    await rig.sink();
    await stored(2);
    await until(async () => (await rows('SELECT count(*)::int AS n FROM interface_metrics'))[0].n === 2);
    expect(await roll()).toEqual([{ bucket: new Date(Date.UTC(2026, 0, 2, 3, 0)), bytes: 35, flows: 2 }]);
    expect(await rows('SELECT samples::int, (in_octets_last - in_octets_first)::int AS in_octets, always_up FROM interfaces_1h')).toEqual([{ samples: 2, in_octets: 500, always_up: true }]);
    await rig.put(FLOWS_UNIQUE, [batchOf([flow({ bytes: 1 }), flow({ bytes: 7, start: old, end: old })])]);
    await stored(4);
    expect(await roll()).toEqual([
      { bucket: new Date(Date.UTC(2008, 1, 3, 4, 5)), bytes: 7, flows: 1 },
      { bucket: new Date(Date.UTC(2026, 0, 2, 3, 0)), bytes: 36, flows: 3 },
    ]);
  });

  // Native rollups are tables of their own.
  if (flavour === 'timescale') it('keeps five-minute rows when the flows that they were made from are dropped by age', async () => {
    const end = Date.now() - 100 * 86_400_000;
    await rig.put(FLOWS_UNIQUE, [batchOf([flow({ bytes: 10, start: end, end })])]);
    await rig.sink();
    await stored(1);
    await db.pool.query(`CALL refresh_continuous_aggregate('flows_5m', NULL, NULL)`);
    await db.pool.query(`SELECT drop_chunks('flow_records', interval '95 days')`);
    expect(await totals()).toMatchObject({ flows: 0 });
    const [{ job_id }] = await rows(`SELECT job_id FROM timescaledb_information.jobs WHERE hypertable_name = 'flows_5m' AND proc_name = 'policy_refresh_continuous_aggregate'`);
    await db.pool.query(`CALL run_job(${job_id as number})`);
    expect(await rows('SELECT bytes::int, flows::int FROM flows_5m')).toEqual([{ bytes: 10, flows: 1 }]);
  });

  it('stores what another version of the schema wrote', async () => {
    const topic = topicName(LINKS_METRICS, rig.config);
    const schema = JSON.parse(LINKS_METRICS.record.schema) as { fields: object[] };
    schema.fields.push({ name: 'colour', type: 'string', default: '' });
    const id = await rig.registry.register(subjectOf(topic), JSON.stringify(schema));
    const time = Date.UTC(2026, 0, 2, 3);
    const written = Type.forSchema(schema as unknown as Schema, { wrapUnions: true }).toBuffer({ link: 'a-b', time, latencyMs: { double: 1.5 }, jitterMs: null, lossRatio: null, utilisationRatio: null, colour: 'red' });
    const value = Buffer.concat([Buffer.alloc(WIRE_PREFIX), written]);
    writeWirePrefix(value, id);
    await rig.put(LINKS_METRICS, [value]);
    await rig.sink();
    const found = () => rows('SELECT link, latency_ms FROM link_latency_metrics');
    await until(async () => (await found().catch(() => [])).length > 0 || (await rig.records(DEAD_LETTERS)).length > 0);
    expect(await found()).toEqual([{ link: 'a-b', latency_ms: 1.5 }]);
    expect(await rig.records(DEAD_LETTERS)).toEqual([]);
  });

  it('puts a record that lies aside, with its bytes, and stores those beside it', async () => {
    const broken = encodeFlowBatch(manyFlows(3), 1).subarray(0, 60);
    await rig.put(FLOWS_UNIQUE, [manyFlows(10), Buffer.from(broken), manyFlows(10, 11), batchOf([flow({ proto: 99_999 })]), manyFlows(10, 21), Buffer.from('no schema')]);
    // PostgreSQL's indexes take no key of that length.
    const longName = { ...link, link: randomBytes(20_000).toString('hex') };
    await rig.put(LINKS_METRICS, [link, longName, { ...link, time: minute + 1 }]);
    const sink = await rig.sink();
    await stored(30);
    await until(async () => (await rig.records(DEAD_LETTERS)).length === 4);
    await rig.put(FLOWS_UNIQUE, [manyFlows(10, 31)]);
    await stored(40);
    expect(await totals()).toEqual({ flows: 40, bytes: triangle(40) });
    expect(await rows('SELECT count(*)::int AS n FROM link_latency_metrics')).toEqual([{ n: 2 }]);
    const letters = (await rig.records(DEAD_LETTERS)).map(({ value }) => decodeDeadLetter(value!)).sort((a, b) => (a.sourceTopic < b.sourceTopic ? -1 : a.sourceTopic > b.sourceTopic ? 1 : a.sourceOffset - b.sourceOffset));
    expect(letters.map(({ sourceTopic, sourceOffset, code }) => ({ sourceTopic, sourceOffset, code }))).toEqual([
      { sourceTopic: 'flows.unique', sourceOffset: 1, code: 'NW_SCHEMA_MALFORMED' },
      { sourceTopic: 'flows.unique', sourceOffset: 3, code: 'NW_SINK_VALUE_REFUSED' },
      { sourceTopic: 'flows.unique', sourceOffset: 5, code: 'NW_SCHEMA_MALFORMED' },
      { sourceTopic: 'links.metrics', sourceOffset: 1, code: 'NW_SINK_VALUE_REFUSED' },
    ]);
    expect(letters[0].value?.equals(broken)).toBe(true);
    await rig.drain(sink);
    expect(rig.failures).toEqual([]);
  });

  it('neither loses nor doubles a row when its connections are cut again and again', async () => {
    for (let i = 0; i < 40; i++) await rig.put(FLOWS_UNIQUE, [manyFlows(500, 1 + i * 500)], i % 4);
    await rig.sink();
    for (let cut = 0; ((await totals().catch(() => ({ flows: 0 }))).flows as number) < 20_000; cut++) {
      if (cut < 20) await db.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'netweaver-sink' AND datname = current_database()`);
      await sleep(20);
    }
    expect(await totals()).toEqual({ flows: 20_000, bytes: triangle(20_000) });
    expect(rig.failures).toEqual([]);
  });

  it('waits, holding no more than two batches, while the database does not let it write, and says so by its lag', async () => {
    const small = await Rig.open(db.url, 'sink.batchRows=1000', 'sink.pollRecords=1');
    try {
      await small.drain(await small.sink());
      const blocker = await db.pool.connect();
      await blocker.query('BEGIN');
      await blocker.query('LOCK TABLE flow_records IN ACCESS EXCLUSIVE MODE');
      for (let i = 0; i < 20; i++) await small.put(FLOWS_UNIQUE, [manyFlows(500, 1 + i * 500)]);
      await small.sink();
      await until(async () => (await small.metric('netweaver_component_received_total')) >= 2000);
      await sleep(300);
      expect(await small.metric('netweaver_component_received_total')).toBe(2000);
      await blocker.query('ROLLBACK');
      blocker.release();
      await stored(10_000);
      expect(await totals()).toEqual({ flows: 10_000, bytes: triangle(10_000) });
    } finally {
      await small.close();
    }
  });

  it('writes nothing of what another sink has stored in the meantime', async () => {
    await rig.put(FLOWS_UNIQUE, [manyFlows(10)]);
    await startedAndStored(10);
    // Another sink is in the middle of storing record 1: ours waits for it, and then finds its own expectation wrong.
    const other = await db.pool.connect();
    await other.query('BEGIN');
    await other.query(`UPDATE sink_offsets SET next_offset = 2 WHERE topic = 'flows.unique' AND partition = 0`);
    await rig.put(FLOWS_UNIQUE, [manyFlows(10, 11)]);
    await until(async () => (await rows(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'netweaver-sink' AND wait_event_type = 'Lock' AND datname = current_database()`)).length > 0);
    await other.query('COMMIT');
    other.release();
    await until(async () => (await rig.metric('netweaver_sink_rewinds_total')) === 1);
    await rig.put(FLOWS_UNIQUE, [manyFlows(10, 21)]);
    await stored(20);
    expect(await totals()).toEqual({ flows: 20, bytes: triangle(10) + triangle(30) - triangle(20) });
    expect(rig.failures).toEqual([]);
  });

  it('refuses a database that has seen more than the log holds', async () => {
    const sink = await rig.sink();
    await until(async () => (await rows('SELECT 1 FROM sink_offsets')).length > 0);
    await rig.drain(sink);
    await db.pool.query(`UPDATE sink_offsets SET next_offset = 5 WHERE topic = 'flows.unique' AND partition = 0`);
    await rig.sink();
    await until(async () => rig.failures.length > 0);
    expect(rig.failures).toMatchObject([{ code: 'NW_SINK_OFFSETS_AHEAD' }]);
  });

  it('ends a trace that began at the collector with the commit', async () => {
    const exporter = new InMemorySpanExporter();
    const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('test');
    const sink = await rig.sink({ telemetry: { ...rig.telemetry, tracer } });
    await rig.put(FLOWS_UNIQUE, [manyFlows(10)], 0, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    await stored(10);
    await rig.drain(sink);
    expect(exporter.getFinishedSpans().map((span) => ({ name: span.name, trace: span.spanContext().traceId, parent: span.parentSpanContext?.spanId }))).toEqual([
      { name: 'store flows.unique', trace: '0af7651916cd43dd8448eb211c80319c', parent: 'b7ad6b7169203331' },
    ]);
  });

  it('neither loses nor doubles a row when its process is killed again and again', async () => {
    for (let i = 0; i < 200; i++) await rig.put(FLOWS_UNIQUE, [manyFlows(250, 1 + i * 250)], i % 4);
    await rig.closeLog();
    const args = ['-r', './tests/typescript.cjs', join(__dirname, 'testing/child.ts'), rig.dataDir, db.url];
    let kills = 0;
    for (let done = false; !done; ) {
      const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      children.add(child);
      await Promise.race([once(child.stdout, 'data'), ended]);
      const before = await totals();
      await until(async () => ((await totals()).flows as number) > (before.flows as number) || (await totals()).flows === 50_000);
      // Six in the middle of its work; the seventh may finish it.
      if (kills >= 6) await stored(50_000);
      done = (await totals()).flows === 50_000;
      if (!done) kills++;
      child.kill('SIGKILL');
      await ended;
      await until(async () => (await rows(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'netweaver-sink' AND datname = current_database()`)).length === 0);
    }
    expect(kills).toBeGreaterThan(2);
    expect(await totals()).toEqual({ flows: 50_000, bytes: triangle(50_000) });
  });
});
