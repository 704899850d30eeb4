import { seeded } from '../simulate/random';
import { CountMin } from './count-min';
import { entropyBits, entropyOfTop, evenBits, foldedEntropy, normalisedEntropy } from './entropy';
import { hashAddress, hashWord, hashWords } from './hash';
import { hllAdd, hllError, hllEstimate, hllMerge, hllMergeWords, hllRegisters } from './hyperloglog';
import { SpaceSaving } from './space-saving';

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);
/** Addresses as networks number them: one after the other, from a start. */
const addresses = (count: number, start: number): Int32Array => Int32Array.from({ length: 4 * count }, (_, i) => (i % 4 === 3 ? start + (i >> 2) : i % 4 === 2 ? 0xffff0000 | 0 : 0));
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** A weight for each key, most of it on few: in proportion to 1 / rank. */
function zipf(seed: number, updates: number, keys: number): { key: number; weight: number }[] {
  const next = seeded(seed);
  return Array.from({ length: updates }, () => ({ key: Math.floor((keys + 1) ** next()) - 1, weight: 1 + Math.floor(next() * 9) }));
}
function exactly(stream: readonly { key: number; weight: number }[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { key, weight } of stream) counts.set(key, (counts.get(key) ?? 0) + weight);
  return counts;
}

describe('hashes', () => {
  test.each([['addresses', (i: number) => hashAddress(addresses(1, i), 0)], ['words', hashWord], ['several words', (i: number) => hashWords(Int32Array.of(0, i), 0, 2)]])('of %s that follow one another fall evenly', (_, hash) => {
    const counts = new Float64Array(64);
    for (let i = 0; i < 64_000; i++) counts[hash(i) >>> 26]++;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 63 degrees of freedom: five standard deviations above and below the mean.
    expect(Math.abs(chiSquared - 63)).toBeLessThan(5 * Math.sqrt(126));
  });

  test('tell IPv6 addresses apart by each of their words', () => {
    const hashes = new Set([0, 1, 2, 3].flatMap((word) => Array.from({ length: 1000 }, (_, i) => hashAddress(Int32Array.from({ length: 4 }, (__, at) => (at === word ? i + 1 : 0)), 0))));
    expect(hashes.size).toBeGreaterThan(3990);
  });
});

describe.each([4, 6, 8])('HyperLogLog of 2^%i registers', (precision) => {
  const sketch = (start: number, count: number, at = 0, registers = new Uint8Array(at + hllRegisters(precision))): Uint8Array => {
    const words = addresses(count, start);
    for (let i = 0; i < count; i++) hllAdd(registers, at, precision, hashAddress(words, 4 * i));
    return registers;
  };

  test('nothing is nothing, one is one', () => {
    expect(hllEstimate(new Uint8Array(300), 7, precision)).toBe(0);
    expect(hllEstimate(sketch(1, 1), 0, precision)).toBeCloseTo(1, 0);
  });

  test.each([3, 20, 100, 1000, 10_000])('%i things: neither too many nor too few on average, and the spread is that of the theory', (count) => {
    const errors = SEEDS.map((seed) => hllEstimate(sketch(seed * 1_000_003, count), 0, precision) / count - 1);
    const deviation = Math.sqrt(meanOf(errors.map((error) => error ** 2)));
    // Of 40 samples the mean has a standard error of a sixth of theirs; the estimator itself is too large by up to 1.1 / registers.
    expect(Math.abs(meanOf(errors))).toBeLessThan((4 / Math.sqrt(SEEDS.length)) * hllError(precision) + 1.1 / hllRegisters(precision));
    expect(deviation).toBeLessThan(1.5 * hllError(precision));
  });

  test('the merge of two is the sketch of both, wherever they lie', () => {
    const at = 13;
    const merged = sketch(1, 700, at);
    hllMerge(merged, at, precision, sketch(400, 900, 5), 5);
    expect(merged).toEqual(sketch(1, 1299, at));
  });

  test.each([[700, 900], [3, 900], [700, 3], [0, 20]])('the merge by words is that by registers: %i things and %i', (own, others) => {
    const size = hllRegisters(precision);
    const [expected, from] = [sketch(1, own), sketch(400, others)];
    const [words, otherWords] = [expected, from].map((registers) => new Int32Array(registers.slice(0, size).buffer));
    hllMergeWords(words, 0, size / 4, otherWords, 0);
    hllMerge(expected, 0, precision, from, 0);
    expect(new Uint8Array(words.buffer)).toEqual(expected.slice(0, size));
  });

  test('the merge by words knows registers that are as large as a byte can be', () => {
    const words = Int32Array.of(0, 0x01ff7f80, 5);
    hllMergeWords(words, 1, 1, Int32Array.of(0x7f00_80ff | 0x8000_0000), 0);
    expect([...words]).toEqual([0, 0xffff80ff | 0, 5]);
  });

  test('what was seen before changes nothing', () => {
    const once = sketch(9, 500);
    expect(sketch(9, 500, 0, once.slice())).toEqual(once);
  });
});

describe('count-min', () => {
  const shape = { width: 256, depth: 4 };
  const countAll = (stream: readonly { key: number; weight: number }[]): CountMin => {
    const sketch = new CountMin(shape);
    for (const { key, weight } of stream) sketch.add(hashWord(key), weight);
    return sketch;
  };

  test('is never too small, and too large by more than its bound no more often than the theory allows', () => {
    let tooSmall = 0;
    let beyond = 0;
    let asked = 0;
    for (const seed of SEEDS.slice(0, 10)) {
      const stream = zipf(seed, 20_000, 5000);
      const sketch = countAll(stream);
      for (const [key, count] of exactly(stream)) {
        const estimate = sketch.estimate(hashWord(key));
        if (estimate < count) tooSmall++;
        if (estimate - count > sketch.bound) beyond++;
        asked++;
      }
    }
    expect(tooSmall).toBe(0);
    expect(beyond / asked).toBeLessThanOrEqual(Math.exp(-shape.depth));
  });

  test('the merge of two is the sketch of both', () => {
    const stream = zipf(5, 2000, 300);
    const merged = countAll(stream.slice(0, 900));
    merged.merge(countAll(stream.slice(900)));
    expect(merged).toEqual(countAll(stream));
    expect(() => merged.merge(new CountMin({ width: 128, depth: 4 }))).toThrow('128 x 4');
  });

  test.each([[{ width: 100, depth: 4 }, 'power of two'], [{ width: 64, depth: 0 }, 'depth'], [{ width: 64, depth: 9 }, 'depth']])('%j is refused', (refused, message) => {
    expect(() => new CountMin(refused)).toThrow(message);
  });
});

describe('space-saving', () => {
  const capacity = 50;
  const follow = (stream: readonly { key: number; weight: number }[], room = capacity): SpaceSaving => {
    const sketch = new SpaceSaving({ keyWords: 2, capacity: room });
    for (const { key, weight } of stream) sketch.add(Int32Array.of(7, key), 0, weight);
    return sketch;
  };
  const holdsItsWord = (sketch: SpaceSaving, exact: ReadonlyMap<number, number>, bound: number): void => {
    const followed = new Map(sketch.top(Infinity).map((one) => [one.key[1], one]));
    for (const [key, count] of exact) if (count > bound) expect(followed.has(key)).toBe(true);
    for (const [key, { count, error }] of followed) {
      expect(error).toBeLessThanOrEqual(bound);
      expect(count).toBeGreaterThanOrEqual(exact.get(key) ?? 0);
      expect(count - error).toBeLessThanOrEqual(exact.get(key) ?? 0);
    }
  };

  test.each(SEEDS.slice(0, 8))('every heavy key is there, none counted too small nor by more than the bound too large: seed %i', (seed) => {
    const stream = zipf(seed, 10_000, 4000);
    const sketch = follow(stream);
    expect(sketch.entries).toBe(capacity);
    expect(sketch.total).toBe(stream.reduce((sum, { weight }) => sum + weight, 0));
    holdsItsWord(sketch, exactly(stream), sketch.bound);
  });

  test.each(SEEDS.slice(0, 4))('so it is after merges of four partitions: seed %i', (seed) => {
    const stream = zipf(seed, 12_000, 3000);
    const parts = [0, 1, 2, 3].map((part) => follow(stream.filter((_, i) => i % 4 === part)));
    parts.slice(1).forEach((part) => parts[0].merge(part));
    holdsItsWord(parts[0], exactly(stream), parts[0].bound);
  });

  test('with room for all it is exact, heaviest first, equal ones by their key', () => {
    const sketch = follow([[3, 5], [1, 2], [2, 2], [3, 1]].map(([key, weight]) => ({ key, weight })));
    expect(sketch.top(9).map(({ key, count, error }) => [key[1], count, error])).toEqual([[3, 6, 0], [1, 2, 0], [2, 2, 0]]);
    expect([sketch.count(Int32Array.of(7, 3)), sketch.count(Int32Array.of(8, 3))]).toEqual([6, 0]);
    sketch.clear();
    expect([sketch.entries, sketch.total, sketch.count(Int32Array.of(7, 3))]).toEqual([0, 0, 0]);
  });
});

describe('entropy', () => {
  test.each<[string, number[], number, number]>([
    ['none', [], 0, NaN],
    ['zeros', [0, 0], 0, NaN],
    ['one', [5, 0], 0, 0],
    ['two equal', [3, 3], 1, 1],
    ['four equal', [1, 1, 1, 1], 2, 1],
    ['one of four has half', [4, 2, 1, 1], 1.75, 0.875],
    ['what is no number counts as none', [NaN, 1, -4, 1], 1, 1],
  ])('of %s', (_, weights, bits, normalised) => {
    expect(entropyBits(weights)).toBeCloseTo(bits, 12);
    if (Number.isNaN(normalised)) expect(normalisedEntropy(weights)).toBeNaN();
    else expect(normalisedEntropy(weights)).toBeCloseTo(normalised, 12);
  });

  test('of the heaviest and the rest is that of all where the rest is even', () => {
    const weights = [40, 20, ...Array.from({ length: 40 }, () => 1)];
    expect(entropyOfTop(weights.slice(0, 2), 100, 42)).toBeCloseTo(normalisedEntropy(weights), 12);
    expect(entropyOfTop([120], 100, 1)).toBe(0);
    expect(entropyOfTop([50, 50], 100, 1)).toBeCloseTo(1);
    expect(entropyOfTop([], 0, 0)).toBeNaN();
  });

  test('of the heaviest and the rest is never too small', () => {
    for (const seed of SEEDS) {
      const counts = [...exactly(zipf(seed, 3000, 500)).values()].sort((a, b) => b - a);
      const total = counts.reduce((sum, count) => sum + count, 0);
      expect(entropyOfTop(counts.slice(0, 20), total, counts.length)).toBeGreaterThanOrEqual(normalisedEntropy(counts));
    }
  });

  test.each([[2, 16], [10, 16], [255, 16], [256, 16], [1000, 16], [200, 64], [1023, 64], [1024, 64]])('%i equal things in %i buckets have the entropy that is expected of them', (things, buckets) => {
    const next = seeded(things);
    const samples = Array.from({ length: 400 }, () => {
      const counts = new Float64Array(buckets);
      for (let i = 0; i < things; i++) counts[Math.floor(next() * buckets)]++;
      return entropyBits(counts);
    });
    expect(evenBits(things, buckets)).toBeCloseTo(meanOf(samples), 1);
    expect(Math.abs(evenBits(things, buckets) - meanOf(samples))).toBeLessThan(0.05);
  });

  test('of things counted into buckets: one for equal ones, however many; small where one outweighs the rest', () => {
    const fold = (weights: readonly number[]): Float64Array => {
      const counts = new Float64Array(16);
      weights.forEach((weight, i) => (counts[hashWord(i) >>> 28] += weight));
      return counts;
    };
    for (const count of [30, 300, 30_000]) expect(foldedEntropy(fold(Array.from({ length: count }, () => 3)), 0, 16, count)).toBeGreaterThan(0.93);
    expect(foldedEntropy(fold([10_000, ...Array.from({ length: 300 }, () => 1)]), 0, 16, 301)).toBeLessThan(0.1);
    for (const count of [5, 30, 300]) expect(foldedEntropy(fold(Array.from({ length: count }, () => 3)), 0, 16, NaN)).toBeGreaterThan(0.9);
    expect([foldedEntropy(fold([5]), 0, 16, 1), foldedEntropy(fold([]), 0, 16, 0)]).toEqual([0, NaN]);
  });
});
