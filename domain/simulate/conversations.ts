import type { Flow } from './flow';
import { HOSTS, placeBehind } from './hosts';
import type { Random } from './random';

/** What hosts do. Sizes are bytes of a packet; packets of the answer after Pareto, of the request half as many. */
interface Service {
  readonly share: number;
  readonly proto: number;
  /** Of the server; for ICMP type * 256 + code of the request and of the answer, by family. */
  readonly port: number;
  readonly answer?: number;
  readonly portV6?: number;
  readonly answerV6?: number;
  readonly requestSize: number;
  readonly answerSize: number;
  readonly packets: readonly [least: number, most: number];
}

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const ICMPV6 = 58;
/** SYN, PSH, ACK and FIN: a whole connection (RFC 9293). */
const WHOLE_CONNECTION = 0x1b;

const SERVICES: readonly Service[] = [
  { share: 0.46, proto: TCP, port: 443, requestSize: 180, answerSize: 1180, packets: [8, 20_000] },
  { share: 0.14, proto: UDP, port: 443, requestSize: 140, answerSize: 1210, packets: [8, 20_000] },
  { share: 0.18, proto: UDP, port: 53, requestSize: 72, answerSize: 210, packets: [1, 3] },
  { share: 0.07, proto: TCP, port: 80, requestSize: 220, answerSize: 1100, packets: [6, 4_000] },
  { share: 0.04, proto: TCP, port: 22, requestSize: 120, answerSize: 190, packets: [10, 6_000] },
  { share: 0.03, proto: TCP, port: 25, requestSize: 900, answerSize: 90, packets: [6, 300] },
  { share: 0.04, proto: UDP, port: 123, requestSize: 76, answerSize: 76, packets: [1, 2] },
  { share: 0.04, proto: ICMP, port: 0x0800, answer: 0, portV6: 0x8000, answerV6: 0x8100, requestSize: 84, answerSize: 84, packets: [1, 60] },
];
const TAIL = 1.2;
/** Bytes of a flow on the average, over requests and answers. */
export const MEAN_BYTES = SERVICES.reduce((sum, { share, requestSize, answerSize, packets }) => sum + (share * meanOf(packets) * (answerSize + requestSize / 2)) / 2, 0);
/** Flows of a conversation: its request and its answer. */
export const FLOWS_OF_ONE = 2;
const LONGEST_MS = 5_000;

/** Mean of a bounded Pareto distribution of shape {@link TAIL}. */
function meanOf([low, high]: readonly [number, number]): number {
  return ((low ** TAIL / (1 - (low / high) ** TAIL)) * TAIL * (low ** (1 - TAIL) - high ** (1 - TAIL))) / (TAIL - 1);
}

/** Draws conversations: one host asks, another answers, each direction a flow. Popular hosts are asked more often. */
export class Conversations {
  private service = SERVICES[0];
  private clientHost = 0;
  private clientPort = 0;
  private serverHost = 0;
  private packets = 0;
  private ipv6 = false;

  constructor(
    private readonly random: Random,
    private readonly flow: Flow,
  ) {}

  /** Draws the next one, between hosts of some family. */
  next(ipv6: boolean): void {
    const { random } = this;
    let share = random.unit();
    this.service = SERVICES.find((service) => (share -= service.share) < 0) ?? SERVICES[0];
    this.ipv6 = ipv6;
    this.clientHost = random.below(HOSTS);
    this.serverHost = random.rank(HOSTS);
    this.clientPort = 32_768 + random.below(28_000);
    this.packets = Math.floor(random.pareto(this.service.packets[0], this.service.packets[1], TAIL));
  }

  /** Fills the flow with its request. Devices are numbers. */
  request(client: number, server: number, nowMs: number): void {
    const { flow, service } = this;
    placeBehind(flow.src, client, this.clientHost);
    placeBehind(flow.dst, server, this.serverHost);
    const icmp = service.proto === ICMP;
    flow.srcPort = icmp ? 0 : this.clientPort;
    flow.dstPort = icmp && this.ipv6 ? service.portV6! : service.port;
    this.fill(Math.ceil(this.packets / 2), service.requestSize, nowMs);
  }

  /** Fills the flow with its answer. */
  answer(client: number, server: number, nowMs: number): void {
    const { flow, service } = this;
    placeBehind(flow.src, server, this.serverHost);
    placeBehind(flow.dst, client, this.clientHost);
    const icmp = service.proto === ICMP;
    flow.srcPort = icmp ? 0 : service.port;
    flow.dstPort = icmp ? (this.ipv6 ? service.answerV6! : service.answer!) : this.clientPort;
    this.fill(this.packets, service.answerSize, nowMs);
  }

  private fill(packets: number, size: number, nowMs: number): void {
    const { flow, random, service } = this;
    flow.ipv6 = this.ipv6;
    flow.proto = service.proto === ICMP && this.ipv6 ? ICMPV6 : service.proto;
    flow.tcpFlags = service.proto === TCP ? WHOLE_CONNECTION : 0;
    flow.packets = packets;
    flow.bytes = Math.round(packets * Math.min(1500, Math.max(this.ipv6 ? 60 : 40, size * (0.8 + 0.4 * random.unit()))));
    flow.endMs = nowMs;
    flow.startMs = nowMs - Math.min(LONGEST_MS, Math.round((packets - 1) * (1 + 19 * random.unit())));
  }
}
