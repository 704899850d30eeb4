import type { PathGraph } from './graph';
import { ShortestPaths } from './shortest-paths';

/** Distances between all nodes for the sources `from` to `to` - 1: row by row, `graph.nodes` numbers each, into `into` (shared between threads where it is). */
export function distancesOf(graph: PathGraph, from: number, to: number, into: Float64Array, search = new ShortestPaths(graph)): void {
  for (let source = from; source < to; source++) {
    search.run(source);
    into.set(search.distance, (source - from) * graph.nodes);
  }
}

/** Distances as they are asked for: a row is computed when a source is first named, and kept until a cost changes. */
export class Distances {
  private readonly search: ShortestPaths;
  private readonly rows = new Map<number, Float64Array>();
  private version: number;

  constructor(readonly graph: PathGraph) {
    this.search = new ShortestPaths(graph);
    this.version = graph.version;
  }

  /** Distances from a node to all. */
  from(source: number): Float64Array {
    if (this.version !== this.graph.version) {
      this.rows.clear();
      this.version = this.graph.version;
    }
    let row = this.rows.get(source);
    if (row === undefined) {
      this.search.run(source);
      this.rows.set(source, (row = this.search.distance.slice()));
    }
    return row;
  }

  /** Distance between two nodes; Infinity where there is no way. */
  between(from: number, to: number): number {
    return this.from(from)[to];
  }
}
