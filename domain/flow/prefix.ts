/** Addresses and prefixes from their text. */
import { IP_ROW, parseIpRow } from '../../schemas/ip';

/** A prefix: the 4 or 16 bytes of its address, and its length in bits. One of IPv6 holds no address of IPv4. */
export interface Prefix {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** An address's 4 or 16 bytes (an IPv4-mapped one's 4); a zone is left out; null where the text is none. */
export function parseAddress(text: string): Uint8Array | null {
  const row = new Uint8Array(IP_ROW);
  if (text === '' || !parseIpRow(text.replace(/%.*$/, ''), row)) return null;
  const mapped = row.every((byte, i) => i >= 12 || byte === (i < 10 ? 0 : 255));
  return mapped ? row.slice(12) : row;
}

/** As {@link parseAddress}; throws an Error where the text is none. */
export function addressBytes(text: string): Uint8Array {
  const bytes = parseAddress(text);
  if (bytes === null) throw new Error(`${text} is no IP address`);
  return bytes;
}

/** A prefix from its text, `192.0.2.0/24`, `2001:db8::/32`, or an address alone; throws an Error that says what is wrong. */
export function parsePrefix(text: string): Prefix {
  const [address, length, ...rest] = text.split('/');
  const bytes = addressBytes(address);
  if (length === undefined) return { bytes, bits: 8 * bytes.length };
  const bits = Number(length) - (bytes.length === 4 && address.includes(':') ? 96 : 0);
  if (rest.length > 0 || !/^\d{1,3}$/.test(length) || bits < 0 || bits > 8 * bytes.length) throw new Error(`${text} has no such prefix length`);
  return { bytes, bits };
}

/** True where an address of 4 or 16 bytes lies within the prefix. */
export function isWithin(address: Uint8Array, { bytes, bits }: Prefix): boolean {
  if (bytes.length !== address.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes[i] !== address[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (bytes[whole] ^ address[whole]) >> (8 - rest) === 0;
}
