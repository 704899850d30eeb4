import { FourAryHeap } from './heap';
import type { PathGraph } from './graph';

/** One of the two searches. */
class Side {
  readonly distance: Float64Array;
  readonly arc: Int32Array;
  readonly heap: FourAryHeap;
  private readonly touched: Int32Array;
  private count = 0;

  constructor(nodes: number) {
    this.distance = new Float64Array(nodes).fill(Infinity);
    this.arc = new Int32Array(nodes).fill(-1);
    this.heap = new FourAryHeap(nodes);
    this.touched = new Int32Array(nodes);
  }

  begin(root: number): void {
    for (let i = 0; i < this.count; i++) this.distance[this.touched[i]] = Infinity;
    this.count = 0;
    this.heap.clear();
    this.reach(root, 0, -1);
  }

  reach(v: number, distance: number, arc: number): void {
    if (this.distance[v] === Infinity) this.touched[this.count++] = v;
    this.distance[v] = distance;
    this.arc[v] = arc;
    this.heap.push(v, distance);
  }
}

/** A shortest path between two nodes by two searches that meet (Nicholson, 1966; the rule to stop by Pohl, 1971), without new memory but for the path. */
export class PointToPoint {
  private readonly ahead: Side;
  private readonly back: Side;
  private meeting = -1;

  constructor(readonly graph: PathGraph) {
    this.ahead = new Side(graph.nodes);
    this.back = new Side(graph.nodes);
  }

  /** Cost of a shortest path; Infinity where there is none. {@link path} then gives its arcs. */
  distance(source: number, target: number): number {
    const { ahead, back, graph } = this;
    ahead.begin(source);
    back.begin(target);
    let best = source === target ? 0 : Infinity;
    this.meeting = source === target ? source : -1;
    while (ahead.heap.least + back.heap.least < best) {
      if (ahead.heap.least <= back.heap.least) {
        const v = ahead.heap.pop();
        const base = ahead.distance[v];
        for (let a = graph.first[v], end = graph.first[v + 1]; a < end; a++) {
          const w = graph.to[a];
          const reached = base + graph.cost[a];
          if (reached >= ahead.distance[w]) continue;
          ahead.reach(w, reached, a);
          if (reached + back.distance[w] < best) {
            best = reached + back.distance[w];
            this.meeting = w;
          }
        }
      } else {
        const v = back.heap.pop();
        const base = back.distance[v];
        for (let place = graph.firstIn[v], end = graph.firstIn[v + 1]; place < end; place++) {
          const w = graph.inFrom[place];
          const reached = base + graph.inCost[place];
          if (reached >= back.distance[w]) continue;
          back.reach(w, reached, graph.inArc[place]);
          if (reached + ahead.distance[w] < best) {
            best = reached + ahead.distance[w];
            this.meeting = w;
          }
        }
      }
    }
    return best;
  }

  /** Arcs of the path that {@link distance} found last, from source to target; null where there was none. */
  path(): number[] | null {
    const { ahead, back, graph, meeting } = this;
    if (meeting < 0) return null;
    const arcs: number[] = [];
    for (let v = meeting; ahead.arc[v] >= 0; v = graph.from[ahead.arc[v]]) arcs.push(ahead.arc[v]);
    arcs.reverse();
    for (let v = meeting; back.arc[v] >= 0; v = graph.to[back.arc[v]]) arcs.push(back.arc[v]);
    return arcs;
  }
}
