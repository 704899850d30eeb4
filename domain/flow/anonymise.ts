/**
 * Prefix-preserving anonymisation of addresses: Crypto-PAn (Xu, Fan, Ammar, Moon: "Prefix-Preserving IP Address Anonymization", 2002), as
 * its authors' program does it, with AES of 128 bits; IPv6 likewise over its 128 bits. Two addresses that have their first k bits
 * in common still have, and only these. The same key gives the same addresses for ever.
 */
import { createCipheriv, type Cipher } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { AddressCache } from '../enrich/address';
import { formatIpv4, formatIpRow, parseIpRow } from '../../schemas/ip';
import type { Element } from './elements/element';
import { Scratch } from './scratch';

/** Bytes of a key: half for AES, half for the padding. */
export const KEY_BYTES = 32;

/** Where the scratch has the anonymised addresses of the present row, behind every datagram: the ends, and those of the inner packet. */
export const ANONYMISED = { src: Scratch.SIZE + 4096, dst: Scratch.SIZE + 4112, innerSrc: Scratch.SIZE + 4128, innerDst: Scratch.SIZE + 4144 } as const;

/** Types of elements that tell of no one. */
const HARMLESS = /^(unsigned|signed|float|boolean|dateTime)/;

/** True for elements that may hold an address, a name or a piece of a packet: they are not kept beside anonymised rows. */
export const mayTellWho = (element: Element | undefined): boolean => element === undefined || !HARMLESS.test(element.type);

/** Anonymises addresses with one key. */
export class Anonymiser {
  private readonly cipher: Cipher;
  private readonly pad: Buffer;
  private readonly blocks = Buffer.alloc(128 * 16);
  private readonly cache = new AddressCache();
  /**
   * Addresses and their results, 16 bytes each, by the cache's numbers; the oldest are overwritten. An IPv6 address in the place of the IPv4
   * address that it begins with does no harm: their results begin alike.
   */
  private readonly results = new DataView(new ArrayBuffer(32 * RESULTS));
  private next = 0;
  private readonly one = new DataView(new ArrayBuffer(32));

  /** `key` has {@link KEY_BYTES} bytes; throws a RangeError otherwise. */
  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new RangeError(`a key of ${key.length} bytes; it must have ${KEY_BYTES}`);
    this.cipher = createCipheriv('aes-128-ecb', key.subarray(0, 16), null).setAutoPadding(false);
    this.pad = this.cipher.update(key.subarray(16));
  }

  /** Writes the anonymised address of 0, 4 or 16 bytes at `at` to `to`. */
  write(v: DataView, at: number, length: number, to: number): void {
    if (length === 0) return;
    let index = this.cache.get(v, at, length);
    if (index < 0 || !this.stands(v, at, length, index)) index = this.compute(v, at, length);
    for (let i = 0; i < length; i += 4) v.setInt32(to + i, this.results.getInt32(32 * index + 16 + i));
  }

  /** The anonymised address of a text; texts that are no address stay as they are. */
  text(address: string): string {
    const row = new Uint8Array(16);
    if (address === '' || !parseIpRow(address, row)) return address;
    const four = isIPv4(address);
    const bytes = new Uint8Array(this.one.buffer);
    bytes.set(four ? row.subarray(12) : row);
    this.write(this.one, 0, four ? 4 : 16, 16);
    return four ? formatIpv4(bytes.subarray(16, 20)) : formatIpRow(bytes.subarray(16, 32));
  }

  /** True where a result is still that address's. */
  private stands(v: DataView, at: number, length: number, index: number): boolean {
    for (let i = 0; i < length; i += 4) if (this.results.getInt32(32 * index + i) !== v.getInt32(at + i)) return false;
    return true;
  }

  private compute(v: DataView, at: number, length: number): number {
    const { blocks, pad, results } = this;
    const bits = 8 * length;
    for (let i = 0; i < bits; i++) {
      const block = 16 * i;
      pad.copy(blocks, block);
      const whole = i >> 3;
      for (let j = 0; j < whole; j++) blocks[block + j] = v.getUint8(at + j);
      if ((i & 7) > 0) {
        const mask = (0xff00 >> (i & 7)) & 255;
        blocks[block + whole] = (v.getUint8(at + whole) & mask) | (pad[whole] & ~mask);
      }
    }
    const encrypted = this.cipher.update(blocks.subarray(0, 16 * bits));
    const index = this.next;
    this.next = (index + 1) % RESULTS;
    for (let j = 0; j < length; j++) {
      let flip = 0;
      for (let k = 0; k < 8; k++) flip |= (encrypted[16 * (8 * j + k)] >> 7) << (7 - k);
      const byte = v.getUint8(at + j);
      results.setUint8(32 * index + j, byte);
      results.setUint8(32 * index + 16 + j, byte ^ flip);
    }
    this.cache.set(v, at, length, index);
    return index;
  }
}

/** Results kept. */
const RESULTS = 1 << 17;
