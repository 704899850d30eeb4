import type { Store } from './store';

/** A fixed number of numbers: clocks, cursors, what describes the other stores. One page. */
export class Cells implements Store {
  readonly shape: string;
  readonly values: Float64Array;
  private dirty = false;

  constructor(
    readonly name: string,
    count: number,
    private readonly initial: (cell: number) => number = () => 0,
  ) {
    this.values = Float64Array.from({ length: count }, (_, cell) => initial(cell));
    this.shape = `cells ${count}`;
  }

  get entries(): number {
    return this.values.length;
  }

  get bytes(): number {
    return this.values.byteLength;
  }

  /** Changes a cell. */
  set(cell: number, value: number): void {
    this.values[cell] = value;
    this.dirty = true;
  }

  checkpoint(write: (page: number, bytes: Buffer | null) => void): void {
    if (this.dirty) write(0, Buffer.from(this.values.slice().buffer));
    this.dirty = false;
  }

  restore(pages: ReadonlyMap<number, Uint8Array>): void {
    this.dirty = false;
    const content = pages.get(0);
    if (content === undefined) this.values.forEach((_, cell) => (this.values[cell] = this.initial(cell)));
    else if (content.length !== this.values.byteLength) throw new Error(`store ${this.name}: ${content.length} bytes, expected ${this.values.byteLength}`);
    else new Uint8Array(this.values.buffer).set(content);
  }
}
