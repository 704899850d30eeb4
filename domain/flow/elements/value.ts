/** An element's bytes as a value for people: RFC 7011 section 6.1 by abstract data type, with reduced sizes (section 6.2). */
import { formatIpRow, formatIpv4 } from '../../../schemas/ip';
import type { ElementType } from './element';

/** Of structured data (RFC 6313) lists of values, or of records by their elements' names. */
export type ElementValue = number | string | boolean | readonly ElementValue[] | { readonly [name: string]: ElementValue };

/**
 * The value of the `length` bytes at `at`. Numbers that a double does not hold are decimal texts, times ISO 8601, octets hexadecimal.
 * A length that the type cannot have, and a type that is not known, leave it to the bytes: text where they are printable, else a number
 * where they are few, else hexadecimal.
 */
export function valueOf(type: ElementType | undefined, s: Uint8Array, at: number, length: number): ElementValue {
  const fitting = type === undefined ? undefined : READERS[type]?.(s, at, length);
  return fitting ?? guess(s, at, length);
}

type Reader = (s: Uint8Array, at: number, length: number) => ElementValue | undefined;

const unsigned: Reader = (s, at, length) => {
  if (length === 0 || length > 32) return length === 0 ? 0 : undefined;
  if (length <= 6) return uint(s, at, length);
  const big = BigInt(`0x${hex(s, at, length)}`);
  return big <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(big) : big.toString();
};

const signed: Reader = (s, at, length) => {
  if (length === 0 || length > 8) return length === 0 ? 0 : undefined;
  const big = BigInt.asIntN(length * 8, BigInt(`0x${hex(s, at, length)}`));
  const number = Number(big);
  return Number.isSafeInteger(number) ? number : big.toString();
};

const float: Reader = (s, at, length) => {
  if (length !== 4 && length !== 8) return undefined;
  const view = new DataView(s.buffer, s.byteOffset + at, length);
  const value = length === 4 ? view.getFloat32(0) : view.getFloat64(0);
  return Number.isFinite(value) ? value : String(value);
};

/** Ends at the first zero: exporters fill texts of fixed length up. What is no UTF-8 is no text. */
const string: Reader = (s, at, length) => {
  let end = at;
  while (end < at + length && s[end] !== 0) end++;
  const text = Buffer.from(s.buffer, s.byteOffset + at, end - at).toString('utf8');
  return text.includes('\ufffd') ? hex(s, at, length) : text;
};

const date = (ms: number): string => (ms >= -8.64e15 && ms <= 8.64e15 ? new Date(ms).toISOString() : String(ms));
/** Seconds since 1900 and a fraction of 2^32 (RFC 7011 sections 6.1.9 and 6.1.10). */
const ntpTime =
  (digits: number): Reader =>
  (s, at, length) => {
    if (length !== 8) return undefined;
    const seconds = uint(s, at, 4) - 2208988800;
    const fraction = Math.floor((uint(s, at + 4, 4) * 10 ** digits) / 4294967296);
    return date(seconds * 1000).replace(/\.000Z$/, `.${String(fraction).padStart(digits, '0')}Z`);
  };

const READERS: Partial<Record<ElementType, Reader>> = {
  octetArray: (s, at, length) => hex(s, at, length),
  unsigned8: unsigned,
  unsigned16: unsigned,
  unsigned32: unsigned,
  unsigned64: unsigned,
  unsigned256: unsigned,
  signed8: signed,
  signed16: signed,
  signed32: signed,
  signed64: signed,
  float32: float,
  float64: float,
  // RFC 7011 section 6.1.5: 1 true, 2 false
  boolean: (s, at, length) => (length === 1 && (s[at] === 1 || s[at] === 2) ? s[at] === 1 : undefined),
  macAddress: (s, at, length) => (length === 6 ? hex(s, at, 6).replace(/..(?!$)/g, '$&:') : undefined),
  string,
  dateTimeSeconds: (s, at, length) => (length > 0 && length <= 8 ? date(uint(s, at, length) * 1000) : undefined),
  dateTimeMilliseconds: (s, at, length) => (length > 0 && length <= 8 ? date(uint(s, at, length)) : undefined),
  dateTimeMicroseconds: ntpTime(6),
  dateTimeNanoseconds: ntpTime(9),
  ipv4Address: (s, at, length) => (length === 4 ? formatIpv4(s, at) : undefined),
  ipv6Address: (s, at, length) => (length === 16 ? formatIpRow(s, at) || '::' : undefined),
};

function guess(s: Uint8Array, at: number, length: number): ElementValue {
  const bytes = Buffer.from(s.buffer, s.byteOffset + at, length);
  if (/^[\x20-\x7e]{3,}\0*$/.test(bytes.toString('latin1'))) return bytes.toString('latin1').replace(/\0+$/, '');
  return length > 0 && length <= 8 ? unsigned(s, at, length)! : hex(s, at, length);
}

const hex = (s: Uint8Array, at: number, length: number): string => Buffer.from(s.buffer, s.byteOffset + at, length).toString('hex');

function uint(s: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = at; i < at + length; i++) value = value * 256 + s[i];
  return value;
}
