import { flag, section, text, whole } from '../../../infra/config/section';

/** The sink into PostgreSQL or TimescaleDB. */
export const sinkSection = section('sink', 'What writes flows, traffic and metrics into the database.', {
  group: text({ doc: 'Consumer group after the prefix of the topics, and the name under which the database keeps how far it is. Another name stores everything that the log still holds again.', default: 'netweaver-sink' }),
  instance: text({ doc: 'Name of this process among those of the role, e.g. of the pod. The same name opened again takes over from the older process.', default: '0' }),
  migrate: flag({ doc: 'Whether it creates and updates the tables at start. false: `schema_migrations` must be up to date, and its login needs no right to create.', default: true }),
  batchRows: whole({ doc: 'Rows after which a transaction is begun before its time.', default: 50_000, min: 1, max: 1_000_000 }),
  flushMs: whole({ doc: 'Longest time that a row waits for its transaction; unit: milliseconds.', default: 500, min: 10, max: 60_000 }),
  pollRecords: whole({ doc: 'Records taken from the log at once; one of flows holds up to some thousand rows.', default: 64, min: 1, max: 10_000 }),
  writeTimeoutMs: whole({ doc: 'A transaction that takes longer is given up and tried again on a new connection; unit: milliseconds.', default: 120_000, min: 1_000, max: 3_600_000 }),
  jobsMs: whole({ doc: 'How often, without TimescaleDB, rollups are refreshed, partitions made ahead and old ones dropped; unit: milliseconds.', default: 60_000, min: 100, max: 3_600_000 }),
});
