import type { Telemetry } from '../../../infra/telemetry/telemetry';
import { Delta } from './metrics';
import type { StreamCounts } from './stream-receiver';

/** Metrics of IPFIX over TCP and TLS. */
export class StreamMetrics {
  private readonly open: (count: number) => void;
  private readonly accepted: Delta;
  private readonly closed: readonly { readonly delta: Delta; readonly of: keyof StreamCounts }[];

  constructor(telemetry: Telemetry) {
    const open = telemetry.gauge('collector_connections', 'Connections of IPFIX over TCP and TLS that are open.');
    this.open = (count) => open.set(count);
    const accepted = telemetry.counter('collector_sessions', 'Sessions of IPFIX over TCP and TLS since the start.');
    this.accepted = new Delta((by) => accepted.inc(by));
    const refused = telemetry.counter('collector_connections_ended', 'Connections refused or ended by the collector, by reason: limit, tls, idle, bad_message.', ['reason']);
    const reasons = { refused: 'limit', tlsFailed: 'tls', idle: 'idle', broken: 'bad_message' } as const;
    this.closed = Object.entries(reasons).map(([of, reason]) => ({ of: of as keyof StreamCounts, delta: new Delta((by) => refused.inc({ reason }, by)) }));
  }

  update(counts: StreamCounts): void {
    this.open(counts.open);
    this.accepted.to(counts.accepted);
    for (const { delta, of } of this.closed) delta.to(counts[of]);
  }
}
