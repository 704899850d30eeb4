import { Table, type TableShape } from './table';
import type { Store } from './store';
import { Cells } from './cells';

/**
 * Keys with a time to live and a bounded number, as two generations of a {@link Table}: what is looked up or written lands
 * in the younger; each `lifeMs` of time the older is forgotten and the younger takes its place. A key lives on for at least
 * `lifeMs` and less than twice that after it was last touched. When a generation is full it ages early: the oldest keys
 * give way, {@link evicted} counts them. Time is what the caller says it is: never the clock.
 */
export class AgeingTable {
  /** The stores to declare. */
  readonly stores: readonly Store[];
  /** Keys forgotten before their time because the table was full. */
  evicted = 0;
  private readonly tables: readonly [Table, Table];
  /** 0: end of the generation (time); 1: which table is the younger. */
  private readonly cells: Cells;

  constructor(
    shape: TableShape,
    private readonly lifeMs: number,
  ) {
    this.tables = [new Table({ ...shape, name: `${shape.name}-0` }), new Table({ ...shape, name: `${shape.name}-1` })];
    this.cells = new Cells(`${shape.name}-age`, 2);
    this.stores = [...this.tables, this.cells];
  }

  /** The younger generation: write the key into `young.key`, call {@link upsert} or {@link find}, read and write the columns of `young`. Asked for anew after each call. */
  get young(): Table {
    return this.tables[this.cells.values[1]];
  }

  /** Time goes on: forgets what is old. */
  advance(timeMs: number): void {
    const end = this.cells.values[0];
    if (timeMs < end) return;
    if (end !== 0) {
      this.age();
      if (timeMs >= end + this.lifeMs) this.age();
    }
    this.cells.set(0, timeMs + this.lifeMs);
  }

  /** True where the key is in either generation; it does not live longer for that. */
  has(): boolean {
    const young = this.young;
    if (young.find() >= 0) return true;
    const old = this.tables[1 - this.cells.values[1]];
    old.key.set(young.key);
    return old.find() >= 0;
  }

  /** Row of the key in {@link young}: brought over from the older generation, or new and of zeros. `isNew` says which. */
  upsert(): number {
    let young = this.young;
    const before = young.entries;
    let row = young.upsert();
    this.isNew = false;
    if (row >= 0 && young.entries === before) return row;
    if (row < 0) {
      const key = young.key.slice();
      this.evicted += this.age();
      young = this.young;
      young.key.set(key);
      row = young.upsert();
    }
    const old = this.tables[1 - this.cells.values[1]];
    old.key.set(young.key);
    const found = old.find();
    if (found < 0) {
      this.isNew = true;
      return row;
    }
    const width = young.wordsPerRow;
    for (let word = young.keyWords; word < width; word++) young.words[row * width + word] = old.words[found * width + word];
    return row;
  }

  /** What the last {@link upsert} did. */
  isNew = false;

  /** Forgets the older generation; the younger becomes the older. Returns the keys forgotten. */
  private age(): number {
    const old = 1 - this.cells.values[1];
    const forgotten = this.tables[old].entries;
    this.tables[old].clear();
    this.cells.set(1, old);
    return forgotten;
  }
}
