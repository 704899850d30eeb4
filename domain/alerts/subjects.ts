/** Subjects as text: addresses and prefixes that hold one another, patterns. */
import { formatIpRow, formatIpv4 } from '../../schemas/ip';
import { isWithin, parseAddress, parsePrefix, type Prefix } from '../flow/prefix';

/** A host or prefix as a prefix; null where the text is neither. */
export function prefixOf(subject: string): Prefix | null {
  try {
    return parsePrefix(subject);
  } catch {
    return null;
  }
}

/** True where the first holds the second, or is the same. */
export const holds = (outer: Prefix, inner: Prefix): boolean => outer.bits <= inner.bits && isWithin(inner.bytes, outer);

/** Lengths of the prefixes whose hosts are taken together; unit: bits. */
export interface GroupBits {
  readonly ipv4: number;
  readonly ipv6: number;
}

/** The prefix of that length that a host, or a longer prefix, lies in, as text; null where it is no address or is wider itself. */
export function groupPrefix(subject: string, { ipv4, ipv6 }: GroupBits): string | null {
  const prefix = prefixOf(subject);
  if (prefix === null) return null;
  const bits = prefix.bytes.length === 4 ? ipv4 : ipv6;
  if (prefix.bits < bits) return null;
  const bytes = prefix.bytes.map((byte, i) => byte & (0xff << Math.max(0, Math.min(8, 8 * (i + 1) - bits))));
  return `${bytes.length === 4 ? formatIpv4(bytes) : formatIpRow(bytes)}/${bits}`;
}

/** What decides whether a subject is meant. */
export type SubjectTest = (subject: string) => boolean;

/**
 * A test of subjects by a pattern: a prefix (`198.51.100.0/24`) or address is met by the addresses and prefixes in it; anything else is text with `*` for any characters
 * and `?` for one.
 */
export function subjectTest(pattern: string): SubjectTest {
  const prefix = prefixOf(pattern);
  if (prefix !== null) {
    return (subject) => {
      const of = parseAddress(subject) !== null || subject.includes('/') ? prefixOf(subject) : null;
      return of !== null && holds(prefix, of);
    };
  }
  const expression = new RegExp(`^${[...pattern].map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char.replace(/[\\^$.|+()[\]{}]/g, '\\$&'))).join('')}$`, 'su');
  return (subject) => expression.test(subject);
}
