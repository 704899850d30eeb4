import { FourAryHeap } from './heap';
import type { PathGraph } from './graph';
import { NO_ARC, ShortestPaths } from './shortest-paths';

/** A path: its arcs from source to target, and the sum of their costs. */
export interface Path {
  readonly cost: number;
  readonly arcs: readonly number[];
}

/** A way that leaves a known path: the path that it may give costs at least `bound`. */
interface Deviation {
  readonly bound: number;
  /** Arcs that it shares with the path that it leaves. */
  readonly prefix: readonly number[];
  readonly prefixCost: number;
  /** Where it leaves. */
  readonly at: number;
  /** Arcs that may not follow there. */
  readonly banned: readonly number[];
  /** The path, where it is known: then `bound` is its cost. */
  readonly path: readonly number[] | null;
}

/**
 * The K shortest paths without loops between two nodes: Yen's algorithm (Yen, 1971) with Lawler's modification (Lawler, 1972: a path
 * is left only from where it left another) and, for every detour, a search led by the exact distances to the target (A*).
 * Detours are lower bounds first: one is searched for only when it could be the next path, and where the tree of shortest
 * paths to the target does not meet the prefix, it is the answer (Feng, 2014, goes on from there too).
 */
export class KShortestPaths {
  private readonly toTarget: ShortestPaths;
  private readonly distance: Float64Array;
  private readonly arc: Int32Array;
  private readonly heap: FourAryHeap;
  private readonly touched: Int32Array;
  private touchedCount = 0;
  /** Nodes that a detour may not use: those that hold the number of the present detour. */
  private readonly blocked: Int32Array;
  private round = 0;

  constructor(readonly graph: PathGraph) {
    this.toTarget = new ShortestPaths(graph, true);
    this.distance = new Float64Array(graph.nodes).fill(Infinity);
    this.arc = new Int32Array(graph.nodes);
    this.heap = new FourAryHeap(graph.nodes);
    this.touched = new Int32Array(graph.nodes);
    this.blocked = new Int32Array(graph.nodes);
  }

  /** At most `k` paths by cost, fewer where there are no more; of equal cost, the one found first. A node has one path to itself, without arcs. */
  find(source: number, target: number, k: number): Path[] {
    if (source === target) return k > 0 ? [{ cost: 0, arcs: [] }] : [];
    const { toTarget } = this;
    toTarget.run(target);
    if (toTarget.distance[source] === Infinity) return [];
    const waiting: Deviation[] = [];
    const found: Path[] = [];
    push(waiting, { bound: toTarget.distance[source], prefix: [], prefixCost: 0, at: source, banned: [], path: this.along(source) });
    while (found.length < k && waiting.length > 0) {
      const next = pop(waiting);
      if (next.path === null) {
        const exact = this.detour(next, target);
        if (exact !== null) push(waiting, exact);
        continue;
      }
      found.push({ cost: next.bound, arcs: next.path });
      if (found.length < k) this.leave(next, next.path, waiting);
    }
    return found;
  }

  /** Adds the ways that leave a path which was found, at the node where it left another and behind it. */
  private leave({ prefix, prefixCost, at, banned }: Deviation, path: readonly number[], waiting: Deviation[]): void {
    const { graph } = this;
    let cost = prefixCost;
    let v = at;
    this.block(prefix);
    for (let i = prefix.length; i < path.length; i++) {
      const without = i === prefix.length ? [...banned, path[i]] : [path[i]];
      const bound = cost + this.leastFrom(v, without);
      if (bound < Infinity) push(waiting, { bound, prefix: path.slice(0, i), prefixCost: cost, at: v, banned: without, path: null });
      this.blocked[v] = this.round;
      cost += graph.cost[path[i]];
      v = graph.to[path[i]];
    }
  }

  /** Least cost of an arc from a node and the way on from its end, prefix nodes and some arcs left out. */
  private leastFrom(v: number, without: readonly number[]): number {
    const { graph, blocked, round } = this;
    const { distance } = this.toTarget;
    let least = Infinity;
    for (let a = graph.first[v], end = graph.first[v + 1]; a < end; a++) {
      const w = graph.to[a];
      if (blocked[w] === round || w === v || without.includes(a)) continue;
      const bound = graph.cost[a] + distance[w];
      if (bound < least) least = bound;
    }
    return least;
  }

  /** The path that a detour gives; null where there is none. */
  private detour({ prefix, prefixCost, at, banned }: Deviation, target: number): Deviation | null {
    const { graph, blocked, distance, arc, heap, touched } = this;
    const { distance: left } = this.toTarget;
    this.block(prefix);
    blocked[at] = this.round;
    const { round } = this;
    this.touchedCount = 0;
    heap.clear();
    distance[at] = 0;
    touched[this.touchedCount++] = at;
    let v = at;
    let result: Deviation | null = null;
    for (;;) {
      // Where the way that the tree shows is free, nothing is shorter.
      if (v !== at && this.isFree(v, target)) {
        const path = [...prefix, ...this.back(v, at), ...this.along(v)];
        result = { bound: prefixCost + distance[v] + left[v], prefix, prefixCost, at, banned, path };
        break;
      }
      const base = distance[v];
      for (let a = graph.first[v], end = graph.first[v + 1]; a < end; a++) {
        const w = graph.to[a];
        if (blocked[w] === round || left[w] === Infinity || (v === at && banned.includes(a))) continue;
        const reached = base + graph.cost[a];
        if (reached >= distance[w]) continue;
        if (distance[w] === Infinity) touched[this.touchedCount++] = w;
        distance[w] = reached;
        arc[w] = a;
        heap.push(w, reached + left[w]);
      }
      if (heap.size === 0) break;
      v = heap.pop();
    }
    for (let i = 0; i < this.touchedCount; i++) distance[touched[i]] = Infinity;
    return result;
  }

  /** Begins a new set of blocked nodes: those that the arcs leave. */
  private block(prefix: readonly number[]): void {
    this.round++;
    for (const a of prefix) this.blocked[this.graph.from[a]] = this.round;
  }

  private isFree(v: number, target: number): boolean {
    const { graph, blocked, round } = this;
    const { arc } = this.toTarget;
    while (v !== target) {
      v = graph.to[arc[v]];
      if (blocked[v] === round) return false;
    }
    return true;
  }

  /** Arcs of the tree from a node to the target. */
  private along(v: number): number[] {
    const path: number[] = [];
    for (let a = this.toTarget.arc[v]; a !== NO_ARC; a = this.toTarget.arc[v]) {
      path.push(a);
      v = this.graph.to[a];
    }
    return path;
  }

  /** Arcs of the search from `at` to a node. */
  private back(v: number, at: number): number[] {
    const path: number[] = [];
    while (v !== at) {
      path.push(this.arc[v]);
      v = this.graph.from[this.arc[v]];
    }
    return path.reverse();
  }
}

/** The waiting deviations are a binary heap by bound; of equal bounds, known paths first. */
const before = (a: Deviation, b: Deviation): boolean => a.bound < b.bound || (a.bound === b.bound && a.path !== null && b.path === null);

function push(heap: Deviation[], item: Deviation): void {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(item, heap[parent])) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Deviation[]): Deviation {
  const top = heap[0];
  const item = heap.pop()!;
  const { length } = heap;
  if (length === 0) return top;
  let at = 0;
  for (let child = 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && before(heap[child + 1], heap[child])) child++;
    if (!before(heap[child], item)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = item;
  return top;
}
