import { placeOf } from '../log';
import type { LogRecord, LogTail, Position, TopicPartition } from '../log';
import type { Environment } from './environment';
import { partitionState, readRecords, topicEntry } from './store';

const MAX_POLL_BYTES = 16 * 2 ** 20;

interface Cursor extends TopicPartition {
  readonly topicId: number;
  next: number;
}

/** Follows partitions of the embedded log without a group. */
export class EmbeddedTail implements LogTail {
  private cursors = new Map<string, Cursor>();
  /** Where the next poll begins, so that no partition starves. */
  private turn = 0;

  constructor(private readonly env: Environment) {}

  async assign(positions: readonly Position[]): Promise<void> {
    this.cursors = new Map(positions.map((at) => [placeOf(at), { ...at, topicId: topicEntry(this.env, at.topic).id }]));
  }

  async poll(maxRecords: number): Promise<LogRecord[]> {
    this.env.refresh();
    const cursors = [...this.cursors.values()];
    const records: LogRecord[] = [];
    let bytes = 0;
    for (let i = 0; i < cursors.length && records.length < maxRecords && bytes < MAX_POLL_BYTES; i++) {
      for (const record of this.take(cursors[this.turn++ % cursors.length], maxRecords - records.length, MAX_POLL_BYTES - bytes)) {
        records.push(record);
        bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0);
      }
    }
    return records;
  }

  position(at: TopicPartition): number {
    const cursor = this.cursors.get(placeOf(at));
    if (cursor === undefined) throw new Error(`${placeOf(at)} is not assigned.`);
    return cursor.next;
  }

  lag(): ReadonlyMap<string, number> {
    this.env.refresh();
    const lags = new Map<string, number>();
    for (const [place, { topicId, partition, next }] of this.cursors) {
      const { begin, next: end } = partitionState(this.env, topicId, partition);
      lags.set(place, Math.max(0, end - Math.max(next, begin)));
    }
    return lags;
  }

  async close(): Promise<void> {
    this.cursors.clear();
  }

  private take(cursor: Cursor, maxRecords: number, maxBytes: number): LogRecord[] {
    const { topic, topicId, partition } = cursor;
    const { begin, next: end } = partitionState(this.env, topicId, partition);
    if (cursor.next < begin) cursor.next = begin;
    if (cursor.next >= end) return [];
    const records = readRecords(this.env, topic, topicId, partition, cursor.next, end, maxRecords, maxBytes);
    // Nothing there but what compaction removed: the end is reached.
    cursor.next = records.length > 0 ? records[records.length - 1].offset + 1 : end;
    return records;
  }
}
