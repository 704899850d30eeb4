/** Paths that keep to a policy, on the links as they are. */
import { ConstrainedSearch, type Waypoint } from './constrained';
import { disjointPair, groupDisjointPair, type PathPair } from './disjoint';
import { PathGraph } from './graph';
import type { Path } from './k-shortest';
import type { Direction, Network } from './network';
import { matches, patternsOf, type LinkFacts, type PolicyRules } from './policy';
import { announcersOf, prefixOf } from './prefixes';
import { NO_ARC, ShortestPaths } from './shortest-paths';

/** What is known of the links of a network, by number; null of those that announce prefixes. */
export type FactsOf = (link: number) => LinkFacts | null;

/** A path under a policy, in directions; `backup` is empty where the policy asks for none. */
export interface PolicyPath {
  readonly path: readonly Direction[];
  readonly backup: readonly Direction[];
  /** Of both together, in steps. */
  readonly cost: number;
}

/** Cost of a direction under a policy, in steps; Infinity where it may not or cannot be used. Also, whether it counts as busy from now on. */
export function directionCost(network: Network, facts: FactsOf, rules: PolicyRules, direction: Direction, wasBusy: boolean): { readonly cost: number; readonly busy: boolean } {
  const base = network.cost[direction];
  const of = facts(direction >> 1);
  if (of === null || base === Infinity) return { cost: base, busy: wasBusy && of !== null };
  const { link, a, b } = network.links[direction >> 1];
  const by = rules.costOf(base, (direction & 1) === 0, of, wasBusy);
  return rules.allows({ link, a: network.devices[a], b: network.devices[b] }, of) ? by : { cost: Infinity, busy: by.busy };
}

/** The network's graph with the costs of a policy: the same arcs by the same numbers. `isBusy` says which directions were busy. */
export function policyGraph(network: Network, facts: FactsOf, rules: PolicyRules, isBusy: (direction: Direction) => boolean = () => false): PathGraph {
  network.graph();
  return new PathGraph(network.devices.length, network.cost.map((_, direction) => ({ from: network.fromOf(direction), to: network.toOf(direction), cost: directionCost(network, facts, rules, direction, isBusy(direction)).cost })));
}

/** How many paths are gone through by cost where there is no better way: two that are disjoint, or several under constraints. */
const LIMIT = 256;
/** Latencies are whole microseconds, so that their sums are exact. */
const PER_MS = 1000;

/** Searches under one policy; graph, links and costs must stay as they are. What is found is a function of them alone. */
export class PolicySearch {
  /** Searches that ended at their limit: what they found keeps to the policy, but there may be something cheaper, or something at all. */
  unproven = 0;
  private readonly tree: ShortestPaths;
  private treeOf = -1;
  private readonly maxLatency: number | undefined;
  /** Made when they are needed first. */
  private constrainedSearch: ConstrainedSearch | null = null;
  private latencies: Float64Array | null = null;
  private linksOf: Int32Array | null = null;
  private groups: readonly (readonly number[])[] | null = null;

  constructor(
    private readonly network: Network,
    private readonly graph: PathGraph,
    private readonly facts: FactsOf,
    private readonly rules: PolicyRules,
  ) {
    const { maxLatencyMs } = rules.policy;
    this.tree = new ShortestPaths(graph);
    this.maxLatency = maxLatencyMs === null ? undefined : Math.floor(maxLatencyMs * PER_MS);
  }

  /** The path of least cost that keeps to the policy; null where there is none, or none was found within the limits. */
  find(source: number, target: number): PolicyPath | null {
    if (this.rules.policy.disjoint !== '') return this.pair(source, target);
    if (this.rules.isPlain) return this.shortest(source, target);
    const { paths, proven } = this.constrained.find(source, target, 1);
    if (!proven) this.unproven++;
    return paths.length === 0 ? null : { path: this.directions(paths[0]), backup: [], cost: paths[0].cost };
  }

  /** At most `k` paths by cost that keep to the policy, disjoint ones apart. */
  several(source: number, target: number, k: number): PolicyPath[] {
    const { paths, proven } = this.constrained.find(source, target, k, LIMIT);
    if (!proven) this.unproven++;
    return paths.map((path) => ({ path: this.directions(path), backup: [], cost: path.cost }));
  }

  /** What a path costs, and its backup, both as they are now; Infinity where they do not keep to the policy. */
  costOf(source: number, path: readonly Direction[], backup: readonly Direction[]): number {
    if (path.length === 0) return Infinity;
    const [arcs, others] = [path, backup].map((directions) => directions.map((direction) => this.network.arcOf[direction]));
    if (!this.keeps(source, arcs)) return Infinity;
    const sum = (of: readonly number[]): number => of.reduce((cost, arc) => cost + this.graph.cost[arc], 0);
    if (this.rules.policy.disjoint === '') return sum(arcs);
    if (others.length === 0 || !this.keeps(source, others)) return Infinity;
    const taken = new Set(arcs.flatMap((arc) => this.groupsOf(arc)));
    return others.some((arc) => this.groupsOf(arc).some((group) => taken.has(group))) ? Infinity : sum(arcs) + sum(others);
  }

  private keeps(source: number, arcs: readonly number[]): boolean {
    return (this.maxLatency === undefined && this.rules.includeDevices.length + this.rules.includeLinks.length === 0) || this.constrained.keeps(source, arcs);
  }

  private get constrained(): ConstrainedSearch {
    const { network, rules, maxLatency } = this;
    return (this.constrainedSearch ??= new ConstrainedSearch(this.graph, {
      maxLatency, ...(maxLatency === undefined ? {} : { latency: this.latency }),
      include: [
        ...rules.includeDevices.map((pattern): Waypoint => ({ nodes: new Set(network.devices.flatMap((name, node) => (prefixOf(name) === null && matches(pattern, name) ? [node] : []))) })),
        ...rules.includeLinks.map((pattern): Waypoint => ({ arcs: new Set(network.links.flatMap(({ link }, i) => (matches(pattern, link) ? [network.arcOf[2 * i], network.arcOf[2 * i + 1]] : []))) })),
      ],
    }));
  }

  /** Of each arc, microseconds. */
  private get latency(): Float64Array {
    const { network, facts, rules, graph } = this;
    return (this.latencies ??= Float64Array.from({ length: graph.arcs }, (_, arc) => {
      const of = facts(network.directionOf[arc] >> 1);
      return of === null ? 0 : Math.round((of.latencyMs !== null && of.latencyMs >= 0 ? of.latencyMs : rules.policy.assumedLatencyMs) * PER_MS);
    }));
  }

  private treeFrom(source: number): ShortestPaths {
    if (this.treeOf !== source) this.tree.run((this.treeOf = source));
    return this.tree;
  }

  private shortest(source: number, target: number): PolicyPath | null {
    const { graph } = this;
    const tree = this.treeFrom(source);
    if (tree.distance[target] === Infinity) return null;
    const path: Direction[] = [];
    for (let a = tree.arc[target]; a !== NO_ARC; a = tree.arc[graph.from[a]]) path.push(this.network.directionOf[a]);
    return { path: path.reverse(), backup: [], cost: tree.distance[target] };
  }

  /** Two paths apart. To a prefix they lead to two devices that announce it, or to the same one. */
  private pair(source: number, target: number): PolicyPath | null {
    const { network } = this;
    if (prefixOf(network.devices[target]) === null) return this.pairTo(source, target);
    let best = this.pairTo(source, target);
    for (const name of announcersOf(network, target)) {
      const device = network.device(name);
      const last = network.cost.findIndex((cost, direction) => cost < Infinity && network.fromOf(direction) === device && network.toOf(direction) === target);
      if (device === source) return { path: [last], backup: [last], cost: 0 };
      const pair = this.pairTo(source, device);
      if (pair !== null && (best === null || pair.cost < best.cost)) best = { path: [...pair.path, last], backup: [...pair.backup, last], cost: pair.cost };
    }
    return best;
  }

  private pairTo(source: number, target: number): PolicyPath | null {
    const { graph, network, maxLatency } = this;
    let pair: PathPair | null;
    if (this.rules.policy.disjoint === 'link' && maxLatency === undefined) {
      this.linksOf ??= network.directionOf.map((direction) => direction >> 1);
      pair = disjointPair(graph, source, target, this.linksOf, this.treeFrom(source));
    } else {
      const found = groupDisjointPair(graph, source, target, (arc) => this.groupsOf(arc), LIMIT, maxLatency === undefined ? undefined : { latency: this.latency, maxLatency });
      if (!found.proven) this.unproven++;
      ({ pair } = found);
    }
    return pair === null ? null : { path: this.directions(pair[0]), backup: this.directions(pair[1]), cost: pair[0].cost + pair[1].cost };
  }

  /** What two paths must not share: the link, and its risk groups; the announcement of a prefix may be shared. */
  private groupsOf(arc: number): readonly number[] {
    if (this.groups === null) {
      const numbers = new Map<string, number>();
      const { network, facts, rules } = this;
      this.groups = network.links.map((_, link) => {
        const of = facts(link);
        if (of === null) return [];
        const names = rules.policy.disjoint === 'risk-group' ? patternsOf(of.riskGroups) : [];
        return [link, ...names.map((name) => numbers.get(name) ?? (numbers.set(name, network.links.length + numbers.size), numbers.get(name)!))];
      });
    }
    return this.groups[this.network.directionOf[arc] >> 1];
  }

  private directions({ arcs }: Path): Direction[] {
    return arcs.map((arc) => this.network.directionOf[arc]);
  }
}
