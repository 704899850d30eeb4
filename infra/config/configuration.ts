import type { Key, Section, ValuesOf } from './section';

/** A validated configuration: values by section. */
export interface Configuration {
  /** The values of a section; its defaults where nothing was set. */
  get<K extends Record<string, Key<unknown>>>(section: Section<K>): ValuesOf<Section<K>>;
  /** Stable SHA-256 of the effective values of those sections (secrets left out): goes into `causes`. */
  hash(...sections: readonly Section[]): string;
}
