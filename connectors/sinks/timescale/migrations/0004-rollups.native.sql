-- The continuous aggregates' counterpart: tables of the same names and columns. A transaction that stores rows leaves a
-- mark for each bucket that it touched; refresh_rollups makes the marked buckets anew from the rows, so that a replayed
-- hour of long ago is aggregated as well, and nothing is scanned that has not changed.

CREATE TABLE rollup_marks (
  rollup text        NOT NULL,
  bucket timestamptz NOT NULL
);
COMMENT ON TABLE rollup_marks IS 'Buckets whose rows have changed since the rollup was made. Without a key on purpose: writers never wait for the refresh.';

CREATE TABLE flows_5m (
  bucket timestamptz NOT NULL, exporter inet, in_if bigint NOT NULL, out_if bigint NOT NULL, proto smallint NOT NULL,
  bytes numeric NOT NULL, packets numeric NOT NULL, flows bigint NOT NULL
);
CREATE INDEX flows_5m_bucket ON flows_5m (bucket);

CREATE TABLE interfaces_1h (
  bucket timestamptz NOT NULL, device inet, if_index bigint NOT NULL, samples bigint NOT NULL, speed bigint NOT NULL,
  in_octets_first bigint NOT NULL, in_octets_last bigint NOT NULL, out_octets_first bigint NOT NULL, out_octets_last bigint NOT NULL,
  in_faults_first bigint NOT NULL, in_faults_last bigint NOT NULL, out_faults_first bigint NOT NULL, out_faults_last bigint NOT NULL,
  always_up boolean NOT NULL
);
CREATE INDEX interfaces_1h_bucket ON interfaces_1h (bucket);

CREATE TABLE devices_1d (
  bucket timestamptz NOT NULL, device inet, samples bigint NOT NULL,
  cpu_percent_avg double precision, cpu_percent_max double precision, memory_percent_avg double precision, memory_percent_max double precision,
  temperature_celsius_max double precision, uptime_seconds_min bigint, sessions_max bigint
);
CREATE INDEX devices_1d_bucket ON devices_1d (bucket);

-- Makes marked buckets anew, at most `most` of each rollup; returns how many. The marks are taken in one statement and
-- the rows read in the next: rows stored in between have marks of their own.
CREATE FUNCTION refresh_rollups(most integer DEFAULT 1000) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  b       timestamptz;
  buckets timestamptz[];
  made    integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('netweaver.rollups'));

  buckets := take_marks('flows_5m', most);
  FOREACH b IN ARRAY buckets LOOP
    DELETE FROM flows_5m WHERE bucket = b;
    INSERT INTO flows_5m
    SELECT b, exporter, in_if, out_if, proto, sum(scaled_bytes), sum(scaled_packets), count(*)
    FROM flow_records WHERE time >= b AND time < b + interval '5 minutes' GROUP BY exporter, in_if, out_if, proto;
  END LOOP;
  made := made + cardinality(buckets);

  buckets := take_marks('interfaces_1h', most);
  FOREACH b IN ARRAY buckets LOOP
    DELETE FROM interfaces_1h WHERE bucket = b;
    INSERT INTO interfaces_1h
    SELECT b, device, if_index, count(*), max(speed),
           (array_agg(in_octets ORDER BY time))[1], (array_agg(in_octets ORDER BY time DESC))[1],
           (array_agg(out_octets ORDER BY time))[1], (array_agg(out_octets ORDER BY time DESC))[1],
           (array_agg(in_errors + in_discards ORDER BY time))[1], (array_agg(in_errors + in_discards ORDER BY time DESC))[1],
           (array_agg(out_errors + out_discards ORDER BY time))[1], (array_agg(out_errors + out_discards ORDER BY time DESC))[1],
           bool_and(oper_up)
    FROM interface_metrics WHERE time >= b AND time < b + interval '1 hour' GROUP BY device, if_index;
  END LOOP;
  made := made + cardinality(buckets);

  buckets := take_marks('devices_1d', most);
  FOREACH b IN ARRAY buckets LOOP
    DELETE FROM devices_1d WHERE bucket = b;
    INSERT INTO devices_1d
    SELECT b, device, count(*), avg(cpu_percent), max(cpu_percent), avg(memory_percent), max(memory_percent),
           max(temperature_celsius), min(uptime_seconds), max(sessions)
    FROM device_metrics WHERE time >= b AND time < b + interval '1 day' GROUP BY device;
  END LOOP;
  RETURN made + cardinality(buckets);
END $$;

CREATE FUNCTION take_marks(wanted text, most integer) RETURNS timestamptz[]
LANGUAGE sql SET search_path FROM CURRENT AS $$
  WITH chosen AS (SELECT DISTINCT bucket FROM rollup_marks WHERE rollup = wanted ORDER BY bucket DESC LIMIT most),
       taken AS (DELETE FROM rollup_marks m USING chosen c WHERE m.rollup = wanted AND m.bucket = c.bucket)
  SELECT coalesce(array_agg(bucket ORDER BY bucket), '{}') FROM chosen;
$$;

REVOKE ALL ON FUNCTION refresh_rollups(integer), take_marks(text, integer) FROM PUBLIC;
