/**
 * Information elements by enterprise and number: IANA's, vendors' and users' own. What no one knows has no entry, and loses nothing:
 * it is named by its number.
 */
import { REVERSE_FIELD, type Element, type ElementType, type RowField, type VendorElements } from './element';
import { IANA, VENDORS } from './generated';

/** The enterprise whose elements are the reverse of IANA's (RFC 5103 section 6.1). */
export const REVERSE_PEN = 29305;
/** What NetFlow v9, which has no enterprises, adds to the numbers of vendors' own elements: nProbe 57472, Cisco 32768. */
const NETFLOW9_OFFSETS: readonly (readonly [enterprise: number, offset: number])[] = [[35632, 57472], [9, 32768]];

const keyOf = (enterprise: number, id: number): number => enterprise * 65536 + id;
const capital = (name: string): string => name[0].toUpperCase() + name.slice(1);
const lines = (text: string): string[][] => text.trim().split('\n').map((line) => line.split(','));

/** Looks elements up. */
export class Elements {
  private readonly known = new Map<number, Element>();
  private readonly reverseBits = new Map<number, number>();
  private readonly byName = new Map<string, number>();

  /** With users' `files` after ours: a later one's elements take the place of an earlier one's. */
  constructor(files: readonly VendorElements[] = []) {
    for (const [id, name, type, semantics, units] of lines(IANA)) this.put(0, Number(id), { name, type: type as ElementType, semantics, units });
    for (const [enterprise, name, reverse, text] of VENDORS) {
      const elements = new Map(lines(text).map(([id, element, type, as]) => [Number(id), { name: element, type: type as ElementType, ...(as !== '' && { as: as as RowField }) }]));
      this.add({ enterprise, name, reverse, elements }, false);
    }
    for (const file of files) this.add(file, true);
  }

  private add({ enterprise, name: vendor, reverse, elements }: VendorElements, own: boolean): void {
    if (reverse > 0) this.reverseBits.set(enterprise, reverse);
    for (const [id, { name, type, as }] of elements) this.put(enterprise, id, { name: `${vendor}.${name}`, type, semantics: '', units: '', as, own });
  }

  private put(enterprise: number, id: number, element: Element): void {
    const key = keyOf(enterprise, id);
    const before = this.known.get(key);
    if (before) this.byName.delete(before.name);
    this.known.set(key, element);
    this.byName.set(element.name, key);
  }

  /** The element, or undefined where it is not known. Numbers of enterprise 0 from 32768 are NetFlow v9's. */
  of(enterprise: number, id: number): Element | undefined {
    const found = this.known.get(keyOf(enterprise, id));
    if (found) return found;
    if (enterprise === REVERSE_PEN) return reversed(this.known.get(id));
    if (enterprise === 0) {
      for (const [vendor, offset] of NETFLOW9_OFFSETS) {
        const own = id > offset ? this.known.get(keyOf(vendor, id - offset)) : undefined;
        if (own) return own;
      }
      return undefined;
    }
    const bit = this.reverseBits.get(enterprise) ?? 0;
    return (id & bit) !== 0 ? reversed(this.known.get(keyOf(enterprise, id & ~bit))) : undefined;
  }

  /** Its name; `ie<number>` or `<enterprise>.<number>` where it has none. */
  name(enterprise: number, id: number): string {
    return this.of(enterprise, id)?.name ?? (enterprise === 0 ? `ie${id}` : `${enterprise}.${id}`);
  }

  /** Key ({@link elementKey}) of the element that a name or number as {@link name} gives it means; undefined where it means none. */
  find(name: string): number | undefined {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const reverse = /^(?:(\w+)\.)?reverse([A-Z]\w*)$/.exec(name);
    if (reverse) {
      const [, vendor, capitalised] = reverse;
      const forward = this.byName.get(`${vendor ? `${vendor}.` : ''}${capitalised[0].toLowerCase()}${capitalised.slice(1)}`);
      if (forward !== undefined && !vendor) return keyOf(REVERSE_PEN, forward);
      const bit = forward === undefined ? undefined : this.reverseBits.get(Math.floor(forward / 65536));
      if (forward !== undefined && bit !== undefined) return forward + bit;
    }
    const number = /^(?:ie|(\d{1,10})\.)(\d{1,5})$/.exec(name);
    if (!number || Number(number[1] ?? 0) > 4294967295 || Number(number[2]) > 65535) return undefined;
    return keyOf(Number(number[1] ?? 0), Number(number[2]));
  }
}

/** One number for an enterprise and an element's number. */
export const elementKey = keyOf;

/** The element of the other direction. */
function reversed(forward: Element | undefined): Element | undefined {
  if (!forward) return undefined;
  const dot = forward.name.lastIndexOf('.') + 1;
  return { ...forward, name: `${forward.name.slice(0, dot)}reverse${capital(forward.name.slice(dot))}`, as: forward.as && REVERSE_FIELD[forward.as] };
}

/** The elements without any file of users'. */
export const BUILT_IN = new Elements();
