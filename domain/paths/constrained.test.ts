/** Paths under constraints against the enumeration of all paths. */
import { constrainedPaths, leastCostWithin, type Waypoint } from './constrained';
import { PathGraph } from './graph';
import { allPaths, costOf, isPath, randomGraph } from './testing/reference';
import { seeded } from '../simulate/random';

const random = seeded(77);
const whole = (below: number): number => Math.floor(random() * below);

test('the cheapest path within a bound, the k cheapest, through nodes, without arcs: as of all paths', () => {
  let found = 0;
  let dearer = 0;
  for (let i = 0; i < 600; i++) {
    const { graph } = randomGraph(random, 2 + whole(6), whole(14), [1, 20, 1000][i % 3]);
    const [source, target] = [whole(graph.nodes), whole(graph.nodes)];
    if (source === target) continue;
    const latency = Array.from({ length: graph.arcs }, () => whole(12));
    const maxLatency = whole(40);
    const banned = new Set(Array.from({ length: 2 }, () => whole(graph.arcs)));
    const include = Array.from({ length: whole(4) }, (): Waypoint => (random() < 0.7 ? { nodes: new Set([whole(graph.nodes)]) } : { arcs: new Set([whole(graph.arcs), whole(graph.arcs)]) }));
    const allowed = (arc: number): boolean => !banned.has(arc);
    const sum = (arcs: readonly number[]): number => arcs.reduce((all, arc) => all + latency[arc], 0);
    const passes = (arcs: readonly number[]): boolean => include.every(({ nodes, arcs: some }) => nodes?.has(source) === true || arcs.some((arc) => nodes?.has(graph.to[arc]) === true || some?.has(arc) === true));
    const all = allPaths(graph, source, target).filter(({ arcs }) => arcs.every(allowed));
    const within = all.filter(({ arcs }) => sum(arcs) <= maxLatency);
    for (const k of [1, 3]) {
      for (const [wanted, constraints] of [
        [all, { allowed }],
        [within, { allowed, latency, maxLatency }],
        [all.filter(({ arcs }) => passes(arcs)), { allowed, include }],
        [within.filter(({ arcs }) => passes(arcs)), { allowed, include, latency, maxLatency }],
      ] as const) {
        const { paths, proven } = constrainedPaths(graph, source, target, k, constraints);
        expect(proven).toBe(true);
        expect(paths.map(({ cost }) => cost)).toEqual(wanted.slice(0, k).map(({ cost }) => cost));
        for (const { arcs, cost } of paths) {
          expect([isPath(graph, arcs, source, target), arcs.every(allowed), costOf(graph, arcs)]).toEqual([true, true, cost]);
          if ('latency' in constraints) expect(sum(arcs)).toBeLessThanOrEqual(maxLatency);
        }
      }
    }
    if (within.length > 0) found++;
    if (within.length > 0 && within[0].cost > all[0].cost) dearer++;
  }
  expect(found).toBeGreaterThan(100);
  expect(dearer).toBeGreaterThan(10);
});

test('a network where the number of paths doubles with every step is answered by labels', () => {
  const steps = 40;
  const arcs = Array.from({ length: steps }, (_, i) => [{ from: i, to: i + 1, cost: 1 }, { from: i, to: i + 1, cost: 2 }]).flat();
  const graph = new PathGraph(steps + 1, arcs);
  // What is cheap is slow.
  const latency = Array.from(graph.cost, (cost) => (cost === 1 ? 2 : 1));
  expect(leastCostWithin(graph, 0, steps, latency, 1.5 * steps)?.cost).toBe(1.5 * steps);
  expect(leastCostWithin(graph, 0, steps, latency, steps - 1)).toBeNull();
});

test('a dear and fast way to a node is kept beside a cheap and slow one', () => {
  const graph = new PathGraph(3, [{ from: 0, to: 1, cost: 1 }, { from: 0, to: 1, cost: 2 }, { from: 1, to: 2, cost: 1 }, { from: 1, to: 2, cost: 10 }]);
  expect(leastCostWithin(graph, 0, 2, [5, 1, 10, 1], 11)).toEqual({ cost: 3, arcs: [1, 2] });
});

test('a search that ends at its limit says so', () => {
  const arcs = Array.from({ length: 12 }, (_, i) => [{ from: i, to: i + 1, cost: 1 }, { from: i, to: i + 1, cost: 2 }]).flat();
  const graph = new PathGraph(14, arcs);
  expect(constrainedPaths(graph, 0, 12, 2, { include: [{ nodes: new Set([13]) }] }, 64)).toEqual({ paths: [], proven: false });
  expect(constrainedPaths(graph, 0, 12, 1, { include: [{ nodes: new Set([13]) }] })).toEqual({ paths: [], proven: true });
});

test('a way that would come back over where it was is led around, as often as needed', () => {
  // 0 to 3 by way of 4: its only cheap way there and back is over 1; 2 has a dear one.
  const graph = new PathGraph(5, [[0, 1, 1], [1, 0, 1], [1, 4, 1], [4, 1, 1], [1, 3, 1], [4, 2, 5], [2, 3, 5]].map(([from, to, cost]) => ({ from, to, cost })));
  expect(constrainedPaths(graph, 0, 3, 1, { include: [{ nodes: new Set([4]) }] })).toMatchObject({ paths: [{ cost: 12 }], proven: true });
});

test.each([
  ['no number', { latency: [1], maxLatency: NaN }],
  ['a negative bound', { latency: [1], maxLatency: -1 }],
  ['a bound without latencies', { maxLatency: 5 }],
  ['more to pass than it takes', { include: Array.from({ length: 9 }, () => ({ nodes: new Set([0]) })) }],
])('refuses %s', (_, constraints) => expect(() => constrainedPaths(new PathGraph(2, [{ from: 0, to: 1, cost: 1 }]), 0, 1, 1, constraints)).toThrow(RangeError));
