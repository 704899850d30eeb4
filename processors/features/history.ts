import { AgeingTable } from '../runtime/state/ageing-table';
import { Table } from '../runtime/state/table';

/** Windows that the trend is of. */
export const TREND_WINDOWS = 6;
/** Doubles of a subject and length of window: start of the last window, moving average, bytes of the latest windows, the latest last. */
const LAST = 0, AVERAGE = 1, LATEST = 2, WIDTH = LATEST + TREND_WINDOWS;

/** What came before a window, of one subject. */
export interface Past {
  /** Exponential moving average of the bytes, this window included. */
  movingAverage: number;
  /** Slope over the latest windows, relative to their mean; not a number where fewer than two are known. */
  trend: number;
  /** Windows missing right before this one. */
  gap: number;
}

/** What {@link Histories} is made of. */
export interface HistoriesOptions {
  /** Words of a subject. */
  readonly keyWords: number;
  /** How many lengths of windows there are. */
  readonly lengths: number;
  readonly maxSubjects: number;
  readonly lifeMs: number;
  /** The moving average is of about so many windows: its weight of the latest is 2 / (windows + 1). */
  readonly averageWindows: number;
}

/**
 * The latest windows of each subject, for moving average, trend and gaps; of each length of windows and each timeline by itself. A window that is not
 * later than the last one begins anew. Subjects that were not seen for `lifeMs` are forgotten, and the oldest where there are too many.
 */
export class Histories {
  readonly past: Past = { movingAverage: 0, trend: NaN, gap: 0 };
  private readonly table: AgeingTable;
  private readonly weight: number;
  private readonly key: Int32Array;
  private readonly row = new Int32Array(1);
  private readonly fresh = new Uint8Array(1);

  constructor({ keyWords, lengths, maxSubjects, lifeMs, averageWindows }: HistoriesOptions) {
    this.table = new AgeingTable({ name: 'histories', keyWords: keyWords + 1, ints: 0, doubles: lengths * WIDTH, maxRows: maxSubjects }, lifeMs);
    this.weight = 2 / (averageWindows + 1);
    this.key = new Int32Array(keyWords + 1);
  }

  get stores(): AgeingTable['stores'] {
    return this.table.stores;
  }

  /** Subjects forgotten before their time since this was last asked. */
  takeEvicted(): number {
    const { evicted } = this.table;
    this.table.evicted = 0;
    return evicted;
  }

  /** Time of receipt goes on. */
  advance(timeMs: number): void {
    this.table.advance(timeMs);
  }

  /** Takes a window of a subject, whose words begin at `at`; what came before it is in {@link past} until the next call. */
  take(words: Int32Array, at: number, timeline: number, length: number, start: number, lengthMs: number, bytes: number): Past {
    const { key, row, past } = this;
    for (let word = 0; word < key.length - 1; word++) key[word] = words[at + word];
    key[key.length - 1] = timeline;
    this.table.upsertAll(key, 1, row, this.fresh);
    const { young } = this.table;
    const cells = row[0] * young.doublesPerRow + young.doublesAt + length * WIDTH;
    this.shift(young, cells, start, lengthMs, bytes);
    past.trend = slope(young.doubles, cells + LATEST);
    past.movingAverage = young.doubles[cells + AVERAGE];
    return past;
  }

  private shift({ doubles }: Table, cells: number, start: number, lengthMs: number, bytes: number): void {
    const last = doubles[cells + LAST];
    // Starts of windows are kept one more, so that 0 is none.
    const steps = last === 0 ? 0 : (start + 1 - last) / lengthMs;
    const latest = cells + LATEST;
    this.past.gap = 0;
    if (steps <= 0) {
      doubles.fill(NaN, latest, latest + TREND_WINDOWS);
      doubles[cells + AVERAGE] = bytes;
    } else {
      const by = Math.min(steps, TREND_WINDOWS);
      doubles.copyWithin(latest, latest + by, latest + TREND_WINDOWS);
      doubles.fill(NaN, latest + TREND_WINDOWS - by, latest + TREND_WINDOWS);
      doubles[cells + AVERAGE] += this.weight * (bytes - doubles[cells + AVERAGE]);
      this.past.gap = Math.min(steps - 1, 2 ** 31 - 1);
    }
    doubles[latest + TREND_WINDOWS - 1] = bytes;
    doubles[cells + LAST] = start + 1;
  }
}

/** Slope of a line through the known ones of the values (least squares), a step, over their mean; not a number below two of them, 0 where the mean is. */
function slope(values: Float64Array, at: number): number {
  let known = 0, sumX = 0, sumY = 0, sumXX = 0, sumXY = 0;
  for (let x = 0; x < TREND_WINDOWS; x++) {
    const y = values[at + x];
    if (Number.isNaN(y)) continue;
    known++;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumXY += x * y;
  }
  if (known < 2) return NaN;
  if (sumY === 0) return 0;
  return (known * (known * sumXY - sumX * sumY)) / ((known * sumXX - sumX * sumX) * sumY);
}
