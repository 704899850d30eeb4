import { placeOf } from '../../infra/log/log';
import type { ComponentCounters, Telemetry } from '../../infra/telemetry/telemetry';
import type { Task } from './task';

/** What a worker says of itself. */
export class WorkerMetrics {
  private readonly counters: ComponentCounters;
  private readonly commits;
  private readonly commitSeconds;
  private readonly restores;
  private readonly restoreSeconds;
  private readonly lag;
  private readonly entries;
  private readonly bytes;

  constructor(
    telemetry: Telemetry,
    private readonly processor: string,
  ) {
    const labels = ['processor'] as const;
    this.counters = telemetry.component('processor', processor);
    this.commits = telemetry.counter('processor_commits', 'Transactions committed.', labels);
    this.commitSeconds = telemetry.counter('processor_commit_seconds', 'Time spent in commits; unit: seconds.', labels);
    this.restores = telemetry.counter('processor_restores', 'Times that state was restored from the changelog.', labels);
    this.restoreSeconds = telemetry.counter('processor_restore_seconds', 'Time spent in restoring; unit: seconds.', labels);
    this.lag = telemetry.gauge('processor_lag', 'Records of the input that are not yet processed.', [...labels, 'partition']);
    this.entries = telemetry.gauge('processor_state_entries', 'Entries of the state stores.', labels);
    this.bytes = telemetry.gauge('processor_state_bytes', 'Memory of the state stores; unit: bytes.', labels);
  }

  committed(tasks: ReadonlyMap<number, Task>, input: string, lag: ReadonlyMap<string, number>, seconds: number): void {
    const { processor } = this;
    this.commits.inc({ processor });
    this.commitSeconds.inc({ processor }, seconds);
    for (const [partition, task] of tasks) {
      task.tally.flushTo(this.counters);
      this.lag.set({ processor, partition: String(partition) }, lag.get(placeOf({ topic: input, partition })) ?? 0);
    }
    this.sizes(tasks);
  }

  restored(tasks: ReadonlyMap<number, Task>, seconds: number): void {
    this.restores.inc({ processor: this.processor });
    this.restoreSeconds.inc({ processor: this.processor }, seconds);
    this.sizes(tasks);
  }

  private sizes(tasks: ReadonlyMap<number, Task>): void {
    let entries = 0;
    let bytes = 0;
    for (const task of tasks.values()) {
      entries += task.size.entries;
      bytes += task.size.bytes;
    }
    this.entries.set({ processor: this.processor }, entries);
    this.bytes.set({ processor: this.processor }, bytes);
  }
}
