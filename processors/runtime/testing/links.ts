/** Topology and measurements of links for tests, from what a test cares about. */
import { encodeLinkMetrics, encodeTopologyState, type LinkMetrics, type TopologyState } from '../../../schemas';
import { HOUR } from './flows';

const ELEMENT: TopologyState = {
  element: '', id: '', time: HOUR, source: 'file:test', up: null, address: null, site: null, latitude: null, longitude: null, ifIndex: null, bitsPerSecond: null,
  a: null, aInterface: null, b: null, bInterface: null, latencyMs: null, metric: null, metricBack: null, riskGroups: '', attributes: {},
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

const at = (key: string, value: Buffer | null, timestampMs: number): Record => ({ partition: 0, key: Buffer.from(key), value, timestampMs });
const LINKS = [['ab', 'a', 'b'], ['bc', 'b', 'c'], ['cd', 'c', 'd'], ['da', 'd', 'a'], ['ac', 'a', 'c']] as const;

/** Four devices in a ring with one link across; one link fails and comes back, and one is taken out. The interfaces are those whose counters are read elsewhere. */
export function network(): Record[] {
  const records = ['a', 'b', 'c', 'd'].map((name, i) => at(`device/${name}`, elementValue('device', name, { address: `192.0.2.${1 + i}` }), HOUR));
  for (const [device, name, ifIndex] of [['a', 'e1', 1], ['b', 'e2', 2]] as const) records.push(at(`interface/${device}/${name}`, elementValue('interface', `${device}/${name}`, { ifIndex }), HOUR));
  const link = (id: string, more: Partial<TopologyState> = {}): Buffer => {
    const [, a, b] = LINKS.find(([name]) => name === id)!;
    return elementValue('link', id, { a, b, latencyMs: 5, ...(id === 'ab' ? { aInterface: 'e1', bInterface: 'e2' } : {}), ...more });
  };
  for (const [id] of LINKS) records.push(at(`link/${id}`, link(id), HOUR));
  records.push(at('link/bc', link('bc', { up: false, time: HOUR + 200_000 }), HOUR + 200_000));
  records.push(at('link/bc', link('bc', { up: true, time: HOUR + 400_000 }), HOUR + 400_000));
  records.push(at('link/ac', null, HOUR + 500_000));
  return records;
}

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
