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

/** Of the mean of a series, what it is taken to move at least, a window; as a random walk farther ahead. */
const LEAST_MOVE = 0.01;

/**
 * How far a series moves within `horizon` windows: mean change over so many among the latest `span` windows up to `t`, and a share of their mean. Where less is known
 * than a horizon, over as much as is known. Values that are not numbers stand at the beginning alone, and the latest two are numbers.
 */
export function moveOf(values: Float64Array, t: number, horizon: number, span: number): number {
  let lag = Math.min(horizon, t);
  // A course that has just begun: so far apart that some pairs are known.
  if (!(values[t - lag] === values[t - lag])) {
    let known = 1;
    while (values[t - known] === values[t - known]) known++;
    lag = Math.max(1, Math.ceil((known - 1) * 0.8));
  }
  let moved = 0;
  let level = 0;
  let count = 0;
  for (let s = t; s > t - span && s >= lag && values[s - lag] === values[s - lag]; s--) {
    moved += Math.abs(values[s] - values[s - lag]);
    level += Math.abs(values[s]);
    count++;
  }
  return (moved + LEAST_MOVE * Math.sqrt(horizon) * level) / count;
}

/** Quantile of sorted numbers as split conformal prediction takes it: with `n` of them the one of rank ⌈level (n + 1)⌉ above, and its mirror image below the middle. */
export function conformalQuantile(sorted: Float64Array, level: number): number {
  const n = sorted.length;
  const rank = (level >= 0.5 ? Math.ceil(level * (n + 1)) : Math.floor(level * (n + 1))) - 1;
  return sorted[Math.min(n - 1, Math.max(0, rank))];
}

/**
 * Quantiles of scores at {@link LEVELS}. @param independent how many of them say something of their own: neighbouring forecasts a day ahead are off together, so that of two
 * days there are two, however many windows they have. Few stand for more than was seen: quantiles are drawn out as Student's t is beside the normal distribution
 */
export function splitConformal(scores: Float64Array, independent = Infinity): Float64Array {
  const sorted = Float64Array.from(scores).sort();
  return Float64Array.from(LEVELS, (level) => {
    const middle = conformalQuantile(sorted, 0.5);
    return middle + (conformalQuantile(sorted, level) - middle) * drawnOut(level, independent);
  });
}

/** Normal quantiles of the {@link LEVELS}. */
const NORMAL = [-1.6449, -1.2816, 0, 1.2816, 1.6449];

/** Quantile of Student's t beside the normal one: expansion of Abramowitz and Stegun, 26.7.5; of less than three degrees as of three. */
function drawnOut(level: number, degrees: number): number {
  const z = NORMAL[LEVELS.indexOf(level as (typeof LEVELS)[number])];
  const n = Math.max(3, degrees);
  if (z === 0) return 1;
  return 1 + (z ** 2 + 1) / (4 * n) + (5 * z ** 4 + 16 * z ** 2 + 3) / (96 * n ** 2) + (3 * z ** 6 + 19 * z ** 4 + 17 * z ** 2 - 15) / (384 * n ** 3);
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
