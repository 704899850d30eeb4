/** When a line through daily peaks meets a threshold. */
import { conformalQuantile } from './conformal';
import { median, theilSen, type Slope } from './theil-sen';

/** See {@link crossing}; days are counted as the x of the peaks are, Infinity where the threshold is not met. */
export interface Crossing extends Slope {
  readonly earliest: number;
  readonly likely: number;
  readonly latest: number;
}

/** Levels of the residuals that the earliest and the latest line are shifted by. */
const UPPER = 0.9, LOWER = 0.1;

/**
 * The day at which peaks pass a threshold. Likely: where the Theil-Sen line does. Earliest: the steepest line of the 90 % interval, through the median of the points, raised to
 * where nine peaks in ten lie below; latest: the flattest, lowered likewise. Never before the last day.
 *
 * @param days of the peaks, growing @param peaks one a day
 */
export function crossing(days: ArrayLike<number>, peaks: ArrayLike<number>, threshold: number): Crossing {
  const slope = theilSen(days, peaks);
  const last = days[days.length - 1];
  const centreX = median(days);
  const centreY = median(Array.from(peaks, (peak, i) => peak - slope.slope * (days[i] - centreX)));
  const residuals = Float64Array.from(peaks, (peak, i) => peak - centreY - slope.slope * (days[i] - centreX)).sort();
  const meets = (by: number, shift: number): number => {
    // The line turns about the median of the points, so that its end is as uncertain as its slope makes it.
    const now = centreY + shift + by * (last - centreX);
    if (now >= threshold) return last;
    return by > 0 ? last + (threshold - now) / by : Infinity;
  };
  return { ...slope, earliest: meets(slope.high, conformalQuantile(residuals, UPPER)), likely: meets(slope.slope, 0), latest: meets(slope.low, conformalQuantile(residuals, LOWER)) };
}
