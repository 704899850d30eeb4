/** Expressions that several parts of a template's row are made with. */
import { ZERO, type AddressCode, type NumberCode } from './row-code';
import type { Layout } from './template-layout';

/** Cuts a number to its bits, for fields that the row holds as such. */
export const limited = (number: NumberCode | undefined, max: number): NumberCode => (!number ? ZERO : number.max <= max ? number : { text: `(${number.text} & ${max})`, max });

/** True where an address is all zeros. */
export function isEmpty({ at, length }: AddressCode): string {
  if (length === 4) return `(v.getInt32(${at}) === 0)`;
  return `((v.getInt32(${at}) | v.getInt32(${at} + 4) | v.getInt32(${at} + 8) | v.getInt32(${at} + 12)) === 0)`;
}

/** The first of addresses of constant length that is filled, the first of all where none is; `name` is for the variables that hold it. */
export function chosen(layout: Layout, name: string, [one, ...others]: readonly AddressCode[]): AddressCode | undefined {
  if (others.length === 0) return one;
  layout.prelude.push(`let ${name}At = ${one.at}, ${name}Length = ${one.length};`);
  layout.prelude.push(others.map((other) => `if (${isEmpty(one)} && !${isEmpty(other)}) { ${name}At = ${other.at}; ${name}Length = ${other.length}; }`).join(' else '));
  return { at: `${name}At`, length: `${name}Length` };
}
