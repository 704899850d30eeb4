import { once } from 'node:events';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { hasCode, NetWeaverError } from '../../infra/errors';
import type { LogReader, LogRecord } from '../../infra/log/log';
import { CATALOGUE } from '../../topics/catalogue';
import { TopicCodec } from '../../topics/codec';
import { topicName } from '../../topics/names';
import { withContext } from '../context';
import { jsonLine } from '../output';

interface TailOptions {
  readonly fromBeginning?: boolean;
  readonly limit?: number;
  readonly follow: boolean;
}

const count = (text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
};

/** `netweaver tail`: the records of a topic, decoded, one JSON object a line. */
export function register(program: Command): void {
  program
    .command('tail <topic>')
    .description('Prints the records of a topic as they come, one JSON object a line: partition, offset, time, key, headers, decoded value.')
    .option('--from-beginning', 'begin with the oldest record that is kept')
    .option('--no-follow', 'end at the last record that is there now, instead of waiting for more')
    .option('--limit <n>', 'end after so many records', count)
    .action((name: string, options: TailOptions, command: Command) => tail(name, options, command));
}

async function tail(name: string, options: TailOptions, command: Command): Promise<void> {
  await withContext(command, async ({ config, log, registry }) => {
    const topic = CATALOGUE.find((candidate) => candidate.name === name || topicName(candidate, config) === name);
    const onLog = topic === undefined ? name : topicName(topic, config);
    const known = (await log.admin.listTopics()).map((there) => there.name);
    if (!known.includes(onLog)) throw new NetWeaverError('NW_TOPIC_MISSING', `'${onLog}' is not on the log; there are ${known.join(', ') || 'none'}.`);
    const codec = topic === undefined ? null : TopicCodec.forReading(topic, registry);
    const stop = new AbortController();
    const interrupt = (): void => stop.abort();
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const reader = await log.reader();
    try {
      let left = options.limit ?? Infinity;
      for await (const record of recordsOf(reader, onLog, options, stop.signal)) {
        if (!process.stdout.write(jsonLine(await lineOf(record, codec)) + '\n')) await once(process.stdout, 'drain', { signal: stop.signal }).catch(() => undefined);
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

/** What is printed of a record. What cannot be decoded is printed as bytes, with the error. */
async function lineOf(record: LogRecord, codec: TopicCodec<unknown> | null): Promise<Record<string, unknown>> {
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
