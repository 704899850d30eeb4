/**
 * Flow records of sFlow v5 (sflow.org: sFlow Version 5, section 5; sFlow Tunnel Structures): the packet itself, and what the device
 * knew about it. Records that a row has nothing for are stepped over: queues (1019, 1036), those of enterprises, and what `sflow-extra.ts`
 * reads where it is asked for: user (1004), URL (1005), NAT (1007, 1020).
 */
import { TUNNEL_KIND } from '../../schemas';
import { PacketHeader } from './packet-header';
import type { Scratch } from './scratch';
import { FlowSample } from './sflow-sample';
import { tunnelKindOf, type TunnelMode } from './tunnels';

/** Reads the records of one sample after the other into {@link sample} and {@link packet}. */
export class FlowRecords {
  readonly sample = new FlowSample();
  readonly packet = new PacketHeader();
  private readonly wantsTunnels: boolean;

  constructor(
    private readonly scratch: Scratch,
    tunnels: TunnelMode,
  ) {
    this.wantsTunnels = tunnels !== 'outer';
  }

  /** Begins a sample. */
  begin(): void {
    this.sample.clear();
    this.packet.clear();
  }

  /** The body of a record between `at` and `end`; `format` with the enterprise in its upper 20 bits. */
  read(format: number, at: number, end: number): void {
    const { view } = this.scratch;
    const size = end - at;
    switch (format) {
      case 1:
        if (size >= 16) this.header(at, end);
        return;
      case 2: // sampled Ethernet: its length is the frame's
        if (size < 4) return;
        if (!this.sample.framed) this.sample.length = view.getUint32(at);
        this.sample.framed = true;
        return;
      case 3:
        if (size >= 32) this.addresses(at, 4);
        return;
      case 4:
        if (size >= 56) this.addresses(at, 16);
        return;
      case 1001: // a switch knows the VLAN even where the frame has no tag
        if (size >= 16 && view.getUint32(at) <= 4095) this.sample.vlan = view.getUint32(at);
        return;
      case 1002:
        this.router(at, end);
        return;
      case 1003:
        this.gateway(at, end);
        return;
      case 1006: // MPLS: the next hop first
        if (size >= 4) this.nextHop(at, end);
        return;
      case 1012: // the tags that were taken off before the packet was sampled, the outermost first
        if (size >= 8 && view.getUint32(at) > 0 && this.sample.vlan < 0) this.sample.vlan = view.getUint32(at + 4) & 0xfff;
        return;
      default:
        if (this.wantsTunnels) this.tunnel(format, at, size);
    }
  }

  /** The packet's first bytes; protocols as in `header_protocol`. */
  private header(at: number, end: number): void {
    const { view, bytes } = this.scratch;
    const { packet, sample } = this;
    const protocol = view.getUint32(at);
    const from = at + 16;
    const stop = Math.min(end, from + view.getUint32(at + 12));
    sample.length = view.getUint32(at + 4);
    sample.framed = true;
    if (protocol === 1) packet.ethernet(bytes, from, stop);
    else if (protocol >= 10 && protocol <= 12) packet.ip(bytes, from, stop); // AAL5 with IP, IPv4, IPv6
    else if (protocol === 7 || protocol === 14) packet.ppp(bytes, from, stop); // PPP, packet over SONET
    else if (protocol === 13) packet.carried(bytes, 0x8847, from, stop);
  }

  /** A sampled IPv4 or IPv6 record, each field a word: where there is no header. */
  private addresses(at: number, length: number): void {
    const { view } = this.scratch;
    const { packet, sample } = this;
    if (packet.addressLength > 0) return;
    if (!sample.framed) sample.length = view.getUint32(at);
    packet.addressLength = length;
    packet.proto = view.getUint32(at + 4) & 255;
    packet.srcAt = at + 8;
    packet.dstAt = at + 8 + length;
    at += 8 + 2 * length;
    packet.srcPort = view.getUint32(at) & 0xffff;
    packet.dstPort = view.getUint32(at + 4) & 0xffff;
    packet.tcpFlags = view.getUint32(at + 8) & 255;
    packet.tos = view.getUint32(at + 12) & 255;
  }

  private router(at: number, end: number): void {
    if (at + 16 > end) return;
    const masks = this.nextHop(at, end);
    if (masks < 0 || masks + 8 > end) return;
    this.sample.srcMask = prefixLength(this.scratch.view.getUint32(masks));
    this.sample.dstMask = prefixLength(this.scratch.view.getUint32(masks + 4));
  }

  /** Takes the next hop at `at` where none is known, or only 0.0.0.0 or ::; the offset after it, -1 where it is no address. */
  private nextHop(at: number, end: number): number {
    const type = this.scratch.view.getUint32(at);
    if (type === 0) return at + 4;
    const length = type === 1 ? 4 : type === 2 ? 16 : 0;
    if (length === 0 || at + 4 + length > end) return -1;
    const { sample } = this;
    if (sample.nextHopLength === 0 || this.isZero(sample.nextHopAt, sample.nextHopLength)) {
      sample.nextHopAt = at + 4;
      sample.nextHopLength = length;
    }
    return at + 4 + length;
  }

  private isZero(at: number, length: number): boolean {
    for (let i = 0; i < length; i += 4) if (this.scratch.view.getUint32(at + i) !== 0) return false;
    return true;
  }

  /** Extended gateway: source AS, and the last AS of the path as the destination's (the router's own where the path is empty). */
  private gateway(at: number, end: number): void {
    const { view } = this.scratch;
    const { sample } = this;
    if (at + 20 > end) return;
    at = this.nextHop(at, end);
    if (at < 0 || at + 16 > end) return;
    const own = view.getUint32(at);
    sample.srcAs = view.getUint32(at + 4) || own;
    sample.dstAs = own;
    let segments = view.getUint32(at + 12);
    for (at += 16; segments > 0 && at + 8 <= end; segments--) {
      const length = view.getUint32(at + 4);
      if (at + 8 + 4 * length > end) return;
      if (length > 0) sample.dstAs = view.getUint32(at + 8 + 4 * (length - 1));
      at += 8 + 4 * length;
    }
  }

  /** The outer header (1023 to 1026) and the network identifier (1029, 1030) of a tunnel that begins or ends at the device. */
  private tunnel(format: number, at: number, size: number): void {
    const { view } = this.scratch;
    const { sample } = this;
    if ((format === 1023 || format === 1024) && size >= 32) sample.tunnel = tunnelKindOf(view.getUint32(at + 4), view.getUint32(at + 20));
    else if ((format === 1025 || format === 1026) && size >= 56) sample.tunnel = tunnelKindOf(view.getUint32(at + 4), view.getUint32(at + 44));
    else if ((format === 1029 || format === 1030) && size >= 4) {
      sample.tunnelId = view.getUint32(at);
      if (sample.tunnel === TUNNEL_KIND.NONE) sample.tunnel = TUNNEL_KIND.VXLAN;
    }
  }
}

/** Some agents send a mask in place of its length: not taken. */
const prefixLength = (value: number): number => (value <= 128 ? value : 0);
