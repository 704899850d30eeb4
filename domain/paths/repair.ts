/**
 * Ways around a link that has just failed, for the node in front of it, until the network has computed anew.
 */
import { Distances } from './distances';
import type { PathGraph } from './graph';
import { NO_ARC, ShortestPaths } from './shortest-paths';

/** A neighbour that does not send the traffic back. */
export interface LoopFreeAlternate {
  /** Arc to it. */
  readonly arc: number;
  /** What the way over it costs. */
  readonly cost: number;
  /** True where it also avoids the node behind the link (RFC 5286 section 3.2, inequality 3). */
  readonly protectsNode: boolean;
}

/** A segment of a repair path: to a node by its shortest path, or over one arc (RFC 8402: node and adjacency segments). */
export type Segment = { readonly node: number } | { readonly arc: number };

/** A repair path. */
export interface RepairPath {
  /** Arcs of the shortest path without the link. */
  readonly arcs: readonly number[];
  readonly cost: number;
  /** Segments to put on the packet before the target's own; none where the neighbour at the end of the first arc forwards it along {@link arcs} anyway. */
  readonly segments: readonly Segment[];
}

/** Repairs in a graph. Its costs may change; distances are then computed anew as they are needed. */
export class Repairs {
  private readonly distances: Distances;

  /** `linkOf` gives the link of each arc: both directions fail together. */
  constructor(
    readonly graph: PathGraph,
    private readonly linkOf: ArrayLike<number>,
  ) {
    this.distances = new Distances(graph);
  }

  /** Loop-free alternates (RFC 5286 section 3.1, inequality 1) of the node in front of `failed`, for a target; the cheapest first. */
  alternates(failed: number, target: number): LoopFreeAlternate[] {
    const { graph, linkOf } = this;
    const [s, e] = [graph.from[failed], graph.to[failed]];
    const fromSource = this.distances.from(s);
    const fromEnd = this.distances.from(e);
    const found: LoopFreeAlternate[] = [];
    for (let arc = graph.first[s]; arc < graph.first[s + 1]; arc++) {
      if (linkOf[arc] === linkOf[failed] || graph.cost[arc] === Infinity) continue;
      const n = graph.to[arc];
      const fromNeighbour = this.distances.from(n);
      if (fromNeighbour[target] === Infinity) continue;
      // The neighbour's own shortest paths must avoid this node (N to D shorter than N to S to D).
      if (n !== target && !(fromNeighbour[target] < fromNeighbour[s] + fromSource[target])) continue;
      // A parallel link leads to the same neighbour: it does not repair the node.
      const protectsNode = n !== e && (n === target || fromNeighbour[target] < fromNeighbour[e] + fromEnd[target]);
      found.push({ arc, cost: graph.cost[arc] + fromNeighbour[target], protectsNode });
    }
    return found.sort((a, b) => a.cost - b.cost);
  }

  /**
   * The path after convergence, written as segments that follow it from now on (TI-LFA, RFC 9855, for a link): from the first
   * neighbour on it the farthest node that is reached along it by shortest paths without the link, and so on from there, one arc where no
   * node serves; until the target itself can be named. Null where the link's failure cuts the target off.
   */
  postConvergence(failed: number, target: number): RepairPath | null {
    const { graph, linkOf } = this;
    const s = graph.from[failed];
    const path = this.without(linkOf[failed], s, target);
    if (path === null) return null;
    const cost = path.reduce((sum, arc) => sum + graph.cost[arc], 0);
    const nodes = [s, ...path.map((arc) => graph.to[arc])];
    const last = nodes.length - 1;
    const segments: Segment[] = [];
    // To the first node of the path the repairing node sends by itself.
    let here = 1;
    while (here < last) {
      let farthest = here;
      for (let to = here + 1; to <= last; to++) if (this.follows(nodes, path, here, to, failed)) farthest = to;
      if (farthest === last) break;
      if (farthest > here) segments.push({ node: nodes[(here = farthest)] });
      else segments.push({ arc: path[here++] });
    }
    return { arcs: path, cost, segments };
  }

  /** True where the shortest paths between two nodes of the path are as long as it, and none of them uses the failed link. */
  private follows(nodes: readonly number[], path: readonly number[], from: number, to: number, failed: number): boolean {
    const { graph, distances } = this;
    let length = 0;
    for (let i = from; i < to; i++) length += graph.cost[path[i]];
    const [a, b] = [nodes[from], nodes[to]];
    const shortest = distances.between(a, b);
    if (length > shortest * (1 + 1e-12)) return false;
    for (let arc = 0; arc < graph.arcs; arc++) {
      if (this.linkOf[arc] !== this.linkOf[failed] || graph.cost[arc] === Infinity) continue;
      if (distances.between(a, graph.from[arc]) + graph.cost[arc] + distances.between(graph.to[arc], b) <= shortest * (1 + 1e-12)) return false;
    }
    return true;
  }

  /** Arcs of the shortest path without a link. */
  private without(link: number, source: number, target: number): number[] | null {
    const { graph, linkOf } = this;
    const left = graph.only((arc) => linkOf[arc] !== link);
    const tree = new ShortestPaths(left);
    tree.run(source);
    if (tree.distance[target] === Infinity) return null;
    const path: number[] = [];
    for (let arc = tree.arc[target]; arc !== NO_ARC; arc = tree.arc[left.from[arc]]) path.push(arc);
    return path.reverse();
  }
}
