/**
 * Alerts: anomalies, failures and links beyond their limits, joined so that one cause is one alert, and what people say of them.
 *
 * An anomaly that a trigger is about opens its alert in the same step; what has the same cause joins it later. A failure, or a link beyond a limit, opens one when it has
 * lasted. Verdicts move the threshold of their subject and kind: what is below a raised threshold is counted in an alert that is 'suppressed', and opens none. An alert closes when its cause was over for
 * a while, or by hand, and reopens when the cause comes back soon. Time is that of the records, and of silence where none come.
 *
 * Delivery: exactly once, from anomalies, alerts.feedback, topology.state, links.state and routes.changes to alerts. State: the alerts themselves, as on the topic: its last records by key are the state.
 */
import { AlertBook, type Outcome } from '../domain/alerts/book';
import { Conditions } from '../domain/alerts/conditions';
import { Places } from '../domain/alerts/places';
import { signalOf, type Signal } from '../domain/alerts/signal';
import { Thresholds, thresholdKey } from '../domain/alerts/thresholds';
import { triggerFor, type Trigger } from '../domain/alerts/trigger';
import { readTriggers } from '../domain/alerts/trigger-file';
import { decodeAlertFeedback, decodeAnomaly, decodeLinkState, decodeRouteChange, decodeTopologyState, encodeAlert, type Alert, type AlertFeedback, type Anomaly, type LinkState, type RouteChange } from '../schemas';
import { ALERTS, ALERTS_FEEDBACK, ANOMALIES, LINKS_STATE, ROUTES_CHANGES, TOPOLOGY_STATE, type Topic } from '../topics';
import { AlertStores } from './alerts/memory';
import { alertsSection, bookSettings, thresholdSettings, type AlertsSettings } from './alerts/settings';
import { JoinTable } from './runtime/joins/join-table';
import type { Context, JoinedCauses, Processor, ProcessorTask, RecordSteps } from './runtime/processor';
import { Cells } from './runtime/state/cells';
import { watched } from './runtime/state/watched';

/** Topics that an alert may have been opened by. */
const SOURCES: readonly Topic[] = [ANOMALIES, TOPOLOGY_STATE, LINKS_STATE];
/** What nobody reads to the end. */
const MOST_TEXT = 1000;
/** Outcomes that are no reason to count something as let go. */
const TAKEN: ReadonlySet<Outcome> = new Set<Outcome>(['told', 'repeated']);

class AlertTask implements ProcessorTask {
  readonly stores;
  readonly views;
  readonly tables: readonly RecordSteps[];
  private readonly triggers: readonly Trigger[];
  private readonly memory: AlertStores;
  private readonly topology: JoinTable;
  private readonly clock = new Cells('clock', 1);
  private readonly places = new Places();
  private thresholds: Thresholds;
  private book: AlertBook;
  private conditions: Conditions;
  private stale = false;
  private given!: Anomaly;
  /** Of the step that is being made; `source` is the record that it is about, '' where time alone does something. */
  private context!: Context;
  private source = '';

  constructor(private readonly settings: AlertsSettings) {
    this.triggers = readTriggers(settings.triggersFile);
    this.memory = new AlertStores(settings.maxAlerts, settings.maxThresholds);
    this.topology = new JoinTable({ name: 'topology', topic: TOPOLOGY_STATE, maxBytes: settings.maxTopologyMiB * 2 ** 20, keep: (value) => (decodeTopologyState(value), value) });
    this.thresholds = new Thresholds(thresholdSettings(settings));
    this.book = this.emptyBook();
    this.conditions = this.noConditions();
    this.stores = [watched(this.memory.alerts, () => void (this.stale = true)), this.memory.conditions, this.memory.thresholds, this.topology.store, this.clock];
    this.views = this.memory.views();
    this.tables = [this.feedbackSteps(), this.topologySteps(), this.linkSteps(), this.routeSteps()];
  }

  streamTime(): number | null {
    return this.clock.values[0] || null;
  }

  decode(value: Buffer): void {
    this.given = decodeAnomaly(value);
  }

  step(context: Context): void {
    this.work(ANOMALIES, context, (nowMs) => {
      const signal = signalOf(this.given);
      this.count(signal.phase === 'over' ? this.book.end(signal, nowMs) : this.raise(signal, triggerFor(this.triggers, signal), this.source));
    });
  }

  due(): number {
    this.recall();
    return Math.min(this.book.due(), this.conditions.due());
  }

  silence(timeMs: number, context: Context): void {
    this.recall();
    this.context = context;
    this.pass(timeMs);
    this.countRefused();
  }

  /** A step: time first, then what the record says, then what follows from it at once. */
  private work(topic: Topic, context: Context, take: (nowMs: number) => void): void {
    this.recall();
    this.context = context;
    // Those of the topology are counted by their table.
    if (topic !== TOPOLOGY_STATE) context.received(1);
    const nowMs = this.pass(context.timestampMs);
    this.source = `${topic.name}/${context.partition}/${context.offset}`;
    take(nowMs);
    this.pass(nowMs);
    this.countRefused();
  }

  /** Time never goes back. What it does is done before what a record says. */
  private pass(timeMs: number): number {
    if (timeMs > this.clock.values[0]) this.clock.set(0, timeMs);
    const nowMs = this.clock.values[0];
    this.source = '';
    this.conditions.pass(nowMs);
    this.book.pass(nowMs);
    return nowMs;
  }

  private raise(signal: Signal, trigger: Trigger, source: string): Outcome {
    const nowMs = this.clock.values[0];
    return this.book.raise({ signal, trigger, factor: this.thresholds.factor(signal.subject, signal.kind, nowMs), source, nowMs });
  }

  private feedbackSteps(): RecordSteps {
    let feedback!: AlertFeedback;
    return {
      decode: (value) => void (feedback = decodeAlertFeedback(value)),
      step: (context) => this.work(ALERTS_FEEDBACK, context, (nowMs) => {
        const { changed, gone, full } = this.thresholds.take(feedback);
        for (const key of gone) this.memory.keepThreshold(key, null);
        for (const key of changed) this.memory.keepThreshold(key, this.thresholds.entries.get(key)!);
        if (full > 0) context.discarded('threshold-not-kept', full);
        this.count(this.book.feedback({ ...feedback, text: feedback.text.slice(0, MOST_TEXT), by: feedback.by.slice(0, MOST_TEXT) }, nowMs));
      }),
    };
  }

  private topologySteps(): RecordSteps {
    const steps = this.topology.steps(undefined, (key) => {
      const value = this.topology.get(key);
      if (value === null) {
        this.conditions.gone(key.toString());
        this.places.remove(key.toString());
        return;
      }
      const element = decodeTopologyState(Buffer.from(value));
      this.places.put(element);
      if (!this.conditions.element(element, this.clock.values[0], this.source)) this.context.discarded('condition-not-kept', 1);
    });
    return { ...steps, step: (context) => this.work(TOPOLOGY_STATE, context, () => steps.step(context)) };
  }

  private linkSteps(): RecordSteps {
    let state: LinkState | null = null;
    let gone = '';
    return {
      decode: (value) => void (state = decodeLinkState(value)),
      decodeTombstone: (key) => {
        state = null;
        gone = key.toString();
      },
      step: (context) => this.work(LINKS_STATE, context, (nowMs) => {
        if (state === null) this.conditions.gone(`link/${gone}`);
        else if (!this.conditions.link(state, nowMs, this.source)) context.discarded('condition-not-kept', 1);
      }),
    };
  }

  private routeSteps(): RecordSteps {
    let change!: RouteChange;
    return { decode: (value) => void (change = decodeRouteChange(value)), step: (context) => this.work(ROUTES_CHANGES, context, () => this.conditions.route(change)) };
  }

  private count(outcome: Outcome): void {
    if (!TAKEN.has(outcome)) this.context.discarded(outcome, 1);
  }

  private countRefused(): void {
    if (this.memory.refused > 0) this.context.discarded('state-full', this.memory.refused);
    this.memory.refused = 0;
  }

  /** Keeps and puts out an alert that is another now. Its causes: the record at hand, and the one that opened it. */
  private tell(id: string, alert: Alert | null, before: Alert | null): void {
    const { context, source } = this;
    const value = alert === null ? null : encodeAlert(alert, context.schemaId(ALERTS));
    this.memory.keep(this.memory.alerts, id, value);
    const origin = (alert ?? before)!.source;
    context.emit(ALERTS, 0, Buffer.from(id), value, { timeMs: alert?.time ?? this.clock.values[0], ...(source === '' ? { causes: null } : {}), joined: origin === source ? [] : causesIn(origin) });
    context.sent(1);
  }

  /** After a restart everything is that of the stores. */
  private recall(): void {
    if (!this.stale) return;
    this.stale = false;
    this.places.clear();
    this.topology.store.forEach((key) => this.places.put(decodeTopologyState(Buffer.from(this.topology.get(key)!))));
    this.thresholds = new Thresholds(thresholdSettings(this.settings));
    for (const threshold of this.memory.allThresholds()) this.thresholds.entries.set(thresholdKey(threshold.subject, threshold.kind), threshold);
    this.book = this.emptyBook();
    for (const alert of this.memory.allAlerts()) this.book.load(alert);
    this.conditions = this.noConditions();
    for (const condition of this.memory.allConditions()) this.conditions.load(condition);
  }

  private emptyBook(): AlertBook {
    return new AlertBook(bookSettings(this.settings), this.places, (id, alert, before) => this.tell(id, alert, before));
  }

  private noConditions(): Conditions {
    const now = (): number => this.clock.values[0];
    return new Conditions(this.triggers, this.places, {
      raise: (signal, trigger, source) => this.count(this.raise(signal, trigger, source)),
      end: (signal) => void this.book.end(signal, now()),
      routes: (link, count, examples, cutOff) => void this.book.routes(link, count, examples, cutOff, now()),
      kept: (key, condition) => this.memory.keepCondition(key, condition),
    }, this.settings.updateMs, this.settings.maxAlerts);
  }
}

/** `topic/partition/offset` as a cause. */
function causesIn(place: string): JoinedCauses[] {
  const [name, , offset] = place.split('/');
  const topic = SOURCES.find((one) => one.name === name);
  return topic === undefined ? [] : [{ topic, first: Number(offset), last: Number(offset) }];
}

/** The processor. */
export const alerts: Processor<typeof alertsSection> = {
  name: 'alerts',
  doc: 'Makes alerts of anomalies, failures and links beyond their limits: one a cause, from opened to closed, with what people say of them.',
  delivery: 'exactly once, from anomalies, alerts.feedback, topology.state, links.state and routes.changes to alerts',
  input: ANOMALIES,
  tables: [ALERTS_FEEDBACK, TOPOLOGY_STATE, LINKS_STATE, ROUTES_CHANGES],
  outputs: [ALERTS],
  section: alertsSection,
  files: ['triggersFile'],
  // What lasts is raised, and what is quiet closes, to the second.
  idleMs: 1000,
  windows: () => [],
  create: (settings) => new AlertTask(settings),
};
