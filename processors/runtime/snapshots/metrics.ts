import type { Telemetry } from '../../../infra/telemetry/telemetry';

/** Why a copy was thrown away. */
export type Refusal = 'before-begin' | 'beyond-end' | 'damaged' | 'other-changelog';

/** What is said of the local copies of changelogs. */
export class SnapshotMetrics {
  private readonly loads;
  private readonly refusals;
  private readonly saves;
  private readonly saveSeconds;
  private readonly bytes;
  private readonly failures;

  constructor(
    telemetry: Telemetry,
    private readonly processor: string,
  ) {
    const labels = ['processor'] as const;
    this.loads = telemetry.counter('processor_snapshot_loads', 'Partitions whose state was restored from the local copy of the changelog and what came after it.', labels);
    this.refusals = telemetry.counter('processor_snapshot_refusals', 'Local copies of a changelog that were thrown away, by reason.', [...labels, 'reason']);
    this.saves = telemetry.counter('processor_snapshot_saves', 'Writings of the local copies of changelogs.', labels);
    this.saveSeconds = telemetry.counter('processor_snapshot_save_seconds', 'Time that they took, beside the work; unit: seconds.', labels);
    this.bytes = telemetry.counter('processor_snapshot_bytes', 'Bytes written to the local copies of changelogs.', labels);
    this.failures = telemetry.counter('processor_snapshot_failures', 'Times that a local copy of a changelog could not be opened or written.', labels);
  }

  loaded(): void {
    this.loads.inc({ processor: this.processor });
  }

  refused(reason: Refusal): void {
    this.refusals.inc({ processor: this.processor, reason });
  }

  saved(changes: ReadonlyMap<string, Buffer | null>, seconds: number): void {
    const { processor } = this;
    let bytes = 0;
    for (const value of changes.values()) bytes += value?.length ?? 0;
    this.saves.inc({ processor });
    this.saveSeconds.inc({ processor }, seconds);
    this.bytes.inc({ processor }, bytes);
  }

  failed(): void {
    this.failures.inc({ processor: this.processor });
  }
}
