/** Which attacks a set has, and what was told of them. */
import type { TrafficFeatures } from '../../schemas';
import { stretchesOf, type LabelledFlow, type LabelledSet } from './flows';
import type { Told } from './replay';

/** What is told so long after an attack is still of it: flows are reported at their end, windows go out after theirs; unit: milliseconds. */
const AFTER_MS = 180_000;

/** An attack. */
export interface AttackEvent {
  readonly label: string;
  readonly start: number;
  readonly end: number;
  /** Who attacks and who is attacked: what is told of any of them is of it. Addresses serve for nothing else. */
  readonly hosts: ReadonlySet<string>;
}

/** The attacks of a set; `apart`: those of one class by different attackers are different attacks. */
export function eventsOf({ flows }: LabelledSet, apart: boolean): AttackEvent[] {
  const classes = new Map<string, LabelledFlow[]>();
  for (const flow of flows) {
    if (flow.label === '') continue;
    const key = apart ? `${flow.label} ${flow.src}` : flow.label;
    const known = classes.get(key);
    if (known === undefined) classes.set(key, [flow]);
    else known.push(flow);
  }
  return [...classes.values()].flatMap((some) => stretchesOf(some).map((stretch): AttackEvent => ({
    label: stretch[0].label, start: stretch[0].start, end: stretch.reduce((latest, { end }) => Math.max(latest, end), 0), hosts: new Set(stretch.flatMap(({ src, dst }) => [src, dst])),
  }))).sort((a, b) => a.start - b.start);
}

/** A stretch in which something is told of a subject: one alarm. */
export interface Alarm {
  readonly subject: string;
  readonly kind: string;
  readonly from: number;
  readonly until: number;
  /** When it was told first. */
  readonly told: number;
}

/** Alarms of anomalies, from their beginning to their end. What is only for information is none. */
export function alarmsOf(told: readonly Told[]): Alarm[] {
  const alarms: Alarm[] = [];
  const open = new Map<string, Alarm & { until: number }>();
  for (const { anomaly, time } of told) {
    if (anomaly.severity === 'info') continue;
    const key = `${anomaly.subject} ${anomaly.kind} ${anomaly.detector}`;
    let alarm = open.get(key);
    if (alarm === undefined) {
      open.set(key, (alarm = { subject: anomaly.subject, kind: anomaly.kind, from: anomaly.began, until: anomaly.time, told: time }));
      alarms.push(alarm);
    }
    alarm.until = Math.max(alarm.until, anomaly.time);
    if (anomaly.phase === 'over') open.delete(key);
  }
  return alarms;
}

/** The baseline of one feature: a host gets more flows in a minute than any host did in the part of the set that has no attacks. */
export function baselineAlarms(features: readonly TrafficFeatures[], before: number): Alarm[] {
  let most = 0;
  for (const { windowStart, kind, rows } of features) if (kind === 'host' && windowStart < before) for (const { flows } of rows) most = Math.max(most, flows);
  const told = features.flatMap(({ windowStart, windowMs, kind, rows }) => (kind !== 'host' || windowStart < before ? [] : rows.filter(({ flows }) => flows > most).map(({ subject }) => ({ subject, from: windowStart, until: windowStart + windowMs }))));
  const alarms: (Alarm & { until: number })[] = [];
  const open = new Map<string, Alarm & { until: number }>();
  for (const { subject, from, until } of told.sort((a, b) => a.from - b.from)) {
    const last = open.get(subject);
    if (last !== undefined && from - last.until <= 60_000) last.until = until;
    else {
      const alarm = { subject, kind: 'flows a minute', from, until, told: until };
      open.set(subject, alarm);
      alarms.push(alarm);
    }
  }
  return alarms;
}

/** A line of the table. */
export interface DetectionResult {
  readonly set: string;
  readonly weighting: string;
  readonly detector: string;
  /** Class of attacks; 'none' where the set has none. */
  readonly attack: string;
  /** Whether the detectors are to find that class. */
  readonly claimed: boolean;
  /** Attacks, and how many of them were told of. */
  readonly events: number;
  readonly found: number;
  readonly recall: number | null;
  /** Median of the time from the first flow of an attack to the first word of it, of those found; unit: seconds. */
  readonly secondsToDetect: number | null;
  /** Alarms that belong to no attack, by the day of traffic; and the part of all that do. The same for all attacks of a set. */
  readonly falseAlarms: number;
  readonly falseAlarmsADay: number;
  readonly precision: number | null;
}

const isOf = ({ subject, from, until }: Alarm, { start, end, hosts }: AttackEvent): boolean => hosts.has(subject) && until >= start && from <= end + AFTER_MS;

/** Classes of attacks as the table has them, and whether the detectors are to find them. */
export interface Classes {
  groupOf(label: string): string;
  isClaimed(group: string): boolean;
}

/** Alarms held against attacks, a line a group of classes; one line where there are no attacks. */
export function judge(alarms: readonly Alarm[], events: readonly AttackEvent[], hours: number, { groupOf, isClaimed }: Classes, head: Pick<DetectionResult, 'set' | 'weighting' | 'detector'>): DetectionResult[] {
  const isTrue = alarms.map((alarm) => events.some((event) => isOf(alarm, event)));
  const falseAlarms = isTrue.filter((one) => !one).length;
  const groups = events.length === 0 ? ['none'] : [...new Set(events.map(({ label }) => groupOf(label)))];
  return groups.map((attack) => {
    const some = events.filter(({ label }) => groupOf(label) === attack);
    const delays = some.flatMap((event) => {
      const first = Math.min(...alarms.filter((alarm) => isOf(alarm, event)).map(({ told }) => told));
      return first < Infinity ? [Math.max(0, first - event.start) / 1000] : [];
    }).sort((a, b) => a - b);
    return {
      ...head, attack, claimed: isClaimed(attack), events: some.length, found: delays.length, recall: some.length === 0 ? null : delays.length / some.length,
      secondsToDetect: delays.length === 0 ? null : delays[Math.floor(delays.length / 2)],
      falseAlarms, falseAlarmsADay: (24 * falseAlarms) / hours, precision: alarms.length === 0 ? null : 1 - falseAlarms / alarms.length,
    };
  });
}
