/** Senders by the bytes of their socket address: no text is made, and nothing allocated, for a sender that is known. */
import { randomInt } from 'node:crypto';
import { PEERS_KNOWN, type Peer } from '../receiver';
import { AF_INET6 } from './libc';
import { addressAt, portAt } from './sockaddr';

/** 32-bit words that tell senders apart: family and port, address, zone. */
const KEY = 6;
/** Cells looked at for one sender; the last of them is given to a new one where all are taken. */
const PROBES = 32;

/**
 * An open-addressing table over the words of `sockaddr_in` and `sockaddr_in6`. Where it holds `limit` senders all are forgotten; its hash is
 * seeded, so that nobody can choose addresses that meet in one place.
 */
export class Senders {
  private readonly mask: number;
  private readonly keys: Int32Array;
  private readonly key = new Int32Array(KEY);
  private readonly peers: (Peer | null)[];
  private readonly seed = randomInt(2 ** 32) | 0;
  private size = 0;

  constructor(private readonly limit = PEERS_KNOWN) {
    const cells = 2 ** Math.ceil(Math.log2(Math.max(2 * limit, PROBES)));
    this.mask = cells - 1;
    this.keys = new Int32Array(cells * KEY);
    this.peers = new Array<Peer | null>(cells).fill(null);
  }

  /** The sender whose address begins at byte `at`, a multiple of 4, of the memory behind `words` and `view`. */
  of(words: Int32Array, view: DataView, at: number): Peer {
    const { key, peers, mask } = this;
    const w = at >> 2;
    key[0] = words[w];
    if ((words[w] & 0xffff) === AF_INET6) {
      // sockaddr_in6 has the flow label where sockaddr_in has the address; it says nothing of the sender.
      for (let i = 1; i < KEY; i++) key[i] = words[w + 1 + i];
    } else {
      key[1] = words[w + 1];
      key[2] = key[3] = key[4] = key[5] = 0;
    }
    let hash = this.seed;
    for (let i = 0; i < KEY; i++) hash = mix(hash, key[i]);
    let cell = hash & mask;
    for (let probe = 1; ; probe++) {
      const peer = peers[cell];
      if (peer !== null && this.holds(cell)) return peer;
      if (peer === null || probe === PROBES) return this.learn(cell, view, at);
      cell = (cell + 1) & mask;
    }
  }

  private holds(cell: number): boolean {
    const { key, keys } = this;
    for (let i = 0, k = cell * KEY; i < KEY; i++) if (keys[k + i] !== key[i]) return false;
    return true;
  }

  private learn(cell: number, view: DataView, at: number): Peer {
    if (this.peers[cell] === null && this.size++ >= this.limit) {
      this.peers.fill(null);
      this.size = 1;
    }
    this.keys.set(this.key, cell * KEY);
    return (this.peers[cell] = { address: addressAt(view, at), port: portAt(view, at) });
  }
}

/** A round of MurmurHash3 (x86, 32 bits), finished enough for the low bits to depend on all. */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b873593);
  h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64;
  return h ^ (h >>> 16);
}
