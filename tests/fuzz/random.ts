/** A whole number from 0 to below the one given. */
export type Below = (below: number) => number;

/** Marsaglia's xorshift: the same numbers for the same seed. */
export function random(seed: number): Below {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export const oneOf = <T>(below: Below, values: readonly T[]): T => values[below(values.length)];
