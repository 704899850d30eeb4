/** Configuration of the log: `kafka` for the cluster, `log` for the embedded one. */
import { choice, flag, list, section, text, whole } from '../config/section';

/** Where Kafka is, and how to log in. */
export const kafkaSection = section('kafka', 'The Kafka cluster. Without brokers the embedded log is used.', {
  brokers: list({ doc: 'Brokers to ask first, host:port. None: the embedded log in data.dir.', default: [] }),
  clientId: text({ doc: 'Name of this client in the brokers\' logs and quotas.', default: 'netweaver' }),
  replicationFactor: whole({ doc: 'Copies of each partition of topics that are created.', default: 1, min: 1, max: 15 }),
  sessionTimeoutMs: whole({ doc: 'A group member that is silent for this long loses its partitions. Milliseconds.', default: 30_000, min: 1000, max: 1_800_000 }),
  transactionTimeoutMs: whole({ doc: 'A transaction that is open for this long is aborted by the broker. Milliseconds.', default: 60_000, min: 1000, max: 900_000 }),
  lingerMs: whole({ doc: 'How long a producer waits for more records before it sends a batch. Milliseconds.', default: 5, min: 0, max: 1000 }),
  maxRecordBytes: whole({ doc: 'Largest record; topics are created to take it. Bytes.', default: 2_097_152, min: 65_536, max: 104_857_600 }),
  tls: flag({ doc: 'Encrypt connections to the brokers.', default: false }),
  tlsCa: text({ doc: 'PEM file with the authorities that may sign the brokers\' certificates; the system\'s where empty.', default: '' }),
  tlsCert: text({ doc: 'PEM file with this client\'s certificate; none where empty.', default: '' }),
  tlsKey: text({ doc: 'PEM file with the key of kafka.tlsCert.', default: '' }),
  saslMechanism: choice({ doc: 'How to log in.', default: 'none', of: ['none', 'plain', 'scram-sha-256', 'scram-sha-512'] }),
  saslUser: text({ doc: 'User to log in with.', default: '' }),
  saslPassword: text({ doc: 'Password of kafka.saslUser.', default: '', secret: true }),
});

/** The embedded log's housekeeping. */
export const logSection = section('log', 'The embedded log, an lmdb environment in the folder `log` of data.dir.', {
  maintainEverySeconds: whole({ doc: 'Distance of the rounds that apply retention and compaction. Seconds.', default: 60, min: 1, max: 86_400 }),
  tombstoneHours: whole({ doc: 'How long a compacted topic keeps the mark that a key was deleted. Hours.', default: 24, min: 0, max: 8760 }),
  reserveMegabytes: whole({ doc: 'Free disk below which the log refuses to grow. MiB.', default: 256, min: 0, max: 1_048_576 }),
});
