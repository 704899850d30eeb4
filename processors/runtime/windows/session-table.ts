import { KeyIndex } from '../state/key-index';
import { probeFor, type Probe } from '../state/probe';
import { PAGE_BYTES, type Store } from '../state/store';

/** Doubles of a row before its columns: first and last time, number, first and last offset of the input. */
export const START = 0, END = 1, ID = 2, FIRST = 3, LAST = 4;
const HEAD = 5;
/** Bits of the state of a row: none set, it is free. */
export const USED = 1, CHANGED = 2, SENT = 4, GONE = 8;
/** It is the one that the index leads to. */
const LEADS = 16;
const FIRST_ROWS = 64;
/** Doubles of the table itself: how many rows were ever used, the free row to be used next and 1, the number of the next session. They are page 0. */
const HIGH = 0, FREE = 1, NEXT_ID = 2;

/** What a {@link SessionTable} holds. */
export interface SessionTableShape {
  readonly name: string;
  /** 32-bit words of a key; its timeline is one more. */
  readonly keyWords: number;
  readonly columns: number;
  readonly maxRows: number;
}

/**
 * Rows of which several may have one key, and which come and go: the sessions of keys. A row is its key, state and a link to the next
 * of the same key, then its doubles. Rows of a key are found by an index; a row that is removed is used again, the one
 * removed last first. Restored from its pages the table is the same, also in which rows it will use.
 */
export class SessionTable implements Store {
  readonly name: string;
  readonly shape: string;
  readonly wordsPerRow: number;
  readonly doublesPerRow: number;
  /** Where state and columns are, in the words and in the doubles of a row; the key is at 0. */
  readonly stateAt: number;
  readonly headAt: number;
  readonly columnsAt: number;
  words!: Int32Array;
  doubles!: Float64Array;
  private readonly maxRows: number;
  private readonly probe: Probe;
  private readonly index = new KeyIndex();
  private readonly meta = Float64Array.of(0, 0, 1);
  private metaDirty = false;
  private used = 0;
  private dirty!: Uint8Array;
  private readonly pageShift: number;
  private pagesWritten = 0;

  constructor({ name, keyWords, columns, maxRows }: SessionTableShape) {
    this.name = name;
    this.maxRows = maxRows;
    this.stateAt = keyWords + 1;
    this.headAt = (keyWords + 4) >> 1;
    this.columnsAt = this.headAt + HEAD;
    this.doublesPerRow = this.columnsAt + columns;
    this.wordsPerRow = 2 * this.doublesPerRow;
    this.shape = `sessions ${keyWords}+${columns}`;
    this.probe = probeFor(keyWords + 1);
    this.pageShift = Math.floor(Math.log2(PAGE_BYTES / (this.wordsPerRow * 4)));
    this.allocate(FIRST_ROWS);
  }

  get entries(): number {
    return this.used;
  }

  get bytes(): number {
    return this.words.byteLength + this.index.bytes;
  }

  get isFull(): boolean {
    return this.used >= this.maxRows;
  }

  /** One past the last row that was ever used. */
  get end(): number {
    return this.meta[HIGH];
  }

  state(row: number): number {
    return this.words[row * this.wordsPerRow + this.stateAt];
  }

  /** Timeline of a row: the last word of its key. */
  timeline(row: number): number {
    return this.words[row * this.wordsPerRow + this.stateAt - 1];
  }

  /** One of the {@link START} … {@link LAST} of a row. */
  get(row: number, cell: number): number {
    return this.doubles[row * this.doublesPerRow + this.headAt + cell];
  }

  set(row: number, cell: number, value: number): void {
    this.doubles[row * this.doublesPerRow + this.headAt + cell] = value;
    this.touch(row);
  }

  /** Sets bits of the state, and takes others away. */
  mark(row: number, bits: number, without = 0): void {
    const at = row * this.wordsPerRow + this.stateAt;
    this.words[at] = (this.words[at] | bits) & ~without;
    this.touch(row);
  }

  /** Says that columns of a row were changed. */
  touch(row: number): void {
    this.dirty[row >> this.pageShift] = 1;
  }

  /** First row of a key (with its timeline behind it), -1 where it has none; the others follow by {@link next}. */
  find(key: Int32Array): number {
    const slot = this.slotOf(key, 0, this.probe.hash(key, 0));
    return slot < 0 ? -1 : this.index.places[slot] - 1;
  }

  /** The next row of the same key; -1 after the last. */
  next(row: number): number {
    return this.words[row * this.wordsPerRow + this.stateAt + 1] - 1;
  }

  /** A new row of a key, with a number of its own and zeros. Only where the table is not full. */
  insert(key: Int32Array): number {
    const row = this.takeFree();
    const at = row * this.wordsPerRow;
    for (let word = 0; word < key.length; word++) this.words[at + word] = key[word];
    this.words[at + this.stateAt] = USED;
    this.set(row, ID, this.meta[NEXT_ID]++);
    this.metaDirty = true;
    this.link(row);
    this.used++;
    return row;
  }

  /** Takes a row out of those of its key; it is not found any more, and its place is not used again before it is freed. */
  unlink(row: number): void {
    const { words, index } = this;
    const at = row * this.wordsPerRow;
    const hash = this.probe.hash(words, at);
    const slot = this.slotOf(words, at, hash);
    const first = index.places[slot] - 1;
    const next = this.next(row);
    if (first !== row) {
      let before = first;
      while (this.next(before) !== row) before = this.next(before);
      this.setNext(before, next);
    } else if (next >= 0) {
      index.places[slot] = next + 1;
      this.mark(next, LEADS);
    } else index.removeAt(slot);
    this.mark(row, 0, LEADS);
    this.setNext(row, -1);
  }

  /** Gives up a row that was unlinked. */
  free(row: number): void {
    this.used--;
    this.metaDirty = true;
    if (this.used === 0) return this.shrink();
    const at = row * this.wordsPerRow;
    this.words.fill(0, at, at + this.wordsPerRow);
    this.words[at] = this.meta[FREE];
    this.meta[FREE] = row + 1;
    this.touch(row);
  }

  checkpoint(write: (page: number, bytes: Buffer | null) => void): void {
    if (this.metaDirty) write(0, Buffer.from(this.meta.slice().buffer));
    this.metaDirty = false;
    const pages = Math.ceil(this.end / (1 << this.pageShift));
    for (let page = 0; page < pages; page++) {
      if (this.dirty[page] === 0) continue;
      this.dirty[page] = 0;
      const to = Math.min(this.end, (page + 1) << this.pageShift);
      write(page + 1, Buffer.from(this.words.slice((page << this.pageShift) * this.wordsPerRow, to * this.wordsPerRow).buffer));
    }
    for (let page = pages; page < this.pagesWritten; page++) write(page + 1, null);
    this.pagesWritten = pages;
  }

  restore(pages: ReadonlyMap<number, Uint8Array>): void {
    const meta = pages.get(0);
    if (meta === undefined) this.meta.set([0, 0, 1]);
    else if (meta.length !== this.meta.byteLength) throw new Error(`store ${this.name}: page 0 is ${meta.length} bytes, expected ${this.meta.byteLength}`);
    else new Uint8Array(this.meta.buffer).set(meta);
    this.metaDirty = false;
    this.pagesWritten = Math.ceil(this.end / (1 << this.pageShift));
    this.allocate(Math.max(FIRST_ROWS, 2 ** Math.ceil(Math.log2(this.end + 1))));
    const bytes = new Uint8Array(this.words.buffer);
    const rowBytes = this.wordsPerRow * 4;
    for (let page = 0; page < this.pagesWritten; page++) {
      const content = pages.get(page + 1);
      const expected = Math.min(this.end - (page << this.pageShift), 1 << this.pageShift) * rowBytes;
      if (content?.length !== expected) throw new Error(`store ${this.name}: page ${page + 1} is ${content === undefined ? 'missing' : `${content.length} bytes, expected ${expected}`}`);
      bytes.set(content, (page << this.pageShift) * rowBytes);
    }
    this.index.clear();
    this.used = 0;
    for (let row = 0; row < this.end; row++) {
      if (this.state(row) !== 0) this.used++;
      if ((this.state(row) & LEADS) !== 0) this.index.add(this.probe.hash(this.words, row * this.wordsPerRow), row + 1);
    }
  }

  private slotOf(keys: Int32Array, at: number, hash: number): number {
    const { hashes, places, mask } = this.index;
    for (let slot = hash & mask; places[slot] !== 0; slot = (slot + 1) & mask) {
      if (hashes[slot] === hash && this.isKey(places[slot] - 1, keys, at)) return slot;
    }
    return -1;
  }

  private isKey(row: number, keys: Int32Array, at: number): boolean {
    const from = row * this.wordsPerRow;
    for (let word = 0; word < this.stateAt; word++) if (this.words[from + word] !== keys[at + word]) return false;
    return true;
  }

  /** Puts a row behind the first of its key, or makes it the first. */
  private link(row: number): void {
    const at = row * this.wordsPerRow;
    const hash = this.probe.hash(this.words, at);
    const slot = this.slotOf(this.words, at, hash);
    if (slot < 0) {
      this.index.add(hash, row + 1);
      this.mark(row, LEADS);
      return;
    }
    const first = this.index.places[slot] - 1;
    this.setNext(row, this.next(first));
    this.setNext(first, row);
  }

  private setNext(row: number, next: number): void {
    this.words[row * this.wordsPerRow + this.stateAt + 1] = next + 1;
    this.touch(row);
  }

  private takeFree(): number {
    this.metaDirty = true;
    const row = this.meta[FREE] - 1;
    if (row >= 0) {
      this.meta[FREE] = this.words[row * this.wordsPerRow];
      this.words[row * this.wordsPerRow] = 0;
      return row;
    }
    if (this.end * this.wordsPerRow === this.words.length) this.grow();
    return this.meta[HIGH]++;
  }

  private grow(): void {
    const { words, dirty } = this;
    this.allocate((2 * words.length) / this.wordsPerRow);
    this.words.set(words);
    this.dirty.set(dirty);
  }

  /** Empty: the memory is given back. */
  private shrink(): void {
    this.meta[HIGH] = this.meta[FREE] = 0;
    this.index.clear();
    this.allocate(FIRST_ROWS);
  }

  private allocate(rows: number): void {
    const buffer = new ArrayBuffer(rows * this.wordsPerRow * 4);
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.dirty = new Uint8Array(Math.ceil(rows / (1 << this.pageShift)));
  }
}
