/**
 * The paths of pairs that policies apply to, as links and policies change. A pair follows one policy, the first of those that apply to it by priority
 * and name; it moves as other pairs do: at once where its path no longer keeps to the policy or the policy is another one, else damped.
 *
 * After a change only pairs are looked at whose paths run over it, or that could gain by it: those for which even the unconstrained way over a
 * changed direction, and a second one where there are two, costs less than what they have. What a pair moves to is a function of the links, the policy and what it had, so that it does not matter which were looked at.
 */
import { isWorthIt, type Damping } from './damping';
import type { RouteReason } from './held-routes';
import type { Direction, Network } from './network';
import { ActivePolicy } from './policy-active';
import type { PolicyCounts, PolicyJournal, PolicyMemory, PolicyMoved, PolicyPair, VersionedPolicy } from './policy-pairs';
import { PolicySearch, type FactsOf, type PolicyPath } from './policy-search';

const TARGETS = 2 ** 24;
const keyOf = (source: number, target: number): number => source * TARGETS + target;
const same = (one: readonly Direction[], other: readonly Direction[]): boolean => one.length === other.length && one.every((direction, i) => direction === other[i]);

/** See the file's head. The same calls in the same order move the same pairs, whether it was restored in between or not. */
export class PolicyTable {
  readonly counts: PolicyCounts = { pairsLeft: 0, policiesLeft: 0, unproven: 0 };
  private readonly policies = new Map<string, ActivePolicy>();
  private readonly pairs = new Map<number, PolicyPair>();
  private readonly dirty = new Set<number>();
  /** Pairs that no policy applies to any more. */
  private readonly leaving: number[] = [];
  /** Policies or nodes are others than those that the pairs were made of. */
  private stale = false;
  private nodes = 0;
  private arcs = 0;
  private budgetSince = -Infinity;
  private moves = 0;
  private earliest = Infinity;

  /** Keeps the paths of `maxPairs` pairs at most, by the first `maxPolicies`. */
  constructor(
    private readonly network: Network,
    private readonly facts: FactsOf,
    private readonly damping: Damping,
    private readonly journal: PolicyJournal,
    private readonly maxPairs: number,
    private readonly maxPolicies = Infinity,
  ) {}

  /** Number of policies. */
  get size(): number {
    return this.policies.size;
  }

  /** When pairs that wait are to be looked at, not later than needed; Infinity: not. */
  get retryMs(): number {
    return this.earliest;
  }

  /** A policy is there, or another one under its name. */
  put(policy: VersionedPolicy): void {
    const { name } = policy.rules.policy;
    const active = this.policies.get(name);
    if (active === undefined) this.policies.set(name, new ActivePolicy(this.network, this.facts, this.journal, policy));
    else active.of = policy;
    this.stale = true;
  }

  /** A policy is gone; false where there was none of that name. */
  remove(name: string): boolean {
    const active = this.policies.get(name);
    if (active === undefined) return false;
    active.forget();
    this.policies.delete(name);
    this.stale = true;
    return true;
  }

  /** A link is another one, or costs something else. */
  changed(link: number): void {
    if (this.policies.size === 0 || this.dirty.has(link)) return;
    this.dirty.add(link);
    this.journal.dirty(link);
  }

  /** True where a pair is under a policy, or was until it is told otherwise. */
  has(source: number, target: number): boolean {
    return this.pairs.size > 0 && this.pairs.has(keyOf(source, target));
  }

  /** Takes up what a journal kept; policies must be put and the network must hold its links already. */
  restore({ pairs, dirty, busy, costed, budget }: PolicyMemory): void {
    for (const pair of pairs) this.pairs.set(keyOf(pair.source, pair.target), pair);
    for (const link of dirty) this.dirty.add(link);
    for (const [policy, direction] of busy) this.policies.get(policy)?.busy.add(direction);
    for (const [policy, version] of costed) {
      const active = this.policies.get(policy);
      if (active !== undefined) active.costed = version;
    }
    [this.budgetSince, this.moves] = budget;
    this.stale = true;
    this.earliest = Math.min(Infinity, ...[...this.pairs.values()].map(({ waiting }) => waiting?.retryMs ?? Infinity));
  }

  /** Gives every pair to the policy that it follows now; `inForce` is the path of a pair that no policy had so far. To be called before {@link compute}. */
  claim(inForce: (source: number, target: number) => readonly Direction[] | null): void {
    const { network, pairs } = this;
    if (!this.stale && this.nodes === network.devices.length) return;
    this.stale = false;
    this.nodes = network.devices.length;
    const claimed = new Set<number>();
    this.counts.policiesLeft += Math.max(0, this.policies.size - this.maxPolicies);
    for (const [rank, active] of this.inOrder().entries()) {
      active.pairs = [];
      if (rank >= this.maxPolicies) continue;
      const sources = network.devices.flatMap((name, node) => (active.of.rules.isSource(name) ? [node] : []));
      const targets = network.devices.flatMap((name, node) => (active.of.rules.isTarget(name) ? [node] : []));
      for (const [i, source] of sources.entries()) {
        if (claimed.size >= this.maxPairs) {
          // What a policy before has claimed is not looked for here: it counts once more.
          const ends = new Set(targets);
          for (const left of sources.slice(i)) this.counts.pairsLeft += targets.length - Number(ends.has(left));
          break;
        }
        for (const target of targets) {
          const key = keyOf(source, target);
          if (source === target || claimed.has(key)) continue;
          if (claimed.size >= this.maxPairs) {
            this.counts.pairsLeft++;
            continue;
          }
          claimed.add(key);
          active.pairs.push(key);
          if (!pairs.has(key)) pairs.set(key, { source, target, policy: '', version: -1, path: inForce(source, target) ?? [], backup: [], movedMs: -Infinity, waiting: null });
        }
      }
    }
    this.leaving.length = 0;
    for (const key of pairs.keys()) if (!claimed.has(key)) this.leaving.push(key);
    this.leaving.sort((one, other) => one - other);
  }

  /** Lets go what no policy applies to any more, and brings the others up to date; by policy in their order, by source and target. The network must be compiled. */
  compute(nowMs: number, emit: (moved: PolicyMoved) => void, release: (pair: PolicyPair) => void): void {
    for (const key of this.leaving.splice(0)) {
      const pair = this.pairs.get(key)!;
      this.pairs.delete(key);
      this.journal.released(pair.source, pair.target);
      release(pair);
    }
    this.renewBudget(nowMs);
    const isGrown = this.arcs !== this.network.cost.length || this.network.graph().nodes !== this.network.devices.length;
    this.arcs = this.network.cost.length;
    for (const active of this.inOrder()) {
      if (isGrown || active.graph?.nodes !== this.network.devices.length) active.graph = null;
      if (active.pairs.length > 0) this.update(active, nowMs, emit);
      else if (active.costed >= 0) active.forget();
    }
    if (this.dirty.size > 0) {
      this.dirty.clear();
      this.journal.dirty(null);
    }
    this.earliest = Infinity;
    for (const { waiting } of this.pairs.values()) if (waiting !== null && waiting.retryMs < this.earliest) this.earliest = waiting.retryMs;
  }

  private inOrder(): ActivePolicy[] {
    const rank = ({ of }: ActivePolicy): number => -of.rules.policy.priority;
    return [...this.policies.values()].sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
  }

  private update(active: ActivePolicy, nowMs: number, emit: (moved: PolicyMoved) => void): void {
    const { network, facts } = this;
    const changed = active.update(this.dirty);
    const graph = active.graph!;
    const looked = this.touched(active, changed, nowMs);
    if (looked.length === 0) return;
    // A graph of its own each time: what is found must not depend on the changes that led to it.
    const search = new PolicySearch(network, graph.copy(), facts, active.of.rules);
    const found = new Map<number, PolicyPath | null>();
    // Trees are those of a source, or under constraints those of a target.
    const { isPlain, policy } = active.of.rules;
    for (const key of isPlain || policy.disjoint !== '' ? looked : [...looked].sort((one, other) => (one % TARGETS) - (other % TARGETS) || one - other)) found.set(key, search.find(Math.floor(key / TARGETS), key % TARGETS));
    for (const key of looked) this.decide(active, this.pairs.get(key)!, found.get(key)!, search, changed, nowMs, emit);
    this.counts.unproven += search.unproven;
  }

  /** Keys of the pairs to look at, in order. */
  private touched(active: ActivePolicy, changed: ReadonlySet<Direction>, nowMs: number): number[] {
    const gains = active.gains(changed);
    const isOn = (path: readonly Direction[]): boolean => path.some((direction) => changed.has(direction));
    return active.pairs.filter((key) => {
      const { policy, version, path, backup, waiting, source, target } = this.pairs.get(key)!;
      if (policy !== active.name || version !== active.of.version || (waiting !== null && waiting.retryMs <= nowMs)) return true;
      if (changed.size === 0) return false;
      return isOn(path) || isOn(backup) || (waiting !== null && isOn(waiting.better)) || gains(source, target, path.length === 0 ? Infinity : active.plainCost([...path, ...backup]));
    });
  }

  private decide(active: ActivePolicy, pair: PolicyPair, found: PolicyPath | null, search: PolicySearch, changed: ReadonlySet<Direction>, nowMs: number, emit: (moved: PolicyMoved) => void): void {
    const { source, target, path, backup, waiting } = pair;
    const { name, of } = active;
    const isNew = pair.policy !== name || pair.version !== of.version;
    const oldCost = search.costOf(source, path, backup);
    // A search that ended at its limit may find less than there is already.
    const best = oldCost <= (found?.cost ?? Infinity) && oldCost < Infinity ? { path, backup, cost: oldCost } : found;
    const next = { ...pair, policy: name, version: of.version, waiting: null };
    const stays = best === null ? path.length === 0 && backup.length === 0 : same(path, best.path) && same(backup, best.backup);
    if (stays && pair.policy === name && (best !== null || !isNew)) return this.keep(next, pair);
    const newCost = best?.cost ?? Infinity;
    const on = (directions: readonly Direction[]): Direction | undefined => directions.find((direction) => changed.has(direction));
    const left = on(path) ?? on(backup);
    const cause = isNew ? -1 : (left ?? on(best?.path ?? []) ?? on(best?.backup ?? []) ?? waiting?.cause ?? -1);
    const reason = this.reasonOf(pair, best, isNew, oldCost, left);
    const sinceMs = waiting?.sinceMs ?? nowMs;
    if (!isNew && oldCost < Infinity) {
      const retryMs = this.waitUntil(pair, oldCost, newCost, nowMs);
      if (retryMs > nowMs) {
        this.earliest = Math.min(this.earliest, retryMs);
        return this.keep({ ...next, waiting: { sinceMs, retryMs, cause, reason, better: [...best!.path, ...best!.backup] } }, pair);
      }
      this.journal.budget(this.budgetSince, ++this.moves);
    }
    const moved = { ...next, path: best?.path ?? [], backup: best?.backup ?? [], movedMs: path.length === 0 ? pair.movedMs : nowMs };
    this.keep(moved, pair);
    const { paths } = of.rules.policy;
    const alternatives = paths === 1 || best === null ? [] : search.several(source, target, paths).map((one) => one.path).filter((one) => !same(one, best.path)).slice(0, paths - 1);
    emit({ source, target, policy: of, reason, cause, oldPath: path, newPath: moved.path, backupPath: moved.backup, alternatives, oldCost, newCost, heldMs: nowMs - sinceMs });
  }

  private reasonOf({ path, backup, waiting }: PolicyPair, best: PolicyPath | null, isNew: boolean, oldCost: number, left: Direction | undefined): RouteReason {
    if (best === null) return 'no-path-within-policy';
    if (isNew) return 'policy';
    if (path.length === 0) return 'reachable';
    if ([...path, ...backup].some((direction) => this.network.cost[direction] === Infinity)) return 'link-down';
    return oldCost === Infinity || left !== undefined ? 'worse' : (waiting?.reason ?? 'better');
  }

  private keep(pair: PolicyPair, before: PolicyPair): void {
    if (pair.waiting === null && before.waiting === null && pair.policy === before.policy && pair.version === before.version && pair.path === before.path && pair.backup === before.backup) return;
    this.pairs.set(keyOf(pair.source, pair.target), pair);
    this.journal.pair(pair);
  }

  /** The present time where a pair may leave a path that keeps to its policy; else when to look again. */
  private waitUntil({ movedMs }: PolicyPair, oldCost: number, newCost: number, nowMs: number): number {
    const { damping } = this;
    if (!isWorthIt(oldCost, newCost, damping)) return Infinity;
    if (movedMs + damping.holdMs > nowMs) return movedMs + damping.holdMs;
    return this.moves < damping.budgetMoves ? nowMs : this.budgetSince + damping.budgetMs;
  }

  private renewBudget(nowMs: number): void {
    const sinceMs = nowMs - (nowMs % this.damping.budgetMs);
    if (this.policies.size === 0 || sinceMs <= this.budgetSince) return;
    this.budgetSince = sinceMs;
    this.moves = 0;
    this.journal.budget(sinceMs, 0);
  }
}
