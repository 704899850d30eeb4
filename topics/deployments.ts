/** Which model a processor is to run, on its way to the log: the same record in every partition of models.deployed. */
import type { Route } from '../infra/role';
import { jsonFrom, writeByHand, writingRoute, type WritingContext } from './by-hand';
import { MODELS_DEPLOYED } from './catalogue';

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

/** Writes it; to how many partitions. @throws as {@link writeByHand} */
export function writeDeployment(context: WritingContext, { processor, slot, model, by }: Deployment, timeMs: number = Date.now()): Promise<number> {
  const value = model === null ? null : { processor, slot, model: model.name, modelHash: model.hash, time: timeMs, by };
  return writeByHand(context, MODELS_DEPLOYED, 'models', [{ key: `${processor}/${slot}`, value }], { everyPartition: true, timeMs });
}

/** `POST` of {@link DEPLOY_PATH}, for a process that may not write itself; refused where `allowed` is false. */
export const deploymentRoutes = (context: WritingContext, allowed: boolean): Readonly<Record<string, Route>> =>
  writingRoute(DEPLOY_PATH, allowed, deploymentFrom, async (deployment) => ({ partitions: await writeDeployment(context, deployment) }));

/** A deployment from JSON. @throws Error that says what is wrong */
export function deploymentFrom(json: string): Deployment {
  const given = jsonFrom(json) as Partial<Record<keyof Deployment, unknown>> | null;
  const isText = (value: unknown): value is string => typeof value === 'string';
  const { processor, slot, model = null, by = '' } = given ?? {};
  if (!isText(processor) || processor === '' || !isText(by)) throw new Error('processor and by are texts');
  const place = SLOTS.find((one) => one === slot);
  if (place === undefined) throw new Error(`slot is one of ${SLOTS.join(', ')}`);
  const { name, hash } = (model ?? { name: '', hash: '' }) as Record<string, unknown>;
  if (!isText(name) || !isText(hash) || (model !== null && name === '')) throw new Error('model has a name and a hash, or is null');
  return { processor, slot: place, model: model === null ? null : { name, hash }, by };
}
