/**
 * Distances between all nodes on several threads. The threads stay: each has the graph, takes the costs as they are
 * at the call, and writes its rows into memory that all of them share.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { distancesOf } from './distances';
import { PathGraph } from './graph';
import { ShortestPaths } from './shortest-paths';

/** What a thread begins with. */
interface Given {
  readonly paths: true;
  readonly nodes: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly cost: Float64Array;
  readonly into: Float64Array;
  readonly next: Int32Array;
}

/** Sources taken together: a thread that is held up leaves the rest to the others. */
const TOGETHER = 16;

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(Math.max(8, bytes));

/** See the file's head. */
export class ParallelDistances {
  /** Distances row by row, `graph.nodes` numbers each: what the last {@link run} wrote. */
  readonly distances: Float64Array;
  private readonly cost: Float64Array;
  private readonly next = new Int32Array(shared(4));
  private readonly workers: Worker[] = [];
  private readonly search: ShortestPaths;

  /** `threads` counts the caller's, which computes too. `execArgv` are options of node for the threads. */
  constructor(
    readonly graph: PathGraph,
    threads: number,
    execArgv: string[] = process.execArgv,
  ) {
    const { nodes, arcs } = graph;
    this.distances = new Float64Array(shared(8 * nodes * nodes), 0, nodes * nodes);
    this.cost = new Float64Array(shared(8 * arcs), 0, arcs);
    this.cost.set(graph.cost);
    this.search = new ShortestPaths(graph);
    const given: Given = { paths: true, nodes, from: graph.from, to: graph.to, cost: this.cost, into: this.distances, next: this.next };
    for (let i = 1; i < threads; i++) this.workers.push(new Worker(__filename, { workerData: given, execArgv }));
  }

  /** Computes all distances with the present costs. One call at a time. @throws Error a thread has ended. */
  async run(): Promise<void> {
    this.cost.set(this.graph.cost);
    this.next[0] = 0;
    const others = this.workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          const ended = (why: unknown): void => reject(why instanceof Error ? why : new Error(`a thread ended: ${String(why)}`));
          worker.once('error', ended).once('exit', ended);
          worker.once('message', () => {
            worker.off('error', ended).off('exit', ended);
            resolve();
          });
          worker.postMessage('run');
        }),
    );
    work(this.graph, this.search, this.distances, this.next);
    await Promise.all(others);
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

/** Takes sources until there are none left. */
function work(graph: PathGraph, search: ShortestPaths, into: Float64Array, next: Int32Array): void {
  for (;;) {
    const from = Atomics.add(next, 0, TOGETHER);
    if (from >= graph.nodes) return;
    const to = Math.min(graph.nodes, from + TOGETHER);
    distancesOf(graph, from, to, into.subarray(from * graph.nodes, to * graph.nodes), search);
  }
}

if (!isMainThread && (workerData as Given | null)?.paths === true) {
  const { nodes, from, to, cost, into, next } = workerData as Given;
  const graph = new PathGraph(nodes, Array.from(from, (_, arc) => ({ from: from[arc], to: to[arc], cost: cost[arc] })));
  const search = new ShortestPaths(graph);
  parentPort!.on('message', () => {
    for (let arc = 0; arc < cost.length; arc++) if (graph.cost[arc] !== cost[arc]) graph.setCost(arc, cost[arc]);
    work(graph, search, into, next);
    parentPort!.postMessage('done');
  });
}
