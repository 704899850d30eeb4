/**
 * What is usual: mean and mean square of a figure, one value a second, with exponential forgetting; until `memory` values have come, each has the same
 * weight, so that the first seconds count as what they are. Kept in three cells, so that it can lie in a row of a store: values so far (at most `memory`), mean, variance.
 */
export const BASELINE_CELLS = 3;
const COUNT = 0, MEAN = 1, VARIANCE = 2;

/** Takes a value into the cells from `at` on (West, "Updating mean and variance estimates", 1979). */
export function learn(cells: Float64Array, at: number, value: number, memory: number): void {
  const count = Math.min(memory, cells[at + COUNT] + 1);
  const difference = value - cells[at + MEAN];
  const step = difference / count;
  cells[at + COUNT] = count;
  cells[at + MEAN] += step;
  cells[at + VARIANCE] = (1 - 1 / count) * (cells[at + VARIANCE] + difference * step);
}

/** Values taken, at most the memory. */
export const learnt = (cells: Float64Array, at: number): number => cells[at + COUNT];

/** The mean; not a number where nothing has come. */
export const usualOf = (cells: Float64Array, at: number): number => (cells[at + COUNT] > 0 ? cells[at + MEAN] : NaN);

/** How many standard deviations a value lies above the mean; a deviation is taken to be at least `least` of the mean, as traffic is never steadier for long. */
export function deviations(cells: Float64Array, at: number, value: number, least: number): number {
  const mean = cells[at + MEAN];
  return (value - mean) / Math.max(Math.sqrt(cells[at + VARIANCE]), least * mean, Number.MIN_VALUE);
}
