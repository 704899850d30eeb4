import type { Telemetry } from '../../../infra/telemetry/telemetry';

/** The sink's metrics beside the four of every component. */
export const sinkMetrics = (telemetry: Telemetry) => ({
  transactions: telemetry.counter('sink_transactions', 'Transactions committed in the database.'),
  timesReplaced: telemetry.counter('sink_times_replaced', 'Times of flows that could not be true and were replaced.'),
  rewinds: telemetry.counter('sink_rewinds', 'Times that batches were dropped and read again from where the database stands.'),
  lag: telemetry.gauge('sink_lag_records', 'Records on the log that are not yet in the database.', ['place']),
  rollupBuckets: telemetry.counter('sink_rollup_buckets', 'Buckets of rollups made anew, on a server without TimescaleDB.'),
  partitionsDropped: telemetry.counter('sink_partitions_dropped', 'Partitions dropped by retention, on a server without TimescaleDB.'),
});
