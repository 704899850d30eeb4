/**
 * When to compute paths anew after a change: at once after a quiet time, later while changes follow one another
 * (RFC 8405, section 5: SPF back-off delay). Times are the events', so that a replay decides alike.
 */

/** The timers of RFC 8405, section 3; unit: milliseconds. */
export interface BackOffTimers {
  /** Delay of the first change after a quiet time. */
  readonly initialMs: number;
  /** Delay while one event (a node that fails takes all its links with it) is still being learnt. */
  readonly shortMs: number;
  /** Delay in a network that does not come to rest. */
  readonly longMs: number;
  /** How long one event takes to be learnt. */
  readonly learnMs: number;
  /** Without a change for so long, the network is quiet again. */
  readonly quietMs: number;
}

/** Defaults of the example of RFC 8405, section 5: INITIAL 50 ms, SHORT 200 ms, LONG 5 s, TIME_TO_LEARN 500 ms, HOLDDOWN 10 s. */
export const DEFAULT_BACK_OFF: BackOffTimers = { initialMs: 50, shortMs: 200, longMs: 5000, learnMs: 500, quietMs: 10_000 };

/** States of the machine. */
export const QUIET = 0, SHORT_WAIT = 1, LONG_WAIT = 2;

/** What it remembers, in numbers that a store can keep: its state; when it is to compute, learns no longer, is quiet again: milliseconds since the epoch, -1 where that is not running. */
export const BACK_OFF_CELLS = 4;
const STATE = 0, COMPUTE = 1, LEARN = 2, HOLD = 3;

/** The state machine. `cells` hold {@link BACK_OFF_CELLS} numbers from `at`, at first 0, -1, -1, -1; `set` changes one. */
export class BackOff {
  constructor(
    private readonly timers: BackOffTimers,
    private readonly cells: ArrayLike<number>,
    private readonly set: (cell: number, value: number) => void,
    private readonly at = 0,
  ) {}

  private get(cell: number): number {
    return this.cells[this.at + cell];
  }

  private put(cell: number, value: number): void {
    if (this.get(cell) !== value) this.set(this.at + cell, value);
  }

  /** When paths are to be computed; -1 where nothing has changed since they were. */
  get computesAt(): number {
    return this.get(COMPUTE);
  }

  /** A change came. Returns when paths are to be computed. */
  changed(nowMs: number): number {
    const { initialMs, shortMs, longMs, learnMs, quietMs } = this.timers;
    this.pass(nowMs);
    this.put(HOLD, nowMs + quietMs);
    if (this.get(STATE) === QUIET) {
      this.put(STATE, SHORT_WAIT);
      this.put(LEARN, nowMs + learnMs);
      if (this.computesAt < 0) this.put(COMPUTE, nowMs + initialMs);
    } else if (this.computesAt < 0) this.put(COMPUTE, nowMs + (this.get(STATE) === SHORT_WAIT ? shortMs : longMs));
    return this.computesAt;
  }

  /** Paths have been computed. */
  computed(): void {
    this.put(COMPUTE, -1);
  }

  /** Lets timers that are over by `nowMs` take their effect. */
  pass(nowMs: number): void {
    if (this.get(LEARN) >= 0 && nowMs >= this.get(LEARN)) {
      this.put(LEARN, -1);
      if (this.get(STATE) === SHORT_WAIT) this.put(STATE, LONG_WAIT);
    }
    if (this.get(HOLD) >= 0 && nowMs >= this.get(HOLD)) {
      this.put(HOLD, -1);
      this.put(LEARN, -1);
      this.put(STATE, QUIET);
    }
  }
}
