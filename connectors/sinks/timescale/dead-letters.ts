import type { Configuration } from '../../../infra/config/configuration';
import type { Log, LogProducer, LogRecord } from '../../../infra/log/log';
import type { NetWeaverError } from '../../../infra/errors';
import type { SchemaRegistry } from '../../../infra/registry/registry';
import { DEAD_LETTERS, eventHeaders, subjectOf, topicName } from '../../../topics';

/**
 * Puts aside what cannot be stored, with where it came from, why, and its bytes.
 *
 * Delivery: at least once, before the sink passes the record.
 */
export class DeadLetters {
  private constructor(
    private readonly producer: LogProducer,
    private readonly topic: string,
    private readonly schemaId: number,
  ) {}

  static async open(log: Log, registry: SchemaRegistry, config: Configuration, name: string): Promise<DeadLetters> {
    const topic = topicName(DEAD_LETTERS, config);
    const schemaId = await registry.register(subjectOf(topic), DEAD_LETTERS.record.schema);
    return new DeadLetters(await log.producer(`${name}-dead-letters`), topic, schemaId);
  }

  /** Resolves when it is durable. */
  async put(record: LogRecord, error: NetWeaverError): Promise<void> {
    const place = `${record.topic}/${record.partition}/${record.offset}`;
    const value = DEAD_LETTERS.record.encode(
      {
        component: 'timescale',
        sourceTopic: record.topic,
        sourcePartition: record.partition,
        sourceOffset: record.offset,
        code: error.code,
        message: error.message.slice(0, 2_000),
        time: record.timestampMs,
        key: record.key,
        value: record.value,
      },
      this.schemaId,
    );
    const range = { topic: record.topic, partition: record.partition, first: record.offset, last: record.offset };
    const headers = eventHeaders({ id: place, source: '/netweaver/sink', type: DEAD_LETTERS.record.name, timeMs: record.timestampMs, causes: { ranges: [range] }, traceparent: record.headers.traceparent });
    await this.producer.append([{ topic: this.topic, partition: 0, key: Buffer.from(place), value, headers }]);
  }

  close(): Promise<void> {
    return this.producer.close();
  }
}
