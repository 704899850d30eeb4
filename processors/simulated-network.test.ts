import { NetworkSimulation } from '../domain/simulate/network-simulation';
import { shapedNetwork } from '../domain/simulate/shapes';
import { numberedAddress } from '../domain/simulate/wired-network';
import { elementKey } from '../domain/topology/elements';
import { decodeRouteChange, encodeLinkMetrics, encodeTopologyEvent, type RouteChange } from '../schemas';
import { LINKS_STATE, ROUTES_CHANGES, TOPOLOGY_STATE } from '../topics';
import { linkState } from './link-state';
import { pathRecompute } from './path-recompute';
import { Driver, DRIVER_SCHEMA_ID } from './runtime/driver';
import { topologyState } from './topology-state';

test('a simulated failure becomes other routes, none of which takes the link that failed', () => {
  const drivers = { topology: new Driver(topologyState, {}, 1), links: new Driver(linkState, {}, 1), paths: new Driver(pathRecompute, { initialMs: 0, shortMs: 0, longMs: 0, maxSources: 20 }, 1) };
  const routes: RouteChange[] = [];
  const downAt = new Map<string, number>();
  const drain = (time: number): void => {
    drivers.topology.commit();
    for (const { topic, key, value } of drivers.topology.outputs.splice(0)) if (topic === TOPOLOGY_STATE) drivers.links.feedTable(TOPOLOGY_STATE, key!, value, { timestampMs: time });
    drivers.links.commit();
    for (const { topic, key, value } of drivers.links.outputs.splice(0)) if (topic === LINKS_STATE) drivers.paths.feed(value, { timestampMs: time, key: key! });
    drivers.paths.commit();
    for (const { topic, value } of drivers.paths.outputs.splice(0)) if (topic === ROUTES_CHANGES) routes.push(decodeRouteChange(value));
  };
  const simulation = new NetworkSimulation(
    { elements: shapedNetwork('mesh', 16, 3), seed: 3, startMs: 1_700_000_000_000, rate: 20, addressOf: (device) => numberedAddress(10, 254, device), name: 'test', incidents: { link: 30, device: 0, crowd: 0, attack: 0 } },
    {
      events: (events) => {
        for (const event of events) {
          drivers.topology.feed(encodeTopologyEvent(event, DRIVER_SCHEMA_ID), { timestampMs: event.time, key: Buffer.from(elementKey(event)) });
          if (event.change === 'down') downAt.set(event.id, event.time);
          drain(event.time);
        }
      },
      metrics: (all) => {
        for (const one of all) drivers.links.feed(encodeLinkMetrics(one, DRIVER_SCHEMA_ID), { timestampMs: one.time, key: Buffer.from(one.link) });
        if (all.length > 0) drain(all[0].time);
      },
      states: () => undefined, counters: () => undefined, datagram: () => undefined, truth: () => undefined,
    },
  );
  simulation.begin();
  for (let i = 0; i < 3000; i++) simulation.step();
  simulation.end();
  const moved = routes.filter(({ reason }) => reason === 'link-down');
  expect(moved.length).toBeGreaterThan(3);
  for (const { link, oldPath, newPath } of moved) {
    expect([...downAt.keys()]).toContain(link);
    expect(oldPath.map((hop) => hop.link)).toContain(link);
    expect(newPath.length).toBeGreaterThan(0);
    expect(newPath.map((hop) => hop.link)).not.toContain(link);
  }
});
