import type { PathGraph } from './graph';

/** What limits the flow between two nodes. */
export interface Flow {
  readonly value: number;
  /** Nodes on the source's side of a least cut. */
  readonly side: ReadonlySet<number>;
  /** Arcs of that cut: their capacities add up to {@link value}. */
  readonly cut: readonly number[];
}

/**
 * Greatest flow between two nodes: Dinic's algorithm (Dinic, 1970) on the graph's own rows. With capacities of one for each link the value is
 * the number of links that must fail before the two are cut off (Menger, 1927), and the cut says which.
 */
export class MaxFlow {
  private readonly flow: Float64Array;
  private readonly level: Int32Array;
  private readonly queue: Int32Array;
  /** Where the search at each node goes on: arcs out first, then arcs in. */
  private readonly next: Int32Array;
  private readonly path: Int32Array;

  /** `capacity` of each arc, at least 0; arcs of infinite cost carry nothing. */
  constructor(
    readonly graph: PathGraph,
    private readonly capacity: ArrayLike<number>,
  ) {
    this.flow = new Float64Array(graph.arcs);
    this.level = new Int32Array(graph.nodes);
    this.queue = new Int32Array(graph.nodes);
    this.next = new Int32Array(graph.nodes);
    this.path = new Int32Array(graph.nodes);
  }

  /** @throws RangeError source and target are one node. */
  between(source: number, target: number): Flow {
    if (source === target) throw new RangeError(`node ${source}: a flow is between two nodes`);
    this.flow.fill(0);
    let value = 0;
    while (this.layer(source, target)) value += this.block(source, target);
    const { graph, level } = this;
    const side = new Set<number>();
    const cut: number[] = [];
    for (let v = 0; v < graph.nodes; v++) if (level[v] >= 0) side.add(v);
    for (let a = 0; a < graph.arcs; a++) if (level[graph.from[a]] >= 0 && level[graph.to[a]] < 0 && this.flow[a] > 0) cut.push(a);
    return { value, side, cut };
  }

  private room(arc: number): number {
    return this.graph.cost[arc] === Infinity ? 0 : this.capacity[arc] - this.flow[arc];
  }

  /** Levels by breadth first search in what is left; true where the target is reached. */
  private layer(source: number, target: number): boolean {
    const { graph, level, queue, flow } = this;
    level.fill(-1);
    level[source] = 0;
    queue[0] = source;
    let end = 1;
    for (let at = 0; at < end; at++) {
      const v = queue[at];
      const deeper = level[v] + 1;
      for (let a = graph.first[v]; a < graph.first[v + 1]; a++) {
        const w = graph.to[a];
        if (level[w] >= 0 || this.room(a) <= 0) continue;
        level[w] = deeper;
        queue[end++] = w;
      }
      for (let place = graph.firstIn[v]; place < graph.firstIn[v + 1]; place++) {
        const w = graph.inFrom[place];
        if (level[w] >= 0 || flow[graph.inArc[place]] <= 0) continue;
        level[w] = deeper;
        queue[end++] = w;
      }
      if (level[target] >= 0) return true;
    }
    return false;
  }

  /** Sends all that the layers take, path by path: forwards by arc number, backwards by its complement. */
  private block(source: number, target: number): number {
    const { graph, level, next, path, flow } = this;
    next.fill(0);
    let sent = 0;
    let depth = 0;
    let v = source;
    for (;;) {
      if (v === target) {
        let amount = Infinity;
        for (let i = 0; i < depth; i++) amount = Math.min(amount, path[i] >= 0 ? this.room(path[i]) : flow[~path[i]]);
        sent += amount;
        let back = depth;
        for (let i = depth - 1; i >= 0; i--) {
          const step = path[i];
          if (step >= 0) flow[step] += amount;
          else flow[~step] -= amount;
          if ((step >= 0 ? this.room(step) : flow[~step]) <= 0) back = i;
        }
        depth = back;
        v = path[depth] >= 0 ? graph.from[path[depth]] : graph.to[~path[depth]];
        continue;
      }
      const out = graph.first[v + 1] - graph.first[v];
      const all = out + graph.firstIn[v + 1] - graph.firstIn[v];
      let step = 0;
      let to = -1;
      for (; next[v] < all; next[v]++) {
        if (next[v] < out) {
          const a = graph.first[v] + next[v];
          if (level[graph.to[a]] !== level[v] + 1 || this.room(a) <= 0) continue;
          step = a;
          to = graph.to[a];
        } else {
          const place = graph.firstIn[v] + next[v] - out;
          if (level[graph.inFrom[place]] !== level[v] + 1 || flow[graph.inArc[place]] <= 0) continue;
          step = ~graph.inArc[place];
          to = graph.inFrom[place];
        }
        break;
      }
      if (to >= 0) {
        path[depth++] = step;
        v = to;
      } else {
        if (depth === 0) return sent;
        const step = path[--depth];
        v = step >= 0 ? graph.from[step] : graph.to[~step];
        next[v]++;
      }
    }
  }
}
