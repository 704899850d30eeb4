import { randomInt } from 'node:crypto';
import { PAGE_BYTES, type Store } from './store';

/** What a {@link Table} holds: keys and columns of fixed number. */
export interface TableShape {
  readonly name: string;
  /** 32-bit words of a key. */
  readonly keyWords: number;
  /** Columns of 32-bit whole numbers. */
  readonly ints: number;
  /** Columns of doubles, exact for whole numbers up to 2^53. */
  readonly doubles: number;
  /** Rows that it takes; further keys are refused. At most {@link MAX_ROWS}. */
  readonly maxRows: number;
}

/** An index entry has 24 bits for the row; the other 8 are bits of the hash, which spare nearly every comparison of unequal keys. */
export const MAX_ROWS = (1 << 24) - 1;
const FIRST_ROWS = 64;
/** Secret words, others in each process, so that nobody outside can aim keys at one place of the index. Rows keep the order of insertion whatever they are. */
const SECRET = Int32Array.from({ length: 64 }, () => randomInt(-(2 ** 31), 2 ** 31));
/** Keys whose places are looked up together by {@link Table.upsertAll}. */
const TOGETHER = 512;
const hashes = new Int32Array(TOGETHER);

/**
 * A keyed table in two typed arrays: rows in order of insertion (key, whole numbers, doubles side by side, so that an
 * update touches one or two cache lines) and an open-addressing index with linear probing at a load of at most one half.
 *
 * Write the key into {@link key}, call {@link upsert} or {@link find}, then address the columns of the row that it gives:
 * `words[row * wordsPerRow + intsAt + column]`, `doubles[row * doublesPerRow + doublesAt + column]`. Both arrays are
 * replaced as the table grows: read them from the table after each upsert. Rows are never removed one by one: see
 * {@link clear}. Memory: `4 * wordsPerRow` bytes a row and 8 to 16 for the index, times up to two after a doubling.
 */
export class Table implements Store {
  readonly name: string;
  readonly shape: string;
  readonly keyWords: number;
  readonly maxRows: number;
  /** The key to look for. */
  readonly key: Int32Array;
  /** Length of a row in 32-bit words (even) and in doubles. */
  readonly wordsPerRow: number;
  readonly doublesPerRow: number;
  /** Where the whole numbers begin in a row, in words; where the doubles begin, in doubles. */
  readonly intsAt: number;
  readonly doublesAt: number;

  words!: Int32Array;
  doubles!: Float64Array;
  private rows = 0;
  private capacity = 0;
  private index!: Int32Array;
  private mask = 0;
  private readonly pageShift: number;
  private dirty!: Uint8Array;
  /** Keeps the reading ahead of {@link upsertAll} from being optimised away. */
  touched = 0;
  /** Pages that the changelog holds. */
  private pagesWritten = 0;

  constructor(shape: TableShape) {
    if (shape.maxRows < 1 || shape.maxRows > MAX_ROWS) throw new RangeError(`table ${shape.name}: maxRows is ${shape.maxRows}, allowed 1 to ${MAX_ROWS}`);
    this.name = shape.name;
    this.keyWords = shape.keyWords;
    this.maxRows = shape.maxRows;
    this.key = new Int32Array(shape.keyWords);
    this.intsAt = shape.keyWords;
    this.doublesAt = (shape.keyWords + shape.ints + 1) >> 1;
    this.doublesPerRow = this.doublesAt + shape.doubles;
    this.wordsPerRow = this.doublesPerRow * 2;
    this.shape = `table ${shape.keyWords}+${shape.ints}+${shape.doubles}`;
    this.pageShift = Math.floor(Math.log2(PAGE_BYTES / (this.wordsPerRow * 4)));
    this.allocate(FIRST_ROWS);
  }

  get entries(): number {
    return this.rows;
  }

  get bytes(): number {
    return this.words.byteLength + this.index.byteLength;
  }

  /** Row of {@link key}, or -1. */
  find(): number {
    const hash = hashOf(this.key, 0, this.keyWords);
    const index = this.index;
    const mask = this.mask;
    const tag = hash & 0xff000000;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = index[slot];
      if (entry === 0) return -1;
      if ((entry & 0xff000000) === tag && this.holds((entry & 0xffffff) - 1, this.key, 0)) return (entry & 0xffffff) - 1;
    }
  }

  /** Row of {@link key}, a new one of zeros where it has none; -1 where the table is full. The row counts as changed. */
  upsert(): number {
    return this.place(this.key, 0, hashOf(this.key, 0, this.keyWords));
  }

  /**
   * Rows of `count` keys that lie one after the other in `keys`, as {@link upsert} gives them, into `rows`. Faster than
   * one after the other: the index is read for many keys at once before any row is, so that the waits for memory overlap.
   */
  upsertAll(keys: Int32Array, count: number, rows: Int32Array): void {
    const { keyWords } = this;
    for (let from = 0; from < count; from += TOGETHER) {
      const to = Math.min(count, from + TOGETHER);
      const { index, mask, words, wordsPerRow } = this;
      for (let i = from; i < to; i++) hashes[i - from] = hashOf(keys, i * keyWords, keyWords);
      let touched = 0;
      for (let i = from; i < to; i++) {
        const entry = index[hashes[i - from] & mask] & 0xffffff;
        const at = (entry - (-entry >>> 31)) * wordsPerRow;
        touched ^= words[at] ^ words[at + wordsPerRow - 1];
      }
      this.touched = touched;
      for (let i = from; i < to; i++) rows[i] = this.place(keys, i * keyWords, hashes[i - from]);
    }
  }

  private place(keys: Int32Array, key: number, hash: number): number {
    const index = this.index;
    const mask = this.mask;
    const tag = hash & 0xff000000;
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const entry = index[slot];
      if (entry === 0) break;
      if ((entry & 0xff000000) === tag && this.holds((entry & 0xffffff) - 1, keys, key)) {
        const row = (entry & 0xffffff) - 1;
        this.dirty[row >> this.pageShift] = 1;
        return row;
      }
    }
    if (this.rows === this.maxRows) return -1;
    const row = this.rows++;
    index[slot] = tag | (row + 1);
    const at = row * this.wordsPerRow;
    for (let word = 0; word < this.keyWords; word++) this.words[at + word] = keys[key + word];
    this.dirty[row >> this.pageShift] = 1;
    if (this.rows === this.capacity) this.grow();
    return row;
  }

  /** Says that a row found by {@link find} was changed. */
  touch(row: number): void {
    this.dirty[row >> this.pageShift] = 1;
  }

  /** Puts the key of a row into {@link key} of another table of the same key. */
  copyKey(row: number, to: Table): void {
    const at = row * this.wordsPerRow;
    for (let word = 0; word < this.keyWords; word++) to.key[word] = this.words[at + word];
  }

  /** Forgets every row and gives the memory back. */
  clear(): void {
    this.rows = 0;
    if (this.capacity > FIRST_ROWS) this.allocate(FIRST_ROWS);
    else {
      this.words.fill(0);
      this.index.fill(0);
      this.dirty.fill(0);
    }
  }

  checkpoint(write: (page: number, bytes: Buffer | null) => void): void {
    const pages = this.pagesOf(this.rows);
    for (let page = 0; page < pages; page++) {
      if (this.dirty[page] === 0) continue;
      this.dirty[page] = 0;
      const from = page << this.pageShift;
      const to = Math.min(this.rows, from + (1 << this.pageShift));
      write(page, Buffer.from(this.words.slice(from * this.wordsPerRow, to * this.wordsPerRow).buffer));
    }
    for (let page = pages; page < this.pagesWritten; page++) write(page, null);
    this.pagesWritten = pages;
  }

  restore(pages: ReadonlyMap<number, Uint8Array>): void {
    const rowBytes = this.wordsPerRow * 4;
    const last = pages.get(pages.size - 1);
    const rows = last === undefined ? 0 : ((pages.size - 1) << this.pageShift) + last.length / rowBytes;
    this.allocate(Math.max(FIRST_ROWS, 2 ** Math.ceil(Math.log2(rows + 1))));
    const bytes = new Uint8Array(this.words.buffer);
    for (let page = 0; page < pages.size; page++) {
      const content = pages.get(page);
      const expected = Math.min(rows - (page << this.pageShift), 1 << this.pageShift) * rowBytes;
      if (content === undefined || content.length !== expected) throw new Error(`store ${this.name}: page ${page} of ${pages.size} is ${content === undefined ? 'missing' : `${content.length} bytes, expected ${expected}`}`);
      bytes.set(content, (page << this.pageShift) * rowBytes);
    }
    this.rows = rows;
    this.pagesWritten = pages.size;
    this.reindex();
  }

  private pagesOf(rows: number): number {
    return Math.ceil(rows / (1 << this.pageShift));
  }

  private allocate(capacity: number): void {
    const buffer = new ArrayBuffer(capacity * this.wordsPerRow * 4);
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.capacity = capacity;
    this.index = new Int32Array(capacity * 2);
    this.mask = capacity * 2 - 1;
    this.dirty = new Uint8Array(this.pagesOf(capacity));
  }

  private grow(): void {
    const { words, dirty } = this;
    this.allocate(this.capacity * 2);
    this.words.set(words);
    this.dirty.set(dirty);
    this.reindex();
  }

  private reindex(): void {
    const { index, mask, words, keyWords, wordsPerRow } = this;
    for (let row = 0; row < this.rows; row++) {
      const hash = hashOf(words, row * wordsPerRow, keyWords);
      let slot = hash & mask;
      while (index[slot] !== 0) slot = (slot + 1) & mask;
      index[slot] = (hash & 0xff000000) | (row + 1);
    }
  }

  private holds(row: number, keys: Int32Array, key: number): boolean {
    const { words, keyWords } = this;
    const at = row * this.wordsPerRow;
    for (let word = 0; word < keyWords; word++) if (words[at + word] !== keys[key + word]) return false;
    return true;
  }
}

/** Hash of the `count` words from `from`. */
function hashOf(words: Int32Array, from: number, count: number): number {
  let hash = count;
  for (let word = 0; word < count; word++) {
    let k = Math.imul(words[from + word] ^ SECRET[word], 0xcc9e2d51);
    k ^= k >>> 15;
    hash = Math.imul(((hash << 13) | (hash >>> 19)) ^ k, 0x9e3779b1);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
