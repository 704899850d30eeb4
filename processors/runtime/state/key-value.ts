import { hashOf, KeyIndex } from './key-index';
import { PAGE_BYTES, type Store } from './store';

/** What a {@link KeyValue} is. */
export interface KeyValueOptions {
  /** Part of the changelog keys: letters, digits and dashes. */
  readonly name: string;
  /** Memory that it takes; what does not fit is refused. From {@link LEAST_BYTES} to {@link MOST_BYTES}. */
  readonly maxBytes: number;
  /** How long an entry is kept after it was put, in the time of {@link KeyValue.advance}; unit: milliseconds. Default: until it is deleted. */
  readonly lifeMs?: number;
}

/** A smaller store could not move its entries. */
export const LEAST_BYTES = 4 * PAGE_BYTES;
/** As many pages as a place can number. */
export const MOST_BYTES = 2 ** 20 * PAGE_BYTES;
/** Key and value together: with its head such an entry fits a record of the log. */
export const MOST_ENTRY_BYTES = 2 ** 20;
/** What the index is taken to cost, an entry. */
const INDEX_BYTES = 32;

/** A page begins with its number in the order of opening; then places of a multiple of 8 bytes, one after the other. */
const PAGE_HEAD = 8;
/** A place: its bytes, length of the key ({@link DEAD}: nothing there), time (8 bytes), length of the value, key, value. */
const HEAD = 20;
const SIZE = 0, KEY = 1, TIME = 1, VALUE = 4;
const DEAD = -1;
/** Expired entries are looked for so many times in their life. */
const SWEEPS = 16;
/** Page 0: clock, number of the next page to be opened, number of the page that is written to. */
const META = 0, CLOCK = 0, OPENED = 1, TAIL = 2, META_CELLS = 3;

interface Page {
  readonly bytes: Buffer;
  readonly ints: Int32Array;
  readonly doubles: Float64Array;
  /** Bytes written, and bytes of places that hold something. */
  used: number;
  live: number;
  /** No entry is older; unit: milliseconds. */
  earliest: number;
  dirty: boolean;
}

/**
 * Values by key, both bytes of any length: what a table that is read from a topic is folded into. Entries are written one
 * behind the other into pages; a value that no longer fits its place moves to the end, and so does what is left of a
 * page of which more than half is gone. Memory: at most twice keys, values and 28 bytes an entry, and the index.
 *
 * Nothing here depends on hashes or on the memory at hand: the same calls in the same order give the same pages, the same
 * order of {@link forEach} and the same refusals, whether the store was restored in between or not. Time is what the
 * caller says it is: never the clock.
 */
export class KeyValue implements Store {
  readonly name: string;
  readonly shape = 'key-value';
  /** Set by {@link find}: where the value lies, until the next change, and when it was put. */
  valueIn: Buffer = Buffer.alloc(0);
  valueFrom = 0;
  valueTo = 0;
  timeMs = 0;
  private readonly maxBytes: number;
  private readonly lifeMs: number;
  private readonly index = new KeyIndex();
  /** By number; the first is none. */
  private pages: (Page | undefined)[] = [undefined];
  private pageBytes = 0;
  private count = 0;
  private readonly meta = new Float64Array(META_CELLS);
  private metaDirty = false;
  /** No page of a lower number is free. */
  private lowestFree = 1;
  /** Numbers of the pages that the changelog holds. */
  private written = new Set<number>();

  constructor({ name, maxBytes, lifeMs = Infinity }: KeyValueOptions) {
    if (!(maxBytes >= LEAST_BYTES && maxBytes <= MOST_BYTES)) throw new RangeError(`store ${name}: maxBytes is ${maxBytes}, allowed ${LEAST_BYTES} to ${MOST_BYTES}`);
    this.name = name;
    this.maxBytes = maxBytes;
    this.lifeMs = lifeMs;
  }

  get entries(): number {
    return this.count;
  }

  /** The latest time of {@link advance}; null before the first. */
  get clock(): number | null {
    return this.meta[CLOCK] || null;
  }

  get bytes(): number {
    return this.pageBytes + this.index.bytes;
  }

  /** Time goes on: what was put {@link KeyValueOptions.lifeMs} ago or earlier is gone. */
  advance(timeMs: number): void {
    const before = this.meta[CLOCK];
    if (timeMs <= before) return;
    this.meta[CLOCK] = timeMs;
    this.metaDirty = true;
    const step = this.lifeMs / SWEEPS;
    if (this.lifeMs < Infinity && Math.floor(timeMs / step) > Math.floor(before / step)) this.sweep();
  }

  /** True where there is a value, which {@link valueIn} then holds from {@link valueFrom} to {@link valueTo}. */
  find(key: Uint8Array): boolean {
    const slot = this.lookUp(key, hashOf(key));
    if (slot < 0) return false;
    const place = this.index.places[slot];
    const page = this.pageOf(place);
    const at = atOf(place);
    const time = page.doubles[(at >> 3) + TIME];
    if (time + this.lifeMs <= this.meta[CLOCK]) return false;
    this.valueIn = page.bytes;
    this.valueFrom = at + HEAD + key.length;
    this.valueTo = this.valueFrom + page.ints[(at >> 2) + VALUE];
    this.timeMs = time;
    return true;
  }

  /** The value, valid until the next change; null where there is none. */
  get(key: Uint8Array): Buffer | null {
    return this.find(key) ? this.valueIn.subarray(this.valueFrom, this.valueTo) : null;
  }

  /** Sets the value of a key, as of `timeMs`. False where there is no room for it: then nothing has changed, and the caller says so with NW_STATE_FULL. */
  put(key: Uint8Array, value: Uint8Array, timeMs: number = this.meta[CLOCK]): boolean {
    const size = (HEAD + key.length + value.length + 7) & ~7;
    const hash = hashOf(key);
    const slot = this.lookUp(key, hash);
    const old = slot < 0 ? 0 : this.index.places[slot];
    const oldPage = slot < 0 ? undefined : this.pageOf(old);
    if (oldPage !== undefined) {
      const room = oldPage.ints[(atOf(old) >> 2) + SIZE];
      if (size <= room && 2 * size >= room) {
        this.write(oldPage, atOf(old), room, key, value, timeMs);
        return true;
      }
    }
    if (key.length + value.length > MOST_ENTRY_BYTES || !this.hasRoom(size, slot < 0 ? 1 : 0)) return false;
    if (oldPage !== undefined) this.bury(oldPage, atOf(old));
    const place = this.take(size);
    this.write(this.pageOf(place), atOf(place), size, key, value, timeMs);
    if (slot < 0) {
      this.index.add(hash, place);
      this.count++;
    } else this.index.places[slot] = place;
    if (oldPage !== undefined) this.settle(numberOf(old), oldPage);
    return true;
  }

  /** Removes a key; false where it was not there. */
  delete(key: Uint8Array): boolean {
    const slot = this.lookUp(key, hashOf(key));
    if (slot < 0) return false;
    const place = this.index.places[slot];
    const page = this.pageOf(place);
    const there = page.doubles[(atOf(place) >> 3) + TIME] + this.lifeMs > this.meta[CLOCK];
    this.index.removeAt(slot);
    this.count--;
    this.bury(page, atOf(place));
    this.settle(numberOf(place), page);
    return there;
  }

  /** Every entry that has not expired, in the order of the pages; key and value are valid until the next change, which must not happen meanwhile. */
  forEach(visit: (key: Buffer, value: Buffer, timeMs: number) => void): void {
    const inOrder = this.pages.filter((page) => page !== undefined).sort((a, b) => a.doubles[0] - b.doubles[0]);
    for (const page of inOrder) {
      for (let at = PAGE_HEAD; at < page.used; at += page.ints[(at >> 2) + SIZE]) {
        const keyLength = page.ints[(at >> 2) + KEY];
        const time = page.doubles[(at >> 3) + TIME];
        if (keyLength === DEAD || time + this.lifeMs <= this.meta[CLOCK]) continue;
        const value = at + HEAD + keyLength;
        visit(page.bytes.subarray(at + HEAD, value), page.bytes.subarray(value, value + page.ints[(at >> 2) + VALUE]), time);
      }
    }
  }

  /**
   * Entries from a place on, 0 being the first, by place, until `visit` says false; the place of that entry, null at the end. An
   * entry that moves in between may be met twice or not at all.
   */
  scan(from: number, visit: (key: Buffer, value: Buffer, timeMs: number) => boolean): number | null {
    for (let number = Math.floor(from / PLACES); number < this.pages.length; number++) {
      const page = this.pages[number];
      if (page === undefined) continue;
      for (let at = PAGE_HEAD; at < page.used; at += page.ints[(at >> 2) + SIZE]) {
        const place = number * PLACES + (at >> 3);
        const keyLength = page.ints[(at >> 2) + KEY];
        const time = page.doubles[(at >> 3) + TIME];
        if (place < from || keyLength === DEAD || time + this.lifeMs <= this.meta[CLOCK]) continue;
        const value = at + HEAD + keyLength;
        if (!visit(page.bytes.subarray(at + HEAD, value), page.bytes.subarray(value, value + page.ints[(at >> 2) + VALUE]), time)) return place;
      }
    }
    return null;
  }

  checkpoint(write: (page: number, bytes: Buffer | null) => void): void {
    if (this.metaDirty) {
      write(META, Buffer.from(this.meta.slice().buffer));
      this.metaDirty = false;
    }
    for (let number = 1; number < this.pages.length; number++) {
      const page = this.pages[number];
      if (page === undefined) {
        if (this.written.delete(number)) write(number, null);
      } else if (page.dirty) {
        write(number, Buffer.from(page.bytes.subarray(0, page.used)));
        page.dirty = false;
        this.written.add(number);
      }
    }
  }

  restore(pages: ReadonlyMap<number, Uint8Array>): void {
    this.index.clear();
    this.pages = [undefined];
    this.pageBytes = this.count = 0;
    this.meta.fill(0);
    this.metaDirty = false;
    this.lowestFree = 1;
    this.written = new Set();
    if (pages.size === 0) return;
    const meta = pages.get(META);
    if (meta?.length !== this.meta.byteLength) throw new Error(`store ${this.name}: page 0 is ${meta === undefined ? 'missing' : `${meta.length} bytes, expected ${this.meta.byteLength}`}`);
    new Uint8Array(this.meta.buffer).set(meta);
    for (const [number, content] of pages) if (number !== META) this.restorePage(number, content);
    if (this.meta[TAIL] !== 0 && this.pages[this.meta[TAIL]] === undefined) throw new Error(`store ${this.name}: page ${this.meta[TAIL]} is missing`);
  }

  private restorePage(number: number, content: Uint8Array): void {
    const page = this.newPage(Math.max(PAGE_BYTES, content.length));
    page.bytes.set(content);
    page.used = content.length;
    page.dirty = false;
    while (this.pages.length <= number) this.pages.push(undefined);
    this.pages[number] = page;
    this.pageBytes += page.bytes.length;
    this.written.add(number);
    let at = PAGE_HEAD;
    for (let size = 0; at < page.used; at += size) {
      size = at + HEAD <= page.used ? page.ints[(at >> 2) + SIZE] : 0;
      const keyLength = page.ints[(at >> 2) + KEY];
      if (size < HEAD || size % 8 !== 0 || (keyLength !== DEAD && !(keyLength >= 0 && HEAD + keyLength + page.ints[(at >> 2) + VALUE] <= size))) throw new Error(`store ${this.name}: page ${number} is damaged at byte ${at}`);
      if (keyLength === DEAD) continue;
      page.live += size;
      page.earliest = Math.min(page.earliest, page.doubles[(at >> 3) + TIME]);
      this.index.add(hashOf(page.bytes, at + HEAD, at + HEAD + keyLength), placeOf(number, at));
      this.count++;
    }
    if (at !== page.used) throw new Error(`store ${this.name}: page ${number} is cut off`);
  }

  private pageOf(place: number): Page {
    return this.pages[numberOf(place)]!;
  }

  /** Slot of a key, or -1. */
  private lookUp(key: Uint8Array, hash: number): number {
    const { hashes, places, mask } = this.index;
    for (let slot = hash & mask; places[slot] !== 0; slot = (slot + 1) & mask) {
      if (hashes[slot] === hash && this.isKey(places[slot], key)) return slot;
    }
    return -1;
  }

  private isKey(place: number, key: Uint8Array): boolean {
    const { bytes, ints } = this.pageOf(place);
    const at = atOf(place);
    if (ints[(at >> 2) + KEY] !== key.length) return false;
    for (let i = 0; i < key.length; i++) if (bytes[at + HEAD + i] !== key[i]) return false;
    return true;
  }

  /** One page more than is asked for must fit, for entries that move. */
  private hasRoom(size: number, added: number): boolean {
    const tail = this.pages[this.meta[TAIL]];
    const opens = tail !== undefined && tail.used + size <= PAGE_BYTES ? 0 : Math.max(PAGE_BYTES, PAGE_HEAD + size);
    return this.pageBytes + opens + PAGE_BYTES + INDEX_BYTES * (this.count + added) <= this.maxBytes;
  }

  /** A place of that size at the end. */
  private take(size: number): number {
    if (PAGE_HEAD + size > PAGE_BYTES) return placeOf(this.openPage(PAGE_HEAD + size), PAGE_HEAD);
    let number = this.meta[TAIL];
    const tail = this.pages[number];
    if (tail === undefined || tail.used + size > PAGE_BYTES) {
      this.meta[TAIL] = this.openPage(PAGE_BYTES);
      this.metaDirty = true;
      if (tail !== undefined) this.settle(number, tail);
      number = this.meta[TAIL];
      if (this.pages[number]!.used + size > PAGE_BYTES) return this.take(size);
    }
    return placeOf(number, this.pages[number]!.used);
  }

  private openPage(bytes: number): number {
    let number = this.lowestFree;
    while (number < this.pages.length && this.pages[number] !== undefined) number++;
    const page = this.newPage(bytes);
    page.doubles[0] = this.meta[OPENED]++;
    this.metaDirty = true;
    this.pages[number] = page;
    this.pageBytes += page.bytes.length;
    this.lowestFree = number + 1;
    return number;
  }

  private newPage(size: number): Page {
    const buffer = new ArrayBuffer((size + 7) & ~7);
    return { bytes: Buffer.from(buffer), ints: new Int32Array(buffer), doubles: new Float64Array(buffer), used: PAGE_HEAD, live: 0, earliest: Infinity, dirty: true };
  }

  /** Fills a place: one that is held already, or the one at the end of what is used. */
  private write(page: Page, at: number, size: number, key: Uint8Array, value: Uint8Array, timeMs: number): void {
    if (at === page.used) {
      page.used += size;
      page.live += size;
    }
    const word = at >> 2;
    page.ints[word + SIZE] = size;
    page.ints[word + KEY] = key.length;
    page.ints[word + VALUE] = value.length;
    page.doubles[(at >> 3) + TIME] = timeMs;
    page.bytes.set(key, at + HEAD);
    page.bytes.set(value, at + HEAD + key.length);
    page.bytes.fill(0, at + HEAD + key.length + value.length, at + size);
    page.earliest = Math.min(page.earliest, timeMs);
    page.dirty = true;
  }

  private bury(page: Page, at: number): void {
    page.ints[(at >> 2) + KEY] = DEAD;
    page.live -= page.ints[(at >> 2) + SIZE];
    page.dirty = true;
  }

  /** Gives a page back of which less than half is held; what it holds moves to the end. */
  private settle(number: number, page: Page): void {
    if (this.pages[number] !== page || number === this.meta[TAIL] || 2 * page.live >= page.used - PAGE_HEAD) return;
    const { bytes, ints } = page;
    for (let at = PAGE_HEAD; at < page.used; at += ints[(at >> 2) + SIZE]) {
      const size = ints[(at >> 2) + SIZE];
      const keyLength = ints[(at >> 2) + KEY];
      if (keyLength === DEAD) continue;
      const slot = this.index.slotOf(hashOf(bytes, at + HEAD, at + HEAD + keyLength), placeOf(number, at));
      const place = this.take(size);
      const to = this.pageOf(place);
      bytes.copy(to.bytes, atOf(place), at, at + size);
      to.used += size;
      to.live += size;
      to.earliest = Math.min(to.earliest, page.doubles[(at >> 3) + TIME]);
      to.dirty = true;
      this.index.places[slot] = place;
    }
    this.pages[number] = undefined;
    this.pageBytes -= bytes.length;
    this.lowestFree = Math.min(this.lowestFree, number);
  }

  private sweep(): void {
    const until = this.meta[CLOCK] - this.lifeMs;
    for (let number = 1; number < this.pages.length; number++) {
      const page = this.pages[number];
      if (page === undefined || page.earliest > until) continue;
      page.earliest = Infinity;
      for (let at = PAGE_HEAD; at < page.used; at += page.ints[(at >> 2) + SIZE]) {
        const keyLength = page.ints[(at >> 2) + KEY];
        if (keyLength === DEAD) continue;
        const time = page.doubles[(at >> 3) + TIME];
        if (time > until) {
          page.earliest = Math.min(page.earliest, time);
          continue;
        }
        this.index.removeAt(this.index.slotOf(hashOf(page.bytes, at + HEAD, at + HEAD + keyLength), placeOf(number, at)));
        this.count--;
        this.bury(page, at);
      }
      this.settle(number, page);
    }
  }
}

/** A place in the index: number of the page, and an eighth of the byte in it. A page that is larger than others holds one entry. */
const PLACES = 4096;
const placeOf = (page: number, at: number): number => (page << 12) | (at >> 3);
const numberOf = (place: number): number => place >>> 12;
const atOf = (place: number): number => (place & 0xfff) << 3;
