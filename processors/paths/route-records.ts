/** Records of routes.changes: names in the place of numbers, and what they were computed from. */
import { COST_STEP } from '../../domain/paths/cost';
import type { Direction, Network } from '../../domain/paths/network';
import type { PolicyMoved, PolicyPair } from '../../domain/paths/policy-routes';
import { isAnnouncement, prefixOf } from '../../domain/paths/prefixes';
import type { Moved } from '../../domain/paths/routes';
import { encodeRouteChange, type RouteChange } from '../../schemas';
import { POLICIES, ROUTES_CHANGES, TOPOLOGY_STATE } from '../../topics';
import type { Context, JoinedCauses } from '../runtime/processor';
import type { KeptLink } from './route-memory';

/** What a record is made of. */
interface Change extends Pick<Moved, 'source' | 'target' | 'reason' | 'cause' | 'oldPath' | 'newPath' | 'oldCost' | 'newCost' | 'heldMs'> {
  readonly policy: string;
  readonly backupPath: readonly Direction[];
  readonly alternatives: readonly (readonly Direction[])[];
  /** Offset of the policy that had a part in it; -1: none had. */
  readonly policyOffset: number;
}

/** Makes and emits them; the network is the present one. */
export class RouteRecords {
  constructor(
    private readonly network: Network,
    private readonly kept: (link: number) => KeptLink | null,
  ) {}

  /** A pair moved that no policy has. */
  moved(moved: Moved, time: number, last: number, context: Context): void {
    this.emit({ ...moved, policy: '', backupPath: [], alternatives: [], policyOffset: -1 }, time, last, context);
  }

  /** A pair moved under its policy. */
  underPolicy(moved: PolicyMoved, time: number, last: number, context: Context): void {
    this.emit({ ...moved, policy: moved.policy.rules.policy.name, policyOffset: moved.policy.version }, time, last, context);
  }

  /** A policy let a pair go by the record at `policyOffset`; `path` is what is in force then, null where none is kept. */
  released({ source, target, path: oldPath }: PolicyPair, path: readonly Direction[] | null, policyOffset: number, time: number, last: number, context: Context): void {
    const cost = (of: readonly Direction[]): number => (of.length === 0 ? Infinity : of.reduce((sum, direction) => sum + this.network.cost[direction], 0));
    const newPath = path ?? [];
    this.emit({ source, target, reason: path === null ? 'removed' : 'policy', cause: -1, oldPath, newPath, oldCost: cost(oldPath), newCost: cost(newPath), heldMs: 0, policy: '', backupPath: [], alternatives: [], policyOffset }, time, last, context);
  }

  /** `last`: offset of the latest record of links.state, a cause where no link is one. */
  private emit(of: Change, time: number, last: number, context: Context): void {
    const { network } = this;
    const { oldPath, newPath } = of;
    const source = network.devices[of.source];
    const prefix = prefixOf(network.devices[of.target]);
    const end = newPath.at(-1) ?? oldPath.at(-1);
    const target = prefix === null ? network.devices[of.target] : end === undefined ? '' : network.devices[network.fromOf(end)];
    const cause = of.cause < 0 ? null : this.kept(of.cause >> 1);
    const link = cause === null || isAnnouncement(cause.link) ? null : cause;
    const change: RouteChange = {
      source, target, prefix: prefix ?? '', policy: of.policy, time, reason: of.reason, link: link?.link ?? '', oldCost: of.oldCost * COST_STEP, newCost: of.newCost * COST_STEP, heldMs: of.heldMs,
      oldPath: this.hops(oldPath), newPath: this.hops(newPath), backupPath: this.hops(of.backupPath), alternatives: of.alternatives.flatMap((path, i) => this.hops(path).map((hop) => ({ path: i + 2, ...hop }))),
    };
    const joined: JoinedCauses[] = of.policyOffset < 0 ? [] : [{ topic: POLICIES, first: of.policyOffset, last: of.policyOffset }];
    const announced = prefix === null || end === undefined ? null : this.kept(end >> 1);
    if (announced !== null) joined.push({ topic: TOPOLOGY_STATE, first: announced.offset, last: announced.offset });
    const offset = link?.offset ?? this.latestOn([...newPath, ...oldPath]) ?? last;
    const value = encodeRouteChange(change, context.schemaId(ROUTES_CHANGES));
    context.emit(ROUTES_CHANGES, 0, Buffer.from(`${source}/${prefix ?? target}`), value, { timeMs: time, causes: { first: offset, last: offset }, joined });
    context.sent(1);
  }

  /** Offset of the latest record of the links on a path; null where there are none. */
  private latestOn(path: readonly Direction[]): number | null {
    let latest: number | null = null;
    for (const direction of path) {
      const kept = this.kept(direction >> 1);
      if (kept !== null && !isAnnouncement(kept.link) && kept.offset > (latest ?? -1)) latest = kept.offset;
    }
    return latest;
  }

  /** The hops of a path, what announces a prefix left out. */
  private hops(path: readonly Direction[]): { node: string; link: string }[] {
    return path.flatMap((direction) => {
      const { link } = this.network.links[direction >> 1];
      return isAnnouncement(link) ? [] : [{ node: this.network.devices[this.network.toOf(direction)], link }];
    });
  }
}
