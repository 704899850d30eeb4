/**
 * Avro's binary encoding (specification 1.11, "Binary Encoding") with the Confluent prefix: what the generated encoders
 * and decoders stand on. Bytes are those that avsc writes. Every read is checked; a lie in the bytes is NW_SCHEMA_MALFORMED.
 */
import { NetWeaverError } from '../infra/errors';
import { WIRE_PREFIX, writeWirePrefix } from '../infra/registry/registry';
import { formatIpRow, formatIpv4, IP_ROW, IPV4_MAPPED_WORD, parseIpRow } from './ip';

/** A record of the schemas with its code: what a topic holds. */
export interface RecordType<T> {
  /** Full name, e.g. `netweaver.flows.FlowBatch`. */
  readonly name: string;
  /** The schema's text, as it is registered. */
  readonly schema: string;
  /** Encodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED */
  encode(value: T, schemaId: number): Buffer;
  /** Decodes with the Confluent prefix. @throws NW_SCHEMA_MALFORMED */
  decode(value: Uint8Array): T;
}

/** The error for bytes, or values, that a schema does not allow. */
export const malformed = (detail: string): NetWeaverError => new NetWeaverError('NW_SCHEMA_MALFORMED', detail);

/** The halves of a long: 27 bits below, 26 above, so that all of 2^53 is reached without BigInt. */
const HALF = 2 ** 27;

/** Most bytes of a long within ±2^53. */
export const LONG_BYTES = 8;

/** The grown copy of a column, whose buffer is its own. */
export function grown<T extends Int32Array | Float64Array | Uint8Array>(column: T, length: number): T {
  const larger = new (column.constructor as new (length: number) => T)(length);
  larger.set(column);
  return larger;
}

/** Writes a long as zigzag varint; returns the new position. @throws NW_SCHEMA_MALFORMED not whole, or beyond ±2^53. */
export function writeLong(target: Uint8Array, position: number, value: number): number {
  if (!(value >= -(2 ** 53) && value < 2 ** 53) || Math.floor(value) !== value) throw malformed(`${value} is not a whole number within 2^53.`);
  const magnitude = value < 0 ? -1 - value : value;
  let high = Math.floor(magnitude / HALF);
  let low = (magnitude - high * HALF) * 2 + (value < 0 ? 1 : 0);
  if (high === 0) {
    while (low > 127) {
      target[position++] = low | 128;
      low >>>= 7;
    }
    target[position++] = low;
    return position;
  }
  target[position++] = low | 128;
  target[position++] = (low >>> 7) | 128;
  target[position++] = (low >>> 14) | 128;
  target[position++] = (low >>> 21) | 128;
  while (high > 127) {
    target[position++] = high | 128;
    high >>>= 7;
  }
  target[position++] = high;
  return position;
}

/** Reads values one after the other. `bytes` may be longer than `end`: what lies behind is never part of a value. */
export class AvroReader {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  position = 0;
  end = 0;
  /** Where a block with a stated size must end; -1 where the block states none. */
  private blockEnd = -1;

  /** Begins a framed value: checks the prefix and stands behind it. */
  begin(bytes: Uint8Array, end = bytes.length): this {
    if (this.bytes !== bytes) {
      this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.end = end;
    this.blockEnd = -1;
    if (end < WIRE_PREFIX || bytes[0] !== 0) throw malformed('The value has no schema id before it.');
    this.position = WIRE_PREFIX;
    return this;
  }

  /** Checks that nothing is left. */
  finish(): void {
    if (this.position !== this.end) throw malformed(`${this.end - this.position} bytes are left after the record.`);
  }

  private byte(): number {
    if (this.position >= this.end) throw malformed('The bytes end within a value.');
    return this.bytes[this.position++];
  }

  /** Checks that so many bytes are left and steps over them; where they began. */
  private take(length: number): number {
    if (length < 0 || length > this.end - this.position) throw malformed(`A length of ${length} where ${this.end - this.position} bytes are left.`);
    const start = this.position;
    this.position += length;
    return start;
  }

  int(): number {
    let bits = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 15) throw malformed('A number is beyond 32 bits.');
      bits |= (byte & 127) << shift;
      if (byte < 128) return (bits >>> 1) ^ -(bits & 1);
    }
  }

  long(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift < 28) low |= (byte & 127) << shift;
      else if (shift === 49 && byte > 31) throw malformed('A number is beyond 2^53.');
      else high |= (byte & 127) << (shift - 28);
      if (byte < 128) break;
    }
    const magnitude = high * HALF + (low >>> 1);
    return (low & 1) === 1 ? -1 - magnitude : magnitude;
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  boolean(): boolean {
    const byte = this.byte();
    if (byte > 1) throw malformed(`${byte} is not a boolean.`);
    return byte === 1;
  }

  string(): string {
    const start = this.take(this.long());
    return this.bytes.toString('utf8', start, this.position);
  }

  /** Steps over a string or bytes. */
  skipBytes(): void {
    this.take(this.long());
  }

  /** A map of strings. */
  texts(): Record<string, string> {
    const entries: [string, string][] = [];
    const outer = this.blockEnd;
    this.blockEnd = -1;
    for (let count = this.block(2); count > 0; count = this.block(2)) {
      for (let i = 0; i < count; i++) entries.push([this.string(), this.string()]);
    }
    this.blockEnd = outer;
    return Object.fromEntries(entries);
  }

  /** Steps over a map of strings. */
  skipTexts(): void {
    const outer = this.blockEnd;
    this.blockEnd = -1;
    for (let count = this.block(2); count > 0; count = this.block(2)) {
      for (let i = 0; i < 2 * count; i++) this.skipBytes();
    }
    this.blockEnd = outer;
  }

  /** Stands at `position` of bytes that were checked before. */
  within(bytes: Buffer, position: number, end: number): this {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
    this.end = end;
    this.blockEnd = -1;
    return this;
  }

  /** A copy. */
  blob(): Buffer {
    const start = this.take(this.long());
    return Buffer.from(this.bytes.subarray(start, this.position));
  }

  /** Text of an address; `''` for none. */
  ip(): string {
    const length = this.byte();
    if (length === 0) return '';
    if (length === 8) return formatIpv4(this.bytes, this.take(4));
    if (length === 32) return formatIpRow(this.bytes, this.take(IP_ROW));
    throw malformed(`An address of ${length >> 1} bytes.`);
  }

  /** Index of a symbol, or of a branch of a union. */
  index(count: number): number {
    const index = this.int();
    if (index < 0 || index >= count) throw malformed(`Index ${index} where there are ${count}.`);
    return index;
  }

  /**
   * Items in the next block of an array, 0 at its end. A negative count, which is followed by the block's size in bytes,
   * is understood. A count that the bytes left cannot hold is refused before anything is allocated for it.
   */
  block(minItemBytes: number): number {
    if (this.blockEnd >= 0 && this.position !== this.blockEnd) throw malformed('A block of an array is not as long as it says.');
    this.blockEnd = -1;
    let count = this.long();
    if (count < 0) {
      count = -count;
      const size = this.long();
      if (size < 0 || size > this.end - this.position) throw malformed(`A block of ${size} bytes where ${this.end - this.position} are left.`);
      this.blockEnd = this.position + size;
    }
    if (count * minItemBytes > this.end - this.position) throw malformed(`An array of ${count} where ${this.end - this.position} bytes are left.`);
    return count;
  }
}

/** Writes values one after the other into a buffer that grows and is used again. */
export class AvroWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(4096);
  position = 0;
  private readonly words = new Int32Array(4);
  private readonly row = new Uint8Array(this.words.buffer);

  /** Begins a framed value. */
  begin(schemaId: number): this {
    writeWirePrefix(this.bytes, schemaId);
    this.position = WIRE_PREFIX;
    return this;
  }

  /** What was written, as a buffer of its own. */
  finish(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.position));
  }

  /** Makes room for so many bytes. */
  reserve(length: number): void {
    if (this.bytes.length - this.position >= length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.position + length));
    this.bytes.copy(larger, 0, 0, this.position);
    this.bytes = larger;
  }

  int(value: number): void {
    if (value !== (value | 0)) throw malformed(`${value} is not a 32-bit number.`);
    this.long(value);
  }

  long(value: number): void {
    this.reserve(LONG_BYTES);
    this.position = writeLong(this.bytes, this.position, value);
  }

  double(value: number): void {
    this.reserve(8);
    this.position = this.bytes.writeDoubleLE(value, this.position);
  }

  boolean(value: boolean): void {
    this.reserve(1);
    this.bytes[this.position++] = value ? 1 : 0;
  }

  string(value: string): void {
    const length = Buffer.byteLength(value);
    this.long(length);
    this.reserve(length);
    this.position += this.bytes.write(value, this.position);
  }

  /** A map of strings, in the order of its keys. */
  texts(value: Readonly<Record<string, string>>): void {
    const entries = Object.entries(value);
    if (entries.length > 0) this.long(entries.length);
    for (const [key, text] of entries) {
      this.string(key);
      this.string(text);
    }
    this.long(0);
  }

  blob(value: Uint8Array): void {
    this.long(value.length);
    this.reserve(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  /** An address from its text; `''` for none. */
  ip(value: string): void {
    if (!parseIpRow(value, this.row)) throw malformed(`'${value}' is not an address.`);
    this.reserve(IP_ROW + 1);
    this.position = writeIpRow(this.bytes, this.position, this.words, 0);
  }

  /** A symbol of an enumeration, by its index in `symbols`. */
  symbol(value: string, symbols: readonly string[]): void {
    const index = symbols.indexOf(value);
    if (index < 0) throw malformed(`'${value}' is none of ${symbols.join(', ')}.`);
    this.long(index);
  }
}

/** Reads an array's items into a list. */
export function takeRows<T>(reader: AvroReader, minItemBytes: number, take: (reader: AvroReader) => T): T[] {
  const rows: T[] = [];
  for (let count = reader.block(minItemBytes); count > 0; count = reader.block(minItemBytes)) {
    for (let i = 0; i < count; i++) rows.push(take(reader));
  }
  return rows;
}

/** Writes a double; the new position. */
export const writeDouble = (target: Buffer, position: number, value: number): number => target.writeDoubleLE(value, position);

/** Writes a string with its length; the new position. */
export function writeString(target: Buffer, position: number, value: string): number {
  const start = writeLong(target, position, Buffer.byteLength(value));
  return start + target.write(value, start);
}

/** Writes the address of a column's row, 4 words from `word`: none, 4 or 16 bytes with their length before; the new position. */
export function writeIpRow(target: Uint8Array, position: number, words: Int32Array, word: number): number {
  const a = words[word];
  const b = words[word + 1];
  const c = words[word + 2];
  const d = words[word + 3];
  if ((a | b) === 0 && c === IPV4_MAPPED_WORD) {
    target[position] = 8;
    writeWord(target, position + 1, d);
    return position + 5;
  }
  if ((a | b | c | d) === 0) {
    target[position] = 0;
    return position + 1;
  }
  target[position] = 32;
  writeWord(target, position + 1, a);
  writeWord(target, position + 5, b);
  writeWord(target, position + 9, c);
  writeWord(target, position + 13, d);
  return position + 17;
}

function writeWord(target: Uint8Array, position: number, word: number): void {
  target[position] = word;
  target[position + 1] = word >>> 8;
  target[position + 2] = word >>> 16;
  target[position + 3] = word >>> 24;
}
