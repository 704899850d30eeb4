-- Where the sink stands in the log, and what the network consists of.

CREATE TABLE sink_offsets (
  sink_group  text        NOT NULL,
  topic       text        NOT NULL,
  partition   integer     NOT NULL,
  next_offset bigint      NOT NULL CHECK (next_offset >= 0),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (sink_group, topic, partition)
);
COMMENT ON TABLE sink_offsets IS 'Offset of the first record not yet stored, written in the transaction that stores the rows before it.';

CREATE TABLE devices (
  address    inet        PRIMARY KEY,
  name       text,
  vendor     text,
  model      text,
  site       text,
  role       text,
  first_seen timestamptz NOT NULL,
  last_seen  timestamptz NOT NULL
);
COMMENT ON TABLE devices IS 'Every exporter and every device with counters or metrics. The sink writes address, first_seen and last_seen (event times); the rest belongs to topology feeds.';

CREATE TABLE interfaces (
  device     inet        NOT NULL,
  if_index   bigint      NOT NULL,
  name       text,
  alias      text,
  speed      bigint,
  admin_up   boolean,
  oper_up    boolean,
  first_seen timestamptz NOT NULL,
  last_seen  timestamptz NOT NULL,
  PRIMARY KEY (device, if_index)
);
COMMENT ON TABLE interfaces IS 'The present state of each interface, by its newest counters. speed: bits a second.';

CREATE TABLE links (
  name       text        PRIMARY KEY,
  a_device   inet,
  a_if_index bigint,
  b_device   inet,
  b_if_index bigint,
  capacity   bigint,
  first_seen timestamptz NOT NULL,
  last_seen  timestamptz NOT NULL
);
COMMENT ON TABLE links IS 'Every link with measurements. The sink writes name, first_seen and last_seen; ends and capacity (bits a second) belong to topology feeds.';
