import type { Message } from 'node-rdkafka';
import type { LogRecord } from '../log';

/** A message of node-rdkafka as a record. */
export function recordOf({ topic, partition, offset, timestamp, key, value, headers }: Message): LogRecord {
  const named: Record<string, string> = {};
  for (const header of headers ?? []) for (const name in header) named[name] = String(header[name]);
  return { topic, partition, offset, timestampMs: timestamp ?? 0, key: key?.length ? (key as Buffer) : null, value: value?.length ? value : null, headers: named };
}
