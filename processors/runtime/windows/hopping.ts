import type { Context } from '../processor';
import { Cells } from '../state/cells';
import type { Store } from '../state/store';
import { MAX_ROWS, Table } from '../state/table';
import { timeCell, type ViewPart } from '../state/view';
import { Folds, type Fold } from './folds';
import { OpenWindows } from './open-windows';
import { Results, type EmitResults, type ResultKind } from './results';
import type { StreamTime, WindowSet } from './stream-time';
import { ABSURD, TIMELINES } from './timelines';

/** What windows are made of. */
export interface HoppingOptions {
  /** Prefix of the names of the stores. */
  readonly name: string;
  /** 32-bit words of a key. */
  readonly keyWords: number;
  /** What is kept of a key in a window. */
  readonly columns: readonly Fold[];
  readonly lengthMs: number;
  /** A window begins every so often, counted from 1970; unit: milliseconds. Default: the length, so that windows tumble. */
  readonly advanceMs?: number;
  /** How long after the end of a window, in stream time, rows may still come; unit: milliseconds. */
  readonly graceMs: number;
  /** Keys of a pane; at least {@link LEAST_KEYS}, and those of all panes of a window together at most {@link MAX_ROWS}. */
  readonly maxKeys: number;
  /** Updates of open windows: how far apart, in the receive time of rows; unit: milliseconds. Default: none, rows go out when their window closes. */
  readonly updateMs?: number;
  /** Which column holds the bytes that `late` tells of. Default: none does. */
  readonly bytesColumn?: number;
  readonly emit: EmitResults;
}

/** Rows added together. */
const TOGETHER = 256;
/** Fewer keys than are added together would never fit. */
export const LEAST_KEYS = TOGETHER;
/** Panes that a window and its grace may have. */
export const MOST_PANES = 2000;

/** Cells: by timeline, the stream time up to which windows are closed, and that at which the next closes; number of the last emission; 1 where something has changed since the last update; the same by slot of a pane. */
const CLOSED = 0, CLOSES = TIMELINES, REVISION = 2 * TIMELINES, CHANGED = REVISION + 1, CHANGED_PANES = CHANGED + 1;

/**
 * Tumbling and hopping windows over a keyed table: window k holds the rows whose time is from `k * advanceMs` up to, but not
 * with, `lengthMs` later, and closes when stream time is `graceMs` past its end.
 *
 * A row is added once, to its pane: the stretch of time, as long as length and advance have in common, that lies wholly in or
 * wholly out of every window. What a window holds is put together from its panes when it goes out, in the order of panes and of the
 * first row of each key. So the cost of a row does not depend on how many windows it is in.
 *
 * A row that comes when some of its windows are closed is late and counts in the others; when all are, it is left out. A window
 * that went out because nothing came is closed like any other.
 *
 * Memory: `maxKeys` rows a pane. When a pane is full, windows without updates lose nothing: what it holds goes out for each of
 * its windows as a part, to be added to what follows. With updates, rows with new keys are left out, counted as `window-full`.
 */
export class HoppingWindows implements WindowSet {
  readonly stores: readonly Store[];
  readonly updates: WindowSet['updates'];
  private readonly lengthMs: number;
  private readonly advanceMs: number;
  private readonly graceMs: number;
  private readonly keyWords: number;
  private readonly bytesColumn: number;
  private readonly folds: Folds;
  private readonly panes: OpenWindows;
  private readonly cells: Cells;
  private readonly results: Results;
  /** Where a window is put together. */
  private readonly whole: Table;
  private readonly rows = new Int32Array(TOGETHER);

  constructor(private readonly time: StreamTime, options: HoppingOptions) {
    const { name, keyWords, columns, lengthMs, advanceMs = lengthMs, graceMs, maxKeys, updateMs = 0, bytesColumn = -1, emit } = options;
    const paneMs = commonDivisor(lengthMs, advanceMs);
    const open = Math.ceil((lengthMs + graceMs) / paneMs) + 2;
    if (!(advanceMs > 0 && advanceMs <= lengthMs)) throw new RangeError(`windows ${name}: they advance by ${advanceMs} ms, allowed 1 to their length`);
    if (open > MOST_PANES) throw new RangeError(`windows ${name}: length and grace are ${open} panes of ${paneMs} ms, allowed ${MOST_PANES}; choose a length and an advance that have more in common`);
    const mostKeys = Math.floor((MAX_ROWS * paneMs) / lengthMs);
    if (!(maxKeys >= LEAST_KEYS && maxKeys <= mostKeys)) throw new RangeError(`windows ${name}: maxKeys is ${maxKeys}, allowed ${LEAST_KEYS} to ${mostKeys}`);
    this.lengthMs = lengthMs;
    this.advanceMs = advanceMs;
    this.graceMs = graceMs;
    this.keyWords = keyWords;
    this.bytesColumn = bytesColumn;
    this.folds = new Folds(columns);
    const shape = { name: 'panes', keyWords, ints: updateMs > 0 ? 1 : 0, doubles: columns.length, maxRows: maxKeys };
    this.panes = new OpenWindows({ name, lengthMs: paneMs, graceMs, slots: TIMELINES * open, tables: [shape] });
    this.whole = new Table({ ...shape, maxRows: maxKeys * (lengthMs / paneMs) });
    this.cells = new Cells(`${name}-clock`, CHANGED_PANES + (updateMs > 0 ? this.panes.slots : 0), (cell) => (cell < CLOSES ? -Infinity : cell < REVISION ? Infinity : 0));
    this.results = new Results(keyWords, columns.length, emit);
    this.stores = [this.cells, ...this.panes.stores];
    if (updateMs > 0) this.updates = { everyMs: updateMs, pending: () => this.cells.values[CHANGED] === 1, send: (context) => this.update(context) };
    time.add(this);
  }

  /** Adds the rows that {@link StreamTime.begin} was called with: their keys one after the other, their columns row by row. */
  add(keys: Int32Array, values: Float64Array, context: Context): void {
    const { time, panes } = this;
    const { times, timelineOf, streamTimes, count } = time;
    let from = 0;
    let slot = -1;
    let isLate = false;
    for (let row = 0; row < count; row++) {
      const timeline = timelineOf[row];
      const streamTime = streamTimes[row];
      const same = slot >= 0 && row - from < TOGETHER && timeline !== ABSURD && panes.is(slot, timeline, times[row]) && streamTime < this.closesAt(timeline);
      if (!same) {
        if (slot >= 0) this.addTo(slot, keys, values, from, row, context);
        slot = -1;
        if (timeline === ABSURD) continue;
        if (this.closesAt(timeline) <= streamTime) this.close(timeline, streamTime, context);
        const start = times[row] - (times[row] % panes.lengthMs);
        const until = Math.max(streamTime, this.cells.values[CLOSED + timeline]);
        isLate = this.closing(this.firstWith(start)) <= until;
        if (!isLate || this.closing(this.lastWith(start)) > until) slot = this.paneAt(timeline, start, until);
        from = row;
      }
      if (isLate) time.late(row, this.bytesColumn < 0 ? 0 : values[row * this.folds.columns + this.bytesColumn]);
    }
    if (slot >= 0) this.addTo(slot, keys, values, from, count, context);
  }

  closesAt(timeline: number): number {
    return this.cells.values[CLOSES + timeline];
  }

  close(timeline: number, streamTime: number, context: Context): void {
    for (let slot = this.panes.earliest(timeline); slot >= 0; slot = this.panes.earliest(timeline)) {
      const start = this.panes.start(slot);
      const window = this.firstOpen(timeline, start);
      if (window > this.lastWith(start)) {
        this.panes.release(slot);
        if (this.updates !== undefined) this.cells.set(CHANGED_PANES + slot, 0);
        continue;
      }
      const closing = this.closing(window);
      if (closing > streamTime) break;
      this.send(timeline, window, 'final', context);
      this.cells.set(CLOSED + timeline, closing);
    }
    if (streamTime === Infinity) this.cells.set(CLOSED + timeline, -Infinity);
    this.schedule(timeline);
  }

  /** The panes, in order of time, to be seen in a {@link TableView}: their doubles are the columns, their start is before them. */
  parts(): ViewPart[] {
    return this.panes.inOrder().map((slot) => ({ table: this.panes.table(slot, 0), common: [timeCell(this.panes.start(slot))] }));
  }

  /** Adds rows `from` to `to` (not included) to a pane. */
  private addTo(slot: number, keys: Int32Array, values: Float64Array, from: number, to: number, context: Context): void {
    const { folds, rows, keyWords } = this;
    const count = to - from;
    const table = this.panes.table(slot, 0);
    if (this.updates === undefined && table.entries + count > table.maxRows) this.sendPart(slot, context);
    const before = table.entries;
    table.upsertAll(keys, count, rows, from * keyWords);
    const { doubles, doublesPerRow, doublesAt, words, wordsPerRow, intsAt } = table;
    for (let row = before; row < table.entries; row++) folds.begin(doubles, row * doublesPerRow + doublesAt);
    let refused = 0;
    for (let i = 0; i < count; i++) {
      if (rows[i] < 0) refused++;
      else folds.add(doubles, rows[i] * doublesPerRow + doublesAt, values, (from + i) * folds.columns);
    }
    this.panes.note(slot, context.offset, context.offset);
    if (this.updates !== undefined) {
      for (let i = 0; i < count; i++) if (rows[i] >= 0) words[rows[i] * wordsPerRow + intsAt] = 1;
      this.cells.set(CHANGED, 1);
      this.cells.set(CHANGED_PANES + slot, 1);
      if (refused > 0) context.discarded('window-full', refused);
    }
  }

  /** Sends what changed since the last update, of every window that it is in. */
  private update(context: Context): void {
    for (let timeline = 0; timeline < TIMELINES; timeline++) {
      const slots = this.panes.inOrder(timeline);
      const changed = slots.filter((slot) => this.cells.values[CHANGED_PANES + slot] === 1);
      if (changed.length === 0) continue;
      const first = this.firstOpen(timeline, this.panes.start(slots[0]));
      const reachesLast = Math.max(first, this.firstWith(this.panes.start(slots[slots.length - 1])));
      for (let window = first; window < reachesLast; window++) this.send(timeline, window, 'update', context);
      this.updateLast(slots, changed, reachesLast, context);
      for (const slot of changed) {
        unmark(this.panes.table(slot, 0));
        this.cells.set(CHANGED_PANES + slot, 0);
      }
    }
    this.cells.set(CHANGED, 0);
  }

  /** Updates the windows that reach to the last pane, from `first` on: from the last backwards each is the one after it and some panes more. */
  private updateLast(slots: readonly number[], changed: readonly number[], first: number, context: Context): void {
    const { whole } = this;
    for (const slot of changed) this.joinChanged(this.panes.table(slot, 0));
    let from = slots.length;
    for (let window = this.lastWith(this.panes.start(slots[slots.length - 1])); window >= first; window--) {
      while (from > 0 && this.panes.start(slots[from - 1]) >= window * this.advanceMs) this.complete([slots[--from]]);
      this.sendTable(whole, slots.slice(from), window, 'update', true, context);
    }
    whole.clear();
  }

  /** Sends out a window: all of it, or where there are updates what changed since the last. */
  private send(timeline: number, window: number, kind: ResultKind, context: Context): void {
    const { whole, panes } = this;
    const start = window * this.advanceMs;
    const onlyChanged = this.updates !== undefined;
    const slots = panes.inOrder(timeline).filter((slot) => panes.start(slot) >= start && panes.start(slot) < start + this.lengthMs);
    if (slots.length === 1) return this.sendTable(panes.table(slots[0], 0), slots, window, kind, onlyChanged, context);
    for (const slot of slots) {
      if (!onlyChanged) this.join(panes.table(slot, 0));
      else if (this.cells.values[CHANGED_PANES + slot] === 1) this.joinChanged(panes.table(slot, 0));
    }
    if (onlyChanged) this.complete(slots);
    this.sendTable(whole, slots, window, kind, onlyChanged, context);
    whole.clear();
  }

  /** Sends what a full pane holds for each of its windows, and empties it. */
  private sendPart(slot: number, context: Context): void {
    const table = this.panes.table(slot, 0);
    const start = this.panes.start(slot);
    for (let window = this.firstOpen(this.panes.timeline(slot), start); window <= this.lastWith(start); window++) this.sendTable(table, [slot], window, 'part', false, context);
    table.clear();
  }

  /** Puts the rows of a pane into the whole. */
  private join(pane: Table): void {
    const { whole, folds, rows } = this;
    for (let from = 0; from < pane.entries; from += TOGETHER) {
      const some = Math.min(TOGETHER, pane.entries - from);
      const before = whole.entries;
      whole.upsertAll(pane.words, some, rows, from * pane.wordsPerRow, pane.wordsPerRow);
      const { doubles, doublesPerRow, doublesAt } = whole;
      for (let row = before; row < whole.entries; row++) folds.begin(doubles, row * doublesPerRow + doublesAt);
      for (let i = 0; i < some; i++) folds.add(doubles, rows[i] * doublesPerRow + doublesAt, pane.doubles, (from + i) * pane.doublesPerRow + pane.doublesAt);
    }
  }

  /** Puts the keys that changed in a pane into the whole, for {@link complete}. */
  private joinChanged(pane: Table): void {
    const { whole } = this;
    for (let row = 0; row < pane.entries; row++) {
      if (pane.words[row * pane.wordsPerRow + pane.intsAt] === 0) continue;
      const before = whole.entries;
      const at = whole.upsert(pane.words, row * pane.wordsPerRow);
      if (whole.entries > before) this.folds.begin(whole.doubles, at * whole.doublesPerRow + whole.doublesAt);
    }
  }

  /** Adds to the keys of the whole what panes hold of them, and marks those that changed in one. */
  private complete(slots: readonly number[]): void {
    const { whole, folds } = this;
    for (const slot of slots) {
      const pane = this.panes.table(slot, 0);
      for (let row = 0; row < whole.entries; row++) {
        const found = pane.find(whole.words, row * whole.wordsPerRow);
        if (found < 0) continue;
        folds.add(whole.doubles, row * whole.doublesPerRow + whole.doublesAt, pane.doubles, found * pane.doublesPerRow + pane.doublesAt);
        whole.words[row * whole.wordsPerRow + whole.intsAt] |= pane.words[found * pane.wordsPerRow + pane.intsAt];
      }
    }
  }

  private sendTable(table: Table, slots: readonly number[], window: number, kind: ResultKind, onlyChanged: boolean, context: Context): void {
    const { results } = this;
    let first = Infinity;
    let last = -1;
    for (const slot of slots) {
      first = Math.min(first, this.panes.causes(slot).first);
      last = Math.max(last, this.panes.causes(slot).last);
    }
    this.cells.set(REVISION, this.cells.values[REVISION] + 1);
    results.begin(kind, this.cells.values[REVISION]);
    for (let row = 0; row < table.entries; row++) {
      if (onlyChanged && table.words[row * table.wordsPerRow + table.intsAt] === 0) continue;
      const at = results.take(table.words, row * table.wordsPerRow, table.doubles, row * table.doublesPerRow + table.doublesAt, context);
      results.starts[at] = window * this.advanceMs;
      results.ends[at] = window * this.advanceMs + this.lengthMs;
      results.firsts[at] = first;
      results.lasts[at] = last;
    }
    results.flush(context);
  }

  /** Slot of the pane that begins at `start`; windows that close until `until` do not get it. */
  private paneAt(timeline: number, start: number, until: number): number {
    const found = this.panes.find(timeline, start);
    if (found >= 0) return found;
    const opened = this.panes.open(timeline, start);
    this.cells.set(CLOSED + timeline, until);
    this.schedule(timeline);
    return opened;
  }

  private schedule(timeline: number): void {
    const slot = this.panes.earliest(timeline);
    this.cells.set(CLOSES + timeline, slot < 0 ? Infinity : this.closing(this.firstOpen(timeline, this.panes.start(slot))));
  }

  /** First window with a pane that is not closed. */
  private firstOpen(timeline: number, start: number): number {
    const closed = this.cells.values[CLOSED + timeline] - this.graceMs - this.lengthMs;
    return Math.max(this.firstWith(start), Math.floor(closed / this.advanceMs) + 1);
  }

  private firstWith(start: number): number {
    return Math.floor((start - this.lengthMs) / this.advanceMs) + 1;
  }

  private lastWith(start: number): number {
    return Math.floor(start / this.advanceMs);
  }

  /** Stream time at which a window closes. */
  private closing(window: number): number {
    return window * this.advanceMs + this.lengthMs + this.graceMs;
  }
}

function unmark(table: Table): void {
  for (let row = 0; row < table.entries; row++) {
    const at = row * table.wordsPerRow + table.intsAt;
    if (table.words[at] === 0) continue;
    table.words[at] = 0;
    table.touch(row);
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
