import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ComponentCounters } from './telemetry';

/** Upper bounds, seconds. */
const DURATIONS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

/** Names and labels of NetWeaver's metrics on one registry; asking twice for a name gives the same metric. */
export class Metrics {
  constructor(readonly registry: Registry) {}

  counter<L extends string = never>(name: string, help: string, labels: readonly L[] = []): Counter<L> {
    return this.once(`netweaver_${name}_total`, (full) => new Counter<L>({ name: full, help, labelNames: labels, registers: [this.registry] }));
  }

  gauge<L extends string = never>(name: string, help: string, labels: readonly L[] = []): Gauge<L> {
    return this.once(`netweaver_${name}`, (full) => new Gauge<L>({ name: full, help, labelNames: labels, registers: [this.registry] }));
  }

  durations<L extends string = never>(name: string, help: string, labels: readonly L[] = []): Histogram<L> {
    return this.once(`netweaver_${name}_seconds`, (full) => new Histogram<L>({ name: full, help, labelNames: labels, buckets: DURATIONS, registers: [this.registry] }));
  }

  component(kind: 'source' | 'processor' | 'sink', name: string): ComponentCounters {
    const labels = ['kind', 'name'] as const;
    const received = this.counter('component_received', 'Records, datagrams or rows that came in.', labels).labels(kind, name);
    const sent = this.counter('component_sent', 'Records, datagrams or rows that went out.', labels).labels(kind, name);
    const errors = this.counter('component_errors', 'What failed, by error code.', [...labels, 'code']);
    const discarded = this.counter('component_discarded', 'What was let go on purpose, by reason.', [...labels, 'reason']);
    return {
      received: (count) => received.inc(count),
      sent: (count) => sent.inc(count),
      error: (code, count = 1) => errors.inc({ kind, name, code }, count),
      discarded: (reason, count = 1) => discarded.inc({ kind, name, reason }, count),
    };
  }

  private once<M>(name: string, make: (name: string) => M): M {
    return (this.registry.getSingleMetric(name) as M | undefined) ?? make(name);
  }
}
