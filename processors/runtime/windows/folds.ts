/** How a column of a window comes from those of its rows. Sums are exact for whole numbers up to 2^53. */
export type Fold = 'sum' | 'min' | 'max';

const START: Readonly<Record<Fold, number>> = { sum: 0, min: Infinity, max: -Infinity };

/** The columns of a window, side by side, and how others are added to them; the order in which they are added does not matter. */
export class Folds {
  readonly columns: number;
  private readonly starts: Float64Array;
  private readonly onlySums: boolean;

  constructor(private readonly kinds: readonly Fold[]) {
    this.columns = kinds.length;
    this.starts = Float64Array.from(kinds, (kind) => START[kind]);
    this.onlySums = kinds.every((kind) => kind === 'sum');
  }

  /** Makes the columns at `at` those of no rows; they were zeros. */
  begin(doubles: Float64Array, at: number): void {
    if (!this.onlySums) doubles.set(this.starts, at);
  }

  /** Adds the columns at `from` of `values` to those at `at`. */
  add(doubles: Float64Array, at: number, values: Float64Array, from: number): void {
    const { kinds, columns } = this;
    if (this.onlySums) for (let column = 0; column < columns; column++) doubles[at + column] += values[from + column];
    else {
      for (let column = 0; column < columns; column++) {
        const value = values[from + column];
        const kind = kinds[column];
        if (kind === 'sum') doubles[at + column] += value;
        else if (kind === 'min' ? value < doubles[at + column] : value > doubles[at + column]) doubles[at + column] = value;
      }
    }
  }
}
