/**
 * What `dedup` keeps of a flow beside its 5-tuple, in four words: with the key of an IPv4 flow half a cache line, so that no row lies
 * in two. Times are whole seconds modulo 2^32.
 */

/**
 * Words: number of the exporter that owns the flow (16 bits) and below `UNTIL` how many seconds its records go back (16 bits above); end of the
 * owner's last record; exporters seen, a set of 63.
 */
export const OWNER = 0, UNTIL = 1, SEEN_LOW = 2, SEEN_HIGH = 3, WORDS = 4;

/** Exporters that can be told apart. */
export const MAX_OWNERS = 65_536;
/** Records of an owner that go further back, 18 hours, are taken to begin here; unit: seconds. */
const LONGEST = 65_535;

/** The word at {@link OWNER}; what ends before it begins takes no time. */
export function ownerAndSpan(owner: number, seconds: number): number {
  return owner | ((seconds < 0 ? 0 : seconds > LONGEST ? LONGEST : seconds) << 16);
}

/** Start of the owner's first record, of the row whose words begin at `at`. */
export function sinceOf(words: Int32Array, at: number): number {
  return (words[at + UNTIL] - (words[at + OWNER] >>> 16)) | 0;
}
