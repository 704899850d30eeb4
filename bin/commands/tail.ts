import { once } from 'node:events';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { hasCode, NetWeaverError } from '../../infra/errors';
import type { LogReader, LogRecord } from '../../infra/log/log';
import { ALERTS, ANOMALIES, CATALOGUE, type Topic } from '../../topics/catalogue';
import { TopicCodec } from '../../topics/codec';
import { topicName } from '../../topics/names';
import { anomalyLines, changeLines } from '../alerts-text';
import { withContext } from '../context';
import { jsonLine } from '../output';

/** What people read of a value. */
type Words = (value: unknown, partition: number, offset: number) => readonly string[];

interface Line {
  readonly partition: number;
  readonly offset: number;
  readonly value: unknown;
  readonly error?: string;
}

interface TailOptions {
  readonly fromBeginning?: boolean;
  readonly limit?: number;
  readonly follow: boolean;
  readonly json?: boolean;
}

const count = (text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
};

/** Topics whose records are printed for people unless JSON is asked for. */
const READABLE = new Map<Topic<never>, (value: never, place: string) => readonly string[]>([[ALERTS as Topic<never>, changeLines], [ANOMALIES as Topic<never>, anomalyLines]]);

/** `netweaver tail`: the records of a topic, decoded, one JSON object a line; alerts and anomalies with what speaks for them, in words. */
export function register(program: Command): void {
  program
    .command('tail <topic>')
    .description('Prints the records of a topic as they come, one JSON object a line: partition, offset, time, key, headers, decoded value. Those of alerts and anomalies in words, with what speaks for them.')
    .option('--from-beginning', 'begin with the oldest record that is kept')
    .option('--no-follow', 'end at the last record that is there now, instead of waiting for more')
    .option('--limit <n>', 'end after so many records', count)
    .option('--json', 'JSON of alerts and anomalies too')
    .action((name: string, options: TailOptions, command: Command) => tail(name, options, command));
}

async function tail(name: string, options: TailOptions, command: Command): Promise<void> {
  await withContext(command, async ({ config, log, registry }) => {
    const topic = CATALOGUE.find((candidate) => candidate.name === name || topicName(candidate, config) === name);
    const onLog = topic === undefined ? name : topicName(topic, config);
    const known = (await log.admin.listTopics()).map((there) => there.name);
    if (!known.includes(onLog)) throw new NetWeaverError('NW_TOPIC_MISSING', `'${onLog}' is not on the log; there are ${known.join(', ') || 'none'}.`);
    const codec = topic === undefined ? null : TopicCodec.forReading(topic, registry);
    const readable = READABLE.get(topic as Topic<never>);
    const words: Words | undefined = readable === undefined ? undefined : (value, partition, offset) => readable(value as never, `${onLog}/${partition}/${offset}`);
    const stop = new AbortController();
    const interrupt = (): void => stop.abort();
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const reader = await log.reader();
    try {
      let left = options.limit ?? Infinity;
      for await (const record of recordsOf(reader, onLog, options, stop.signal)) {
        if (!process.stdout.write(textOf(await lineOf(record, codec), options.json === true ? undefined : words) + '\n')) await once(process.stdout, 'drain', { signal: stop.signal }).catch(() => undefined);
        if (--left <= 0 || stop.signal.aborted) break;
      }
    } finally {
      process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt);
      await reader.close();
    }
  });
}

async function* recordsOf(reader: LogReader, topic: string, { fromBeginning = false, follow }: TailOptions, signal: AbortSignal): AsyncGenerator<LogRecord> {
  const bounds = await reader.bounds(topic);
  if (follow) {
    yield* reader.follow(topic, signal, fromBeginning ? new Map(bounds.map(({ partition, begin }) => [partition, begin])) : undefined);
  } else if (fromBeginning) {
    for (const { partition, begin, end } of bounds) yield* reader.read({ topic, partition }, begin, end);
  }
}

/** A record in words where there are some for it, else as JSON. */
const textOf = (line: Line, words: Words | undefined): string => (words === undefined || line.value === null || line.error !== undefined ? jsonLine(line) : words(line.value, line.partition, line.offset).join('\n'));

/** What is printed of a record. What cannot be decoded is printed as bytes, with the error. */
async function lineOf(record: LogRecord, codec: TopicCodec<unknown> | null): Promise<Line> {
  const { partition, offset, timestampMs, key, value, headers } = record;
  const head = { partition, offset, time: new Date(timestampMs).toISOString(), key: key === null ? null : readable(key), headers };
  if (value === null || codec === null) return { ...head, value };
  try {
    return { ...head, value: await codec.decode(value) };
  } catch (error) {
    if (hasCode(error, 'NW_SCHEMA_MALFORMED') || hasCode(error, 'NW_SCHEMA_UNKNOWN')) return { ...head, error: `${error.code}: ${error.message}`, value };
    throw error;
  }
}

/** A key's text where it is UTF-8 without control characters, else its bytes. */
const readable = (key: Buffer): string | Buffer => {
  const text = key.toString('utf8');
  return /^[^\p{Cc}\ufffd]*$/u.test(text) ? text : key;
};
