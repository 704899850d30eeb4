import { readFileSync } from 'node:fs';

/** A process of this machine, told from a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, as the system tells it; empty where it does not. */
  readonly started: string;
}

/** The process that asks. */
export const thisProcess = (): ProcessIdentity => ({ pid: process.pid, started: startOf(process.pid) });

/** True while that very process is there. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startOf(pid) === started;
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return '';
  }
}
