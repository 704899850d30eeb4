/** All algorithms on real networks: Topology Zoo, SNDlib, Rocketfuel and the AS level, against slow and obvious answers and ngraph.path. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import createGraph from 'ngraph.graph';
import { ROOT } from '../../infra/root';
import { readTopology } from '../topology/read';
import { constrainedPaths } from './constrained';
import { disjointPair, groupDisjointPair } from './disjoint';
import { distancesOf } from './distances';
import { splitOf } from './equal-cost';
import { PathGraph, type Arc } from './graph';
import { IncrementalTree } from './incremental';
import { KShortestPaths } from './k-shortest';
import { MaxFlow } from './max-flow';
import { PointToPoint } from './point-to-point';
import { Repairs } from './repair';
import { ShortestPaths } from './shortest-paths';
import { costOf, distances, isPath } from './testing/reference';
import { seeded } from '../simulate/random';

type Finder = (graph: object, options: { oriented: boolean; distance: (from: object, to: object, link: { data: number }) => number }) => { find(from: number, to: number): { id: number | string }[] };
/** Its types are those of a module that cannot be imported here, the program itself is not. */
const { nba } = jest.requireActual<{ nba: Finder }>('ngraph.path');

const DATASETS = resolve(ROOT, '../shared/datasets');
const random = seeded(6);
const whole = (below: number): number => Math.floor(random() * below);
const unzipped = (path: string): string => gunzipSync(readFileSync(path)).toString('utf8');
const files = (folder: string, end: string): string[] => (existsSync(join(DATASETS, folder)) ? readdirSync(join(DATASETS, folder)).filter((name) => name.endsWith(end)).map((name) => join(DATASETS, folder, name)) : []);

/** A network: links side by side, arc 2i and 2i + 1 as given are link i, or one arc a link. */
interface Real {
  readonly graph: PathGraph;
  readonly linkOf: Int32Array;
}

function compiled(arcs: readonly Arc[], nodes: number, perLink: number): Real {
  const graph = new PathGraph(nodes, arcs);
  const linkOf = new Int32Array(graph.arcs);
  arcs.forEach((_, i) => (linkOf[graph.arcOf[i]] = Math.floor(i / perLink)));
  return { graph, linkOf };
}

/** Costs are microseconds of latency; links without any, and one in twenty, cost nothing or all the same. */
function fromTopology(path: string): Real {
  const { elements } = readTopology(basename(path), unzipped(path));
  const number = new Map(elements.filter(({ element }) => element === 'device').map(({ id }, i) => [id, i]));
  const arcs = elements.filter(({ element }) => element === 'link').flatMap(({ a, b, latencyMs }): Arc[] => {
    const cost = random() < 0.05 ? 0 : Math.round((latencyMs ?? 1) * 1000);
    const [from, to] = [number.get(a!)!, number.get(b!)!];
    return [{ from, to, cost }, { from: to, to: from, cost }];
  });
  return compiled(arcs, number.size, 2);
}

/** Lines `from to cost`, directed. */
function fromLines(path: string, costIn: (text: string) => number): Real {
  const number = new Map<string, number>();
  const node = (name: string): number => number.get(name) ?? (number.set(name, number.size), number.size - 1);
  const arcs = unzipped(path).split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')).map((line): Arc => {
    const [from, to, cost] = line.trim().split(/\s+/);
    return { from: node(from), to: node(to), cost: costIn(cost) };
  });
  return compiled(arcs, number.size, 1);
}

/** Cost between two nodes by another program; of parallel links it is given the cheapest. */
function byNgraph(graph: PathGraph): (from: number, to: number) => number {
  const named = createGraph<undefined, number>();
  for (let v = 0; v < graph.nodes; v++) named.addNode(v);
  for (let a = 0; a < graph.arcs; a++) {
    const known = named.getLink(graph.from[a], graph.to[a]);
    if (known === null || known === undefined || known.data > graph.cost[a]) named.addLink(graph.from[a], graph.to[a], graph.cost[a]);
  }
  const finder = nba(named, { oriented: true, distance: (_from, _to, link) => link.data });
  return (from, to) => {
    if (from === to) return 0;
    const path = finder.find(from, to).map(({ id }) => Number(id)).reverse();
    if (path.length === 0) return Infinity;
    return path.slice(1).reduce((sum, v, i) => sum + named.getLink(path[i], v)!.data, 0);
  };
}

/** Checks everything from some sources to some targets. */
function check({ graph, linkOf }: Real, sources: number, targets: number): void {
  const tree = new ShortestPaths(graph);
  const back = new ShortestPaths(graph, true);
  const meeting = new PointToPoint(graph);
  const kShortest = new KShortestPaths(graph);
  const ones = new Float64Array(graph.arcs).fill(1);
  const flow = new MaxFlow(graph, ones);
  const oracle = byNgraph(graph);
  const repairs = new Repairs(graph, linkOf);
  const row = new Float64Array(graph.nodes);
  for (let i = 0; i < sources; i++) {
    const source = whole(graph.nodes);
    const wanted = distances(graph, source);
    tree.run(source);
    distancesOf(graph, source, source + 1, row);
    expect([...tree.distance]).toEqual(wanted);
    expect([...row]).toEqual(wanted);
    for (let j = 0; j < targets; j++) {
      const target = whole(graph.nodes);
      const cost = wanted[target];
      back.run(target);
      expect([meeting.distance(source, target), back.distance[source], oracle(source, target)]).toEqual([cost, cost, cost]);
      const paths = kShortest.find(source, target, 4);
      if (cost === Infinity) {
        expect([paths, disjointPair(graph, source, target, linkOf), splitOf(graph, source, target)]).toEqual([[], null, null]);
        expect(flow.between(source, target).value).toBe(0);
        continue;
      }
      expect(paths[0].cost).toBe(cost);
      if (source === target) continue;
      expect(new Set(paths.map(({ arcs }) => arcs.join())).size).toBe(paths.length);
      paths.forEach((path, k) => expect([isPath(graph, path.arcs, source, target), costOf(graph, path.arcs), k === 0 || path.cost >= paths[k - 1].cost]).toEqual([true, path.cost, true]));
      second(graph, source, target, paths.map(({ cost: of }) => of));
      expect(splitOf(graph, source, target)!.cost).toBe(cost);
      const { value, side, cut } = flow.between(source, target);
      expect([side.has(source), side.has(target), cut.length]).toEqual([true, false, value]);
      expect(reaches(graph, source, target, new Set(cut))).toBe(false);
      const pair = disjointPair(graph, source, target, linkOf);
      const grouped = groupDisjointPair(graph, source, target, (arc) => [linkOf[arc]], 64);
      if (pair !== null) {
        expect([costOf(graph, pair[0].arcs), costOf(graph, pair[1].arcs), pair[1].arcs.some((a) => pair[0].arcs.some((b) => linkOf[a] === linkOf[b]))]).toEqual([pair[0].cost, pair[1].cost, false]);
        if (grouped.proven) expect(grouped.pair![0].cost + grouped.pair![1].cost).toBe(pair[0].cost + pair[1].cost);
      } else expect(grouped.pair).toBeNull();
      const first = paths[0].arcs[0];
      const left = graph.copy();
      for (let a = 0; a < graph.arcs; a++) if (linkOf[a] === linkOf[first]) left.setCost(a, Infinity);
      expect(repairs.postConvergence(first, target)?.cost ?? Infinity).toBe(distances(left, source)[target]);
      const { paths: within } = constrainedPaths(graph, source, target, 1, { latency: ones, maxLatency: paths[0].arcs.length });
      expect([within[0].cost, within[0].arcs.length <= paths[0].arcs.length]).toEqual([cost, true]);
    }
    follow(graph.copy(), source);
  }
}

/** The second path is the best of those that leave out an arc of the first, where nodes of the first are not used twice: no dearer than any of them. */
function second(graph: PathGraph, source: number, target: number, costs: readonly number[]): void {
  const first = new KShortestPaths(graph).find(source, target, 1)[0];
  let best = Infinity;
  for (const arc of first.arcs) {
    const left = graph.copy();
    left.setCost(arc, Infinity);
    best = Math.min(best, new PointToPoint(left).distance(source, target));
  }
  expect(costs[1] ?? Infinity).toBe(best);
}

function reaches(graph: PathGraph, source: number, target: number, without: ReadonlySet<number>): boolean {
  const seen = new Set([source]);
  for (const v of seen) for (let a = graph.first[v]; a < graph.first[v + 1]; a++) if (!without.has(a) && graph.cost[a] < Infinity) seen.add(graph.to[a]);
  return seen.has(target);
}

/** A tree follows changes of its graph. */
function follow(graph: PathGraph, source: number): void {
  const tree = new IncrementalTree(graph, source);
  for (let i = 0; i < 12 && graph.arcs > 0; i++) {
    const arc = i % 2 === 0 && tree.arc[whole(graph.nodes)] >= 0 ? Math.max(0, tree.arc[whole(graph.nodes)]) : whole(graph.arcs);
    const before = graph.cost[arc];
    graph.setCost(arc, [Infinity, 0, before * 3, Math.floor(before / 2)][i % 4]);
    tree.update(arc, before);
    if (i % 3 === 2) expect([...tree.distance]).toEqual(distances(graph, source));
  }
}

const groups: readonly (readonly [string, readonly string[], (path: string) => Real, number, number])[] = [
  ['topology-zoo', files('topology-zoo/graphml', '.graphml.gz'), fromTopology, 2, 2],
  ['topology-sndlib', files('topology-sndlib', '.xml.gz'), fromTopology, 2, 3],
  ['topology-rocketfuel', files('topology-rocketfuel', '.gz'), (path) => fromLines(path, (cost) => Math.round(Number(cost) * 1000)), 2, 3],
  ['topology-aslevel', files('topology-aslevel', '.gz'), (path) => fromLines(path, () => 1), 1, 3],
];

for (const [folder, paths, read, sources, targets] of groups) {
  const whenThere = paths.length > 0 ? describe : describe.skip;
  whenThere(`${folder} (needs shared/datasets/${folder})`, () => {
    test(`every algorithm on ${paths.length} networks`, () => {
      for (const path of paths) {
        const network = read(path);
        try {
          check(network, sources, targets);
        } catch (error) {
          throw new Error(`${basename(path)}: ${(error as Error).message}`, { cause: error });
        }
      }
    }, 120_000);
  });
}
