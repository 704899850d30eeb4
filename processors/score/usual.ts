import { KeyValue } from '../runtime/state/key-value';
import type { ScoreSettings } from './settings';

/** What is kept of a subject: windows learned from, mean and variance of its errors, start of the last window, and of which model they are. */
const COUNT = 0, MEAN = 1, VARIANCE = 2, LAST = 3, MODEL = 4, CELLS = 5;
/** Windows that the mean and the variance are about. */
const MEMORY = 300;
/** How much slower it learns from what is out of the ordinary: what lasts becomes usual in the end. */
const RELUCTANCE = 10;
/** Subjects of which nothing came for so long are forgotten. */
const LIFE_MS = 14 * 86_400_000;

/**
 * What is usual of each subject: every network has its own kinds of traffic, and a subject that is unlike what the model was trained on is so every day. So a window is out of the ordinary where its
 * error is above the model's threshold, and above what the errors of this subject are.
 */
export class Usual {
  readonly store: KeyValue;
  private readonly cells = new Float64Array(CELLS);
  private readonly bytes = Buffer.from(this.cells.buffer);

  constructor(
    name: string,
    private readonly settings: ScoreSettings,
  ) {
    this.store = new KeyValue({ name, maxBytes: settings.maxStateMiB * 2 ** 20, lifeMs: LIFE_MS });
  }

  /** Event time goes on. */
  advance(timeMs: number): void {
    this.store.advance(timeMs);
  }

  /**
   * Takes the error of a subject's window; the limit that holds for it: Infinity while the subject is learned. Windows that come twice are learned once.
   * @param model hash of the model: errors of another one say nothing
   * @returns `undefined` where there is no room for the subject
   */
  limit(key: Buffer, startMs: number, error: number, threshold: number, model: string): number | undefined {
    const { learnWindows, usualSigmas } = this.settings;
    if (learnWindows === 0) return threshold;
    const { cells } = this;
    const of = parseInt(model.slice(0, 8), 16);
    const kept = this.store.get(key);
    if (kept !== null) this.bytes.set(kept);
    if (kept === null || cells[MODEL] !== of) {
      cells.fill(0);
      cells[MODEL] = of;
    }
    const limit = cells[COUNT] < learnWindows ? Infinity : Math.max(threshold, cells[MEAN] + usualSigmas * Math.sqrt(cells[VARIANCE]));
    if (Number.isNaN(error) || startMs === cells[LAST]) return limit;
    this.learn(Math.min(error, limit), error > limit);
    cells[LAST] = startMs;
    return this.store.put(key, this.bytes) ? limit : undefined;
  }

  /** Exponentially weighted mean and variance (West, 1979), the plain ones at the beginning. */
  private learn(error: number, isUnusual: boolean): void {
    const { cells } = this;
    if (!isUnusual) cells[COUNT]++;
    const weight = (isUnusual ? 1 / RELUCTANCE : 1) / Math.min(MEMORY, Math.max(1, cells[COUNT]));
    const off = error - cells[MEAN];
    cells[MEAN] += weight * off;
    cells[VARIANCE] = (1 - weight) * (cells[VARIANCE] + weight * off * off);
  }
}
