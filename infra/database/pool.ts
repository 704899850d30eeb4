import { Pool, type PoolConfig } from 'pg';
import { NetWeaverError } from '../errors';

/** Where a pool connects and how far it goes. */
export interface PoolSettings {
  readonly url: string;
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Limit of every statement; 0 or absent: none. Unit: milliseconds. */
  readonly statementTimeoutMs?: number;
}

/** Opens nothing yet: the first query does. Errors of connections between two queries, idle or in use, are swallowed, for the next query meets them. */
export function createPool(settings: PoolSettings): Pool {
  const options: PoolConfig = {
    connectionString: settings.url,
    max: settings.poolSize,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    idleTimeoutMillis: 30_000,
    application_name: settings.applicationName,
    keepAlive: true,
    statement_timeout: settings.statementTimeoutMs || undefined,
  };
  const pool = new Pool(options);
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** SQLSTATE classes and codes (PostgreSQL manual, appendix A) under which the same statement may succeed later. */
const TRANSIENT_CLASSES = ['08', '40', '53', '57', '58'];
const TRANSIENT_CODES = new Set(['25006', '55P03', '55006', 'XX000']);
/** Classes that speak of the values of a statement: another row may do. */
const DATA_CLASSES = ['22', '23', '54'];
const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'ENOENT']);

/** What an error of the driver means: `unreachable` and `transient` are worth a retry, `data` is about the row, `refused` about us. */
export type DatabaseFault = 'unreachable' | 'transient' | 'data' | 'refused';

/** SQLSTATE or system code of an error of the driver; empty where it has none. */
export function databaseErrorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** Sorts an error of the driver. An error without a code comes from a broken connection. */
export function databaseFault(error: unknown): DatabaseFault {
  if (error instanceof NetWeaverError) return error.code === 'NW_DATABASE_UNREACHABLE' ? 'unreachable' : 'refused';
  const code = databaseErrorCode(error);
  if (NETWORK_CODES.has(code)) return 'unreachable';
  if (code.length === 5) {
    const kind = code.slice(0, 2);
    if (kind === '08' || code.startsWith('57P') || code === '53300') return 'unreachable';
    if (TRANSIENT_CLASSES.includes(kind) || TRANSIENT_CODES.has(code)) return 'transient';
    return DATA_CLASSES.includes(kind) ? 'data' : 'refused';
  }
  return /connect|terminat|timeout|not queryable|ended|socket/i.test(error instanceof Error ? error.message : '') ? 'unreachable' : 'refused';
}

/** An error of the driver as NW_DATABASE_UNREACHABLE or NW_DATABASE_REFUSED; coded errors stay as they are. */
export function codedDatabaseError(error: unknown): NetWeaverError {
  if (error instanceof NetWeaverError) return error;
  // A statement that ran into its time limit would do so again.
  const fault = databaseErrorCode(error) === '57014' ? 'refused' : databaseFault(error);
  // An AggregateError (both ::1 and 127.0.0.1 refused) has an empty message of its own.
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const message = inner instanceof Error ? inner.message : String(inner);
  const code = databaseErrorCode(error);
  const detail = code === '' || message.includes(code) ? message : `${message} (${code})`;
  return new NetWeaverError(fault === 'unreachable' || fault === 'transient' ? 'NW_DATABASE_UNREACHABLE' : 'NW_DATABASE_REFUSED', detail, { cause: error });
}

/** Wait before attempt `attempt` (from 0): 100 ms, doubling, at most 10 s, the upper half of it by chance, so that sinks do not come back together. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(10_000, 100 * 2 ** Math.min(attempt, 20));
  return Math.round(whole / 2 + (whole / 2) * random());
}
