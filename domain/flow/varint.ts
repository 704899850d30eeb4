/** Avro's variable-length integers (specification, "Binary encoding": zig-zag, then 7 bits a byte), without allocation. */

/** Largest value that Avro's JavaScript readers take for a long: beyond it doubles have gaps. */
export const MAX_LONG = 9007199254740990;

/** Writes `n` (0 to 2^31-1) as it is, without zig-zag; the new position. */
export function writeVarint(target: Uint8Array, position: number, n: number): number {
  while (n > 127) {
    target[position++] = (n & 127) | 128;
    n >>>= 7;
  }
  target[position++] = n;
  return position;
}

/** Writes a whole number from 0 as an Avro long, cut off at {@link MAX_LONG}; less than 0 and NaN become 0. The new position. */
export function writeLong(target: Uint8Array, position: number, value: number): number {
  if (value < 0x8000000) return writeVarint(target, position, value > 0 ? (value << 1) : 0);
  if (!(value <= MAX_LONG)) value = value > MAX_LONG ? MAX_LONG : 0;
  const high = Math.floor(value / 0x8000000);
  const low = (value - high * 0x8000000) * 2;
  target[position] = (low & 127) | 128;
  target[position + 1] = ((low >>> 7) & 127) | 128;
  target[position + 2] = ((low >>> 14) & 127) | 128;
  target[position + 3] = (low >>> 21) | 128;
  return writeVarint(target, position + 4, high);
}

/** Writes a signed 32-bit number as an Avro int; the new position. */
export function writeSignedInt(target: Uint8Array, position: number, value: number): number {
  let n = (value << 1) ^ (value >> 31);
  while (n & ~127) {
    target[position++] = (n & 127) | 128;
    n >>>= 7;
  }
  target[position++] = n;
  return position;
}
