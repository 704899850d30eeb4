/** Databases for tests: the embedded PostgreSQL always, TimescaleDB where NETWEAVER_TEST_TIMESCALE_URL names a server. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../../infra/database/embedded';

/** Address of a server with TimescaleDB, as a superuser; absent: those tests are left out, and their names say so. */
export const TIMESCALE_URL = process.env.NETWEAVER_TEST_TIMESCALE_URL;

/** A kind of server that a suite runs on. */
export interface Server {
  readonly flavour: 'native' | 'timescale';
  /** An empty database of its own. */
  database(): Promise<TestDatabase>;
  stop(): Promise<void>;
}

/** An empty database. */
export interface TestDatabase {
  readonly url: string;
  readonly pool: Pool;
  drop(): Promise<void>;
}

/** Defines the suite for each kind of server. */
export function onEachDatabase(name: string, suite: (start: () => Promise<Server>, flavour: Server['flavour']) => void): void {
  describe(`${name}, on the embedded PostgreSQL`, () => suite(startEmbedded, 'native'));
  const whenTimescale = TIMESCALE_URL === undefined ? describe.skip : describe;
  const where = TIMESCALE_URL === undefined ? 'left out, for NETWEAVER_TEST_TIMESCALE_URL names no TimescaleDB' : 'on TimescaleDB';
  whenTimescale(`${name}, ${where}`, () => suite(async () => serverAt(TIMESCALE_URL!, 'timescale', async () => undefined), 'timescale'));
}

/** The embedded server, in a folder of its own. */
export async function startEmbedded(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'nw-sink-'));
  const server: EmbeddedPostgres = await startEmbeddedPostgres(folder);
  return serverAt(server.url, 'native', async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
}

/** A server that runs already. */
export function serverAt(url: string, flavour: Server['flavour'], stop: () => Promise<void>): Server {
  const administer = async (statement: string): Promise<void> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  return {
    flavour,
    stop,
    async database() {
      const name = `nw_test_${randomBytes(6).toString('hex')}`;
      await administer(`CREATE DATABASE ${name}`);
      const address = new URL(url);
      address.pathname = `/${name}`;
      const pool = new Pool({ connectionString: address.href, max: 4 });
      pool.on('error', () => undefined);
      return {
        url: address.href,
        pool,
        async drop() {
          await pool.end();
          await administer(`DROP DATABASE ${name} WITH (FORCE)`);
        },
      };
    },
  };
}
