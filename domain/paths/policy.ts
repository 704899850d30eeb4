/** What a policy says, made ready to be asked: to which pairs it applies, which links it lets be used, what they cost by its weights. */
import type { PathPolicy } from '../../schemas';
import { MOST_WAYPOINTS } from './constrained';
import { costOf, stepsOf, type CostPolicy } from './cost';
import { canonicalPrefix, prefixOf } from './prefixes';

/** What is known of a link beside what it costs; null: not known. Names and units as in links.state. */
export interface LinkFacts {
  readonly bitsPerSecond: number | null;
  readonly latencyMs: number | null;
  readonly lossRatio: number | null;
  readonly utilisationAhead: number | null;
  readonly utilisationBack: number | null;
  readonly riskGroups: string;
}

/** A policy that asks nothing of anybody. */
export const NO_POLICY: PathPolicy = {
  name: '', time: 0, priority: 0, sources: '', targets: '', prefixes: '', latencyWeight: null, utilisationWeight: null, lossWeight: null, busyFrom: null, busyUntil: null,
  assumedLatencyMs: 1, avoidDevices: '', avoidLinks: '', avoidRiskGroups: '', includeDevices: '', includeLinks: '', disjoint: '', maxLatencyMs: null, minBitsPerSecond: null, paths: 1,
};

/** Names and patterns of a list with commas. */
export const patternsOf = (list: string): readonly string[] => list.split(',').map((text) => text.trim()).filter((text) => text !== '');

/** True where a text is what a pattern says: `*` is any text, `?` any character. Time by the product of the lengths at most. */
export function matches(pattern: string, text: string): boolean {
  let [p, t, star, from] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      from = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else {
      if (star < 0) return false;
      p = star + 1;
      t = ++from;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

const some = (patterns: readonly string[], text: string): boolean => patterns.some((pattern) => matches(pattern, text));

/** What of a policy cannot be: a field and why; null where all is well. */
export function faultOf(policy: PathPolicy): { readonly field: keyof PathPolicy; readonly what: string } | null {
  const fault = (field: keyof PathPolicy, what: string): { field: keyof PathPolicy; what: string } => ({ field, what });
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(policy.name)) return fault('name', 'is letters, digits, dots, dashes and underscores, at most 128');
  for (const field of ['latencyWeight', 'utilisationWeight', 'lossWeight', 'maxLatencyMs', 'minBitsPerSecond', 'assumedLatencyMs'] as const) {
    const value = policy[field];
    if (value !== null && !(value >= 0 && value < Infinity)) return fault(field, `is at least 0, not ${value}`);
  }
  const { busyFrom, busyUntil } = policy;
  if (busyFrom !== null && !(busyFrom > 0 && busyFrom < Infinity)) return fault('busyFrom', 'is above 0');
  if (busyUntil !== null && (busyFrom === null || !(busyUntil >= 0 && busyUntil <= busyFrom))) return fault('busyUntil', 'is at most busyFrom');
  if (busyFrom !== null && weightsOf(policy) === null) return fault('busyFrom', 'goes with weights');
  if (!['', 'link', 'risk-group'].includes(policy.disjoint)) return fault('disjoint', `is 'link' or 'risk-group', not ${policy.disjoint}`);
  if (!Number.isInteger(policy.paths) || policy.paths < 1 || policy.paths > 16) return fault('paths', 'is a whole number from 1 to 16');
  const included = patternsOf(policy.includeDevices).length + patternsOf(policy.includeLinks).length;
  if (included > MOST_WAYPOINTS) return fault('includeDevices', `with includeLinks names ${included}; there may be ${MOST_WAYPOINTS}`);
  if (policy.disjoint !== '' && included > 0) return fault('disjoint', 'does not go with include');
  if (policy.disjoint !== '' && policy.paths > 1) return fault('disjoint', 'does not go with paths');
  const wrong = patternsOf(policy.prefixes).find((pattern) => !/[*?]/.test(pattern) && canonicalPrefix(pattern) === null);
  return wrong === undefined ? null : fault('prefixes', `${wrong} is no prefix`);
}

/** The rule of the cost by the weights of a policy; null where it has none. Weights that it does not name are 0. */
function weightsOf({ latencyWeight, utilisationWeight, lossWeight, busyFrom, busyUntil, assumedLatencyMs }: PathPolicy): CostPolicy | null {
  if (latencyWeight === null && utilisationWeight === null && lossWeight === null) return null;
  return { latencyWeight: latencyWeight ?? 0, utilisationWeight: utilisationWeight ?? 0, lossWeight: lossWeight ?? 0, busyFrom: busyFrom ?? Infinity, busyUntil: busyUntil ?? busyFrom ?? Infinity, assumedLatencyMs };
}

/** A link by its names. */
interface Named {
  readonly link: string;
  readonly a: string;
  readonly b: string;
}

/** See the file's head. The policy must be without fault. */
export class PolicyRules {
  /** Null: links cost what links.state says. */
  readonly weights: CostPolicy | null;
  readonly includeDevices: readonly string[];
  readonly includeLinks: readonly string[];
  private readonly sources: readonly string[];
  private readonly targets: readonly string[];
  private readonly prefixes: readonly string[];
  private readonly avoidDevices: readonly string[];
  private readonly avoidLinks: readonly string[];
  private readonly avoidRiskGroups: readonly string[];

  constructor(readonly policy: PathPolicy) {
    this.weights = weightsOf(policy);
    this.sources = patternsOf(policy.sources);
    this.targets = patternsOf(policy.targets);
    this.prefixes = patternsOf(policy.prefixes).map((pattern) => canonicalPrefix(pattern) ?? pattern);
    this.avoidDevices = patternsOf(policy.avoidDevices);
    this.avoidLinks = patternsOf(policy.avoidLinks);
    this.avoidRiskGroups = patternsOf(policy.avoidRiskGroups);
    this.includeDevices = patternsOf(policy.includeDevices);
    this.includeLinks = patternsOf(policy.includeLinks);
  }

  /** True where paths are simply the shortest over the links that may be used. */
  get isPlain(): boolean {
    const { disjoint, maxLatencyMs } = this.policy;
    return disjoint === '' && maxLatencyMs === null && this.includeDevices.length === 0 && this.includeLinks.length === 0;
  }

  /** Whether paths from a node, by its name in the network, are under it; and paths to one. */
  isSource(node: string): boolean {
    return prefixOf(node) === null && (this.sources.length === 0 || some(this.sources, node));
  }

  isTarget(node: string): boolean {
    const prefix = prefixOf(node);
    if (prefix !== null) return some(this.prefixes, prefix);
    return this.targets.length === 0 ? this.prefixes.length === 0 : some(this.targets, node);
  }

  /** Whether a link may be used as far as the policy goes. A capacity that is not known is too little. */
  allows({ link, a, b }: Named, { bitsPerSecond, riskGroups }: LinkFacts): boolean {
    const { minBitsPerSecond } = this.policy;
    if (minBitsPerSecond !== null && (bitsPerSecond ?? 0) < minBitsPerSecond) return false;
    if (some(this.avoidLinks, link) || some(this.avoidDevices, a) || some(this.avoidDevices, b)) return false;
    return this.avoidRiskGroups.length === 0 || !patternsOf(riskGroups).some((group) => some(this.avoidRiskGroups, group));
  }

  /** Cost of a direction, in steps, that costs `base` by links.state and works; and whether it counts as busy from now on. */
  costOf(base: number, ahead: boolean, facts: LinkFacts, wasBusy: boolean): { readonly cost: number; readonly busy: boolean } {
    if (this.weights === null) return { cost: base, busy: false };
    const { latencyMs, lossRatio, utilisationAhead, utilisationBack } = facts;
    const { cost, busy } = costOf({ up: true, latencyMs, lossRatio, utilisationRatio: ahead ? utilisationAhead : utilisationBack }, wasBusy, this.weights);
    return { cost: stepsOf(cost), busy };
  }
}
