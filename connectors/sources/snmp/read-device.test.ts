import { speedOf } from './interfaces';
import type { PollError } from './poll-error';
import { readDevice, uptimeOf, type DeviceReading } from './read-device';
import { DeviceSession } from './session';
import { deviceWith, TestAgent, type AgentValue } from './testing/agent';

let agent: TestAgent;
beforeEach(async () => void (agent = await TestAgent.start()));
afterEach(() => agent.stop());

async function read(partial: (error: PollError) => void = (error) => { throw error; }): Promise<DeviceReading> {
  const session = new DeviceSession({ address: '127.0.0.1', port: agent.port, credentials: { community: 'public' }, timeoutMs: 1000, retries: 1, maxRepetitions: 20, maxRows: 100_000 });
  return readDevice(session, partial).finally(() => session.close());
}

const IF = '1.3.6.1.2.1.2.2.1';
const IFX = '1.3.6.1.2.1.31.1.1.1';

describe('interfaces', () => {
  it('have names, speed, status and counters of 64 bits', async () => {
    agent.hold(deviceWith([3, 10]));
    const { name, description, objectId, uptimeSeconds, interfaces } = await read();
    expect({ name, description, objectId, uptimeSeconds }).toEqual({ name: 'test-device', description: 'A test device', objectId: '1.3.6.1.4.1.99999.1', uptimeSeconds: 100 });
    expect(interfaces.map(({ ifIndex, operUp }) => [ifIndex, operUp])).toEqual([[3, false], [10, true]]);
    expect(interfaces[1]).toEqual({
      ifIndex: 10, name: 'eth10', alias: 'to customer 10', description: 'GigabitEthernet0/10', speed: 1e9, adminUp: true, operUp: true, discontinuityTime: 0,
      counters: {
        inOctets: 2 ** 40 + 6010, inUnicastPackets: 2 ** 40 + 7010, inMulticastPackets: 2 ** 40 + 8010, inBroadcastPackets: 2 ** 40 + 9010, inDiscards: 1310, inErrors: 1410, inUnknownProtocols: 1510,
        outOctets: 2 ** 40 + 10_010, outUnicastPackets: 2 ** 40 + 11_010, outMulticastPackets: 2 ** 40 + 12_010, outBroadcastPackets: 2 ** 40 + 13_010, outDiscards: 1910, outErrors: 2010,
      },
    });
  });

  it('of an agent older than ifXTable have counters of 32 bits', async () => {
    agent.hold(deviceWith([1], { high: false }));
    expect((await read()).interfaces).toEqual([{
      ifIndex: 1, name: '', alias: '', description: 'GigabitEthernet0/1', speed: 1e9, adminUp: true, operUp: false, discontinuityTime: 0,
      counters: {
        inOctets: 1001, inUnicastPackets: 1101, inMulticastPackets: 1201, inBroadcastPackets: null, inDiscards: 1301, inErrors: 1401, inUnknownProtocols: 1501,
        outOctets: 1601, outUnicastPackets: 1701, outMulticastPackets: 1801, outBroadcastPackets: null, outDiscards: 1901, outErrors: 2001,
      },
    }]);
  });

  it('each fall back by themselves; one that counts nothing has no counters; of 64 bits the low 53 are carried, exactly', async () => {
    const values: Record<string, AgentValue> = deviceWith([1, 2, 3]);
    for (let column = 6; column <= 13; column++) delete values[`${IFX}.${column}.2`];
    for (let column = 10; column <= 20; column++) delete values[`${IF}.${column}.3`];
    for (let column = 6; column <= 13; column++) delete values[`${IFX}.${column}.3`];
    values[`${IFX}.6.1`] = ['counter64', 2n ** 64n - 1n];
    values[`${IFX}.10.1`] = ['counter64', 2n ** 60n + 7n];
    agent.hold(values);
    const { interfaces } = await read();
    expect(interfaces.map(({ counters }) => counters?.inOctets)).toEqual([Number.MAX_SAFE_INTEGER, 1002, undefined]);
    expect(interfaces[0].counters?.outOctets).toBe(7);
  });

  it('of a large device are read whole', async () => {
    const indices = Array.from({ length: 5000 }, (_, i) => 2 * i + 1);
    agent.hold(deviceWith(indices));
    const { interfaces } = await read();
    expect(interfaces.map(({ ifIndex }) => ifIndex)).toEqual(indices);
    expect(interfaces.every(({ ifIndex, name, counters }) => name === `eth${ifIndex}` && counters!.outErrors === 2000 + ifIndex)).toBe(true);
  });

  it.each([[0, 10, 10e6], [4_294_967_295, 10_000, 10e9], [1_410_065_408, 10_000, 10e9], [155_520_000, 156, 155_520_000], [1_544_000, 2, 1_544_000], [1e9, 0, 1e9], [64_000, 0, 64_000]])('ifSpeed %d and ifHighSpeed %d are %d bit/s', (speed, high, expected) => {
    expect(speedOf(speed, high)).toBe(expected);
  });
});

describe('uptime', () => {
  const wrap = 2 ** 32 / 100;
  it.each([
    ['as sysUpTime says', 12_345, null, 123],
    ['as sysUpTime says, the engine being younger', 12_345_00, 12, 12_345],
    ['beyond the wrap of sysUpTime', 100_00, Math.floor(2 * wrap) + 110, Math.floor(2 * wrap) + 100],
    ['as sysUpTime says where the two have nothing to do with each other', 100_00, 30_000_000, 100],
    ['not known', null, 12, null],
  ])('%s', (_, ticks, engine, expected) => expect(uptimeOf(ticks, engine)).toBe(expected));
});

describe('health', () => {
  const health = async (values: Record<string, AgentValue>, objectId?: string) => {
    agent.hold({ ...deviceWith([1]), ...values, ...(objectId === undefined ? {} : { '1.3.6.1.2.1.1.2.0': ['oid', objectId] as const }) });
    return (await read()).health;
  };
  const nothing = { cpuPercent: null, memoryPercent: null, temperatureCelsius: null, sessions: null, loadAverage: null, memoryBytes: null, diskPercent: null };
  const storage = (i: number, type: string, unit: number, size: number, used: number): Record<string, AgentValue> => ({
    [`1.3.6.1.2.1.25.2.3.1.2.${i}`]: ['oid', `1.3.6.1.2.1.25.2.1.${type}`], [`1.3.6.1.2.1.25.2.3.1.4.${i}`]: ['integer', unit], [`1.3.6.1.2.1.25.2.3.1.5.${i}`]: ['integer', size], [`1.3.6.1.2.1.25.2.3.1.6.${i}`]: ['integer', used],
  });
  const sensor = (i: number, ...fields: number[]): Record<string, AgentValue> => Object.fromEntries(fields.map((value, column) => [`1.3.6.1.2.1.99.1.1.1.${column + 1}.${i}`, ['integer', value] as const]));

  it('is not known of a device that tells nothing', async () => expect(await health({})).toEqual(nothing));

  it('by HOST-RESOURCES-MIB: the mean of the processors, the largest memory, the fullest disk', async () => {
    const values = { ...storage(1, '2', 1024, 1000, 250), ...storage(2, '2', 1024, 100, 90), ...storage(31, '4', 4096, 100, 40), ...storage(32, '4', 4096, 1000, 800), ...storage(33, '4', 4096, 0, 0) };
    expect(await health({ ...values, '1.3.6.1.2.1.25.3.3.1.2.1': ['integer', 10], '1.3.6.1.2.1.25.3.3.1.2.2': ['integer', 40] })).toEqual({ ...nothing, cpuPercent: 25, memoryPercent: 25, memoryBytes: 1_024_000, diskPercent: 80 });
  });

  it('by UCD-SNMP-MIB: memory of buffers and caches is free', async () => {
    const ucd = { '11.11.0': 70, '10.1.5.1': 150, '4.5.0': 1000, '4.6.0': 100, '4.14.0': 200, '4.15.0': 300 };
    const values = Object.fromEntries(Object.entries(ucd).map(([oid, value]) => [`1.3.6.1.4.1.2021.${oid}`, ['integer', value] as const]));
    expect(await health(values)).toEqual({ ...nothing, cpuPercent: 30, loadAverage: 1.5, memoryPercent: 40, memoryBytes: 1_024_000 });
  });

  it('by ENTITY-SENSOR-MIB: the hottest that works, with its scale', async () => {
    expect(await health({ ...sensor(1, 8, 9, 0, 41, 1), ...sensor(2, 8, 8, 1, 455_000, 1), ...sensor(3, 8, 9, 0, 99, 2), ...sensor(4, 10, 9, 0, 5000, 1) })).toEqual({ ...nothing, temperatureCelsius: 45.5 });
  });

  it('of Cisco, Juniper, Fortinet and Palo Alto', async () => {
    const cisco = '1.3.6.1.4.1.9.9';
    expect(await health({ [`${cisco}.109.1.1.1.1.7.1`]: ['gauge32', 12], [`${cisco}.48.1.1.1.5.1`]: ['gauge32', 300], [`${cisco}.48.1.1.1.6.1`]: ['gauge32', 700], [`${cisco}.13.1.3.1.3.1004`]: ['gauge32', 38], [`${cisco}.147.1.2.2.2.1.5.40.6`]: ['gauge32', 77] }, '1.3.6.1.4.1.9.1.1')).toEqual({ ...nothing, cpuPercent: 12, memoryPercent: 30, temperatureCelsius: 38, sessions: 77 });
    const juniper = '1.3.6.1.4.1.2636.3.1.13.1';
    expect(await health({ [`${juniper}.8.9.1.0.0`]: ['gauge32', 22], [`${juniper}.8.2.1.0.0`]: ['gauge32', 0], [`${juniper}.11.9.1.0.0`]: ['gauge32', 61], [`${juniper}.7.9.1.0.0`]: ['gauge32', 55] }, '1.3.6.1.4.1.2636.1.1.1.2.29')).toEqual({ ...nothing, cpuPercent: 22, memoryPercent: 61, temperatureCelsius: 55 });
    const fortinet = '1.3.6.1.4.1.12356.101.4.1';
    expect(await health({ [`${fortinet}.3.0`]: ['gauge32', 5], [`${fortinet}.4.0`]: ['gauge32', 44], [`${fortinet}.8.0`]: ['gauge32', 12_000] }, '1.3.6.1.4.1.12356.101.1.1')).toEqual({ ...nothing, cpuPercent: 5, memoryPercent: 44, sessions: 12_000 });
    expect(await health({ '1.3.6.1.4.1.25461.2.1.2.3.3.0': ['integer', 900] }, '1.3.6.1.4.1.25461.2.3.1')).toEqual({ ...nothing, sessions: 900 });
  });

  it('that an agent fails at costs the health alone', async () => {
    agent.hold({ ...deviceWith([1]), '1.3.6.1.2.1.25.3.3.1.2.1': ['integer', 10] });
    const faults: string[] = [];
    agent.spoil = (answer) => {
      // genErr (RFC 3416 section 3) for the scalars of health, the last of which is cfwConnectionStatValue.
      const isHealth = answer.includes(Buffer.from('2b060104010909810301020202010528', 'hex').subarray(0, 6));
      if (!isHealth) return answer;
      const failed = Buffer.from(answer);
      failed[failed.indexOf(Buffer.of(2, 1, 0, 2, 1, 0)) + 2] = 5;
      return failed;
    };
    const reading = await read((error) => faults.push(error.fault));
    expect(reading.interfaces).toHaveLength(1);
    expect(reading.health).toEqual(nothing);
    expect(faults).toEqual(['agent_error']);
  });
});
