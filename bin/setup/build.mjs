import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

const FOLDERS = ['bin', 'topics', 'schemas', 'processors', 'domain', 'connectors', 'infra', 'load-tests', 'tests'];
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json'];
const STAMP = 'dist/.built';

/** When the newest source was changed, milliseconds since the epoch. */
export function newestSource(root) {
  let newest = 0;
  const look = (path) => (newest = Math.max(newest, statSync(path).mtimeMs));
  const walk = (folder) => {
    look(folder);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && entry.name !== 'node_modules') walk(join(folder, entry.name));
      else if (entry.name.endsWith('.ts')) look(join(folder, entry.name));
    }
  };
  for (const folder of FOLDERS) if (existsSync(join(root, folder))) walk(join(root, folder));
  for (const file of FILES) if (existsSync(join(root, file))) look(join(root, file));
  return newest;
}

/** True where dist/ is missing or older than the sources. */
export function isStale(root) {
  const stamp = join(root, STAMP);
  return !existsSync(stamp) || !existsSync(join(root, 'dist/bin/netweaver.js')) || statSync(stamp).mtimeMs < newestSource(root);
}

/** Checks the types and builds dist/ where that is stale. @throws Error with the compiler's messages */
export async function ensureBuild(root) {
  if (!isStale(root)) return;
  const newest = newestSource(root);
  const first = existsSync(join(root, STAMP)) ? 'the sources have changed' : 'ten seconds or so';
  await run(`building (${first})`, [process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--pretty', 'false'], { cwd: root });
  // What was saved while the compiler ran is built next time.
  writeFileSync(join(root, STAMP), '');
  utimesSync(join(root, STAMP), newest / 1000 + 0.001, newest / 1000 + 0.001);
}
