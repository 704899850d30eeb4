import { FourAryHeap } from './heap';
import type { PathGraph } from './graph';

/** One of the two searches: over arcs out, or against arcs in. An arc is its place in the rows that the search reads. */
class Side {
  readonly distance: Float64Array;
  readonly arc: Int32Array;
  readonly heap: FourAryHeap;
  readonly first: Int32Array;
  readonly to: Int32Array;
  readonly cost: Float64Array;
  readonly hasFew: Uint8Array;
  private readonly touched: Int32Array;
  private count = 0;

  constructor(graph: PathGraph, backwards: boolean) {
    this.distance = new Float64Array(graph.nodes).fill(Infinity);
    this.arc = new Int32Array(graph.nodes).fill(-1);
    this.heap = new FourAryHeap(graph.nodes);
    this.first = backwards ? graph.firstIn : graph.first;
    this.to = backwards ? graph.inFrom : graph.to;
    this.cost = backwards ? graph.inCost : graph.cost;
    this.hasFew = backwards ? graph.hasFewIn : graph.hasFewOut;
    this.touched = new Int32Array(graph.nodes);
  }

  begin(root: number): void {
    for (let i = 0; i < this.count; i++) this.distance[this.touched[i]] = Infinity;
    this.count = 0;
    this.heap.clear();
    this.reach(root, 0, -1);
    this.heap.push(root, 0);
  }

  reach(v: number, distance: number, arc: number): void {
    if (this.distance[v] === Infinity) this.touched[this.count++] = v;
    this.distance[v] = distance;
    this.arc[v] = arc;
  }
}

/**
 * A shortest path between two nodes by two searches that meet (Nicholson, 1966; the rule to stop by Pohl, 1971), without new memory but for the path.
 * Nodes of few arcs are not kept for their turn: a search goes on over their arcs at once. The rule holds all the same, for every node nearer than the
 * next in turn has been gone on from.
 */
export class PointToPoint {
  private readonly ahead: Side;
  private readonly back: Side;
  private best = Infinity;
  private meeting = -1;

  constructor(readonly graph: PathGraph) {
    this.ahead = new Side(graph, false);
    this.back = new Side(graph, true);
  }

  /** Cost of a shortest path; Infinity where there is none. {@link path} then gives its arcs. */
  distance(source: number, target: number): number {
    const { ahead, back } = this;
    ahead.begin(source);
    back.begin(target);
    this.best = source === target ? 0 : Infinity;
    this.meeting = source === target ? source : -1;
    while (ahead.heap.least + back.heap.least < this.best) {
      if (ahead.heap.least <= back.heap.least) this.widen(ahead, back);
      else this.widen(back, ahead);
    }
    return this.best;
  }

  /** Goes on from the nearest node of a search. */
  private widen(mine: Side, other: Side): void {
    const { distance, first, to, cost, hasFew, heap } = mine;
    const v = heap.pop();
    const base = distance[v];
    for (let a = first[v], end = first[v + 1]; a < end; a++) {
      const reached = base + cost[a];
      const w = to[a];
      if (reached >= distance[w]) continue;
      this.reach(mine, other, w, reached, a);
      if (hasFew[w] === 0) {
        heap.push(w, reached);
        continue;
      }
      for (let b = first[w], few = first[w + 1]; b < few; b++) {
        const beyond = reached + cost[b];
        const x = to[b];
        if (beyond >= distance[x]) continue;
        this.reach(mine, other, x, beyond, b);
        heap.push(x, beyond);
      }
    }
  }

  private reach(mine: Side, other: Side, v: number, distance: number, arc: number): void {
    mine.reach(v, distance, arc);
    const whole = distance + other.distance[v];
    if (whole >= this.best) return;
    this.best = whole;
    this.meeting = v;
  }

  /** Arcs of the path that {@link distance} found last, from source to target; null where there was none. */
  path(): number[] | null {
    const { ahead, back, graph, meeting } = this;
    if (meeting < 0) return null;
    const arcs: number[] = [];
    for (let v = meeting; ahead.arc[v] >= 0; v = graph.from[ahead.arc[v]]) arcs.push(ahead.arc[v]);
    arcs.reverse();
    for (let v = meeting; back.arc[v] >= 0; v = graph.to[arcs[arcs.length - 1]]) arcs.push(graph.inArc[back.arc[v]]);
    return arcs;
  }
}
