import { Exporter, MAX_PAYLOAD, type ExporterIdentity } from './exporter';
import type { Flow } from './flow';
import { MASK_V6, routerAddress } from './network';
import { frameLength, SAMPLED_BYTES, writeSampledFrame } from './packet';

/** Counter samples of every interface are sent this often. */
export const COUNTER_PERIOD_MS = 10_000;

const HEADER = 28;
const FLOW_SAMPLE = 1;
const COUNTER_SAMPLE = 2;
const RAW_HEADER = 1;
const EXTENDED_SWITCH = 1001;
const EXTENDED_ROUTER = 1002;
const GENERIC_COUNTERS = 1;
const ETHERNET = 1;
const FCS = 4;
/** Bytes of the largest flow sample: 40 of its own, raw header 24 + 128, switch 24, router of IPv6 36. */
const MOST_SAMPLE = 40 + 24 + SAMPLED_BYTES + 24 + 36;
/** Bytes of a counter sample. */
const COUNTERS = 116;

/** What an interface has counted since the start. */
export interface InterfaceCounts {
  inOctets: number;
  inPackets: number;
  outOctets: number;
  outPackets: number;
}

interface Interface extends InterfaceCounts {
  readonly ifIndex: number;
  readonly speed: number;
  sequence: number;
  counterSequence: number;
  pool: number;
}

/**
 * sFlow version 5 (sflow.org, "sFlow Version 5", section 5): each reported flow becomes one sampled packet with its real
 * header, its VLAN and its route; counters of every interface are sent each {@link COUNTER_PERIOD_MS}. A sample counts as
 * one flow of one packet with the length of its frame. Sequence numbers: datagrams of the agent, samples of the source.
 */
export class SFlow5Exporter extends Exporter {
  private readonly samples = Buffer.alloc(MAX_PAYLOAD);
  private used = 0;
  private count = 0;
  private sequence = 0;
  private readonly interfaces: ReadonlyMap<number, Interface>;
  private nextCountersMs: number;

  /** @param countsOf what an interface has counted, where somebody else counts; else what the samples stand for. */
  constructor(
    identity: ExporterIdentity,
    startMs: number,
    emit: (datagram: Buffer) => void,
    private readonly countsOf?: (ifIndex: number) => InterfaceCounts,
  ) {
    super(identity, startMs, emit);
    this.interfaces = new Map(
      identity.interfaces.map(({ ifIndex, speed }) => [
        ifIndex,
        { ifIndex, speed, sequence: 0, counterSequence: 0, pool: 0, inOctets: 0, inPackets: 0, outOctets: 0, outPackets: 0 },
      ]),
    );
    this.nextCountersMs = startMs + COUNTER_PERIOD_MS;
  }

  override report(flow: Flow, nowMs: number): void {
    if (HEADER + this.used + MOST_SAMPLE > MAX_PAYLOAD) this.flush(nowMs);
    const { sampling } = this.identity;
    const length = frameLength(flow);
    const source = this.interfaces.get(flow.inIf);
    if (source === undefined) throw new RangeError(`router ${this.identity.router} has no interface ${flow.inIf}`);
    source.sequence++;
    source.pool = (source.pool + sampling) >>> 0;
    source.inPackets += sampling;
    source.inOctets += sampling * (length - FCS);
    const out = this.interfaces.get(flow.outIf);
    if (out !== undefined) {
      out.outPackets += sampling;
      out.outOctets += sampling * (length - FCS);
    }
    this.writeFlowSample(flow, source, length);
    this.count++;
    this.held(1, length, nowMs);
  }

  override tick(nowMs: number): void {
    super.tick(nowMs);
    if (nowMs < this.nextCountersMs) return;
    this.nextCountersMs = Math.max(this.nextCountersMs + COUNTER_PERIOD_MS, nowMs);
    this.flush(nowMs);
    for (const one of this.interfaces.values()) {
      if (HEADER + this.used + COUNTERS > MAX_PAYLOAD) this.sendOther(this.take(nowMs));
      if (this.countsOf !== undefined) Object.assign(one, this.countsOf(one.ifIndex));
      this.writeCounterSample(one);
      this.count++;
      this.sent.counters++;
    }
    this.sendOther(this.take(nowMs));
  }

  override flush(nowMs: number): void {
    if (this.count > 0) this.sendHeld(this.take(nowMs));
  }

  private take(nowMs: number): Buffer {
    const datagram = Buffer.allocUnsafe(HEADER + this.used);
    const { address, router } = this.identity;
    datagram.writeUInt32BE(5, 0);
    datagram.writeUInt32BE(1, 4);
    datagram.set(address, 8);
    datagram.writeUInt32BE(router, 12);
    datagram.writeUInt32BE(++this.sequence >>> 0, 16);
    datagram.writeUInt32BE((nowMs - this.bootMs) >>> 0, 20);
    datagram.writeUInt32BE(this.count, 24);
    this.samples.copy(datagram, HEADER, 0, this.used);
    this.used = this.count = 0;
    return datagram;
  }

  private u32(value: number): void {
    this.used = this.samples.writeUInt32BE(value, this.used);
  }

  private u64(value: number): void {
    this.u32(Math.floor(value / 2 ** 32));
    this.u32(value >>> 0);
  }

  /** Writes a type and a place for the length; returns that place for {@link close}. */
  private open(type: number): number {
    this.u32(type);
    this.u32(0);
    return this.used;
  }

  private close(start: number): void {
    this.samples.writeUInt32BE(this.used - start, start - 4);
  }

  private writeFlowSample(flow: Flow, source: Interface, length: number): void {
    const sample = this.open(FLOW_SAMPLE);
    this.u32(source.sequence);
    this.u32(source.ifIndex);
    this.u32(this.identity.sampling);
    this.u32(source.pool);
    this.u32(0);
    this.u32(flow.inIf);
    this.u32(flow.outIf);
    this.u32(3);

    const raw = this.open(RAW_HEADER);
    this.u32(ETHERNET);
    this.u32(length);
    this.u32(FCS);
    const written = writeSampledFrame(this.samples, this.used + 4, flow);
    this.u32(written);
    const padded = (written + 3) & ~3;
    this.samples.fill(0, this.used + written, this.used + padded);
    this.used += padded;
    this.close(raw);

    const vlan = this.open(EXTENDED_SWITCH);
    this.u32(flow.vlan);
    this.u32(0);
    this.u32(flow.vlan);
    this.u32(0);
    this.close(vlan);

    const route = this.open(EXTENDED_ROUTER);
    if (flow.ipv6) {
      this.u32(2);
      for (const word of flow.nextHop === 0 ? [0, 0, 0, 0] : [0x20010db8, 0xffff0000, 0, flow.nextHop]) this.u32(word);
    } else {
      this.u32(1);
      this.u32(flow.nextHop === 0 ? 0 : routerAddress(flow.nextHop));
    }
    this.u32(flow.ipv6 ? MASK_V6 : flow.src.maskV4);
    this.u32(flow.ipv6 ? MASK_V6 : flow.dst.maskV4);
    this.close(route);
    this.close(sample);
  }

  private writeCounterSample(one: Interface): void {
    const sample = this.open(COUNTER_SAMPLE);
    this.u32(++one.counterSequence);
    this.u32(one.ifIndex);
    this.u32(1);
    const counters = this.open(GENERIC_COUNTERS);
    this.u32(one.ifIndex);
    this.u32(6); // ethernetCsmacd
    this.u64(one.speed);
    this.u32(1); // full duplex
    this.u32(3); // admin up, oper up
    this.u64(one.inOctets);
    for (const value of [one.inPackets, 0, 0, 0, 0, 0]) this.u32(value >>> 0); // unicast, multicast, broadcast, discards, errors, unknown
    this.u64(one.outOctets);
    for (const value of [one.outPackets, 0, 0, 0, 0]) this.u32(value >>> 0); // unicast, multicast, broadcast, discards, errors
    this.u32(0); // not promiscuous
    this.close(counters);
    this.close(sample);
  }
}
