/**
 * What a collector must know of its topics before it can make batches: partitions and schema ids. They are kept beside the spool,
 * so that a collector can start while log or registry are away.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NetWeaverError } from '../../../../infra/errors';
import type { Target } from '../intake';

const FILE = 'topics.json';

/** A topic with the schema that its batches are made by. */
export interface KnownTarget {
  readonly target: Target;
  /** Canonical JSON text. */
  readonly schema: string;
}

/** As on disk, by topic. */
type Kept = Readonly<Record<string, { readonly partitions: number; readonly schemaId: number; readonly schema: string }>>;

const fingerprint = (schema: string): string => createHash('sha256').update(schema).digest('hex');

/** The targets of an earlier run; null where one is missing or its schema was another. */
export function recall(folder: string, wanted: readonly { readonly name: string; readonly type: string; readonly schema: string }[]): Target[] | null {
  const kept = read(folder);
  const targets: Target[] = [];
  for (const { name, type, schema } of wanted) {
    const known = kept[name];
    if (known === undefined || known.schema !== fingerprint(schema)) return null;
    targets.push({ name, type, partitions: known.partitions, schemaId: known.schemaId });
  }
  return targets;
}

/**
 * Compares with what an earlier run kept, and keeps these. A folder that cannot be written keeps nothing.
 * @throws NW_SPOOL_FOREIGN the same schema has another id now, and the folder holds batches with the old one
 */
export function remember(folder: string, targets: readonly KnownTarget[]): void {
  const before = read(folder);
  const after: Kept = { ...before, ...Object.fromEntries(targets.map(({ target, schema }) => [target.name, { partitions: target.partitions, schemaId: target.schemaId, schema: fingerprint(schema) }])) };
  for (const { target } of targets) {
    const { name, schemaId } = target;
    const known = before[name];
    if (known !== undefined && known.schema === after[name].schema && known.schemaId !== schemaId && holdsBatches(folder)) {
      throw new NetWeaverError('NW_SPOOL_FOREIGN', `${folder}: the schema of ${name} has id ${schemaId} here, and had ${known.schemaId} when the spool was written.`);
    }
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  try {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, FILE);
    writeFileSync(`${file}.new`, JSON.stringify(after));
    renameSync(`${file}.new`, file);
  } catch {
    // The spool says that it is unusable; a start without log is then not possible.
  }
}

function read(folder: string): Kept {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Kept;
  } catch {
    return {};
  }
}

function holdsBatches(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.endsWith('.segment'));
  } catch {
    return false;
  }
}
