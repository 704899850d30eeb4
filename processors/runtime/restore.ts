import { setTimeout as sleep } from 'node:timers/promises';
import { NetWeaverError } from '../../infra/errors';
import type { Log, LogReader, LogRecord, TopicPartition } from '../../infra/log/log';
import { Restore } from './changelog';
import type { RestoreProgress } from './restore-progress';
import type { Snapshots } from './snapshots/snapshots';
import type { Task } from './task';

/** Where a task's state lies. */
export interface RestoreFrom {
  readonly log: Log;
  readonly reader: LogReader;
  readonly group: string;
  readonly changelog: string;
  /** Local copies of the changelog; null where none are kept. */
  readonly snapshots: Snapshots | null;
  readonly progress: RestoreProgress;
  /** Positions of the group, as just asked for. */
  readonly committed: ReadonlyMap<number, number>;
  /** Gives a record to the task again; awaits what the record needs. */
  replay(task: Task, record: LogRecord): Promise<void>;
}

/** How often, and how many times, the position of the group is looked at again where it differs from the changelog's. */
const SETTLE_MS = 200;
const SETTLE_TRIES = 50;

/**
 * Brings a task to where its partition was last committed: pages of the changelog, then the input since they were written,
 * without output. Resolves to the offset of the next record, for {@link Task.startAt}; null where the partition was never committed.
 *
 * The changelog and the group's position were written as one, so they agree; where they do not, the last transaction is
 * still being settled, and we look again. @throws NW_STATE_UNUSABLE they never agree, or the state is not this processor's.
 */
export async function restoreTask(task: Task, at: TopicPartition, from: RestoreFrom): Promise<number | null> {
  let committed = from.committed.get(at.partition);
  if (!task.keepsState) return committed ?? null;
  for (let tries = 0; ; tries++) {
    const head = task.restore(await readChangelog(from, at.partition));
    if (head === null) return committed ?? null;
    if (committed === undefined || committed === head.next) {
      const expected = from.progress.range(head.checkpoint, head.next);
      for await (const record of from.reader.read(at, head.checkpoint, head.next)) {
        await from.replay(task, record);
        expected(record);
      }
      return head.next;
    }
    if (tries === SETTLE_TRIES) throw new NetWeaverError('NW_STATE_UNUSABLE', `The changelog ${from.changelog} of partition ${at.partition} stands at offset ${head.next} of ${at.topic}, the group ${from.group} at ${committed}.`);
    await sleep(SETTLE_MS);
    committed = (await from.log.admin.committed(from.group, at.topic)).get(at.partition);
  }
}

/** The changelog: what its local copy holds of it, and the records since; all records where the copy is of no use. */
async function readChangelog({ reader, changelog, snapshots, progress }: RestoreFrom, partition: number): Promise<Restore> {
  for (;;) {
    const restore = new Restore();
    const bounds = (await reader.bounds(changelog)).find((of) => of.partition === partition);
    if (bounds === undefined) return restore;
    const copy = (await snapshots?.load(partition, bounds)) ?? null;
    for (const record of copy?.records ?? []) restore.add(record);
    if (copy !== null) progress.spared(copy.offset - bounds.begin);
    const from = copy?.offset ?? bounds.begin;
    const expected = progress.range(from, bounds.end);
    for await (const record of reader.read({ topic: changelog, partition }, from, bounds.end)) {
      restore.add(record);
      snapshots?.read(record);
      expected(record);
    }
    if (snapshots === null || (await snapshots.restored(partition, restore.head))) return restore;
  }
}
