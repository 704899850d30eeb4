/** What is compared: for each a forecast of every step of a series at every horizon, made from the steps before alone. */
import { ewma, persistence, seasonal } from '../../domain/forecast/baselines';
import { Courses } from '../../domain/forecast/course';
import { LinearLearner } from '../../domain/forecast/learner';
import { changeOf, fillRow, fitLinear, rowSize, usualRidge } from '../../domain/forecast/linear';
import { SHIPPED, SHIPPED_WINDOW_MS, type LinearModel } from '../../domain/forecast/shipped';
import type { SeriesSet } from './matrices';
import type { ForecastSet, Level } from './sets';

/** Forecasts of one series: `[horizon][t]` is what is told at t of t + that horizon; not a number where nothing is told. */
export type Told = readonly Float64Array[];

/** Intervals that a method tells by itself. */
export interface Bounds {
  readonly lower: Told;
  readonly upper: Told;
}

/** A method, ready for a level. */
export interface Prepared {
  /** Forecasts of all series of a piece, from origin `from` on. */
  tell(piece: SeriesSet, from: number): { told: Told; bounds?: Bounds }[];
}

/** A method; null where it cannot be used. */
export interface Method {
  readonly name: string;
  prepare(set: ForecastSet, level: Level): Prepared | null;
}

/** A method that tells each step apart; `first` is the number of the first, counted from the epoch. */
function stepwise(set: ForecastSet, forecast: (values: Float64Array, i: number, first: number) => (t: number) => number): Prepared {
  return {
    tell: ({ series, startMs }, from) =>
      series.map((values) => ({
        told: set.design.horizons.map((_, i) => {
          const of = forecast(values, i, startMs / set.stepMs);
          return Float64Array.from(values, (_, t) => (t < from ? NaN : of(t)));
        }),
      })),
  };
}

/** The present goes on. */
export const PERSISTENCE: Method = { name: 'persistence', prepare: (set) => stepwise(set, (values) => (t) => persistence(values, t)) };

/** The same time of the day, or of the week, before; only where the pieces are long enough to have one. */
export const seasonalOf = (name: string, periodMs: number): Method => ({
  name,
  prepare: (set, { test }) => {
    const period = periodMs / set.stepMs;
    if (test.some(({ from }) => from < period)) return null;
    return stepwise(set, (values, i) => (t) => seasonal(values, t, set.design.horizons[i], period));
  },
});

const ALPHAS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** The exponentially weighted mean goes on; its weight is the one that did best on the training part, a horizon. */
export const EWMA: Method = {
  name: 'EWMA',
  prepare: (set, { training }) => {
    const alphas = set.design.horizons.map((horizon) => {
      const errors = ALPHAS.map((alpha) =>
        training.flatMap(({ series }) => series).reduce((sum, values) => {
          const means = ewma(values, alpha);
          for (let t = set.design.window; t + horizon < values.length; t++) sum += Math.abs(values[t + horizon] - means[t]);
          return sum;
        }, 0),
      );
      return ALPHAS[errors.indexOf(Math.min(...errors))];
    });
    return stepwise(set, (values, i) => {
      const means = ewma(values, alphas[i]);
      return (t) => means[t];
    });
  },
};

/** The linear model, fitted to the training part of the level. */
export const LINEAR: Method = {
  name: 'linear',
  prepare: (set, { training }) => {
    const { design } = set;
    const weights = fitted(set, training);
    const row = new Float64Array(rowSize(design));
    return stepwise(set, (values, i, first) => (t) => {
      const level = t < design.window - 1 ? 0 : fillRow(values, t, first + t, design.horizons[i], design, row);
      return level === 0 ? values[t] : Math.max(0, values[t] + level * changeOf(weights[i], row));
    });
  },
};

const MAX_ROWS = 60_000;
const ridgeOf = ({ design, stepMs }: ForecastSet): number[] => design.horizons.map((horizon) => usualRidge((horizon * stepMs) / 86_400_000));
/** Weights by what they were fitted to: several methods ask for the same. */
const known = new Map<string, Float64Array[]>();

function fitted(set: ForecastSet, training: readonly SeriesSet[]): Float64Array[] {
  const key = JSON.stringify([set.stepMs, ...training.map(({ startMs, series }) => [startMs, series.length, series[0].length, series[0][0]])]);
  let weights = known.get(key);
  if (weights === undefined) known.set(key, (weights = fitLinear(training.flatMap(({ series }) => series), set.design, { ridge: ridgeOf(set), levelPower: 1, maxRows: MAX_ROWS, starts: training.flatMap(({ series, startMs }) => series.map(() => startMs / set.stepMs)) })));
  return weights;
}

/** How often weights are learned anew when the linear model is served; windows. */
const SOLVE_EVERY = 72;

/** Which linear model is told from as the processor does it. */
export interface Service {
  /** Weights to begin with: the shipped ones, from simulated traffic alone, or ones fitted to the training part of the level. */
  readonly weights: 'shipped' | 'fitted';
  /** Whether it learns from the series as they come, those of the training part first where it was not fitted to them. */
  readonly learns: boolean;
}

/** The linear model as it is served. Its own intervals are told where they are those of the service. */
export const served = (name: string, { weights, learns }: Service): Method => ({
  name,
  prepare: (set, { training }) => {
    const shipped = weights === 'shipped';
    if (shipped && set.stepMs !== SHIPPED_WINDOW_MS) return null;
    const model: LinearModel = shipped ? SHIPPED : { design: set.design, weights: fitted(set, training), ridge: ridgeOf(set), scores: set.design.horizons.map(() => SHIPPED.scores[0]) };
    const learner = learns ? new LinearLearner(model.design, model.weights, model.ridge, new Float64Array(LinearLearner.cells(model.design))) : null;
    return {
      tell: (piece, from) => {
        // A piece that begins with the training part is learned from as it goes by; ahead of any other the training part is gone through.
        if (shipped && learner !== null && piece.startMs > training[0].startMs) for (const before of training) course(model, learner, before, Infinity);
        return course(model, learner, piece, from).map(({ told, bounds }) => (shipped ? { told, bounds } : { told }));
      },
    };
  },
});

/** Goes through a piece as the processor does, and keeps what it would have told. */
function course(model: LinearModel, learner: LinearLearner | null, { series, startMs, stepMs }: SeriesSet, from: number): { told: Told; bounds: Bounds }[] {
  const { horizons } = model.design;
  const courses = new Courses(model, learner, 0);
  const first = startMs / stepMs;
  const cells = series.map(() => {
    const of = new Float32Array(courses.cells);
    courses.begin(of);
    return of;
  });
  const empty = (): Float64Array[] => horizons.map(() => new Float64Array(series[0].length).fill(NaN));
  const all = series.map(() => ({ told: empty(), bounds: { lower: empty(), upper: empty() } }));
  for (let t = 0; t < series[0].length; t++) {
    series.forEach((values, s) => {
      courses.take(cells[s], first + t - 1, first + t, values[t]);
      if (!courses.ready) return;
      courses.issue(horizons.map((_, i) => courses.told(i)));
      if (t < from) return;
      courses.forecast.forEach(({ centre, p05, p95 }, i) => {
        all[s].told[i][t] = centre;
        all[s].bounds.lower[i][t] = p05;
        all[s].bounds.upper[i][t] = p95;
      });
    });
    if (t % SOLVE_EVERY === SOLVE_EVERY - 1) learner?.solve();
  }
  return all;
}
