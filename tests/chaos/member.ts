import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that is started again whenever it ends, as an orchestrator would, until it is to be down. */
export class Member {
  /** How it ended when nobody had asked it to, by exit code or signal. */
  readonly ends: string[] = [];
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
    await ended;
  }

  private spawn(): void {
    const log = openSync(this.logFile, 'a');
    const child = spawn(process.execPath, this.args, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.child = child;
    this.asked = false;
    child.once('exit', (code, signal) => {
      if (!this.asked) this.ends.push(signal ?? String(code));
      this.child = null;
      if (this.wanted) setTimeout(() => this.wanted && this.child === null && this.spawn(), 300);
    });
  }
}
