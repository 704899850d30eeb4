import type { Pool } from 'pg';
import { dataSection } from '../config/data';
import type { Configuration } from '../config/configuration';
import { embeddedPostgresExists, findEmbeddedPostgres, startEmbeddedPostgres, type EmbeddedPostgres } from './embedded';
import { NetWeaverError } from '../errors';
import { createPool } from './pool';
import { databaseSection } from './settings';

/** The configured database. */
export interface Database {
  /** With its password: never to be logged. */
  readonly url: string;
  readonly pool: Pool;
  /** Closes the pool, and the embedded server where this call started it. */
  close(): Promise<void>;
}

/** What {@link openDatabase} needs to know beside the configuration. */
export interface OpenDatabaseOptions {
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Limit of every statement, milliseconds; none by default. */
  readonly statementTimeoutMs?: number;
  /** True for the one that keeps the embedded server running: another process must not. False uses a server that runs already. */
  readonly owner: boolean;
}

/**
 * The database of `database.url`; where that is empty, the embedded one of `data.dir`, started where it does not run.
 * An outside database is not contacted yet.
 * @throws as {@link startEmbeddedPostgres}; NW_DATABASE_UNREACHABLE where there is no embedded database and the caller is not its owner
 */
export async function openDatabase(config: Configuration, options: OpenDatabaseOptions): Promise<Database> {
  const settings = config.get(databaseSection);
  let url = settings.url;
  let server: EmbeddedPostgres | undefined;
  if (url === '') {
    const { dir } = config.get(dataSection);
    const found = await findEmbeddedPostgres(dir);
    if (found !== undefined && (found.ours || !options.owner)) url = found.url;
    else {
      if (!options.owner && !embeddedPostgresExists(dir)) throw new NetWeaverError('NW_DATABASE_UNREACHABLE', `There is no database in ${dir} yet, and database.url is empty; \`netweaver all\` or \`netweaver sink\` makes one.`);
      server = await startEmbeddedPostgres(dir);
      url = server.url;
    }
  }
  const pool = createPool({ url, poolSize: settings.poolSize, connectTimeoutMs: settings.connectTimeoutMs, applicationName: options.applicationName, statementTimeoutMs: options.statementTimeoutMs });
  return {
    url,
    pool,
    async close() {
      await pool.end();
      await server?.stop();
    },
  };
}
