/** What a row is made of: the elements of a template for each of its fields. */
import { IE } from './elements';
import type { Elements } from './elements/registry';
import type { ExtraSelection } from './extra';
import { NO_ADDRESS, ZERO, type AddressCode, type NumberCode, type RowCode } from './row-code';
import type { PacketHeader } from './packet-header';
import { packetOf } from './packet-section';
import type { Finishing } from './row-finish';
import { chosen, limited } from './template-codes';
import { withInner } from './template-inner';
import type { Layout } from './template-layout';
import { SELECTION_SEQUENCE } from './sampling';
import { timesOf } from './template-times';
import { detailOf, type TunnelMode } from './tunnels';

/** What is decoded beyond the usual, as configured. */
export interface TemplateReading {
  readonly elements: Elements;
  /** Elements that are kept beside the row; null for none. */
  readonly extra: ExtraSelection | null;
  readonly tunnels: TunnelMode;
  /** What is done with every row before it is written. */
  readonly finishing: Finishing;
}

/** Elements that a row may be made of. */
const ROW_ELEMENTS: ReadonlySet<number> = new Set(Object.values(IE));

/** True where a row could take something from the element. */
export const serves = (elements: Elements, enterprise: number, id: number): boolean => (enterprise === 0 && ROW_ELEMENTS.has(id)) || elements.of(enterprise, id)?.as !== undefined;

/** The row of a template's records; statements that it needs go into the layout's prelude. */
export function rowOf(layout: Layout, { tunnels }: TemplateReading): RowCode {
  const packet = packetOf(layout, tunnels);
  const packetField = (name: keyof PacketHeader, max: number): NumberCode => (packet ? { text: `k.${name}`, max } : ZERO);
  const srcAddr = addressOf(layout, 'srcAddr', IE.sourceIPv4Address, IE.sourceIPv6Address, packet ? { at: 'k.srcAt', length: 'k.addressLength' } : NO_ADDRESS);
  const dstAddr = addressOf(layout, 'dstAddr', IE.destinationIPv4Address, IE.destinationIPv6Address, packet ? { at: 'k.dstAt', length: 'k.addressLength' } : NO_ADDRESS);
  const proto = limited(layout.claimed('proto', layout.number(IE.protocolIdentifier)) ?? (packet ? packetField('proto', 255) : impliedProto(layout)), 255);
  const dstPort = layout.claimed('dstPort', layout.firstFilled(IE.destinationTransportPort, IE.udpDestinationPort, IE.tcpDestinationPort));
  const srcPort = layout.claimed('srcPort', layout.firstFilled(IE.sourceTransportPort, IE.udpSourcePort, IE.tcpSourcePort));
  const inIf = layout.claimed('inIf', layout.firstFilled(IE.ingressInterface, IE.ingressPhysicalInterface)) ?? ZERO;
  const packets = layout.first(IE.packetDeltaCount, IE.packetTotalCount, IE.initiatorPackets, IE.postPacketDeltaCount);
  const bytes = layout.first(IE.octetDeltaCount, IE.octetTotalCount, IE.initiatorOctets, IE.postOctetDeltaCount);
  const bgpNextHop = addressOf(layout, 'bgpNextHop', IE.bgpNextHopIPv4Address, IE.bgpNextHopIPv6Address, NO_ADDRESS);
  const row: RowCode = {
    srcAddr,
    dstAddr,
    nextHop: addressOf(layout, 'nextHop', IE.ipNextHopIPv4Address, IE.ipNextHopIPv6Address, bgpNextHop),
    srcPort: limited(srcPort ?? packetField('srcPort', 65535), 65535),
    dstPort: icmpOr(layout, limited(dstPort ?? packetField('dstPort', 65535), 65535), proto),
    proto,
    tcpFlags: limited(layout.claimed('tcpFlags', layout.number(IE.tcpControlBits)) ?? packetField('tcpFlags', 255), 65535),
    tos: limited(layout.claimed('tos', layout.number(IE.ipClassOfService)) ?? packetField('tos', 255), 255),
    packets: layout.claimed('packets', packets) ?? (packet ? { text: '1', max: 1 } : ZERO),
    bytes: layout.claimed('bytes', bytes) ?? (packet ? onTheWire(layout) : (layout.number(IE.layer2OctetDeltaCount) ?? ZERO)),
    samplingRate: rateOf(layout, inIf),
    ...timesOf(layout),
    inIf,
    outIf: layout.claimed('outIf', layout.firstFilled(IE.egressInterface, IE.egressPhysicalInterface)) ?? ZERO,
    srcAs: layout.claimed('srcAs', layout.number(IE.bgpSourceAsNumber)) ?? ZERO,
    dstAs: layout.claimed('dstAs', layout.number(IE.bgpDestinationAsNumber)) ?? ZERO,
    srcMask: limited(layout.claimed('srcMask', maskOf(layout, srcAddr, IE.sourceIPv4PrefixLength, IE.sourceIPv6PrefixLength)), 255),
    dstMask: limited(layout.claimed('dstMask', maskOf(layout, dstAddr, IE.destinationIPv4PrefixLength, IE.destinationIPv6PrefixLength)), 255),
    vlan: limited(layout.claimed('vlan', layout.firstFilled(IE.vlanId, IE.dot1qVlanId)) ?? (packet ? { text: 'o.vlan', max: 4095 } : undefined), 65535),
    direction: limited(layout.claimed('direction', layout.number(IE.flowDirection)), 255),
  };
  return packet ? { ...row, detail: detailOf(tunnels, 'z') } : withInner(layout, row, tunnels);
}

/** The length of a packet: by its IP header, else that of its frame. */
const onTheWire = (layout: Layout): NumberCode => ({ text: layout.has(IE.dataLinkFrameSize) ? `(o.ipLength || ${layout.number(IE.dataLinkFrameSize)!.text})` : 'o.ipLength', max: 0xffffffff });

/**
 * The IPv4 element, the IPv6 one, or, where the template holds both, the first of them in the template that is filled (the first
 * where neither is): a template for either family leaves one empty; one for a tunnel has the outer packet's before the inner's.
 */
function addressOf(layout: Layout, name: 'srcAddr' | 'dstAddr' | 'nextHop' | 'bgpNextHop', v4: number, v6: number, otherwise: AddressCode): AddressCode {
  const four = layout.address(v4, 4);
  const six = layout.address(v6, 16);
  const standard = (layout.before(v4, v6) ? [four, six] : [six, four]).filter((address) => address !== undefined);
  const claimed = name === 'bgpNextHop' ? [] : layout.claimedAddresses(name);
  const own = name !== 'bgpNextHop' && layout.claim(name)?.own === true;
  return chosen(layout, name, own ? [...claimed, ...standard] : [...standard, ...claimed]) ?? otherwise;
}

function maskOf(layout: Layout, address: AddressCode, v4: number, v6: number): NumberCode | undefined {
  const four = layout.number(v4);
  const six = layout.number(v6);
  if (four && six && address.length !== 4) return address.length === 16 ? six : { text: `(${address.length} === 16 ? ${six.text} : ${four.text})`, max: Math.max(four.max, six.max) };
  return four ?? six;
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
  let own = layout.claimed('samplingRate', layout.number(IE.samplingInterval))?.text;
  if (!own && layout.has(IE.samplingPacketInterval)) {
    const interval = layout.number(IE.samplingPacketInterval)!.text;
    own = `(${interval} > 0 ? Math.round(1 + ${layout.number(IE.samplingPacketSpace)?.text ?? '0'} / ${interval}) : 0)`;
    if (!layout.has(IE.samplingPacketSpace)) own = interval;
  }
  if (!own && layout.has(IE.samplingSize) && layout.has(IE.samplingPopulation)) {
    const size = layout.number(IE.samplingSize)!.text;
    own = `(${size} > 0 ? Math.round(${layout.number(IE.samplingPopulation)!.text} / ${size}) : 0)`;
  }
  const sequence = layout.number(IE.selectionSequenceId)?.text;
  const id = layout.first(IE.selectorId, IE.samplerId)?.text ?? (sequence && `(${sequence} + ${SELECTION_SEQUENCE})`);
  if (!own && !id) return { text: `c.rates.plain(${inIf.text})`, max: Infinity };
  return { text: `c.rates.of(${own ?? 0}, ${id ?? -1}, ${inIf.text})`, max: Infinity };
}
