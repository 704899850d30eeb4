/** What people write to the log by a command: records, and the way over HTTP for a command that may not write there itself. */
import { randomUUID } from 'node:crypto';
import type { Configuration } from '../infra/config/configuration';
import { NetWeaverError } from '../infra/errors';
import type { Log } from '../infra/log/log';
import type { SchemaRegistry } from '../infra/registry/registry';
import type { Route } from '../infra/role';
import type { Topic } from './catalogue';
import { TopicCodec } from './codec';
import { eventHeaders } from './headers';
import { topicName } from './names';

/** What a writer needs. */
export interface WritingContext {
  readonly config: Configuration;
  readonly log: Log;
  readonly registry: SchemaRegistry;
}

/** A record; null takes what its key says back. */
export interface HandRecord<T> {
  readonly key: string;
  readonly value: T | null;
}

/**
 * Writes records to the first partition of a topic, or each to every one; resolves to the number of partitions when they are durable. `source` is the path of their CloudEvents source.
 *
 * Delivery: at least once; what was said twice is said twice.
 * @throws NW_TOPIC_MISSING, NW_LOG_LOCKED, NW_LOG_UNREACHABLE, NW_REGISTRY_UNREACHABLE
 */
export async function writeByHand<T>({ config, log, registry }: WritingContext, of: Topic<T>, source: string, records: readonly HandRecord<T>[], { everyPartition = false, timeMs = Date.now() } = {}): Promise<number> {
  const topic = topicName(of, config);
  const there = (await log.admin.listTopics()).find(({ name }) => name === topic)?.partitions;
  if (there === undefined) throw new NetWeaverError('NW_TOPIC_MISSING', `${topic} is not on the log.`);
  const partitions = everyPartition ? there : 1;
  const command = randomUUID();
  const producer = await log.producer(source);
  try {
    const codec = await TopicCodec.open(of, topic, registry);
    await producer.append(
      records.flatMap(({ key, value }, i) => Array.from({ length: partitions }, (_, partition) => ({
        topic, partition, key: Buffer.from(key), value: value === null ? null : codec.encode(value), timestampMs: timeMs,
        headers: eventHeaders({ id: `${command}-${i}-${partition}`, source: `/netweaver/${source}`, type: of.record.name, timeMs }),
      }))),
    );
  } finally {
    await producer.close();
  }
  return partitions;
}

/**
 * `POST` of a path whose body is what `read` understands (it throws what is wrong with it) and `write` writes; the answer is what that resolves to.
 * Refused where `allowed` is false.
 */
export const writingRoute = <T>(path: string, allowed: boolean, read: (body: string) => T, write: (given: T) => Promise<object>): Readonly<Record<string, Route>> => ({
  [`POST ${path}`]: async ({ body }) => {
    if (!allowed) return { status: 403, body: { error: 'this server is not on loopback, or processing.control forbids it' } };
    let given: T;
    try {
      given = read(body);
    } catch (error) {
      return { status: 400, body: { error: (error as Error).message } };
    }
    return { status: 200, body: await write(given) };
  },
});

/** JSON of a body. @throws Error that says so */
export function jsonFrom(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error('the body is no JSON');
  }
}
