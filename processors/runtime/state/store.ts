/**
 * State that a task keeps between records. A store is a set of numbered pages of bytes: those changed since the last
 * checkpoint are written to the changelog, and a store restored from its pages is the same bit for bit as the one that
 * wrote them (order of iteration included), so that what a processor puts out does not depend on restarts.
 */
export interface Store {
  /** Part of the changelog keys: letters, digits and dashes. */
  readonly name: string;
  /** What the pages hold, in words; a changelog of another shape is refused. */
  readonly shape: string;
  /** Entries held. */
  readonly entries: number;
  /** Bytes of memory held. */
  readonly bytes: number;
  /** Hands over every page changed since the last call (`null`: the page is gone), in order of page number. The bytes, at least two, are the receiver's. */
  checkpoint(write: (page: number, bytes: Buffer | null) => void): void;
  /** Becomes what those pages say, and clean; with no pages, empty. @throws Error where a page is missing or has a wrong length. */
  restore(pages: ReadonlyMap<number, Uint8Array>): void;
}

/** Bytes that a page has at most. */
export const PAGE_BYTES = 32 * 1024;
