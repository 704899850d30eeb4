/** What a model is to those who use it; how it is run is the business of `host.ts`. */
import type { ModelCard } from './card';

/** A model that was loaded, checked against its card and proven on the card's probe. */
export interface Model {
  readonly name: string;
  /** SHA-256 of its file, hexadecimal. */
  readonly hash: string;
  readonly card: ModelCard;
  /**
   * Runs it on `rows` rows, which lie one behind the other in `input` in the order of the card's `input.shape`. The outputs stand in the order of the
   * card's `outputs`, each `rows` rows; they are valid until the next call on any model of this host. The caller waits meanwhile: a model is a pure
   * function of its file and its input, so a step of a processor may call it.
   *
   * @throws NW_MODEL_FAILED, NW_MODEL_TIMEOUT
   */
  run(rows: number, input: Float32Array): readonly Float32Array[];
}

/** Where models come from. */
export interface Models {
  /**
   * Loads a model, or gives the one that is loaded already. `hash` chooses among versions of the same name, by all of it or its first 8 digits or more; without it the
   * highest version counts.
   *
   * @throws NW_MODEL_UNKNOWN, NW_MODEL_UNREADABLE, NW_MODEL_HASH, NW_MODEL_SHAPE, NW_MODEL_FAILED (its probe), NW_MODEL_RUNTIME_MISSING
   */
  open(name: string, hash?: string): Model;
}
