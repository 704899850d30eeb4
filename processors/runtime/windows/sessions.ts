import type { Context } from '../processor';
import { Cells } from '../state/cells';
import type { Store } from '../state/store';
import { Folds, type Fold } from './folds';
import { Results, type EmitResults, type ResultKind } from './results';
import { SessionHeap } from './session-heap';
import { CHANGED, END, FIRST, GONE, ID, LAST, SENT, SessionTable, START, USED } from './session-table';
import type { StreamTime, WindowSet } from './stream-time';
import { ABSURD, TIMELINES } from './timelines';

/** What sessions are made of. */
export interface SessionOptions {
  /** Prefix of the names of the stores. */
  readonly name: string;
  /** 32-bit words of a key. */
  readonly keyWords: number;
  /** What is kept of a session. */
  readonly columns: readonly Fold[];
  /** Rows of a key that are at most so far apart are of one session; unit: milliseconds. */
  readonly gapMs: number;
  /** How long after a session can no longer go on, in stream time, rows may still come; unit: milliseconds. */
  readonly graceMs: number;
  /** Sessions that may be open at once. */
  readonly maxSessions: number;
  /** Updates of open sessions: how far apart, in the receive time of rows; unit: milliseconds. Default: none, a session goes out when it is over. */
  readonly updateMs?: number;
  /** Which column holds the bytes that `late` tells of. Default: none does. */
  readonly bytesColumn?: number;
  readonly emit: EmitResults;
}

/** Cells: by timeline, the stream time up to which sessions are closed; number of the last emission; how many rows wait to go out as an update, and how many of them are gone. */
const CLOSED = 0, REVISION = TIMELINES, WAITING = REVISION + 1, WITHDRAWN = REVISION + 2, WIDTH = REVISION + 3;
/** No session was closed. */
const NEVER = -Infinity;

/**
 * Session windows: the rows of a key of which none is further than `gapMs` from the next. A row joins the session of its key
 * that it is near enough to; where it is near to two, they become one, which keeps the number of the one that began first.
 *
 * A session closes when stream time is more than `graceMs` past its last row and the gap. A row that no open session takes begins one,
 * if that would be open; if not, it is late and left out. So a row however old counts where it joins what is open.
 *
 * Sessions go out in the order in which they end, with the number that they had from their first row on. With updates, what changed goes
 * out every interval in the order of rows of the table, and a session that another has taken in goes out once more, as gone.
 *
 * Memory: `maxSessions` rows. Where there are more, the one that would close first goes out before its time, as a part: the rest of it
 * is a session of its own.
 */
export class SessionWindows implements WindowSet {
  readonly stores: readonly Store[];
  readonly updates: WindowSet['updates'];
  private readonly gapMs: number;
  /** A row that comes exactly the gap after the last, at the end of grace, still joins. */
  private readonly closesAfterMs: number;
  private readonly keyWords: number;
  private readonly bytesColumn: number;
  private readonly folds: Folds;
  private readonly table: SessionTable;
  private readonly cells: Cells;
  private readonly heaps: readonly SessionHeap[];
  private readonly results: Results;
  /** Key and timeline. */
  private readonly key: Int32Array;

  constructor(private readonly time: StreamTime, options: SessionOptions) {
    const { name, keyWords, columns, gapMs, graceMs, maxSessions, updateMs = 0, bytesColumn = -1, emit } = options;
    if (!(gapMs > 0 && graceMs >= 0)) throw new RangeError(`sessions ${name}: a gap of ${gapMs} ms and a grace of ${graceMs} ms, allowed from 1 and from 0`);
    if (maxSessions < 1) throw new RangeError(`sessions ${name}: maxSessions is ${maxSessions}, allowed from 1`);
    this.gapMs = gapMs;
    this.closesAfterMs = gapMs + graceMs + 1;
    this.keyWords = keyWords;
    this.bytesColumn = bytesColumn;
    this.folds = new Folds(columns);
    this.table = new SessionTable({ name: `${name}-sessions`, keyWords, columns: columns.length, maxRows: maxSessions });
    this.cells = new Cells(`${name}-clock`, WIDTH, (cell) => (cell < REVISION ? NEVER : 0));
    const { table } = this;
    this.heaps = Array.from({ length: TIMELINES }, () => new SessionHeap((row) => table.get(row, END), (row) => table.get(row, ID)));
    this.results = new Results(keyWords, columns.length, emit);
    this.key = new Int32Array(keyWords + 1);
    this.stores = [this.cells, new OrderedSessions(table, this.heaps)];
    if (updateMs > 0) this.updates = { everyMs: updateMs, pending: () => this.cells.values[WAITING] > 0, send: (context) => this.update(context) };
    time.add(this);
  }

  /** Adds the rows that {@link StreamTime.begin} was called with: their keys one after the other, their columns row by row. */
  add(keys: Int32Array, values: Float64Array, context: Context): void {
    const { time, key, keyWords } = this;
    const { times, timelineOf, streamTimes, count } = time;
    for (let row = 0; row < count; row++) {
      const timeline = timelineOf[row];
      if (timeline === ABSURD) continue;
      if (this.heaps[timeline].earliest + this.closesAfterMs <= streamTimes[row]) this.close(timeline, streamTimes[row], context);
      for (let word = 0; word < keyWords; word++) key[word] = keys[row * keyWords + word];
      key[keyWords] = timeline;
      let session = this.join(times[row], timeline);
      if (session < 0) {
        if (times[row] + this.closesAfterMs <= Math.max(streamTimes[row], this.cells.values[CLOSED + timeline])) {
          time.late(row, this.bytesColumn < 0 ? 0 : values[row * this.folds.columns + this.bytesColumn]);
          continue;
        }
        session = this.begin(times[row], timeline, context);
      }
      this.addTo(session, values, row, context.offset);
    }
  }

  closesAt(timeline: number): number {
    const first = this.heaps[timeline].first();
    return first < 0 ? Infinity : this.table.get(first, END) + this.closesAfterMs;
  }

  close(timeline: number, streamTime: number, context: Context): void {
    if (this.closesAt(timeline) <= streamTime && this.closesAt(timeline) < Infinity) {
      if (this.cells.values[WITHDRAWN] > 0) this.sendMarked(GONE, context);
      this.beginResults('final');
      for (let closes = this.closesAt(timeline); closes <= streamTime && closes < Infinity; closes = this.closesAt(timeline)) {
        this.finish(this.heaps[timeline].first(), timeline, context);
        this.cells.set(CLOSED + timeline, Math.max(closes, this.cells.values[CLOSED + timeline]));
      }
      this.results.flush(context);
    }
    if (streamTime === Infinity) this.cells.set(CLOSED + timeline, NEVER);
  }

  /** The session of the key that takes a row of that time, grown to it; those that it makes one are one. -1 where there is none. */
  private join(time: number, timeline: number): number {
    const { table, gapMs } = this;
    let joined = -1;
    for (let row = table.find(this.key); row >= 0; ) {
      const next = table.next(row);
      if (time >= table.get(row, START) - gapMs && time <= table.get(row, END) + gapMs) joined = joined < 0 ? row : this.merge(joined, row, timeline);
      row = next;
    }
    if (joined < 0) return -1;
    if (time < table.get(joined, START)) table.set(joined, START, time);
    if (time > table.get(joined, END)) table.set(joined, END, time);
    return joined;
  }

  /** Makes one session of two; it lies where the one lies that began first. */
  private merge(a: number, b: number, timeline: number): number {
    const { table, folds } = this;
    const [kept, other] = table.get(a, START) < table.get(b, START) ? [a, b] : [b, a];
    const columnsOf = (row: number): number => row * table.doublesPerRow + table.columnsAt;
    folds.add(table.doubles, columnsOf(kept), table.doubles, columnsOf(other));
    table.set(kept, END, Math.max(table.get(kept, END), table.get(other, END)));
    table.set(kept, FIRST, Math.min(table.get(kept, FIRST), table.get(other, FIRST)));
    table.set(kept, LAST, Math.max(table.get(kept, LAST), table.get(other, LAST)));
    this.heaps[timeline].remove(other);
    table.unlink(other);
    if ((table.state(other) & SENT) !== 0) {
      // Others hold what it was: it must go out as gone.
      if ((table.state(other) & CHANGED) === 0) this.count(WAITING, 1);
      this.count(WITHDRAWN, 1);
      table.mark(other, GONE | CHANGED);
      table.doubles.fill(0, columnsOf(other), columnsOf(other) + folds.columns);
      folds.begin(table.doubles, columnsOf(other));
    } else this.drop(other);
    return kept;
  }

  private begin(time: number, timeline: number, context: Context): number {
    const { table } = this;
    if (table.isFull) this.makeRoom(context);
    const row = table.insert(this.key);
    table.set(row, START, time);
    table.set(row, END, time);
    table.set(row, FIRST, context.offset);
    table.set(row, LAST, context.offset);
    this.folds.begin(table.doubles, row * table.doublesPerRow + table.columnsAt);
    this.heaps[timeline].add(row);
    return row;
  }

  private addTo(session: number, values: Float64Array, row: number, offset: number): void {
    const { table, folds } = this;
    folds.add(table.doubles, session * table.doublesPerRow + table.columnsAt, values, row * folds.columns);
    table.set(session, LAST, offset);
    if (this.updates === undefined || (table.state(session) & CHANGED) !== 0) return;
    table.mark(session, CHANGED);
    this.count(WAITING, 1);
  }

  /** Sends out the session that closes first, of all timelines; those that are gone first. */
  private makeRoom(context: Context): void {
    if (this.cells.values[WITHDRAWN] > 0) return this.sendMarked(GONE, context);
    let timeline = 0;
    for (let other = 1; other < TIMELINES; other++) if (this.closesAt(other) < this.closesAt(timeline)) timeline = other;
    this.beginResults('part');
    this.finish(this.heaps[timeline].first(), timeline, context);
    this.results.flush(context);
  }

  /** Sends out a session for the last time, where others do not know it as it is, and forgets it. */
  private finish(row: number, timeline: number, context: Context): void {
    if (this.updates === undefined || (this.table.state(row) & CHANGED) !== 0) this.send(row, context);
    this.heaps[timeline].remove(row);
    this.table.unlink(row);
    this.drop(row);
  }

  private update(context: Context): void {
    this.sendMarked(CHANGED, context);
  }

  /** Sends rows with a mark as an update, in the order of rows. */
  private sendMarked(mark: number, context: Context): void {
    const { table } = this;
    this.beginResults('update');
    for (let row = 0, { end } = table; row < end; row++) {
      const state = table.state(row);
      if ((state & USED) === 0 || (state & mark) === 0) continue;
      this.send(row, context);
      if ((state & GONE) === 0) {
        table.mark(row, SENT, CHANGED);
        this.count(WAITING, -1);
      } else {
        this.count(WITHDRAWN, -1);
        this.drop(row);
      }
    }
    this.results.flush(context);
  }

  private send(row: number, context: Context): void {
    const { table, results } = this;
    const at = results.take(table.words, row * table.wordsPerRow, table.doubles, row * table.doublesPerRow + table.columnsAt, context);
    results.starts[at] = table.get(row, START);
    results.ends[at] = table.get(row, END);
    results.ids[at] = table.get(row, ID);
    results.firsts[at] = table.get(row, FIRST);
    results.lasts[at] = table.get(row, LAST);
    results.gone[at] = (table.state(row) & GONE) === 0 ? 0 : 1;
  }

  /** Frees the row of a session that is out of its key and of the order of ends. */
  private drop(row: number): void {
    if ((this.table.state(row) & CHANGED) !== 0) this.count(WAITING, -1);
    this.table.free(row);
  }

  private beginResults(kind: ResultKind): void {
    this.count(REVISION, 1);
    this.results.begin(kind, this.cells.values[REVISION]);
  }

  private count(cell: number, by: number): void {
    this.cells.set(cell, this.cells.values[cell] + by);
  }
}

/** The table as a store; when it is restored, so is the order of ends. */
class OrderedSessions implements Store {
  readonly name: string;
  readonly shape: string;

  constructor(private readonly table: SessionTable, private readonly heaps: readonly SessionHeap[]) {
    ({ name: this.name, shape: this.shape } = table);
  }

  get entries(): number {
    return this.table.entries;
  }

  get bytes(): number {
    return this.table.bytes + this.heaps.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  checkpoint(write: (page: number, bytes: Buffer | null) => void): void {
    this.table.checkpoint(write);
  }

  restore(pages: ReadonlyMap<number, Uint8Array>): void {
    const { table, heaps } = this;
    table.restore(pages);
    for (const heap of heaps) heap.clear();
    for (let row = 0; row < table.end; row++) {
      if ((table.state(row) & USED) !== 0 && (table.state(row) & GONE) === 0) heaps[table.timeline(row)].add(row);
    }
  }
}
