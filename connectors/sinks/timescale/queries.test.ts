import { createPool } from '../../../infra/database/pool';
import { FLOWS_UNIQUE, INTERFACES_STATE, TRAFFIC_BY_INTERFACE } from '../../../topics';
import { flowRate, interfaceRates, namedInterfaces, readOnly, topTalkers } from './queries';
import { batchOf, datagram, flow, NO_DETAIL } from './testing/flows';
import { onEachDatabase, type Server, type TestDatabase } from './testing/databases';
import { Rig, until } from './testing/rig';

onEachDatabase('queries', (start) => {
  let server: Server;
  let db: TestDatabase;
  let rig: Rig;
  beforeAll(async () => {
    server = await start();
    db = await server.database();
    rig = await Rig.open(db.url);
    const now = Date.now();
    const recent = (over: Parameters<typeof flow>[0]) => flow({ start: now - 2_000, end: now - 1_000, ...over });
    const long = Date.UTC(2008, 1, 3);
    await rig.put(FLOWS_UNIQUE, [
      batchOf(
        [
          recent({ srcAddr: '10.0.0.1', bytes: 100, packets: 50 }),
          recent({ srcAddr: '10.0.0.1', dstPort: 53, proto: 17, bytes: 50, packets: 1 }),
          recent({ srcAddr: '10.0.0.2', bytes: 10, samplingRate: 100, packets: 1, detail: { ...NO_DETAIL, srcCountry: 'DE', tunnel: 'VXLAN' } }),
          recent({ srcAddr: '2001:db8::1', bytes: 1, packets: 1 }),
          flow({ srcAddr: '10.9.9.9', bytes: 2 ** 52, samplingRate: 8, start: long, end: long }),
        ],
        [datagram({ receiveTime: now })],
      ),
    ]);
    const windowStart = Math.floor(now / 60_000) * 60_000 - 60_000;
    const row = { exporter: '192.0.2.10', ifIndex: 3, direction: 0, bytes: 600, packets: 60, flows: 1 };
    await rig.put(TRAFFIC_BY_INTERFACE, [0, 1].map((sourcePartition) => ({ windowStart, windowMs: 60_000, sourcePartition, rows: [row, { ...row, direction: 1, bytes: 60 }] })));
    await rig.put(TRAFFIC_BY_INTERFACE, [{ windowStart: windowStart - 60_000, windowMs: 60_000, sourcePartition: 0, rows: [{ ...row, bytes: 1e9 }] }]);
    await rig.put(TRAFFIC_BY_INTERFACE, [{ windowStart, windowMs: 300_000, sourcePartition: 0, rows: [{ ...row, bytes: 1e9 }] }]);
    const told = { device: '192.0.2.10', time: now, source: 'SNMP' as const, deviceName: 'core1', description: '', adminUp: true, operUp: true };
    await rig.put(INTERFACES_STATE, [{ ...told, ifIndex: 1, name: '', alias: '', description: 'Ethernet1', speed: 1e9 }, { ...told, ifIndex: 3, name: 'et3', alias: 'to Bern', speed: 1000 }]);
    await rig.sink();
    await until(async () => (await db.pool.query('SELECT count(*)::int AS n FROM interfaces').catch(() => ({ rows: [{ n: 0 }] }))).rows[0].n === 2);
    await until(async () => (await db.pool.query('SELECT count(*)::int AS n FROM traffic_by_interface_partials').catch(() => ({ rows: [{ n: 0 }] }))).rows[0].n === 6);
    await until(async () => (await db.pool.query('SELECT count(*)::int AS n FROM flow_records')).rows[0].n === 5);
  });
  afterAll(async () => {
    await rig?.close();
    await db?.drop();
    await server?.stop();
  });

  it('find the largest senders, scaled by sampling', async () => {
    expect(await topTalkers(db.pool, { by: ['src'], last: 300_000, limit: 2, unit: 'bytes' })).toEqual([
      { src: '10.0.0.2', bytes: 1000, packets: 100, flows: 1 },
      { src: '10.0.0.1', bytes: 150, packets: 51, flows: 2 },
    ]);
  });

  it('group by several fields and order by another unit', async () => {
    const talkers = await topTalkers(db.pool, { by: ['proto', 'dstPort'], last: 300_000, limit: 20, unit: 'flows' });
    expect(talkers).toEqual([
      { proto: 6, dstPort: 443, bytes: 1101, packets: 151, flows: 3 },
      { proto: 17, dstPort: 53, bytes: 50, packets: 1, flows: 1 },
    ]);
  });

  it('group by the names of exporters and interfaces, null where there is none', async () => {
    expect(await topTalkers(db.pool, { by: ['exporterName', 'inIfName', 'outIfName'], last: 300_000, limit: 20, unit: 'bytes' })).toEqual([{ exporterName: 'core1', inIfName: 'Ethernet1', outIfName: null, bytes: 1151, packets: 152, flows: 4 }]);
  });

  it('group by ends and tunnels', async () => {
    expect(await topTalkers(db.pool, { by: ['srcCountry', 'tunnel'], last: 300_000, limit: 20, unit: 'bytes' })).toEqual([
      { srcCountry: 'DE', tunnel: 'VXLAN', bytes: 1000, packets: 100, flows: 1 },
      { srcCountry: null, tunnel: null, bytes: 151, packets: 52, flows: 3 },
    ]);
  });

  it.each([['', [1, 3]], ['BERN', [3]], ['ethernet', [1]], ['core', [1, 3]], ['192.0.2.10', [1, 3]], ['nowhere', []], ["'", []]])('find interfaces by a part of a name: "%s"', async (like, indices) => {
    const found = await namedInterfaces(db.pool, { like, limit: 10 });
    expect(found.map(({ ifIndex }) => ifIndex)).toEqual(indices);
    if (like === 'BERN') expect(found).toEqual([{ exporter: '192.0.2.10', exporterName: 'core1', ifIndex: 3, ifName: 'et3', alias: 'to Bern', description: null, speed: 1000, adminUp: true, operUp: true, namedBy: 'SNMP', lastSeen: expect.any(Date) as Date }]);
  });

  it('reach back to old captures, exact beyond 2^53', async () => {
    const [first] = await topTalkers(db.pool, { by: ['src'], last: 'all', limit: 20, unit: 'bytes' });
    expect(first).toEqual({ src: '10.9.9.9', bytes: 2n ** 55n, packets: 80, flows: 1 });
  });

  it('give the rates of interfaces from the newest minute, over all partitions', async () => {
    expect(await interfaceRates(db.pool, { last: 600_000, limit: 10 })).toEqual([
      { exporter: '192.0.2.10', exporterName: 'core1', ifIndex: 3, ifName: 'et3', alias: 'to Bern', direction: 0, time: expect.any(Date) as Date, bitsPerSecond: 160, packetsPerSecond: 2, utilisationPercent: 16 },
      { exporter: '192.0.2.10', exporterName: 'core1', ifIndex: 3, ifName: 'et3', alias: 'to Bern', direction: 1, time: expect.any(Date) as Date, bitsPerSecond: 16, packetsPerSecond: 2, utilisationPercent: 1.6 },
    ]);
  });

  it('give the rate of flows', async () => {
    expect(await flowRate(db.pool, { last: 100_000 })).toEqual({ flowsPerSecond: 0.04, bitsPerSecond: (1151 * 8) / 100 });
  });

  it('run a statement of a person: read only, one, within a number of rows', async () => {
    expect(await readOnly(db.pool, 'SELECT n, n * 10.5 AS m FROM generate_series(1, 10) AS n;', 2)).toEqual({ columns: ['n', 'm'], rows: [{ n: 1, m: 10.5 }, { n: 2, m: 21 }], more: true });
    expect(await readOnly(db.pool, 'SELECT count(*) FROM flow_records', 5)).toEqual({ columns: ['count'], rows: [{ count: 5 }], more: false });
    expect((await readOnly(db.pool, 'EXPLAIN SELECT 1', 5)).rows).toHaveLength(1);
    for (const statement of ['DELETE FROM flow_records', 'WITH gone AS (DELETE FROM flow_records RETURNING 1) SELECT * FROM gone', 'SELECT 1; DELETE FROM flow_records', 'COMMIT', 'SELECT nonsense']) {
      await expect(readOnly(db.pool, statement, 5)).rejects.toMatchObject({ code: 'NW_DATABASE_REFUSED' });
    }
    expect((await readOnly(db.pool, 'SELECT count(*) FROM flow_records', 5)).rows).toEqual([{ count: 5 }]);
  });

  it('give up a statement that takes too long', async () => {
    const pool = createPool({ url: db.url, poolSize: 1, connectTimeoutMs: 5_000, applicationName: 'test', statementTimeoutMs: 100 });
    await expect(readOnly(pool, 'SELECT pg_sleep(60)', 5)).rejects.toMatchObject({ code: 'NW_DATABASE_REFUSED', message: expect.stringContaining('statement timeout') as string });
    await pool.end();
  });

  it('say when the database does not answer', async () => {
    const pool = createPool({ url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1, connectTimeoutMs: 5_000, applicationName: 'test' });
    await expect(topTalkers(pool, { by: ['src'], last: 'all', limit: 1, unit: 'bytes' })).rejects.toMatchObject({ code: 'NW_DATABASE_UNREACHABLE' });
    await pool.end();
  });
});
