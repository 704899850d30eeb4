import type { PathGraph } from './graph';

/** What limits the flow between two nodes. */
export interface Flow {
  readonly value: number;
  /** Nodes on the source's side of a least cut. */
  readonly side: ReadonlySet<number>;
  /** Arcs of that cut: their capacities add up to {@link value}. */
  readonly cut: readonly number[];
}

const NOT_SEEN = -1;

/** Nodes that a breadth first search has reached, level by level: those of the last level begin at `last` in `nodes`. */
class Front {
  readonly level: Int32Array;
  readonly nodes: Int32Array;
  count = 0;
  last = 0;
  depth = 0;

  constructor(nodes: number) {
    this.level = new Int32Array(nodes).fill(NOT_SEEN);
    this.nodes = new Int32Array(nodes);
  }

  begin(root: number): void {
    for (let i = 0; i < this.count; i++) this.level[this.nodes[i]] = NOT_SEEN;
    this.count = this.last = this.depth = 0;
    this.reach(root, 0);
  }

  reach(v: number, level: number): void {
    this.level[v] = level;
    this.nodes[this.count++] = v;
  }
}

/**
 * Greatest flow between two nodes: Dinic's algorithm (Dinic, 1970) on the graph's own rows, its layers found by two searches that meet
 * half way, so that a search ends as soon as one of the two ends is cut off, and what lies farther away is never seen; of what the source's search saw, only
 * what leads to where they met is gone through again. With capacities of one for each
 * link the value is the number of links that must fail before the two are cut off (Menger, 1927), and the cut says which.
 */
export class MaxFlow {
  private readonly capacity: Float64Array;
  /** Of each arc: what it carries, and what it could carry more. */
  private readonly flow: Float64Array;
  private readonly left: Float64Array;
  private leftFor = -1;
  /** Arcs that may carry flow: the first {@link usedCount}. */
  private readonly used: Int32Array;
  private readonly isUsed: Uint8Array;
  private usedCount = 0;
  private readonly ahead: Front;
  private readonly back: Front;
  /** Where the search at each node goes on: arcs out first, then arcs in. */
  private readonly next: Int32Array;
  private readonly path: Int32Array;
  /** Nodes of the source's side that lead to where the searches met: those that hold the present layering. */
  private readonly leads: Int32Array;
  private readonly way: Int32Array;
  private wayCount = 0;
  private layering = 0;

  /** `capacity` of each arc, at least 0, as it is now; arcs of infinite cost carry nothing. */
  constructor(
    readonly graph: PathGraph,
    capacity: ArrayLike<number>,
  ) {
    this.capacity = Float64Array.from({ length: graph.arcs }, (_, arc) => capacity[arc]);
    this.flow = new Float64Array(graph.arcs);
    this.left = new Float64Array(graph.arcs);
    this.used = new Int32Array(graph.arcs);
    this.isUsed = new Uint8Array(graph.arcs);
    this.ahead = new Front(graph.nodes);
    this.back = new Front(graph.nodes);
    this.next = new Int32Array(graph.nodes);
    this.path = new Int32Array(graph.nodes);
    this.leads = new Int32Array(graph.nodes);
    this.way = new Int32Array(graph.nodes);
  }

  /** The value alone, without new memory. @throws RangeError source and target are one node. */
  value(source: number, target: number): number {
    if (source === target) throw new RangeError(`node ${source}: a flow is between two nodes`);
    this.clear();
    let value = 0;
    while (this.layer(source, target)) value += this.block(source, target);
    return value;
  }

  /** The value and a cut of that size. @throws as {@link value} */
  between(source: number, target: number): Flow {
    const value = this.value(source, target);
    const { graph, ahead, back } = this;
    // The search that came to an end names its side: all that the source reaches, or all from which the target is reached.
    const byTarget = back.last === back.count;
    const isOnSide = (v: number): boolean => (byTarget ? back.level[v] === NOT_SEEN : ahead.level[v] !== NOT_SEEN);
    const side = new Set<number>();
    const cut: number[] = [];
    for (let v = 0; v < graph.nodes; v++) if (isOnSide(v)) side.add(v);
    for (let a = 0; a < graph.arcs; a++) if (this.flow[a] > 0 && isOnSide(graph.from[a]) && !isOnSide(graph.to[a])) cut.push(a);
    return { value, side, cut };
  }

  private clear(): void {
    const { flow, left, used, isUsed, capacity, graph } = this;
    for (let i = 0; i < this.usedCount; i++) {
      const arc = used[i];
      flow[arc] = 0;
      isUsed[arc] = 0;
      left[arc] = capacity[arc];
    }
    this.usedCount = 0;
    if (this.leftFor === graph.version) return;
    this.leftFor = graph.version;
    for (let arc = 0; arc < graph.arcs; arc++) left[arc] = graph.cost[arc] === Infinity ? 0 : capacity[arc];
  }

  /** Levels from both ends in what is left, whole levels at a time, the end with fewer nodes first; true where they meet. */
  private layer(source: number, target: number): boolean {
    const { ahead, back } = this;
    ahead.begin(source);
    back.begin(target);
    this.layering++;
    this.wayCount = 0;
    for (;;) {
      const open = ahead.count - ahead.last;
      const opposite = back.count - back.last;
      if (open === 0 || opposite === 0) return false;
      if (open <= opposite ? this.widen(ahead, back, true) : this.widen(back, ahead, false)) break;
    }
    this.trace();
    return true;
  }

  /** Goes back from where the searches met, level by level, and marks what leads there. */
  private trace(): void {
    const { graph, flow, left, ahead, leads, way } = this;
    const { first, firstIn, to, inFrom, inArc } = graph;
    const { level } = ahead;
    const mark = this.layering;
    for (let at = 0; at < this.wayCount; at++) {
      const v = way[at];
      const before = level[v] - 1;
      if (before < 0) continue;
      for (let place = firstIn[v], last = firstIn[v + 1]; place < last; place++) {
        const w = inFrom[place];
        if (level[w] !== before || leads[w] === mark || left[inArc[place]] <= 0) continue;
        leads[w] = mark;
        way[this.wayCount++] = w;
      }
      for (let a = first[v], last = first[v + 1]; a < last; a++) {
        const w = to[a];
        if (level[w] !== before || leads[w] === mark || flow[a] <= 0) continue;
        leads[w] = mark;
        way[this.wayCount++] = w;
      }
    }
  }

  private meet(v: number): void {
    this.leads[v] = this.layering;
    this.way[this.wayCount++] = v;
  }

  /** Adds a level; true where a node of it is of the other side. */
  private widen(mine: Front, other: Front, forwards: boolean): boolean {
    const { graph, flow, left } = this;
    const { first, firstIn, to, inFrom, inArc } = graph;
    const { level } = mine;
    const deeper = ++mine.depth;
    const end = mine.count;
    // Over arcs out the source's side goes where there is room, and the target's side where there is flow to take back.
    const out = forwards ? left : flow;
    const into = forwards ? flow : left;
    for (let at = mine.last; at < end; at++) {
      const v = mine.nodes[at];
      for (let a = first[v], last = first[v + 1]; a < last; a++) {
        const w = to[a];
        if (level[w] !== NOT_SEEN || out[a] <= 0) continue;
        mine.reach(w, deeper);
        if (other.level[w] !== NOT_SEEN) this.meet(w);
      }
      for (let place = firstIn[v], last = firstIn[v + 1]; place < last; place++) {
        const w = inFrom[place];
        if (level[w] !== NOT_SEEN || into[inArc[place]] <= 0) continue;
        mine.reach(w, deeper);
        if (other.level[w] !== NOT_SEEN) this.meet(w);
      }
    }
    mine.last = end;
    return this.wayCount > 0;
  }

  /** Steps that a node on a way to the target is away from the source. */
  private levelOf(v: number): number {
    const { ahead, back } = this;
    if (this.leads[v] === this.layering) return ahead.level[v];
    return back.level[v] === NOT_SEEN || ahead.level[v] !== NOT_SEEN ? NOT_SEEN : ahead.depth + back.depth - back.level[v];
  }

  /** Sends all that the layers take, path by path: forwards by arc number, backwards by its complement. */
  private block(source: number, target: number): number {
    const { graph, next, path, flow, left, back } = this;
    for (let i = 0; i < this.wayCount; i++) next[this.way[i]] = 0;
    for (let i = 0; i < back.count; i++) next[back.nodes[i]] = 0;
    let sent = 0;
    let depth = 0;
    let v = source;
    for (;;) {
      if (v === target) {
        let amount = Infinity;
        for (let i = 0; i < depth; i++) amount = Math.min(amount, path[i] >= 0 ? left[path[i]] : flow[~path[i]]);
        sent += amount;
        const full = this.send(depth, amount);
        depth = full;
        v = path[depth] >= 0 ? graph.from[path[depth]] : graph.to[~path[depth]];
        continue;
      }
      const deeper = depth + 1;
      const out = graph.first[v + 1] - graph.first[v];
      const all = out + graph.firstIn[v + 1] - graph.firstIn[v];
      let step = 0;
      let to = -1;
      for (; next[v] < all; next[v]++) {
        if (next[v] < out) {
          const a = graph.first[v] + next[v];
          if (left[a] <= 0 || this.levelOf(graph.to[a]) !== deeper) continue;
          step = a;
          to = graph.to[a];
        } else {
          const place = graph.firstIn[v] + next[v] - out;
          if (flow[graph.inArc[place]] <= 0 || this.levelOf(graph.inFrom[place]) !== deeper) continue;
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

  /** Sends an amount along the path; the place of the first step that is full then. */
  private send(depth: number, amount: number): number {
    const { path, flow, left, capacity, used, isUsed } = this;
    let full = depth;
    for (let i = depth - 1; i >= 0; i--) {
      const step = path[i];
      const arc = step >= 0 ? step : ~step;
      if (isUsed[arc] === 0) {
        isUsed[arc] = 1;
        used[this.usedCount++] = arc;
      }
      // What is full is full exactly, whatever rounding says.
      const room = step >= 0 ? left[arc] : flow[arc];
      if (room <= amount) full = i;
      if (step >= 0) flow[arc] = room <= amount ? capacity[arc] : flow[arc] + amount;
      else flow[arc] = room <= amount ? 0 : flow[arc] - amount;
      left[arc] = capacity[arc] - flow[arc];
    }
    return full;
  }
}
