/** A server in the background: started once, found again by a file with its process number, stopped for certain. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { NetWeaverError } from '../errors';
import { cacheFolder } from './tools';

/** What to run, and how to tell that it is ready. */
export interface ServerSpec {
  /** Names the folder of the running server, e.g. `kafka-29092`. */
  readonly name: string;
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /** Arguments of `java`. One of them must hold {@link runFolder}, by which the process is recognised. */
  readonly javaArguments: readonly string[];
  /** Milliseconds until it must be ready. */
  readonly timeoutMs: number;
  /** Resolves to true when it answers. */
  ready(): Promise<boolean>;
}

/** Folder of a running server: its process number, output and configuration. */
export const runFolder = (name: string): string => join(cacheFolder(), 'run', name);

const pidFile = (name: string): string => join(runFolder(name), 'pid');

/** Process number of a server that runs, else null. A number that has passed to another program does not count. */
export function runningPid(name: string): number | null {
  let pid: number;
  try {
    pid = Number(readFileSync(pidFile(name), 'utf8'));
  } catch {
    return null;
  }
  return pid > 0 && commandLine(pid).includes(runFolder(name)) ? pid : null;
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    try {
      return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      return '';
    }
  }
}

/** Starts and waits until it is ready. @throws NW_PORT_IN_USE, NW_DEV_START_FAILED */
export async function startServer(spec: ServerSpec): Promise<void> {
  if (await answers(spec.port)) throw new NetWeaverError('NW_PORT_IN_USE', `127.0.0.1:${spec.port} is taken by another program; choose another with --port.`);
  const folder = runFolder(spec.name);
  mkdirSync(folder, { recursive: true });
  const output = join(folder, 'output.log');
  const file = openSync(output, 'w');
  const child = spawn('java', spec.javaArguments, { cwd: folder, detached: true, stdio: ['ignore', file, file] });
  closeSync(file);
  let ended = false;
  child.once('exit', () => (ended = true));
  child.once('error', () => (ended = true));
  child.unref();
  if (child.pid !== undefined) writeFileSync(pidFile(spec.name), String(child.pid));
  for (const deadline = Date.now() + spec.timeoutMs; ; await setTimeout(100)) {
    if (!ended && (await spec.ready())) return;
    if (ended || Date.now() > deadline) break;
  }
  await stopServer(spec.name);
  const tail = readFileSync(output, 'utf8').trim().split('\n').slice(-15).join('\n');
  throw new NetWeaverError('NW_DEV_START_FAILED', `${spec.name} ${ended ? 'ended' : `was not ready after ${spec.timeoutMs / 1000} s`}:\n${tail}`);
}

/** Stops a server and waits until it is gone; by force after ten seconds. False where none ran. */
export async function stopServer(name: string): Promise<boolean> {
  const pid = runningPid(name);
  if (pid !== null) {
    process.kill(pid, 'SIGTERM');
    for (let waited = 0; runningPid(name) === pid; waited += 50) {
      if (waited >= 10_000) process.kill(pid, 'SIGKILL');
      await setTimeout(50);
    }
  }
  rmSync(pidFile(name), { force: true });
  return pid !== null;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}
