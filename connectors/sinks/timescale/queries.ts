import { types as pgTypes, type CustomTypesConfig, type Pool, type QueryConfig } from 'pg';
import { codedDatabaseError } from '../../../infra/database/pool';

/** By what flows can be grouped, and the column behind it, of flow_records or flows_named. Names are those of the schema of a flow. */
export const GROUPINGS = {
  src: 'src_addr',
  dst: 'dst_addr',
  srcPort: 'src_port',
  dstPort: 'dst_port',
  proto: 'proto',
  exporter: 'exporter',
  inIf: 'in_if',
  outIf: 'out_if',
  srcAs: 'src_as',
  dstAs: 'dst_as',
  exporterName: 'exporter_name',
  inIfName: 'in_if_name',
  outIfName: 'out_if_name',
  srcCountry: 'src_country',
  dstCountry: 'dst_country',
  srcSite: 'src_site',
  dstSite: 'dst_site',
  tunnel: 'tunnel',
} as const;

/** Groupings by names, which flows alone do not have. */
const NAMED: ReadonlySet<Grouping> = new Set(['exporterName', 'inIfName', 'outIfName'] as const);

/** Key of {@link GROUPINGS}. */
export type Grouping = keyof typeof GROUPINGS;

/** By what groups are ordered. Bytes and packets are scaled by the sampling rate. */
export const UNITS = ['bytes', 'packets', 'flows'] as const;
export type Unit = (typeof UNITS)[number];

/** A number of the database: a bigint only where a number would not be exact. */
export type Exact = number | bigint;

/** One group of {@link topTalkers}: a field for each grouping, then the sums. */
export type Talker = Readonly<Record<string, unknown>> & { readonly bytes: Exact; readonly packets: Exact; readonly flows: Exact };

/** A time span that ends now, by event time; milliseconds, or `all` there is. */
export type Span = number | 'all';

/** Whole numbers and decimals as numbers where that loses nothing; otherwise bigint, or the text. */
export const exactTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === INT8) return whole;
    if (format !== 'binary' && oid === NUMERIC) return decimal;
    return pgTypes.getTypeParser(oid, format as 'text');
  }) as CustomTypesConfig['getTypeParser'],
};

/** The largest groups of flows. @throws NW_DATABASE_UNREACHABLE, NW_DATABASE_REFUSED */
export async function topTalkers(pool: Pool, query: { by: readonly Grouping[]; last: Span; limit: number; unit: Unit }): Promise<Talker[]> {
  const named = query.by.some((name) => NAMED.has(name));
  const columns = query.by.map((name) => GROUPINGS[name]);
  const positions = columns.map((_, i) => i + 1).join(', ');
  const text = `SELECT ${query.by.map((name, i) => `${columns[i]} AS "${name}"`).join(', ')},
      sum(${named ? 'bytes_scaled' : 'scaled_bytes'}) AS bytes, sum(${named ? 'packets_scaled' : 'scaled_packets'}) AS packets, count(*) AS flows
    FROM ${named ? 'flows_named' : 'flow_records'} WHERE ${since('$1')} GROUP BY ${positions} ORDER BY ${UNITS[UNITS.indexOf(query.unit)]} DESC, ${positions} LIMIT $2`;
  return run<Talker>(pool, { text, values: [spanSeconds(query.last), query.limit] });
}

/** What an interface carried in its latest window: average rates. direction: 0 into the device, 1 out of it. */
export interface InterfaceRate {
  readonly exporter: string | null;
  /** Null where it is not known, as the names and the share of the speed below. */
  readonly exporterName: string | null;
  readonly ifIndex: number;
  readonly ifName: string | null;
  readonly alias: string | null;
  readonly direction: 0 | 1;
  /** Start of the window. */
  readonly time: Date;
  readonly bitsPerSecond: number;
  readonly packetsPerSecond: number;
  /** Of the speed of the interface; percent. */
  readonly utilisationPercent: number | null;
}

/** Rates by interface, highest first, from the newest closed one-minute window of the span. */
export async function interfaceRates(pool: Pool, query: { last: Span; limit: number }): Promise<InterfaceRate[]> {
  const text = `WITH newest AS (SELECT max(time) AS time FROM traffic_by_interface_partials WHERE window_ms = 60000 AND ${since('$1')})
    SELECT exporter, exporter_name AS "exporterName", if_index AS "ifIndex", if_name AS "ifName", if_alias AS alias, direction, t.time,
      bits_per_second::float8 AS "bitsPerSecond", (packets / 60)::float8 AS "packetsPerSecond", (utilisation_ratio * 100)::float8 AS "utilisationPercent"
    FROM traffic_by_interface_named t JOIN newest USING (time) WHERE window_ms = 60000 AND ${since('$1', 't.time')}
    ORDER BY "bitsPerSecond" DESC, exporter, if_index, direction LIMIT $2`;
  return run<InterfaceRate>(pool, { text, values: [spanSeconds(query.last), query.limit] });
}

/** Average rates of everything stored with an end within the span. Bytes are scaled by the sampling rate. */
export async function flowRate(pool: Pool, query: { last: number }): Promise<{ flowsPerSecond: number; bitsPerSecond: number }> {
  const text = `SELECT (count(*) / $1::float8) AS "flowsPerSecond", coalesce(sum(scaled_bytes) * 8 / $1::float8, 0)::float8 AS "bitsPerSecond" FROM flow_records WHERE ${since('$1')}`;
  const [row] = await run<{ flowsPerSecond: number; bitsPerSecond: number }>(pool, { text, values: [spanSeconds(query.last)] });
  return row;
}

/** An interface as last told. */
export interface NamedInterface {
  readonly exporter: string;
  readonly exporterName: string | null;
  readonly ifIndex: Exact;
  readonly ifName: string | null;
  readonly alias: string | null;
  readonly description: string | null;
  /** Bits a second. */
  readonly speed: Exact | null;
  readonly adminUp: boolean | null;
  readonly operUp: boolean | null;
  /** SNMP, OPTIONS or SFLOW; null: known by counters alone. */
  readonly namedBy: string | null;
  readonly lastSeen: Date;
}

/** Interfaces whose device or interface has `like` in a name, in its alias or address; all for the empty text. */
export async function namedInterfaces(pool: Pool, query: { like: string; limit: number }): Promise<NamedInterface[]> {
  const text = `SELECT i.device AS exporter, d.name AS "exporterName", i.if_index AS "ifIndex", i.name AS "ifName", i.alias, i.description, i.speed, i.admin_up AS "adminUp", i.oper_up AS "operUp", i.named_by AS "namedBy", i.last_seen AS "lastSeen"
    FROM interfaces i LEFT JOIN devices d ON d.address = i.device
    WHERE $1 = '' OR strpos(lower(concat_ws(' ', host(i.device), d.name, i.name, i.alias, i.description)), lower($1)) > 0
    ORDER BY d.name, i.device, i.if_index LIMIT $2`;
  return run<NamedInterface>(pool, { text, values: [query.like, query.limit] });
}

/** What {@link readOnly} found. */
export interface ReadOnlyResult {
  readonly columns: readonly string[];
  readonly rows: Record<string, unknown>[];
  /** There were more rows than the limit. */
  readonly more: boolean;
}

/**
 * Runs one statement of a person in a read-only transaction, and takes at most `limit` rows. The extended protocol takes one
 * statement only. @throws NW_DATABASE_UNREACHABLE, NW_DATABASE_REFUSED with what the database says
 */
export async function readOnly(pool: Pool, statement: string, limit: number): Promise<ReadOnlyResult> {
  const sql = statement.trim().replace(/;\s*$/, '');
  const client = await pool.connect().catch((error: unknown) => {
    throw codedDatabaseError(error);
  });
  client.on('error', () => undefined);
  const one = (text: string) => client.query<Record<string, unknown>>({ text, queryMode: 'extended', types: exactTypes } as QueryConfig);
  let broken = true;
  try {
    await client.query('BEGIN READ ONLY');
    const plain = /^(explain|show)\b/i.test(sql);
    if (!plain) await one(`DECLARE netweaver_query NO SCROLL CURSOR FOR ${sql}`);
    const { rows, fields } = plain ? await one(sql) : await one(`FETCH ${limit + 1} FROM netweaver_query`);
    await client.query('ROLLBACK');
    broken = false;
    return { columns: fields.map(({ name }) => name), rows: rows.slice(0, limit), more: rows.length > limit };
  } catch (error) {
    throw codedDatabaseError(error);
  } finally {
    client.release(broken);
  }
}

const INT8 = 20;
const NUMERIC = 1700;

function whole(text: string): Exact {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** A number has 15 digits for sure. */
const decimal = (text: string): Exact | string => (/^-?\d+$/.test(text) ? whole(text) : text.replace(/\D/g, '').length <= 15 ? Number(text) : text);

const since = (parameter: string, column = 'time'): string => `${column} >= CASE WHEN ${parameter}::float8 IS NULL THEN '-infinity' ELSE now() - make_interval(secs => ${parameter}::float8) END`;
const spanSeconds = (span: Span): number | null => (span === 'all' ? null : span / 1000);

async function run<R>(pool: Pool, query: { text: string; values: unknown[] }): Promise<R[]> {
  try {
    return (await pool.query({ ...query, types: exactTypes })).rows as R[];
  } catch (error) {
    throw codedDatabaseError(error);
  }
}
