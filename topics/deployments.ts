/** Which model a processor is to run, on its way to the log: the same record in every partition of models.deployed. */
import type { Configuration } from '../infra/config/configuration';
import { NetWeaverError } from '../infra/errors';
import type { Log } from '../infra/log/log';
import type { SchemaRegistry } from '../infra/registry/registry';
import type { Route } from '../infra/role';
import { MODELS_DEPLOYED } from './catalogue';
import { TopicCodec } from './codec';
import { eventHeaders } from './headers';
import { topicName } from './names';

/** Where a role takes it over HTTP, as JSON. */
export const DEPLOY_PATH = '/models/deploy';
/** Places of models in a processor. */
export const SLOTS = ['serving', 'shadow'] as const;

/** What is to be deployed; without a model the place is as the configuration says. */
export interface Deployment {
  readonly processor: string;
  readonly slot: (typeof SLOTS)[number];
  readonly model: { readonly name: string; readonly hash: string } | null;
  readonly by: string;
}

/** What a writer needs. */
interface DeploymentContext {
  readonly config: Configuration;
  readonly log: Log;
  readonly registry: SchemaRegistry;
}

/** Writes it; to how many partitions. Delivery: at least once. @throws NW_TOPIC_MISSING, NW_LOG_LOCKED, NW_LOG_UNREACHABLE, NW_REGISTRY_UNREACHABLE */
export async function writeDeployment({ config, log, registry }: DeploymentContext, { processor, slot, model, by }: Deployment, timeMs: number = Date.now()): Promise<number> {
  const topic = topicName(MODELS_DEPLOYED, config);
  const partitions = (await log.admin.listTopics()).find(({ name }) => name === topic)?.partitions;
  if (partitions === undefined) throw new NetWeaverError('NW_TOPIC_MISSING', `${topic} is not on the log.`);
  const producer = await log.producer('models');
  try {
    const codec = await TopicCodec.open(MODELS_DEPLOYED, topic, registry);
    const value = model === null ? null : codec.encode({ processor, slot, model: model.name, modelHash: model.hash, time: timeMs, by });
    const key = `${processor}/${slot}`;
    await producer.append(Array.from({ length: partitions }, (_, partition) => ({
      topic, partition, key: Buffer.from(key), value, timestampMs: timeMs,
      headers: eventHeaders({ id: `${key}/${timeMs}-${partition}`, source: '/netweaver/models', type: MODELS_DEPLOYED.record.name, timeMs }),
    })));
  } finally {
    await producer.close();
  }
  return partitions;
}

/** `POST` of {@link DEPLOY_PATH}, for a process that may not write itself; refused where `allowed` is false. */
export const deploymentRoutes = (context: DeploymentContext, allowed: boolean): Readonly<Record<string, Route>> => ({
  [`POST ${DEPLOY_PATH}`]: async ({ body }) => {
    if (!allowed) return { status: 403, body: { error: 'this server is not on loopback, or processing.control forbids it' } };
    let deployment: Deployment;
    try {
      deployment = deploymentFrom(body);
    } catch (error) {
      return { status: 400, body: { error: (error as Error).message } };
    }
    return { status: 200, body: { partitions: await writeDeployment(context, deployment) } };
  },
});

/** A deployment from JSON. @throws Error that says what is wrong */
export function deploymentFrom(json: string): Deployment {
  let given: Partial<Record<keyof Deployment, unknown>> | null;
  try {
    given = JSON.parse(json) as typeof given;
  } catch {
    throw new Error('the body is no JSON');
  }
  const isText = (value: unknown): value is string => typeof value === 'string';
  const { processor, slot, model = null, by = '' } = given ?? {};
  if (!isText(processor) || processor === '' || !isText(by)) throw new Error('processor and by are texts');
  const place = SLOTS.find((one) => one === slot);
  if (place === undefined) throw new Error(`slot is one of ${SLOTS.join(', ')}`);
  const { name, hash } = (model ?? { name: '', hash: '' }) as Record<string, unknown>;
  if (!isText(name) || !isText(hash) || (model !== null && name === '')) throw new Error('model has a name and a hash, or is null');
  return { processor, slot: place, model: model === null ? null : { name, hash }, by };
}
