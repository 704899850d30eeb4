/** Addresses and prefixes as numbers of 128 bits, IPv4 within ::ffff:0:0/96. */
import { IP_ROW, parseIpRow } from '../../../schemas/ip';

/** A prefix. */
export interface Prefix {
  readonly row: Uint8Array;
  /** 0 to 128; those of IPv4 are 96 more than written. */
  readonly bits: number;
}

/** The 16 bytes of an address; null where the text is none. */
export function parseAddress(text: string): Uint8Array | null {
  const row = new Uint8Array(IP_ROW);
  return text !== '' && parseIpRow(text, row) ? row : null;
}

/** A prefix `address/bits`; null where the text is none. */
export function parsePrefix(text: string): Prefix | null {
  const [address, length, ...more] = text.split('/');
  const row = parseAddress(address);
  if (row === null || more.length > 0 || !/^\d{1,3}$/.test(length ?? '')) return null;
  const bits = Number(length) + (address.includes(':') ? 0 : 96);
  return bits <= 128 ? { row, bits } : null;
}

/** True where the address lies within the prefix. */
export function isWithin(address: Uint8Array, { row, bits }: Prefix): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== row[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (address[whole] ^ row[whole]) >> (8 - rest) === 0;
}
