import { KeyValue } from '../runtime/state/key-value';
import type { ScoreSettings } from './settings';

/** What is kept of a subject: windows learned from, mean and variance of its errors, start of the last window, and of which model they are. */
const COUNT = 0, MEAN = 1, VARIANCE = 2, LAST = 3, MODEL = 4, CELLS = 5;
/** Windows that the mean and the variance are about; of all subjects together, and how many more are learned from there. */
const MEMORY = 300, MEMORY_OF_ALL = 20_000, MORE_OF_ALL = 10;
/** How much slower it learns from what is out of the ordinary: what lasts becomes usual in the end. */
const RELUCTANCE = 10;
/** Subjects of which nothing came for so long are forgotten. */
const LIFE_MS = 14 * 86_400_000;

/**
 * What is usual of each subject: every network has its own kinds of traffic, and a subject that is unlike what the model was trained on is so every day. So a window is out of the ordinary where its
 * error is above the model's threshold, and above what the errors of this subject are; of one that is not known yet, above what those of all subjects of its kind are.
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
   * Takes the error of a subject's window; the limit that holds for it: Infinity while neither the subject nor its kind is learned. Windows that come twice are learned once.
   * @param all key of all subjects of that kind and length of windows
   * @param model hash of the model: errors of another one say nothing
   * @returns `undefined` where there is no room for the subject
   */
  limit(key: Buffer, all: Buffer, startMs: number, error: number, threshold: number, model: string): number | undefined {
    const { learnWindows } = this.settings;
    if (learnWindows === 0) return threshold;
    const ofAll = this.take(all, NaN, error, threshold, model, MORE_OF_ALL * learnWindows, MEMORY_OF_ALL, Infinity);
    return ofAll === undefined ? undefined : this.take(key, startMs, error, threshold, model, learnWindows, MEMORY, ofAll);
  }

  /** The limit by what is kept under a key, `otherwise` where that is too little; then learns. */
  private take(key: Buffer, startMs: number, error: number, threshold: number, model: string, least: number, memory: number, otherwise: number): number | undefined {
    const { cells } = this;
    const of = parseInt(model.slice(0, 8), 16);
    const kept = this.store.get(key);
    if (kept !== null) this.bytes.set(kept);
    if (kept === null || cells[MODEL] !== of) {
      cells.fill(0);
      cells[MODEL] = of;
    }
    const limit = cells[COUNT] < least ? otherwise : Math.max(threshold, cells[MEAN] + this.settings.usualSigmas * Math.sqrt(cells[VARIANCE]));
    if (Number.isNaN(error) || startMs === cells[LAST]) return limit;
    this.learn(Math.min(error, limit), error > limit, memory);
    cells[LAST] = startMs;
    return this.store.put(key, this.bytes) ? limit : undefined;
  }

  /** Exponentially weighted mean and variance (West, 1979), the plain ones at the beginning. */
  private learn(error: number, isUnusual: boolean, memory: number): void {
    const { cells } = this;
    if (!isUnusual) cells[COUNT]++;
    const weight = (isUnusual ? 1 / RELUCTANCE : 1) / Math.min(memory, Math.max(1, cells[COUNT]));
    const off = error - cells[MEAN];
    cells[MEAN] += weight * off;
    cells[VARIANCE] = (1 - weight) * (cells[VARIANCE] + weight * off * off);
  }
}
