import { COLLECTORS_HEALTH, DEVICES_METRICS, EXPORTERS_NAMES, FLOWS_UNIQUE, INTERFACES_COUNTERS, INTERFACES_STATE, PACKETS_DISCARDED, TRAFFIC_BY_INTERFACE } from '../../../topics';
import type { CollectorHealth, DiscardedPacket, ExporterName, InterfaceCounters, InterfaceState } from '../../../schemas';
import { NO_COUNTERS, NO_DEVICE_METRICS } from '../../../schemas/unknown';
import { batchOf, datagram, flow } from './testing/flows';
import { onEachDatabase, type Server, type TestDatabase } from './testing/databases';
import { Rig, until } from './testing/rig';

const noon = Date.UTC(2026, 0, 2, 12);
const HOUR = 3_600_000;
const state = (over: Partial<InterfaceState> = {}): InterfaceState => ({
  device: '192.0.2.10', ifIndex: 1, time: noon, source: 'SNMP', deviceName: 'core1', name: 'et1', alias: 'to Bern', description: 'Ethernet1', speed: 10e9, adminUp: true, operUp: true, ...over,
});
const options = (over: Partial<InterfaceState> = {}): InterfaceState => state({ source: 'OPTIONS', deviceName: '', name: 'Et1', alias: '', description: 'by options', speed: null, adminUp: null, operUp: null, ...over });
const counters = (over: Partial<InterfaceCounters> = {}): InterfaceCounters => ({ ...NO_COUNTERS, device: '192.0.2.10', ifIndex: 1, time: noon, source: 'SFLOW', ifName: 'port1', speed: 1e9, adminUp: true, operUp: true, inOctets: 1, outOctets: 2, ...over });

onEachDatabase('names', (start, flavour) => {
  let server: Server;
  let db: TestDatabase;
  let rig: Rig;
  beforeAll(async () => void (server = await start()));
  afterAll(async () => server?.stop());
  beforeEach(async () => {
    db = await server.database();
    rig = await Rig.open(db.url);
  });
  afterEach(async () => {
    await rig.close();
    await db.drop();
  });

  const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await db.pool.query<Record<string, unknown>>(sql)).rows;
  let records = 0;
  beforeEach(() => void (records = 0));
  /** Appends values and waits until they are stored, so that each call is a batch of its own. */
  async function put<T>(topic: Parameters<Rig['put']>[0], ...values: T[]): Promise<void> {
    await rig.put(topic, values as never[]);
    records += values.length;
    await until(async () => (await rows('SELECT coalesce(sum(next_offset), 0)::int AS n FROM sink_offsets').catch(() => [{ n: -1 }]))[0].n === records);
  }
  const named = async () => (await rows('SELECT name, alias, description, speed::float8 AS speed, admin_up, oper_up, named_by FROM interfaces'))[0];

  it('of interfaces: SNMP before options data before sFlow, however they come', async () => {
    await rig.sink();
    await put(INTERFACES_STATE, options({ source: 'SFLOW', name: 'port1', description: '', speed: 1e9, adminUp: true, operUp: false }));
    expect(await named()).toEqual({ name: 'port1', alias: null, description: null, speed: 1e9, admin_up: true, oper_up: false, named_by: 'SFLOW' });
    await put(INTERFACES_STATE, options({ time: noon + 1 }));
    expect(await named()).toEqual({ name: 'Et1', alias: null, description: 'by options', speed: 1e9, admin_up: true, oper_up: false, named_by: 'OPTIONS' });
    await put(INTERFACES_STATE, state({ time: noon + 2 }));
    expect(await named()).toEqual({ name: 'et1', alias: 'to Bern', description: 'Ethernet1', speed: 10e9, admin_up: true, oper_up: true, named_by: 'SNMP' });
    await put(INTERFACES_STATE, options({ time: noon + HOUR }), options({ source: 'SFLOW', time: noon + HOUR, operUp: false }));
    expect(await named()).toMatchObject({ name: 'et1', named_by: 'SNMP' });
  });

  it('of interfaces: the newest of the same source; an older one that comes late changes nothing', async () => {
    await rig.sink();
    await put(INTERFACES_STATE, state());
    await put(INTERFACES_STATE, state({ time: noon + HOUR, name: 'et1', alias: '', operUp: false }));
    await put(INTERFACES_STATE, state({ time: noon + 1, name: 'old', operUp: true }));
    expect(await named()).toMatchObject({ name: 'et1', alias: null, oper_up: false });
    expect(await rows('SELECT first_seen, last_seen FROM interfaces')).toEqual([{ first_seen: new Date(noon), last_seen: new Date(noon + HOUR) }]);
  });

  it('of interfaces: of several in one batch the best', async () => {
    await rig.put(INTERFACES_STATE, [state({ time: noon, alias: 'first' }), options({ time: noon + 5 }), state({ time: noon + 3, alias: 'second' }), state({ time: noon + 1, alias: 'late' })]);
    await rig.sink();
    await until(async () => (await rows('SELECT count(*)::int AS n FROM interfaces').catch(() => [{ n: 0 }]))[0].n === 1);
    expect(await named()).toMatchObject({ alias: 'second', named_by: 'SNMP' });
  });

  it('of interfaces: who was silent for a day gives way', async () => {
    await rig.sink();
    await put(INTERFACES_STATE, state());
    await put(INTERFACES_STATE, options({ time: noon + 24 * HOUR }));
    expect(await named()).toMatchObject({ named_by: 'SNMP' });
    await put(INTERFACES_STATE, options({ time: noon + 24 * HOUR + 1 }));
    expect(await named()).toMatchObject({ name: 'Et1', named_by: 'OPTIONS', speed: 10e9 });
  });

  it('of counters hold until somebody tells better; status is of the newest of all', async () => {
    await rig.sink();
    await put(INTERFACES_COUNTERS, counters());
    expect(await named()).toEqual({ name: 'port1', alias: null, description: null, speed: 1e9, admin_up: true, oper_up: true, named_by: null });
    await put(INTERFACES_STATE, state({ time: noon - HOUR, operUp: false }));
    expect(await named()).toEqual({ name: 'et1', alias: 'to Bern', description: 'Ethernet1', speed: 10e9, admin_up: true, oper_up: true, named_by: 'SNMP' });
    await put(INTERFACES_COUNTERS, counters({ time: noon + 1, operUp: false }));
    expect(await named()).toMatchObject({ name: 'et1', speed: 10e9, oper_up: false, named_by: 'SNMP' });
  });

  it('of an interface that went stay for the flows that passed it', async () => {
    await rig.sink();
    await put(INTERFACES_STATE, state());
    const name = 'interfaces.state';
    const producer = await rig.log.producer('tombstone');
    await producer.append([{ topic: name, partition: 0, key: Buffer.from('192.0.2.10/1'), value: null }]);
    await producer.close();
    await until(async () => (await rows('SELECT sum(next_offset)::int AS n FROM sink_offsets'))[0].n === 2);
    expect(await named()).toMatchObject({ name: 'et1' });
  });

  it('of devices: by states and by metrics, the newest', async () => {
    await rig.sink();
    const device = async () => (await rows(`SELECT name, description, object_id FROM devices WHERE address = '192.0.2.10'`))[0];
    await put(INTERFACES_STATE, state());
    expect(await device()).toEqual({ name: 'core1', description: null, object_id: null });
    await put(DEVICES_METRICS, { ...NO_DEVICE_METRICS, device: '192.0.2.10', time: noon + 1, name: 'core1.bern', description: 'A router', objectId: '1.3.6.1.4.1.9.1' });
    expect(await device()).toEqual({ name: 'core1.bern', description: 'A router', object_id: '1.3.6.1.4.1.9.1' });
    await put(DEVICES_METRICS, { ...NO_DEVICE_METRICS, device: '192.0.2.10', time: noon + 60_000, cpuPercent: 5 });
    await put(INTERFACES_STATE, state({ time: noon - HOUR, deviceName: 'old' }));
    expect(await device()).toEqual({ name: 'core1.bern', description: 'A router', object_id: '1.3.6.1.4.1.9.1' });
  });

  it('stand beside flows; a flow without names is there all the same', async () => {
    await rig.sink();
    await put(INTERFACES_STATE, state(), state({ ifIndex: 2, name: '', description: 'Vlan2', alias: '', speed: 1e9 }));
    await put(FLOWS_UNIQUE, batchOf([flow({ srcPort: 1, samplingRate: 100 }), flow({ srcPort: 2, inIf: 7, outIf: 0, samplingRate: 0 })]), batchOf([flow({ srcPort: 3 })], [datagram({ exporter: '198.51.100.1' })]), batchOf([flow({ srcPort: 4 })], [datagram({ exporter: '' })]));
    const found = await rows('SELECT src_port, exporter_name, in_if_name, in_if_alias, in_if_speed::float8 AS in_if_speed, out_if_name, bytes::int, bytes_scaled::int, packets_scaled::int FROM flows_named ORDER BY src_port');
    expect(found).toEqual([
      { src_port: 1, exporter_name: 'core1', in_if_name: 'et1', in_if_alias: 'to Bern', in_if_speed: 10e9, out_if_name: 'Vlan2', bytes: 1000, bytes_scaled: 100_000, packets_scaled: 1000 },
      { src_port: 2, exporter_name: 'core1', in_if_name: null, in_if_alias: null, in_if_speed: null, out_if_name: null, bytes: 1000, bytes_scaled: 1000, packets_scaled: 10 },
      { src_port: 3, exporter_name: null, in_if_name: null, in_if_alias: null, in_if_speed: null, out_if_name: null, bytes: 1000, bytes_scaled: 1000, packets_scaled: 10 },
      { src_port: 4, exporter_name: null, in_if_name: null, in_if_alias: null, in_if_speed: null, out_if_name: null, bytes: 1000, bytes_scaled: 1000, packets_scaled: 10 },
    ]);
  });

  it('stand beside the traffic of interfaces, with the share of their speed', async () => {
    await rig.sink();
    await put(INTERFACES_STATE, state());
    const window = { windowStart: noon, windowMs: 60_000, sourcePartition: 0 };
    await put(TRAFFIC_BY_INTERFACE, { ...window, rows: [{ exporter: '192.0.2.10', ifIndex: 1, direction: 0, bytes: 15e9, packets: 1, flows: 1 }, { exporter: '192.0.2.10', ifIndex: 9, direction: 1, bytes: 60, packets: 1, flows: 1 }] });
    expect(await rows('SELECT exporter_name, if_name, direction, bits_per_second::float8 AS bits, utilisation_ratio::float8 AS ratio FROM traffic_by_interface_named ORDER BY if_index')).toEqual([
      { exporter_name: 'core1', if_name: 'et1', direction: 0, bits: 2e9, ratio: 0.2 },
      { exporter_name: 'core1', if_name: null, direction: 1, bits: 8, ratio: null },
    ]);
  });

  it('what counters and devices tell besides is kept', async () => {
    await rig.sink();
    await put(INTERFACES_COUNTERS, counters({ uptimeSeconds: 99, discontinuity: true, fcsErrors: 3, opticsCelsius: 41.5, opticsReceivedMicrowatts: 480 }));
    await put(DEVICES_METRICS, { ...NO_DEVICE_METRICS, device: '192.0.2.10', time: noon, loadAverage: 1.5, memoryBytes: 2 ** 35, diskPercent: 70 });
    expect(await rows('SELECT in_octets::int, in_errors, uptime_seconds::int, discontinuity, fcs_errors::int, symbol_errors, optics_celsius, optics_received_microwatts::int AS received FROM interface_metrics')).toEqual([
      { in_octets: 1, in_errors: null, uptime_seconds: 99, discontinuity: true, fcs_errors: 3, symbol_errors: null, optics_celsius: 41.5, received: 480 },
    ]);
    // By the hour too, where on plain PostgreSQL that is made by ourselves.
    if (flavour === 'native') await rows('SELECT refresh_rollups()');
    else await db.pool.query("CALL refresh_continuous_aggregate('interfaces_1h', NULL, NULL)");
    expect(await rows('SELECT samples::int, in_octets_last::int AS in_octets, in_faults_last AS in_faults FROM interfaces_1h')).toEqual([{ samples: 1, in_octets: 1, in_faults: null }]);
    expect(await rows('SELECT load_average, memory_bytes::float8 AS memory, disk_percent, cpu_percent FROM device_metrics')).toEqual([{ load_average: 1.5, memory: 2 ** 35, disk_percent: 70, cpu_percent: null }]);
  });

  it('of samplers, VRFs and applications: the newest', async () => {
    await rig.sink();
    const name: ExporterName = { device: '192.0.2.10', kind: 'APPLICATION', id: '03000050', name: 'http', description: 'World Wide Web', time: noon };
    await put(EXPORTERS_NAMES, name, { ...name, kind: 'VRF', id: '7', name: 'customer-a', description: '' });
    await put(EXPORTERS_NAMES, { ...name, name: 'web', time: noon + 1 }, { ...name, name: 'older', time: noon - 1 });
    expect(await rows('SELECT host(device) AS device, kind, id, name, description, first_seen FROM exporter_names ORDER BY kind')).toEqual([
      { device: '192.0.2.10', kind: 'APPLICATION', id: '03000050', name: 'web', description: 'World Wide Web', first_seen: new Date(noon - 1) },
      { device: '192.0.2.10', kind: 'VRF', id: '7', name: 'customer-a', description: null, first_seen: new Date(noon) },
    ]);
  });

  it('what was lost stands beside the name of the exporter', async () => {
    await rig.sink();
    const health: CollectorHealth = {
      collector: 'a-collector', worker: 1, exporter: '192.0.2.10', protocol: 'ipfix', domain: 7, windowStart: noon, windowEnd: noon + 10_000, lastSeen: noon + 9_000, datagrams: 100, flows: 2800, receivedBytes: 140_000, lost: 56, lossUnit: 'RECORDS',
      lossRatio: 0.02, reordered: 1, duplicates: 2, restarts: 3, samplesLost: 4, samplesDropped: 5, refused: 6, kernelDrops: 7, queueDrops: 8, spoolDrops: 9, waiting: 10, givenUp: 11, templates: 12, templatesChanged: 13, samplingRate: 1000,
      samplingOrigin: 'options', faults: [{ code: 'truncated', count: 3 }, { code: 'bad_length', count: 1 }],
    };
    await put(INTERFACES_STATE, state());
    await put(COLLECTORS_HEALTH, health, { ...health, exporter: '', protocol: '', lastSeen: 0, faults: [] });
    expect(await rows('SELECT exporter_name, protocol, domain::int, time, lost::int, loss_unit, loss_ratio, sampling_rate::int, sampling_origin, faults FROM collector_loss')).toEqual([
      { exporter_name: 'core1', protocol: 'ipfix', domain: 7, time: new Date(noon + 10_000), lost: 56, loss_unit: 'RECORDS', loss_ratio: 0.02, sampling_rate: 1000, sampling_origin: 'options', faults: { truncated: 3, bad_length: 1 } },
    ]);
    const [{ row }] = await rows('SELECT to_jsonb(h) AS row FROM collector_health h WHERE exporter IS NULL');
    expect(row).toMatchObject({
      collector: 'a-collector', worker: 1, protocol: null, last_seen: null, datagrams: 100, flows: 2800, bytes: 140_000, reordered: 1, duplicates: 2, restarts: 3, samples_lost: 4, samples_dropped: 5, refused: 6, kernel_drops: 7, queue_drops: 8,
      spool_drops: 9, waiting: 10, given_up: 11, templates: 12, templates_changed: 13, faults: null,
    });
  });

  it('discarded packets are kept with their reason', async () => {
    await rig.sink();
    const packet: DiscardedPacket = {
      device: '192.0.2.10', time: noon, inIf: 3, outIf: 0, reason: 289, reasonName: 'acl', drops: 12, srcAddr: '10.0.0.1', dstAddr: '', srcPort: 1, dstPort: 2, proto: 17, tcpFlags: 0, vlan: 5, length: 1500, queue: null, acl: 7, aclName: 'edge-in', function: '',
    };
    await put(PACKETS_DISCARDED, packet);
    expect(await rows('SELECT host(device) AS device, in_if::int, reason, reason_name, drops::int, host(src_addr) AS src, dst_addr, proto, vlan, length::int, queue, acl::int, acl_name, function FROM packets_discarded')).toEqual([
      { device: '192.0.2.10', in_if: 3, reason: 289, reason_name: 'acl', drops: 12, src: '10.0.0.1', dst_addr: null, proto: 17, vlan: 5, length: 1500, queue: null, acl: 7, acl_name: 'edge-in', function: null },
    ]);
  });
});
