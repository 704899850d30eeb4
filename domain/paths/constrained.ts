/**
 * Shortest paths under constraints: nodes and arcs to avoid, nodes to pass, a bandwidth that every arc must have, a bound on the sum of latencies.
 *
 * The bound makes the problem NP-hard (Garey and Johnson, 1979, ND30); on networks exact label-setting is fast enough: a label is a way to a node
 * with its cost and its latency, and one that costs no less and takes no less than another at the same node is dropped (Hansen, 1980;
 * the resource-constrained form of Desrochers and Soumis, 1988). Least latencies to the target, computed first, drop what can no longer arrive in time.
 */
import { PathGraph } from './graph';
import { KShortestPaths, type Path } from './k-shortest';
import { ShortestPaths } from './shortest-paths';

/** What a path must keep to. */
export interface Constraints {
  /** False: the arc may not be used. */
  readonly allowed?: (arc: number) => boolean;
  /** Nodes to pass, in any order. */
  readonly include?: readonly number[];
  /** Latency of each arc, at least 0, and the most that a path may sum up to; one unit for both. */
  readonly latency?: ArrayLike<number>;
  readonly maxLatency?: number;
}

/** What {@link constrainedPaths} found. */
export interface Constrained {
  /** By cost, at most as many as were asked for. */
  readonly paths: readonly Path[];
  /** False where the search ended at its limit: there may be cheaper or more paths. */
  readonly proven: boolean;
}

/** A way to a node. */
interface Label {
  readonly node: number;
  readonly cost: number;
  readonly latency: number;
  readonly arc: number;
  readonly before: Label | null;
  dropped: boolean;
}

/**
 * At most `k` paths without loops by cost within the constraints. One path under a bound, without nodes to pass, is found by labels; with nodes to pass, or more than one, paths are
 * gone through by cost (Yen's algorithm) and those that do not keep to the constraints left out: `limit` of them are looked at.
 * @throws RangeError a bound without latencies, a bound that is no number of at least 0
 */
export function constrainedPaths(graph: PathGraph, source: number, target: number, k: number, constraints: Constraints, limit = 4096): Constrained {
  const { allowed, include = [], latency, maxLatency } = constraints;
  if (maxLatency !== undefined && (latency === undefined || !(maxLatency >= 0))) throw new RangeError(`a latency of at most ${maxLatency}: at least 0, with the latencies of the arcs`);
  const left = allowed === undefined ? graph : graph.only(allowed);
  if (include.length === 0 && maxLatency === undefined) return { paths: new KShortestPaths(left).find(source, target, k), proven: true };
  if (k === 1 && include.length === 0) {
    const path = leastCostWithin(left, source, target, latency!, maxLatency!);
    return { paths: path === null ? [] : [path], proven: true };
  }
  const keeps = ({ arcs }: Path): boolean => {
    const on = new Set([source, ...arcs.map((arc) => left.to[arc])]);
    return include.every((node) => on.has(node)) && (maxLatency === undefined || sumOf(arcs, latency!) <= maxLatency);
  };
  const search = new KShortestPaths(left);
  for (let count = Math.min(limit, Math.max(16, 4 * k)); ; count = Math.min(limit, 4 * count)) {
    const all = search.find(source, target, count);
    const paths = all.filter(keeps).slice(0, k);
    if (paths.length === k || all.length < count || count === limit) return { paths, proven: paths.length === k || all.length < count };
  }
}

/** The least cost within a bound on another sum, both at least 0: label-setting, see the file's head. Null where no path keeps to it. */
export function leastCostWithin(graph: PathGraph, source: number, target: number, latency: ArrayLike<number>, most: number): Path | null {
  const leastLeft = leastSums(graph, target, latency);
  const costLeft = new ShortestPaths(graph, true);
  costLeft.run(target);
  if (leastLeft[source] > most) return null;
  const kept: Label[][] = [];
  const heap: Label[] = [];
  const bound = (label: Label): number => label.cost + costLeft.distance[label.node];
  const add = (label: Label): void => {
    if (label.latency + leastLeft[label.node] > most) return;
    const here = (kept[label.node] ??= []);
    for (const other of here) if (other.cost <= label.cost && other.latency <= label.latency) return;
    kept[label.node] = here.filter((other) => !(other.dropped = label.cost <= other.cost && label.latency <= other.latency));
    kept[label.node].push(label);
    push(heap, label, bound);
  };
  add({ node: source, cost: 0, latency: 0, arc: -1, before: null, dropped: false });
  while (heap.length > 0) {
    const label = pop(heap, bound);
    if (label.dropped) continue;
    if (label.node === target) return pathOf(label);
    for (let a = graph.first[label.node]; a < graph.first[label.node + 1]; a++) {
      if (graph.cost[a] === Infinity) continue;
      add({ node: graph.to[a], cost: label.cost + graph.cost[a], latency: label.latency + latency[a], arc: a, before: label, dropped: false });
    }
  }
  return null;
}

/** Least sums to a node over arcs of finite cost. */
function leastSums(graph: PathGraph, target: number, of: ArrayLike<number>): Float64Array {
  const other = new PathGraph(graph.nodes, Array.from({ length: graph.arcs }, (_, arc) => ({ from: graph.from[arc], to: graph.to[arc], cost: graph.cost[arc] === Infinity ? Infinity : of[arc] })));
  const search = new ShortestPaths(other, true);
  search.run(target);
  return search.distance;
}

const sumOf = (arcs: readonly number[], of: ArrayLike<number>): number => arcs.reduce((sum, arc) => sum + of[arc], 0);

function pathOf(label: Label): Path {
  const arcs: number[] = [];
  for (let at: Label | null = label; at !== null && at.before !== null; at = at.before) arcs.push(at.arc);
  return { cost: label.cost, arcs: arcs.reverse() };
}

function push(heap: Label[], label: Label, key: (label: Label) => number): void {
  let at = heap.length;
  heap.push(label);
  for (let parent = (at - 1) >> 1; at > 0 && key(heap[parent]) > key(label); parent = (at - 1) >> 1) {
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = label;
}

function pop(heap: Label[], key: (label: Label) => number): Label {
  const top = heap[0];
  const label = heap.pop()!;
  const { length } = heap;
  if (length === 0) return top;
  let at = 0;
  for (let child = 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && key(heap[child + 1]) < key(heap[child])) child++;
    if (key(heap[child]) >= key(label)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = label;
  return top;
}
