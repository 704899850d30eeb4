import type { PathGraph } from './graph';
import { ShortestPaths } from './shortest-paths';

/** Sums of costs that differ by less than this share count as equal: they are the same costs added in another order. */
const SAME = 1e-12;

/** How traffic from a source to a target divides over paths of equal cost. */
export interface Split {
  readonly cost: number;
  /** Arcs that carry some, in the order of the distance to the target, farthest first. */
  readonly arcs: readonly number[];
  /** Share of the traffic on each of {@link arcs}; the shares out of the source add up to 1. */
  readonly shares: readonly number[];
  /** Number of different paths. */
  readonly paths: number;
}

/** True where an arc lies on a shortest path to the target from which `toTarget` holds the distances. */
export const isOnShortest = (cost: number, from: number, to: number): boolean => from < Infinity && Math.abs(cost + to - from) <= SAME * from;

/**
 * Equal-cost multipath (RFC 2992): each node divides what it has among its next hops, evenly, or by the weights of
 * the arcs (capacities, say) where they are given. Null where there is no path. Arcs of no cost between nodes at the same distance carry nothing.
 */
export function splitOf(graph: PathGraph, source: number, target: number, weights: ArrayLike<number> | null = null, toTarget = new ShortestPaths(graph, true)): Split | null {
  toTarget.run(target);
  const { distance } = toTarget;
  if (distance[source] === Infinity) return null;
  const share = new Map<number, number>([[source, 1]]);
  const ways = new Map<number, number>([[source, 1]]);
  const arcs: number[] = [];
  const shares: number[] = [];
  // Farthest first: everything that a node gets has come before it divides it.
  const waiting = [source];
  while (waiting.length > 0) {
    let at = 0;
    for (let i = 1; i < waiting.length; i++) if (distance[waiting[i]] > distance[waiting[at]]) at = i;
    const v = waiting.splice(at, 1)[0];
    if (v === target) continue;
    const hops: number[] = [];
    let sum = 0;
    for (let a = graph.first[v]; a < graph.first[v + 1]; a++) {
      const w = graph.to[a];
      if (!isOnShortest(graph.cost[a], distance[v], distance[w]) || distance[w] >= distance[v]) continue;
      hops.push(a);
      sum += weights === null ? 1 : weights[a];
    }
    if (hops.length === 0) hops.push(toTarget.arc[v]);
    for (const a of hops) {
      const part = share.get(v)! * (sum > 0 ? (weights === null ? 1 : weights[a]) / sum : 1 / hops.length);
      if (part === 0) continue;
      const w = graph.to[a];
      arcs.push(a);
      shares.push(part);
      if (!share.has(w)) waiting.push(w);
      share.set(w, (share.get(w) ?? 0) + part);
      ways.set(w, (ways.get(w) ?? 0) + ways.get(v)!);
    }
  }
  return { cost: distance[source], arcs, shares, paths: ways.get(target)! };
}
