/** Hands batches to the log, keeps account of what is not yet durable, tries again where the log does not answer. */
import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { randomUUID } from 'node:crypto';
import { NetWeaverError } from '../../../infra/errors';
import type { LogProducer } from '../../../infra/log/log';
import { traceparentOf } from '../../../infra/telemetry/propagation';
import { eventHeaders } from '../../../topics/headers';
import type { CountedRecord } from './spool/frame';

/** Milliseconds between attempts. */
const RETRY_MS = 1000;
/** Errors after which trying again cannot help. */
const FINAL = new Set(['NW_LOG_FENCED', 'NW_TOPIC_MISSING', 'NW_SCHEMA_INCOMPATIBLE']);

/** A record about to be published. */
export interface Outgoing {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer;
  /** Full name of the record's schema. */
  readonly type: string;
  /** Flows in it. */
  readonly flows: number;
  /** Serial of the first datagram in it. */
  readonly firstSerial: number;
  /** Called when it is durable: the memory of its value may then be used again. */
  readonly release?: () => void;
}

interface Flight {
  readonly firstSerial: number;
}

/** Publishes; every record stays counted in `bytes` until it is durable. */
export class Publisher {
  /** Random for each start of the collector. */
  readonly instance: string = randomUUID();
  /** Bytes handed over and not yet durable. */
  bytes = 0;
  /** Flows that are durable on the log. */
  published = 0;
  private sequence = 0;
  private closed = false;
  private readonly flights = new Set<Flight>();
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly producer: LogProducer,
    private readonly tracer: Tracer,
    private readonly onRetry: (error: Error) => void,
    private readonly fail: (error: Error) => void,
  ) {}

  /** Serial of the first datagram of which something is not durable yet; Infinity where there is none. */
  oldest(): number {
    let oldest = Infinity;
    for (const { firstSerial } of this.flights) if (firstSerial < oldest) oldest = firstSerial;
    return oldest;
  }

  /** Records of one cut; appended together. */
  publish(outgoing: readonly Outgoing[]): void {
    if (outgoing.length === 0) return;
    const span = this.tracer.startSpan(`publish ${outgoing[0].topic}`, {
      kind: SpanKind.PRODUCER,
      attributes: { 'messaging.operation.type': 'send', 'messaging.destination.name': outgoing[0].topic, 'messaging.batch.message_count': outgoing.length },
    });
    const traceparent = traceparentOf(span);
    const timestampMs = Date.now();
    let bytes = 0;
    let flows = 0;
    let firstSerial = Infinity;
    const records = outgoing.map((record): CountedRecord => {
      bytes += record.value.length;
      flows += record.flows;
      firstSerial = Math.min(firstSerial, record.firstSerial);
      const headers = eventHeaders({ id: `${this.instance}-${this.sequence++}`, source: '/netweaver/collect', type: record.type, timeMs: timestampMs, traceparent });
      return { topic: record.topic, partition: record.partition, key: record.key, value: record.value, timestampMs, headers, flows: record.flows };
    });
    const flight: Flight = { firstSerial };
    this.flights.add(flight);
    this.bytes += bytes;
    void this.append(records).then(
      () => {
        this.published += flows;
        span.setAttribute('netweaver.flows', flows);
        for (const { release } of outgoing) release?.();
        this.land(flight, bytes);
        span.end();
      },
      (error: Error) => {
        // The flight stays: what is in it was never acknowledged.
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
        span.end();
        if (!this.closed) this.fail(error);
      },
    );
  }

  private async append(records: readonly CountedRecord[]): Promise<void> {
    for (;;) {
      try {
        return await this.producer.append(records);
      } catch (error) {
        if (this.closed || (error instanceof NetWeaverError && FINAL.has(error.code))) throw error;
        this.onRetry(error as Error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private land(flight: Flight, bytes: number): void {
    this.flights.delete(flight);
    this.bytes -= bytes;
    if (this.flights.size > 0) return;
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }

  /** Waits until everything is durable, `limitMs` at most; then no more is tried. True where all is durable. */
  async close(limitMs: number): Promise<boolean> {
    if (this.flights.size > 0) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([new Promise<void>((resolve) => this.waiting.add(resolve)), new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)))]);
      clearTimeout(timer);
    }
    this.closed = true;
    return this.flights.size === 0;
  }
}
