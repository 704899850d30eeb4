/** The lmdb tables of the embedded log, opened once a thread. */
import { resolve } from 'node:path';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';

/** A topic as stored. Ids are never used again. */
export interface TopicEntry {
  readonly id: number;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  readonly retentionMs?: number;
  readonly retentionBytes?: number;
}

/** What is known of a partition. Offsets and bytes as counted since its creation. */
export interface PartitionState {
  /** First offset kept. */
  begin: number;
  /** Offset of the next record. */
  next: number;
  /** Bytes of the frames kept. */
  bytes: number;
  /** Greatest timestamp so far, and the one last put into the time index. */
  maxMs: number;
  indexedMs: number;
  /** Clock time of the latest append, and the one last put into the append index. */
  appendedMs: number;
  appendIndexedMs: number;
  /** Compacted topics: records before this offset have been through compaction. */
  cleaned: number;
}

/** The active member of a group; `token` is new with every join, so an older member of the same name finds itself fenced. */
export interface GroupEntry {
  readonly instanceId: string;
  readonly token: string;
}

/** 64 GiB of address space, not of memory or disk; lmdb moves to a greater map when it is used up. Windows allocates a map's file at once, so there it grows from small. */
const MAP_BYTES = process.platform === 'win32' ? undefined : 2 ** 36;

/** What this thread has open, by folder. */
const OPEN = new Map<string, { readonly tables: Tables; users: number }>();

/**
 * One folder's tables in one thread. There is never more than one view of a folder in a thread: lmdb's opening waits for its write lock and keeps the thread meanwhile,
 * and a transaction of another view of the same thread, which has the lock, needs the thread to come to its end.
 */
export class Tables {
  readonly root: RootDatabase<Buffer>;
  /** `[topic id, partition, offset]` → frame. */
  readonly records: Database<Buffer, number[]>;
  /** Topic name → entry. */
  readonly topics: Database<TopicEntry, string>;
  /** `[topic id, partition]` → state. */
  readonly partitions: Database<PartitionState, number[]>;
  /** `[topic id, partition, timestamp]` → first offset that reached this timestamp. Sparse: a second apart or more. */
  readonly times: Database<number, number[]>;
  /** `[topic id, partition, clock time]` → next offset at that time. Sparse: a second apart or more. */
  readonly appends: Database<number, number[]>;
  /** `[group, topic id, partition]` → next offset to consume. */
  readonly positions: Database<number, (string | number)[]>;
  /** Group → active member. */
  readonly groups: Database<GroupEntry, string>;
  /** Compacted topics: `[topic id, partition, key]` → offset of the latest record of that key. */
  readonly latest: Database<number, (string | number)[]>;
  /** Compacted topics: `[topic id, partition, offset]` → clock time at which compaction met this tombstone. */
  readonly tombstones: Database<number, number[]>;
  /** Counters, the owner, topics whose records are still to be removed. */
  readonly meta: Database<unknown, string>;

  private constructor(private readonly path: string) {
    // One transaction an event turn through `Environment.write`; lmdb's own batching of event turns would leave a promise nobody sees.
    this.root = open<Buffer>({ path, encoding: 'binary', pageSize: 8192, mapSize: MAP_BYTES, maxDbs: 16, maxReaders: 512, overlappingSync: false, eventTurnBatching: false });
    this.records = this.root.openDB({ name: 'records', encoding: 'binary' });
    this.topics = this.root.openDB({ name: 'topics', encoding: 'msgpack' });
    this.partitions = this.root.openDB({ name: 'partitions', encoding: 'msgpack' });
    this.times = this.root.openDB({ name: 'times', encoding: 'msgpack' });
    this.appends = this.root.openDB({ name: 'appends', encoding: 'msgpack' });
    this.positions = this.root.openDB({ name: 'positions', encoding: 'msgpack' });
    this.groups = this.root.openDB({ name: 'groups', encoding: 'msgpack' });
    this.latest = this.root.openDB({ name: 'latest', encoding: 'msgpack' });
    this.tombstones = this.root.openDB({ name: 'tombstones', encoding: 'msgpack' });
    this.meta = this.root.openDB({ name: 'meta', encoding: 'msgpack' });
  }

  /** This thread's view of a folder, made where nothing is. Each call wants a {@link close} of its own. */
  static open(folder: string): Tables {
    const path = resolve(folder);
    let entry = OPEN.get(path);
    if (entry === undefined) OPEN.set(path, (entry = { tables: new Tables(path), users: 0 }));
    entry.users++;
    return entry.tables;
  }

  /** The last one closes, when what is under way is done and nobody has come meanwhile. */
  async close(): Promise<void> {
    const entry = OPEN.get(this.path);
    if (entry?.tables !== this || --entry.users > 0) return;
    await this.root.flushed;
    if (entry.users > 0 || OPEN.get(this.path) !== entry) return;
    OPEN.delete(this.path);
    await this.root.close();
  }
}
