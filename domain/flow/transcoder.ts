/**
 * A template made into a function that writes Avro rows straight from the datagram: the fields' places become constants,
 * what the row does not want is stepped over, and nothing is allocated for a flow.
 */
import type { FlowPartitions } from './batch-builder';
import { IE, VARIABLE, type Field } from './elements';
import { HELPERS, NO_ADDRESS, rowCode, ZERO, type AddressCode, type NumberCode, type RowCode } from './row-code';
import { PacketHeader } from './packet-header';
import type { SamplingRates } from './sampling';

/** What a transcoder needs to know besides the bytes. Times in milliseconds since the epoch. */
export interface TranscodeContext {
  exportMs: number;
  /** When the exporter's sysUpTime was 0; -1 where it is not known. */
  bootMs: number;
  /** sysUpTime of the header in milliseconds; -1 where it has none. */
  uptime: number;
  rates: SamplingRates;
  /** Set by a transcoder that met a record running over `end`. */
  overrun: boolean;
}

/**
 * Transcodes the records between `at` and `end`, at most `max` of them; returns where it stopped: what is left is padding
 * where it is shorter than a record.
 */
export type Transcoder = (s: Uint8Array, v: DataView, at: number, end: number, max: number, c: TranscodeContext, out: FlowPartitions) => number;

/** Length of the shortest record of a template, in bytes. */
export const shortestRecord = (fields: readonly Field[]): number => fields.reduce((sum, { length }) => sum + (length === VARIABLE ? 1 : length), 0);

/** Makes the transcoder of a template's fields. `relativeTimes` is true where sysUpTime is in the header (NetFlow). */
export function compileTranscoder(fields: readonly Field[]): Transcoder {
  const layout = new Layout(fields);
  const row = rowOf(layout);
  const shortest = shortestRecord(fields);
  const text = `
  let n = 0;
  while (n < max && at + ${shortest} <= end) {
    ${layout.walk.join('\n    ')}
    ${layout.prelude.join('\n    ')}
    ${rowCode(row)}
    at = ${layout.end};
    n++;
  }
  return at;`;
  const make = new Function('H', 'k', `return function transcode(s, v, at, end, max, c, out) {${text}\n}`);
  return make({ ...HELPERS, delta, ntp }, new PacketHeader()) as Transcoder;
}

/** A field's place: expressions for its offset and length. */
interface Place {
  readonly at: string;
  readonly length: number | string;
}

/** Where the fields are, as code. */
class Layout {
  /** Statements that step over fields of variable length. */
  readonly walk: string[] = [];
  /** Statements between the walk and the row. */
  readonly prelude: string[] = [];
  /** Offset after the record. */
  readonly end: string;
  private readonly places = new Map<number, Place>();

  constructor(fields: readonly Field[]) {
    let base = 'at';
    let offset = 0;
    fields.forEach((field, i) => {
      let place: Place = { at: `${base} + ${offset}`, length: field.length };
      if (field.length === VARIABLE) {
        this.walk.push(
          `let o${i} = ${base} + ${offset}, l${i} = s[o${i}++];`,
          `if (l${i} === 255) { l${i} = s[o${i}] << 8 | s[o${i} + 1]; o${i} += 2; }`,
          `const e${i} = o${i} + l${i}; if (e${i} > end) { c.overrun = true; break; }`,
        );
        place = { at: `o${i}`, length: `l${i}` };
        [base, offset] = [`e${i}`, 0];
      } else offset += field.length;
      if (field.enterprise === 0 && !this.places.has(field.id) && field.length !== 0) this.places.set(field.id, place);
    });
    this.end = `${base} + ${offset}`;
    if (base !== 'at') this.walk.push(`if (${this.end} > end) { c.overrun = true; break; }`);
  }

  has(id: number): boolean {
    return this.places.has(id);
  }

  /** True where `a` comes before `b` in the template. */
  before(a: number, b: number): boolean {
    for (const id of this.places.keys()) if (id === a || id === b) return id === a;
    return false;
  }

  place(id: number): Place | undefined {
    return this.places.get(id);
  }

  /** An element as an unsigned number. */
  number(id: number): NumberCode | undefined {
    const place = this.places.get(id);
    if (!place) return undefined;
    const { at, length } = place;
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

  /** The first of the elements that the template holds. */
  first(...ids: number[]): NumberCode | undefined {
    for (const id of ids) if (this.has(id)) return this.number(id);
    return undefined;
  }

  /** The first of the elements that is not zero in the record: some exporters send both and fill one. */
  firstFilled(...ids: number[]): NumberCode | undefined {
    const numbers = ids.map((id) => this.number(id)).filter((number) => number !== undefined);
    if (numbers.length < 2) return numbers[0];
    return { text: `(${numbers.map(({ text }) => text).join(' || ')})`, max: Math.max(...numbers.map(({ max }) => max)) };
  }

  /** An address element that has the length of its kind. */
  address(id: number, length: number): AddressCode | undefined {
    const place = this.places.get(id);
    return place && place.length === length ? { at: place.at, length } : undefined;
  }
}

/** Cuts a number to 16 bits, for fields that the row holds as such. */
const limited = (number: NumberCode | undefined, max: number): NumberCode => (!number ? ZERO : number.max <= max ? number : { text: `(${number.text} & ${max})`, max });

function rowOf(layout: Layout): RowCode {
  const packet = packetOf(layout);
  const packetField = (name: keyof PacketHeader, max: number): NumberCode => (packet ? { text: `k.${name}`, max } : ZERO);
  const srcAddr = addressOf(layout, 'srcAddr', IE.sourceIPv4Address, IE.sourceIPv6Address, packet ? { at: 'k.srcAt', length: 'k.addressLength' } : NO_ADDRESS);
  const dstAddr = addressOf(layout, 'dstAddr', IE.destinationIPv4Address, IE.destinationIPv6Address, packet ? { at: 'k.dstAt', length: 'k.addressLength' } : NO_ADDRESS);
  const proto = limited(layout.number(IE.protocolIdentifier) ?? (packet ? packetField('proto', 255) : impliedProto(layout)), 255);
  const ports = limited(layout.firstFilled(IE.destinationTransportPort, IE.udpDestinationPort, IE.tcpDestinationPort) ?? packetField('dstPort', 65535), 65535);
  const inIf = layout.firstFilled(IE.ingressInterface, IE.ingressPhysicalInterface) ?? ZERO;
  return {
    srcAddr,
    dstAddr,
    nextHop: addressOf(layout, 'nextHop', IE.ipNextHopIPv4Address, IE.ipNextHopIPv6Address, addressOf(layout, 'bgpNextHop', IE.bgpNextHopIPv4Address, IE.bgpNextHopIPv6Address, NO_ADDRESS)),
    srcPort: limited(layout.firstFilled(IE.sourceTransportPort, IE.udpSourcePort, IE.tcpSourcePort) ?? packetField('srcPort', 65535), 65535),
    dstPort: icmpOr(layout, ports, proto),
    proto,
    tcpFlags: limited(layout.number(IE.tcpControlBits) ?? packetField('tcpFlags', 255), 65535),
    tos: limited(layout.number(IE.ipClassOfService) ?? packetField('tos', 255), 255),
    packets: layout.first(IE.packetDeltaCount, IE.packetTotalCount, IE.initiatorPackets, IE.postPacketDeltaCount) ?? (packet ? { text: '1', max: 1 } : ZERO),
    bytes: layout.first(IE.octetDeltaCount, IE.octetTotalCount, IE.initiatorOctets, IE.postOctetDeltaCount) ?? (packet ? packetField('ipLength', 0xffffffff) : (layout.number(IE.layer2OctetDeltaCount) ?? ZERO)),
    samplingRate: rateOf(layout, inIf),
    ...timesOf(layout),
    inIf,
    outIf: layout.firstFilled(IE.egressInterface, IE.egressPhysicalInterface) ?? ZERO,
    srcAs: layout.number(IE.bgpSourceAsNumber) ?? ZERO,
    dstAs: layout.number(IE.bgpDestinationAsNumber) ?? ZERO,
    srcMask: maskOf(layout, srcAddr, IE.sourceIPv4PrefixLength, IE.sourceIPv6PrefixLength),
    dstMask: maskOf(layout, dstAddr, IE.destinationIPv4PrefixLength, IE.destinationIPv6PrefixLength),
    vlan: limited(layout.firstFilled(IE.vlanId, IE.dot1qVlanId) ?? packetField('vlan', 4095), 65535),
    direction: limited(layout.number(IE.flowDirection), 255),
  };
}

/** True where the template carries a piece of the packet itself (RFC 7133, RFC 5477): decoded before the row. */
function packetOf(layout: Layout): boolean {
  const frame = layout.place(IE.dataLinkFrameSection) ?? layout.place(IE.dataLinkFrameSectionOld);
  const place = frame ?? layout.place(IE.ipHeaderPacketSection);
  if (!place) return false;
  layout.prelude.push(`k.${frame ? 'ethernet' : 'ip'}(s, ${place.at}, ${place.at} + ${place.length});`);
  return true;
}

/**
 * The IPv4 element, the IPv6 one, or, where the template holds both, the first of them in the template that is filled (the first
 * where neither is): a template for either family leaves one empty; one for a tunnel has the outer packet's before the inner's.
 */
function addressOf(layout: Layout, name: string, v4: number, v6: number, otherwise: AddressCode): AddressCode {
  const four = layout.address(v4, 4);
  const six = layout.address(v6, 16);
  if (!four || !six) return four ?? six ?? otherwise;
  const [one, other] = layout.before(v4, v6) ? [four, six] : [six, four];
  layout.prelude.push(
    `let ${name}At = ${one.at}, ${name}Length = ${one.length};`,
    `if (${isEmpty(one)} && !${isEmpty(other)}) { ${name}At = ${other.at}; ${name}Length = ${other.length}; }`,
  );
  return { at: `${name}At`, length: `${name}Length` };
}

const isEmpty = ({ at, length }: AddressCode): string =>
  length === 4 ? `(v.getInt32(${at}) === 0)` : `((v.getInt32(${at}) | v.getInt32(${at} + 4) | v.getInt32(${at} + 8) | v.getInt32(${at} + 12)) === 0)`;

function maskOf(layout: Layout, address: AddressCode, v4: number, v6: number): NumberCode {
  const four = layout.number(v4);
  const six = layout.number(v6);
  if (four && six && address.length !== 4) return limited(address.length === 16 ? six : { text: `(${address.length} === 16 ? ${six.text} : ${four.text})`, max: 255 }, 255);
  return limited(four ?? six, 255);
}

/** The protocol of templates that hold ICMP's elements and no protocol (softflowd's do). */
function impliedProto(layout: Layout): NumberCode {
  if (layout.has(IE.icmpTypeCodeIPv4) || layout.has(IE.icmpTypeIPv4)) return { text: '1', max: 1 };
  return layout.has(IE.icmpTypeCodeIPv6) || layout.has(IE.icmpTypeIPv6) ? { text: '58', max: 58 } : ZERO;
}

/**
 * The destination port, or ICMP type * 256 + code where the flow is ICMP and an element tells them. The element for both is
 * left 0 by exporters that put them into the port, so 0 gives way to the port; separate ones mean what they say.
 */
function icmpOr(layout: Layout, port: NumberCode, proto: NumberCode): NumberCode {
  let { text } = port;
  for (const [number, both, type, code] of [
    [58, IE.icmpTypeCodeIPv6, IE.icmpTypeIPv6, IE.icmpCodeIPv6],
    [1, IE.icmpTypeCodeIPv4, IE.icmpTypeIPv4, IE.icmpCodeIPv4],
  ]) {
    if (layout.has(type)) text = `(${proto.text} === ${number} ? ${limited(layout.number(type), 255).text} << 8 | ${limited(layout.number(code), 255).text} : ${text})`;
    else if (layout.has(both)) text = `(${proto.text} === ${number} ? ${limited(layout.number(both), 65535).text} || ${port.text} : ${text})`;
  }
  return { text, max: 65535 };
}

/** Order and meaning: see `sampling.ts`. Elements: RFC 5477 section 8.2, and 34 of RFC 3954. */
function rateOf(layout: Layout, inIf: NumberCode): NumberCode {
  let own = layout.number(IE.samplingInterval)?.text;
  if (!own && layout.has(IE.samplingPacketInterval)) {
    const interval = layout.number(IE.samplingPacketInterval)!.text;
    own = `(${interval} > 0 ? Math.round(1 + ${layout.number(IE.samplingPacketSpace)?.text ?? '0'} / ${interval}) : 0)`;
    if (!layout.has(IE.samplingPacketSpace)) own = interval;
  }
  if (!own && layout.has(IE.samplingSize) && layout.has(IE.samplingPopulation)) {
    const size = layout.number(IE.samplingSize)!.text;
    own = `(${size} > 0 ? Math.round(${layout.number(IE.samplingPopulation)!.text} / ${size}) : 0)`;
  }
  const id = layout.first(IE.selectorId, IE.samplerId)?.text;
  if (!own && !id) return { text: `c.rates.plain(${inIf.text})`, max: Infinity };
  return { text: `c.rates.of(${own ?? 0}, ${id ?? -1}, ${inIf.text})`, max: Infinity };
}

/** Start and end: the first known way of telling them; a missing one is the other; with neither both are the time of export. */
function timesOf(layout: Layout): { start: string; end: string } {
  const { prelude } = layout;
  const start = absoluteTime(layout, IE.flowStartMilliseconds, IE.flowStartMicroseconds, IE.flowStartNanoseconds, IE.flowStartSeconds, IE.flowStartDeltaMicroseconds);
  const end = absoluteTime(layout, IE.flowEndMilliseconds, IE.flowEndMicroseconds, IE.flowEndNanoseconds, IE.flowEndSeconds, IE.flowEndDeltaMicroseconds);
  const first = layout.number(IE.flowStartSysUpTime)?.text;
  const last = layout.number(IE.flowEndSysUpTime)?.text;
  if (!start && !end && (first || last)) {
    const boot = layout.number(IE.systemInitTimeMilliseconds)?.text;
    prelude.push(
      `const bootMs = ${boot ? `(${boot} || c.bootMs)` : 'c.bootMs'};`,
      `const lastUp = ${last ?? first}, firstUp = ${first ?? last};`,
      'const end0 = bootMs < 0 ? c.exportMs : bootMs + H.delta(lastUp, c.uptime);',
      'const start0 = bootMs < 0 ? c.exportMs - (lastUp > firstUp ? lastUp - firstUp : 0) : bootMs + H.delta(firstUp, c.uptime);',
    );
    return { start: 'start0', end: 'end0' };
  }
  const duration = layout.has(IE.flowDurationMilliseconds) ? layout.number(IE.flowDurationMilliseconds)!.text : layout.has(IE.flowDurationMicroseconds) ? `Math.round(${layout.number(IE.flowDurationMicroseconds)!.text} / 1000)` : '0';
  const observed = absoluteTime(layout, IE.observationTimeMilliseconds, 0, 0, IE.observationTimeSeconds, 0);
  prelude.push(
    `let start0 = ${start ?? '0'}, end0 = ${end ?? '0'};`,
    `if (end0 === 0) end0 = start0 !== 0 ? start0 + ${duration} : ${observed ? `(${observed} || c.exportMs)` : 'c.exportMs'};`,
    `if (start0 === 0) start0 = end0 - ${duration};`,
  );
  return { start: 'start0', end: 'end0' };
}

function absoluteTime(layout: Layout, ms: number, us: number, ns: number, seconds: number, deltaUs: number): string | undefined {
  if (layout.has(ms)) return layout.number(ms)!.text;
  for (const id of [us, ns]) {
    const place = layout.place(id);
    if (place?.length === 8) return `H.ntp(v.getUint32(${place.at}), v.getUint32(${place.at} + 4))`;
  }
  if (layout.has(seconds)) return `${layout.number(seconds)!.text} * 1000`;
  return layout.has(deltaUs) ? `Math.round(c.exportMs - ${layout.number(deltaUs)!.text} / 1000)` : undefined;
}

/** NTP time (RFC 7011 sections 6.1.9 and 6.1.10: seconds since 1900 and a fraction of 2^32) in milliseconds since 1970; 0 stays 0. */
export function ntp(seconds: number, fraction: number): number {
  return seconds === 0 ? 0 : (seconds - 2208988800) * 1000 + Math.floor((fraction * 1000) / 4294967296);
}

/** sysUpTime of a flow, less 2^32 where the counter has wrapped between the flow and the header (every 49.7 days). */
export function delta(flow: number, uptime: number): number {
  return uptime >= 0 && flow - uptime > 0x7fffffff ? flow - 4294967296 : flow;
}
