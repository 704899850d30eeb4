/** A sink on an embedded log, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataSection } from '../../../../infra/config/data';
import { loadConfiguration, type LoadedConfiguration } from '../../../../infra/config/load';
import { databaseSection } from '../../../../infra/database/settings';
import { openLog } from '../../../../infra/log/open';
import type { Log, LogProducer, LogRecord } from '../../../../infra/log/log';
import { kafkaSection, logSection } from '../../../../infra/log/settings';
import { openRegistry } from '../../../../infra/registry/open';
import type { SchemaRegistry } from '../../../../infra/registry/registry';
import { registrySection } from '../../../../infra/registry/settings';
import type { Role } from '../../../../infra/role';
import { openTelemetry, type OpenTelemetry } from '../../../../infra/telemetry/open';
import { telemetrySection } from '../../../../infra/telemetry/settings';
import { applyTopics } from '../../../../topics/apply';
import { subjectOf, topicName, topicsSection, type Topic } from '../../../../topics';
import { sinkSection } from '../settings';
import { createTimescaleSink } from '../sink';

/** Configuration of a rig. */
export function rigConfiguration(dataDir: string, url: string, ...sets: string[]): LoadedConfiguration {
  const sections = [dataSection, kafkaSection, logSection, registrySection, topicsSection, databaseSection, telemetrySection, sinkSection];
  return loadConfiguration({ sections, environment: {}, sets: [`data.dir=${dataDir}`, `database.url=${url}`, 'telemetry.logLevel=silent', 'sink.flushMs=20', 'sink.jobsMs=3600000', ...sets] });
}

/** A log with the catalogue's topics, what appends to it, and sinks. */
export class Rig {
  readonly failures: Error[] = [];
  private roles: Role[] = [];
  private readonly ids = new Map<string, number>();
  private keys = 0;

  private constructor(
    readonly dataDir: string,
    readonly config: LoadedConfiguration,
    readonly log: Log,
    readonly registry: SchemaRegistry,
    readonly telemetry: OpenTelemetry,
    private readonly producer: LogProducer,
  ) {}

  static async open(url: string, ...sets: string[]): Promise<Rig> {
    const dataDir = mkdtempSync(join(tmpdir(), 'nw-rig-'));
    const config = rigConfiguration(dataDir, url, ...sets);
    const log = await openLog(config);
    await applyTopics(log, config);
    return new Rig(dataDir, config, log, await openRegistry(config), openTelemetry(config, 'test'), await log.producer('rig'));
  }

  /** This rig's configuration with another database. */
  configurationFor(url: string, ...sets: string[]): LoadedConfiguration {
    return rigConfiguration(this.dataDir, url, ...sets);
  }

  /** Appends values of a topic, each a record of `partition`; on a compacted one each with a key of its own. Bytes are appended as they are. */
  async put<T>(topic: Topic<T>, values: readonly (T | Buffer)[], partition = 0, headers: Record<string, string> = {}): Promise<void> {
    const name = topicName(topic as Topic, this.config);
    let id = this.ids.get(name);
    if (id === undefined) this.ids.set(name, (id = await this.registry.register(subjectOf(name), topic.record.schema)));
    const schemaId = id;
    await this.producer.append(values.map((value) => ({ topic: name, partition, key: topic.cleanup === 'compact' ? Buffer.from(`key ${this.keys++}`) : null, value: Buffer.isBuffer(value) ? value : topic.record.encode(value, schemaId), headers })));
  }

  /** All records of a topic. */
  async records(topic: Topic): Promise<LogRecord[]> {
    const reader = await this.log.reader();
    const records: LogRecord[] = [];
    for (const { partition, begin, end } of await reader.bounds(topicName(topic, this.config))) {
      for await (const record of reader.read({ topic: topicName(topic, this.config), partition }, begin, end)) records.push(record);
    }
    await reader.close();
    return records;
  }

  /** A started sink. */
  async sink(over: Partial<{ telemetry: OpenTelemetry; config: LoadedConfiguration }> = {}): Promise<Role> {
    const role = createTimescaleSink({ config: over.config ?? this.config, log: this.log, registry: this.registry, telemetry: over.telemetry ?? this.telemetry }, (error) => this.failures.push(error));
    this.roles.push(role);
    await role.start();
    return role;
  }

  async drain(role: Role): Promise<void> {
    this.roles = this.roles.filter((other) => other !== role);
    await role.drain();
  }

  async metric(name: string): Promise<number> {
    const metric = (await this.telemetry.metrics.getMetricsAsJSON()).find((one) => one.name === name);
    return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
  }

  /** Closes the log, which another process may then open. */
  async closeLog(): Promise<void> {
    for (const role of this.roles.splice(0)) await role.drain();
    await this.producer.close();
    await this.registry.close();
    await this.log.close();
  }

  async close(): Promise<void> {
    await this.closeLog();
    await this.telemetry.close();
    this.remove();
  }

  remove(): void {
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Asks until it is so. The test's own limit ends it otherwise. */
export async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await sleep(20);
}
