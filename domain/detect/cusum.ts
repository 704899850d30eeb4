/**
 * Page's cumulative sum ("Continuous inspection schemes", 1954): the standardised value above `slack` is added up, what is below is taken off, never below zero;
 * an alarm where the sum passes `limit`. Small lasting changes are found as well as large ones, and single values decide nothing.
 */
export interface CusumShape {
  /** Deviations that are let pass: half of the smallest change that is to be found. */
  readonly slack: number;
  /** Sum at which it speaks. */
  readonly limit: number;
  /** Most that one value adds. */
  readonly most: number;
}

/** The sum after one more value, that many deviations above what is usual. */
export const cusum = (sum: number, deviations: number, { slack, most }: CusumShape): number => Math.max(0, sum + Math.min(most, deviations - slack));
