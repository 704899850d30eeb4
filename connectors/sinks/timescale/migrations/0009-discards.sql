-- Packets that devices discarded, with the reason (sFlow discarded-packet samples).

CREATE TABLE packets_discarded (
  time        timestamptz NOT NULL,
  device      inet,
  in_if       bigint      NOT NULL,
  out_if      bigint      NOT NULL,
  reason      integer     NOT NULL,
  reason_name text        NOT NULL,
  drops       bigint      NOT NULL,
  src_addr    inet,
  dst_addr    inet,
  src_port    integer     NOT NULL,
  dst_port    integer     NOT NULL,
  proto       smallint    NOT NULL,
  tcp_flags   integer     NOT NULL,
  vlan        integer     NOT NULL,
  length      bigint      NOT NULL,
  queue       bigint,
  acl         bigint,
  acl_name    text,
  function    text
) /*native: PARTITION BY RANGE (time)*/;
COMMENT ON TABLE packets_discarded IS 'One row a discarded packet. reason: as in sflow_drops.txt, below 256 the codes of ICMP destination unreachable; drops: packets that the device could not report since its start; length: bytes of the frame.';
CREATE INDEX packets_discarded_device ON packets_discarded (device, in_if, time DESC);

/*native:
INSERT INTO native_time_series (table_name, chunk, keep) VALUES ('packets_discarded', '1 day', '30 days');
*/
/*timescale:
SELECT create_hypertable('packets_discarded', by_range('time', interval '1 day'), create_default_indexes => false);
ALTER TABLE packets_discarded SET (timescaledb.compress, timescaledb.compress_segmentby = 'device', timescaledb.compress_orderby = 'time DESC');
SELECT add_compression_policy('packets_discarded', compress_after => interval '7 days');
SELECT add_retention_policy('packets_discarded', drop_created_before => interval '30 days');
*/
