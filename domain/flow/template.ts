/** A template as learnt, and the compiled transcoders that templates share. */
import { VARIABLE, type Field } from './elements';
import { fieldsKey, hasLists, structuredTranscoder } from './structured';
import type { TemplateReading } from './template-row';
import { compileTranscoder, PLAIN, shortestRecord, type Transcoder } from './transcoder';

/** A template has no more fields than this. */
export const MAX_FIELDS = 1024;

/** A learnt template. */
export class Template {
  /** Length of the shortest record in bytes. */
  readonly shortest: number;
  /** True where every record has that length. */
  readonly fixed: boolean;
  /** Second in which it was sent last. */
  sent = 0;
  /** True where it is known from before a restart and was not sent since. */
  restored = false;
  /** The definition that this one took the place of, and how often definitions took each other's place in turns. */
  before: Uint8Array | null = null;
  turns = 0;
  private compiled: Compiled | null = null;

  constructor(
    readonly id: number,
    /** True for options templates. */
    readonly options: boolean,
    readonly fields: readonly Field[],
    /** The template record as sent, to know it again. */
    readonly text: Uint8Array,
  ) {
    this.shortest = shortestRecord(fields);
    this.fixed = fields.every(({ length }) => length !== VARIABLE);
  }

  /** Bytes of memory, about. */
  get weight(): number {
    return 256 + 64 * this.fields.length;
  }

  /**
   * False where a set of `length` bytes of data cannot be of this template: records of one length and at most three bytes
   * of padding (RFC 7011 section 3.3.1: less than a record; exporters pad to four bytes) do not add up to it.
   */
  explains(length: number): boolean {
    return !this.fixed || (length >= this.shortest && length % this.shortest <= 3);
  }

  /** Made when first needed; equal templates share one. */
  transcoder(shared: SharedTranscoders): Transcoder {
    const made = this.compiled?.transcoder;
    if (made) return made;
    const compiled = shared.of(this.fields);
    this.compiled = compiled;
    return compiled.transcoder;
  }
}

/** A compiled transcoder, for as long as there is room for it. */
interface Compiled {
  transcoder: Transcoder | null;
}

/** Compiled transcoders by the fields they are for; the longest unused is dropped where there are too many, and made again when it is needed. */
export class SharedTranscoders {
  private readonly plain = new Map<string, Compiled>();
  private readonly structured = new Map<string, Compiled>();

  /** `limit` of them; those with lists, each with several pairs of templates in it, are fewer. */
  constructor(
    private readonly reading: TemplateReading = PLAIN,
    private readonly limit = 4096,
  ) {}

  get size(): number {
    return this.plain.size + this.structured.size;
  }

  of(fields: readonly Field[]): Compiled & { transcoder: Transcoder } {
    const lists = hasLists(fields, this.reading);
    const byFields = lists ? this.structured : this.plain;
    const key = fieldsKey(fields);
    const known = byFields.get(key);
    if (known) byFields.delete(key);
    else if (byFields.size >= (lists ? this.limit >> 4 : this.limit)) {
      const [oldest, dropped] = byFields.entries().next().value!;
      byFields.delete(oldest);
      dropped.transcoder = null;
    }
    const compiled = known ?? { transcoder: (lists ? structuredTranscoder : compileTranscoder)(fields, this.reading) };
    byFields.set(key, compiled);
    return compiled as Compiled & { transcoder: Transcoder };
  }
}
