import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { NetWeaverError } from '../../errors';
import { placeOf } from '../log';
import type { GroupMember, LogRecord, MemberOptions, OutgoingRecord, Position, TopicPartition, Transaction } from '../log';
import type { Environment } from './environment';
import type { TopicEntry } from './tables';
import { appendFrames, bytesOf, partitionState, putPositions, readRecords, toFrames, topicEntry } from './store';
import type { Framed } from './store';

const MAX_POLL_BYTES = 16 * 2 ** 20;

/** A partition in hand. */
interface Cursor extends TopicPartition {
  readonly topicId: number;
  /** Offset of the next record to hand out. */
  next: number;
  /** Offset of the next record by the group's committed position. */
  committed: number;
  paused: boolean;
}

/**
 * A member of a group on the embedded log. One member of a group is active and has every partition; members of other names
 * wait, polling nothing, until it closes. A member of the same name takes over at once and fences the older one.
 *
 * Delivery: exactly once with {@link begin} (outputs and positions are one lmdb transaction); at least once with
 * {@link commit}.
 */
export class EmbeddedMember implements GroupMember {
  private readonly token = randomUUID();
  private readonly cursors = new Map<string, Cursor>();
  private active = false;
  private fenced = false;
  private closed = false;
  /** Where the next poll begins, so that no partition starves. */
  private turn = 0;

  constructor(
    private readonly env: Environment,
    private readonly options: MemberOptions,
  ) {}

  /** Joins, where the group is free or this name's. Later polls try again. @throws NW_TOPIC_MISSING */
  async join(): Promise<void> {
    const { group, instanceId, topics } = this.options;
    for (const topic of topics) topicEntry(this.env, topic);
    this.active = await this.env.write(0, () => {
      const holder = this.env.groups.get(group);
      if (holder && holder.instanceId !== instanceId) return false;
      this.env.groups.put(group, { instanceId, token: this.token });
      return true;
    });
  }

  async poll(maxRecords: number, timeoutMs: number): Promise<LogRecord[]> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      this.env.refresh();
      await this.checkMembership();
      const records = this.take(maxRecords);
      const left = deadline - performance.now();
      if (records.length > 0 || left <= 0 || this.closed) return records;
      await this.env.changed(left);
    }
  }

  assignment(): readonly TopicPartition[] {
    return [...this.cursors.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.cursor(at).paused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.cursor(at).paused = false;
  }

  async seek(positions: readonly Position[]): Promise<void> {
    for (const position of positions) this.cursor(position).next = position.next;
  }

  async commit(positions: readonly Position[]): Promise<void> {
    await this.write([], positions);
  }

  begin(): Transaction {
    let records: OutgoingFrames | null = new OutgoingFrames();
    const take = (): OutgoingFrames => {
      if (!records) throw new Error('The transaction has ended.');
      const taken = records;
      records = null;
      return taken;
    };
    return {
      append: (record) => {
        if (!records) throw new Error('The transaction has ended.');
        records.push(record);
      },
      commit: (positions) => this.write(take().frames, positions),
      abort: async () => {
        take();
      },
    };
  }

  lag(): ReadonlyMap<string, number> {
    this.env.refresh();
    const lags = new Map<string, number>();
    for (const [place, { topicId, partition, committed }] of this.cursors) {
      const { begin, next } = partitionState(this.env, topicId, partition);
      lags.set(place, Math.max(0, next - Math.max(committed, begin)));
    }
    return lags;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (!this.active || this.fenced) return;
    const partitions = this.assignment();
    if (partitions.length > 0) await this.options.onRevoke?.(partitions, false);
    this.cursors.clear();
    this.active = false;
    await this.env.write(0, () => {
      if (this.env.groups.get(this.options.group)?.token === this.token) this.env.groups.remove(this.options.group);
    });
  }

  /** Positions, and outputs where there are any, as one. */
  private async write(frames: readonly Framed[], positions: readonly Position[]): Promise<void> {
    await this.env.write(bytesOf(frames), () => {
      if (this.env.groups.get(this.options.group)?.token !== this.token) throw this.fencedError();
      appendFrames(this.env, frames);
      putPositions(this.env, this.options.group, positions);
    });
    for (const position of positions) {
      const cursor = this.cursors.get(placeOf(position));
      if (cursor) cursor.committed = position.next;
    }
  }

  /** Takes over a group that has become free, notices that this member is fenced, and assigns partitions that are new. */
  private async checkMembership(): Promise<void> {
    const holder = this.env.groups.get(this.options.group);
    if (!this.active) {
      if (this.fenced) throw this.fencedError();
      if (holder) return;
      await this.join();
      if (!this.active) return;
    } else if (holder?.token !== this.token) {
      this.active = false;
      this.fenced = true;
      const partitions = this.assignment();
      this.cursors.clear();
      if (partitions.length > 0) await this.options.onRevoke?.(partitions, true);
      throw this.fencedError();
    }
    await this.assignNew();
  }

  private async assignNew(): Promise<void> {
    const found: Cursor[] = [];
    for (const topic of this.options.topics) {
      const entry = topicEntry(this.env, topic);
      for (let partition = 0; partition < entry.partitions; partition++) {
        if (!this.cursors.has(placeOf({ topic, partition }))) found.push(this.newCursor(topic, entry, partition));
      }
    }
    if (found.length === 0) return;
    const starts = (await this.options.onAssign?.(found.map(({ topic, partition }) => ({ topic, partition })))) ?? [];
    for (const cursor of found) this.cursors.set(placeOf(cursor), cursor);
    for (const { next, ...at } of starts) {
      const cursor = this.cursor(at);
      cursor.next = cursor.committed = next;
    }
  }

  private newCursor(topic: string, { id }: TopicEntry, partition: number): Cursor {
    const { begin, next } = partitionState(this.env, id, partition);
    const committed = this.env.positions.get([this.options.group, id, partition]) ?? (this.options.startAt === 'latest' ? next : begin);
    return { topic, partition, topicId: id, next: committed, committed, paused: false };
  }

  /** Records at hand, partitions taking turns. */
  private take(maxRecords: number): LogRecord[] {
    const cursors = [...this.cursors.values()].filter(({ paused }) => !paused);
    const records: LogRecord[] = [];
    let bytes = 0;
    const share = Math.max(1, Math.floor(maxRecords / Math.max(1, cursors.length)));
    for (let more = true; more; ) {
      more = false;
      for (let i = 0; i < cursors.length; i++) {
        const room = Math.min(share, maxRecords - records.length);
        if (room <= 0 || bytes >= MAX_POLL_BYTES) return records;
        const cursor = cursors[this.turn++ % cursors.length];
        const taken = this.takeFrom(cursor, room, MAX_POLL_BYTES - bytes);
        for (const record of taken) {
          records.push(record);
          bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0);
        }
        more ||= taken.length > 0;
      }
    }
    return records;
  }

  private takeFrom(cursor: Cursor, maxRecords: number, maxBytes: number): LogRecord[] {
    const { topic, topicId, partition } = cursor;
    const { begin, next } = partitionState(this.env, topicId, partition);
    if (cursor.next < begin) cursor.next = begin;
    else if (cursor.next > next) cursor.next = this.options.startAt === 'latest' ? next : begin;
    if (cursor.next === next) return [];
    const records = readRecords(this.env, topic, topicId, partition, cursor.next, next, maxRecords, maxBytes);
    // Nothing there but what compaction removed: skip to the end.
    cursor.next = records.length > 0 ? records[records.length - 1].offset + 1 : next;
    return records;
  }

  private cursor(at: TopicPartition): Cursor {
    const cursor = this.cursors.get(placeOf(at));
    if (!cursor) throw new Error(`${placeOf(at)} is not assigned to ${this.options.instanceId}.`);
    return cursor;
  }

  private fencedError(): NetWeaverError {
    return new NetWeaverError('NW_LOG_FENCED', `${this.options.instanceId} of group ${this.options.group} was superseded.`);
  }
}

/** Frames of a transaction so far. */
class OutgoingFrames {
  readonly frames: Framed[] = [];
  push(record: OutgoingRecord): void {
    this.frames.push(...toFrames([record]));
  }
}
