/**
 * Thresholds as people have moved them: of a subject and kind, what the threshold of its detectors is multiplied with. A false positive raises it, above what was
 * reported; a true positive lowers it. It is bounded, and goes back to 1: half of its logarithm is gone after the half-life.
 *
 * A fold of alerts.feedback alone, in its order.
 */
import type { AlertFeedback } from '../../schemas';
import { byCodeUnits } from '../topology/elements';

/** How far feedback moves thresholds. */
export interface ThresholdSettings {
  /** What one verdict multiplies or divides by; above 1. */
  readonly step: number;
  /** Highest factor, and by what 1 is divided for the lowest. */
  readonly highest: number;
  readonly lowest: number;
  /** Unit: milliseconds. */
  readonly halfLifeMs: number;
  /** Subjects and kinds that are kept; verdicts on others are counted and have no effect. */
  readonly most: number;
}

/** What was said of a subject and kind. */
export interface Threshold {
  readonly subject: string;
  readonly kind: string;
  /** Natural logarithm of the factor at `atMs`. */
  readonly log: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly falsePositives: number;
  readonly truePositives: number;
  /** Who said so last. */
  readonly by: string;
}

/** A false positive raises the threshold so far above the score that it had. */
const ABOVE_SCORE = 1.1;
/** A factor as near to 1 as this is 1. */
const GONE = 0.01;

/** Key of a subject and kind. */
export const thresholdKey = (subject: string, kind: string): string => `${subject}\n${kind}`;

/** See the file's head. */
export class Thresholds {
  readonly entries = new Map<string, Threshold>();

  constructor(private readonly settings: ThresholdSettings) {}

  /** Takes a record in. Keys that it changed, and keys that are forgotten; `full` of its targets there was no room for. */
  take({ action, time, by, targets }: Pick<AlertFeedback, 'action' | 'time' | 'by' | 'targets'>): { readonly changed: readonly string[]; readonly gone: readonly string[]; readonly full: number } {
    const changed: string[] = [];
    const gone: string[] = [];
    let full = 0;
    if (action !== 'false-positive' && action !== 'true-positive') return { changed, gone, full };
    for (const { subject, kind, score } of targets) {
      const key = thresholdKey(subject, kind);
      const before = this.entries.get(key);
      if (before === undefined && this.entries.size >= this.settings.most && !this.makeRoom(time, gone)) {
        full++;
        continue;
      }
      const log = before === undefined ? 0 : this.logAt(before, time);
      const isFalse = action === 'false-positive';
      this.entries.set(key, {
        subject, kind, log: isFalse ? this.raised(log, score) : Math.max(-Math.log(this.settings.lowest), log - Math.log(this.settings.step)), atMs: Math.max(time, before?.atMs ?? time),
        falsePositives: (before?.falsePositives ?? 0) + (isFalse ? 1 : 0), truePositives: (before?.truePositives ?? 0) + (isFalse ? 0 : 1), by,
      });
      changed.push(key);
    }
    return { changed, gone, full };
  }

  /** The factor of a subject and kind at a time; 1 where nobody said anything, or long ago. */
  factor(subject: string, kind: string, nowMs: number): number {
    const entry = this.entries.get(thresholdKey(subject, kind));
    return entry === undefined ? 1 : this.factorOf(entry, nowMs);
  }

  /** As {@link factor}, of an entry. */
  factorOf(entry: Threshold, nowMs: number): number {
    const log = this.logAt(entry, nowMs);
    return Math.abs(log) < GONE ? 1 : Math.exp(log);
  }

  /** Those that are moved at a time, by subject and kind. */
  moved(nowMs: number): (Threshold & { readonly factor: number })[] {
    return [...this.entries.values()]
      .map((entry) => ({ ...entry, factor: this.factorOf(entry, nowMs) }))
      .filter(({ factor }) => factor !== 1)
      .sort((one, other) => byCodeUnits(one.subject, other.subject) || byCodeUnits(one.kind, other.kind));
  }

  private raised(log: number, score: number): number {
    const { step, highest } = this.settings;
    const above = score > 0 && Number.isFinite(score) ? Math.log(ABOVE_SCORE * score) : 0;
    return Math.min(Math.log(highest), Math.max(log + Math.log(step), above));
  }

  private logAt({ log, atMs }: Threshold, nowMs: number): number {
    return log * 2 ** (-Math.max(0, nowMs - atMs) / this.settings.halfLifeMs);
  }

  /** Forgets those that are as they were; false where there are none. */
  private makeRoom(nowMs: number, gone: string[]): boolean {
    for (const [key, entry] of this.entries) if (this.factorOf(entry, nowMs) === 1) gone.push(key);
    for (const key of gone.sort(byCodeUnits)) this.entries.delete(key);
    return this.entries.size < this.settings.most;
  }
}
