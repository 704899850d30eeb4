const SCALES: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** Bits a second of a number with or without a scale of tens: `10G`, `1.5 Gbit/s`, `622 Mbps`, `64000`. NaN where it is none. */
export function bitsPerSecondOf(text: string): number {
  const match = /^\s*([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*([kKMGT]?)\s*(?:b|bps|bit\/s|bits\/s|b\/s)?\s*$/.exec(text);
  return match === null ? NaN : Math.round(Number(match[1]) * SCALES[match[2].toUpperCase()]);
}

/** A number in decimal notation; NaN where the text is none, empty text included. */
export const numberOf = (text: string): number => (text.trim() === '' ? NaN : Number(text));
