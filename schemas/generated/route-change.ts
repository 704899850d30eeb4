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

/** A hop of the backup path, in order. */
export interface BackupHop {
  /** Device at the end of the link; no unit. */
  node: string;
  /** Link to it; no unit. */
  link: string;
}

/** A hop of one of the next paths, in order. */
export interface AlternativeHop {
  /** Which path: 2 is the next after the new one; no unit. */
  path: number;
  /** Device at the end of the link; no unit. */
  node: string;
  /** Link to it; no unit. */
  link: string;
}

/** The path between two devices, or to a prefix, is another one now. */
export interface RouteChange {
  /** Device where the path begins; no unit. */
  source: string;
  /** Device where it ends: of a path to a prefix, the one that announces it; no unit. */
  target: string;
  /** Prefix that it leads to; empty where it leads to a device; no unit. */
  prefix: string;
  /** Policy that the path keeps to, by whose weights the costs are; empty: the shortest path by the costs of links; no unit. */
  policy: string;
  /** When it was decided, in milliseconds since the epoch: the time of the event that led to it. */
  time: number;
  /** Why: 'first', 'link-down', 'link-up', 'better', 'worse', 'cut-off', 'reachable'; 'policy': a policy has taken the pair, is another one, or has let it go; 'no-path-within-policy': no path keeps to the policy; 'removed': a policy has let go a pair of which no other path is kept; no unit. */
  reason: string;
  /** Link whose change led to it; empty where none did; no unit. */
  link: string;
  /** Cost of the old path at the new costs, of both where there was a backup path; infinite where it cannot be used, or there was none; no unit. */
  oldCost: number;
  /** Cost of the new path, of both where there is a backup path; infinite where there is none; no unit. */
  newCost: number;
  /** How long the change was held back by damping; unit: milliseconds. */
  heldMs: number;
  /** The old path; empty where there was none, or where the source announces the prefix. */
  oldPath: OldHop[];
  /** The new path; empty where there is none, or where the source announces the prefix. */
  newPath: NewHop[];
  /** Second path that the policy asks for, disjoint from the new one; empty where it asks for none. */
  backupPath: BackupHop[];
  /** Next paths by cost within the policy, where it asks for several. */
  alternatives: AlternativeHop[];
}

/** The schema's text, as it is registered. */
export const ROUTE_CHANGE_SCHEMA =
  '{"type":"record","name":"RouteChange","namespace":"netweaver.topology","doc":"The path between two devices, or to a prefix, is another one now.","fields":[{"name":"source","type":"string","doc":"Device where the path begins; no unit."},{"name":"target","type":"string","doc":"Device where it ends: of a path to a prefix, the one that announces it; no unit."},{"name":"prefix","type":"string","doc":"Prefix that it leads to; empty where it leads to a device; no unit."},{"name":"policy","type":"string","doc":"Policy that the path keeps to, by whose weights the costs are; empty: the shortest path by the costs of links; no unit.","default":""},{"name":"time","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was decided, in milliseconds since the epoch: the time of the event that led to it."},{"name":"reason","type":"string","doc":"Why: \'first\', \'link-down\', \'link-up\', \'better\', \'worse\', \'cut-off\', \'reachable\'; \'policy\': a policy has taken the pair, is another one, or has let it go; \'no-path-within-policy\': no path keeps to the policy; \'removed\': a policy has let go a pair of which no other path is kept; no unit."},{"name":"link","type":"string","doc":"Link whose change led to it; empty where none did; no unit."},{"name":"oldCost","type":"double","doc":"Cost of the old path at the new costs, of both where there was a backup path; infinite where it cannot be used, or there was none; no unit."},{"name":"newCost","type":"double","doc":"Cost of the new path, of both where there is a backup path; infinite where there is none; no unit."},{"name":"heldMs","type":"long","doc":"How long the change was held back by damping; unit: milliseconds."},{"name":"oldPath","type":{"type":"array","items":{"type":"record","name":"OldHop","doc":"A hop of the old path, in order.","fields":[{"name":"node","type":"string","doc":"Device at the end of the link; no unit."},{"name":"link","type":"string","doc":"Link to it; no unit."}]}},"doc":"The old path; empty where there was none, or where the source announces the prefix."},{"name":"newPath","type":{"type":"array","items":{"type":"record","name":"NewHop","doc":"A hop of the new path, in order.","fields":[{"name":"node","type":"string","doc":"Device at the end of the link; no unit."},{"name":"link","type":"string","doc":"Link to it; no unit."}]}},"doc":"The new path; empty where there is none, or where the source announces the prefix."},{"name":"backupPath","type":{"type":"array","items":{"type":"record","name":"BackupHop","doc":"A hop of the backup path, in order.","fields":[{"name":"node","type":"string","doc":"Device at the end of the link; no unit."},{"name":"link","type":"string","doc":"Link to it; no unit."}]}},"doc":"Second path that the policy asks for, disjoint from the new one; empty where it asks for none.","default":[]},{"name":"alternatives","type":{"type":"array","items":{"type":"record","name":"AlternativeHop","doc":"A hop of one of the next paths, in order.","fields":[{"name":"path","type":"int","doc":"Which path: 2 is the next after the new one; no unit."},{"name":"node","type":"string","doc":"Device at the end of the link; no unit."},{"name":"link","type":"string","doc":"Link to it; no unit."}]}},"doc":"Next paths by cost within the policy, where it asks for several.","default":[]}]}';

function putOldHop(value: OldHop): void {
  writer.string(value.node);
  writer.string(value.link);
}

function putNewHop(value: NewHop): void {
  writer.string(value.node);
  writer.string(value.link);
}

function putBackupHop(value: BackupHop): void {
  writer.string(value.node);
  writer.string(value.link);
}

function putAlternativeHop(value: AlternativeHop): void {
  writer.int(value.path);
  writer.string(value.node);
  writer.string(value.link);
}

function putRouteChange(value: RouteChange): void {
  writer.string(value.source);
  writer.string(value.target);
  writer.string(value.prefix);
  writer.string(value.policy);
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
  if (value.backupPath.length > 0) writer.long(value.backupPath.length);
  for (const row of value.backupPath) putBackupHop(row);
  writer.long(0);
  if (value.alternatives.length > 0) writer.long(value.alternatives.length);
  for (const row of value.alternatives) putAlternativeHop(row);
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

const takeBackupHop = (reader: AvroReader): BackupHop => ({
    node: reader.string(),
    link: reader.string(),
});

const takeAlternativeHop = (reader: AvroReader): AlternativeHop => ({
    path: reader.int(),
    node: reader.string(),
    link: reader.string(),
});

const takeRouteChange = (reader: AvroReader): RouteChange => ({
    source: reader.string(),
    target: reader.string(),
    prefix: reader.string(),
    policy: reader.string(),
    time: reader.long(),
    reason: reader.string(),
    link: reader.string(),
    oldCost: reader.double(),
    newCost: reader.double(),
    heldMs: reader.long(),
    oldPath: takeRows(reader, 2, takeOldHop),
    newPath: takeRows(reader, 2, takeNewHop),
    backupPath: takeRows(reader, 2, takeBackupHop),
    alternatives: takeRows(reader, 3, takeAlternativeHop),
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
  protected capacity = 0;

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

  protected decodeRows(reader: AvroReader, count: number): void {
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
  protected capacity = 0;

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

  protected decodeRows(reader: AvroReader, count: number): void {
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

/** Most bytes that one BackupHop takes, the UTF-8 of node, link left out. */
export const BACKUP_HOP_MAX_BYTES = 16;

/** Rows of BackupHop as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class BackupHopColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Device at the end of the link; no unit. */
  node: string[] = [];
  /** Link to it; no unit. */
  link: string[] = [];
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): BackupHop {
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

  protected decodeRows(reader: AvroReader, count: number): void {
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
      if (p > end) throw malformed('The bytes end within BackupHop.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where BACKUP_HOP_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeBackupHop(target: Buffer, position: number, columns: BackupHopColumns, row: number): number {
  let p = position;
  p = writeString(target, p, columns.node[row]);
  p = writeString(target, p, columns.link[row]);
  return p;
}

/** Most bytes that one AlternativeHop takes, the UTF-8 of node, link left out. */
export const ALTERNATIVE_HOP_MAX_BYTES = 21;

/** Rows of AlternativeHop as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class AlternativeHopColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Which path: 2 is the next after the new one; no unit. */
  path: Int32Array = new Int32Array(0);
  /** Device at the end of the link; no unit. */
  node: string[] = [];
  /** Link to it; no unit. */
  link: string[] = [];
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.path = grown(this.path, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): AlternativeHop {
    return {
      path: this.path[row],
      node: this.node[row],
      link: this.link[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(3); count > 0; count = reader.block(3)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, path: pathColumn, node: nodeColumn, link: linkColumn } = this;
    const first = this.length;
    const gap = reader.position - rowStart[first];
    let p = reader.position;
    let b = 0, v = 0;
    for (let i = first, last = first + count; i < last; i++) {
      b = bytes[p++];
      v = b & 127;
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
          if (b > 15) throw malformed('path is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      pathColumn[i] = (v >>> 1) ^ -(v & 1);
      reader.position = p;
      nodeColumn[i] = reader.string();
      p = reader.position;
      reader.position = p;
      linkColumn[i] = reader.string();
      p = reader.position;
      if (p > end) throw malformed('The bytes end within AlternativeHop.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where ALTERNATIVE_HOP_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeAlternativeHop(target: Buffer, position: number, columns: AlternativeHopColumns, row: number): number {
  let p = position;
  let v = 0;
  v = columns.path[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  p = writeString(target, p, columns.node[row]);
  p = writeString(target, p, columns.link[row]);
  return p;
}

/** RouteChange with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class RouteChangeColumns {
  /** Device where the path begins; no unit. */
  source = '';
  /** Device where it ends: of a path to a prefix, the one that announces it; no unit. */
  target = '';
  /** Prefix that it leads to; empty where it leads to a device; no unit. */
  prefix = '';
  /** Policy that the path keeps to, by whose weights the costs are; empty: the shortest path by the costs of links; no unit. */
  policy = '';
  /** When it was decided, in milliseconds since the epoch: the time of the event that led to it. */
  time = 0;
  /** Why: 'first', 'link-down', 'link-up', 'better', 'worse', 'cut-off', 'reachable'; 'policy': a policy has taken the pair, is another one, or has let it go; 'no-path-within-policy': no path keeps to the policy; 'removed': a policy has let go a pair of which no other path is kept; no unit. */
  reason = '';
  /** Link whose change led to it; empty where none did; no unit. */
  link = '';
  /** Cost of the old path at the new costs, of both where there was a backup path; infinite where it cannot be used, or there was none; no unit. */
  oldCost = 0;
  /** Cost of the new path, of both where there is a backup path; infinite where there is none; no unit. */
  newCost = 0;
  /** How long the change was held back by damping; unit: milliseconds. */
  heldMs = 0;
  /** The old path; empty where there was none, or where the source announces the prefix. */
  readonly oldPath = new OldHopColumns();
  /** The new path; empty where there is none, or where the source announces the prefix. */
  readonly newPath = new NewHopColumns();
  /** Second path that the policy asks for, disjoint from the new one; empty where it asks for none. */
  readonly backupPath = new BackupHopColumns();
  /** Next paths by cost within the policy, where it asks for several. */
  readonly alternatives = new AlternativeHopColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 21;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.source = reader.string();
      this.target = reader.string();
      this.prefix = reader.string();
      this.policy = reader.string();
      this.time = reader.long();
      this.reason = reader.string();
      this.link = reader.string();
      this.oldCost = reader.double();
      this.newCost = reader.double();
      this.heldMs = reader.long();
      this.oldPath.decode(reader);
      this.newPath.decode(reader);
      this.backupPath.decode(reader);
      this.alternatives.decode(reader);
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
    this.backupPath.length = 0;
    this.alternatives.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeRouteChangeColumns(columns: RouteChangeColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.string(columns.source);
  writer.string(columns.target);
  writer.string(columns.prefix);
  writer.string(columns.policy);
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
  if (columns.backupPath.length > 0) writer.long(columns.backupPath.length);
  for (let row = 0; row < columns.backupPath.length; row++) {
    writer.reserve(BACKUP_HOP_MAX_BYTES + 3 * columns.backupPath.node[row].length + 3 * columns.backupPath.link[row].length);
    writer.position = writeBackupHop(writer.bytes, writer.position, columns.backupPath, row);
  }
  writer.long(0);
  if (columns.alternatives.length > 0) writer.long(columns.alternatives.length);
  for (let row = 0; row < columns.alternatives.length; row++) {
    writer.reserve(ALTERNATIVE_HOP_MAX_BYTES + 3 * columns.alternatives.node[row].length + 3 * columns.alternatives.link[row].length);
    writer.position = writeAlternativeHop(writer.bytes, writer.position, columns.alternatives, row);
  }
  writer.long(0);
  return writer.finish();
}
