import type { KafkaConsumer, Message } from 'node-rdkafka';
import { placeOf } from '../log';
import type { LogRecord, LogTail, Position, TopicPartition } from '../log';
import type { KafkaAdmin } from './admin';
import { asked, coded, disconnected, isFencing } from './client';
import type { ClientError, KafkaSettings } from './client';
import { openConsumer } from './reader';
import { recordOf } from './record';

const MAX_POLL_BYTES = 16 * 2 ** 20;

/** Follows partitions of Kafka without a group, with one consumer. */
export class KafkaTail implements LogTail {
  /** Offset of the next record, by place. */
  private positions = new Map<string, number>();
  private averageBytes = 1024;

  private constructor(
    private readonly consumer: KafkaConsumer,
    private readonly admin: KafkaAdmin,
  ) {
    // Comes with the records before it, and tells of the markers after the last of them.
    consumer.on('partition.eof', (end: TopicPartition & { offset: number }) => this.reach(end, end.offset));
  }

  /** @throws NW_LOG_UNREACHABLE */
  static async open(settings: KafkaSettings, admin: KafkaAdmin): Promise<KafkaTail> {
    return new KafkaTail(await openConsumer(settings), admin);
  }

  async assign(positions: readonly Position[]): Promise<void> {
    for (const { topic } of positions) await this.admin.partitionsOf(topic);
    this.positions = new Map(positions.map((at) => [placeOf(at), at.next]));
    if (positions.length === 0) this.consumer.unassign();
    else this.consumer.assign(positions.map(({ topic, partition, next }) => ({ topic, partition, offset: next })));
  }

  async poll(maxRecords: number): Promise<LogRecord[]> {
    if (this.positions.size === 0) return [];
    const records: LogRecord[] = [];
    for (const message of await this.consume(Math.min(maxRecords, Math.max(1, Math.floor(MAX_POLL_BYTES / this.averageBytes))))) {
      const next = this.positions.get(placeOf(message));
      if (next === undefined || message.offset < next) continue;
      this.reach(message, message.offset + 1);
      this.averageBytes += (message.size + 64 - this.averageBytes) / 16;
      records.push(recordOf(message));
    }
    return records;
  }

  position(at: TopicPartition): number {
    const next = this.positions.get(placeOf(at));
    if (next === undefined) throw new Error(`${placeOf(at)} is not assigned.`);
    return next;
  }

  async close(): Promise<void> {
    await disconnected(this.consumer);
  }

  private reach(at: TopicPartition, next: number): void {
    const place = placeOf(at);
    const before = this.positions.get(place);
    if (before !== undefined && next > before) this.positions.set(place, next);
  }

  private async consume(count: number): Promise<Message[]> {
    try {
      return (await asked<Message[]>((done) => this.consumer.consume(count, done as never))) ?? [];
    } catch (error) {
      if (isFencing(error as ClientError)) throw coded('Reading', error as ClientError);
      return []; // the connection comes back by itself
    }
  }
}
