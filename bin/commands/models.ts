import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { NetWeaverError } from '../../infra/errors';
import { CARD } from '../../infra/inference/card';
import { InferenceHost } from '../../infra/inference/host';
import { modelFolders } from '../../infra/inference/open';
import { chooseModel, findModels, parseModelName } from '../../infra/inference/registry';
import { modelsSection } from '../../infra/inference/settings';
import { TOPOLOGY } from '../../processors/topology';
import type { Anomaly } from '../../schemas';
import { ANOMALIES, ANOMALIES_SHADOW, DEPLOY_PATH, MODELS_DEPLOYED, TopicCodec, topicName, writeDeployment, type Deployment, type Topic } from '../../topics';
import { loadConfig, withContext, type CommandContext } from '../context';
import { compare, spansOf } from '../model-comparison';
import { printRows, reportError } from '../output';
import { writeOrAsk } from '../role-client';

/** Processors that run models. */
const PROCESSORS = TOPOLOGY.filter(({ tables }) => tables?.includes(MODELS_DEPLOYED)).map(({ name }) => name);
/** Digits of a hash that are shown. */
const DIGITS = 8;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

const span = (text: string): number => {
  const match = /^(\d{1,6})([mhd])$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be a number with m, h or d, e.g. 2h.');
  return Number(match[1]) * UNIT_MS[match[2]];
};

interface DeployOptions {
  readonly to: string;
  readonly shadow?: boolean;
  readonly by: string;
  readonly url?: string;
}

/** `netweaver models`: what models there are, whether they are what their cards say, and which of them are in use. */
export function register(program: Command): void {
  const models = program.command('models').description('Models: what there is, with its card; which of them score.');
  models
    .command('list')
    .description('Every model of the folders, shipped and models.folders.')
    .option('--json', 'one JSON object a line')
    .action((options: { readonly json?: boolean }, command: Command) => attempt(() => list(command, options.json ?? false)));
  models
    .command('show <model>')
    .description('The card of a model, as name or name@hash.')
    .action((text: string, _options: unknown, command: Command) => attempt(() => show(command, text)));
  models
    .command('verify [model]')
    .description('Loads models, all without a name, holds them against their cards, and runs their probes.')
    .option('--json', 'one JSON object a line')
    .action((text: string | undefined, options: { readonly json?: boolean }, command: Command) => attempt(() => verify(command, text, options.json ?? false)));
  const placed = (of: Command): Command =>
    of
      .addOption(new Option('--to <processor>', 'which processor').choices(PROCESSORS).makeOptionMandatory())
      .option('--shadow', 'in its shadow: the model is run on the same input, its events go to a side topic')
      .option('--by <name>', 'who does so', userName())
      .option('--url <url>', 'address of the role that writes, where another process has the embedded log; by default on this machine');
  placed(models.command('deploy <model>'))
    .description('Lets a processor run another model, as name or name@hash, from here on. It is proven first.')
    .action((text: string, options: DeployOptions, command: Command) => attempt(() => deploy(command, text, options)));
  placed(models.command('withdraw'))
    .description('Takes back what was deployed: the configured model serves, the shadow is empty.')
    .action((options: DeployOptions, command: Command) => withContext(command, (context) => write(context, command, { ...placeOf(options), model: null }, options)));
  models
    .command('compare')
    .description('Holds the anomalies of the model in the shadow against those of the one that serves.')
    .option('--last <span>', 'of so long, by the time of the events, as 2h or 7d; by default all that is on the log', span)
    .option('--list', 'every anomaly that only one of them tells of')
    .option('--json', 'one JSON object a line')
    .action((options: { readonly last?: number; readonly list?: boolean; readonly json?: boolean }, command: Command) => withContext(command, (context) => difference(context, options)));
}

async function attempt(work: () => Promise<void> | void): Promise<void> {
  try {
    await work();
  } catch (error) {
    reportError(error);
  }
}

const foldersOf = (command: Command): string[] => modelFolders(loadConfig(command));

function list(command: Command, json: boolean): void {
  const rows = findModels(foldersOf(command)).map(({ folder, card, error }) => {
    if (card === null) return { model: folder, version: null, hash: '', task: '', windows: '', parameters: null, trouble: error?.code ?? '' };
    const { name, version, sha256, task, windowMs, text } = card;
    return { model: name, version, hash: sha256.slice(0, DIGITS), task, windows: windowMs.map((ms) => `${ms / 1000} s`).join(', '), parameters: (text.parameters as number | undefined) ?? null, trouble: '' };
  });
  if (rows.length === 0 && !json) process.stdout.write('There are none.\n');
  else printRows(rows, { json, columns: ['model', 'version', 'hash', 'task', 'windows', 'parameters', 'trouble'] });
}

function show(command: Command, text: string): void {
  const { name, hash } = parseModelName(text);
  process.stdout.write(readFileSync(join(chooseModel(foldersOf(command), name, hash).folder, CARD)));
}

async function verify(command: Command, text: string | undefined, json: boolean): Promise<void> {
  const folders = foldersOf(command);
  const host = hostOf(command, folders);
  const wanted = text === undefined ? null : parseModelName(text);
  const found = wanted === null ? findModels(folders) : [{ folder: '', card: chooseModel(folders, wanted.name, wanted.hash), error: null }];
  const rows = found.map(({ folder, card, error }) => {
    try {
      if (card === null) throw error;
      host.open(card.name, card.sha256);
      return { model: `${card.name}@${card.sha256.slice(0, DIGITS)}`, result: 'as its card says', detail: '' };
    } catch (trouble) {
      if (!(trouble instanceof NetWeaverError)) throw trouble;
      return { model: card === null ? folder : `${card.name}@${card.sha256.slice(0, DIGITS)}`, result: trouble.code as string, detail: trouble.message };
    }
  });
  await host.close();
  printRows(rows, { json, columns: ['model', 'result', 'detail'] });
  if (rows.some(({ result }) => result.startsWith('NW_'))) process.exitCode = 1;
}

const hostOf = (command: Command, folders: readonly string[]): InferenceHost => new InferenceHost({ folders, waitMs: loadConfig(command).get(modelsSection).waitMs });

const placeOf = ({ to, shadow, by }: DeployOptions): Omit<Deployment, 'model'> => ({ processor: to, slot: shadow === true ? 'shadow' : 'serving', by });

async function deploy(command: Command, text: string, options: DeployOptions): Promise<void> {
  const { name, hash } = parseModelName(text);
  const host = hostOf(command, foldersOf(command));
  try {
    const model = host.open(name, hash);
    await withContext(command, (context) => write(context, command, { ...placeOf(options), model: { name, hash: model.hash } }, options));
  } finally {
    await host.close();
  }
}

async function write(context: CommandContext, command: Command, deployment: Deployment, { url }: DeployOptions): Promise<void> {
  await writeOrAsk(() => writeDeployment(context, deployment), DEPLOY_PATH, { url, bodies: [deployment] }, command);
  const { processor, slot, model } = deployment;
  process.stdout.write(`${processor}, ${slot}: ${model === null ? 'as configured' : `${model.name}@${model.hash.slice(0, DIGITS)}`}, from the next record on.\n`);
}

async function difference(context: CommandContext, { last, list: all = false, json = false }: { readonly last?: number; readonly list?: boolean; readonly json?: boolean }): Promise<void> {
  const [serving, shadow] = [await recordsOf(context, ANOMALIES), await recordsOf(context, ANOMALIES_SHADOW)];
  const latest = [...serving, ...shadow].reduce((time, anomaly) => Math.max(time, anomaly.time), 0);
  const wanted = (timeMs: number): boolean => last === undefined || timeMs > latest - last;
  const { rows, alone } = compare(spansOf(serving, wanted), spansOf(shadow, wanted));
  if (all) printRows(alone.map(({ by, subject, detector, model, began, until, score }) => ({ by, subject, detector, model, began: new Date(began).toISOString(), until: new Date(until).toISOString(), score })), { json });
  else if (rows.length === 0 && !json) process.stdout.write('Neither has told of anything.\n');
  else printRows(rows.map((row) => ({ ...row })), { json });
}

async function recordsOf({ config, log, registry }: CommandContext, topic: Topic<Anomaly>): Promise<Anomaly[]> {
  const name = topicName(topic, config);
  if (!(await log.admin.listTopics()).some((there) => there.name === name)) throw new NetWeaverError('NW_TOPIC_MISSING', `${name} is not on the log.`);
  const codec = TopicCodec.forReading(topic, registry);
  const reader = await log.reader();
  const anomalies: Anomaly[] = [];
  try {
    for (const { partition, begin, end } of await reader.bounds(name)) {
      for await (const { value } of reader.read({ topic: name, partition }, begin, end)) if (value !== null) anomalies.push(await codec.decode(value));
    }
  } finally {
    await reader.close();
  }
  return anomalies;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
