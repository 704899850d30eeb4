import * as zlib from 'node:zlib';

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let word = byte;
  for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >>> 1) ^ 0xedb8_8320 : word >>> 1;
  return word >>> 0;
});

/** CRC-32 (IEEE 802.3) by a table, for versions of node whose zlib does not offer it (before 20.15). */
export function tabled(bytes: Uint8Array): number {
  let word = 0xffff_ffff;
  for (let i = 0; i < bytes.length; i++) word = TABLE[(word ^ bytes[i]) & 255] ^ (word >>> 8);
  return ~word >>> 0;
}

/** CRC-32 (IEEE 802.3), unsigned. */
export const crc32: (bytes: Uint8Array) => number = (zlib as { crc32?: (bytes: Uint8Array) => number }).crc32 ?? tabled;
