/** Java, Maven and the folders of the servers for local use and tests. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { NetWeaverError } from '../errors';
import { ROOT } from '../root';

/** Says what is going on during a slow step; one line. */
export type Say = (line: string) => void;

/** Folder of downloads and running servers: NETWEAVER_CACHE, else `netweaver` in XDG_CACHE_HOME, else `~/.cache/netweaver`. */
export const cacheFolder = (): string => process.env.NETWEAVER_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'netweaver');

/** A file that belongs to these tools, beside this source. */
export const devFile = (name: string): string => join(ROOT, 'infra', 'dev', name);

const run = promisify(execFile);

/** Makes sure that there is Java 17 or later. @throws NW_DEV_JAVA_MISSING */
export async function requireJava(): Promise<void> {
  const found = await run('java', ['-version']).then(({ stdout, stderr }) => /version "(\d+)/.exec(stdout + stderr)?.[1], () => undefined);
  if (found === undefined) throw new NetWeaverError('NW_DEV_JAVA_MISSING', 'There is no `java`.');
  if (Number(found) < 17) throw new NetWeaverError('NW_DEV_JAVA_MISSING', `\`java\` is version ${found}.`);
}

/** Runs Maven in a folder with a pom.xml. @throws NW_DEV_MAVEN_MISSING, NW_DEV_DOWNLOAD_FAILED */
export async function maven(folder: string, goals: readonly string[]): Promise<void> {
  let output = '';
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn('mvn', ['--batch-mode', '--quiet', '--no-transfer-progress', ...goals], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => void (output = (output + String(chunk)).slice(-4000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', () => reject(new NetWeaverError('NW_DEV_MAVEN_MISSING', 'There is no `mvn`.')));
    child.on('close', resolve);
  });
  if (code !== 0) throw new NetWeaverError('NW_DEV_DOWNLOAD_FAILED', `mvn ${goals.join(' ')} ended with ${code}:\n${output.trim()}`);
}

/**
 * A folder of the cache, made by `make` where it is missing. What `make` leaves unfinished is never seen: it works in a folder
 * of its own that takes its name at the end.
 */
export async function cached(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const target = join(cacheFolder(), name);
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(`${target}.`);
  try {
    await make(folder);
    try {
      renameSync(folder, target);
    } catch (error) {
      if (!existsSync(target)) throw error; // another one was faster
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return target;
}

/** Copies one of the files beside this source. */
export function copyDevFile(name: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(devFile(name), to);
}
