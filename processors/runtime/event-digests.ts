/** Events of a run, to hold those of another run against: by id and order, with a digest of everything that must be the same. */
import { createHash } from 'node:crypto';
import type { Headers, LogRecord, OutgoingRecord } from '../../infra/log/log';
import { parseCauses } from '../../topics';

/** How an event of the second run differs from that of the first. */
export interface EventDifference {
  readonly kind: 'different' | 'missing' | 'extra' | 'twice' | 'order';
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first run's event on its topic; -1 where it has none. */
  readonly offset: number;
  /** The second run's event; null where it is missing. */
  readonly record: OutgoingRecord | null;
}

interface Known {
  readonly digest: string;
  readonly offset: number;
  readonly order: number;
}

type Event = Pick<OutgoingRecord, 'key' | 'value' | 'timestampMs'> & { readonly headers?: Headers };

/** Digest of an event's key, value, time and headers. Its trace is of the run; the hash of the configuration is compared apart. */
export function digestOf({ key, value, timestampMs, headers = {} }: Event): string {
  const hash = createHash('sha256');
  for (const part of [key, value]) {
    hash.update(part === null ? '-' : `${part.length}:`);
    if (part !== null) hash.update(part);
  }
  hash.update(`${timestampMs ?? ''}`);
  for (const name of Object.keys(headers).sort()) {
    if (name !== 'traceparent') hash.update(`\n${name}=${name === 'causes' ? headers[name].replace(/ ?\bconfig=\S*/, '') : headers[name]}`);
  }
  return hash.digest('base64').slice(0, 22);
}

/** Events of one processor on one partition of its input, from one topic of its outputs; its partitions each in their order. */
export class EventDigests {
  /** Events read, and events of the other run that were the same. */
  readonly counts = { expected: 0, identical: 0 };
  /** Hashes of configurations that wrote them. */
  readonly configs = new Set<string>();
  private readonly known = new Map<string, Known>();
  private readonly twice: EventDifference[] = [];
  private readonly reached = new Map<number, number>();

  /** An event of the first run; those of a partition in their order. */
  add(record: LogRecord): void {
    const { topic, partition, offset } = record;
    const id = record.headers.ce_id ?? '';
    const key = `${partition} ${id}`;
    if (this.known.has(key)) this.twice.push({ kind: 'twice', id, topic, partition, offset, record: null });
    this.known.set(key, { digest: digestOf(record), offset, order: this.counts.expected++ });
    const { config } = record.headers.causes === undefined ? {} : parseCauses(record.headers.causes);
    if (config !== undefined) this.configs.add(config);
  }

  /** Holds an event of the other run against them; null where it is the same, in the same order. */
  compare(record: OutgoingRecord): EventDifference | null {
    const { partition, topic } = record;
    const id = record.headers?.ce_id ?? '';
    const key = `${partition} ${id}`;
    const known = this.known.get(key);
    const difference = { id, topic, partition, offset: known?.offset ?? -1, record };
    if (known === undefined) return { ...difference, kind: 'extra' };
    this.known.delete(key);
    const reached = this.reached.get(partition) ?? -1;
    this.reached.set(partition, Math.max(reached, known.order));
    if (known.digest !== digestOf(record)) return { ...difference, kind: 'different' };
    if (known.order < reached) return { ...difference, kind: 'order' };
    this.counts.identical++;
    return null;
  }

  /** Those that the other run does not have, and those that the first run has twice. */
  rest(topic: string): EventDifference[] {
    const missing = [...this.known].map(([key, { offset }]): EventDifference => {
      const space = key.indexOf(' ');
      return { kind: 'missing', id: key.slice(space + 1), topic, partition: Number(key.slice(0, space)), offset, record: null };
    });
    return [...missing, ...this.twice];
  }
}
