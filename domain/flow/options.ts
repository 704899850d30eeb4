/** Options data (RFC 3954 section 6.1, RFC 7011 section 3.4.2.2): what an exporter tells about itself, its interfaces and samplers. */
import { fieldName, IE, VARIABLE } from './elements';
import type { Elements } from './elements/registry';
import { valueOf, type ElementValue } from './elements/value';
import type { Template } from './template';
import type { Domain } from './template-cache';

/** A field's value, by its element's type. */
export type OptionValue = ElementValue;

const V9_SCOPE_INTERFACE = 2;

/** Reads options records; one is filled again and again. */
export class OptionsRecord {
  private readonly at: number[] = [];
  private readonly lengths: number[] = [];
  private template!: Template;

  constructor(private readonly elements: Elements) {}

  /** Finds the fields of the record at `at`; returns its end, or -1 where it runs over `end`. */
  locate(template: Template, s: Uint8Array, at: number, end: number): number {
    this.template = template;
    const { fields } = template;
    for (let i = 0; i < fields.length; i++) {
      let { length } = fields[i];
      if (length === VARIABLE) {
        if (at >= end) return -1;
        length = s[at++];
        if (length === 255) {
          if (at + 2 > end) return -1;
          length = (s[at] << 8) | s[at + 1];
          at += 2;
        }
      }
      if (at + length > end) return -1;
      this.at[i] = at;
      this.lengths[i] = length;
      at += length;
    }
    return at;
  }

  /** Learns sampling rates and the time of the exporter's start. */
  learn(domain: Domain, s: Uint8Array, v9: boolean): void {
    let interval = 0;
    let space = 0;
    let size = 0;
    let population = 0;
    let rate = 0;
    let sampler = -1;
    let port = -1;
    this.template.fields.forEach((field, i) => {
      if (field.enterprise !== 0) return;
      const value = this.number(s, i);
      if (v9 && field.scope) {
        if (field.id === V9_SCOPE_INTERFACE) port = value;
        return;
      }
      switch (field.id) {
        case IE.samplingInterval:
        case IE.samplerRandomInterval:
          rate ||= value;
          break;
        case IE.samplingPacketInterval:
          interval = value;
          break;
        case IE.samplingPacketSpace:
          space = value;
          break;
        case IE.samplingSize:
          size = value;
          break;
        case IE.samplingPopulation:
          population = value;
          break;
        case IE.samplerId:
        case IE.selectorId:
          if (sampler < 0) sampler = value;
          break;
        case IE.ingressInterface:
          if (field.scope) port = value;
          break;
        case IE.systemInitTimeMilliseconds:
          if (value > 0) domain.bootMs = value;
      }
    });
    rate ||= this.composed(interval, space, size, population);
    if (rate <= 0) return;
    if (sampler >= 0) domain.rates.learnSampler(sampler, rate);
    else if (port > 0) domain.rates.learnInterface(port, rate);
    else domain.rates.learnDomain(rate);
  }

  /** RFC 5477: `interval` packets of each `interval + space`, or `size` of each `population`. An interval alone is NetFlow's: one of so many. */
  private composed(interval: number, space: number, size: number, population: number): number {
    const hasSpace = this.template.fields.some(({ id, enterprise }) => id === IE.samplingPacketSpace && enterprise === 0);
    if (interval > 0) return hasSpace ? Math.round((interval + space) / interval) : interval;
    return size > 0 ? Math.round(population / size) : 0;
  }

  private number(s: Uint8Array, i: number): number {
    let value = 0;
    for (let at = this.at[i], end = at + Math.min(this.lengths[i], 8); at < end; at++) value = value * 256 + s[at];
    return value;
  }

  /** The record's fields by name, for people. */
  values(s: Uint8Array, v9: boolean): Record<string, OptionValue> {
    const values: Record<string, OptionValue> = {};
    this.template.fields.forEach((field, i) => {
      const name = fieldName(this.elements, field, v9);
      if (name in values) return;
      const type = v9 && field.scope ? undefined : this.elements.of(field.enterprise, field.id)?.type;
      values[name] = valueOf(type, s, this.at[i], this.lengths[i]);
    });
    return values;
  }
}
