import type { LogProducer, OutgoingRecord } from '../log';
import type { Environment } from './environment';
import { appendFrames, bytesOf, toFrames } from './store';

/**
 * Appends to the embedded log. Appends asked for in one event turn, and those that arrive while a commit is under way, share
 * the next commit.
 *
 * Delivery: exactly once; when the promise resolves the records are on disk, when it rejects none of them is.
 */
export class EmbeddedProducer implements LogProducer {
  private pending = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly env: Environment) {}

  get pendingBytes(): number {
    return this.pending;
  }

  async append(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return;
    const frames = toFrames(records);
    const bytes = bytesOf(frames);
    this.pending += bytes;
    const written = this.env.write(bytes, () => appendFrames(this.env, frames));
    this.last = written.catch(() => undefined);
    try {
      await written;
    } finally {
      this.pending -= bytes;
    }
  }

  async flush(): Promise<void> {
    await this.last;
  }

  async close(): Promise<void> {
    await this.last;
  }
}
