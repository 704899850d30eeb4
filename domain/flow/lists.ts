/**
 * Structured data in IPFIX records (RFC 6313): lists of values of one element (basicList, 291), of records of one template
 * (subTemplateList, 292), of records of several (subTemplateMultiList, 293); lists within lists down to a depth.
 *
 * A list that contradicts itself (a length that its content does not bear out, a template of no length, a semantic cut off) is a lie:
 * what came before in it stays, the record around it goes on behind it.
 */
import { VARIABLE, type Field } from './elements';
import { isList, type ElementType } from './elements/element';
import type { Elements } from './elements/registry';
import { valueOf, type ElementValue } from './elements/value';

/** Lists in one another that are followed. */
const MAX_DEPTH = 4;
/**
 * Values of one datagram that are looked at one by one. A real one has fewer than its bytes, looked at a few times; a template with a thousand
 * fields of no length makes as many of every byte.
 */
export const MAX_VALUES = 1 << 18;
/** RFC 6313 section 4.4. */
const SEMANTICS: Readonly<Record<number, string>> = { 0: 'noneOf', 1: 'exactlyOneOf', 2: 'oneOrMoreOf', 3: 'allOf', 4: 'ordered' };

/** What is asked of a template here. */
export interface ListTemplate {
  readonly fields: readonly Field[];
  /** Length of its shortest record. */
  readonly shortest: number;
}

/** Where lists find their templates, and say what is wrong with them. */
export interface ListContext {
  readonly templates: ReadonlyMap<number, ListTemplate>;
  /** Lists that contradicted themselves. */
  lies: number;
  /** Lists whose template is not known. */
  unknown: number;
  /** Values of lists and options that may still be looked at in this datagram; see {@link MAX_VALUES}. */
  values: number;
}

/** Called for each record of a list: its template and where it lies. */
export type OnRecord = (template: ListTemplate, at: number, end: number) => boolean;

/** Reads lists. */
export class ListReader {
  constructor(private readonly elements: Elements) {}

  /** The type of a field's element. */
  typeOf({ enterprise, id }: Field): ElementType | undefined {
    return this.elements.of(enterprise, id)?.type;
  }

  /** The records of a list between `at` and `end`, and of the lists in them, outer ones first. False where no more are wanted. */
  records(type: ElementType, s: Uint8Array, at: number, end: number, c: ListContext, found: OnRecord, depth = 0): boolean {
    return this.walk(type, s, at, end, c, (template, from, to) => {
      if (!found(template, from, to)) return false;
      if (depth + 1 === MAX_DEPTH) return true;
      return this.fields(template, s, from, to, (field, valueAt, length) => {
        const inner = this.typeOf(field);
        return inner === undefined || !isList(inner) || this.records(inner, s, valueAt, valueAt + length, c, found, depth + 1);
      });
    });
  }

  /** A list as a value: `{ semantic, of, values }` for a basicList, `{ semantic, records }` for the others. */
  value(type: ElementType, s: Uint8Array, at: number, end: number, c: ListContext, depth = 0): ElementValue {
    if (end <= at) return {};
    const semantic = SEMANTICS[s[at]] ?? (s[at] === 255 ? 'undefined' : String(s[at]));
    if (depth === MAX_DEPTH) return valueOf('octetArray', s, at, end - at);
    if (type === 'basicList') {
      const values: ElementValue[] = [];
      let name = '';
      this.basicList(s, at, end, c, (field, from, length) => {
        name = this.elements.name(field.enterprise, field.id);
        values.push(this.fieldValue(field, s, from, length, c, depth));
      });
      return { semantic, of: name, values };
    }
    const records: ElementValue[] = [];
    this.walk(type, s, at, end, c, (template, from, to) => {
      const record: Record<string, ElementValue> = {};
      this.fields(template, s, from, to, (field, valueAt, length) => {
        const name = this.elements.name(field.enterprise, field.id);
        if (!(name in record)) record[name] = this.fieldValue(field, s, valueAt, length, c, depth);
        return true;
      });
      records.push(record);
      return true;
    });
    return { semantic, records };
  }

  private fieldValue(field: Field, s: Uint8Array, at: number, length: number, c: ListContext, depth: number): ElementValue {
    const type = this.typeOf(field);
    return type !== undefined && isList(type) ? this.value(type, s, at, at + length, c, depth + 1) : valueOf(type, s, at, length);
  }

  /** Goes over the records of a subTemplateList or subTemplateMultiList; a basicList has none. */
  private walk(type: ElementType, s: Uint8Array, at: number, end: number, c: ListContext, found: OnRecord): boolean {
    if (type === 'basicList' || end <= at) {
      if (type === 'basicList') this.basicList(s, at, end, c, () => undefined);
      return true;
    }
    if (type === 'subTemplateList') {
      if (at + 3 > end) return lie(c);
      return this.templated(c.templates.get((s[at + 1] << 8) | s[at + 2]), s, at + 3, end, c, found);
    }
    for (at++; at < end; ) {
      const length = at + 4 <= end ? (s[at + 2] << 8) | s[at + 3] : 0; // of the entry with its template's id and this
      if (length < 4 || at + length > end) return lie(c);
      if (!this.templated(c.templates.get((s[at] << 8) | s[at + 1]), s, at + 4, at + length, c, found)) return false;
      at += length;
    }
    return true;
  }

  /** Records of one template that fill `at` to `end`. */
  private templated(template: ListTemplate | undefined, s: Uint8Array, at: number, end: number, c: ListContext, found: OnRecord): boolean {
    if (at === end) return true;
    if (!template) {
      c.unknown++;
      return true;
    }
    if (template.shortest === 0) return lie(c);
    while (at < end) {
      const next = this.fields(template, s, at, end, () => true) ? this.next : -1;
      if (next < 0 || (c.values -= template.fields.length) < 0) return lie(c);
      if (!found(template, at, next)) return false;
      at = next;
    }
    return true;
  }

  /** RFC 6313 section 4.5.1: semantic, element, its length, then the values. */
  private basicList(s: Uint8Array, at: number, end: number, c: ListContext, found: (field: Field, at: number, length: number) => void): void {
    if (end <= at) return;
    const enterprise = at + 2 <= end && (s[at + 1] & 0x80) !== 0;
    const first = at + (enterprise ? 9 : 5);
    if (first > end) return void lie(c);
    const field: Field = { id: ((s[at + 1] & 0x7f) << 8) | s[at + 2], length: (s[at + 3] << 8) | s[at + 4], enterprise: enterprise ? ((s[at + 5] << 24) | (s[at + 6] << 16) | (s[at + 7] << 8) | s[at + 8]) >>> 0 : 0, scope: false };
    if (field.length === 0 && first < end) return void lie(c);
    for (let from = first; from < end; ) {
      if (c.values-- <= 0 || !this.fields({ fields: [field], shortest: 1 }, s, from, end, (_field, valueAt, length) => (found(field, valueAt, length), true))) return void lie(c);
      from = this.next;
    }
  }

  /** Where the last record that {@link fields} went over ended; -1 where it ran over its end. */
  private next = -1;

  /** Goes over a record's fields; false where it runs over `end` or no more are wanted. */
  private fields({ fields }: ListTemplate, s: Uint8Array, at: number, end: number, found: (field: Field, at: number, length: number) => boolean): boolean {
    this.next = -1;
    for (const field of fields) {
      let { length } = field;
      if (length === VARIABLE) {
        if (at >= end) return false;
        length = s[at++];
        if (length === 255) {
          if (at + 2 > end) return false;
          length = (s[at] << 8) | s[at + 1];
          at += 2;
        }
      }
      if (at + length > end) return false;
      if (!found(field, at, length)) return false;
      at += length;
    }
    this.next = at;
    return true;
  }
}

/** Notes a list that contradicts itself; the record around it goes on. */
function lie(c: ListContext): true {
  c.lies++;
  return true;
}
