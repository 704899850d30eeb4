import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import type { Admin, DescribeConfigResponse, KafkaConfig, SASLOptions } from 'kafkajs';
import { hasCode, NetWeaverError } from '../../errors';
import type { LogAdmin, TopicSettings } from '../log';
import { call, client, commonSettings, connected, disconnected } from './client';
import type { KafkaSettings } from './client';

/** Topic settings that were set on the topic itself, not a default of the broker. */
const SET_ON_TOPIC = 1;
/** Of compacted topics, unless somebody set another: the newest segment is never compacted, and 1 GiB of it, what brokers have by default, is read at every restart. */
const SEGMENT_BYTES = 64 * 2 ** 20;
/** Kafka's greatest number: never. */
const NEVER = '9223372036854775807';
/** The setting that says how long a record is kept: any; one that a later record of its key has replaced. */
const RETENTION = { delete: 'retention.ms', compact: 'min.compaction.lag.ms' } as const;
/** How often the list of topics is asked for where topics go meanwhile, and how long it waits between. */
const LIST_TRIES = 20;
const LIST_PAUSE_MS = 50;

/** How kafkajs finds and enters the cluster. */
export function kafkajsConfig(settings: KafkaSettings): KafkaConfig {
  const file = (path: string): string | undefined => (path === '' ? undefined : readFileSync(path, 'utf8'));
  const credentials = { username: settings.saslUser, password: settings.saslPassword };
  const mechanism = settings.saslMechanism;
  return {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 4 },
    ssl: settings.tls ? { ca: file(settings.tlsCa), cert: file(settings.tlsCert), key: file(settings.tlsKey) } : undefined,
    sasl: mechanism === 'none' ? undefined : ({ mechanism, ...credentials } as SASLOptions),
  };
}

/** How long a connection that is not used is kept, milliseconds. */
const IDLE_MS = 1000;

/**
 * Topics and groups of a Kafka cluster, through kafkajs. Connects when used, and disconnects when it was not used for a second: a
 * connection of kafkajs wakes its process every millisecond for as long as it is open.
 */
export class KafkaAdmin implements LogAdmin {
  private connection: Promise<Admin> | undefined;
  /** Requests under way, and the timer that runs while there are none. */
  private asking = 0;
  private idle: NodeJS.Timeout | undefined;
  /** Partitions of topics, as last seen. */
  private readonly partitionCounts = new Map<string, number>();

  constructor(private readonly settings: KafkaSettings) {}

  /** Resolves when the cluster answers. @throws NW_LOG_UNREACHABLE */
  async ping(): Promise<void> {
    await this.ask((admin) => admin.describeCluster());
  }

  /** Partitions of a topic; `fresh` asks the cluster again. @throws NW_TOPIC_MISSING */
  async partitionsOf(topic: string, fresh = false): Promise<number> {
    if (fresh || !this.partitionCounts.has(topic)) await this.refresh();
    const count = this.partitionCounts.get(topic);
    if (count === undefined) throw new NetWeaverError('NW_TOPIC_MISSING', `There is no topic ${topic}.`);
    return count;
  }

  /** Partitions of a topic as last seen; undefined where it was not. Asks nobody. */
  knownPartitions(topic: string): number | undefined {
    return this.partitionCounts.get(topic);
  }

  async listTopics(): Promise<TopicSettings[]> {
    const resources = await this.configsOfAll();
    return resources.map(({ resourceName: name, configEntries }) => {
      const all = new Map(configEntries.map(({ configName, configValue }) => [configName, configValue]));
      const own = new Map(configEntries.filter(({ configSource }) => (configSource as number) === SET_ON_TOPIC).map(({ configName, configValue }) => [configName, Number(configValue)]));
      const cleanup = all.get('cleanup.policy')?.includes('compact') ? ('compact' as const) : ('delete' as const);
      const retentionMs = own.get(RETENTION[cleanup]);
      return {
        name,
        partitions: this.partitionCounts.get(name) as number,
        cleanup,
        retentionMs: retentionMs === Number(NEVER) ? -1 : retentionMs,
        retentionBytes: own.get('retention.bytes'),
      };
    });
  }

  /** Settings of every topic but Kafka's own. A topic that somebody deletes between the two questions fails the second; then both are asked again. */
  private async configsOfAll(): Promise<DescribeConfigResponse['resources']> {
    for (let tries = 1; ; tries++) {
      const names = (await this.refresh()).filter((name) => !name.startsWith('__'));
      if (names.length === 0) return [];
      try {
        return (await this.ask((admin) => admin.describeConfigs({ includeSynonyms: false, resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })) }))).resources;
      } catch (error) {
        if (tries === LIST_TRIES || !hasCode(error, 'NW_TOPIC_MISSING')) throw error;
        await sleep(LIST_PAUSE_MS);
      }
    }
  }

  async createTopics(topics: readonly TopicSettings[]): Promise<string[]> {
    const present = new Set(await this.refresh());
    const missing = topics.filter(({ name }) => !present.has(name));
    if (missing.length === 0) return [];
    await this.ask((admin) =>
      admin.createTopics({
        // Waiting for leaders fails where the broker that is asked has not yet heard of the topic; we wait ourselves.
        waitForLeaders: false,
        topics: missing.map((topic) => ({
          topic: topic.name,
          numPartitions: topic.partitions,
          replicationFactor: topic.replicationFactor ?? this.settings.replicationFactor,
          configEntries: Object.entries({ ...this.segmentsOf(topic), ...this.configOf(topic) }).map(([name, value]) => ({ name, value })),
        })),
      }),
    );
    await this.settled(async () => {
      const names = new Set(await this.refresh().catch((): string[] => []));
      return missing.every(({ name }) => names.has(name) && (this.partitionCounts.get(name) ?? 0) > 0);
    });
    return missing.map(({ name }) => name);
  }

  async alterTopic(topic: TopicSettings): Promise<void> {
    const partitions = await this.partitionsOf(topic.name, true);
    if (topic.partitions < partitions) throw new NetWeaverError('NW_TOPIC_SHRINK', `${topic.name} has ${partitions} partitions; ${topic.partitions} were asked for.`);
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic.name };
    // The request replaces the whole configuration: what else was set on the topic is given again.
    const { resources } = await this.ask((admin) => admin.describeConfigs({ includeSynonyms: false, resources: [resource] }));
    const own = Object.fromEntries(resources[0].configEntries.filter(({ configSource }) => (configSource as number) === SET_ON_TOPIC).map(({ configName, configValue }) => [configName, configValue]));
    const config = { ...this.segmentsOf(topic), ...own, ...this.configOf(topic) };
    if (topic.retentionMs === undefined) delete config[RETENTION[topic.cleanup]];
    if (topic.retentionBytes === undefined) delete config['retention.bytes'];
    await this.ask((admin) => admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries: Object.entries(config).map(([name, value]) => ({ name, value })) }] }));
    if (topic.partitions > partitions) {
      await this.ask((admin) => admin.createPartitions({ topicPartitions: [{ topic: topic.name, count: topic.partitions }] }));
      await this.settled(async () => (await this.partitionsOf(topic.name, true)) === topic.partitions);
    }
  }

  async deleteTopic(name: string): Promise<void> {
    await this.partitionsOf(name, true);
    await this.ask((admin) => admin.deleteTopics({ topics: [name] }));
    await this.settled(async () => !(await this.refresh()).includes(name));
  }

  async committed(group: string, topic: string): Promise<Map<number, number>> {
    const places = Array.from({ length: await this.partitionsOf(topic, true) }, (_, partition) => ({ topic, partition }));
    // Asked for as a reader of committed records, the broker waits for transactions that are just being completed.
    const consumer = new (client().KafkaConsumer)({ ...commonSettings(this.settings), 'group.id': group, 'isolation.level': 'read_committed', 'enable.auto.commit': false }, {});
    await connected(consumer, this.settings);
    try {
      const found = await call<{ partition: number; offset?: number }[]>(`Asking for the positions of ${group}`, (done) => consumer.committed(places, 30_000, done as never));
      return new Map(found.filter(({ offset }) => offset !== undefined && offset >= 0).map(({ partition, offset }) => [partition, offset as number]));
    } finally {
      await disconnected(consumer);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.idle);
    const connection = this.connection;
    this.connection = undefined;
    await connection?.then((admin) => admin.disconnect()).catch(() => undefined);
  }

  private segmentsOf({ cleanup }: TopicSettings): Record<string, string> {
    return cleanup === 'compact' ? { 'segment.bytes': String(Math.max(SEGMENT_BYTES, 2 * this.settings.maxRecordBytes)) } : {};
  }

  private configOf({ cleanup, retentionMs, retentionBytes }: TopicSettings): Record<string, string> {
    return {
      'cleanup.policy': cleanup,
      'max.message.bytes': String(this.settings.maxRecordBytes),
      ...(retentionMs !== undefined && { [RETENTION[cleanup]]: cleanup === 'compact' && retentionMs < 0 ? NEVER : String(retentionMs) }),
      ...(retentionBytes !== undefined && { 'retention.bytes': String(retentionBytes) }),
    };
  }

  /** Names of all topics. */
  private async refresh(): Promise<string[]> {
    const { topics } = await this.ask((admin) => admin.fetchTopicMetadata());
    this.partitionCounts.clear();
    for (const { name, partitions } of topics) this.partitionCounts.set(name, partitions.length);
    return topics.map(({ name }) => name);
  }

  /** Waits until all brokers that are asked know of a change. */
  private async settled(done: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 10_000; !(await done()) && Date.now() < deadline; ) await sleep(50);
  }

  private async ask<T>(call: (admin: Admin) => Promise<T>): Promise<T> {
    clearTimeout(this.idle);
    this.asking++;
    try {
      this.connection ??= this.connect();
      return await call(await this.connection);
    } catch (error) {
      if (error instanceof NetWeaverError) throw error;
      const { type, message } = (error as { cause?: { type?: string } }).cause?.type === undefined ? (error as { type?: string; message: string }) : { ...(error as { cause: { type: string } }).cause, message: (error as Error).message };
      if (type === 'UNKNOWN_TOPIC_OR_PARTITION') throw new NetWeaverError('NW_TOPIC_MISSING', message, { cause: error });
      if (type !== undefined && type !== 'ECONNREFUSED') throw new NetWeaverError('NW_LOG_REJECTED', `Kafka: ${message}.`, { cause: error });
      throw new NetWeaverError('NW_LOG_UNREACHABLE', `Kafka at ${this.settings.brokers.join(', ')}: ${message}.`, { cause: error });
    } finally {
      if (--this.asking === 0) this.idle = setTimeout(() => void this.close(), IDLE_MS).unref();
    }
  }

  private async connect(): Promise<Admin> {
    const admin = new Kafka(kafkajsConfig(this.settings)).admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      this.connection = undefined;
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
  }
}
