/** Paths under constraints against the enumeration of all paths. */
import { constrainedPaths, leastCostWithin } from './constrained';
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
    const include = random() < 0.5 ? [whole(graph.nodes)] : [];
    const allowed = (arc: number): boolean => !banned.has(arc);
    const sum = (arcs: readonly number[]): number => arcs.reduce((all, arc) => all + latency[arc], 0);
    const passes = (arcs: readonly number[]): boolean => include.every((node) => node === source || arcs.some((arc) => graph.to[arc] === node));
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
  expect(constrainedPaths(graph, 0, 12, 1, { include: [13] }, 64)).toEqual({ paths: [], proven: false });
});

test.each([
  ['no number', { latency: [1], maxLatency: NaN }],
  ['a negative bound', { latency: [1], maxLatency: -1 }],
  ['a bound without latencies', { maxLatency: 5 }],
])('refuses %s', (_, constraints) => expect(() => constrainedPaths(new PathGraph(2, [{ from: 0, to: 1, cost: 1 }]), 0, 1, 1, constraints)).toThrow(RangeError));
