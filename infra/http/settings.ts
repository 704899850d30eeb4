import { port, section, text, whole } from '../config/section';

/** Each role's small HTTP server: /metrics, /healthz, /readyz and what the role adds. */
export const httpSection = section('http', 'The small HTTP server of each role: /metrics (Prometheus), /healthz, /readyz.', {
  host: text({ doc: 'Address it listens on. It has no login: keep it on loopback or inside the cluster.', default: '127.0.0.1' }),
  allPort: port({ doc: 'Port of `netweaver all`, for all its roles; 0 lets the system choose.', default: 9100 }),
  collectPort: port({ doc: 'Port of `netweaver collect`.', default: 9101 }),
  processPort: port({ doc: 'Port of `netweaver process`.', default: 9102 }),
  sinkPort: port({ doc: 'Port of `netweaver sink`.', default: 9103 }),
  pollPort: port({ doc: 'Port of `netweaver poll`.', default: 9104 }),
  topologyPort: port({ doc: 'Port of `netweaver topology`.', default: 9105 }),
  maxConnections: whole({ doc: 'Connections open at once; more are closed.', default: 64, min: 1, max: 10_000 }),
});
