-- Everything with a time. `/*native: …*/` holds on a server without TimescaleDB, `/*timescale: …*/` on one with it.
-- Retention counts from when a chunk was made, not from the time of its rows: what was replayed from an old capture is
-- kept as long as what came live.

CREATE TYPE export_protocol AS ENUM ('NETFLOW_V5', 'NETFLOW_V9', 'IPFIX', 'SFLOW_V5');

CREATE TABLE flow_records (
  time               timestamptz     NOT NULL,
  start_time         timestamptz     NOT NULL,
  bytes              bigint          NOT NULL,
  packets            bigint          NOT NULL,
  scaled_bytes       bigint          NOT NULL,
  scaled_packets     bigint          NOT NULL,
  sampling_rate      bigint          NOT NULL,
  in_if              bigint          NOT NULL,
  out_if             bigint          NOT NULL,
  src_as             bigint          NOT NULL,
  dst_as             bigint          NOT NULL,
  observation_domain bigint          NOT NULL,
  src_port           integer         NOT NULL,
  dst_port           integer         NOT NULL,
  tcp_flags          integer         NOT NULL,
  vlan               integer         NOT NULL,
  protocol           export_protocol NOT NULL,
  proto              smallint        NOT NULL,
  tos                smallint        NOT NULL,
  src_mask           smallint        NOT NULL,
  dst_mask           smallint        NOT NULL,
  direction          smallint        NOT NULL,
  observers          smallint        NOT NULL,
  exporter           inet,
  src_addr           inet,
  dst_addr           inet,
  next_hop           inet
) /*native: PARTITION BY RANGE (time)*/;
COMMENT ON TABLE flow_records IS 'One row a flow of flows.unique. time: end of the flow; bytes, packets: as exported; scaled_*: times the sampling rate; addresses are NULL where the exporter does not say. Columns stand by size, so that rows have no gaps.';

-- Who talked from, to, and through which interface: newest first.
CREATE INDEX flow_records_src ON flow_records (src_addr, time DESC);
CREATE INDEX flow_records_dst ON flow_records (dst_addr, time DESC);
CREATE INDEX flow_records_interface ON flow_records (exporter, in_if, time DESC);
CREATE INDEX flow_records_time ON flow_records USING brin (time);

CREATE TABLE interface_metrics (
  time                  timestamptz NOT NULL,
  device                inet,
  if_index              bigint      NOT NULL,
  if_name               text,
  speed                 bigint      NOT NULL,
  admin_up              boolean     NOT NULL,
  oper_up               boolean     NOT NULL,
  in_octets             bigint      NOT NULL,
  in_unicast_packets    bigint      NOT NULL,
  in_multicast_packets  bigint      NOT NULL,
  in_broadcast_packets  bigint      NOT NULL,
  in_discards           bigint      NOT NULL,
  in_errors             bigint      NOT NULL,
  out_octets            bigint      NOT NULL,
  out_unicast_packets   bigint      NOT NULL,
  out_multicast_packets bigint      NOT NULL,
  out_broadcast_packets bigint      NOT NULL,
  out_discards          bigint      NOT NULL,
  out_errors            bigint      NOT NULL,
  source                text        NOT NULL
) /*native: PARTITION BY RANGE (time)*/;
COMMENT ON TABLE interface_metrics IS 'Counters as the device keeps them since its start; they begin again at zero when it restarts.';
CREATE INDEX interface_metrics_interface ON interface_metrics (device, if_index, time DESC);

CREATE TABLE device_metrics (
  time                timestamptz NOT NULL,
  device              inet,
  cpu_percent         double precision,
  memory_percent      double precision,
  temperature_celsius double precision,
  uptime_seconds      bigint,
  sessions            bigint
) /*native: PARTITION BY RANGE (time)*/;
CREATE INDEX device_metrics_device ON device_metrics (device, time DESC);

CREATE TABLE link_latency_metrics (
  time              timestamptz NOT NULL,
  link              text        NOT NULL,
  latency_ms        double precision,
  jitter_ms         double precision,
  loss_ratio        double precision,
  utilisation_ratio double precision
) /*native: PARTITION BY RANGE (time)*/;
CREATE INDEX link_latency_metrics_link ON link_latency_metrics (link, time DESC);

CREATE TABLE traffic_by_interface_partials (
  time             timestamptz NOT NULL,
  window_ms        bigint      NOT NULL,
  source_partition integer     NOT NULL,
  exporter         inet,
  if_index         bigint      NOT NULL,
  direction        smallint    NOT NULL,
  bytes            bigint      NOT NULL,
  packets          bigint      NOT NULL,
  flows            bigint      NOT NULL
) /*native: PARTITION BY RANGE (time)*/;
COMMENT ON TABLE traffic_by_interface_partials IS 'Partial sums by source partition, scaled by the sampling rate; traffic_by_interface adds them. time: start of the window; direction: 0 into the device, 1 out of it.';
CREATE INDEX traffic_by_interface_partials_interface ON traffic_by_interface_partials (exporter, if_index, time DESC);

CREATE TABLE traffic_by_prefix_partials (
  time             timestamptz NOT NULL,
  window_ms        bigint      NOT NULL,
  source_partition integer     NOT NULL,
  src_prefix       cidr,
  dst_prefix       cidr,
  src_as           bigint      NOT NULL,
  dst_as           bigint      NOT NULL,
  bytes            bigint      NOT NULL,
  packets          bigint      NOT NULL,
  flows            bigint      NOT NULL
) /*native: PARTITION BY RANGE (time)*/;
CREATE INDEX traffic_by_prefix_partials_time ON traffic_by_prefix_partials (time DESC, window_ms);

CREATE TABLE traffic_by_host_partials (
  time             timestamptz NOT NULL,
  window_ms        bigint      NOT NULL,
  source_partition integer     NOT NULL,
  addr             inet,
  bytes_out        bigint      NOT NULL,
  packets_out      bigint      NOT NULL,
  flows_out        bigint      NOT NULL,
  bytes_in         bigint      NOT NULL,
  packets_in       bigint      NOT NULL,
  flows_in         bigint      NOT NULL
) /*native: PARTITION BY RANGE (time)*/;
CREATE INDEX traffic_by_host_partials_host ON traffic_by_host_partials (addr, time DESC);

CREATE TABLE routing_events (
  time     timestamptz NOT NULL,
  kind     text        NOT NULL,
  prefix   cidr,
  peer     inet,
  next_hop inet,
  as_path  bigint[],
  detail   jsonb       NOT NULL DEFAULT '{}'
) /*native: PARTITION BY RANGE (time)*/;
CREATE INDEX routing_events_prefix ON routing_events (prefix, time DESC);

CREATE TABLE predictions (
  time            timestamptz      NOT NULL,
  made_at         timestamptz      NOT NULL,
  subject         text             NOT NULL,
  metric          text             NOT NULL,
  horizon_seconds integer          NOT NULL,
  value           double precision NOT NULL,
  lower           double precision,
  upper           double precision,
  model           text             NOT NULL
) /*native: PARTITION BY RANGE (time)*/;
COMMENT ON TABLE predictions IS 'time: the moment that is predicted; lower, upper: bounds of the 90 % interval.';
CREATE INDEX predictions_subject ON predictions (subject, metric, time DESC);

CREATE TABLE anomalies (
  time     timestamptz      NOT NULL,
  id       text             NOT NULL,
  subject  text             NOT NULL,
  kind     text             NOT NULL,
  severity text             NOT NULL,
  score    double precision NOT NULL,
  evidence jsonb            NOT NULL DEFAULT '{}'
) /*native: PARTITION BY RANGE (time)*/;
CREATE INDEX anomalies_subject ON anomalies (subject, time DESC);

/*native:
INSERT INTO native_time_series (table_name, chunk, keep) VALUES
  ('flow_records', '1 hour', '90 days'),
  ('interface_metrics', '1 day', '400 days'),
  ('device_metrics', '1 day', '400 days'),
  ('link_latency_metrics', '1 day', '400 days'),
  ('traffic_by_interface_partials', '1 day', '400 days'),
  ('traffic_by_prefix_partials', '1 day', '90 days'),
  ('traffic_by_host_partials', '1 day', '90 days'),
  ('routing_events', '7 days', '400 days'),
  ('predictions', '7 days', '400 days'),
  ('anomalies', '7 days', '400 days');
*/
/*timescale:
SELECT create_hypertable(name, by_range('time', chunk), create_default_indexes => false)
FROM (VALUES
  ('flow_records'::regclass, interval '1 hour'),
  ('interface_metrics', '1 day'),
  ('device_metrics', '1 day'),
  ('link_latency_metrics', '1 day'),
  ('traffic_by_interface_partials', '1 day'),
  ('traffic_by_prefix_partials', '1 day'),
  ('traffic_by_host_partials', '1 day'),
  ('routing_events', '7 days'),
  ('predictions', '7 days'),
  ('anomalies', '7 days')
) AS series (name, chunk);

ALTER TABLE flow_records SET (timescaledb.compress, timescaledb.compress_segmentby = 'exporter', timescaledb.compress_orderby = 'time DESC');
ALTER TABLE interface_metrics SET (timescaledb.compress, timescaledb.compress_segmentby = 'device, if_index', timescaledb.compress_orderby = 'time DESC');
ALTER TABLE traffic_by_interface_partials SET (timescaledb.compress, timescaledb.compress_segmentby = 'exporter, if_index', timescaledb.compress_orderby = 'time DESC');
ALTER TABLE traffic_by_prefix_partials SET (timescaledb.compress, timescaledb.compress_orderby = 'time DESC');
ALTER TABLE traffic_by_host_partials SET (timescaledb.compress, timescaledb.compress_orderby = 'time DESC');
SELECT add_compression_policy(name::regclass, compress_after => interval '7 days')
FROM unnest(ARRAY['flow_records', 'interface_metrics', 'traffic_by_interface_partials', 'traffic_by_prefix_partials', 'traffic_by_host_partials']) AS name;

SELECT add_retention_policy(name, drop_created_before => keep)
FROM (VALUES
  ('flow_records'::regclass, interval '90 days'),
  ('interface_metrics', '400 days'),
  ('device_metrics', '400 days'),
  ('link_latency_metrics', '400 days'),
  ('traffic_by_interface_partials', '400 days'),
  ('traffic_by_prefix_partials', '90 days'),
  ('traffic_by_host_partials', '90 days'),
  ('routing_events', '400 days'),
  ('predictions', '400 days'),
  ('anomalies', '400 days')
) AS series (name, keep);
*/
