/**
 * A real Apache Kafka for tests and local use: one KRaft node on loopback, from the jars that Maven Central serves, each
 * compared with the checksum in `kafka.sha256`.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { NetWeaverError } from '../errors';
import { runFolder, runningPid, startServer, stopServer } from './server';
import { cached, copyDevFile, devFile, maven, requireJava } from './tools';
import type { Say } from './tools';

/** Version that is fetched. */
export const KAFKA_VERSION = '4.1.1';
/** Port unless told otherwise; the controller takes the next one. */
export const KAFKA_PORT = 29092;

/** How to start. */
export interface KafkaOptions {
  /** Port on 127.0.0.1; the controller listens on the next one. */
  readonly port?: number;
  /** Folder of the topics, kept. Without it a folder that begins empty and is removed by {@link stopKafka}. */
  readonly data?: string;
  readonly say?: Say;
}

const nameOf = (port: number): string => `kafka-${port}`;
const ownData = (port: number): string => join(runFolder(nameOf(port)), 'data');

/**
 * Starts the node, or finds it running; resolves to its bootstrap address when it answers.
 * @throws NW_DEV_JAVA_MISSING, NW_DEV_MAVEN_MISSING, NW_DEV_DOWNLOAD_FAILED, NW_DEV_CHECKSUM, NW_PORT_IN_USE, NW_DEV_START_FAILED
 */
export async function startKafka({ port = KAFKA_PORT, data, say = () => undefined }: KafkaOptions = {}): Promise<string> {
  const bootstrap = `127.0.0.1:${port}`;
  const name = nameOf(port);
  if (runningPid(name) !== null && (await answers(bootstrap))) return bootstrap;
  await stopServer(name);
  await requireJava();
  const lib = await jars(say);
  const folder = runFolder(name);
  if (data === undefined) rmSync(ownData(port), { recursive: true, force: true });
  const dataFolder = data ?? ownData(port);
  for (const made of [folder, dataFolder]) mkdirSync(made, { recursive: true });
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, serverProperties(port, dataFolder));
  const classPath = join(lib, '*');
  if (!readdirSync(dataFolder).includes('meta.properties')) {
    await promisify(execFile)('java', ['-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', properties]);
  }
  say(`Starting Apache Kafka ${KAFKA_VERSION} on ${bootstrap}.`);
  await startServer({
    name,
    port,
    javaArguments: ['-Xmx512m', '-XX:+UseG1GC', '-cp', classPath, 'kafka.Kafka', properties],
    timeoutMs: 90_000,
    ready: () => answers(bootstrap),
  });
  return bootstrap;
}

/** Stops the node of that port; false where none ran. */
export async function stopKafka(port = KAFKA_PORT): Promise<boolean> {
  const ran = await stopServer(nameOf(port));
  rmSync(ownData(port), { recursive: true, force: true });
  return ran;
}

/** Bootstrap address of the node of that port where it runs, else null. */
export const kafkaStatus = (port = KAFKA_PORT): string | null => (runningPid(nameOf(port)) === null ? null : `127.0.0.1:${port}`);

async function jars(say: Say): Promise<string> {
  const folder = await cached(`kafka-${KAFKA_VERSION}`, async (folder) => {
    say(`Fetching Apache Kafka ${KAFKA_VERSION} from Maven Central (43 MB).`);
    copyDevFile('kafka.pom.xml', join(folder, 'pom.xml'));
    await maven(folder, ['dependency:copy-dependencies']);
    checkSums(join(folder, 'lib'));
  });
  return join(folder, 'lib');
}

/** Compares every jar of a folder with a list as `sha256sum` writes it. @throws NW_DEV_CHECKSUM */
export function checkSums(folder: string, list = devFile('kafka.sha256')): void {
  const expected = new Map(readFileSync(list, 'utf8').trim().split('\n').map((line) => [line.slice(66), line.slice(0, 64)] as const));
  const found = new Set(readdirSync(folder));
  const missing = [...expected.keys()].find((jar) => !found.has(jar));
  if (missing !== undefined) throw new NetWeaverError('NW_DEV_CHECKSUM', `${missing} is missing.`);
  for (const jar of found) {
    const sum = createHash('sha256').update(readFileSync(join(folder, jar))).digest('hex');
    if (expected.get(jar) !== sum) throw new NetWeaverError('NW_DEV_CHECKSUM', `${jar} has SHA-256 ${sum}, expected ${expected.get(jar) ?? 'no such file'}.`);
  }
}

/** 16 bytes in base64url, as Kafka's own; one that begins with a dash would be read as an option. */
const clusterId = (): string => randomBytes(16).toString('base64url').replace(/^-/, 'A');

/** One node that is broker and controller, for tests: short delays, few partitions of the internal topics, no topic made by accident. */
const serverProperties = (port: number, data: string): string => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${port + 1}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=${data}
auto.create.topics.enable=false
num.partitions=1
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
message.max.bytes=10485760
log.cleaner.backoff.ms=1000
log.cleaner.dedupe.buffer.size=16777216
`;

async function answers(bootstrap: string): Promise<boolean> {
  const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, connectionTimeout: 1000, requestTimeout: 2000, retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
