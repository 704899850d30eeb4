import { createHash } from 'node:crypto';
import { ShortestPaths } from '../paths/shortest-paths';
import { encodeInterfaceCounters, encodeInterfaceState, encodeLinkMetrics, encodeTopologyEvent, type InterfaceCounters, type InterfaceState, type LinkMetrics, type TopologyEvent } from '../../schemas';
import { parseAttack } from './attacks';
import { PROTOCOLS } from './exporter';
import { NetworkSimulation, type NetworkOptions } from './network-simulation';
import { SHAPES, shapedNetwork } from './shapes';
import { numberedAddress, WiredNetwork } from './wired-network';

const addressOf = (device: number): string => numberedAddress(10, 254, device);

interface Collected {
  readonly simulation: NetworkSimulation;
  readonly events: TopologyEvent[];
  readonly counters: InterfaceCounters[];
  readonly metrics: LinkMetrics[];
  readonly truth: Record<string, unknown>[];
  readonly digest: string;
}

function run(more: Partial<NetworkOptions> = {}, steps = 1205): Collected {
  const hash = createHash('sha256');
  const events: TopologyEvent[] = [];
  const counters: InterfaceCounters[] = [];
  const metrics: LinkMetrics[] = [];
  const truth: Record<string, unknown>[] = [];
  const keep = <T>(into: T[], bytes: (one: T) => string | Buffer) => (all: readonly T[]): void => {
    for (const one of all) hash.update(bytes(one));
    into.push(...all);
  };
  const states: InterfaceState[] = [];
  const options = { elements: shapedNetwork('mesh', 16, 3), seed: 3, startMs: 1_700_000_000_000, rate: 50, addressOf, name: 'test', incidents: { link: 10, device: 30, crowd: 0, attack: 0 }, ...more };
  const simulation = new NetworkSimulation(options, {
    events: keep(events, (one) => encodeTopologyEvent(one, 1)), counters: keep(counters, (one) => encodeInterfaceCounters(one, 1)),
    metrics: keep(metrics, (one) => encodeLinkMetrics(one, 1)), states: keep(states, (one) => encodeInterfaceState(one, 1)),
    datagram: (device, datagram) => void hash.update(`${device}`).update(datagram),
    truth: (line) => keep(truth, JSON.stringify)([line as Record<string, unknown>]),
  });
  simulation.begin();
  for (let i = 0; i < steps; i++) simulation.step();
  simulation.end();
  return { simulation, events, counters, metrics, truth, digest: hash.digest('hex') };
}

describe.each(SHAPES)('a network of the shape %s', (shape) => {
  test.each([10, 37, 1000])('of %d devices is connected, without loops and doubles', (nodes) => {
    const network = new WiredNetwork(shapedNetwork(shape, nodes, 1), addressOf);
    expect(network.devices).toHaveLength(nodes);
    const paths = new ShortestPaths(network.graph);
    paths.run(0);
    expect([...paths.distance].every((distance) => distance < Infinity)).toBe(true);
    expect(network.links.every(({ a, b }) => a !== b)).toBe(true);
    expect(new Set(network.links.map(({ a, b }) => `${Math.min(a, b)}-${Math.max(a, b)}`)).size).toBe(network.links.length);
    const mean = (2 * network.links.length) / nodes;
    if (shape === 'ring') expect(mean).toBe(2);
    if (shape === 'tree') expect(network.links).toHaveLength(nodes - 1);
    if (shape === 'random') expect(mean).toBeCloseTo(4, 0);
  });
});

test('equal seeds give equal bytes, other seeds others', () => {
  const all = { formats: PROTOCOLS, ipv6: 0.3, incidents: { link: 10, device: 30, crowd: 30, attack: 30 } };
  const first = run(all, 605);
  expect(run(all, 605).digest).toBe(first.digest);
  expect(run({ ...all, seed: 4 }, 605).digest).not.toBe(first.digest);
});

test('what an interface sends is what the far end receives, and the rates of the truth add up to the counters', () => {
  const { simulation, truth, counters } = run({ incidents: { link: 10, device: 0, crowd: 0, attack: 0 }, attacks: [parseAttack('flash-crowd@20+30')] });
  const { devices, links } = simulation.network;
  const last = new Map(counters.map((one) => [`${one.device}/${one.ifIndex}`, one]));
  const sums = new Map<string, [number, number]>();
  for (const line of truth) {
    if (line.kind !== 'rates') continue;
    for (const [link, [ahead, back]] of Object.entries(line.bitsPerSecond as Record<string, [number, number]>)) {
      const [was, wasBack] = sums.get(link) ?? [0, 0];
      sums.set(link, [was + (ahead * (line.seconds as number)) / 8, wasBack + (back * (line.seconds as number)) / 8]);
    }
  }
  let carried = 0;
  for (const { id, a, b, aIndex, bIndex, element } of links) {
    const [near, far] = [last.get(`${devices[a].address}/${aIndex}`)!, last.get(`${devices[b].address}/${bIndex}`)!];
    expect([near.outOctets, near.inOctets]).toEqual([far.inOctets, far.outOctets]);
    expect([near.ifName, far.ifName]).toEqual([element.aInterface, element.bInterface]);
    carried += near.outOctets!;
    expect(Math.abs((sums.get(id)?.[0] ?? 0) - near.outOctets!)).toBeLessThan(100);
    expect(Math.abs((sums.get(id)?.[1] ?? 0) - near.inOctets!)).toBeLessThan(100);
  }
  expect(carried).toBeGreaterThan(1e6);
  // What comes in from hosts goes out to hosts.
  const hosts = simulation.edges.map((edge) => last.get(`${devices[edge].address}/1`)!);
  const sum = (value: (one: InterfaceCounters) => number): number => hosts.reduce((total, one) => total + value(one), 0);
  expect(sum(({ inOctets }) => inOctets!)).toBe(sum(({ outOctets }) => outOctets!));
});

test('every failure of the truth is an event, and the other way round; a link that is down carries nothing and is not measured', () => {
  const { events, truth, metrics } = run();
  const told = events.filter(({ change }) => change === 'down' || change === 'up').map(({ element, change, id, time }) => `${element}-${change} ${id} ${time}`);
  const true_ = truth.filter(({ kind }) => /^(link|device)-(down|up)$/.test(String(kind))).map(({ kind, id, time }) => `${String(kind)} ${String(id)} ${String(time)}`);
  expect(told).toEqual(true_);
  expect(told.length).toBeGreaterThan(10);
  for (const { id, time } of events.filter(({ change, element }) => change === 'down' && element === 'link')) {
    const up = events.find((event) => event.id === id && event.change === 'up' && event.time > time)?.time ?? Infinity;
    expect(metrics.filter((one) => one.link === id && one.time > time + 200 && one.time < up)).toEqual([]);
    for (const line of truth) if (line.kind === 'rates' && (line.time as number) - 10_000 > time + 200 && (line.time as number) < up) expect(Object.keys(line.bitsPerSecond as object)).not.toContain(id);
  }
});
