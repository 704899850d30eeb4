/** Pairs of nodes under policies: what is in force, what moved, and what of it must outlive a restart. */
import type { RouteReason } from './held-routes';
import type { Direction } from './network';
import type { PolicyRules } from './policy';

/** A policy, and the number that says which of its versions it is. */
export interface VersionedPolicy {
  readonly rules: PolicyRules;
  readonly version: number;
}

/** Why a pair stays on a path that is not the best. Times in milliseconds since the epoch; `retryMs` may be Infinity. */
interface Waiting {
  readonly sinceMs: number;
  readonly retryMs: number;
  readonly cause: Direction;
  readonly reason: RouteReason;
  /** Directions of what is better. */
  readonly better: readonly Direction[];
}

/** A pair under a policy: which one, what is in force. */
export interface PolicyPair {
  readonly source: number;
  readonly target: number;
  /** Empty, with version -1, before the first computation under a policy. */
  readonly policy: string;
  readonly version: number;
  readonly path: readonly Direction[];
  readonly backup: readonly Direction[];
  /** When it moved last; -Infinity: not yet. */
  readonly movedMs: number;
  readonly waiting: Waiting | null;
}

/** A pair that moved. Paths are empty where there is none; costs in steps, Infinity where a path does not keep to the policy. */
export interface PolicyMoved {
  readonly source: number;
  readonly target: number;
  readonly policy: VersionedPolicy;
  readonly reason: RouteReason;
  readonly cause: Direction;
  readonly oldPath: readonly Direction[];
  readonly newPath: readonly Direction[];
  readonly backupPath: readonly Direction[];
  readonly alternatives: readonly (readonly Direction[])[];
  readonly oldCost: number;
  readonly newCost: number;
  readonly heldMs: number;
}

/** What must outlive a restart, told as it changes; see {@link PolicyTable.restore}. */
export interface PolicyJournal {
  pair(pair: PolicyPair): void;
  released(source: number, target: number): void;
  /** A link has changed since the last computation, or, with null, all have been computed with. */
  dirty(link: number | null): void;
  busy(policy: string, direction: Direction, busy: boolean): void;
  /** Costs of a policy have been computed by this version; null: it is gone. */
  costed(policy: string, version: number | null): void;
  budget(sinceMs: number, moves: number): void;
}

/** What a journal kept. */
export interface PolicyMemory {
  readonly pairs: Iterable<PolicyPair>;
  readonly dirty: Iterable<number>;
  readonly busy: Iterable<readonly [policy: string, direction: Direction]>;
  readonly costed: Iterable<readonly [policy: string, version: number]>;
  readonly budget: readonly [sinceMs: number, moves: number];
}

/** What did not go as it should since it was asked last. */
export interface PolicyCounts {
  /** Pairs beyond the bound, of which no path is kept; policies beyond theirs, which count for nothing. */
  pairsLeft: number;
  policiesLeft: number;
  /** Searches that ended at their limit. */
  unproven: number;
}
