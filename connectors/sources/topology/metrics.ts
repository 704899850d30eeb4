/** Metrics of the sources of topology. */
import type { Telemetry } from '../../../infra/telemetry/telemetry';

export class TopologyMetrics {
  private readonly component;
  private readonly gaps;
  private readonly connections;
  private readonly known;

  constructor(telemetry: Telemetry) {
    this.component = telemetry.component('source', 'topology');
    this.gaps = telemetry.counter('topology_feed_gaps', 'Gaps in the sequence of a feed, after each of which a snapshot was asked for.');
    this.connections = telemetry.counter('topology_feed_connections', 'Connections to feeds that came about.');
    this.known = telemetry.gauge('topology_elements', 'Elements that a source has, as they were written last.', ['source']);
  }

  /** Messages of feeds, readings of files, answers of devices. */
  received(count: number): void {
    this.component.received(count);
  }

  /** Events that are durable. */
  sent(events: number): void {
    this.component.sent(events);
  }

  error(code: string): void {
    this.component.error(code);
  }

  discarded(reason: string, count: number): void {
    if (count > 0) this.component.discarded(reason, count);
  }

  gap(): void {
    this.gaps.inc();
  }

  connected(): void {
    this.connections.inc();
  }

  elements(source: string, count: number): void {
    this.known.set({ source }, count);
  }
}
