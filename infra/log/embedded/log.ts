/**
 * The embedded log: one lmdb environment, one machine, no server. Each worker thread of the process opens its own
 * {@link EmbeddedLog} on the same folder.
 */
import { NetWeaverError } from '../../errors';
import type { GroupMember, Log, LogProducer, LogReader, LogTail, MemberOptions } from '../log';
import { EmbeddedAdmin } from './admin';
import { Environment } from './environment';
import { maintain } from './maintain';
import { EmbeddedMember } from './member';
import { EmbeddedProducer } from './producer';
import { EmbeddedReader } from './reader';
import { EmbeddedTail } from './tail';

/** Settings of the embedded log; see `log` in the configuration. */
export interface EmbeddedOptions {
  /** Folder of the lmdb environment; made where it is missing. */
  readonly path: string;
  /** Distance of housekeeping rounds, milliseconds; 0 for none (call {@link EmbeddedLog.maintain}). */
  readonly maintainEveryMs: number;
  /** How long compaction leaves a tombstone, milliseconds. */
  readonly tombstoneMs: number;
  /** Appends are refused below this much free disk. Bytes. */
  readonly reserveBytes: number;
}

/** A log in a folder. Writing needs the folder for this process alone (NW_LOG_LOCKED otherwise); reading does not. */
export class EmbeddedLog implements Log {
  readonly kind = 'embedded';
  readonly admin: EmbeddedAdmin;
  private readonly env: Environment;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private closed = false;

  /** Opens the folder. @throws NW_LOG_UNREACHABLE */
  constructor(private readonly options: EmbeddedOptions) {
    this.env = new Environment(options.path, options);
    this.admin = new EmbeddedAdmin(this.env);
  }

  async producer(_name: string): Promise<LogProducer> {
    await this.becomeWriter();
    return new EmbeddedProducer(this.env);
  }

  async member(options: MemberOptions): Promise<GroupMember> {
    await this.becomeWriter();
    const member = new EmbeddedMember(this.env, options);
    await member.join();
    return member;
  }

  async reader(): Promise<LogReader> {
    return new EmbeddedReader(this.env);
  }

  async tail(): Promise<LogTail> {
    return new EmbeddedTail(this.env);
  }

  async ping(): Promise<void> {
    if (this.closed) throw new NetWeaverError('NW_LOG_UNREACHABLE', 'The embedded log is closed.');
    this.env.meta.get('owner');
  }

  /** One round of housekeeping: retention, compaction, deleted topics. See `maintain.ts`. */
  async maintain(nowMs = Date.now()): Promise<void> {
    await maintain(this.env, { nowMs, tombstoneMs: this.options.tombstoneMs }, () => this.closed);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    await this.round;
    await this.env.close();
  }

  private async becomeWriter(): Promise<void> {
    await this.env.claim();
    this.schedule();
  }

  /** Every writing thread looks, and the first whose turn it is does the round for all. */
  private schedule(): void {
    const every = this.options.maintainEveryMs;
    if (every <= 0 || this.timer || this.closed) return;
    this.timer = setTimeout(() => {
      this.round = this.maintainInTurn(every)
        .catch(() => undefined) // a full disk, say: the next round tries again, and writers see the error themselves
        .then(() => {
          this.timer = undefined;
          this.schedule();
        });
    }, every);
    this.timer.unref();
  }

  private async maintainInTurn(every: number): Promise<void> {
    const now = Date.now();
    const mine = await this.env.write(0, () => {
      const last = this.env.meta.get('maintainedMs') as number | undefined;
      if (last !== undefined && last <= now && now - last < every / 2) return false;
      this.env.meta.put('maintainedMs', now);
      return true;
    });
    if (mine) await this.maintain();
  }
}
