import { InvalidArgumentError, type Command } from 'commander';
import { stepsOf, COST_STEP } from '../../domain/paths/cost';
import { constrainedPaths } from '../../domain/paths/constrained';
import { disjointPair, groupDisjointPair } from '../../domain/paths/disjoint';
import type { PathGraph } from '../../domain/paths/graph';
import type { Path } from '../../domain/paths/k-shortest';
import { Network } from '../../domain/paths/network';
import { PolicyRules } from '../../domain/paths/policy';
import { policyGraph, PolicySearch } from '../../domain/paths/policy-search';
import { announcement, isAnnouncement, isPrefixText, longestMatch, prefixesOf, prefixNode } from '../../domain/paths/prefixes';
import { NetWeaverError } from '../../infra/errors';
import { linksSection } from '../../processors/link-state';
import type { LinkState, PathPolicy } from '../../schemas';
import { withContext, type CommandContext } from '../context';
import { jsonLine, short } from '../output';
import { linksAt, parseTime, warnOfLater } from './links-at';
import { named, policiesNow } from './policies';
import { presentElements } from './topology';

interface PathsOptions {
  readonly k: number;
  readonly disjoint?: boolean;
  readonly avoid: readonly string[];
  readonly include: readonly string[];
  readonly maxLatency?: number;
  readonly minBandwidth?: number;
  readonly policy?: string;
  readonly at?: number;
  readonly json?: boolean;
}

const collect = (value: string, values: readonly string[]): string[] => [...values, value];

const count = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 1000) throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
  return number;
};

const milliseconds = (text: string): number => {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number of milliseconds.');
  return Number(text);
};

/** `10G` → 1e10. */
export function parseBandwidth(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kMGT]?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be bits a second, e.g. 100M or 10G.');
  return Number(match[1]) * 10 ** (3 * ' kMGT'.indexOf(match[2] || ' '));
}

/** `netweaver paths`: shortest paths between two devices over the links as they are or were. */
export function register(program: Command): void {
  program
    .command('paths <from> <to>')
    .description('The shortest paths between two devices, or to a prefix or an address, over the links as they are now: costs, links, latency, utilisation.')
    .option('-k <n>', 'how many', count, 3)
    .option('--disjoint', 'two paths that share no link and no risk group, of least cost together')
    .option('--avoid <device or link>', 'not over it; may be given again', collect, [])
    .option('--include <device>', 'through it; may be given again', collect, [])
    .option('--max-latency <ms>', 'no more latency than this, one way', milliseconds)
    .option('--min-bandwidth <bps>', 'over links of so much capacity alone, e.g. 10G', parseBandwidth)
    .option('--policy <name>', 'paths that keep to a policy, with the costs by its weights; as many as it tells unless -k says it')
    .option('--at <time>', 'links as they were at a time, or so long ago, e.g. 10m', parseTime)
    .option('--json', 'one JSON object a line for each path')
    .action((from: string, to: string, options: PathsOptions, command: Command) =>
      withContext(command, async (context) => {
        const read = await linksAt(context, options.at);
        warnOfLater(read);
        const policy = options.policy === undefined ? undefined : named(await policiesNow(context), [options.policy])[0];
        const k = policy !== undefined && command.getOptionValueSource('k') === 'default' ? policy.paths : options.k;
        const announced = isPrefixText(to) ? await announcements(context) : [];
        const found = findPaths(read.links, from, to, { ...options, k }, context.config.get(linksSection).assumedLatencyMs, { announced, policy });
        for (const note of found.notes) process.stderr.write(note + '\n');
        const lines = options.json === true ? found.paths.map(jsonLine) : found.paths.length === 0 ? [`There is no such path from ${from} to ${to}.`] : found.paths.flatMap(linesOf);
        process.stdout.write(lines.map((line) => line + '\n').join(''));
      }),
    );
}

/** Which devices announce which prefixes, by topology.state. */
export async function announcements(context: CommandContext): Promise<readonly (readonly [device: string, prefix: string])[]> {
  const elements = await presentElements(context);
  return elements.flatMap(({ element, id, up, prefixes }) => (element !== 'device' || up === false ? [] : prefixesOf(prefixes).prefixes.map((prefix) => [id, prefix] as const)));
}

/** A hop as it is told; utilisation in the direction of the path. */
interface Hop {
  readonly node: string;
  readonly link: string;
  readonly cost: number;
  readonly latencyMs: number | null;
  readonly utilisation: number | null;
  readonly bitsPerSecond: number | null;
}

/** A path as it is told. Latency: null where a link's is not known; utilisation: that of the fullest link of which it is known. */
export interface ToldPath {
  readonly path: number;
  readonly from: string;
  /** The device where it ends; of a path to a prefix, the one that announces it. */
  readonly to: string;
  /** Null of a path to a device. */
  readonly prefix: string | null;
  readonly cost: number;
  readonly latencyMs: number | null;
  readonly utilisation: number | null;
  readonly bitsPerSecond: number | null;
  readonly hops: readonly Hop[];
}

/** Links as a graph. */
class Links {
  readonly network = new Network();
  readonly graph: PathGraph;

  constructor(readonly links: readonly LinkState[], announced: readonly (readonly [device: string, prefix: string])[]) {
    for (const { link, a, b, up, costAhead, costBack } of links) this.network.put({ link, a, b, costAhead: up ? stepsOf(costAhead) : Infinity, costBack: up ? stepsOf(costBack) : Infinity });
    for (const [device, prefix] of announced) this.network.put(announcement(device, prefix));
    this.graph = this.network.graph();
  }

  /** The prefix that an arc announces is no link. */
  isLink(arc: number): boolean {
    return !isAnnouncement(this.network.links[this.network.directionOf[arc] >> 1].link);
  }

  /** @throws NW_USAGE a device that no link has */
  device(name: string): number {
    const number = this.network.device(name);
    if (number < 0) throw new NetWeaverError('NW_USAGE', `No link leads to a device '${name}'; there are ${this.links.length} links${this.links.length > 0 ? `, e.g. from ${[...new Set(this.links.slice(0, 5).map(({ a }) => a))].join(', ')}` : ''}.`);
    return number;
  }

  of(arc: number): LinkState {
    return this.links[this.network.directionOf[arc] >> 1];
  }

  ahead(arc: number): boolean {
    return (this.network.directionOf[arc] & 1) === 0;
  }

  /** A path by the costs of a graph. */
  told({ cost, arcs }: Path, i: number, from: string, prefix: string | null, graph = this.graph): ToldPath {
    const hops = arcs.filter((arc) => this.isLink(arc)).map((arc): Hop => {
      const { link, latencyMs, utilisationAhead, utilisationBack, bitsPerSecond } = this.of(arc);
      return { node: this.network.devices[this.graph.to[arc]], link, cost: graph.cost[arc] * COST_STEP, latencyMs, utilisation: this.ahead(arc) ? utilisationAhead : utilisationBack, bitsPerSecond };
    });
    const known = <T>(values: readonly (T | null)[]): T[] => values.filter((value): value is T => value !== null);
    const most = (values: readonly number[], pick: (...of: number[]) => number): number | null => (values.length === 0 ? null : pick(...values));
    return {
      path: i + 1, from, to: hops.at(-1)?.node ?? from, prefix, cost: cost * COST_STEP,
      latencyMs: hops.every(({ latencyMs }) => latencyMs !== null) ? hops.reduce((sum, { latencyMs }) => sum + latencyMs!, 0) : null,
      utilisation: most(known(hops.map(({ utilisation }) => utilisation)), Math.max),
      bitsPerSecond: most(known(hops.map(({ bitsPerSecond }) => bitsPerSecond)), Math.min), hops,
    };
  }
}

/** What paths may lead to beside devices, and what they keep to. */
interface Beside {
  readonly announced: readonly (readonly [device: string, prefix: string])[];
  readonly policy?: PathPolicy;
}

interface Found {
  readonly paths: readonly ToldPath[];
  readonly notes: readonly string[];
}

/** Paths between two devices, or to the longest prefix that matches, under the options. Latencies that are not known count as the assumed one; capacities that are not known as too little. @throws NW_USAGE */
export function findPaths(states: readonly LinkState[], from: string, to: string, options: PathsOptions, assumedLatencyMs: number, { announced, policy }: Beside): Found {
  const links = new Links(states, announced);
  const { graph, network } = links;
  const isDevice = states.some(({ a, b }) => a === to || b === to);
  const prefix = isDevice || !isPrefixText(to) ? null : longestMatch(to, announced.map(([, one]) => one));
  if (!isDevice && prefix === null && isPrefixText(to)) throw new NetWeaverError('NW_USAGE', `No device announces a prefix that holds ${to}; ${new Set(announced.map(([, one]) => one)).size} prefixes are announced.`);
  const [source, target] = [links.device(from), prefix === null ? links.device(to) : network.device(prefixNode(prefix))];
  if (policy !== undefined) return withinPolicy(links, policy, source, target, options, from, prefix);
  const include = options.include.map((name) => ({ nodes: new Set([links.device(name)]) }));
  for (const name of options.avoid) if (network.device(name) < 0 && network.link(name) < 0) throw new NetWeaverError('NW_USAGE', `--avoid ${name}: neither a device nor a link.`);
  const avoid = new Set(options.avoid);
  const allowed = (arc: number): boolean => {
    if (!links.isLink(arc)) return true;
    const { link, a, b, bitsPerSecond } = links.of(arc);
    return !avoid.has(link) && !avoid.has(a) && !avoid.has(b) && (options.minBandwidth === undefined || (bitsPerSecond ?? 0) >= options.minBandwidth);
  };
  const notes: string[] = [];
  let paths: readonly Path[];
  if (options.disjoint === true) {
    if (include.length > 0 || options.maxLatency !== undefined) throw new NetWeaverError('NW_USAGE', '--disjoint goes with --avoid and --min-bandwidth alone.');
    paths = pairOf(links, graph.only(allowed), source, target, notes);
  } else {
    const latency = Float64Array.from({ length: graph.arcs }, (_, arc) => (links.isLink(arc) ? (links.of(arc).latencyMs ?? assumedLatencyMs) : 0));
    const found = constrainedPaths(graph, source, target, options.k, { allowed, include, latency, maxLatency: options.maxLatency });
    if (!found.proven) notes.push('The search ended at its limit: there may be more paths.');
    if (options.maxLatency !== undefined && states.some(({ latencyMs }) => latencyMs === null)) notes.push(`Latencies that are not known count as ${assumedLatencyMs} ms.`);
    paths = found.paths;
  }
  return { paths: paths.map((path, i) => links.told(path, i, from, prefix)), notes };
}

/** Paths that keep to a policy, by its costs; what is busy is what is at the border now. */
function withinPolicy(links: Links, policy: PathPolicy, source: number, target: number, options: PathsOptions, from: string, prefix: string | null): Found {
  if (options.disjoint === true || options.avoid.length + options.include.length > 0 || options.maxLatency !== undefined || options.minBandwidth !== undefined) throw new NetWeaverError('NW_USAGE', '--policy goes with -k, --at and --json alone.');
  const { network } = links;
  const rules = new PolicyRules(policy);
  const facts = (link: number): LinkState | null => links.links[link] ?? null;
  const graph = policyGraph(network, facts, rules);
  const search = new PolicySearch(network, graph, facts, rules);
  const pair = policy.disjoint === '' ? null : search.find(source, target);
  const found = policy.disjoint === '' ? search.several(source, target, options.k).map(({ path }) => path) : pair === null ? [] : [pair.path, pair.backup];
  const applies = rules.isSource(from) && rules.isTarget(network.devices[target]);
  const notes = [...(applies ? [] : [`The policy ${policy.name} does not apply to this pair.`]), ...(search.unproven > 0 ? ['The search ended at its limit: there may be cheaper or more paths.'] : [])];
  const paths = found.map((path) => path.map((direction) => network.arcOf[direction])).map((arcs) => ({ arcs, cost: arcs.reduce((sum, arc) => sum + graph.cost[arc], 0) }));
  return { paths: paths.map((path, i) => links.told(path, i, from, prefix, graph)), notes };
}

/** Two paths without a common link and risk group; where there are none of those, without a common link. */
function pairOf(links: Links, graph: PathGraph, source: number, target: number, notes: string[]): readonly Path[] {
  const linkOf = links.network.directionOf.map((direction) => direction >> 1);
  const groups = new Map<string, number>();
  const groupsOf = links.links.map(({ riskGroups }, link) => [
    link,
    ...riskGroups.split(',').filter((name) => name !== '').map((name) => groups.get(name) ?? (groups.set(name, links.links.length + groups.size), groups.get(name)!)),
  ]);
  const apart = disjointPair(graph, source, target, linkOf);
  if (groups.size === 0 || apart === null) return apart ?? [];
  const { pair, proven } = groupDisjointPair(graph, source, target, (arc) => groupsOf[linkOf[arc]]);
  if (pair !== null && !proven) notes.push('The search ended at its limit: there may be a cheaper pair.');
  if (pair === null) notes.push(`${proven ? 'There are no two paths without a common risk group' : 'Two paths without a common risk group were not found within the limit of the search'}; these two share no link.`);
  return pair ?? apart;
}

const percent = (ratio: number | null): string => (ratio === null ? '?' : `${Math.round(ratio * 100)} %`);
const ms = (value: number | null): string => (value === null ? 'latency not known' : `${Number(value.toFixed(2))} ms`);
const costText = (cost: number): string => String(Number(cost.toPrecision(6)));

function linesOf({ path, from, to, prefix, cost, latencyMs, utilisation, bitsPerSecond, hops }: ToldPath): string[] {
  const capacity = bitsPerSecond === null ? '' : `, ${short(bitsPerSecond)}bit/s`;
  return [
    `${path}.  cost ${costText(cost)}, ${ms(latencyMs)}, ${hops.length} link${hops.length === 1 ? '' : 's'}, fullest ${percent(utilisation)}${capacity}`,
    `    ${from}`,
    ...hops.map((hop) => `    -> ${hop.node}  over ${hop.link}  cost ${costText(hop.cost)}, ${ms(hop.latencyMs)}, ${percent(hop.utilisation)}`),
    ...(prefix === null ? [] : [`    ${to} announces ${prefix}`]),
  ];
}
