/** Readings become events on the log. */
import { SpanKind } from '@opentelemetry/api';
import { randomUUID } from 'node:crypto';
import { NetWeaverError } from '../../../infra/errors';
import type { OutgoingRecord } from '../../../infra/log/log';
import { partitionOf } from '../../../infra/log/partition';
import { PatientProducer } from '../../../infra/log/patient-producer';
import type { RoleContext } from '../../../infra/role';
import { traceparentOf } from '../../../infra/telemetry/propagation';
import type { InterfaceState } from '../../../schemas';
import { NO_COUNTERS, NO_DEVICE_METRICS } from '../../../schemas/unknown';
import { DEVICES_METRICS, eventHeaders, INTERFACES_COUNTERS, INTERFACES_STATE, subjectOf, TopicCodec, topicName, type Topic } from '../../../topics';
import type { DeviceReading } from './read-device';
import { interfaceKey, StatedInterfaces } from './stated';

/** Records handed over at once. */
const CHUNK = 1000;
const WORDS = { warning: 'the log did not take a reading; trying again', problem: 'the log does not take readings: devices are not polled' };

/** A topic as it is written. */
interface Target<T> {
  readonly topic: Topic<T>;
  readonly name: string;
  readonly partitions: number;
  readonly schemaId: number;
}

/** Events of a reading. */
interface Outgoing<T> {
  readonly target: Target<T>;
  readonly key: string;
  readonly value: T | null;
}

/**
 * Writes readings: the device to `devices.metrics`, each interface to `interfaces.counters`, and what changed of them to `interfaces.state`.
 *
 * Delivery: at least once from a reading on. While the log does not answer, the reading waits and its device is not polled.
 */
export class ReadingWriter {
  private readonly instance = randomUUID();
  private sequence = 0;

  private constructor(
    private readonly context: RoleContext,
    private readonly producer: PatientProducer,
    private readonly metrics: Target<typeof DEVICES_METRICS extends Topic<infer T> ? T : never>,
    private readonly counters: Target<typeof INTERFACES_COUNTERS extends Topic<infer T> ? T : never>,
    private readonly states: Target<InterfaceState>,
    private readonly stated: StatedInterfaces,
  ) {}

  /** Why the log does not take a reading; null where it does. */
  get problem(): string | null {
    return this.producer.problem;
  }

  /** Opens the topics and reads what stands on interfaces.state. @throws NW_TOPIC_MISSING, NW_LOG_UNREACHABLE, NW_REGISTRY_UNREACHABLE */
  static async open(context: RoleContext, restateMs: number): Promise<ReadingWriter> {
    const { config, log, registry } = context;
    const there = new Map((await log.admin.listTopics()).map(({ name, partitions }) => [name, partitions]));
    const target = async <T>(topic: Topic<T>): Promise<Target<T>> => {
      const name = topicName(topic as Topic, config);
      const partitions = there.get(name);
      if (partitions === undefined) throw new NetWeaverError('NW_TOPIC_MISSING', `${name} is not on the log.`);
      return { topic, name, partitions, schemaId: await registry.register(subjectOf(name), topic.record.schema) };
    };
    const [metrics, counters, states] = [await target(DEVICES_METRICS), await target(INTERFACES_COUNTERS), await target(INTERFACES_STATE)];
    const stated = new StatedInterfaces(restateMs);
    await restore(context, states, stated);
    return new ReadingWriter(context, new PatientProducer(await log.producer('poll'), context.telemetry, WORDS), metrics, counters, states, stated);
  }

  /**
   * Resolves with the number of records when all of them are durable.
   * @param broken interfaces whose counters do not continue those read before
   * @throws NW_LOG_FENCED, NW_TOPIC_MISSING, or AbortError after {@link close}
   */
  async write(device: string, reading: DeviceReading, broken: ReadonlySet<number>, time: number): Promise<number> {
    const { name, description, objectId, uptimeSeconds, health, interfaces } = reading;
    const states = interfaces.map((one): InterfaceState => {
      const { ifIndex, alias, speed, adminUp, operUp } = one; // a virtual interface tells speed 0
      return { device, ifIndex, time, source: 'SNMP', deviceName: name, name: one.name, alias, description: one.description, speed: speed > 0 ? speed : null, adminUp, operUp };
    });
    const { changed, gone } = this.stated.news(device, states);
    const outgoing: Outgoing<never>[] = [];
    const put = <T>(target: Target<T>, key: string, value: T | null): void => void outgoing.push({ target, key, value } as unknown as Outgoing<never>);
    put(this.metrics, device, { ...NO_DEVICE_METRICS, device, time, ...health, uptimeSeconds, name, description, objectId });
    for (const { ifIndex, name: ifName, description: ifDescr, speed, adminUp, operUp, counters } of interfaces) {
      if (counters === null) continue;
      put(this.counters, interfaceKey(device, ifIndex), { ...NO_COUNTERS, device, ifIndex, ifName: ifName || ifDescr, time, speed, adminUp, operUp, ...counters, source: 'SNMP', uptimeSeconds, discontinuity: broken.has(ifIndex) });
    }
    for (const state of changed) put(this.states, interfaceKey(device, state.ifIndex), state);
    for (const ifIndex of gone) put(this.states, interfaceKey(device, ifIndex), null);
    await this.publish(outgoing, time);
    return outgoing.length;
  }

  private async publish(outgoing: readonly Outgoing<never>[], time: number): Promise<void> {
    const span = this.context.telemetry.tracer.startSpan('publish reading', { kind: SpanKind.PRODUCER, attributes: { 'messaging.operation.type': 'send', 'messaging.batch.message_count': outgoing.length } });
    const traceparent = traceparentOf(span);
    try {
      for (let at = 0; at < outgoing.length; at += CHUNK) {
        await this.producer.append(
          outgoing.slice(at, at + CHUNK).map(({ target: { topic, name, partitions, schemaId }, key: text, value }): OutgoingRecord => {
            const key = Buffer.from(text);
            const headers = eventHeaders({ id: `${this.instance}-${this.sequence++}`, source: '/netweaver/poll', type: topic.record.name, timeMs: time, traceparent });
            return { topic: name, partition: partitionOf(key, partitions), key, value: value === null ? null : topic.record.encode(value, schemaId), timestampMs: time, headers };
          }),
        );
      }
    } finally {
      span.end();
    }
  }

  /** Lets go of what waits for the log. */
  async close(): Promise<void> {
    await this.producer.close();
  }
}

/** Takes over what this role wrote before. What cannot be read is told anew. */
async function restore({ log, registry }: RoleContext, { topic, name }: Target<InterfaceState>, stated: StatedInterfaces): Promise<void> {
  const codec = TopicCodec.forReading(topic, registry);
  const reader = await log.reader();
  try {
    for (const { partition, begin, end } of await reader.bounds(name)) {
      for await (const { key, value } of reader.read({ topic: name, partition }, begin, end)) {
        const [, device, ifIndex] = /^(.+)\/(\d+)$/.exec(key?.toString() ?? '') ?? [];
        if (device === undefined) continue;
        const state = value === null ? null : await codec.decode(value).catch(() => null);
        if (state === null || state.source === 'SNMP') stated.restore(device, Number(ifIndex), state);
      }
    }
  } finally {
    await reader.close();
  }
}
