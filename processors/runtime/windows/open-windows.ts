import { Cells } from '../state/cells';
import type { Store } from '../state/store';
import type { Table, TableShape } from '../state/table';
import { Tables } from '../state/tables';
import { TIMELINES } from './timelines';

/** Cells of a slot. */
const TIMELINE = 0, START = 1, FIRST = 2, LAST = 3, WIDTH = 4;
const NONE = -1;

/** What a set of windows is made of. */
export interface OpenWindowsOptions {
  /** Prefix of the names of the stores. */
  readonly name: string;
  readonly lengthMs: number;
  readonly graceMs: number;
  /** Windows that can be open at once. */
  readonly slots: number;
  /** The tables of each window. */
  readonly tables: readonly TableShape[];
}

/** The open windows of one length: a fixed number of slots, each with its tables, its place in time and the offsets that it was made from. */
export class OpenWindows {
  readonly name: string;
  readonly stores: readonly Store[];
  readonly slots: number;
  readonly lengthMs: number;
  private readonly graceMs: number;
  /** By kind. */
  private readonly tables: readonly Tables[];
  /** {@link WIDTH} cells a slot; then, by timeline, when the first of its windows closes. */
  private readonly cells: Cells;
  /** Where the last window was found; only a guess. */
  private guess = 0;

  constructor({ name, lengthMs, graceMs, slots, tables }: OpenWindowsOptions) {
    this.name = name;
    this.lengthMs = lengthMs;
    this.graceMs = graceMs;
    this.slots = slots;
    this.tables = tables.map((shape) => new Tables({ ...shape, name: `${name}-${shape.name}` }, slots));
    this.cells = new Cells(`${name}-windows`, slots * WIDTH + TIMELINES, (cell) => (cell < slots * WIDTH ? NONE : Infinity));
    this.stores = [this.cells, ...this.tables];
  }

  /** Slot of a window, or -1. */
  find(timeline: number, start: number): number {
    const { values } = this.cells;
    const guess = this.guess * WIDTH;
    if (values[guess + START] === start && values[guess + TIMELINE] === timeline) return this.guess;
    for (let slot = 0; slot < this.slots; slot++) {
      if (values[slot * WIDTH + START] === start && values[slot * WIDTH + TIMELINE] === timeline) return (this.guess = slot);
    }
    return -1;
  }

  /** True where the window in that slot is that of `time`. */
  is(slot: number, timeline: number, time: number): boolean {
    const { values } = this.cells;
    const start = values[slot * WIDTH + START];
    return time >= start && time < start + this.lengthMs && values[slot * WIDTH + TIMELINE] === timeline;
  }

  /** True where stream time has passed the end and the grace of a window. */
  isClosed(start: number, streamTime: number): boolean {
    return start + this.lengthMs + this.graceMs <= streamTime;
  }

  /** Opens a window in the first free slot, so that pages of the changelog are written anew rather than others beside them; -1 where there is none. */
  open(timeline: number, start: number): number {
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.cells.values[slot * WIDTH + TIMELINE] !== NONE) continue;
      this.cells.set(slot * WIDTH + TIMELINE, timeline);
      this.cells.set(slot * WIDTH + START, start);
      this.schedule(timeline);
      return slot;
    }
    return -1;
  }

  /** Frees a slot; its tables are empty then. */
  release(slot: number): void {
    const timeline = this.timeline(slot);
    for (let cell = 0; cell < WIDTH; cell++) this.cells.set(slot * WIDTH + cell, NONE);
    for (const tables of this.tables) tables.at(slot).clear();
    this.schedule(timeline);
  }

  /** Notes that a window holds rows of these offsets. */
  note(slot: number, first: number, last: number): void {
    const cell = slot * WIDTH;
    const { values } = this.cells;
    if (values[cell + FIRST] === NONE || first < values[cell + FIRST]) this.cells.set(cell + FIRST, first);
    if (last > values[cell + LAST]) this.cells.set(cell + LAST, last);
  }

  table(slot: number, kind: number): Table {
    return this.tables[kind].at(slot);
  }

  timeline(slot: number): number {
    return this.cells.values[slot * WIDTH + TIMELINE];
  }

  start(slot: number): number {
    return this.cells.values[slot * WIDTH + START];
  }

  /** First and last offset that the window was made from. */
  causes(slot: number): { first: number; last: number } {
    return { first: this.cells.values[slot * WIDTH + FIRST], last: this.cells.values[slot * WIDTH + LAST] };
  }

  /** Stream time at which the first window of a timeline closes; Infinity where none is open. */
  closesAt(timeline: number): number {
    return this.cells.values[this.slots * WIDTH + timeline];
  }

  /** Slot of the earliest window, of one timeline or of all; -1 where none is open. */
  earliest(timeline?: number): number {
    let earliest = -1;
    for (let slot = 0; slot < this.slots; slot++) {
      const of = this.timeline(slot);
      if (of === NONE || (timeline !== undefined && of !== timeline)) continue;
      if (earliest < 0 || this.start(slot) < this.start(earliest)) earliest = slot;
    }
    return earliest;
  }

  /** Slots that hold a window. */
  openSlots(): number[] {
    return Array.from({ length: this.slots }, (_, slot) => slot).filter((slot) => this.timeline(slot) !== NONE);
  }

  /** Slots of the open windows in order of time, of one timeline or of all. */
  inOrder(timeline?: number): number[] {
    const slots = this.openSlots().filter((slot) => timeline === undefined || this.timeline(slot) === timeline);
    return slots.sort((a, b) => this.start(a) - this.start(b) || this.timeline(a) - this.timeline(b));
  }

  private schedule(timeline: number): void {
    const slot = this.earliest(timeline);
    this.cells.set(this.slots * WIDTH + timeline, slot < 0 ? Infinity : this.start(slot) + this.lengthMs + this.graceMs);
  }
}
