import type { KeyValue } from './key-value';
import type { Cell, ColumnName, StoreView, ViewRows } from './view';

/** What a {@link KeyValueView} shows. */
export interface KeyValueViewOptions {
  readonly name: string;
  readonly doc: string;
  readonly store: KeyValue;
  /** Of the key, and how it is read. */
  readonly key: readonly ColumnName[];
  readKey(key: Buffer): readonly Cell[];
  /** Bytes of a key from the text of its columns; null where it is none. */
  writeKey(key: readonly string[]): Uint8Array | null;
  /** Of the value, and how it is read. */
  readonly values: readonly ColumnName[];
  readValue(value: Buffer): readonly Cell[];
}

/** A key-value store as rows. */
export class KeyValueView implements StoreView {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly ColumnName[];
  readonly key: readonly string[];

  constructor(private readonly options: KeyValueViewOptions) {
    this.name = options.name;
    this.doc = options.doc;
    this.columns = [...options.key, ...options.values];
    this.key = options.key.map(({ name }) => name);
  }

  read(from: number, limit: number, most: number): ViewRows {
    const { store, readKey, readValue } = this.options;
    const rows: (readonly Cell[])[] = [];
    const take = Math.min(limit, most);
    const next = store.scan(from, (key, value) => {
      if (rows.length === take) return false;
      rows.push([...readKey(key), ...readValue(value)]);
      return true;
    });
    return { rows, next, looked: rows.length };
  }

  find(key: readonly string[]): (readonly Cell[])[] | null {
    const { store, readKey, readValue, writeKey } = this.options;
    const bytes = key.length === this.key.length ? writeKey(key) : null;
    if (bytes === null) return null;
    const value = store.get(bytes);
    return value === null ? [] : [[...readKey(Buffer.from(bytes)), ...readValue(value)]];
  }
}
