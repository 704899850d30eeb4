/** Apache Kafka as the log: node-rdkafka for records and transactions, kafkajs for administration. */
import type { GroupMember, Log, LogProducer, LogReader, LogTail, MemberOptions } from '../log';
import { KafkaAdmin } from './admin';
import { client } from './client';
import type { KafkaSettings } from './client';
import { KafkaMember } from './member';
import { KafkaProducer } from './producer';
import { KafkaReader } from './reader';
import { KafkaTail } from './tail';

/** A Kafka cluster. Whatever was opened from it is closed with it. */
export class KafkaLog implements Log {
  readonly kind = 'kafka';
  readonly admin: KafkaAdmin;
  private readonly opened = new Set<{ close(): Promise<void> }>();

  /** Connects nothing yet. @throws NW_KAFKA_CLIENT_MISSING */
  constructor(private readonly settings: KafkaSettings) {
    client();
    this.admin = new KafkaAdmin(settings);
  }

  async producer(name: string): Promise<LogProducer> {
    return this.keep(await KafkaProducer.open(this.settings, this.admin, name));
  }

  async member(options: MemberOptions): Promise<GroupMember> {
    return this.keep(await KafkaMember.open(this.settings, this.admin, options));
  }

  async reader(): Promise<LogReader> {
    return this.keep(new KafkaReader(this.settings, this.admin));
  }

  async tail(): Promise<LogTail> {
    return this.keep(await KafkaTail.open(this.settings, this.admin));
  }

  ping(): Promise<void> {
    return this.admin.ping();
  }

  async close(): Promise<void> {
    for (const thing of this.opened) await thing.close();
    this.opened.clear();
    await this.admin.close();
  }

  private keep<T extends { close(): Promise<void> }>(thing: T): T {
    this.opened.add(thing);
    const close = thing.close.bind(thing);
    thing.close = async () => {
      this.opened.delete(thing);
      await close();
    };
    return thing;
  }
}
