/** Slow and obvious answers, for tests. */
import { PathGraph, type Arc } from '../graph';

/** Links of both directions, side by side: arc 2i and 2i + 1 as given are link i. */
export interface RandomGraph {
  readonly graph: PathGraph;
  /** Link of each arc. */
  readonly linkOf: Int32Array;
}

/** A graph with parallel links, links of no cost, equal costs, links that are down, nodes by themselves; whole costs up to `longest`. */
export function randomGraph(random: () => number, nodes: number, links: number, longest: number): RandomGraph {
  const arcs: Arc[] = [];
  const whole = (below: number): number => Math.floor(random() * below);
  const cost = (): number => (random() < 0.05 ? 0 : random() < 0.04 ? Infinity : 1 + whole(longest));
  for (let i = 0; i < links; i++) {
    const [a, b, c] = [whole(nodes), whole(nodes), cost()];
    arcs.push({ from: a, to: b, cost: c }, { from: b, to: a, cost: random() < 0.7 ? c : cost() });
  }
  const graph = new PathGraph(nodes, arcs);
  const linkOf = new Int32Array(graph.arcs);
  arcs.forEach((_, i) => (linkOf[graph.arcOf[i]] = i >> 1));
  return { graph, linkOf };
}

/** Bellman and Ford: relax everything until nothing changes. */
export function distances(graph: PathGraph, source: number): number[] {
  const distance = new Array<number>(graph.nodes).fill(Infinity);
  distance[source] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (let a = 0; a < graph.arcs; a++) {
      const reached = distance[graph.from[a]] + graph.cost[a];
      if (reached < distance[graph.to[a]]) {
        distance[graph.to[a]] = reached;
        changed = true;
      }
    }
  }
  return distance;
}

/** Every path without loops, by cost. */
export function allPaths(graph: PathGraph, source: number, target: number): { cost: number; arcs: number[] }[] {
  const found: { cost: number; arcs: number[] }[] = [];
  const on = new Set<number>([source]);
  const walk = (v: number, cost: number, arcs: number[]): void => {
    if (v === target) return void found.push({ cost, arcs });
    for (let a = graph.first[v]; a < graph.first[v + 1]; a++) {
      const w = graph.to[a];
      if (on.has(w) || graph.cost[a] === Infinity) continue;
      on.add(w);
      walk(w, cost + graph.cost[a], [...arcs, a]);
      on.delete(w);
    }
  };
  walk(source, 0, []);
  return found.sort((a, b) => a.cost - b.cost);
}

/** True where arcs follow one another from source to target, all of them usable. */
export function isPath(graph: PathGraph, arcs: readonly number[], source: number, target: number): boolean {
  let v = source;
  for (const a of arcs) {
    if (graph.from[a] !== v || graph.cost[a] === Infinity) return false;
    v = graph.to[a];
  }
  return v === target;
}

export const costOf = (graph: PathGraph, arcs: readonly number[]): number => arcs.reduce((sum, a) => sum + graph.cost[a], 0);
