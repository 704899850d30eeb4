/**
 * Sampling rates of one exporter's observation domain: packets that each exported packet stands for. Known, in this order,
 * from configuration by exporter; from the record itself; from the sampler that the record names and options data described
 * (samplerId, selectorId, selectionSequenceId); from options data for its input interface; from options data or the header for the
 * whole domain; from configuration's default. 0 is: not known.
 *
 * What options data say of a sampler or an interface holds for the exporter's other domains where they say nothing themselves:
 * some routers describe their samplers in one domain and export their line cards' flows in others. What they say of a domain as a whole
 * holds for others only from domain 0, which is the exporting process (RFC 7011 section 3.1).
 *
 * Where the collector thins out an exporter's datagrams, the factor is multiplied into every rate; one not known then counts as 1.
 */
import { isWithin, parsePrefix, type Prefix } from './prefix';

const MAX_SAMPLERS = 1024;
const MAX_INTERFACES = 4096;
const MAX_SEQUENCES = 256;

/** Added to a selectionSequenceId (IE 301) to name it where a sampler is named. */
export const SELECTION_SEQUENCE = 2 ** 40;

/** Where a rate is known from. */
export type RateOrigin = 'unknown' | 'default' | 'header' | 'record' | 'sampler' | 'interface' | 'options' | 'configured' | 'exporter-scaled';

/** Rates by the number of what they are for. */
type RateTable = ReadonlyMap<number, number>;

/** The table of whoever has learnt nothing, as most exporters: it takes no memory. */
const NONE: RateTable = new Map();

/** What the domains of one exporter share. */
export class SharedRates {
  samplers: RateTable = NONE;
  interfaces: RateTable = NONE;
  /** Of domain 0. */
  process = 0;
  private readonly members = new Set<SamplingRates>();

  join(member: SamplingRates): void {
    this.members.add(member);
  }

  leave(member: SamplingRates): void {
    this.members.delete(member);
  }

  /** Everyone reckons anew. */
  changed(): void {
    for (const member of this.members) member.settle();
  }
}

/** Shared by those that share with nobody: nothing is ever put there. */
const NOBODY = new SharedRates();

/** What a domain learnt, as it is kept over restarts. */
export interface LearntRates {
  readonly domain: number;
  readonly samplers: readonly (readonly [id: number, rate: number])[];
  readonly interfaces: readonly (readonly [index: number, rate: number])[];
}

export class SamplingRates {
  /** What applies to a record that names no sampler. Kept up to date by the methods. */
  base: number;
  /** True where the exporter multiplies its counters by the rate itself: every rate is 1. */
  readonly scaled: boolean;
  /** Raised where something new was learnt. */
  changes = 0;
  private domain = 0;
  private domainOrigin: RateOrigin = 'options';
  private thinning = 1;
  private samplers: RateTable = NONE;
  private interfaces: RateTable = NONE;
  private lineCards: RateTable = NONE;
  /** Selectors that packets of a selection sequence pass one after the other; null before the first. */
  private sequences: Map<number, readonly number[]> | null = null;

  /** `configured` (0: none) wins over everything, `fallback` is for what nothing else tells. `domainId` is that of the domain. */
  constructor(
    readonly configured: number,
    private readonly fallback: number,
    private readonly domainId = 0,
    private readonly shared: SharedRates = NOBODY,
    scaled = false,
  ) {
    this.scaled = scaled;
    this.base = configured || fallback;
    this.settle();
  }

  /** Entries held, for the accounting of memory. */
  get size(): number {
    return this.samplers.size + this.interfaces.size + this.lineCards.size + (this.sequences?.size ?? 0);
  }

  /** The factor of the datagrams that follow. */
  thin(factor: number): void {
    if (factor === this.thinning) return;
    this.thinning = factor;
    this.settle();
  }

  /** Rate of a record with the rate `own` in itself (0: none), naming sampler `id` (-1: none), come in by `inIf`. */
  of(own: number, id: number, inIf: number): number {
    if (this.configured > 0) return this.base;
    if (own > 0) return own * this.thinning;
    if (id >= 0) {
      const rate = this.samplers.get(id) ?? this.shared.samplers.get(id);
      if (rate !== undefined) return rate * this.thinning;
    }
    return this.plain(inIf);
  }

  /** Rate of a record that says nothing about sampling. */
  plain(inIf: number): number {
    if (this.configured > 0 || (this.interfaces.size === 0 && this.shared.interfaces.size === 0)) return this.base;
    const rate = this.interfaces.get(inIf) ?? this.shared.interfaces.get(inIf);
    return rate === undefined ? this.base : rate * this.thinning;
  }

  /** Options data told a rate for a sampler. The only sampler of a domain also applies to records that name none. */
  learnSampler(id: number, rate: number): void {
    const samplers = put(this.samplers, id, rate, MAX_SAMPLERS);
    if (samplers === null) return;
    this.samplers = samplers;
    if (this.shared !== NOBODY) this.shared.samplers = put(this.shared.samplers, id, rate, MAX_SAMPLERS) ?? this.shared.samplers;
    for (const [sequence, selectors] of this.sequences ?? []) if (selectors.includes(id)) this.multiply(sequence, selectors);
    this.learnt();
  }

  /** A selection sequence is those selectors, one after the other (RFC 5476 section 6.5.1): its rate is the product of theirs. */
  learnSequence(id: number, selectors: readonly number[]): void {
    this.sequences ??= new Map();
    if (!this.sequences.has(id) && this.sequences.size >= MAX_SEQUENCES) return;
    this.sequences.set(id, selectors);
    this.multiply(id, selectors);
  }

  private multiply(sequence: number, selectors: readonly number[]): void {
    let product = 1;
    for (const id of selectors) product *= this.samplers.get(id) ?? 1; // a filter selects without scaling
    if (selectors.some((id) => this.samplers.has(id))) this.learnSampler(SELECTION_SEQUENCE + sequence, product);
  }

  learnInterface(index: number, rate: number): void {
    const interfaces = put(this.interfaces, index, rate, MAX_INTERFACES);
    if (interfaces === null) return;
    this.interfaces = interfaces;
    if (this.shared !== NOBODY) this.shared.interfaces = put(this.shared.interfaces, index, rate, MAX_INTERFACES) ?? this.shared.interfaces;
    this.changes++;
  }

  /** Options data told the rate of a line card: the domain's where it is the card's (NetFlow v9: the source id), or all cards' are the same. */
  learnLineCard(card: number, rate: number): void {
    const lineCards = put(this.lineCards, card, rate, MAX_SAMPLERS);
    if (lineCards === null) return;
    this.lineCards = lineCards;
    this.learnt();
  }

  /** Options data or a header told the rate of the whole domain; 0 withdraws it. */
  learnDomain(rate: number, origin: RateOrigin = 'options'): void {
    if (rate === this.domain) return;
    this.domain = rate;
    this.domainOrigin = origin;
    if (this.domainId === 0 && origin === 'options' && this.shared !== NOBODY) this.shared.process = rate;
    this.learnt();
  }

  private learnt(): void {
    this.changes++;
    this.settle();
    this.shared.changed();
  }

  /** The rate of records that name no sampler and no interface, and where it is known from. */
  describe(): { readonly rate: number; readonly origin: RateOrigin } {
    if (this.scaled) return { rate: 1, origin: 'exporter-scaled' };
    if (this.configured > 0) return { rate: this.configured, origin: 'configured' };
    if (this.domain > 0) return { rate: this.domain, origin: this.domainOrigin };
    const sampler = onlyOf(this.samplers);
    if (sampler > 0) return { rate: sampler, origin: 'sampler' };
    const card = this.lineCards.get(this.domainId) ?? onlyOf(this.lineCards);
    if (card > 0) return { rate: card, origin: 'options' };
    if (this.shared.process > 0) return { rate: this.shared.process, origin: 'options' };
    const port = onlyOf(this.interfaces);
    if (port > 0) return { rate: port, origin: 'interface' };
    if (this.samplers.size > 0) return { rate: 0, origin: 'sampler' };
    if (this.interfaces.size > 0) return { rate: 0, origin: 'interface' };
    return this.fallback > 0 ? { rate: this.fallback, origin: 'default' } : { rate: 0, origin: 'unknown' };
  }

  /** Rates of samplers and interfaces, for people: at most `limit` of each. */
  entries(limit: number): { readonly samplers: Record<string, number>; readonly interfaces: Record<string, number> } {
    const some = (map: ReadonlyMap<number, number>): Record<string, number> => Object.fromEntries([...map].filter(([id]) => id < SELECTION_SEQUENCE).slice(0, limit));
    return { samplers: some(this.samplers), interfaces: some(this.interfaces) };
  }

  /** What options data taught, to be kept. */
  save(): LearntRates {
    return { domain: this.domainOrigin === 'options' ? this.domain : 0, samplers: [...this.samplers], interfaces: [...this.interfaces] };
  }

  restore({ domain, samplers, interfaces }: LearntRates): void {
    if (domain > 0) this.learnDomain(domain);
    for (const [id, rate] of samplers) this.learnSampler(id, rate);
    for (const [index, rate] of interfaces) this.learnInterface(index, rate);
  }

  /** Reckons {@link base}. An interface's rate is not a base: it holds for its records alone. */
  settle(): void {
    const rate = this.configured || this.domain || onlyOf(this.samplers) || (this.lineCards.get(this.domainId) ?? onlyOf(this.lineCards)) || this.shared.process || this.fallback;
    this.base = this.thinning === 1 ? rate : (rate || 1) * this.thinning;
  }
}

/** The table with one more entry; null where it was there already, or there is no room for it. */
function put(table: RateTable, key: number, value: number, limit: number): RateTable | null {
  const before = table.get(key);
  if (before === value || (before === undefined && table.size >= limit)) return null;
  return table === NONE ? new Map([[key, value]]) : (table as Map<number, number>).set(key, value);
}

/** The value of all entries where they have the same, else 0. */
function onlyOf(map: ReadonlyMap<number, number>): number {
  let only = 0;
  for (const value of map.values()) {
    if (only !== 0 && only !== value) return 0;
    only = value;
  }
  return only;
}

/**
 * What configuration says of sampling. `prefixes`: rates by address or prefix (`192.0.2.1`, `2001:db8::/32`), the longest match wins;
 * `scaled`: addresses and prefixes of exporters whose counters come already multiplied. @throws Error where one is neither.
 */
export class ConfiguredRates {
  private readonly prefixes: readonly (Prefix & { readonly rate: number })[];
  private readonly scaled: readonly Prefix[];

  constructor(
    prefixes: Readonly<Record<string, number>>,
    readonly fallback: number,
    scaled: readonly string[] = [],
  ) {
    this.prefixes = Object.entries(prefixes)
      .map(([text, rate]) => ({ ...parsePrefix(text), rate }))
      .sort((a, b) => b.bits - a.bits);
    this.scaled = scaled.map((text) => parsePrefix(text));
  }

  /** New, empty knowledge about a domain of an exporter. */
  ratesOf(exporter: Uint8Array, domainId = 0, shared?: SharedRates): SamplingRates {
    const scaled = this.isScaled(exporter);
    const rate = scaled ? 1 : (this.prefixes.find((prefix) => isWithin(exporter, prefix))?.rate ?? 0);
    return new SamplingRates(rate, this.fallback, domainId, shared, scaled);
  }

  /** True for an exporter that multiplies its counters itself. */
  isScaled(exporter: Uint8Array): boolean {
    return this.scaled.some((prefix) => isWithin(exporter, prefix));
  }
}
