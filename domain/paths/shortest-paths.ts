import { FourAryHeap } from './heap';
import { FEW, type PathGraph } from './graph';
import { scaleFor, type Scale } from './scales';

/** No arc: of the root of a tree and of nodes that are not reached. */
export const NO_ARC = -1;

/**
 * Shortest paths from one node to all, again and again without new memory.
 *
 * Dijkstra's algorithm (Dijkstra, 1959) with a circle of buckets (Dial, 1969) wider than the shortest arcs: a node whose distance falls
 * again while its bucket is being emptied is done once more, so answers are exact for any width (this is delta-stepping,
 * Meyer and Sanders, 2003, on one thread). Nodes of few arcs ({@link FEW}) do not queue: whoever lowers their distance goes on over
 * their arcs at once. Where costs are too uneven for buckets, a 4-ary heap serves.
 *
 * Time O(m + n + distance / width) as long as costs are of a kind; O(m log n) with the heap.
 */
export class ShortestPaths {
  /** Distance of each node from the root; Infinity where it is not reached. */
  readonly distance: Float64Array;
  /** Last arc of the path to each node; {@link NO_ARC}. */
  readonly arc: Int32Array;
  private readonly heap: FourAryHeap;
  private scale: Scale | null = null;
  private scaledFor = -1;
  private heads = new Int32Array(0);
  private next: Int32Array;
  private node: Int32Array;
  private key: Float64Array;

  /** `backwards`: paths to the root instead of from it; {@link arc} is then the first arc of the path from each node. */
  constructor(
    readonly graph: PathGraph,
    private readonly backwards = false,
  ) {
    this.distance = new Float64Array(graph.nodes);
    this.arc = new Int32Array(graph.nodes);
    this.heap = new FourAryHeap(graph.nodes);
    this.next = new Int32Array(graph.arcs + 1);
    this.node = new Int32Array(graph.arcs + 1);
    this.key = new Float64Array(graph.arcs + 1);
  }

  /** Fills {@link distance} and {@link arc} for a root. */
  run(root: number): void {
    this.rescale();
    this.distance.fill(Infinity);
    this.arc.fill(NO_ARC);
    this.distance[root] = 0;
    if (this.scale === null) this.byHeap(root);
    else this.byBuckets(root, this.scale);
  }

  /** Many changes of costs may make another width better; the answers are right with any, as long as the circle spans the longest arc. */
  private rescale(): void {
    const { graph, scale } = this;
    const spans = scale === null || graph.longest * scale.perCost + 2 <= scale.buckets;
    if (this.scaledFor >= 0 && spans && graph.version - this.scaledFor <= graph.arcs >> 1) return;
    this.scaledFor = graph.version;
    this.scale = scaleFor(graph);
    if (this.scale !== null && this.heads.length !== this.scale.buckets) this.heads = new Int32Array(this.scale.buckets).fill(-1);
  }

  private byBuckets(root: number, { buckets, perCost }: Scale): void {
    const { distance, arc: last, heads, next, node, key, backwards, graph } = this;
    const first = backwards ? graph.firstIn : graph.first;
    const to = backwards ? graph.inFrom : graph.to;
    const cost = backwards ? graph.inCost : graph.cost;
    const hasFew = backwards ? graph.hasFewIn : graph.hasFewOut;
    const mask = buckets - 1;
    // Entries of the queue are never moved: one that a shorter way has overtaken is passed over.
    let used = 1;
    let waiting = 1;
    let bucket = 0;
    node[0] = root;
    key[0] = 0;
    next[0] = -1;
    heads[0] = 0;
    while (waiting > 0) {
      let entry = heads[bucket];
      while (entry < 0) entry = heads[(bucket = (bucket + 1) & mask)];
      heads[bucket] = next[entry];
      waiting--;
      const v = node[entry];
      const base = distance[v];
      if (base < key[entry]) continue;
      // Each arc adds one entry, or those of a node with few.
      if (used + FEW * (first[v + 1] - first[v]) > node.length) return this.longer(root);
      for (let a = first[v], end = first[v + 1]; a < end; a++) {
        const reached = base + cost[a];
        const w = to[a];
        if (reached >= distance[w]) continue;
        distance[w] = reached;
        last[w] = a;
        if (hasFew[w] === 1) {
          for (let b = first[w], few = first[w + 1]; b < few; b++) {
            const beyond = reached + cost[b];
            const x = to[b];
            if (beyond >= distance[x]) continue;
            distance[x] = beyond;
            last[x] = b;
            const slot = (beyond * perCost) & mask;
            node[used] = x;
            key[used] = beyond;
            next[used] = heads[slot];
            heads[slot] = used++;
            waiting++;
          }
        } else {
          const slot = (reached * perCost) & mask;
          node[used] = w;
          key[used] = reached;
          next[used] = heads[slot];
          heads[slot] = used++;
          waiting++;
        }
      }
    }
    if (backwards) this.nameArcs();
  }

  /** More entries than arcs: only where nodes were done again and again. Room is made and the search begun anew. */
  private longer(root: number): void {
    this.next = new Int32Array(2 * this.next.length);
    this.node = new Int32Array(2 * this.node.length);
    this.key = new Float64Array(2 * this.key.length);
    this.heads.fill(-1);
    this.run(root);
  }

  private byHeap(root: number): void {
    const { distance, arc: last, heap, backwards, graph } = this;
    const first = backwards ? graph.firstIn : graph.first;
    const to = backwards ? graph.inFrom : graph.to;
    const cost = backwards ? graph.inCost : graph.cost;
    heap.clear();
    heap.push(root, 0);
    while (heap.size > 0) {
      const v = heap.pop();
      const base = distance[v];
      for (let a = first[v], end = first[v + 1]; a < end; a++) {
        const reached = base + cost[a];
        const w = to[a];
        if (reached < distance[w]) {
          distance[w] = reached;
          last[w] = a;
          heap.push(w, reached);
        }
      }
    }
    if (backwards) this.nameArcs();
  }

  /** Places among the arcs in become numbers of arcs. */
  private nameArcs(): void {
    const { arc, graph } = this;
    for (let v = 0; v < arc.length; v++) if (arc[v] >= 0) arc[v] = graph.inArc[arc[v]];
  }
}
