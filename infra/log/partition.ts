/**
 * The partition of a keyed record, as Kafka's default partitioner chooses it (murmur2 of the key, the sign bit cleared, modulo
 * the number of partitions), so that any Kafka client finds the records of a key where we put them.
 */

const M = 0x5bd1e995;
const SEED = 0x9747b28c | 0;

/** 32-bit MurmurHash2 with Kafka's seed (`org.apache.kafka.common.utils.Utils.murmur2`), as a signed number. */
export function murmur2(key: Uint8Array): number {
  const { length } = key;
  const words = length & ~3;
  let h = SEED ^ length;
  for (let i = 0; i < words; i += 4) {
    let k = Math.imul(key[i] | (key[i + 1] << 8) | (key[i + 2] << 16) | (key[i + 3] << 24), M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  const left = length - words;
  if (left > 0) {
    if (left === 3) h ^= key[words + 2] << 16;
    if (left >= 2) h ^= key[words + 1] << 8;
    h = Math.imul(h ^ key[words], M);
  }
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}

/** The partition, 0 to `partitions` - 1, of a key. */
export const partitionOf = (key: Uint8Array, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions;
