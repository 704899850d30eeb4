-- Flows with the names of their exporters and interfaces. A flow whose names are not known is there all the same.

CREATE VIEW flows_named AS
SELECT f.time, f.start_time, f.exporter, d.name AS exporter_name,
       f.in_if, coalesce(i.name, i.description) AS in_if_name, i.alias AS in_if_alias, i.speed AS in_if_speed,
       f.out_if, coalesce(o.name, o.description) AS out_if_name, o.alias AS out_if_alias, o.speed AS out_if_speed,
       f.src_addr, f.dst_addr, f.src_port, f.dst_port, f.proto, f.tcp_flags, f.tos,
       f.bytes, f.packets, f.sampling_rate, f.scaled_bytes AS bytes_scaled, f.scaled_packets AS packets_scaled, coalesce(f.scaled, false) AS scaled_by_exporter,
       f.next_hop, f.src_as, f.dst_as, f.src_mask, f.dst_mask, f.vlan, f.direction, f.protocol, f.observation_domain, f.observers,
       f.src_country, f.dst_country, f.src_site, f.dst_site,
       f.tunnel, f.tunnel_id, f.inner_src_addr, f.inner_dst_addr, f.inner_src_port, f.inner_dst_port, f.inner_proto, f.extra
FROM flow_records f
LEFT JOIN devices d ON d.address = f.exporter
LEFT JOIN interfaces i ON i.device = f.exporter AND i.if_index = f.in_if
LEFT JOIN interfaces o ON o.device = f.exporter AND o.if_index = f.out_if;
COMMENT ON VIEW flows_named IS 'flow_records with names. bytes, packets: as exported; bytes_scaled, packets_scaled: times the sampling rate (once where it is not known). Names are those of the present.';

CREATE VIEW traffic_by_interface_named AS
SELECT t.time, t.window_ms, t.exporter, d.name AS exporter_name, t.if_index, coalesce(i.name, i.description) AS if_name, i.alias AS if_alias, i.speed,
       t.direction, t.bytes, t.packets, t.flows, t.bytes * 8000.0 / t.window_ms AS bits_per_second,
       CASE WHEN i.speed > 0 THEN t.bytes * 8000.0 / t.window_ms / i.speed END AS utilisation_ratio
FROM traffic_by_interface t
LEFT JOIN devices d ON d.address = t.exporter
LEFT JOIN interfaces i ON i.device = t.exporter AND i.if_index = t.if_index;
COMMENT ON VIEW traffic_by_interface_named IS 'traffic_by_interface with names; utilisation_ratio: of the speed of the interface, 0 to 1.';
