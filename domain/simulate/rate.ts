/** The rate of flows of one subject over weeks: how much there is when, and what happens to it. */
import { pattern } from './incidents';
import type { Random } from './random';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Noise that remembers: a first-order autoregression of the logarithm of the rate. */
interface Memory {
  readonly keep: number;
  readonly step: number;
  state: number;
}

/** Something that is going on. */
interface Going {
  readonly happening: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly strength: number;
  /** Grows and decays, instead of beginning and ending at once. */
  readonly soft: boolean;
}

/** Kinds of {@link Going}, by index into HAPPENINGS: mean time between two at the busiest subjects, shortest and longest, in minutes. */
const KINDS: readonly { readonly happening: number; readonly everyMin: number; readonly least: number; readonly most: number }[] = [
  { happening: 1, everyMin: 12 * 60, least: 1, most: 90 },
  { happening: 2, everyMin: 10 * 24 * 60, least: 2, most: 180 },
  { happening: 3, everyMin: 14 * 24 * 60, least: 1, most: 60 },
  { happening: 4, everyMin: 14 * 24 * 60, least: 1, most: 60 },
  { happening: 5, everyMin: 10 * 24 * 60, least: 2, most: 120 },
];

/** See the file's head. Everything about a subject is drawn at its construction. */
export class Rate {
  /** Of the window made last: flows expected, flows that an attack adds, what happens (index into HAPPENINGS). */
  flows = 0;
  added = 0;
  happening = 0;
  /** 0 (night) to 1 (day), for what changes with the hour beside the rate. */
  daylight = 0;
  /** Mean size of flows relative to the usual: it wanders too. */
  sizes = 1;
  private level: number;
  private readonly depth: number;
  private readonly shift: number;
  private readonly sharpness: number;
  private readonly office: boolean;
  private readonly weekend: number;
  private readonly white: number;
  private readonly growth: number;
  private readonly memories: Memory[];
  private readonly sizeMemory: Memory;
  private readonly restless: number;
  private readonly regimeDays: number;
  private readonly job: { readonly atMs: number; readonly lengthMs: number; readonly strength: number } | null;
  private going: Going | null = null;

  /** @param windowMs length of the windows; unit: milliseconds. */
  constructor(
    private readonly random: Random,
    private readonly windowMs: number,
  ) {
    const windowMin = windowMs / 60_000;
    // Flows a window of 5 minutes: from a quiet host to a backbone link.
    this.level = (10 ** (2 + 6.5 * random.unit()) * windowMin) / 5;
    this.depth = random.chance(0.1) ? 0 : 0.15 + 0.85 * random.unit();
    this.shift = random.chance(0.5) ? random.normal() * 2 * HOUR_MS : random.unit() * DAY_MS;
    this.sharpness = 0.6 + 1.6 * random.unit();
    this.office = random.chance(0.25);
    this.weekend = random.chance(0.3) ? 1 : 0.3 + 0.7 * random.unit();
    // Aggregates of many are calm, single customers are not.
    const calm = 10 ** (-1.1 * random.unit());
    this.white = 0.003 + 0.25 * calm * random.unit() ** 3;
    this.growth = random.normal() * 0.03;
    const memory = (hours: number, deviation: number): Memory => {
      const keep = Math.exp(-windowMs / (hours * HOUR_MS));
      return { keep, step: deviation * Math.sqrt(1 - keep * keep), state: random.normal() * deviation };
    };
    // From minutes to days, so that the spectrum falls about as 1/f.
    this.memories = [0.15, 0.6, 2.5, 10, 60].map((hours) => memory(hours * (0.6 + 0.8 * random.unit()), calm * (0.02 + 0.4 * random.unit() ** 2) * (random.chance(0.75) ? 1 : 0.1)));
    this.sizeMemory = memory(3, 0.3 * calm * random.unit() ** 2);
    this.restless = 0.05 + 3 * calm * random.unit() ** 2;
    this.regimeDays = 10 + 40 * random.unit();
    this.job = random.chance(0.3 * Math.sqrt(calm)) ? { atMs: random.unit() * DAY_MS, lengthMs: (20 + 100 * random.unit()) * 60_000, strength: 0.3 + 2 * random.unit() } : null;
  }

  /** Makes the window that begins at a time. */
  next(startMs: number): void {
    const { random, windowMs } = this;
    const localMs = startMs + windowMs / 2 - this.shift;
    if (random.chance(windowMs / (this.regimeDays * DAY_MS))) this.level *= Math.exp(random.normal() * 0.5);
    this.level *= 1 + (this.growth * windowMs) / (7 * DAY_MS);
    this.daylight = this.office ? officeHours(localMs) : pattern(localMs % DAY_MS);
    const season = 1 - this.depth + this.depth * this.daylight ** this.sharpness;
    const day = Math.floor(localMs / DAY_MS) % 7;
    const week = day === 2 || day === 3 ? this.weekend : 1;
    let noise = this.white * random.normal();
    for (const memory of this.memories) noise += memory.state = memory.keep * memory.state + memory.step * random.normal();
    const { sizeMemory } = this;
    sizeMemory.state = sizeMemory.keep * sizeMemory.state + sizeMemory.step * random.normal();
    this.sizes = Math.exp(sizeMemory.state);
    let flows = this.level * season * week * Math.exp(noise);
    if (this.job !== null) {
      const into = (((startMs - this.job.atMs) % DAY_MS) + DAY_MS) % DAY_MS;
      if (into < this.job.lengthMs) flows += this.level * this.job.strength;
    }
    this.happen(startMs);
    this.added = 0;
    const { going } = this;
    this.happening = going?.happening ?? 0;
    if (going !== null) {
      const at = (startMs + windowMs / 2 - going.fromMs) / (going.untilMs - going.fromMs);
      const strength = going.strength * (going.soft ? Math.sin(Math.PI * Math.min(1, Math.max(0, at))) : 1);
      if (going.happening === 1) flows *= 1 + strength;
      else if (going.happening === 2) flows *= Math.max(0, 1 - strength);
      else this.added = this.level * strength;
    }
    this.flows = flows;
  }

  private happen(startMs: number): void {
    const { random } = this;
    if (this.going !== null && startMs < this.going.untilMs) return;
    this.going = null;
    for (const { happening, everyMin, least, most } of KINDS) {
      const often = happening === 1 ? this.restless : 1;
      if (!random.chance((often * this.windowMs) / (everyMin * 60_000))) continue;
      const lengthMs = Math.max(this.windowMs, (least + (most - least) * random.unit() ** 2) * 60_000);
      const strength = happening === 1 ? 0.3 + random.pareto(0.2, 8, 1.2) : happening === 2 ? 0.6 + 0.4 * random.unit() : random.pareto(0.5, 60, 0.7);
      this.going = { happening, fromMs: startMs, untilMs: startMs + lengthMs, strength, soft: happening === 1 && random.chance(0.5) };
      return;
    }
  }
}

/** 0 at night, 1 in the hours of an office, with a dip at noon. */
function officeHours(localMs: number): number {
  const hour = (localMs / HOUR_MS) % 24;
  const rise = 1 / (1 + Math.exp(-(hour - 8) * 2));
  const fall = 1 / (1 + Math.exp(-(17.5 - hour) * 1.5));
  return rise * fall * (1 - 0.2 * Math.exp(-((hour - 12.5) ** 2)));
}
