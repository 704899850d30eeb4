import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, Producer } from 'node-rdkafka';
import { NetWeaverError } from '../../errors';
import type { OutgoingRecord, Position, Transaction } from '../log';
import type { KafkaAdmin } from './admin';
import { asked, client, CODE, coded, connected, disconnected, isFencing } from './client';
import type { ClientError, KafkaSettings } from './client';
import { copied, headersOf, producerSettings } from './producer';

const QUEUE_FULL_MS = 5;
/** A transaction follows the one before within milliseconds, while the broker may still be completing that: ask again soon. */
const RETRY_MS = 20;
/** Records wait for company until the commit sends them, or this long. */
const LINGER_MS = 50;

/**
 * The transactions of one group member: a producer whose transactional id is made of group and instance, so that opening the
 * same one again fences the older. Records go out while the transaction is open; positions join it at the commit with the
 * consumer's group metadata, so that a member of a past generation cannot commit (KIP-447).
 */
export class KafkaTransactions {
  private open: KafkaTransaction | null = null;

  private constructor(
    private readonly producer: Producer,
    private readonly consumer: KafkaConsumer,
    private readonly admin: KafkaAdmin,
    private readonly timeoutMs: number,
  ) {}

  /** Connects and fences older instances. @throws NW_LOG_UNREACHABLE */
  static async open(settings: KafkaSettings, admin: KafkaAdmin, consumer: KafkaConsumer, transactionalId: string): Promise<KafkaTransactions> {
    const producer = new (client().Producer)(
      { ...producerSettings(settings), 'client.id': `${settings.clientId}-${transactionalId}`, 'transactional.id': transactionalId, 'transaction.timeout.ms': settings.transactionTimeoutMs, 'linger.ms': LINGER_MS, 'retry.backoff.ms': RETRY_MS },
      { 'message.timeout.ms': settings.transactionTimeoutMs },
    );
    const transactions = new KafkaTransactions(await connected(producer, settings), consumer, admin, settings.transactionTimeoutMs);
    try {
      await transactions.step('Beginning transactions', (done) => producer.initTransactions(30_000, done));
      await transactions.step('Beginning a transaction', (done) => producer.beginTransaction(done));
      return transactions;
    } catch (error) {
      await disconnected(producer);
      throw error;
    }
  }

  /** The next transaction; the one before must have ended. */
  begin(): Transaction {
    if (this.open) throw new Error('A transaction is open already.');
    return (this.open = new KafkaTransaction(this, this.admin));
  }

  async close(): Promise<void> {
    await this.open?.abort().catch(() => undefined);
    await disconnected(this.producer);
  }

  /** Hands a record to librdkafka; false where its queue is full. */
  send(record: OutgoingRecord): boolean {
    try {
      this.producer.produce(record.topic, record.partition, record.value, record.key, record.timestampMs, undefined, headersOf(record));
      return true;
    } catch (error) {
      if ((error as ClientError).code === CODE.QUEUE_FULL) return false;
      throw coded(`Appending to ${record.topic}`, error as ClientError);
    }
  }

  /** Ends the open transaction with a commit of everything and of the positions. @throws NW_LOG_FENCED, NW_LOG_ABORTED */
  async commit(positions: readonly Position[]): Promise<void> {
    if (positions.length > 0) {
      const offsets = positions.map(({ topic, partition, next }) => ({ topic, partition, offset: next }));
      await this.step('Committing positions', (done) => this.producer.sendOffsetsToTransaction(offsets, this.consumer, this.timeoutMs, done));
    }
    await this.step('Committing', (done) => this.producer.commitTransaction(this.timeoutMs, done));
    await this.next();
  }

  /** Ends the open transaction with nothing. @throws NW_LOG_FENCED */
  async abort(): Promise<void> {
    try {
      await this.step('Aborting', (done) => this.producer.abortTransaction(this.timeoutMs, done));
      await this.next();
    } finally {
      this.open = null;
    }
  }

  private async next(): Promise<void> {
    this.open = null;
    await this.step('Beginning a transaction', (done) => this.producer.beginTransaction(done));
  }

  /** One call of the transactional producer: repeated where that may help, else told apart by what it means. */
  private async step(doing: string, call: (done: (error: ClientError | null | undefined) => void) => unknown): Promise<void> {
    const deadline = Date.now() + this.timeoutMs;
    for (let delay = 50; ; delay = Math.min(1000, delay * 2)) {
      try {
        return await asked((done) => call(done as (error: ClientError | null | undefined) => void));
      } catch (caught) {
        const error = caught as ClientError;
        if (isFencing(error)) throw coded(doing, error);
        const abortable = error.isTxnRequiresAbort === true;
        if (abortable || (Date.now() > deadline && error.isRetriable)) throw new NetWeaverError('NW_LOG_ABORTED', `${doing}: ${error.message}.`, { cause: error });
        if (!error.isRetriable) throw coded(doing, error);
        await sleep(delay);
      }
    }
  }
}

class KafkaTransaction implements Transaction {
  /** Records that could not go out at once: a full queue, a topic not seen before. */
  private held: OutgoingRecord[] = [];
  private ended = false;

  constructor(
    private readonly transactions: KafkaTransactions,
    private readonly admin: KafkaAdmin,
  ) {}

  append(record: OutgoingRecord): void {
    if (this.ended) throw new Error('The transaction has ended.');
    const ready = this.held.length === 0 && record.partition < (this.admin.knownPartitions(record.topic) ?? 0);
    if (!ready || !this.transactions.send(record)) this.held.push(copied(record));
  }

  async commit(positions: readonly Position[]): Promise<void> {
    this.end();
    try {
      for (const record of this.held) {
        const partitions = this.admin.knownPartitions(record.topic) ?? (await this.admin.partitionsOf(record.topic));
        if (!(record.partition >= 0 && record.partition < partitions)) throw new NetWeaverError('NW_LOG_REJECTED', `${record.topic} has partitions 0 to ${partitions - 1}, not ${record.partition}.`);
        while (!this.transactions.send(record)) await sleep(QUEUE_FULL_MS);
      }
      await this.transactions.commit(positions);
    } catch (error) {
      // Nothing of it stays. Where even that is refused, this instance is fenced.
      await this.transactions.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    this.end();
    await this.transactions.abort();
  }

  private end(): void {
    if (this.ended) throw new Error('The transaction has ended.');
    this.ended = true;
  }
}
