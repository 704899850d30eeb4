/** What is done with every row before it is written, as configured: places looked up, addresses anonymised. Nothing of it is in the code where nothing is configured. */
import type { Places } from '../enrich/places';
import { ANONYMISED, type Anonymiser } from './anonymise';
import type { AddressCode, NumberCode, RowCode } from './row-code';

/** Null: not configured. */
export interface Finishing {
  readonly places: Places | null;
  readonly anonymiser: Anonymiser | null;
}

/** Nothing is done. */
export const AS_IT_IS: Finishing = { places: null, anonymiser: null };

/** Statements that go before a row's, and the row that then is to be written. Names in the text: `P` the places, `A` the anonymiser. */
export function finish(row: RowCode, { places, anonymiser }: Finishing): { readonly before: string; readonly row: RowCode } {
  const placed = places ? withPlaces(row, places) : { before: '', row };
  const anonymous = anonymiser ? withoutAddresses(placed.row) : { before: '', row: placed.row };
  return { before: `${placed.before}${anonymous.before}`, row: anonymous.row };
}

const ends = ({ srcAddr, dstAddr }: RowCode): string => `v, ${srcAddr.at}, ${srcAddr.length}, ${dstAddr.at}, ${dstAddr.length}`;
const orElse = ({ text }: NumberCode, other: string, max: number, otherFirst: boolean): NumberCode => ({ text: text === '0' ? other : otherFirst ? `(${other} || ${text})` : `(${text} || ${other})`, max });

/** Places are looked up by the addresses as they came. What the exporter says of systems and masks counts before, or after ({@link Places.first}). */
function withPlaces(row: RowCode, { first }: Places): { before: string; row: RowCode } {
  return {
    before: `P.look(${ends(row)});\n    `,
    row: {
      ...row,
      srcAs: orElse(row.srcAs, 'P.srcAs', 0xffffffff, first),
      dstAs: orElse(row.dstAs, 'P.dstAs', 0xffffffff, first),
      srcMask: orElse(row.srcMask, 'P.srcMask', 255, first),
      dstMask: orElse(row.dstMask, 'P.dstMask', 255, first),
      detail: { ...row.detail, present: ['P.named', ...(row.detail?.present ?? [])], places: 'p = P.write(b, p);' },
    },
  };
}

/** The addresses of the ends, and of those of an inner packet. The next hop is a router's and stays. */
function withoutAddresses(row: RowCode): { before: string; row: RowCode } {
  const statements: string[] = [];
  const moved = (address: AddressCode | undefined, to: number): AddressCode | undefined => {
    if (!address || address.length === 0) return address;
    statements.push(`A.write(v, ${address.at}, ${address.length}, ${to});`);
    return { at: String(to), length: address.length };
  };
  const { detail } = row;
  const out: RowCode = {
    ...row,
    srcAddr: moved(row.srcAddr, ANONYMISED.src)!,
    dstAddr: moved(row.dstAddr, ANONYMISED.dst)!,
    detail: detail && { ...detail, innerSrcAddr: moved(detail.innerSrcAddr, ANONYMISED.innerSrc), innerDstAddr: moved(detail.innerDstAddr, ANONYMISED.innerDst) },
  };
  return { before: `${statements.join(' ')}\n    `, row: out };
}
