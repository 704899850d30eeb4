/** What alerts are made from, in stores: a change goes into its store at once, and after a restart everything is made from the stores anew. */
import type { Condition } from '../../domain/alerts/conditions';
import { thresholdKey, type Threshold } from '../../domain/alerts/thresholds';
import { decodeAlert, type Alert } from '../../schemas';
import { KeyValue } from '../runtime/state/key-value';
import { KeyValueView } from '../runtime/state/key-value-view';
import { timeCell, type StoreView } from '../runtime/state/view';

/** Most that an alert takes: all its lists are bounded. */
const ALERT_BYTES = 64 * 1024;
const CONDITION_BYTES = 8 * 1024;
const THRESHOLD_BYTES = 1024;

/** The stores. */
export class AlertStores {
  readonly alerts: KeyValue;
  readonly conditions: KeyValue;
  readonly thresholds: KeyValue;
  /** Values that found no room. */
  refused = 0;

  constructor(maxAlerts: number, maxThresholds: number) {
    const store = (name: string, entries: number, bytes: number): KeyValue => new KeyValue({ name, maxBytes: 2 ** 20 + entries * bytes });
    this.alerts = store('alerts', maxAlerts, ALERT_BYTES);
    this.conditions = store('conditions', maxAlerts, CONDITION_BYTES);
    this.thresholds = store('thresholds', maxThresholds, THRESHOLD_BYTES);
  }

  /** Keeps bytes under a key; null: forgets it. */
  keep(store: KeyValue, key: string, value: Buffer | null): void {
    if (value === null) store.delete(Buffer.from(key));
    else if (!store.put(Buffer.from(key), value)) this.refused++;
  }

  keepCondition(key: string, condition: Condition | null): void {
    this.keep(this.conditions, key, condition === null ? null : Buffer.from(JSON.stringify(condition)));
  }

  keepThreshold(key: string, threshold: Threshold | null): void {
    this.keep(this.thresholds, key, threshold === null ? null : Buffer.from(JSON.stringify(threshold)));
  }

  allAlerts(): Alert[] {
    return read(this.alerts, (value) => decodeAlert(value));
  }

  allConditions(): Condition[] {
    return read(this.conditions, (value) => JSON.parse(value.toString()) as Condition);
  }

  allThresholds(): Threshold[] {
    return read(this.thresholds, (value) => JSON.parse(value.toString()) as Threshold);
  }

  /** The stores to be looked into. */
  views(): StoreView[] {
    return [
      new KeyValueView({
        name: 'alerts', doc: 'Alerts as they are.', store: this.alerts,
        key: [{ name: 'id', doc: 'Id of the alert.' }], readKey: (key) => [key.toString()], writeKey: ([id]) => Buffer.from(id),
        values: [{ name: 'state', doc: 'State.' }, { name: 'severity', doc: 'Severity.' }, { name: 'kind', doc: 'Kind.' }, { name: 'subject', doc: 'Subject.' }, { name: 'members', doc: 'What it consists of.' }, { name: 'time', doc: 'Last change.' }],
        readValue: (value) => {
          const { state, severity, kind, subject, memberCount, time } = decodeAlert(Buffer.from(value));
          return [state, severity, kind, subject, memberCount, timeCell(time)];
        },
      }),
      new KeyValueView({
        name: 'thresholds', doc: 'Thresholds that feedback has moved.', store: this.thresholds,
        key: [{ name: 'subject', doc: 'Subject.' }, { name: 'kind', doc: 'Kind of anomaly.' }], readKey: (key) => key.toString().split('\n'), writeKey: ([subject, kind]) => Buffer.from(thresholdKey(subject, kind)),
        values: [{ name: 'factor', doc: 'What the threshold was multiplied with then.' }, { name: 'time', doc: 'When.' }, { name: 'by', doc: 'By whom.' }],
        readValue: (value) => {
          const { log, atMs, by } = JSON.parse(value.toString()) as Threshold;
          return [Math.exp(log), timeCell(atMs), by];
        },
      }),
    ];
  }
}

function read<T>(store: KeyValue, of: (value: Buffer) => T): T[] {
  const all: T[] = [];
  // Decoders may keep views of what they read; the store's bytes are its own.
  store.forEach((_, value) => void all.push(of(Buffer.from(value))));
  return all;
}
