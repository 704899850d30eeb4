/**
 * Where the ends of a flow are: autonomous system, country, site. From configured prefixes, the longest match first, and what they
 * leave open from databases. Events keep what was known when they were received, so that a replay needs no database.
 */
import type { Prefix } from '../flow/prefix';
import { AddressCache } from './address';
import type { MmdbTable } from './mmdb';
import { PrefixTable } from './prefix-table';

/** What is known of a prefix; what is left out is not known. */
export interface Place {
  readonly site?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  readonly as?: number;
}

/** What places are looked up in. */
export interface PlaceSources {
  readonly prefixes: readonly (Prefix & { readonly place: Place })[];
  readonly systems: MmdbTable<number> | null;
  readonly countries: MmdbTable<string> | null;
}

/** A site's name has at most so many bytes of UTF-8; what is longer is refused when it is configured. */
export const SITE_BYTES = 63;

/** Places met; an index stands for each. */
interface Known {
  readonly as: number;
  readonly bits: number;
  /** Avro strings. */
  readonly country: Uint8Array;
  readonly site: Uint8Array;
}

const MOST_KNOWN = 1 << 20;
/** An Avro string of at most 63 bytes. */
const text = (value: string): Uint8Array => Buffer.concat([Buffer.from([2 * Buffer.byteLength(value)]), Buffer.from(value)]);

/** Most bytes that {@link Places.write} writes. */
export const PLACES_BYTES = 2 * (1 + 2) + 2 * (1 + SITE_BYTES);

/** Looks up both ends of a flow; the fields then say what is known. */
export class Places {
  srcAs = 0;
  dstAs = 0;
  /** Length of the configured prefix; 0 where none holds the address. */
  srcMask = 0;
  dstMask = 0;
  /** True where a country or site of either end is known. */
  named = false;
  private src!: Known;
  private dst!: Known;
  private sources: PlaceSources = { prefixes: [], systems: null, countries: null };
  private prefixes = new PrefixTable();
  private readonly cache = new AddressCache();
  private known: Known[] = [];
  private byText = new Map<string, number>();

  /** `first`: what is known of a prefix or from a database counts before the system and the mask that the exporter says. */
  constructor(sources: PlaceSources, readonly first = false) {
    this.load(sources);
  }

  /** Looks up in other sources from now on. */
  load(sources: PlaceSources): void {
    this.sources = sources;
    this.prefixes = new PrefixTable();
    sources.prefixes.forEach(({ bytes, bits }, i) => this.prefixes.add(bytes, bits, i));
    this.forget();
  }

  /** The ends at `src` and `dst`, of 0, 4 or 16 bytes each. */
  look(v: DataView, src: number, srcLength: number, dst: number, dstLength: number): void {
    const a = (this.src = this.known[srcLength === 0 ? 0 : this.of(v, src, srcLength)]);
    const b = (this.dst = this.known[dstLength === 0 ? 0 : this.of(v, dst, dstLength)]);
    this.srcAs = a.as;
    this.dstAs = b.as;
    this.srcMask = a.bits;
    this.dstMask = b.bits;
    this.named = a.country.length + a.site.length + b.country.length + b.site.length > 4;
  }

  /** Writes the countries, then the sites, as the row's detail has them; the new position. */
  write(b: Uint8Array, p: number): number {
    p = copy(this.src.country, b, p);
    p = copy(this.dst.country, b, p);
    p = copy(this.src.site, b, p);
    return copy(this.dst.site, b, p);
  }

  private of(v: DataView, at: number, length: number): number {
    const cached = this.cache.get(v, at, length);
    if (cached >= 0) return cached;
    const { prefixes, systems, countries } = this.sources;
    const found = this.prefixes.find(v, at, length);
    const bits = found < 0 ? 0 : this.prefixes.bits;
    const place: Place = found < 0 ? {} : prefixes[found].place;
    const as = place.as ?? systems?.find(v, at, length) ?? 0;
    const country = place.country ?? countries?.find(v, at, length) ?? '';
    const key = `${as} ${bits} ${country} ${place.site ?? ''}`;
    let index = this.byText.get(key);
    if (index === undefined) {
      if (this.known.length >= MOST_KNOWN) this.forget();
      index = this.known.push({ as, bits, country: text(country), site: text(place.site ?? '') }) - 1;
      this.byText.set(key, index);
    }
    this.cache.set(v, at, length, index);
    return index;
  }

  private forget(): void {
    this.cache.clear();
    this.known = [{ as: 0, bits: 0, country: text(''), site: text('') }];
    this.byText = new Map();
    // The ends of the present flow stay as they are.
  }
}

function copy(from: Uint8Array, b: Uint8Array, p: number): number {
  for (let i = 0; i < from.length; i++) b[p++] = from[i];
  return p;
}
