/** sFlow version 5 (sflow.org, "sFlow Version 5"): samples of packets and of counters. */
import { formatIpv4, formatIpRow } from '../../schemas/ip';
import type { FlowPartitions } from './batch-builder';
import type { Sink } from './decoder';
import { PacketHeader } from './packet-header';
import { MAX_RECORDS, Protocol } from './protocol';
import { HELPERS, rowCode, type NumberCode } from './row-code';
import { sameBytes } from './same-bytes';
import type { SamplingRates } from './sampling';
import type { Scratch } from './scratch';
import type { Source, Sources } from './sources';

/** Generic interface counters of a counter sample. Counters as the device keeps them; what it does not keep is 0. */
export interface CounterSample {
  readonly ifIndex: number;
  /** From a port name record; empty where there is none. */
  ifName: string;
  /** Bits a second. */
  readonly speed: number;
  readonly adminUp: boolean;
  readonly operUp: boolean;
  readonly inOctets: number;
  readonly inUnicastPackets: number;
  readonly inMulticastPackets: number;
  readonly inBroadcastPackets: number;
  readonly inDiscards: number;
  readonly inErrors: number;
  readonly outOctets: number;
  readonly outUnicastPackets: number;
  readonly outMulticastPackets: number;
  readonly outBroadcastPackets: number;
  readonly outDiscards: number;
  readonly outErrors: number;
}

/** What a flow sample says beside the packet's own header. */
class Sample {
  rate = 0;
  /** Length of the frame, in bytes. */
  length = 0;
  /** True where `length` is the frame's, false where it is the IP packet's. */
  framed = false;
  inIf = 0;
  outIf = 0;
  nextHopAt = 0;
  nextHopLength = 0;
  srcAs = 0;
  dstAs = 0;
  srcMask = 0;
  dstMask = 0;
  vlan = 0;
  receiveMs = 0;
}

const word = (text: string): NumberCode => ({ text, max: 0xffffffff });
const short = (text: string): NumberCode => ({ text, max: 65535 });

/** Writes a sample's row; see `row-code.ts`. */
const writeSample = new Function(
  'H',
  `return function writeSample(s, v, f, k, out) {${rowCode({
    srcAddr: { at: 'k.srcAt', length: 'k.addressLength' },
    dstAddr: { at: 'k.dstAt', length: 'k.addressLength' },
    nextHop: { at: 'f.nextHopAt', length: 'f.nextHopLength' },
    srcPort: short('k.srcPort'),
    dstPort: short('k.dstPort'),
    proto: { text: 'k.proto', max: 255 },
    tcpFlags: { text: 'k.tcpFlags', max: 255 },
    tos: { text: 'k.tos', max: 255 },
    packets: { text: '1', max: 1 },
    bytes: word('f.length'),
    samplingRate: word('f.rate'),
    start: 'f.receiveMs',
    end: 'f.receiveMs',
    inIf: word('f.inIf'),
    outIf: word('f.outIf'),
    srcAs: word('f.srcAs'),
    dstAs: word('f.dstAs'),
    srcMask: { text: 'f.srcMask', max: 255 },
    dstMask: { text: 'f.dstMask', max: 255 },
    vlan: short('f.vlan'),
    direction: { text: '0', max: 0 },
  })}\n}`,
)(HELPERS) as (s: Uint8Array, v: DataView, f: Sample, k: PacketHeader, out: FlowPartitions) => void;

/** Decodes sFlow v5. One row a flow sample, whether or not its packet is IP. */
export class Sflow5 {
  private readonly packet = new PacketHeader();
  private readonly sample = new Sample();
  private rates!: SamplingRates;

  constructor(
    private readonly scratch: Scratch,
    private readonly out: FlowPartitions,
    private readonly sink: Sink,
    private readonly sources: Sources,
  ) {}

  /** A datagram of `length` bytes in the scratch. */
  decode(length: number, source: Source, receiveMs: number, serial: number): void {
    const { view, bytes } = this.scratch;
    const agentLength = view.getUint32(4) === 2 ? 16 : 4;
    let at = 8 + agentLength;
    if (length < at + 16) return this.sink.fault(source, 'truncated');
    const agent = bytes.subarray(8, at);
    const count = view.getUint32(at + 12);
    this.rates = this.ratesOf(agent, source);
    this.sample.receiveMs = receiveMs;
    this.sink.begin(source, Protocol.SFLOW_V5, view.getUint32(at), view.getUint32(at + 4), receiveMs, receiveMs, serial, length, agent.some((byte) => byte !== 0) ? agent : source.bytes);
    at += 16;
    for (let i = 0; i < count; i++) {
      if (i === MAX_RECORDS) return this.sink.fault(source, 'record_limit');
      if (at + 8 > length) return this.sink.fault(source, 'truncated');
      const end = at + 8 + view.getUint32(at + 4);
      if (end > length) return this.sink.fault(source, 'bad_length');
      if (!this.one(view.getUint32(at), at + 8, end)) this.sink.fault(source, 'truncated');
      at = end;
    }
  }

  /** The rates configured for the agent, else those for where its datagrams come from. */
  private ratesOf(agent: Uint8Array, source: Source): SamplingRates {
    if (sameBytes(agent, source.bytes)) return source.rates;
    const { rates } = this.sources.of(agent.length === 4 ? formatIpv4(agent) : formatIpRow(agent) || '::');
    return rates.configured > 0 ? rates : source.rates;
  }

  /** One sample; false where it is shorter than it says. Samples of other kinds are stepped over. */
  private one(format: number, at: number, end: number): boolean {
    switch (format) {
      case 1:
        return this.flowSample(at, end, false);
      case 2:
        return this.counterSample(at, end, 8);
      case 3:
        return this.flowSample(at, end, true);
      case 4:
        return this.counterSample(at, end, 12);
      case 5:
        this.sink.discardedPacket();
        return true;
      default:
        return true;
    }
  }

  private flowSample(at: number, end: number, expanded: boolean): boolean {
    const { view, bytes } = this.scratch;
    const { sample } = this;
    if (at + (expanded ? 44 : 32) > end) return false;
    sample.rate = this.rates.of(view.getUint32(at + (expanded ? 12 : 8)), -1, 0);
    // The value is an ifIndex where its format is 0; 0x3fffffff is the agent itself, other formats mean dropped or several.
    if (expanded) {
      sample.inIf = ifIndex(view.getUint32(at + 24), view.getUint32(at + 28));
      sample.outIf = ifIndex(view.getUint32(at + 32), view.getUint32(at + 36));
    } else {
      const input = view.getUint32(at + 20);
      const output = view.getUint32(at + 24);
      sample.inIf = ifIndex(input >>> 30, input & 0x3fffffff);
      sample.outIf = ifIndex(output >>> 30, output & 0x3fffffff);
    }
    const count = view.getUint32(at + (expanded ? 40 : 28));
    at += expanded ? 44 : 32;
    sample.length = sample.nextHopLength = sample.srcAs = sample.dstAs = sample.srcMask = sample.dstMask = 0;
    sample.vlan = -1;
    sample.framed = false;
    this.packet.clear();
    let whole = true;
    for (let i = 0; i < count && whole; i++) {
      const next = at + 8 <= end ? at + 8 + view.getUint32(at + 4) : Infinity;
      whole = next <= end;
      if (whole) this.flowRecord(view.getUint32(at), at + 8, next);
      at = next;
    }
    if (sample.vlan < 0) sample.vlan = this.packet.vlan;
    writeSample(bytes, view, sample, this.packet, this.out);
    return whole;
  }

  private flowRecord(format: number, at: number, end: number): void {
    const { view, bytes } = this.scratch;
    const { sample, packet } = this;
    const size = end - at;
    if (format === 1 && size >= 16) {
      const stop = Math.min(end, at + 16 + view.getUint32(at + 12));
      const protocol = view.getUint32(at);
      sample.length = view.getUint32(at + 4);
      sample.framed = true;
      if (protocol === 1) packet.ethernet(bytes, at + 16, stop);
      else if (protocol === 11 || protocol === 12) packet.ip(bytes, at + 16, stop);
    } else if (format === 2 && size >= 4) {
      if (!sample.framed) sample.length = view.getUint32(at);
      sample.framed = true;
    } else if ((format === 3 && size >= 32) || (format === 4 && size >= 56)) {
      if (packet.addressLength > 0) return;
      this.addresses(at, format === 3 ? 4 : 16);
      if (!sample.framed) sample.length = view.getUint32(at);
    } else if (format === 1001 && size >= 16) {
      sample.vlan = view.getUint32(at) & 0xffff;
    } else if (format === 1002 && size >= 16) {
      const address = this.nextHop(at, end);
      if (address > 0 && address + 8 <= end) {
        sample.srcMask = prefixLength(view.getUint32(address));
        sample.dstMask = prefixLength(view.getUint32(address + 4));
      }
    } else if (format === 1003 && size >= 20) this.gateway(at, end);
  }

  /** A sampled IPv4 or IPv6 record: the header's fields, each a word. */
  private addresses(at: number, length: number): void {
    const { view } = this.scratch;
    const { packet } = this;
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

  private counterSample(at: number, end: number, head: number): boolean {
    const { view } = this.scratch;
    if (at + head + 4 > end) return false;
    const count = view.getUint32(at + head);
    at += head + 4;
    let counters: CounterSample | null = null;
    let ifName = '';
    let whole = true;
    for (let i = 0; i < count && whole; i++) {
      const next = at + 8 <= end ? at + 8 + view.getUint32(at + 4) : Infinity;
      whole = next <= end;
      if (!whole) break;
      const format = view.getUint32(at);
      if (format === 1 && next - at >= 96) counters ??= this.interfaceCounters(at + 8);
      else if (format === 1005 && next - at >= 12) ifName = Buffer.from(this.scratch.bytes.subarray(at + 12, Math.min(next, at + 12 + view.getUint32(at + 8)))).toString('utf8');
      at = next;
    }
    if (counters) counters.ifName = ifName;
    this.sink.counters(counters);
    return whole;
  }

  private interfaceCounters(at: number): CounterSample {
    const { view } = this.scratch;
    const counter = (offset: number): number => {
      const value = view.getUint32(at + offset);
      return value === 0xffffffff ? 0 : value; // not kept
    };
    const wide = (offset: number): number => {
      const high = view.getUint32(at + offset);
      const low = view.getUint32(at + offset + 4);
      return high === 0xffffffff && low === 0xffffffff ? 0 : high * 4294967296 + low;
    };
    const status = view.getUint32(at + 20);
    return {
      ifIndex: view.getUint32(at),
      ifName: '',
      speed: wide(8),
      adminUp: (status & 1) !== 0,
      operUp: (status & 2) !== 0,
      inOctets: wide(24),
      inUnicastPackets: counter(32),
      inMulticastPackets: counter(36),
      inBroadcastPackets: counter(40),
      inDiscards: counter(44),
      inErrors: counter(48),
      outOctets: wide(56),
      outUnicastPackets: counter(64),
      outMulticastPackets: counter(68),
      outBroadcastPackets: counter(72),
      outDiscards: counter(76),
      outErrors: counter(80),
    };
  }
}

/** An interface of a sample (two bits of format and thirty of value, or a word each when expanded) as ifIndex. */
const ifIndex = (format: number, value: number): number => (format === 0 && value !== 0x3fffffff ? value : 0);

/** Some agents send a mask in place of its length: not taken. */
const prefixLength = (value: number): number => (value <= 128 ? value : 0);
