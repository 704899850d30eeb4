/** When a better path is taken: not for a little, not again at once, not all together. */

/** What damps; times in milliseconds. */
export interface Damping {
  /** A path that works is left only for one that costs this share less. */
  readonly minBenefit: number;
  /** A pair moves at most once in so long, unless its path no longer works. */
  readonly holdMs: number;
  /** So many moves for the better in each interval, of all pairs together; those over wait for the next. */
  readonly budgetMoves: number;
  readonly budgetMs: number;
}

/** A path that works is left for a tenth less, every pair once in half a minute, a thousand a minute. */
export const DEFAULT_DAMPING: Damping = { minBenefit: 0.1, holdMs: 30_000, budgetMoves: 1000, budgetMs: 60_000 };

/** Nothing is damped: every better path is taken at once. The control of tests and plots. */
export const NO_DAMPING: Damping = { minBenefit: 0, holdMs: 0, budgetMoves: Infinity, budgetMs: 60_000 };

/** True where a path at `cost` is to be left for one at `best` as far as the benefit goes. */
export const isWorthIt = (cost: number, best: number, { minBenefit }: Damping): boolean => best < cost && (cost === Infinity || cost - best >= minBenefit * cost);
