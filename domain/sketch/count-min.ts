import { mix } from './hash';

/** What a {@link CountMin} is made of. */
export interface CountMinShape {
  /** Counters of a row; a power of two. */
  readonly width: number;
  /** Rows, 1 to 8. */
  readonly depth: number;
}

/**
 * How much of everything, of anything that is asked for later: the count-min sketch (Cormode, Muthukrishnan 2005), its rows
 * addressed by two hashes (Kirsch, Mitzenmacher 2006).
 *
 * An estimate is never too small; with a probability of at least `1 - e ** -depth` it is too large by at most `e / width` of all that was
 * counted. Counts are not negative. The merge of two sketches of one shape is the sketch of both. Memory: `8 * width * depth` bytes.
 */
export class CountMin {
  readonly width: number;
  readonly depth: number;
  /** Rows one after the other: to be saved and merged. */
  readonly counters: Float64Array;
  /** Everything that was counted. */
  total = 0;

  constructor({ width, depth }: CountMinShape) {
    if (!(width >= 2 && Number.isInteger(Math.log2(width)))) throw new RangeError(`count-min: the width is ${width}, not a power of two`);
    if (!(Number.isInteger(depth) && depth >= 1 && depth <= 8)) throw new RangeError(`count-min: the depth is ${depth}, allowed 1 to 8`);
    this.width = width;
    this.depth = depth;
    this.counters = new Float64Array(width * depth);
  }

  /** By how much an estimate is too large at most, with the probability that the class tells. */
  get bound(): number {
    return (Math.E / this.width) * this.total;
  }

  /** Counts so much of a thing, known by its hash. */
  add(hash: number, count: number): void {
    const step = mix(hash ^ 0x5bd1e995) | 1;
    const mask = this.width - 1;
    for (let row = 0, at = hash; row < this.depth; row++, at = (at + step) | 0) this.counters[row * this.width + (at & mask)] += count;
    this.total += count;
  }

  /** How much of it was counted, or somewhat more. */
  estimate(hash: number): number {
    const step = mix(hash ^ 0x5bd1e995) | 1;
    const mask = this.width - 1;
    let least = Infinity;
    for (let row = 0, at = hash; row < this.depth; row++, at = (at + step) | 0) {
      const counter = this.counters[row * this.width + (at & mask)];
      if (counter < least) least = counter;
    }
    return least;
  }

  /** Adds what another of the same shape counted. @throws RangeError where the shapes differ */
  merge(other: CountMin): void {
    if (other.width !== this.width || other.depth !== this.depth) throw new RangeError(`count-min: ${other.width} x ${other.depth} cannot be added to ${this.width} x ${this.depth}`);
    for (let i = 0; i < this.counters.length; i++) this.counters[i] += other.counters[i];
    this.total += other.total;
  }

  clear(): void {
    this.counters.fill(0);
    this.total = 0;
  }
}
