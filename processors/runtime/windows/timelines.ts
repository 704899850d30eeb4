import { Cells } from '../state/cells';

/** Where an event's time lies against the time of its receipt. */
export const LIVE = 0, PAST = 1, AHEAD = 2;
/** What {@link Timelines.observe} says of a time that cannot be one. */
export const ABSURD = -1;
/** How many timelines there are. */
export const TIMELINES = 3;
/** 2100-01-01: no flow ends later. */
const LAST_TIME = 4_102_444_800_000;

/** What counts as live. */
export interface TimelineBounds {
  /** Events older than this at receipt are of the past. */
  readonly pastMs: number;
  /** Events later than this at receipt are ahead. */
  readonly aheadMs: number;
}

/**
 * Stream time of a partition: the latest event time seen, which only moves forward, kept apart for three kinds of
 * events. Those about as old as their receipt are live. A capture of years ago that is replayed lies in the past, an
 * exporter with a wrong clock ahead: each has a stream time of its own, so that neither makes live events late nor is late
 * by them. The time of a timeline that nothing belongs to any more can be forgotten, and the next replay begins anew.
 */
export class Timelines {
  /** By timeline: stream time; time of receipt of its last event. Then the latest time of receipt of all. -1: none yet. */
  readonly cells: Cells;

  constructor(
    name: string,
    private readonly bounds: TimelineBounds,
  ) {
    this.cells = new Cells(name, 2 * TIMELINES + 1, () => -1);
  }

  /** Latest time of receipt. */
  get received(): number {
    return this.cells.values[2 * TIMELINES];
  }

  /** Stream time of a timeline; -1 where it has none. */
  streamTime(timeline: number): number {
    return this.cells.values[2 * timeline];
  }

  /** Stream time for people: of live events, of the past or ahead where there are no others; null before the first. */
  get shown(): number | null {
    for (let timeline = 0; timeline < TIMELINES; timeline++) if (this.streamTime(timeline) >= 0) return this.streamTime(timeline);
    return null;
  }

  /** When its last event was received. */
  lastReceived(timeline: number): number {
    return this.cells.values[2 * timeline + 1];
  }

  /** Moves stream time by an event; the timeline that it belongs to, or {@link ABSURD}. */
  observe(eventTime: number, receiveTime: number): number {
    if (!(eventTime >= 0 && eventTime < LAST_TIME)) return ABSURD;
    const { cells } = this;
    const age = receiveTime - eventTime;
    const timeline = age > this.bounds.pastMs ? PAST : -age > this.bounds.aheadMs ? AHEAD : LIVE;
    if (eventTime > cells.values[2 * timeline]) cells.set(2 * timeline, eventTime);
    if (receiveTime > cells.values[2 * timeline + 1]) cells.set(2 * timeline + 1, receiveTime);
    if (receiveTime > cells.values[2 * TIMELINES]) cells.set(2 * TIMELINES, receiveTime);
    return timeline;
  }

  /** A timeline begins anew with its next event. */
  forget(timeline: number): void {
    this.cells.set(2 * timeline, -1);
  }
}
