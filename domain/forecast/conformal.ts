/**
 * Intervals that keep their word. A score says how far a value was from its forecast, in units of how much the series moves; split
 * conformal prediction (Papadopoulos 2002; Lei et al., JASA 2018) takes the quantiles of scores of data that the model was not
 * fitted to. Where traffic drifts these no longer hold, so each quantile then follows its series by adaptive conformal inference (Gibbs and
 * Candès, "Adaptive Conformal Inference Under Distribution Shift", NeurIPS 2021) in its form on the score (quantile tracking: Angelopoulos,
 * Candès and Tibshirani, "Conformal PID Control for Time Series Prediction", NeurIPS 2023): up when a value lies above it, down when below, in steps
 * whose mean is zero where the level is right. Whatever the values do, over T of them the share below a quantile differs from its level by at most
 * (distance of the extremes in steps + 1) / T.
 */

/** Levels that are kept, lowest first. */
export const LEVELS = [0.05, 0.1, 0.5, 0.9, 0.95] as const;

/** How far a series moves: mean change between neighbours among the latest `window` values up to `t`, and a hundredth of their mean. */
export function moveOf(values: Float64Array, t: number, window: number): number {
  let moved = 0;
  let level = 0;
  for (let k = 0; k < window - 1; k++) {
    moved += Math.abs(values[t - k] - values[t - k - 1]);
    level += Math.abs(values[t - k]);
  }
  return (moved + 0.01 * level) / (window - 1);
}

/** Quantile of sorted numbers as split conformal prediction takes it: with `n` of them the one of rank ⌈level (n + 1)⌉ above, and its mirror image below the middle. */
export function conformalQuantile(sorted: Float64Array, level: number): number {
  const n = sorted.length;
  const rank = (level >= 0.5 ? Math.ceil(level * (n + 1)) : Math.floor(level * (n + 1))) - 1;
  return sorted[Math.min(n - 1, Math.max(0, rank))];
}

/** Quantiles of scores at {@link LEVELS}. */
export function splitConformal(scores: Float64Array): Float64Array {
  const sorted = Float64Array.from(scores).sort();
  return Float64Array.from(LEVELS, (level) => conformalQuantile(sorted, level));
}

/** A step, as a share of the width between the first extremes, of a forecast one window ahead. */
const STEP = 0.05;
/** Of one farther ahead: scores of neighbouring forecasts say much the same, and come late, so each moves the quantiles less. */
export const stepOf = (horizon: number): number => STEP / Math.sqrt(horizon);

/**
 * Moves the quantiles that begin at `at` by a score that has become known; they stay in order. `first` are those of {@link splitConformal}, which the
 * series began with. Steps are of one size up and down whatever the width has become, or it would shrink faster than it grows. @param step see {@link stepOf}
 */
export function follow(quantiles: Float64Array | Float32Array, at: number, score: number, first: Float64Array, step: number): void {
  const last = LEVELS.length - 1;
  const unit = step * (first[last] - first[0]);
  for (let i = 0; i <= last; i++) quantiles[at + i] += unit * (LEVELS[i] - (score <= quantiles[at + i] ? 1 : 0));
  for (let i = 1; i <= last; i++) if (quantiles[at + i] < quantiles[at + i - 1]) quantiles[at + i] = quantiles[at + i - 1];
}
