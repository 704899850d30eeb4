/**
 * Sampling rates of one exporter's observation domain: packets that each exported packet stands for. Known, in this order,
 * from configuration by exporter; from the record itself; from the sampler that the record names and options data described
 * (samplerId, selectorId); from options data for its input interface; from options data or the header for the whole domain;
 * from configuration's default. 0 is: not known.
 */
const MAX_SAMPLERS = 1024;
const MAX_INTERFACES = 4096;

export class SamplingRates {
  /** What applies to a record that names no sampler. Kept up to date by the methods. */
  base: number;
  private domain = 0;
  private readonly samplers = new Map<number, number>();
  private readonly interfaces = new Map<number, number>();

  /** `configured` (0: none) wins over everything, `fallback` is for what nothing else tells. */
  constructor(
    readonly configured: number,
    private readonly fallback: number,
  ) {
    this.base = configured || fallback;
  }

  /** Entries held, for the accounting of memory. */
  get size(): number {
    return this.samplers.size + this.interfaces.size;
  }

  /** Rate of a record with the rate `own` in itself (0: none), naming sampler `id` (-1: none), come in by `inIf`. */
  of(own: number, id: number, inIf: number): number {
    if (this.configured > 0) return this.configured;
    if (own > 0) return own;
    if (id >= 0) {
      const rate = this.samplers.get(id);
      if (rate !== undefined) return rate;
    }
    return this.plain(inIf);
  }

  /** Rate of a record that says nothing about sampling. */
  plain(inIf: number): number {
    if (this.interfaces.size === 0 || this.configured > 0) return this.base;
    return this.interfaces.get(inIf) ?? this.base;
  }

  /** Options data told a rate for a sampler. The only sampler of a domain also applies to records that name none. */
  learnSampler(id: number, rate: number): void {
    if (this.samplers.size < MAX_SAMPLERS || this.samplers.has(id)) this.samplers.set(id, rate);
    this.settle();
  }

  learnInterface(index: number, rate: number): void {
    if (this.interfaces.size < MAX_INTERFACES || this.interfaces.has(index)) this.interfaces.set(index, rate);
  }

  /** Options data or a header told the rate of the whole domain; 0 withdraws it. */
  learnDomain(rate: number): void {
    if (rate === this.domain) return;
    this.domain = rate;
    this.settle();
  }

  private settle(): void {
    const only: number = this.samplers.size === 1 ? this.samplers.values().next().value! : 0;
    this.base = this.configured || this.domain || only || this.fallback;
  }
}

/** Rates given by configuration: `prefixes` by address or prefix (`192.0.2.1`, `2001:db8::/32`), the longest match wins. */
export class ConfiguredRates {
  private readonly prefixes: { readonly bytes: Uint8Array; readonly bits: number; readonly rate: number }[];

  /** `parse` turns an address's text into 4 or 16 bytes; it throws where it is none; so does this for a wrong prefix length. */
  constructor(
    prefixes: Readonly<Record<string, number>>,
    readonly fallback: number,
    parse: (text: string) => Uint8Array,
  ) {
    this.prefixes = Object.entries(prefixes)
      .map(([prefix, rate]) => {
        const [address, bits] = prefix.split('/');
        const bytes = parse(address);
        const length = bits === undefined ? bytes.length * 8 : Number(bits);
        if (!Number.isInteger(length) || length < 0 || length > bytes.length * 8) throw new Error(`${prefix} has no such prefix length`);
        return { bytes, bits: length, rate };
      })
      .sort((a, b) => b.bits - a.bits);
  }

  /** New, empty knowledge about an exporter. */
  ratesOf(exporter: Uint8Array): SamplingRates {
    const match = this.prefixes.find(({ bytes, bits }) => bytes.length === exporter.length && samePrefix(bytes, exporter, bits));
    return new SamplingRates(match?.rate ?? 0, this.fallback);
  }
}

function samePrefix(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (a[whole] ^ b[whole]) >> (8 - rest) === 0;
}
