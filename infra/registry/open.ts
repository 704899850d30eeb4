import { join } from 'node:path';
import type { Configuration } from '../config/configuration';
import { dataSection } from '../config/data';
import { NetWeaverError } from '../errors';
import { kafkaSection } from '../log/settings';
import { ConfluentRegistry } from './confluent';
import { EmbeddedRegistry } from './embedded';
import type { SchemaRegistry } from './registry';
import { registrySection } from './settings';

/** The registry by configuration: a server where `registry.url` is set, else the one in the data folder. @throws NW_CONFIG_INVALID Kafka without a registry */
export async function openRegistry(config: Configuration): Promise<SchemaRegistry> {
  const values = config.get(registrySection);
  if (values.url !== '') return new ConfluentRegistry(values);
  if (config.get(kafkaSection).brokers.length > 0) {
    throw new NetWeaverError('NW_CONFIG_INVALID', 'registry.url: it is empty, but kafka.brokers is set; with Kafka the address of a Confluent-compatible schema registry is needed.');
  }
  return new EmbeddedRegistry(join(config.get(dataSection).dir, 'registry'));
}
