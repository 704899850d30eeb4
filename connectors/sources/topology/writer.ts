/** Events of the topology on the log. */
import { randomUUID } from 'node:crypto';
import { SpanKind } from '@opentelemetry/api';
import { elementKey } from '../../../domain/topology/elements';
import { NetWeaverError } from '../../../infra/errors';
import type { OutgoingRecord } from '../../../infra/log/log';
import { PatientProducer } from '../../../infra/log/patient-producer';
import type { RoleContext } from '../../../infra/role';
import { traceparentOf } from '../../../infra/telemetry/propagation';
import type { TopologyEvent } from '../../../schemas';
import { eventHeaders, subjectOf, TOPOLOGY_EVENTS, topicName } from '../../../topics';

/** Takes events; resolves when they are durable, or printed. */
export interface EventSink {
  write(events: readonly TopologyEvent[]): Promise<void>;
}

/** Records handed over at once. */
const CHUNK = 1000;
const WORDS = { warning: 'the log did not take changes of the topology; trying again', problem: 'the log does not take changes of the topology: the sources wait' };

/**
 * Writes to topology.events.
 *
 * Delivery: at least once, in the order of the calls of each source. While the log does not answer, whoever writes waits.
 */
export class TopologyWriter implements EventSink {
  private readonly instance = randomUUID();
  private sequence = 0;

  private constructor(
    private readonly context: Pick<RoleContext, 'telemetry'>,
    private readonly producer: PatientProducer,
    private readonly topic: string,
    private readonly schemaId: number,
  ) {}

  /** Why the log does not take events; null where it does. */
  get problem(): string | null {
    return this.producer.problem;
  }

  /** @throws NW_TOPIC_MISSING, NW_LOG_UNREACHABLE, NW_REGISTRY_UNREACHABLE */
  static async open(context: Pick<RoleContext, 'config' | 'log' | 'registry' | 'telemetry'>): Promise<TopologyWriter> {
    const { config, log, registry } = context;
    const name = topicName(TOPOLOGY_EVENTS, config);
    if (!(await log.admin.listTopics()).some((topic) => topic.name === name)) throw new NetWeaverError('NW_TOPIC_MISSING', `${name} is not on the log.`);
    const schemaId = await registry.register(subjectOf(name), TOPOLOGY_EVENTS.record.schema);
    return new TopologyWriter(context, new PatientProducer(await log.producer('topology'), context.telemetry, WORDS), name, schemaId);
  }

  /** @throws NW_LOG_FENCED, NW_TOPIC_MISSING, or AbortError after {@link close} */
  async write(events: readonly TopologyEvent[]): Promise<void> {
    const span = this.context.telemetry.tracer.startSpan('publish topology', { kind: SpanKind.PRODUCER, attributes: { 'messaging.operation.type': 'send', 'messaging.batch.message_count': events.length } });
    const traceparent = traceparentOf(span);
    try {
      for (let at = 0; at < events.length; at += CHUNK) await this.producer.append(events.slice(at, at + CHUNK).map((event) => this.record(event, traceparent)));
    } finally {
      span.end();
    }
  }

  private record(event: TopologyEvent, traceparent: string | undefined): OutgoingRecord {
    const headers = eventHeaders({ id: `${this.instance}-${this.sequence++}`, source: '/netweaver/topology', type: TOPOLOGY_EVENTS.record.name, timeMs: event.time, traceparent });
    return { topic: this.topic, partition: 0, key: Buffer.from(elementKey(event)), value: TOPOLOGY_EVENTS.record.encode(event, this.schemaId), timestampMs: Date.now(), headers };
  }

  /** Lets go of what waits for the log. */
  async close(): Promise<void> {
    await this.producer.close();
  }
}
