/** Who uses a spool's folder: one process at a time, and whoever comes after a process that died takes it over. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NetWeaverError } from '../../../../infra/errors';

const FILE = 'owner';

/** When a process began, as the system counts (Linux; '' elsewhere): its number may have passed to another since. */
function beganAt(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return '';
  }
}

function runs(pid: number, began: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return beganAt(pid) === began;
}

/** Takes the folder. @throws NW_SPOOL_UNUSABLE another process has it, or nothing can be written */
export function claim(folder: string): void {
  const file = join(folder, FILE);
  const own = `${process.pid} ${beganAt(process.pid)}`;
  try {
    writeFileSync(file, own, { flag: 'wx' });
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const [pid, began = ''] = readFileSync(file, 'latin1').split(' ');
  if (Number(pid) !== process.pid && Number(pid) > 0 && runs(Number(pid), began)) {
    throw new NetWeaverError('NW_SPOOL_UNUSABLE', `Process ${pid} uses ${folder}; give each collector a data.dir of its own.`);
  }
  writeFileSync(file, own);
}

/** Gives it back. */
export const release = (folder: string): void => rmSync(join(folder, FILE), { force: true });
