import type { Flow } from './flow';
import { ACCESS_INTERFACES, EDGES, HOSTS_PER_INTERFACE, placeHost } from './network';
import type { Random } from './random';

/** What hosts do, each with its share of the conversations. Sizes are bytes of a packet; tails after Pareto. */
interface Service {
  readonly share: number;
  readonly proto: number;
  /** Destination port; for ICMP type * 256 + code of the request (v4, v6). */
  readonly port: number;
  readonly portV6?: number;
  readonly replyPort?: number;
  readonly replyPortV6?: number;
  readonly requestSize: number;
  readonly replySize: number;
  /** Most packets of one flow; 1 to this, heavy-tailed. */
  readonly mostPackets: number;
  readonly tos: number;
}

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const ICMPV6 = 58;
/** SYN, PSH, ACK and FIN: a whole connection; RFC 9293. */
const WHOLE_CONNECTION = 0x1b;

const SERVICES: readonly Service[] = [
  { share: 0.46, proto: TCP, port: 443, requestSize: 180, replySize: 1180, mostPackets: 20_000, tos: 0 },
  { share: 0.14, proto: UDP, port: 443, requestSize: 140, replySize: 1210, mostPackets: 20_000, tos: 0 },
  { share: 0.18, proto: UDP, port: 53, requestSize: 72, replySize: 210, mostPackets: 3, tos: 0 },
  { share: 0.06, proto: TCP, port: 80, requestSize: 220, replySize: 1100, mostPackets: 4_000, tos: 0 },
  { share: 0.04, proto: TCP, port: 22, requestSize: 120, replySize: 190, mostPackets: 6_000, tos: 0x10 },
  { share: 0.03, proto: TCP, port: 25, requestSize: 900, replySize: 90, mostPackets: 300, tos: 0 },
  { share: 0.03, proto: UDP, port: 123, requestSize: 76, replySize: 76, mostPackets: 2, tos: 0 },
  { share: 0.03, proto: UDP, port: 5060, requestSize: 600, replySize: 480, mostPackets: 12, tos: 0x60 },
  { share: 0.03, proto: ICMP, port: 0x0800, replyPort: 0, portV6: 0x8000, replyPortV6: 0x8100, requestSize: 84, replySize: 84, mostPackets: 60, tos: 0 },
];

const IPV6_SHARE = 0.25;
const LOCAL_SHARE = 0.15;
const REPLY_SHARE = 0.9;
const ELEPHANT_SHARE = 0.004;
const ELEPHANTS = 6;
/** An exporter's active timeout: no reported flow is longer. */
const ACTIVE_TIMEOUT_MS = 60_000;

/** The two ends of a conversation, enough to draw either direction of it. */
interface Conversation {
  srcEdge: number;
  srcIf: number;
  srcHost: number;
  dstEdge: number;
  dstIf: number;
  dstHost: number;
  ipv6: boolean;
  service: Service;
  clientPort: number;
}

/** A bulk transfer that lasts: reported slice by slice with the same 5-tuple. */
interface Elephant extends Conversation {
  lastMs: number;
  packetsPerMs: number;
  untilMs: number;
}

/**
 * Draws the flows of the network one after another: conversations between hosts (popular hosts more often), most of them
 * with their reply as a flow of its own, sizes heavy-tailed, and a few elephants whose slices come back again and again.
 */
export class Traffic {
  private readonly elephants: Elephant[] = [];
  private reply: Conversation | null = null;
  private replyPackets = 0;

  /** @param speaksIPv6 whether an edge's exporter can report IPv6 (NetFlow v5 cannot). */
  constructor(
    private readonly random: Random,
    private readonly speaksIPv6: (edge: number) => boolean,
  ) {}

  /** Fills `flow` with the next flow, which ended shortly before `nowMs`. Interfaces are left to the reporting router. */
  next(flow: Flow, nowMs: number): void {
    if (this.reply !== null) {
      const conversation = this.reply;
      this.reply = null;
      this.fill(flow, conversation, true, this.replyPackets, nowMs);
      return;
    }
    if (this.random.chance(ELEPHANT_SHARE) && this.slice(flow, nowMs)) return;
    const conversation = this.converse();
    const most = conversation.service.mostPackets;
    const packets = Math.floor(this.random.pareto(1, most + 1, 1.15));
    this.fill(flow, conversation, false, Math.min(most, packets), nowMs);
    if (this.random.chance(REPLY_SHARE)) {
      this.reply = conversation;
      this.replyPackets = Math.max(1, Math.min(most, Math.round(packets * (0.7 + this.random.unit()))));
    }
  }

  private converse(): Conversation {
    const { random } = this;
    let share = random.unit();
    let service = SERVICES[0];
    for (const candidate of SERVICES) {
      if (share < candidate.share) {
        service = candidate;
        break;
      }
      share -= candidate.share;
    }
    const srcEdge = EDGES[random.below(EDGES.length)];
    const srcIf = 1 + random.below(ACCESS_INTERFACES);
    // Popular destinations: the edge with the content networks first.
    let dstEdge = EDGES[EDGES.length - 1 - random.rank(EDGES.length)];
    let dstIf = 1 + random.below(ACCESS_INTERFACES);
    if (dstEdge === srcEdge && !random.chance(LOCAL_SHARE)) dstEdge = EDGES[srcEdge % EDGES.length];
    if (dstEdge === srcEdge && dstIf === srcIf) dstIf = (srcIf % ACCESS_INTERFACES) + 1;
    return {
      srcEdge, srcIf, srcHost: random.below(HOSTS_PER_INTERFACE),
      dstEdge, dstIf, dstHost: random.rank(HOSTS_PER_INTERFACE),
      ipv6: random.chance(IPV6_SHARE) && this.speaksIPv6(srcEdge) && this.speaksIPv6(dstEdge),
      service,
      clientPort: 32_768 + random.below(28_000),
    };
  }

  private slice(flow: Flow, nowMs: number): boolean {
    const { random, elephants } = this;
    const at = random.below(ELEPHANTS);
    let elephant = elephants[at];
    if (elephant === undefined || nowMs > elephant.untilMs) {
      elephant = { ...this.converse(), service: SERVICES[0], lastMs: nowMs - 2_000, packetsPerMs: 0.05 + random.unit() * 0.4, untilMs: nowMs + 60_000 + random.below(600_000) };
      elephants[Math.min(at, elephants.length)] = elephant;
    }
    const since = Math.max(elephant.lastMs + 1, nowMs - ACTIVE_TIMEOUT_MS);
    if (since >= nowMs) return false;
    const packets = Math.max(1, Math.round((nowMs - since) * elephant.packetsPerMs));
    this.fill(flow, elephant, true, packets, nowMs);
    flow.bytes = packets * 1480;
    flow.startMs = since;
    flow.endMs = nowMs;
    elephant.lastMs = nowMs;
    return true;
  }

  private fill(flow: Flow, conversation: Conversation, reply: boolean, packets: number, nowMs: number): void {
    const { random } = this;
    const { service, ipv6 } = conversation;
    placeHost(reply ? flow.dst : flow.src, conversation.srcEdge, conversation.srcIf, conversation.srcHost);
    placeHost(reply ? flow.src : flow.dst, conversation.dstEdge, conversation.dstIf, conversation.dstHost);
    const icmp = service.proto === ICMP;
    flow.ipv6 = ipv6;
    flow.proto = icmp && ipv6 ? ICMPV6 : service.proto;
    if (icmp) {
      flow.srcPort = 0;
      flow.dstPort = (reply ? (ipv6 ? service.replyPortV6 : service.replyPort) : ipv6 ? service.portV6 : service.port) ?? 0;
    } else {
      flow.srcPort = reply ? service.port : conversation.clientPort;
      flow.dstPort = reply ? conversation.clientPort : service.port;
    }
    flow.tcpFlags = service.proto === TCP ? (packets === 1 ? 0x02 : WHOLE_CONNECTION) : 0;
    flow.tos = service.tos;
    flow.vlan = 100 + flow.src.inIf;
    const size = (reply ? service.replySize : service.requestSize) * (0.8 + random.unit() * 0.4) + (ipv6 ? 20 : 0);
    flow.packets = packets;
    flow.bytes = Math.round(packets * Math.min(1500, Math.max(ipv6 ? 60 : 40, size)));
    flow.endMs = nowMs - random.below(500);
    flow.startMs = flow.endMs - Math.min(ACTIVE_TIMEOUT_MS, Math.round((packets - 1) * (1 + random.unit() * 40)));
  }
}
