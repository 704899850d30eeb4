import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The project's folder, the one with package.json, whether this runs from the sources or from the build in `dist/`. */
export const ROOT = find(__dirname);

function find(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`no package.json above ${__dirname}`);
  return find(parent);
}
