/**
 * What detectors say: a weight of evidence, with the figures that it stands on.
 *
 * A weight is a log-likelihood ratio in nats: by how much more probable what is seen is under an attack than under an honest surge
 * (Good, "Weight of evidence: a brief survey", 1985). Weights of different detectors, and that of time ({@link timeWeight} in `sequential.ts`), add up.
 */

/** One figure that speaks for something: see `Evidence` of the schema of anomalies. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** What it usually is; not a number where that is not known. */
  readonly usual: number;
  /** Unit of both; empty: none. */
  readonly unit: string;
}

/** What one detector says of a subject. */
export interface Weight {
  /** Kind of anomaly that it stands for; empty where it stands for none by itself. */
  readonly kind: string;
  /** Nats; below zero it speaks against an attack. */
  readonly nats: number;
  readonly figures: readonly Figure[];
}

/** A figure of which nothing is usual. */
export const figure = (name: string, value: number, unit = '', usual = NaN): Figure => ({ name, value, usual, unit });

/** Decides alone: more than any bound that {@link bound} of `sequential.ts` gives for one false alarm in ten thousand surges. */
export const DECISIVE = 10;
/** Speaks clearly, but some honest surges look so: about 1 in 20. */
export const CLEAR = 3;
/** Is a hint: about 1 in 7. */
export const HINT = 2;
/** Is seen in most attacks, and in every other honest surge too. */
export const SLIGHT = 0.5;
