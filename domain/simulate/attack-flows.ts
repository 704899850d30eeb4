import { MANNERS, type Attack, type Manner } from './attacks';
import type { Flow } from './flow';
import { ADDRESSES, ALL_NETWORKS, OUTSIDE, addressText, networkText, placeBehind, placeOutside } from './hosts';
import { newHost } from './network';
import type { Random } from './random';

/** Most records a second of one attack: beyond it several packets share a record, as with senders that keep their port. */
export const MOST_RECORDS = 2_000;

const PROTOCOLS = { tcp: 6, udp: 17, icmp: 1 } as const;
const ICMPV6 = 58;
const ECHO_V6 = 0x8000;

/** Where flows of an attack go: the flow is filled, from and to are edges by number. False where there is no way. */
export type Carry = (from: number, to: number) => boolean;

/** One attack at work: its records step by step, and what of it got through. */
export class AttackFlows {
  /** Packets and bytes that got to the victims. */
  packets = 0;
  bytes = 0;
  private readonly manner: Manner;
  private due = 0;
  private sent = 0;

  /** @param edges devices of the edges */
  constructor(
    readonly attack: Attack,
    private readonly fromMs: number,
    private readonly untilMs: number,
    private readonly edges: readonly number[],
    private readonly random: Random,
  ) {
    this.manner = MANNERS[attack.attack];
  }

  /** Who, whom, how much: for the truth. */
  describe(name: (edge: number) => string): object {
    const { attack, at, host, from, ipv6, packetsPerSecond } = this.attack;
    const { victims, sources } = this.manner;
    const one = newHost();
    placeBehind(one, this.edges[at], host);
    const victim = victims === 'host' ? addressText(one, ipv6) : victims === 'network' ? networkText(this.edges[at], ipv6) : ALL_NETWORKS[ipv6 ? 'v6' : 'v4'];
    placeOutside(one, this.edges[from], this.attack.source);
    return {
      attack, benign: attack === 'flash-crowd', victim, ...(victims === 'all' ? {} : { device: name(at) }), sources, ...(sources === 1 ? { source: addressText(one, ipv6), from: name(from) } : {}),
      start: this.fromMs, end: this.untilMs, rate: packetsPerSecond,
    };
  }

  /** Sends what is due in a step. */
  step(flow: Flow, nowMs: number, stepMs: number, carry: Carry): void {
    const { manner, attack } = this;
    const ramp = manner.rampSeconds === Infinity ? this.untilMs - this.fromMs : 1000 * manner.rampSeconds;
    // A step may begin before the attack or end after it.
    const begun = Math.max(nowMs - stepMs, this.fromMs);
    const ended = Math.min(nowMs, this.untilMs);
    if (ended <= begun) return;
    const share = ramp > 0 ? Math.min(1, ((begun + ended) / 2 - this.fromMs) / ramp) : 1;
    this.due += (attack.packetsPerSecond * share * (ended - begun)) / 1000;
    const packets = Math.floor(this.due);
    this.due -= packets;
    const records = Math.min(Math.ceil(packets / manner.perRecord), Math.ceil((MOST_RECORDS * stepMs) / 1000));
    for (let i = 0; i < records; i++) this.record(flow, Math.floor((packets * (i + 1)) / records) - Math.floor((packets * i) / records), nowMs, stepMs, carry);
  }

  private record(flow: Flow, packets: number, nowMs: number, stepMs: number, carry: Carry): void {
    const { manner, attack, random, edges } = this;
    const ordinal = this.sent++;
    // A source that comes again comes in at the same edge; nobody outside is behind the victim's.
    const number = manner.sources === 1 ? attack.source : manner.sources < OUTSIDE ? (attack.source + 61 * random.below(manner.sources)) % OUTSIDE : random.below(OUTSIDE);
    const victim = manner.victims === 'all' ? ordinal % edges.length : attack.at;
    const from = manner.sources === 1 ? attack.from : (attack.at + 1 + (number % (edges.length - 1))) % edges.length;
    if (from === victim) return;
    const host = manner.victims === 'all' ? Math.floor(ordinal / edges.length) % ADDRESSES : manner.victims === 'network' ? random.below(ADDRESSES) : attack.host;
    flow.ipv6 = attack.ipv6;
    flow.proto = manner.proto === 'icmp' && flow.ipv6 ? ICMPV6 : PROTOCOLS[manner.proto];
    flow.tcpFlags = manner.tcpFlags;
    const srcPort = manner.srcPort ?? 1024 + random.below(64_000);
    const dstPort = manner.dstPort === 'next' ? 1 + (ordinal % 65_535) : manner.proto === 'icmp' && flow.ipv6 ? ECHO_V6 : (manner.dstPort ?? 1024 + random.below(64_000));
    flow.srcPort = srcPort;
    flow.dstPort = dstPort;
    placeOutside(flow.src, edges[from], number);
    placeBehind(flow.dst, edges[victim], host);
    flow.packets = packets;
    const bytes = (flow.bytes = packets * manner.size);
    flow.endMs = nowMs;
    flow.startMs = packets === 1 ? nowMs : nowMs - stepMs;
    if (!carry(from, victim)) return;
    this.packets += packets;
    this.bytes += bytes;
    if (manner.answerSize === 0) return;
    placeBehind(flow.src, edges[victim], host);
    placeOutside(flow.dst, edges[from], number);
    flow.srcPort = dstPort;
    flow.dstPort = srcPort;
    flow.packets = packets;
    flow.bytes = packets * manner.answerSize;
    carry(victim, from);
  }
}
