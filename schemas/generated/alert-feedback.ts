// Made from detection/alert-feedback.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeDouble, writeString } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** Subject and kind that a verdict is about. */
export interface FeedbackTarget {
  /** The subject; no unit. */
  subject: string;
  /** The kind of anomaly; no unit. */
  kind: string;
  /** Highest score that it had; no unit. */
  score: number;
}

/** What somebody says of an alert. The thresholds that feedback raises and lowers are a fold of these records alone. */
export interface AlertFeedback {
  /** Id of the alert; no unit. */
  alert: string;
  /** 'false-positive', 'true-positive', 'note', 'acknowledge', 'mute', 'unmute' or 'close'; no unit. */
  action: string;
  /** When it was said, in milliseconds since the epoch. */
  time: number;
  /** Who says so; no unit. */
  by: string;
  /** Words to it; no unit. */
  text: string;
  /** Of 'mute': until when, in milliseconds since the epoch; else 0. */
  until: number;
  /** Of verdicts: the members of the alert when it was said; else none. */
  targets: FeedbackTarget[];
}

/** The schema's text, as it is registered. */
export const ALERT_FEEDBACK_SCHEMA =
  '{"type":"record","name":"AlertFeedback","namespace":"netweaver.detection","doc":"What somebody says of an alert. The thresholds that feedback raises and lowers are a fold of these records alone.","fields":[{"name":"alert","type":"string","doc":"Id of the alert; no unit."},{"name":"action","type":"string","doc":"\'false-positive\', \'true-positive\', \'note\', \'acknowledge\', \'mute\', \'unmute\' or \'close\'; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was said, in milliseconds since the epoch."},{"name":"by","type":"string","doc":"Who says so; no unit."},{"name":"text","type":"string","doc":"Words to it; no unit."},{"name":"until","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Of \'mute\': until when, in milliseconds since the epoch; else 0."},{"name":"targets","type":{"type":"array","items":{"type":"record","name":"FeedbackTarget","doc":"Subject and kind that a verdict is about.","fields":[{"name":"subject","type":"string","doc":"The subject; no unit."},{"name":"kind","type":"string","doc":"The kind of anomaly; no unit."},{"name":"score","type":"double","doc":"Highest score that it had; no unit."}]}},"doc":"Of verdicts: the members of the alert when it was said; else none."}]}';

function putFeedbackTarget(value: FeedbackTarget): void {
  writer.string(value.subject);
  writer.string(value.kind);
  writer.double(value.score);
}

function putAlertFeedback(value: AlertFeedback): void {
  writer.string(value.alert);
  writer.string(value.action);
  writer.long(value.time);
  writer.string(value.by);
  writer.string(value.text);
  writer.long(value.until);
  if (value.targets.length > 0) writer.long(value.targets.length);
  for (const row of value.targets) putFeedbackTarget(row);
  writer.long(0);
}

const takeFeedbackTarget = (reader: AvroReader): FeedbackTarget => ({
    subject: reader.string(),
    kind: reader.string(),
    score: reader.double(),
});

const takeAlertFeedback = (reader: AvroReader): AlertFeedback => ({
    alert: reader.string(),
    action: reader.string(),
    time: reader.long(),
    by: reader.string(),
    text: reader.string(),
    until: reader.long(),
    targets: takeRows(reader, 10, takeFeedbackTarget),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeAlertFeedback(value: AlertFeedback, schemaId: number): Buffer {
  writer.begin(schemaId);
  putAlertFeedback(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeAlertFeedback(value: Uint8Array): AlertFeedback {
  objectReader.begin(value);
  const result = takeAlertFeedback(objectReader);
  objectReader.finish();
  return result;
}

/** AlertFeedback with its code, as a topic holds it. */
export const ALERT_FEEDBACK: RecordType<AlertFeedback> = { name: 'netweaver.detection.AlertFeedback', schema: ALERT_FEEDBACK_SCHEMA, encode: encodeAlertFeedback, decode: decodeAlertFeedback };

/** Most bytes that one FeedbackTarget takes, the UTF-8 of subject, kind left out. */
export const FEEDBACK_TARGET_MAX_BYTES = 24;

/** Rows of FeedbackTarget as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class FeedbackTargetColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** The subject; no unit. */
  subject: string[] = [];
  /** The kind of anomaly; no unit. */
  kind: string[] = [];
  /** Highest score that it had; no unit. */
  score: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.score = grown(this.score, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): FeedbackTarget {
    return {
      subject: this.subject[row],
      kind: this.kind[row],
      score: this.score[row],
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
    const { rowStart, subject: subjectColumn, kind: kindColumn, score: scoreColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      subjectColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      kindColumn[i] = reader.string();
      p = reader.position;
      scoreColumn[i] = reader.view.getFloat64(p, true);
      p += 8;
      if (p > end) throw malformed('The bytes end within FeedbackTarget.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where FEEDBACK_TARGET_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeFeedbackTarget(target: Buffer, position: number, columns: FeedbackTargetColumns, row: number): number {
  let p = position;
  p = writeString(target, p, columns.subject[row]);
  p = writeString(target, p, columns.kind[row]);
  p = writeDouble(target, p, columns.score[row]);
  return p;
}

/** AlertFeedback with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class AlertFeedbackColumns {
  /** Id of the alert; no unit. */
  alert = '';
  /** 'false-positive', 'true-positive', 'note', 'acknowledge', 'mute', 'unmute' or 'close'; no unit. */
  action = '';
  /** When it was said, in milliseconds since the epoch. */
  time = 0;
  /** Who says so; no unit. */
  by = '';
  /** Words to it; no unit. */
  text = '';
  /** Of 'mute': until when, in milliseconds since the epoch; else 0. */
  until = 0;
  /** Of verdicts: the members of the alert when it was said; else none. */
  readonly targets = new FeedbackTargetColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 24;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.alert = reader.string();
      this.action = reader.string();
      this.time = reader.long();
      this.by = reader.string();
      this.text = reader.string();
      this.until = reader.long();
      this.targets.decode(reader);
      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
    this.targets.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeAlertFeedbackColumns(columns: AlertFeedbackColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.string(columns.alert);
  writer.string(columns.action);
  writer.long(columns.time);
  writer.string(columns.by);
  writer.string(columns.text);
  writer.long(columns.until);
  if (columns.targets.length > 0) writer.long(columns.targets.length);
  for (let row = 0; row < columns.targets.length; row++) {
    writer.reserve(FEEDBACK_TARGET_MAX_BYTES + 3 * columns.targets.subject[row].length + 3 * columns.targets.kind[row].length);
    writer.position = writeFeedbackTarget(writer.bytes, writer.position, columns.targets, row);
  }
  writer.long(0);
  return writer.finish();
}
