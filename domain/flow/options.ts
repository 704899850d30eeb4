/** Options data (RFC 3954 section 6.1, RFC 7011 section 3.4.2.2): what an exporter tells about itself, its interfaces and samplers. */
import { fieldName } from './elements';
import type { Elements } from './elements/registry';
import { valueOf, type ElementValue } from './elements/value';
import { FieldPositions } from './field-positions';
import { OptionsRates } from './options-rates';
import type { Template } from './template';
import type { Domain } from './template-cache';

/** A field's value, by its element's type. */
export type OptionValue = ElementValue;

/** Reads options records; one is filled again and again. */
export class OptionsRecord {
  private readonly positions = new FieldPositions();
  private template!: Template;
  private readonly rates = new OptionsRates();

  constructor(private readonly elements: Elements) {}

  /** Finds the fields of the record at `at`; returns its end, or -1 where it runs over `end`. */
  locate(template: Template, s: Uint8Array, at: number, end: number): number {
    this.template = template;
    return this.positions.locate(template.fields, s, at, end);
  }

  /** Learns sampling rates and the time of the exporter's start. */
  learn(domain: Domain, s: Uint8Array, v9: boolean): void {
    this.rates.learn({ fields: this.template.fields, at: this.positions.at, lengths: this.positions.lengths }, s, v9, domain);
  }

  /** The record's fields by name, for people. */
  values(s: Uint8Array, v9: boolean): Record<string, OptionValue> {
    const { at, lengths } = this.positions;
    const values: Record<string, OptionValue> = {};
    this.template.fields.forEach((field, i) => {
      const name = fieldName(this.elements, field, v9);
      if (name in values) return;
      const type = v9 && field.scope ? undefined : this.elements.of(field.enterprise, field.id)?.type;
      values[name] = valueOf(type, s, at[i], lengths[i]);
    });
    return values;
  }
}
