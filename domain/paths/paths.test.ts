/** All algorithms against slow and obvious ones on random multigraphs: costs of zero, equal costs, links down, pieces. Whole costs, so sums are exact. */
import { join } from 'node:path';
import { disjointPair, groupDisjointPair } from './disjoint';
import { Distances, distancesOf } from './distances';
import { splitOf } from './equal-cost';
import { PathGraph } from './graph';
import { IncrementalTree } from './incremental';
import { KShortestPaths } from './k-shortest';
import { MaxFlow } from './max-flow';
import { ParallelDistances } from './parallel';
import { PointToPoint } from './point-to-point';
import { Repairs } from './repair';
import { NO_ARC, ShortestPaths } from './shortest-paths';
import { allPaths, costOf, distances, isPath, randomGraph } from './testing/reference';
import { seeded } from '../simulate/random';

const random = seeded(20_261);
const whole = (below: number): number => Math.floor(random() * below);
/** Costs all alike, as in a network, and uneven over nine decades. */
const LONGEST = [1, 20, 1000, 1_000_000_000];
const graphs = (count: number, nodes: number, links: number) => Array.from({ length: count }, (_, i) => randomGraph(random, 1 + whole(nodes), whole(links), LONGEST[i % LONGEST.length]));

describe('graph', () => {
  test.each([
    ['a node that it does not have', [{ from: 0, to: 2, cost: 1 }], 'nodes are 0 to 1'],
    ['a negative cost', [{ from: 0, to: 1, cost: -1 }], 'costs are at least 0'],
    ['no number', [{ from: 0, to: 1, cost: NaN }], 'costs are at least 0'],
  ])('refuses %s', (_, arcs, words) => expect(() => new PathGraph(2, arcs)).toThrow(words));

  test('refuses such a cost later too, and an arc that it does not have', () => {
    const graph = new PathGraph(2, [{ from: 0, to: 1, cost: 1 }]);
    expect(() => graph.setCost(0, NaN)).toThrow('costs are at least 0');
    expect(() => graph.setCost(1, 1)).toThrow('arcs are 0 to 0');
    expect(graph.cost[0]).toBe(1);
  });
});

test('shortest paths from and to every node, in buckets and in a heap', () => {
  for (const { graph } of graphs(80, 40, 160)) {
    const ahead = new ShortestPaths(graph);
    const back = new ShortestPaths(graph, true);
    const all = Array.from({ length: graph.nodes }, (_, source) => distances(graph, source));
    for (let v = 0; v < graph.nodes; v++) {
      ahead.run(v);
      back.run(v);
      expect([...ahead.distance]).toEqual(all[v]);
      expect([...back.distance]).toEqual(all.map((row) => row[v]));
      for (let w = 0; w < graph.nodes; w++) {
        const arcs: number[] = [];
        for (let a = ahead.arc[w]; a !== NO_ARC; a = ahead.arc[graph.from[a]]) arcs.unshift(a);
        if (ahead.distance[w] < Infinity) expect([isPath(graph, arcs, v, w), costOf(graph, arcs)]).toEqual([true, all[v][w]]);
        if (back.distance[w] < Infinity && w !== v) expect(graph.from[back.arc[w]]).toBe(w);
      }
    }
  }
});

test('costs that come to span more than the buckets, and costs that become alike, change nothing', () => {
  const { graph } = randomGraph(random, 60, 240, 10);
  const search = new ShortestPaths(graph);
  for (let i = 0; i < 400; i++) {
    graph.setCost(whole(graph.arcs), [0, Infinity, 1 + whole(5), 1 + whole(1_000_000_000)][i % 4]);
    search.run(i % graph.nodes);
    expect([...search.distance]).toEqual(distances(graph, i % graph.nodes));
  }
});

test('distances between all nodes, and as they are asked for', () => {
  for (const { graph } of graphs(10, 30, 90)) {
    const all = new Float64Array(graph.nodes * graph.nodes);
    distancesOf(graph, 0, graph.nodes, all);
    const lazy = new Distances(graph);
    for (let v = 0; v < graph.nodes; v++) expect([...all.subarray(v * graph.nodes, (v + 1) * graph.nodes)]).toEqual(distances(graph, v));
    expect(lazy.between(0, graph.nodes - 1)).toBe(all[graph.nodes - 1]);
    if (graph.arcs === 0) continue;
    graph.setCost(0, 0);
    expect([...lazy.from(0)]).toEqual(distances(graph, 0));
  }
});

test('distances between all nodes on two threads follow the costs', async () => {
  const { graph } = randomGraph(random, 90, 300, 1000);
  const all = new ParallelDistances(graph, 2, ['-r', join(__dirname, '../../tests/typescript.cjs')]);
  for (let i = 0; i < 3; i++) {
    await all.run();
    for (let v = 0; v < graph.nodes; v++) expect([...all.distances.subarray(v * graph.nodes, (v + 1) * graph.nodes)]).toEqual(distances(graph, v));
    for (let j = 0; j < 50; j++) graph.setCost(whole(graph.arcs), 1 + whole(100_000));
  }
  await all.close();
});

test('one path between two nodes', () => {
  for (const { graph } of graphs(60, 30, 90)) {
    const search = new PointToPoint(graph);
    for (let i = 0; i < 20; i++) {
      const [a, b] = [whole(graph.nodes), whole(graph.nodes)];
      const wanted = distances(graph, a)[b];
      expect(search.distance(a, b)).toBe(wanted);
      const path = search.path();
      if (wanted === Infinity) expect(path).toBeNull();
      else expect([isPath(graph, path!, a, b), costOf(graph, path!)]).toEqual([true, wanted]);
    }
  }
});

test('K shortest paths: the costs of all paths without loops, in order, each path once', () => {
  for (const { graph } of graphs(150, 7, 14)) {
    const search = new KShortestPaths(graph);
    for (const k of [0, 1, 2, 5, 500]) {
      const [a, b] = [whole(graph.nodes), whole(graph.nodes)];
      const paths = search.find(a, b, k);
      expect(paths.map(({ cost }) => cost)).toEqual(allPaths(graph, a, b).slice(0, k).map(({ cost }) => cost));
      expect(new Set(paths.map(({ arcs }) => arcs.join())).size).toBe(paths.length);
      for (const { cost, arcs } of paths) {
        expect([isPath(graph, arcs, a, b), costOf(graph, arcs)]).toEqual([true, cost]);
        expect(new Set([a, ...arcs.map((arc) => graph.to[arc])]).size).toBe(arcs.length + 1);
      }
    }
  }
});

test('a tree follows its graph through thousands of changes', () => {
  for (const { graph } of graphs(12, 40, 150)) {
    if (graph.arcs === 0) continue;
    const root = whole(graph.nodes);
    const tree = new IncrementalTree(graph, root);
    for (let i = 0; i < 400; i++) {
      const arc = whole(graph.arcs);
      const before = graph.cost[arc];
      const was = tree.distance.slice();
      graph.setCost(arc, [0, Infinity, 1 + whole(20), before, before * 2, Math.floor(before / 2)][whole(6)]);
      const changed = tree.update(arc, before);
      expect([...tree.distance]).toEqual(distances(graph, root));
      const named = new Set(tree.changed.subarray(0, changed));
      for (let v = 0; v < graph.nodes; v++) {
        if (tree.distance[v] !== was[v]) expect(named.has(v)).toBe(true);
        const last = tree.arc[v];
        if (v === root || tree.distance[v] === Infinity) expect(last).toBe(NO_ARC);
        else expect(tree.distance[graph.from[last]] + graph.cost[last]).toBe(tree.distance[v]);
      }
    }
  }
});

test('equal-cost paths: shares add up at every node, and only shortest paths carry', () => {
  for (const { graph } of graphs(100, 12, 30)) {
    const [a, b] = [whole(graph.nodes), whole(graph.nodes)];
    const weights = Array.from({ length: graph.arcs }, () => 1 + whole(9));
    const split = splitOf(graph, a, b, random() < 0.5 ? weights : null);
    if (distances(graph, a)[b] === Infinity) expect(split).toBeNull();
    else if (a !== b) {
      expect(split!.cost).toBe(distances(graph, a)[b]);
      const balance = new Array<number>(graph.nodes).fill(0);
      split!.arcs.forEach((arc, i) => {
        balance[graph.from[arc]] -= split!.shares[i];
        balance[graph.to[arc]] += split!.shares[i];
        expect(graph.cost[arc] + distances(graph, graph.to[arc])[b]).toBe(distances(graph, graph.from[arc])[b]);
      });
      balance.forEach((sum, v) => expect(sum).toBeCloseTo(v === a ? -1 : v === b ? 1 : 0, 9));
    }
  }
  const diamond = new PathGraph(4, [{ from: 0, to: 1, cost: 1 }, { from: 0, to: 2, cost: 1 }, { from: 0, to: 2, cost: 1 }, { from: 1, to: 3, cost: 1 }, { from: 2, to: 3, cost: 1 }]);
  expect(splitOf(diamond, 0, 3)).toMatchObject({ cost: 2, paths: 3, shares: [1 / 3, 1 / 3, 1 / 3, 1 / 3, 2 / 3] });
  expect(splitOf(diamond, 0, 3, [2, 1, 1, 1, 1])).toMatchObject({ shares: [0.5, 0.25, 0.25, 0.5, 0.5] });
});

test('two paths without a common link, or without a common risk group, are the cheapest of all pairs', () => {
  for (const { graph, linkOf } of graphs(150, 6, 11)) {
    const [a, b] = [whole(graph.nodes), whole(graph.nodes)];
    if (a === b) continue;
    const all = allPaths(graph, a, b);
    const groups = Array.from({ length: 40 }, () => (random() < 0.3 ? [whole(3)] : []));
    const groupsOf = (arc: number): number[] => [100 + linkOf[arc], ...groups[linkOf[arc]]];
    for (const [sets, pair] of [
      [(arc: number) => [linkOf[arc]], disjointPair(graph, a, b, linkOf)],
      [groupsOf, groupDisjointPair(graph, a, b, groupsOf, 4096).pair],
    ] as const) {
      let wanted = Infinity;
      for (const one of all) {
        const taken = new Set(one.arcs.flatMap(sets));
        for (const other of all) if (one.cost + other.cost < wanted && !other.arcs.flatMap(sets).some((set) => taken.has(set))) wanted = one.cost + other.cost;
      }
      expect(pair === null ? Infinity : pair[0].cost + pair[1].cost).toBe(wanted);
      if (pair === null) continue;
      const taken = new Set(pair[0].arcs.flatMap(sets));
      expect(pair[1].arcs.flatMap(sets).some((set) => taken.has(set))).toBe(false);
      for (const { arcs, cost } of pair) expect([isPath(graph, arcs, a, b), costOf(graph, arcs)]).toEqual([true, cost]);
    }
  }
});

test('greatest flow: the cut bounds it, and with links of one it is the number of paths without a common link', () => {
  for (const { graph } of graphs(100, 10, 30)) {
    const [a, b] = [whole(graph.nodes), whole(graph.nodes)];
    if (a === b) {
      expect(() => new MaxFlow(graph, graph.cost).between(a, b)).toThrow(RangeError);
      continue;
    }
    const capacity = Array.from({ length: graph.arcs }, () => whole(20));
    const { value, side, cut } = new MaxFlow(graph, capacity).between(a, b);
    expect([side.has(a), side.has(b)]).toEqual([true, false]);
    let across = 0;
    for (let arc = 0; arc < graph.arcs; arc++) if (graph.cost[arc] < Infinity && side.has(graph.from[arc]) && !side.has(graph.to[arc])) across += capacity[arc];
    // A flow is at most any cut: where they are equal, both are right.
    expect(value).toBe(across);
    expect(cut.reduce((sum, arc) => sum + capacity[arc], 0)).toBe(value);
  }
});

describe('repairs', () => {
  /** Where a packet goes: shortest paths of before, the failed link gone; null where it comes to the link. */
  const forward = (graph: PathGraph, linkOf: Int32Array, failed: number, from: number, to: number): boolean => {
    // Every shortest path must do, for nobody knows which is taken.
    const seen = new Set<number>();
    const walk = (v: number): boolean => {
      if (v === to || seen.has(v)) return true;
      seen.add(v);
      const left = distances(graph, v)[to];
      if (left === Infinity) return false;
      for (let a = graph.first[v]; a < graph.first[v + 1]; a++) {
        if (graph.cost[a] === Infinity || graph.cost[a] + distances(graph, graph.to[a])[to] !== left) continue;
        if (linkOf[a] === linkOf[failed] || !walk(graph.to[a])) return false;
      }
      return true;
    };
    return walk(from);
  };
  /** Without costs of zero, which no routing protocol has. */
  const networks = (count: number) => graphs(count, 9, 18).map(({ graph, linkOf }) => {
    for (let a = 0; a < graph.arcs; a++) if (graph.cost[a] === 0) graph.setCost(a, 1);
    return { graph, linkOf };
  });

  test('a loop-free alternate never brings a packet back to the link', () => {
    let found = 0;
    for (const { graph, linkOf } of networks(120)) {
      for (let failed = 0; failed < graph.arcs; failed++) {
        if (graph.from[failed] === graph.to[failed]) continue;
        const target = whole(graph.nodes);
        if (target === graph.from[failed]) continue;
        for (const { arc } of new Repairs(graph, linkOf).alternates(failed, target)) {
          found++;
          expect(forward(graph, linkOf, failed, graph.to[arc], target)).toBe(true);
        }
      }
    }
    expect(found).toBeGreaterThan(100);
  });

  test('segments lead along the path after convergence, or there is none', () => {
    let withSegments = 0;
    for (const { graph, linkOf } of networks(120)) {
      const repairs = new Repairs(graph, linkOf);
      for (let failed = 0; failed < graph.arcs; failed++) {
        const [s, target] = [graph.from[failed], whole(graph.nodes)];
        if (target === s || s === graph.to[failed]) continue;
        const left = graph.copy();
        for (let a = 0; a < graph.arcs; a++) if (linkOf[a] === linkOf[failed]) left.setCost(a, Infinity);
        const repair = repairs.postConvergence(failed, target);
        const wanted = distances(left, s)[target];
        if (wanted === Infinity) {
          expect(repair).toBeNull();
          continue;
        }
        expect(repair!.cost).toBe(wanted);
        expect(isPath(left, repair!.arcs, s, target)).toBe(true);
        if (repair!.segments.length > 0) withSegments++;
        let at = graph.to[repair!.arcs[0]];
        for (const segment of [...repair!.segments, { node: target }]) {
          if ('arc' in segment) {
            expect([graph.from[segment.arc], linkOf[segment.arc] === linkOf[failed]]).toEqual([at, false]);
            at = graph.to[segment.arc];
          } else {
            expect(forward(graph, linkOf, failed, at, segment.node)).toBe(true);
            at = segment.node;
          }
        }
      }
    }
    expect(withSegments).toBeGreaterThan(20);
  });
});
