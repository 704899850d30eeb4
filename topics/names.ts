/** Names of topics as they stand on the log, and what each is to be set up with: the catalogue under a configuration. */
import type { Configuration } from '../infra/config/configuration';
import type { TopicSettings } from '../infra/log/log';
import { NetWeaverError } from '../infra/errors';
import { topicsSection } from './settings';
import type { Topic } from './catalogue';

/** Kafka's rule for names. */
const LEGAL = /^[A-Za-z0-9._-]{1,249}$/;

const legal = (name: string): string => {
  if (LEGAL.test(name)) return name;
  throw new NetWeaverError('NW_CONFIG_INVALID', `topics.prefix makes the topic name '${name}'; allowed are at most 249 letters, digits, dots, underscores and hyphens.`);
};

/** A topic's name with the configured prefix. */
export const topicName = (topic: Topic, config: Configuration): string => legal(config.get(topicsSection).prefix + topic.name);

/** The topic behind the store of a processor: compacted, as many partitions as the processor's input. */
export const changelogOf = (processor: string, store: string, config: Configuration): string => legal(`${config.get(topicsSection).prefix}changelog.${processor}.${store}`);

/** Subject of a topic's values at the registry (TopicNameStrategy). */
export const subjectOf = (name: string): string => `${name}-value`;

const hours = (value: number): number => (value < 0 ? -1 : value * 3_600_000);

/** What a topic is to be set up with; how many copies is `kafka.replicationFactor`. */
export function topicSettings(topic: Topic, config: Configuration): TopicSettings {
  const values = config.get(topicsSection);
  const flows = topic.retention === 'flows';
  return {
    name: topicName(topic, config),
    partitions: topic.partitions === 'one' ? 1 : values[topic.partitions],
    cleanup: topic.cleanup,
    retentionMs: hours(flows ? values.flowRetentionHours : values.retentionHours),
    retentionBytes: flows && values.flowRetentionMiB >= 0 ? values.flowRetentionMiB * 2 ** 20 : -1,
  };
}

/** What a changelog is to be set up with. */
export const changelogSettings = (processor: string, store: string, partitions: number, config: Configuration): TopicSettings => ({
  name: changelogOf(processor, store, config),
  partitions,
  cleanup: 'compact',
});
