-- What analysts read: whole sums, and the present.

CREATE VIEW traffic_by_interface AS
SELECT time, window_ms, exporter, if_index, direction, sum(bytes) AS bytes, sum(packets) AS packets, sum(flows) AS flows
FROM traffic_by_interface_partials GROUP BY time, window_ms, exporter, if_index, direction;

CREATE VIEW traffic_by_prefix AS
SELECT time, window_ms, src_prefix, dst_prefix, src_as, dst_as, sum(bytes) AS bytes, sum(packets) AS packets, sum(flows) AS flows
FROM traffic_by_prefix_partials GROUP BY time, window_ms, src_prefix, dst_prefix, src_as, dst_as;

CREATE VIEW traffic_by_host AS
SELECT time, window_ms, addr, sum(bytes_out) AS bytes_out, sum(packets_out) AS packets_out, sum(flows_out) AS flows_out,
       sum(bytes_in) AS bytes_in, sum(packets_in) AS packets_in, sum(flows_in) AS flows_in
FROM traffic_by_host_partials GROUP BY time, window_ms, addr;

-- status: unknown (no metrics), stale (newest metrics older than 10 minutes), critical (CPU or memory at 95 % or more),
-- warning (at 80 % or more, or an interface that should be up is down), ok.
CREATE VIEW device_health_current AS
SELECT d.address AS device, d.name, d.last_seen, m.time AS measured_at, m.cpu_percent, m.memory_percent, m.temperature_celsius,
       m.uptime_seconds, m.sessions, i.interfaces, i.interfaces_down,
       CASE
         WHEN m.time IS NULL THEN 'unknown'
         WHEN m.time < now() - interval '10 minutes' THEN 'stale'
         WHEN greatest(m.cpu_percent, m.memory_percent) >= 95 THEN 'critical'
         WHEN greatest(m.cpu_percent, m.memory_percent) >= 80 OR i.interfaces_down > 0 THEN 'warning'
         ELSE 'ok'
       END AS status
FROM devices d
LEFT JOIN LATERAL (SELECT * FROM device_metrics x WHERE x.device = d.address ORDER BY x.time DESC LIMIT 1) m ON true
CROSS JOIN LATERAL (
  SELECT count(*) AS interfaces, count(*) FILTER (WHERE x.admin_up AND NOT x.oper_up) AS interfaces_down FROM interfaces x WHERE x.device = d.address
) i;
