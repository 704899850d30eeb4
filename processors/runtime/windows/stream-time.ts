import type { Context } from '../processor';
import type { Store } from '../state/store';
import { ABSURD, LIVE, Timelines, TIMELINES, type TimelineBounds } from './timelines';

/** Windows of one kind, whose time a {@link StreamTime} keeps. */
export interface WindowSet {
  /** Stream time at which the first open window of a timeline closes; Infinity where none is open. */
  closesAt(timeline: number): number;
  /** Sends out the windows of a timeline that are over at `streamTime`. At Infinity all: the timeline then begins anew. */
  close(timeline: number, streamTime: number, context: Context): void;
  /** Updates of open windows, where they are wanted. */
  readonly updates?: {
    /** How far apart they are; unit: milliseconds. */
    readonly everyMs: number;
    /** True where something has changed since the last. */
    pending(): boolean;
    send(context: Context): void;
  };
}

/** How the time of a partition goes. */
export interface StreamTimeOptions extends TimelineBounds {
  /** Name of the store. */
  readonly name: string;
  /** When nothing of a timeline was received for so long, its windows no longer wait; unit: milliseconds. */
  readonly idleMs: number;
}

/**
 * The stream time of a partition and everything that depends on time alone, for all the window sets of a task: when windows
 * close because rows came, or because none come; when updates go out; which rows are late, and which have no time at all.
 *
 * A step calls {@link begin} with the times of the rows, gives the rows to each window set, and ends with {@link end}. The
 * task's `due` and `silence` are those of this class.
 *
 * When a window closes: rows move stream time past its end and grace; or the partition, or this kind of events, is silent for
 * `idleMs`, which the runtime says or the times of receipt of the next record show. Then windows of live events go out when they are over by the clock, and those of the past and of the future go
 * out at once and their time begins anew. When updates go out: with the first record that was received in a later interval of
 * `everyMs` than the one before, ahead of what that record brings; so at most one an interval, and the same for the same records.
 */
export class StreamTime extends Timelines {
  readonly stores: readonly Store[];
  /** Of the rows begun with: times, timeline (or ABSURD), and stream time when each came. */
  times: Float64Array = new Float64Array(0);
  timelineOf = new Int8Array(0);
  streamTimes = new Float64Array(0);
  count = 0;
  private readonly idleMs: number;
  private readonly sets: WindowSet[] = [];
  private isLate = new Uint8Array(0);
  private readonly lateness = { rows: 0, earliest: 0, latest: 0, bytes: 0, streamTime: 0 };

  constructor({ name, idleMs, ...bounds }: StreamTimeOptions) {
    super(name, bounds);
    this.idleMs = idleMs;
    this.stores = [this.cells];
  }

  /** Adds a set of windows; they are asked in this order. */
  add(set: WindowSet): void {
    this.sets.push(set);
  }

  /**
   * Begins with `count` rows: their times, and when they were received, by row or all at once; milliseconds since the epoch.
   * Windows that no longer wait and updates that are due go out first. False where no row has a time that can be one: the
   * record is a dead letter then, and the step is over.
   */
  begin(count: number, times: Float64Array, received: Float64Array | number, context: Context): boolean {
    let now = this.received;
    if (typeof received === 'number') now = Math.max(now, received);
    else for (let row = 0; row < count; row++) if (received[row] > now) now = received[row];
    this.silence(now, context);
    this.sendUpdates(now, context);
    this.reserve(count);
    this.times = times;
    this.count = count;
    let absurd = 0;
    for (let row = 0; row < count; row++) {
      const timeline = this.observe(times[row], typeof received === 'number' ? received : received[row]);
      this.timelineOf[row] = timeline;
      if (timeline === ABSURD) absurd++;
      else this.streamTimes[row] = this.streamTime(timeline);
    }
    if (absurd > 0) context.discarded('absurd-time', absurd);
    if (absurd > 0 && absurd === count) {
      context.deadLetter('NW_TIME_ABSURD', `Of ${count} rows none has a time between 1970 and 2100; that of the first is ${times[0]}.`);
      return false;
    }
    this.isLate.fill(0, 0, count);
    return true;
  }

  /** Sends the updates that are due because a record comes that was received at `receivedMs`. Of {@link begin}, for steps that do without it. */
  sendUpdates(receivedMs: number, context: Context): void {
    for (const { updates } of this.sets) {
      if (updates?.pending() === true && Math.floor(receivedMs / updates.everyMs) > Math.floor(this.received / updates.everyMs)) updates.send(context);
    }
  }

  /** A row is late for a window of one of the sets. However many say so, it counts once. */
  late(row: number, bytes: number): void {
    if (this.isLate[row] === 1) return;
    this.isLate[row] = 1;
    this.countLate(this.times[row], this.streamTimes[row], bytes);
  }

  /** The same for rows that were not begun with. */
  countLate(time: number, streamTime: number, bytes: number): void {
    const { lateness } = this;
    if (lateness.rows++ === 0) {
      lateness.earliest = lateness.latest = time;
      lateness.bytes = 0;
    }
    lateness.earliest = Math.min(lateness.earliest, time);
    lateness.latest = Math.max(lateness.latest, time);
    lateness.bytes = Math.min(Number.MAX_SAFE_INTEGER, lateness.bytes + bytes);
    lateness.streamTime = streamTime;
  }

  /** Ends a step: tells how many rows were late. */
  end(context: Context): void {
    if (this.lateness.rows > 0) context.late(this.lateness);
    this.lateness.rows = 0;
  }

  /** Of the task. */
  due(): number {
    let due = Infinity;
    for (let timeline = 0; timeline < TIMELINES; timeline++) {
      const closes = this.closesAt(timeline);
      if (closes === Infinity) continue;
      const idle = this.lastReceived(timeline) + this.idleMs;
      due = Math.min(due, timeline === LIVE ? Math.max(idle, closes) : idle);
    }
    for (const { updates } of this.sets) {
      if (updates?.pending() === true) due = Math.min(due, this.updatesDue(updates.everyMs));
    }
    return due;
  }

  /** Of the task. */
  silence(timeMs: number, context: Context): void {
    for (const { updates } of this.sets) {
      if (updates?.pending() === true && this.updatesDue(updates.everyMs) <= timeMs) updates.send(context);
    }
    for (let timeline = 0; timeline < TIMELINES; timeline++) {
      if (this.lastReceived(timeline) + this.idleMs > timeMs) continue;
      if (timeline === LIVE) for (const set of this.sets) set.close(LIVE, timeMs, context);
      else if (this.streamTime(timeline) >= 0) {
        for (const set of this.sets) set.close(timeline, Infinity, context);
        this.forget(timeline);
      }
    }
  }

  /** Stream time at which the first window of a timeline closes, of all sets. */
  closesAt(timeline: number): number {
    let closes = Infinity;
    for (const set of this.sets) closes = Math.min(closes, set.closesAt(timeline));
    return closes;
  }

  /** When updates go out although nothing comes: the interval is over, and the partition is silent. */
  private updatesDue(everyMs: number): number {
    return Math.max(this.received + this.idleMs, (Math.floor(this.received / everyMs) + 1) * everyMs);
  }

  private reserve(count: number): void {
    if (count <= this.isLate.length) return;
    const capacity = Math.max(count, 2 * this.isLate.length);
    this.isLate = new Uint8Array(capacity);
    this.timelineOf = new Int8Array(capacity);
    this.streamTimes = new Float64Array(capacity);
  }
}
