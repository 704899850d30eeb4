import { section, text, whole } from '../config/section';

/** Where rows are kept, for the sink and for `netweaver query`. */
export const databaseSection = section('database', 'The PostgreSQL or TimescaleDB that keeps flows, metrics and decisions.', {
  url: text({ doc: 'Address, e.g. postgres://netweaver:password@db.example.net:5432/netweaver?sslmode=verify-full. Empty: an embedded PostgreSQL under data.dir.', default: '', secret: true }),
  poolSize: whole({ doc: 'Connections that one process opens at most.', default: 4, min: 1, max: 100 }),
  connectTimeoutMs: whole({ doc: 'How long a connection may take to open; unit: milliseconds.', default: 5_000, min: 100, max: 120_000 }),
  statementTimeoutMs: whole({ doc: 'How long a statement of `netweaver query` or of the live view may run; unit: milliseconds.', default: 30_000, min: 100, max: 3_600_000 }),
});
