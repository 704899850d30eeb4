/**
 * Forecasts that every other must beat. All of a series `values`, of which the latest known window is `t`; what is told is the value `horizon` windows later.
 *
 * Source: Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed., chapters 5.2 and 8.1.
 */

/** As now. */
export const persistence = (values: Float64Array, t: number): number => values[t];

/** As a season ago at the same time of it: of a day, of a week. Before there was one, as now. */
export function seasonal(values: Float64Array, t: number, horizon: number, period: number): number {
  const at = t + horizon - period * Math.ceil(horizon / period);
  return at >= 0 && !Number.isNaN(values[at]) ? values[at] : values[t];
}

/** Exponentially weighted means: cell t is that of the windows up to t, the latest weighing `alpha`, 0 to 1. Windows that are not numbers are passed over. */
export function ewma(values: Float64Array, alpha: number): Float64Array {
  const means = new Float64Array(values.length);
  let mean = NaN;
  for (let t = 0; t < values.length; t++) {
    if (Number.isNaN(mean)) mean = values[t];
    else if (!Number.isNaN(values[t])) mean += alpha * (values[t] - mean);
    means[t] = mean;
  }
  return means;
}
