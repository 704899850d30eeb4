-- What came and what was lost, of each exporter and of the collectors themselves.

CREATE TABLE collector_health (
  time              timestamptz      NOT NULL,
  window_start      timestamptz      NOT NULL,
  last_seen         timestamptz,
  collector         text             NOT NULL,
  worker            integer          NOT NULL,
  exporter          inet,
  protocol          text,
  domain            bigint           NOT NULL,
  datagrams         bigint           NOT NULL,
  flows             bigint           NOT NULL,
  bytes             bigint           NOT NULL,
  lost              bigint           NOT NULL,
  loss_unit         text             NOT NULL,
  loss_ratio        double precision NOT NULL,
  reordered         bigint           NOT NULL,
  duplicates        bigint           NOT NULL,
  restarts          bigint           NOT NULL,
  samples_lost      bigint           NOT NULL,
  samples_dropped   bigint           NOT NULL,
  refused           bigint           NOT NULL,
  kernel_drops      bigint           NOT NULL,
  queue_drops       bigint           NOT NULL,
  spool_drops       bigint           NOT NULL,
  waiting           bigint           NOT NULL,
  given_up          bigint           NOT NULL,
  templates         bigint           NOT NULL,
  templates_changed bigint           NOT NULL,
  sampling_rate     bigint           NOT NULL,
  sampling_origin   text             NOT NULL,
  faults            jsonb
) /*native: PARTITION BY RANGE (time)*/;
COMMENT ON TABLE collector_health IS 'One row an exporter, domain and window; exporter is NULL in the rows of the collectors themselves. time: end of the window; lost: in the unit of loss_unit; faults: how many of each code.';
CREATE INDEX collector_health_exporter ON collector_health (exporter, time DESC);

/*native:
INSERT INTO native_time_series (table_name, chunk, keep) VALUES ('collector_health', '1 day', '400 days');
*/
/*timescale:
SELECT create_hypertable('collector_health', by_range('time', interval '1 day'), create_default_indexes => false);
ALTER TABLE collector_health SET (timescaledb.compress, timescaledb.compress_segmentby = 'exporter', timescaledb.compress_orderby = 'time DESC');
SELECT add_compression_policy('collector_health', compress_after => interval '7 days');
SELECT add_retention_policy('collector_health', drop_created_before => interval '400 days');
*/

CREATE VIEW collector_loss AS
SELECT h.time, h.exporter, d.name AS exporter_name, h.protocol, h.domain, h.datagrams, h.flows, h.lost, h.loss_unit, h.loss_ratio,
       h.reordered, h.duplicates, h.restarts, h.refused, h.sampling_rate, h.sampling_origin, h.faults
FROM collector_health h
LEFT JOIN devices d ON d.address = h.exporter
WHERE h.exporter IS NOT NULL;
COMMENT ON VIEW collector_loss IS 'Loss by exporter, with its name.';
