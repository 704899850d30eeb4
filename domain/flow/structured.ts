/**
 * Templates with lists of records in them (RFC 6313). A record that has no addresses itself is a container: each record of its lists
 * that has some makes a row, with what the container says in common. Otherwise the record makes its row, and what it lacks
 * (YAF's TCP flags) is taken from the first record of its lists that has it.
 */
import { IE, VARIABLE, type Field } from './elements';
import { isList, type ElementType } from './elements/element';
import { FieldPositions } from './field-positions';
import { ListReader, type ListTemplate } from './lists';
import { serves, type TemplateReading } from './template-row';
import { compilePair, compileTranscoder, shortestRecord, type PairTranscoder, type TranscodeContext, type Transcoder } from './transcoder';
import type { FlowPartitions } from './batch-builder';

/** Pairs of templates that a transcoder keeps compiled. */
const MAX_PAIRS = 32;
const ADDRESSES: ReadonlySet<number> = new Set([IE.sourceIPv4Address, IE.destinationIPv4Address, IE.sourceIPv6Address, IE.destinationIPv6Address]);

/** True where the template has a field that is a list of RFC 6313. */
export const hasLists = (fields: readonly Field[], { elements }: TemplateReading): boolean => fields.some(({ enterprise, id }) => isList(elements.of(enterprise, id)?.type));

/** Makes the transcoder of a template with lists. */
export function structuredTranscoder(fields: readonly Field[], reading: TemplateReading): Transcoder {
  const structured = new StructuredTranscoder(fields, reading);
  return (s, v, at, end, max, c, out) => structured.transcode(s, v, at, end, max, c, out);
}

/** The same fields make the same text. */
export const fieldsKey = (fields: readonly Field[]): string => fields.map(({ id, enterprise, length }) => `${enterprise ? `${enterprise}.` : ''}${id}:${length === VARIABLE ? '*' : length}`).join(' ');

class StructuredTranscoder {
  private readonly alone: Transcoder;
  private readonly reader: ListReader;
  private readonly shortest: number;
  private readonly container: boolean;
  private readonly lists: readonly { readonly index: number; readonly type: ElementType }[];
  private readonly keys: ReadonlySet<string>;
  /** By the other template's fields; null where it has nothing for the row. */
  private readonly pairs = new Map<string, PairTranscoder | null>();
  /** Where the fields of the present record lie. */
  private readonly positions = new FieldPositions();

  constructor(
    private readonly fields: readonly Field[],
    private readonly reading: TemplateReading,
  ) {
    this.alone = compileTranscoder(fields, reading);
    this.reader = new ListReader(reading.elements);
    this.shortest = shortestRecord(fields);
    this.container = !fields.some(isAddress);
    this.lists = fields.flatMap((field, index) => {
      const type = this.reader.typeOf(field);
      return type !== undefined && isList(type) ? [{ index, type }] : [];
    });
    this.keys = new Set(fields.map(({ enterprise, id }) => `${enterprise}.${id}`));
  }

  /** See {@link Transcoder}; `max` counts rows, of which a container may make many. */
  transcode(s: Uint8Array, v: DataView, at: number, end: number, max: number, c: TranscodeContext, out: FlowPartitions): number {
    const most = out.rows + max;
    while (out.rows < most && at + this.shortest <= end) {
      if ((c.values -= this.fields.length) < 0) return at;
      const next = this.positions.locate(this.fields, s, at, end);
      if (next < 0) {
        c.overrun = true;
        return at;
      }
      const rows = out.rows;
      this.record(s, v, at, next, most, c, out);
      if (out.rows === rows) this.alone(s, v, at, next, 2, c, out);
      else c.records++;
      at = next;
    }
    return at;
  }

  /** Makes the rows of a record with those in its lists; none where no record in them has to do with the row. */
  private record(s: Uint8Array, v: DataView, at: number, end: number, most: number, c: TranscodeContext, out: FlowPartitions): void {
    const { at: starts, lengths } = this.positions;
    let done = false;
    for (const { index, type } of this.lists) {
      const from = starts[index];
      this.reader.records(type, s, from, from + lengths[index], c, (inner, iat, iend) => {
        const pair = done ? null : this.pairWith(inner);
        pair?.(s, v, at, end, iat, iend, c, out);
        done ||= pair !== null && (!this.container || out.rows >= most);
        return true;
      });
    }
  }

  /** The transcoder of this template's records with one of `inner` in them; null where that has nothing for the row. */
  private pairWith({ fields: inner }: ListTemplate): PairTranscoder | null {
    const key = keyOf(inner);
    const known = this.pairs.get(key);
    if (known !== undefined) return known;
    if (this.pairs.size === MAX_PAIRS) this.pairs.delete(this.pairs.keys().next().value!);
    const { elements } = this.reading;
    const useful = this.container ? inner.some(isAddress) : inner.some(({ enterprise, id }) => serves(elements, enterprise, id) && !this.keys.has(`${enterprise}.${id}`));
    const made = useful ? compilePair(this.fields, inner, this.container ? 'inner' : 'outer', this.reading) : null;
    this.pairs.set(key, made);
    return made;
  }
}

const keys = new WeakMap<readonly Field[], string>();

/** {@link fieldsKey}, made once for each template. */
function keyOf(fields: readonly Field[]): string {
  let key = keys.get(fields);
  if (key === undefined) keys.set(fields, (key = fieldsKey(fields)));
  return key;
}

const isAddress = ({ enterprise, id }: Field): boolean => enterprise === 0 && ADDRESSES.has(id);
