/**
 * Flows that last long are told when they end, or now and then: what they carry a second, in three cells: packets, bytes, and their mean length in seconds.
 */

/** Adds long flows that ended: each goes on, as far as anybody knows, for as long as it was. */
export function addLong(doubles: Float64Array, at: number, packets: number, bytes: number, seconds: number): void {
  if (!(packets > 0)) return;
  const before = doubles[at];
  doubles[at + 2] = (before * doubles[at + 2] + seconds) / (before + packets);
  // A flow of length d fades with d: over its own length that makes d times its rate, as much as it had.
  doubles[at] += packets;
  doubles[at + 1] += bytes;
}

/** Time goes on by so many milliseconds: what is known of long flows fades with their length. */
export function fadeLong(doubles: Float64Array, at: number, elapsedMs: number): void {
  const left = doubles[at + 2] > 0 ? Math.exp(-elapsedMs / 1000 / doubles[at + 2]) : 0;
  doubles[at] *= left;
  doubles[at + 1] *= left;
}
