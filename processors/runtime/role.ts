import { resolve } from 'node:path';
import { readPolicies } from '../../domain/paths/policy-file';
import { dataSection } from '../../infra/config/data';
import { hasCode, NetWeaverError } from '../../infra/errors';
import { openModels } from '../../infra/inference/open';
import { patiently } from '../../infra/log/patience';
import { logSection } from '../../infra/log/settings';
import { httpSection } from '../../infra/http/settings';
import type { Role, RoleContext, RoleFactory, Route } from '../../infra/role';
import { changelogOf, changelogSettings, deploymentRoutes, feedbackRoutes, policyRoutes, subjectOf, topicName, topicSettings, type Topic } from '../../topics';
import { TOPOLOGY } from '../topology';
import type { Processor } from './processor';
import { processorRoutes } from './routes';
import { processingSection } from './settings';
import { SnapshotMetrics } from './snapshots/metrics';
import { SnapshotStore } from './snapshots/store';
import { topicsOf, type TaskSetting } from './task';
import { settingsOf } from './text-files';
import { Worker } from './worker';

/** Name of the store in the name of a changelog: all stores of a processor share one. */
const STATE = 'state';

/** The role `process`: runs the processors of the topology, or those that `processing.processors` names. */
export const createProcessorRole: RoleFactory = (context, fail) => new ProcessorRole(context, fail);

class ProcessorRole implements Role {
  readonly name = 'process';
  private workers: Worker[] = [];
  private snapshots: SnapshotStore | null = null;
  private started = false;
  /** Why it does not begin. */
  private waitsFor = 'starting';
  private readonly stopping = new AbortController();
  private failed = false;

  constructor(
    private readonly context: RoleContext,
    private readonly fail: (error: Error) => void,
  ) {}

  async start(): Promise<void> {
    const processing = this.context.config.get(processingSection);
    if (processing.snapshots) this.snapshots = openSnapshots(this.context);
    known(processing.paused, 'processing.paused');
    for (const processor of chosen(processing.processors)) {
      const setting = await patiently(() => prepare(processor, this.context), this.stopping.signal, (error) => this.waits(error));
      this.workers.push(new Worker({ context: this.context, setting, processing, snapshots: this.snapshots, fail: (error) => this.failOnce(error) }));
    }
    for (const worker of this.workers) await worker.start();
    this.started = true;
  }

  readiness(): string | null {
    if (!this.started) return this.waitsFor;
    for (const worker of this.workers) {
      const why = worker.readiness();
      if (why !== null) return why;
    }
    return null;
  }

  routes(): Readonly<Record<string, Route>> {
    const { control } = this.context.config.get(processingSection);
    const { host } = this.context.config.get(httpSection);
    const allowed = control === 'always' || (control === 'loopback' && /^(127\.|::1$|localhost$)/.test(host));
    return { ...processorRoutes(this.workers, allowed), ...feedbackRoutes(this.context, allowed), ...deploymentRoutes(this.context, allowed), ...policyRoutes(this.context, allowed, readPolicies) };
  }

  async drain(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.workers.map((worker) => worker.stop()));
    this.workers = [];
    await this.snapshots?.close();
    this.snapshots = null;
  }

  /** Without the log or the registry nothing can begin: that is told once, and at /readyz. */
  private waits({ code, message }: NetWeaverError): void {
    if (this.waitsFor === 'starting') this.context.telemetry.logger.warn({ code, detail: message }, 'waiting');
    this.waitsFor = `waiting (${code}): ${message}`;
  }

  private failOnce(error: Error): void {
    if (this.failed) return;
    this.failed = true;
    this.fail(error);
  }
}

/** Local copies of changelogs; none where they cannot be kept, which is told. */
function openSnapshots({ config, telemetry }: RoleContext): SnapshotStore | null {
  const metrics = new SnapshotMetrics(telemetry, 'all');
  const path = resolve(config.get(dataSection).dir, 'snapshots');
  try {
    const store = SnapshotStore.open(path, {
      reserveBytes: config.get(logSection).reserveMegabytes * 2 ** 20,
      onDamage(what) {
        metrics.refused('damaged');
        telemetry.logger.warn({ code: 'NW_SNAPSHOT_REFUSED', detail: `${path}: ${what}.` }, 'the whole changelogs are read');
      },
    });
    void store.sweep().catch(() => undefined);
    return store;
  } catch (error) {
    if (!hasCode(error, 'NW_SNAPSHOT_UNWRITABLE')) throw error;
    metrics.failed();
    telemetry.logger.warn({ code: error.code, detail: error.message }, 'no local copies of changelogs are kept');
    return null;
  }
}

/** The processors of those names, all where there are none. @throws NW_CONFIG_INVALID */
export function chosen(names: readonly string[]): readonly Processor[] {
  known(names, 'processing.processors');
  return names.length === 0 ? TOPOLOGY : TOPOLOGY.filter((processor) => names.includes(processor.name));
}

function known(names: readonly string[], key: string): void {
  for (const name of names) {
    if (!TOPOLOGY.some((processor) => processor.name === name)) throw new NetWeaverError('NW_CONFIG_INVALID', `${key} names '${name}'; allowed are ${TOPOLOGY.map((processor) => processor.name).join(', ')}.`);
  }
}

/** Creates the topics that a processor needs where they are missing, registers its schemas, and says what its tasks work with. @throws NW_INPUTS_UNLIKE */
export async function prepare(processor: Processor, { config, log, registry }: RoleContext): Promise<TaskSetting> {
  const topics = topicsOf(processor);
  await log.admin.createTopics(topics.map((topic) => topicSettings(topic, config)));
  const partitionsOf = new Map((await log.admin.listTopics()).map(({ name, partitions }) => [name, partitions]));
  const names = new Map<Topic, { name: string; partitions: number; schemaId: number }>();
  for (const topic of topics) {
    const name = topicName(topic, config);
    const partitions = partitionsOf.get(name);
    if (partitions === undefined) throw new NetWeaverError('NW_TOPIC_MISSING', `The topic ${name} could not be created.`);
    names.set(topic, { name, partitions, schemaId: await registry.register(subjectOf(name), topic.record.schema) });
  }
  const changelog = changelogOf(processor.name, STATE, config);
  const { name: input, partitions } = names.get(processor.input)!;
  for (const table of processor.tables ?? []) {
    const other = names.get(table)!;
    if (other.partitions !== partitions) throw new NetWeaverError('NW_INPUTS_UNLIKE', `${processor.name} joins ${input} (${partitions} partitions) with ${other.name} (${other.partitions} partitions).`);
  }
  const wanted = changelogSettings(processor.name, STATE, partitions, config);
  await log.admin.createTopics([wanted]);
  if ((partitionsOf.get(changelog) ?? partitions) < partitions) await log.admin.alterTopic(wanted);
  return { processor, ...settingsOf(processor, config), names, changelog, resources: { models: openModels(config) } };
}
