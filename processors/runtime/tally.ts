import type { ComponentCounters } from '../../infra/telemetry/telemetry';

/** Counts of a transaction: they reach the metrics when it is committed, and not at all when it is aborted. */
export class Tally {
  private in = 0;
  private out = 0;
  /** Rows sent before their window was over, because there was no room for more. */
  early = 0;
  private readonly errors = new Map<string, number>();
  private readonly reasons = new Map<string, number>();

  received(rows: number): void {
    this.in += rows;
  }

  sent(rows: number): void {
    this.out += rows;
  }

  sentEarly(rows: number): void {
    this.early += rows;
  }

  error(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  discarded(reason: string, rows: number): void {
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + rows);
  }

  /** Rows let go so far, by reason. */
  get discards(): ReadonlyMap<string, number> {
    return this.reasons;
  }

  /** Adds the counts to the metrics and begins again. */
  flushTo(counters: ComponentCounters): void {
    if (this.in > 0) counters.received(this.in);
    if (this.out > 0) counters.sent(this.out);
    for (const [code, count] of this.errors) counters.error(code, count);
    for (const [reason, rows] of this.reasons) counters.discarded(reason, rows);
    this.reset();
  }

  reset(): void {
    this.in = 0;
    this.out = 0;
    this.early = 0;
    this.errors.clear();
    this.reasons.clear();
  }
}
