/**
 * What is inside a tunnel whose outer packet was sampled: VXLAN, VXLAN-GPE, GENEVE, GTP-U, L2TP, MPLS and more in UDP, GRE of every
 * make, IP and Ethernet in IP, SRv6. Tunnels in tunnels are followed down to the innermost. Told by the protocol number or the
 * well-known destination port; a header that contradicts its protocol is taken for payload.
 */
import { TUNNEL_KIND } from '../../schemas';
import { PacketHeader } from './packet-header';
import type { DetailCode } from './row-code';

/**
 * What `collector.tunnels` may say. `outer`: the outer packet is the flow, and nobody looks further. `both`: so it is, and the row's
 * detail has the innermost tunnel and the 5-tuple of the packet in it. `inner`: the innermost IP packet is the flow, and the detail has its
 * tunnel. Bytes are always those on the wire, VLAN and interfaces those that the outer packet was seen on.
 */
export const TUNNEL_MODES = ['outer', 'inner', 'both'] as const;
export type TunnelMode = (typeof TUNNEL_MODES)[number];

/** Tunnels in one another that are followed. */
const MAX_TUNNELS = 4;

/** The Ethernet that GRE, GENEVE and others name by an EtherType (transparent Ethernet bridging). */
const ETHERNET = 0x6558;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const MPLS = 0x8847;

/** Protocols of VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe section 3.2) and NSH (RFC 8300 section 2.2) as EtherTypes; 0x894f is NSH itself. */
const GPE = [0, IPV4, IPV6, ETHERNET, 0x894f, MPLS] as const;

/** Reads the tunnels of one packet after the other. */
export class Tunnels {
  /** Index of the innermost tunnel's kind among the symbols of TunnelKind; 0 without one. */
  kind: number = TUNNEL_KIND.NONE;
  /**
   * Its identifier: VXLAN and GENEVE network identifier, GRE key, ERSPAN session, PPTP call, GTP-U tunnel endpoint, tunnel * 65536 + session
   * of L2TPv2, session of L2TPv3, the bottom label of MPLS; 0 without one.
   */
  id = 0;
  /** The packet in the innermost tunnel; nothing is in it where that is no IP packet, or was cut off. */
  inner: PacketHeader;
  /** The innermost IP packet: the outer one where there is no tunnel. */
  flow: PacketHeader;
  private readonly one = new PacketHeader();
  private readonly other = new PacketHeader();
  private readonly none = new PacketHeader();

  constructor() {
    this.inner = this.flow = this.one;
  }

  /** Looks into `outer`, a packet of `s`. Under MPLS labels without another tunnel the kind is MPLS, and nothing is inner. */
  read(s: Uint8Array, outer: PacketHeader): void {
    this.kind = outer.label < 0 ? TUNNEL_KIND.NONE : TUNNEL_KIND.MPLS;
    this.id = outer.label < 0 ? 0 : outer.label;
    this.flow = outer;
    this.inner = this.none;
    this.none.clear();
    let from = outer;
    for (let depth = 0; depth < MAX_TUNNELS; depth++) {
      const into = from === this.one ? this.other : this.one;
      into.clear();
      if (!this.enter(s, from, into)) return;
      this.inner = into;
      if (into.addressLength === 0) return;
      this.flow = from = into;
    }
  }

  /** Decodes what `from` carries; false where it is no tunnel. */
  private enter(s: Uint8Array, from: PacketHeader, into: PacketHeader): boolean {
    const { payloadAt: at, payloadEnd: end } = from;
    if (at > 0) {
      switch (from.proto) {
        case 17:
          if (this.udp(s, from.dstPort, at + 8, end, into)) return true;
          break;
        case 47:
          if (this.gre(s, at, end, into)) return true;
          break;
        case 4: // RFC 2003
        case 41: // RFC 2473, RFC 4213
          this.found(from.segmentAt > 0 ? TUNNEL_KIND.SRV6 : TUNNEL_KIND.IPIP, 0);
          into.ip(s, at, end);
          return true;
        case 97: // RFC 3378: version 3, 12 bits of zeros, a frame
          if (at + 2 > end || uint16(s, at) !== 0x3000) break;
          this.found(TUNNEL_KIND.IPIP, 0);
          into.ethernet(s, at + 2, end);
          return true;
        case 115: // L2TPv3 (RFC 3931 section 4.1.1); session 0 is control. The lengths of cookie and sublayer are agreed on by its ends, so what it carries cannot be told
          if (at + 4 > end || uint32(s, at) === 0) break;
          this.found(TUNNEL_KIND.L2TP, uint32(s, at));
          return true;
        case 137: // RFC 4023
          into.carried(s, MPLS, at, end);
          this.found(TUNNEL_KIND.MPLS, Math.max(into.label, 0));
          return true;
        case 143: // RFC 8986
          this.found(TUNNEL_KIND.SRV6, 0);
          into.ethernet(s, at, end);
          return true;
      }
    }
    if (from.segmentAt === 0) return false;
    this.found(TUNNEL_KIND.SRV6, 0);
    segmented(from, into);
    return true;
  }

  private found(kind: number, id: number): void {
    this.kind = kind;
    this.id = id;
  }

  /** The payload of a datagram to `port`. */
  private udp(s: Uint8Array, port: number, at: number, end: number, into: PacketHeader): boolean {
    switch (port) {
      case 4789: // RFC 7348
      case 8472: // the port of Linux before there was a standard one
        return this.vxlan(s, at, end, into);
      case 4790:
        return this.vxlanGpe(s, at, end, into);
      case 6081:
        return this.geneve(s, at, end, into);
      case 2152:
        return this.gtpu(s, at, end, into);
      case 1701:
        return this.l2tp(s, at, end, into);
      case 6635: // RFC 7510
        if (at + 4 > end) return false;
        into.carried(s, MPLS, at, end);
        this.found(TUNNEL_KIND.MPLS, Math.max(into.label, 0));
        return true;
      case 4754: // RFC 8086
        return this.gre(s, at, end, into);
      default:
        return false;
    }
  }

  /** RFC 7348 section 5: the flag I, and 24 bits of network identifier; with or without group policy's bits. */
  private vxlan(s: Uint8Array, at: number, end: number, into: PacketHeader): boolean {
    if (at + 8 > end || (s[at] & 0x08) === 0) return false;
    this.found(TUNNEL_KIND.VXLAN, uint24(s, at + 4));
    into.ethernet(s, at + 8, end);
    return true;
  }

  /** As VXLAN, with a flag P and the number of what follows. */
  private vxlanGpe(s: Uint8Array, at: number, end: number, into: PacketHeader): boolean {
    if (at + 8 > end || (s[at] & 0x08) === 0) return false;
    this.found(TUNNEL_KIND.VXLAN, uint24(s, at + 4));
    this.carry(s, (s[at] & 0x04) === 0 ? ETHERNET : (GPE[s[at + 3]] ?? 0), at + 8, end, into);
    return true;
  }

  /** RFC 8926 section 3.4: version 0, options of four-byte words, an EtherType and 24 bits of network identifier. */
  private geneve(s: Uint8Array, at: number, end: number, into: PacketHeader): boolean {
    if (at + 8 > end || s[at] >> 6 !== 0) return false;
    this.found(TUNNEL_KIND.GENEVE, uint24(s, at + 4));
    this.carry(s, uint16(s, at + 2), at + 8 + (s[at] & 0x3f) * 4, end, into);
    return true;
  }

  /** 3GPP TS 29.281 section 5: version 1 of GTP, G-PDU messages (255); extension headers of four-byte words end with the next one's type. */
  private gtpu(s: Uint8Array, at: number, end: number, into: PacketHeader): boolean {
    if (at + 8 > end || s[at] >> 4 !== 3 || s[at + 1] !== 255) return false;
    this.found(TUNNEL_KIND.GTPU, uint32(s, at + 4));
    const flags = s[at] & 7;
    at += 8;
    if (flags !== 0) {
      if (at + 4 > end) return true;
      let next = (flags & 4) !== 0 ? s[at + 3] : 0;
      for (at += 4; next !== 0; ) {
        const size = at < end ? s[at] * 4 : 0;
        if (size === 0 || at + size > end) return true;
        at += size;
        next = s[at - 1];
      }
    }
    into.ip(s, at, end);
    return true;
  }

  /** Data messages of L2TPv2 (RFC 2661 section 3.1), which carry PPP; of L2TPv3 (RFC 3931 section 4.1.2.1) the session alone. */
  private l2tp(s: Uint8Array, at: number, end: number, into: PacketHeader): boolean {
    if (at + 8 > end) return false;
    const flags = uint16(s, at);
    if ((flags & 0x8000) !== 0) return false; // control
    if ((flags & 15) === 3) {
      this.found(TUNNEL_KIND.L2TP, uint32(s, at + 4));
      return true;
    }
    if ((flags & 15) !== 2) return false;
    at += (flags & 0x4000) !== 0 ? 4 : 2;
    if (at + 4 > end) return false;
    this.found(TUNNEL_KIND.L2TP, uint32(s, at));
    at += (flags & 0x0800) !== 0 ? 8 : 4;
    if ((flags & 0x0200) !== 0) {
      if (at + 2 > end) return true;
      at += 2 + uint16(s, at);
    }
    into.ppp(s, at, end);
    return true;
  }

  /**
   * RFC 2784 with the key and sequence of RFC 2890; NVGRE (RFC 7637) is Ethernet with a key; version 1 is PPTP's (RFC 2637). Routing
   * (RFC 1701) is a header that nobody sends: no tunnel.
   */
  private gre(s: Uint8Array, at: number, end: number, into: PacketHeader): boolean {
    if (at + 4 > end) return false;
    const flags = uint16(s, at);
    const type = uint16(s, at + 2);
    const version = flags & 7;
    if (version > 1 || (flags & 0x4000) !== 0) return false;
    const hasSequence = (flags & 0x1000) !== 0;
    at += (flags & 0x8000) !== 0 ? 8 : 4;
    let key = 0;
    if ((flags & 0x2000) !== 0) {
      if (at + 4 > end) return false;
      key = version === 1 ? uint16(s, at + 2) : uint32(s, at);
      at += 4;
    }
    if (hasSequence) at += 4;
    if (version === 1) {
      if (type !== 0x880b) return false;
      this.found(TUNNEL_KIND.GRE, key);
      into.ppp(s, (flags & 0x0080) !== 0 ? at + 4 : at, end);
      return true;
    }
    this.found(TUNNEL_KIND.GRE, key);
    if (type === 0x88be || type === 0x22eb) this.erspan(s, type, hasSequence, at, end, into);
    else this.carry(s, type, at, end, into);
    return true;
  }

  /** A mirrored frame (draft-foschiano-erspan): type I has no header of its own, types II and III begin with the session among other things. */
  private erspan(s: Uint8Array, type: number, hasSequence: boolean, at: number, end: number, into: PacketHeader): void {
    if (type === 0x88be && !hasSequence) return into.ethernet(s, at, end);
    const size = type === 0x88be ? 8 : 12;
    if (at + size > end) return;
    this.id = uint16(s, at + 2) & 0x3ff;
    const subheader = type === 0x22eb && (s[at + 11] & 1) !== 0 ? 8 : 0;
    into.ethernet(s, at + size + subheader, end);
  }

  /** What an EtherType names; a service header (NSH, RFC 8300 section 2: its length in four-byte words) is stepped over. */
  private carry(s: Uint8Array, type: number, at: number, end: number, into: PacketHeader): void {
    if (type === 0x894f) {
      if (at + 4 > end) return;
      const next = GPE[s[at + 3]] ?? 0;
      at += (s[at + 1] & 0x3f) * 4;
      type = next === 0x894f ? 0 : next;
    } else if (type === 0x880b) return into.ppp(s, at, end);
    into.carried(s, type, at, end);
  }
}

/** The kind of a tunnel by its outer packet's protocol and destination port; 0 where they tell none. */
export function tunnelKindOf(proto: number, port: number): number {
  if (proto === 17) return PORTS.get(port) ?? TUNNEL_KIND.NONE;
  return PROTOCOLS.get(proto) ?? TUNNEL_KIND.NONE;
}

const PROTOCOLS = new Map<number, number>([[4, TUNNEL_KIND.IPIP], [41, TUNNEL_KIND.IPIP], [47, TUNNEL_KIND.GRE], [97, TUNNEL_KIND.IPIP], [115, TUNNEL_KIND.L2TP], [137, TUNNEL_KIND.MPLS], [143, TUNNEL_KIND.SRV6]]);
const PORTS = new Map<number, number>([
  [4789, TUNNEL_KIND.VXLAN], [8472, TUNNEL_KIND.VXLAN], [4790, TUNNEL_KIND.VXLAN], [6081, TUNNEL_KIND.GENEVE],
  [2152, TUNNEL_KIND.GTPU], [1701, TUNNEL_KIND.L2TP], [6635, TUNNEL_KIND.MPLS], [4754, TUNNEL_KIND.GRE],
]);

/**
 * The part of a row's detail for a mode: `name` is the {@link Tunnels} in the code; `otherwise` tells kind and id where no tunnel was seen
 * in the packet. Nothing where the mode is `outer`.
 */
export function detailOf(mode: TunnelMode, name: string, otherwise: { readonly kind: string; readonly id: string } = { kind: '0', id: '0' }): DetailCode | undefined {
  if (mode === 'outer') return undefined;
  const kind = `(${name}.kind || ${otherwise.kind})`;
  const detail: DetailCode = { present: [`${kind} !== 0`], tunnel: { text: kind, max: 63 }, tunnelId: { text: `(${name}.kind !== 0 ? ${name}.id : ${otherwise.id})`, max: 0xffffffff } };
  if (mode === 'inner') return detail;
  const inner = `${name}.inner`;
  return {
    ...detail,
    innerSrcAddr: { at: `${inner}.srcAt`, length: `${inner}.addressLength` },
    innerDstAddr: { at: `${inner}.dstAt`, length: `${inner}.addressLength` },
    innerSrcPort: { text: `${inner}.srcPort`, max: 65535 },
    innerDstPort: { text: `${inner}.dstPort`, max: 65535 },
    innerProto: { text: `${inner}.proto`, max: 255 },
  };
}

/** The packet that will come out at the end of a segment list (RFC 8754 section 4.3): the same, to the last segment. */
function segmented(from: PacketHeader, into: PacketHeader): void {
  Object.assign(into, from);
  into.dstAt = from.segmentAt;
  into.segmentAt = 0;
}

const uint16 = (s: Uint8Array, at: number): number => (s[at] << 8) | s[at + 1];
const uint24 = (s: Uint8Array, at: number): number => (s[at] << 16) | (s[at + 1] << 8) | s[at + 2];
const uint32 = (s: Uint8Array, at: number): number => s[at] * 16777216 + uint24(s, at + 1);
