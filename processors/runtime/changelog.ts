/**
 * The changelog of a processor: a compacted topic with as many partitions as its input. Keys `<store>/<page>` hold the
 * bytes of a page, `head` says how far the partition is. Writing only the pages changed since the last checkpoint, under
 * keys that come again, keeps the topic about as large as the state.
 *
 * `head` is written with every transaction. Pages are written at checkpoints, which are rarer: state is a function of the
 * input, so what lies between the checkpoint and the position is rebuilt by reading that input again without output.
 */
import type { LogRecord, OutgoingRecord } from '../../infra/log/log';
import { NetWeaverError } from '../../infra/errors';
import type { Runs } from './run-history';
import type { Store } from './state/store';

/** How far a partition is. */
export interface Head {
  /** Offset of the first record whose outputs are not committed. */
  readonly next: number;
  /** Offset up to which the pages hold the state; at most `next`. */
  readonly checkpoint: number;
  /** Offset of the next record of each table, by topic; tables are never read again, so that is where the pages are too. Missing where there are none. */
  readonly tables?: Readonly<Record<string, number>>;
  /** Shapes of the stores that wrote the pages. */
  readonly shapes: Readonly<Record<string, string>>;
  /** Who wrote the pages. */
  readonly runs?: Runs;
}

/** Key of the record that says how far the partition is. */
export const HEAD_KEY = 'head';
const HEAD = Buffer.from(HEAD_KEY);
/**
 * Stands for a page that is gone. Not a tombstone, which compaction drops after a while: who goes on from an older copy of the
 * changelog must meet it. Pages come again under the same number, so there are never more of these than there once were pages.
 */
const GONE = Buffer.from([0]);

/** True where a record of the changelog says that its page is gone. */
export const isGone = (value: Uint8Array | null): boolean => value === null || value.length === GONE.length;

/** Appends the pages that changed. Returns their bytes. */
export function writePages(stores: readonly Store[], topic: string, partition: number, append: (record: OutgoingRecord) => void): number {
  let bytes = 0;
  for (const store of stores) {
    store.checkpoint((page, value) => {
      append({ topic, partition, key: Buffer.from(`${store.name}/${page}`), value: value ?? GONE });
      bytes += value?.length ?? 0;
    });
  }
  return bytes;
}

/** The record that says how far the partition is. */
export function headRecord(stores: readonly Store[], topic: string, partition: number, at: Omit<Head, 'shapes'>): OutgoingRecord {
  const head: Head = { ...at, shapes: shapesOf(stores) };
  return { topic, partition, key: HEAD, value: Buffer.from(JSON.stringify(head)) };
}

/** Collects the records of a changelog partition, oldest first, then restores stores from them. */
export class Restore {
  private lastHead: Buffer | null = null;
  private readonly pages = new Map<string, Map<number, Uint8Array>>();

  add(record: Pick<LogRecord, 'key' | 'value'>): void {
    const key = record.key?.toString() ?? '';
    if (key === HEAD_KEY) {
      this.lastHead = record.value;
      return;
    }
    const slash = key.lastIndexOf('/');
    const store = key.slice(0, slash);
    let pages = this.pages.get(store);
    if (pages === undefined) this.pages.set(store, (pages = new Map<number, Uint8Array>()));
    if (record.value === null || isGone(record.value)) pages.delete(Number(key.slice(slash + 1)));
    else pages.set(Number(key.slice(slash + 1)), record.value);
  }

  /** How far the partition is, as the last record said that says it; null where none did. */
  get head(): Head | null {
    return this.lastHead === null ? null : (JSON.parse(this.lastHead.toString()) as Head);
  }

  /** Puts the stores in the state of the last checkpoint; how far the partition is, null where the changelog is empty. @throws NW_STATE_UNUSABLE */
  into(stores: readonly Store[]): Head | null {
    const { head } = this;
    const shapes = shapesOf(stores);
    for (const name of Object.keys({ ...shapes, ...head?.shapes })) {
      if (head !== null && shapes[name] !== head.shapes[name]) throw new NetWeaverError('NW_STATE_UNUSABLE', `Store ${name} is ${shapes[name] ?? 'gone'}, in the changelog ${head.shapes[name] ?? 'missing'}.`);
    }
    try {
      for (const store of stores) store.restore((head && this.pages.get(store.name)) ?? new Map());
    } catch (error) {
      throw new NetWeaverError('NW_STATE_UNUSABLE', (error as Error).message, { cause: error });
    }
    return head;
  }
}

const shapesOf = (stores: readonly Store[]): Record<string, string> => Object.fromEntries(stores.map((store) => [store.name, store.shape]));
