import { ALERT_COLUMNS, ANOMALY_COLUMNS, FEATURE_COLUMNS, PREDICTION_COLUMNS } from './detection-rows';
import { DEVICE_METRIC_COLUMNS, DISCARD_COLUMNS, INTERFACE_METRIC_COLUMNS, LINK_METRIC_COLUMNS } from './metric-rows';
import { DETAILED_FLOW_COLUMNS, FLOW_BUCKET_MS, FLOW_COLUMNS } from './flow-rows';
import { HEALTH_COLUMNS } from './health-rows';
import { HOST_TRAFFIC_COLUMNS, INTERFACE_TRAFFIC_COLUMNS, PREFIX_TRAFFIC_COLUMNS } from './traffic-rows';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A table that the sink fills by COPY. */
export interface SinkTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Length of a chunk or partition, as the migrations set it. */
  readonly chunkMs: number;
  /** The native rollup made from it, and the length of its buckets, which divides the chunk's. */
  readonly rollup?: { readonly name: string; readonly bucketMs: number };
  /** The resolution at which times of rows are noted: the rollup's, else the chunk's. */
  readonly noteMs: number;
}

const table = (name: string, columns: readonly string[], chunkMs: number, rollup?: SinkTable['rollup']): SinkTable => ({ name, columns, chunkMs, rollup, noteMs: rollup?.bucketMs ?? chunkMs });

/** Flows by end, in five minutes. */
const FLOWS_5M = { name: 'flows_5m', bucketMs: FLOW_BUCKET_MS } as const;

/** The tables; one of them twice, filled with other columns. */
export const TABLES = {
  flows: table('flow_records', FLOW_COLUMNS, HOUR_MS, FLOWS_5M),
  detailedFlows: table('flow_records', DETAILED_FLOW_COLUMNS, HOUR_MS, FLOWS_5M),
  interfaceTraffic: table('traffic_by_interface_partials', INTERFACE_TRAFFIC_COLUMNS, DAY_MS),
  prefixTraffic: table('traffic_by_prefix_partials', PREFIX_TRAFFIC_COLUMNS, DAY_MS),
  hostTraffic: table('traffic_by_host_partials', HOST_TRAFFIC_COLUMNS, DAY_MS),
  interfaceMetrics: table('interface_metrics', INTERFACE_METRIC_COLUMNS, DAY_MS, { name: 'interfaces_1h', bucketMs: HOUR_MS }),
  deviceMetrics: table('device_metrics', DEVICE_METRIC_COLUMNS, DAY_MS, { name: 'devices_1d', bucketMs: DAY_MS }),
  discards: table('packets_discarded', DISCARD_COLUMNS, DAY_MS),
  health: table('collector_health', HEALTH_COLUMNS, DAY_MS),
  linkMetrics: table('link_latency_metrics', LINK_METRIC_COLUMNS, DAY_MS),
  anomalies: table('anomalies', ANOMALY_COLUMNS, 7 * DAY_MS),
  alerts: table('alert_changes', ALERT_COLUMNS, 7 * DAY_MS),
  predictions: table('predictions', PREDICTION_COLUMNS, 7 * DAY_MS),
  features: table('traffic_features', FEATURE_COLUMNS, DAY_MS),
} as const satisfies Record<string, SinkTable>;

/** Key of {@link TABLES}. */
export type TableKey = keyof typeof TABLES;

/** The COPY statement of a table, binary format. */
export const copyStatement = ({ name, columns }: SinkTable): string => `COPY ${name} (${columns.join(', ')}) FROM STDIN (FORMAT binary)`;
