/**
 * What would be if links or devices failed and loads were others: paths that change, pairs cut off, links over their limit. Computed beside the
 * network; nothing of it is changed.
 *
 * Loads of pairs are not known, only those of links. So of each failed direction the load is divided evenly over the pairs whose path ran over it; a pair that
 * lost several directions counts with the largest of its parts. That much leaves the rest of its old path and is added to
 * its new one. Costs follow the scaled loads by the cost rule, but not the traffic that moves: it is one step, not the network come to rest.
 */
import { COST_STEP, costOf, DEFAULT_COST, stepsOf, type CostPolicy } from './cost';
import { DEFAULT_DAMPING, isWorthIt } from './damping';
import type { PathGraph } from './graph';
import { Network, type Direction } from './network';
import { NO_ARC, ShortestPaths } from './shortest-paths';

/** A link as it is; null: not known. Names and units as in links.state. */
export interface LinkNow {
  readonly link: string;
  readonly a: string;
  readonly b: string;
  readonly up: boolean;
  readonly bitsPerSecond: number | null;
  readonly latencyMs: number | null;
  readonly lossRatio: number | null;
  readonly utilisationAhead: number | null;
  readonly utilisationBack: number | null;
  readonly costAhead: number;
  readonly costBack: number;
}

/** What is assumed. */
export interface Scenario {
  /** Names of links and devices that fail. */
  readonly downLinks: readonly string[];
  readonly downDevices: readonly string[];
  /** Every load times this; 1: as it is. */
  readonly load: number;
  /** Devices whose paths are told; without it all. */
  readonly sources?: readonly string[];
  /** Utilisation above which a link is over its limit; 1: its capacity. */
  readonly limit?: number;
  readonly policy?: CostPolicy;
  /** A path that still works is left only for one that costs this share less. */
  readonly minBenefit?: number;
  /** How many changed paths, and how many pairs cut off, are named; all are counted. */
  readonly most?: number;
}

/** A step of a path. */
export interface Step {
  readonly link: string;
  readonly node: string;
}

/** A pair whose path changes. Costs are those after; Infinity: it cannot be used, or there is none. */
export interface ChangedPath {
  readonly source: string;
  readonly target: string;
  readonly oldPath: readonly Step[];
  readonly newPath: readonly Step[];
  readonly oldCost: number;
  readonly newCost: number;
}

/** A direction of a link whose load would be over the limit. */
export interface OverLimit {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  /** Load over capacity now, with the load scaled, and with what moves. */
  readonly before: number;
  readonly scaled: number;
  readonly after: number;
}

/** What would be. Pairs that are cut off are not among the changed ones. */
export interface Outcome {
  readonly changed: readonly ChangedPath[];
  readonly changedCount: number;
  readonly cutOff: readonly { readonly source: string; readonly target: string }[];
  readonly cutOffCount: number;
  readonly overLimit: readonly OverLimit[];
  /** Failed directions of unknown load, whose traffic is missing, and directions to which traffic moves that have no known load or capacity. */
  readonly unknownLoads: number;
}

/** Links, devices and loads of the two networks, before and after. */
class Study {
  readonly network = new Network();
  readonly before: PathGraph;
  readonly after: PathGraph;
  readonly failed = new Set<Direction>();

  constructor(
    readonly links: readonly LinkNow[],
    readonly scenario: Scenario,
  ) {
    for (const { link, a, b, up, costAhead, costBack } of links) this.network.put({ link, a, b, costAhead: up ? stepsOf(costAhead) : Infinity, costBack: up ? stepsOf(costBack) : Infinity });
    this.before = this.network.graph();
    this.after = this.before.copy();
    const [downLinks, downDevices] = [new Set(scenario.downLinks), new Set(scenario.downDevices)];
    links.forEach((link, i) => {
      const down = downLinks.has(link.link) || downDevices.has(link.a) || downDevices.has(link.b);
      for (const direction of [2 * i, 2 * i + 1]) {
        const arc = this.network.arcOf[direction];
        if (down && this.before.cost[arc] < Infinity) this.failed.add(direction);
        if (down) this.after.setCost(arc, Infinity);
        else if (scenario.load !== 1 && link.up) this.after.setCost(arc, stepsOf(scaledCost(link, direction, scenario)));
      }
    });
  }

  utilisation(direction: Direction): number | null {
    const link = this.links[direction >> 1];
    return (direction & 1) === 0 ? link.utilisationAhead : link.utilisationBack;
  }

  steps(path: readonly Direction[]): Step[] {
    return path.map((direction) => ({ link: this.network.links[direction >> 1].link, node: this.network.devices[this.network.toOf(direction)] }));
  }
}

/** Cost of a direction with its load scaled. It counts as busy before where its cost says so. */
export function scaledCost(link: LinkNow, direction: Direction, { load, policy = DEFAULT_COST }: Scenario): number {
  const utilisation = (direction & 1) === 0 ? link.utilisationAhead : link.utilisationBack;
  const now = (direction & 1) === 0 ? link.costAhead : link.costBack;
  if (utilisation === null) return now;
  const cost = (ratio: number, busy: boolean): number => costOf({ up: true, latencyMs: link.latencyMs, utilisationRatio: ratio, lossRatio: link.lossRatio }, busy, policy).cost;
  const wasBusy = Math.abs(cost(utilisation, true) - now) < Math.abs(cost(utilisation, false) - now);
  return cost(utilisation * load, wasBusy);
}

/** Path of a tree in directions. */
function pathTo(study: Study, { arc }: ShortestPaths, source: number, target: number): Direction[] {
  const path: Direction[] = [];
  for (let v = target; v !== source; v = study.before.from[arc[v]]) {
    if (arc[v] === NO_ARC) return [];
    path.push(study.network.directionOf[arc[v]]);
  }
  return path.reverse();
}

/** Answers a scenario. Links that join a device with itself carry no path. Takes three shortest-path trees of every device. */
export function whatIf(links: readonly LinkNow[], scenario: Scenario): Outcome {
  const study = new Study(links, scenario);
  const { network } = study;
  const told = scenario.sources === undefined ? null : new Set(scenario.sources);
  const pairsOver = countPairs(study);
  const moved = new Map<Direction, number>();
  const { most = 100_000 } = scenario;
  const changed: ChangedPath[] = [];
  let changedCount = 0;
  let cutOffCount = 0;
  const cutOff: { source: string; target: string }[] = [];
  const damping = { ...DEFAULT_DAMPING, minBenefit: scenario.minBenefit ?? DEFAULT_DAMPING.minBenefit };
  const unknown = new Set<Direction>();
  const [before, after] = [new ShortestPaths(study.before), new ShortestPaths(study.after)];
  for (let source = 0; source < network.devices.length; source++) {
    before.run(source);
    after.run(source);
    const oldCosts = costsAlong(study.after, before.arc, source);
    for (let target = 0; target < network.devices.length; target++) {
      const oldCost = oldCosts[target];
      if (target === source || before.distance[target] === Infinity || (oldCost < Infinity && !isWorthIt(oldCost, after.distance[target], damping))) continue;
      const oldPath = pathTo(study, before, source, target);
      const newPath = pathTo(study, after, source, target);
      moveTraffic(study, oldPath, newPath, pairsOver, moved, unknown);
      if (told !== null && !told.has(network.devices[source])) continue;
      const pair = { source: network.devices[source], target: network.devices[target] };
      if (newPath.length === 0) {
        if (cutOffCount++ < most) cutOff.push(pair);
      } else if (changedCount++ < most) changed.push({ ...pair, oldPath: study.steps(oldPath), newPath: study.steps(newPath), oldCost: oldCost * COST_STEP, newCost: after.distance[target] * COST_STEP });
    }
  }
  return { changed, changedCount, cutOff, cutOffCount, overLimit: overLimit(study, moved, unknown), unknownLoads: unknown.size };
}

/** Costs of the paths of a tree in another graph of the same arcs; Infinity where one cannot be used there, or there is none. */
function costsAlong(graph: PathGraph, arc: Int32Array, root: number): Float64Array {
  const costs = new Float64Array(graph.nodes).fill(NaN);
  costs[root] = 0;
  const way: number[] = [];
  for (let v = 0; v < graph.nodes; v++) {
    let at = v;
    for (; Number.isNaN(costs[at]); at = graph.from[arc[at]]) {
      if (arc[at] === NO_ARC) {
        costs[at] = Infinity;
        break;
      }
      way.push(at);
    }
    for (let behind = way.pop(); behind !== undefined; behind = way.pop()) costs[behind] = costs[graph.from[arc[behind]]] + graph.cost[arc[behind]];
  }
  return costs;
}

/** Of each failed direction: how many pairs' paths ran over it. */
function countPairs({ before, network, failed }: Study): ReadonlyMap<Direction, number> {
  if (failed.size === 0) return new Map();
  const pairs = new Int32Array(before.arcs);
  const tree = new ShortestPaths(before);
  for (let source = 0; source < before.nodes; source++) {
    tree.run(source);
    for (let target = 0; target < before.nodes; target++) for (let a = tree.arc[target]; a !== NO_ARC; a = tree.arc[before.from[a]]) pairs[a]++;
  }
  return new Map([...failed].map((direction) => [direction, pairs[network.arcOf[direction]]]));
}

/** Notes what a pair takes off its old path and brings to its new one; unit: bits a second. */
function moveTraffic(study: Study, oldPath: readonly Direction[], newPath: readonly Direction[], pairsOver: ReadonlyMap<Direction, number>, moved: Map<Direction, number>, unknown: Set<Direction>): void {
  let volume = 0;
  for (const direction of oldPath) {
    if (!study.failed.has(direction)) continue;
    const [utilisation, capacity] = [study.utilisation(direction), study.links[direction >> 1].bitsPerSecond];
    if (utilisation === null || capacity === null) unknown.add(direction);
    else volume = Math.max(volume, (utilisation * study.scenario.load * capacity) / pairsOver.get(direction)!);
  }
  if (volume === 0) return;
  for (const direction of oldPath) if (!newPath.includes(direction)) moved.set(direction, (moved.get(direction) ?? 0) - volume);
  for (const direction of newPath) if (!oldPath.includes(direction)) moved.set(direction, (moved.get(direction) ?? 0) + volume);
}

function overLimit(study: Study, moved: ReadonlyMap<Direction, number>, unknown: Set<Direction>): OverLimit[] {
  const over: OverLimit[] = [];
  const { network, scenario } = study;
  for (let direction = 0; direction < 2 * study.links.length; direction++) {
    if (study.after.cost[network.arcOf[direction]] === Infinity) continue;
    const [before, more, capacity] = [study.utilisation(direction), moved.get(direction) ?? 0, study.links[direction >> 1].bitsPerSecond];
    if (before === null || (more !== 0 && capacity === null)) {
      if (more > 0) unknown.add(direction);
      if (before === null) continue;
    }
    const scaled = before * scenario.load;
    const after = Math.max(0, scaled + (capacity === null ? 0 : more / capacity));
    if (after <= (scenario.limit ?? 1)) continue;
    over.push({ link: network.links[direction >> 1].link, from: network.devices[network.fromOf(direction)], to: network.devices[network.toOf(direction)], before, scaled, after });
  }
  return over.sort((one, other) => other.after - one.after);
}
