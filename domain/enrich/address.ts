/** Addresses as the code that writes rows has them: at an offset of a datagram, 4 or 16 bytes; and results remembered by address. */

/** Remembers a number for addresses, the latest of those that fall into the same cell; nothing is allocated. */
export class AddressCache {
  private readonly keys4: Int32Array;
  private readonly values4: Int32Array;
  private readonly keys6: Int32Array;
  private readonly values6: Int32Array;
  private readonly shift4: number;
  private readonly shift6: number;

  /** 2^`bits` IPv4 addresses, and a quarter as many IPv6 ones. */
  constructor(bits = 16) {
    this.keys4 = new Int32Array(2 ** bits);
    this.values4 = new Int32Array(2 ** bits).fill(-1);
    this.keys6 = new Int32Array(4 * 2 ** (bits - 2));
    this.values6 = new Int32Array(2 ** (bits - 2)).fill(-1);
    this.shift4 = 32 - bits;
    this.shift6 = 34 - bits;
  }

  /** The number, at least 0; -1 where none is remembered. */
  get(v: DataView, at: number, length: number): number {
    if (length === 4) {
      const word = v.getInt32(at);
      const cell = this.cell4(word);
      return this.keys4[cell] === word ? this.values4[cell] : -1;
    }
    const cell = this.cell6(v, at);
    for (let i = 0; i < 4; i++) if (this.keys6[4 * cell + i] !== v.getInt32(at + 4 * i)) return -1;
    return this.values6[cell];
  }

  set(v: DataView, at: number, length: number, value: number): void {
    if (length === 4) {
      const word = v.getInt32(at);
      const cell = this.cell4(word);
      this.keys4[cell] = word;
      this.values4[cell] = value;
      return;
    }
    const cell = this.cell6(v, at);
    for (let i = 0; i < 4; i++) this.keys6[4 * cell + i] = v.getInt32(at + 4 * i);
    this.values6[cell] = value;
  }

  clear(): void {
    this.values4.fill(-1);
    this.values6.fill(-1);
  }

  private cell4(word: number): number {
    return Math.imul(word, 0x9e3779b1) >>> this.shift4;
  }

  private cell6(v: DataView, at: number): number {
    const word = v.getInt32(at) ^ Math.imul(v.getInt32(at + 4), 0x85ebca6b) ^ Math.imul(v.getInt32(at + 8), 0xc2b2ae35) ^ Math.imul(v.getInt32(at + 12), 0x27d4eb2f);
    return Math.imul(word ^ (word >>> 15), 0x9e3779b1) >>> this.shift6;
  }
}

/** Bit `i` of an address, from the left. */
export const bitAt = (v: DataView, at: number, i: number): number => (v.getUint8(at + (i >> 3)) >> (7 - (i & 7))) & 1;
