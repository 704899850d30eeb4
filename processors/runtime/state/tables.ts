import { PAGE_BYTES, type Store } from './store';
import { Table, type TableShape } from './table';

/** Pages of a table are numbered from its place times this. */
const MOST_PAGES = 2 ** 20;

/** Several tables of one shape as one store: a changelog then names the shape once, however many tables there are. */
export class Tables implements Store {
  readonly name: string;
  readonly shape: string;
  private readonly tables: readonly Table[];

  /** `count` tables, each with room for `shape.maxRows`. */
  constructor(shape: TableShape, count: number) {
    this.name = shape.name;
    this.tables = Array.from({ length: count }, (_, place) => new Table({ ...shape, name: `${shape.name}-${place}` }));
    this.shape = `${count} of ${this.tables[0].shape}`;
    if ((shape.maxRows * this.tables[0].wordsPerRow * 4) / PAGE_BYTES > MOST_PAGES / 2) throw new RangeError(`tables ${shape.name}: ${shape.maxRows} rows have too many pages`);
  }

  get entries(): number {
    return this.tables.reduce((sum, { entries }) => sum + entries, 0);
  }

  get bytes(): number {
    return this.tables.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The table at a place, from 0. */
  at(place: number): Table {
    return this.tables[place];
  }

  checkpoint(write: (page: number, bytes: Buffer | null) => void): void {
    this.tables.forEach((table, place) => table.checkpoint((page, bytes) => write(place * MOST_PAGES + page, bytes)));
  }

  restore(pages: ReadonlyMap<number, Uint8Array>): void {
    const parts = this.tables.map(() => new Map<number, Uint8Array>());
    for (const [page, content] of pages) {
      const part = parts[Math.floor(page / MOST_PAGES)];
      if (part === undefined) throw new Error(`store ${this.name}: page ${page} is beyond its ${this.tables.length} tables`);
      part.set(page % MOST_PAGES, content);
    }
    this.tables.forEach((table, place) => table.restore(parts[place]));
  }
}
