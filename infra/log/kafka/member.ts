import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, Message, TopicPartition as ClientPlace } from 'node-rdkafka';
import { NetWeaverError } from '../../errors';
import { placeOf } from '../log';
import type { GroupMember, LogRecord, MemberOptions, Position, TopicPartition, Transaction } from '../log';
import type { KafkaAdmin } from './admin';
import { asked, call, client, CODE, coded, commonSettings, connected, disconnected, isFencing } from './client';
import type { ClientError, KafkaSettings } from './client';
import { highWatermark } from './reader';
import { recordOf } from './record';
import { KafkaTransactions } from './transactions';

const MAX_POLL_BYTES = 16 * 2 ** 20;
const IDLE_FIRST_MS = 1;
const IDLE_LAST_MS = 15;
const CALL_MS = 30_000;
/** librdkafka's logical offset: the first record, the end. */
const START = { earliest: -2, latest: -1 } as const;

/** A partition in hand. */
interface Cursor extends TopicPartition {
  committed: number;
  /** Offset after the last record handed out, and the end of the partition when it was last reached. */
  delivered: number;
  reached: number;
}

interface Rebalance {
  readonly assign: boolean;
  readonly partitions: readonly TopicPartition[];
}

/**
 * Name of a static member. It holds a digest of the topics: a broker gives a static member that comes back its old partitions,
 * also where it now asks for other topics, and those would then never be read.
 */
const staticName = ({ instanceId, topics }: MemberOptions): string => `${instanceId}-${createHash('sha256').update([...topics].sort().join('\n')).digest('hex').slice(0, 8)}`;

/**
 * A member of a Kafka consumer group: cooperative-sticky assignment, static membership by the instance's name. A member that
 * closes keeps its partitions for `kafka.sessionTimeoutMs`, so that a restart moves nothing; after that they pass to others.
 *
 * Delivery: exactly once with {@link begin} (see {@link KafkaTransactions}); at least once with {@link commit}. Reads
 * committed records only.
 */
export class KafkaMember implements GroupMember {
  private readonly cursors = new Map<string, Cursor>();
  private readonly rebalances: Rebalance[] = [];
  private buffered: Message[] = [];
  private transactions: KafkaTransactions | null = null;
  private averageBytes = 1024;
  private fatal: NetWeaverError | null = null;
  private lost = false;
  private closing = false;

  private constructor(
    private readonly consumer: KafkaConsumer,
    private readonly options: MemberOptions,
  ) {
    consumer.setDefaultConsumeTimeout(0);
    consumer.on('event.error', (error) => this.notice(error as ClientError));
    consumer.on('partition.eof', (end: { topic: string; partition: number; offset: number }) => {
      const cursor = this.cursors.get(placeOf(end));
      if (cursor) cursor.reached = end.offset;
    });
  }

  /** Joins. @throws NW_LOG_UNREACHABLE, NW_TOPIC_MISSING */
  static async open(settings: KafkaSettings, admin: KafkaAdmin, options: MemberOptions): Promise<KafkaMember> {
    for (const topic of options.topics) await admin.partitionsOf(topic, true);
    const opened: { member?: KafkaMember } = {};
    const consumer = new (client().KafkaConsumer)(
      {
        ...commonSettings(settings),
        'client.id': `${settings.clientId}-${options.instanceId}`,
        'group.id': options.group,
        'group.instance.id': staticName(options),
        'partition.assignment.strategy': 'cooperative-sticky',
        'isolation.level': 'read_committed',
        'enable.auto.commit': false,
        'enable.auto.offset.store': false,
        'enable.partition.eof': true,
        'session.timeout.ms': settings.sessionTimeoutMs,
        'heartbeat.interval.ms': Math.max(100, Math.floor(settings.sessionTimeoutMs / 6)),
        'max.poll.interval.ms': Math.max(600_000, settings.sessionTimeoutMs),
        'fetch.message.max.bytes': 4 * 2 ** 20,
        'queued.max.messages.kbytes': 32_768,
        'fetch.wait.max.ms': 100,
        'rebalance_cb': (error: { code: number }, partitions: ClientPlace[]) => opened.member?.rebalanced(error, partitions),
        'offset_commit_cb': true,
      },
      { 'auto.offset.reset': options.startAt ?? 'earliest' },
    );
    await connected(consumer, settings);
    const member = (opened.member = new KafkaMember(consumer, options));
    try {
      if (options.transactional) member.transactions = await KafkaTransactions.open(settings, admin, consumer, `${options.group}-${options.instanceId}`);
    } catch (error) {
      await disconnected(consumer);
      throw error;
    }
    consumer.subscribe([...options.topics]);
    return member;
  }

  async poll(maxRecords: number, timeoutMs: number): Promise<LogRecord[]> {
    const deadline = performance.now() + timeoutMs;
    for (let delay = IDLE_FIRST_MS; ; delay = Math.min(IDLE_LAST_MS, delay * 2)) {
      if (this.buffered.length === 0) this.buffered = await this.consume(Math.min(maxRecords, Math.max(1, Math.floor(MAX_POLL_BYTES / this.averageBytes))));
      await this.settleRebalances();
      if (this.fatal) await this.giveUp(this.fatal);
      const records = this.accept(this.buffered.splice(0, maxRecords));
      const left = deadline - performance.now();
      if (records.length > 0 || left <= 0) return records;
      await sleep(Math.min(delay, left));
    }
  }

  assignment(): readonly TopicPartition[] {
    return [...this.cursors.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  pause(partitions: readonly TopicPartition[]): void {
    const mine = this.mine(partitions);
    if (mine.length > 0) this.consumer.pause(mine);
  }

  resume(partitions: readonly TopicPartition[]): void {
    const mine = this.mine(partitions);
    if (mine.length > 0) this.consumer.resume(mine);
  }

  async seek(positions: readonly Position[]): Promise<void> {
    for (const { topic, partition, next } of this.mine(positions)) {
      this.buffered = this.buffered.filter((message) => message.topic !== topic || message.partition !== partition);
      await call(`Seeking in ${topic}`, (done) => this.consumer.seek({ topic, partition, offset: next }, CALL_MS, done as never));
      const cursor = this.cursors.get(placeOf({ topic, partition })) as Cursor;
      cursor.delivered = next;
      cursor.reached = -1;
    }
  }

  async commit(positions: readonly Position[]): Promise<void> {
    if (positions.length === 0) return;
    if (this.fatal) throw this.fatal;
    let answer: { error: ClientError | null } | undefined;
    this.consumer.once('offset.commit', (error: ClientError | null) => void (answer = { error }));
    try {
      this.consumer.commit(positions.map(({ topic, partition, next }) => ({ topic, partition, offset: next })));
    } catch (error) {
      throw coded('Committing positions', error as ClientError);
    }
    // The answer comes to whoever consumes; records that come with it are kept for the next poll.
    for (const deadline = performance.now() + CALL_MS; !answer; await sleep(1)) {
      if (performance.now() > deadline) throw new NetWeaverError('NW_LOG_UNREACHABLE', 'Committing positions: no answer.');
      this.buffered.push(...(await this.consume(1)));
    }
    if (answer.error) throw coded('Committing positions', answer.error);
    this.noteCommitted(positions);
  }

  begin(): Transaction {
    if (!this.transactions) throw new Error('The member was opened without transactions.');
    const transaction = this.transactions.begin();
    return {
      append: (record) => transaction.append(record),
      commit: async (positions) => {
        await transaction.commit(positions);
        this.noteCommitted(positions);
      },
      abort: () => transaction.abort(),
    };
  }

  lag(): ReadonlyMap<string, number> {
    const lags = new Map<string, number>();
    for (const [place, { topic, partition, committed, delivered, reached }] of this.cursors) {
      const high = highWatermark(this.consumer, { topic, partition });
      // Transaction markers lie between the last record and the end: all that was there is committed.
      const caughtUp = committed >= delivered && reached >= high;
      lags.set(place, caughtUp ? 0 : Math.max(0, high - committed));
    }
    return lags;
  }

  async close(): Promise<void> {
    if (this.closing) return;
    const partitions = this.assignment();
    if (partitions.length > 0 && !this.fatal) await this.options.onRevoke?.(partitions, false);
    this.closing = true;
    this.cursors.clear();
    await this.transactions?.close();
    for (const { assign, partitions: own } of this.rebalances.splice(0)) this.follow(assign, own);
    await disconnected(this.consumer);
  }

  private async consume(count: number): Promise<Message[]> {
    try {
      return (await asked<Message[]>((done) => this.consumer.consume(count, done as never))) ?? [];
    } catch (error) {
      this.notice(error as ClientError);
      return [];
    }
  }

  /** Records of partitions still in hand. */
  private accept(messages: readonly Message[]): LogRecord[] {
    const records: LogRecord[] = [];
    for (const message of messages) {
      const cursor = this.cursors.get(placeOf(message));
      if (!cursor) continue;
      cursor.delivered = message.offset + 1;
      this.averageBytes += (message.size + 64 - this.averageBytes) / 16;
      records.push(recordOf(message));
    }
    return records;
  }

  private notice(error: ClientError): void {
    if (isFencing(error)) this.fatal ??= coded(`${this.options.instanceId} of group ${this.options.group}`, error);
    else if (error.code === CODE.MAX_POLL_EXCEEDED) this.lost = true;
  }

  /** The group is gone for this instance: say so once to its owner, then to every caller. */
  private async giveUp(error: NetWeaverError): Promise<never> {
    const partitions = this.assignment();
    this.cursors.clear();
    this.buffered = [];
    if (partitions.length > 0) await this.options.onRevoke?.(partitions, true);
    throw error;
  }

  private rebalanced(error: { code: number }, partitions: readonly ClientPlace[]): void {
    const rebalance = { assign: error.code === CODE.ASSIGN_PARTITIONS, partitions: partitions.map(({ topic, partition }) => ({ topic, partition })) };
    if (this.closing) this.follow(rebalance.assign, rebalance.partitions);
    else this.rebalances.push(rebalance);
  }

  /** Does to librdkafka's assignment what it asked for. */
  private follow(assign: boolean, partitions: readonly (TopicPartition & { offset?: number })[]): void {
    try {
      if (assign) this.consumer.incrementalAssign([...partitions] as never);
      else this.consumer.incrementalUnassign([...partitions] as never);
    } catch (error) {
      this.notice(error as ClientError);
    }
  }

  /** Does what the group asked for. Where the owner's part of it fails, it is asked again at the next poll: the group waits for an answer to each. */
  private async settleRebalances(): Promise<void> {
    for (; this.rebalances.length > 0; this.rebalances.shift()) {
      const { assign, partitions } = this.rebalances[0];
      if (assign) await this.take(partitions);
      else await this.letGo(partitions);
    }
  }

  private async take(partitions: readonly TopicPartition[]): Promise<void> {
    this.lost = false;
    const given = new Map(((await this.options.onAssign?.(partitions)) ?? []).map((position) => [placeOf(position), position.next]));
    const committed = partitions.length === 0 ? [] : await call<{ topic: string; partition: number; offset?: number }[]>('Asking for committed positions', (done) => this.consumer.committed([...partitions], CALL_MS, done as never));
    const starts = committed.map(({ topic, partition, offset }) => {
      const from = given.get(placeOf({ topic, partition })) ?? (offset !== undefined && offset >= 0 ? offset : undefined);
      this.cursors.set(placeOf({ topic, partition }), { topic, partition, committed: from ?? 0, delivered: from ?? 0, reached: -1 });
      return { topic, partition, offset: from ?? START[this.options.startAt ?? 'earliest'] };
    });
    this.follow(true, starts);
  }

  private async letGo(partitions: readonly TopicPartition[]): Promise<void> {
    const held = this.mine(partitions);
    if (held.length > 0) await this.options.onRevoke?.(held, this.lost || this.fatal !== null);
    for (const at of partitions) this.cursors.delete(placeOf(at));
    this.buffered = this.buffered.filter((message) => this.cursors.has(placeOf(message)));
    this.follow(false, partitions);
  }

  private mine<T extends TopicPartition>(partitions: readonly T[]): T[] {
    return partitions.filter((at) => this.cursors.has(placeOf(at)));
  }

  private noteCommitted(positions: readonly Position[]): void {
    for (const position of positions) {
      const cursor = this.cursors.get(placeOf(position));
      if (cursor) cursor.committed = position.next;
    }
  }
}
