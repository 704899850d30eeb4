-- Continuous aggregates. Their policies reach no further back than their sources are kept: a refresh makes what was dropped
-- there disappear here too. What is newer than the last run is added when they are read; an hour of long ago that was replayed
-- is aggregated on request, by refresh_continuous_aggregate.

CREATE MATERIALIZED VIEW flows_5m WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('5 minutes', time) AS bucket, exporter, in_if, out_if, proto,
       sum(scaled_bytes) AS bytes, sum(scaled_packets) AS packets, count(*) AS flows
FROM flow_records GROUP BY bucket, exporter, in_if, out_if, proto WITH NO DATA;
SELECT add_continuous_aggregate_policy('flows_5m', start_offset => interval '80 days', end_offset => interval '5 minutes', schedule_interval => interval '5 minutes');

CREATE MATERIALIZED VIEW interfaces_1h WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 hour', time) AS bucket, device, if_index, count(*) AS samples, max(speed) AS speed,
       first(in_octets, time) AS in_octets_first, last(in_octets, time) AS in_octets_last,
       first(out_octets, time) AS out_octets_first, last(out_octets, time) AS out_octets_last,
       first(in_errors + in_discards, time) AS in_faults_first, last(in_errors + in_discards, time) AS in_faults_last,
       first(out_errors + out_discards, time) AS out_faults_first, last(out_errors + out_discards, time) AS out_faults_last,
       min(oper_up::integer)::boolean AS always_up
FROM interface_metrics GROUP BY bucket, device, if_index WITH NO DATA;
SELECT add_continuous_aggregate_policy('interfaces_1h', start_offset => interval '390 days', end_offset => interval '1 hour', schedule_interval => interval '1 hour');

CREATE MATERIALIZED VIEW devices_1d WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 day', time) AS bucket, device, count(*) AS samples,
       avg(cpu_percent) AS cpu_percent_avg, max(cpu_percent) AS cpu_percent_max,
       avg(memory_percent) AS memory_percent_avg, max(memory_percent) AS memory_percent_max,
       max(temperature_celsius) AS temperature_celsius_max, min(uptime_seconds) AS uptime_seconds_min, max(sessions) AS sessions_max
FROM device_metrics GROUP BY bucket, device WITH NO DATA;
SELECT add_continuous_aggregate_policy('devices_1d', start_offset => interval '390 days', end_offset => interval '1 day', schedule_interval => interval '1 day');
