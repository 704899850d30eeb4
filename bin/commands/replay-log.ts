import { InvalidArgumentError, type Command } from 'commander';
import { NetWeaverError } from '../../infra/errors';
import { chosen } from '../../processors/runtime/role';
import { replayLog, type Border } from '../../processors/runtime/replay-log';
import type { EventDifference } from '../../processors/runtime/event-digests';
import { SideTopics } from '../../processors/runtime/side-topics';
import { TopicCodec, topicNamed, topicsSection } from '../../topics';
import { withContext, type CommandContext } from '../context';
import { jsonLine, printRows } from '../output';

interface Options {
  readonly processors?: string;
  readonly from: Border;
  readonly to: Border;
  readonly into?: string;
  readonly against?: string;
  readonly show: number;
  readonly discard?: boolean;
  readonly json?: boolean;
}

function border(text: string): Border {
  if (text === 'begin' || text === 'end') return text;
  if (/^\d{1,15}$/.test(text)) return { offset: Number(text) };
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs)) throw new InvalidArgumentError('It must be an offset, a time as 2026-01-02T03:00:00Z, begin or end.');
  return { timeMs };
}

const legal = (text: string): string => {
  if (!/^[A-Za-z0-9_-]{1,60}$/.test(text)) throw new InvalidArgumentError('It must be letters, digits, hyphens and underscores.');
  return text;
};

const count = (text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};

/** `netweaver replay-log`: does the log still lead to the same decisions? */
export function register(program: Command): void {
  program
    .command('replay-log')
    .description('Runs a range of the log through the processors once more, under the present configuration, into side topics, and compares every event with what they wrote then. Ends with exit code 1 where one differs.')
    .option('--processors <names>', 'which, with commas between; by default all')
    .option('--from <border>', 'first record of the input: an offset, a time, or begin', border, 'begin')
    .option('--to <border>', 'end of the range, itself left out: an offset, a time, or end (as far as the processor is)', border, 'end')
    .option('--into <name>', 'name of this replay: its events go to topics replay.<name>.<topic>', legal)
    .option('--against <name>', 'compare with the events of that replay, instead of those of the processors', legal)
    .option('--show <n>', 'differences to print', count, 10)
    .option('--discard', 'delete the side topics at the end')
    .option('--json', 'print one JSON object')
    .action((options: Options, command: Command) => withContext(command, (context) => replay(options, context)));
}

async function replay(options: Options, context: CommandContext): Promise<void> {
  const into = options.into ?? `r${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}`;
  if (into === options.against) throw new NetWeaverError('NW_USAGE', '--into and --against name the same replay.');
  const { prefix } = context.config.get(topicsSection);
  if ((await context.log.admin.listTopics()).some(({ name }) => name.startsWith(SideTopics.nameOf(prefix, into, prefix)))) throw new NetWeaverError('NW_USAGE', `There is a replay ${into} already.`);
  const shown: Record<string, unknown>[] = [];
  let differences = 0;
  const outcome = await replayLog(context, {
    processors: chosen(options.processors?.split(',') ?? []),
    from: options.from,
    to: options.to,
    into,
    against: options.against ?? null,
    onDifference: async (difference) => {
      if (differences++ < options.show) shown.push(await described(difference, options.against, context));
    },
  });
  if (options.discard) await SideTopics.remove(context, into);
  if (differences > 0) process.exitCode = 1;
  if (options.json) {
    process.stdout.write(jsonLine({ replay: into, identical: differences === 0, differences, shown, ...outcome }) + '\n');
    return;
  }
  printRows(outcome.counts.filter(({ replayed, expected }) => replayed + expected > 0) as unknown as Record<string, unknown>[], { json: false });
  for (const difference of shown) process.stdout.write(jsonLine(difference) + '\n');
  for (const [name, { present, found }] of Object.entries(outcome.configs)) {
    if (found.some((hash) => hash !== present)) process.stdout.write(`${name}: the configuration is another one now (${present.slice(0, 12)}; then ${found.map((hash) => hash.slice(0, 12)).join(', ')}).\n`);
  }
  if (outcome.truncated.length > 0) process.stdout.write(`The first records of ${outcome.truncated.join(', ')} are no longer on the log: what depends on them may differ.\n`);
  const replayed = outcome.counts.reduce((sum, counted) => sum + counted.replayed, 0);
  process.stdout.write(differences === 0 ? `${replayed} events, every one identical.\n` : `${replayed} events; ${differences} differ.\n`);
  if (!options.discard) process.stdout.write(`They are on the topics ${prefix}replay.${into}.*\n`);
}

/** A difference with both values, as far as they can be decoded; of large ones the parts that differ. */
async function described({ kind, id, topic, partition, offset, record }: EventDifference, against: string | undefined, { config, log, registry }: CommandContext): Promise<Record<string, unknown>> {
  const line = { kind, id, topic, partition, ...(offset < 0 ? {} : { offset }) };
  if (kind !== 'different' || record === null) return line;
  const reader = await log.reader();
  try {
    const named = topicNamed(topic, config);
    const codec = named === undefined ? null : TopicCodec.forReading(named, registry);
    const decode = async (value: Buffer | null): Promise<unknown> => (value === null || codec === null ? value : codec.decode(value));
    const { prefix } = config.get(topicsSection);
    const from = against === undefined ? topic : SideTopics.nameOf(prefix, against, topic);
    for await (const before of reader.read({ topic: from, partition }, offset, offset + 1)) {
      return { ...line, fields: differing(JSON.parse(jsonLine(await decode(before.value))), JSON.parse(jsonLine(await decode(record.value))), '') };
    }
    return line;
  } finally {
    await reader.close();
  }
}

const MOST_FIELDS = 20;

/** Paths of what differs, with both values; no more than {@link MOST_FIELDS}. */
function differing(then: unknown, now: unknown, path: string, out: Record<string, unknown> = {}): Record<string, unknown> {
  if (Object.keys(out).length >= MOST_FIELDS) return out;
  if (typeof then === 'object' && then !== null && typeof now === 'object' && now !== null) {
    for (const key of new Set([...Object.keys(then), ...Object.keys(now)])) differing((then as Record<string, unknown>)[key], (now as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`, out);
  } else if (then !== now) out[path] = { then, now };
  return out;
}
