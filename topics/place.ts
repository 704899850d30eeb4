/** A record's place as people write it: `flows.unique/3/120`. */
import type { Configuration } from '../infra/config/configuration';
import { NetWeaverError } from '../infra/errors';
import type { TopicPartition } from '../infra/log/log';
import { CATALOGUE, type Topic } from './catalogue';
import { topicName } from './names';

/** One record. */
export interface Place extends TopicPartition {
  readonly offset: number;
}

/** The text of a place. */
export const formatPlace = ({ topic, partition, offset }: Place): string => `${topic}/${partition}/${offset}`;

/** The topic of the catalogue that a name stands for, with the configured prefix or without. */
export const topicNamed = (name: string, config: Configuration): Topic | undefined => CATALOGUE.find((topic) => topicName(topic, config) === name) ?? CATALOGUE.find((topic) => topic.name === name);

/** The place that a text says, its topic by its name on the log. @throws NW_USAGE */
export function parsePlace(text: string, config: Configuration): Place {
  const match = /^([A-Za-z0-9._-]+)\/(\d{1,9})\/(\d{1,15})$/.exec(text);
  if (match === null) throw new NetWeaverError('NW_USAGE', `'${text}' is no place of a record: topic/partition/offset, as flows.unique/3/120.`);
  const topic = topicNamed(match[1], config);
  return { topic: topic === undefined ? match[1] : topicName(topic, config), partition: Number(match[2]), offset: Number(match[3]) };
}
