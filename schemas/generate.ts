/**
 * Generates, from the schemas, the code that must not drift from them: `npm run generate` writes the
 * files, and the tests compare what is there with what would be written.
 */
import { existsSync, readdirSync, readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf } from './generator/code';
import type { AvroJson } from './generator/model';
import { SELECTIONS } from './selections';

/** A schema file. */
export interface SchemaFile {
  /** Path below `schemas/`, e.g. `flows/flow-batch.avsc`. */
  readonly path: string;
  readonly schema: AvroJson;
}

/** The current schemas, in order of their paths; `history/` holds the versions, see the compatibility test. */
export function schemaFiles(root: string): SchemaFile[] {
  const folder = join(root, 'schemas');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.avsc') && !path.startsWith('history/'))
    .sort()
    .map((path) => ({ path, schema: JSON.parse(readFileSync(join(folder, path), 'utf8')) as AvroJson }));
}

/** The generated files by their path below the root of the project. */
export function generate(root: string): Map<string, string> {
  const files = new Map<string, string>();
  const names: string[] = [];
  for (const { path, schema } of schemaFiles(root)) {
    const name = basename(path, '.avsc');
    names.push(name);
    files.set(`schemas/generated/${name}.ts`, codeOf(schema, path, SELECTIONS[path]));
  }
  files.set(
    'schemas/index.ts',
    `// Made by \`npm run generate\`: the types, encoders and decoders of every schema.\n${names.map((name) => `export * from './generated/${name}';\n`).join('')}`,
  );
  return files;
}

/** Versions of a record kept under `schemas/history/<record>/`, oldest first. */
export function historyOf(root: string, path: string): string[] {
  const folder = join(root, 'schemas/history', basename(path, '.avsc'));
  if (!existsSync(folder)) return [];
  return Array.from({ length: readdirSync(folder).length }, (_, i) => readFileSync(join(folder, `${i + 1}.avsc`), 'utf8'));
}

/** Keeps each schema that differs from its newest version as a version of its own; the paths written. */
function keepVersions(root: string): string[] {
  return schemaFiles(root).flatMap(({ path }) => {
    const text = readFileSync(join(root, 'schemas', path), 'utf8');
    const versions = historyOf(root, path);
    if (versions.at(-1) === text) return [];
    const kept = join('schemas/history', basename(path, '.avsc'), `${versions.length + 1}.avsc`);
    mkdirSync(dirname(join(root, kept)), { recursive: true });
    writeFileSync(join(root, kept), text);
    return [kept];
  });
}

if (require.main === module) {
  const root = join(__dirname, '..');
  // `npm run generate:versions` when a schema was changed on purpose.
  if (process.argv.includes('--new-versions')) keepVersions(root).forEach((path) => console.log(path));
  for (const [path, text] of generate(root)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(path);
  }
}
