/** How people see a store: rows of named columns, keys first. Reading changes nothing and costs nothing while nobody reads. */
import { formatIpRow, IPV4_MAPPED_WORD, parseIpRow } from '../../../schemas/ip';
import type { Table } from './table';

/** What stands in a row: times as RFC 3339, addresses as text (`''`: none). */
export type Cell = string | number | null;

/** Name and meaning of a column, with its unit. */
export interface ColumnName {
  readonly name: string;
  readonly doc: string;
}

/** Rows of a store, and how to read on. */
export interface ViewRows {
  readonly rows: readonly (readonly Cell[])[];
  /** Where the next rows begin; null at the end. */
  readonly next: number | null;
  /** Rows looked at: also those that are not shown, because they stand elsewhere too. */
  readonly looked: number;
}

/** A store to look into. */
export interface StoreView {
  /** Letters, digits and dashes. */
  readonly name: string;
  /** What a row is. */
  readonly doc: string;
  readonly columns: readonly ColumnName[];
  /** Names of the columns that {@link find} takes, in order. */
  readonly key: readonly string[];
  /** At most `limit` rows from a place that {@link ViewRows.next} gave; 0 is the beginning. Looks at no more than `most` rows. */
  read(from: number, limit: number, most: number): ViewRows;
  /** Rows of a key, as text by column; null where it is no key. */
  find(key: readonly string[]): readonly (readonly Cell[])[] | null;
}

/** A column of a {@link Table}. */
export interface Column extends ColumnName {
  read(table: Table, row: number): Cell;
  /** Of a part of the key: puts it into a key that is all zero; false where the text is no such thing. */
  parse?(text: string, key: Int32Array): boolean;
}

/** A table to be seen, and what its rows have in common. */
export interface ViewPart {
  readonly table: Table;
  readonly common?: readonly Cell[];
  /** Keys that this table holds too stand there. */
  readonly newer?: Table;
}

/** What a {@link TableView} shows. */
export interface TableViewOptions {
  readonly name: string;
  readonly doc: string;
  /** Of {@link ViewPart.common}. */
  readonly common?: readonly ColumnName[];
  readonly columns: readonly Column[];
  /** As they are at the moment of the question, in a steady order. */
  parts(): readonly ViewPart[];
}

/** More than a table has rows: a place is the number of the part times this, and the row. */
const PART = 2 ** 25;

/** One or several tables of one shape as one. */
export class TableView implements StoreView {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly ColumnName[];
  readonly key: readonly string[];

  constructor(private readonly options: TableViewOptions) {
    this.name = options.name;
    this.doc = options.doc;
    this.columns = [...(options.common ?? []), ...options.columns].map(({ name, doc }) => ({ name, doc }));
    this.key = options.columns.filter(({ parse }) => parse !== undefined).map(({ name }) => name);
  }

  read(from: number, limit: number, most: number): ViewRows {
    const parts = this.options.parts();
    const rows: Cell[][] = [];
    let looked = 0;
    for (let part = Math.floor(from / PART), row = from % PART; part < parts.length; part++, row = 0) {
      const { table, newer } = parts[part];
      for (; row < table.entries; row++) {
        if (rows.length === limit || looked === most) return { rows, next: part * PART + row, looked };
        looked++;
        if (newer === undefined || newer.find(table.words, row * table.wordsPerRow) < 0) rows.push(this.row(parts[part], row));
      }
    }
    return { rows, next: null, looked };
  }

  find(key: readonly string[]): Cell[][] | null {
    const parts = this.options.parts();
    if (key.length !== this.key.length) return null;
    const words = new Int32Array(parts.length === 0 ? MOST_KEY_WORDS : parts[0].table.keyWords);
    const columns = this.options.columns.filter(({ parse }) => parse !== undefined);
    if (!columns.every(({ parse }, i) => parse!(key[i], words))) return null;
    const rows: Cell[][] = [];
    for (const part of parts) {
      const row = part.table.find(words);
      if (row >= 0 && (part.newer === undefined || part.newer.find(words) < 0)) rows.push(this.row(part, row));
    }
    return rows;
  }

  private row({ table, common = [] }: ViewPart, row: number): Cell[] {
    return [...common, ...this.options.columns.map((column) => column.read(table, row))];
  }
}

/** Room for a key where there is no table to ask. */
const MOST_KEY_WORDS = 64;

const WORD = 2 ** 32;
const address = new Int32Array(4);
const addressBytes = new Uint8Array(address.buffer);

/** Columns of the key, by the word in which they begin. */
export const keyColumn = {
  /** An address of one word (IPv4) or four. */
  address: (at: number, words: 1 | 4, name: string, doc: string): Column => ({
    name, doc,
    read({ words: all, wordsPerRow }, row) {
      const from = row * wordsPerRow + at;
      if (words === 4) address.set(all.subarray(from, from + 4));
      else address.set([0, 0, IPV4_MAPPED_WORD, all[from]]);
      return formatIpRow(addressBytes);
    },
    parse(text, key) {
      if (!parseIpRow(text, addressBytes) || (words === 1 && address[2] !== IPV4_MAPPED_WORD)) return false;
      if (words === 4) key.set(address, at);
      else key[at] = address[3];
      return true;
    },
  }),
  /** A whole number of `bits` bits from `shift` in the word. */
  uint: (at: number, name: string, doc: string, bits = 32, shift = 0): Column => ({
    name, doc,
    read: ({ words, wordsPerRow }, row) => (words[row * wordsPerRow + at] >>> shift) % 2 ** bits,
    parse(text, key) {
      const number = wholeOf(text, 2 ** bits);
      if (number === null) return false;
      key[at] |= number << shift;
      return true;
    },
  }),
  /** A whole number of two words, the lower first. */
  long: (at: number, name: string, doc: string): Column => ({
    name, doc,
    read: ({ words, wordsPerRow }, row) => (words[row * wordsPerRow + at] >>> 0) + (words[row * wordsPerRow + at + 1] >>> 0) * WORD,
    parse(text, key) {
      const number = wholeOf(text, Number.MAX_SAFE_INTEGER);
      if (number === null) return false;
      key[at] = number;
      key[at + 1] = number / WORD;
      return true;
    },
  }),
};

/** Column of a whole number (`column` of the table's) seen through `as`. */
export const intColumn = (column: number, name: string, doc: string, as: (value: number) => Cell): Column => ({
  name, doc,
  read: ({ words, wordsPerRow, intsAt }, row) => as(words[row * wordsPerRow + intsAt + column]),
});

/** Column of a double. */
export const doubleColumn = (column: number, name: string, doc: string): Column => ({
  name, doc,
  read: ({ doubles, doublesPerRow, doublesAt }, row) => doubles[row * doublesPerRow + doublesAt + column],
});

/** A time in milliseconds since the epoch as text; null where it is none. */
export const timeCell = (timeMs: number): Cell => (timeMs >= 0 && timeMs <= 8.64e15 ? new Date(timeMs).toISOString() : null);

function wholeOf(text: string, below: number): number | null {
  const number = Number(text);
  return /^\d{1,16}$/.test(text) && number < below ? number : null;
}
