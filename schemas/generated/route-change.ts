// Made from topology/route-change.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeString } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** A hop of the old path, in order. */
export interface OldHop {
  /** Device at the end of the link; no unit. */
  node: string;
  /** Link to it; no unit. */
  link: string;
}

/** A hop of the new path, in order. */
export interface NewHop {
  /** Device at the end of the link; no unit. */
  node: string;
  /** Link to it; no unit. */
  link: string;
}

/** The path between two devices, or to a prefix, is another one now. */
export interface RouteChange {
  /** Device where the path begins; no unit. */
  source: string;
  /** Device where it ends; no unit. */
  target: string;
  /** Prefix behind the target for which it holds; empty: all of them; no unit. */
  prefix: string;
  /** When it was decided, in milliseconds since the epoch: the time of the event that led to it. */
  time: number;
  /** Why: 'first', 'link-down', 'link-up', 'better', 'worse', 'cut-off', 'reachable', 'removed'; no unit. */
  reason: string;
  /** Link whose change led to it; empty where none did; no unit. */
  link: string;
  /** Cost of the old path at the new costs; infinite where it cannot be used, or there was none; no unit. */
  oldCost: number;
  /** Cost of the new path; infinite where there is none; no unit. */
  newCost: number;
  /** How long the change was held back by damping; unit: milliseconds. */
  heldMs: number;
  /** The old path; empty where there was none. */
  oldPath: OldHop[];
  /** The new path; empty where there is none. */
  newPath: NewHop[];
}

/** The schema's text, as it is registered. */
export const ROUTE_CHANGE_SCHEMA =
  '{"type":"record","name":"RouteChange","namespace":"netweaver.topology","doc":"The path between two devices, or to a prefix, is another one now.","fields":[{"name":"source","type":"string","doc":"Device where the path begins; no unit."},{"name":"target","type":"string","doc":"Device where it ends; no unit."},{"name":"prefix","type":"string","doc":"Prefix behind the target for which it holds; empty: all of them; no unit."},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was decided, in milliseconds since the epoch: the time of the event that led to it."},{"name":"reason","type":"string","doc":"Why: \'first\', \'link-down\', \'link-up\', \'better\', \'worse\', \'cut-off\', \'reachable\', \'removed\'; no unit."},{"name":"link","type":"string","doc":"Link whose change led to it; empty where none did; no unit."},{"name":"oldCost","type":"double","doc":"Cost of the old path at the new costs; infinite where it cannot be used, or there was none; no unit."},{"name":"newCost","type":"double","doc":"Cost of the new path; infinite where there is none; no unit."},{"name":"heldMs","type":"long","doc":"How long the change was held back by damping; unit: milliseconds."},{"name":"oldPath","type":{"type":"array","items":{"type":"record","name":"OldHop","doc":"A hop of the old path, in order.","fields":[{"name":"node","type":"string","doc":"Device at the end of the link; no unit."},{"name":"link","type":"string","doc":"Link to it; no unit."}]}},"doc":"The old path; empty where there was none."},{"name":"newPath","type":{"type":"array","items":{"type":"record","name":"NewHop","doc":"A hop of the new path, in order.","fields":[{"name":"node","type":"string","doc":"Device at the end of the link; no unit."},{"name":"link","type":"string","doc":"Link to it; no unit."}]}},"doc":"The new path; empty where there is none."}]}';

function putOldHop(value: OldHop): void {
  writer.string(value.node);
  writer.string(value.link);
}

function putNewHop(value: NewHop): void {
  writer.string(value.node);
  writer.string(value.link);
}

function putRouteChange(value: RouteChange): void {
  writer.string(value.source);
  writer.string(value.target);
  writer.string(value.prefix);
  writer.long(value.time);
  writer.string(value.reason);
  writer.string(value.link);
  writer.double(value.oldCost);
  writer.double(value.newCost);
  writer.long(value.heldMs);
  if (value.oldPath.length > 0) writer.long(value.oldPath.length);
  for (const row of value.oldPath) putOldHop(row);
  writer.long(0);
  if (value.newPath.length > 0) writer.long(value.newPath.length);
  for (const row of value.newPath) putNewHop(row);
  writer.long(0);
}

const takeOldHop = (reader: AvroReader): OldHop => ({
    node: reader.string(),
    link: reader.string(),
});

const takeNewHop = (reader: AvroReader): NewHop => ({
    node: reader.string(),
    link: reader.string(),
});

const takeRouteChange = (reader: AvroReader): RouteChange => ({
    source: reader.string(),
    target: reader.string(),
    prefix: reader.string(),
    time: reader.long(),
    reason: reader.string(),
    link: reader.string(),
    oldCost: reader.double(),
    newCost: reader.double(),
    heldMs: reader.long(),
    oldPath: takeRows(reader, 2, takeOldHop),
    newPath: takeRows(reader, 2, takeNewHop),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeRouteChange(value: RouteChange, schemaId: number): Buffer {
  writer.begin(schemaId);
  putRouteChange(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeRouteChange(value: Uint8Array): RouteChange {
  objectReader.begin(value);
  const result = takeRouteChange(objectReader);
  objectReader.finish();
  return result;
}

/** RouteChange with its code, as a topic holds it. */
export const ROUTE_CHANGE: RecordType<RouteChange> = { name: 'netweaver.topology.RouteChange', schema: ROUTE_CHANGE_SCHEMA, encode: encodeRouteChange, decode: decodeRouteChange };

/** Most bytes that one OldHop takes, the UTF-8 of node, link left out. */
export const OLD_HOP_MAX_BYTES = 16;

/** Rows of OldHop as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class OldHopColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Device at the end of the link; no unit. */
  node: string[] = [];
  /** Link to it; no unit. */
  link: string[] = [];
  private capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): OldHop {
    return {
      node: this.node[row],
      link: this.link[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(2); count > 0; count = reader.block(2)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  private decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, node: nodeColumn, link: linkColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      nodeColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      linkColumn[i] = reader.string();
      p = reader.position;
      if (p > end) throw malformed('The bytes end within OldHop.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where OLD_HOP_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeOldHop(target: Buffer, position: number, columns: OldHopColumns, row: number): number {
  let p = position;
  p = writeString(target, p, columns.node[row]);
  p = writeString(target, p, columns.link[row]);
  return p;
}

/** Most bytes that one NewHop takes, the UTF-8 of node, link left out. */
export const NEW_HOP_MAX_BYTES = 16;

/** Rows of NewHop as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class NewHopColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Device at the end of the link; no unit. */
  node: string[] = [];
  /** Link to it; no unit. */
  link: string[] = [];
  private capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): NewHop {
    return {
      node: this.node[row],
      link: this.link[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(2); count > 0; count = reader.block(2)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  private decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, node: nodeColumn, link: linkColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    for (let i = first, last = first + count; i < last; i++) {
      reader.position = p;
      nodeColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      linkColumn[i] = reader.string();
      p = reader.position;
      if (p > end) throw malformed('The bytes end within NewHop.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where NEW_HOP_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeNewHop(target: Buffer, position: number, columns: NewHopColumns, row: number): number {
  let p = position;
  p = writeString(target, p, columns.node[row]);
  p = writeString(target, p, columns.link[row]);
  return p;
}

/** RouteChange with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class RouteChangeColumns {
  /** Device where the path begins; no unit. */
  source = '';
  /** Device where it ends; no unit. */
  target = '';
  /** Prefix behind the target for which it holds; empty: all of them; no unit. */
  prefix = '';
  /** When it was decided, in milliseconds since the epoch: the time of the event that led to it. */
  time = 0;
  /** Why: 'first', 'link-down', 'link-up', 'better', 'worse', 'cut-off', 'reachable', 'removed'; no unit. */
  reason = '';
  /** Link whose change led to it; empty where none did; no unit. */
  link = '';
  /** Cost of the old path at the new costs; infinite where it cannot be used, or there was none; no unit. */
  oldCost = 0;
  /** Cost of the new path; infinite where there is none; no unit. */
  newCost = 0;
  /** How long the change was held back by damping; unit: milliseconds. */
  heldMs = 0;
  /** The old path; empty where there was none. */
  readonly oldPath = new OldHopColumns();
  /** The new path; empty where there is none. */
  readonly newPath = new NewHopColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 16;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.source = reader.string();
      this.target = reader.string();
      this.prefix = reader.string();
      this.time = reader.long();
      this.reason = reader.string();
      this.link = reader.string();
      this.oldCost = reader.double();
      this.newCost = reader.double();
      this.heldMs = reader.long();
      this.oldPath.decode(reader);
      this.newPath.decode(reader);
      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
    this.oldPath.length = 0;
    this.newPath.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeRouteChangeColumns(columns: RouteChangeColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.string(columns.source);
  writer.string(columns.target);
  writer.string(columns.prefix);
  writer.long(columns.time);
  writer.string(columns.reason);
  writer.string(columns.link);
  writer.double(columns.oldCost);
  writer.double(columns.newCost);
  writer.long(columns.heldMs);
  if (columns.oldPath.length > 0) writer.long(columns.oldPath.length);
  for (let row = 0; row < columns.oldPath.length; row++) {
    writer.reserve(OLD_HOP_MAX_BYTES + 3 * columns.oldPath.node[row].length + 3 * columns.oldPath.link[row].length);
    writer.position = writeOldHop(writer.bytes, writer.position, columns.oldPath, row);
  }
  writer.long(0);
  if (columns.newPath.length > 0) writer.long(columns.newPath.length);
  for (let row = 0; row < columns.newPath.length; row++) {
    writer.reserve(NEW_HOP_MAX_BYTES + 3 * columns.newPath.node[row].length + 3 * columns.newPath.link[row].length);
    writer.position = writeNewHop(writer.bytes, writer.position, columns.newPath, row);
  }
  writer.long(0);
  return writer.finish();
}
