import { NetWeaverError } from '../../infra/errors';
import type { LogReader, LogRecord, LogTail, Position } from '../../infra/log/log';
import type { Task } from './task';

/**
 * Follows the tables of a worker's tasks. They are read beside the group, whose assignment may give the same partition of two
 * topics to different members: who has a partition of the input reads that partition of every table.
 *
 * A task that takes over waits until its tables are read to the end that they had then, so that no record of the input
 * misses what is long known.
 */
export class TableReader {
  /** Where the tables must have come to before the input is read, by partition and table. */
  private readonly ends = new Map<number, readonly number[]>();

  /** @param topics names of the tables on the log, in their order */
  constructor(
    private readonly tail: LogTail,
    private readonly reader: LogReader,
    readonly topics: readonly string[],
  ) {}

  /** Follows the tables of these tasks from where the tasks are; those of the `restored` partitions wait for them. @throws NW_INPUTS_UNLIKE */
  async follow(tasks: ReadonlyMap<number, Task>, restored: ReadonlySet<number>): Promise<void> {
    for (const partition of this.ends.keys()) if (!tasks.has(partition)) this.ends.delete(partition);
    const bounds = await Promise.all(this.topics.map((topic) => this.reader.bounds(topic)));
    const positions: Position[] = [];
    for (const [partition, task] of tasks) {
      this.topics.forEach((topic, table) => {
        if (partition >= bounds[table].length) throw new NetWeaverError('NW_INPUTS_UNLIKE', `${topic} has ${bounds[table].length} partitions, and the input has a partition ${partition}.`);
        positions.push({ topic, partition, next: task.nextOf(table) });
      });
      // An empty table has nothing to wait for, wherever it begins.
      if (restored.has(partition)) this.ends.set(partition, bounds.map((of) => (of[partition].begin < of[partition].end ? of[partition].end : 0)));
    }
    await this.tail.assign(positions);
  }

  /** Records of the tables that are at hand. */
  poll(maxRecords: number): Promise<LogRecord[]> {
    return this.tail.poll(maxRecords);
  }

  /** Which of the tables a record is of. */
  tableOf({ topic }: LogRecord): number {
    return this.topics.indexOf(topic);
  }

  /** Partitions of the input that must not be read yet. To be asked after the records of {@link poll} were worked on. */
  waiting(): readonly number[] {
    for (const [partition, ends] of this.ends) {
      if (ends.every((end, table) => this.tail.position({ topic: this.topics[table], partition }) >= end)) this.ends.delete(partition);
    }
    return [...this.ends.keys()];
  }

  waits(partition: number): boolean {
    return this.ends.has(partition);
  }

  /** Records of the tables that are not yet taken, by {@link placeOf}, as last known. */
  lag(): ReadonlyMap<string, number> {
    return this.tail.lag();
  }

  async close(): Promise<void> {
    await this.tail.close();
  }
}
