/**
 * Copies of changelog partitions in an lmdb environment on this machine: the latest record of each key, and a mark that says
 * up to where. A copy makes restarts cheap and may be deleted at any time; the truth is the changelog.
 *
 * A copy may hold records that are newer than its mark, for the mark is moved last: whoever reads the changelog on from the
 * mark meets them again. So a process that is killed at any point leaves a copy that can be used. What a broken disk changes
 * is found by the checksum of each record, and a file that was cut off by its length.
 *
 * Processes and threads may share the environment: whoever opens a copy takes it over, and what its former owner still
 * writes is refused.
 */
import { randomInt } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import { crc32 } from '../../../infra/crc32';
import { NetWeaverError } from '../../../infra/errors';

/** Up to where a copy goes: it holds what the records before `offset` leave, which is the state of the checkpoint `checkpoint` of the run `run`. */
export interface Mark {
  readonly offset: number;
  readonly run: string;
  readonly checkpoint: number;
}

/** What is stored of a copy. `newest` is the checkpoint that records may already be of. */
interface StoredMark extends Partial<Mark> {
  readonly format: number;
  readonly newest?: Pick<Mark, 'run' | 'checkpoint'>;
  /** Clock time of the last writing, milliseconds. */
  readonly savedMs: number;
}

/** A copy that this process has taken over. */
export interface Copy {
  readonly place: string;
  /** Null where there is nothing to use. `newest`: see the file's head. */
  readonly mark: (Mark & { readonly newest: Pick<Mark, 'run' | 'checkpoint'> }) | null;
}

/** How a {@link SnapshotStore} writes. */
export interface SnapshotStoreOptions {
  /** Nothing is written where less of the disk is free. */
  readonly reserveBytes: number;
  /** Bytes of a transaction: what the commit holds in memory, and how long others wait for theirs. */
  readonly sliceBytes?: number;
  /** Told why a folder that was found damaged is thrown away. */
  readonly onDamage: (what: string) => void;
}

interface OwnCopy extends Copy {
  mark: Copy['mark'];
  /** Version of the mark, as this process wrote it; another means that the copy was taken over. */
  version: number;
}

/** Of what is written; a copy of another is thrown away. */
const FORMAT = 1;
/** Default of {@link SnapshotStoreOptions.sliceBytes}. */
const SLICE_BYTES = 8 * 2 ** 20;
/** Bytes summed up in one turn of the event loop. */
const TURN_BYTES = 2 ** 20;
const READ_RECORDS = 64;
/** A copy that was not written for so long is given up: its partition has moved away, or its processor is gone. */
const FORGOTTEN_MS = 7 * 86_400_000;
/** 64 GiB of address space, not of memory or disk. Windows allocates a map's file at once, so there it grows from small. */
const MAP_BYTES = process.platform === 'win32' ? undefined : 2 ** 36;
const PAGE_SIZE = 8192;
/** Where lmdb's own first two pages begin with its magic number. */
const MAGIC = 0xbeef_c0de, MAGIC_AT = 24;
const FILE = 'data.mdb';
const CUT_OFF = 'its file was cut off';

/** See the file's head. */
export class SnapshotStore {
  /** `<place>/<key>` → value of the record; the version of an entry is its checksum. */
  private readonly records: Database<Buffer, string>;
  /** Place → mark; the version of an entry is its owner's. */
  private readonly marks: Database<StoredMark, string>;

  private constructor(
    private readonly path: string,
    private readonly options: SnapshotStoreOptions,
    private readonly root: RootDatabase<Buffer>,
  ) {
    this.records = root.openDB({ name: 'records', encoding: 'binary', useVersions: true });
    this.marks = root.openDB({ name: 'marks', encoding: 'msgpack', useVersions: true });
  }

  /**
   * Opens the folder, and creates it where it is missing; one that is damaged is thrown away. @throws NW_SNAPSHOT_UNWRITABLE
   */
  static open(path: string, options: SnapshotStoreOptions): SnapshotStore {
    try {
      mkdirSync(path, { recursive: true });
      const damage = damageOf(path);
      if (damage === null) {
        const root = openRoot(path);
        if (isWhole(root, path)) return new SnapshotStore(path, options, root);
        void root.close();
      }
      options.onDamage(damage ?? CUT_OFF);
      renameSync(path, `${path}.damaged`);
      rmSync(`${path}.damaged`, { recursive: true, force: true });
      mkdirSync(path, { recursive: true });
      return new SnapshotStore(path, options, openRoot(path));
    } catch (error) {
      throw new NetWeaverError('NW_SNAPSHOT_UNWRITABLE', `${path}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Takes over the copy of a place; one of another format holds nothing. */
  async take(place: string): Promise<Copy> {
    for (;;) {
      this.root.resetReadTxn();
      const version = newVersion();
      const entry = this.marks.getEntry(place);
      const taken = entry === undefined
        ? await this.marks.ifNoExists(place, () => void this.marks.put(place, { format: FORMAT, savedMs: Date.now() }, version))
        : await this.marks.ifVersion(place, entry.version!, () => void this.marks.put(place, entry.value, version));
      if (!taken) continue;
      const { format, offset, run, checkpoint, newest } = entry?.value ?? { format: FORMAT };
      const isUsable = format === FORMAT && offset !== undefined && run !== undefined && checkpoint !== undefined;
      const copy: OwnCopy = { place, version, mark: isUsable ? { offset, run, checkpoint, newest: newest ?? { run, checkpoint } } : null };
      if (!isUsable && entry !== undefined) await this.clear(copy);
      return copy;
    }
  }

  /** The records of a copy, in no order that matters. @throws Error where one is damaged */
  async *read({ place }: Copy): AsyncGenerator<{ key: string; value: Buffer }> {
    this.root.resetReadTxn();
    const end = `${place}0`;
    for (let start = `${place}/`, exclusiveStart = false; ; exclusiveStart = true) {
      let count = 0;
      for (const { key, value, version } of this.records.getRange({ start, end, exclusiveStart, limit: READ_RECORDS, versions: true })) {
        if (crc32(value) !== version) throw new Error(`the record ${key} is damaged`);
        yield { key: key.slice(place.length + 1), value };
        start = key;
        count++;
      }
      if (count < READ_RECORDS) return;
      await setImmediate();
    }
  }

  /**
   * Brings a copy on to `mark`: values by key, null where the key is gone. Resolves to false where the copy was taken over by another.
   * @throws NW_SNAPSHOT_UNWRITABLE the disk is full or refuses; the copy is as good as before
   */
  async save(copy: Copy, changes: ReadonlyMap<string, Buffer | null>, { offset, run, checkpoint }: Mark): Promise<boolean> {
    const own = copy as OwnCopy;
    const { sliceBytes = SLICE_BYTES } = this.options;
    const savedMs = Date.now();
    try {
      this.checkSpace();
      let slice: { key: string; value: Buffer | null; sum: number }[] = [];
      let bytes = 0;
      let turn = 0;
      for (const [key, value] of changes) {
        slice.push({ key: `${own.place}/${key}`, value, sum: value === null ? 0 : crc32(value) });
        bytes += value?.length ?? 0;
        if ((turn += value?.length ?? 0) >= TURN_BYTES) {
          turn = 0;
          await setImmediate();
        }
        if (bytes < sliceBytes) continue;
        const before = own.mark === null ? {} : { offset: own.mark.offset, run: own.mark.run, checkpoint: own.mark.checkpoint };
        if (!(await this.write(own, slice, { format: FORMAT, ...before, newest: { run, checkpoint }, savedMs }))) return false;
        slice = [];
        bytes = 0;
      }
      if (!(await this.write(own, slice, { format: FORMAT, offset, run, checkpoint, savedMs }))) return false;
      own.mark = { offset, run, checkpoint, newest: { run, checkpoint } };
      return true;
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  /** Throws away what a copy holds. False where it was taken over by another. @throws NW_SNAPSHOT_UNWRITABLE */
  async clear(copy: Copy): Promise<boolean> {
    const own = copy as OwnCopy;
    own.mark = null;
    try {
      for (let savedMs = Date.now(); ; savedMs++) {
        this.root.resetReadTxn();
        const keys = [...this.records.getKeys({ start: `${own.place}/`, end: `${own.place}0`, limit: 1000 })];
        if (!(await this.write(own, keys.map((key) => ({ key, value: null, sum: 0 })), { format: FORMAT, savedMs }))) return false;
        if (keys.length < 1000) return true;
      }
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  /** Gives up copies that nobody has written for a week. */
  async sweep(nowMs = Date.now()): Promise<void> {
    for (const { key, value } of [...this.marks.getRange()]) {
      if (value.savedMs > nowMs - FORGOTTEN_MS) continue;
      const copy = await this.take(key);
      if ((await this.clear(copy)) && (await this.marks.ifVersion(key, (copy as OwnCopy).version, () => void this.marks.remove(key)))) continue;
    }
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.root.close();
  }

  /** One transaction: records, and the mark, where the copy is still this process's. */
  private async write(own: OwnCopy, slice: readonly { key: string; value: Buffer | null; sum: number }[], mark: StoredMark): Promise<boolean> {
    const version = newVersion();
    const written = await this.marks.ifVersion(own.place, own.version, () => {
      for (const { key, value, sum } of slice) {
        if (value === null) void this.records.remove(key);
        else void this.records.put(key, value, sum);
      }
      void this.marks.put(own.place, mark, version);
    });
    if (written) own.version = version;
    return written;
  }

  private checkSpace(): void {
    const { bavail, bsize } = statfsSync(this.path);
    if (bavail * bsize < this.options.reserveBytes) throw new Error(`${Math.floor((bavail * bsize) / 2 ** 20)} MiB are left`);
  }
}

const openRoot = (path: string): RootDatabase<Buffer> => open<Buffer>({ path, encoding: 'binary', pageSize: PAGE_SIZE, mapSize: MAP_BYTES, maxDbs: 2, overlappingSync: false });

/** True where the file is as long as its first pages say: a page beyond its end would end the process. */
const isWhole = (root: RootDatabase<Buffer>, path: string): boolean => statSync(join(path, FILE)).size >= ((root.getStats() as { lastPageNumber: number }).lastPageNumber + 1) * PAGE_SIZE;

/** Why lmdb must not open what is there (it would not survive it); null where it may. */
function damageOf(path: string): string | null {
  let file;
  try {
    file = openSync(join(path, FILE), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    if (size === 0) return null;
    if (size < 2 * PAGE_SIZE) return CUT_OFF;
    const word = Buffer.alloc(4);
    for (const page of [0, PAGE_SIZE]) {
      readSync(file, word, 0, 4, page + MAGIC_AT);
      if (word.readUInt32LE() !== MAGIC) return 'its file is not one of lmdb';
    }
    return null;
  } finally {
    closeSync(file);
  }
}

/** Not to be met again, even after a copy was removed and made anew. */
const newVersion = (): number => randomInt(1, 2 ** 48 - 1);

function unwritable(path: string, error: unknown): NetWeaverError {
  return error instanceof NetWeaverError ? error : new NetWeaverError('NW_SNAPSHOT_UNWRITABLE', `${path}: ${(error as Error).message}`, { cause: error });
}
