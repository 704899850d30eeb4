/**
 * Reference decoder for tests: the rows of a data set of NetFlow v9 (RFC 3954) or IPFIX (RFC 7011), by plain objects and loops,
 * without the compiled transcoder. Without lists, packet sections, vendors' elements, samplers and firewall events.
 */
import { formatIpRow, formatIpv4 } from '../../../schemas/ip';
import type { FixtureField } from '../fixtures';

const VARIABLE = 65535;
const REVERSE_PEN = 29305;
/** The largest long of a row: counters beyond it are cut off there. */
const MAX_LONG = 9007199254740990;

/** Times of the datagram's header, milliseconds; `uptime` (sysUpTime) -1 for IPFIX, which has none. */
export interface ReferenceHeader {
  readonly exportMs: number;
  readonly uptime: number;
}

/** A row, without what belongs to the datagram. */
export type ReferenceRow = Readonly<Record<string, number | string>>;

/** The elements of a record by `<enterprise>.<id>`: of one that is repeated the first. */
type Values = ReadonlyMap<string, Uint8Array>;

/** The rows of a data set's body; a record that runs over its end, and all behind it, makes none. */
export function referenceRows(fields: readonly FixtureField[], body: Uint8Array, header: ReferenceHeader): ReferenceRow[] {
  const shortest = fields.reduce((sum, [, length]) => sum + (length === VARIABLE ? 1 : length), 0);
  const rows: ReferenceRow[] = [];
  let at = 0;
  while (body.length - at >= shortest) { // RFC 7011 section 3.3.1: what is shorter than a record is padding
    const values = new Map<string, Uint8Array>();
    for (const [id, stated, enterprise = 0] of fields) {
      let length = stated;
      if (stated === VARIABLE) { // RFC 7011 section 7
        length = body[at++];
        if (length === 255) {
          length = body[at] * 256 + body[at + 1];
          at += 2;
        }
      }
      if (!(at + length <= body.length)) return rows;
      const key = `${enterprise}.${id}`;
      if (stated > 0 && !values.has(key)) values.set(key, body.subarray(at, at + length));
      at += length;
    }
    rows.push(...rowsOf(values, header));
  }
  return rows;
}

function rowsOf(values: Values, header: ReferenceHeader): ReferenceRow[] {
  const has = (id: number, enterprise = 0): boolean => values.has(`${enterprise}.${id}`);
  const number = (id: number, enterprise = 0): number => {
    let value = 0n;
    for (const byte of values.get(`${enterprise}.${id}`) ?? []) value = value * 256n + BigInt(byte);
    return Number(value);
  };
  const first = (ids: readonly number[], enterprise = 0): number => number(ids.find((id) => has(id, enterprise)) ?? -1, enterprise);
  const filled = (...ids: number[]): number => ids.map((id) => number(id)).find((value) => value !== 0) ?? 0;
  const address = (v4: number, v6: number): Uint8Array | undefined => {
    const there = [...values].filter(([key]) => key === `0.${v4}` || key === `0.${v6}`).map(([, value]) => value);
    return there.find((value) => value.some((byte) => byte !== 0)) ?? there[0];
  };
  const src = address(8, 27);
  const dst = address(12, 28);
  const mask = (of: Uint8Array | undefined, v4: number, v6: number): number => (has(v4) && has(v6) ? number(of?.length === 16 ? v6 : v4) : first([v4, v6]));
  const proto = has(4) ? number(4) : has(32) || has(176) ? 1 : has(139) || has(178) ? 58 : 0;
  const icmp = (both: number, type: number, code: number): number => (has(type) ? number(type) * 256 + number(code) : number(both));
  const separate = (proto === 1 && has(176)) || (proto === 58 && has(178));
  const told = proto === 1 ? icmp(32, 176, 177) : proto === 58 ? icmp(139, 178, 179) : 0;
  const srcPort = filled(7, 180, 182);
  const dstPort = separate ? told : told || filled(11, 181, 183);
  const [start, end] = times(has, number, header);
  const row = {
    srcAddr: text(src), dstAddr: text(dst), srcPort, dstPort, proto, tcpFlags: number(6), tos: number(5),
    packets: first([2, 86, 298, 24]), bytes: first([1, 85, 231, 23, 352]), samplingRate: number(34), start, end,
    inIf: filled(10, 252), outIf: filled(14, 253), nextHop: text(address(15, 62) ?? address(18, 63)),
    srcAs: number(16), dstAs: number(17), srcMask: mask(src, 9, 29), dstMask: mask(dst, 13, 30), vlan: filled(58, 243), direction: number(61),
  };
  const back = (ids: readonly number[], responder: number, forward: readonly number[]): number =>
    ids.some((id) => has(id, REVERSE_PEN)) ? first(ids, REVERSE_PEN) : forward.some((id) => has(id)) ? 0 : number(responder);
  const [packets, bytes] = [back([2, 86], 299, [2, 86]), back([1, 85], 232, [1, 85])];
  if (packets === 0 && bytes === 0) return [clipped(row)];
  const own = (id: number, otherwise: number): number => (has(id, REVERSE_PEN) ? number(id, REVERSE_PEN) : otherwise);
  const isIcmp = proto === 1 || proto === 58;
  const reverse = {
    ...row, srcAddr: row.dstAddr, dstAddr: row.srcAddr, packets, bytes,
    srcPort: isIcmp ? srcPort : dstPort,
    dstPort: isIcmp ? number(32, REVERSE_PEN) || number(139, REVERSE_PEN) || reply(dstPort) : srcPort,
    tcpFlags: number(6, REVERSE_PEN), tos: number(5, REVERSE_PEN), nextHop: '',
    start: absolute([152, 154, 156, 150, 158], REVERSE_PEN, has, number, header) || start,
    end: absolute([153, 155, 157, 151, 159], REVERSE_PEN, has, number, header) || end,
    inIf: own(10, row.outIf), outIf: own(14, row.inIf), srcAs: row.dstAs, dstAs: row.srcAs, srcMask: row.dstMask, dstMask: row.srcMask,
    vlan: own(58, row.vlan), direction: own(61, row.direction),
  };
  return [clipped(row), clipped(reverse)];
}

const text = (address: Uint8Array | undefined): string => (!address ? '' : address.length === 4 ? formatIpv4(address) : formatIpRow(address));
const clipped = (row: ReferenceRow): ReferenceRow =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? Math.min(Math.max(value, 0), MAX_LONG) : value]));

type Has = (id: number, enterprise?: number) => boolean;
type NumberOf = (id: number, enterprise?: number) => number;

/** A time by the first of the elements (milli-, micro-, nanoseconds, seconds, before the export) that is there; 0 where none is. */
function absolute(ids: readonly number[], enterprise: number, has: Has, number: NumberOf, { exportMs }: ReferenceHeader): number {
  const id = ids.find((one) => has(one, enterprise));
  if (id === undefined) return 0;
  const value = number(id, enterprise);
  switch (ids.indexOf(id)) {
    case 0:
      return value;
    case 3:
      return value * 1000;
    case 4:
      return Math.round(exportMs - value / 1000);
    default: // RFC 7011 section 6.1.9: seconds since 1900 and a fraction
      return value < 4294967296 ? 0 : (Math.floor(value / 4294967296) - 2208988800) * 1000 + Math.floor(((value % 4294967296) * 1000) / 4294967296);
  }
}

const STARTS = [152, 154, 156, 150, 158];
const ENDS = [153, 155, 157, 151, 159];

/** Start and end of the flow. */
function times(has: Has, number: NumberOf, header: ReferenceHeader): [start: number, end: number] {
  const { exportMs, uptime } = header;
  if (![...STARTS, ...ENDS].some((id) => has(id)) && (has(21) || has(22))) {
    const last = number(has(21) ? 21 : 22);
    const begun = number(has(22) ? 22 : 21);
    const boot = number(160) || (uptime < 0 ? -1 : exportMs - uptime);
    if (boot < 0) return [exportMs - Math.max(last - begun, 0), exportMs];
    const since = (flow: number): number => (uptime >= 0 && flow - uptime > 0x7fffffff ? flow - 4294967296 : flow); // sysUpTime wraps
    return [boot + since(begun), boot + since(last)];
  }
  const start = absolute(STARTS, 0, has, number, header);
  const duration = has(161) ? number(161) : Math.round(number(162) / 1000);
  const end = absolute(ENDS, 0, has, number, header) || (start !== 0 ? start + duration : (has(323) ? number(323) : number(322) * 1000) || exportMs);
  return [start || end - duration, end];
}

/** ICMP type and code of the answer to a request, and the other way round. */
function reply(typeAndCode: number): number {
  const pairs = [[8, 0], [13, 14], [15, 16], [17, 18], [128, 129]];
  const pair = pairs.find((types) => types.includes(typeAndCode >> 8));
  return pair ? (pair[0] + pair[1] - (typeAndCode >> 8)) * 256 + (typeAndCode & 255) : typeAndCode;
}
