import type { Flow } from './flow';

/** Most bytes of a frame that a sample carries. */
export const SAMPLED_BYTES = 128;
/** Frame check sequence: counted in the frame's length, stripped from the header. */
const FCS = 4;
const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;

/** Size of one of the flow's packets, IP header included; at least what its headers need. */
export const packetSize = (flow: Flow): number => Math.max(flow.ipv6 ? 60 : 40, Math.round(flow.bytes / flow.packets));

/** Length of such a packet as a frame: Ethernet II with an 802.1Q tag, padded to the least of 64 bytes, with its check sequence. */
export const frameLength = (flow: Flow): number => Math.max(64, 18 + packetSize(flow) + FCS);

/**
 * Writes the first bytes of the frame that one packet of the flow makes: Ethernet II, 802.1Q, IPv4 (RFC 791, checksum
 * right) or IPv6 (RFC 8200), then TCP (RFC 9293), UDP (RFC 768) or ICMP (RFC 792, RFC 4443), then zeros. What a sample does not
 * see stays zero: the checksums of the payload.
 *
 * @returns bytes written, at most {@link SAMPLED_BYTES}.
 */
export function writeSampledFrame(target: Buffer, at: number, flow: Flow): number {
  const length = Math.min(SAMPLED_BYTES, frameLength(flow) - FCS);
  const size = packetSize(flow);
  target.fill(0, at, at + length);
  // Locally administered addresses: those of the neighbour and of this interface.
  target.set([0x02, 0x00, 0x5e, 0x00, flow.src.edge, flow.inIf & 255, 0x02, 0x00, 0x5e, 0x01, flow.src.edge, flow.src.v4 & 255], at);
  target.writeUInt16BE(0x8100, at + 12);
  target.writeUInt16BE(flow.vlan, at + 14);
  target.writeUInt16BE(flow.ipv6 ? 0x86dd : 0x0800, at + 16);
  const ip = at + 18;
  let transport: number;
  if (flow.ipv6) {
    target.writeUInt32BE(((6 << 28) | (flow.tos << 20)) >>> 0, ip);
    target.writeUInt16BE(size - 40, ip + 4);
    target[ip + 6] = flow.proto;
    target[ip + 7] = 62;
    target.set(flow.src.v6, ip + 8);
    target.set(flow.dst.v6, ip + 24);
    transport = ip + 40;
  } else {
    target[ip] = 0x45;
    target[ip + 1] = flow.tos;
    target.writeUInt16BE(size, ip + 2);
    target[ip + 8] = 62;
    target[ip + 9] = flow.proto;
    target.writeUInt32BE(flow.src.v4, ip + 12);
    target.writeUInt32BE(flow.dst.v4, ip + 16);
    target.writeUInt16BE(checksum(target, ip, 20), ip + 10);
    transport = ip + 20;
  }
  if (flow.proto === TCP || flow.proto === UDP) {
    target.writeUInt16BE(flow.srcPort, transport);
    target.writeUInt16BE(flow.dstPort, transport + 2);
  }
  if (flow.proto === TCP) {
    target[transport + 12] = 0x50;
    target[transport + 13] = flow.tcpFlags;
  } else if (flow.proto === UDP) {
    target.writeUInt16BE(size - (flow.ipv6 ? 40 : 20), transport + 4);
  } else if (flow.proto === ICMP || flow.proto === ICMPV6) {
    target.writeUInt16BE(flow.dstPort, transport);
  }
  return length;
}

/** The internet checksum (RFC 1071) of an even number of bytes. */
export function checksum(bytes: Buffer, at: number, length: number): number {
  let sum = 0;
  for (let i = at; i < at + length; i += 2) sum += bytes.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
