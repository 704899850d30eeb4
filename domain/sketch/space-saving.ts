import { hashWords } from './hash';

/** What a {@link SpaceSaving} is made of. */
export interface SpaceSavingShape {
  /** 32-bit words of a key. */
  readonly keyWords: number;
  /** Keys that are followed. */
  readonly capacity: number;
}

/** A key that is followed, as {@link SpaceSaving.top} tells it. */
export interface HeavyHitter {
  readonly key: Int32Array;
  /** At least what there was of it. */
  readonly count: number;
  /** By how much it may be too large. */
  readonly error: number;
}

/**
 * The heaviest keys of a stream with weights: SpaceSaving (Metwally, Agrawal, El Abbadi 2005), merged as in Agarwal et al., "Mergeable
 * summaries" (2012).
 *
 * Every key that has more than {@link bound} = total / capacity is followed; no count is too small, and none too large by more than its `error`,
 * which is at most {@link bound} (after a merge: the sum of both). Keys in typed arrays under a heap by count and an index: an update allocates
 * nothing and takes O(log capacity). Weights are positive.
 */
export class SpaceSaving {
  readonly capacity: number;
  /** Everything that was counted. */
  total = 0;
  private readonly keyWords: number;
  private size = 0;
  /** By slot. */
  private readonly words: Int32Array;
  private readonly hashes: Int32Array;
  private readonly counts: Float64Array;
  private readonly errors: Float64Array;
  /** Slots with the least count first; where each slot is in it. */
  private readonly heap: Int32Array;
  private readonly places: Int32Array;
  /** Slots and one by hash, linear probing; 0: none. */
  private readonly index: Int32Array;

  constructor({ keyWords, capacity }: SpaceSavingShape) {
    if (!(Number.isInteger(capacity) && capacity >= 1)) throw new RangeError(`space-saving: the capacity is ${capacity}`);
    this.keyWords = keyWords;
    this.capacity = capacity;
    this.words = new Int32Array(capacity * keyWords);
    [this.hashes, this.heap, this.places] = Array.from({ length: 3 }, () => new Int32Array(capacity));
    this.counts = new Float64Array(capacity);
    this.errors = new Float64Array(capacity);
    this.index = new Int32Array(2 ** Math.ceil(Math.log2(2 * capacity + 1)));
  }

  /** Keys that are followed. */
  get entries(): number {
    return this.size;
  }

  /** Keys with more than this are among those followed. */
  get bound(): number {
    return this.total / this.capacity;
  }

  /** Counts so much of the key whose words begin at `at`. */
  add(keys: Int32Array, at: number, weight: number): void {
    this.total += weight;
    this.put(keys, at, hashWords(keys, at, this.keyWords), weight, 0);
  }

  /** What is counted of a key; 0 where it is not followed. */
  count(keys: Int32Array, at = 0): number {
    const slot = this.find(keys, at, hashWords(keys, at, this.keyWords));
    return slot < 0 ? 0 : this.counts[slot];
  }

  /** The heaviest keys, the heaviest first; equal ones in the order of their words. */
  top(most: number): HeavyHitter[] {
    const slots = Array.from({ length: this.size }, (_, slot) => slot);
    slots.sort((a, b) => this.counts[b] - this.counts[a] || this.compare(a, b));
    return slots.slice(0, most).map((slot) => ({ key: this.words.slice(slot * this.keyWords, (slot + 1) * this.keyWords), count: this.counts[slot], error: this.errors[slot] }));
  }

  /** Adds what another followed. What only one of them follows, the other may have had as much of as its least. */
  merge(other: SpaceSaving): void {
    if (other.keyWords !== this.keyWords) throw new RangeError(`space-saving: keys of ${other.keyWords} words cannot be added to keys of ${this.keyWords}`);
    const [least, othersLeast] = [this.least, other.least];
    const merged: HeavyHitter[] = [];
    for (const { key, count, error } of this.top(Infinity)) {
      const slot = other.find(key, 0, hashWords(key, 0, this.keyWords));
      merged.push(slot < 0 ? { key, count: count + othersLeast, error: error + othersLeast } : { key, count: count + other.counts[slot], error: error + other.errors[slot] });
    }
    for (const { key, count, error } of other.top(Infinity)) {
      if (this.find(key, 0, hashWords(key, 0, this.keyWords)) < 0) merged.push({ key, count: count + least, error: error + least });
    }
    const total = this.total + other.total;
    merged.sort((a, b) => b.count - a.count || compareWords(a.key, 0, b.key, 0, this.keyWords));
    this.clear();
    for (const { key, count, error } of merged.slice(0, this.capacity)) this.put(key, 0, hashWords(key, 0, this.keyWords), count, error);
    this.total = total;
  }

  clear(): void {
    this.index.fill(0);
    this.size = 0;
    this.total = 0;
  }

  /** What a key that is not followed may have at most. */
  private get least(): number {
    return this.size < this.capacity ? 0 : this.counts[this.heap[0]];
  }

  private put(keys: Int32Array, at: number, hash: number, weight: number, error: number): void {
    let slot = this.find(keys, at, hash);
    if (slot >= 0) {
      this.counts[slot] += weight;
      this.down(this.places[slot]);
      return;
    }
    if (this.size < this.capacity) {
      slot = this.size++;
      this.counts[slot] = weight;
      this.errors[slot] = error;
      this.heap[slot] = slot;
      this.places[slot] = slot;
      this.up(slot);
    } else {
      slot = this.heap[0];
      this.forget(slot);
      this.errors[slot] = this.counts[slot] + error;
      this.counts[slot] += weight;
      this.down(0);
    }
    for (let word = 0; word < this.keyWords; word++) this.words[slot * this.keyWords + word] = keys[at + word];
    this.hashes[slot] = hash;
    this.enter(slot);
  }

  private find(keys: Int32Array, at: number, hash: number): number {
    const { index, words, hashes, keyWords } = this;
    const mask = index.length - 1;
    for (let place = hash & mask; index[place] !== 0; place = (place + 1) & mask) {
      const slot = index[place] - 1;
      if (hashes[slot] === hash && compareWords(words, slot * keyWords, keys, at, keyWords) === 0) return slot;
    }
    return -1;
  }

  private enter(slot: number): void {
    const mask = this.index.length - 1;
    let place = this.hashes[slot] & mask;
    while (this.index[place] !== 0) place = (place + 1) & mask;
    this.index[place] = slot + 1;
  }

  /** Takes a slot out of the index; those behind it move up (Knuth, algorithm 6.4 R). */
  private forget(slot: number): void {
    const { index, hashes } = this;
    const mask = index.length - 1;
    let hole = hashes[slot] & mask;
    while (index[hole] !== slot + 1) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; index[place] !== 0; place = (place + 1) & mask) {
      const home = hashes[index[place] - 1] & mask;
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      index[hole] = index[place];
      hole = place;
    }
    index[hole] = 0;
  }

  private up(place: number): void {
    const { heap, places, counts } = this;
    const slot = heap[place];
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!(counts[slot] < counts[heap[above]])) break;
      heap[place] = heap[above];
      places[heap[place]] = place;
      place = above;
    }
    heap[place] = slot;
    places[slot] = place;
  }

  private down(place: number): void {
    const { heap, places, counts, size } = this;
    const slot = heap[place];
    for (;;) {
      let below = 2 * place + 1;
      if (below >= size) break;
      if (below + 1 < size && counts[heap[below + 1]] < counts[heap[below]]) below++;
      if (!(counts[heap[below]] < counts[slot])) break;
      heap[place] = heap[below];
      places[heap[place]] = place;
      place = below;
    }
    heap[place] = slot;
    places[slot] = place;
  }

  private compare(a: number, b: number): number {
    return compareWords(this.words, a * this.keyWords, this.words, b * this.keyWords, this.keyWords);
  }
}

function compareWords(a: Int32Array, from: number, b: Int32Array, at: number, count: number): number {
  for (let word = 0; word < count; word++) if (a[from + word] !== b[at + word]) return (a[from + word] >>> 0) - (b[at + word] >>> 0);
  return 0;
}
