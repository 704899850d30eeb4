/** Alerts and anomalies as people read them. */
import type { Alert, Anomaly } from '../schemas';
import { short } from './output';

const MOST = 6;

/** A figure with its unit: `12.3 k packets/s`, `95 %`. */
export const figure = (value: number, unit: string): string => (Number.isNaN(value) ? 'not known' : `${Math.abs(value) < 10 && !Number.isInteger(value) ? Number(value.toPrecision(3)) : short(value)}${unit === '' ? '' : ` ${unit}`}`);

/** What an alert or anomaly is, and what was measured. */
export interface Measured {
  readonly kind: string;
  readonly subject: string;
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
}

/** What it is, in a line: `syn-flood on 198.51.100.7: 84.0 k packets/s, 8.4 times 10.0 k packets/s`. */
export function titleOf({ kind, subject, value, threshold, unit }: Measured): string {
  if (kind.endsWith('-down')) return `${kind} on ${subject}: for more than ${figure(value, unit)}`;
  const times = threshold > 0 && value !== threshold ? `, ${Number((value / threshold).toPrecision(3))} times ${figure(threshold, unit)}` : '';
  return `${kind} on ${subject}: ${figure(value, unit)}${times}`;
}

interface Spoken {
  readonly evidence: Anomaly['evidence'];
  readonly elements: Anomaly['elements'];
}

/** What speaks for it: the figures with what is usual, and what contributes most. */
export function evidenceLines({ evidence, elements }: Spoken): string[] {
  const more = (all: readonly unknown[]): string => (all.length > MOST ? `; ${all.length - MOST} more` : '');
  const lines: string[] = [];
  if (evidence.length > 0) lines.push(evidence.slice(0, MOST).map(({ name, value, usual, unit }) => `${name} ${figure(value, unit)}${Number.isNaN(usual) ? '' : ` (usually ${figure(usual, unit)})`}`).join('; ') + more(evidence));
  if (elements.length > 0) lines.push(elements.slice(0, MOST).map(({ kind, id, share }) => `${kind} ${id}${Number.isNaN(share) ? '' : ` ${Math.round(100 * share)} %`}`).join(', ') + more(elements));
  return lines;
}

const at = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
const indented = (lines: readonly string[]): string[] => lines.map((line) => `    ${line}`);

/** An anomaly of a record. */
export function anomalyLines(anomaly: Anomaly): string[] {
  const { time, phase, severity, detector, model } = anomaly;
  return [`${at(time)}  ${phase}  ${severity}  ${titleOf(anomaly)}  by ${detector}${model === '' ? '' : ` (${model})`}`, ...indented(phase === 'over' ? [] : evidenceLines(anomaly))];
}

/** A change of an alert, as a record of alerts tells it; `place` is the record's. */
export function changeLines(alert: Alert, place: string): string[] {
  const { id, time, change, severity, state, memberCount, routesChanged, history } = alert;
  const last = history.at(-1);
  const words = last !== undefined && last.change === change && last.time === time ? [last.by, last.text].filter((word) => word !== '').join(': ') : '';
  const parts = [...(memberCount > 1 ? [`${memberCount} parts`] : []), ...(routesChanged > 0 ? [`${routesChanged} paths changed`] : []), ...(words === '' ? [] : [words])];
  const figures = ['closed', 'quiet', 'acknowledged', 'muted', 'unmuted', 'noted'].includes(change) ? [] : evidenceLines(alert);
  return [`${at(time)}  ${change}  ${severity}  ${id}  ${titleOf(alert)}${state === 'open' || state === change ? '' : `  [${state}]`}`, ...indented([...figures, ...(parts.length > 0 ? [parts.join('; ')] : []), `netweaver explain ${place}`])];
}

/** Everything of an alert. */
export function alertLines(alert: Alert, place: string): string[] {
  const { id, state, severity, trigger, factor, firedTime, firedSeverity, eventTime, members, memberCount, routes, routesChanged, history, closedBy, mergedInto, mutedUntil, acknowledgedBy, verdict, source, reopened, suppressed } = alert;
  const fired: Measured & Spoken = { kind: alert.firedKind, subject: alert.firedSubject, value: alert.firedValue, threshold: alert.firedThreshold, unit: alert.firedUnit, evidence: alert.firedEvidence, elements: alert.firedElements };
  const notes = [
    ...(closedBy === '' ? [] : [`closed by ${closedBy}${mergedInto === '' ? '' : ` into ${mergedInto}`}`]), ...(mutedUntil > 0 ? [`muted until ${at(mutedUntil)}`] : []), ...(acknowledgedBy === '' ? [] : [`acknowledged by ${acknowledgedBy}`]),
    ...(verdict === '' ? [] : [verdict]), ...(reopened > 0 ? [`came back ${reopened} times`] : []), ...(suppressed > 0 ? [`${suppressed} records below the raised threshold`] : []), ...(factor === 1 ? [] : [`threshold ${factor > 1 ? 'raised' : 'lowered'} to ${Math.round(100 * factor)} % by feedback`]),
  ];
  return [
    `${id}  ${state}  ${severity}  ${titleOf(alert)}`,
    ...indented([...notes, `by the trigger '${trigger}'`]),
    `When it fired, ${at(firedTime)} (${firedSeverity}, ${alert.firedDetector}${alert.firedModel === '' ? '' : `, ${alert.firedModel} ${alert.firedModelHash.slice(0, 12)}`}):`, ...indented([titleOf(fired), ...evidenceLines(fired)]),
    `Latest, ${at(eventTime)}:`, ...indented([titleOf(alert), ...evidenceLines(alert)]),
    `Consists of ${memberCount}:`, ...indented(members.map(({ kind, subject, active, score, began }) => `${active ? 'on  ' : 'over'}  ${kind} on ${subject}, since ${at(began)}, score ${Number(score.toPrecision(3))}`)),
    ...(routesChanged > 0 ? [`Paths that changed: ${routesChanged}`, ...indented(routes.map(({ from, to, reason }) => `${from} to ${to}: ${reason}`))] : []),
    'Life:', ...indented(history.map(({ time, change, by, text }) => `${at(time)}  ${change}${by === '' ? '' : ` by ${by}`}${text === '' ? '' : `: ${text}`}`)),
    `Opened by ${source}; back to the datagrams: netweaver explain ${place}`,
  ];
}
