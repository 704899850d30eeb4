/** Records of routes.changes: names in the place of numbers, and what they were computed from. */
import { COST_STEP } from '../../domain/paths/cost';
import type { Direction, Network } from '../../domain/paths/network';
import type { PolicyMoved, PolicyPair } from '../../domain/paths/policy-pairs';
import { prefixOf } from '../../domain/paths/prefixes';
import type { Moved } from '../../domain/paths/routes';
import { encodeRouteChange, type RouteChange } from '../../schemas';
import { POLICIES, ROUTES_CHANGES, TOPOLOGY_STATE } from '../../topics';
import type { Context, JoinedCauses } from '../runtime/processor';

/** What of a record a policy has a part in. */
interface ByPolicy {
  readonly policy: string;
  readonly backupPath: readonly Direction[];
  readonly alternatives: readonly (readonly Direction[])[];
  /** Offset of the policy; -1: none had a part. */
  readonly offset: number;
}

const NO_POLICY: ByPolicy = { policy: '', backupPath: [], alternatives: [], offset: -1 };

/** What is known of the links of a network by their numbers, beside their costs. */
export interface LinkOrigins {
  /** Offset of the latest record: on links.state, of what announces a prefix on topology.state. */
  readonly offsets: readonly number[];
  /** True where a link stands for the announcement of a prefix. */
  isAnnouncement(link: number): boolean;
}

/** Makes and emits them; the network is the present one. */
export class RouteRecords {
  constructor(
    private readonly network: Network,
    private readonly origins: LinkOrigins,
  ) {}

  /** A pair moved that no policy has. */
  moved(moved: Moved, time: number, last: number, context: Context): void {
    this.emit(moved, NO_POLICY, time, last, context);
  }

  /** A pair moved under its policy. */
  underPolicy(moved: PolicyMoved, time: number, last: number, context: Context): void {
    const { policy, backupPath, alternatives } = moved;
    this.emit(moved, { policy: policy.rules.policy.name, backupPath, alternatives, offset: policy.version }, time, last, context);
  }

  /** A policy let a pair go by the record at `policyOffset`; `path` is what is in force then, null where none is kept. */
  released({ source, target, path: oldPath }: PolicyPair, path: readonly Direction[] | null, policyOffset: number, time: number, last: number, context: Context): void {
    const cost = (of: readonly Direction[]): number => (of.length === 0 ? Infinity : of.reduce((sum, direction) => sum + this.network.cost[direction], 0));
    const newPath = path ?? [];
    this.emit({ source, target, reason: path === null ? 'removed' : 'policy', cause: -1, oldPath, newPath, oldCost: cost(oldPath), newCost: cost(newPath), heldMs: 0 }, { ...NO_POLICY, offset: policyOffset }, time, last, context);
  }

  /** `last`: offset of the latest record of links.state, a cause where no link is one. */
  private emit(of: Moved, by: ByPolicy, time: number, last: number, context: Context): void {
    const { network, origins } = this;
    const { oldPath, newPath } = of;
    const source = network.devices[of.source];
    const prefix = prefixOf(network.devices[of.target]);
    const end = newPath.at(-1) ?? oldPath.at(-1);
    const target = prefix === null ? network.devices[of.target] : end === undefined ? '' : network.devices[network.fromOf(end)];
    const link = of.cause < 0 || origins.isAnnouncement(of.cause >> 1) ? -1 : of.cause >> 1;
    const change: RouteChange = {
      source, target, prefix: prefix ?? '', policy: by.policy, time, reason: of.reason, link: link < 0 ? '' : network.links[link].link, oldCost: of.oldCost * COST_STEP, newCost: of.newCost * COST_STEP, heldMs: of.heldMs,
      oldPath: this.hops(oldPath), newPath: this.hops(newPath), backupPath: this.hops(by.backupPath), alternatives: by.alternatives.flatMap((path, i) => this.hops(path).map((hop) => ({ path: i + 2, ...hop }))),
    };
    const joined: JoinedCauses[] | undefined = by.offset < 0 && prefix === null ? undefined : [];
    if (by.offset >= 0) joined?.push({ topic: POLICIES, first: by.offset, last: by.offset });
    if (prefix !== null && end !== undefined) joined?.push({ topic: TOPOLOGY_STATE, first: origins.offsets[end >> 1], last: origins.offsets[end >> 1] });
    const offset = link < 0 ? (this.latestOn([...newPath, ...oldPath]) ?? last) : origins.offsets[link];
    const value = encodeRouteChange(change, context.schemaId(ROUTES_CHANGES));
    context.emit(ROUTES_CHANGES, 0, Buffer.from(`${source}/${prefix ?? target}`), value, { timeMs: time, causes: { first: offset, last: offset }, joined });
    context.sent(1);
  }

  /** Offset of the latest record of the links on a path; null where there are none. */
  private latestOn(path: readonly Direction[]): number | null {
    let latest: number | null = null;
    for (const direction of path) {
      const offset = this.origins.offsets[direction >> 1];
      if (!this.origins.isAnnouncement(direction >> 1) && offset > (latest ?? -1)) latest = offset;
    }
    return latest;
  }

  /** The hops of a path, what announces a prefix left out. */
  private hops(path: readonly Direction[]): { node: string; link: string }[] {
    const { network, origins } = this;
    const hops: { node: string; link: string }[] = [];
    for (const direction of path) if (!origins.isAnnouncement(direction >> 1)) hops.push({ node: network.devices[network.toOf(direction)], link: network.links[direction >> 1].link });
    return hops;
  }
}
