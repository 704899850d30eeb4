import type { LogProducer, OutgoingRecord, TopicSettings } from '../../infra/log/log';
import type { RoleContext } from '../../infra/role';
import { topicsSection } from '../../topics';

const BATCH_RECORDS = 500;
const BATCH_BYTES = 4 * 2 ** 20;

/** Topics `replay.<name>.<topic>` that hold the events of a replay as the topics beside them hold those of the processors. */
export class SideTopics {
  private pending: OutgoingRecord[] = [];
  private bytes = 0;

  private constructor(
    private readonly context: RoleContext,
    private readonly producer: LogProducer,
    private readonly name: string,
    private readonly prefix: string,
  ) {}

  static async open(context: RoleContext, name: string): Promise<SideTopics> {
    return new SideTopics(context, await context.log.producer(`replay-${name}`), name, context.config.get(topicsSection).prefix);
  }

  /** The topic of the replay `replay` for the topic that is called `name` on the log. */
  static nameOf(prefix: string, replay: string, name: string): string {
    return `${prefix}replay.${replay}.${name.slice(prefix.length)}`;
  }

  /** Makes the side topic of a topic where it is missing. */
  async create(name: string, settings: TopicSettings, partitions: number): Promise<void> {
    await this.context.log.admin.createTopics([{ ...settings, name: SideTopics.nameOf(this.prefix, this.name, name), partitions, cleanup: 'delete' }]);
  }

  /** Appends an event to the side topic of its topic; durable after {@link flush}. */
  async append(record: OutgoingRecord): Promise<void> {
    this.pending.push({ ...record, topic: SideTopics.nameOf(this.prefix, this.name, record.topic) });
    this.bytes += record.value?.length ?? 0;
    if (this.pending.length >= BATCH_RECORDS || this.bytes >= BATCH_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const { pending } = this;
    this.pending = [];
    this.bytes = 0;
    if (pending.length > 0) await this.producer.append(pending);
  }

  /** Deletes the topics of a replay; their names. */
  static async remove({ log, config }: RoleContext, replay: string): Promise<string[]> {
    const prefix = SideTopics.nameOf(config.get(topicsSection).prefix, replay, config.get(topicsSection).prefix);
    const names = (await log.admin.listTopics()).map(({ name }) => name).filter((name) => name.startsWith(prefix));
    for (const name of names) await log.admin.deleteTopic(name);
    return names;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.producer.close();
  }
}
