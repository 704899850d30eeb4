import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readPolicies, writePolicies } from '../../domain/paths/policy-file';
import { patternsOf } from '../../domain/paths/policy';
import { NetWeaverError } from '../../infra/errors';
import { MAX_BODY_BYTES } from '../../infra/http/server';
import type { PathPolicy } from '../../schemas';
import { POLICIES, POLICIES_PATH, TopicCodec, topicName, writePolicyRecords, type PolicyOrder } from '../../topics';
import { withContext, type CommandContext } from '../context';
import { jsonLine, printRows, reportError } from '../output';
import { writeOrAsk } from '../role-client';

const URL_DOC = 'address of the role that writes, where another process has the embedded log; by default on this machine';
const MOST_IN_ORDER = 100;

interface ApplyOptions {
  readonly dryRun?: boolean;
  readonly url?: string;
}

/** `netweaver policies`: what paths must keep to, written to the log and read from it. */
export function register(program: Command): void {
  const policies = program.command('policies').description('Policies of paths: which pairs must keep to what, and what links cost for them. docs/paths.md has the format.');
  policies
    .command('apply <file>')
    .description('Writes the policies of a file, YAML or JSON; others stay as they are. A file with a fault changes nothing.')
    .option('--dry-run', 'check the file and write nothing')
    .option('--url <url>', URL_DOC)
    .action((file: string, options: ApplyOptions, command: Command) => apply(file, options, command));
  policies
    .command('list')
    .description('The policies as they are, by priority.')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: { json?: boolean }, command: Command) => withContext(command, async (context) => list(await policiesNow(context), json)));
  policies
    .command('show [name...]')
    .description('Policies, all without a name, as a file that `apply` reads.')
    .action((names: string[], _options: unknown, command: Command) => withContext(command, async (context) => void process.stdout.write(writePolicies(named(await policiesNow(context), names)))));
  policies
    .command('remove <name...>')
    .description('Takes policies away: their pairs go back to the shortest paths.')
    .option('--url <url>', URL_DOC)
    .action((names: string[], { url }: ApplyOptions, command: Command) =>
      withContext(command, async (context) => {
        named(await policiesNow(context), names);
        await writeOrAsk(() => writePolicyRecords(context, [], names), POLICIES_PATH, { url, bodies: [{ remove: names } satisfies PolicyOrder] }, command);
        process.stdout.write(`${names.length} removed.\n`);
      }),
    );
}

async function apply(file: string, { dryRun = false, url }: ApplyOptions, command: Command): Promise<void> {
  try {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      throw new NetWeaverError('NW_POLICY_INVALID', `${file}: ${(error as Error).message}`);
    }
    const policies = readPolicies(text, Date.now());
    if (!dryRun) await withContext(command, (context) => writeOrAsk(() => writePolicyRecords(context, policies, []), POLICIES_PATH, { url, bodies: ordersOf(policies) }, command));
    if (process.exitCode === undefined || process.exitCode === 0) process.stdout.write(`${policies.length} ${dryRun ? 'without a fault' : 'written'}: ${policies.map(({ name }) => name).join(', ')}\n`);
  } catch (error) {
    reportError(error);
  }
}

/** Orders to a role, none larger than what its server takes; a policy too long for one is an order of its own, which is refused. */
function ordersOf(policies: readonly PathPolicy[]): PolicyOrder[] {
  const orders: PolicyOrder[] = [];
  for (let from = 0; from < policies.length; ) {
    let count = Math.min(policies.length - from, MOST_IN_ORDER);
    const order = (): PolicyOrder => ({ apply: writePolicies(policies.slice(from, from + count)) });
    while (count > 1 && Buffer.byteLength(JSON.stringify(order())) > MAX_BODY_BYTES) count = count >> 1;
    orders.push(order());
    from += count;
  }
  return orders;
}

async function topicOf({ config, log }: Pick<CommandContext, 'config' | 'log'>): Promise<string> {
  const topic = topicName(POLICIES, config);
  if (!(await log.admin.listTopics()).some(({ name }) => name === topic)) throw new NetWeaverError('NW_TOPIC_MISSING', `'${topic}' is not on the log.`);
  return topic;
}

/** The policies as they are, in the order in which they count. @throws NW_TOPIC_MISSING, NW_LOG_UNREACHABLE, NW_REGISTRY_UNREACHABLE */
export async function policiesNow({ config, log, registry }: CommandContext): Promise<readonly PathPolicy[]> {
  const topic = await topicOf({ config, log });
  const codec = TopicCodec.forReading(POLICIES, registry);
  const reader = await log.reader();
  try {
    const values = new Map<string, Buffer>();
    for (const { partition, begin, end } of await reader.bounds(topic)) {
      for await (const { key, value } of reader.read({ topic, partition }, begin, end)) {
        if (key === null) continue;
        if (value === null) values.delete(key.toString());
        else values.set(key.toString(), value);
      }
    }
    const policies: PathPolicy[] = [];
    for (const [name, value] of values) policies.push({ ...(await codec.decode(value)), name });
    return policies.sort((one, other) => other.priority - one.priority || (one.name < other.name ? -1 : 1));
  } finally {
    await reader.close();
  }
}

/** Those of some names, all without one. @throws NW_USAGE a name that none has */
export function named(policies: readonly PathPolicy[], names: readonly string[]): readonly PathPolicy[] {
  const missing = names.filter((name) => !policies.some((policy) => policy.name === name));
  if (missing.length > 0) throw new NetWeaverError('NW_USAGE', `There is no policy ${missing.join(', ')}; there ${policies.length === 0 ? 'are none' : `are ${policies.map(({ name }) => name).join(', ')}`}.`);
  return names.length === 0 ? policies : policies.filter(({ name }) => names.includes(name));
}

function list(policies: readonly PathPolicy[], json: boolean): void {
  if (json) {
    for (const policy of policies) process.stdout.write(`${jsonLine(policy)}\n`);
    return;
  }
  const all = (text: string, otherwise: string): string => patternsOf(text).join(' ') || otherwise;
  printRows(
    policies.map(({ name, priority, sources, targets, prefixes, time, ...of }) => ({
      policy: name, priority, from: all(sources, 'all'), to: [all(targets, prefixes === '' ? 'all' : ''), all(prefixes, '')].filter(Boolean).join(' '), asks: asks({ name, priority, sources, targets, prefixes, time, ...of }), since: new Date(time).toISOString(),
    })),
    { json: false },
  );
}

/** In a few words. */
function asks(of: PathPolicy): string {
  const words = [
    of.latencyWeight === null && of.utilisationWeight === null && of.lossWeight === null ? '' : 'weights',
    of.avoidDevices + of.avoidLinks + of.avoidRiskGroups === '' ? '' : 'avoid',
    of.includeDevices + of.includeLinks === '' ? '' : 'include',
    of.disjoint === '' ? '' : `${of.disjoint}-disjoint`,
    of.maxLatencyMs === null ? '' : `at most ${of.maxLatencyMs} ms`,
    of.minBitsPerSecond === null ? '' : `at least ${of.minBitsPerSecond / 1e6} Mbit/s`,
    of.paths === 1 ? '' : `${of.paths} paths`,
  ];
  return words.filter(Boolean).join(', ');
}
