/** Records, partitions and positions in the tables of {@link Environment}: what producer, member, reader and admin share. */
import { NetWeaverError } from '../../errors';
import type { LogRecord, OutgoingRecord, Position } from '../log';
import { decodeFrame, encodeFrame, frameTimestamp } from './frame';
import { offsets } from './environment';
import type { Environment } from './environment';
import type { PartitionState, TopicEntry } from './tables';

/** Distance of entries in the sparse indexes, milliseconds. */
const INDEX_MS = 1000;

/** A record ready to be stored. */
export interface Framed {
  readonly topic: string;
  readonly partition: number;
  readonly frame: Buffer;
  readonly hasKey: boolean;
}

/** Copies records into frames; their buffers may be used again afterwards. */
export const toFrames = (records: readonly OutgoingRecord[]): Framed[] => {
  const now = Date.now();
  return records.map((record) => ({ topic: record.topic, partition: record.partition, frame: encodeFrame(record, now), hasKey: Boolean(record.key?.length) }));
};

/** Bytes of the frames. */
export const bytesOf = (records: readonly Framed[]): number => records.reduce((sum, { frame }) => sum + frame.length, 0);

/** A topic. @throws NW_TOPIC_MISSING */
export function topicEntry(env: Environment, name: string): TopicEntry {
  const entry = env.topics.get(name);
  if (!entry) throw new NetWeaverError('NW_TOPIC_MISSING', `There is no topic ${name}.`);
  return entry;
}

/** A partition's state; an untouched partition's where nothing was appended yet. */
export const partitionState = (env: Environment, topicId: number, partition: number): PartitionState =>
  env.partitions.get([topicId, partition]) ?? { begin: 0, next: 0, bytes: 0, maxMs: -Infinity, indexedMs: -Infinity, appendedMs: 0, appendIndexedMs: 0, cleaned: 0 };

/**
 * Stores records, in their order, inside a write transaction.
 * @throws NW_TOPIC_MISSING, NW_LOG_REJECTED (a partition that is not there, a compacted topic's record without a key)
 */
export function appendFrames(env: Environment, records: readonly Framed[]): void {
  const now = Date.now();
  const topics = new Map<string, { entry: TopicEntry; states: Map<number, PartitionState> }>();
  for (const { topic, partition, frame, hasKey } of records) {
    let known = topics.get(topic);
    if (!known) topics.set(topic, (known = { entry: topicEntry(env, topic), states: new Map() }));
    const { entry, states } = known;
    if (!(partition >= 0 && partition < entry.partitions)) throw new NetWeaverError('NW_LOG_REJECTED', `${topic} has partitions 0 to ${entry.partitions - 1}, not ${partition}.`);
    if (entry.cleanup === 'compact' && !hasKey) throw new NetWeaverError('NW_LOG_REJECTED', `${topic} is compacted: every record needs a key.`);
    let state = states.get(partition);
    if (!state) states.set(partition, (state = partitionState(env, entry.id, partition)));
    if (now - state.appendIndexedMs >= INDEX_MS) {
      env.appends.put([entry.id, partition, now], state.next);
      state.appendIndexedMs = now;
    }
    state.appendedMs = now;
    const timestamp = frameTimestamp(frame);
    if (timestamp > state.maxMs) {
      state.maxMs = timestamp;
      if (timestamp - state.indexedMs >= INDEX_MS) {
        env.times.put([entry.id, partition, timestamp], state.next);
        state.indexedMs = timestamp;
      }
    }
    env.records.put([entry.id, partition, state.next], frame);
    state.next++;
    state.bytes += frame.length;
  }
  for (const { entry, states } of topics.values()) {
    for (const [partition, state] of states) env.partitions.put([entry.id, partition], state);
  }
}

/** Stores a group's positions inside a write transaction. @throws NW_TOPIC_MISSING */
export function putPositions(env: Environment, group: string, positions: readonly Position[]): void {
  for (const { topic, partition, next } of positions) env.positions.put([group, topicEntry(env, topic).id, partition], next);
}

/** Records from `from` up to `to`, as many as fit `maxRecords` and `maxBytes` (at least one). */
export function readRecords(env: Environment, topic: string, topicId: number, partition: number, from: number, to: number, maxRecords: number, maxBytes: number): LogRecord[] {
  const records: LogRecord[] = [];
  let bytes = 0;
  for (const { key, value } of env.records.getRange({ ...offsets(topicId, partition, from, to), limit: maxRecords })) {
    records.push(decodeFrame(topic, partition, (key as number[])[2], value));
    bytes += value.length;
    if (bytes >= maxBytes) break;
  }
  return records;
}

/** First offset with a timestamp at or after `timestampMs`, or the end. */
export function offsetAt(env: Environment, topicId: number, partition: number, timestampMs: number): number {
  const { begin, next, maxMs } = partitionState(env, topicId, partition);
  if (timestampMs > maxMs) return next;
  // Everything before the last index entry that is earlier than the time asked for is earlier too.
  let from = begin;
  for (const { value } of env.times.getRange({ start: [topicId, partition, timestampMs], end: [topicId, partition], reverse: true, exclusiveStart: true, limit: 1 })) from = Math.max(begin, value);
  for (const { key, value } of env.records.getRange(offsets(topicId, partition, from, next))) {
    if (frameTimestamp(value) >= timestampMs) return (key as number[])[2];
  }
  return next;
}
