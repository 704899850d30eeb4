import type { Flow } from './flow';
import { MASK_V6, routerAddress } from './network';

/**
 * One field of a template: its information element (RFC 7012; the numbers of NetFlow v9 are the same), its length in bytes
 * and how a flow's value is written. The template and the records come from one list, so that they cannot disagree.
 */
export interface Field {
  readonly element: number;
  readonly length: number;
  readonly write: (target: Buffer, at: number, flow: Flow, bootMs: number) => void;
}

const u8 = (element: number, value: (flow: Flow) => number): Field => ({ element, length: 1, write: (target, at, flow) => void (target[at] = value(flow)) });
const u16 = (element: number, value: (flow: Flow) => number): Field => ({ element, length: 2, write: (target, at, flow) => void target.writeUInt16BE(value(flow), at) });
const u32 = (element: number, value: (flow: Flow) => number): Field => ({ element, length: 4, write: (target, at, flow) => void target.writeUInt32BE(value(flow), at) });
const u64 = (element: number, value: (flow: Flow) => number): Field => ({
  element,
  length: 8,
  write: (target, at, flow) => {
    const n = value(flow);
    target.writeUInt32BE(Math.floor(n / 2 ** 32), at);
    target.writeUInt32BE(n >>> 0, at + 4);
  },
});
const address = (element: number, value: (flow: Flow) => Uint8Array): Field => ({ element, length: 16, write: (target, at, flow) => target.set(value(flow), at) });
const uptime = (element: number, value: (flow: Flow) => number): Field => ({
  element,
  length: 4,
  write: (target, at, flow, bootMs) => void target.writeUInt32BE((value(flow) - bootMs) >>> 0, at),
});

const nextHopV6 = new Uint8Array(16);
const nextHop = (flow: Flow): Uint8Array => {
  nextHopV6.fill(0);
  if (flow.nextHop !== 0) nextHopV6.set([0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff]);
  nextHopV6[14] = flow.nextHop >>> 8;
  nextHopV6[15] = flow.nextHop & 255;
  return nextHopV6;
};

/** Milliseconds of uptime: FIRST_SWITCHED and LAST_SWITCHED of NetFlow v9 (RFC 3954, section 8). */
export const UPTIME_FIELDS: readonly Field[] = [uptime(22, (f) => f.startMs), uptime(21, (f) => f.endMs)];
/** flowStartMilliseconds and flowEndMilliseconds (RFC 7012). */
export const ABSOLUTE_FIELDS: readonly Field[] = [u64(152, (f) => f.startMs), u64(153, (f) => f.endMs)];

const COMMON: readonly Field[] = [
  u64(1, (f) => f.bytes),
  u64(2, (f) => f.packets),
  u32(10, (f) => f.inIf),
  u32(14, (f) => f.outIf),
  u16(7, (f) => f.srcPort),
  u16(11, (f) => f.dstPort),
  u8(4, (f) => f.proto),
  u8(6, (f) => f.tcpFlags),
  u8(5, (f) => f.tos),
  u8(61, () => 0),
  u32(16, (f) => f.src.as),
  u32(17, (f) => f.dst.as),
  u16(58, (f) => f.vlan),
];

/** Fields of an IPv4 flow. */
export const fieldsV4 = (times: readonly Field[]): Field[] => [
  u32(8, (f) => f.src.v4),
  u32(12, (f) => f.dst.v4),
  u32(15, (f) => (f.nextHop === 0 ? 0 : routerAddress(f.nextHop))),
  u8(9, (f) => f.src.maskV4),
  u8(13, (f) => f.dst.maskV4),
  ...COMMON,
  ...times,
];

/** Fields of an IPv6 flow. */
export const fieldsV6 = (times: readonly Field[]): Field[] => [
  address(27, (f) => f.src.v6),
  address(28, (f) => f.dst.v6),
  address(62, nextHop),
  u8(29, () => MASK_V6),
  u8(30, () => MASK_V6),
  ...COMMON,
  ...times,
];

/** Bytes of one record. */
export const recordLength = (fields: readonly Field[]): number => fields.reduce((sum, field) => sum + field.length, 0);

/** Template id, field count, then id and length of each field (RFC 3954 section 5.2, RFC 7011 section 3.4.1). */
export function templateRecord(id: number, fields: readonly Field[]): Buffer {
  const record = Buffer.alloc(4 + 4 * fields.length);
  record.writeUInt16BE(id, 0);
  record.writeUInt16BE(fields.length, 2);
  fields.forEach((field, i) => {
    record.writeUInt16BE(field.element, 4 + 4 * i);
    record.writeUInt16BE(field.length, 6 + 4 * i);
  });
  return record;
}
