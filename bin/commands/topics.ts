import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Configuration } from '../../infra/config/configuration';
import { dataSection } from '../../infra/config/data';
import { NetWeaverError } from '../../infra/errors';
import type { Log, TopicSettings } from '../../infra/log/log';
import { openLog } from '../../infra/log/open';
import { kafkaSection } from '../../infra/log/settings';
import { applyChanges, catalogueSettings, planTopics } from '../../topics/apply';
import { CATALOGUE } from '../../topics/catalogue';
import type { Topic } from '../../topics/catalogue';
import { fieldsOf } from '../../topics/fields';
import { subjectOf, topicSettings } from '../../topics/names';
import { loadConfig } from '../context';
import { jsonLine, printRows, reportError } from '../output';

/** `netweaver topics list | describe | apply`: the catalogue, and what of it is on the log. */
export function register(program: Command): void {
  const topics = program.command('topics').description('Shows the catalogue of topics and brings the log to it.');
  topics
    .command('list')
    .description('Every topic of the catalogue, and what is on the log where one answers.')
    .option('--json', 'one JSON object a line')
    .action((options: JsonOption, command: Command) => attempt(() => list(loadConfig(command), options)));
  topics
    .command('describe <topic>')
    .description('One topic: meaning, key, schema with the unit of every field, settings, and its partitions where a log answers.')
    .option('--json', 'one JSON object')
    .action((name: string, options: JsonOption, command: Command) => attempt(() => describe(name, loadConfig(command), options)));
  topics
    .command('apply')
    .description('Creates the topics that are missing and changes those whose settings differ. Never deletes, never takes partitions away.')
    .option('--dry-run', 'print the plan and change nothing')
    .option('--json', 'one JSON object a line')
    .action((options: JsonOption & { dryRun?: boolean }, command: Command) => attempt(() => apply(loadConfig(command), options)));
}

interface JsonOption {
  readonly json?: boolean;
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    reportError(error);
  }
}

/** Runs `use` with the log where one answers, else with none; says on standard error why there is none. */
async function withLogIfThere(config: Configuration, use: (log: Log | null) => Promise<void>): Promise<void> {
  const embedded = config.get(kafkaSection).brokers.length === 0;
  const folder = resolve(config.get(dataSection).dir, 'log');
  let log: Log | null = null;
  try {
    if (embedded && !existsSync(folder)) throw new NetWeaverError('NW_LOG_UNREACHABLE', `There is no embedded log in ${folder} yet.`);
    log = await openLog(config);
    await log.ping();
  } catch (error) {
    if (!(error instanceof NetWeaverError) || error.code === 'NW_CONFIG_INVALID') throw error;
    process.stderr.write(`The catalogue alone is shown: ${error.message}\n`);
    await log?.close();
    log = null;
  }
  try {
    await use(log);
  } finally {
    await log?.close();
  }
}

const duration = (ms: number | undefined): string => {
  if (ms === undefined || ms < 0) return 'for ever';
  const hours = ms / 3_600_000;
  return hours >= 48 && hours % 24 === 0 ? `${hours / 24} days` : `${hours} h`;
};

const size = (bytes: number | undefined): string => (bytes === undefined || bytes < 0 ? 'unlimited' : `${bytes / 2 ** 20} MiB`);

/** Records that a topic keeps, by partition; empty where it is not there. */
const partitionsOf = async (log: Log, name: string): Promise<{ partition: number; begin: number; end: number }[]> => {
  const reader = await log.reader();
  try {
    return await reader.bounds(name);
  } finally {
    await reader.close();
  }
};

async function list(config: Configuration, { json = false }: JsonOption): Promise<void> {
  await withLogIfThere(config, async (log) => {
    const present = new Map((await log?.admin.listTopics())?.map((topic) => [topic.name, topic]));
    const rows: Record<string, unknown>[] = [];
    for (const topic of CATALOGUE) {
      const wanted = topicSettings(topic, config);
      const there = present.get(wanted.name);
      const settings = there ?? wanted;
      const bounds = log !== null && there !== undefined ? await partitionsOf(log, wanted.name) : null;
      rows.push({
        topic: wanted.name,
        record: topic.record.name,
        partitions: settings.partitions,
        cleanup: settings.cleanup,
        retention: json ? (settings.retentionMs ?? -1) : duration(settings.retentionMs),
        onLog: log === null ? null : there !== undefined,
        offsets: bounds?.reduce((sum, { begin, end }) => sum + end - begin, 0) ?? null,
      });
    }
    printRows(rows, { json });
  });
}

/** The topic of a name, with the prefix or without. @throws NW_USAGE */
export function findTopic(name: string, config: Configuration): { readonly topic: Topic; readonly settings: TopicSettings } {
  for (const topic of CATALOGUE) {
    const settings = topicSettings(topic, config);
    if (name === topic.name || name === settings.name) return { topic, settings };
  }
  throw new NetWeaverError('NW_USAGE', `There is no topic '${name}' in the catalogue; there are ${CATALOGUE.map((topic) => topic.name).join(', ')}.`);
}

async function describe(name: string, config: Configuration, { json = false }: JsonOption): Promise<void> {
  const { topic, settings: wanted } = findTopic(name, config);
  await withLogIfThere(config, async (log) => {
    const there = (await log?.admin.listTopics())?.find((candidate) => candidate.name === wanted.name);
    const settings = there ?? wanted;
    const partitions = log !== null && there !== undefined ? await partitionsOf(log, wanted.name) : [];
    const { holds, key, partitioning, writers, readers, doc } = topic;
    const fields = fieldsOf(topic);
    const head = { topic: wanted.name, doc, holds, key, partitioning, record: topic.record.name, subject: subjectOf(wanted.name), writers, readers };
    if (json) {
      process.stdout.write(jsonLine({ ...head, settings, onLog: log === null ? null : there !== undefined, partitions, fields }) + '\n');
      return;
    }
    const shown = { ...head, settings: `${settings.partitions} partitions, ${settings.cleanup}, kept ${duration(settings.retentionMs)}, ${size(settings.retentionBytes)} a partition` };
    for (const [label, value] of Object.entries(shown)) process.stdout.write(`${label.padEnd(13)} ${Array.isArray(value) ? value.join(', ') : String(value)}\n`);
    if (log !== null) process.stdout.write(`${'on the log'.padEnd(13)} ${there !== undefined ? 'yes' : 'no: netweaver topics apply'}\n`);
    process.stdout.write('\n');
    printRows(fields, { json: false });
    if (partitions.length === 0) return;
    process.stdout.write('\n');
    printRows(
      partitions.map(({ partition, begin, end }) => ({ partition, 'first offset': begin, 'next offset': end })),
      { json: false },
    );
  });
}

async function apply(config: Configuration, { json = false, dryRun = false }: JsonOption & { dryRun?: boolean }): Promise<void> {
  const log = await openLog(config);
  try {
    await log.ping();
    const plan = await planTopics(log.admin, catalogueSettings(config));
    printRows(
      plan.map(({ topic, action, detail }) => ({ topic, action, detail })),
      { json },
    );
    if (!dryRun) await applyChanges(log.admin, plan);
    if (json) return;
    const count = (action: string): number => plan.filter((change) => change.action === action).length;
    const [create, alter, keep] = ['create', 'alter', 'keep'].map(count);
    process.stdout.write(dryRun ? `\nNothing was changed: ${create} to create, ${alter} to change, ${keep} as they should be.\n` : `\n${create} created, ${alter} changed, ${keep} as they should be.\n`);
  } finally {
    await log.close();
  }
}
