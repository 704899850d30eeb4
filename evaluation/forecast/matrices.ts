/** Series of traffic from matrices of origins and destinations, at several levels of aggregation. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PathGraph, type Arc } from '../../domain/paths/graph';
import { NO_ARC, ShortestPaths } from '../../domain/paths/shortest-paths';
import { readTopology } from '../../domain/topology/read';

/** Series side by side: a value a series and step, in one unit for all; not a number where it is not known. */
export interface SeriesSet {
  /** When the first step begins, milliseconds since the epoch, the file's clock taken as UTC. */
  readonly startMs: number;
  readonly stepMs: number;
  readonly names: readonly string[];
  readonly series: readonly Float64Array[];
}

/** Reads rows of a wide CSV: a head, then a row a step, the time first. @param factor to bytes a step */
export function readWide(path: string, stepMs: number, factor: number, from = 0, to = Infinity): SeriesSet {
  const [head, ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  const rows = lines.slice(from, to).map((line) => line.split(','));
  const names = head.split(',').slice(1);
  const startMs = Date.parse(rows[0][0] + 'Z');
  rows.forEach(([time], i) => {
    if (Date.parse(time + 'Z') !== startMs + i * stepMs) throw new Error(`${path}: row ${i + 1} is of ${time}, not ${stepMs} ms behind the one before`);
  });
  return { startMs, stepMs, names, series: names.map((_, column) => Float64Array.from(rows, (row) => Number(row[column + 1]) * factor)) };
}

/** Steps from `from` until before `to`. */
export const part = ({ startMs, stepMs, names, series }: SeriesSet, from: number, to: number): SeriesSet => ({ startMs: startMs + from * stepMs, stepMs, names, series: series.map((values) => values.subarray(from, to)) });

/** Sums of series by the name that `groupOf` gives; those without are left out. */
export function grouped(set: SeriesSet, groupOf: (name: string) => readonly string[]): SeriesSet {
  const sums = new Map<string, Float64Array>();
  set.names.forEach((name, i) => {
    for (const group of groupOf(name)) {
      const sum = sums.get(group) ?? new Float64Array(set.series[i].length);
      set.series[i].forEach((value, step) => (sum[step] += value));
      sums.set(group, sum);
    }
  });
  return { ...set, names: [...sums.keys()], series: [...sums.values()] };
}

/** Everything as one series. */
export const total = (set: SeriesSet): SeriesSet => grouped(set, () => ['total']);
/** By where traffic enters, of names `<from>><to>`. */
export const ingress = (set: SeriesSet): SeriesSet => grouped(set, (name) => [name.slice(0, name.indexOf('>'))]);

/**
 * By link and direction, each pair on its path of fewest hops. @param topology a file of the network, of which `nameOf` gives the names of the
 * matrix; null where it is not there
 */
export function links(set: SeriesSet, topology: string, nameOf: (node: string) => string = (node) => node): SeriesSet | null {
  if (!existsSync(topology)) return null;
  const { elements } = readTopology(basename(topology).replace(/\.gz$/, ''), gunzipSync(readFileSync(topology)).toString('utf8'));
  const devices = elements.filter(({ element }) => element === 'device').map(({ id }) => nameOf(id));
  const number = new Map(devices.map((name, i) => [name, i]));
  const arcs: Arc[] = [];
  for (const { element, a, b } of elements) {
    if (element !== 'link') continue;
    const [from, to] = [number.get(nameOf(a!))!, number.get(nameOf(b!))!];
    arcs.push({ from, to, cost: 1 }, { from: to, to: from, cost: 1 });
  }
  const graph = new PathGraph(devices.length, arcs);
  const named = new Map<number, string>();
  arcs.forEach(({ from, to }, i) => named.set(graph.arcOf[i], `${devices[from]}>${devices[to]}`));
  const search = new ShortestPaths(graph);
  const ways = new Map<string, readonly string[]>();
  devices.forEach((from, source) => {
    search.run(source);
    devices.forEach((to, target) => {
      const way: string[] = [];
      for (let node = target, arc = search.arc[node]; arc !== NO_ARC; node = graph.from[arc], arc = search.arc[node]) way.push(named.get(arc)!);
      ways.set(`${from}>${to}`, way);
    });
  });
  return grouped(set, (name) => ways.get(name) ?? []);
}
