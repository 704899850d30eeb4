import { setTimeout as sleep } from 'node:timers/promises';
import type { MessageHeader, Producer } from 'node-rdkafka';
import { NetWeaverError } from '../../errors';
import type { LogProducer, OutgoingRecord } from '../log';
import type { KafkaAdmin } from './admin';
import { asked, client, CODE, coded, commonSettings, connected, disconnected } from './client';
import type { ClientError, KafkaSettings } from './client';

/** How often delivery reports are asked for while some are awaited; nothing is asked otherwise. */
const REPORT_MS = 10;
const FLUSH_MS = 30_000;

/** One call of append: resolves with its last report. */
interface Batch {
  left: number;
  readonly bytes: number;
  failure: NetWeaverError | null;
  done(failure: NetWeaverError | null): void;
}

/** Settings for records of 50 to 250 kB in both kinds of producer. */
export const producerSettings = (settings: KafkaSettings): Record<string, string | number | boolean> => ({
  ...commonSettings(settings),
  'enable.idempotence': true,
  'acks': 'all',
  'compression.codec': 'lz4',
  'linger.ms': settings.lingerMs,
  'batch.size': 1_000_000,
  'message.max.bytes': settings.maxRecordBytes,
  'queue.buffering.max.kbytes': 131_072,
  'queue.buffering.max.messages': 1_000_000,
});

/** Headers as node-rdkafka takes them. */
export const headersOf = ({ headers }: OutgoingRecord): MessageHeader[] => (headers ? Object.entries(headers).map(([name, text]) => ({ [name]: text })) : []);

/**
 * Appends to Kafka: idempotent, acknowledged by all in-sync replicas, lz4. Retries for as long as it takes; what has not been
 * acknowledged counts as {@link pendingBytes}.
 *
 * Delivery: exactly once while this producer lives (an append that is repeated by its caller after an error may come twice).
 */
export class KafkaProducer implements LogProducer {
  private pending = 0;
  /** Records handed to librdkafka and not reported yet. */
  private outstanding = 0;
  /** Appends that could not be handed over at once: an unknown topic, a full queue. First come, first served. */
  private readonly waiting: { readonly records: readonly OutgoingRecord[]; readonly batch: Batch; next: number }[] = [];
  private draining: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  private constructor(
    private readonly producer: Producer,
    private readonly admin: KafkaAdmin,
  ) {
    producer.on('delivery-report', (error, { opaque }) => this.report(opaque as Batch, error));
  }

  /** Connects. @throws NW_LOG_UNREACHABLE */
  static async open(settings: KafkaSettings, admin: KafkaAdmin, name: string): Promise<KafkaProducer> {
    const producer = new (client().Producer)({ ...producerSettings(settings), 'client.id': `${settings.clientId}-${name}`, 'dr_cb': true }, { 'message.timeout.ms': 0 });
    return new KafkaProducer(await connected(producer, settings), admin);
  }

  get pendingBytes(): number {
    return this.pending;
  }

  append(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    if (this.closed) return Promise.reject(new NetWeaverError('NW_LOG_UNREACHABLE', 'The producer is closed.'));
    return new Promise((resolve, reject) => {
      let bytes = 0;
      for (const { key, value } of records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
      this.pending += bytes;
      const batch: Batch = { left: records.length, bytes, failure: null, done: (failure) => (failure ? reject(failure) : resolve()) };
      let next = 0;
      if (this.waiting.length === 0 && records.every(({ topic, partition }) => partition < (this.admin.knownPartitions(topic) ?? 0))) {
        next = this.hand(records, batch, 0);
        if (next === records.length) return;
      }
      this.waiting.push({ records: records.map(copied), batch, next });
      if (this.waiting.length === 1) this.draining = this.drain();
    });
  }

  async flush(): Promise<void> {
    await this.draining;
    await asked((done) => this.producer.flush(FLUSH_MS, done)).catch((error: ClientError) => {
      throw coded('Flushing', error);
    });
    while (this.outstanding > 0) {
      this.producer.poll();
      await sleep(1);
    }
  }

  async close(waitMs = FLUSH_MS): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (waitMs > 0) await Promise.race([this.flush().catch(() => undefined), sleep(waitMs, undefined, { ref: false })]);
    clearTimeout(this.timer);
    const lost = new NetWeaverError('NW_LOG_UNREACHABLE', 'The producer was closed before Kafka acknowledged.');
    for (const { batch } of this.waiting.splice(0)) batch.done(lost);
    // Its own wait for what is in its queue is over: what is there goes with it.
    await disconnected({ disconnect: (done) => this.producer.disconnect(Math.min(waitMs, 5000) || 1, done) });
  }

  /** Hands records to librdkafka from `next` on; the index of the first that its queue did not take. */
  private hand(records: readonly OutgoingRecord[], batch: Batch, next: number): number {
    for (; next < records.length; next++) {
      const record = records[next];
      try {
        this.producer.produce(record.topic, record.partition, record.value, record.key, record.timestampMs, batch, headersOf(record));
        this.outstanding++;
      } catch (error) {
        if ((error as ClientError).code === CODE.QUEUE_FULL) break;
        this.settle(batch, coded(`Appending to ${record.topic}`, error as ClientError));
      }
    }
    this.scheduleReports();
    return next;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const head = this.waiting[0];
      const { records, batch } = head;
      try {
        if (head.next === 0) for (const record of records) await this.check(record);
        for (;;) {
          head.next = this.hand(records, batch, head.next);
          if (head.next === records.length) break;
          await sleep(REPORT_MS);
        }
      } catch (error) {
        this.pending -= batch.bytes;
        batch.done(error as NetWeaverError);
      }
      this.waiting.shift();
    }
  }

  /** @throws NW_TOPIC_MISSING, NW_LOG_REJECTED */
  private async check({ topic, partition }: OutgoingRecord): Promise<void> {
    if (partition < (this.admin.knownPartitions(topic) ?? 0)) return;
    const partitions = await this.admin.partitionsOf(topic, true);
    if (!(partition >= 0 && partition < partitions)) throw new NetWeaverError('NW_LOG_REJECTED', `${topic} has partitions 0 to ${partitions - 1}, not ${partition}.`);
  }

  private report(batch: Batch, error: ClientError | null): void {
    this.outstanding--;
    this.settle(batch, error && coded('Appending', error));
  }

  private settle(batch: Batch, failure: NetWeaverError | null): void {
    batch.failure ??= failure;
    if (--batch.left > 0) return;
    this.pending -= batch.bytes;
    batch.done(batch.failure);
  }

  private scheduleReports(): void {
    if (this.timer || this.outstanding === 0) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.closed) return;
      this.producer.poll();
      this.scheduleReports();
    }, REPORT_MS);
  }
}

/** A record that shares no memory with the caller's. */
export const copied = (record: OutgoingRecord): OutgoingRecord => ({ ...record, key: record.key && Buffer.from(record.key), value: record.value && Buffer.from(record.value) });
