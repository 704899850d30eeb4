/**
 * The lmdb environment behind the embedded log: its tables, its writer's claim, its errors, and the wake-up of readers.
 *
 * Every thread of the process that owns the log opens it for itself; lmdb serialises their write transactions. A commit is
 * synced to disk before its promise resolves (no overlapping sync), so what was acknowledged survives the process and the
 * machine. Another process may read at any time; it is refused the first time that it asks to write.
 */
import { statfsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { NetWeaverError } from '../../errors';
import { isRunning, thisProcess, type ProcessIdentity } from '../../process-identity';
import { Tables } from './tables';

/** The process that writes, and how many of its threads have asked to. */
interface Owner extends ProcessIdentity {
  readonly writers: number;
}

/** Range `[from, to)` of offsets of one partition in {@link Environment.records}. */
export const offsets = (topicId: number, partition: number, from: number, to: number): { start: number[]; end: number[] } => ({
  start: [topicId, partition, from],
  end: [topicId, partition, to],
});

const WAKE_FIRST_MS = 2;
const WAKE_LAST_MS = 15;

/** What {@link Environment} may be told. */
export interface EnvironmentOptions {
  /** Appends are refused with NW_LOG_DISK_FULL when the file system has less than this left. Bytes. */
  readonly reserveBytes: number;
}

/** One thread's view of the environment. */
export class Environment {
  private readonly tables: Tables;
  readonly root: Tables['root'];
  readonly records: Tables['records'];
  readonly topics: Tables['topics'];
  readonly partitions: Tables['partitions'];
  readonly times: Tables['times'];
  readonly appends: Tables['appends'];
  readonly positions: Tables['positions'];
  readonly groups: Tables['groups'];
  readonly latest: Tables['latest'];
  readonly tombstones: Tables['tombstones'];
  readonly meta: Tables['meta'];

  private readonly waiters = new Set<() => void>();
  private wakeTimer: NodeJS.Timeout | undefined;
  private lastTxn = -1;
  private freeBytes = 0;
  private freeCheckedAt = -Infinity;
  private closed = false;
  private claimed: Promise<void> | undefined;

  /** Opens, and creates where nothing is. @throws NW_LOG_UNREACHABLE */
  constructor(
    private readonly path: string,
    private readonly options: EnvironmentOptions,
  ) {
    try {
      this.tables = Tables.open(path);
    } catch (error) {
      throw new NetWeaverError('NW_LOG_UNREACHABLE', `The embedded log in ${path} cannot be opened: ${(error as Error).message}`, { cause: error });
    }
    ({ root: this.root, records: this.records, topics: this.topics, partitions: this.partitions, times: this.times, appends: this.appends, positions: this.positions, groups: this.groups, latest: this.latest, tombstones: this.tombstones, meta: this.meta } = this.tables);
  }

  /**
   * Makes this process the one that writes. Members of a process that is gone lose their groups. Waits for its turn without holding the thread.
   * @throws NW_LOG_LOCKED
   */
  claim(): Promise<void> {
    return (this.claimed ??= this.transact(() => this.takeOwnership()).catch((error: Error) => {
      this.claimed = undefined;
      throw error;
    }));
  }

  /**
   * Runs `step` inside a write transaction and resolves to its result once that is on disk. A throw undoes what it wrote, and
   * nothing else. Steps asked for together share one commit. @throws NW_LOG_DISK_FULL
   */
  async write<T>(bytes: number, step: () => T): Promise<T> {
    await this.claim();
    this.checkSpace(bytes);
    const result = await this.transact(step);
    this.wake();
    return result;
  }

  /** Forgets this thread's snapshot, so that the next read sees what others have committed. */
  refresh(): void {
    this.root.resetReadTxn();
  }

  /** Resolves after the next commit by anyone, or `timeoutMs`, or {@link close}. */
  async changed(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.closed || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiters.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(timeoutMs, 2 ** 31 - 1));
      signal?.addEventListener('abort', done);
      this.waiters.add(done);
      if (!this.wakeTimer) this.watch(WAKE_FIRST_MS);
    });
  }

  /** Closes this thread's view. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.wakeTimer);
    this.wake();
    if (this.claimed) await this.transact(() => this.release());
    await this.tables.close();
  }

  /** One write transaction; steps asked for together share it. @throws NW_LOG_DISK_FULL */
  private async transact<T>(step: () => T): Promise<T> {
    try {
      return await this.root.childTransaction(step);
    } catch (error) {
      const commitError = (error as { commitError?: Promise<never> }).commitError;
      if (!commitError) throw error;
      this.freeCheckedAt = -Infinity;
      const cause = await commitError.catch((reason: Error) => reason);
      throw new NetWeaverError('NW_LOG_DISK_FULL', `Writing to ${this.path} failed: ${cause.message}`, { cause });
    }
  }

  private takeOwnership(): void {
    const owner = this.meta.get('owner') as Owner | undefined;
    const me = thisProcess();
    const mine = owner?.pid === me.pid && owner.started === me.started;
    if (owner && owner.pid !== process.pid && isRunning(owner)) {
      throw new NetWeaverError('NW_LOG_LOCKED', `Process ${owner.pid} writes to ${this.path}.`);
    }
    if (!mine) for (const group of [...this.groups.getKeys()]) this.groups.remove(group);
    this.meta.put('owner', { ...me, writers: mine ? owner.writers + 1 : 1 } satisfies Owner);
  }

  /** The last writer of this process leaves the folder to others. */
  private release(): void {
    const owner = this.meta.get('owner') as Owner | undefined;
    if (owner?.pid !== process.pid) return;
    if (owner.writers > 1) this.meta.put('owner', { ...owner, writers: owner.writers - 1 } satisfies Owner);
    else this.meta.remove('owner');
  }

  /** Looks for commits of other threads and processes, ever less often while nothing happens. */
  private watch(delay: number): void {
    this.wakeTimer = setTimeout(() => {
      this.wakeTimer = undefined;
      const txn = (this.root.getStats() as { lastTxnId: number }).lastTxnId;
      const moved = txn !== this.lastTxn;
      this.lastTxn = txn;
      if (moved) this.wake();
      else if (this.waiters.size > 0) this.watch(Math.min(WAKE_LAST_MS, delay * 1.5));
    }, delay);
  }

  private wake(): void {
    for (const waiter of [...this.waiters]) waiter();
  }

  private checkSpace(bytes: number): void {
    const now = performance.now();
    if (now - this.freeCheckedAt > 1000 || this.freeBytes - bytes < this.options.reserveBytes) {
      const { bavail, bsize } = statfsSync(this.path);
      this.freeBytes = bavail * bsize;
      this.freeCheckedAt = now;
    }
    if (bytes > 0 && this.freeBytes - bytes < this.options.reserveBytes) {
      throw new NetWeaverError('NW_LOG_DISK_FULL', `${Math.floor(this.freeBytes / 2 ** 20)} MiB are left for ${this.path}.`);
    }
    this.freeBytes -= bytes;
  }
}
