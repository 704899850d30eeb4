import { leastCostWithin } from './constrained';
import { FourAryHeap } from './heap';
import type { PathGraph } from './graph';
import { KShortestPaths, type Path } from './k-shortest';
import { PointToPoint } from './point-to-point';
import { NO_ARC, ShortestPaths } from './shortest-paths';

/** Two paths that share no link, of least cost together; the cheaper first. */
export type PathPair = readonly [Path, Path];

/**
 * Two paths without a common link, of least total cost: Suurballe's algorithm (Suurballe, 1974; Suurballe and Tarjan, 1984). Null
 * where there are no two. `linkOf` gives the link of each arc: the two directions of a link are one link, and two paths never use it both. `known`: the tree from the source, where
 * there is one.
 */
export function disjointPair(graph: PathGraph, source: number, target: number, linkOf: ArrayLike<number>, known?: ShortestPaths): PathPair | null {
  if (source === target) return null;
  const tree = known ?? new ShortestPaths(graph);
  if (known === undefined) tree.run(source);
  const { distance } = tree;
  if (distance[target] === Infinity) return null;
  const onFirst = new Map<number, number>();
  for (let a = tree.arc[target]; a !== NO_ARC; a = tree.arc[graph.from[a]]) onFirst.set(linkOf[a], a);
  // The second search: reduced costs, the first path's links only backwards and free.
  const heap = new FourAryHeap(graph.nodes);
  const reached = new Float64Array(graph.nodes).fill(Infinity);
  const by = new Int32Array(graph.nodes).fill(NO_ARC);
  reached[source] = 0;
  heap.push(source, 0);
  while (heap.size > 0) {
    const v = heap.pop();
    if (v === target) break;
    const relax = (w: number, arc: number, cost: number): void => {
      const to = reached[v] + Math.max(0, cost);
      if (to >= reached[w]) return;
      reached[w] = to;
      by[w] = arc;
      heap.push(w, to);
    };
    for (let a = graph.first[v]; a < graph.first[v + 1]; a++) {
      const w = graph.to[a];
      if (!onFirst.has(linkOf[a]) && graph.cost[a] < Infinity) relax(w, a, graph.cost[a] + distance[v] - distance[w]);
    }
    for (let place = graph.firstIn[v]; place < graph.firstIn[v + 1]; place++) {
      const a = graph.inArc[place];
      if (onFirst.get(linkOf[a]) === a) relax(graph.from[a], a, 0);
    }
  }
  if (reached[target] === Infinity) return null;
  const used = new Set(onFirst.values());
  for (let v = target; v !== source; ) {
    const a = by[v];
    if (used.has(a)) {
      used.delete(a);
      v = graph.to[a];
    } else {
      used.add(a);
      v = graph.from[a];
    }
  }
  const paths = [takePath(graph, source, target, used), takePath(graph, source, target, used)];
  return paths[0].cost <= paths[1].cost ? [paths[0], paths[1]] : [paths[1], paths[0]];
}

/** Takes a path out of a set of arcs, loops left out. */
function takePath(graph: PathGraph, source: number, target: number, arcs: Set<number>): Path {
  const path: number[] = [];
  const placeOf = new Map([[source, 0]]);
  for (let v = source; v !== target; ) {
    let next = NO_ARC;
    for (let a = graph.first[v]; a < graph.first[v + 1] && next === NO_ARC; a++) if (arcs.has(a)) next = a;
    arcs.delete(next);
    path.push(next);
    v = graph.to[next];
    const before = placeOf.get(v);
    if (before === undefined) placeOf.set(v, path.length);
    else for (const a of path.splice(before)) if (graph.to[a] !== v) placeOf.delete(graph.to[a]);
  }
  return { cost: path.reduce((sum, a) => sum + graph.cost[a], 0), arcs: path };
}

/** What {@link groupDisjointPair} found. */
export interface GroupDisjoint {
  readonly pair: PathPair | null;
  /** True where no better pair can exist (or none at all); false where the search ended at its limit. */
  readonly proven: boolean;
}

/** What both of two paths keep to, beside sharing nothing: the latency of each arc, and the most that each path may sum up to. */
export interface Within {
  readonly latency: ArrayLike<number>;
  readonly maxLatency: number;
}

/**
 * Two paths that share no risk group (SRLG, RFC 4202), of least total cost. Deciding whether there are two is NP-complete (Hu, 2003):
 * paths are tried as the cheaper one in the order of their cost, each with the best partner that avoids its groups, until twice the
 * cost of the next is no less than the best pair, or `limit` paths were tried. `groupsOf` gives the groups of each arc; put each link in a group
 * of its own so that the paths share no link either.
 */
export function groupDisjointPair(graph: PathGraph, source: number, target: number, groupsOf: (arc: number) => readonly number[], limit = 128, within?: Within): GroupDisjoint {
  if (source === target) return { pair: null, proven: true };
  const search = new KShortestPaths(graph);
  const partners = new Partners(graph, groupsOf, within);
  let best: PathPair | null = null;
  let bestCost = Infinity;
  let tried = 0;
  for (let k = Math.min(8, limit); ; k = Math.min(2 * k, limit)) {
    const paths = search.find(source, target, k);
    for (; tried < paths.length; tried++) {
      const path = paths[tried];
      if (2 * path.cost >= bestCost) return { pair: best, proven: true };
      if (within !== undefined && path.arcs.reduce((sum, arc) => sum + within.latency[arc], 0) > within.maxLatency) continue;
      const partner = partners.of(path, source, target);
      if (partner === null || path.cost + partner.cost >= bestCost) continue;
      bestCost = path.cost + partner.cost;
      best = path.cost <= partner.cost ? [path, partner] : [partner, path];
    }
    if (paths.length < k) return { pair: best, proven: true };
    if (k === limit) return { pair: best, proven: false };
  }
}

/** Shortest paths that touch no group of another path. */
class Partners {
  private readonly left: PathGraph;
  private readonly search: PointToPoint;
  private readonly arcsOf = new Map<number, number[]>();

  constructor(
    private readonly graph: PathGraph,
    private readonly groupsOf: (arc: number) => readonly number[],
    private readonly within: Within | undefined,
  ) {
    this.left = graph.copy();
    this.search = new PointToPoint(this.left);
    for (let arc = 0; arc < graph.arcs; arc++) {
      for (const group of groupsOf(arc)) {
        const arcs = this.arcsOf.get(group);
        if (arcs === undefined) this.arcsOf.set(group, [arc]);
        else arcs.push(arc);
      }
    }
  }

  of(path: Path, source: number, target: number): Path | null {
    const { graph, left, search, within } = this;
    const without = [...new Set(path.arcs.flatMap((arc) => this.groupsOf(arc)))].flatMap((group) => this.arcsOf.get(group)!);
    for (const arc of without) left.setCost(arc, Infinity);
    const cost = search.distance(source, target);
    const shortest = cost === Infinity ? null : { cost, arcs: search.path()! };
    const partner = shortest === null || within === undefined ? shortest : leastCostWithin(left, source, target, within.latency, within.maxLatency);
    for (const arc of without) left.setCost(arc, graph.cost[arc]);
    return partner;
  }
}
