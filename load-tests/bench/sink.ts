/**
 * What storing costs: rows a second from the log into flow_records, exactly once, beside `psql \copy` of the same rows into
 * the same kind of table (text format, the client's default). Both wait for the commit on disk.
 *
 *     npm run build && node dist/load-tests/bench/sink.js [--runs 5] [--rows 400000] [--detail 0]
 *
 * `--detail` is the share of flows, 0 to 1, that have one: both their countries and sites.
 * Runs on the embedded PostgreSQL, and on the TimescaleDB that NETWEAVER_TEST_TIMESCALE_URL names. Without psql in the path
 * the rival is the same COPY sent by node. Prints a table and a JSON line.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { seeded } from '../../domain/simulate/random';
import { migrate } from '../../connectors/sinks/timescale/migrate';
import { TABLES } from '../../connectors/sinks/timescale/tables';
import { serverAt, startEmbedded, TIMESCALE_URL, type Server, type TestDatabase } from '../../connectors/sinks/timescale/testing/databases';
import { batchOf, datagram, flow, NO_DETAIL } from '../../connectors/sinks/timescale/testing/flows';
import { Rig } from '../../connectors/sinks/timescale/testing/rig';
import { FLOWS_UNIQUE } from '../../topics';
import type { Flow } from '../../schemas';

const PARTITIONS = 4;
const FLOWS_A_RECORD = 2_000;
const START = Date.UTC(2026, 0, 2, 3, 0);
const DETAIL = option('detail', 0);
const FLOWS = DETAIL > 0 ? TABLES.detailedFlows : TABLES.flows;
const COLUMNS = `${FLOWS.name} (${FLOWS.columns.join(', ')})`;

/** Flows of an hour and a half, of 20,000 hosts, in the order of their ends, every twentieth IPv6. */
function someFlow(next: () => number, progress: number): Flow {
  const host = (): string => {
    const n = Math.floor(next() ** 2 * 20_000);
    return n % 20 === 0 ? `2001:db8::${n.toString(16)}` : `10.${n >> 12}.${(n >> 4) & 255}.${n & 15}`;
  };
  const end = START + Math.floor(progress * 5_400_000);
  const detail = next() < DETAIL ? { ...NO_DETAIL, srcCountry: 'DE', dstCountry: 'NZ', srcSite: 'Bern', dstSite: `site-${Math.floor(next() * 100)}` } : null;
  return flow({ detail, srcAddr: host(), dstAddr: host(), srcPort: Math.floor(next() * 65_536), dstPort: next() < 0.5 ? 443 : Math.floor(next() * 65_536), proto: next() < 0.8 ? 6 : 17, packets: 1 + Math.floor(next() * 100), bytes: 40 + Math.floor(next() * 150_000), samplingRate: 100, start: end - Math.floor(next() * 60_000), end, inIf: Math.floor(next() * 48), outIf: Math.floor(next() * 48), nextHop: '10.255.0.1', srcAs: 64_500, dstAs: 64_501 });
}

async function fill(rig: Rig, rows: number): Promise<void> {
  const next = seeded(1);
  for (let done = 0, record = 0; done < rows; done += FLOWS_A_RECORD, record++) {
    const flows = Array.from({ length: Math.min(FLOWS_A_RECORD, rows - done) }, (_, i) => ({ ...someFlow(next, (done + i) / rows), datagram: Math.floor(i / 28) }));
    const datagrams = Array.from({ length: Math.ceil(flows.length / 28) }, (_, i) => datagram({ exporter: `192.0.2.${i % 8}`, sequence: i, receiveTime: START + 7_200_000, exportTime: START + 7_200_000 }));
    await rig.put(FLOWS_UNIQUE, [batchOf(flows, datagrams)], record % PARTITIONS);
  }
}

const seconds = (since: bigint): number => Number(process.hrtime.bigint() - since) / 1e9;

interface Stored {
  readonly seconds: number;
  /** Of this process: log, sink and driver. */
  readonly cpuSeconds: number;
}

/** From the start of the sink on a migrated database to the commit of the last row. */
async function throughSink(rig: Rig, db: TestDatabase, rows: number): Promise<Stored> {
  const before = await rig.metric('netweaver_component_sent_total');
  const cpu = process.cpuUsage();
  const since = process.hrtime.bigint();
  const sink = await rig.sink({ config: rig.configurationFor(db.url, 'sink.flushMs=500') });
  while ((await rig.metric('netweaver_component_sent_total')) - before < rows) await sleep(5);
  const taken = seconds(since);
  const { user, system } = process.cpuUsage(cpu);
  await rig.drain(sink);
  return { seconds: taken, cpuSeconds: (user + system) / 1e6 };
}

async function dump(db: TestDatabase, file: string): Promise<void> {
  const client = await db.pool.connect();
  await pipeline(client.query(copyTo(`COPY (SELECT ${FLOWS.columns.join(', ')} FROM ${FLOWS.name}) TO STDOUT`)), createWriteStream(file));
  client.release();
}

const hasPsql = spawnSync('psql', ['--version']).status === 0;

async function throughCopy(db: TestDatabase, file: string): Promise<number> {
  const since = process.hrtime.bigint();
  if (hasPsql) {
    const { status, stderr } = spawnSync('psql', ['-X', '-q', db.url, '-c', `\\copy ${COLUMNS} FROM '${file}'`], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  } else {
    const client = await db.pool.connect();
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), client.query(copyFrom(`COPY ${COLUMNS} FROM STDIN`)));
    client.release();
  }
  return seconds(since);
}

async function prepared(server: Server): Promise<TestDatabase> {
  const db = await server.database();
  await migrate(db.pool);
  if (server.flavour === 'native') await db.pool.query(`SELECT ensure_partitions('flow_records', (SELECT array_agg(t) FROM generate_series(to_timestamp($1), to_timestamp($1 + 7200), interval '1 hour') AS t))`, [START / 1000]);
  return db;
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

async function bench(server: Server, runs: number, rows: number): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'nw-bench-'));
  const file = join(folder, 'rows.tsv');
  const first = await prepared(server);
  const rig = await Rig.open(first.url);
  await fill(rig, rows);
  await throughSink(rig, first, rows);
  await dump(first, file);
  const { rows: versions } = await first.pool.query<{ version: string }>('SHOW server_version').then(({ rows: found }) => ({ rows: found.map((row) => ({ version: Object.values(row)[0] as string })) }));
  await first.drop();
  const sinks: Stored[] = [];
  const copies: number[] = [];
  for (let run = 0; run < runs; run++) {
    for (const kind of run % 2 === 0 ? ['sink', 'copy'] : ['copy', 'sink']) {
      const db = await prepared(server);
      await db.pool.query('CHECKPOINT');
      if (kind === 'sink') sinks.push(await throughSink(rig, db, rows));
      else copies.push(await throughCopy(db, file));
      const { rows: counted } = await db.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM flow_records');
      if (counted[0].n !== rows) throw new Error(`${kind} stored ${counted[0].n} of ${rows} rows`);
      await db.drop();
    }
  }
  await rig.close();
  rmSync(folder, { recursive: true });
  const sink = rows / median(sinks.map((one) => one.seconds));
  const copy = rows / median(copies);
  return {
    server: `${server.flavour === 'timescale' ? 'TimescaleDB on ' : ''}PostgreSQL ${versions[0].version}`,
    rows,
    runs,
    sinkRowsPerSecond: Math.round(sink),
    copyRowsPerSecond: Math.round(copy),
    ratio: Number((sink / copy).toFixed(2)),
    sinkCpuMicrosecondsPerRow: Number(((median(sinks.map((one) => one.cpuSeconds)) / rows) * 1e6).toFixed(2)),
    sinkSeconds: sinks.map((one) => Number(one.seconds.toFixed(2))),
    copySeconds: copies.map((one) => Number(one.toFixed(2))),
  };
}

function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

async function main(): Promise<void> {
  const results: Record<string, unknown>[] = [];
  const servers = [startEmbedded, ...(TIMESCALE_URL === undefined ? [] : [async () => serverAt(TIMESCALE_URL as string, 'timescale', async () => undefined)])];
  for (const start of servers) {
    const server = await start();
    results.push(await bench(server, option('runs', 5), option('rows', 400_000)));
    await server.stop();
  }
  console.table(results.map(({ server, sinkRowsPerSecond, copyRowsPerSecond, ratio, sinkCpuMicrosecondsPerRow }) => ({ server, 'sink rows/s': sinkRowsPerSecond, [`${hasPsql ? '\\copy' : 'COPY'} rows/s`]: copyRowsPerSecond, ratio, 'CPU µs/row': sinkCpuMicrosecondsPerRow })));
  if (TIMESCALE_URL === undefined) console.log('NETWEAVER_TEST_TIMESCALE_URL names no TimescaleDB: measured without.');
  console.log(JSON.stringify({ bench: 'sink', node: process.version, cpu: cpus()[0].model, cpus: cpus().length, rival: hasPsql ? 'psql \\copy, text' : 'COPY from node, text', results }));
}

void main();
