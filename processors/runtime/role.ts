import { NetWeaverError } from '../../infra/errors';
import { httpSection } from '../../infra/http/settings';
import type { Role, RoleContext, RoleFactory, Route } from '../../infra/role';
import { changelogOf, changelogSettings, subjectOf, topicName, topicSettings, type Topic } from '../../topics';
import { TOPOLOGY } from '../topology';
import type { Processor } from './processor';
import { processorRoutes } from './routes';
import { processingSection } from './settings';
import { topicsOf, type TaskSetting } from './task';
import { Worker } from './worker';

/** Name of the store in the name of a changelog: all stores of a processor share one. */
const STATE = 'state';

/** The role `process`: runs the processors of the topology, or those that `processing.processors` names. */
export const createProcessorRole: RoleFactory = (context, fail) => new ProcessorRole(context, fail);

class ProcessorRole implements Role {
  readonly name = 'process';
  private workers: Worker[] = [];
  private started = false;
  private failed = false;

  constructor(
    private readonly context: RoleContext,
    private readonly fail: (error: Error) => void,
  ) {}

  async start(): Promise<void> {
    const processing = this.context.config.get(processingSection);
    known(processing.paused, 'processing.paused');
    for (const processor of chosen(processing.processors)) {
      const setting = await prepare(processor, this.context);
      this.workers.push(new Worker({ context: this.context, setting, processing, fail: (error) => this.failOnce(error) }));
    }
    for (const worker of this.workers) await worker.start();
    this.started = true;
  }

  readiness(): string | null {
    if (!this.started) return 'starting';
    for (const worker of this.workers) {
      const why = worker.readiness();
      if (why !== null) return why;
    }
    return null;
  }

  routes(): Readonly<Record<string, Route>> {
    const { control } = this.context.config.get(processingSection);
    const { host } = this.context.config.get(httpSection);
    return processorRoutes(this.workers, control === 'always' || (control === 'loopback' && /^(127\.|::1$|localhost$)/.test(host)));
  }

  async drain(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    this.workers = [];
  }

  private failOnce(error: Error): void {
    if (this.failed) return;
    this.failed = true;
    this.fail(error);
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
  return { processor, settings: config.get(processor.section), configHash: config.hash(processor.section), names, changelog };
}
