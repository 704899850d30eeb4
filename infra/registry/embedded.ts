/**
 * The registry beside the embedded log: an lmdb environment of its own in the data folder, so that ids mean the same for
 * ever and in every thread and process of this machine. As with Confluent's, one text has one id under all subjects.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import { NetWeaverError } from '../errors';
import { incompatibility } from './compatibility';
import type { SchemaRegistry } from './registry';

const digest = (schema: string): string => createHash('sha256').update(schema).digest('hex');

/** Opens the registry in a folder; makes it where it is missing. */
export class EmbeddedRegistry implements SchemaRegistry {
  private readonly root: RootDatabase;
  /** Id → schema text. */
  private readonly texts: Database<string, number>;
  /** SHA-256 of the text → id. */
  private readonly ids: Database<number, string>;
  /** Subject → ids of its versions, oldest first. */
  private readonly subjects: Database<number[], string>;

  /** @throws NW_REGISTRY_UNREACHABLE the folder cannot be used */
  constructor(folder: string) {
    try {
      mkdirSync(folder, { recursive: true });
      // A registration is on disk before its id is given out.
      this.root = open({ path: folder, overlappingSync: false, maxDbs: 4 });
      this.texts = this.root.openDB({ name: 'texts', encoding: 'string' });
      this.ids = this.root.openDB({ name: 'ids', encoding: 'msgpack' });
      this.subjects = this.root.openDB({ name: 'subjects', encoding: 'msgpack' });
    } catch (error) {
      throw new NetWeaverError('NW_REGISTRY_UNREACHABLE', `The embedded registry in ${folder} cannot be opened: ${(error as Error).message}`, { cause: error });
    }
  }

  async register(subject: string, schema: string): Promise<number> {
    const known = this.find(subject, schema);
    if (known !== undefined) return known;
    return this.root.transactionSync(() => {
      const versions = this.subjects.get(subject) ?? [];
      const id = this.ids.get(digest(schema));
      if (id !== undefined && versions.includes(id)) return id;
      this.check(subject, schema, versions);
      const given = id ?? this.texts.getKeysCount() + 1;
      if (id === undefined) {
        this.texts.putSync(given, schema);
        this.ids.putSync(digest(schema), given);
      }
      this.subjects.putSync(subject, [...versions, given]);
      return given;
    });
  }

  async schema(id: number): Promise<string> {
    const text = this.texts.get(id);
    if (text !== undefined) return text;
    // Another thread may have registered it after this thread's snapshot was taken.
    this.root.resetReadTxn();
    const later = this.texts.get(id);
    if (later === undefined) throw new NetWeaverError('NW_SCHEMA_UNKNOWN', `There is no schema ${id}.`);
    return later;
  }

  async close(): Promise<void> {
    await this.root.close();
  }

  private find(subject: string, schema: string): number | undefined {
    const id = this.ids.get(digest(schema));
    return id !== undefined && this.subjects.get(subject)?.includes(id) ? id : undefined;
  }

  private check(subject: string, schema: string, versions: readonly number[]): void {
    let why: string | null;
    try {
      why = incompatibility(
        schema,
        versions.map((id) => this.texts.get(id) as string),
      );
    } catch (error) {
      why = `not a schema: ${(error as Error).message}`;
    }
    if (why !== null) throw new NetWeaverError('NW_SCHEMA_INCOMPATIBLE', `${subject}: ${why}`);
  }
}
