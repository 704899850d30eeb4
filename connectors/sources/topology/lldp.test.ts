import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { loadConfiguration } from '../../../infra/config/load';
import type { TopologyEvent } from '../../../schemas';
import { snmpSection } from '../snmp/settings';
import { deviceWith, TestAgent, type AgentValue } from '../snmp/testing/agent';
import { COMMUNITY, HAS_SNMPD, startSnmpd } from '../snmp/testing/snmpd';
import { LldpSource } from './lldp';
import { LldpNetwork } from './lldp-network';
import type { LldpReading } from './lldp-reading';
import type { TopologyMetrics } from './metrics';
import { topologySection } from './settings';
import { lldpValues, passPersist, type LldpDevice } from './testing/lldp-agent';

const MAC = 4, PORT_MAC = 3, NAME = 5, LOCAL = 7;
/** r1 knows the port of r2 by its address, r2 itself has a name for it; sw is not asked. */
const R1: LldpDevice = {
  chassis: [MAC, '\x02\x01\x00\x00\x00\x01'], name: 'r1', ports: { 1: { id: [NAME, 'eth1'] }, 2: { id: [NAME, 'eth2'] } },
  neighbours: [{ local: 1, chassis: [MAC, '\x02\x01\x00\x00\x00\x02'], port: [PORT_MAC, '\x02\x02\x00\x00\x00\x07'], name: 'r2.example.net' }, { local: 2, chassis: [MAC, '\x02\x01\x00\x00\x00\x03'], port: [LOCAL, '17'], description: 'Port 17', name: 'sw/1' }],
};
const R2: LldpDevice = {
  chassis: [MAC, '\x02\x01\x00\x00\x00\x02'], name: 'r2', ports: { 7: { id: [PORT_MAC, '\x02\x02\x00\x00\x00\x07'], description: 'eth4' } },
  neighbours: [{ local: 7, chassis: [MAC, '\x02\x01\x00\x00\x00\x01'], port: [NAME, 'eth1'], name: 'r1' }],
};

let events: TopologyEvent[];
let errors: string[];
let source: LldpSource | null = null;
let rounds = 0;
const metrics = { received: () => rounds++, sent: () => undefined, error: (code: string) => errors.push(code), discarded: () => undefined, elements: () => undefined } as unknown as TopologyMetrics;

/** The test's own limit ends it otherwise. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

function start(devices: object, community = 'public'): void {
  process.env.LLDP_TEST_COMMUNITY = community;
  const config = loadConfiguration({
    sections: [snmpSection, topologySection], environment: {},
    sets: [`snmp.devices=${JSON.stringify(devices)}`, 'snmp.credentials={"default":{"community":"env:LLDP_TEST_COMMUNITY"}}', 'snmp.timeoutMs=500', 'snmp.retries=1', 'snmp.maxBackoffSeconds=1', 'topology.lldpSeconds=1'],
  });
  source = new LldpSource({ snmp: config.get(snmpSection), settings: config.get(topologySection), sink: { write: (written) => Promise.resolve(void events.push(...written)) }, metrics, logger: pino({ enabled: false }), fail: (error) => { throw error; } });
  source.start();
}

beforeEach(() => void ([events, errors, rounds] = [[], [], 0]));
afterEach(async () => {
  await source?.stop();
  source = null;
});

const told = (): string[] => events.map(({ change, element, id }) => `${change} ${element}/${id}`);

test('the neighbours of two devices make one network, each link named once from both ends', async () => {
  const agents = await Promise.all([TestAgent.start(), TestAgent.start()]);
  const hold = (agent: TestAgent, device: LldpDevice, interfaces: number[]): void => agent.hold({ ...deviceWith(interfaces), ...lldpValues(device) });
  hold(agents[0], R1, [1, 2]);
  hold(agents[1], R2, [4]);
  try {
    start({ one: { address: '127.0.0.1', exporter: '192.0.2.1', port: agents[0].port }, two: { address: '127.0.0.1', exporter: '192.0.2.2', port: agents[1].port } });
    await until(() => events.length > 0);
    expect(told()).toEqual([
      'present device/r1', 'present device/r2', 'present device/sw-1', 'present interface/r1/eth1', 'present interface/r1/eth2', 'present interface/r2/eth4',
      'present link/r1:eth1--r2:eth4', 'present link/r1:eth2--sw-1:Port 17', 'complete snapshot/',
    ]);
    expect(events[0]).toMatchObject({ source: 'lldp:snmp', address: '192.0.2.1' });
    expect(events[4]).toMatchObject({ ifIndex: 2, bitsPerSecond: 1e9, up: true });
    expect(events[6]).toMatchObject({ a: 'r1', aInterface: 'eth1', b: 'r2', bInterface: 'eth4', up: true, bitsPerSecond: 1e9 });
    // The cable is pulled: neither end hears the other any more.
    events.length = 0;
    hold(agents[0], { ...R1, neighbours: R1.neighbours.slice(1) }, [1, 2]);
    hold(agents[1], { ...R2, neighbours: [] }, [4]);
    await until(() => events.length > 0);
    expect(told()).toEqual(['down link/r1:eth1--r2:eth4']);
    // A device that does not answer keeps what it said.
    events.length = 0;
    await agents[0].stop();
    await until(() => errors.length >= 2);
    expect(events).toEqual([]);
    expect(source!.devicesFailing).toBe(1);
  } finally {
    await Promise.all([agents[0].stop().catch(() => undefined), agents[1].stop()]);
  }
}, 60_000);

test('a device that never answers holds the first statement back only until it was asked', async () => {
  const agent = await TestAgent.start();
  agent.hold({ ...deviceWith([]), ...lldpValues(R2) } as Record<string, AgentValue>);
  try {
    start({ one: { address: '127.0.0.1', port: 9 }, two: { address: '127.0.0.1', port: agent.port } });
    await until(() => events.length > 0);
    expect(told()).toEqual(['present device/r1', 'present device/r2', 'present link/r1:eth1--r2:eth4', 'complete snapshot/']);
  } finally {
    await agent.stop();
  }
}, 60_000);

describe('what devices tell together', () => {
  const port = (name: string, key = name): { key: string; name: string } => ({ key, name });
  const reading = (systemName: string, more: Partial<LldpReading> = {}): LldpReading => ({ chassis: `4 ${systemName}`, systemName, ports: [], neighbours: [], interfaces: [], ...more });
  const ids = ({ elements }: ReturnType<LldpNetwork['elements']>): string[] => elements.map(({ element, id, up }) => `${element}/${id}${up === false ? ' down' : ''}`);

  test('one device that is asked at two addresses is one, two of one name are two', () => {
    const network = new LldpNetwork(1000);
    network.answered('x', '192.0.2.1', reading('r'), 0);
    network.answered('y', '192.0.2.2', reading('r'), 0);
    network.answered('z', '192.0.2.3', reading('r', { chassis: '4 other' }), 0);
    const found = network.elements(0);
    expect([ids(found), found.counts]).toEqual([['device/r', 'device/r#192.0.2.3'], { 'duplicate-device': 1 }]);
  });

  test('a link that is told no more is down, then forgotten; so is a device that answers no more', () => {
    const network = new LldpNetwork(1000);
    const neighbour = { local: port('e1'), chassis: '4 b', systemName: 'b', port: port('e2') };
    network.answered('x', '192.0.2.1', reading('a', { neighbours: [neighbour] }), 0);
    expect(ids(network.elements(0))).toEqual(['device/a', 'device/b', 'link/a:e1--b:e2']);
    network.answered('x', '192.0.2.1', reading('a'), 500);
    expect(ids(network.elements(500))).toEqual(['device/a', 'device/b', 'link/a:e1--b:e2 down']);
    expect(ids(network.elements(1200))).toEqual(['device/a']);
    expect(ids(network.elements(1600))).toEqual([]);
  });

  test('a neighbour without any name is counted, and a device that hears itself has no link', () => {
    const network = new LldpNetwork(1000);
    network.answered('x', '192.0.2.1', reading('a', { neighbours: [{ local: port('e1'), chassis: '', systemName: '', port: port('') }, { local: port('e1'), chassis: '4 a', systemName: 'a', port: port('e2') }] }), 0);
    const found = network.elements(0);
    expect([ids(found), found.counts]).toEqual([['device/a'], { 'neighbour-without-name': 1 }]);
  });
});

const whenSnmpd = HAS_SNMPD ? describe : describe.skip;
whenSnmpd('real agents (needs snmpd)', () => {
  test('two of them, with LLDP-MIB by pass_persist, tell of their link', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nw-lldp-'));
    const agents = [await startSnmpd(21_611, [passPersist(folder, R1)]), await startSnmpd(21_612, [passPersist(folder, R2)])];
    try {
      start({ one: { address: '127.0.0.1', exporter: '192.0.2.1', port: 21_611 }, two: { address: '127.0.0.1', exporter: '192.0.2.2', port: 21_612 } }, COMMUNITY);
      await until(() => events.length > 0);
      expect(told().filter((line) => !line.includes('interface/'))).toEqual(['present device/r1', 'present device/r2', 'present device/sw-1', 'present link/r1:eth1--r2:eth4', 'present link/r1:eth2--sw-1:Port 17', 'complete snapshot/']);
      // Its own interfaces are those of this machine.
      expect(told()).toContain('present interface/r1/lo');
    } finally {
      await source!.stop();
      for (const agent of agents) await agent.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
