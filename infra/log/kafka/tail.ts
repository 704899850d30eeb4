import type { KafkaConsumer, Message } from 'node-rdkafka';
import { placeOf } from '../log';
import type { LogRecord, LogTail, Position, TopicPartition } from '../log';
import type { KafkaAdmin } from './admin';
import { asked, coded, disconnected, isFencing } from './client';
import type { ClientError, KafkaSettings } from './client';
import { highWatermark, openConsumer } from './reader';
import { recordOf } from './record';

const MAX_POLL_BYTES = 16 * 2 ** 20;

/** Offset after the last record handed out, and of the end when it was reached last. The client tells of the end before it gives the records that lie before it. */
interface Cursor extends TopicPartition {
  delivered: number;
  reached: number;
}

/** Follows partitions of Kafka without a group, with one consumer. */
export class KafkaTail implements LogTail {
  private cursors = new Map<string, Cursor>();
  private averageBytes = 1024;

  private constructor(
    private readonly consumer: KafkaConsumer,
    private readonly admin: KafkaAdmin,
  ) {
    consumer.on('partition.eof', (end: TopicPartition & { offset: number }) => {
      const cursor = this.cursors.get(placeOf(end));
      if (cursor !== undefined) cursor.reached = end.offset;
    });
  }

  /** @throws NW_LOG_UNREACHABLE */
  static async open(settings: KafkaSettings, admin: KafkaAdmin): Promise<KafkaTail> {
    return new KafkaTail(await openConsumer(settings), admin);
  }

  async assign(positions: readonly Position[]): Promise<void> {
    for (const { topic } of positions) await this.admin.partitionsOf(topic);
    this.cursors = new Map(positions.map((at) => [placeOf(at), { topic: at.topic, partition: at.partition, delivered: at.next, reached: at.next }]));
    if (positions.length === 0) this.consumer.unassign();
    else this.consumer.assign(positions.map(({ topic, partition, next }) => ({ topic, partition, offset: next })));
  }

  async poll(maxRecords: number): Promise<LogRecord[]> {
    if (this.cursors.size === 0) return [];
    const records: LogRecord[] = [];
    for (const message of await this.consume(Math.min(maxRecords, Math.max(1, Math.floor(MAX_POLL_BYTES / this.averageBytes))))) {
      const cursor = this.cursors.get(placeOf(message));
      if (cursor === undefined || message.offset < cursor.delivered) continue;
      cursor.delivered = message.offset + 1;
      this.averageBytes += (message.size + 64 - this.averageBytes) / 16;
      records.push(recordOf(message));
    }
    return records;
  }

  position(at: TopicPartition): number {
    const cursor = this.cursors.get(placeOf(at));
    if (cursor === undefined) throw new Error(`${placeOf(at)} is not assigned.`);
    return Math.max(cursor.delivered, cursor.reached);
  }

  lag(): ReadonlyMap<string, number> {
    const lags = new Map<string, number>();
    for (const [place, cursor] of this.cursors) lags.set(place, Math.max(0, highWatermark(this.consumer, cursor) - this.position(cursor)));
    return lags;
  }

  async close(): Promise<void> {
    await disconnected(this.consumer);
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
