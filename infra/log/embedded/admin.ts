import { NetWeaverError } from '../../errors';
import type { LogAdmin, TopicSettings } from '../log';
import type { Environment } from './environment';
import type { TopicEntry } from './tables';
import { topicEntry } from './store';

const entryOf = (id: number, { partitions, cleanup, retentionMs, retentionBytes }: TopicSettings): TopicEntry => ({ id, partitions, cleanup, retentionMs, retentionBytes });

/** Topics and groups of the embedded log. A topic deleted is gone at once; its bytes are given back by and by. */
export class EmbeddedAdmin implements LogAdmin {
  constructor(private readonly env: Environment) {}

  async listTopics(): Promise<TopicSettings[]> {
    this.env.refresh();
    return [...this.env.topics.getRange()].map(({ key, value: { partitions, cleanup, retentionMs, retentionBytes } }) => ({ name: String(key), partitions, cleanup, retentionMs, retentionBytes }));
  }

  async createTopics(topics: readonly TopicSettings[]): Promise<string[]> {
    return this.env.write(0, () =>
      topics
        .filter((topic) => {
          if (this.env.topics.get(topic.name)) return false;
          const id = ((this.env.meta.get('lastTopicId') as number | undefined) ?? 0) + 1;
          this.env.meta.put('lastTopicId', id);
          this.env.topics.put(topic.name, entryOf(id, topic));
          return true;
        })
        .map(({ name }) => name),
    );
  }

  async alterTopic(topic: TopicSettings): Promise<void> {
    await this.env.write(0, () => {
      const { id, partitions } = topicEntry(this.env, topic.name);
      if (topic.partitions < partitions) throw new NetWeaverError('NW_TOPIC_SHRINK', `${topic.name} has ${partitions} partitions; ${topic.partitions} were asked for.`);
      this.env.topics.put(topic.name, entryOf(id, topic));
    });
  }

  async deleteTopic(name: string): Promise<void> {
    await this.env.write(0, () => {
      const { id } = topicEntry(this.env, name);
      this.env.topics.remove(name);
      this.env.meta.put('deletedTopics', [...((this.env.meta.get('deletedTopics') as number[] | undefined) ?? []), id]);
      for (const key of this.env.positions.getKeys()) if (key[1] === id) this.env.positions.remove(key);
    });
  }

  async committed(group: string, topic: string): Promise<Map<number, number>> {
    this.env.refresh();
    const { id } = topicEntry(this.env, topic);
    const positions = this.env.positions.getRange({ start: [group, id, 0], end: [group, id + 1, 0] });
    return new Map([...positions].map(({ key, value }) => [Number(key[2]), value]));
  }
}
