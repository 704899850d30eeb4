import { Table, type TableShape } from './table';
import type { Store } from './store';
import { Cells } from './cells';
import type { ViewPart } from './view';

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
  /** Keys of a batch that the younger lacks: their places in the batch, the keys, their rows in the older and in the younger. */
  private places = new Int32Array(0);
  private lacking = new Int32Array(0);
  private oldRows = new Int32Array(0);
  private youngRows = new Int32Array(0);

  constructor(
    shape: TableShape,
    private readonly lifeMs: number,
  ) {
    this.tables = [new Table({ ...shape, name: `${shape.name}-0` }), new Table({ ...shape, name: `${shape.name}-1` })];
    this.cells = new Cells(`${shape.name}-age`, 2);
    this.stores = [...this.tables, this.cells];
  }

  /** The younger generation, whose rows {@link upsertAll} gives. Asked for anew after each call. */
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

  /** Both generations, to be seen: a key brought over stands in the younger alone. */
  parts(): readonly ViewPart[] {
    return [{ table: this.young }, { table: this.old, newer: this.young }];
  }

  /** True where the key that begins at `at` is in either generation; it does not live longer for that. */
  has(keys: Int32Array, at = 0): boolean {
    return this.young.find(keys, at) >= 0 || this.old.find(keys, at) >= 0;
  }

  /**
   * Rows in {@link young} of `count` keys that lie one after the other in `keys`, into `rows`: found there, brought over from
   * the older generation, or new and of zeros; `fresh` says 1 of those that are new. `count` is at most `maxRows`.
   */
  upsertAll(keys: Int32Array, count: number, rows: Int32Array, fresh: Uint8Array): void {
    if (this.young.entries + count > this.young.maxRows) this.evicted += this.age();
    const { young } = this;
    fresh.fill(0, 0, count);
    if (young.findAll(keys, count, rows) > 0) this.bring(keys, count, rows, fresh);
  }

  /** Of keys of which {@link young} lacks some: brings those over, or adds them. */
  private bring(keys: Int32Array, count: number, rows: Int32Array, fresh: Uint8Array): void {
    const { young, old } = this;
    const { keyWords, wordsPerRow } = young;
    if (this.places.length < count) {
      this.places = new Int32Array(count);
      this.oldRows = new Int32Array(count);
      this.youngRows = new Int32Array(count);
      this.lacking = new Int32Array(count * keyWords);
    }
    const { places, oldRows, youngRows, lacking } = this;
    let lacks = 0;
    for (let i = 0; i < count; i++) {
      if (rows[i] >= 0) continue;
      for (let word = 0; word < keyWords; word++) lacking[lacks * keyWords + word] = keys[i * keyWords + word];
      places[lacks++] = i;
    }
    old.look(lacking, lacks, oldRows);
    let next = young.entries;
    young.upsertAll(lacking, lacks, youngRows);
    for (let j = 0; j < lacks; j++) {
      const row = (rows[places[j]] = youngRows[j]);
      // Else it came before, in the same batch.
      if (row !== next) continue;
      next++;
      if (oldRows[j] < 0) fresh[places[j]] = 1;
      else for (let word = keyWords; word < wordsPerRow; word++) young.words[row * wordsPerRow + word] = old.words[oldRows[j] * wordsPerRow + word];
    }
  }

  private get old(): Table {
    return this.tables[1 - this.cells.values[1]];
  }

  /** Forgets the older generation; the younger becomes the older. Returns the keys forgotten. */
  private age(): number {
    const old = 1 - this.cells.values[1];
    const forgotten = this.tables[old].entries;
    this.tables[old].clear();
    this.cells.set(1, old);
    return forgotten;
  }
}
