import { KeyValue } from '../runtime/state/key-value';

/** What is kept of a subject: windows on end above and below, when it began (0: not yet), last window, when it was told last. */
const ABOVE = 0, BELOW = 1, BEGAN = 2, LAST = 3, TOLD = 4, CELLS = 5;
/** A window that lies so far before the last one belongs to another run of time: a capture that is replayed. */
const OTHER_TIME_MS = 3_600_000;

/** What is to be told of a subject. */
export interface Episode {
  readonly phase: 'began' | 'goes-on' | 'over';
  /** Start of the first window above the threshold; milliseconds since the epoch. */
  readonly began: number;
}

/** What decides it: see the keys of `score`. */
export interface EpisodeSettings {
  readonly beginsAfter: number;
  readonly overAfter: number;
  readonly goesOnMs: number;
  readonly maxStateMiB: number;
}

/** When scores of windows make an anomaly: so many on end begin it, so many end it. Only subjects that are out of the ordinary are kept. */
export class Episodes {
  readonly store: KeyValue;
  private readonly cells = new Float64Array(CELLS);
  private readonly bytes = Buffer.from(this.cells.buffer);

  constructor(
    name: string,
    private readonly settings: EpisodeSettings,
  ) {
    this.store = new KeyValue({ name, maxBytes: settings.maxStateMiB * 2 ** 20 });
  }

  /** Takes a window of a subject; what is to be told, null where nothing is. `undefined`: there is no room for it. */
  take(key: Buffer, startMs: number, windowMs: number, above: boolean): Episode | null | undefined {
    const { cells, settings } = this;
    const known = this.load(key);
    if (!known || startMs < cells[LAST] - OTHER_TIME_MS) {
      if (!above) {
        if (known) this.store.delete(key);
        return null;
      }
      cells.fill(0);
    } else if (startMs <= cells[LAST]) return null;
    // Windows without traffic are windows below.
    const missed = cells[LAST] === 0 ? 0 : Math.max(0, Math.round((startMs - cells[LAST]) / windowMs) - 1);
    const endMs = startMs + windowMs;
    if (missed >= settings.overAfter && cells[BEGAN] > 0) {
      this.store.delete(key);
      return { phase: 'over', began: cells[BEGAN] };
    }
    cells[LAST] = startMs;
    if (above) {
      cells[ABOVE] = missed > 0 && cells[BEGAN] === 0 ? 1 : cells[ABOVE] + 1;
      cells[BELOW] = 0;
    } else {
      cells[BELOW] += 1 + missed;
      cells[ABOVE] = cells[BEGAN] === 0 ? 0 : cells[ABOVE];
    }
    let told: Episode | null = null;
    if (cells[BEGAN] === 0 && !above) {
      this.store.delete(key);
      return null;
    }
    if (cells[BEGAN] === 0 && cells[ABOVE] >= settings.beginsAfter) {
      cells[BEGAN] = startMs - (cells[ABOVE] - 1) * windowMs;
      cells[TOLD] = endMs;
      told = { phase: 'began', began: cells[BEGAN] };
    } else if (cells[BEGAN] > 0 && cells[BELOW] >= settings.overAfter) {
      this.store.delete(key);
      return { phase: 'over', began: cells[BEGAN] };
    } else if (cells[BEGAN] > 0 && above && endMs - cells[TOLD] >= settings.goesOnMs) {
      cells[TOLD] = endMs;
      told = { phase: 'goes-on', began: cells[BEGAN] };
    }
    return this.store.put(key, this.bytes) ? told : undefined;
  }

  /** True where the subject is above the threshold now, or was just before. */
  holds(key: Buffer): boolean {
    return this.store.find(key);
  }

  /** Lets go of subjects of which no window has come for so long that they are over; `tell` is called with those that had begun. */
  sweep(suffix: string, startMs: number, windowMs: number, tell: (key: Buffer, episode: Episode) => void): void {
    const gone: { key: Buffer; began: number }[] = [];
    this.store.forEach((key, value) => {
      if (!key.toString().endsWith(suffix)) return;
      const last = value.readDoubleLE(8 * LAST);
      // One window more, for what comes after the others.
      if (startMs - last > (this.settings.overAfter + 1) * windowMs) gone.push({ key: Buffer.from(key), began: value.readDoubleLE(8 * BEGAN) });
    });
    for (const { key, began } of gone) {
      this.store.delete(key);
      if (began > 0) tell(key, { phase: 'over', began });
    }
  }

  private load(key: Buffer): boolean {
    const kept = this.store.get(key);
    if (kept === null) this.cells.fill(0);
    else this.bytes.set(kept);
    return kept !== null;
  }
}
