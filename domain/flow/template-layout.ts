/** Where the fields of a template's records are: as code, for the transcoder that is made for the template. */
import { elementKey, REVERSE_PEN, type Elements } from './elements/registry';
import type { ElementType, RowField } from './elements/element';
import { VARIABLE, type Field } from './elements';
import type { AddressCode, NumberCode } from './row-code';

/** A field's place: expressions for its offset and length; a number where the template says the length. */
export interface Place {
  readonly at: string;
  readonly length: number | string;
}

/** A field with its place. */
export interface PlacedField {
  readonly field: Field;
  readonly place: Place;
}

/** Fields one after the other from `base`, none beyond `end`: a record, or a record within one. */
export interface Segment {
  readonly fields: readonly Field[];
  /** Names of the variables that hold where it begins and where it must end. */
  readonly base: string;
  readonly end: string;
  /** What is done where it runs over its end. */
  readonly overrun: string;
}

/** A field whose element says which field of the row it fills. */
interface Claim {
  readonly place: Place;
  readonly type: ElementType;
  readonly own: boolean;
}

/**
 * Segments whose fields make one row: of elements that several hold, or that one holds several times, the first counts (RFC 7011
 * section 8: a template may repeat an element; of a tunnelled packet the outer one's come first).
 */
export class Layout {
  /** Statements that step over fields of variable length. */
  readonly walk: string[] = [];
  /** Statements between the walk and the row. */
  readonly prelude: string[] = [];
  /** Every field that is there, in order. */
  readonly all: PlacedField[] = [];
  private readonly taken = new Set<number>();
  /** Offset after the first segment. */
  end = '';
  private readonly places = new Map<number, Place>();
  /** Where an element is said for the second time. */
  private readonly repeats = new Map<number, Place>();
  private readonly claims = new Map<string, Claim[]>();

  constructor(
    segments: readonly Segment[],
    private readonly elements: Elements,
  ) {
    segments.forEach((segment, i) => {
      const end = this.lay(segment, String.fromCharCode(97 + i));
      if (i === 0) this.end = end;
    });
  }

  private lay({ fields, base: first, end, overrun }: Segment, letter: string): string {
    let base = first;
    let offset = 0;
    fields.forEach((field, i) => {
      let place: Place = { at: `${base} + ${offset}`, length: field.length };
      if (field.length === VARIABLE) {
        const [o, l, e] = [`${letter}o${i}`, `${letter}l${i}`, `${letter}e${i}`];
        this.walk.push(
          `let ${o} = ${base} + ${offset}, ${l} = s[${o}++];`,
          `if (${l} === 255) { ${l} = s[${o}] << 8 | s[${o} + 1]; ${o} += 2; }`,
          `const ${e} = ${o} + ${l}; if (${e} > ${end}) ${overrun}`,
        );
        place = { at: o, length: l };
        [base, offset] = [e, 0];
      } else offset += field.length;
      if (field.length === 0) return;
      this.all.push({ field, place });
      const key = elementKey(field.enterprise, field.id);
      if (!this.places.has(key)) this.places.set(key, place);
      else if (!this.repeats.has(key)) this.repeats.set(key, place);
      const element = this.elements.of(field.enterprise, field.id);
      if (element?.as) {
        const own = element.own === true;
        const claim = `${own ? 'own ' : ''}${element.as}`;
        this.claims.set(claim, [...(this.claims.get(claim) ?? []), { place, type: element.type, own }]);
        this.taken.add(key);
      }
    });
    if (base !== first) this.walk.push(`if (${base} + ${offset} > ${end}) ${overrun}`);
    return `${base} + ${offset}`;
  }

  /** True where the row is made of the field's element. */
  took({ enterprise, id }: Field): boolean {
    return this.taken.has(elementKey(enterprise, id));
  }

  has(id: number, enterprise = 0): boolean {
    return this.places.has(elementKey(enterprise, id));
  }

  /** True where `a` comes before `b` in the template. */
  before(a: number, b: number): boolean {
    for (const id of this.places.keys()) if (id === a || id === b) return id === a;
    return false;
  }

  place(id: number, enterprise = 0): Place | undefined {
    const key = elementKey(enterprise, id);
    const place = this.places.get(key);
    if (place) this.taken.add(key);
    return place;
  }

  /** Where one of IANA's elements is said for the second time. */
  repeat(id: number): Place | undefined {
    return this.repeats.get(elementKey(0, id));
  }

  /** An element as an unsigned number. */
  number(id: number, enterprise = 0): NumberCode | undefined {
    const place = this.place(id, enterprise);
    return place && numberAt(place);
  }

  /** An element of the other direction (RFC 5103). */
  reverse(id: number): NumberCode | undefined {
    return this.number(id, REVERSE_PEN);
  }

  /** The first of the elements that the template holds. */
  first(...ids: number[]): NumberCode | undefined {
    for (const id of ids) if (this.has(id)) return this.number(id);
    return undefined;
  }

  /** The first of the elements that is not zero in the record: some exporters send both and fill one. */
  firstFilled(...ids: number[]): NumberCode | undefined {
    return anyFilled(ids.map((id) => this.number(id)));
  }

  /** `standard` with what elements say by themselves that they fill this field: users' before it, vendors' after it; the first not zero. */
  claimed(field: RowField, standard: NumberCode | undefined): NumberCode | undefined {
    const numbers = (name: string): NumberCode[] => (this.claims.get(name) ?? []).map(({ place }) => numberAt(place));
    const [own, vendors] = [numbers(`own ${field}`), numbers(field)];
    if (own.length + vendors.length === 0) return standard;
    const all = [...own, standard, ...vendors];
    if (field !== 'tcpFlags' && field !== 'reverseTcpFlags') return anyFilled(all);
    const flags = all.filter((number) => number !== undefined);
    return { text: `(${flags.map(({ text }) => text).join(' | ')})`, max: 0xffffffff };
  }

  /** The first element that says by itself that it fills this field. */
  claim(field: RowField): Claim | undefined {
    return this.claims.get(`own ${field}`)?.[0] ?? this.claims.get(field)?.[0];
  }

  /** The addresses that elements say they fill `field` with. */
  claimedAddresses(field: RowField): AddressCode[] {
    const claims = [...(this.claims.get(`own ${field}`) ?? []), ...(this.claims.get(field) ?? [])];
    return claims.filter(({ place, type }) => place.length === (type === 'ipv4Address' ? 4 : 16)).map(({ place }) => ({ at: place.at, length: place.length }));
  }

  /** An address element that has the length of its kind. */
  address(id: number, length: number): AddressCode | undefined {
    const place = this.places.get(elementKey(0, id));
    if (place?.length !== length) return undefined;
    this.taken.add(elementKey(0, id));
    return { at: place.at, length };
  }
}

function anyFilled(numbers: readonly (NumberCode | undefined)[]): NumberCode | undefined {
  const there = numbers.filter((number) => number !== undefined);
  if (there.length < 2) return there[0];
  return { text: `(${there.map(({ text }) => text).join(' || ')})`, max: Math.max(...there.map(({ max }) => max)) };
}

/** The unsigned number there. */
export function numberAt({ at, length }: Place): NumberCode {
  switch (length) {
    case 1:
      return { text: `s[${at}]`, max: 255 };
    case 2:
      return { text: `v.getUint16(${at})`, max: 65535 };
    case 3:
      return { text: `(v.getUint16(${at}) << 8 | s[${at} + 2])`, max: 0xffffff };
    case 4:
      return { text: `v.getUint32(${at})`, max: 0xffffffff };
    case 8:
      return { text: `(v.getUint32(${at}) * 4294967296 + v.getUint32(${at} + 4))`, max: Infinity };
    default:
      return { text: `H.uint(s, ${at}, ${length})`, max: Infinity };
  }
}
