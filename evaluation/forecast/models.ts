/** ONNX models as methods: what `models/` ships, or a folder of others, as they are. */
import { InferenceHost } from '../../infra/inference/host';
import type { Model } from '../../infra/inference/model';
import { findModels } from '../../infra/inference/registry';
import type { Method, Told } from './methods';
import type { SeriesSet } from './matrices';

const STEPS = 60, WIDTH = 10, QUANTILES = 5;
const BYTES = 0, DAY = 7, WEEK = 8, TREND = 9;
const DAY_MS = 86_400_000, MONDAY_MS = 4 * DAY_MS;
const TREND_BACK = 12;
/** Rows that are asked about at once. */
const BATCH = 256;

/** Every forecast model of the folders, and what closes them. */
export function onnxMethods(folders: readonly string[]): { methods: Method[]; close: () => Promise<void> } {
  const host = new InferenceHost({ folders, waitMs: 60_000 });
  const names = [...new Set(findModels(folders).flatMap(({ card }) => (card?.task === 'forecast' ? [card.name] : [])))].sort();
  return { methods: names.map((name) => methodOf(name, host.open(name))), close: () => host.close() };
}

/** A model that is asked about windows of the length that it was made for, and told of bytes alone: all else is not known. */
function methodOf(name: string, model: Model): Method {
  return {
    name: `${name} (ONNX)`,
    prepare: (set) => {
      if (!model.card.windowMs.includes(set.stepMs)) return null;
      return { tell: (piece, from) => piece.series.map((_, s) => tellSeries(model, piece, s, from, set.design.horizons.length)) };
    },
  };
}

function tellSeries(model: Model, { series, startMs, stepMs }: SeriesSet, s: number, from: number, horizons: number): { told: Told; bounds: { lower: Told; upper: Told } } {
  const values = series[s];
  const empty = (): Float64Array[] => Array.from({ length: horizons }, () => new Float64Array(values.length).fill(NaN));
  const [told, lower, upper] = [empty(), empty(), empty()];
  const trends = Float64Array.from(values, (_, t) => trendAt(values, t));
  const input = new Float32Array(BATCH * STEPS * WIDTH);
  for (let first = Math.max(from, STEPS - 1); first < values.length; first += BATCH) {
    const rows = Math.min(BATCH, values.length - first);
    input.fill(NaN);
    for (let row = 0; row < rows; row++) {
      for (let step = 0; step < STEPS; step++) {
        const t = first + row - STEPS + 1 + step;
        const at = (row * STEPS + step) * WIDTH;
        const windowStart = startMs + t * stepMs;
        input[at + BYTES] = values[t];
        input[at + DAY] = (windowStart % DAY_MS) / DAY_MS;
        input[at + WEEK] = ((windowStart - MONDAY_MS) % (7 * DAY_MS)) / (7 * DAY_MS);
        input[at + TREND] = trends[t];
      }
    }
    const [quantiles] = model.run(rows, input);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < horizons; i++) {
        const at = (row * horizons + i) * QUANTILES;
        lower[i][first + row] = quantiles[at];
        told[i][first + row] = Math.max(0, quantiles[at + 2]);
        upper[i][first + row] = quantiles[at + 4];
      }
    }
  }
  return { told, bounds: { lower, upper } };
}

/** Slope over the latest windows, a window, relative to their mean, as traffic.features has it. */
function trendAt(values: Float64Array, t: number): number {
  const count = Math.min(TREND_BACK, t + 1);
  let mean = 0;
  for (let k = 0; k < count; k++) mean += values[t - k] / count;
  if (count < 2 || !(mean > 0)) return 0;
  let across = 0;
  let squares = 0;
  for (let k = 0; k < count; k++) {
    const x = (count - 1) / 2 - k;
    across += x * (values[t - k] - mean);
    squares += x * x;
  }
  return across / squares / mean;
}
