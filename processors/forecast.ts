/**
 * What hosts, interfaces and links will carry in 5 min, 15 min, an hour and a day, with intervals that keep their word, and where what came left them: changes of
 * pattern.
 *
 * The linear model is what serves: its weights were fitted to simulated traffic, and it learns from all subjects of the partition; what is told of a subject is
 * mixed from shipped weights, learned ones and persistence by how they did for that subject. An ONNX model may give the middle of the forecast instead (`forecast.model`, or `netweaver models
 * deploy`); where it fails the linear one goes on. Intervals are conformal and follow each subject: 90 % of what comes lies between p05 and p95, whatever the model.
 *
 * Made from the latest 60 windows of 5 min. Missing ones are filled in and counted (`gaps`); where too many are missing there is no forecast, counted as `too-many-gaps`.
 *
 * Units: bits a second, means of a window.
 *
 * Delivery: exactly once, from traffic.features and models.deployed to traffic.forecasts and anomalies.
 * State: 14 KiB a subject, for `lifeMs`, most of it nine days of windows; 145 KiB of what was learned.
 */
import { createHash } from 'node:crypto';
import { Courses, type Interval } from '../domain/forecast/course';
import { LinearLearner } from '../domain/forecast/learner';
import { SHIPPED, SHIPPED_WINDOW_MS } from '../domain/forecast/shipped';
import { rounded } from '../infra/inference/rounded';
import { encodeTrafficForecast, TrafficFeaturesColumns, type Anomaly } from '../schemas';
import { ANOMALIES, MODELS_DEPLOYED, TRAFFIC_FEATURES, TRAFFIC_FORECASTS } from '../topics';
import { forecastSection, type ForecastSettings } from './forecast/settings';
import { STEPS, Subjects, WIDTH } from './forecast/subjects';
import { deployedSteps, ModelSlot } from './runtime/models/model-slot';
import { tellAnomaly } from './detect/tell';
import type { Context, Processor, ProcessorTask, RecordSteps, Resources } from './runtime/processor';
import { Cells } from './runtime/state/cells';
import { watched } from './runtime/state/watched';
import { Episodes, type Episode } from './score/episodes';

const { design } = SHIPPED;
/** Name of the model that is no file. */
export const LINEAR = 'linear';
const MEDIAN = 2, QUANTILES = 5;
/** Windows between two solutions of what was learned. */
const SOLVE_EVERY = 72;
/** Horizon that changes of pattern are seen by: an hour. A change of level has become the forecast itself when it has lasted so long. */
const PATTERN = 2;
/** Cells of the clock: windows that were swept; solutions that were due. */
const SWEPT = 0, SOLVED = 1, CLOCK = 2;
const WARNING = 2;

class ForecastTask implements ProcessorTask {
  readonly stores;
  readonly tables: readonly RecordSteps[];
  readonly views;
  private readonly features = new TrafficFeaturesColumns();
  private readonly learned = new Cells('learned', LinearLearner.cells(design));
  private readonly clock = new Cells('clock', CLOCK);
  private readonly learner: LinearLearner;
  private readonly courses: Courses;
  private readonly subjects: Subjects;
  private readonly patterns: Episodes;
  private readonly slot: ModelSlot;
  private readonly bitsPerSecond = 8000 / SHIPPED_WINDOW_MS;
  private readonly centres = new Float64Array(design.horizons.length);
  /** Rows of the record that an ONNX model is asked about, and what it is given. */
  private asked = new Int32Array(0);
  private input = new Float32Array(0);
  private linearHash = '';

  constructor(private readonly settings: ForecastSettings, { models }: Resources) {
    this.learner = new LinearLearner(design, SHIPPED.weights, SHIPPED.ridge, this.learned.values as Float64Array<ArrayBuffer>);
    this.courses = new Courses(SHIPPED, settings.learn ? this.learner : null, settings.maxGaps);
    this.subjects = new Subjects(this.courses, SHIPPED_WINDOW_MS, settings);
    this.patterns = new Episodes('patterns', settings);
    this.slot = new ModelSlot({ slot: 'serving', processor: 'forecast', task: 'forecast', input: [STEPS, WIDTH], configured: settings.model, models });
    const shadow = new ModelSlot({ slot: 'shadow', processor: 'forecast', task: 'forecast', input: [STEPS, WIDTH], configured: '', models });
    this.tables = [deployedSteps('forecast', { serving: this.slot, shadow })];
    this.stores = [this.clock, watched(this.learned, () => (this.linearHash = '')), ...this.subjects.stores, this.patterns.store, this.slot.store, shadow.store];
    this.views = [this.slot.view()];
  }

  decode(value: Buffer): void {
    this.features.decode(value);
  }

  step(context: Context): void {
    const { features, settings, subjects } = this;
    const { rows, windowStart, windowMs, kind } = features;
    if (windowMs !== SHIPPED_WINDOW_MS || !settings.kinds.includes(kind)) return;
    context.received(rows.length);
    if (windowStart > context.timestampMs + settings.aheadMs) return context.discarded('ahead', rows.length);
    const number = Math.floor(windowStart / windowMs);
    subjects.advance(context.timestampMs);
    this.solveWhenDue(number);
    const asks = this.slot.occupied;
    if (asks && this.asked.length < rows.length) {
      this.asked = new Int32Array(2 * rows.length);
      this.input = new Float32Array(2 * rows.length * STEPS * WIDTH);
    }
    let count = 0;
    for (let row = 0; row < rows.length; row++) {
      if (!this.take(row, number, context)) continue;
      if (asks) {
        subjects.input(this.input, count * STEPS * WIDTH);
        this.asked[count++] = row;
      } else this.tell(row, null, context);
      if (!subjects.close()) context.discarded('state-full', 1);
    }
    if (count > 0) this.ask(count, number, context);
    if (settings.learn) this.learned.set(0, this.learned.values[0]);
    this.sweep(number, context);
  }

  /** Takes a row; true where a forecast can be made from it, and then the subject is still open. */
  private take(row: number, number: number, context: Context): boolean {
    const { subjects, courses } = this;
    const { rows, kind } = this.features;
    subjects.open(kind, rows.subject[row]);
    const { last } = subjects;
    if (number <= last) {
      context.discarded('out-of-order', 1);
      return false;
    }
    const bytes = rows.bytes[row];
    const known = Number.isFinite(bytes) && bytes >= 0;
    if (!known) context.discarded('bytes-not-known', 1);
    courses.take(subjects.course, last < 0 ? number - 1 : last, number, known ? bytes : NaN);
    subjects.set(number, rows, row);
    if (known) this.compare(row, bytes, context);
    if (known && courses.ready) return true;
    if (known) context.discarded('too-many-gaps', 1);
    if (!subjects.close()) context.discarded('state-full', 1);
    return false;
  }

  /** Forecasts of the asked rows by the ONNX model; by the linear one where it gives nothing. */
  private ask(count: number, number: number, context: Context): void {
    const { subjects, courses } = this;
    const outputs = this.slot.run(count, () => this.input, context);
    if (outputs === null) context.discarded(this.slot.trouble?.code ?? 'no-model', count);
    for (let i = 0; i < count; i++) {
      subjects.open(this.features.kind, this.features.rows.subject[this.asked[i]]);
      courses.resume(subjects.course, number);
      const each = design.horizons.length * QUANTILES;
      this.tell(this.asked[i], outputs === null ? null : outputs[0].subarray(i * each, (i + 1) * each), context);
      if (!subjects.close()) context.discarded('state-full', 1);
    }
  }

  /** Puts a forecast out. @param told quantiles by an ONNX model, a row a horizon; null: by the linear model */
  private tell(row: number, told: Float32Array | null, context: Context): void {
    const { courses, centres, bitsPerSecond } = this;
    const { rows, kind, windowStart, windowMs } = this.features;
    const sound = told !== null && told.every((value) => Number.isFinite(value));
    if (told !== null && !sound) context.discarded('model-gave-no-number', 1);
    for (let i = 0; i < centres.length; i++) centres[i] = sound ? Math.max(0, told[i * QUANTILES + MEDIAN]) : courses.told(i);
    courses.issue(centres);
    const model = sound ? this.slot.used! : { name: LINEAR, hash: this.hash() };
    const subject = rows.subject[row];
    const rate = (bytes: number): number => rounded(bytes * bitsPerSecond);
    const value = encodeTrafficForecast({
      subject, kind, time: windowStart + windowMs, windowMs, model: model.name, modelHash: model.hash, gaps: courses.gaps,
      horizons: courses.forecast.map(({ centre, p05, p10, p50, p90, p95 }, i) => ({
        horizonMs: design.horizons[i] * windowMs, bitsPerSecond: rate(centre), p05: rate(p05), p10: rate(p10), p50: rate(p50), p90: rate(p90), p95: rate(p95),
      })),
    }, context.schemaId(TRAFFIC_FORECASTS));
    context.emit(TRAFFIC_FORECASTS, 0, Buffer.from(subject), value, { timeMs: windowStart + windowMs });
    context.sent(1);
  }

  /** Holds what came against what was forecast of it an hour before. */
  private compare(row: number, bytes: number, context: Context): void {
    const { settings, bitsPerSecond } = this;
    const expected = this.courses.expected[PATTERN];
    const { windowStart, windowMs } = this.features;
    const { lower, upper } = widened(expected, settings.patternPercent / 100);
    const large = Math.max(bytes, expected.centre) * bitsPerSecond >= settings.patternLeastBitsPerSecond;
    const outside = large && (bytes < lower || bytes > upper);
    const key = this.keyOf(row);
    if (!outside && !this.patterns.holds(key)) return;
    const episode = this.patterns.take(key, windowStart, windowMs, outside);
    if (episode === undefined) return context.discarded('state-full', 1);
    if (episode !== null) this.tellPattern(key, episode, { actual: bytes, expected, lower, upper }, context);
  }

  private tellPattern(key: Buffer, { phase, began }: Episode, found: { actual: number; expected: Interval; lower: number; upper: number } | null, context: Context): void {
    const [kind, id] = key.toString().split('|');
    const cut = kind === 'host' ? -1 : id.lastIndexOf('/');
    const subject = cut < 0 ? id : id.slice(0, cut);
    const time = this.features.windowStart + this.features.windowMs;
    const rate = (bytes: number): number => rounded(bytes * this.bitsPerSecond);
    const { actual, expected, lower, upper } = found ?? { actual: NaN, expected: { centre: NaN }, lower: NaN, upper: NaN };
    const bound = actual > expected.centre ? upper : lower;
    const ratio = Math.abs(actual - expected.centre) / Math.max(Math.abs(bound - expected.centre), 1);
    const score = Number.isNaN(ratio) ? 0 : rounded(ratio);
    const model = this.slot.used ?? { name: LINEAR, hash: this.hash() };
    const anomaly: Anomaly = {
      subject, subjectKind: kind, kind: 'pattern-change', phase, began, time, detector: cut < 0 ? 'forecast' : `forecast/${id.slice(cut + 1)}`,
      severity: score >= WARNING ? 'warning' : 'info', score, value: rate(actual), threshold: rate(bound), unit: 'bits/s',
      evidence: [
        { name: 'actual', value: rate(actual), usual: rate(expected.centre), unit: 'bits/s' },
        { name: 'lower bound', value: rate(lower), usual: NaN, unit: 'bits/s' },
        { name: 'upper bound', value: rate(upper), usual: NaN, unit: 'bits/s' },
      ],
      elements: cut < 0 ? [] : [{ kind, id, share: 1 }],
      model: model.name, modelHash: model.hash,
    };
    tellAnomaly(anomaly, context);
  }

  /** Subjects of which no window comes any more are over. */
  private sweep(number: number, context: Context): void {
    if (number <= this.clock.values[SWEPT]) return;
    this.clock.set(SWEPT, number);
    this.patterns.sweep('', this.features.windowStart, this.features.windowMs, (key, episode) => this.tellPattern(key, episode, null, context));
  }

  private solveWhenDue(number: number): void {
    const due = Math.floor(number / SOLVE_EVERY);
    if (due <= this.clock.values[SOLVED]) return;
    this.clock.set(SOLVED, due);
    this.learner.solve();
    this.linearHash = '';
  }

  /** Of the weights that were learned; what is mixed with them is the same for a version of the program. */
  private hash(): string {
    if (this.linearHash === '') {
      const weights = this.settings.learn ? this.learner.weights() : Float64Array.from(SHIPPED.weights.flatMap((row) => [...row]));
      this.linearHash = createHash('sha256').update(Buffer.from(weights.buffer)).digest('hex');
    }
    return this.linearHash;
  }

  private keyOf(row: number): Buffer {
    return Buffer.from(`${this.features.kind}|${this.features.rows.subject[row]}`);
  }
}

/** The 90 % interval, drawn out from the centre on both sides. Where there was no forecast both bounds are no numbers, and nothing lies outside. */
function widened({ centre, p05, p95 }: Interval, by: number): { lower: number; upper: number } {
  return { lower: centre - by * Math.max(0, centre - p05), upper: centre + by * Math.max(0, p95 - centre) };
}

/** The processor. */
export const forecast: Processor<typeof forecastSection> = {
  name: 'forecast',
  doc: 'Forecasts what hosts, interfaces and links will carry, with intervals, and tells where what came left them.',
  delivery: 'exactly once, from traffic.features and models.deployed to traffic.forecasts and anomalies',
  input: TRAFFIC_FEATURES,
  tables: [MODELS_DEPLOYED],
  outputs: [TRAFFIC_FORECASTS, ANOMALIES],
  section: forecastSection,
  windows: () => [],
  create: (settings, resources) => new ForecastTask(settings, resources),
};
