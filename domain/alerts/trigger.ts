/** Triggers: what becomes an alert, how grave it is, what joins it, and when it is muted from the beginning. */
import { graver, isAtLeast, type Group, type Severity, type Signal } from './signal';
import type { SubjectTest } from './subjects';

/** A time of the week in which what opens is muted, UTC. */
export interface MuteWindow {
  /** Days, 0 for Sunday; empty: all. */
  readonly days: readonly number[];
  /** Minutes since midnight; where `until` is not after `from` it ends the day after. */
  readonly from: number;
  readonly until: number;
}

/** What all triggers say. */
export interface TriggerBase {
  readonly name: string;
  /** Subjects that it is about; null: all. */
  readonly subjects: SubjectTest | null;
  /** Severity of its alerts; null: that of the signal. */
  readonly severity: Severity | null;
  /** Score from which an alert is critical; null: no such score. */
  readonly criticalFrom: number | null;
  readonly group: Group;
  readonly mute: readonly MuteWindow[];
  /** What it is about makes no alert. */
  readonly ignore: boolean;
  /** False: what it is about joins alerts that there are, and opens none. */
  readonly opens: boolean;
}

/** About anomalies. */
export interface AnomalyTrigger extends TriggerBase {
  readonly when: 'anomaly';
  /** Kinds; null: all. */
  readonly kinds: readonly string[] | null;
  readonly minSeverity: Severity;
  /** Lowest score, before what feedback makes of it. */
  readonly minScore: number;
}

/** About what is down for long. */
export interface TopologyTrigger extends TriggerBase {
  readonly when: 'topology';
  readonly element: 'device' | 'interface' | 'link';
  readonly downForMs: number;
}

/** What is measured of links. */
export const MEASURES = ['utilisation', 'latency', 'loss'] as const;

/** About links that are beyond a limit for long. */
export interface PerformanceTrigger extends TriggerBase {
  readonly when: 'performance';
  readonly measure: (typeof MEASURES)[number];
  /** Utilisation and loss: 0 to 1; latency: milliseconds. */
  readonly above: number;
  /** It is over when no longer above this. */
  readonly clear: number;
  readonly forMs: number;
}

/** A trigger. */
export type Trigger = AnomalyTrigger | TopologyTrigger | PerformanceTrigger;

/** What a trigger makes of a signal. */
export type Judgement = 'alert' | 'suppress' | 'join' | 'none';

/** For what no trigger is about: it opens nothing, but what is part of an alert already stays that. */
const NO_TRIGGER: AnomalyTrigger = { name: '', when: 'anomaly', kinds: null, subjects: null, minSeverity: 'info', minScore: 0, severity: null, criticalFrom: null, group: 'cause', mute: [], ignore: true, opens: false };

/** The first trigger that is about an anomaly; one that ignores it where there is none. */
export function triggerFor(triggers: readonly Trigger[], { kind, subject, severity }: Signal): AnomalyTrigger {
  for (const trigger of triggers) {
    if (trigger.when !== 'anomaly' || !(trigger.kinds?.includes(kind) ?? true) || !(trigger.subjects?.(subject) ?? true)) continue;
    if (trigger.ignore || isAtLeast(severity, trigger.minSeverity)) return trigger;
  }
  return NO_TRIGGER;
}

/** What a trigger makes of a signal of its own, where feedback multiplies the threshold with `factor`. */
export function judge(trigger: Trigger, score: number, factor: number): Judgement {
  if (trigger.ignore) return 'none';
  const least = trigger.when === 'anomaly' ? trigger.minScore : 1;
  // Not a number: the detector has no measure; then there is none to hold against.
  if (!(score / factor < least)) return trigger.opens ? 'alert' : 'join';
  return score < least ? 'none' : trigger.opens ? 'suppress' : 'join';
}

/** Severity of an alert of this trigger. */
export function severityBy({ severity, criticalFrom }: TriggerBase, signal: Signal): Severity {
  return criticalFrom !== null && signal.score >= criticalFrom ? 'critical' : graver(severity ?? signal.severity, 'info');
}

const MINUTE = 60_000;
const DAY = 1440;

/** When the window that a time lies in ends, milliseconds since the epoch; 0 where it lies in none. */
export function mutedUntil(windows: readonly MuteWindow[], nowMs: number): number {
  const date = new Date(nowMs);
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  let end = 0;
  for (const { days, from, until } of windows) {
    for (const back of [0, 1]) {
      const start = midnight - back * DAY * MINUTE;
      if (days.length > 0 && !days.includes(new Date(start).getUTCDay())) continue;
      const ends = start + (until > from ? until : until + DAY) * MINUTE;
      if (start + from * MINUTE <= nowMs && nowMs < ends) end = Math.max(end, ends);
    }
  }
  return end;
}
