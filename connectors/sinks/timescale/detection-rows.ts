import type { Alert, Anomaly, TrafficFeaturesColumns, TrafficForecast } from '../../../schemas';
import type { CopyBuffer } from './copy-buffer';
import { appendOrNull } from './metric-rows';
import { storableTime } from './traffic-rows';

/** Columns of the tables of detection, in the order in which they are written. */
export const ANOMALY_COLUMNS = ['time', 'id', 'subject', 'kind', 'severity', 'score', 'evidence', 'subject_kind', 'phase', 'began', 'detector', 'value', 'threshold', 'unit', 'elements', 'model', 'model_hash'] as const;
export const PREDICTION_COLUMNS = ['time', 'made_at', 'subject', 'metric', 'horizon_seconds', 'value', 'lower', 'upper', 'model', 'p10', 'p50', 'p90', 'model_hash', 'gaps'] as const;
export const ALERT_COLUMNS = [
  'time', 'id', 'change', 'state', 'severity', 'family', 'kind', 'subject', 'subject_kind', 'trigger_name', 'began', 'opened', 'closed', 'closed_by', 'merged_into', 'muted_until', 'acknowledged_by', 'verdict',
  'reopened', 'suppressed', 'score', 'factor', 'value', 'threshold', 'unit', 'detector', 'model', 'model_hash', 'member_count', 'routes_changed', 'evidence', 'elements', 'fired', 'members', 'history',
] as const;
export const FEATURE_COLUMNS = [
  'time', 'window_ms', 'kind', 'subject', 'bytes', 'packets', 'flows', 'mean_duration_ms', 'tcp_share', 'udp_share', 'icmp_share', 'moving_average', 'trend', 'distinct_peers', 'distinct_ports', 'src_entropy', 'dst_entropy', 'port_entropy', 'gap',
] as const;

/** Windows of features that are kept are at least so long; those of hosts are not: what hosts sent is in traffic_by_host. Unit: milliseconds. */
const LEAST_WINDOW_MS = 60_000;

const json = (out: CopyBuffer, value: unknown): void => out.jsonb(JSON.stringify(value));
const timeOrNull = (out: CopyBuffer, ms: number): void => (ms > 0 ? out.timestamp(storableTime(ms)) : out.null());
const knownOrNull = (out: CopyBuffer, value: number): void => (Number.isNaN(value) ? out.null() : out.double(value));

/** Appends a row of anomalies. @throws NW_SINK_VALUE_REFUSED */
export function appendAnomaly(out: CopyBuffer, { time, subject, subjectKind, kind, phase, began, detector, severity, score, value, threshold, unit, evidence, elements, model, modelHash }: Anomaly): void {
  const [at, from] = [storableTime(time), storableTime(began)];
  out.row(ANOMALY_COLUMNS.length);
  out.timestamp(at);
  out.text(`${subject} ${kind} ${detector} ${began}`);
  for (const text of [subject, kind, severity]) out.text(text);
  out.double(score);
  json(out, evidence);
  out.text(subjectKind);
  out.text(phase);
  out.timestamp(from);
  out.text(detector);
  out.double(value);
  out.double(threshold);
  out.text(unit);
  json(out, elements);
  appendOrNull(out, model);
  appendOrNull(out, modelHash);
}

/** Appends a row of alert_changes. @throws NW_SINK_VALUE_REFUSED */
export function appendAlert(out: CopyBuffer, alert: Alert): void {
  const [time, began] = [storableTime(alert.time), storableTime(alert.began)];
  out.row(ALERT_COLUMNS.length);
  out.timestamp(time);
  for (const text of [alert.id, alert.change, alert.state, alert.severity, alert.family, alert.kind, alert.subject, alert.subjectKind, alert.trigger]) out.text(text);
  out.timestamp(began);
  timeOrNull(out, alert.opened);
  timeOrNull(out, alert.closed);
  appendOrNull(out, alert.closedBy);
  appendOrNull(out, alert.mergedInto);
  timeOrNull(out, alert.mutedUntil);
  appendOrNull(out, alert.acknowledgedBy);
  appendOrNull(out, alert.verdict);
  out.integer(alert.reopened);
  out.integer(alert.suppressed);
  for (const figure of [alert.score, alert.factor, alert.value, alert.threshold]) out.double(figure);
  out.text(alert.unit);
  out.text(alert.detector);
  appendOrNull(out, alert.model);
  appendOrNull(out, alert.modelHash);
  out.integer(alert.memberCount);
  out.integer(alert.routesChanged);
  json(out, alert.evidence);
  json(out, alert.elements);
  json(out, {
    time: alert.firedTime, subject: alert.firedSubject, kind: alert.firedKind, severity: alert.firedSeverity, score: alert.firedScore, value: alert.firedValue, threshold: alert.firedThreshold, unit: alert.firedUnit,
    detector: alert.firedDetector, model: alert.firedModel, modelHash: alert.firedModelHash, evidence: alert.firedEvidence, elements: alert.firedElements,
  });
  json(out, alert.members);
  json(out, alert.history);
}

/** Appends a row of predictions for each horizon; `touch` is given the time of each. @throws NW_SINK_VALUE_REFUSED */
export function appendForecast(out: CopyBuffer, { subject, time, model, modelHash, gaps, horizons }: TrafficForecast, touch: (time: number) => void): void {
  for (const { horizonMs, bitsPerSecond, p05, p10, p50, p90, p95 } of horizons) {
    const [at, made] = [storableTime(time + horizonMs), storableTime(time)];
    out.row(PREDICTION_COLUMNS.length);
    out.timestamp(at);
    out.timestamp(made);
    out.text(subject);
    out.text('bitsPerSecond');
    out.integer(Math.round(horizonMs / 1000));
    out.double(bitsPerSecond);
    knownOrNull(out, p05);
    knownOrNull(out, p95);
    out.text(model);
    for (const quantile of [p10, p50, p90]) knownOrNull(out, quantile);
    appendOrNull(out, modelHash);
    out.integer(gaps);
    touch(at);
  }
}

/** Appends the rows of traffic_features that are kept. @throws NW_SINK_VALUE_REFUSED */
export function appendFeatures(out: CopyBuffer, { windowStart, windowMs, kind, rows }: TrafficFeaturesColumns): void {
  if (kind === 'host' || windowMs < LEAST_WINDOW_MS) return;
  const time = storableTime(windowStart);
  const figures = [rows.flows, rows.meanDurationMs, rows.tcpShare, rows.udpShare, rows.icmpShare, rows.movingAverage, rows.trend, rows.distinctPeers, rows.distinctPorts, rows.srcEntropy, rows.dstEntropy, rows.portEntropy];
  for (let row = 0; row < rows.length; row++) {
    out.row(FEATURE_COLUMNS.length);
    out.timestamp(time);
    out.bigint(windowMs);
    out.text(kind);
    out.text(rows.subject[row]);
    out.double(rows.bytes[row]);
    out.double(rows.packets[row]);
    for (const figure of figures) knownOrNull(out, figure[row]);
    out.integer(rows.gap[row]);
  }
}
