/**
 * How evenly something is spread: Shannon's entropy, in bits, and as a part (0 to 1) of the most that so many different things could have.
 * 0: all of it is one thing; 1: all have the same. Near 0 for the destinations of a flood, near 1 for its forged sources (Lakhina, Crovella, Diot,
 * "Mining anomalies using traffic feature distributions", 2005).
 */

/** Entropy of `count` weights from `at` on, in bits; weights that are not positive count as none. 0 where there are none. */
export function entropyBits(weights: ArrayLike<number>, at = 0, count = weights.length - at): number {
  let total = 0;
  let sum = 0;
  for (let i = at; i < at + count; i++) {
    const weight = weights[i];
    if (!(weight > 0)) continue;
    total += weight;
    sum += weight * Math.log2(weight);
  }
  return total > 0 ? Math.max(0, Math.log2(total) - sum / total) : 0;
}

/** Entropy of weights as a part of the most that as many could have; 0 for a single one; not a number where there are none. */
export function normalisedEntropy(weights: ArrayLike<number>, at = 0, count = weights.length - at): number {
  let different = 0;
  for (let i = at; i < at + count; i++) if (weights[i] > 0) different++;
  if (different === 0) return NaN;
  return different === 1 ? 0 : Math.min(1, entropyBits(weights, at, count) / Math.log2(different));
}

/**
 * Normalised entropy where only the heaviest weights are known: what is left of `total` is taken to be spread evenly over the others of
 * `different` things, which makes it the largest entropy that fits. At least as many things as weights are assumed. Not a number where `total` is not positive.
 */
export function entropyOfTop(heaviest: ArrayLike<number>, total: number, different: number): number {
  if (!(total > 0)) return NaN;
  let known = 0;
  let bits = 0;
  let some = 0;
  for (let i = 0; i < heaviest.length; i++) {
    // Counts of a sketch may be too large: together they are no more than all.
    const weight = Math.min(heaviest[i], total - known);
    if (!(weight > 0)) continue;
    known += weight;
    some++;
    bits -= (weight / total) * Math.log2(weight / total);
  }
  const rest = (total - known) / total;
  const others = Math.max(rest > 0 ? 1 : 0, different - some);
  if (rest > 0) bits -= rest * Math.log2(rest / others);
  const all = rest > 0 ? some + others : some;
  return all <= 1 ? 0 : Math.min(1, Math.max(0, bits / Math.log2(all)));
}

/**
 * Normalised entropy of things that were counted by a hash into `count` buckets, as several may share one: relative to what
 * `different` equally heavy things would have in so many buckets, on average. The counts of two such histograms add up to that of both.
 *
 * 1 for things of one weight; less the more one of them outweighs the others. What it cannot tell is how the things of one bucket compare.
 * Where `different` is not a number, it is estimated from the buckets that are empty (linear counting: Whang, Vander-Zanden, Taylor 1990). Not a
 * number where nothing was counted.
 */
export function foldedEntropy(buckets: ArrayLike<number>, at: number, count: number, different: number): number {
  let used = 0;
  for (let i = at; i < at + count; i++) if (buckets[i] > 0) used++;
  if (used === 0) return NaN;
  const estimate = Number.isNaN(different) ? (used < count ? -count * Math.log(1 - used / count) : Infinity) : different;
  const things = Math.max(used, Math.round(estimate));
  return things <= 1 ? 0 : Math.min(1, entropyBits(buckets, at, count) / evenBits(things, count));
}

/** From so many things a bucket on, their numbers are nearly normal and the series is as good as the sum. */
const SERIES_FROM = 16;
const known = new Map<number, Float64Array>();

/** Mean entropy of `things` things of one weight that fall into `buckets` buckets at random, in bits. */
export function evenBits(things: number, buckets: number): number {
  if (things >= SERIES_FROM * buckets) return Math.log2(buckets) - ((buckets - 1) / (2 * Math.LN2 * things)) * (1 + buckets / (6 * things));
  let table = known.get(buckets);
  if (table === undefined) known.set(buckets, (table = new Float64Array(SERIES_FROM * buckets)));
  return table[things] || (table[things] = summedBits(things, buckets));
}

/** log2(n) - buckets / n * E(K log2 K), K things in a bucket: binomial. */
function summedBits(things: number, buckets: number): number {
  const [inside, outside] = [1 / buckets, 1 - 1 / buckets];
  let logProbability = things * Math.log(outside);
  let mean = 0;
  for (let k = 1; k <= things; k++) {
    logProbability += Math.log(((things - k + 1) / k) * (inside / outside));
    if (k > 1) mean += Math.exp(logProbability) * k * Math.log2(k);
  }
  return Math.max(0, Math.log2(things) - (buckets / things) * mean);
}
