/**
 * Differences of counters that only grow (RFC 2578 section 7.1.6): one that became smaller has passed its largest number, or
 * has begun anew. Which of both it was is told by what the interface could have carried.
 */

const COUNTER32 = 2 ** 32;
/** Counters beyond this are not carried exactly: sources give this number for all of them. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** What came of two readings of a counter: how much it grew; NaN where that is not known, {@link RESET} where it began anew. */
export const RESET = -1;

/** True where a counter passed the largest number of its 32 bits. */
export const isWrapped = (before: number, now: number): boolean => now < before;

/**
 * How much a counter grew, NaN where one of the readings is missing (NaN) or beyond exact numbers, {@link RESET} where it began anew.
 * @param most what it can have grown by at most; a counter of 64 bits does not wrap in the life of a device
 */
export function difference(before: number, now: number, most: number): number {
  if (before >= LARGEST || now >= LARGEST) return NaN;
  if (!(now < before)) return now - before;
  const wrapped = now + COUNTER32 - before;
  return before < COUNTER32 && wrapped <= most ? wrapped : RESET;
}
