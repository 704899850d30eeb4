-- What detection says: anomalies as they are told, changes of alerts, forecasts, and the features that they stand on.

ALTER TABLE anomalies
  ADD COLUMN subject_kind text,
  ADD COLUMN phase        text,
  ADD COLUMN began        timestamptz,
  ADD COLUMN detector     text,
  ADD COLUMN value        double precision,
  ADD COLUMN threshold    double precision,
  ADD COLUMN unit         text,
  ADD COLUMN elements     jsonb,
  ADD COLUMN model        text,
  ADD COLUMN model_hash   text;
COMMENT ON TABLE anomalies IS 'One row a record: that an anomaly began, goes on, or is over. id: the same in all rows of one anomaly; evidence: figures with what is usual; elements: what contributes.';

ALTER TABLE predictions
  ADD COLUMN p10        double precision,
  ADD COLUMN p50        double precision,
  ADD COLUMN p90        double precision,
  ADD COLUMN model_hash text,
  ADD COLUMN gaps       integer;

CREATE TABLE alert_changes (
  time            timestamptz      NOT NULL,
  seq             bigserial        NOT NULL,
  id              text             NOT NULL,
  change          text             NOT NULL,
  state           text             NOT NULL,
  severity        text             NOT NULL,
  family          text             NOT NULL,
  kind            text             NOT NULL,
  subject         text             NOT NULL,
  subject_kind    text             NOT NULL,
  trigger_name    text             NOT NULL,
  began           timestamptz      NOT NULL,
  opened          timestamptz,
  closed          timestamptz,
  closed_by       text,
  merged_into     text,
  muted_until     timestamptz,
  acknowledged_by text,
  verdict         text,
  reopened        integer          NOT NULL,
  suppressed      integer          NOT NULL,
  score           double precision NOT NULL,
  factor          double precision NOT NULL,
  value           double precision NOT NULL,
  threshold       double precision NOT NULL,
  unit            text             NOT NULL,
  detector        text             NOT NULL,
  model           text,
  model_hash      text,
  member_count    integer          NOT NULL,
  routes_changed  integer          NOT NULL,
  evidence        jsonb            NOT NULL,
  elements        jsonb            NOT NULL,
  fired           jsonb            NOT NULL,
  members         jsonb            NOT NULL,
  history         jsonb            NOT NULL
) /*native: PARTITION BY RANGE (time)*/;
COMMENT ON TABLE alert_changes IS 'One row a change of an alert: what it was after it. fired: the details with which it fired, which never change; opened is NULL while it is suppressed.';
CREATE INDEX alert_changes_id ON alert_changes (id, time DESC, seq DESC);

CREATE VIEW alerts AS SELECT DISTINCT ON (id) * FROM alert_changes ORDER BY id, time DESC, seq DESC;
COMMENT ON VIEW alerts IS 'Alerts as they are: the last change of each.';

CREATE TABLE traffic_features (
  time             timestamptz      NOT NULL,
  window_ms        bigint           NOT NULL,
  kind             text             NOT NULL,
  subject          text             NOT NULL,
  bytes            double precision NOT NULL,
  packets          double precision NOT NULL,
  flows            double precision,
  mean_duration_ms double precision,
  tcp_share        double precision,
  udp_share        double precision,
  icmp_share       double precision,
  moving_average   double precision,
  trend            double precision,
  distinct_peers   double precision,
  distinct_ports   double precision,
  src_entropy      double precision,
  dst_entropy      double precision,
  port_entropy     double precision,
  gap              integer          NOT NULL
) /*native: PARTITION BY RANGE (time)*/;
COMMENT ON TABLE traffic_features IS 'What interfaces and links did in windows of a minute and more. time: start of the window; NULL: not known.';
CREATE INDEX traffic_features_subject ON traffic_features (subject, window_ms, time DESC);

/*native:
INSERT INTO native_time_series (table_name, chunk, keep) VALUES ('alert_changes', '7 days', '400 days'), ('traffic_features', '1 day', '90 days');
*/
/*timescale:
SELECT create_hypertable('alert_changes', by_range('time', interval '7 days'), create_default_indexes => false);
SELECT add_retention_policy('alert_changes', drop_created_before => interval '400 days');
SELECT create_hypertable('traffic_features', by_range('time', interval '1 day'), create_default_indexes => false);
ALTER TABLE traffic_features SET (timescaledb.compress, timescaledb.compress_segmentby = 'subject', timescaledb.compress_orderby = 'time DESC');
SELECT add_compression_policy('traffic_features', compress_after => interval '7 days');
SELECT add_retention_policy('traffic_features', drop_created_before => interval '90 days');
*/
