// Made from detection/anomaly.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeDouble, writeString } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** One figure that speaks for it. */
export interface Evidence {
  /** What the figure is, such as 'distinct sources'; no unit. */
  name: string;
  /** The figure; unit: that of `unit`. */
  value: number;
  /** What it usually is for this subject; not a number where not known; unit: that of `unit`. */
  usual: number;
  /** Unit of both; empty: none; no unit. */
  unit: string;
}

/** One element that contributes. */
export interface ContributingElement {
  /** 'source', 'destination', 'port', 'prefix', 'interface', 'link' or 'device'; no unit. */
  kind: string;
  /** Which; no unit. */
  id: string;
  /** Its share of the value, 0 to 1; not a number where not known; no unit. */
  share: number;
}

/** Something out of the ordinary about a subject: when it was seen first, as it goes on, and that it is over. */
export interface Anomaly {
  /** What it is about: an address, a prefix, `<device>/<ifIndex>`, a link, a device, or `network`; no unit. */
  subject: string;
  /** 'host', 'prefix', 'interface', 'link', 'device' or 'network'; no unit. */
  subjectKind: string;
  /** What it is: 'syn-flood', 'udp-amplification', 'volumetric', 'carpet-bombing', 'horizontal-scan', 'vertical-scan', 'super-spreader', 'flash-crowd', 'pattern-change', 'reconstruction', 'interface-errors', 'topology-flap' and so on; no unit. */
  kind: string;
  /** 'began', 'goes-on' or 'over'; no unit. */
  phase: string;
  /** When it began by the detector's reckoning, in milliseconds since the epoch; with subject, kind and detector it names the anomaly. */
  began: number;
  /** Event time up to which this record speaks, in milliseconds since the epoch. */
  time: number;
  /** Which detector says so; no unit. */
  detector: string;
  /** 'info' (ordinary though large), 'warning' or 'critical'; no unit. */
  severity: string;
  /** How far past the threshold: value divided by threshold, or the model's own measure with 1 as its threshold; no unit. */
  score: number;
  /** What was measured; unit: that of `unit`. */
  value: number;
  /** What it was measured against; unit: that of `unit`. */
  threshold: number;
  /** Unit of value and threshold: 'packets/s', 'bits/s', 'addresses' and so on; no unit. */
  unit: string;
  /** Figures, the weightiest first. */
  evidence: Evidence[];
  /** What contributes most, at most 16. */
  elements: ContributingElement[];
  /** Model that scored it; empty where none did; no unit. */
  model: string;
  /** SHA-256 of that model's file, hexadecimal; empty where none did; no unit. */
  modelHash: string;
}

/** The schema's text, as it is registered. */
export const ANOMALY_SCHEMA =
  '{"type":"record","name":"Anomaly","namespace":"netweaver.detection","doc":"Something out of the ordinary about a subject: when it was seen first, as it goes on, and that it is over.","fields":[{"name":"subject","type":"string","doc":"What it is about: an address, a prefix, `<device>/<ifIndex>`, a link, a device, or `network`; no unit."},{"name":"subjectKind","type":"string","doc":"\'host\', \'prefix\', \'interface\', \'link\', \'device\' or \'network\'; no unit."},{"name":"kind","type":"string","doc":"What it is: \'syn-flood\', \'udp-amplification\', \'volumetric\', \'carpet-bombing\', \'horizontal-scan\', \'vertical-scan\', \'super-spreader\', \'flash-crowd\', \'pattern-change\', \'reconstruction\', \'interface-errors\', \'topology-flap\' and so on; no unit."},{"name":"phase","type":"string","doc":"\'began\', \'goes-on\' or \'over\'; no unit."},{"name":"began","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it began by the detector\'s reckoning, in milliseconds since the epoch; with subject, kind and detector it names the anomaly."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Event time up to which this record speaks, in milliseconds since the epoch."},{"name":"detector","type":"string","doc":"Which detector says so; no unit."},{"name":"severity","type":"string","doc":"\'info\' (ordinary though large), \'warning\' or \'critical\'; no unit."},{"name":"score","type":"double","doc":"How far past the threshold: value divided by threshold, or the model\'s own measure with 1 as its threshold; no unit."},{"name":"value","type":"double","doc":"What was measured; unit: that of `unit`."},{"name":"threshold","type":"double","doc":"What it was measured against; unit: that of `unit`."},{"name":"unit","type":"string","doc":"Unit of value and threshold: \'packets/s\', \'bits/s\', \'addresses\' and so on; no unit."},{"name":"evidence","type":{"type":"array","items":{"type":"record","name":"Evidence","doc":"One figure that speaks for it.","fields":[{"name":"name","type":"string","doc":"What the figure is, such as \'distinct sources\'; no unit."},{"name":"value","type":"double","doc":"The figure; unit: that of `unit`."},{"name":"usual","type":"double","doc":"What it usually is for this subject; not a number where not known; unit: that of `unit`."},{"name":"unit","type":"string","doc":"Unit of both; empty: none; no unit."}]}},"doc":"Figures, the weightiest first."},{"name":"elements","type":{"type":"array","items":{"type":"record","name":"ContributingElement","doc":"One element that contributes.","fields":[{"name":"kind","type":"string","doc":"\'source\', \'destination\', \'port\', \'prefix\', \'interface\', \'link\' or \'device\'; no unit."},{"name":"id","type":"string","doc":"Which; no unit."},{"name":"share","type":"double","doc":"Its share of the value, 0 to 1; not a number where not known; no unit."}]}},"doc":"What contributes most, at most 16."},{"name":"model","type":"string","doc":"Model that scored it; empty where none did; no unit.","default":""},{"name":"modelHash","type":"string","doc":"SHA-256 of that model\'s file, hexadecimal; empty where none did; no unit.","default":""}]}';

function putEvidence(value: Evidence): void {
  writer.string(value.name);
  writer.double(value.value);
  writer.double(value.usual);
  writer.string(value.unit);
}

function putContributingElement(value: ContributingElement): void {
  writer.string(value.kind);
  writer.string(value.id);
  writer.double(value.share);
}

function putAnomaly(value: Anomaly): void {
  writer.string(value.subject);
  writer.string(value.subjectKind);
  writer.string(value.kind);
  writer.string(value.phase);
  writer.long(value.began);
  writer.long(value.time);
  writer.string(value.detector);
  writer.string(value.severity);
  writer.double(value.score);
  writer.double(value.value);
  writer.double(value.threshold);
  writer.string(value.unit);
  if (value.evidence.length > 0) writer.long(value.evidence.length);
  for (const row of value.evidence) putEvidence(row);
  writer.long(0);
  if (value.elements.length > 0) writer.long(value.elements.length);
  for (const row of value.elements) putContributingElement(row);
  writer.long(0);
  writer.string(value.model);
  writer.string(value.modelHash);
}

const takeEvidence = (reader: AvroReader): Evidence => ({
    name: reader.string(),
    value: reader.double(),
    usual: reader.double(),
    unit: reader.string(),
});

const takeContributingElement = (reader: AvroReader): ContributingElement => ({
    kind: reader.string(),
    id: reader.string(),
    share: reader.double(),
});

const takeAnomaly = (reader: AvroReader): Anomaly => ({
    subject: reader.string(),
    subjectKind: reader.string(),
    kind: reader.string(),
    phase: reader.string(),
    began: reader.long(),
    time: reader.long(),
    detector: reader.string(),
    severity: reader.string(),
    score: reader.double(),
    value: reader.double(),
    threshold: reader.double(),
    unit: reader.string(),
    evidence: takeRows(reader, 18, takeEvidence),
    elements: takeRows(reader, 10, takeContributingElement),
    model: reader.string(),
    modelHash: reader.string(),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeAnomaly(value: Anomaly, schemaId: number): Buffer {
  writer.begin(schemaId);
  putAnomaly(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeAnomaly(value: Uint8Array): Anomaly {
  objectReader.begin(value);
  const result = takeAnomaly(objectReader);
  objectReader.finish();
  return result;
}

/** Anomaly with its code, as a topic holds it. */
export const ANOMALY: RecordType<Anomaly> = { name: 'netweaver.detection.Anomaly', schema: ANOMALY_SCHEMA, encode: encodeAnomaly, decode: decodeAnomaly };

/** Most bytes that one Evidence takes, the UTF-8 of name, unit left out. */
export const EVIDENCE_MAX_BYTES = 32;

/** Rows of Evidence as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class EvidenceColumns {
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
  at(row: number): Evidence {
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
      if (p > end) throw malformed('The bytes end within Evidence.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where EVIDENCE_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeEvidence(target: Buffer, position: number, columns: EvidenceColumns, row: number): number {
  let p = position;
  p = writeString(target, p, columns.name[row]);
  p = writeDouble(target, p, columns.value[row]);
  p = writeDouble(target, p, columns.usual[row]);
  p = writeString(target, p, columns.unit[row]);
  return p;
}

/** Most bytes that one ContributingElement takes, the UTF-8 of kind, id left out. */
export const CONTRIBUTING_ELEMENT_MAX_BYTES = 24;

/** Rows of ContributingElement as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class ContributingElementColumns {
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
  at(row: number): ContributingElement {
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
      if (p > end) throw malformed('The bytes end within ContributingElement.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where CONTRIBUTING_ELEMENT_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeContributingElement(target: Buffer, position: number, columns: ContributingElementColumns, row: number): number {
  let p = position;
  p = writeString(target, p, columns.kind[row]);
  p = writeString(target, p, columns.id[row]);
  p = writeDouble(target, p, columns.share[row]);
  return p;
}

/** Anomaly with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class AnomalyColumns {
  /** What it is about: an address, a prefix, `<device>/<ifIndex>`, a link, a device, or `network`; no unit. */
  subject = '';
  /** 'host', 'prefix', 'interface', 'link', 'device' or 'network'; no unit. */
  subjectKind = '';
  /** What it is: 'syn-flood', 'udp-amplification', 'volumetric', 'carpet-bombing', 'horizontal-scan', 'vertical-scan', 'super-spreader', 'flash-crowd', 'pattern-change', 'reconstruction', 'interface-errors', 'topology-flap' and so on; no unit. */
  kind = '';
  /** 'began', 'goes-on' or 'over'; no unit. */
  phase = '';
  /** When it began by the detector's reckoning, in milliseconds since the epoch; with subject, kind and detector it names the anomaly. */
  began = 0;
  /** Event time up to which this record speaks, in milliseconds since the epoch. */
  time = 0;
  /** Which detector says so; no unit. */
  detector = '';
  /** 'info' (ordinary though large), 'warning' or 'critical'; no unit. */
  severity = '';
  /** How far past the threshold: value divided by threshold, or the model's own measure with 1 as its threshold; no unit. */
  score = 0;
  /** What was measured; unit: that of `unit`. */
  value = 0;
  /** What it was measured against; unit: that of `unit`. */
  threshold = 0;
  /** Unit of value and threshold: 'packets/s', 'bits/s', 'addresses' and so on; no unit. */
  unit = '';
  /** Figures, the weightiest first. */
  readonly evidence = new EvidenceColumns();
  /** What contributes most, at most 16. */
  readonly elements = new ContributingElementColumns();
  /** Model that scored it; empty where none did; no unit. */
  model = '';
  /** SHA-256 of that model's file, hexadecimal; empty where none did; no unit. */
  modelHash = '';
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 32;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.subject = reader.string();
      this.subjectKind = reader.string();
      this.kind = reader.string();
      this.phase = reader.string();
      this.began = reader.long();
      this.time = reader.long();
      this.detector = reader.string();
      this.severity = reader.string();
      this.score = reader.double();
      this.value = reader.double();
      this.threshold = reader.double();
      this.unit = reader.string();
      this.evidence.decode(reader);
      this.elements.decode(reader);
      this.model = reader.string();
      this.modelHash = reader.string();
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
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeAnomalyColumns(columns: AnomalyColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.string(columns.subject);
  writer.string(columns.subjectKind);
  writer.string(columns.kind);
  writer.string(columns.phase);
  writer.long(columns.began);
  writer.long(columns.time);
  writer.string(columns.detector);
  writer.string(columns.severity);
  writer.double(columns.score);
  writer.double(columns.value);
  writer.double(columns.threshold);
  writer.string(columns.unit);
  if (columns.evidence.length > 0) writer.long(columns.evidence.length);
  for (let row = 0; row < columns.evidence.length; row++) {
    writer.reserve(EVIDENCE_MAX_BYTES + 3 * columns.evidence.name[row].length + 3 * columns.evidence.unit[row].length);
    writer.position = writeEvidence(writer.bytes, writer.position, columns.evidence, row);
  }
  writer.long(0);
  if (columns.elements.length > 0) writer.long(columns.elements.length);
  for (let row = 0; row < columns.elements.length; row++) {
    writer.reserve(CONTRIBUTING_ELEMENT_MAX_BYTES + 3 * columns.elements.kind[row].length + 3 * columns.elements.id[row].length);
    writer.position = writeContributingElement(writer.bytes, writer.position, columns.elements, row);
  }
  writer.long(0);
  writer.string(columns.model);
  writer.string(columns.modelHash);
  return writer.finish();
}
