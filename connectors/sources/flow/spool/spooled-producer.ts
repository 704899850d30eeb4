/**
 * A producer that outlives a log that is away: what the log does not take goes to files, and from there to the log in the same
 * order once it is back.
 *
 * While the log is healthy a call goes straight on. The log counts as away where a batch has waited for longer than `afterMs`, where
 * more than `directBytes` wait, or where it has not been reached yet. Then what waits is copied to the files, and everything new goes
 * behind it; what is in the files is read and handed on, at most {@link WINDOW} bytes at a time, so nothing overtakes. When the files
 * are read to their end, calls go straight on again.
 *
 * Delivery: at least once. `append` resolves when the records are durable on the log or in the files (see `files.ts` for what that
 * survives); what was delivered and not yet noted when the process ended comes twice. Order per partition is the order of the calls.
 * Where the files cannot be written, records wait in memory as they do without a spool, and are tried again.
 */
import { hasCode, NetWeaverError } from '../../../../infra/errors';
import type { LogProducer } from '../../../../infra/log/log';
import { SpoolFiles, type SpoolLosses, type Tally } from './files';
import { decodeFrame, encodeFrame, readFrameHeader, type CountedRecord } from './frame';

/** Bytes from the files that are handed to the log and not yet durable there, at most. */
const WINDOW = 8 * 2 ** 20;
/** Between looks at what waits, and between attempts. Milliseconds. */
const LOOK_MS = 250;
const RETRY_MS = 1000;
const CLOSE_MS = 3000;
/** Frames deflated at once. */
const GROUP = 8;
/** Errors after which trying again cannot help, for any batch. */
const FINAL = ['NW_LOG_FENCED', 'NW_TOPIC_MISSING', 'NW_SCHEMA_INCOMPATIBLE'] as const;

/** How a spool stands. */
export interface SpoolState {
  /** False where the files cannot be written. */
  readonly usable: boolean;
  /** True while batches go through the files. */
  readonly active: boolean;
  /** Bytes on disk. */
  readonly bytes: number;
  /** What is in the files and not yet handed to the log. */
  readonly unread: Tally;
  /** Batches written to the files since the start. */
  readonly written: Tally;
  readonly losses: SpoolLosses;
  /** Refused by the log for good: they were let go. */
  readonly refused: Tally;
  /** Writes that failed. */
  readonly errors: number;
}

/** What a {@link SpooledProducer} is made of. */
export interface SpoolOptions {
  readonly folder: string;
  readonly maxBytes: number;
  readonly afterMs: number;
  readonly directBytes: number;
  /** Opens the producer behind; tried again until it works. */
  open(): Promise<LogProducer>;
  /** Something to be written down: an error that is tried again, a loss. */
  warn(error: Error): void;
  /** The log is away (true), or everything from the files was handed to it (false). */
  onAway?(away: boolean): void;
  /** Trying again cannot help. */
  fail(error: Error): void;
}

/** An append on its way. */
interface Entry {
  records: readonly CountedRecord[];
  readonly bytes: number;
  readonly flows: number;
  /** Settles the caller's promise; nothing for what comes from the files. */
  readonly done?: () => void;
  handedMs: number;
  delivered: boolean;
  /** Where its frame ends; undefined where it has none. */
  end?: { readonly segment: number; readonly offset: number };
}

export class SpooledProducer implements LogProducer {
  private inner: LogProducer | null = null;
  private files: SpoolFiles | null = null;
  private triedFilesMs = -Infinity;
  /** Handed to the log and not yet durable there, in order. */
  private readonly flights: Entry[] = [];
  private flightBytes = 0;
  /** To be written to the files, in order. */
  private readonly queue: Entry[] = [];
  private diverted = false;
  private writing = false;
  private pumping = false;
  private closed = false;
  private timer: NodeJS.Timeout | null = null;
  private errors = 0;
  private readonly written: Tally = { batches: 0, flows: 0 };
  private readonly refused: Tally = { batches: 0, flows: 0 };
  private droppedSaid = 0;

  private readonly window: number;

  constructor(private readonly options: SpoolOptions) {
    this.window = Math.max(1, Math.min(WINDOW, options.directBytes));
  }

  /**
   * Opens the files, then the log. Resolves when the log is reached or, where `wait` is false, when it was not: it is then tried again.
   * @throws what the log's producer throws, where `wait`
   */
  async start(wait: boolean): Promise<void> {
    await this.openFiles();
    this.diverted = this.files !== null && this.files.unread.batches > 0;
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
    if (wait) await this.reach();
    else void this.reachAgain();
    this.pump();
  }

  get pendingBytes(): number {
    return this.flightBytes + this.queue.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The memory of `records` belongs to the producer until the promise resolves. */
  append(records: readonly CountedRecord[]): Promise<void> {
    if (this.closed) return Promise.reject(new NetWeaverError('NW_LOG_UNREACHABLE', 'The producer is closed.'));
    return new Promise((done) => {
      const entry = entryOf(records, records.reduce((sum, { flows = 0 }) => sum + flows, 0), undefined, done);
      if (!this.diverted && !this.away) return this.hand(entry);
      this.divert();
      this.queue.push(entry);
      this.kick();
    });
  }

  /** Waits until everything is durable, on the log or in the files. */
  async flush(): Promise<void> {
    while (this.queue.length > 0 || this.flights.some(({ end }) => end === undefined)) await pause(10);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    // What waits for the log is put where the next start finds it.
    for (const until = performance.now() + CLOSE_MS; this.files !== null && (this.queue.length > 0 || this.flights.some(({ end }) => end === undefined)) && performance.now() < until; ) {
      if (performance.now() > until - CLOSE_MS / 2) this.divert();
      this.kick();
      await pause(20);
    }
    this.closed = true;
    if (this.timer) clearInterval(this.timer);
    while (this.writing || this.pumping) await pause(5);
    // What the files hold is delivered by the next start, and not also by a client that outlives this.
    const kept = this.flights.every(({ end }) => end !== undefined);
    await this.inner?.close(this.flights.length === 0 ? undefined : kept ? 0 : CLOSE_MS).catch((error: Error) => this.options.warn(error));
    await this.files?.close();
  }

  state(): SpoolState {
    const none = { batches: 0, flows: 0 };
    const { files, errors, written, refused } = this;
    return { usable: files !== null, active: this.diverted, bytes: files?.bytes ?? 0, unread: files?.unread ?? none, written, refused, errors, losses: files?.losses ?? { dropped: none, damaged: none, tornBytes: 0 } };
  }

  /** True where the log takes nothing now. */
  private get away(): boolean {
    const [oldest] = this.flights;
    return this.inner === null || this.flightBytes > this.options.directBytes || (oldest !== undefined && performance.now() - oldest.handedMs > this.options.afterMs);
  }

  /** Hands an entry to the log; again where the log fails on it, at its place. */
  private hand(entry: Entry): void {
    entry.handedMs = performance.now();
    this.flights.push(entry);
    this.flightBytes += entry.bytes;
    void this.deliver(entry);
  }

  private async deliver(entry: Entry): Promise<void> {
    for (;;) {
      try {
        await this.inner!.append(entry.records);
        break;
      } catch (error) {
        if (this.closed) return;
        if (hasCode(error, 'NW_LOG_REJECTED')) {
          this.refused.batches++;
          this.refused.flows += entry.flows;
          this.options.warn(error);
          break;
        }
        if (FINAL.some((code) => hasCode(error, code))) return this.options.fail(error as Error);
        this.options.warn(error as Error);
        await pause(RETRY_MS);
      }
    }
    entry.delivered = true;
    entry.done?.();
    this.land();
  }

  /** Takes what is delivered off the front. */
  private land(): void {
    while (this.flights[0]?.delivered) {
      const { bytes, end } = this.flights.shift()!;
      this.flightBytes -= bytes;
      if (end) this.files?.commit(end);
    }
    if (this.diverted) this.pump();
    else if (this.flights.length === 0 && this.files && this.files.bytes > 0) void this.files.clear().catch(this.options.warn);
  }

  /** From now on through the files: first what waits for the log already, in case this process ends before the log is back. */
  private divert(): void {
    if (this.diverted) return;
    this.diverted = true;
    this.options.onAway?.(true);
    this.queue.push(...this.flights.filter(({ end, delivered }) => end === undefined && !delivered));
  }

  private look(): void {
    if (!this.diverted && this.away && this.flights.length > 0) this.divert();
    if (this.diverted) this.kick();
  }

  private kick(): void {
    this.write();
    this.pump();
  }

  /** Writes what is queued, unless the log is back and the files are nearly read. */
  private write(): void {
    if (this.writing || this.queue.length === 0 || !(this.away || (this.files?.unreadBytes ?? 0) > this.window)) return;
    this.writing = true;
    void this.writeQueue().finally(() => {
      this.writing = false;
      this.kickLater();
    });
  }

  private async writeQueue(): Promise<void> {
    const { queue } = this;
    try {
      const files = this.files ?? (await this.openFiles());
      if (!files) return;
      const group = queue.slice(0, GROUP);
      const frames = await Promise.all(group.map((entry) => (entry.delivered ? null : encodeFrame(entry.records))));
      for (const [i, entry] of group.entries()) {
        const frame = frames[i];
        if (frame && !entry.delivered) {
          entry.end = await files.write(frame);
          this.written.batches++;
          this.written.flows += entry.flows;
          // Handed to the log before it was written: it is not read again.
          if (entry.handedMs > 0) {
            files.skip(readFrameHeader(frame)!);
            // The log may still be tried with it, and the caller's memory is the caller's again.
            entry.records = entry.records.map((record) => ({ ...record, key: record.key && Buffer.from(record.key), value: record.value && Buffer.from(record.value) }));
          }
          entry.done?.();
        }
        queue.shift();
      }
      this.sayLosses(files);
    } catch (error) {
      this.errors++;
      this.options.warn(unusable(this.options.folder, error as Error));
      await pause(RETRY_MS);
    }
  }

  private sayLosses({ losses: { dropped } }: SpoolFiles): void {
    if (dropped.batches > this.droppedSaid) this.options.warn(new NetWeaverError('NW_SPOOL_FULL', `${this.options.folder}: ${dropped.batches} batches with ${dropped.flows} flows dropped so far.`));
    this.droppedSaid = dropped.batches;
  }

  /** Hands on what the files hold, then what is queued. */
  private pump(): void {
    if (this.pumping || !this.inner || !this.diverted) return;
    this.pumping = true;
    void this.pumpFiles()
      .catch(this.options.warn)
      .finally(() => (this.pumping = false));
  }

  private async pumpFiles(): Promise<void> {
    while (!this.closed && this.diverted && this.flightBytes < this.window) {
      const frames = (await this.files?.read()) ?? [];
      if (frames.length > 0) {
        const batches = await Promise.all(frames.map(({ frame }) => decodeFrame(frame)));
        for (const [i, { frame, end }] of frames.entries()) this.hand(entryOf(batches[i], readFrameHeader(frame)!.flows, end));
      } else if (this.files && this.files.unreadBytes > 0) {
        continue;
      } else if (this.writing || this.away) {
        return;
      } else {
        for (const entry of this.queue.splice(0)) if (entry.handedMs === 0) this.hand(entry);
        this.diverted = false;
        this.options.onAway?.(false);
        this.land();
      }
    }
    this.write();
  }

  private kickLater(): void {
    setImmediate(() => this.kick());
  }

  private async openFiles(): Promise<SpoolFiles | null> {
    if (performance.now() - this.triedFilesMs < RETRY_MS) {
      await pause(RETRY_MS);
      if (this.closed) return null;
    }
    this.triedFilesMs = performance.now();
    try {
      this.files = await SpoolFiles.open(this.options.folder, this.options.maxBytes);
      const { tornBytes } = this.files.losses;
      if (tornBytes > 0) this.options.warn(new NetWeaverError('NW_SPOOL_DAMAGED', `${this.options.folder}: ${tornBytes} bytes at the end of a segment were no whole batch.`));
    } catch (error) {
      this.errors++;
      this.options.warn(unusable(this.options.folder, error as Error));
    }
    return this.files;
  }

  private async reach(): Promise<void> {
    this.inner = await this.options.open();
    if (this.closed) await this.inner.close();
  }

  private async reachAgain(): Promise<void> {
    while (!this.closed) {
      try {
        await this.reach();
        return this.kick();
      } catch (error) {
        if (error instanceof NetWeaverError && !error.code.endsWith('_UNREACHABLE')) return this.options.fail(error);
        this.options.warn(error as Error);
        await pause(RETRY_MS);
      }
    }
  }
}

function entryOf(records: readonly CountedRecord[], flows: number, end?: Entry['end'], done?: () => void): Entry {
  let bytes = 0;
  for (const { key, value } of records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
  return { records, bytes, flows, done, handedMs: 0, delivered: false, end };
}

const unusable = (folder: string, error: Error): NetWeaverError => (error instanceof NetWeaverError ? error : new NetWeaverError('NW_SPOOL_UNUSABLE', `${folder}: ${error.message}.`, { cause: error }));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
