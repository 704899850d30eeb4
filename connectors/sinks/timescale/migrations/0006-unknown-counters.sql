-- A counter that a device does not keep is null.
ALTER TABLE interface_metrics
  ALTER COLUMN in_octets DROP NOT NULL,
  ALTER COLUMN in_unicast_packets DROP NOT NULL,
  ALTER COLUMN in_multicast_packets DROP NOT NULL,
  ALTER COLUMN in_broadcast_packets DROP NOT NULL,
  ALTER COLUMN in_discards DROP NOT NULL,
  ALTER COLUMN in_errors DROP NOT NULL,
  ALTER COLUMN out_octets DROP NOT NULL,
  ALTER COLUMN out_unicast_packets DROP NOT NULL,
  ALTER COLUMN out_multicast_packets DROP NOT NULL,
  ALTER COLUMN out_broadcast_packets DROP NOT NULL,
  ALTER COLUMN out_discards DROP NOT NULL,
  ALTER COLUMN out_errors DROP NOT NULL;
