import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { NetWeaverError } from '../errors';

/** How a program of PostgreSQL is started, for it refuses to run as root. */
export interface ServerUser {
  /** Absent: the user that runs NetWeaver. */
  readonly uid?: number;
  readonly gid?: number;
  /** Program and arguments that stand before the program's own. */
  readonly prefix: readonly string[];
}

/**
 * The user of the embedded server. For root: `postgres` where that user exists, else `nobody`; no user is made. Where that
 * user could not reach `paths` (a checkout under /root), the server keeps root's right to pass folders, through setpriv of
 * util-linux, and nothing else.
 * @throws NW_DATABASE_REFUSED where neither is possible
 */
export function serverUser(paths: readonly string[]): ServerUser {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const found = ids('postgres') ?? ids('nobody');
  if (found === undefined) throw new NetWeaverError('NW_DATABASE_REFUSED', 'The embedded PostgreSQL does not run as root, and there is neither a user postgres nor nobody; run NetWeaver as an ordinary user, or set database.url.');
  const closed = paths.map((path) => closedFolder(path, found)).find((folder) => folder !== undefined);
  if (closed === undefined) return { ...found, prefix: [] };
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  if (setpriv === undefined) throw new NetWeaverError('NW_DATABASE_REFUSED', `The embedded PostgreSQL does not run as root, and its user cannot enter ${closed}; run NetWeaver as an ordinary user, or set data.dir or database.url.`);
  // initdb asks access(2), which forgets that right for a user other than root unless told not to (capabilities(7), securebits).
  return { prefix: [setpriv, '--securebits=+no_setuid_fixup', `--reuid=${found.uid}`, `--regid=${found.gid}`, '--clear-groups', '--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override', '--bounding-set=-all,+dac_override', '--'] };
}

function ids(name: string): { uid: number; gid: number } | undefined {
  const ask = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    return undefined;
  }
}

/** The first folder above `path` that the user may not pass. */
function closedFolder(path: string, user: { uid: number; gid: number }): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
