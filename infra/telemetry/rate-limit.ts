/** Keys remembered at once; the oldest goes first. */
const MAX_KEYS = 256;

/**
 * For errors on hot paths: `write` is called at once for the first of a key and then at most once an interval, with the
 * number that was held back since. Memory is bounded.
 */
export class RateLimited {
  private readonly seen = new Map<string, { writtenAt: number; held: number }>();

  constructor(
    private readonly intervalMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param key what makes two errors the same, e.g. exporter and code */
  note(key: string, write: (heldBack: number) => void): void {
    const at = this.now();
    const entry = this.seen.get(key);
    if (entry !== undefined && at - entry.writtenAt < this.intervalMs) {
      entry.held++;
      return;
    }
    this.seen.delete(key);
    if (this.seen.size >= MAX_KEYS) this.seen.delete(this.seen.keys().next().value!);
    this.seen.set(key, { writtenAt: at, held: 0 });
    write(entry?.held ?? 0);
  }
}
