/** Who runs: how each is started, and where it reads and writes. */
import { join, resolve } from 'node:path';
import { aggregate } from '../../../processors/aggregate';
import { dedup } from '../../../processors/dedup';

/** A process that does the work. */
export interface Contestant {
  readonly name: string;
  /** Its settings, for the record. */
  readonly settings: string;
  /** The command that runs it. */
  command(run: RunOptions): readonly string[];
  /** Its consumer groups with the topics that they read, by names without prefix. */
  groups(run: RunOptions): readonly { readonly group: string; readonly topic: string }[];
  /** The prefix of what it writes. */
  output(run: RunOptions): string;
}

/** Of one run. */
export interface RunOptions {
  readonly brokers: string;
  readonly registry: string;
  /** Of the topic that is read, and of all that is written. */
  readonly prefix: string;
  /** Empty, removed after the run. */
  readonly folder: string;
  /** Unused by any other run. */
  readonly id: string;
  readonly keys: number;
  readonly partitions: number;
  /** Schema numbers of interface, prefix and host traffic. */
  readonly schemaIds: readonly number[];
  /** Where NetWeaver's build is. */
  readonly dist: string;
  /** Of the Java virtual machine, e.g. `4g`. */
  readonly heap: string;
  readonly cacheMiB: number;
}

/** Commit interval of both. Milliseconds. */
export const COMMIT_MS = 300;
const JAVA = resolve(__dirname, '../../rivals/kafka-streams/target');

/** NetWeaver's processors in a process of their own. */
export const netweaver: Contestant = {
  name: 'netweaver',
  settings: `netweaver process; commit ${COMMIT_MS} ms, changelogs by checkpoint every 10 s, exactly once`,
  command: ({ brokers, registry, prefix, folder, keys, partitions, dist }) => [
    process.execPath, join(dist, 'bin/netweaver.js'), 'process',
    ...Object.entries({
      'kafka.brokers': brokers,
      'kafka.sessionTimeoutMs': 10_000,
      'registry.url': registry,
      'topics.prefix': prefix,
      'topics.flowPartitions': partitions,
      'processing.processors': [dedup.name, aggregate.name].join(','),
      'processing.commitMs': COMMIT_MS,
      // Windows close by event time alone here; rows of a window never exceed its table.
      'processing.idleMs': 3_600_000,
      'aggregate.idleMs': 3_600_000,
      'aggregate.maxKeys': Math.max(500_000, 2 * keys),
      'data.dir': join(folder, 'data'),
      'http.processPort': 0,
      'telemetry.logLevel': 'warn',
    }).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
  ],
  groups: ({ prefix }) => [
    { group: `${prefix}netweaver.${dedup.name}`, topic: 'flows.raw' },
    { group: `${prefix}netweaver.${aggregate.name}`, topic: 'flows.unique' },
  ],
  output: ({ prefix }) => prefix,
};

interface Variant {
  readonly store: 'memory' | 'rocksdb';
  readonly collector: 'G1' | 'Parallel';
  readonly threads: number;
  readonly cached: boolean;
}

/** Kafka Streams in one of its variants. */
function kafkaStreams({ store, collector, threads, cached }: Variant): Contestant {
  const name = `streams ${store} ${collector}${threads > 1 ? ` ${threads} threads` : ''}${cached ? '' : ' no cache'}`;
  const application = ({ prefix, id }: RunOptions): string => `${prefix}${id}`;
  return {
    name,
    settings: `${store} stores, ${collector} collector, ${threads} stream thread${threads > 1 ? 's' : ''}, record caching ${cached ? 'on' : 'off'}; commit ${COMMIT_MS} ms, changelogs on, exactly_once_v2`,
    command: (run) => [
      'java', `-Xms${run.heap}`, `-Xmx${run.heap}`, `-XX:+Use${collector}GC`,
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp', `${JAVA}/classes:${JAVA}/lib/*`, 'netweaver.rival.Main',
      ...Object.entries({
        brokers: run.brokers,
        application: application(run),
        input: `${run.prefix}flows.raw`,
        output: `${application(run)}.`,
        ids: run.schemaIds.join(','),
        state: join(run.folder, 'state'),
        store,
        threads,
        commitMs: COMMIT_MS,
        cacheMiB: cached ? run.cacheMiB : 0,
      }).map(([key, value]) => `${key}=${value}`),
    ],
    groups: (run) => [{ group: application(run), topic: 'flows.raw' }],
    output: (run) => `${application(run)}.`,
  };
}

/** All that are tried. */
export const VARIANTS: readonly Contestant[] = [
  kafkaStreams({ store: 'memory', collector: 'Parallel', threads: 1, cached: true }),
  kafkaStreams({ store: 'memory', collector: 'G1', threads: 1, cached: true }),
  kafkaStreams({ store: 'rocksdb', collector: 'Parallel', threads: 1, cached: true }),
  kafkaStreams({ store: 'rocksdb', collector: 'G1', threads: 1, cached: true }),
  kafkaStreams({ store: 'memory', collector: 'Parallel', threads: 1, cached: false }),
  kafkaStreams({ store: 'memory', collector: 'Parallel', threads: 2, cached: true }),
];
