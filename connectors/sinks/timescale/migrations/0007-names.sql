-- What devices and interfaces are called, by whom it was told, and what counters tell beside octets and packets.

ALTER TABLE devices
  ADD COLUMN description text,
  ADD COLUMN object_id   text;
COMMENT ON TABLE devices IS 'Every exporter and every device with counters or metrics. The sink writes address, name (sysName), description (sysDescr), object_id (sysObjectID), first_seen and last_seen (event times); the rest belongs to topology feeds.';

ALTER TABLE interfaces
  ADD COLUMN description text,
  ADD COLUMN named_by    text,
  ADD COLUMN named_at    timestamptz;
COMMENT ON TABLE interfaces IS 'The present state of each interface. Names and speed by the best who told them (named_by): SNMP before OPTIONS before SFLOW, the newest of the same; who was silent for a day gives way. NULL: by counters alone. Status by the newest of all. speed: bits a second.';

ALTER TABLE interface_metrics
  ADD COLUMN uptime_seconds            bigint,
  ADD COLUMN discontinuity             boolean,
  ADD COLUMN in_unknown_protocols      bigint,
  ADD COLUMN alignment_errors          bigint,
  ADD COLUMN fcs_errors                bigint,
  ADD COLUMN symbol_errors             bigint,
  ADD COLUMN frame_too_longs           bigint,
  ADD COLUMN late_collisions           bigint,
  ADD COLUMN excessive_collisions      bigint,
  ADD COLUMN carrier_sense_errors      bigint,
  ADD COLUMN optics_celsius            double precision,
  ADD COLUMN optics_received_microwatts bigint,
  ADD COLUMN optics_sent_microwatts    bigint;
COMMENT ON TABLE interface_metrics IS 'Counters as the device keeps them since its start; a counter that it does not keep is NULL. discontinuity: they do not continue those of the row before, as after a restart; a difference across it means nothing.';

ALTER TABLE device_metrics
  ADD COLUMN load_average double precision,
  ADD COLUMN memory_bytes bigint,
  ADD COLUMN disk_percent double precision;
