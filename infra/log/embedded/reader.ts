import type { LogReader, LogRecord, TopicPartition } from '../log';
import type { Environment } from './environment';
import { offsetAt, partitionState, readRecords, topicEntry } from './store';

const SLICE_RECORDS = 256;
const SLICE_BYTES = 4 * 2 ** 20;

/** Reads the embedded log without a group, from the owning process or another. */
export class EmbeddedReader implements LogReader {
  constructor(private readonly env: Environment) {}

  async bounds(topic: string, partitions?: readonly number[]): Promise<{ partition: number; begin: number; end: number }[]> {
    this.env.refresh();
    const { id, partitions: count } = topicEntry(this.env, topic);
    return (partitions ?? Array.from({ length: count }, (_, partition) => partition)).map((partition) => {
      const { begin, next } = partitionState(this.env, id, partition);
      return { partition, begin, end: next };
    });
  }

  async *read({ topic, partition }: TopicPartition, from: number, to: number): AsyncGenerator<LogRecord> {
    this.env.refresh();
    const { id } = topicEntry(this.env, topic);
    const end = Math.min(to, partitionState(this.env, id, partition).next);
    for (let next = from; next < end; ) {
      const records = readRecords(this.env, topic, id, partition, next, end, SLICE_RECORDS, SLICE_BYTES);
      if (records.length === 0) return;
      yield* records;
      next = records[records.length - 1].offset + 1;
      this.env.refresh();
    }
  }

  async *follow(topic: string, signal: AbortSignal, from?: ReadonlyMap<number, number>): AsyncGenerator<LogRecord> {
    const next = new Map<number, number>(from);
    for (const { partition, end } of await this.bounds(topic)) if (!next.has(partition)) next.set(partition, end);
    while (!signal.aborted) {
      let found = false;
      for (const { partition, begin, end } of await this.bounds(topic)) {
        const start = Math.max(begin, next.get(partition) ?? 0);
        for await (const record of this.read({ topic, partition }, start, end)) {
          if (signal.aborted) return;
          yield record;
          found = true;
        }
        next.set(partition, Math.max(start, end));
      }
      if (!found) await this.env.changed(1000, signal);
    }
  }

  async offsetAt({ topic, partition }: TopicPartition, timestampMs: number): Promise<number> {
    this.env.refresh();
    return offsetAt(this.env, topicEntry(this.env, topic).id, partition, timestampMs);
  }

  async close(): Promise<void> {}
}
