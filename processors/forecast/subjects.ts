import type { Courses } from '../../domain/forecast/course';
import type { TrafficFeaturesRowColumns } from '../../schemas';
import { KeyValue } from '../runtime/state/key-value';
import type { ForecastSettings } from './settings';

/** Windows and features that ONNX models take; the features in their order. */
export const STEPS = 60;
export const WIDTH = 10;
/** Features that are kept; bytes are kept by the course, and the fractions of day and week follow from the time. */
const KEPT = ['packets', 'flows', 'meanDurationMs', 'tcpShare', 'udpShare', 'icmpShare', 'trend'] as const;
/** Place of each of them in the input. */
const PLACES = [1, 2, 3, 4, 5, 6, 9] as const;
const BYTES = 0, DAY = 7, WEEK = 8;
const DAY_MS = 86_400_000;
/** The epoch was a Thursday; weeks begin on Monday. */
const MONDAY_MS = 4 * DAY_MS;
/** Ahead of the cells: number of the last window, a double. */
const LAST = 0, HEAD = 1;

/**
 * What is kept of subjects: of each the cells of its course, and the features of its latest windows, found by the number of the window. Hosts have a
 * store of their own, so that many of them do not drive out interfaces and links.
 */
export class Subjects {
  readonly stores: readonly KeyValue[];
  /** Cells of the course of the subject that was opened. */
  readonly course: Float32Array;
  private readonly buffer: ArrayBuffer;
  private readonly bytes: Buffer;
  private readonly head: Float64Array;
  private readonly features: Float32Array;
  private store: KeyValue;
  private key: Buffer = Buffer.alloc(0);

  constructor(
    private readonly courses: Courses,
    private readonly windowMs: number,
    { lifeMs, maxStateMiB }: Pick<ForecastSettings, 'lifeMs' | 'maxStateMiB'>,
  ) {
    const store = (name: string): KeyValue => new KeyValue({ name, maxBytes: maxStateMiB * 2 ** 20, lifeMs });
    this.stores = [store('subjects'), store('hosts')];
    this.store = this.stores[0];
    this.buffer = new ArrayBuffer(8 * HEAD + 4 * (courses.cells + STEPS * KEPT.length));
    this.bytes = Buffer.from(this.buffer);
    this.head = new Float64Array(this.buffer, 0, HEAD);
    this.course = new Float32Array(this.buffer, 8 * HEAD, courses.cells);
    this.features = new Float32Array(this.buffer, 8 * HEAD + 4 * courses.cells);
  }

  /** Number of the last window of the subject that was opened; -1: there was none. */
  get last(): number {
    return this.head[LAST];
  }

  /** Time goes on: subjects that were not seen for long are forgotten. */
  advance(timeMs: number): void {
    for (const store of this.stores) store.advance(timeMs);
  }

  /** Opens a subject, new or known. */
  open(kind: string, subject: string): void {
    this.store = this.stores[kind === 'host' ? 1 : 0];
    this.key = Buffer.from(subject);
    const kept = this.store.get(this.key);
    if (kept !== null) return void this.bytes.set(kept);
    this.head[LAST] = -1;
    this.courses.begin(this.course);
    this.features.fill(NaN);
  }

  /** Keeps it; false where there is no room. */
  close(): boolean {
    return this.store.put(this.key, this.bytes);
  }

  /** Window `number` of the opened subject is a row of traffic.features. */
  set(number: number, rows: TrafficFeaturesRowColumns, row: number): void {
    for (let missed = Math.max(this.last + 1, number - STEPS); missed < number; missed++) this.features.fill(NaN, this.at(missed), this.at(missed) + KEPT.length);
    this.head[LAST] = number;
    KEPT.forEach((name, i) => (this.features[this.at(number) + i] = rows[name][row]));
  }

  /** The input of an ONNX model for the opened subject, whose course is open too, into `input` from `to` on. */
  input(input: Float32Array, to: number): void {
    for (let step = 0; step < STEPS; step++) {
      const number = this.last - (STEPS - 1 - step);
      const place = to + step * WIDTH;
      const from = this.at(number);
      const startMs = number * this.windowMs;
      input[place + BYTES] = this.courses.valueAt(STEPS - 1 - step);
      input[place + DAY] = (startMs % DAY_MS) / DAY_MS;
      input[place + WEEK] = ((startMs - MONDAY_MS) % (7 * DAY_MS)) / (7 * DAY_MS);
      for (let i = 0; i < KEPT.length; i++) input[place + PLACES[i]] = this.features[from + i];
    }
  }

  private at(number: number): number {
    return (number % STEPS) * KEPT.length;
  }
}
