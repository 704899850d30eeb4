/** A policy at work: what links cost by it, as they change, and which pairs follow it. */
import type { PathGraph } from './graph';
import type { Direction, Network } from './network';
import type { PolicyJournal, VersionedPolicy } from './policy-pairs';
import { directionCost, policyGraph, type FactsOf } from './policy-search';
import { ShortestPaths } from './shortest-paths';

/** More changed directions than this, and all pairs are looked at. */
const GAINS_MOST = 16;

/** See the file's head. */
export class ActivePolicy {
  /** With the costs as they were computed last; null: to be made. Trees on it, of which distances alone are used. */
  graph: PathGraph | null = null;
  trees: { readonly ahead: ShortestPaths; readonly back: ShortestPaths } | null = null;
  readonly busy = new Set<Direction>();
  /** Version by which it was computed. */
  costed = -1;
  /** In the order of sources and targets. */
  pairs: number[] = [];

  constructor(
    private readonly network: Network,
    private readonly facts: FactsOf,
    private readonly journal: Pick<PolicyJournal, 'busy' | 'costed'>,
    public of: VersionedPolicy,
  ) {}

  get name(): string {
    return this.of.rules.policy.name;
  }

  /** Of a policy that nothing follows no costs are kept up to date. */
  forget(): void {
    for (const direction of this.busy) this.journal.busy(this.name, direction, false);
    this.busy.clear();
    this.graph = null;
    this.costed = -1;
    this.journal.costed(this.name, null);
  }

  /** Brings the costs of a policy up to date; the directions that changed. */
  update(dirty: ReadonlySet<number>): ReadonlySet<Direction> {
    const { network, facts, journal, name, of } = this;
    const isNew = this.costed !== of.version;
    if (isNew) {
      this.forget();
      this.costed = of.version;
      journal.costed(name, of.version);
    }
    const changed = new Set<Direction>();
    for (const link of dirty) changed.add(2 * link).add(2 * link + 1);
    for (const direction of isNew ? network.cost.keys() : changed) {
      const { busy } = directionCost(network, facts, of.rules, direction, this.busy.has(direction));
      if (busy === this.busy.has(direction)) continue;
      if (busy) this.busy.add(direction);
      else this.busy.delete(direction);
      journal.busy(name, direction, busy);
    }
    if (this.graph === null) this.graph = policyGraph(network, facts, of.rules, (direction) => this.busy.has(direction));
    else for (const direction of changed) this.graph.setCost(network.arcOf[direction], directionCost(network, facts, of.rules, direction, this.busy.has(direction)).cost);
    return changed;
  }

  /** Whether a pair could have something cheaper than it has by one of the directions that changed. */
  gains(changed: ReadonlySet<Direction>): (source: number, target: number, cost: number) => boolean {
    const { network } = this;
    const graph = this.graph!;
    const usable = [...changed].filter((direction) => graph.cost[network.arcOf[direction]] < Infinity);
    if (usable.length > GAINS_MOST) return () => true;
    if (usable.length === 0) return () => false;
    if (this.trees?.ahead.graph !== graph) this.trees = { ahead: new ShortestPaths(graph), back: new ShortestPaths(graph, true) };
    const { ahead, back } = this.trees;
    const ways = usable.map((direction) => {
      back.run(network.fromOf(direction));
      ahead.run(network.toOf(direction));
      return { before: back.distance.slice(), cost: graph.cost[network.arcOf[direction]], behind: ahead.distance.slice() };
    });
    // Of two paths the other one costs at least as much as the shortest.
    let from = -1;
    const other = (source: number, target: number): number => {
      if (this.of.rules.policy.disjoint === '') return 0;
      if (from !== source) ahead.run((from = source));
      return ahead.distance[target];
    };
    return (source, target, cost) => ways.some((way) => way.before[source] + way.cost + way.behind[target] < cost - other(source, target));
  }

  /** Cost of directions, whatever else the policy asks of them. */
  plainCost(path: readonly Direction[]): number {
    return path.reduce((sum, direction) => sum + this.graph!.cost[this.network.arcOf[direction]], 0);
  }
}
