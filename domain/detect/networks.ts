import { parsePrefix } from '../flow/prefix';
import { IPV4_MAPPED_WORD } from '../../schemas/ip';

/** Prefixes, asked about addresses as columns have them: four little-endian words, IPv4 mapped into IPv6. Meant for some dozens: they are gone through one by one. */
export class Networks {
  /** Of each: four words of the mask, four of the prefix. */
  private readonly words: Int32Array;
  private readonly count: number;

  /** @throws Error that says which text is no prefix. */
  constructor(readonly prefixes: readonly string[]) {
    this.count = prefixes.length;
    this.words = new Int32Array(8 * prefixes.length);
    const bytes = new Uint8Array(this.words.buffer);
    prefixes.forEach((text, i) => {
      const { bytes: address, bits } = parsePrefix(text);
      const isV4 = address.length === 4;
      const length = isV4 ? 96 + bits : bits;
      for (let bit = 0; bit < length; bit++) bytes[32 * i + (bit >> 3)] |= 128 >> (bit & 7);
      if (isV4) {
        this.words[8 * i + 6] = IPV4_MAPPED_WORD;
        bytes.set(address, 32 * i + 28);
      } else bytes.set(address, 32 * i + 16);
      for (let word = 0; word < 4; word++) this.words[8 * i + 4 + word] &= this.words[8 * i + word];
    });
  }

  /** Place of the longest prefix that holds the address at `at`; -1 where none does. */
  find(address: Int32Array, at: number): number {
    const { words, count } = this;
    let found = -1;
    for (let i = 0, from = 0; i < count; i++, from += 8) {
      if ((address[at + 3] & words[from + 3]) !== words[from + 7] || (address[at + 2] & words[from + 2]) !== words[from + 6] || (address[at + 1] & words[from + 1]) !== words[from + 5] || (address[at] & words[from]) !== words[from + 4]) continue;
      if (found < 0 || isLonger(words, from, 8 * found)) found = i;
    }
    return found;
  }
}

/** True where the mask at `one` has a bit that the mask at `other` has not. */
function isLonger(words: Int32Array, one: number, other: number): boolean {
  for (let word = 0; word < 4; word++) if ((words[one + word] & ~words[other + word]) !== 0) return true;
  return false;
}
