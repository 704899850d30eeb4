// Made from detection/alert.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeLong, writeDouble, writeString } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** One figure, as the detector gave it. */
export interface AlertEvidence {
  /** What the figure is, such as 'distinct sources'; no unit. */
  name: string;
  /** The figure; unit: that of `unit`. */
  value: number;
  /** What it usually is for this subject; not a number where not known; unit: that of `unit`. */
  usual: number;
  /** Unit of both; empty: none; no unit. */
  unit: string;
}

/** One element that contributes, as the detector gave it. */
export interface AlertElement {
  /** 'source', 'destination', 'port', 'prefix', 'interface', 'link' or 'device'; no unit. */
  kind: string;
  /** Which; no unit. */
  id: string;
  /** Its share of the value, 0 to 1; not a number where not known; no unit. */
  share: number;
}

/** One figure, as the detector gave it. */
export interface FiredEvidence {
  /** What the figure is, such as 'distinct sources'; no unit. */
  name: string;
  /** The figure; unit: that of `unit`. */
  value: number;
  /** What it usually is for this subject; not a number where not known; unit: that of `unit`. */
  usual: number;
  /** Unit of both; empty: none; no unit. */
  unit: string;
}

/** One element that contributes, as the detector gave it. */
export interface FiredElement {
  /** 'source', 'destination', 'port', 'prefix', 'interface', 'link' or 'device'; no unit. */
  kind: string;
  /** Which; no unit. */
  id: string;
  /** Its share of the value, 0 to 1; not a number where not known; no unit. */
  share: number;
}

/** One anomaly, failure or measurement that is part of it. */
export interface AlertMember {
  /** What it is about; no unit. */
  subject: string;
  /** What the subject is; no unit. */
  subjectKind: string;
  /** What it is; no unit. */
  kind: string;
  /** Who says so; no unit. */
  detector: string;
  /** When it began, in milliseconds since the epoch. */
  began: number;
  /** Event time when it was heard of last, in milliseconds since the epoch. */
  time: number;
  /** False where it is over. */
  active: boolean;
  /** Its severity; no unit. */
  severity: string;
  /** Its highest score; no unit. */
  score: number;
}

/** A path that changed because of it. */
export interface AlertRoute {
  /** Where the path begins; no unit. */
  from: string;
  /** Where it ends; no unit. */
  to: string;
  /** Why it changed, as in routes.changes; no unit. */
  reason: string;
  /** When, in milliseconds since the epoch. */
  time: number;
}

/** One step of its life. */
export interface AlertHistory {
  /** When, in milliseconds since the epoch. */
  time: number;
  /** What happened; no unit. */
  change: string;
  /** Who did it; empty: the system; no unit. */
  by: string;
  /** Words to it; no unit. */
  text: string;
}

/** An alert as it is after a change: one cause that somebody should look at, with what speaks for it, when it fired and now. */
export interface Alert {
  /** Name of the alert: its first kind and the offset of the record that opened it; no unit. */
  id: string;
  /** 'open', 'acknowledged', 'muted', 'closed', or 'suppressed': below a threshold that feedback has raised; no unit. */
  state: string;
  /** What happened to it: 'opened', 'updated', 'joined', 'widened', 'escalated', 'quiet', 'acknowledged', 'muted', 'unmuted', 'closed', 'reopened', 'suppressed', 'noted', 'false-positive', 'true-positive'; no unit. */
  change: string;
  /** When that was, by the times of records on the log, in milliseconds since the epoch. */
  time: number;
  /** What kind of cause: 'traffic', 'scan' or 'network'. Only what is of one family becomes one alert; no unit. */
  family: string;
  /** What it is about, as in anomalies; no unit. */
  subject: string;
  /** 'host', 'prefix', 'interface', 'link', 'device' or 'network'; no unit. */
  subjectKind: string;
  /** What it is: a kind of anomaly, or 'link-down', 'device-down', 'interface-down', 'utilisation', 'latency', 'loss'; no unit. */
  kind: string;
  /** 'info', 'warning' or 'critical': the highest so far; no unit. */
  severity: string;
  /** Trigger that opened it; no unit. */
  trigger: string;
  /** What joins it: 'cause' (the same cause by subject, prefix and topology), 'subject' or 'none'; no unit. */
  group: string;
  /** When the cause began by the detectors' reckoning, in milliseconds since the epoch. */
  began: number;
  /** When it opened first, by the times of records on the log, in milliseconds since the epoch. */
  opened: number;
  /** When it closes by itself if nothing more comes, in milliseconds since the epoch; 0 while its cause goes on. */
  closesAt: number;
  /** When it was closed, in milliseconds since the epoch; 0 where it is not. */
  closed: number;
  /** 'over', 'hand', 'false-positive', 'stale' (nothing was heard of it), 'merged'; empty where it is not closed; no unit. */
  closedBy: string;
  /** Alert that it became part of; empty where none; no unit. */
  mergedInto: string;
  /** Until when it is muted, in milliseconds since the epoch; 0 where it is not. */
  mutedUntil: number;
  /** Who has seen it; empty where nobody; no unit. */
  acknowledgedBy: string;
  /** 'false-positive' or 'true-positive' where somebody said so; else empty; no unit. */
  verdict: string;
  /** How often its cause came back soon after it was closed; no unit. */
  reopened: number;
  /** Records below the raised threshold that were counted here; no unit. */
  suppressed: number;
  /** Highest score so far; no unit. */
  score: number;
  /** What feedback had multiplied the threshold of its subject and kind with when it was judged last: 1 where nobody said anything; no unit. */
  factor: number;
  /** Record that opened it, as topic/partition/offset; no unit. */
  source: string;
  /** Event time up to which the figures below speak, in milliseconds since the epoch. */
  eventTime: number;
  /** Score now; no unit. */
  latestScore: number;
  /** What is measured now; unit: that of `unit`. */
  value: number;
  /** What it is measured against; unit: that of `unit`. */
  threshold: number;
  /** Unit of value and threshold; no unit. */
  unit: string;
  /** Detector that spoke last; no unit. */
  detector: string;
  /** Its model; empty where there is none; no unit. */
  model: string;
  /** SHA-256 of that model's file, hexadecimal; empty where there is none; no unit. */
  modelHash: string;
  /** Figures now, the weightiest first. */
  evidence: AlertEvidence[];
  /** What contributes most now. */
  elements: AlertElement[];
  /** Event time when it fired, in milliseconds since the epoch; what begins with `fired` never changes. */
  firedTime: number;
  /** Subject when it fired; no unit. */
  firedSubject: string;
  /** Kind when it fired; no unit. */
  firedKind: string;
  /** Severity when it fired; no unit. */
  firedSeverity: string;
  /** Score when it fired; no unit. */
  firedScore: number;
  /** What was measured when it fired; unit: that of `firedUnit`. */
  firedValue: number;
  /** What it was measured against then; unit: that of `firedUnit`. */
  firedThreshold: number;
  /** Unit of both; no unit. */
  firedUnit: string;
  /** Detector that made it fire; no unit. */
  firedDetector: string;
  /** Its model; empty where there is none; no unit. */
  firedModel: string;
  /** SHA-256 of that model's file; empty where there is none; no unit. */
  firedModelHash: string;
  /** Figures when it fired. */
  firedEvidence: FiredEvidence[];
  /** What contributed most when it fired. */
  firedElements: FiredElement[];
  /** What it consists of, at most 64; the one that opened it first. */
  members: AlertMember[];
  /** How many there are, those that are not listed included; no unit. */
  memberCount: number;
  /** Paths that changed because of it; no unit. */
  routesChanged: number;
  /** The first of them, at most 16. */
  routes: AlertRoute[];
  /** Its life: how it opened, then the last 31 steps; figures that merely went on are none. */
  history: AlertHistory[];
}

/** The schema's text, as it is registered. */
export const ALERT_SCHEMA =
  '{"type":"record","name":"Alert","namespace":"netweaver.detection","doc":"An alert as it is after a change: one cause that somebody should look at, with what speaks for it, when it fired and now.","fields":[{"name":"id","type":"string","doc":"Name of the alert: its first kind and the offset of the record that opened it; no unit."},{"name":"state","type":"string","doc":"\'open\', \'acknowledged\', \'muted\', \'closed\', or \'suppressed\': below a threshold that feedback has raised; no unit."},{"name":"change","type":"string","doc":"What happened to it: \'opened\', \'updated\', \'joined\', \'widened\', \'escalated\', \'quiet\', \'acknowledged\', \'muted\', \'unmuted\', \'closed\', \'reopened\', \'suppressed\', \'noted\', \'false-positive\', \'true-positive\'; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When that was, by the times of records on the log, in milliseconds since the epoch."},{"name":"family","type":"string","doc":"What kind of cause: \'traffic\', \'scan\' or \'network\'. Only what is of one family becomes one alert; no unit."},{"name":"subject","type":"string","doc":"What it is about, as in anomalies; no unit."},{"name":"subjectKind","type":"string","doc":"\'host\', \'prefix\', \'interface\', \'link\', \'device\' or \'network\'; no unit."},{"name":"kind","type":"string","doc":"What it is: a kind of anomaly, or \'link-down\', \'device-down\', \'interface-down\', \'utilisation\', \'latency\', \'loss\'; no unit."},{"name":"severity","type":"string","doc":"\'info\', \'warning\' or \'critical\': the highest so far; no unit."},{"name":"trigger","type":"string","doc":"Trigger that opened it; no unit."},{"name":"group","type":"string","doc":"What joins it: \'cause\' (the same cause by subject, prefix and topology), \'subject\' or \'none\'; no unit."},{"name":"began","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the cause began by the detectors\' reckoning, in milliseconds since the epoch."},{"name":"opened","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it opened first, by the times of records on the log, in milliseconds since the epoch."},{"name":"closesAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it closes by itself if nothing more comes, in milliseconds since the epoch; 0 while its cause goes on."},{"name":"closed","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was closed, in milliseconds since the epoch; 0 where it is not."},{"name":"closedBy","type":"string","doc":"\'over\', \'hand\', \'false-positive\', \'stale\' (nothing was heard of it), \'merged\'; empty where it is not closed; no unit."},{"name":"mergedInto","type":"string","doc":"Alert that it became part of; empty where none; no unit."},{"name":"mutedUntil","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Until when it is muted, in milliseconds since the epoch; 0 where it is not."},{"name":"acknowledgedBy","type":"string","doc":"Who has seen it; empty where nobody; no unit."},{"name":"verdict","type":"string","doc":"\'false-positive\' or \'true-positive\' where somebody said so; else empty; no unit."},{"name":"reopened","type":"int","doc":"How often its cause came back soon after it was closed; no unit."},{"name":"suppressed","type":"int","doc":"Records below the raised threshold that were counted here; no unit."},{"name":"score","type":"double","doc":"Highest score so far; no unit."},{"name":"factor","type":"double","doc":"What feedback had multiplied the threshold of its subject and kind with when it was judged last: 1 where nobody said anything; no unit."},{"name":"source","type":"string","doc":"Record that opened it, as topic/partition/offset; no unit."},{"name":"eventTime","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Event time up to which the figures below speak, in milliseconds since the epoch."},{"name":"latestScore","type":"double","doc":"Score now; no unit."},{"name":"value","type":"double","doc":"What is measured now; unit: that of `unit`."},{"name":"threshold","type":"double","doc":"What it is measured against; unit: that of `unit`."},{"name":"unit","type":"string","doc":"Unit of value and threshold; no unit."},{"name":"detector","type":"string","doc":"Detector that spoke last; no unit."},{"name":"model","type":"string","doc":"Its model; empty where there is none; no unit."},{"name":"modelHash","type":"string","doc":"SHA-256 of that model\'s file, hexadecimal; empty where there is none; no unit."},{"name":"evidence","type":{"type":"array","items":{"type":"record","name":"AlertEvidence","doc":"One figure, as the detector gave it.","fields":[{"name":"name","type":"string","doc":"What the figure is, such as \'distinct sources\'; no unit."},{"name":"value","type":"double","doc":"The figure; unit: that of `unit`."},{"name":"usual","type":"double","doc":"What it usually is for this subject; not a number where not known; unit: that of `unit`."},{"name":"unit","type":"string","doc":"Unit of both; empty: none; no unit."}]}},"doc":"Figures now, the weightiest first."},{"name":"elements","type":{"type":"array","items":{"type":"record","name":"AlertElement","doc":"One element that contributes, as the detector gave it.","fields":[{"name":"kind","type":"string","doc":"\'source\', \'destination\', \'port\', \'prefix\', \'interface\', \'link\' or \'device\'; no unit."},{"name":"id","type":"string","doc":"Which; no unit."},{"name":"share","type":"double","doc":"Its share of the value, 0 to 1; not a number where not known; no unit."}]}},"doc":"What contributes most now."},{"name":"firedTime","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Event time when it fired, in milliseconds since the epoch; what begins with `fired` never changes."},{"name":"firedSubject","type":"string","doc":"Subject when it fired; no unit."},{"name":"firedKind","type":"string","doc":"Kind when it fired; no unit."},{"name":"firedSeverity","type":"string","doc":"Severity when it fired; no unit."},{"name":"firedScore","type":"double","doc":"Score when it fired; no unit."},{"name":"firedValue","type":"double","doc":"What was measured when it fired; unit: that of `firedUnit`."},{"name":"firedThreshold","type":"double","doc":"What it was measured against then; unit: that of `firedUnit`."},{"name":"firedUnit","type":"string","doc":"Unit of both; no unit."},{"name":"firedDetector","type":"string","doc":"Detector that made it fire; no unit."},{"name":"firedModel","type":"string","doc":"Its model; empty where there is none; no unit."},{"name":"firedModelHash","type":"string","doc":"SHA-256 of that model\'s file; empty where there is none; no unit."},{"name":"firedEvidence","type":{"type":"array","items":{"type":"record","name":"FiredEvidence","doc":"One figure, as the detector gave it.","fields":[{"name":"name","type":"string","doc":"What the figure is, such as \'distinct sources\'; no unit."},{"name":"value","type":"double","doc":"The figure; unit: that of `unit`."},{"name":"usual","type":"double","doc":"What it usually is for this subject; not a number where not known; unit: that of `unit`."},{"name":"unit","type":"string","doc":"Unit of both; empty: none; no unit."}]}},"doc":"Figures when it fired."},{"name":"firedElements","type":{"type":"array","items":{"type":"record","name":"FiredElement","doc":"One element that contributes, as the detector gave it.","fields":[{"name":"kind","type":"string","doc":"\'source\', \'destination\', \'port\', \'prefix\', \'interface\', \'link\' or \'device\'; no unit."},{"name":"id","type":"string","doc":"Which; no unit."},{"name":"share","type":"double","doc":"Its share of the value, 0 to 1; not a number where not known; no unit."}]}},"doc":"What contributed most when it fired."},{"name":"members","type":{"type":"array","items":{"type":"record","name":"AlertMember","doc":"One anomaly, failure or measurement that is part of it.","fields":[{"name":"subject","type":"string","doc":"What it is about; no unit."},{"name":"subjectKind","type":"string","doc":"What the subject is; no unit."},{"name":"kind","type":"string","doc":"What it is; no unit."},{"name":"detector","type":"string","doc":"Who says so; no unit."},{"name":"began","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it began, in milliseconds since the epoch."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Event time when it was heard of last, in milliseconds since the epoch."},{"name":"active","type":"boolean","doc":"False where it is over."},{"name":"severity","type":"string","doc":"Its severity; no unit."},{"name":"score","type":"double","doc":"Its highest score; no unit."}]}},"doc":"What it consists of, at most 64; the one that opened it first."},{"name":"memberCount","type":"int","doc":"How many there are, those that are not listed included; no unit."},{"name":"routesChanged","type":"int","doc":"Paths that changed because of it; no unit."},{"name":"routes","type":{"type":"array","items":{"type":"record","name":"AlertRoute","doc":"A path that changed because of it.","fields":[{"name":"from","type":"string","doc":"Where the path begins; no unit."},{"name":"to","type":"string","doc":"Where it ends; no unit."},{"name":"reason","type":"string","doc":"Why it changed, as in routes.changes; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When, in milliseconds since the epoch."}]}},"doc":"The first of them, at most 16."},{"name":"history","type":{"type":"array","items":{"type":"record","name":"AlertHistory","doc":"One step of its life.","fields":[{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When, in milliseconds since the epoch."},{"name":"change","type":"string","doc":"What happened; no unit."},{"name":"by","type":"string","doc":"Who did it; empty: the system; no unit."},{"name":"text","type":"string","doc":"Words to it; no unit."}]}},"doc":"Its life: how it opened, then the last 31 steps; figures that merely went on are none."}]}';

function putAlertEvidence(value: AlertEvidence): void {
  writer.string(value.name);
  writer.double(value.value);
  writer.double(value.usual);
  writer.string(value.unit);
}

function putAlertElement(value: AlertElement): void {
  writer.string(value.kind);
  writer.string(value.id);
  writer.double(value.share);
}

function putFiredEvidence(value: FiredEvidence): void {
  writer.string(value.name);
  writer.double(value.value);
  writer.double(value.usual);
  writer.string(value.unit);
}

function putFiredElement(value: FiredElement): void {
  writer.string(value.kind);
  writer.string(value.id);
  writer.double(value.share);
}

function putAlertMember(value: AlertMember): void {
  writer.string(value.subject);
  writer.string(value.subjectKind);
  writer.string(value.kind);
  writer.string(value.detector);
  writer.long(value.began);
  writer.long(value.time);
  writer.boolean(value.active);
  writer.string(value.severity);
  writer.double(value.score);
}

function putAlertRoute(value: AlertRoute): void {
  writer.string(value.from);
  writer.string(value.to);
  writer.string(value.reason);
  writer.long(value.time);
}

function putAlertHistory(value: AlertHistory): void {
  writer.long(value.time);
  writer.string(value.change);
  writer.string(value.by);
  writer.string(value.text);
}

function putAlert(value: Alert): void {
  writer.string(value.id);
  writer.string(value.state);
  writer.string(value.change);
  writer.long(value.time);
  writer.string(value.family);
  writer.string(value.subject);
  writer.string(value.subjectKind);
  writer.string(value.kind);
  writer.string(value.severity);
  writer.string(value.trigger);
  writer.string(value.group);
  writer.long(value.began);
  writer.long(value.opened);
  writer.long(value.closesAt);
  writer.long(value.closed);
  writer.string(value.closedBy);
  writer.string(value.mergedInto);
  writer.long(value.mutedUntil);
  writer.string(value.acknowledgedBy);
  writer.string(value.verdict);
  writer.int(value.reopened);
  writer.int(value.suppressed);
  writer.double(value.score);
  writer.double(value.factor);
  writer.string(value.source);
  writer.long(value.eventTime);
  writer.double(value.latestScore);
  writer.double(value.value);
  writer.double(value.threshold);
  writer.string(value.unit);
  writer.string(value.detector);
  writer.string(value.model);
  writer.string(value.modelHash);
  if (value.evidence.length > 0) writer.long(value.evidence.length);
  for (const row of value.evidence) putAlertEvidence(row);
  writer.long(0);
  if (value.elements.length > 0) writer.long(value.elements.length);
  for (const row of value.elements) putAlertElement(row);
  writer.long(0);
  writer.long(value.firedTime);
  writer.string(value.firedSubject);
  writer.string(value.firedKind);
  writer.string(value.firedSeverity);
  writer.double(value.firedScore);
  writer.double(value.firedValue);
  writer.double(value.firedThreshold);
  writer.string(value.firedUnit);
  writer.string(value.firedDetector);
  writer.string(value.firedModel);
  writer.string(value.firedModelHash);
  if (value.firedEvidence.length > 0) writer.long(value.firedEvidence.length);
  for (const row of value.firedEvidence) putFiredEvidence(row);
  writer.long(0);
  if (value.firedElements.length > 0) writer.long(value.firedElements.length);
  for (const row of value.firedElements) putFiredElement(row);
  writer.long(0);
  if (value.members.length > 0) writer.long(value.members.length);
  for (const row of value.members) putAlertMember(row);
  writer.long(0);
  writer.int(value.memberCount);
  writer.int(value.routesChanged);
  if (value.routes.length > 0) writer.long(value.routes.length);
  for (const row of value.routes) putAlertRoute(row);
  writer.long(0);
  if (value.history.length > 0) writer.long(value.history.length);
  for (const row of value.history) putAlertHistory(row);
  writer.long(0);
}

const takeAlertEvidence = (reader: AvroReader): AlertEvidence => ({
    name: reader.string(),
    value: reader.double(),
    usual: reader.double(),
    unit: reader.string(),
});

const takeAlertElement = (reader: AvroReader): AlertElement => ({
    kind: reader.string(),
    id: reader.string(),
    share: reader.double(),
});

const takeFiredEvidence = (reader: AvroReader): FiredEvidence => ({
    name: reader.string(),
    value: reader.double(),
    usual: reader.double(),
    unit: reader.string(),
});

const takeFiredElement = (reader: AvroReader): FiredElement => ({
    kind: reader.string(),
    id: reader.string(),
    share: reader.double(),
});

const takeAlertMember = (reader: AvroReader): AlertMember => ({
    subject: reader.string(),
    subjectKind: reader.string(),
    kind: reader.string(),
    detector: reader.string(),
    began: reader.long(),
    time: reader.long(),
    active: reader.boolean(),
    severity: reader.string(),
    score: reader.double(),
});

const takeAlertRoute = (reader: AvroReader): AlertRoute => ({
    from: reader.string(),
    to: reader.string(),
    reason: reader.string(),
    time: reader.long(),
});

const takeAlertHistory = (reader: AvroReader): AlertHistory => ({
    time: reader.long(),
    change: reader.string(),
    by: reader.string(),
    text: reader.string(),
});

const takeAlert = (reader: AvroReader): Alert => ({
    id: reader.string(),
    state: reader.string(),
    change: reader.string(),
    time: reader.long(),
    family: reader.string(),
    subject: reader.string(),
    subjectKind: reader.string(),
    kind: reader.string(),
    severity: reader.string(),
    trigger: reader.string(),
    group: reader.string(),
    began: reader.long(),
    opened: reader.long(),
    closesAt: reader.long(),
    closed: reader.long(),
    closedBy: reader.string(),
    mergedInto: reader.string(),
    mutedUntil: reader.long(),
    acknowledgedBy: reader.string(),
    verdict: reader.string(),
    reopened: reader.int(),
    suppressed: reader.int(),
    score: reader.double(),
    factor: reader.double(),
    source: reader.string(),
    eventTime: reader.long(),
    latestScore: reader.double(),
    value: reader.double(),
    threshold: reader.double(),
    unit: reader.string(),
    detector: reader.string(),
    model: reader.string(),
    modelHash: reader.string(),
    evidence: takeRows(reader, 18, takeAlertEvidence),
    elements: takeRows(reader, 10, takeAlertElement),
    firedTime: reader.long(),
    firedSubject: reader.string(),
    firedKind: reader.string(),
    firedSeverity: reader.string(),
    firedScore: reader.double(),
    firedValue: reader.double(),
    firedThreshold: reader.double(),
    firedUnit: reader.string(),
    firedDetector: reader.string(),
    firedModel: reader.string(),
    firedModelHash: reader.string(),
    firedEvidence: takeRows(reader, 18, takeFiredEvidence),
    firedElements: takeRows(reader, 10, takeFiredElement),
    members: takeRows(reader, 16, takeAlertMember),
    memberCount: reader.int(),
    routesChanged: reader.int(),
    routes: takeRows(reader, 4, takeAlertRoute),
    history: takeRows(reader, 4, takeAlertHistory),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeAlert(value: Alert, schemaId: number): Buffer {
  writer.begin(schemaId);
  putAlert(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeAlert(value: Uint8Array): Alert {
  objectReader.begin(value);
  const result = takeAlert(objectReader);
  objectReader.finish();
  return result;
}

/** Alert with its code, as a topic holds it. */
export const ALERT: RecordType<Alert> = { name: 'netweaver.detection.Alert', schema: ALERT_SCHEMA, encode: encodeAlert, decode: decodeAlert };

/** Most bytes that one AlertEvidence takes, the UTF-8 of name, unit left out. */
export const ALERT_EVIDENCE_MAX_BYTES = 32;

/** Rows of AlertEvidence as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class AlertEvidenceColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** What the figure is, such as 'distinct sources'; no unit. */
  name: string[] = [];
  /** The figure; unit: that of `unit`. */
  value: Float64Array = new Float64Array(0);
  /** What it usually is for this subject; not a number where not known; unit: that of `unit`. */
  usual: Float64Array = new Float64Array(0);
  /** Unit of both; empty: none; no unit. */
  unit: string[] = [];
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.value = grown(this.value, capacity);
    this.usual = grown(this.usual, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): AlertEvidence {
    return {
      name: this.name[row],
      value: this.value[row],
      usual: this.usual[row],
      unit: this.unit[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(18); count > 0; count = reader.block(18)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, name: nameColumn, value: valueColumn, usual: usualColumn, unit: unitColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      nameColumn[i] = reader.string();
      p = reader.position;
      valueColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      usualColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      reader.position = p;
      unitColumn[i] = reader.string();
      p = reader.position;
      if (p > end) throw malformed('The bytes end within AlertEvidence.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where ALERT_EVIDENCE_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeAlertEvidence(target: Buffer, position: number, columns: AlertEvidenceColumns, row: number): number {
  let p = position;
  p = writeString(target, p, columns.name[row]);
  p = writeDouble(target, p, columns.value[row]);
  p = writeDouble(target, p, columns.usual[row]);
  p = writeString(target, p, columns.unit[row]);
  return p;
}

/** Most bytes that one AlertElement takes, the UTF-8 of kind, id left out. */
export const ALERT_ELEMENT_MAX_BYTES = 24;

/** Rows of AlertElement as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class AlertElementColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** 'source', 'destination', 'port', 'prefix', 'interface', 'link' or 'device'; no unit. */
  kind: string[] = [];
  /** Which; no unit. */
  id: string[] = [];
  /** Its share of the value, 0 to 1; not a number where not known; no unit. */
  share: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.share = grown(this.share, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): AlertElement {
    return {
      kind: this.kind[row],
      id: this.id[row],
      share: this.share[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(10); count > 0; count = reader.block(10)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, kind: kindColumn, id: idColumn, share: shareColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      kindColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      idColumn[i] = reader.string();
      p = reader.position;
      shareColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      if (p > end) throw malformed('The bytes end within AlertElement.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where ALERT_ELEMENT_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeAlertElement(target: Buffer, position: number, columns: AlertElementColumns, row: number): number {
  let p = position;
  p = writeString(target, p, columns.kind[row]);
  p = writeString(target, p, columns.id[row]);
  p = writeDouble(target, p, columns.share[row]);
  return p;
}

/** Most bytes that one FiredEvidence takes, the UTF-8 of name, unit left out. */
export const FIRED_EVIDENCE_MAX_BYTES = 32;

/** Rows of FiredEvidence as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class FiredEvidenceColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** What the figure is, such as 'distinct sources'; no unit. */
  name: string[] = [];
  /** The figure; unit: that of `unit`. */
  value: Float64Array = new Float64Array(0);
  /** What it usually is for this subject; not a number where not known; unit: that of `unit`. */
  usual: Float64Array = new Float64Array(0);
  /** Unit of both; empty: none; no unit. */
  unit: string[] = [];
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.value = grown(this.value, capacity);
    this.usual = grown(this.usual, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): FiredEvidence {
    return {
      name: this.name[row],
      value: this.value[row],
      usual: this.usual[row],
      unit: this.unit[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(18); count > 0; count = reader.block(18)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, name: nameColumn, value: valueColumn, usual: usualColumn, unit: unitColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      nameColumn[i] = reader.string();
      p = reader.position;
      valueColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      usualColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      reader.position = p;
      unitColumn[i] = reader.string();
      p = reader.position;
      if (p > end) throw malformed('The bytes end within FiredEvidence.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where FIRED_EVIDENCE_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeFiredEvidence(target: Buffer, position: number, columns: FiredEvidenceColumns, row: number): number {
  let p = position;
  p = writeString(target, p, columns.name[row]);
  p = writeDouble(target, p, columns.value[row]);
  p = writeDouble(target, p, columns.usual[row]);
  p = writeString(target, p, columns.unit[row]);
  return p;
}

/** Most bytes that one FiredElement takes, the UTF-8 of kind, id left out. */
export const FIRED_ELEMENT_MAX_BYTES = 24;

/** Rows of FiredElement as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class FiredElementColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** 'source', 'destination', 'port', 'prefix', 'interface', 'link' or 'device'; no unit. */
  kind: string[] = [];
  /** Which; no unit. */
  id: string[] = [];
  /** Its share of the value, 0 to 1; not a number where not known; no unit. */
  share: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.share = grown(this.share, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): FiredElement {
    return {
      kind: this.kind[row],
      id: this.id[row],
      share: this.share[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(10); count > 0; count = reader.block(10)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, kind: kindColumn, id: idColumn, share: shareColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      kindColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      idColumn[i] = reader.string();
      p = reader.position;
      shareColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      if (p > end) throw malformed('The bytes end within FiredElement.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where FIRED_ELEMENT_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeFiredElement(target: Buffer, position: number, columns: FiredElementColumns, row: number): number {
  let p = position;
  p = writeString(target, p, columns.kind[row]);
  p = writeString(target, p, columns.id[row]);
  p = writeDouble(target, p, columns.share[row]);
  return p;
}

/** Most bytes that one AlertMember takes, the UTF-8 of subject, subjectKind, kind, detector, severity left out. */
export const ALERT_MEMBER_MAX_BYTES = 65;

/** Rows of AlertMember as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class AlertMemberColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** What it is about; no unit. */
  subject: string[] = [];
  /** What the subject is; no unit. */
  subjectKind: string[] = [];
  /** What it is; no unit. */
  kind: string[] = [];
  /** Who says so; no unit. */
  detector: string[] = [];
  /** When it began, in milliseconds since the epoch. */
  began: Float64Array = new Float64Array(0);
  /** Event time when it was heard of last, in milliseconds since the epoch. */
  time: Float64Array = new Float64Array(0);
  /** False where it is over. 1 for true. */
  active: Uint8Array = new Uint8Array(0);
  /** Its severity; no unit. */
  severity: string[] = [];
  /** Its highest score; no unit. */
  score: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.began = grown(this.began, capacity);
    this.time = grown(this.time, capacity);
    this.active = grown(this.active, capacity);
    this.score = grown(this.score, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): AlertMember {
    return {
      subject: this.subject[row],
      subjectKind: this.subjectKind[row],
      kind: this.kind[row],
      detector: this.detector[row],
      began: this.began[row],
      time: this.time[row],
      active: this.active[row] === 1,
      severity: this.severity[row],
      score: this.score[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(16); count > 0; count = reader.block(16)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, subject: subjectColumn, subjectKind: subjectKindColumn, kind: kindColumn, detector: detectorColumn, began: beganColumn, time: timeColumn, active: activeColumn, severity: severityColumn, score: scoreColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      subjectColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      subjectKindColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      kindColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      detectorColumn[i] = reader.string();
      p = reader.position;
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('began is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) beganColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        beganColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('time is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) timeColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        timeColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      b = bytes[p++];
      if (b > 1) throw malformed('active is no boolean.');
      activeColumn[i] = b;
      reader.position = p;
      severityColumn[i] = reader.string();
      p = reader.position;
      scoreColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      if (p > end) throw malformed('The bytes end within AlertMember.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where ALERT_MEMBER_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeAlertMember(target: Buffer, position: number, columns: AlertMemberColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeString(target, p, columns.subject[row]);
  p = writeString(target, p, columns.subjectKind[row]);
  p = writeString(target, p, columns.kind[row]);
  p = writeString(target, p, columns.detector[row]);
  x = columns.began[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  x = columns.time[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  target[p++] = columns.active[row];
  p = writeString(target, p, columns.severity[row]);
  p = writeDouble(target, p, columns.score[row]);
  return p;
}

/** Most bytes that one AlertRoute takes, the UTF-8 of from, to, reason left out. */
export const ALERT_ROUTE_MAX_BYTES = 32;

/** Rows of AlertRoute as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class AlertRouteColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Where the path begins; no unit. */
  from: string[] = [];
  /** Where it ends; no unit. */
  to: string[] = [];
  /** Why it changed, as in routes.changes; no unit. */
  reason: string[] = [];
  /** When, in milliseconds since the epoch. */
  time: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.time = grown(this.time, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): AlertRoute {
    return {
      from: this.from[row],
      to: this.to[row],
      reason: this.reason[row],
      time: this.time[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(4); count > 0; count = reader.block(4)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, from: fromColumn, to: toColumn, reason: reasonColumn, time: timeColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      fromColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      toColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      reasonColumn[i] = reader.string();
      p = reader.position;
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('time is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) timeColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        timeColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      if (p > end) throw malformed('The bytes end within AlertRoute.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where ALERT_ROUTE_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeAlertRoute(target: Buffer, position: number, columns: AlertRouteColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  p = writeString(target, p, columns.from[row]);
  p = writeString(target, p, columns.to[row]);
  p = writeString(target, p, columns.reason[row]);
  x = columns.time[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  return p;
}

/** Most bytes that one AlertHistory takes, the UTF-8 of change, by, text left out. */
export const ALERT_HISTORY_MAX_BYTES = 32;

/** Rows of AlertHistory as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class AlertHistoryColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** When, in milliseconds since the epoch. */
  time: Float64Array = new Float64Array(0);
  /** What happened; no unit. */
  change: string[] = [];
  /** Who did it; empty: the system; no unit. */
  by: string[] = [];
  /** Words to it; no unit. */
  text: string[] = [];
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.time = grown(this.time, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): AlertHistory {
    return {
      time: this.time[row],
      change: this.change[row],
      by: this.by[row],
      text: this.text[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(4); count > 0; count = reader.block(4)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, time: timeColumn, change: changeColumn, by: byColumn, text: textColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0, h = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      v = b & 127;
      h = 0;
      if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 14;
        if (b > 127) {
        b = bytes[p++];
        v |= (b & 127) << 21;
        if (b > 127) {
        b = bytes[p++];
        h = b & 127;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 7;
        if (b > 127) {
        b = bytes[p++];
        h |= (b & 127) << 14;
        if (b > 127) {
          b = bytes[p++];
          if (b > 31) throw malformed('time is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) timeColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        timeColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      reader.position = p;
      changeColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      byColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      textColumn[i] = reader.string();
      p = reader.position;
      if (p > end) throw malformed('The bytes end within AlertHistory.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where ALERT_HISTORY_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeAlertHistory(target: Buffer, position: number, columns: AlertHistoryColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  x = columns.time[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  p = writeString(target, p, columns.change[row]);
  p = writeString(target, p, columns.by[row]);
  p = writeString(target, p, columns.text[row]);
  return p;
}

/** Alert with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class AlertColumns {
  /** Name of the alert: its first kind and the offset of the record that opened it; no unit. */
  id = '';
  /** 'open', 'acknowledged', 'muted', 'closed', or 'suppressed': below a threshold that feedback has raised; no unit. */
  state = '';
  /** What happened to it: 'opened', 'updated', 'joined', 'widened', 'escalated', 'quiet', 'acknowledged', 'muted', 'unmuted', 'closed', 'reopened', 'suppressed', 'noted', 'false-positive', 'true-positive'; no unit. */
  change = '';
  /** When that was, by the times of records on the log, in milliseconds since the epoch. */
  time = 0;
  /** What kind of cause: 'traffic', 'scan' or 'network'. Only what is of one family becomes one alert; no unit. */
  family = '';
  /** What it is about, as in anomalies; no unit. */
  subject = '';
  /** 'host', 'prefix', 'interface', 'link', 'device' or 'network'; no unit. */
  subjectKind = '';
  /** What it is: a kind of anomaly, or 'link-down', 'device-down', 'interface-down', 'utilisation', 'latency', 'loss'; no unit. */
  kind = '';
  /** 'info', 'warning' or 'critical': the highest so far; no unit. */
  severity = '';
  /** Trigger that opened it; no unit. */
  trigger = '';
  /** What joins it: 'cause' (the same cause by subject, prefix and topology), 'subject' or 'none'; no unit. */
  group = '';
  /** When the cause began by the detectors' reckoning, in milliseconds since the epoch. */
  began = 0;
  /** When it opened first, by the times of records on the log, in milliseconds since the epoch. */
  opened = 0;
  /** When it closes by itself if nothing more comes, in milliseconds since the epoch; 0 while its cause goes on. */
  closesAt = 0;
  /** When it was closed, in milliseconds since the epoch; 0 where it is not. */
  closed = 0;
  /** 'over', 'hand', 'false-positive', 'stale' (nothing was heard of it), 'merged'; empty where it is not closed; no unit. */
  closedBy = '';
  /** Alert that it became part of; empty where none; no unit. */
  mergedInto = '';
  /** Until when it is muted, in milliseconds since the epoch; 0 where it is not. */
  mutedUntil = 0;
  /** Who has seen it; empty where nobody; no unit. */
  acknowledgedBy = '';
  /** 'false-positive' or 'true-positive' where somebody said so; else empty; no unit. */
  verdict = '';
  /** How often its cause came back soon after it was closed; no unit. */
  reopened = 0;
  /** Records below the raised threshold that were counted here; no unit. */
  suppressed = 0;
  /** Highest score so far; no unit. */
  score = 0;
  /** What feedback had multiplied the threshold of its subject and kind with when it was judged last: 1 where nobody said anything; no unit. */
  factor = 0;
  /** Record that opened it, as topic/partition/offset; no unit. */
  source = '';
  /** Event time up to which the figures below speak, in milliseconds since the epoch. */
  eventTime = 0;
  /** Score now; no unit. */
  latestScore = 0;
  /** What is measured now; unit: that of `unit`. */
  value = 0;
  /** What it is measured against; unit: that of `unit`. */
  threshold = 0;
  /** Unit of value and threshold; no unit. */
  unit = '';
  /** Detector that spoke last; no unit. */
  detector = '';
  /** Its model; empty where there is none; no unit. */
  model = '';
  /** SHA-256 of that model's file, hexadecimal; empty where there is none; no unit. */
  modelHash = '';
  /** Figures now, the weightiest first. */
  readonly evidence = new AlertEvidenceColumns();
  /** What contributes most now. */
  readonly elements = new AlertElementColumns();
  /** Event time when it fired, in milliseconds since the epoch; what begins with `fired` never changes. */
  firedTime = 0;
  /** Subject when it fired; no unit. */
  firedSubject = '';
  /** Kind when it fired; no unit. */
  firedKind = '';
  /** Severity when it fired; no unit. */
  firedSeverity = '';
  /** Score when it fired; no unit. */
  firedScore = 0;
  /** What was measured when it fired; unit: that of `firedUnit`. */
  firedValue = 0;
  /** What it was measured against then; unit: that of `firedUnit`. */
  firedThreshold = 0;
  /** Unit of both; no unit. */
  firedUnit = '';
  /** Detector that made it fire; no unit. */
  firedDetector = '';
  /** Its model; empty where there is none; no unit. */
  firedModel = '';
  /** SHA-256 of that model's file; empty where there is none; no unit. */
  firedModelHash = '';
  /** Figures when it fired. */
  readonly firedEvidence = new FiredEvidenceColumns();
  /** What contributed most when it fired. */
  readonly firedElements = new FiredElementColumns();
  /** What it consists of, at most 64; the one that opened it first. */
  readonly members = new AlertMemberColumns();
  /** How many there are, those that are not listed included; no unit. */
  memberCount = 0;
  /** Paths that changed because of it; no unit. */
  routesChanged = 0;
  /** The first of them, at most 16. */
  readonly routes = new AlertRouteColumns();
  /** Its life: how it opened, then the last 31 steps; figures that merely went on are none. */
  readonly history = new AlertHistoryColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 65;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.id = reader.string();
      this.state = reader.string();
      this.change = reader.string();
      this.time = reader.long();
      this.family = reader.string();
      this.subject = reader.string();
      this.subjectKind = reader.string();
      this.kind = reader.string();
      this.severity = reader.string();
      this.trigger = reader.string();
      this.group = reader.string();
      this.began = reader.long();
      this.opened = reader.long();
      this.closesAt = reader.long();
      this.closed = reader.long();
      this.closedBy = reader.string();
      this.mergedInto = reader.string();
      this.mutedUntil = reader.long();
      this.acknowledgedBy = reader.string();
      this.verdict = reader.string();
      this.reopened = reader.int();
      this.suppressed = reader.int();
      this.score = reader.double();
      this.factor = reader.double();
      this.source = reader.string();
      this.eventTime = reader.long();
      this.latestScore = reader.double();
      this.value = reader.double();
      this.threshold = reader.double();
      this.unit = reader.string();
      this.detector = reader.string();
      this.model = reader.string();
      this.modelHash = reader.string();
      this.evidence.decode(reader);
      this.elements.decode(reader);
      this.firedTime = reader.long();
      this.firedSubject = reader.string();
      this.firedKind = reader.string();
      this.firedSeverity = reader.string();
      this.firedScore = reader.double();
      this.firedValue = reader.double();
      this.firedThreshold = reader.double();
      this.firedUnit = reader.string();
      this.firedDetector = reader.string();
      this.firedModel = reader.string();
      this.firedModelHash = reader.string();
      this.firedEvidence.decode(reader);
      this.firedElements.decode(reader);
      this.members.decode(reader);
      this.memberCount = reader.int();
      this.routesChanged = reader.int();
      this.routes.decode(reader);
      this.history.decode(reader);
      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
    this.evidence.length = 0;
    this.elements.length = 0;
    this.firedEvidence.length = 0;
    this.firedElements.length = 0;
    this.members.length = 0;
    this.routes.length = 0;
    this.history.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeAlertColumns(columns: AlertColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.string(columns.id);
  writer.string(columns.state);
  writer.string(columns.change);
  writer.long(columns.time);
  writer.string(columns.family);
  writer.string(columns.subject);
  writer.string(columns.subjectKind);
  writer.string(columns.kind);
  writer.string(columns.severity);
  writer.string(columns.trigger);
  writer.string(columns.group);
  writer.long(columns.began);
  writer.long(columns.opened);
  writer.long(columns.closesAt);
  writer.long(columns.closed);
  writer.string(columns.closedBy);
  writer.string(columns.mergedInto);
  writer.long(columns.mutedUntil);
  writer.string(columns.acknowledgedBy);
  writer.string(columns.verdict);
  writer.int(columns.reopened);
  writer.int(columns.suppressed);
  writer.double(columns.score);
  writer.double(columns.factor);
  writer.string(columns.source);
  writer.long(columns.eventTime);
  writer.double(columns.latestScore);
  writer.double(columns.value);
  writer.double(columns.threshold);
  writer.string(columns.unit);
  writer.string(columns.detector);
  writer.string(columns.model);
  writer.string(columns.modelHash);
  if (columns.evidence.length > 0) writer.long(columns.evidence.length);
  for (let row = 0; row < columns.evidence.length; row++) {
    writer.reserve(ALERT_EVIDENCE_MAX_BYTES + 3 * columns.evidence.name[row].length + 3 * columns.evidence.unit[row].length);
    writer.position = writeAlertEvidence(writer.bytes, writer.position, columns.evidence, row);
  }
  writer.long(0);
  if (columns.elements.length > 0) writer.long(columns.elements.length);
  for (let row = 0; row < columns.elements.length; row++) {
    writer.reserve(ALERT_ELEMENT_MAX_BYTES + 3 * columns.elements.kind[row].length + 3 * columns.elements.id[row].length);
    writer.position = writeAlertElement(writer.bytes, writer.position, columns.elements, row);
  }
  writer.long(0);
  writer.long(columns.firedTime);
  writer.string(columns.firedSubject);
  writer.string(columns.firedKind);
  writer.string(columns.firedSeverity);
  writer.double(columns.firedScore);
  writer.double(columns.firedValue);
  writer.double(columns.firedThreshold);
  writer.string(columns.firedUnit);
  writer.string(columns.firedDetector);
  writer.string(columns.firedModel);
  writer.string(columns.firedModelHash);
  if (columns.firedEvidence.length > 0) writer.long(columns.firedEvidence.length);
  for (let row = 0; row < columns.firedEvidence.length; row++) {
    writer.reserve(FIRED_EVIDENCE_MAX_BYTES + 3 * columns.firedEvidence.name[row].length + 3 * columns.firedEvidence.unit[row].length);
    writer.position = writeFiredEvidence(writer.bytes, writer.position, columns.firedEvidence, row);
  }
  writer.long(0);
  if (columns.firedElements.length > 0) writer.long(columns.firedElements.length);
  for (let row = 0; row < columns.firedElements.length; row++) {
    writer.reserve(FIRED_ELEMENT_MAX_BYTES + 3 * columns.firedElements.kind[row].length + 3 * columns.firedElements.id[row].length);
    writer.position = writeFiredElement(writer.bytes, writer.position, columns.firedElements, row);
  }
  writer.long(0);
  if (columns.members.length > 0) writer.long(columns.members.length);
  for (let row = 0; row < columns.members.length; row++) {
    writer.reserve(ALERT_MEMBER_MAX_BYTES + 3 * columns.members.subject[row].length + 3 * columns.members.subjectKind[row].length + 3 * columns.members.kind[row].length + 3 * columns.members.detector[row].length + 3 * columns.members.severity[row].length);
    writer.position = writeAlertMember(writer.bytes, writer.position, columns.members, row);
  }
  writer.long(0);
  writer.int(columns.memberCount);
  writer.int(columns.routesChanged);
  if (columns.routes.length > 0) writer.long(columns.routes.length);
  for (let row = 0; row < columns.routes.length; row++) {
    writer.reserve(ALERT_ROUTE_MAX_BYTES + 3 * columns.routes.from[row].length + 3 * columns.routes.to[row].length + 3 * columns.routes.reason[row].length);
    writer.position = writeAlertRoute(writer.bytes, writer.position, columns.routes, row);
  }
  writer.long(0);
  if (columns.history.length > 0) writer.long(columns.history.length);
  for (let row = 0; row < columns.history.length; row++) {
    writer.reserve(ALERT_HISTORY_MAX_BYTES + 3 * columns.history.change[row].length + 3 * columns.history.by[row].length + 3 * columns.history.text[row].length);
    writer.position = writeAlertHistory(writer.bytes, writer.position, columns.history, row);
  }
  writer.long(0);
  return writer.finish();
}
