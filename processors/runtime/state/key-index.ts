import { randomInt } from 'node:crypto';

const FIRST_SLOTS = 64;
/** A word of a key is mixed with the secret of its place. Secrets are others in each process, so that nobody outside can aim keys at one place of the index. */
const SECRETS = Int32Array.from({ length: 64 }, () => randomInt(-(2 ** 31), 2 ** 31));

/** Hash of bytes, another in each process. */
export function hashOf(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let h = to - from;
  for (let at = from, word = 0; at < to; at += 4, word++) {
    let k = bytes[at];
    if (at + 1 < to) k |= bytes[at + 1] << 8;
    if (at + 2 < to) k |= bytes[at + 2] << 16;
    if (at + 3 < to) k |= bytes[at + 3] << 24;
    k = Math.imul(k ^ SECRETS[word & 63], 0xcc9e2d51);
    k ^= k >>> 15;
    h = Math.imul(((h << 13) | (h >>> 19)) ^ k, 0x9e3779b1);
  }
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}

/**
 * An open-addressing index with linear probing from hashes to places (whole numbers of 32 bits, never 0) at a load of at
 * most one half. Whoever looks up compares the keys: from slot `hash & mask` on, until a place is 0.
 */
export class KeyIndex {
  hashes = new Int32Array(FIRST_SLOTS);
  places = new Int32Array(FIRST_SLOTS);
  mask = FIRST_SLOTS - 1;
  private used = 0;

  /** Bytes of memory held: 16 to 32 an entry as it grows, up to 64 after removals. */
  get bytes(): number {
    return 2 * this.places.byteLength;
  }

  add(hash: number, place: number): void {
    if (2 * ++this.used > this.places.length) this.resize(2 * this.places.length);
    this.insert(hash, place);
  }

  /** Slot of a place that is in the index. */
  slotOf(hash: number, place: number): number {
    let slot = hash & this.mask;
    while (this.places[slot] !== place) slot = (slot + 1) & this.mask;
    return slot;
  }

  /** Empties a slot, and moves up what was pushed behind it. */
  removeAt(slot: number): void {
    const { hashes, places, mask } = this;
    let hole = slot;
    for (let at = (slot + 1) & mask; places[at] !== 0; at = (at + 1) & mask) {
      if (((at - hashes[at]) & mask) < ((at - hole) & mask)) continue;
      hashes[hole] = hashes[at];
      places[hole] = places[at];
      hole = at;
    }
    places[hole] = 0;
    this.used--;
    if (places.length > FIRST_SLOTS && 8 * this.used < places.length) this.resize(places.length >> 1);
  }

  clear(): void {
    this.used = 0;
    this.hashes = new Int32Array(FIRST_SLOTS);
    this.places = new Int32Array(FIRST_SLOTS);
    this.mask = FIRST_SLOTS - 1;
  }

  private resize(slots: number): void {
    const { hashes, places } = this;
    this.hashes = new Int32Array(slots);
    this.places = new Int32Array(slots);
    this.mask = slots - 1;
    for (let slot = 0; slot < places.length; slot++) if (places[slot] !== 0) this.insert(hashes[slot], places[slot]);
  }

  private insert(hash: number, place: number): void {
    let slot = hash & this.mask;
    while (this.places[slot] !== 0) slot = (slot + 1) & this.mask;
    this.hashes[slot] = hash;
    this.places[slot] = place;
  }
}
