/**
 * A map in order of use, of which the oldest entry can be taken again and again at the cost of one step. (The first entry of a plain
 * Map costs a walk over all that were deleted before it, since the table was made last: under a flood that is most of the work.)
 */
export class UseOrder<K, V> {
  private readonly map = new Map<K, V>();
  /** Where the oldest was taken last. Given up when an entry is removed otherwise: a cursor that stays keeps tables of before alive. */
  private cursor: IterableIterator<[K, V]> | null = null;

  get size(): number {
    return this.map.size;
  }

  get(key: K): V | undefined {
    return this.map.get(key);
  }

  has(key: K): boolean {
    return this.map.has(key);
  }

  /** Puts an entry where the newest are. */
  put(key: K, value: V): void {
    this.delete(key);
    this.map.set(key, value);
  }

  delete(key: K): boolean {
    if (!this.map.delete(key)) return false;
    this.cursor = null;
    return true;
  }

  /** Removes the oldest entry and gives its value; `except` is passed over. Undefined where there is no other. */
  takeOldest(except?: V): V | undefined {
    for (const fresh of [false, true]) {
      if (fresh || this.cursor === null) this.cursor = this.map.entries();
      for (const [key, value] of this.cursor) {
        if (value === except) continue;
        this.map.delete(key);
        return value;
      }
    }
    this.cursor = null;
    return undefined;
  }

  /** Oldest first. */
  values(): IterableIterator<V> {
    return this.map.values();
  }
}
