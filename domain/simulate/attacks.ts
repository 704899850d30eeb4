import { NetWeaverError } from '../../infra/errors';
import type { Random } from './random';

/** What flows alone tell of. The last is benign: many people at once. */
export const ATTACKS = ['syn-flood', 'udp-amplification', 'icmp-flood', 'http-flood', 'carpet-bombing', 'horizontal-scan', 'vertical-scan', 'slow-ramp', 'flash-crowd'] as const;
/** One of {@link ATTACKS}. */
export type AttackKind = (typeof ATTACKS)[number];

/** How a kind sends. */
export interface Manner {
  /** Packets a second towards its victims, where nobody says. */
  readonly packetsPerSecond: number;
  readonly proto: 'tcp' | 'udp' | 'icmp';
  readonly tcpFlags: number;
  /** Bytes of a packet. */
  readonly size: number;
  /** Packets that one record stands for, at least. */
  readonly perRecord: number;
  /** Addresses outside that it comes from. More than a million: each record from one of its own. */
  readonly sources: number;
  /** Source port; null: any. */
  readonly srcPort: number | null;
  /** Destination port, for ICMP type and code; null: any; `next`: one after another. */
  readonly dstPort: number | null | 'next';
  /** One host, all addresses of a device's network, or of all devices' one after another. */
  readonly victims: 'host' | 'network' | 'all';
  /** Seconds until it has its rate; Infinity: at its end. */
  readonly rampSeconds: number;
  /** Bytes of a packet that the victim answers each packet with; 0: it does not. */
  readonly answerSize: number;
}

const SYN = 0x02;
/** A whole connection. */
const WHOLE = 0x1b;
const AT_ONCE = { rampSeconds: 0, answerSize: 0, victims: 'host' } as const;

/** The ways of the kinds. Amplification comes from servers of DNS; a crowd's answers go back to where it asked from. */
export const MANNERS: Readonly<Record<AttackKind, Manner>> = {
  'syn-flood': { ...AT_ONCE, packetsPerSecond: 40_000, proto: 'tcp', tcpFlags: SYN, size: 60, perRecord: 1, sources: 131_072, srcPort: null, dstPort: 443 },
  'udp-amplification': { ...AT_ONCE, packetsPerSecond: 20_000, proto: 'udp', tcpFlags: 0, size: 1400, perRecord: 20, sources: 1500, srcPort: 53, dstPort: null },
  'icmp-flood': { ...AT_ONCE, packetsPerSecond: 40_000, proto: 'icmp', tcpFlags: 0, size: 84, perRecord: 10, sources: 2000, srcPort: 0, dstPort: 0x0800 },
  'http-flood': { ...AT_ONCE, packetsPerSecond: 30_000, proto: 'tcp', tcpFlags: WHOLE, size: 220, perRecord: 8, sources: 500, srcPort: null, dstPort: 443, answerSize: 120 },
  'carpet-bombing': { ...AT_ONCE, packetsPerSecond: 100_000, proto: 'udp', tcpFlags: 0, size: 512, perRecord: 4, sources: 131_072, srcPort: null, dstPort: null, victims: 'network' },
  'horizontal-scan': { ...AT_ONCE, packetsPerSecond: 200, proto: 'tcp', tcpFlags: SYN, size: 44, perRecord: 1, sources: 1, srcPort: null, dstPort: 445, victims: 'all' },
  'vertical-scan': { ...AT_ONCE, packetsPerSecond: 200, proto: 'tcp', tcpFlags: SYN, size: 44, perRecord: 1, sources: 1, srcPort: null, dstPort: 'next' },
  'slow-ramp': { ...AT_ONCE, packetsPerSecond: 40_000, proto: 'udp', tcpFlags: 0, size: 512, perRecord: 10, sources: 2000, srcPort: null, dstPort: null, rampSeconds: Infinity },
  'flash-crowd': { ...AT_ONCE, packetsPerSecond: 10_000, proto: 'tcp', tcpFlags: WHOLE, size: 180, perRecord: 12, sources: 4000, srcPort: null, dstPort: 443, rampSeconds: 10, answerSize: 1180 },
};

/** An attack that is asked for. Seconds are of the simulation, from its start on. */
export interface AttackRequest {
  readonly kind: AttackKind;
  readonly startSeconds: number;
  readonly seconds: number;
  readonly packetsPerSecond: number;
}

/** An attack as it happens: what it is, whom it meets and where it comes from. Edges are numbers among the simulation's edges. */
export interface Attack {
  readonly attack: AttackKind;
  /** Edge and host of the victim. */
  readonly at: number;
  readonly host: number;
  /** Where a single source comes in, and its number among the addresses outside. */
  readonly from: number;
  readonly source: number;
  /** True: it is told in IPv6 where the edges can. */
  readonly ipv6: boolean;
  readonly packetsPerSecond: number;
}

/** Draws whom an attack meets. */
export function drawAttack(attack: AttackKind, packetsPerSecond: number, random: Random, edges: number, hosts: number, outside: number, ipv6: number): Attack {
  const at = random.below(edges);
  return { attack, at, host: random.below(hosts), from: (at + 1 + random.below(edges - 1)) % edges, source: random.below(outside), ipv6: random.chance(ipv6), packetsPerSecond };
}

/** For an option that may be given several times. @throws NW_USAGE */
export const alsoAttack = (text: string, before: readonly AttackRequest[]): readonly AttackRequest[] => [...before, parseAttack(text)];

const SPEC = /^([a-z-]+)(?:@(\d+(?:\.\d+)?)(?:\+(\d+(?:\.\d+)?))?)?(?::(\d+(?:\.\d+)?)([kM]?))?$/;
const START_SECONDS = 30;
const SECONDS = 60;
const MOST_PACKETS = 1e8;

/**
 * Reads `kind[@start+duration][:rate]`: `syn-flood`, `syn-flood@60`, `udp-amplification@60+120:50k`. Seconds after the start, seconds, packets a second.
 * @throws NW_USAGE
 */
export function parseAttack(text: string): AttackRequest {
  const [, name, start = START_SECONDS, seconds = SECONDS, rate, unit] = SPEC.exec(text) ?? [];
  const kind = ATTACKS.find((known) => known === name);
  const packetsPerSecond = kind === undefined ? NaN : rate === undefined ? MANNERS[kind].packetsPerSecond : Number(rate) * (unit === 'k' ? 1e3 : unit === 'M' ? 1e6 : 1);
  if (kind === undefined || !(packetsPerSecond > 0 && packetsPerSecond <= MOST_PACKETS) || !(Number(seconds) > 0)) {
    throw new NetWeaverError('NW_USAGE', `--attack ${text}: kind[@start+duration][:rate], such as syn-flood@60+120:50k, in seconds and packets per second; kinds are ${ATTACKS.join(', ')}.`);
  }
  return { kind, startSeconds: Number(start), seconds: Number(seconds), packetsPerSecond };
}
