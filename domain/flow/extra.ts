/**
 * Elements that were asked for beside the row (`collector.extra`): they go into the row's `detail.extra`, as text by name. Nothing of
 * this is in a transcoder where nothing is asked for.
 */
import { NetWeaverError } from '../../infra/errors';
import type { Field } from './elements';
import { elementKey, type Elements } from './elements/registry';
import type { Element } from './elements/element';
import { isList } from './elements/element';
import { valueOf, type ElementValue } from './elements/value';
import type { ListReader } from './lists';
import type { TranscodeContext } from './transcoder';
import { writeLong, writeVarint } from './varint';

/** Bytes that the extra elements of one row may take up; values beyond are left out and counted. */
export const EXTRA_ROW_BYTES = 2048;
/** The same for one datagram: what keeps a batch below the log's limit whatever a datagram claims. */
export const EXTRA_DATAGRAM_BYTES = 1 << 18;

/** Which elements are asked for. */
export class ExtraSelection {
  private readonly keys = new Set<number>();
  private readonly all: boolean;

  /** `names`: of elements, as `ie<number>` or `<enterprise>.<number>`, or `*` for all that the row does not take. Throws NW_CONFIG_INVALID. */
  constructor(names: readonly string[], elements: Elements) {
    this.all = names.includes('*');
    for (const name of names) {
      if (name === '*') continue;
      const key = elements.find(name);
      if (key === undefined) throw new NetWeaverError('NW_CONFIG_INVALID', `collector.extra: ${name} is no element; allowed are names of elements, ie<number>, <enterprise>.<number>, and * for all that the row does not take.`);
      this.keys.add(key);
    }
  }

  /** `taken`: the row is made of it. */
  wants({ enterprise, id }: Field, taken: boolean): boolean {
    return this.keys.has(elementKey(enterprise, id)) || (this.all && !taken && !(enterprise === 0 && id === PADDING));
  }
}

/** paddingOctets. */
const PADDING = 210;

/** Collects the extra elements of one record after the other; `slots` are those of a template. */
export class Extras {
  /** Entries of the present record. */
  count = 0;
  private readonly buffer = new Uint8Array(EXTRA_ROW_BYTES);
  private length = 0;
  private readonly slots: readonly { readonly key: Buffer; readonly element: Element | undefined }[];

  constructor(
    fields: readonly Field[],
    elements: Elements,
    private readonly lists: ListReader,
  ) {
    const seen = new Map<string, number>();
    this.slots = fields.map(({ enterprise, id }) => {
      const name = elements.name(enterprise, id);
      const times = (seen.get(name) ?? 0) + 1; // an element may be there several times: name, name#2, …
      seen.set(name, times);
      return { key: Buffer.from(times === 1 ? name : `${name}#${times}`), element: elements.of(enterprise, id) };
    });
  }

  /** Begins a record. */
  clear(): void {
    this.count = this.length = 0;
  }

  /** Takes the value of a slot's field: the `length` bytes at `at`. */
  add(slot: number, s: Uint8Array, at: number, length: number, c: TranscodeContext): void {
    const { element } = this.slots[slot];
    const value = isList(element?.type) ? this.lists.value(element!.type, s, at, at + length, c) : valueOf(element?.type, s, at, length);
    this.put(slot, textOf(value), c);
  }

  /** Takes a text as the value of a slot. */
  put(slot: number, text: string, c: TranscodeContext): void {
    const { key } = this.slots[slot];
    const size = Buffer.byteLength(text);
    const needed = key.length + size + 10;
    if (this.length + needed > EXTRA_ROW_BYTES || c.extraBytes + needed > EXTRA_DATAGRAM_BYTES) {
      c.extraCut++;
      return;
    }
    const { buffer } = this;
    const from = this.length;
    let p = writeVarint(buffer, from, key.length * 2);
    buffer.set(key, p);
    p = writeVarint(buffer, p + key.length, size * 2);
    Buffer.from(buffer.buffer).write(text, p);
    this.length = p + size;
    c.extraBytes += this.length - from;
    this.count++;
  }

  /** Writes the record's entries as an Avro map; the new position. */
  write(b: Uint8Array, p: number): number {
    if (this.count === 0) {
      b[p] = 0;
      return p + 1;
    }
    p = writeLong(b, p, this.count);
    b.set(this.buffer.subarray(0, this.length), p);
    b[p + this.length] = 0;
    return p + this.length + 1;
  }
}

const textOf = (value: ElementValue): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
