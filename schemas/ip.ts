/**
 * IP addresses between text, the wire (0, 4 or 16 bytes) and column rows (16 bytes).
 *
 * Text is dotted decimal, or RFC 5952's form for IPv6; `''` is no address. In a column row IPv4 is IPv4-mapped
 * (`::ffff:a.b.c.d`) and none is all zero. Three things that mean the same are made one: an IPv4-mapped IPv6 address is
 * the IPv4 address, and `::` is none.
 */

/** Bytes of an address in a column. */
export const IP_ROW = 16;

/** The third 32-bit word, little-endian, of an IPv4-mapped row: bytes 00 00 ff ff. */
export const IPV4_MAPPED_WORD = -65536;

if (new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1) throw new Error('NetWeaver needs a little-endian machine.');

/** Text of the row of 16 bytes at `offset`: `''` for none, dotted decimal for IPv4-mapped, else RFC 5952. */
export function formatIpRow(bytes: Uint8Array, offset = 0): string {
  let zeros = 0;
  while (zeros < IP_ROW && bytes[offset + zeros] === 0) zeros++;
  if (zeros === IP_ROW) return '';
  if (zeros === 10 && bytes[offset + 10] === 255 && bytes[offset + 11] === 255) return formatIpv4(bytes, offset + 12);
  return formatIpv6(bytes, offset);
}

/** Dotted decimal of the 4 bytes at `offset`. */
export function formatIpv4(bytes: Uint8Array, offset = 0): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

/** RFC 5952: lower case, no leading zeros, the first of the longest runs of two or more zero groups as `::`. */
function formatIpv6(bytes: Uint8Array, offset: number): string {
  let bestStart = -1;
  let bestLength = 1;
  for (let group = 0, run = 0; group < 8; group++) {
    run = bytes[offset + 2 * group] === 0 && bytes[offset + 2 * group + 1] === 0 ? run + 1 : 0;
    if (run > bestLength) {
      bestLength = run;
      bestStart = group - run + 1;
    }
  }
  let text = '';
  for (let group = 0; group < 8; group++) {
    if (group === bestStart) {
      text += '::';
      group += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += ((bytes[offset + 2 * group] << 8) | bytes[offset + 2 * group + 1]).toString(16);
  }
  return text;
}

/** Writes the row of 16 bytes for an address's text; false (and nothing certain written) where it is none. */
export function parseIpRow(text: string, target: Uint8Array, offset = 0): boolean {
  target.fill(0, offset, offset + IP_ROW);
  if (text === '') return true;
  if (!text.includes(':')) {
    target[offset + 10] = 255;
    target[offset + 11] = 255;
    return parseIpv4(text, target, offset + 12);
  }
  return parseIpv6(text, target, offset);
}

function parseIpv4(text: string, target: Uint8Array, offset: number): boolean {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return false;
  for (let i = 0; i < 4; i++) {
    const octet = Number(match[i + 1]);
    if (octet > 255) return false;
    target[offset + i] = octet;
  }
  return true;
}

function parseIpv6(text: string, target: Uint8Array, offset: number): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groupsOf = (half: string): string[] => (half === '' ? [] : half.split(':'));
  const head = groupsOf(halves[0]);
  const tail = halves.length === 2 ? groupsOf(halves[1]) : [];
  const ending = halves.length === 2 ? tail : head;
  const last = ending[ending.length - 1];
  const dotted = last !== undefined && last.includes('.');
  if (dotted) ending.pop();
  const groups = head.length + tail.length + (dotted ? 2 : 0);
  if (halves.length === 2 ? groups > 7 : groups !== 8) return false;
  const put = (parts: readonly string[], at: number): boolean =>
    parts.every((part, i) => {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return false;
      const value = parseInt(part, 16);
      target[offset + at + 2 * i] = value >>> 8;
      target[offset + at + 2 * i + 1] = value;
      return true;
    });
  const tailAt = IP_ROW - 2 * tail.length - (dotted ? 4 : 0);
  return put(head, 0) && put(tail, tailAt) && (!dotted || parseIpv4(last, target, offset + 12));
}

/** True where the four words of an address column from `at` on hold an IPv4 address. */
export const isIpv4At = (words: Int32Array, at: number): boolean => words[at + 2] === IPV4_MAPPED_WORD && (words[at] | words[at + 1]) === 0;
