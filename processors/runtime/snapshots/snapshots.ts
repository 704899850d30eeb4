/**
 * Keeps a copy of a worker's changelog on this machine, so that a restart reads the end of the changelog alone.
 *
 * A copy is on one side of what the worker does: it is given the records that are appended to the changelog, keeps those that
 * were committed, and writes them beside the work, merged where that takes longer than the checkpoints come. What it may be
 * used for is decided when it is loaded: only if the changelog itself names the checkpoint that the copy is of. Otherwise it
 * is thrown away, and the whole changelog is read.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { NetWeaverError } from '../../../infra/errors';
import type { LogReader, LogRecord, OutgoingRecord } from '../../../infra/log/log';
import type { Telemetry } from '../../../infra/telemetry/telemetry';
import { HEAD_KEY, isGone, type Head } from '../changelog';
import { hasCheckpoint, lastOf, type Checkpoint } from '../run-history';
import { SnapshotMetrics, type Refusal } from './metrics';
import type { Copy, SnapshotStore } from './store';

/** What a copy holds: the records of the changelog before `offset`. */
export interface Loaded {
  readonly offset: number;
  readonly records: readonly { readonly key: Buffer; readonly value: Buffer }[];
}

/** What {@link Snapshots} works with. */
export interface SnapshotsOptions {
  readonly store: SnapshotStore;
  readonly processor: string;
  /** Name of the topic. */
  readonly changelog: string;
  readonly reader: LogReader;
  readonly telemetry: Telemetry;
}

/** Pause between two rounds of writing. */
const PAUSE_MS = 1000;
/** Longest wait for a copy that another process is writing, and for the last round. */
const TAKE_MS = 5000;
const CLOSE_MS = 5000;
const RETRY_MS = 50;

/** A partition's copy and what is not yet written of it, by key of the changelog; null where the page is gone. */
interface Kept {
  readonly partition: number;
  readonly copy: Copy;
  /** Of the open transaction. */
  staged: Map<string, Buffer | null>;
  stagedHead: Buffer | null;
  /** Committed. */
  pending: Map<string, Buffer | null>;
  /** The checkpoint that `pending` leads to; null where the changelog does not say. */
  at: Checkpoint | null;
  /** Where the changelog goes on from it, where that is known already. */
  offset: number | null;
}

/** See the file's head. */
export class Snapshots {
  private readonly kept = new Map<number, Kept>();
  private readonly metrics: SnapshotMetrics;
  private timer: NodeJS.Timeout | undefined;
  private saving: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(private readonly options: SnapshotsOptions) {
    this.metrics = new SnapshotMetrics(options.telemetry, options.processor);
  }

  /**
   * Begins with a partition whose changelog has these bounds. Resolves to what its copy holds, after which the changelog is to be
   * read on from `offset`, each record given to {@link read}, and then {@link restored} called; null where the whole changelog is to be read so.
   */
  async load(partition: number, { begin, end }: { readonly begin: number; readonly end: number }): Promise<Loaded | null> {
    this.kept.delete(partition);
    const { store, changelog } = this.options;
    let copy: Copy;
    try {
      copy = await inTime(store.take(`${changelog}/${partition}`), TAKE_MS);
    } catch (error) {
      this.failed(partition, error);
      return null;
    }
    this.keep(partition, copy);
    const { mark } = copy;
    if (mark === null) return null;
    if (mark.offset < begin) return this.refuse(partition, 'before-begin', `it goes up to offset ${mark.offset}, the changelog begins at ${begin}`);
    if (mark.offset >= end) return this.refuse(partition, 'beyond-end', `it goes up to offset ${mark.offset}, the changelog ends at ${end}`);
    const records: { key: Buffer; value: Buffer }[] = [];
    try {
      for await (const { key, value } of store.read(copy)) records.push({ key: Buffer.from(key), value });
    } catch (error) {
      return this.refuse(partition, 'damaged', (error as Error).message);
    }
    return { offset: mark.offset, records };
  }

  /** A record of the changelog that the copy does not hold. */
  read({ partition, offset, key, value }: Pick<LogRecord, 'partition' | 'offset' | 'key' | 'value'>): void {
    const kept = this.kept.get(partition);
    if (kept === undefined || key === null) return;
    const name = key.toString();
    // The first head behind the last page: nothing before it is missing.
    if (name === HEAD_KEY) kept.offset ??= offset;
    else {
      kept.pending.set(name, isGone(value) ? null : value);
      kept.offset = null;
    }
  }

  /** The changelog was read to its end, and says this. False where the copy does not belong to it: it was thrown away, and all is to be {@link load}ed and read again. */
  async restored(partition: number, head: Head | null): Promise<boolean> {
    const kept = this.kept.get(partition);
    if (kept === undefined) return true;
    const { mark } = kept.copy;
    if (mark !== null && (head?.runs === undefined || !hasCheckpoint(head.runs, mark.newest))) {
      await this.refuse(partition, 'other-changelog', `the changelog does not know checkpoint ${mark.newest.checkpoint} of run ${mark.newest.run}`);
      return false;
    }
    if (mark !== null) this.metrics.loaded();
    kept.at = head?.runs === undefined || kept.offset === null ? null : lastOf(head.runs);
    this.schedule();
    return true;
  }

  /** A record that was appended to the open transaction, of the changelog or not. */
  append(record: OutgoingRecord): void {
    if (record.topic !== this.options.changelog || record.key === null) return;
    const kept = this.kept.get(record.partition);
    if (kept === undefined) return;
    const name = record.key.toString();
    if (name === HEAD_KEY) kept.stagedHead = record.value;
    else kept.staged.set(name, isGone(record.value) ? null : record.value);
  }

  /** The open transaction was committed. */
  committed(): void {
    for (const kept of this.kept.values()) {
      const { staged, stagedHead } = kept;
      kept.stagedHead = null;
      if (staged.size === 0 || stagedHead === null) continue;
      for (const [key, value] of staged) kept.pending.set(key, value);
      kept.staged = new Map();
      kept.at = lastOf((JSON.parse(stagedHead.toString()) as Head).runs!);
      kept.offset = null;
    }
    this.schedule();
  }

  /** The open transaction was not committed. */
  aborted(): void {
    for (const kept of this.kept.values()) {
      kept.staged = new Map();
      kept.stagedHead = null;
    }
  }

  /** Writes what is left, for a few seconds at most. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    const rest = async (): Promise<void> => {
      await this.saving;
      for (let tries = CLOSE_MS / RETRY_MS; tries > 0 && this.isDue(); tries--) {
        await this.save();
        if (this.isDue()) await sleep(RETRY_MS);
      }
    };
    await inTime(rest(), CLOSE_MS).catch(() => undefined);
    this.kept.clear();
  }

  private keep(partition: number, copy: Copy): void {
    this.kept.set(partition, { partition, copy, staged: new Map(), stagedHead: null, pending: new Map(), at: null, offset: null });
  }

  /** Throws a copy away. */
  private async refuse(partition: number, reason: Refusal, why: string): Promise<null> {
    const { store, changelog, processor, telemetry } = this.options;
    const { copy } = this.kept.get(partition)!;
    this.metrics.refused(reason);
    const error = new NetWeaverError('NW_SNAPSHOT_REFUSED', `The copy of ${changelog}, partition ${partition}: ${why}.`);
    telemetry.logger.warn({ processor, partition, code: error.code, detail: error.message }, 'the whole changelog is read');
    try {
      if (await inTime(store.clear(copy), TAKE_MS)) this.keep(partition, copy);
      else this.kept.delete(partition);
    } catch (failure) {
      this.failed(partition, failure);
    }
    return null;
  }

  /** No more copying until the partition is restored again; what is written stays of use. */
  private failed(partition: number, error: unknown): void {
    this.kept.delete(partition);
    this.metrics.failed();
    const detail = error instanceof NetWeaverError ? error.message : `The copy of ${this.options.changelog}, partition ${partition}: ${(error as Error).message}`;
    this.options.telemetry.logger.warn({ processor: this.options.processor, partition, code: 'NW_SNAPSHOT_UNWRITABLE', detail }, 'no local copy of the changelog is kept');
  }

  private isDue(): boolean {
    for (const { pending, at } of this.kept.values()) if (pending.size > 0 && at !== null) return true;
    return false;
  }

  private schedule(): void {
    if (this.timer !== undefined || this.closed || !this.isDue()) return;
    this.timer = setTimeout(() => {
      this.saving = this.save().finally(() => {
        this.timer = undefined;
        this.schedule();
      });
    }, PAUSE_MS);
    this.timer.unref();
  }

  /** One round: writes what is pending of each partition, where its place in the changelog is known. */
  private async save(): Promise<void> {
    const due = [...this.kept.values()].filter(({ pending, at }) => pending.size > 0 && at !== null);
    const ends = await this.ends(due.filter(({ offset }) => offset === null).map(({ partition }) => partition));
    for (const kept of due) {
      const { partition, copy, pending, offset: known } = kept;
      const at = kept.at!;
      kept.pending = new Map();
      const offset = known ?? (await this.placeOf(at, partition, ends.get(partition) ?? 0));
      if (offset === null) {
        for (const [key, value] of pending) if (!kept.pending.has(key)) kept.pending.set(key, value);
        continue;
      }
      try {
        const began = performance.now();
        const isOurs = await this.options.store.save(copy, pending, { offset, ...at });
        if (isOurs) this.metrics.saved(pending, (performance.now() - began) / 1000);
        else if (this.kept.get(partition) === kept) this.kept.delete(partition);
      } catch (error) {
        if (this.kept.get(partition) === kept) this.failed(partition, error);
      }
    }
  }

  /** Ends of those partitions of the changelog; none while the log does not answer. */
  private async ends(partitions: readonly number[]): Promise<Map<number, number>> {
    if (partitions.length === 0) return new Map();
    try {
      return new Map((await this.options.reader.bounds(this.options.changelog, partitions)).map(({ partition, end }) => [partition, end]));
    } catch {
      return new Map();
    }
  }

  /** Offset of the last head of the changelog, where it is one of that checkpoint; null where it is not, or not yet to be seen. */
  private async placeOf(at: Checkpoint, partition: number, end: number): Promise<number | null> {
    let found: number | null = null;
    try {
      // A head is the last record of its transaction; on Kafka a marker follows it.
      for await (const { key, value, offset } of this.options.reader.read({ topic: this.options.changelog, partition }, Math.max(0, end - 2), end)) {
        if (key?.toString() !== HEAD_KEY || value === null) continue;
        const { runs } = JSON.parse(value.toString()) as Head;
        const last = runs && lastOf(runs);
        found = last?.run === at.run && last.checkpoint === at.checkpoint ? offset : null;
      }
    } catch {
      return null;
    }
    return found;
  }
}

/** What a promise resolves to, if it does so in time. */
async function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  const stop = new AbortController();
  try {
    return await Promise.race([
      promise,
      sleep(ms, undefined, { signal: stop.signal }).then(() => {
        throw new Error(`no answer in ${ms} ms`);
      }),
    ]);
  } finally {
    stop.abort();
    promise.catch(() => undefined);
  }
}
