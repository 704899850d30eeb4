/** Links as they are, or were, from links.state: for the commands that compute with them. */
import { InvalidArgumentError } from 'commander';
import { NetWeaverError } from '../../infra/errors';
import type { LinkState } from '../../schemas';
import { LINKS_STATE, TopicCodec, topicName } from '../../topics';
import type { CommandContext } from '../context';
import { parseSpan } from './query';

/** What was read. */
export interface LinksAt {
  /** By name. */
  readonly links: readonly LinkState[];
  /** Links of which every record that is still there is later than the time asked for. */
  readonly laterOnly: number;
}

/** `2026-01-31T12:00:00Z`, or `10m` for so long ago. Milliseconds since the epoch. */
export function parseTime(text: string): number {
  const time = /^\d{1,6}[smhd]$/.test(text) ? Date.now() - (parseSpan(text) as number) : Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a time, e.g. 2026-01-31T12:00:00Z, or how long ago, e.g. 10m.');
  return time;
}

/**
 * Folds links.state up to a time, inclusive; all of it without one. The topic is compacted: of a link that has changed since, what it was then may be gone.
 * @throws NW_TOPIC_MISSING the topic, or no link in it; NW_LOG_UNREACHABLE, NW_REGISTRY_UNREACHABLE
 */
export async function linksAt({ config, log, registry }: CommandContext, atMs = Infinity): Promise<LinksAt> {
  const topic = topicName(LINKS_STATE, config);
  if (!(await log.admin.listTopics()).some(({ name }) => name === topic)) throw new NetWeaverError('NW_TOPIC_MISSING', `'${topic}' is not on the log.`);
  const codec = TopicCodec.forReading(LINKS_STATE, registry);
  const reader = await log.reader();
  try {
    const values = new Map<string, Buffer>();
    const later = new Set<string>();
    const known = new Set<string>();
    for (const { partition, begin, end } of await reader.bounds(topic)) {
      for await (const { key, value, timestampMs } of reader.read({ topic, partition }, begin, end)) {
        if (key === null) continue;
        const link = key.toString();
        (timestampMs > atMs ? later : known).add(link);
        if (timestampMs > atMs) continue;
        if (value === null) values.delete(link);
        else values.set(link, value);
      }
    }
    const links: LinkState[] = [];
    for (const value of values.values()) links.push(await codec.decode(value));
    links.sort((one, other) => (one.link < other.link ? -1 : 1));
    return { links, laterOnly: [...later].filter((link) => !known.has(link)).length };
  } finally {
    await reader.close();
  }
}

/** Says on standard error what may be missing of a past state. */
export function warnOfLater({ laterOnly }: LinksAt): void {
  if (laterOnly > 0) process.stderr.write(`Of ${laterOnly} link${laterOnly === 1 ? '' : 's'} every record that is kept is later: not there yet then, or compacted since.\n`);
}
