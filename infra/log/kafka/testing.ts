import { kafkaSection } from '../settings';
import type { KafkaSettings } from './client';

/** The section `kafka` at its defaults, with a broker: for tests and benchmarks. */
export const kafkaSettings = (bootstrap: string): KafkaSettings => ({
  ...(Object.fromEntries(Object.entries(kafkaSection.keys).map(([name, key]) => [name, key.default])) as unknown as KafkaSettings),
  brokers: [bootstrap],
});
