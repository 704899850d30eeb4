/**
 * Housekeeping of the embedded log: retention, compaction, and the records of deleted topics. Works in slices of a few
 * records, each a transaction of its own, so that appends pass between them.
 *
 * Retention goes by the clock time of the append, not by the record's timestamp: replaying an old capture does not delete it.
 * Compaction keeps the latest record of a key; a tombstone that is the latest goes after {@link MaintainOptions.tombstoneMs}.
 * Offsets are never used again, and what remains keeps its own.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { frameKey, isTombstone } from './frame';
import { offsets } from './environment';
import type { Environment } from './environment';
import type { PartitionState, TopicEntry } from './tables';
import { partitionState } from './store';

/** Settings of {@link maintain}. */
export interface MaintainOptions {
  /** How long a tombstone stays, so that slow readers meet it. Milliseconds. */
  readonly tombstoneMs: number;
  /** The clock. Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** A slice ends with the first of these. */
const SLICE_RECORDS = 1000;
const SLICE_BYTES = 4 * 2 ** 20;
/** Keys up to this length stand for themselves in the index of latest records, longer ones by their SHA-256. */
const PLAIN_KEY_BYTES = 96;

/** One round over all topics. Stops early, between slices, when `stopped` says so. */
export async function maintain(env: Environment, options: MaintainOptions, stopped: () => boolean = () => false): Promise<void> {
  const slices = async (slice: () => boolean): Promise<void> => {
    while (!stopped() && (await env.write(0, slice))) await setImmediate();
  };
  env.refresh();
  for (const { value: topic } of [...env.topics.getRange()]) {
    for (let partition = 0; partition < topic.partitions; partition++) {
      if (topic.cleanup === 'compact') {
        await slices(() => compactSlice(env, topic, partition, options.nowMs));
        await slices(() => dropTombstones(env, topic, partition, options));
      } else {
        await slices(() => retainSlice(env, topic, partition, options.nowMs));
      }
    }
  }
  await slices(() => dropDeleted(env));
}

/** The records of the next slice, and whether it reaches the end of the range. */
function sliceOf(env: Environment, id: number, partition: number, from: number, to: number): { records: { offset: number; frame: Buffer }[]; last: boolean } {
  const records: { offset: number; frame: Buffer }[] = [];
  let bytes = 0;
  for (const { key, value: frame } of env.records.getRange(offsets(id, partition, from, to))) {
    records.push({ offset: (key as number[])[2], frame });
    bytes += frame.length;
    if (records.length === SLICE_RECORDS || bytes >= SLICE_BYTES) return { records, last: false };
  }
  return { records, last: true };
}

/** Removes what retention no longer covers, from the oldest on. True when there is more to do. */
function retainSlice(env: Environment, { id, retentionMs = -1, retentionBytes = -1 }: TopicEntry, partition: number, nowMs: number): boolean {
  const state = partitionState(env, id, partition);
  const keepFrom = retentionMs < 0 ? state.begin : appendedBefore(env, id, partition, state, nowMs - retentionMs);
  const isOver = (): boolean => state.begin < keepFrom || (retentionBytes >= 0 && state.bytes > retentionBytes);
  if (state.begin === state.next || !isOver()) return false;
  const { records, last } = sliceOf(env, id, partition, state.begin, state.next);
  // Compaction, before the topic's clean-up was altered, may have left gaps.
  if (records.length === 0 && last) state.begin = state.next;
  for (const { offset, frame } of records) {
    if (!isOver()) break;
    env.records.remove([id, partition, offset]);
    state.bytes -= frame.length;
    state.begin = offset + 1;
  }
  for (const index of [env.times, env.appends]) pruneIndex(index, id, partition, state.begin);
  env.partitions.put([id, partition], state);
  return true;
}

/** An index entry is needed while a later one does not take its place at or before the first offset that is asked about. */
function pruneIndex(index: Environment['appends'], id: number, partition: number, first: number): void {
  let previous: number[] | undefined;
  for (const { key, value } of [...index.getRange({ start: [id, partition], end: [id, partition + 1], limit: SLICE_RECORDS })]) {
    if (value > first) break;
    if (previous) index.remove(previous);
    previous = key as number[];
  }
}

/** The offset before which everything was appended at or before `cutoffMs`. */
function appendedBefore(env: Environment, id: number, partition: number, state: PartitionState, cutoffMs: number): number {
  if (state.appendedMs <= cutoffMs) return state.next;
  for (const { value } of env.appends.getRange({ start: [id, partition, cutoffMs], end: [id, partition], reverse: true, limit: 1 })) return value;
  return state.begin;
}

const indexKey = (key: Buffer): string => (key.length <= PLAIN_KEY_BYTES ? key.toString('base64') : `sha256:${createHash('sha256').update(key).digest('base64')}`);

/** Removes the records that a later one of the same key has replaced, `retentionMs` after the later one came. True when there is more to do. */
function compactSlice(env: Environment, { id, retentionMs = 0 }: TopicEntry, partition: number, nowMs: number): boolean {
  if (retentionMs < 0) return false;
  const state = partitionState(env, id, partition);
  const until = retentionMs === 0 ? state.next : appendedBefore(env, id, partition, state, nowMs - retentionMs);
  if (state.cleaned >= until) return false;
  const { records, last } = sliceOf(env, id, partition, state.cleaned, until);
  for (const { offset, frame } of records) {
    state.cleaned = offset + 1;
    const recordKey = frameKey(frame);
    if (!recordKey) {
      // From before the topic was compacted: nothing could ever replace it.
      removeRecord(env, id, partition, offset, state);
      continue;
    }
    const key = [id, partition, indexKey(recordKey)];
    const previous = env.latest.get(key);
    if (previous !== undefined) removeRecord(env, id, partition, previous, state);
    env.latest.put(key, offset);
    if (isTombstone(frame)) env.tombstones.put([id, partition, offset], nowMs);
  }
  if (last) state.cleaned = until;
  pruneIndex(env.appends, id, partition, state.cleaned);
  env.partitions.put([id, partition], state);
  return !last;
}

/** Removes tombstones that have stood long enough. True when there is more to do. */
function dropTombstones(env: Environment, { id }: TopicEntry, partition: number, { nowMs, tombstoneMs }: MaintainOptions): boolean {
  const due = [...env.tombstones.getRange({ start: [id, partition], end: [id, partition + 1], limit: SLICE_RECORDS })].filter(({ value: metMs }) => metMs + tombstoneMs <= nowMs);
  if (due.length === 0) return false;
  const state = partitionState(env, id, partition);
  for (const { key } of due) {
    const offset = (key as number[])[2];
    const frame = env.records.get(key as number[]);
    if (frame) {
      env.latest.remove([id, partition, indexKey(frameKey(frame) as Buffer)]);
      removeRecord(env, id, partition, offset, state);
    } else env.tombstones.remove(key as number[]);
  }
  env.partitions.put([id, partition], state);
  return due.length === SLICE_RECORDS;
}

function removeRecord(env: Environment, id: number, partition: number, offset: number, state: PartitionState): void {
  const at = [id, partition, offset];
  const frame = env.records.get(at);
  if (!frame) return;
  if (isTombstone(frame)) env.tombstones.remove(at);
  env.records.remove(at);
  state.bytes -= frame.length;
}

/** Gives back what deleted topics held. True when there is more to do. */
function dropDeleted(env: Environment): boolean {
  const [id, ...rest] = (env.meta.get('deletedTopics') as number[] | undefined) ?? [];
  if (id === undefined) return false;
  let removed = 0;
  for (const table of [env.records, env.partitions, env.times, env.appends, env.latest, env.tombstones]) {
    for (const key of [...(table as typeof env.times).getKeys({ start: [id], end: [id + 1], limit: SLICE_RECORDS })]) {
      (table as typeof env.times).remove(key);
      removed++;
    }
  }
  if (removed === 0) env.meta.put('deletedTopics', rest);
  return true;
}
