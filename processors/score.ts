/**
 * Finds windows of traffic that are unlike what traffic usually is: an autoencoder reconstructs the features of each window, and what it cannot
 * reconstruct is the evidence. It knows no thresholds of volume and no signatures, so it sees changes of kind (sizes of packets, shares of protocols, packets a flow) that the detectors of floods
 * do not look at; one window above the threshold is no anomaly (two sigma: one calm window in twenty-five), several on end are,
 * where they are unlike the subject's own windows too: what a network does every day is usual there, whatever the model was trained on.
 *
 * A model that cannot be loaded or fails is counted by its code and the one before scores; where none can, rows are let go, counted, and `unscored` is told of `network` until
 * they are scored again. A model in the shadow is run on the same rows, its anomalies go to anomalies.shadow.
 *
 * Units: the score is the error by the threshold, the model's or what is usual of the subject, whichever is higher; residuals are in standard deviations.
 *
 * Delivery: exactly once, from traffic.features and models.deployed to anomalies and anomalies.shadow. State: some 100 bytes a subject and length of windows.
 */
import { NetWeaverError } from '../infra/errors';
import type { ModelCard } from '../infra/inference/card';
import { rounded } from '../infra/inference/rounded';
import { TrafficFeaturesColumns, type Anomaly, type Evidence } from '../schemas';
import { ANOMALIES, ANOMALIES_SHADOW, MODELS_DEPLOYED, TRAFFIC_FEATURES, type Topic } from '../topics';
import { deployedSteps, ModelSlot } from './runtime/models/model-slot';
import { tellAnomaly } from './detect/tell';
import type { Context, Processor, ProcessorTask, RecordSteps, Resources } from './runtime/processor';
import { Cells } from './runtime/state/cells';
import { Episodes, type Episode } from './score/episodes';
import { scoreSection, type ScoreSettings } from './score/settings';
import { Usual } from './score/usual';

/** Features that a model of this processor takes. */
const WIDTH = 10;
/** Residuals that are told. */
const EVIDENCE = 4;
/** Error by threshold from which an anomaly is more than worth knowing. */
const WARNING = 1.5;
/** When scoring ceased, 0 where it goes on; the last window swept, of each length. */
const UNSCORED = 0, SWEPT = 1;

/** A model in its place, and what becomes of its scores. */
interface Place {
  readonly slot: ModelSlot;
  readonly usual: Usual;
  readonly episodes: Episodes;
  readonly topic: Topic<Anomaly>;
}

class ScoreTask implements ProcessorTask {
  readonly stores;
  readonly tables: readonly RecordSteps[];
  readonly views;
  private readonly features = new TrafficFeaturesColumns();
  private readonly clock: Cells;
  private readonly serving: Place;
  private readonly shadow: Place;
  private readonly windows: readonly number[];
  private input = new Float32Array(0);
  /** Row of the record that each scored row is. */
  private chosen = new Int32Array(0);

  constructor(private readonly settings: ScoreSettings, { models }: Resources) {
    this.windows = settings.windowsMs.map(Number);
    const place = (slot: 'serving' | 'shadow', configured: string, topic: Topic<Anomaly>): Place => ({
      slot: new ModelSlot({ slot, processor: 'score', task: 'reconstruction', input: [WIDTH], configured, models }),
      usual: new Usual(`${slot}-usual`, settings),
      episodes: new Episodes(`${slot}-episodes`, settings),
      topic,
    });
    this.serving = place('serving', settings.model, ANOMALIES);
    this.shadow = place('shadow', '', ANOMALIES_SHADOW);
    this.clock = new Cells('clock', SWEPT + this.windows.length);
    this.tables = [deployedSteps('score', { serving: this.serving.slot, shadow: this.shadow.slot })];
    const places = [this.serving, this.shadow];
    this.stores = [this.clock, ...places.flatMap(({ slot, usual, episodes }) => [slot.store, usual.store, episodes.store])];
    this.views = places.map(({ slot }) => slot.view());
  }

  decode(value: Buffer): void {
    this.features.decode(value);
  }

  step(context: Context): void {
    const { features, settings, windows } = this;
    const { rows, windowMs, windowStart } = features;
    const at = windows.indexOf(windowMs);
    if (at < 0) return;
    context.received(rows.length);
    if (this.chosen.length < rows.length) {
      this.chosen = new Int32Array(2 * rows.length);
      this.input = new Float32Array(2 * rows.length * WIDTH);
    }
    let count = 0;
    for (let row = 0; row < rows.length; row++) if (rows.bytes[row] >= settings.leastBytes) this.chosen[count++] = row;
    for (const place of [this.serving, this.shadow]) {
      place.usual.advance(windowStart);
      if (count > 0) this.score(place, count, context);
      else place.slot.choose(context);
      this.quiet(place, context);
      this.sweep(place, at, context);
    }
    if (windowStart > this.clock.values[SWEPT + at]) this.clock.set(SWEPT + at, windowStart);
  }

  /** Scores the chosen rows by the model of a place. */
  private score(place: Place, count: number, context: Context): void {
    const { slot } = place;
    if (place === this.shadow && !slot.occupied) return;
    const outputs = this.fill(slot, count, context);
    if (place === this.serving) this.mark(outputs === null, context);
    if (outputs === null) return context.discarded(slot.trouble?.code ?? 'no-model', count);
    const { card } = slot.used!;
    const threshold = (card.threshold * this.settings.thresholdPercent) / 100;
    const [errors, residuals] = outputs;
    const { windowStart, windowMs, kind } = this.features;
    const all = Buffer.from(`${kind}|${windowMs}`);
    for (let i = 0; i < count; i++) {
      const limit = place.usual.limit(this.keyOf(this.chosen[i]), all, windowStart, errors[i], threshold, slot.used!.hash);
      if (limit === undefined) context.discarded('state-full', 1);
      else this.take(place, this.chosen[i], errors[i], limit, residuals.subarray(WIDTH * i, WIDTH * (i + 1)), context);
    }
  }

  /** Runs the slot's model on the features that its card names. */
  private fill(slot: ModelSlot, count: number, context: Context): readonly Float32Array[] | null {
    const { rows } = this.features;
    return slot.run(count, (card: ModelCard) => {
      card.features.forEach((name, feature) => {
        const column = (rows as unknown as Record<string, unknown>)[name];
        if (!(column instanceof Float64Array || column instanceof Int32Array)) throw new NetWeaverError('NW_MODEL_SHAPE', `${card.name} takes ${name}, which traffic.features does not have.`);
        for (let i = 0; i < count; i++) this.input[WIDTH * i + feature] = column[this.chosen[i]];
      });
      return this.input;
    }, context);
  }

  /** A window with next to nothing in it is one below the threshold. */
  private quiet(place: Place, context: Context): void {
    const { rows } = this.features;
    if (place.episodes.store.entries === 0) return;
    for (let row = 0; row < rows.length; row++) {
      if (!(rows.bytes[row] >= this.settings.leastBytes) && place.episodes.holds(this.keyOf(row))) this.take(place, row, 0, 1, null, context);
    }
  }

  private take(place: Place, row: number, error: number, threshold: number, residuals: Float32Array | null, context: Context): void {
    const { windowStart, windowMs, rows } = this.features;
    const episode = place.episodes.take(this.keyOf(row), windowStart, windowMs, error > threshold);
    if (episode === undefined) return context.discarded('state-full', 1);
    if (episode === null) return;
    const evidence = residuals === null ? [] : evidenceOf(place.slot.used!.card, residuals);
    if (rows.gap[row] > 0) evidence.push({ name: 'windows missing right before', value: rows.gap[row], usual: 0, unit: 'windows' });
    const { subject, subjectKind, detector } = this.about(rows.subject[row], this.features.kind);
    // Learning anew, of another model: what was begun ends against the model's own threshold.
    const against = threshold === Infinity ? place.slot.used!.card.threshold : threshold;
    this.tell(place, { subject, subjectKind, detector, kind: 'reconstruction', value: rounded(error), threshold: rounded(against), unit: 'standard deviations', evidence }, episode, context);
  }

  /** Subjects of which no window comes any more are over. */
  private sweep(place: Place, at: number, context: Context): void {
    const { windowStart, windowMs } = this.features;
    if (windowStart <= this.clock.values[SWEPT + at]) return;
    const evidence = [{ name: 'windows without traffic', value: this.settings.overAfter, usual: 0, unit: 'windows' }];
    place.episodes.sweep(`|${windowMs}`, windowStart, windowMs, (key, episode) => {
      const [kind, id] = key.toString().split('|');
      this.tell(place, { ...this.about(id, kind), kind: 'reconstruction', value: 0, threshold: 1, unit: 'standard deviations', evidence }, episode, context);
    });
  }

  /** Tells that scoring ceased, or goes on again. */
  private mark(unscored: boolean, context: Context): void {
    const since = this.clock.values[UNSCORED];
    if (unscored === since > 0) return;
    const { windowStart } = this.features;
    this.clock.set(UNSCORED, unscored ? windowStart : 0);
    const { trouble } = this.serving.slot;
    const evidence = trouble === null ? [] : [{ name: trouble.code, value: 1, usual: 0, unit: '' }];
    const what = { subject: 'network', subjectKind: 'network', detector: `score/${context.partition}`, kind: 'unscored', value: unscored ? 1 : 0, threshold: 1, unit: 'models that fail', evidence };
    this.tell(this.serving, what, { phase: unscored ? 'began' : 'over', began: unscored ? windowStart : since }, context);
  }

  private tell({ slot, topic }: Place, what: Pick<Anomaly, 'subject' | 'subjectKind' | 'detector' | 'kind' | 'value' | 'threshold' | 'unit' | 'evidence'>, { phase, began }: Episode, context: Context): void {
    const time = this.features.windowStart + this.features.windowMs;
    const score = rounded(what.value / what.threshold);
    const severity = what.kind === 'unscored' || score >= WARNING ? 'warning' : 'info';
    const anomaly: Anomaly = { ...what, phase, began, time, severity, score, elements: [], model: slot.used?.name ?? '', modelHash: slot.used?.hash ?? '' };
    tellAnomaly(anomaly, context, {}, topic);
  }

  /** Interfaces and links are told without their direction, which is a part of the detector's name: both may be out of the ordinary at once. */
  private about(id: string, kind: string): { subject: string; subjectKind: string; detector: string } {
    const cut = kind === 'host' ? -1 : id.lastIndexOf('/');
    const direction = cut < 0 ? '' : `/${id.slice(cut + 1)}`;
    return { subject: cut < 0 ? id : id.slice(0, cut), subjectKind: kind, detector: `score/${this.features.windowMs / 1000}s${direction}` };
  }

  private keyOf(row: number): Buffer {
    const { kind, windowMs, rows } = this.features;
    return Buffer.from(`${kind}|${rows.subject[row]}|${windowMs}`);
  }
}

/** The largest residuals, the largest first. */
function evidenceOf({ text, features }: ModelCard, residuals: Float32Array): Evidence[] {
  const names = (text.residuals as string[] | undefined) ?? features;
  return Array.from(residuals, (value, i) => ({ name: names[i], value: rounded(value), usual: 0, unit: 'standard deviations' }))
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value))
    .slice(0, EVIDENCE);
}

/** The processor. */
export const score: Processor<typeof scoreSection> = {
  name: 'score',
  doc: 'Scores windows of hosts, interfaces and links by an autoencoder, and tells of those that it cannot reconstruct.',
  delivery: 'exactly once, from traffic.features and models.deployed to anomalies and anomalies.shadow',
  input: TRAFFIC_FEATURES,
  tables: [MODELS_DEPLOYED],
  outputs: [ANOMALIES, ANOMALIES_SHADOW],
  section: scoreSection,
  windows: () => [],
  create: (settings, resources) => new ScoreTask(settings, resources),
};
