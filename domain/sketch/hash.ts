/**
 * Hashes that sketches stand on. They are the same in every process, because sketches of different partitions are merged; who
 * knows them can aim keys at one register, and gains a wrong estimate of that one subject by it.
 *
 * The mixing is the finaliser of MurmurHash3 (Appleby, public domain), a bijection of 32 bits in which every input bit changes
 * every output bit with a probability of about one half.
 */

/** Mixes 32 bits. */
export function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Hash of one word, a port or an IPv4 address, as 32 signed bits. */
export const hashWord = (word: number): number => mix(word ^ 0x9e3779b9);

/** Hash of `count` words from `at` on. */
export function hashWords(words: Int32Array, at: number, count: number): number {
  let h = 0x9e3779b9 ^ count;
  for (let word = 0; word < count; word++) h = Math.imul(mix(h ^ words[at + word]) + 0x7f4a7c15, 0x9e3779b1);
  return mix(h);
}

/** Hash of an address as columns have it, four words (IPv4 mapped into IPv6, RFC 4291 section 2.5.5.2). */
export function hashAddress(words: Int32Array, at: number): number {
  let h = mix(words[at + 3] ^ 0x9e3779b9);
  h = Math.imul(h ^ words[at + 2], 0x9e3779b1) ^ words[at + 1];
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ words[at];
  return mix(h);
}
