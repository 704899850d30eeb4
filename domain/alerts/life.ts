/**
 * The life of an alert as pure functions: from what it is and what happens to what it is then. What fired it is kept as it was; what speaks now stands beside it.
 * A whole alert is in every record, so that the last record of each key is the state.
 */
import type { Alert, AlertMember } from '../../schemas';
import { familyOf, graver, rankOf, type Severity, type Signal } from './signal';
import { groupPrefix, type GroupBits } from './subjects';
import type { TriggerBase } from './trigger';

/** What alerts keep at most. */
export const MOST_MEMBERS = 64;
export const MOST_ROUTES = 16;
export const MOST_HISTORY = 32;

/** Names of what can happen to an alert. */
export type Change =
  | 'opened' | 'updated' | 'joined' | 'widened' | 'escalated' | 'quiet' | 'acknowledged' | 'muted' | 'unmuted' | 'closed' | 'reopened' | 'suppressed' | 'noted' | 'false-positive' | 'true-positive';

/** Why an alert is closed. */
export type ClosedBy = 'over' | 'hand' | 'false-positive' | 'stale' | 'merged';

/** Changes that are no step of its life: figures that go on. */
const NO_STEP: ReadonlySet<Change> = new Set(['updated', 'quiet']);

/** Circumstances in which an alert opens. */
export interface Opening {
  readonly id: string;
  readonly nowMs: number;
  readonly trigger: TriggerBase;
  readonly severity: Severity;
  /** Record that it opens by, `topic/partition/offset`. */
  readonly source: string;
  readonly factor: number;
  readonly mutedUntil: number;
  /** True where it stays below the threshold that feedback has raised. */
  readonly suppressed: boolean;
}

/** What it is by what is in it. An alert that never opened is suppressed. */
const stateOf = ({ closed, opened, mutedUntil, acknowledgedBy }: Alert): string => (closed > 0 ? 'closed' : opened === 0 ? 'suppressed' : mutedUntil > 0 ? 'muted' : acknowledgedBy !== '' ? 'acknowledged' : 'open');

/** An alert after a change: other values, and a step of its life. */
export function changed(alert: Alert, change: Change, nowMs: number, values: Partial<Alert>, step: { readonly by?: string; readonly text?: string } = {}): Alert {
  const next = { ...alert, ...values, change, time: nowMs };
  next.state = stateOf(next);
  if (!NO_STEP.has(change)) {
    const history = [...alert.history, { time: nowMs, change, by: step.by ?? '', text: step.text ?? '' }];
    next.history = history.length <= MOST_HISTORY ? history : [history[0], ...history.slice(history.length - MOST_HISTORY + 1)];
  }
  return next;
}

const memberOf = ({ subject, subjectKind, kind, detector, began, time, severity, score }: Signal, active: boolean): AlertMember => ({ subject, subjectKind, kind, detector, began, time, active, severity, score });

/** True where a member is what a signal speaks of. */
export const isOf = (member: AlertMember, { subject, kind, detector }: Pick<Signal, 'subject' | 'kind' | 'detector'>): boolean => member.subject === subject && member.kind === kind && member.detector === detector;

/** Figures as they are now. */
const latest = ({ time, score, value, threshold, unit, detector, model, modelHash, evidence, elements }: Signal) =>
  ({ eventTime: time, latestScore: score, value, threshold, unit, detector, model, modelHash, evidence, elements }) satisfies Partial<Alert>;

/** What never changes once an alert has fired. */
export const fired = ({ time, subject, kind, score, value, threshold, unit, detector, model, modelHash, evidence, elements }: Signal, severity: Severity, source: string) =>
  ({
    source, firedTime: time, firedSubject: subject, firedKind: kind, firedSeverity: severity, firedScore: score, firedValue: value, firedThreshold: threshold, firedUnit: unit, firedDetector: detector,
    firedModel: model, firedModelHash: modelHash, firedEvidence: evidence, firedElements: elements,
  }) satisfies Partial<Alert>;

/** A new alert. */
export function opened(signal: Signal, { id, nowMs, trigger, severity, source, factor, mutedUntil, suppressed }: Opening): Alert {
  const { subject, subjectKind, kind, began, score } = signal;
  const alert: Alert = {
    id, state: '', change: '', time: nowMs, family: familyOf(signal), subject, subjectKind, kind, severity, trigger: trigger.name, group: trigger.group, began, opened: suppressed ? 0 : nowMs, closesAt: 0,
    closed: 0, closedBy: '', mergedInto: '', mutedUntil, acknowledgedBy: '', verdict: '', reopened: 0, suppressed: suppressed ? 1 : 0, score, factor, ...latest(signal), ...fired(signal, severity, source),
    members: [memberOf(signal, true)], memberCount: 1, routesChanged: 0, routes: [], history: [],
  };
  return changed(alert, suppressed ? 'suppressed' : 'opened', nowMs, {});
}

const WIDTH: Readonly<Record<string, number>> = { host: 0, interface: 0, prefix: 1, link: 1, device: 2, network: 3 };
/** How wide subjects of a kind are; what is wider takes an alert over. */
export const widthOf = (subjectKind: string): number => WIDTH[subjectKind] ?? 0;

/** What an alert is called once a signal is part of it: by the kind that says most, and by the widest subject; several hosts by their prefix. */
function renamed(alert: Alert, signal: Signal, bits: GroupBits): Partial<Alert> {
  const kind = rankOf(signal.kind) > rankOf(alert.kind) ? signal.kind : alert.kind;
  if (widthOf(signal.subjectKind) > widthOf(alert.subjectKind)) return { kind, subject: signal.subject, subjectKind: signal.subjectKind };
  if (alert.subjectKind === 'host' && signal.subjectKind === 'host' && alert.subject !== signal.subject) {
    const prefix = groupPrefix(alert.subject, bits);
    if (prefix !== null) return { kind, subject: prefix, subjectKind: 'prefix' };
  }
  return { kind };
}

/** Members with one put in, in its place or at the end; where there is no room, in the place of one that is over. */
function withMember(members: readonly AlertMember[], member: AlertMember, at: number): AlertMember[] {
  const place = at >= 0 ? at : members.length < MOST_MEMBERS ? members.length : members.findIndex(({ active }, i) => i > 0 && !active);
  if (place < 0) return [...members];
  const next = [...members];
  next[place] = member;
  return next;
}

/** What a signal that goes on, or begins, makes of an alert that is not closed, and what that is called. */
export function withSignal(alert: Alert, signal: Signal, severity: Severity, bits: GroupBits): { readonly change: Change; readonly values: Partial<Alert> } {
  const at = alert.members.findIndex((member) => isOf(member, signal));
  const before = at < 0 ? null : alert.members[at];
  const same = before !== null && before.began === signal.began;
  const member = { ...memberOf(signal, true), score: Math.max(signal.score, same ? before.score : -Infinity), severity: same ? graver(before.severity, signal.severity) : signal.severity };
  const isNew = before === null && (alert.members.length < MOST_MEMBERS || signal.phase === 'began');
  const name = renamed(alert, signal, bits);
  const values: Partial<Alert> = {
    ...name,
    severity: graver(alert.severity, severity), began: Math.min(alert.began, signal.began), closesAt: 0, score: Math.max(alert.score, signal.score),
    members: withMember(alert.members, member, at), memberCount: alert.memberCount + (isNew ? 1 : 0),
    // The figures are those of what the alert is called by.
    ...(rankOf(signal.kind) >= rankOf(name.kind!) ? latest(signal) : {}),
  };
  const wider = name.subject !== undefined && name.subject !== alert.subject;
  const change: Change = wider || name.kind !== alert.kind ? 'widened' : values.severity !== alert.severity ? 'escalated' : isNew ? 'joined' : 'updated';
  return { change, values };
}

/** Members with one that is over; null where none is meant. */
export function withoutSignal(alert: Alert, signal: Signal): AlertMember[] | null {
  const at = alert.members.findIndex((member) => member.active && isOf(member, signal));
  if (at < 0) return null;
  return withMember(alert.members, { ...alert.members[at], active: false, time: Math.max(alert.members[at].time, signal.time) }, at);
}

/** True where nothing of it goes on. */
export const isQuiet = ({ members }: Pick<Alert, 'members'>): boolean => members.every(({ active }) => !active);

/** Members of both, those of the second behind; what it takes over of one that was merged into it. */
export function absorbed(alert: Alert, other: Alert): Partial<Alert> {
  const members = other.members.reduce<AlertMember[]>((all, member) => (all.some((one) => isOf(one, member)) ? all : withMember(all, member, -1)), [...alert.members]);
  return {
    members, memberCount: alert.memberCount + other.memberCount, began: Math.min(alert.began, other.began), score: Math.max(alert.score, other.score), severity: graver(alert.severity, other.severity),
    routesChanged: alert.routesChanged + other.routesChanged, routes: [...alert.routes, ...other.routes].slice(0, MOST_ROUTES),
  };
}
