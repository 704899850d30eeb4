import { addressBytes } from './sources';

/** A prefix: the 4 or 16 bytes of its address, and its length in bits. */
export interface Prefix {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** A prefix from its text, `192.0.2.0/24`, `2001:db8::/32`, or an address alone; throws an Error that says what is wrong. */
export function parsePrefix(text: string): Prefix {
  const [address, length, ...rest] = text.split('/');
  const bytes = addressBytes(address);
  const bits = length === undefined ? 8 * bytes.length : Number(length);
  if (rest.length > 0 || !/^\d{0,3}$/.test(length ?? '') || length === '' || bits > 8 * bytes.length) throw new Error(`${text} has no such prefix length`);
  return { bytes, bits };
}
