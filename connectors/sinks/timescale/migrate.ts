import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { codedDatabaseError } from '../../../infra/database/pool';
import { NetWeaverError } from '../../../infra/errors';
import { ROOT } from '../../../infra/root';

/** What a database keeps time series with: the timescaledb extension, or native range partitions. */
export type Flavour = 'timescale' | 'native';

/** Outcome of {@link migrate}. */
export interface Migrated {
  readonly flavour: Flavour;
  /** Names of the migrations applied by this call. */
  readonly applied: readonly string[];
}

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const FOLDER = join(ROOT, 'connectors', 'sinks', 'timescale', 'migrations');
const FILE = /^(\d{4})-([a-z0-9-]+?)(?:\.(native|timescale))?\.sql$/;
/** Any number: the key of the advisory lock under which one process migrates. */
const LOCK = 0x6e657477;

/**
 * Brings a database to the present: every file of `migrations/` in order, each in a transaction of its own, with its
 * checksum kept in `schema_migrations`. A file `….native.sql` or `….timescale.sql` belongs to one flavour; in a common file
 * a comment that begins with the flavour's name and a colon is code for it. The flavour is decided once, on an empty
 * database: timescale where the server has the extension. Processes that start together wait for one another.
 * @throws NW_MIGRATION_DRIFT an applied file has been changed, or is gone
 * @throws NW_DATABASE_UNREACHABLE, NW_DATABASE_REFUSED
 */
export async function migrate(pool: Pool, folder = FOLDER): Promise<Migrated> {
  let client: PoolClient | undefined;
  try {
    client = await pool.connect();
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    return await migrateLocked(client, folder);
  } catch (error) {
    throw codedDatabaseError(error);
  } finally {
    // The connection is closed, and the lock with it.
    client?.release(true);
  }
}

async function migrateLocked(client: PoolClient, folder: string): Promise<Migrated> {
  await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY, name text NOT NULL, flavour text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
  const { rows } = await client.query<{ version: number; name: string; flavour: Flavour; checksum: string }>('SELECT version, name, flavour, checksum FROM schema_migrations ORDER BY version');
  const flavour = rows[0]?.flavour ?? (await chooseFlavour(client));
  const migrations = readMigrations(folder, flavour);
  for (const done of rows) {
    const file = migrations.find(({ version }) => version === done.version);
    if (file?.checksum !== done.checksum) throw new NetWeaverError('NW_MIGRATION_DRIFT', `${done.name} ${file === undefined ? 'is gone' : 'is not what was applied'}.`);
  }
  const applied: string[] = [];
  for (const migration of migrations.filter(({ version }) => !rows.some((done) => done.version === version))) {
    await client.query('BEGIN');
    try {
      await client.query(migration.sql);
      await client.query('INSERT INTO schema_migrations (version, name, flavour, checksum) VALUES ($1, $2, $3, $4)', [migration.version, migration.name, flavour, migration.checksum]);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      const coded = codedDatabaseError(error);
      throw new NetWeaverError(coded.code, `${migration.name}: ${coded.message}`, { cause: error });
    }
    applied.push(migration.name);
  }
  return { flavour, applied };
}

/** Timescale where the extension is installed and preloaded, which its settings tell to every user. */
async function chooseFlavour(client: PoolClient): Promise<Flavour> {
  const { rows } = await client.query<{ usable: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_settings WHERE name LIKE 'timescaledb.%') AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') AS usable`,
  );
  if (!rows[0].usable) return 'native';
  await client.query('CREATE EXTENSION IF NOT EXISTS timescaledb');
  return 'timescale';
}

/** The files that hold for a flavour, in order. */
export function readMigrations(folder: string, flavour: Flavour): Migration[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const match = FILE.exec(name);
      if (match === null || (match[3] !== undefined && match[3] !== flavour)) return [];
      const raw = readFileSync(join(folder, name), 'utf8').replace(/\r\n/g, '\n');
      const sql = raw.replace(/\/\*(native|timescale):([^]*?)\*\//g, (_comment, only: string, code: string) => (only === flavour ? code : ''));
      return [{ version: Number(match[1]), name, sql, checksum: createHash('sha256').update(raw).digest('hex') }];
    });
}

/** The flavour of a database that was migrated. @throws NW_DATABASE_REFUSED where it was not */
export async function flavourOf(pool: Pool): Promise<Flavour> {
  const { rows } = await pool.query<{ flavour: Flavour }>('SELECT flavour FROM schema_migrations ORDER BY version LIMIT 1').catch((error: unknown) => {
    throw codedDatabaseError(error);
  });
  if (rows.length === 0) throw new NetWeaverError('NW_DATABASE_REFUSED', 'The database has no tables of NetWeaver; start the sink once.');
  return rows[0].flavour;
}
