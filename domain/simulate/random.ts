/**
 * Seeded randomness of a simulation: the sfc32 generator (a small fast counting generator of 128 bits of state, period at
 * least 2^32) and the distributions that traffic is drawn from. Equal seeds give equal sequences on every machine.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** @param seed any whole number; its 53 bits are used. */
  constructor(seed: number) {
    this.a = 0x9e3779b9;
    this.b = seed | 0;
    this.c = Math.floor(seed / 2 ** 32) | 0;
    for (let i = 0; i < 16; i++) this.uint32();
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A real number from 0 (included) to 1 (excluded). */
  unit(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  /** True with that probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Bounded Pareto: heavy-tailed from `low` to `high`; smaller `shape` means heavier tails (flow sizes: 1.1 to 1.3). */
  pareto(low: number, high: number, shape: number): number {
    const ratio = (low / high) ** shape;
    return low / (1 - this.unit() * (1 - ratio)) ** (1 / shape);
  }

  /** A number with the standard normal distribution (Box and Muller, 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  /** A whole number with the Poisson distribution: by multiplication (Knuth) for small means, by the normal distribution beyond 30. */
  poisson(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.unit(); product > limit; product *= this.unit()) count++;
    return count;
  }

  /** A rank from 0 to `size` - 1, lower ones more often, close to Zipf's law with exponent 1: floor(size^u). */
  rank(size: number): number {
    return Math.min(size - 1, Math.floor((size + 1) ** this.unit()) - 1);
  }
}

/** Numbers from 0 up to but not including 1, by seed (mulberry32): where a stream of numbers is all that is needed. */
export function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
