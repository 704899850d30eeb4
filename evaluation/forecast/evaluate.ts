/** Forecasts by several methods, held against what came: by set, level of aggregation and horizon. */
import { follow, LEVELS as QUANTILES, moveOf, splitConformal, stepOf } from '../../domain/forecast/conformal';
import { Errors } from '../../domain/forecast/metrics';
import { moveSpan } from '../../domain/forecast/linear';
import { part } from './matrices';
import type { Method, Prepared } from './methods';
import type { ForecastSet, Level } from './sets';

/** A line of the table. */
export interface ForecastResult {
  readonly set: string;
  readonly level: string;
  readonly horizon: string;
  readonly method: string;
  /** Series, and values that were forecast. */
  readonly series: number;
  readonly count: number;
  /** See {@link Errors}. */
  readonly wape: number;
  readonly relative: number;
  /** Of the interval that is adapted as values come ("conformal"), and where the method has one of its own, of that. */
  readonly coverage: number;
  readonly relativeWidth: number;
  readonly intervalLoss: number;
  readonly ownCoverage: number | null;
}

/** Of the training part, this share at its end gives the first quantiles of scores. */
const CALIBRATION = 0.3;

/** Goes through all; `tell` is called before each level of a method. */
export function evaluateForecasts(sets: readonly ForecastSet[], methods: readonly Method[], tell: (doing: string) => void): ForecastResult[] {
  const results: ForecastResult[] = [];
  // Sets that are fitted to the same share its scores.
  const scores = new Map<string, Float64Array[]>();
  for (const set of sets) {
    for (const level of set.levels) {
      for (const method of methods) {
        tell(`${set.name} ${level.level} ${method.name}`);
        const prepared = method.prepare(set, level);
        if (prepared === null) continue;
        const key = JSON.stringify([method.name, level.level, set.stepMs, level.training.map(({ startMs, series }) => [startMs, series[0].length])]);
        const first = scores.get(key) ?? firstQuantiles(set, level, method);
        scores.set(key, first);
        results.push(...judge(set, level, method.name, prepared, first));
      }
    }
  }
  return results;
}

function judge(set: ForecastSet, level: Level, method: string, prepared: Prepared, first: readonly Float64Array[]): ForecastResult[] {
  const { horizons, window } = set.design;
  const span = moveSpan(set.design);
  const errors = horizons.map(() => new Errors());
  const own = horizons.map(() => new Errors());
  let hasOwn = false;
  for (const { set: piece, from } of level.test) {
    const steps = piece.series[0].length;
    prepared.tell(piece, Math.max(window - 1, from - Math.max(...horizons))).forEach(({ told, bounds }, s) => {
      hasOwn ||= bounds !== undefined;
      horizons.forEach((horizon, i) => adapt(piece.series[s], told[i], horizon, { from, steps, window, span }, first[i], errors[i], own[i], bounds === undefined ? null : { lower: bounds.lower[i], upper: bounds.upper[i] }));
    });
  }
  return horizons.flatMap((_, i): ForecastResult[] => {
    const { count, wape, relative, coverage, relativeWidth, intervalLoss } = errors[i];
    if (count === 0) return [];
    return [{ set: set.name, level: level.level, horizon: set.horizons[i], method, series: level.test[0].set.series.length, count, wape, relative, coverage, relativeWidth, intervalLoss, ownCoverage: hasOwn ? own[i].coverage : null }];
  });
}

interface Span {
  readonly from: number;
  readonly steps: number;
  readonly window: number;
  /** See {@link moveSpan}. */
  readonly span: number;
}

/** One series at one horizon: quantiles follow its scores, each a horizon after the forecast was made. */
function adapt(values: Float64Array, told: Float64Array, horizon: number, { from, steps, window, span }: Span, first: Float64Array, errors: Errors, own: Errors, bounds: { lower: Float64Array; upper: Float64Array } | null): void {
  const quantiles = Float64Array.from(first);
  const last = QUANTILES.length - 1;
  // Of each target the interval that was told with its forecast.
  const lower = new Float64Array(steps).fill(NaN);
  const upper = new Float64Array(steps).fill(NaN);
  for (let t = Math.max(window - 1, from - horizon); t < steps; t++) {
    const origin = t - horizon;
    if (origin >= 0 && t >= from && !Number.isNaN(told[origin])) {
      errors.add(values[t], told[origin], values[origin], lower[t], upper[t]);
      if (bounds !== null) own.add(values[t], told[origin], values[origin], bounds.lower[origin], bounds.upper[origin]);
      const move = moveOf(values, origin, horizon, span);
      if (move > 0) follow(quantiles, 0, (values[t] - told[origin]) / move, first, stepOf(horizon));
    }
    if (t + horizon >= steps || Number.isNaN(told[t])) continue;
    const move = moveOf(values, t, horizon, span);
    lower[t + horizon] = Math.max(0, told[t] + move * quantiles[0]);
    upper[t + horizon] = Math.max(0, told[t] + move * quantiles[last]);
  }
}

/** Quantiles of scores, by horizon, on the end of the training part, of the method fitted to what comes before: split conformal prediction, drawn out by how many horizons that end is long. */
function firstQuantiles(set: ForecastSet, { training, ...level }: Level, method: Method): Float64Array[] {
  const { horizons, window } = set.design;
  const scores: number[][] = horizons.map(() => []);
  const piece = training[training.length - 1];
  const steps = piece.series[0].length;
  const from = Math.max(window - 1, Math.round((1 - CALIBRATION) * steps));
  const prepared = method.prepare(set, { ...level, training: [...training.slice(0, -1), part(piece, 0, from)], test: [{ set: piece, from }] });
  prepared?.tell(piece, Math.max(window - 1, from - Math.max(...horizons))).forEach(({ told }, s) => {
    const values = piece.series[s];
    horizons.forEach((horizon, i) => {
      for (let t = Math.max(window - 1, from - horizon); t + horizon < steps; t++) {
        const score = (values[t + horizon] - told[i][t]) / moveOf(values, t, horizon, moveSpan(set.design));
        if (Number.isFinite(score)) scores[i].push(score);
      }
    });
  });
  return scores.map((of, i) => splitConformal(Float64Array.from(of.length > 0 ? of : [-1, 0, 1]), (steps - from) / horizons[i]));
}
