/**
 * Headers of every record: CloudEvents 1.0 in Kafka's binary binding (`ce_*`), W3C `traceparent`, and `causes`, which says
 * what a record was computed from: ranges of offsets, and hashes of what decided beside them.
 *
 * `causes` is words with a space between: `flows.raw/3/100-120 flows.raw/3/130-131 config=9f2c…`. A range holds its
 * first and its last offset.
 */
import { malformed } from '../schemas/avro';
import type { Headers } from '../infra/log/log';

/** Offsets of one partition, from `first` to `last`, both included. */
export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly first: number;
  readonly last: number;
}

/** What a record was computed from. */
export interface Causes {
  readonly ranges: readonly OffsetRange[];
  /** Hash of the component's configuration, see `Configuration.hash`. */
  readonly config?: string;
  /** Hash of the model that scored it. */
  readonly model?: string;
}

/** What {@link eventHeaders} writes. */
export interface EventHeaders {
  /** Unique within `source`; the same for the same input. */
  readonly id: string;
  /** URI reference of the component, e.g. `/netweaver/dedup/3`. */
  readonly source: string;
  /** Full name of the record, e.g. `netweaver.flows.FlowBatch`. */
  readonly type: string;
  /** When it happened, milliseconds since the epoch. */
  readonly timeMs: number;
  readonly causes?: Causes;
  /** W3C Trace Context, `00-<trace>-<span>-<flags>`. */
  readonly traceparent?: string;
}

/** Headers of an event (CloudEvents, Kafka protocol binding 1.0.2, 3.2 "Binary Content Mode"). */
export function eventHeaders({ id, source, type, timeMs, causes, traceparent }: EventHeaders): Headers {
  const headers: Record<string, string> = { ce_specversion: '1.0', ce_id: id, ce_source: source, ce_type: type, ce_time: new Date(timeMs).toISOString() };
  if (causes !== undefined) headers['causes'] = formatCauses(causes);
  if (traceparent !== undefined) headers['traceparent'] = traceparent;
  return headers;
}

/** Text of `causes`. */
export function formatCauses({ ranges, config, model }: Causes): string {
  const words = ranges.map(({ topic, partition, first, last }) => `${topic}/${partition}/${first}-${last}`);
  if (config !== undefined) words.push(`config=${config}`);
  if (model !== undefined) words.push(`model=${model}`);
  return words.join(' ');
}

const RANGE = /^([A-Za-z0-9._-]+)\/(\d{1,10})\/(\d{1,16})-(\d{1,16})$/;

/** The causes that a text says; words `name=value` of other names are passed over. @throws NW_SCHEMA_MALFORMED */
export function parseCauses(text: string): Causes {
  const ranges: OffsetRange[] = [];
  const named = new Map<string, string>();
  for (const word of text.split(' ').filter(Boolean)) {
    const equals = word.indexOf('=');
    if (equals > 0) {
      named.set(word.slice(0, equals), word.slice(equals + 1));
      continue;
    }
    const match = RANGE.exec(word);
    const [partition, first, last] = match?.slice(2).map(Number) ?? [];
    if (match === null || first > last || !Number.isSafeInteger(last)) throw malformed(`'${word.slice(0, 200)}' in the header causes is no topic/partition/first-last.`);
    ranges.push({ topic: match[1], partition, first, last });
  }
  return { ranges, config: named.get('config'), model: named.get('model') };
}
