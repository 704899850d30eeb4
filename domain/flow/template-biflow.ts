/**
 * Records of both directions of a conversation make two rows, the second with source and destination exchanged: elements of the
 * reverse direction (RFC 5103), responder counters (IE 232, 299) of firewalls and NAT, and vendors' own.
 */
import { IE } from './elements';
import { NO_ADDRESS, ZERO, type NumberCode, type RowCode } from './row-code';
import { limited } from './template-codes';
import type { Layout } from './template-layout';
import { reverseTimesOf } from './template-times';

/** The row of the other direction, and the condition under which there is one; null where the template has nothing of it. */
export interface ReverseRow {
  readonly when: string;
  readonly row: RowCode;
}

/**
 * Made of the forward `row`. The elements that tell the direction apart (addresses, ports, interfaces, AS numbers, masks) are exchanged
 * where they have no reverse of their own; what says something of the forward packets alone (flags, type of service) is not repeated.
 */
export function reverseOf(layout: Layout, row: RowCode): ReverseRow | null {
  const packets = layout.claimed('reversePackets', layout.reverse(IE.packetDeltaCount) ?? layout.reverse(IE.packetTotalCount) ?? responder(layout, IE.responderPackets, IE.packetDeltaCount, IE.packetTotalCount));
  const bytes = layout.claimed('reverseBytes', layout.reverse(IE.octetDeltaCount) ?? layout.reverse(IE.octetTotalCount) ?? responder(layout, IE.responderOctets, IE.octetDeltaCount, IE.octetTotalCount));
  const counters = [packets, bytes].filter((number) => number !== undefined);
  if (counters.length === 0) return null;
  const icmp = `(${row.proto.text} === 1 || ${row.proto.text} === 58)`;
  const reply = [layout.reverse(IE.icmpTypeCodeIPv4), layout.reverse(IE.icmpTypeCodeIPv6)].filter((number) => number !== undefined).map(({ text }) => text);
  return {
    when: counters.map(({ text }) => `${text} !== 0`).join(' || '),
    row: {
      ...row,
      srcAddr: row.dstAddr,
      dstAddr: row.srcAddr,
      srcPort: { text: `(${icmp} ? ${row.srcPort.text} : ${row.dstPort.text})`, max: 65535 },
      dstPort: { text: `(${icmp} ? ${[...reply, `H.icmpReply(${row.dstPort.text})`].join(' || ')} : ${row.srcPort.text})`, max: 65535 },
      packets: packets ?? ZERO,
      bytes: bytes ?? ZERO,
      tcpFlags: limited(layout.claimed('reverseTcpFlags', layout.reverse(IE.tcpControlBits)), 65535),
      tos: limited(layout.reverse(IE.ipClassOfService), 255),
      ...reverseTimesOf(layout, row),
      inIf: layout.reverse(IE.ingressInterface) ?? row.outIf,
      outIf: layout.reverse(IE.egressInterface) ?? row.inIf,
      nextHop: NO_ADDRESS,
      srcAs: row.dstAs,
      dstAs: row.srcAs,
      srcMask: row.dstMask,
      dstMask: row.srcMask,
      vlan: layout.reverse(IE.vlanId) ? limited(layout.reverse(IE.vlanId), 65535) : row.vlan,
      direction: layout.reverse(IE.flowDirection) ? limited(layout.reverse(IE.flowDirection), 255) : row.direction,
      detail: row.detail && {
        ...row.detail,
        innerSrcAddr: row.detail.innerDstAddr,
        innerDstAddr: row.detail.innerSrcAddr,
        innerSrcPort: row.detail.innerDstPort,
        innerDstPort: row.detail.innerSrcPort,
      },
    },
  };
}

/** A responder's counter, where the initiator's is the forward one: beside other counters it tells of something else. */
function responder(layout: Layout, id: number, ...others: readonly number[]): NumberCode | undefined {
  return others.some((other) => layout.has(other)) ? undefined : layout.number(id);
}

/** ICMP type * 256 + code of the answers to requests: echo, timestamp, information (RFC 792), echo (RFC 4443); others as they are. */
export function icmpReply(typeAndCode: number): number {
  switch (typeAndCode >> 8) {
    case 8:
      return typeAndCode - 0x800;
    case 13:
    case 15:
    case 17:
    case 128:
      return typeAndCode + 0x100;
    case 0:
      return typeAndCode + 0x800;
    case 14:
    case 16:
    case 18:
    case 129:
      return typeAndCode - 0x100;
    default:
      return typeAndCode;
  }
}
