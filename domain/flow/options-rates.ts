/**
 * Sampling rates as options data tell them: NetFlow's elements (RFC 3954 section 8, Cisco's samplers), packet selection's
 * (RFC 5477 section 8.2, PSAMP reports of RFC 5476 section 6.5) and flow selection's (RFC 7014). By what they are for: a sampler or
 * selector, a selection sequence, an interface, a line card, or the whole domain.
 */
import { IE, type Field } from './elements';
import { SELECTION_SEQUENCE } from './sampling';
import type { Domain } from './template-cache';

/** Scopes of NetFlow v9 (RFC 3954 section 6.1). */
const V9_SCOPE = { interface: 2, lineCard: 3 } as const;

/** Elements that tell of sampling, by the IANA registry. */
const E = {
  samplingInterval: 34, samplerId: 48, samplerRandomInterval: 50, lineCardId: 141,
  selectionSequenceId: 301, selectorId: 302, selectorAlgorithm: 304,
  samplingPacketInterval: 305, samplingPacketSpace: 306, samplingTimeInterval: 307, samplingTimeSpace: 308, samplingSize: 309, samplingPopulation: 310, samplingProbability: 311,
  samplingFlowInterval: 396, samplingFlowSpacing: 397, flowSamplingTimeInterval: 398, flowSamplingTimeSpacing: 399,
  egressInterface: 14, ingressPhysicalInterface: 252, egressPhysicalInterface: 253,
} as const;

/** Values of selectorAlgorithm (RFC 5477 section 8.2.1). */
const Algorithm = { NONE: 0, COUNT: 1, TIME: 2, OUT_OF: 3, PROBABILITY: 4 } as const;

/** Where the fields of a record lie. */
export interface Located {
  readonly fields: readonly Field[];
  readonly at: readonly number[];
  readonly lengths: readonly number[];
}

/** Reads one record after the other. */
export class OptionsRates {
  private readonly values = new Map<number, number>();
  private readonly selectors: number[] = [];
  private port = -1;
  private lineCard = -1;

  /** Learns what a record of options data in `s` says of sampling, and of the exporter's start (IE 160). */
  learn({ fields, at, lengths }: Located, s: Uint8Array, v9: boolean, domain: Domain): void {
    const { values, selectors } = this;
    values.clear();
    selectors.length = 0;
    this.port = this.lineCard = -1;
    for (let i = 0; i < fields.length; i++) {
      const { id, enterprise, scope } = fields[i];
      if (enterprise !== 0) continue;
      const value = id === E.samplingProbability && !(v9 && scope) ? float(s, at[i], lengths[i]) : unsigned(s, at[i], lengths[i]);
      if (v9 && scope) {
        if (id === V9_SCOPE.interface) this.port = value;
        else if (id === V9_SCOPE.lineCard) this.lineCard = value;
      } else this.field(id, value, scope);
    }
    const bootMs = values.get(IE.systemInitTimeMilliseconds) ?? 0;
    if (bootMs > 0) domain.bootMs = bootMs;
    this.tell(domain);
  }

  private field(id: number, value: number, scope: boolean): void {
    if (id === E.selectorId || id === E.samplerId) this.selectors.push(value);
    else if (id === E.lineCardId) this.lineCard = value;
    else if (scope && (id === IE.ingressInterface || id === E.egressInterface || id === E.ingressPhysicalInterface || id === E.egressPhysicalInterface)) this.port = value;
    if (!this.values.has(id)) this.values.set(id, value);
  }

  private tell({ rates }: Domain): void {
    const { selectors } = this;
    const rate = this.rate();
    const sequence = this.values.get(E.selectionSequenceId);
    if (rate <= 0) {
      if (sequence !== undefined && selectors.length > 0) rates.learnSequence(sequence, [...selectors]);
    } else if (selectors.length > 0) rates.learnSampler(selectors[0], rate);
    else if (sequence !== undefined) rates.learnSampler(SELECTION_SEQUENCE + sequence, rate);
    else if (this.port > 0) rates.learnInterface(this.port, rate);
    else if (this.lineCard >= 0) rates.learnLineCard(this.lineCard, rate);
    else rates.learnDomain(rate);
  }

  /** The rate that the record tells; 0 where it tells none. */
  private rate(): number {
    const { values } = this;
    const of = (id: number): number => values.get(id) ?? 0;
    const direct = of(E.samplingInterval) || of(E.samplerRandomInterval);
    if (direct > 0) return direct;
    const algorithm = of(E.selectorAlgorithm);
    if (algorithm > Algorithm.PROBABILITY) return 0; // a filter, or one that nobody here knows
    const may = (wanted: number): boolean => algorithm === Algorithm.NONE || algorithm === wanted;
    const probability = of(E.samplingProbability);
    if (may(Algorithm.PROBABILITY) && probability > 0 && probability <= 1) return Math.round(1 / probability);
    return (
      (may(Algorithm.COUNT) && this.spaced(E.samplingPacketInterval, E.samplingPacketSpace)) ||
      (may(Algorithm.OUT_OF) && ratio(of(E.samplingPopulation), of(E.samplingSize))) ||
      (may(Algorithm.TIME) && this.spaced(E.samplingTimeInterval, E.samplingTimeSpace)) ||
      this.spaced(E.samplingFlowInterval, E.samplingFlowSpacing) ||
      this.spaced(E.flowSamplingTimeInterval, E.flowSamplingTimeSpacing) ||
      0
    );
  }

  /** `interval` of each `interval + space`. An interval alone is NetFlow's: one of so many. */
  private spaced(interval: number, space: number): number {
    const taken = this.values.get(interval) ?? 0;
    const left = this.values.get(space);
    return left === undefined ? taken : ratio(taken + left, taken);
  }
}

const ratio = (of: number, taken: number): number => (taken > 0 ? Math.round(of / taken) : 0);

/** An unsigned number of 1 to 8 bytes; the first eight of a longer one. */
function unsigned(s: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = at, end = at + Math.min(length, 8); i < end; i++) value = value * 256 + s[i];
  return value;
}

/** A float64, or a float32 where the exporter has reduced its size (RFC 7011 section 6.2). */
function float(s: Uint8Array, at: number, length: number): number {
  const view = new DataView(s.buffer, s.byteOffset + at, length);
  return length === 8 ? view.getFloat64(0) : length === 4 ? view.getFloat32(0) : 0;
}
