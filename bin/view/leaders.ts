import type { Pool } from 'pg';
import { codedDatabaseError, createPool } from '../../infra/database/pool';
import { NetWeaverError } from '../../infra/errors';
import type { InterfaceRate, OpenAlert, Talker } from './render';

/** A minute of very many flows takes longer than this to rank; then the view says so instead. */
const STATEMENT_LIMIT_MS = 2_500;
const MOST = 5;

const TALKERS = `
  SELECT coalesce(host(src_addr), '-') AS source, coalesce(host(dst_addr), '-') AS destination,
         (sum(scaled_bytes) * 8 / 60)::float8 AS bits, (sum(scaled_packets) / 60.0)::float8 AS packets
  FROM flow_records WHERE time > now() - interval '1 minute' GROUP BY src_addr, dst_addr ORDER BY bits DESC, source, destination LIMIT ${MOST}`;

const INTERFACES = `
  SELECT coalesce(host(exporter), '-') AS exporter, interface, (sum(bytes_in) * 8 / 60)::float8 AS bits_in, (sum(bytes_out) * 8 / 60)::float8 AS bits_out
  FROM flow_records, LATERAL (VALUES (in_if, scaled_bytes, 0::bigint), (out_if, 0::bigint, scaled_bytes)) AS passed (interface, bytes_in, bytes_out)
  WHERE time > now() - interval '1 minute' AND interface > 0
  GROUP BY exporter, interface ORDER BY sum(bytes_in) + sum(bytes_out) DESC, exporter, interface LIMIT ${MOST}`;

const ALERTS = `
  SELECT id, severity, kind, subject, value, threshold, unit FROM (
    SELECT DISTINCT ON (id) id, state, severity, kind, subject, value, threshold, unit, time FROM alert_changes WHERE time > now() - interval '7 days' ORDER BY id, time DESC, seq DESC
  ) AS latest WHERE state IN ('open', 'acknowledged') ORDER BY array_position(ARRAY['critical', 'warning', 'info'], severity), time DESC, id`;

/** What {@link Leaders.ask} found. */
export interface LeaderRows {
  readonly talkers: readonly Talker[];
  readonly interfaces: readonly InterfaceRate[];
  /** The gravest first. */
  readonly alerts: readonly OpenAlert[];
  readonly note: string | null;
}

/** Asks the database who sent most in the last minute, and which alerts are open. Never fails: what went wrong is its note. */
export class Leaders {
  private readonly pool: Pool;

  constructor(url: string) {
    this.pool = createPool({ url, poolSize: 1, connectTimeoutMs: 2_000, applicationName: 'netweaver view', statementTimeoutMs: STATEMENT_LIMIT_MS });
  }

  async ask(): Promise<LeaderRows> {
    try {
      const talkers = await this.pool.query<{ source: string; destination: string; bits: number; packets: number }>(TALKERS);
      const interfaces = await this.pool.query<{ exporter: string; interface: string; bits_in: number; bits_out: number }>(INTERFACES);
      return {
        talkers: talkers.rows.map((row) => ({ source: row.source, destination: row.destination, bitsPerSecond: row.bits, packetsPerSecond: row.packets })),
        interfaces: interfaces.rows.map((row) => ({ exporter: row.exporter, interface: Number(row.interface), inBitsPerSecond: row.bits_in, outBitsPerSecond: row.bits_out })),
        alerts: (await this.pool.query<OpenAlert>(ALERTS)).rows,
        note: null,
      };
    } catch (error) {
      return { talkers: [], interfaces: [], alerts: [], note: noteOf(error) };
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

function noteOf(error: unknown): string {
  const { code } = error as { code?: string };
  if (code === '57014') return 'too many flows in the last minute to rank them every few seconds; ask `netweaver query top`';
  if (code === '42P01') return 'the tables are being made';
  const coded: NetWeaverError = codedDatabaseError(error);
  return `${coded.code}: ${coded.message}`;
}
