import { FourAryHeap } from './heap';
import { NO_ARC, ShortestPaths } from './shortest-paths';
import type { PathGraph } from './graph';

/**
 * A tree of shortest paths that follows its graph: when the cost of an arc changes, only nodes whose path runs over it, or
 * could now, are looked at.
 *
 * An arc that became cheaper is taken from its end outwards, as in Dijkstra's algorithm. Where one of the tree became dearer, the
 * nodes behind it are cut off, each gets the best distance over arcs from nodes that are not, and Dijkstra's algorithm
 * settles them (Ramalingam and Reps, 1996, on a tree as in Narváez et al., 2000). Nodes of few arcs are not kept for their turn: what they lower
 * follows at once. Distances are those of a full computation, bit for bit as far as
 * sums of the same arcs in the same order are.
 */
export class IncrementalTree {
  readonly distance: Float64Array;
  /** Last arc of the path to each node; {@link NO_ARC}. */
  readonly arc: Int32Array;
  /** Nodes whose distance or last arc the last change altered: the first {@link changedCount}. */
  readonly changed: Int32Array;
  changedCount = 0;
  private readonly heap: FourAryHeap;
  /** Nodes cut off: those that hold the present round. */
  private readonly cut: Int32Array;
  private readonly noted: Int32Array;
  private round = 0;

  /** `from` is a tree of the graph as it is: the last arc to each node, {@link NO_ARC} where it is not reached. Without it the tree is computed. */
  constructor(
    readonly graph: PathGraph,
    readonly root: number,
    from?: Int32Array,
  ) {
    if (from === undefined) {
      const full = new ShortestPaths(graph);
      full.run(root);
      this.distance = full.distance;
      this.arc = full.arc;
    } else {
      this.arc = from;
      this.distance = distancesAlong(graph, root, from);
    }
    this.changed = new Int32Array(graph.nodes);
    this.heap = new FourAryHeap(graph.nodes);
    this.cut = new Int32Array(graph.nodes);
    this.noted = new Int32Array(graph.nodes);
  }

  /** Brings the tree up to date after the cost of an arc changed from `before`. Returns how many nodes changed. */
  update(arc: number, before: number): number {
    const { graph } = this;
    this.round++;
    this.changedCount = 0;
    const cost = graph.cost[arc];
    if (cost < before) this.cheaper(arc);
    else if (cost > before && this.arc[graph.to[arc]] === arc) this.dearer(graph.to[arc]);
    return this.changedCount;
  }

  private cheaper(arc: number): void {
    const { graph, distance } = this;
    const w = graph.to[arc];
    const reached = distance[graph.from[arc]] + graph.cost[arc];
    // Behind an arc of the tree the distances follow it, even where adding in another order would round otherwise.
    if (!(reached < distance[w])) return;
    this.heap.clear();
    this.take(w, arc, reached);
    this.settle();
  }

  private dearer(top: number): void {
    const { graph, distance, arc, cut, round, changed } = this;
    this.heap.clear();
    // The nodes behind the arc: a list that grows while it is read.
    cut[top] = round;
    changed[this.changedCount++] = top;
    for (let i = 0; i < this.changedCount; i++) {
      const v = changed[i];
      this.noted[v] = round;
      for (let a = graph.first[v], end = graph.first[v + 1]; a < end; a++) {
        const w = graph.to[a];
        if (arc[w] !== a || cut[w] === round) continue;
        cut[w] = round;
        changed[this.changedCount++] = w;
      }
    }
    for (let i = 0; i < this.changedCount; i++) {
      const v = changed[i];
      let least = Infinity;
      let by = NO_ARC;
      for (let place = graph.firstIn[v], end = graph.firstIn[v + 1]; place < end; place++) {
        const from = graph.inFrom[place];
        if (cut[from] === round) continue;
        const reached = distance[from] + graph.inCost[place];
        if (reached < least) {
          least = reached;
          by = graph.inArc[place];
        }
      }
      distance[v] = least;
      arc[v] = by;
    }
    // Those that others reach meanwhile are told to the heap by them.
    const cutOff = this.changedCount;
    for (let i = 0; i < cutOff; i++) {
      const v = changed[i];
      if (distance[v] === Infinity) continue;
      if (graph.hasFewOut[v] === 1) this.pass(v);
      else this.heap.push(v, distance[v]);
    }
    this.settle();
  }

  private settle(): void {
    const { graph, distance, heap } = this;
    while (heap.size > 0) {
      const v = heap.pop();
      const base = distance[v];
      for (let a = graph.first[v], end = graph.first[v + 1]; a < end; a++) {
        const reached = base + graph.cost[a];
        if (reached < distance[graph.to[a]]) this.take(graph.to[a], a, reached);
      }
    }
  }

  private take(v: number, arc: number, distance: number): void {
    this.lower(v, arc, distance);
    if (this.graph.hasFewOut[v] === 1) this.pass(v);
    else this.heap.push(v, distance);
  }

  /** Goes on over the arcs of a node at once. */
  private pass(v: number): void {
    const { graph, distance } = this;
    const base = distance[v];
    for (let a = graph.first[v], end = graph.first[v + 1]; a < end; a++) {
      const reached = base + graph.cost[a];
      const w = graph.to[a];
      if (reached >= distance[w]) continue;
      this.lower(w, a, reached);
      this.heap.push(w, reached);
    }
  }

  private lower(v: number, arc: number, distance: number): void {
    this.distance[v] = distance;
    this.arc[v] = arc;
    if (this.noted[v] === this.round) return;
    this.noted[v] = this.round;
    this.changed[this.changedCount++] = v;
  }
}

/** Distances along a tree. */
function distancesAlong(graph: PathGraph, root: number, arc: Int32Array): Float64Array {
  const distance = new Float64Array(graph.nodes).fill(NaN);
  distance[root] = 0;
  const way: number[] = [];
  for (let v = 0; v < graph.nodes; v++) {
    let at = v;
    for (; Number.isNaN(distance[at]); at = graph.from[arc[at]]) {
      if (arc[at] === NO_ARC) distance[at] = Infinity;
      else way.push(at);
      if (arc[at] === NO_ARC) break;
    }
    for (let behind = way.pop(); behind !== undefined; behind = way.pop()) distance[behind] = distance[graph.from[arc[behind]]] + graph.cost[arc[behind]];
  }
  return distance;
}
