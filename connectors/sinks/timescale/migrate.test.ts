import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flavourOf, migrate } from './migrate';
import { onEachDatabase, type Server, type TestDatabase } from './testing/databases';

const TABLES = ['flow_records', 'interface_metrics', 'device_metrics', 'link_latency_metrics', 'devices', 'interfaces', 'links', 'routing_events', 'predictions', 'anomalies', 'sink_offsets'];
const VIEWS = ['flows_5m', 'interfaces_1h', 'devices_1d', 'traffic_by_interface', 'traffic_by_prefix', 'traffic_by_host', 'device_health_current'];

onEachDatabase('migrations', (start, flavour) => {
  let server: Server;
  let db: TestDatabase;
  const folders: string[] = [];
  const copyOfMigrations = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'nw-migrations-'));
    folders.push(folder);
    cpSync(join(__dirname, 'migrations'), folder, { recursive: true });
    return folder;
  };
  const rows = async (sql: string) => (await db.pool.query(sql)).rows as Record<string, unknown>[];
  beforeAll(async () => void (server = await start()));
  afterAll(async () => {
    await server?.stop();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
  beforeEach(async () => void (db = await server.database()));
  afterEach(async () => db.drop());

  it('make every table and view once, and nothing the second time', async () => {
    const first = await migrate(db.pool);
    expect(first.flavour).toBe(flavour);
    expect(first.applied.length).toBeGreaterThan(3);
    for (const name of [...TABLES, ...VIEWS]) expect(await rows(`SELECT count(*)::int AS n FROM ${name}`)).toEqual([{ n: 0 }]);
    await expect(migrate(db.pool)).resolves.toEqual({ flavour, applied: [] });
    await expect(flavourOf(db.pool)).resolves.toBe(flavour);
  });

  it('run once when several processes start together', async () => {
    const results = await Promise.all([migrate(db.pool), migrate(db.pool), migrate(db.pool)]);
    expect(results.map(({ applied }) => applied.length > 0).sort()).toEqual([false, false, true]);
  });

  it('refuse to go on where an applied file was changed, or is gone', async () => {
    const folder = copyOfMigrations();
    await migrate(db.pool, folder);
    appendFileSync(join(folder, '0001-bookkeeping.sql'), '\n-- afterthought\n');
    await expect(migrate(db.pool, folder)).rejects.toMatchObject({ code: 'NW_MIGRATION_DRIFT', message: expect.stringContaining('0001-bookkeeping.sql') as string });
    rmSync(join(folder, '0001-bookkeeping.sql'));
    await expect(migrate(db.pool, folder)).rejects.toMatchObject({ code: 'NW_MIGRATION_DRIFT' });
  });

  it('leave nothing of a file that fails, and go on from there when it is right', async () => {
    const folder = copyOfMigrations();
    writeFileSync(join(folder, '0099-more.sql'), 'CREATE TABLE half (a integer); SELECT nonsense();');
    await expect(migrate(db.pool, folder)).rejects.toMatchObject({ code: 'NW_DATABASE_REFUSED', message: expect.stringContaining('0099-more.sql') as string });
    expect(await rows(`SELECT to_regclass('half') AS half`)).toEqual([{ half: null }]);
    writeFileSync(join(folder, '0099-more.sql'), 'CREATE TABLE half (a integer);');
    await expect(migrate(db.pool, folder)).resolves.toEqual({ flavour, applied: ['0099-more.sql'] });
  });

  it('index flows by source, by destination and by interface, each with time', async () => {
    await migrate(db.pool);
    const found = await rows(`SELECT indexdef FROM pg_indexes WHERE tablename = 'flow_records' AND indexdef LIKE '%btree%' ORDER BY indexname`);
    expect(found.map(({ indexdef }) => /\((.*)\)/.exec(indexdef as string)?.[1])).toEqual(['dst_addr, "time" DESC', 'exporter, in_if, "time" DESC', 'src_addr, "time" DESC']);
  });

  it('tell how the devices are', async () => {
    await migrate(db.pool);
    if (flavour === 'native') await db.pool.query(`SELECT ensure_partitions('device_metrics', ARRAY[now(), now() - interval '1 day'])`);
    await db.pool.query(`INSERT INTO devices (address, first_seen, last_seen) SELECT ('10.0.0.' || n)::inet, now(), now() FROM generate_series(1, 5) AS n`);
    await db.pool.query(`INSERT INTO device_metrics (time, device, cpu_percent, memory_percent) VALUES
      (now() - interval '1 minute', '10.0.0.1', 99, 1), (now(), '10.0.0.1', 20, 30), (now(), '10.0.0.2', 85, 10), (now(), '10.0.0.3', 5, 97), (now() - interval '20 minutes', '10.0.0.4', 1, 1)`);
    expect(await rows('SELECT host(device) AS device, cpu_percent, status FROM device_health_current ORDER BY device')).toEqual([
      { device: '10.0.0.1', cpu_percent: 20, status: 'ok' },
      { device: '10.0.0.2', cpu_percent: 85, status: 'warning' },
      { device: '10.0.0.3', cpu_percent: 5, status: 'critical' },
      { device: '10.0.0.4', cpu_percent: 1, status: 'stale' },
      { device: '10.0.0.5', cpu_percent: null, status: 'unknown' },
    ]);
  });

  if (flavour === 'timescale') {
    it('set chunks, compression, retention and continuous aggregates', async () => {
      await migrate(db.pool);
      expect(await rows(`SELECT hypertable_name AS name, time_interval::text AS chunk FROM timescaledb_information.dimensions WHERE hypertable_name IN ('flow_records', 'interface_metrics', 'device_metrics', 'link_latency_metrics') ORDER BY 1`)).toEqual([
        { name: 'device_metrics', chunk: '1 day' },
        { name: 'flow_records', chunk: '01:00:00' },
        { name: 'interface_metrics', chunk: '1 day' },
        { name: 'link_latency_metrics', chunk: '1 day' },
      ]);
      const jobs = await rows(`SELECT proc_name, config FROM timescaledb_information.jobs WHERE hypertable_name = 'flow_records' ORDER BY 1`);
      expect(jobs.find((job) => job.proc_name === 'policy_compression')?.config).toMatchObject({ compress_after: '7 days' });
      expect(jobs.find((job) => job.proc_name === 'policy_retention')?.config).toMatchObject({ drop_created_before: '90 days' });
      expect(await rows(`SELECT view_name, materialized_only FROM timescaledb_information.continuous_aggregates ORDER BY 1`)).toEqual([
        { view_name: 'devices_1d', materialized_only: false },
        { view_name: 'flows_5m', materialized_only: false },
        { view_name: 'interfaces_1h', materialized_only: false },
      ]);
      expect(await rows(`SELECT count(*)::int AS n FROM timescaledb_information.jobs WHERE proc_name = 'policy_refresh_continuous_aggregate'`)).toEqual([{ n: 3 }]);
    });
  } else {
    it('make hourly partitions on demand, once each, in any order and for any year', async () => {
      await migrate(db.pool);
      const ensure = async (...times: string[]) => (await db.pool.query<{ made: number }>(`SELECT ensure_partitions('flow_records', $1) AS made`, [times])).rows[0].made;
      expect(await ensure('2008-02-03 04:59:59.999Z', '2008-02-03 04:00Z', '2026-01-01 00:00Z')).toBe(2);
      expect(await ensure('2008-02-03 04:30Z', '2008-02-03 05:00Z')).toBe(1);
      expect(await rows(`SELECT partition_name FROM native_partitions WHERE table_name = 'flow_records' ORDER BY from_time`)).toEqual([
        { partition_name: 'flow_records_20080203t04' },
        { partition_name: 'flow_records_20080203t05' },
        { partition_name: 'flow_records_20260101t00' },
      ]);
    });

    it('drop a partition when it is older than its table keeps it, by the time since it was made', async () => {
      await migrate(db.pool);
      await db.pool.query(`SELECT ensure_partitions('flow_records', ARRAY['2008-02-03 04:00Z', '2008-02-03 05:00Z']::timestamptz[])`);
      expect(await rows('SELECT drop_expired_partitions() AS dropped')).toEqual([{ dropped: 0 }]);
      await db.pool.query(`UPDATE native_partitions SET created_at = now() - interval '90 days 1 minute' WHERE partition_name = 'flow_records_20080203t04'`);
      expect(await rows('SELECT drop_expired_partitions() AS dropped')).toEqual([{ dropped: 1 }]);
      expect(await rows(`SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'flow_records'::regclass`)).toEqual([{ name: 'flow_records_20080203t05' }]);
    });
  }
});
