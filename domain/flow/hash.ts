/**
 * Hashes that other components may rely on: they are the same for a flow whatever protocol reported it, on every machine.
 *
 * The flow hash is MurmurHash3 (x86, 32 bits, seed 0) of four 32-bit words: source {@link addressWord}, destination address
 * word, source port * 65536 + destination port, IP protocol. The partition is the hash's place in the range of 32 bits:
 * floor(hash * partitions / 2^32).
 */

const C1 = 0xcc9e2d51 | 0;
const C2 = 0x1b873593;

/** One round of MurmurHash3. */
export function round(hash: number, word: number): number {
  let k = Math.imul(word, C1);
  k = Math.imul((k << 15) | (k >>> 17), C2);
  hash ^= k;
  return (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
}

/** MurmurHash3's last step, for `length` bytes. */
export function finish(hash: number, length: number): number {
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Word of an IPv6 address given as four big-endian words: of an IPv4-mapped one (::ffff:0:0/96) that of the IPv4 address. */
export function foldIpv6(w0: number, w1: number, w2: number, w3: number): number {
  if (w0 === 0 && w1 === 0 && w2 === 0xffff) return w3;
  return round(round(round(round(0, w0), w1), w2), w3);
}

/** Word of an address in `bytes`: of none 0, of IPv4 its 32 bits, of IPv6 {@link foldIpv6}. `length` is 0, 4 or 16. */
export function addressWord(view: DataView, at: number, length: number): number {
  if (length === 4) return view.getUint32(at);
  return length === 16 ? foldIpv6(view.getUint32(at), view.getUint32(at + 4), view.getUint32(at + 8), view.getUint32(at + 12)) : 0;
}

/** Hash of a flow's 5-tuple: 32 bits, signed. */
export function flowHash(srcWord: number, dstWord: number, srcPort: number, dstPort: number, proto: number): number {
  return finish(round(round(round(round(0, srcWord), dstWord), (srcPort << 16) | dstPort), proto), 16);
}

/** The partition of a flow hash. */
export const flowPartition = (hash: number, partitions: number): number => Math.floor((hash >>> 0) * (partitions / 4294967296));

/** One word into a lane of {@link contentHash}. */
function lane(hash: number, word: number): number {
  const k = Math.imul(word, 0x9e3779b1);
  return Math.imul(((hash << 13) | (hash >>> 19)) ^ k ^ (k >>> 15), 0x85ebca77);
}

/**
 * 32-bit hash of a datagram's payload, given as `count` little-endian words (the last one filled with zeros) and its length in bytes:
 * four interleaved lanes, begun with 1 to 4: k = word * 0x9e3779b1, h = (rotl(h, 13) xor k xor (k >>> 15)) * 0x85ebca77; then
 * MurmurHash3 of the lanes.
 */
export function contentHash(words: Int32Array, count: number, length: number): number {
  let a = 1;
  let b = 2;
  let c = 3;
  let d = 4;
  let i = 0;
  for (const end = count - 3; i < end; i += 4) {
    a = lane(a, words[i]);
    b = lane(b, words[i + 1]);
    c = lane(c, words[i + 2]);
    d = lane(d, words[i + 3]);
  }
  for (; i < count; i++) a = lane(a, words[i]);
  return finish(round(round(round(round(0, a), b), c), d), length);
}
