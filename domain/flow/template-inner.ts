/**
 * The packet in a tunnel's packet, where a template tells of both by elements: those that repeat the protocol (the outer packet's elements
 * come first, RFC 7011 section 8; Cisco's SRv6 templates), layer 2 segments (IE 351), and vendors' elements.
 */
import { TUNNEL_KIND } from '../../schemas';
import { IE } from './elements';
import type { AddressCode, DetailCode, NumberCode, RowCode } from './row-code';
import { chosen, isEmpty, limited } from './template-codes';
import { numberAt, type Layout } from './template-layout';
import type { TunnelMode } from './tunnels';

/** What is inside. */
interface Inner {
  /** Conditions, of which one must hold for there to be something. */
  readonly present: readonly string[];
  readonly kind: NumberCode;
  readonly id?: NumberCode;
  readonly srcAddr?: AddressCode;
  readonly dstAddr?: AddressCode;
  readonly srcPort?: NumberCode;
  readonly dstPort?: NumberCode;
  readonly proto?: NumberCode;
  readonly tcpFlags?: NumberCode;
  readonly tos?: NumberCode;
}

/** The row with what is inside, as the mode wants it: in its detail, or in the outer packet's place. */
export function withInner(layout: Layout, row: RowCode, mode: TunnelMode): RowCode {
  if (mode === 'outer') return row;
  const inner = repeated(layout) ?? encapsulated(layout);
  if (!inner) return row;
  const { present, kind, id, srcAddr, dstAddr, srcPort, dstPort, proto } = inner;
  const detail: DetailCode = { present, tunnel: kind, tunnelId: id };
  if (mode === 'both') return { ...row, detail: { ...detail, innerSrcAddr: srcAddr, innerDstAddr: dstAddr, innerSrcPort: srcPort, innerDstPort: dstPort, innerProto: proto } };
  if (!srcAddr || !dstAddr) return { ...row, detail };
  layout.prelude.push(`const inside = ${present.join(' || ')};`);
  const number = (one: NumberCode | undefined, other: NumberCode): NumberCode => ({ text: `(inside ? ${one?.text ?? '0'} : ${other.text})`, max: Math.max(one?.max ?? 0, other.max) });
  const address = (one: AddressCode, other: AddressCode): AddressCode => ({ at: `(inside ? ${one.at} : ${other.at})`, length: `(inside ? ${one.length} : ${other.length})` });
  return {
    ...row,
    srcAddr: address(srcAddr, row.srcAddr),
    dstAddr: address(dstAddr, row.dstAddr),
    srcPort: number(srcPort, row.srcPort),
    dstPort: number(dstPort, row.dstPort),
    proto: number(proto, row.proto),
    tcpFlags: number(inner.tcpFlags, row.tcpFlags),
    tos: number(inner.tos, row.tos),
    detail,
  };
}

/** Elements said twice. Of a template for both families the second family is the inner packet's. */
function repeated(layout: Layout): Inner | undefined {
  const again = (id: number, max: number): NumberCode | undefined => {
    const place = layout.repeat(id);
    return place && limited(numberAt(place), max);
  };
  const proto = again(IE.protocolIdentifier, 255);
  if (!proto) return undefined;
  const address = (v4: number, v6: number): AddressCode | undefined => {
    const place = layout.repeat(v4) ?? layout.repeat(v6) ?? (layout.has(v4) && layout.has(v6) ? layout.place(layout.before(v4, v6) ? v6 : v4) : undefined);
    return place && (place.length === 4 || place.length === 16) ? { at: place.at, length: place.length } : undefined;
  };
  const srcAddr = address(IE.sourceIPv4Address, IE.sourceIPv6Address);
  const dstAddr = address(IE.destinationIPv4Address, IE.destinationIPv6Address);
  if (!srcAddr || !dstAddr) return undefined;
  const outer = layout.number(IE.protocolIdentifier)!.text;
  const segments = layout.has(IE.srhSegmentIPv6ListSection) || layout.has(IE.srhSegmentIPv6BasicList) || layout.has(IE.srhActiveSegmentIPv6);
  const kind = segments ? `${TUNNEL_KIND.SRV6}` : `(${outer} === 43 ? ${TUNNEL_KIND.SRV6} : ${outer} === 47 ? ${TUNNEL_KIND.GRE} : ${TUNNEL_KIND.IPIP})`;
  return {
    present: [`!${isEmpty(srcAddr)}`, `!${isEmpty(dstAddr)}`],
    kind: { text: kind, max: 63 },
    srcAddr,
    dstAddr,
    proto,
    srcPort: again(IE.sourceTransportPort, 65535),
    dstPort: again(IE.destinationTransportPort, 65535),
    tcpFlags: again(IE.tcpControlBits, 65535),
    tos: again(IE.ipClassOfService, 255),
  };
}

/** A layer 2 segment identifier (its first octet is 1 for VXLAN, the last three are the identifier), what vendors' elements say; those say it of VXLAN. */
function encapsulated(layout: Layout): Inner | undefined {
  const segment = layout.place(IE.layer2SegmentId);
  const vxlan = segment?.length === 8 ? `(s[${segment.at}] === 1)` : undefined;
  const srcAddr = chosen(layout, 'innerSrc', layout.claimedAddresses('innerSrcAddr'));
  const dstAddr = chosen(layout, 'innerDst', layout.claimedAddresses('innerDstAddr'));
  const id = layout.claimed('tunnelId', vxlan === undefined ? undefined : { text: `(${vxlan} ? v.getUint32(${segment!.at} + 4) & 16777215 : 0)`, max: 0xffffff });
  if (!vxlan && !srcAddr && !dstAddr && !id) return undefined;
  const addresses = [...layout.claimedAddresses('innerSrcAddr'), ...layout.claimedAddresses('innerDstAddr')];
  return {
    present: [...(vxlan ? [vxlan] : []), ...(id ? [`${id.text} !== 0`] : []), ...addresses.map((address) => `!${isEmpty(address)}`)],
    kind: { text: `${TUNNEL_KIND.VXLAN}`, max: 63 },
    id,
    srcAddr,
    dstAddr,
    srcPort: limited(layout.claimed('innerSrcPort', undefined), 65535),
    dstPort: limited(layout.claimed('innerDstPort', undefined), 65535),
    proto: limited(layout.claimed('innerProto', undefined), 255),
  };
}
