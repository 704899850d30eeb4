/**
 * Series for the training from the database (TimescaleDB or PostgreSQL), of what `traffic_features` keeps:
 * `node -r ./bin/ts.cjs models/series/from-database.ts --out FOLDER [--window-ms 300000] [--since 2026-01-01] [--least-windows 2016] [--config FILE]`.
 *
 * The database is that of the configuration, as for `netweaver query`. A series a subject, one after the other, so memory holds one.
 */
import { parseArgs } from 'node:util';
import type { Pool } from 'pg';
import { sections } from '../../bin/sections';
import { loadConfiguration } from '../../infra/config/load';
import { openDatabase } from '../../infra/database/open';
import { columnsOf, type Windows } from './from-csv';
import { SeriesWriter } from './series-file';

/** Which series are wanted. */
export interface DatabaseSeries {
  readonly out: string;
  readonly windowMs: number;
  /** Windows before it are left out; milliseconds since the epoch. */
  readonly sinceMs: number;
  /** A subject with fewer is left out. */
  readonly leastWindows: number;
}

/** Columns of the counted features, in their order. */
const COLUMNS = ['bytes', 'packets', 'flows', 'mean_duration_ms', 'tcp_share', 'udp_share', 'icmp_share'] as const;

/** Writes them; how many series. */
export async function seriesFromDatabase(pool: Pool, { out, windowMs, sinceMs, leastWindows }: DatabaseSeries): Promise<number> {
  const of = [windowMs, new Date(sinceMs)];
  const subjects = await pool.query<{ kind: string; subject: string }>('SELECT kind, subject FROM traffic_features WHERE window_ms = $1 AND time >= $2 GROUP BY kind, subject HAVING count(*) >= $3 ORDER BY kind, subject', [...of, leastWindows]);
  const writer = new SeriesWriter(out, `traffic_features, windows of ${windowMs} ms`, false);
  for (const { kind, subject } of subjects.rows) {
    const { rows } = await pool.query<{ time: Date } & Record<(typeof COLUMNS)[number], number | null>>(
      `SELECT time, ${COLUMNS.join(', ')} FROM traffic_features WHERE window_ms = $1 AND time >= $2 AND kind = $3 AND subject = $4 ORDER BY time`,
      [...of, kind, subject],
    );
    const windows: Windows = new Map(rows.map((row) => [row.time.getTime(), Float64Array.from(COLUMNS, (column) => row[column] ?? NaN)]));
    const { startMs, columns } = columnsOf(windows, windowMs);
    await writer.add(`${kind} ${subject}`, startMs, windowMs, columns);
  }
  await writer.close();
  return subjects.rows.length;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, 'window-ms': { type: 'string', default: '300000' }, since: { type: 'string', default: '1970-01-01' }, 'least-windows': { type: 'string', default: '2016' }, config: { type: 'string' } },
  });
  if (values.out === undefined) throw new Error('--out FOLDER is missing');
  const config = loadConfiguration({ sections, path: values.config, environment: process.env });
  const database = await openDatabase(config, { applicationName: 'netweaver-models', owner: false });
  try {
    const count = await seriesFromDatabase(database.pool, { out: values.out, windowMs: Number(values['window-ms']), sinceMs: Date.parse(values.since), leastWindows: Number(values['least-windows']) });
    process.stderr.write(`${count} series\n`);
  } finally {
    await database.close();
  }
}

if (require.main === module) {
  main().catch((error: Error) => {
    process.stderr.write(`from-database: ${error.message}\n`);
    process.exitCode = 1;
  });
}
