/**
 * Makes `generated.ts` of `iana.csv` and `vendors/*.yaml`, so that a build needs no files beside its code: part of
 * `npm run generate`; the tests compare what is there with what would be written.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseElementFile } from './file';

/** The text of `generated.ts`; `folder` is this one. */
export function elementTables(folder: string): string {
  const iana = readFileSync(join(folder, 'iana.csv'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const vendors = readdirSync(join(folder, 'vendors')).filter((name) => name.endsWith('.yaml')).sort().map((file) => {
    const { enterprise, name, reverse, elements } = parseElementFile(readFileSync(join(folder, 'vendors', file), 'utf8'), file);
    const rows = [...elements].map(([id, { name: element, type, as = '' }]) => `${id},${element},${type},${as}\n`);
    return `  [${enterprise}, '${name}', ${reverse}, \`\n${rows.join('')}\`],\n`;
  });
  return [
    '// Made by `npm run generate` of iana.csv and vendors/*.yaml.\n',
    '\n/** number,name,type,semantics,units */\n',
    `export const IANA = \`\n${iana.join('\n')}\n\`;\n`,
    '\n/** Enterprise, name, bit of reverse elements; number,name,type,as */\n',
    `export const VENDORS: readonly (readonly [number, string, number, string])[] = [\n${vendors.join('')}];\n`,
  ].join('');
}

if (require.main === module) {
  const path = join(__dirname, 'generated.ts');
  writeFileSync(path, elementTables(__dirname));
  process.stdout.write('domain/flow/elements/generated.ts\n');
}
