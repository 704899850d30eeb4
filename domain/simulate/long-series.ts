/**
 * What one subject (a host, an interface, a link) does over weeks, window by window, without a datagram: the flows of each window are drawn from what
 * {@link Traffic} makes, in numbers that follow a rate with days and weeks, noise of several memories, bursts, incidents and changes of regime. Models are trained
 * on it; equal seeds give equal series.
 *
 * Units: bytes, packets, flows a window; durations in milliseconds; time in milliseconds since the epoch.
 */
import { newFlow } from './flow';
import type { Random } from './random';
import { Rate } from './rate';
import { Traffic } from './traffic';

/** What is told of a window, in this order. */
export const LONG_SERIES_COLUMNS = ['bytes', 'packets', 'flows', 'meanDurationMs', 'tcpShare', 'udpShare', 'icmpShare'] as const;

/** What happened in a window, beside the usual. */
export const HAPPENINGS = ['nothing', 'burst', 'outage', 'syn-flood', 'amplification', 'scan'] as const;

const TCP = 6, UDP = 17;
/** Flows of a class that are drawn one by one in a window; the rest by mean and deviation. */
const DRAWN = 4;

/** Flows of one kind: a service, in one direction. Sizes lie one behind the other: packets, bytes, duration. */
class FlowClass {
  readonly sizes: number[] = [];
  private readonly sum = [0, 0, 0];
  private readonly squares = [0, 0, 0];

  constructor(readonly proto: number) {}

  add(packets: number, bytes: number, durationMs: number): void {
    [packets, bytes, durationMs].forEach((value, i) => {
      this.sizes.push(value);
      this.sum[i] += value;
      this.squares[i] += value * value;
    });
  }

  get count(): number {
    return this.sizes.length / 3;
  }

  mean(i: number): number {
    return this.sum[i] / this.count;
  }

  deviation(i: number): number {
    return Math.sqrt(Math.max(0, this.squares[i] / this.count - this.mean(i) ** 2));
  }
}

/** Flows that the traffic model makes, by kind: what windows are drawn from. */
export function flowClasses(random: Random, flows = 40_000): FlowClass[] {
  const traffic = new Traffic(random, () => true);
  const classes = new Map<string, FlowClass>();
  const flow = newFlow();
  for (let i = 0; i < flows; i++) {
    traffic.next(flow, 1e12 + 10 * i);
    const proto = flow.proto === TCP || flow.proto === UDP ? flow.proto : 1;
    const reply = flow.srcPort !== 0 && flow.srcPort < flow.dstPort;
    const key = `${proto}/${reply ? flow.srcPort : proto === 1 ? 0 : flow.dstPort}/${reply}`;
    let known = classes.get(key);
    if (known === undefined) classes.set(key, (known = new FlowClass(proto)));
    known.add(flow.packets, flow.bytes, flow.endMs - flow.startMs);
  }
  return [...classes.values()].filter(({ count }) => count >= 50);
}

/** Packets and bytes of a packet, mean duration and protocol of what an attack adds: NetFlow of a SYN flood, of reflected DNS answers, of a scan. */
const ATTACKS: Readonly<Record<number, { readonly proto: number; readonly packets: number; readonly size: number; readonly durationMs: number }>> = {
  3: { proto: TCP, packets: 1, size: 40, durationMs: 0 },
  4: { proto: UDP, packets: 12, size: 1400, durationMs: 2000 },
  5: { proto: TCP, packets: 1.3, size: 44, durationMs: 20 },
};

/** See the file's head. */
export class LongSeries {
  /** Of the window that was made last, in the order of {@link LONG_SERIES_COLUMNS}. */
  readonly values = new Float64Array(LONG_SERIES_COLUMNS.length);
  /** What happened in it: index into {@link HAPPENINGS}. */
  happening = 0;
  private readonly rate: Rate;
  /** Shares of the classes by day and by night. */
  private readonly day: number[];
  private readonly night: number[];
  /** Share of TCP, UDP, ICMP of the packets. */
  private readonly packetsOf = [0, 0, 0];

  constructor(
    private readonly random: Random,
    private readonly classes: readonly FlowClass[],
    windowMs: number,
  ) {
    this.rate = new Rate(random, windowMs);
    this.day = mix(random, classes.length);
    const night = mix(random, classes.length);
    const change = random.unit() ** 2;
    this.night = this.day.map((share, i) => share * (1 - change) + night[i] * change);
  }

  /** Makes the window that begins at a time. Windows follow one another. */
  next(startMs: number): void {
    const { random, rate, values, packetsOf, classes } = this;
    rate.next(startMs);
    this.happening = rate.happening;
    values.fill(0);
    packetsOf.fill(0);
    let durations = 0;
    classes.forEach((kind, i) => {
      const share = this.night[i] + (this.day[i] - this.night[i]) * rate.daylight;
      const flows = random.poisson(rate.flows * share);
      if (flows === 0) return;
      let packets = 0, bytes = 0, duration = 0;
      const drawn = Math.min(DRAWN, flows);
      for (let n = 0; n < drawn; n++) {
        const at = 3 * random.below(kind.count);
        packets += kind.sizes[at];
        bytes += kind.sizes[at + 1];
        duration += kind.sizes[at + 2];
      }
      const rest = flows - drawn;
      if (rest > 0) {
        const chance = random.normal() / Math.sqrt(rest);
        const size = Math.max(0.2, 1 + (kind.deviation(0) / kind.mean(0)) * chance);
        packets += rest * kind.mean(0) * size;
        bytes += rest * kind.mean(1) * Math.max(0.2, 1 + (kind.deviation(1) / kind.mean(1)) * chance) * rate.sizes;
        duration += rest * kind.mean(2) * size;
      }
      this.add(kind.proto, flows, packets, bytes);
      durations += duration;
    });
    const attack = ATTACKS[rate.happening];
    if (attack !== undefined) {
      const flows = random.poisson(rate.added);
      this.add(attack.proto, flows, flows * attack.packets, flows * attack.packets * attack.size);
      durations += flows * attack.durationMs;
    }
    const [, packets, flows] = values;
    values[0] = Math.round(values[0]);
    values[1] = Math.round(packets);
    values[3] = flows === 0 ? NaN : durations / flows;
    for (let i = 0; i < 3; i++) values[4 + i] = packets === 0 ? NaN : packetsOf[i] / packets;
  }

  private add(proto: number, flows: number, packets: number, bytes: number): void {
    this.values[0] += bytes;
    this.values[1] += packets;
    this.values[2] += flows;
    this.packetsOf[proto === TCP ? 0 : proto === UDP ? 1 : 2] += packets;
  }
}

/** Shares that add up to one, some large and many small. */
function mix(random: Random, length: number): number[] {
  const weights = Array.from({ length }, () => random.unit() ** 3 + 1e-3);
  const sum = weights.reduce((one, other) => one + other, 0);
  return weights.map((weight) => weight / sum);
}
