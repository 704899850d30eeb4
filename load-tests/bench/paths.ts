/**
 * Times the path algorithms on a graph and prints a JSON line an operation, with a checksum of the answers that other
 * libraries can be held against.
 *
 *   load-tests/bench/paths GRAPH.csv [--ops sssp,pair,yen,allpairs,maxflow,incremental] [--sources 100] [--pairs 50] [--k 5] [--seed 1] [--budget 2]
 *
 * sssp: the whole tree from a source, distances and last arcs. pair: distance from one node to another. yen: the K shortest paths without
 * loops. allpairs: all distances, on one thread and on two. maxflow: value; an arc's capacity is 1 + weight mod 1000. incremental: a tree
 * after the cost of an arc changed, beside the whole tree anew (`full_us`), over 10,000 changes whose distances are compared; both in CPU time.
 *
 * Nodes are numbered in the order of the file; sources, then pairs are drawn by x <- 48271 x mod (2^31 - 1), node x mod n. Half the budget warms the compiler up.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { PathGraph, type Arc } from '../../domain/paths/graph';
import { IncrementalTree } from '../../domain/paths/incremental';
import { KShortestPaths } from '../../domain/paths/k-shortest';
import { MaxFlow } from '../../domain/paths/max-flow';
import { ParallelDistances } from '../../domain/paths/parallel';
import { PointToPoint } from '../../domain/paths/point-to-point';
import { ShortestPaths } from '../../domain/paths/shortest-paths';
import { ROOT } from '../../infra/root';

// Read, not imported: the compiler would put a package.json into the build, which would then take itself for the project.
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values: option, positionals } = parseArgs({
  allowPositionals: true,
  options: { ops: text('sssp,pair,yen,allpairs,maxflow,incremental'), sources: text('100'), pairs: text('50'), k: text('5'), seed: text('1'), budget: text('2') },
});
const ops = option.ops.split(',');
const budgetMs = Number(option.budget) * 1000;

const index = new Map<string, number>();
const id = (name: string): number => index.get(name) ?? (index.set(name, index.size), index.size - 1);
const arcs: Arc[] = readFileSync(positionals[0], 'utf8').trim().split('\n').slice(1).map((line) => {
  const [from, to, cost] = line.split(',');
  return { from: id(from), to: id(to), cost: Number(cost) };
});
new PathGraph(index.size, arcs);
const began = performance.now();
const graph = new PathGraph(index.size, arcs);
const buildMs = performance.now() - began;

let x = Number(option.seed);
const next = (): number => (x = (x * 48271) % 2147483647) % graph.nodes;
const sources = Array.from({ length: Number(option.sources) }, next);
const pairs: [number, number][] = [];
while (pairs.length < Number(option.pairs)) {
  const [a, b] = [next(), next()];
  if (a !== b) pairs.push([a, b]);
}

function print(op: string, call: string, times: number[], checksum: number, more: object = {}): void {
  times.sort((a, b) => a - b);
  const at = (p: number): number => Number(times[Math.round(p * (times.length - 1))].toFixed(1));
  console.log(JSON.stringify({ graph: basename(positionals[0], '.csv'), library: 'netweaver', version, op, call, build_ms: Number(buildMs.toFixed(2)), samples: times.length, p50_us: at(0.5), p95_us: at(0.95), checksum: Math.round(checksum), ...more }));
}

const clock = (): number => Number(process.hrtime.bigint()) / 1000;
/** Of this process's own work, whatever else the machine does. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Answers of the first pass, then times of passes until the budget is over. */
async function bench<Q>(op: string, call: string, queries: readonly Q[], fn: (query: Q) => unknown, read: (answer: unknown, query: Q) => number): Promise<void> {
  if (!ops.includes(op)) return;
  let checksum = 0;
  for (const query of queries) checksum += read(await fn(query), query);
  let times: number[] = [];
  const start = performance.now() + budgetMs / 2;
  while (times.length === 0 || performance.now() - start < budgetMs) {
    if (performance.now() < start) times = [];
    for (const query of queries) {
      const from = clock();
      const answer = fn(query);
      if (answer instanceof Promise) await answer;
      times.push(clock() - from);
    }
  }
  print(op, call, times, checksum);
}

const finite = (numbers: Iterable<number>): number => {
  let sum = 0;
  for (const number of numbers) if (number < Infinity) sum += number;
  return sum;
};
const allPairs = (distances: Float64Array): number => {
  let connected = 0;
  for (const distance of distances) if (distance < Infinity) connected++;
  return finite(distances) + connected - graph.nodes;
};

async function main(): Promise<void> {
  const tree = new ShortestPaths(graph);
  await bench('sssp', 'ShortestPaths.run(s)', sources, (s) => tree.run(s), () => finite(tree.distance));
  const meeting = new PointToPoint(graph);
  await bench('pair', 'PointToPoint.distance(s, t)', pairs, ([s, t]) => meeting.distance(s, t), (answer) => finite([answer as number]));
  const kShortest = new KShortestPaths(graph);
  await bench('yen', 'KShortestPaths.find(s, t, k)', pairs, ([s, t]) => kShortest.find(s, t, Number(option.k)), (answer) => finite((answer as { cost: number }[]).map(({ cost }) => cost)));
  const flow = new MaxFlow(graph, Array.from(graph.cost, (cost) => 1 + (cost % 1000)));
  await bench('maxflow', 'MaxFlow.value(s, t)', pairs, ([s, t]) => flow.value(s, t), (answer) => answer as number);
  if (ops.includes('allpairs')) {
    for (const threads of [1, 2]) {
      const all = new ParallelDistances(graph, threads);
      await bench('allpairs', `ParallelDistances(graph, ${threads}).run()`, [null], () => all.run(), () => allPairs(all.distances));
      await all.close();
    }
  }
  if (ops.includes('incremental')) incremental();
}

/** Changes of costs: by half to double, one in ten down and up again at its next turn. */
function incremental(): void {
  const root = sources[0];
  const usual = graph.cost.slice();
  const changes = Array.from({ length: 10_000 }, () => ({ arc: next() % graph.arcs, by: next() % 10 }));
  const tree = new IncrementalTree(graph, root);
  const full = new ShortestPaths(graph);
  let changed = 0;
  const pass = (check: boolean): number => {
    const from = cpu();
    for (const { arc, by } of changes) {
      const before = graph.cost[arc];
      graph.setCost(arc, before === Infinity ? usual[arc] : by === 0 ? Infinity : Math.round(usual[arc] * (by < 5 ? 0.5 + by / 10 : 1 + by / 10)));
      changed += tree.update(arc, before);
      if (!check) continue;
      full.run(root);
      for (let v = 0; v < graph.nodes; v++) if (tree.distance[v] !== full.distance[v]) throw new Error(`node ${v}: ${tree.distance[v]}, computed anew ${full.distance[v]}`);
    }
    return (cpu() - from) / changes.length;
  };
  pass(true);
  pass(false);
  changed = 0;
  // By turns, so that whatever else the machine does meets both.
  const times: number[] = [];
  const fullTimes: number[] = [];
  for (let round = 0; round < 9; round++) {
    times.push(pass(false));
    const from = cpu();
    for (let i = 0; i < 300; i++) full.run(root);
    fullTimes.push((cpu() - from) / 300);
  }
  const ratios = times.map((time, round) => fullTimes[round] / time).sort((a, b) => a - b);
  const fullUs = fullTimes.sort((a, b) => a - b)[4];
  graph.cost.forEach((_, arc) => graph.setCost(arc, usual[arc]));
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  print('incremental', 'IncrementalTree.update(arc, before)', times, 0, { mean_us: Number(mean.toFixed(3)), full_us: Number(fullUs.toFixed(1)), ratio: Number(ratios[4].toFixed(1)), nodes_changed: changed / changes.length / times.length, distances: 'equal' });
}

void main();
