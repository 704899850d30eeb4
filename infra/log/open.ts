import { resolve } from 'node:path';
import type { Configuration } from '../config/configuration';
import { dataSection } from '../config/data';
import { EmbeddedLog } from './embedded/log';
import { KafkaLog } from './kafka/log';
import type { Log } from './log';
import { kafkaSection, logSection } from './settings';

/**
 * Opens the log that the configuration names: Kafka where `kafka.brokers` is set, else the embedded one in `<data.dir>/log`.
 * Both are opened for reading and writing; the embedded one becomes this process's own with its first producer or member, and
 * only then is NW_LOG_LOCKED thrown where another process writes.
 * @throws NW_LOG_UNREACHABLE, NW_KAFKA_CLIENT_MISSING
 */
export async function openLog(config: Configuration): Promise<Log> {
  const kafka = config.get(kafkaSection);
  if (kafka.brokers.length > 0) return new KafkaLog(kafka);
  const log = config.get(logSection);
  return new EmbeddedLog({
    path: resolve(config.get(dataSection).dir, 'log'),
    maintainEveryMs: log.maintainEverySeconds * 1000,
    tombstoneMs: log.tombstoneHours * 3_600_000,
    reserveBytes: log.reserveMegabytes * 2 ** 20,
  });
}
