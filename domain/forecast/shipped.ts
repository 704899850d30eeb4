/** The linear model that is shipped: fitted on simulated traffic alone (`npm run models:linear`), so that it may go wherever the program goes. */
import type { LinearDesign, LinearWeights } from './linear';
import shipped from './shipped-weights.json';

/** A linear model with its first intervals. */
export interface LinearModel {
  readonly design: LinearDesign;
  readonly weights: LinearWeights;
  /** How hard weights that are learned are held to these; one a horizon. */
  readonly ridge: readonly number[];
  /** Quantiles of scores on data that it was not fitted to, at the levels of `conformal.ts`; a row a horizon. */
  readonly scores: readonly Float64Array[];
}

/** Length of its windows; unit: milliseconds. */
export const SHIPPED_WINDOW_MS: number = shipped.windowMs;

/** See the file's head. */
export const SHIPPED: LinearModel = {
  design: shipped.design,
  weights: shipped.weights.map((row) => Float64Array.from(row)),
  ridge: shipped.ridge,
  scores: shipped.scores.map((row) => Float64Array.from(row)),
};
