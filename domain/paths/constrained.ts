/**
 * Shortest paths under constraints: arcs to avoid, nodes or arcs to pass, a bound on the sum of latencies.
 *
 * The bound makes the problem NP-hard (Garey and Johnson, 1979, ND30), and so do the nodes to pass; on networks exact label-setting is fast enough. A label is a way to a node
 * with its cost, its latency and what it has passed; one that costs no less, takes no less and has passed no more than another at the same node is dropped (Hansen, 1980;
 * the resource-constrained form of Desrochers and Soumis, 1988). Least latencies to the target, computed first, drop what can no longer arrive in time. A way to
 * something that is to be passed may come back to where it was: then the search is made anew, with labels that remember these nodes
 * and do not come there twice, until the best way has no loop (Righini and Salani, 2008).
 */
import { PathGraph } from './graph';
import { KShortestPaths, type Path } from './k-shortest';
import { ShortestPaths } from './shortest-paths';

/** Something to pass: one of these nodes, or one of these arcs. */
export interface Waypoint {
  readonly nodes?: ReadonlySet<number>;
  readonly arcs?: ReadonlySet<number>;
}

/** What a path must keep to. */
export interface Constraints {
  /** False: the arc may not be used. */
  readonly allowed?: (arc: number) => boolean;
  /** What is to be passed, in any order; source and target count. At most {@link MOST_WAYPOINTS}. */
  readonly include?: readonly Waypoint[];
  /** Latency of each arc, at least 0, and the most that a path may sum up to; one unit for both. */
  readonly latency?: ArrayLike<number>;
  readonly maxLatency?: number;
}

/** What was found. */
export interface Constrained {
  /** By cost, at most as many as were asked for. */
  readonly paths: readonly Path[];
  /** False where the search ended at its limit: there may be cheaper or more paths. */
  readonly proven: boolean;
}

/** As many things to pass as a search takes. */
export const MOST_WAYPOINTS = 8;
/** Bits of a label: what it has passed, then the nodes where it must not come again. */
const MOST_BITS = 30;

/** A way to a node. */
interface Label {
  readonly node: number;
  readonly cost: number;
  readonly latency: number;
  readonly passed: number;
  readonly arc: number;
  readonly before: Label | null;
  dropped: boolean;
}

/** Labels that a search for one path makes at most. */
const MOST_LABELS = 500_000;

/** Searches of one graph under the same constraints. */
export class ConstrainedSearch {
  private readonly graph: PathGraph;
  private readonly include: readonly Waypoint[];
  /** Of each node and arc: bits of what is passed there. */
  private readonly nodeBits: Int32Array;
  private readonly arcBits: Int32Array;
  private readonly toTarget: ShortestPaths;
  /** Latencies as costs. */
  private readonly soonest: ShortestPaths | null;
  private preparedFor = -1;
  private labels = 0;

  /** @throws RangeError a bound without latencies, a bound that is no number of at least 0, more to pass than a search takes */
  constructor(graph: PathGraph, private readonly constraints: Constraints) {
    const { allowed, include = [], latency, maxLatency } = constraints;
    if (maxLatency !== undefined && (latency === undefined || !(maxLatency >= 0))) throw new RangeError(`a latency of at most ${maxLatency}: at least 0, with the latencies of the arcs`);
    if (include.length > MOST_WAYPOINTS) throw new RangeError(`${include.length} things to pass: at most ${MOST_WAYPOINTS}`);
    this.graph = allowed === undefined ? graph : graph.only(allowed);
    this.include = include;
    this.nodeBits = new Int32Array(graph.nodes);
    this.arcBits = new Int32Array(graph.arcs);
    include.forEach(({ nodes, arcs }, i) => {
      for (const node of nodes ?? []) this.nodeBits[node] |= 1 << i;
      for (const arc of arcs ?? []) this.arcBits[arc] |= 1 << i;
    });
    this.toTarget = new ShortestPaths(this.graph, true);
    this.soonest = maxLatency === undefined ? null : new ShortestPaths(timed(this.graph, latency!), true);
  }

  /**
   * At most `k` paths without loops by cost. One path is found by labels; more are gone through by cost (Yen's algorithm) and
   * those that do not keep to the constraints left out: `limit` of them are looked at.
   */
  find(source: number, target: number, k: number, limit = 4096): Constrained {
    const { graph, include } = this;
    if (include.length === 0 && this.soonest === null) return { paths: new KShortestPaths(graph).find(source, target, k), proven: true };
    if (k === 1) return this.one(source, target);
    const search = new KShortestPaths(graph);
    for (let count = Math.min(limit, Math.max(16, 4 * k)); ; count = Math.min(limit, 4 * count)) {
      const all = search.find(source, target, count);
      const paths = all.filter(({ arcs }) => this.keeps(source, arcs)).slice(0, k);
      if (paths.length === k || all.length < count || count === limit) return { paths, proven: paths.length === k || all.length < count };
    }
  }

  /** True where a path from a node keeps to what is to be passed and to the bound. */
  keeps(source: number, arcs: readonly number[]): boolean {
    const { latency, maxLatency } = this.constraints;
    let passed = this.nodeBits[source];
    for (const arc of arcs) passed |= this.nodeBits[this.graph.to[arc]] | this.arcBits[arc];
    return passed === this.all && (maxLatency === undefined || arcs.reduce((sum, arc) => sum + latency![arc], 0) <= maxLatency);
  }

  private get all(): number {
    return (1 << this.include.length) - 1;
  }

  private one(source: number, target: number): Constrained {
    if (this.preparedFor !== target) {
      this.toTarget.run(target);
      this.soonest?.run(target);
      this.preparedFor = target;
    }
    this.labels = 0;
    if (this.toTarget.distance[source] === Infinity) return { paths: [], proven: true };
    // Nodes where no label comes twice.
    const once: number[] = [];
    for (;;) {
      const way = this.way(source, target, once);
      if (way === 'limit') return { paths: [], proven: false };
      if (way === null) return { paths: [], proven: true };
      const twice = this.passedTwice(source, way.arcs);
      if (twice.length === 0) return { paths: [way], proven: true };
      if (once.length + twice.length + this.include.length > MOST_BITS) return { paths: [], proven: false };
      once.push(...twice);
    }
  }

  /** The way of least cost that keeps to the constraints and comes to no node of `once` twice; null where there is none. */
  private way(source: number, target: number, once: readonly number[]): Path | null | 'limit' {
    const { graph, nodeBits, arcBits, all } = this;
    const { latency, maxLatency = Infinity } = this.constraints;
    const { distance: costLeft } = this.toTarget;
    const onceBits = new Map(once.map((node, i) => [node, 1 << (this.include.length + i)]));
    const kept = new Map<number, Label[]>();
    const heap: Label[] = [];
    const bound = (label: Label): number => label.cost + costLeft[label.node];
    const add = (node: number, cost: number, took: number, passed: number, arc: number, before: Label | null): void => {
      if (costLeft[node] === Infinity || took + (this.soonest?.distance[node] ?? 0) > maxLatency) return;
      let here = kept.get(node);
      if (here === undefined) kept.set(node, (here = []));
      for (const other of here) if (isNoWorse(other, cost, took, passed, all)) return;
      const label: Label = { node, cost, latency: took, passed, arc, before, dropped: false };
      kept.set(node, [...here.filter((other) => !(other.dropped = isNoWorse(label, other.cost, other.latency, other.passed, all))), label]);
      push(heap, label, bound);
      this.labels++;
    };
    add(source, 0, 0, nodeBits[source] | (onceBits.get(source) ?? 0), -1, null);
    while (heap.length > 0) {
      const label = pop(heap, bound);
      if (label.dropped) continue;
      if (label.node === target && (label.passed & all) === all) return pathOf(label);
      if (this.labels > MOST_LABELS) return 'limit';
      for (let a = graph.first[label.node]; a < graph.first[label.node + 1]; a++) {
        if (graph.cost[a] === Infinity) continue;
        const to = graph.to[a];
        const mark = onceBits.get(to) ?? 0;
        if ((label.passed & mark) !== 0) continue;
        add(to, label.cost + graph.cost[a], latency === undefined ? 0 : label.latency + latency[a], label.passed | nodeBits[to] | arcBits[a] | mark, a, label);
      }
    }
    return null;
  }

  /** Nodes that a way comes to twice. */
  private passedTwice(source: number, arcs: readonly number[]): number[] {
    const seen = new Set([source]);
    const twice = new Set<number>();
    for (const arc of arcs) (seen.has(this.graph.to[arc]) ? twice : seen).add(this.graph.to[arc]);
    return [...twice];
  }
}

/** At most `k` paths without loops by cost within the constraints; see {@link ConstrainedSearch}. */
export const constrainedPaths = (graph: PathGraph, source: number, target: number, k: number, constraints: Constraints, limit?: number): Constrained => new ConstrainedSearch(graph, constraints).find(source, target, k, limit);

/** The least cost within a bound on another sum, both at least 0. Null where no path keeps to it. */
export const leastCostWithin = (graph: PathGraph, source: number, target: number, latency: ArrayLike<number>, maxLatency: number): Path | null => constrainedPaths(graph, source, target, 1, { latency, maxLatency }).paths[0] ?? null;

/** True where a label costs and takes no more, has passed all that is to be passed of the other, and of the nodes of once none that the other has not. */
const isNoWorse = ({ cost, latency, passed }: Label, otherCost: number, otherLatency: number, other: number, all: number): boolean =>
  cost <= otherCost && latency <= otherLatency && (passed & other & all) === (other & all) && (passed & ~other & ~all) === 0;

/** The same arcs, by the same numbers, with latencies as costs where they can be used. */
const timed = (graph: PathGraph, latency: ArrayLike<number>): PathGraph =>
  new PathGraph(graph.nodes, Array.from({ length: graph.arcs }, (_, arc) => ({ from: graph.from[arc], to: graph.to[arc], cost: graph.cost[arc] === Infinity ? Infinity : latency[arc] })));

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
