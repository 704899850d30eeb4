/**
 * The headers of a sampled packet: Ethernet with 802.1Q and 802.1ad tags, 802.1ah and 802.3 LLC/SNAP, PPPoE, MPLS (also Ethernet
 * over MPLS), IPv4 and IPv6 with extension headers, TCP, UDP, SCTP, UDP-Lite, DCCP and ICMP. One object is filled again and
 * again; what a cut header does not reach stays 0. The outer packet of a tunnel is the packet here; see `tunnels.ts` for the inner.
 *
 * Nothing at or after `end` is read. Every step moves on towards `end`, and frames within frames are bounded.
 */

/** Frames in one another (802.1ah, Ethernet over MPLS) that are followed. */
const MAX_FRAMES = 4;

/** EtherTypes of tags: 802.1Q, 802.1ad, and what was used before it. */
const isTag = (type: number): boolean => type === 0x8100 || type === 0x88a8 || type === 0x9100 || type === 0x9200;

/**
 * Extension headers of IPv6 by number: hop-by-hop (0), routing (43), fragment (44), destination options (60) of RFC 8200, authentication
 * (51, RFC 4302), mobility (135, RFC 6275), HIP (139, RFC 7401), Shim6 (140, RFC 5533). Encryption (50) is where reading ends.
 */
const EXTENSION = Uint8Array.from({ length: 256 }, (_, next) => ([0, 43, 44, 51, 60, 135, 139, 140].includes(next) ? 1 : 0));

export class PacketHeader {
  /** Offsets of the addresses in the bytes given; `addressLength` is 4, 16, or 0 where there is no IP header. */
  srcAt = 0;
  dstAt = 0;
  addressLength = 0;
  srcPort = 0;
  /** ICMP: type * 256 + code. */
  dstPort = 0;
  proto = 0;
  tcpFlags = 0;
  tos = 0;
  /** The outermost VLAN, and the one within it. */
  vlan = 0;
  innerVlan = 0;
  /** The label at the bottom of the MPLS stack over the packet; -1 without one. */
  label = -1;
  /** Length of the IP packet by its own header, in bytes. */
  ipLength = 0;
  /** Where that begins which `proto` names, and where it ends or is cut; 0 where it is not reached, or in another fragment. */
  payloadAt = 0;
  payloadEnd = 0;
  /** Offset of the last segment of an SRv6 segment list (RFC 8754 section 2, Segment List[0]); 0 where there is none. */
  segmentAt = 0;
  private frames = 0;

  /** Forgets the last packet. */
  clear(): void {
    this.srcAt = this.dstAt = this.addressLength = this.srcPort = this.dstPort = this.proto = 0;
    this.tcpFlags = this.tos = this.vlan = this.innerVlan = this.ipLength = 0;
    this.payloadAt = this.payloadEnd = this.segmentAt = this.frames = 0;
    this.label = -1;
  }

  /** An Ethernet frame at `at`, captured up to `end`. */
  ethernet(s: Uint8Array, at: number, end: number): void {
    this.clear();
    this.frame(s, at, end);
  }

  /** An IP packet at `at`. */
  ip(s: Uint8Array, at: number, end: number): void {
    this.clear();
    this.network(s, at, end);
  }

  /** What an EtherType names, at `at`. */
  carried(s: Uint8Array, type: number, at: number, end: number): void {
    this.clear();
    this.typed(s, type, at, end);
  }

  /** A PPP frame at `at`: RFC 1661, with or without the address and control of RFC 1662, the protocol in one octet or two. */
  ppp(s: Uint8Array, at: number, end: number): void {
    this.clear();
    this.pointToPoint(s, at, end);
  }

  /** What is under MPLS labels that are not there (IE 317 mplsPayloadPacketSection). */
  mplsPayload(s: Uint8Array, at: number, end: number): void {
    this.clear();
    this.unlabelled(s, at, end);
  }

  /** The payload of an IP packet of `proto`, whose header is not there. */
  transportOf(s: Uint8Array, proto: number, at: number, end: number): void {
    this.clear();
    this.proto = proto;
    this.transport(s, at, end);
  }

  /** The labels of the packet read before, from where they stand by themselves. */
  labels(s: Uint8Array, at: number, end: number): void {
    for (; at + 3 <= end; at += 4) {
      this.label = (s[at] << 12) | (s[at + 1] << 4) | (s[at + 2] >> 4);
      if ((s[at + 2] & 1) === 1) return;
    }
  }

  private frame(s: Uint8Array, at: number, end: number): void {
    if (this.frames++ === MAX_FRAMES) return;
    at += 12;
    let type: number;
    for (; ; at += 4) {
      if (at + 2 > end) return;
      type = (s[at] << 8) | s[at + 1];
      if (!isTag(type)) break;
      if (at + 4 > end) return;
      const id = ((s[at + 2] << 8) | s[at + 3]) & 0xfff;
      if (this.vlan === 0) this.vlan = id;
      else if (this.innerVlan === 0) this.innerVlan = id;
    }
    at += 2;
    if (type < 0x600) {
      if (at + 8 > end || s[at] !== 0xaa || s[at + 1] !== 0xaa) return;
      type = (s[at + 6] << 8) | s[at + 7]; // LLC and SNAP
      at += 8;
    }
    this.typed(s, type, at, end);
  }

  private typed(s: Uint8Array, type: number, at: number, end: number): void {
    switch (type) {
      case 0x0800:
        return this.ipv4(s, at, end);
      case 0x86dd:
        return this.ipv6(s, at, end);
      case 0x8847:
      case 0x8848:
        return this.mpls(s, at, end);
      case 0x8864: // PPPoE session, RFC 2516
        return this.pointToPoint(s, at + 6, end);
      case 0x88e7: // 802.1ah: the service's tag, then the customer's frame
        return this.frame(s, at + 4, end);
      case 0x6558: // Ethernet, as GRE and GENEVE carry it
        return this.frame(s, at, end);
    }
  }

  private pointToPoint(s: Uint8Array, at: number, end: number): void {
    if (at + 2 <= end && s[at] === 0xff && s[at + 1] === 0x03) at += 2;
    if (at + 2 > end) return;
    const protocol = s[at] & 1 ? s[at++] : (s[at++] << 8) | s[at++];
    if (protocol === 0x21) this.ipv4(s, at, end);
    else if (protocol === 0x57) this.ipv6(s, at, end);
    else if (protocol === 0x281 || protocol === 0x283) this.mpls(s, at, end);
  }

  /** RFC 3032 labels. */
  private mpls(s: Uint8Array, at: number, end: number): void {
    for (let bottom = false; !bottom; at += 4) {
      if (at + 4 > end) return;
      bottom = (s[at + 2] & 1) === 1;
      this.label = (s[at] << 12) | (s[at + 1] << 4) | (s[at + 2] >> 4);
    }
    this.unlabelled(s, at, end);
  }

  /**
   * What is under labels shows by its first four bits (RFC 4928): 4 and 6 are IP, 1 is an associated channel (RFC 4385 section 5), 0 is
   * a pseudowire's control word before a frame, unless an address that begins so is the frame's own; others begin a frame.
   */
  private unlabelled(s: Uint8Array, at: number, end: number): void {
    if (at >= end) return;
    const nibble = s[at] >> 4;
    if (nibble === 4 || nibble === 6) this.network(s, at, end);
    else if (nibble === 0 && isFrame(s, at + 4, end)) this.frame(s, at + 4, end);
    else if (nibble !== 1 && isFrame(s, at, end)) this.frame(s, at, end);
  }

  private network(s: Uint8Array, at: number, end: number): void {
    if (at >= end) return;
    const version = s[at] >> 4;
    if (version === 4) this.ipv4(s, at, end);
    else if (version === 6) this.ipv6(s, at, end);
  }

  private ipv4(s: Uint8Array, at: number, end: number): void {
    if (at + 20 > end || s[at] >> 4 !== 4) return;
    const headerLength = (s[at] & 15) * 4;
    const total = (s[at + 2] << 8) | s[at + 3];
    this.tos = s[at + 1];
    this.ipLength = total;
    this.proto = s[at + 9];
    this.srcAt = at + 12;
    this.dstAt = at + 16;
    this.addressLength = 4;
    const laterFragment = (((s[at + 6] << 8) | s[at + 7]) & 0x1fff) !== 0;
    if (laterFragment || headerLength < 20) return;
    // What follows the packet is the frame's padding. A total of 0 is left by segmentation in the network card.
    if (total >= headerLength && at + total < end) end = at + total;
    this.transport(s, at + headerLength, end);
  }

  private ipv6(s: Uint8Array, at: number, end: number): void {
    if (at + 40 > end || s[at] >> 4 !== 6) return;
    const length = (s[at + 4] << 8) | s[at + 5];
    this.tos = ((s[at] & 15) << 4) | (s[at + 1] >> 4);
    this.ipLength = 40 + length;
    this.srcAt = at + 8;
    this.dstAt = at + 24;
    this.addressLength = 16;
    let next = s[at + 6];
    at += 40;
    if (length > 0 && at + length < end) end = at + length; // 0: a jumbogram (RFC 2675)
    while (EXTENSION[next] === 1) {
      if (at + 8 > end) return;
      if (next === 44 && ((s[at + 2] << 8) | s[at + 3]) >> 3 !== 0) {
        if (EXTENSION[s[at]] === 0) this.proto = s[at];
        return;
      }
      // Segment Routing Header (RFC 8754): its list begins with the last segment
      if (next === 43 && s[at + 2] === 4 && s[at + 1] >= 2 && at + 24 <= end) this.segmentAt = at + 8;
      const size = next === 44 ? 8 : next === 51 ? (s[at + 1] + 2) * 4 : (s[at + 1] + 1) * 8;
      next = s[at];
      at += size;
    }
    this.proto = next;
    this.transport(s, at, end);
  }

  private transport(s: Uint8Array, at: number, end: number): void {
    if (at >= end) return;
    this.payloadAt = at;
    this.payloadEnd = end;
    switch (this.proto) {
      case 6:
      case 17:
      case 33:
      case 132:
      case 136:
        if (at + 4 > end) return;
        this.srcPort = (s[at] << 8) | s[at + 1];
        this.dstPort = (s[at + 2] << 8) | s[at + 3];
        if (this.proto === 6 && at + 14 <= end) this.tcpFlags = s[at + 13];
        return;
      case 1:
      case 58:
        if (at + 2 <= end) this.dstPort = (s[at] << 8) | s[at + 1];
    }
  }
}

/** True where a frame at `at` is of a kind that is read here. */
function isFrame(s: Uint8Array, at: number, end: number): boolean {
  if (at + 15 > end) return false;
  const type = (s[at + 12] << 8) | s[at + 13];
  if (type === 0x0800) return s[at + 14] >> 4 === 4;
  if (type === 0x86dd) return s[at + 14] >> 4 === 6;
  return isTag(type) || type === 0x8847 || type === 0x8848 || type === 0x8864 || type === 0x88e7 || (type < 0x600 && s[at + 14] === 0xaa);
}
