import { randomInt } from 'node:crypto';

/** Looks up keys of one width. Made by {@link probeFor}. */
export interface Probe {
  /** Hash of the key that begins at `at`. */
  hash(keys: Int32Array, at: number): number;
  /** Row of the key that begins at `at` and has that hash, or `~slot` of the index where it belongs. */
  find(keys: Int32Array, at: number, hash: number, index: Int32Array, words: Int32Array, wordsPerRow: number): number;
  /**
   * Rows of `count` keys, into `rows` from `to` on; -1 where there is none. The first key begins at `at`, the others follow every
   * `stride` words. `hashes` takes the hashes, from 0 on. Returns how many keys there are not.
   */
  findAll(keys: Int32Array, at: number, stride: number, count: number, rows: Int32Array, to: number, hashes: Int32Array, index: Int32Array, words: Int32Array, wordsPerRow: number): number;
  /** As {@link findAll}; keys not found get the rows from `entries` on while these are below `maxRows`. Returns how many rows there are then. */
  upsertAll(keys: Int32Array, at: number, stride: number, count: number, rows: Int32Array, to: number, hashes: Int32Array, index: Int32Array, words: Int32Array, wordsPerRow: number, entries: number, maxRows: number): number;
  /** Enters `count` rows from `row` on, at most as many as `hashes` holds, whose keys are all different, into an index. */
  enter(row: number, count: number, hashes: Int32Array, index: Int32Array, words: Int32Array, wordsPerRow: number): number;
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
  const secrets = words.map(() => randomInt(-(2 ** 31), 2 ** 31));
  const hash = (at: string): string => `let h = ${width};
${words.map((word) => `{ let x = Math.imul(keys[${at} + ${word}] ^ ${secrets[word]}, 0xcc9e2d51); x ^= x >>> 15; h = Math.imul(((h << 13) | (h >>> 19)) ^ x, 0x9e3779b1); }`).join('\n')}
h ^= h >>> 16; h = Math.imul(h, 0x85ebca6b); h ^= h >>> 13;`;
  // Looks for the key at `at`, whose hash is `h`.
  const search = (at: string, found: string, absent: string): string => `
    const tag = h & ${TAG_BITS};
    for (let slot = h & mask; ; slot = (slot + 1) & mask) {
      const entry = index[slot];
      if (entry === 0) { ${absent} }
      if ((entry & ${TAG_BITS}) !== tag) continue;
      const row = ((entry & ${ROW_BITS}) - 1) * wordsPerRow;
      if (${words.map((word) => `words[row + ${word}] === keys[${at} + ${word}]`).join(' && ')}) { ${found} }
    }`;
  const each = (body: string): string => `for (let i = 0, k = at; i < count; i++, k += stride) { ${body} }`;
  const mask = 'const mask = index.length - 1;';
  // What memory holds of the index and the rows is read before it is asked for, so that the waits of many keys overlap.
  const ahead = `
      let seen = 0;
      ${each(`${hash('k')} hashes[i] = h;`)}
      if (index.length > ${TOUCH_FROM}) for (let i = 0; i < count; i++) {
        const entry = index[hashes[i] & mask] & ${ROW_BITS};
        const row = (entry - (-entry >>> 31)) * wordsPerRow;
        seen ^= words[row] ^ words[row + wordsPerRow - 1];
      }`;
  const source = `return {
    hash(keys, at) { ${hash('at')} return h; },
    find(keys, at, h, index, words, wordsPerRow) {
      ${mask}
      ${search('at', `return (entry & ${ROW_BITS}) - 1;`, 'return ~slot;')}
    },
    findAll(keys, at, stride, count, rows, to, hashes, index, words, wordsPerRow) {
      ${mask}
      ${ahead}
      let absent = 0;
      ${each(`
        const h = hashes[i];
        let found = -1;
        ${search('k', `found = (entry & ${ROW_BITS}) - 1; break;`, 'absent++; break;')}
        rows[to + i] = found;`)}
      return seen === 1.5 ? -1 : absent;
    },
    upsertAll(keys, at, stride, count, rows, to, hashes, index, words, wordsPerRow, entries, maxRows) {
      ${mask}
      ${ahead}
      let next = entries;
      ${each(`
        const h = hashes[i];
        let found = -1;
        ${search(
          'k',
          `found = (entry & ${ROW_BITS}) - 1; break;`,
          `if (next < maxRows) {
            const row = next * wordsPerRow;
            ${words.map((word) => `words[row + ${word}] = keys[k + ${word}];`).join(' ')}
            found = next++;
            index[slot] = tag | next;
          }
          break;`,
        )}
        rows[to + i] = found;`)}
      return seen === 1.5 ? -1 : next;
    },
    enter(row, count, hashes, index, keys, stride) {
      ${mask}
      const at = row * stride;
      let seen = 0;
      ${each(`${hash('k')} hashes[i] = h;`)}
      for (let i = 0; i < count; i++) seen ^= index[hashes[i] & mask];
      for (let i = 0; i < count; i++) {
        let slot = hashes[i] & mask;
        while (index[slot] !== 0) slot = (slot + 1) & mask;
        index[slot] = (hashes[i] & ${TAG_BITS}) | (row + i + 1);
      }
      return seen;
    },
  };`;
  return new Function(source)() as Probe;
}
