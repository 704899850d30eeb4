/**
 * Sessions in the order in which they end, of those that end at once in that of their numbers. A session whose end has moved on stays
 * where it is until it comes first: moving ends costs nothing.
 */
export class SessionHeap {
  private rows: number[] = [];
  /** Where each row is, and the end that it was last put in with. Not less than this is its end. */
  private places: number[] = [];
  private bounds: number[] = [];

  constructor(
    /** End and number of a row's session. */
    private readonly endOf: (row: number) => number,
    private readonly idOf: (row: number) => number,
  ) {}

  get bytes(): number {
    return 8 * (this.rows.length + this.places.length + this.bounds.length);
  }

  /** Row of the session that ends first; -1 where there is none. */
  first(): number {
    while (this.rows.length > 0) {
      const row = this.rows[0];
      const end = this.endOf(row);
      if (end === this.bounds[row]) return row;
      this.bounds[row] = end;
      this.down(0);
    }
    return -1;
  }

  /** An end before which none ends, at no cost; Infinity where there is none. */
  get earliest(): number {
    return this.rows.length === 0 ? Infinity : this.bounds[this.rows[0]];
  }

  add(row: number): void {
    this.bounds[row] = this.endOf(row);
    this.rows.push(row);
    this.places[row] = this.rows.length - 1;
    this.up(this.rows.length - 1);
  }

  remove(row: number): void {
    const place = this.places[row];
    const last = this.rows.pop()!;
    if (last === row) return;
    this.rows[place] = last;
    this.places[last] = place;
    this.up(place);
    this.down(this.places[last]);
  }

  clear(): void {
    this.rows = [];
    this.places = [];
    this.bounds = [];
  }

  private isBefore(a: number, b: number): boolean {
    return this.bounds[a] < this.bounds[b] || (this.bounds[a] === this.bounds[b] && this.idOf(a) < this.idOf(b));
  }

  private up(place: number): void {
    const { rows, places } = this;
    const row = rows[place];
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.isBefore(row, rows[above])) break;
      rows[place] = rows[above];
      places[rows[place]] = place;
      place = above;
    }
    rows[place] = row;
    places[row] = place;
  }

  private down(place: number): void {
    const { rows, places } = this;
    const row = rows[place];
    for (;;) {
      let below = 2 * place + 1;
      if (below >= rows.length) break;
      if (below + 1 < rows.length && this.isBefore(rows[below + 1], rows[below])) below++;
      if (!this.isBefore(rows[below], row)) break;
      rows[place] = rows[below];
      places[rows[place]] = place;
      place = below;
    }
    rows[place] = row;
    places[row] = place;
  }
}
