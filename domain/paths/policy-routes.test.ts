/** Pairs under policies, as links and policies change, against what the search finds anew. */
import type { PathPolicy } from '../../schemas';
import { seeded } from '../simulate/random';
import { NO_DAMPING, type Damping } from './damping';
import { Network, type Direction } from './network';
import { NO_POLICY, PolicyRules, type LinkFacts } from './policy';
import type { PolicyJournal, PolicyMemory, PolicyMoved, PolicyPair } from './policy-pairs';
import { PolicyTable } from './policy-routes';
import { policyGraph, PolicySearch } from './policy-search';

/** Keeps what a journal is told, as a store would. */
class Memory implements PolicyJournal {
  readonly pairs = new Map<string, PolicyPair>();
  readonly links = new Set<number>();
  readonly busyOnes = new Set<string>();
  readonly versions = new Map<string, number>();
  limit: [number, number] = [-Infinity, 0];

  pair(pair: PolicyPair): void {
    this.pairs.set(`${pair.source} ${pair.target}`, pair);
  }
  released(source: number, target: number): void {
    this.pairs.delete(`${source} ${target}`);
  }
  dirty(link: number | null): void {
    if (link === null) this.links.clear();
    else this.links.add(link);
  }
  busy(policy: string, direction: Direction, busy: boolean): void {
    if (busy) this.busyOnes.add(`${policy} ${direction}`);
    else this.busyOnes.delete(`${policy} ${direction}`);
  }
  costed(policy: string, version: number | null): void {
    if (version === null) this.versions.delete(policy);
    else this.versions.set(policy, version);
  }
  budget(sinceMs: number, moves: number): void {
    this.limit = [sinceMs, moves];
  }
  get memory(): PolicyMemory {
    return { pairs: [...this.pairs.values()], dirty: [...this.links], busy: [...this.busyOnes].map((text) => [text.split(' ')[0], Number(text.split(' ')[1])] as const), costed: [...this.versions], budget: this.limit };
  }
}

const POLICIES: readonly Partial<PathPolicy>[] = [
  {},
  { latencyWeight: 1, utilisationWeight: 1, busyFrom: 0.6, busyUntil: 0.3 },
  { maxLatencyMs: 20, avoidLinks: 'l1*' },
  { includeDevices: 'd3', latencyWeight: 0.5 },
  { disjoint: 'link' },
  { disjoint: 'risk-group', maxLatencyMs: 40 },
  { minBitsPerSecond: 5e9, paths: 3 },
];

interface Run {
  readonly moves: readonly string[];
  readonly moved: readonly PolicyMoved[];
}

/** Links and policies that change at random; `check` is called after every computation. */
function run(seed: number, damping: Damping, restartEvery: number, check: (table: PolicyTable, current: (name: string) => PolicySearch, memory: Memory, nowMs: number, moved: readonly PolicyMoved[]) => void = () => undefined): Run {
  const random = seeded(seed);
  const whole = (below: number): number => Math.floor(random() * below);
  const network = new Network();
  const facts: LinkFacts[] = [];
  const memory = new Memory();
  const policies = new Map<string, { rules: PolicyRules; version: number }>();
  const fresh = (): PolicyTable => new PolicyTable(network, (link) => facts[link], damping, memory, 60, 4);
  let table = fresh();
  let nowMs = 1_000_000;
  const moves: string[] = [];
  const all: PolicyMoved[] = [];
  const ends = Array.from({ length: 22 }, () => [`d${whole(8)}`, `d${whole(8)}`]).filter(([a, b]) => a !== b);
  for (let round = 0; round < 70; round++) {
    if (round % 9 === 3 || round === 0) {
      const name = `p${whole(6)}`;
      const rules = new PolicyRules({ ...NO_POLICY, name, priority: whole(3), sources: ['d0', 'd?', 'd1,d2'][whole(3)], targets: ['', 'd5,d6', 'd4'][whole(3)], ...POLICIES[whole(POLICIES.length)] });
      policies.set(name, { rules, version: round });
      table.put(policies.get(name)!);
    } else if (round % 17 === 5) {
      const name = `p${whole(6)}`;
      policies.delete(name);
      table.remove(name);
    }
    for (let i = round === 0 || round % 40 === 0 ? 30 : 1 + whole(3); i > 0; i--) {
      const at = whole(ends.length);
      const [a, b] = ends[at];
      const cost = (): number => (random() < 0.12 ? Infinity : 1 + whole(30));
      network.put({ link: `l${at}`, a, b, costAhead: cost(), costBack: cost() });
      const number = network.link(`l${at}`);
      facts[number] = { bitsPerSecond: random() < 0.5 ? 1e9 : 1e10, latencyMs: whole(20), lossRatio: 0, utilisationAhead: random(), utilisationBack: random(), riskGroups: ['', 'x', 'y'][whole(3)] };
      table.changed(number);
    }
    nowMs += 1 + whole(8000);
    // What was to be computed is computed after a restart as well as without one.
    if (restartEvery > 0 && round % restartEvery === 0) {
      table = fresh();
      for (const policy of [...policies.values()].reverse()) table.put(policy);
      table.restore(memory.memory);
    }
    const moved: PolicyMoved[] = [];
    table.claim(() => null);
    network.graph();
    const text = (path: readonly Direction[]): string => path.join('-');
    table.compute(
      nowMs,
      (one) => {
        moved.push(one);
        moves.push(`${round} ${one.policy.rules.policy.name}/${one.policy.version} ${one.source}>${one.target} ${one.reason} ${one.cause} ${text(one.oldPath)} to ${text(one.newPath)} & ${text(one.backupPath)} | ${one.alternatives.map(text).join()} ${one.oldCost} ${one.newCost} ${one.heldMs}`);
      },
      (pair) => moves.push(`${round} ${pair.policy} lets ${pair.source}>${pair.target} go from ${text(pair.path)}`),
    );
    all.push(...moved);
    const current = (name: string): PolicySearch => {
      const { rules } = policies.get(name)!;
      return new PolicySearch(network, policyGraph(network, (link) => facts[link], rules, (direction) => memory.busyOnes.has(`${name} ${direction}`)), (link) => facts[link], rules);
    };
    check(table, current, memory, nowMs, moved);
  }
  return { moves, moved: all };
}

test('without damping every pair has the cheapest path within its policy after every change, though few are looked at', () => {
  for (const seed of [1, 2]) {
    let pairs = 0;
    run(seed, NO_DAMPING, 0, (_table, current, memory) => {
      const searches = new Map<string, PolicySearch>();
      for (const { policy, source, target, path, backup } of memory.pairs.values()) {
        if (!searches.has(policy)) searches.set(policy, current(policy));
        const search = searches.get(policy)!;
        expect(search.costOf(source, path, backup)).toBe(search.find(source, target)?.cost ?? Infinity);
        pairs++;
      }
    });
    expect(pairs).toBeGreaterThan(600);
  }
});

test('with damping a path that keeps to its policy is left for enough only, and once in a hold time; one that does not, or whose policy is another, at once', () => {
  const damping: Damping = { minBenefit: 0.2, holdMs: 20_000, budgetMoves: 5, budgetMs: 30_000 };
  const reasons = new Set<string>();
  for (const seed of [4, 5]) {
    const last = new Map<string, number>();
    const budget = new Map<number, number>();
    run(seed, damping, 0, (_table, current, memory, nowMs, moved) => {
      for (const { source, target, reason, oldPath, oldCost, newCost } of moved) {
        reasons.add(reason);
        const pair = `${source} ${target}`;
        if (!['policy', 'no-path-within-policy'].includes(reason) && oldCost < Infinity) {
          expect(newCost).toBeLessThanOrEqual(0.8 * oldCost);
          expect(nowMs - (last.get(pair) ?? -Infinity)).toBeGreaterThanOrEqual(damping.holdMs);
          const interval = Math.floor(nowMs / damping.budgetMs);
          budget.set(interval, (budget.get(interval) ?? 0) + 1);
        }
        if (oldPath.length > 0) last.set(pair, nowMs);
      }
      for (const { policy, source, target, path, backup } of memory.pairs.values()) {
        const search = current(policy);
        if (search.find(source, target) !== null) expect(search.costOf(source, path, backup)).toBeLessThan(Infinity);
        else expect(path).toEqual([]);
      }
    });
    expect(Math.max(...budget.values())).toBeLessThanOrEqual(damping.budgetMoves);
  }
  expect([...reasons].sort()).toEqual(['better', 'link-down', 'no-path-within-policy', 'policy', 'reachable', 'worse']);
});

test('the same comes out whether it was restored from its journal in between or not', () => {
  for (const damping of [NO_DAMPING, { minBenefit: 0.1, holdMs: 15_000, budgetMoves: 4, budgetMs: 20_000 }]) {
    for (const seed of [6]) {
      const { moves } = run(seed, damping, 0);
      expect(moves.length).toBeGreaterThan(100);
      expect(run(seed, damping, 1).moves).toEqual(moves);
      expect(run(seed, damping, 5).moves).toEqual(moves);
    }
  }
});

test('pairs and policies beyond the bounds are counted and left out, the first by priority are kept', () => {
  const network = new Network();
  for (const b of ['b', 'c', 'd']) network.put({ link: `a${b}`, a: 'a', b, costAhead: 1, costBack: 1 });
  const memory = new Memory();
  const table = new PolicyTable(network, () => ({ bitsPerSecond: null, latencyMs: null, lossRatio: null, utilisationAhead: null, utilisationBack: null, riskGroups: '' }), NO_DAMPING, memory, 4, 2);
  for (const [name, priority, sources] of [['low', 1, ''], ['high', 3, 'b'], ['middle', 2, 'c']] as const) table.put({ rules: new PolicyRules({ ...NO_POLICY, name, priority, sources }), version: 1 });
  table.claim(() => null);
  network.graph();
  table.compute(1000, () => undefined, () => undefined);
  expect([...memory.pairs.values()].map(({ policy, source, target }) => `${policy} ${network.devices[source]}${network.devices[target]}`)).toEqual(['high ba', 'high bc', 'high bd', 'middle ca']);
  expect(table.counts).toMatchObject({ policiesLeft: 1, pairsLeft: 2 });
});
