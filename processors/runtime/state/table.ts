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
/** A different one in each process, so that nobody outside can aim keys at one place. Rows keep the order of insertion whatever it is. */
const SEED = randomInt(2 ** 31);

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
    const hash = this.hash();
    const index = this.index;
    const mask = this.mask;
    const tag = hash & 0xff000000;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = index[slot];
      if (entry === 0) return -1;
      if ((entry & 0xff000000) === tag && this.holds((entry & 0xffffff) - 1)) return (entry & 0xffffff) - 1;
    }
  }

  /** Row of {@link key}, a new one of zeros where it has none; -1 where the table is full. The row counts as changed. */
  upsert(): number {
    const hash = this.hash();
    const index = this.index;
    const mask = this.mask;
    const tag = hash & 0xff000000;
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const entry = index[slot];
      if (entry === 0) break;
      if ((entry & 0xff000000) === tag && this.holds((entry & 0xffffff) - 1)) {
        const row = (entry & 0xffffff) - 1;
        this.dirty[row >> this.pageShift] = 1;
        return row;
      }
    }
    if (this.rows === this.maxRows) return -1;
    const row = this.rows++;
    index[slot] = tag | (row + 1);
    const at = row * this.wordsPerRow;
    for (let word = 0; word < this.keyWords; word++) this.words[at + word] = this.key[word];
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
    const { index, mask, words, key, keyWords, wordsPerRow } = this;
    const kept = key.slice();
    for (let row = 0; row < this.rows; row++) {
      const at = row * wordsPerRow;
      for (let word = 0; word < keyWords; word++) key[word] = words[at + word];
      const hash = this.hash();
      let slot = hash & mask;
      while (index[slot] !== 0) slot = (slot + 1) & mask;
      index[slot] = (hash & 0xff000000) | (row + 1);
    }
    key.set(kept);
  }

  private holds(row: number): boolean {
    const { words, key, keyWords } = this;
    const at = row * this.wordsPerRow;
    for (let word = 0; word < keyWords; word++) if (words[at + word] !== key[word]) return false;
    return true;
  }

  /** MurmurHash3 (x86, 32 bits) over the words of {@link key}. */
  private hash(): number {
    const { key, keyWords } = this;
    let hash = SEED;
    for (let word = 0; word < keyWords; word++) {
      let k = Math.imul(key[word], 0xcc9e2d51);
      k = (k << 15) | (k >>> 17);
      hash ^= Math.imul(k, 0x1b873593);
      hash = (hash << 13) | (hash >>> 19);
      hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
    }
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  }
}
