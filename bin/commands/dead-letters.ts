import { InvalidArgumentError, type Command } from 'commander';
import { NetWeaverError } from '../../infra/errors';
import { LetterBox, TopicCodec, topicName, topicNamed, type LetterFilter, type StoredLetter } from '../../topics';
import { withContext, type CommandContext } from '../context';
import { jsonLine, printRows } from '../output';

interface FilterOptions {
  readonly component?: string;
  readonly code?: string;
  readonly topic?: string;
  readonly since?: number;
  readonly closed?: boolean;
}

const offset = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be the offset of a dead letter, as `netweaver dead-letters list` prints it.');
  return Number(text);
};
const offsets = (text: string, before: readonly number[] = []): number[] => [...before, offset(text)];
const time = (text: string): number => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It must be a time, as 2026-01-02T03:00:00Z.');
  return ms;
};

/** `netweaver dead-letters list | show | redrive`: what could not be processed. */
export function register(program: Command): void {
  const letters = program.command('dead-letters').description('Lists records that a component refused, shows one with its bytes, and drives them again when the cause is mended.');
  const filtered = (command: Command): Command =>
    command
      .option('--component <name>', 'of this component, as dedup')
      .option('--code <code>', 'refused for this reason, as NW_SCHEMA_MALFORMED')
      .option('--topic <name>', 'that came from this topic')
      .option('--since <time>', 'whose record is of this time or later', time);

  filtered(letters.command('list'))
    .description('One line a letter: offset, component, place of the record, code, time, message.')
    .option('--closed', 'those too that were driven again')
    .option('--json', 'one JSON object a line')
    .action((options: FilterOptions & { readonly json?: boolean }, command: Command) =>
      withBox(command, async (box, context) => {
        const rows = (await box.list(filterOf(options, context))).map(({ offset: at, component, sourceTopic, sourcePartition, sourceOffset, code, time: ms, message, closed }) => ({
          offset: at, component, record: `${sourceTopic}/${sourcePartition}/${sourceOffset}`, code, time: new Date(ms).toISOString(), ...(options.closed ? { closed } : {}), message,
        }));
        if (rows.length === 0 && !options.json) process.stdout.write('There are none.\n');
        else printRows(rows, { json: options.json ?? false });
      }),
    );

  letters
    .command('show <offset>')
    .description('Everything about one letter: what refused it and why, its bytes, and its value as far as it can be decoded.')
    .action((text: string, _options: unknown, command: Command) =>
      withBox(command, async (box, context) => {
        const [letter] = await box.list({ offsets: new Set([offset(text)]), closed: true });
        if (letter === undefined) throw new NetWeaverError('NW_RECORD_MISSING', `There is no dead letter ${text}.`);
        process.stdout.write(jsonLine(await shown(letter, context)) + '\n');
      }),
    );

  filtered(letters.command('redrive'))
    .description('Appends the records to the topics that they came from, for the component that refused them alone, and closes the letters. At least once.')
    .option('--offset <n>', 'this letter; may be repeated', offsets)
    .option('--all', 'all that are open')
    .action((options: FilterOptions & { readonly offset?: readonly number[]; readonly all?: boolean }, command: Command) =>
      withBox(command, async (box, context) => {
        const { offset: named, all, ...filter } = options;
        if (named === undefined && all !== true && Object.keys(filter).length === 0) throw new NetWeaverError('NW_USAGE', 'Which letters? Give --offset, --component, --code, --topic, --since, or --all.');
        const chosen = await box.list({ ...filterOf(filter, context), offsets: named === undefined ? undefined : new Set(named) });
        const missing = (named ?? []).filter((n) => !chosen.some((letter) => letter.offset === n));
        if (missing.length > 0) throw new NetWeaverError('NW_RECORD_MISSING', `There is no open dead letter ${missing.join(', ')} of that kind.`);
        await box.redrive(chosen, (letter) => process.stdout.write(`${letter.offset}: ${letter.sourceTopic}/${letter.sourcePartition}/${letter.sourceOffset} again, for ${letter.component}\n`));
        process.stdout.write(`${chosen.length} driven again.\n`);
      }),
    );
}

async function withBox(command: Command, use: (box: LetterBox, context: CommandContext) => Promise<void>): Promise<void> {
  await withContext(command, async (context) => {
    const reader = await context.log.reader();
    try {
      await use(new LetterBox(context.log, reader, context.config, context.registry), context);
    } finally {
      await reader.close();
    }
  });
}

function filterOf({ topic, ...rest }: FilterOptions, { config }: CommandContext): LetterFilter {
  const named = topic === undefined ? undefined : topicNamed(topic, config);
  return { ...rest, topic: named === undefined ? topic : topicName(named, config) };
}

/** A letter with its value decoded where that goes. */
async function shown({ recordKey: _, ...letter }: StoredLetter, { config, registry }: CommandContext): Promise<Record<string, unknown>> {
  const topic = topicNamed(letter.sourceTopic, config);
  const line = { ...letter, time: new Date(letter.time).toISOString() };
  if (topic === undefined || letter.value === null) return line;
  try {
    return { ...line, decoded: await TopicCodec.forReading(topic, registry).decode(letter.value) };
  } catch (error) {
    return { ...line, undecodable: (error as Error).message };
  }
}
