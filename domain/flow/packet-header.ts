/**
 * The headers of a sampled packet: Ethernet with 802.1Q, 802.1ad and 802.3 LLC/SNAP, MPLS (also Ethernet over MPLS), IPv4 and
 * IPv6 with extension headers, TCP, UDP, SCTP, UDP-Lite, DCCP and ICMP. One object is filled again and again; what a cut
 * header does not reach stays 0. The outer packet of a tunnel is the flow.
 */
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
  /** The outermost VLAN. */
  vlan = 0;
  /** Length of the IP packet by its own header, in bytes. */
  ipLength = 0;

  /** Forgets the last packet. */
  clear(): void {
    this.srcAt = this.dstAt = this.addressLength = this.srcPort = this.dstPort = this.proto = 0;
    this.tcpFlags = this.tos = this.vlan = this.ipLength = 0;
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

  private network(s: Uint8Array, at: number, end: number): void {
    if (at >= end) return;
    const version = s[at] >> 4;
    if (version === 4) this.ipv4(s, at, end);
    else if (version === 6) this.ipv6(s, at, end);
  }

  private frame(s: Uint8Array, at: number, end: number): void {
    let type = 0;
    for (at += 12; at + 2 <= end; at += 4) {
      type = (s[at] << 8) | s[at + 1];
      if (type !== 0x8100 && type !== 0x88a8 && type !== 0x9100 && type !== 0x9200) break;
      if (this.vlan === 0 && at + 4 <= end) this.vlan = ((s[at + 2] << 8) | s[at + 3]) & 0xfff;
    }
    at += 2;
    if (at > end) return;
    if (type < 0x600 && at + 8 <= end && s[at] === 0xaa && s[at + 1] === 0xaa) {
      type = (s[at + 6] << 8) | s[at + 7]; // LLC and SNAP
      at += 8;
    }
    if (type === 0x0800) this.ipv4(s, at, end);
    else if (type === 0x86dd) this.ipv6(s, at, end);
    else if (type === 0x8847 || type === 0x8848) this.mpls(s, at, end);
    else if (type === 0x8864 && at + 8 <= end) this.network(s, at + 8, end); // PPPoE session
  }

  /** RFC 3032 labels; what is under them shows by its first four bits (RFC 4928), 0 for a pseudowire's control word (RFC 4385). */
  private mpls(s: Uint8Array, at: number, end: number): void {
    for (let bottom = false; !bottom; at += 4) {
      if (at + 4 > end) return;
      bottom = (s[at + 2] & 1) === 1;
    }
    if (at >= end) return;
    const nibble = s[at] >> 4;
    if (nibble === 4 || nibble === 6) this.network(s, at, end);
    else if (nibble === 0 && at + 18 <= end) this.frame(s, at + 4, end);
  }

  private ipv4(s: Uint8Array, at: number, end: number): void {
    if (at + 20 > end || s[at] >> 4 !== 4) return;
    this.tos = s[at + 1];
    this.ipLength = (s[at + 2] << 8) | s[at + 3];
    this.proto = s[at + 9];
    this.srcAt = at + 12;
    this.dstAt = at + 16;
    this.addressLength = 4;
    const laterFragment = (((s[at + 6] << 8) | s[at + 7]) & 0x1fff) !== 0;
    if (!laterFragment) this.transport(s, at + (s[at] & 15) * 4, end);
  }

  private ipv6(s: Uint8Array, at: number, end: number): void {
    if (at + 40 > end || s[at] >> 4 !== 6) return;
    this.tos = ((s[at] & 15) << 4) | (s[at + 1] >> 4);
    this.ipLength = 40 + ((s[at + 4] << 8) | s[at + 5]);
    this.srcAt = at + 8;
    this.dstAt = at + 24;
    this.addressLength = 16;
    let next = s[at + 6];
    at += 40;
    // RFC 8200 section 4: hop-by-hop, routing, fragment, destination options; RFC 4302 authentication
    while (next === 0 || next === 43 || next === 44 || next === 60 || next === 51 || next === 135) {
      if (at + 8 > end) break;
      if (next === 44 && ((s[at + 2] << 8) | s[at + 3]) >> 3 !== 0) {
        this.proto = s[at];
        return;
      }
      const length = next === 44 ? 8 : next === 51 ? (s[at + 1] + 2) * 4 : (s[at + 1] + 1) * 8;
      next = s[at];
      at += length;
    }
    this.proto = next;
    this.transport(s, at, end);
  }

  private transport(s: Uint8Array, at: number, end: number): void {
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
