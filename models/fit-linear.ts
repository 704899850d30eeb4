/**
 * Fits the linear model that is shipped, and its first intervals, on simulated series: `npm run models:linear`. Weights come from the first two thirds of the
 * time, the quantiles of scores from the rest. Writes `domain/forecast/shipped-weights.json`; equal seeds give the same file.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { moveOf, splitConformal } from '../domain/forecast/conformal';
import { changeOf, fillRow, fitLinear, moveSpan, rowSize, usualRidge, type LinearDesign } from '../domain/forecast/linear';
import { flowClasses, LongSeries } from '../domain/simulate/long-series';
import { Random } from '../domain/simulate/random';
import { ROOT } from '../infra/root';

const SERIES = 120, DAYS = 21, SEED = 7, WINDOW_MS = 300_000;
const DAY = 86_400_000 / WINDOW_MS;
/** Monday, 2 March 2026, 0 h UTC. */
const START_MS = Date.UTC(2026, 2, 2);
const DESIGN: LinearDesign = {
  window: 60, horizons: [1, 3, 12, DAY], day: DAY,
  seasons: [{ period: DAY, width: DAY / 24, cycles: 3 }, { period: DAY, width: DAY / 8, cycles: 3 }, { period: 7 * DAY, width: DAY / 24, cycles: 1 }],
};
/** Of what is told a day ahead there is enough in simulated traffic to be held back less than by what is learned from few days. */
const RIDGE = [0.001, 0.001, 0.01, 0.01];

/** Bytes by window of each series. */
function simulated(): Float64Array[] {
  const classes = flowClasses(new Random(SEED));
  return Array.from({ length: SERIES }, (_, i) => {
    const one = new LongSeries(new Random(SEED * 1_000_003 + i + 1), classes, WINDOW_MS);
    const bytes = new Float64Array(DAYS * DAY);
    for (let t = 0; t < bytes.length; t++) {
      one.next(START_MS + t * WINDOW_MS);
      bytes[t] = one.values[0];
    }
    process.stderr.write(`\r${i + 1}/${SERIES} series`);
    return bytes;
  });
}

/** Scores of forecasts from `from` on. */
function scoresOf(series: readonly Float64Array[], from: number, horizon: number, weights: Float64Array): Float64Array {
  const scores: number[] = [];
  const row = new Float64Array(rowSize(DESIGN));
  for (const values of series) {
    for (let t = from; t + horizon < values.length; t += 7) {
      const level = fillRow(values, t, START_MS / WINDOW_MS + t, horizon, DESIGN, row);
      const score = (values[t + horizon] - values[t] - level * changeOf(weights, row)) / moveOf(values, t, horizon, moveSpan(DESIGN));
      if (level > 0 && Number.isFinite(score)) scores.push(score);
    }
  }
  return Float64Array.from(scores);
}

const rounded = (values: Float64Array): number[] => Array.from(values, (value) => Number(value.toPrecision(6)));

const series = simulated();
const cut = Math.floor((series[0].length * 2) / 3);
process.stderr.write('\nfitting\n');
const ridge = DESIGN.horizons.map((horizon) => usualRidge(horizon / DAY));
const weights = fitLinear(series.map((values) => values.subarray(0, cut)), DESIGN, { ridge: RIDGE, maxRows: 60_000, starts: series.map(() => START_MS / WINDOW_MS) });
const scores = weights.map((of, i) => splitConformal(scoresOf(series, cut, DESIGN.horizons[i], of), (series[0].length - cut) / DESIGN.horizons[i]));
const origin = `simulated: ${SERIES} series of ${DAYS} days in windows of ${WINDOW_MS} ms, seed ${SEED}`;
writeFileSync(join(ROOT, 'domain/forecast/shipped-weights.json'), `${JSON.stringify({ origin, windowMs: WINDOW_MS, design: DESIGN, ridge, weights: weights.map(rounded), scores: scores.map(rounded) })}\n`);
