/**
 * The code that writes one Flow row. A transcoder for a template is a function made from text: an expression for each field
 * of the row (`schemas/flows/flow-batch.avsc`, in its order) goes in, statements that write the Avro bytes come out. Every
 * protocol's rows are written by this code alone.
 *
 * Names in the text: `s` the datagram as Uint8Array, `v` as DataView; `out` the {@link FlowPartitions}; `b`, `w`, `p` bytes, view
 * and position of the row's buffer; `H` the helpers. Only numbers that were parsed as numbers ever enter the text.
 */
import { finish, foldIpv6, round } from './hash';
import { writeLong, writeVarint } from './varint';

/** Functions that the text calls. */
export const HELPERS = { finish, foldIpv6, round, writeLong, writeVarint, uint, address } as const;

/** An address: offset in `s` and length (0, 4 or 16), as expressions; `length` a number where it is always the same. */
export interface AddressCode {
  readonly at: string;
  readonly length: string | number;
}

/** An unsigned number as an expression, with the largest value it may have. */
export interface NumberCode {
  readonly text: string;
  readonly max: number;
}

/** Expressions for the fields of a row; times are milliseconds since the epoch. */
export interface RowCode {
  readonly srcAddr: AddressCode;
  readonly dstAddr: AddressCode;
  readonly nextHop: AddressCode;
  readonly srcPort: NumberCode;
  readonly dstPort: NumberCode;
  readonly proto: NumberCode;
  readonly tcpFlags: NumberCode;
  readonly tos: NumberCode;
  readonly packets: NumberCode;
  readonly bytes: NumberCode;
  readonly samplingRate: NumberCode;
  readonly start: string;
  readonly end: string;
  readonly inIf: NumberCode;
  readonly outIf: NumberCode;
  readonly srcAs: NumberCode;
  readonly dstAs: NumberCode;
  readonly srcMask: NumberCode;
  readonly dstMask: NumberCode;
  readonly vlan: NumberCode;
  readonly direction: NumberCode;
  /** Left out where the row never has a detail. */
  readonly detail?: DetailCode;
}

/** What goes into a row's `detail`; what is left out is empty. */
export interface DetailCode {
  /** Conditions, of which one must hold for the row to have a detail. */
  readonly present: readonly string[];
  /** Statements that write four Avro strings at `p` and move it on: countries of source and destination, then their sites. */
  readonly places?: string;
  readonly tunnel?: NumberCode;
  readonly tunnelId?: NumberCode;
  readonly innerSrcAddr?: AddressCode;
  readonly innerDstAddr?: AddressCode;
  readonly innerSrcPort?: NumberCode;
  readonly innerDstPort?: NumberCode;
  readonly innerProto?: NumberCode;
  /** Statements that write an Avro map of strings at `p` and move it on. */
  readonly extra?: string;
}

export const ZERO: NumberCode = { text: '0', max: 0 };
export const NO_ADDRESS: AddressCode = { at: '0', length: 0 };

/** Statements that choose the partition and write the row. */
export function rowCode(row: RowCode): string {
  return `
    const srcPort = ${row.srcPort.text}, dstPort = ${row.dstPort.text}, proto = ${row.proto.text};
    ${addressWordCode('srcWord', row.srcAddr)}
    ${addressWordCode('dstWord', row.dstAddr)}
    const t = out.at(H.finish(H.round(H.round(H.round(H.round(0, srcWord), dstWord), srcPort << 16 | dstPort), proto), 16));
    const b = t.rows, w = t.view;
    let p = t.position;
    ${put({ text: 't.datagrams - 1', max: 65535 })}
    ${addressCode(row.srcAddr, 'srcWord')}
    ${addressCode(row.dstAddr, 'dstWord')}
    ${put({ text: 'srcPort', max: 65535 })}
    ${put({ text: 'dstPort', max: 65535 })}
    ${put({ text: 'proto', max: 255 })}
    ${[row.tcpFlags, row.tos, row.packets, row.bytes, row.samplingRate].map(put).join('\n    ')}
    ${time(row.start)}
    ${time(row.end)}
    ${put(row.inIf)}
    ${put(row.outIf)}
    ${addressCode(row.nextHop, null)}
    ${[row.srcAs, row.dstAs, row.srcMask, row.dstMask, row.vlan, row.direction].map(put).join('\n    ')}
    ${row.detail ? detailCode(row.detail) : 'b[p++] = 0;'}
    b[p] = 2;
    t.position = p + 1;`;
}

/** The union's branch, and the record where there is one. */
function detailCode(detail: DetailCode): string {
  const { tunnel = ZERO, tunnelId = ZERO, innerSrcAddr = NO_ADDRESS, innerDstAddr = NO_ADDRESS, innerSrcPort = ZERO, innerDstPort = ZERO, innerProto = ZERO } = detail;
  return `if (${detail.present.join(' || ')}) {
      b[p++] = 2;
      ${detail.places ?? 'w.setInt32(p, 0); p += 4;'}
      ${[tunnel, tunnelId].map(put).join('\n      ')}
      ${[innerSrcAddr, innerDstAddr].map((address) => addressCode(address, null)).join('\n      ')}
      ${[innerSrcPort, innerDstPort, innerProto].map(put).join('\n      ')}
      ${detail.extra ?? 'b[p++] = 0;'}
    } else b[p++] = 0;`;
}

function addressWordCode(name: string, { at, length }: AddressCode): string {
  if (length === 4) return `const ${name} = v.getInt32(${at});`;
  if (length === 16) return `const ${name} = H.foldIpv6(v.getInt32(${at}), v.getInt32(${at} + 4), v.getInt32(${at} + 8), v.getInt32(${at} + 12));`;
  if (length === 0) return `const ${name} = 0;`;
  return `const ${name} = ${length} === 4 ? v.getInt32(${at}) : ${length} === 16 ? H.foldIpv6(v.getInt32(${at}), v.getInt32(${at} + 4), v.getInt32(${at} + 8), v.getInt32(${at} + 12)) : 0;`;
}

/** `word` names the address's 32 bits where they were read already. */
function addressCode({ at, length }: AddressCode, word: string | null): string {
  if (length === 0) return 'b[p++] = 0;';
  if (length === 4) return `b[p] = 8; w.setInt32(p + 1, ${word ?? `v.getInt32(${at})`}); p += 5;`;
  if (length === 16) return `b[p] = 32; ${[0, 4, 8, 12].map((i) => `w.setInt32(p + ${i + 1}, v.getInt32(${at} + ${i}));`).join(' ')} p += 17;`;
  return `p = H.address(b, w, p, v, ${at}, ${length});`;
}

/** An address of `length` 0, 4 or 16; the new position. */
function address(b: Uint8Array, w: DataView, p: number, v: DataView, at: number, length: number): number {
  b[p++] = length * 2;
  for (let i = 0; i < length; i += 4) w.setInt32(p + i, v.getInt32(at + i));
  return p + length;
}

/** An unsigned number: the short forms in place, the rest by a call. */
function put({ text, max }: NumberCode): string {
  if (max === 0) return 'b[p++] = 0;';
  const steps = [`if (x < 64) b[p++] = x << 1;`];
  if (max >= 64) steps.push('else if (x < 8192) { b[p] = (x << 1) & 127 | 128; b[p + 1] = x >> 6; p += 2; }');
  if (max >= 8192) steps.push('else if (x < 1048576) { b[p] = (x << 1) & 127 | 128; b[p + 1] = (x >> 6) & 127 | 128; b[p + 2] = x >> 13; p += 3; }');
  if (max >= 1048576) steps.push('else p = H.writeLong(b, p, x);');
  return `{ const x = ${text}; ${steps.join(' ')} }`;
}

/** A time: of the present, so the long form first (see `writeLong`). */
function time(text: string): string {
  return `{ const x = ${text};
    if (x >= 17179869184 && x < 2199023255552) {
      const high = x / 134217728 | 0, low = (x - high * 134217728) << 1;
      b[p] = low & 127 | 128; b[p + 1] = low >>> 7 & 127 | 128; b[p + 2] = low >>> 14 & 127 | 128; b[p + 3] = low >>> 21 & 127 | 128;
      b[p + 4] = high & 127 | 128; b[p + 5] = high >>> 7; p += 6;
    } else p = H.writeLong(b, p, x); }`;
}

/** An unsigned number of any length, of which the last eight bytes count. */
function uint(s: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = length > 8 ? length - 8 : 0; i < length; i++) value = value * 256 + s[at + i];
  return value;
}
