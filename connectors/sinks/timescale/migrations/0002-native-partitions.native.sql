-- A server without TimescaleDB: range partitions by time, made on demand, kept and dropped by these functions.
-- They run with their owner's rights, so that the sink's login needs none on the tables' definitions.

CREATE TABLE native_time_series (
  table_name text     PRIMARY KEY,
  chunk      interval NOT NULL,
  keep       interval NOT NULL
);
COMMENT ON TABLE native_time_series IS 'Tables partitioned by time: length of a partition, and how long one is kept after it was made.';

CREATE TABLE native_partitions (
  table_name     text        NOT NULL REFERENCES native_time_series,
  from_time      timestamptz NOT NULL,
  to_time        timestamptz NOT NULL,
  partition_name text        NOT NULL UNIQUE,
  created_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (table_name, from_time)
);

-- Makes the partitions that hold `times`; returns how many were new. Attaching does not wait for writers.
CREATE FUNCTION ensure_partitions(target text, times timestamptz[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  seconds bigint;
  lower   timestamptz;
  upper   timestamptz;
  part    text;
  made    integer := 0;
BEGIN
  SELECT extract(epoch FROM chunk)::bigint INTO STRICT seconds FROM native_time_series WHERE table_name = target;
  PERFORM pg_advisory_xact_lock(hashtext('netweaver.partitions'));
  FOR lower IN
    SELECT DISTINCT to_timestamp(floor(extract(epoch FROM t) / seconds) * seconds) AS l FROM unnest(times) AS t
    EXCEPT SELECT from_time FROM native_partitions WHERE table_name = target
    ORDER BY l
  LOOP
    upper := lower + make_interval(secs => seconds);
    part := target || '_' || to_char(lower AT TIME ZONE 'UTC', 'YYYYMMDD"t"HH24');
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, target);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', target, part, lower, upper);
    INSERT INTO native_partitions (table_name, from_time, to_time, partition_name) VALUES (target, lower, upper, part);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;

-- Drops partitions made longer ago than their table keeps them, one statement each; returns how many. A partition that
-- queries hold for more than two seconds is left for the next call.
CREATE FUNCTION drop_expired_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '2s' AS $$
DECLARE
  old     record;
  dropped integer := 0;
BEGIN
  FOR old IN
    SELECT p.table_name, p.partition_name FROM native_partitions p JOIN native_time_series s USING (table_name)
    WHERE p.created_at < now() - s.keep AND p.to_time < now() ORDER BY p.from_time
  LOOP
    BEGIN
      EXECUTE format('DROP TABLE %I', old.partition_name);
      DELETE FROM native_partitions WHERE partition_name = old.partition_name;
      dropped := dropped + 1;
    EXCEPTION WHEN lock_not_available THEN NULL;
    END;
  END LOOP;
  RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION ensure_partitions(text, timestamptz[]), drop_expired_partitions() FROM PUBLIC;
