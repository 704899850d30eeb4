import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, Message } from 'node-rdkafka';
import type { LogReader, LogRecord, TopicPartition } from '../log';
import type { KafkaAdmin } from './admin';
import { asked, call, client, coded, commonSettings, connected, disconnected, isFencing } from './client';
import type { ClientError, KafkaSettings } from './client';
import { recordOf } from './record';

const SLICE_RECORDS = 128;
const IDLE_LAST_MS = 15;
const CALL_MS = 30_000;
/** How often a follower looks for partitions that are new. */
const NEW_PARTITIONS_MS = 10_000;

/** A consumer without a group, of committed records. @throws NW_LOG_UNREACHABLE */
export async function openConsumer(settings: KafkaSettings): Promise<KafkaConsumer> {
  const consumer = new (client().KafkaConsumer)(
    {
      ...commonSettings(settings),
      'client.id': `${settings.clientId}-reader`,
      'group.id': 'netweaver-reader', // asked for by the client; nothing joins or commits
      'isolation.level': 'read_committed',
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      'enable.partition.eof': true,
      'fetch.message.max.bytes': 4 * 2 ** 20,
      'queued.max.messages.kbytes': 32_768,
      'fetch.wait.max.ms': 100,
    },
    { 'auto.offset.reset': 'earliest' },
  );
  consumer.setDefaultConsumeTimeout(0);
  await connected(consumer, settings);
  return consumer;
}

/** Offset after the last record of a partition, as the broker said when it was last read from; 0 before that. */
export function highWatermark(consumer: KafkaConsumer, { topic, partition }: TopicPartition): number {
  try {
    return Math.max(0, consumer.getWatermarkOffsets(topic, partition).highOffset);
  } catch {
    return 0;
  }
}

/** Reads Kafka without a group. Each read in progress has a consumer of its own; they are kept for the next. */
export class KafkaReader implements LogReader {
  private readonly idle: KafkaConsumer[] = [];
  private readonly all = new Set<KafkaConsumer>();

  constructor(
    private readonly settings: KafkaSettings,
    private readonly admin: KafkaAdmin,
  ) {}

  async bounds(topic: string, partitions?: readonly number[]): Promise<{ partition: number; begin: number; end: number }[]> {
    const wanted = partitions ?? Array.from({ length: await this.admin.partitionsOf(topic, true) }, (_, partition) => partition);
    return this.borrow((consumer) => Promise.all(wanted.map((partition) => this.partitionBounds(consumer, { topic, partition }))));
  }

  async *read(at: TopicPartition, from: number, to: number): AsyncGenerator<LogRecord> {
    await this.admin.partitionsOf(at.topic);
    const consumer = await this.acquire();
    try {
      const { end } = await this.partitionBounds(consumer, at);
      const stop = Math.min(to, end);
      if (from >= stop) return;
      let reached = -1;
      const onEnd = ({ offset }: { offset: number }): void => void (reached = offset);
      consumer.on('partition.eof', onEnd as never);
      try {
        consumer.assign([{ ...at, offset: from }]);
        // Markers and aborted records leave gaps: the end is met by a record beyond it, or by the partition's end.
        for (;;) {
          for (const message of await this.consume(consumer)) {
            if (message.offset >= stop) return;
            yield recordOf(message);
            if (message.offset + 1 >= stop) return;
          }
          if (reached >= stop) return;
        }
      } finally {
        consumer.removeListener('partition.eof', onEnd as never);
        consumer.unassign();
      }
    } finally {
      this.idle.push(consumer);
    }
  }

  async *follow(topic: string, signal: AbortSignal, from?: ReadonlyMap<number, number>): AsyncGenerator<LogRecord> {
    const next = new Map<number, number>();
    for (const { partition, end } of await this.bounds(topic)) next.set(partition, from?.get(partition) ?? end);
    const consumer = await this.acquire();
    try {
      let looked = 0;
      while (!signal.aborted) {
        if (Date.now() - looked > NEW_PARTITIONS_MS) {
          const partitions = await this.admin.partitionsOf(topic, true);
          if (looked === 0 || partitions > next.size) {
            for (let partition = next.size; partition < partitions; partition++) next.set(partition, from?.get(partition) ?? 0);
            consumer.assign([...next].map(([partition, offset]) => ({ topic, partition, offset })));
          }
          looked = Date.now();
        }
        for (const message of await this.consume(consumer)) {
          if (signal.aborted) return;
          yield recordOf(message);
          next.set(message.partition, message.offset + 1);
        }
      }
    } finally {
      consumer.unassign();
      this.idle.push(consumer);
    }
  }

  async offsetAt(at: TopicPartition, timestampMs: number): Promise<number> {
    await this.admin.partitionsOf(at.topic);
    return this.borrow(async (consumer) => {
      const [found] = await call<{ offset: number }[]>(`Asking ${at.topic} for a time`, (done) => consumer.offsetsForTimes([{ ...at, offset: timestampMs }], CALL_MS, done as never));
      return found.offset >= 0 ? found.offset : (await this.partitionBounds(consumer, at)).end;
    });
  }

  async close(): Promise<void> {
    this.idle.length = 0;
    await Promise.all([...this.all].map(disconnected));
    this.all.clear();
  }

  private async partitionBounds(consumer: KafkaConsumer, { topic, partition }: TopicPartition): Promise<{ partition: number; begin: number; end: number }> {
    const { lowOffset, highOffset } = await call<{ lowOffset: number; highOffset: number }>(`Asking ${topic} for its bounds`, (done) => consumer.queryWatermarkOffsets(topic, partition, CALL_MS, done as never));
    return { partition, begin: lowOffset, end: highOffset };
  }

  /** Records at hand; where there are none, after a short pause. */
  private async consume(consumer: KafkaConsumer): Promise<Message[]> {
    try {
      const messages = (await asked<Message[]>((done) => consumer.consume(SLICE_RECORDS, done as never))) ?? [];
      if (messages.length === 0) await sleep(IDLE_LAST_MS);
      return messages;
    } catch (error) {
      if (isFencing(error as ClientError)) throw coded('Reading', error as ClientError);
      await sleep(IDLE_LAST_MS); // the connection comes back by itself
      return [];
    }
  }

  private async borrow<T>(use: (consumer: KafkaConsumer) => Promise<T>): Promise<T> {
    const consumer = await this.acquire();
    try {
      return await use(consumer);
    } finally {
      this.idle.push(consumer);
    }
  }

  private async acquire(): Promise<KafkaConsumer> {
    const idle = this.idle.pop();
    if (idle) return idle;
    const consumer = await openConsumer(this.settings);
    this.all.add(consumer);
    return consumer;
  }
}
