/**
 * Which datagrams are taken: of exporters on a list alone, and of each no more than so many flows a second. Where an exporter sends more,
 * one of n datagrams is kept, chosen by its content (the same datagram sent twice has the same fate), and its flows stand for
 * n times as much: sums of what is kept, times their sampling rate, are without bias. Datagrams with templates, options or
 * counters are always kept, with the flows in them standing for themselves.
 */
import { PrefixTable } from '../enrich/prefix-table';
import { finish, round } from './hash';
import type { Prefix } from './prefix';
import type { Source } from './sources';

/** A datagram of an exporter that is not on the list. */
export const REFUSED = 0;
/** A datagram that is left out because its exporter sends too much. */
export const THINNED_OUT = -1;

/** What is admitted. */
export interface AdmissionLimits {
  /** Exporters; empty: all. */
  readonly exporters: readonly Prefix[];
  /** Flows a second of each exporter; 0: as many as come. */
  readonly flowsPerSecond: number;
  /** Other limits, by exporter; the longest prefix counts. */
  readonly flowsPerSecondOf: readonly (Prefix & { readonly limit: number })[];
}

/** What is known of an exporter. */
interface Standing {
  readonly admitted: boolean;
  /** 0: none. */
  readonly limit: number;
  /** One of so many is kept. */
  n: number;
  second: number;
  /** Flows offered in this second, about. */
  offered: number;
  /** Flows of a datagram, on average. */
  perDatagram: number;
  /** Sets of these ids are options data. */
  readonly options: Set<number>;
}

const MOST_THINNING = 1 << 20;
const MOST_OPTIONS = 256;

export class Admission {
  /** Datagrams left out; datagrams refused. */
  thinnedOut = 0;
  refused = 0;
  private readonly listed: PrefixTable | null;
  private readonly limits: PrefixTable;
  private readonly standings = new WeakMap<Source, Standing>();
  private last: Source | null = null;
  private present!: Standing;

  constructor(private readonly by: AdmissionLimits) {
    this.listed = by.exporters.length === 0 ? null : new PrefixTable();
    for (const { bytes, bits } of by.exporters) this.listed!.add(bytes, bits, 1);
    this.limits = new PrefixTable();
    for (const { bytes, bits, limit } of by.flowsPerSecondOf) this.limits.add(bytes, bits, limit);
  }

  /** True where nothing is limited, so that nobody needs to ask. */
  static admitsAll({ exporters, flowsPerSecond, flowsPerSecondOf }: AdmissionLimits): boolean {
    return exporters.length === 0 && flowsPerSecond === 0 && flowsPerSecondOf.every(({ limit }) => limit === 0);
  }

  /** {@link REFUSED}, {@link THINNED_OUT}, or how many datagrams the one to be decoded stands for. */
  admit(payload: Uint8Array, source: Source, receiveMs: number): number {
    const standing = this.standingOf(source);
    if (!standing.admitted) {
      this.refused++;
      return REFUSED;
    }
    if (standing.limit === 0) return 1;
    const second = Math.floor(receiveMs / 1000);
    if (second !== standing.second) {
      // What came in the last second tells how much to keep of this one; after a pause, all.
      standing.n = second === standing.second + 1 ? Math.min(MOST_THINNING, Math.max(1, Math.ceil(standing.offered / standing.limit))) : 1;
      standing.second = second;
      standing.offered = 0;
    }
    standing.offered += standing.perDatagram;
    while (standing.offered > standing.limit * standing.n && standing.n < MOST_THINNING) standing.n *= 2;
    if (standing.n === 1 || isNeeded(payload, standing.options)) return 1;
    if ((hashOf(payload) >>> 0) % standing.n === 0) return standing.n;
    this.thinnedOut++;
    return THINNED_OUT;
  }

  /** Tells how many flows the datagram just decoded had. */
  decoded(source: Source, flows: number): void {
    const standing = this.standingOf(source);
    if (standing.limit === 0) return;
    standing.offered += Math.max(0, flows - standing.perDatagram);
    standing.perDatagram += (flows - standing.perDatagram) / 16;
  }

  private standingOf(source: Source): Standing {
    if (source === this.last) return this.present;
    let standing = this.standings.get(source);
    if (standing === undefined) {
      const { bytes } = source;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const known = bytes.length === 4 || bytes.length === 16;
      const limit = known ? this.limits.find(view, 0, bytes.length) : -1;
      const admitted = this.listed === null || (known && this.listed.find(view, 0, bytes.length) >= 0);
      standing = { admitted, limit: limit < 0 ? this.by.flowsPerSecond : limit, n: 1, second: -1, offered: 0, perDatagram: 1, options: new Set() };
      this.standings.set(source, standing);
    }
    this.last = source;
    this.present = standing;
    return standing;
  }
}

const word = (s: Uint8Array, at: number): number => (s[at] << 24) | (s[at + 1] << 16) | (s[at + 2] << 8) | s[at + 3];

/** Of the header, with its times and sequence number, and the end of the datagram. */
function hashOf(payload: Uint8Array): number {
  const { length } = payload;
  let hash = length;
  for (let at = 0; at + 4 <= length && at < 32; at += 4) hash = round(hash, word(payload, at));
  for (let at = Math.max(32, length - 16); at + 4 <= length; at += 4) hash = round(hash, word(payload, at));
  return finish(hash, length);
}

/** True for datagrams that hold more than flows. */
function isNeeded(s: Uint8Array, options: Set<number>): boolean {
  const version = (s[0] << 8) | s[1];
  if (version === 9) return hasTemplates(s, 20, 0, 1, options);
  if (version === 10) return hasTemplates(s, 16, 2, 3, options);
  if (s.length >= 28 && word(s, 0) === 5) return hasCounters(s);
  return false;
}

/** Looks at the sets of NetFlow v9 and IPFIX: templates, and data of options templates that were seen. */
function hasTemplates(s: Uint8Array, header: number, template: number, optionsTemplate: number, options: Set<number>): boolean {
  let found = false;
  for (let at = header; at + 4 <= s.length; ) {
    const id = (s[at] << 8) | s[at + 1];
    const length = (s[at + 2] << 8) | s[at + 3];
    if (length < 4) break;
    if (id === template || options.has(id)) found = true;
    if (id === optionsTemplate) {
      found = true;
      if (at + 6 <= s.length && options.size < MOST_OPTIONS) options.add((s[at + 4] << 8) | s[at + 5]);
    }
    at += length;
  }
  return found;
}

/** Looks at the formats of sFlow's samples. */
function hasCounters(s: Uint8Array): boolean {
  for (let at = word(s, 4) === 2 ? 40 : 28; at + 8 <= s.length && at > 0; ) {
    const format = word(s, at);
    if (format === 2 || format === 4 || format === 5) return true;
    const length = word(s, at + 4);
    if (length < 0) return false;
    at += 8 + length;
  }
  return false;
}
