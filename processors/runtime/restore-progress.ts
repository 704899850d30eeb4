import type { Logger } from 'pino';
import type { LogRecord } from '../../infra/log/log';
import type { WorkerMetrics } from './worker-metrics';

/** How often a line of the log tells how far it is. */
const TELL_MS = 5000;

/** How far a worker is with restoring its state: of the offsets that are to be read, those that were. What a local copy spares counts as read. */
export class RestoreProgress {
  private total = 0;
  private done = 0;
  private records = 0;
  private bytes = 0;
  private copies = 0;
  private readonly began = performance.now();
  private toldAt = this.began;

  constructor(
    private readonly processor: string,
    private readonly logger: Logger,
    private readonly metrics: WorkerMetrics,
  ) {
    metrics.restoring(0);
  }

  /** `restoring state 42 %` */
  get text(): string {
    return `restoring state ${this.percent} %`;
  }

  /** Offsets from one up to but not including the other are to be read. Call the answer with each record: compaction and transactions leave gaps. */
  range(from: number, to: number): (record: LogRecord) => void {
    this.total += Math.max(0, to - from);
    let next = from;
    return ({ offset, key, value }) => {
      this.done += offset + 1 - next;
      next = offset + 1;
      this.records++;
      this.bytes += (key?.length ?? 0) + (value?.length ?? 0);
      if ((this.records & 127) === 0 && performance.now() - this.toldAt >= TELL_MS) this.tell();
    };
  }

  /** So many need not be read: a local copy holds what they left. */
  spared(offsets: number): void {
    this.copies++;
    this.total += offsets;
    this.done += offsets;
  }

  /** All was read. */
  finish(partitions: number): void {
    const seconds = (performance.now() - this.began) / 1000;
    this.metrics.restoring(1);
    this.metrics.restoreRead(this.records, this.bytes);
    if (this.records + this.copies === 0) return;
    const { processor, records, bytes, copies } = this;
    this.logger.info({ processor, partitions, copies, records, bytes, seconds: Number(seconds.toFixed(3)) }, 'state restored');
  }

  private get percent(): number {
    return this.total === 0 ? 0 : Math.min(99, Math.floor((100 * this.done) / this.total));
  }

  private tell(): void {
    this.toldAt = performance.now();
    this.metrics.restoring(this.percent / 100);
    const { processor, percent, records, bytes } = this;
    this.logger.info({ processor, percent, records, bytes }, 'restoring state');
  }
}
