/** Topology and measurements of links for tests, from what a test cares about. */
import { eventOf, snapshot } from '../../../domain/topology/differences';
import { device, elementKey, link, networkInterface, type Element, type End } from '../../../domain/topology/elements';
import { NO_POLICY } from '../../../domain/paths/policy';
import { encodeLinkMetrics, encodePathPolicy, encodeTopologyEvent, encodeTopologyState, type LinkMetrics, type PathPolicy, type TopologyEvent, type TopologyState } from '../../../schemas';
import { HOUR } from './flows';

const ELEMENT: TopologyState = {
  element: '', id: '', time: HOUR, source: 'file:test', up: null, address: null, site: null, latitude: null, longitude: null, ifIndex: null, bitsPerSecond: null,
  a: null, aInterface: null, b: null, bInterface: null, latencyMs: null, metric: null, metricBack: null, riskGroups: '', prefixes: '', attributes: {},
};
const SCHEMA_ID = 1;

/** A value of topology.state. */
export const elementValue = (element: string, id: string, of: Partial<TopologyState> = {}): Buffer => encodeTopologyState({ ...ELEMENT, element, id, ...of }, SCHEMA_ID);

/** A value of links.metrics. */
export const metricsValue = (link: string, of: Partial<LinkMetrics> = {}): Buffer => encodeLinkMetrics({ link, time: HOUR, latencyMs: null, jitterMs: null, lossRatio: null, utilisationRatio: null, ...of }, SCHEMA_ID);

/** A record of the only partition. */
interface Record {
  readonly partition: 0;
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly timestampMs: number;
}

const at = (key: string, value: Buffer, timestampMs: number): Record => ({ partition: 0, key: Buffer.from(key), value, timestampMs });
const LINKS = [['ab', 'a', 'b'], ['bc', 'b', 'c'], ['cd', 'c', 'd'], ['da', 'd', 'a'], ['ac', 'a', 'c']] as const;

/**
 * Events of four devices in a ring with one link across, as a snapshot and what follows: one link fails and comes back, a later snapshot
 * does not name an interface, one link is taken out; what is not known, out of date or no event. The interfaces are those whose counters are read elsewhere.
 */
export function network(): Record[] {
  const end = (device: string, name: string | null = null): End => ({ device, interface: name });
  const devices = ['a', 'b', 'c', 'd'].map((name, i) => device(name, { address: `192.0.2.${1 + i}`, prefixes: name === 'b' || name === 'd' ? '203.0.113.0/24' : '' }));
  const interfaces = [networkInterface('a', 'e1', { ifIndex: 1 }), networkInterface('b', 'e2', { ifIndex: 2 }), networkInterface('d', 'e9')];
  const links = LINKS.map(([id, a, b]) => (id === 'ab' ? link(id, end(a, 'e1'), end(b, 'e2'), { latencyMs: 5 }) : link(id, end(a), end(b), { latencyMs: 5 })));
  const one = (change: string, element: Element, time: number): TopologyEvent => ({ ...eventOf({ change: 'changed', element }, 'file:test', time), change });
  const [, bc, , , ac] = links;
  const events = [
    ...snapshot([...devices, ...interfaces, ...links], 'file:test', HOUR),
    one('down', bc, HOUR + 200_000), one('maintenance', { ...bc, attributes: { ticket: '7' } }, HOUR + 300_000), one('up', bc, HOUR + 100_000), one('up', bc, HOUR + 400_000),
    ...snapshot([...devices, ...interfaces.slice(0, 2), ...links], 'file:test', HOUR + 450_000), one('removed', ac, HOUR + 500_000),
  ];
  return [...events.map((event) => at(elementKey(event), encodeTopologyEvent(event, SCHEMA_ID), Math.max(event.time, HOUR))), at('device/z', Buffer.from('no event'), HOUR + 560_000)];
}

/** A value of policies. */
export const policyValue = (name: string, of: Partial<PathPolicy> = {}): Buffer => encodePathPolicy({ ...NO_POLICY, name, time: HOUR, ...of }, SCHEMA_ID);

/** Policies of its paths: one of latency alone with a backup, one that asks for what there is not, later changed, later taken out. */
export const policies = (): Record[] => [
  at('quick', policyValue('quick', { sources: 'a', targets: 'c', latencyWeight: 1, disjoint: 'link' }), HOUR + 90_000),
  at('around', policyValue('around', { sources: 'b', prefixes: '203.0.113.0/24', avoidDevices: 'd', includeDevices: 'c', maxLatencyMs: 1 }), HOUR + 150_000),
  at('around', policyValue('around', { sources: 'b', targets: 'd', includeDevices: 'c', paths: 2 }), HOUR + 250_000),
  at('wrong', policyValue('wrong', { paths: 0 }), HOUR + 260_000),
  { ...at('quick', Buffer.alloc(0), HOUR + 420_000), value: null },
];

/** Measurements of its links every twenty seconds for ten minutes: one slow, one losing, one filling up. */
export function measurements(): Record[] {
  const records: Record[] = [];
  for (let i = 0; i < 30; i++) {
    const time = HOUR + 1000 + i * 20_000;
    for (const [id] of LINKS) {
      const value = metricsValue(id, { time, latencyMs: id === 'cd' ? 60 + i : 10, lossRatio: id === 'da' && i > 10 ? 0.01 : 0, utilisationRatio: id === 'ac' ? Math.min(0.95, i / 20) : 0.1 });
      records.push(at(id, value, time));
    }
  }
  records.push(at('ab', Buffer.from('no measurement'), HOUR + 2));
  return records;
}
