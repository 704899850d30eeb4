import type { Pool } from 'pg';
import { dataSection } from '../../../infra/config/data';
import type { Configuration } from '../../../infra/config/configuration';
import { findEmbeddedPostgres } from '../../../infra/database/embedded';
import { codedDatabaseError, createPool } from '../../../infra/database/pool';
import { databaseSection } from '../../../infra/database/settings';
import { NetWeaverError } from '../../../infra/errors';
import type { StoredTotals } from './control';

/** Sums the flow records of the configured database, or of the embedded one while it runs. Reads the whole table: for tests of load, not for dashboards. */
export class StoredTotalsReader {
  private pool: { readonly url: string; readonly pool: Pool } | null = null;

  constructor(private readonly config: Configuration) {}

  /**
   * Flows, packets and bytes, as exported (before scaling by the sampling rate).
   * @throws NW_DATABASE_UNREACHABLE, NW_DATABASE_REFUSED
   */
  async read(): Promise<StoredTotals> {
    try {
      const { rows } = await (await this.open()).query<{ flows: string; packets: string; bytes: string }>(
        'SELECT count(*)::text AS flows, coalesce(sum(packets), 0)::text AS packets, coalesce(sum(bytes), 0)::text AS bytes FROM flow_records',
      );
      return { flows: Number(rows[0].flows), packets: Number(rows[0].packets), bytes: Number(rows[0].bytes) };
    } catch (error) {
      throw codedDatabaseError(error);
    }
  }

  async close(): Promise<void> {
    await this.pool?.pool.end();
    this.pool = null;
  }

  private async open(): Promise<Pool> {
    const { url: configured, connectTimeoutMs, statementTimeoutMs } = this.config.get(databaseSection);
    const url = configured !== '' ? configured : (await findEmbeddedPostgres(this.config.get(dataSection).dir))?.url;
    if (url === undefined) throw new NetWeaverError('NW_DATABASE_UNREACHABLE', 'database.url is empty and no embedded PostgreSQL runs.');
    if (this.pool?.url === url) return this.pool.pool;
    await this.close();
    this.pool = { url, pool: createPool({ url, poolSize: 1, connectTimeoutMs, statementTimeoutMs, applicationName: 'netweaver-replay' }) };
    return this.pool.pool;
  }
}
