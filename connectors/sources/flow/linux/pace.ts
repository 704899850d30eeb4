/** How long a receiver waits before it looks at its sockets again. */

/** Datagrams that should have come by then: enough for the wake-up to be cheap beside them, few enough to still be in the caches. */
const WANTED = 128;
/** What a burst may bring before the receiver looks: bytes of receive buffer a millisecond, as the kernel counts them. */
const BURST_BYTES_PER_MS = 131_072;

/**
 * A pause that adapts to the load: as long as {@link WANTED} datagrams take to come, judged by the last second or so; never longer than
 * `longestMs`, nor than a burst of 128 MB/s would take to fill `receiveBuffer` bytes; never shorter than a millisecond.
 */
export class Pace {
  readonly longestMs: number;
  /** Datagrams a millisecond, smoothed: quick to rise, slow to fall. */
  private rate = 0;

  constructor(longestMs: number, receiveBuffer: number) {
    this.longestMs = Math.max(1, Math.min(longestMs, Math.floor(receiveBuffer / BURST_BYTES_PER_MS)));
  }

  /** Milliseconds, whole, until the next look, where the last one found `datagrams` that had come within `elapsedMs`. */
  next(datagrams: number, elapsedMs: number): number {
    const now = datagrams / Math.max(1, elapsedMs);
    this.rate = now > this.rate ? now : this.rate + (now - this.rate) / 16;
    const wanted = Math.floor(WANTED / Math.max(this.rate, 1e-3));
    return Math.max(1, Math.min(this.longestMs, wanted));
  }
}
