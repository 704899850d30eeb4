/** When which device is polled. */

/** How a schedule goes. */
export interface ScheduleOptions<T> {
  /** Does the work; true where it went well. Never rejects. */
  readonly run: (item: T) => Promise<boolean>;
  /** Items at work at once, in each of the two lanes. */
  readonly concurrency: number;
  readonly intervalMs: (item: T) => number;
  /** The longest wait after failures. */
  readonly maxBackoffMs: number;
  /** 0 up to 1. */
  readonly random?: () => number;
}

/** An item and how it stands. */
export interface Scheduled<T> {
  readonly item: T;
  /** Failures since the last success. */
  failures: number;
  /** True while it waits for a place or is at work. */
  busy: boolean;
  /** When its turn comes, by performance.now(). */
  nextAt: number;
}

interface Entry<T> extends Scheduled<T> {
  timer: NodeJS.Timeout | undefined;
  removed: boolean;
}

/** First turns are spread over this time, or over the interval where that is shorter. */
const FIRST_MS = 10_000;
/** An interval is up to this part shorter or longer each time, so that turns never fall together for long. */
const JITTER = 0.1;

/** A row of items at work and of those that wait. */
class Lane {
  private active = 0;
  private readonly waiting: (() => Promise<void>)[] = [];

  constructor(private readonly size: number) {}

  enter(work: () => Promise<void>): void {
    if (this.active >= this.size) {
      this.waiting.push(work);
      return;
    }
    this.active++;
    void work().then(() => {
      this.active--;
      const next = this.waiting.shift();
      if (next !== undefined) this.enter(next);
    });
  }

  clear(): void {
    this.waiting.length = 0;
  }
}

/**
 * Gives every item its turn again and again. Items that went well last time have a lane of their own: those that fail, each of which may hold
 * its place until all its requests have timed out, never delay them. After failures the interval doubles, up to a limit.
 */
export class Schedule<T> {
  private readonly entries = new Map<T, Entry<T>>();
  private readonly trusted: Lane;
  private readonly doubtful: Lane;
  private readonly atWork = new Set<Promise<void>>();
  private readonly random: () => number;
  private stopped = false;

  constructor(private readonly options: ScheduleOptions<T>) {
    this.trusted = new Lane(options.concurrency);
    this.doubtful = new Lane(options.concurrency);
    this.random = options.random ?? Math.random;
  }

  get items(): readonly Scheduled<T>[] {
    return [...this.entries.values()];
  }

  /** Items that failed at their last turn, or had none yet, are `doubtful`: see the class. */
  add(item: T): void {
    const entry: Entry<T> = { item, failures: 0, busy: false, nextAt: 0, timer: undefined, removed: false };
    this.entries.set(item, entry);
    this.wait(entry, this.random() * Math.min(FIRST_MS, this.options.intervalMs(item)), this.doubtful);
  }

  /** Work under way goes on to its end. */
  remove(item: T): void {
    const entry = this.entries.get(item);
    if (entry === undefined) return;
    entry.removed = true;
    clearTimeout(entry.timer);
    this.entries.delete(item);
  }

  /** No new turns; resolves when the work under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const { timer } of this.entries.values()) clearTimeout(timer);
    this.trusted.clear();
    this.doubtful.clear();
    await Promise.all(this.atWork);
  }

  private wait(entry: Entry<T>, delayMs: number, lane: Lane): void {
    entry.busy = false;
    entry.nextAt = performance.now() + delayMs;
    entry.timer = setTimeout(() => {
      entry.busy = true;
      lane.enter(() => this.turn(entry));
    }, delayMs);
  }

  private turn(entry: Entry<T>): Promise<void> {
    if (this.stopped || entry.removed) return Promise.resolve();
    const began = performance.now();
    const work = this.options.run(entry.item).then((good) => {
      this.atWork.delete(work);
      entry.failures = good ? 0 : entry.failures + 1;
      if (this.stopped || entry.removed) return;
      const delay = this.delay(entry) - (performance.now() - began);
      this.wait(entry, Math.max(0, delay), good ? this.trusted : this.doubtful);
    });
    this.atWork.add(work);
    return work;
  }

  private delay({ item, failures }: Entry<T>): number {
    const interval = this.options.intervalMs(item);
    const backedOff = failures === 0 ? interval : Math.min(interval * 2 ** Math.min(failures - 1, 20), Math.max(interval, this.options.maxBackoffMs));
    return backedOff * (1 + JITTER * (2 * this.random() - 1));
  }
}
