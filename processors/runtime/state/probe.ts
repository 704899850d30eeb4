import { randomInt } from 'node:crypto';

/** Looks up keys of one width. Made by {@link probeFor}. */
export interface Probe {
  /** Hash of the key that begins at `at`. */
  hash(keys: Int32Array, at: number): number;
  /** Row of the key that begins at `at` and has that hash, or `~slot` of the index where it belongs. */
  find(keys: Int32Array, at: number, hash: number, index: Int32Array, words: Int32Array, wordsPerRow: number): number;
  /** Rows of the keys `from` to `to` (not included), into `rows`; -1 where there is none. Returns how many there are not. `hashes` takes the hash of key `from + i` at `i`. */
  findAll(keys: Int32Array, from: number, to: number, rows: Int32Array, hashes: Int32Array, index: Int32Array, words: Int32Array, wordsPerRow: number): number;
}

/** An entry of the index: 24 bits for the row plus one, 8 of the hash, which spare nearly every comparison of unequal keys. */
export const ROW_BITS = 0xffffff;
export const TAG_BITS = 0xff000000;

/** Index length from which rows are read ahead, many at once, so that the waits for memory overlap. */
const TOUCH_FROM = 1 << 14;

const compiled = new Map<number, Probe>();

/**
 * The code for keys of `width` words, compiled once a width: with every word and secret spelled out it takes half the time of
 * loops. Secrets are others in each process, so that nobody outside can aim keys at one place of the index.
 */
export function probeFor(width: number): Probe {
  let probe = compiled.get(width);
  if (probe === undefined) compiled.set(width, (probe = compile(width)));
  return probe;
}

function compile(width: number): Probe {
  const words = Array.from({ length: width }, (_, word) => word);
  const mix = words.map((word) => `k = Math.imul(keys[at + ${word}] ^ ${randomInt(-(2 ** 31), 2 ** 31)}, 0xcc9e2d51); k ^= k >>> 15; h = Math.imul(((h << 13) | (h >>> 19)) ^ k, 0x9e3779b1);`).join('\n');
  const hash = `let k = 0, h = ${width};\n${mix}\nh ^= h >>> 16; h = Math.imul(h, 0x85ebca6b); h ^= h >>> 13;`;
  const equal = words.map((word) => `words[row + ${word}] === keys[at + ${word}]`).join(' && ');
  const search = (found: string, absent: string): string => `
    const tag = h & ${TAG_BITS};
    for (let slot = h & mask; ; slot = (slot + 1) & mask) {
      const entry = index[slot];
      if (entry === 0) { ${absent} }
      if ((entry & ${TAG_BITS}) !== tag) continue;
      const row = ((entry & ${ROW_BITS}) - 1) * wordsPerRow;
      if (${equal}) { ${found} }
    }`;
  const source = `return {
    hash(keys, at) { ${hash} return h; },
    find(keys, at, h, index, words, wordsPerRow) {
      const mask = index.length - 1;
      ${search(`return (entry & ${ROW_BITS}) - 1;`, 'return ~slot;')}
    },
    findAll(keys, from, to, rows, hashes, index, words, wordsPerRow) {
      const mask = index.length - 1;
      const count = to - from;
      for (let i = 0, at = from * ${width}; i < count; i++, at += ${width}) { ${hash} hashes[i] = h; }
      let seen = 0;
      if (index.length > ${TOUCH_FROM}) for (let i = 0; i < count; i++) {
        const entry = index[hashes[i] & mask] & ${ROW_BITS};
        const row = (entry - (-entry >>> 31)) * wordsPerRow;
        seen ^= words[row] ^ words[row + wordsPerRow - 1];
      }
      let absent = 0;
      for (let i = 0, at = from * ${width}; i < count; i++, at += ${width}) {
        const h = hashes[i];
        let found = -1;
        ${search(`found = (entry & ${ROW_BITS}) - 1; break;`, 'absent++; break;')}
        rows[from + i] = found;
      }
      return seen === 1.5 ? -1 : absent;
    },
  };`;
  return new Function(source)() as Probe;
}
