/** What would become of the paths within a policy if links or devices failed and loads were others. Nothing of the network is changed. */
import { COST_STEP, stepsOf } from './cost';
import { DEFAULT_DAMPING, isWorthIt } from './damping';
import { Network, type Direction } from './network';
import { PolicyRules, type LinkFacts } from './policy';
import { policyGraph, PolicySearch } from './policy-search';
import { announcement, isAnnouncement, prefixOf } from './prefixes';
import { scaledCost, type LinkNow, type Scenario, type Step } from './what-if';
import type { PathPolicy } from '../../schemas';

/** A link as it is, with its risk groups. */
export type PolicyLinkNow = LinkNow & LinkFacts;

/** A pair under the policy. Costs are by the policy, those after; with a backup path of both; Infinity: none keeps to it. */
export interface PolicyChange {
  readonly source: string;
  /** A device or a prefix. */
  readonly target: string;
  readonly oldPath: readonly Step[];
  readonly oldBackup: readonly Step[];
  readonly newPath: readonly Step[];
  readonly newBackup: readonly Step[];
  readonly oldCost: number;
  readonly newCost: number;
}

/** What would be. Pairs that have no path now are not among the changed ones, whatever they would have. */
export interface PolicyOutcome {
  readonly pairs: number;
  /** Pairs beyond the bound, which were not looked at. */
  readonly pairsLeft: number;
  readonly changed: readonly PolicyChange[];
  readonly changedCount: number;
  /** Pairs that have a path within the policy now, and would have none. */
  readonly without: readonly { readonly source: string; readonly target: string }[];
  readonly withoutCount: number;
}

/** A network with what is known of its links, and its searches under the policy. */
class Side {
  readonly network = new Network();
  readonly search: PolicySearch;

  constructor(links: readonly PolicyLinkNow[], announced: readonly (readonly [device: string, prefix: string])[], rules: PolicyRules, costs: (link: PolicyLinkNow, i: number) => readonly [ahead: number, back: number], load: number) {
    const facts: (LinkFacts | null)[] = [];
    const times = (ratio: number | null): number | null => (ratio === null ? null : ratio * load);
    links.forEach((link, i) => {
      const [costAhead, costBack] = costs(link, i);
      this.network.put({ link: link.link, a: link.a, b: link.b, costAhead, costBack });
      facts.push({ ...link, utilisationAhead: times(link.utilisationAhead), utilisationBack: times(link.utilisationBack) });
    });
    for (const [device, prefix] of announced) {
      this.network.put(announcement(device, prefix));
      facts.push(null);
    }
    this.search = new PolicySearch(this.network, policyGraph(this.network, (link) => facts[link], rules), (link) => facts[link], rules);
  }

  steps(path: readonly Direction[]): Step[] {
    return path.flatMap((direction) => {
      const { link } = this.network.links[direction >> 1];
      return isAnnouncement(link) ? [] : [{ link, node: this.network.devices[this.network.toOf(direction)] }];
    });
  }
}

/** Answers a scenario for the pairs that a policy applies to, at most `maxPairs` of them. `announced` says which devices announce which prefixes. */
export function whatIfPolicy(links: readonly PolicyLinkNow[], announced: readonly (readonly [device: string, prefix: string])[], policy: PathPolicy, scenario: Scenario, maxPairs = 10_000): PolicyOutcome {
  const rules = new PolicyRules(policy);
  const [downLinks, downDevices] = [new Set(scenario.downLinks), new Set(scenario.downDevices)];
  const isDown = ({ link, a, b }: LinkNow): boolean => downLinks.has(link) || downDevices.has(a) || downDevices.has(b);
  const costNow = ({ up, costAhead, costBack }: LinkNow): readonly [number, number] => (up ? [stepsOf(costAhead), stepsOf(costBack)] : [Infinity, Infinity]);
  const before = new Side(links, announced, rules, costNow, 1);
  const after = new Side(links, announced.filter(([device]) => !downDevices.has(device)), rules, (link) => {
    if (!link.up || isDown(link)) return [Infinity, Infinity];
    return scenario.load === 1 ? costNow(link) : [stepsOf(scaledCost(link, 0, scenario)), stepsOf(scaledCost(link, 1, scenario))];
  }, scenario.load);
  const { devices } = before.network;
  const damping = { ...DEFAULT_DAMPING, minBenefit: scenario.minBenefit ?? DEFAULT_DAMPING.minBenefit };
  const told = scenario.sources === undefined ? null : new Set(scenario.sources);
  const { most = 100_000 } = scenario;
  const changed: PolicyChange[] = [];
  const without: { source: string; target: string }[] = [];
  let [pairs, pairsLeft, changedCount, withoutCount] = [0, 0, 0, 0];
  const targets = devices.flatMap((name, node) => (rules.isTarget(name) ? [node] : []));
  for (const [source, name] of devices.entries()) {
    if (!rules.isSource(name) || (told !== null && !told.has(name))) continue;
    for (const target of targets) {
      if (target === source) continue;
      if (pairs >= maxPairs) {
        pairsLeft++;
        continue;
      }
      pairs++;
      const was = before.search.find(source, target);
      if (was === null) continue;
      // The prefixes of a device that fails have other numbers, or none.
      const there = (path: readonly Direction[]): Direction[] | null => {
        const directions = path.map((direction) => 2 * after.network.link(before.network.links[direction >> 1].link) + (direction & 1));
        return directions.some((direction) => direction < 0) ? null : directions;
      };
      const [node, path, backup] = [after.network.device(devices[target]), there(was.path), there(was.backup)];
      const oldCost = path === null || backup === null ? Infinity : after.search.costOf(source, path, backup);
      const is = node < 0 ? null : after.search.find(source, node);
      if (oldCost < Infinity && !isWorthIt(oldCost, is?.cost ?? Infinity, damping)) continue;
      const pair = { source: name, target: prefixOf(devices[target]) ?? devices[target] };
      if (is === null) {
        if (withoutCount++ < most) without.push(pair);
      } else if (changedCount++ < most) {
        changed.push({ ...pair, oldPath: before.steps(was.path), oldBackup: before.steps(was.backup), newPath: after.steps(is.path), newBackup: after.steps(is.backup), oldCost: oldCost * COST_STEP, newCost: is.cost * COST_STEP });
      }
    }
  }
  return { pairs, pairsLeft, changed, changedCount, without, withoutCount };
}
