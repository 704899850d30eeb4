import { LINE, roomFor } from '../../../infra/memory/large';
import { probeFor, ROW_BITS, TAG_BITS, type Probe } from './probe';
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

/** As many as fit an entry of the index. */
export const MAX_ROWS = ROW_BITS;
const FIRST_ROWS = 64;
/** Keys looked up together by {@link Table.upsertAll}. */
const TOGETHER = 512;
const hashes = new Int32Array(TOGETHER);

/**
 * A keyed table in two typed arrays: rows in order of insertion (key, whole numbers, doubles side by side, so that an
 * update touches one or two cache lines) and an open-addressing index with linear probing at a load of at most one half.
 *
 * Look up one key with {@link upsert} or {@link find}, many with {@link upsertAll}; then address the columns of the row:
 * `words[row * wordsPerRow + intsAt + column]`, `doubles[row * doublesPerRow + doublesAt + column]`. Both arrays are
 * replaced as the table grows: read them from the table after each upsert. Rows are never removed one by one: see
 * {@link clear}. Memory: `4 * wordsPerRow` bytes a row and 8 to 16 for the index; {@link bytes} says twice the rows after a
 * doubling, but the system gives memory for those that are there.
 */
export class Table implements Store {
  readonly name: string;
  readonly shape: string;
  readonly keyWords: number;
  readonly maxRows: number;
  /** Room for a key to look up. */
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
  /** Rows that it held when it was cleared. */
  private expected = 0;
  private index!: Int32Array;
  private readonly probe: Probe;
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
    this.probe = probeFor(shape.keyWords);
    this.intsAt = shape.keyWords;
    this.doublesAt = (shape.keyWords + shape.ints + 1) >> 1;
    this.doublesPerRow = rowOf(this.doublesAt + shape.doubles);
    this.wordsPerRow = this.doublesPerRow * 2;
    this.shape = `table ${shape.keyWords}+${shape.ints}+${shape.doubles} in ${this.doublesPerRow}`;
    this.pageShift = Math.floor(Math.log2(PAGE_BYTES / (this.wordsPerRow * 4)));
    this.allocate(FIRST_ROWS);
  }

  get entries(): number {
    return this.rows;
  }

  get bytes(): number {
    return this.words.byteLength + this.index.byteLength;
  }

  /** Row of the key that begins at `at`, or -1. */
  find(keys: Int32Array = this.key, at = 0): number {
    const row = this.probe.find(keys, at, this.probe.hash(keys, at), this.index, this.words, this.wordsPerRow);
    return row < 0 ? -1 : row;
  }

  /** Row of the key that begins at `at`, a new one of zeros where it has none; -1 where the table is full. The row counts as changed. */
  upsert(keys: Int32Array = this.key, at = 0): number {
    this.reserve(1);
    const hash = this.probe.hash(keys, at);
    const found = this.probe.find(keys, at, hash, this.index, this.words, this.wordsPerRow);
    if (found >= 0) {
      this.touch(found);
      return found;
    }
    if (this.rows === this.maxRows) return -1;
    const row = this.rows++;
    this.index[~found] = (hash & TAG_BITS) | this.rows;
    const to = row * this.wordsPerRow;
    for (let word = 0; word < this.keyWords; word++) this.words[to + word] = keys[at + word];
    this.touch(row);
    return row;
  }

  /** Rows of `count` keys that lie one after the other in `keys`, into `rows`; -1 where there is none. Those found count as changed. Returns how many were not found. */
  findAll(keys: Int32Array, count: number, rows: Int32Array): number {
    const absent = this.look(keys, count, rows);
    this.touchAll(rows, count);
    return absent;
  }

  /** As {@link findAll}, and nothing counts as changed. */
  look(keys: Int32Array, count: number, rows: Int32Array): number {
    const { keyWords, probe } = this;
    let absent = 0;
    for (let from = 0; from < count; from += TOGETHER) absent += probe.findAll(keys, from * keyWords, keyWords, Math.min(TOGETHER, count - from), rows, from, hashes, this.index, this.words, this.wordsPerRow);
    return absent;
  }

  /**
   * As {@link findAll}; those not found are added, in their order, and -1 stands for those that the table has no room for. The
   * first key begins at `at`, the next `stride` words on.
   */
  upsertAll(keys: Int32Array, count: number, rows: Int32Array, at = 0, stride = this.keyWords): void {
    for (let from = 0; from < count; from += TOGETHER) {
      const some = Math.min(TOGETHER, count - from);
      this.reserve(some);
      this.rows = this.probe.upsertAll(keys, at + from * stride, stride, some, rows, from, hashes, this.index, this.words, this.wordsPerRow, this.rows, this.maxRows);
    }
    this.touchAll(rows, count);
  }

  /** Says that a row found by {@link find} was changed. */
  touch(row: number): void {
    this.dirty[row >> this.pageShift] = 1;
  }

  /** Forgets every row and gives the memory back. When it is filled again it grows at once to what it held. */
  clear(): void {
    if (this.rows === 0) return;
    this.expected = this.rows;
    this.rows = 0;
    if (this.capacity > FIRST_ROWS) this.allocate(FIRST_ROWS);
    else {
      this.words.fill(0);
      this.index.fill(0);
      this.dirty.fill(0);
    }
  }

  /** Forgets every row, and keeps the memory where at least a quarter of it was in use: for what is filled and emptied all the time. */
  empty(): void {
    if (4 * this.rows < this.capacity) return this.clear();
    this.expected = this.rows;
    this.words.fill(0, 0, this.rows * this.wordsPerRow);
    this.index.fill(0);
    this.dirty.fill(0);
    this.rows = 0;
  }

  /** Takes the rows of another table of the same shape, as they lie, and leaves it empty. Only while this one is empty. */
  take(from: Table): void {
    if (this.rows > 0 || from.shape !== this.shape || from.rows > this.maxRows) throw new RangeError(`table ${this.name}: cannot take ${from.rows} rows of ${from.name}`);
    const { words, doubles, index, dirty, capacity, rows } = from;
    from.expected = rows;
    from.rows = 0;
    from.allocate(FIRST_ROWS);
    this.words = words;
    this.doubles = doubles;
    this.rows = rows;
    this.index = index;
    this.dirty = dirty.fill(1);
    this.capacity = capacity;
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
    this.allocate(capacityFor(rows));
    const bytes = new Uint8Array(this.words.buffer, this.words.byteOffset);
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
    const rows = roomFor(capacity * this.wordsPerRow * 4);
    this.words = new Int32Array(rows.buffer, rows.offset, capacity * this.wordsPerRow);
    this.doubles = new Float64Array(rows.buffer, rows.offset, capacity * this.doublesPerRow);
    this.capacity = capacity;
    const index = roomFor(capacity * 8);
    this.index = new Int32Array(index.buffer, index.offset, capacity * 2);
    this.dirty = new Uint8Array(this.pagesOf(capacity));
  }

  /** Makes room for so many more rows, as far as they are allowed. */
  private reserve(more: number): void {
    const needed = Math.min(this.rows + more, this.maxRows);
    if (needed <= this.capacity) return;
    const { words, dirty } = this;
    this.allocate(capacityFor(Math.max(needed, this.expected)));
    this.words.set(words);
    this.dirty.set(dirty);
    this.reindex();
  }

  private reindex(): void {
    for (let row = 0; row < this.rows; row += TOGETHER) this.probe.enter(row, Math.min(TOGETHER, this.rows - row), hashes, this.index, this.words, this.wordsPerRow);
  }

  private touchAll(rows: Int32Array, count: number): void {
    const { dirty, pageShift } = this;
    for (let i = 0; i < count; i++) if (rows[i] >= 0) dirty[rows[i] >> pageShift] = 1;
  }
}

/** Doubles of a row that holds so many: one more where a row then lies in whole cache lines, of which it would touch one more else. */
const rowOf = (doubles: number): number => ((doubles + 1) % (LINE / 8) === 0 ? doubles + 1 : doubles);

/** A power of two, for the index. */
function capacityFor(rows: number): number {
  return Math.max(FIRST_ROWS, 2 ** Math.ceil(Math.log2(rows)));
}
