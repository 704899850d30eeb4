/**
 * A global linear model: one set of weights a horizon for all series, each looked at relative to its own level. What is told is the
 * change from now until the horizon, from the changes of the last hours up to now and from what the same time of day did on the days before:
 *
 *     (y[t+h] - y[t]) / s  =  w0 + Σ wk (y[t-k] - y[t]) / s + Σ wp seasonal(p) / s + Σ wb burst(b) / s + Σ we weekend(e) / s
 *
 * with s the mean of the latest windows; burst: how far the latest lies above their mean, and above that of the last fifth of them, for what is above falls
 * faster than what is below rises; weekend: the mean of that fifth where a weekend begins, or ends, until a day later. Fitted by least absolute deviations (its median is then what is told, and single bursts do not
 * decide), held back by a ridge towards persistence, which is the model of all weights zero.
 *
 * Sources: global models, Montero-Manso and Hyndman, "Principles and algorithms for forecasting groups of time series", Int. J. Forecasting 37 (2021);
 * direct horizons, Taieb et al., "A review and comparison of strategies for multi-step ahead time series forecasting", ESWA 39 (2012);
 * linear beside deep, Zeng et al., "Are Transformers Effective for Time Series Forecasting?", AAAI 2023.
 */
import { NormalEquations } from './ridge';

/** A season: what happened `period` windows ago, averaged over so many cycles and over windows up to `width` away. */
export interface Season {
  readonly period: number;
  readonly width: number;
  readonly cycles: number;
}

/** What a row of the model is made from. */
export interface LinearDesign {
  /** Windows that are looked back, the latest included. */
  readonly window: number;
  readonly seasons: readonly Season[];
  /** Windows ahead. */
  readonly horizons: readonly number[];
  /** Windows of a day. Days and weekends are those of UTC. */
  readonly day: number;
}

/** Weights of a design, a row a horizon. */
export type LinearWeights = readonly Float64Array[];

/** Windows that tell how far a series moves: a day of them, so that it does not depend on the time of day. */
export const moveSpan = ({ window, day }: LinearDesign): number => Math.max(window, day);

/** Numbers of a row for bursts, and for weekends. */
const BURSTS = 2, WEEKENDS = 2;

/** Numbers in a row: 1, the changes, the seasons, bursts, weekends. */
export const rowSize = ({ window, seasons }: LinearDesign): number => window + seasons.length + BURSTS + WEEKENDS;

/** Windows before `t` that {@link fillRow} looks at, for every horizon, where they are there. */
export const reach = ({ window, seasons, horizons }: LinearDesign): number =>
  Math.max(window - 1, ...seasons.map(({ period, width, cycles }) => period * (Math.ceil(Math.max(...horizons) / period) + cycles - 1) + width));

/**
 * The row of the latest window `t` of `values` for a horizon, into `row`. The latest {@link LinearDesign.window} values must be numbers; of those
 * of seasons, ones that are not numbers or before the beginning count as not there, and a season without any as 0. Returns the level s that the
 * row is relative to; 0 where nothing was carried: then the row says nothing. @param number of the window t, counted from the epoch
 */
export function fillRow(values: Float64Array, t: number, number: number, horizon: number, { window, seasons, day }: LinearDesign, row: Float64Array): number {
  const fifth = Math.ceil(window / 5);
  let level = 0;
  let recent = 0;
  for (let k = 0; k < window; k++) {
    level += values[t - k] < 0 ? -values[t - k] : values[t - k];
    if (k === fifth - 1) recent = level / fifth;
  }
  level /= window;
  if (!(level > 0 && level < Infinity)) return 0;
  const now = values[t];
  row[0] = 1;
  for (let k = 1; k < window; k++) row[k] = (values[t - k] - now) / level;
  for (let i = 0; i < seasons.length; i++) row[window + i] = seasonalChange(values, t, horizon, seasons[i]) / level;
  const rest = window + seasons.length;
  row[rest] = Math.max(0, now - level) / level;
  row[rest + 1] = Math.max(0, now - recent) / level;
  // Nearer than a day the time of day says more than the day.
  const change = horizon < day ? 0 : weekend(number + horizon, day) - weekend(number, day);
  row[rest + 2] = change > 0 ? recent / level : 0;
  row[rest + 3] = change < 0 ? recent / level : 0;
  return level;
}

/** 1 on Saturdays and Sundays, else 0. The epoch was a Thursday. */
const weekend = (number: number, day: number): number => ((Math.floor(number / day) + 3) % 7 >= 5 ? 1 : 0);

/** How much more was carried at the time of day of t + horizon than at that of t, in the cycles before. */
function seasonalChange(values: Float64Array, t: number, horizon: number, { period, width, cycles }: Season): number {
  let sum = 0;
  let count = 0;
  for (let cycle = Math.ceil(horizon / period); cycle < Math.ceil(horizon / period) + cycles; cycle++) {
    const change = around(values, t + horizon - cycle * period, width, t) - around(values, t - cycle * period, width, t);
    if (Number.isNaN(change)) continue;
    sum += change;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

function around(values: Float64Array, centre: number, width: number, last: number): number {
  let sum = 0;
  let count = 0;
  for (let i = Math.max(0, centre - width), end = Math.min(last, centre + width); i <= end; i++) {
    if (values[i] !== values[i]) continue;
    sum += values[i];
    count++;
  }
  return count === 0 ? NaN : sum / count;
}

/** What the weights tell of a row, relative to the level. */
export function changeOf(weights: Float64Array, row: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i] * row[i];
  return sum;
}

/** Residuals, relative to the level, below which they all weigh the same. */
export const LEAST_RESIDUAL = 0.003;

/** A ridge that did well in rolling trials on the first days of real matrices: the farther ahead, the less can be known. @param days horizon */
export const usualRidge = (days: number): number => (days >= 1 ? 1 : days >= 1 / 24 ? 0.01 : 0.001);

/** How {@link fitLinear} fits. */
export interface FitOptions {
  /** See {@link NormalEquations.solve}; one a horizon. */
  readonly ridge: readonly number[];
  /** Rounds of reweighting. Default: 5. */
  readonly rounds?: number;
  /** Series of a level s weigh s to this power: 0 all alike, 1 as their bytes. Default: 0.5. */
  readonly levelPower?: number;
  /** At most so many rows a horizon are looked at, evenly spread. Default: 150,000. */
  readonly maxRows?: number;
  /** Number of the first window of each series, counted from the epoch: of weekends. Default: 0. */
  readonly starts?: readonly number[];
}

/** Rows one behind the other, what is to be told from each, and what it weighs. */
interface Rows {
  readonly rows: Float64Array;
  readonly targets: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Weights for a design from series, each one piece without gaps between its windows (values that are not numbers are passed over). Of no rows come
 * weights of 0: persistence.
 */
export function fitLinear(series: readonly Float64Array[], design: LinearDesign, options: FitOptions): Float64Array[] {
  return design.horizons.map((horizon, i) => solve(collect(series, design, horizon, options), rowSize(design), options.ridge[i], options));
}

function collect(series: readonly Float64Array[], design: LinearDesign, horizon: number, { levelPower = 0.5, maxRows = 150_000, starts }: FitOptions): Rows {
  const size = rowSize(design);
  const spans = series.map(({ length }) => [design.window - 1, length - horizon]);
  const stride = Math.max(1, Math.ceil(spans.reduce((sum, [first, end]) => sum + Math.max(0, end - first), 0) / maxRows));
  const most = spans.reduce((sum, [first, end]) => sum + Math.ceil(Math.max(0, end - first) / stride), 0);
  const [rows, targets, weights] = [new Float64Array(most * size), new Float64Array(most), new Float64Array(most)];
  let count = 0;
  series.forEach((values, i) => {
    for (let t = spans[i][0]; t < spans[i][1]; t += stride) {
      const row = rows.subarray(count * size, (count + 1) * size);
      const level = fillRow(values, t, (starts?.[i] ?? 0) + t, horizon, design, row);
      const target = (values[t + horizon] - values[t]) / level;
      if (level === 0 || !Number.isFinite(target)) continue;
      targets[count] = target;
      weights[count++] = level ** levelPower;
    }
  });
  return { rows: rows.subarray(0, count * size), targets: targets.subarray(0, count), weights: weights.subarray(0, count) };
}

function solve({ rows, targets, weights }: Rows, size: number, ridge: number, { rounds = 5 }: FitOptions): Float64Array {
  const equations = new NormalEquations(size);
  const residuals = new Float64Array(targets.length).fill(1);
  let solution: Float64Array = new Float64Array(size);
  for (let round = 0; round <= rounds; round++) {
    equations.fade(0);
    for (let i = 0; i < targets.length; i++) equations.add(rows, i * size, targets[i], weights[i] / Math.max(LEAST_RESIDUAL, Math.abs(residuals[i])));
    solution = equations.solve(ridge);
    for (let i = 0; i < targets.length; i++) residuals[i] = targets[i] - changeOf(solution, rows.subarray(i * size, (i + 1) * size));
  }
  return solution;
}
