import type { Causes, Context } from '../processor';

/** Rows that {@link Results} holds, where nothing else is said. */
export const RESULT_ROWS = 1000;

/**
 * Why rows go out. `final`: their window is closed. `update`: it is open, and this stands for what went out of the same window
 * and key before. `part`: it is open, and there was no memory to keep it; what follows is to be added.
 */
export type ResultKind = 'final' | 'update' | 'part';

/** Takes results out of a window set. The columns are filled anew after it returns. */
export type EmitResults = (results: Results, context: Context) => void;

/** Rows of windows on their way out, in columns: a row a key. What the windows of a set emit at once comes in pieces of {@link RESULT_ROWS}. */
export class Results {
  kind: ResultKind = 'final';
  count = 0;
  /** Keys, one after the other; columns, those of a row side by side. */
  readonly keys: Int32Array;
  readonly values: Float64Array;
  /** Window, or session, of each row: from its first to its end. The end of a window is not in it; that of a session is the time of its last row. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Grows with everything that goes out of a window set in a partition: of two rows of one window and key the larger is the later. */
  readonly revisions: Float64Array;
  /** Numbers of sessions in their partition: a session keeps its number while its start and end move. 0 for windows. */
  readonly ids: Float64Array;
  /** 1: the session is no more, another has taken it in; its columns are those of no rows. */
  readonly gone: Uint8Array;
  /** Offsets of the input that each row was made from, both included. */
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
  private revision = 0;

  constructor(
    private readonly keyWords: number,
    private readonly columns: number,
    private readonly emit: EmitResults,
  ) {
    this.keys = new Int32Array(RESULT_ROWS * keyWords);
    this.values = new Float64Array(RESULT_ROWS * columns);
    [this.starts, this.ends, this.revisions, this.ids, this.firsts, this.lasts] = Array.from({ length: 6 }, () => new Float64Array(RESULT_ROWS));
    this.gone = new Uint8Array(RESULT_ROWS);
  }

  /** Offsets that the rows were made from, taken together. */
  get causes(): Causes {
    let first = Infinity;
    let last = -1;
    for (let row = 0; row < this.count; row++) {
      first = Math.min(first, this.firsts[row]);
      last = Math.max(last, this.lasts[row]);
    }
    return { first, last };
  }

  /** What follows goes out for this reason, under this number. */
  begin(kind: ResultKind, revision: number): void {
    this.kind = kind;
    this.revision = revision;
  }

  /** Takes a row; its window, offsets and number are the caller's to fill in at the place that is returned. */
  take(words: Int32Array, key: number, doubles: Float64Array, at: number, context: Context): number {
    if (this.count === RESULT_ROWS) this.flush(context);
    const row = this.count++;
    for (let word = 0; word < this.keyWords; word++) this.keys[row * this.keyWords + word] = words[key + word];
    for (let column = 0; column < this.columns; column++) this.values[row * this.columns + column] = doubles[at + column];
    this.revisions[row] = this.revision;
    this.ids[row] = this.gone[row] = 0;
    return row;
  }

  /** Hands over what was taken. */
  flush(context: Context): void {
    if (this.count === 0) return;
    this.emit(this, context);
    context.sent(this.count);
    if (this.kind === 'part') context.sentEarly(this.count);
    this.count = 0;
  }
}
