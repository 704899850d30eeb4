import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

/** Optional packages that are asked for separately: see `npm run add:kafka`. */
const ON_REQUEST = new Set(['node-rdkafka', 'bindings', 'nan', 'file-uri-to-path']);

const fits = (list, value) => list === undefined || (list.some((item) => !item.startsWith('!')) ? list.includes(value) : !list.includes(`!${value}`));
const isMusl = () => process.platform === 'linux' && process.report?.getReport?.().header?.glibcVersionRuntime === undefined;

/** Packages of the lock file that are not in node_modules, or in another version: nothing but reads. */
export function missingModules(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const libc = isMusl() ? 'musl' : 'glibc';
  return Object.entries(packages)
    .filter(([path, { optional, os, cpu, libc: libcs }]) => {
      if (path === '') return false;
      if (optional !== true) return true;
      // An optional package counts where it was made for exactly this platform.
      return os !== undefined && fits(os, process.platform) && fits(cpu, process.arch) && fits(libcs, libc) && !ON_REQUEST.has(path.split('node_modules/').at(-1));
    })
    .filter(([path, { version }]) => installedVersion(join(root, path)) !== version)
    .map(([path]) => path.split('node_modules/').at(-1));
}

function installedVersion(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

/** Installs what is missing, without running any package's scripts: everything that the embedded mode needs is prebuilt. */
export async function ensureModules(root) {
  const missing = missingModules(root);
  if (missing.length === 0) return;
  const fresh = !existsSync(join(root, 'node_modules'));
  const why = fresh ? 'node_modules is not there yet' : `node_modules lacks ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`;
  const npm = process.env.npm_execpath;
  const command = npm !== undefined && npm.endsWith('.js') ? [process.execPath, npm] : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  await run(`installing packages (${why}; half a minute to two, by the network)`, [...command, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, timeoutMs: 20 * 60_000 });
  const still = missingModules(root);
  if (still.length > 0) throw new Error(`npm ci ended, but node_modules still lacks ${still.join(', ')}`);
}
