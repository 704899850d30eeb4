import { trace, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Configuration } from '../config/configuration';
import { openLogger } from './logger';
import { Metrics } from './metrics';
import { telemetrySection } from './settings';
import type { Telemetry } from './telemetry';

/** A {@link Telemetry} that must be closed, so that the last spans leave. */
export interface OpenTelemetry extends Telemetry {
  close(): Promise<void>;
}

/**
 * Logs, metrics and traces of a process or worker thread.
 * @param worker label and field `worker`, where several do the work of a role
 * @param role label `role` of every metric and field `role` of every log line; `cli` for short commands, which have no process metrics
 */
export function openTelemetry(config: Configuration, role: string, worker?: number): OpenTelemetry {
  const settings = config.get(telemetrySection);
  const place = worker === undefined ? {} : { worker };
  const registry = new Registry();
  registry.setDefaultLabels({ role, ...place });
  if (role !== 'cli') collectProcessMetrics(registry);
  const metrics = new Metrics(registry);
  if (role !== 'cli') metrics.gauge('process_id', 'Number of the process that the role runs in.').set(process.pid);
  const { tracer, close } = openTracer(settings.otlpUrl, settings.tracePercent / 100, role);
  return {
    metrics: registry,
    logger: openLogger({ level: settings.logLevel, file: settings.logFile, fields: { role, ...place, pid: process.pid } }),
    tracer,
    counter: (name, help, labels) => metrics.counter(name, help, labels),
    gauge: (name, help, labels) => metrics.gauge(name, help, labels),
    durations: (name, help, labels) => metrics.durations(name, help, labels),
    component: (kind, name) => metrics.component(kind, name),
    close,
  };
}

/**
 * prom-client's metrics of a process, without its histogram of the event loop's delay: that would sample it with a timer of 10 ms, which
 * alone costs an idle role more than everything else. What share of the time the loop works is known without.
 */
function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 60_000 });
  for (const measure of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99']) registry.removeSingleMetric(`nodejs_eventloop_lag_${measure}_seconds`);
  let last = performance.eventLoopUtilization();
  new Gauge({
    name: 'nodejs_eventloop_utilization',
    help: 'Share of the time since the last scrape that the event loop was at work, 0 to 1.',
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, last).utilization);
      last = now;
    },
  });
}

/** Without an endpoint the API's own tracer, whose spans cost nothing and carry no ids. */
function openTracer(url: string, ratio: number, role: string): { tracer: Tracer; close: () => Promise<void> } {
  if (url === '') return { tracer: trace.getTracer('netweaver'), close: async () => undefined };
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': `netweaver-${role}` }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url, timeoutMillis: 5000 }), { maxQueueSize: 2048 })],
  });
  // A collector of traces that does not answer must not keep a role from ending.
  return { tracer: provider.getTracer('netweaver'), close: () => provider.shutdown().catch(() => undefined) };
}
