import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time that a process has to leave when it is asked to. */
const STOP_MS = 30_000;

/** How a process ended when nobody had asked it to. */
export interface End {
  readonly atMs: number;
  /** Exit code or signal. */
  readonly how: string;
  /** Code of the error that it printed last; empty for none. */
  readonly code: string;
  /** What it printed of that error. */
  readonly why: string;
}

/** A process that is started again whenever it ends, as an orchestrator would, until it is to be down. */
export class Member {
  readonly ends: End[] = [];
  private child: ChildProcess | null = null;
  private wanted = false;
  private asked = false;

  constructor(
    readonly name: string,
    private readonly args: readonly string[],
    private readonly logFile: string,
  ) {}

  get running(): boolean {
    return this.child !== null;
  }

  start(): void {
    this.wanted = true;
    if (this.child === null) this.spawn();
  }

  /** SIGTERM, and no new start; resolves when it has left. */
  async stop(): Promise<void> {
    this.wanted = false;
    await this.end('SIGTERM');
  }

  /** SIGKILL; it is started again. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGKILL, and no new start. */
  async destroy(): Promise<void> {
    this.wanted = false;
    await this.end('SIGKILL');
  }

  /** Stands still for so long, as a machine that swaps or a virtual one that is moved; then goes on, believing that no time has passed. */
  async freeze(ms: number, meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const { child } = this;
    if (child === null) return;
    child.kill('SIGSTOP');
    const frozen = sleep(ms);
    await meanwhile();
    await frozen;
    child.kill('SIGCONT');
  }

  /** The end of what it printed. */
  output(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').slice(-3000) : '';
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === null) return;
    this.asked = true;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    // An orchestrator does not wait for ever either.
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(patience);
  }

  private lastError(): Pick<End, 'code' | 'why'> {
    const found = [...this.output().matchAll(/^(NW_[A-Z_]+|netweaver): (.*)$/gm)].at(-1);
    return { code: found?.[1] ?? '', why: found?.[2] ?? '' };
  }

  private spawn(): void {
    const log = openSync(this.logFile, 'a');
    const child = spawn(process.execPath, this.args, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.child = child;
    this.asked = false;
    child.once('exit', (code, signal) => {
      if (!this.asked) this.ends.push({ atMs: Date.now(), how: signal ?? String(code), ...this.lastError() });
      this.child = null;
      if (this.wanted) setTimeout(() => this.wanted && this.child === null && this.spawn(), 300);
    });
  }
}
