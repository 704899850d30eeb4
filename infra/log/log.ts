/**
 * The log: append-only, partitioned, durable. Everything NetWeaver knows arrives on it and every state is a fold of it.
 *
 * One interface, two implementations: `kafka/` (Apache Kafka through node-rdkafka) and `embedded/` (lmdb, one machine, no
 * server). `contract.ts` holds the behaviour that both are tested for. Readers see committed records only.
 */

/** Headers of a record: UTF-8 strings by name (CloudEvents `ce_*`, `traceparent`, `causes`). */
export type Headers = Readonly<Record<string, string>>;

/** A place in the log. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** How a place is written: `flows.raw-3`. */
export const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/** A committed record. `offset` grows by at least one within a partition (Kafka's transaction markers leave gaps). */
export interface LogRecord extends TopicPartition {
  readonly offset: number;
  /** Milliseconds since the epoch; the writer's, or the time of the append. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  /** `null` is a tombstone: on a compacted topic it deletes the key. */
  readonly value: Buffer | null;
  readonly headers: Headers;
}

/** A record to be appended. The partition is always explicit: see {@link partitionOf} for keyed topics. An empty key or value is the same as none. */
export interface OutgoingRecord extends TopicPartition {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestampMs?: number;
  readonly headers?: Headers;
}

/** `next` is the offset of the first record not yet consumed, as in Kafka's committed offsets. */
export interface Position extends TopicPartition {
  readonly next: number;
}

/** What a topic is; see `topics/catalogue.ts` for NetWeaver's own. */
export interface TopicSettings {
  readonly name: string;
  readonly partitions: number;
  /** Embedded: ignored. */
  readonly replicationFactor?: number;
  readonly cleanup: 'delete' | 'compact';
  /**
   * Milliseconds; -1 keeps for ever. On a compacted topic: how long a record is kept that a later one of its key has replaced, so that what
   * happened in that time can be replayed; not given: not at all.
   */
  readonly retentionMs?: number;
  /** Bytes a partition; -1 is unlimited. */
  readonly retentionBytes?: number;
}

/** Administration. Never deletes a topic or shrinks it unless asked by name. */
export interface LogAdmin {
  listTopics(): Promise<TopicSettings[]>;
  /** Creates what is missing; an existing topic of that name is left alone. Resolves to the names created. */
  createTopics(topics: readonly TopicSettings[]): Promise<string[]>;
  /** Changes retention, clean-up and partition count (upwards only; NW_TOPIC_SHRINK otherwise). */
  alterTopic(topic: TopicSettings): Promise<void>;
  deleteTopic(name: string): Promise<void>;
  /** Next offset of a consumer group by partition; absent where it never committed. */
  committed(group: string, topic: string): Promise<Map<number, number>>;
}

/** At-least-once, ordered per partition, idempotent on retry. */
export interface LogProducer {
  /**
   * Resolves when all of them are durable (Kafka: acks=all; embedded: the lmdb transaction is on disk). Order per partition is the order of
   * the calls. The memory of keys and values must not change until then.
   */
  append(records: readonly OutgoingRecord[]): Promise<void>;
  /** Bytes handed over and not yet acknowledged: what backpressure looks at. */
  readonly pendingBytes: number;
  flush(): Promise<void>;
  /** Waits for what is not durable, no longer than `waitMs` where that is given; then nothing of it is sent any more. */
  close(waitMs?: number): Promise<void>;
}

/**
 * One atomic step of a consumer-group member: outputs (changelogs are outputs) and consumed positions become visible
 * together or not at all.
 */
export interface Transaction {
  append(record: OutgoingRecord): void;
  /**
   * @throws NW_LOG_FENCED the member was superseded or its generation has passed: stop at once, nothing was written.
   * @throws NW_LOG_ABORTED nothing was written; rewind to the last committed positions, restore state and try again.
   */
  commit(positions: readonly Position[]): Promise<void>;
  abort(): Promise<void>;
}

/** How a member joins a group. */
export interface MemberOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Stable name of this member (static membership and transactional id): the same name opened again fences the older one. */
  readonly instanceId: string;
  /** True where {@link GroupMember.begin} will be used. */
  readonly transactional: boolean;
  /** Where to start when the group has no committed offset. Default `earliest`. */
  readonly startAt?: 'earliest' | 'latest';
  /** Called with new partitions before their first record; may give the positions to start from (a sink that keeps its offsets in its database). */
  onAssign?(partitions: readonly TopicPartition[]): Promise<readonly Position[] | void>;
  /** Called before partitions go to another member: finish, commit, let go. `lost` is true when they are gone already. */
  onRevoke?(partitions: readonly TopicPartition[], lost: boolean): Promise<void>;
}

/** A member of a consumer group. Not to be shared; one call at a time. */
export interface GroupMember {
  /**
   * The next records, at most `maxRecords` (and about 16 MiB), waiting at most `timeoutMs` for the first. Order per partition kept;
   * partitions interleave. @throws NW_LOG_FENCED as {@link Transaction.commit}.
   */
  poll(maxRecords: number, timeoutMs: number): Promise<LogRecord[]>;
  assignment(): readonly TopicPartition[];
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Moves the read position, e.g. back to what was committed after an abort. */
  seek(positions: readonly Position[]): Promise<void>;
  /** Commits positions alone, for members that are not transactional. */
  commit(positions: readonly Position[]): Promise<void>;
  begin(): Transaction;
  /** Records between the committed position and the end of each assigned partition, by {@link placeOf}, as last known. */
  lag(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Reads without a group: restore, tail, replay, tests. */
export interface LogReader {
  /** First offset kept and the offset after the last committed record, by partition: of all, or of those that are given. */
  bounds(topic: string, partitions?: readonly number[]): Promise<{ partition: number; begin: number; end: number }[]>;
  /** Committed records from `from` up to but not including `to`; ends there. */
  read(at: TopicPartition, from: number, to: number): AsyncIterable<LogRecord>;
  /** Follows a topic for ever from `from` (by partition; default the end) until `signal` aborts. */
  follow(topic: string, signal: AbortSignal, from?: ReadonlyMap<number, number>): AsyncIterable<LogRecord>;
  /** First offset with a timestamp at or after `timestampMs`; the end where there is none. */
  offsetAt(at: TopicPartition, timestampMs: number): Promise<number>;
  close(): Promise<void>;
}

/** Follows partitions of its owner's choice without a group: tables beside what a member of a group reads. Not to be shared; one call at a time. */
export interface LogTail {
  /** Follows these from there on, and no others. Where the offset is no longer kept, from the first that is. */
  assign(positions: readonly Position[]): Promise<void>;
  /** Committed records that are at hand, at most `maxRecords` (and about 16 MiB); never waits for more. Order per partition kept. */
  poll(maxRecords: number): Promise<LogRecord[]>;
  /** Everything before this offset has been handed out; it passes what compaction and transactions left out. @throws Error where it is not assigned */
  position(at: TopicPartition): number;
  /** Records between the position and the end of each partition that it follows, by {@link placeOf}, as last known. */
  lag(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** A connection to a log. */
export interface Log {
  readonly kind: 'embedded' | 'kafka';
  readonly admin: LogAdmin;
  producer(name: string): Promise<LogProducer>;
  member(options: MemberOptions): Promise<GroupMember>;
  reader(): Promise<LogReader>;
  tail(): Promise<LogTail>;
  /** Resolves when the log answers; throws NW_LOG_UNREACHABLE otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
