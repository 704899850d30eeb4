import { IPV4_MAPPED_WORD } from '../../../schemas/ip';

/** PGCOPY signature, flags and header extension (PostgreSQL manual, COPY, "Binary Format"). */
const HEADER = Buffer.from('5047434f50590aff0d0a00' + '00000000' + '00000000', 'hex');
/** 2000-01-01, where PostgreSQL counts from; milliseconds since the epoch. */
export const POSTGRES_EPOCH_MS = 946_684_800_000;
const TWO_32 = 4_294_967_296;
const JSONB_VERSION = 1;
const FAMILY_IPV4 = 2;
const FAMILY_IPV6 = 3;

/**
 * Rows in PostgreSQL's binary COPY format, written one field after the other into one buffer that grows and is used again.
 * Every field is its length (4 bytes, big-endian; -1 for NULL) and its value. The caller reserves a row's room first.
 */
export class CopyBuffer {
  bytes: Buffer = Buffer.allocUnsafeSlow(65_536);
  view = new DataView(this.bytes.buffer);
  position = HEADER.length;
  rows = 0;

  constructor() {
    this.bytes.set(HEADER);
  }

  /** Forgets the rows, keeps the memory. */
  clear(): void {
    this.position = HEADER.length;
    this.rows = 0;
  }

  /** Goes back to where `position` and `rows` were. */
  truncate(position: number, rows: number): void {
    this.position = position;
    this.rows = rows;
  }

  /** Makes room for so many bytes. */
  reserve(length: number): void {
    if (this.bytes.length - this.position >= length + 2) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.position + length + 2));
    this.bytes.copy(larger, 0, 0, this.position);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  /** The whole message, header and end included; valid until the next row. */
  finished(): Buffer {
    this.reserve(0);
    this.view.setInt16(this.position, -1);
    return this.bytes.subarray(0, this.position + 2);
  }

  /** Begins a row of so many fields, none of them longer than 20 bytes but texts, which reserve for themselves. */
  row(fields: number): void {
    this.reserve(2 + fields * 24);
    this.view.setInt16(this.position, fields);
    this.position += 2;
    this.rows++;
  }

  null(): void {
    this.view.setInt32(this.position, -1);
    this.position += 4;
  }

  smallint(value: number): void {
    this.view.setInt32(this.position, 2);
    this.view.setInt16(this.position + 4, value);
    this.position += 6;
  }

  integer(value: number): void {
    this.view.setInt32(this.position, 4);
    this.view.setInt32(this.position + 4, value);
    this.position += 8;
  }

  /** Beyond a 64-bit number the largest one. */
  bigint(value: number): void {
    this.view.setInt32(this.position, 8);
    putInt64(this.view, this.position + 4, value);
    this.position += 12;
  }

  boolean(value: boolean): void {
    this.view.setInt32(this.position, 1);
    this.view.setInt8(this.position + 4, value ? 1 : 0);
    this.position += 5;
  }

  double(value: number): void {
    this.view.setInt32(this.position, 8);
    this.view.setFloat64(this.position + 4, value);
    this.position += 12;
  }

  /** @param ms milliseconds since the epoch */
  timestamp(ms: number): void {
    this.bigint((ms - POSTGRES_EPOCH_MS) * 1000);
  }

  /** Zero bytes are taken out: PostgreSQL's text has none. */
  text(value: string): void {
    const clean = value.includes('\0') ? value.replaceAll('\0', '') : value;
    const length = Buffer.byteLength(clean);
    // What follows in this row keeps its room.
    this.reserve(4 + length + 1024);
    this.view.setInt32(this.position, length);
    this.bytes.write(clean, this.position + 4);
    this.position += 4 + length;
  }

  /** Text that lies as UTF-8 in `source` from `at` to `end`; zero bytes are taken out. */
  utf8(source: Buffer, at: number, end: number): void {
    this.reserve(4 + end - at + 1024);
    const { bytes } = this;
    let p = this.position + 4;
    for (let i = at; i < end; i++) {
      const byte = source[i];
      // Zeros, and whatever might not be UTF-8, by way of a string.
      if (byte === 0 || byte > 127) return this.text(source.toString('utf8', at, end));
      bytes[p++] = byte;
    }
    this.view.setInt32(this.position, end - at);
    this.position = p;
  }

  /** jsonb: the version of its binary form, then the text, which has no zero characters. */
  jsonb(json: string): void {
    const length = Buffer.byteLength(json);
    this.reserve(5 + length + 1024);
    this.view.setInt32(this.position, length + 1);
    this.bytes[this.position + 4] = JSONB_VERSION;
    this.bytes.write(json, this.position + 5);
    this.position += 5 + length;
  }

  /** An address of a column, 4 little-endian words from `word`; NULL for none. */
  inet(words: Int32Array, word: number): void {
    this.position = putAddress(this.view, this.position, words, word, -1);
  }

  /** A prefix of a column: an address with its bits beyond `mask` cleared; NULL for none. */
  cidr(words: Int32Array, word: number, mask: number): void {
    this.position = putAddress(this.view, this.position, words, word, mask);
  }
}

/** Writes a whole number as 8 bytes, big-endian. */
export function putInt64(view: DataView, position: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  if (high > 0x7fffffff) {
    view.setInt32(position, 0x7fffffff);
    view.setInt32(position + 4, -1);
    return;
  }
  view.setInt32(position, high);
  view.setUint32(position + 4, value - high * TWO_32);
}

/**
 * Writes an inet field with its length, or with `mask` ≥ 0 a cidr field: family, bits, is_cidr, length, address. Returns the
 * new position.
 */
export function putAddress(view: DataView, position: number, words: Int32Array, word: number, mask: number): number {
  const a = words[word];
  const b = words[word + 1];
  const c = words[word + 2];
  const d = words[word + 3];
  if ((a | b) === 0 && c === IPV4_MAPPED_WORD) {
    view.setInt32(position, 8);
    const bits = mask < 0 || mask > 32 ? 32 : mask;
    view.setInt32(position + 4, (FAMILY_IPV4 << 24) | (bits << 16) | ((mask < 0 ? 0 : 1) << 8) | 4);
    view.setInt32(position + 8, d, true);
    if (bits < 32) view.setInt32(position + 8, view.getInt32(position + 8) & networkMask(bits));
    return position + 12;
  }
  if ((a | b | c | d) === 0) {
    view.setInt32(position, -1);
    return position + 4;
  }
  view.setInt32(position, 20);
  const bits = mask < 0 || mask > 128 ? 128 : mask;
  view.setInt32(position + 4, (FAMILY_IPV6 << 24) | (bits << 16) | ((mask < 0 ? 0 : 1) << 8) | 16);
  view.setInt32(position + 8, a, true);
  view.setInt32(position + 12, b, true);
  view.setInt32(position + 16, c, true);
  view.setInt32(position + 20, d, true);
  for (let i = 0; bits < 128 && i < 4; i++) {
    const at = position + 8 + 4 * i;
    view.setInt32(at, view.getInt32(at) & networkMask(Math.min(32, Math.max(0, bits - 32 * i))));
  }
  return position + 24;
}

const networkMask = (bits: number): number => (bits === 0 ? 0 : -1 << (32 - bits));
