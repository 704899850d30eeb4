/**
 * Differences of counters that only grow (RFC 2578 section 7.1.6): one that became smaller has passed its largest number, or
 * has begun anew. Which of both it was is told by what the interface could have carried.
 *
 * Counters of 64 bits are carried modulo 2^53, which divides 2^64: passing either looks the same, and differences are exact.
 */

const COUNTER32 = 2 ** 32;
const COUNTER64 = 2 ** 53;

/** What came of two readings of a counter: how much it grew; NaN where that is not known, {@link RESET} where it began anew. */
export const RESET = -1;

/** True where a counter, if it was not reset, passed its largest number. */
export const isWrapped = (before: number, now: number): boolean => now < before;

/**
 * How much a counter grew, NaN where one of the readings is missing (NaN), {@link RESET} where it began anew.
 * @param most what it can have grown by at most
 */
export function difference(before: number, now: number, most: number): number {
  if (!(now < before)) return now - before;
  const grown32 = now + (COUNTER32 - before);
  if (before < COUNTER32 && grown32 <= most) return grown32;
  const grown64 = now + (COUNTER64 - before);
  return grown64 <= most ? grown64 : RESET;
}
