import { ATTACKS, drawAttack, MANNERS, type Attack, type AttackRequest } from './attacks';
import { HOSTS, OUTSIDE } from './hosts';
import type { Random } from './random';

/** Something that happens to the network, from one time to another (milliseconds since the epoch). Links and devices are numbers. */
export type Incident = { readonly fromMs: number; readonly untilMs: number } & ({ readonly kind: 'link' | 'device'; readonly at: number } | { readonly kind: 'attack'; readonly attack: Attack });

/** Mean times between two incidents of a kind, in seconds of the simulation; 0: none. */
export interface IncidentRates {
  readonly link: number;
  readonly device: number;
  readonly crowd: number;
  readonly attack: number;
}

/** One incident of a kind every few minutes to hours. */
export const USUAL_INCIDENTS: IncidentRates = { link: 120, device: 900, crowd: 1800, attack: 600 };

/** Shortest and longest of each kind, seconds. */
const LENGTHS: Readonly<Record<keyof IncidentRates, readonly [number, number]>> = { link: [20, 180], device: [30, 240], crowd: [120, 900], attack: [30, 300] };

const MALICIOUS = ATTACKS.filter((kind) => kind !== 'flash-crowd');

/** How many of what incidents happen to. */
export interface Scene {
  readonly links: number;
  readonly devices: number;
  readonly edges: number;
  /** Share of attacks in IPv6. */
  readonly ipv6: number;
}

/**
 * Draws incidents one after another: each kind a Poisson process of its own, so that the times of one do not depend on the others; and those that
 * were asked for, at their times. Benign crowds apart, attacks are of all kinds alike, each with the usual rate of its kind.
 */
export class Incidents {
  private readonly next: { kind: keyof IncidentRates; atMs: number; random: Random }[];
  private readonly asked: Incident[];

  constructor(
    private readonly scene: Scene,
    private readonly rates: IncidentRates,
    asked: readonly AttackRequest[],
    startMs: number,
    randomOf: (kind: number) => Random,
  ) {
    this.asked = asked
      .map(({ kind, startSeconds, seconds, packetsPerSecond }, i): Incident => {
        const fromMs = startMs + Math.round(1000 * startSeconds);
        return { kind: 'attack', fromMs, untilMs: fromMs + Math.round(1000 * seconds), attack: this.drawAttack(kind, packetsPerSecond, randomOf(100 + i)) };
      })
      .sort((one, other) => one.fromMs - other.fromMs);
    this.next = (Object.keys(LENGTHS) as (keyof IncidentRates)[]).map((kind, i) => ({ kind, atMs: startMs, random: randomOf(i) }));
    for (const process of this.next) this.later(process);
  }

  /** Incidents that begin before a time, in their order. */
  *until(nowMs: number): Generator<Incident> {
    for (;;) {
      const first = this.next.reduce((one, other) => (other.atMs < one.atMs ? other : one));
      if (this.asked.length > 0 && this.asked[0].fromMs < nowMs && this.asked[0].fromMs <= first.atMs) {
        yield this.asked.shift()!;
        continue;
      }
      if (first.atMs >= nowMs) return;
      yield this.draw(first.kind, first.atMs, first.random);
      this.later(first);
    }
  }

  private later(process: { kind: keyof IncidentRates; atMs: number; random: Random }): void {
    const mean = this.rates[process.kind];
    process.atMs = mean > 0 ? process.atMs + Math.max(1, Math.round(-1000 * mean * Math.log(1 - process.random.unit()))) : Infinity;
  }

  private draw(kind: keyof IncidentRates, fromMs: number, random: Random): Incident {
    const { links, devices } = this.scene;
    const [least, most] = LENGTHS[kind];
    const times = { fromMs, untilMs: fromMs + 1000 * (least + random.below(most - least)) };
    if (kind === 'link') return { ...times, kind, at: random.below(links) };
    if (kind === 'device') return { ...times, kind, at: random.below(devices) };
    const attack = kind === 'crowd' ? 'flash-crowd' : MALICIOUS[random.below(MALICIOUS.length)];
    return { ...times, kind: 'attack', attack: this.drawAttack(attack, MANNERS[attack].packetsPerSecond, random) };
  }

  private drawAttack(kind: Attack['attack'], packetsPerSecond: number, random: Random): Attack {
    return drawAttack(kind, packetsPerSecond, random, this.scene.edges, HOSTS, OUTSIDE, this.scene.ipv6);
  }
}

/** Share of the busiest hour's traffic at a time: least at 8 and most at 20 hours UTC, seven tenths of it at week-ends. */
export function pattern(nowMs: number): number {
  const hours = (nowMs / 3_600_000) % 24;
  // The epoch was a Thursday: day 2 after it a Saturday.
  const day = Math.floor(nowMs / 86_400_000) % 7;
  return (0.65 + 0.35 * Math.cos(((hours - 20) * Math.PI) / 12)) * (day === 2 || day === 3 ? 0.7 : 1);
}
