// Made from system/turns.avsc by `npm run generate`. Change the schema, not this file.
import { AvroReader, AvroWriter, grown, malformed, takeRows, writeLong, writeString } from '../avro';
import type { RecordType } from '../avro';

const writer = new AvroWriter();
const objectReader = new AvroReader();

/** What came between two records of the input: records of one table, or a silence. */
export interface Turn {
  /** Offset of the input from which on nothing had been read: the turn comes before the record there; no unit. */
  sourceOffset: number;
  /** Topic of the table that was read; empty: none, it is a silence; no unit. */
  table: string;
  /** Offset after the last record that was read of the table; no unit. */
  next: number;
  /** How many were read; where compaction has left fewer, a replay cannot see what the processor saw; no unit. */
  records: number;
  /** Of a silence: until when, in milliseconds since the epoch; else 0. */
  silentUntil: number;
}

/** In which order a processor that joins topics read them: what it put out depends on it, and it is read again in this order when the log is replayed. Written with every transaction that took records of a table. */
export interface Turns {
  /** The processor; no unit. */
  component: string;
  /** Topic that is its input; no unit. */
  sourceTopic: string;
  /** Partition of the input and of the tables; no unit. */
  sourcePartition: number;
  /** In their order. */
  turns: Turn[];
}

/** The schema's text, as it is registered. */
export const TURNS_SCHEMA =
  '{"type":"record","name":"Turns","namespace":"netweaver.system","doc":"In which order a processor that joins topics read them: what it put out depends on it, and it is read again in this order when the log is replayed. Written with every transaction that took records of a table.","fields":[{"name":"component","type":"string","doc":"The processor; no unit."},{"name":"sourceTopic","type":"string","doc":"Topic that is its input; no unit."},{"name":"sourcePartition","type":"int","doc":"Partition of the input and of the tables; no unit."},{"name":"turns","type":{"type":"array","items":{"type":"record","name":"Turn","doc":"What came between two records of the input: records of one table, or a silence.","fields":[{"name":"sourceOffset","type":"long","doc":"Offset of the input from which on nothing had been read: the turn comes before the record there; no unit."},{"name":"table","type":"string","doc":"Topic of the table that was read; empty: none, it is a silence; no unit."},{"name":"next","type":"long","doc":"Offset after the last record that was read of the table; no unit."},{"name":"records","type":"int","doc":"How many were read; where compaction has left fewer, a replay cannot see what the processor saw; no unit."},{"name":"silentUntil","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Of a silence: until when, in milliseconds since the epoch; else 0."}]}},"doc":"In their order."}]}';

function putTurn(value: Turn): void {
  writer.long(value.sourceOffset);
  writer.string(value.table);
  writer.long(value.next);
  writer.int(value.records);
  writer.long(value.silentUntil);
}

function putTurns(value: Turns): void {
  writer.string(value.component);
  writer.string(value.sourceTopic);
  writer.int(value.sourcePartition);
  if (value.turns.length > 0) writer.long(value.turns.length);
  for (const row of value.turns) putTurn(row);
  writer.long(0);
}

const takeTurn = (reader: AvroReader): Turn => ({
    sourceOffset: reader.long(),
    table: reader.string(),
    next: reader.long(),
    records: reader.int(),
    silentUntil: reader.long(),
});

const takeTurns = (reader: AvroReader): Turns => ({
    component: reader.string(),
    sourceTopic: reader.string(),
    sourcePartition: reader.int(),
    turns: takeRows(reader, 5, takeTurn),
});

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeTurns(value: Turns, schemaId: number): Buffer {
  writer.begin(schemaId);
  putTurns(value);
  return writer.finish();
}

/** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED */
export function decodeTurns(value: Uint8Array): Turns {
  objectReader.begin(value);
  const result = takeTurns(objectReader);
  objectReader.finish();
  return result;
}

/** Turns with its code, as a topic holds it. */
export const TURNS: RecordType<Turns> = { name: 'netweaver.system.Turns', schema: TURNS_SCHEMA, encode: encodeTurns, decode: decodeTurns };

/** Most bytes that one Turn takes, the UTF-8 of table left out. */
export const TURN_MAX_BYTES = 37;

/** Rows of Turn as columns. `length` rows are in use; the arrays may be longer and are replaced by `reserve` and `decode`. */
export class TurnColumns {
  length = 0;
  /** Byte offset of each row in the `bytes` of the batch it was decoded from; one more for the end of the last. */
  rowStart: Int32Array = new Int32Array(1);
  /** Offset of the input from which on nothing had been read: the turn comes before the record there; no unit. */
  sourceOffset: Float64Array = new Float64Array(0);
  /** Topic of the table that was read; empty: none, it is a silence; no unit. */
  table: string[] = [];
  /** Offset after the last record that was read of the table; no unit. */
  next: Float64Array = new Float64Array(0);
  /** How many were read; where compaction has left fewer, a replay cannot see what the processor saw; no unit. */
  records: Int32Array = new Int32Array(0);
  /** Of a silence: until when, in milliseconds since the epoch; else 0. */
  silentUntil: Float64Array = new Float64Array(0);
  protected capacity = 0;

  /** Makes room for so many rows; what is there is kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const capacity = Math.max(64, rows, 2 * this.capacity);
    this.rowStart = grown(this.rowStart, capacity + 1);
    this.sourceOffset = grown(this.sourceOffset, capacity);
    this.next = grown(this.next, capacity);
    this.records = grown(this.records, capacity);
    this.silentUntil = grown(this.silentUntil, capacity);
    this.capacity = capacity;
  }

  /** One row as an object. */
  at(row: number): Turn {
    return {
      sourceOffset: this.sourceOffset[row],
      table: this.table[row],
      next: this.next[row],
      records: this.records[row],
      silentUntil: this.silentUntil[row],
    };
  }

  /** Reads an array's blocks. Rows of later blocks are moved up to the earlier, so that all rows lie one after the other. */
  decode(reader: AvroReader): void {
    this.length = 0;
    this.rowStart[0] = reader.position;
    for (let count = reader.block(5); count > 0; count = reader.block(5)) {
      if (this.length === 0) this.rowStart[0] = reader.position;
      this.reserve(this.length + count);
      this.decodeRows(reader, count);
    }
  }

  protected decodeRows(reader: AvroReader, count: number): void {
    const { bytes, end } = reader;
    const { rowStart, sourceOffset: sourceOffsetColumn, table: tableColumn, next: nextColumn, records: recordsColumn, silentUntil: silentUntilColumn } = this;
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
          if (b > 31) throw malformed('sourceOffset is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) sourceOffsetColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        sourceOffsetColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      reader.position = p;
      tableColumn[i] = reader.string();
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
          if (b > 31) throw malformed('next is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) nextColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        nextColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
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
          if (b > 15) throw malformed('records is beyond 32 bits.');
          v |= b << 28;
        }}}
      }
      recordsColumn[i] = (v >>> 1) ^ -(v & 1);
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
          if (b > 31) throw malformed('silentUntil is beyond 2^53.');
          h |= b << 21;
        }}}}}}
      }
      if (h === 0) silentUntilColumn[i] = (v >>> 1) ^ -(v & 1);
      else {
        const x = h * 134217728 + (v >>> 1);
        silentUntilColumn[i] = (v & 1) === 1 ? -1 - x : x;
      }
      if (p > end) throw malformed('The bytes end within Turn.');
      if (gap > 0) bytes.copyWithin(rowStart[i], rowStart[i] + gap, p);
      rowStart[i + 1] = p - gap;
    }
    this.length = first + count;
    reader.position = p;
  }
}

/** Writes one row at `position`, where TURN_MAX_BYTES bytes and the texts must have room; the new position. @throws NW_SCHEMA_MALFORMED a number that is not whole or beyond 2^53. */
export function writeTurn(target: Buffer, position: number, columns: TurnColumns, row: number): number {
  let p = position;
  let v = 0;
  let x = 0;
  x = columns.sourceOffset[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  p = writeString(target, p, columns.table[row]);
  x = columns.next[row];
  v = x | 0;
  if (v === x) {
    v = ((v << 1) ^ (v >> 31)) >>> 0;
    while (v > 127) {
      target[p++] = v | 128;
      v >>>= 7;
    }
    target[p++] = v;
  } else p = writeLong(target, p, x);
  v = columns.records[row];
  v = ((v << 1) ^ (v >> 31)) >>> 0;
  while (v > 127) {
    target[p++] = v | 128;
    v >>>= 7;
  }
  target[p++] = v;
  x = columns.silentUntil[row];
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

/** Turns with its arrays as columns. One instance decodes many values, one after the other, and keeps its memory. */
export class TurnsColumns {
  /** The processor; no unit. */
  component = '';
  /** Topic that is its input; no unit. */
  sourceTopic = '';
  /** Partition of the input and of the tables; no unit. */
  sourcePartition = 0;
  /** In their order. */
  readonly turns = new TurnColumns();
  /** A copy of the value last decoded, where `rowStart` of the columns points into. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly reader = new AvroReader();

  /** Decodes a value with the Confluent prefix; the id is not looked at. @throws NW_SCHEMA_MALFORMED: then there are no rows. */
  decode(value: Uint8Array): void {
    const room = value.length + 37;
    if (this.bytes.length < room) this.bytes = Buffer.alloc(Math.max(room, 2 * this.bytes.length));
    this.bytes.set(value);
    this.bytes.fill(0, value.length, room);
    const { reader } = this;
    try {
      reader.begin(this.bytes, value.length);
      this.component = reader.string();
      this.sourceTopic = reader.string();
      this.sourcePartition = reader.int();
      this.turns.decode(reader);
      reader.finish();
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** No rows. */
  clear(): void {
    this.turns.length = 0;
  }
}

/** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED a value that the schema does not allow. */
export function encodeTurnsColumns(columns: TurnsColumns, schemaId: number): Buffer {
  writer.begin(schemaId);
  writer.string(columns.component);
  writer.string(columns.sourceTopic);
  writer.int(columns.sourcePartition);
  if (columns.turns.length > 0) writer.long(columns.turns.length);
  for (let row = 0; row < columns.turns.length; row++) {
    writer.reserve(TURN_MAX_BYTES + 3 * columns.turns.table[row].length);
    writer.position = writeTurn(writer.bytes, writer.position, columns.turns, row);
  }
  writer.long(0);
  return writer.finish();
}
