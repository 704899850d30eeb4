-- What not every flow has. NULL costs nothing in a row; without a default nothing is written anew.

ALTER TABLE flow_records
  ADD COLUMN scaled         boolean,
  ADD COLUMN src_country    text,
  ADD COLUMN dst_country    text,
  ADD COLUMN src_site       text,
  ADD COLUMN dst_site       text,
  ADD COLUMN tunnel         text,
  ADD COLUMN tunnel_id      bigint,
  ADD COLUMN inner_src_addr inet,
  ADD COLUMN inner_dst_addr inet,
  ADD COLUMN inner_src_port integer,
  ADD COLUMN inner_dst_port integer,
  ADD COLUMN inner_proto    smallint,
  ADD COLUMN extra          jsonb;
COMMENT ON COLUMN flow_records.scaled IS 'True where the exporter had multiplied bytes and packets by its sampling rate already; sampling_rate is 1 then, or what the collector thinned out.';
COMMENT ON COLUMN flow_records.src_country IS 'ISO 3166-1 alpha-2.';
COMMENT ON COLUMN flow_records.tunnel IS 'How the inner packet was carried: VXLAN, GENEVE, GRE, IPIP, SRV6, MPLS, GTPU, L2TP; NULL where there was none.';
COMMENT ON COLUMN flow_records.extra IS 'Information elements that were asked for and have no column, by name.';
