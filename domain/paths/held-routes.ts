import type { Direction } from './network';

/** Why a pair has another path. */
export type RouteReason = 'first' | 'link-down' | 'link-up' | 'better' | 'worse' | 'cut-off' | 'reachable' | 'policy' | 'no-path-within-policy' | 'removed';

/** A pair that stays on a path which is not the shortest. */
export interface Held {
  /** Directions from source to target. */
  readonly path: readonly Direction[];
  /** Since when a shorter one is there, and when to look again though nothing changed (Infinity: not). Milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly retryMs: number;
  /** What led to it: a direction, -1 for none, and why the pair is to move. */
  readonly cause: Direction;
  readonly reason: RouteReason;
}

/** Room for targets beside a source in the number of a pair. */
const TARGETS = 2 ** 24;

/** Pairs that are held, by pair and by the directions of their paths. */
export class HeldRoutes {
  private readonly pairs = new Map<number, Held>();
  private readonly on = new Map<Direction, Set<number>>();
  /** Not later than the earliest time to look again. */
  private earliest = Infinity;

  /** `journal` is told of every change. */
  constructor(private readonly journal: { held(source: number, target: number, held: Held | null): void }) {}

  /** Number of a pair. */
  static pair(source: number, target: number): number {
    return source * TARGETS + target;
  }

  get size(): number {
    return this.pairs.size;
  }

  /** When to look again, not later than needed; Infinity: not. */
  get retryMs(): number {
    return this.earliest;
  }

  get(source: number, target: number): Held | undefined {
    return this.pairs.get(HeldRoutes.pair(source, target));
  }

  put(source: number, target: number, held: Held): void {
    const pair = HeldRoutes.pair(source, target);
    const before = this.pairs.get(pair);
    this.earliest = Math.min(this.earliest, held.retryMs);
    if (before !== undefined && before.path === held.path && before.retryMs === held.retryMs) return;
    if (before?.path !== held.path) {
      if (before !== undefined) this.unlist(pair, before);
      for (const direction of held.path) {
        let pairs = this.on.get(direction);
        if (pairs === undefined) this.on.set(direction, (pairs = new Set()));
        pairs.add(pair);
      }
    }
    this.pairs.set(pair, held);
    this.journal.held(source, target, held);
  }

  delete(source: number, target: number): void {
    const pair = HeldRoutes.pair(source, target);
    const held = this.pairs.get(pair);
    if (held === undefined) return;
    this.unlist(pair, held);
    this.pairs.delete(pair);
    this.journal.held(source, target, null);
  }

  /** Every pair whose path runs over a direction. */
  over(direction: Direction, visit: (source: number, target: number) => void): void {
    for (const pair of this.on.get(direction) ?? []) visit(Math.floor(pair / TARGETS), pair % TARGETS);
  }

  /** Every pair whose time has come. */
  due(nowMs: number, visit: (source: number, target: number) => void): void {
    if (nowMs < this.earliest) return;
    this.earliest = Infinity;
    for (const [pair, { retryMs }] of this.pairs) {
      if (retryMs <= nowMs) visit(Math.floor(pair / TARGETS), pair % TARGETS);
      else if (retryMs < this.earliest) this.earliest = retryMs;
    }
  }

  clear(): void {
    this.pairs.clear();
    this.on.clear();
    this.earliest = Infinity;
  }

  private unlist(pair: number, { path }: Held): void {
    for (const direction of path) {
      const pairs = this.on.get(direction);
      pairs?.delete(pair);
      if (pairs?.size === 0) this.on.delete(direction);
    }
  }
}
