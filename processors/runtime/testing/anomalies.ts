/** Anomalies and feedback for tests, from what a test cares about. */
import { encodeAlertFeedback, encodeAnomaly, type AlertFeedback, type Anomaly } from '../../../schemas';
import { HOUR } from './flows';

const ANOMALY: Anomaly = {
  subject: '198.51.100.7', subjectKind: 'host', kind: 'syn-flood', phase: 'began', began: HOUR, time: HOUR, detector: 'syn-flood', severity: 'critical', score: 2, value: 20_000, threshold: 10_000, unit: 'packets/s',
  evidence: [{ name: 'SYN packets', value: 20_000, usual: 40, unit: 'packets/s' }], elements: [{ kind: 'source', id: '203.0.113.5', share: 0.25 }], model: '', modelHash: '',
};
const SCHEMA_ID = 1;

/** An anomaly: a SYN flood on a host where nothing else is said. */
export const anomaly = (of: Partial<Anomaly> = {}): Anomaly => ({ ...ANOMALY, ...of });

/** A value of anomalies. */
export const anomalyValue = (of: Partial<Anomaly> = {}): Buffer => encodeAnomaly(anomaly(of), SCHEMA_ID);

/** What somebody says of an alert. */
export const said = (alert: string, action: string, of: Partial<AlertFeedback> = {}): AlertFeedback => ({ alert, action, time: HOUR, by: 'anna', text: '', until: 0, targets: [], ...of });

/** A value of alerts.feedback. */
export const feedbackValue = (alert: string, action: string, of: Partial<AlertFeedback> = {}): Buffer => encodeAlertFeedback(said(alert, action, of), SCHEMA_ID);

/** A record of the only partition. */
interface Record {
  readonly partition: 0;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly timestampMs: number;
}

/** Twenty minutes of anomalies: floods on three hosts of one prefix, one that comes and goes, a scan, a flash crowd, errors of an interface; and what is none. */
export function anomalies(): Record[] {
  const records: Record[] = [];
  const at = (second: number, of: Partial<Anomaly>): void => {
    const time = HOUR + 1000 * second;
    records.push({ partition: 0, key: Buffer.from(of.subject ?? ANOMALY.subject), value: anomalyValue({ time, ...of }), timestampMs: time });
  };
  for (const [i, subject] of ['198.51.100.7', '198.51.100.8', '198.51.100.9'].entries()) {
    const began = HOUR + 10_000 + 1000 * i;
    for (let second = 10 + i; second < 100; second += 3) at(second, { subject, began, phase: second < 13 + i ? 'began' : 'goes-on', score: 2 + second / 20, value: 10_000 * (2 + second / 20) });
    at(100 + i, { subject, began, phase: 'over' });
  }
  for (let round = 0; round < 4; round++) {
    const flapping = { subject: '2001:db8::7', kind: 'volumetric', detector: 'volumetric', severity: 'warning', began: HOUR + 1000 * (200 * round + 5) };
    at(200 * round + 5, { ...flapping, phase: 'began' });
    at(200 * round + 25, { ...flapping, phase: 'over' });
  }
  at(300, { subject: '203.0.113.99', kind: 'horizontal-scan', detector: 'scan', severity: 'warning', score: 1.2, value: 300, threshold: 250, unit: 'addresses' });
  at(310, { subject: '192.0.2.200', kind: 'flash-crowd', detector: 'volumetric', severity: 'info' });
  at(400, { subject: '192.0.2.1/1', subjectKind: 'interface', kind: 'interface-errors', detector: 'interface-errors', severity: 'warning', score: 3, unit: 'errors/s' });
  records.push({ partition: 0, key: Buffer.from('x'), value: Buffer.from('no anomaly'), timestampMs: HOUR + 405_000 });
  return records.sort((one, other) => one.timestampMs - other.timestampMs);
}

/** What people say of them: seen, a note, false, and words on an alert that there is not. */
export function feedback(): Record[] {
  const at = (second: number, alert: string, action: string, of: Partial<AlertFeedback> = {}): Record => {
    const time = HOUR + 1000 * second;
    return { partition: 0, key: Buffer.from(alert), value: feedbackValue(alert, action, { time, ...of }), timestampMs: time };
  };
  return [
    at(60, 'syn-flood-1', 'acknowledge'), at(70, 'syn-flood-1', 'note', { text: 'provider is told' }), at(320, 'horizontal-scan-97', 'false-positive', { targets: [{ subject: '203.0.113.99', kind: 'horizontal-scan', score: 1.2 }] }),
    at(330, 'nothing-1', 'close'),
  ];
}
