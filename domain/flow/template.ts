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
  private compiled: Transcoder | null = null;

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
    return (this.compiled ??= shared.of(this.fields));
  }
}

/** Compiled transcoders by the fields they are for; the longest unused is dropped where there are too many. */
export class SharedTranscoders {
  private readonly byFields = new Map<string, Transcoder>();

  constructor(
    private readonly reading: TemplateReading = PLAIN,
    private readonly limit = 1024,
  ) {}

  get size(): number {
    return this.byFields.size;
  }

  of(fields: readonly Field[]): Transcoder {
    const key = fieldsKey(fields);
    const known = this.byFields.get(key);
    if (known) this.byFields.delete(key);
    else if (this.byFields.size >= this.limit) this.byFields.delete(this.byFields.keys().next().value!);
    const transcoder = known ?? (hasLists(fields, this.reading) ? structuredTranscoder : compileTranscoder)(fields, this.reading);
    this.byFields.set(key, transcoder);
    return transcoder;
  }
}
