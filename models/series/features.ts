/** The features of windows as `traffic.features` has them, from what was counted in each. */

/** Columns of a series, in this order; the first ten are those of the forecast models. */
export const SERIES_COLUMNS = ['bytes', 'packets', 'flows', 'meanDurationMs', 'tcpShare', 'udpShare', 'icmpShare', 'dayFraction', 'weekFraction', 'trend', 'movingAverage'] as const;

const WIDTH = SERIES_COLUMNS.length;
const DAY_MS = 86_400_000;
/** The epoch was a Thursday; weeks begin on Monday. */
const MONDAY_MS = 4 * DAY_MS;
/** Windows that the moving average and the trend look back on, as those of traffic.features by default. */
const AVERAGE_WINDOWS = 12;
const TREND_WINDOWS = 6;

/** Rows of one series: counted values go in, derived ones are made. */
export class FeatureColumns {
  readonly rows: Float32Array;
  readonly happenings: Uint8Array;
  private average = NaN;
  private readonly latest: number[] = [];

  constructor(readonly length: number) {
    this.rows = new Float32Array(length * WIDTH);
    this.happenings = new Uint8Array(length);
  }

  /** Row `row` from its start and the seven counted values; NaN: not known. Rows are set in their order. */
  set(row: number, startMs: number, counted: ArrayLike<number>, happening = 0): void {
    const at = row * WIDTH;
    for (let i = 0; i < 7; i++) this.rows[at + i] = counted[i];
    this.rows[at + 7] = (startMs % DAY_MS) / DAY_MS;
    this.rows[at + 8] = ((startMs - MONDAY_MS) % (7 * DAY_MS)) / (7 * DAY_MS);
    const bytes = counted[0];
    if (!Number.isNaN(bytes)) {
      this.average = Number.isNaN(this.average) ? bytes : this.average + (2 / (AVERAGE_WINDOWS + 1)) * (bytes - this.average);
      this.latest.push(bytes);
      if (this.latest.length > TREND_WINDOWS) this.latest.shift();
    }
    this.rows[at + 9] = trendOf(this.latest);
    this.rows[at + 10] = this.average;
    this.happenings[row] = happening;
  }
}

/** Slope of the least-squares line through the values, a step, relative to their mean. */
export function trendOf(values: readonly number[]): number {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return NaN;
  if (mean === 0) return 0;
  let across = 0, squares = 0;
  values.forEach((value, i) => {
    const x = i - (count - 1) / 2;
    across += x * (value - mean);
    squares += x * x;
  });
  return across / squares / mean;
}
