/** UDP datagrams of a capture: link layers, IPv4 and IPv6, fragments put together again. */
import { readFileSync } from 'node:fs';
import { NetWeaverError } from '../../infra/errors';
import { frames, type Frame } from './capture-file';

/** A UDP datagram as captured. */
export interface CapturedDatagram {
  /** Milliseconds since the epoch, with a fraction; of its last fragment. */
  readonly timestampMs: number;
  /** Text form, IPv6 as RFC 5952 without the zone. */
  readonly srcAddr: string;
  readonly srcPort: number;
  readonly dstAddr: string;
  readonly dstPort: number;
  readonly payload: Buffer;
}

/** What was met and not given. */
export interface CaptureCounts {
  frames: number;
  datagrams: number;
  /** Frames of other protocols or link types. */
  otherFrames: number;
  /** Frames whose headers run over their end, or captured with a cut payload. */
  cutFrames: number;
  /** Fragments that found no partner. */
  lostFragments: number;
}

const MAX_FRAGMENTED = 1024;

/** A datagram in pieces. */
interface Pieces {
  readonly parts: { readonly at: number; readonly bytes: Buffer }[];
  total: number;
}

/**
 * The UDP datagrams of a capture file (pcap or pcapng), in order. What could not be given is counted in {@link CaptureReader.counts}.
 * Link layers: Ethernet, 802.1Q and 802.1ad, Linux cooked v1 and v2, raw IP, BSD loopback.
 */
export class CaptureReader {
  readonly counts: CaptureCounts = { frames: 0, datagrams: 0, otherFrames: 0, cutFrames: 0, lostFragments: 0 };
  private readonly fragments = new Map<string, Pieces>();

  constructor(private readonly file: Buffer) {}

  /** @throws NW_CAPTURE_UNREADABLE where the file cannot be read. */
  static open(path: string): CaptureReader {
    try {
      return new CaptureReader(readFileSync(path));
    } catch (error) {
      throw new NetWeaverError('NW_CAPTURE_UNREADABLE', `${path}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** @throws NW_CAPTURE_UNREADABLE where it is no capture, or is cut short (after what came before the cut). */
  *datagrams(): Generator<CapturedDatagram> {
    try {
      for (const frame of frames(this.file)) {
        this.counts.frames++;
        const datagram = this.datagramOf(frame);
        if (!datagram) continue;
        this.counts.datagrams++;
        yield datagram;
      }
    } finally {
      for (const pieces of this.fragments.values()) this.counts.lostFragments += pieces.parts.length;
      this.fragments.clear();
    }
  }

  private datagramOf({ bytes, linkType, timestampMs }: Frame): CapturedDatagram | null {
    const ip = networkLayer(bytes, linkType);
    if (ip < 0 || ip >= bytes.length) return this.other();
    const version = bytes[ip] >> 4;
    if (version === 4) return this.ipv4(bytes, ip, timestampMs);
    if (version === 6) return this.ipv6(bytes, ip, timestampMs);
    return this.other();
  }

  private other(): null {
    this.counts.otherFrames++;
    return null;
  }

  private cut(): null {
    this.counts.cutFrames++;
    return null;
  }

  private ipv4(bytes: Buffer, ip: number, timestampMs: number): CapturedDatagram | null {
    const header = (bytes[ip] & 15) * 4;
    if (ip + 20 > bytes.length || header < 20) return this.cut();
    if (bytes[ip + 9] !== 17) return this.other();
    const total = bytes.readUInt16BE(ip + 2) || bytes.length - ip; // 0: left to the network card (segmentation offload)
    if (total < header || ip + total > bytes.length) return this.cut();
    const srcAddr = ipv4Text(bytes, ip + 12);
    const dstAddr = ipv4Text(bytes, ip + 16);
    const body = bytes.subarray(ip + header, ip + total);
    const fragment = bytes.readUInt16BE(ip + 6);
    if ((fragment & 0x3fff) === 0) return this.udp(body, srcAddr, dstAddr, timestampMs);
    const whole = this.reassemble(`${srcAddr} ${dstAddr} ${bytes.readUInt16BE(ip + 4)}`, (fragment & 0x1fff) * 8, (fragment & 0x2000) !== 0, body);
    return whole && this.udp(whole, srcAddr, dstAddr, timestampMs);
  }

  private ipv6(bytes: Buffer, ip: number, timestampMs: number): CapturedDatagram | null {
    if (ip + 40 > bytes.length) return this.cut();
    const end = ip + 40 + bytes.readUInt16BE(ip + 4);
    if (end > bytes.length) return this.cut();
    const srcAddr = ipv6Text(bytes, ip + 8);
    const dstAddr = ipv6Text(bytes, ip + 24);
    let next = bytes[ip + 6];
    let at = ip + 40;
    let body: Buffer | null = null;
    while (body === null) {
      if (next === 17) body = bytes.subarray(at, end);
      else if (next === 44) {
        if (at + 8 > end) return this.cut();
        if (bytes[at] !== 17) return this.other();
        const offset = bytes.readUInt16BE(at + 2);
        body = this.reassemble(`${srcAddr} ${dstAddr} ${bytes.readUInt32BE(at + 4)}`, offset & 0xfff8, (offset & 1) !== 0, bytes.subarray(at + 8, end));
        if (!body) return null;
      } else if (next === 0 || next === 43 || next === 60) {
        if (at + 8 > end) return this.cut();
        next = bytes[at];
        at += (bytes[at + 1] + 1) * 8;
      } else return this.other();
    }
    return this.udp(body, srcAddr, dstAddr, timestampMs);
  }

  private udp(body: Buffer, srcAddr: string, dstAddr: string, timestampMs: number): CapturedDatagram | null {
    if (body.length < 8) return this.cut();
    const length = body.readUInt16BE(4) || body.length;
    if (length < 8 || length > body.length) return this.cut();
    return { timestampMs, srcAddr, srcPort: body.readUInt16BE(0), dstAddr, dstPort: body.readUInt16BE(2), payload: body.subarray(8, length) };
  }

  /** The whole body once its last piece is there. */
  private reassemble(key: string, at: number, more: boolean, bytes: Buffer): Buffer | null {
    let pieces = this.fragments.get(key);
    if (!pieces) {
      if (this.fragments.size >= MAX_FRAGMENTED) {
        const [oldest, given] = this.fragments.entries().next().value!;
        this.fragments.delete(oldest);
        this.counts.lostFragments += given.parts.length;
      }
      this.fragments.set(key, (pieces = { parts: [], total: -1 }));
    }
    pieces.parts.push({ at, bytes });
    if (!more) pieces.total = at + bytes.length;
    if (pieces.total < 0) return null;
    pieces.parts.sort((a, b) => a.at - b.at);
    let reached = 0;
    for (const part of pieces.parts) if (part.at <= reached) reached = Math.max(reached, part.at + part.bytes.length);
    if (reached < pieces.total) return null;
    const whole = Buffer.alloc(reached);
    for (const part of pieces.parts) part.bytes.copy(whole, part.at);
    this.fragments.delete(key);
    return whole.subarray(0, pieces.total);
  }
}

/** Offset of the IP header in a frame; -1 where there is none. */
function networkLayer(bytes: Buffer, linkType: number): number {
  switch (linkType) {
    case 1: // Ethernet
      return afterEtherType(bytes, 12);
    case 113: // Linux cooked v1
      return afterEtherType(bytes, 14);
    case 276: // Linux cooked v2
      return bytes.length >= 20 && isIp(bytes.readUInt16BE(0)) ? 20 : -1;
    case 12: // raw IP, as some systems number it
    case 14:
    case 101: // raw IP
    case 228:
    case 229:
      return 0;
    case 0: // BSD loopback: address family in the host's byte order
    case 108:
      return 4;
    default:
      return -1;
  }
}

const isIp = (etherType: number): boolean => etherType === 0x0800 || etherType === 0x86dd;

function afterEtherType(bytes: Buffer, at: number): number {
  while (at + 2 <= bytes.length) {
    const etherType = bytes.readUInt16BE(at);
    if (isIp(etherType)) return at + 2;
    if (etherType !== 0x8100 && etherType !== 0x88a8 && etherType !== 0x9100) return -1;
    at += 4;
  }
  return -1;
}

const ipv4Text = (bytes: Uint8Array, at: number): string => `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;

/** RFC 5952: the longest run of zero groups shortened. */
function ipv6Text(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i));
  let best = 0;
  let bestLength = 1;
  for (let i = 0; i < 8; ) {
    let run = i;
    while (run < 8 && groups[run] === 0) run++;
    if (run - i > bestLength) [best, bestLength] = [i, run - i];
    i = Math.max(run, i + 1);
  }
  const hex = groups.map((group) => group.toString(16));
  return bestLength < 2 ? hex.join(':') : `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}
