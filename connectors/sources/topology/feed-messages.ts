/** Messages of a feed, checked; docs/topology.md describes them for those who write the other side. */
import { elementKey, NOTHING_SAID, type Element } from '../../../domain/topology/elements';

/** Everything that the network of the feed is made of, as of a sequence number. */
export interface SnapshotMessage {
  readonly type: 'snapshot';
  readonly sequence: number;
  /** Milliseconds since the epoch; null where the feed says none. */
  readonly timeMs: number | null;
  readonly elements: readonly Element[];
  /** Entries that are none. */
  readonly malformed: number;
  readonly duplicates: number;
}

/** Changes that follow on the message of the number before. */
export interface DeltaMessage {
  readonly type: 'delta';
  readonly sequence: number;
  readonly timeMs: number | null;
  readonly changes: readonly { readonly change: string; readonly element: Element }[];
  readonly malformed: number;
}

/** A kind that is not known here, or that says nothing of the network. */
export interface OtherMessage {
  readonly type: 'other';
}

export type FeedMessage = SnapshotMessage | DeltaMessage | OtherMessage;

const TEXTS = ['address', 'site', 'a', 'aInterface', 'b', 'bInterface'] as const;
const NUMBERS = ['latitude', 'longitude', 'ifIndex', 'bitsPerSecond', 'latencyMs', 'metric', 'metricBack'] as const;
const FIELDS: ReadonlySet<string> = new Set(['element', 'id', 'up', 'riskGroups', 'prefixes', 'attributes', 'change', ...TEXTS, ...NUMBERS]);
/** Longest name. */
const MOST_NAME = 1024;

/** Reads a message. Null where it is none: no JSON, no object, no sequence. */
export function readFeedMessage(text: string): FeedMessage | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(message) || typeof message.type !== 'string') return null;
  const { type, sequence, time } = message;
  if (type !== 'snapshot' && type !== 'delta') return { type: 'other' };
  const entries = type === 'snapshot' ? message.elements : message.changes;
  if (!Number.isSafeInteger(sequence) || (sequence as number) < 0 || !Array.isArray(entries)) return null;
  const timeMs = typeof time === 'number' && Number.isFinite(time) ? Math.round(time) : typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? Date.parse(time) : null;
  const head = { sequence: sequence as number, timeMs };
  if (type === 'snapshot') {
    const read = entries.map((entry: unknown) => readElement(entry, true));
    const elements = new Map<string, Element>();
    for (const element of read) if (element !== null && !elements.has(elementKey(element))) elements.set(elementKey(element), element);
    const malformed = read.filter((element) => element === null).length;
    return { type, ...head, elements: [...elements.values()], malformed, duplicates: read.length - malformed - elements.size };
  }
  const changes = entries.flatMap((entry: unknown) => {
    const change = isObject(entry) && typeof entry.change === 'string' && entry.change !== '' && entry.change !== 'complete' ? entry.change.slice(0, MOST_NAME) : null;
    const element = change === null ? null : readElement(entry, change === 'added' || change === 'changed' || change === 'present');
    return element === null ? [] : [{ change: change!, element }];
  });
  return { type, ...head, changes, malformed: entries.length - changes.length };
}

/** An element; null where what it says cannot be one. What has no field of its own is an attribute. */
function readElement(entry: unknown, complete: boolean): Element | null {
  if (!isObject(entry)) return null;
  const { element, id, up = null, attributes = {} } = entry;
  if (!isName(element) || !isName(id) || !(up === null || typeof up === 'boolean') || !isObject(attributes)) return null;
  const [riskGroups, prefixes] = [listOf(entry.riskGroups), listOf(entry.prefixes)];
  if (riskGroups === null || prefixes === null) return null;
  const values: Record<string, unknown> = {};
  for (const name of TEXTS) {
    const value = entry[name] ?? null;
    if (value !== null && (typeof value !== 'string' || value.length > MOST_NAME)) return null;
    values[name] = value;
  }
  for (const name of NUMBERS) {
    const value = entry[name] ?? null;
    if (value !== null && typeof value !== 'number') return null;
    values[name] = value;
  }
  // The schema has whole numbers for these.
  for (const name of ['ifIndex', 'bitsPerSecond']) if (values[name] !== null && !Number.isSafeInteger(values[name])) return null;
  if (complete && element === 'link' && (!isName(values.a) || !isName(values.b))) return null;
  const others = Object.entries({ ...Object.fromEntries(Object.entries(entry).filter(([name]) => !FIELDS.has(name))), ...attributes });
  return { ...NOTHING_SAID, ...values, element, id, up, riskGroups, prefixes, attributes: Object.fromEntries(others.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])) };
}

/** Names as a list or as text with commas; null where it is neither. */
const listOf = (value: unknown = ''): string | null => (Array.isArray(value) ? value.map(String).join(',') : typeof value === 'string' ? value : null);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isName = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= MOST_NAME;
