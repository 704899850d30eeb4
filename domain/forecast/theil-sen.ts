/**
 * A line through points that outliers do not bend: the median of the slopes between all pairs, with its confidence interval.
 *
 * Sources: Theil, "A rank-invariant method of linear and polynomial regression analysis", 1950; Sen, "Estimates of the regression coefficient based on Kendall's
 * tau", JASA 63 (1968), whose interval takes ranks around the median by the variance of Kendall's statistic.
 */

/** Slopes a unit of x: the median, and the ends of the interval. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/** Normal quantile of a 90 % interval. */
const Z90 = 1.6449;

/** The slope through points with a 90 % interval; with fewer than three points, or all at one x, none: not numbers. Ends that the points are too few for are infinite. */
export function theilSen(x: ArrayLike<number>, y: ArrayLike<number>): Slope {
  const n = x.length;
  const slopes: number[] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) if (x[j] !== x[i]) slopes.push((y[j] - y[i]) / (x[j] - x[i]));
  if (n < 3 || slopes.length === 0) return { slope: NaN, low: NaN, high: NaN };
  const sorted = Float64Array.from(slopes).sort();
  const margin = Z90 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const low = Math.round((sorted.length - margin) / 2) - 1;
  const high = sorted.length - 1 - low;
  return { slope: median(sorted), low: sorted[low] ?? -Infinity, high: sorted[high] ?? Infinity };
}

/** Median of numbers; they need not be sorted. Not a number of none. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const { length } = sorted;
  return length === 0 ? NaN : (sorted[(length - 1) >> 1] + sorted[length >> 1]) / 2;
}
