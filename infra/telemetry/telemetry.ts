import type { Tracer } from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a role uses to be observed: one registry of metrics, one logger, one tracer. */
export interface Telemetry {
  readonly metrics: Registry;
  readonly logger: Logger;
  readonly tracer: Tracer;
  /** A counter `netweaver_<name>_total`; the same one for the same name. */
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /** A gauge `netweaver_<name>`; the same one for the same name. */
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
  /** A histogram `netweaver_<name>_seconds` of durations, from a millisecond to half a minute; the same one for the same name. */
  durations<L extends string = never>(name: string, help: string, labels?: readonly L[]): Histogram<L>;
  /** The four counters every component has. */
  component(kind: 'source' | 'processor' | 'sink', name: string): ComponentCounters;
}

/** Vector's four counters, the same on every component: `netweaver_component_{received,sent,errors,discarded}_total{kind,name}`. */
export interface ComponentCounters {
  /** Records, datagrams or rows that came in. */
  received(count: number): void;
  /** Those that went out. */
  sent(count: number): void;
  /** Those that failed, by code. */
  error(code: string, count?: number): void;
  /** Those let go on purpose, by reason. */
  discarded(reason: string, count?: number): void;
}
