/**
 * A directed graph compiled for computing: compressed rows of arcs in typed arrays, forwards and backwards. Nodes are
 * numbers from 0; parallel arcs are kept, each by its own number; a cost may change, the structure may not.
 */

/** Arcs of a node that has few: searches go on over them at once instead of keeping the node for its turn. */
export const FEW = 2;

/** A directed arc to compile. */
export interface Arc {
  readonly from: number;
  readonly to: number;
  /** At least 0; Infinity: the arc cannot be used now. */
  readonly cost: number;
}

/**
 * Compressed rows. The arcs out of node v are the numbers `first[v]` to `first[v + 1] - 1`; those into it are
 * `inArc[firstIn[v]]` to `inArc[firstIn[v + 1] - 1]`. Costs are any unit, as long as it is one.
 */
export class PathGraph {
  /** Number of nodes, number of arcs. */
  readonly nodes: number;
  readonly arcs: number;
  readonly first: Int32Array;
  /** Of each arc: its two nodes and its cost. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly cost: Float64Array;
  readonly firstIn: Int32Array;
  readonly inArc: Int32Array;
  /** By place in {@link inArc}: where that arc comes from, and its cost once more, so that searches backwards read in a row. */
  readonly inFrom: Int32Array;
  readonly inCost: Float64Array;
  /** 1: a node of at most {@link FEW} arcs out, or in. In a provider's network most are. */
  readonly hasFewOut: Uint8Array;
  readonly hasFewIn: Uint8Array;
  /** Arc number of the arc given as number i. */
  readonly arcOf: Int32Array;
  private readonly placeIn: Int32Array;
  /** Grows with every change of a cost: what was computed before may be out of date. */
  version = 0;
  /** No finite cost is, or was since the graph was made, above this. */
  longest = 0;

  /** @throws RangeError a node that is not of the graph, a cost that is negative or not a number. */
  constructor(nodes: number, arcs: readonly Arc[]) {
    this.nodes = nodes;
    this.arcs = arcs.length;
    this.first = new Int32Array(nodes + 1);
    this.firstIn = new Int32Array(nodes + 1);
    for (const { from, to, cost } of arcs) {
      if (!(from >= 0 && from < nodes && to >= 0 && to < nodes)) throw new RangeError(`arc ${from} to ${to}: nodes are 0 to ${nodes - 1}`);
      checkCost(cost);
      this.first[from + 1]++;
      this.firstIn[to + 1]++;
    }
    for (let v = 0; v < nodes; v++) {
      this.first[v + 1] += this.first[v];
      this.firstIn[v + 1] += this.firstIn[v];
    }
    this.hasFewOut = haveFew(this.first);
    this.hasFewIn = haveFew(this.firstIn);
    this.from = new Int32Array(this.arcs);
    this.to = new Int32Array(this.arcs);
    this.cost = new Float64Array(this.arcs);
    this.inArc = new Int32Array(this.arcs);
    this.inFrom = new Int32Array(this.arcs);
    this.inCost = new Float64Array(this.arcs);
    this.arcOf = new Int32Array(this.arcs);
    this.placeIn = new Int32Array(this.arcs);
    const next = this.first.slice();
    arcs.forEach(({ from, to, cost }, i) => {
      const arc = next[from]++;
      this.arcOf[i] = arc;
      this.from[arc] = from;
      this.to[arc] = to;
      this.cost[arc] = cost;
      if (cost > this.longest && cost < Infinity) this.longest = cost;
    });
    const nextIn = this.firstIn.slice();
    for (let arc = 0; arc < this.arcs; arc++) {
      const place = nextIn[this.to[arc]]++;
      this.inArc[place] = arc;
      this.inFrom[place] = this.from[arc];
      this.inCost[place] = this.cost[arc];
      this.placeIn[arc] = place;
    }
  }

  /** Another graph of the same arcs, by the same numbers, whose costs change on their own. */
  copy(): PathGraph {
    return new PathGraph(this.nodes, Array.from({ length: this.arcs }, (_, arc) => ({ from: this.from[arc], to: this.to[arc], cost: this.cost[arc] })));
  }

  /** A copy in which only arcs that are allowed can be used. */
  only(allowed: (arc: number) => boolean): PathGraph {
    const left = this.copy();
    for (let arc = 0; arc < this.arcs; arc++) if (!allowed(arc)) left.setCost(arc, Infinity);
    return left;
  }

  /** Changes the cost of an arc. @throws RangeError as the constructor. */
  setCost(arc: number, cost: number): void {
    if (!(arc >= 0 && arc < this.arcs)) throw new RangeError(`arc ${arc}: arcs are 0 to ${this.arcs - 1}`);
    checkCost(cost);
    this.cost[arc] = cost;
    this.inCost[this.placeIn[arc]] = cost;
    if (cost > this.longest && cost < Infinity) this.longest = cost;
    this.version++;
  }
}

const haveFew = (first: Int32Array): Uint8Array => Uint8Array.from({ length: first.length - 1 }, (_, v) => (first[v + 1] - first[v] <= FEW ? 1 : 0));

function checkCost(cost: number): void {
  if (!(cost >= 0)) throw new RangeError(`a cost of ${cost}: costs are at least 0, Infinity where an arc cannot be used`);
}
