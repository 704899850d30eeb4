import { placeOf } from '../../infra/log/log';
import type { ComponentCounters, Telemetry } from '../../infra/telemetry/telemetry';
import type { Task } from './task';

/** What a worker says of itself. */
export class WorkerMetrics {
  private readonly counters: ComponentCounters;
  private readonly commits;
  private readonly commitTime;
  private readonly wholeTime;
  private readonly aborts;
  private readonly fencings;
  private readonly restores;
  private readonly restoreSeconds;
  private readonly restoreRecords;
  private readonly restoreBytes;
  private readonly restoreShare;
  private readonly lag;
  private readonly tableLag;
  private readonly early;
  private readonly entries;
  private readonly bytes;
  private readonly pauses;
  /** Topics that {@link tableLag} speaks of. */
  private readonly tableTopics = new Set<string>();

  constructor(
    telemetry: Telemetry,
    private readonly processor: string,
  ) {
    const labels = ['processor'] as const;
    this.counters = telemetry.component('processor', processor);
    this.commits = telemetry.counter('processor_commits', 'Transactions committed.', labels);
    this.commitTime = telemetry.durations('processor_commit', 'Time that a commit took: outputs, changelog and positions; unit: seconds.', labels);
    this.wholeTime = telemetry.durations('processor_transaction', 'Time from the first record of a transaction to the end of its commit: what a record waits at most; unit: seconds.', labels);
    this.aborts = telemetry.counter('processor_aborts', 'Transactions undone, by code; NW_LOG_ABORTED also where the partitions were lost to another member.', [...labels, 'code']);
    this.fencings = telemetry.counter('processor_fenced', 'Times that another instance of the same name took over; the process ends then.', labels);
    this.restores = telemetry.counter('processor_restores', 'Times that state was restored.', labels);
    this.restoreSeconds = telemetry.counter('processor_restore_seconds', 'Time spent in restoring; unit: seconds.', labels);
    this.restoreRecords = telemetry.counter('processor_restore_records', 'Records read to restore state, of the changelog and of the input since its last checkpoint.', labels);
    this.restoreBytes = telemetry.counter('processor_restore_bytes', 'Their bytes.', labels);
    this.restoreShare = telemetry.gauge('processor_restored', 'Part of the state that is restored, 0 to 1.', labels);
    this.lag = telemetry.gauge('processor_lag', 'Records of the input that are not yet processed.', [...labels, 'partition']);
    this.tableLag = telemetry.gauge('processor_table_lag', 'Records of a table that is joined with the input which are not yet taken.', [...labels, 'topic', 'partition']);
    this.early = telemetry.counter('processor_early_rows', 'Rows that went out before their window was over, as partial sums, because there was no room for more.', labels);
    this.entries = telemetry.gauge('processor_state_entries', 'Entries of the state stores.', labels);
    this.bytes = telemetry.gauge('processor_state_bytes', 'Memory of the state stores; unit: bytes.', labels);
    this.pauses = telemetry.gauge('processor_paused', '1 while the processor is paused.', labels);
    this.pauses.set({ processor }, 0);
  }

  /** A transaction was committed: how long the commit took, and all since its first record; unit: milliseconds. */
  committed(tasks: ReadonlyMap<number, Task>, commitMs: number, wholeMs: number): void {
    const { processor } = this;
    this.commits.inc({ processor });
    this.commitTime.observe({ processor }, commitMs / 1000);
    this.wholeTime.observe({ processor }, wholeMs / 1000);
    for (const task of tasks.values()) {
      if (task.tally.early > 0) this.early.inc({ processor }, task.tally.early);
      task.tally.flushTo(this.counters);
    }
    this.sizes(tasks);
  }

  /** A transaction was undone. */
  aborted(code: string): void {
    this.aborts.inc({ processor: this.processor, code });
  }

  /** Another instance took over. */
  fenced(): void {
    this.fencings.inc({ processor: this.processor });
  }

  restored(tasks: ReadonlyMap<number, Task>, seconds: number): void {
    this.restores.inc({ processor: this.processor });
    this.restoreSeconds.inc({ processor: this.processor }, seconds);
    this.sizes(tasks);
  }

  /** So much of the state is restored, 0 to 1. */
  restoring(share: number): void {
    this.restoreShare.set({ processor: this.processor }, share);
  }

  /** What was read to restore it. */
  restoreRead(records: number, bytes: number): void {
    this.restoreRecords.inc({ processor: this.processor }, records);
    this.restoreBytes.inc({ processor: this.processor }, bytes);
  }

  /** Lag of the partitions in hand, by {@link placeOf}. */
  lags(tasks: ReadonlyMap<number, Task>, topic: string, lag: ReadonlyMap<string, number>): void {
    for (const partition of tasks.keys()) this.lag.set({ processor: this.processor, partition: String(partition) }, lag.get(placeOf({ topic, partition })) ?? 0);
  }

  /** The same of a table. */
  tableLags(tasks: ReadonlyMap<number, Task>, topic: string, lag: ReadonlyMap<string, number>): void {
    this.tableTopics.add(topic);
    for (const partition of tasks.keys()) this.tableLag.set({ processor: this.processor, topic, partition: String(partition) }, lag.get(placeOf({ topic, partition })) ?? 0);
  }

  /** Partitions are in other hands; `tasks` are those of the others. */
  left(partitions: readonly number[], tasks: ReadonlyMap<number, Task>): void {
    const { processor } = this;
    for (const partition of partitions) {
      this.lag.remove({ processor, partition: String(partition) });
      for (const topic of this.tableTopics) this.tableLag.remove({ processor, topic, partition: String(partition) });
    }
    this.sizes(tasks);
  }

  paused(paused: boolean): void {
    this.pauses.set({ processor: this.processor }, paused ? 1 : 0);
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
