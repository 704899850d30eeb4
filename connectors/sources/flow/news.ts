/** How long what did not change is not told again, milliseconds. */
const RESTATE_MS = 3_600_000;

interface Known {
  readonly text: string;
  readonly time: number;
}

/** What was told last of each thing, so that only news is written. Knows `limit` things; of more, those told longest ago are told again when they come. */
export class News {
  private readonly known = new Map<string, Known>();

  constructor(private readonly limit: number) {}

  /** True where it is new, changed, or was told last an hour ago; it is told then. */
  is(key: string, text: string, time: number): boolean {
    const before = this.known.get(key);
    if (before !== undefined && before.text === text && time - before.time < RESTATE_MS) return false;
    this.known.delete(key);
    if (this.known.size >= this.limit) this.known.delete(this.known.keys().next().value!);
    this.known.set(key, { text, time });
    return true;
  }
}

/** Longest name that is kept. */
const MAX_TEXT = 255;

/** A name without control characters; what is no text is none. */
export const nameOf = (value: unknown): string => (typeof value === 'string' ? value.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, MAX_TEXT) : '');
