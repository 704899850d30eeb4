/**
 * The course of one series, window by window, in a fixed number of cells: what it carried, what was forecast and has not come yet, and the quantiles
 * of its scores, and how the candidates of the learner did. Windows bear numbers that count on; cells are found by number, so nothing is ever moved.
 *
 * For each window: {@link Courses.take} what came: the quantiles follow it and the learner learns; then {@link Courses.told}, the centres
 * of the forecast, from the learner or from any other model; then {@link Courses.issue}, which keeps them and gives the intervals.
 */
import { follow, LEVELS, moveOf, stepOf } from './conformal';
import { CANDIDATES, FIRST_SHARES, type LinearLearner } from './learner';
import { changeOf, fillRow, moveSpan, reach, rowSize, type LinearDesign } from './linear';
import { Mixture } from './mixture';
import type { LinearModel } from './shipped';

/** Weight of a row of a level, to this power: between all alike and by bytes. */
const LEVEL_POWER = 0.5;
const LEARNED = CANDIDATES.indexOf('learned');

/** What is told of a horizon: the centre, then its quantiles at the levels of `conformal.ts`. */
export interface Interval {
  centre: number;
  p05: number;
  p10: number;
  p50: number;
  p90: number;
  p95: number;
}

const nothing = (): Interval => ({ centre: NaN, p05: NaN, p10: NaN, p50: NaN, p90: NaN, p95: NaN });

/** Works on the cells of any number of series of one design, one after the other. */
export class Courses {
  /** Cells of a series. */
  readonly cells: number;
  /** Of the window that was taken: missing ones among the latest {@link LinearDesign.window}. */
  gaps = 0;
  /** What had been forecast for the window that was taken, by horizon; centre NaN: nothing. */
  readonly expected: readonly Interval[];
  /** What {@link issue} forecasts, by horizon. */
  readonly forecast: readonly Interval[];
  /** The latest windows, the one that was taken last; those that are missing are filled in between their neighbours. */
  readonly values: Float64Array;
  private readonly design: LinearDesign;
  private readonly length: number;
  /** Where the pending centres of each horizon begin; moves lie behind them. */
  private readonly pendingAt: readonly number[];
  private readonly quantilesAt: number;
  private readonly mixturesAt: number;
  private readonly mixture = new Mixture(FIRST_SHARES);
  private readonly changes = new Float64Array(CANDIDATES.length);
  private readonly missing: Uint8Array;
  private readonly row: Float64Array;
  private series!: Float32Array;
  private number = 0;

  /**
   * @param learner none: {@link told} tells by the model's own weights
   * @param maxGaps windows that may be missing among those that a forecast is made from
   */
  constructor(
    private readonly model: LinearModel,
    private readonly learner: LinearLearner | null,
    private readonly maxGaps: number,
  ) {
    const { design } = model;
    this.design = design;
    this.length = reach(design) + Math.max(...design.horizons) + 1;
    let at = this.length;
    this.pendingAt = design.horizons.map((horizon) => (at += 2 * horizon) - 2 * horizon);
    this.quantilesAt = at;
    this.mixturesAt = at + LEVELS.length * design.horizons.length;
    this.cells = this.mixturesAt + Mixture.cells(CANDIDATES.length) * design.horizons.length;
    this.values = new Float64Array(this.length);
    this.missing = new Uint8Array(this.length);
    this.row = new Float64Array(rowSize(design));
    this.expected = design.horizons.map(nothing);
    this.forecast = design.horizons.map(nothing);
  }

  /** Cells of a series of which nothing is known. */
  begin(series: Float32Array): void {
    series.fill(NaN, 0, this.quantilesAt);
    series.fill(0, this.mixturesAt);
    this.model.scores.forEach((scores, i) => series.set(scores, this.quantilesAt + i * LEVELS.length));
  }

  /**
   * Takes the window `number` of a series, not older than any before. @param last number of the window before it, or of itself where it is new
   * @param value not a number: missing
   */
  take(series: Float32Array, last: number, number: number, value: number): void {
    this.series = series;
    this.number = number;
    for (let missed = Math.max(last + 1, number - this.length); missed < number; missed++) this.put(missed, NaN);
    for (let i = 0; i < this.design.horizons.length; i++) this.read(this.expected[i], i, series[this.pendingOf(i, number)], series[this.pendingOf(i, number) + 1]);
    this.put(number, value);
    this.unroll();
    if (Number.isNaN(value)) return;
    for (let i = 0; i < this.design.horizons.length; i++) this.learn(i, value);
  }

  /** Comes back to a series after others, as {@link take} left it at window `number`. */
  resume(series: Float32Array, number: number): void {
    this.series = series;
    this.number = number;
    this.unroll();
  }

  /** The value of the window `back` windows before the one that was taken; not a number where it is missing. */
  valueAt(back: number): number {
    const i = this.length - 1 - back;
    return this.missing[i] === 1 ? NaN : this.values[i];
  }

  /** Whether enough is known for a forecast. */
  get ready(): boolean {
    return this.gaps <= this.maxGaps;
  }

  /** What the linear model expects at a horizon. */
  told(i: number): number {
    const t = this.length - 1;
    const { row } = this;
    const level = fillRow(this.values, t, this.number, this.design.horizons[i], this.design, row);
    if (level === 0) return this.values[t];
    return Math.max(0, this.values[t] + level * (this.learner === null ? changeOf(this.model.weights[i], row) : this.mixed(this.learner, i)));
  }

  /** What the candidates tell of the row, mixed by how they did for this series. */
  private mixed(learner: LinearLearner, i: number): number {
    learner.tell(i, this.row, this.changes);
    this.mixture.open(this.series, this.mixtureOf(i));
    return this.mixture.tell(this.changes);
  }

  private mixtureOf(i: number): number {
    return this.mixturesAt + i * Mixture.cells(CANDIDATES.length);
  }

  /** Forecasts, with the centres that a model gives. */
  issue(centres: ArrayLike<number>): void {
    for (let i = 0; i < this.design.horizons.length; i++) {
      const move = moveOf(this.values, this.length - 1, this.design.horizons[i], moveSpan(this.design));
      const at = this.pendingOf(i, this.number);
      this.series[at] = centres[i];
      this.series[at + 1] = move;
      this.read(this.forecast[i], i, centres[i], move);
    }
  }

  /** Window `number` is the target that was pending in that cell, and `number` + horizon the next. */
  private pendingOf(i: number, number: number): number {
    return this.pendingAt[i] + 2 * (number % this.design.horizons[i]);
  }

  private put(number: number, value: number): void {
    this.series[number % this.length] = value;
    if (!Number.isNaN(value)) return;
    // What is not known cannot be scored; and nothing is forecast from it unless it is issued.
    for (let i = 0; i < this.pendingAt.length; i++) this.series[this.pendingOf(i, number)] = NaN;
  }

  private read(interval: Interval, i: number, centre: number, move: number): void {
    const at = this.quantilesAt + i * LEVELS.length;
    interval.centre = centre;
    interval.p05 = Math.max(0, centre + move * this.series[at]);
    interval.p10 = Math.max(0, centre + move * this.series[at + 1]);
    interval.p50 = Math.max(0, centre + move * this.series[at + 2]);
    interval.p90 = Math.max(0, centre + move * this.series[at + 3]);
    interval.p95 = Math.max(0, centre + move * this.series[at + 4]);
  }

  /** The latest windows in order, with gaps filled in: straight from neighbour to neighbour, and as the nearest at the ends. */
  private unroll(): void {
    const { values, missing, length, series } = this;
    const first = (this.number + 1) % length;
    values.set(series.subarray(first, length));
    values.set(series.subarray(0, first), length - first);
    let known = -1;
    for (let i = 0; i < length; i++) {
      // Not a number: what does not equal itself. A call would cost more than all else here.
      missing[i] = values[i] === values[i] ? 0 : 1;
      if (missing[i] === 1) continue;
      if (known >= 0) for (let k = known + 1; k < i; k++) values[k] = values[known] + ((values[i] - values[known]) * (k - known)) / (i - known);
      known = i;
    }
    if (known >= 0) values.fill(values[known], known + 1);
    this.gaps = this.missingUpTo(length - 1);
    const start = missing.indexOf(0);
    // A course that has just begun goes on as it began, as far as a forecast looks back; days before it stay unknown.
    if (start > 0 && this.gaps > 0) values.fill(values[start], Math.max(0, Math.min(start, length - this.design.window)), start);
  }

  private missingUpTo(t: number): number {
    let count = 0;
    for (let k = 0; k < this.design.window; k++) count += t - k >= 0 ? this.missing[t - k] : 1;
    return count;
  }

  /** What came is scored against what was told, and learned from. */
  private learn(i: number, value: number): void {
    const { series, model, design, values, length } = this;
    const at = this.pendingOf(i, this.number);
    const [centre, move] = [series[at], series[at + 1]];
    if (!Number.isNaN(centre) && move > 0) follow(series, this.quantilesAt + i * LEVELS.length, (value - centre) / move, model.scores[i], stepOf(design.horizons[i]));
    series[at] = NaN;
    if (this.learner === null) return;
    const t = length - 1 - design.horizons[i];
    if (this.missing[t] === 1 || this.missingUpTo(t) > this.maxGaps) return;
    const level = fillRow(values, t, this.number - design.horizons[i], design.horizons[i], design, this.row);
    if (level === 0 || Number.isNaN(this.row[1])) return;
    const change = (value - values[t]) / level;
    this.mixed(this.learner, i);
    this.mixture.learn(series, this.mixtureOf(i), this.changes, change, design.horizons[i]);
    this.learner.learn(i, this.row, change, this.changes[LEARNED], level ** LEVEL_POWER);
  }
}
