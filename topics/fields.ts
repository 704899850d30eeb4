/** The fields of a record for people: one row each, those of an array's rows after it. */
import type { FieldModel, FieldType } from '../schemas/generator/model';
import { record } from '../schemas/generator/model';
import type { AvroJson } from '../schemas/generator/model';
import type { Topic } from './catalogue';

/** A field as shown. `field` is its path, e.g. `flows[].srcAddr`. */
export interface FieldRow extends Record<string, unknown> {
  readonly field: string;
  readonly type: string;
  readonly doc: string;
}

function typeText(type: FieldType): string {
  if (type.kind === 'array') return `array of ${type.of.name}`;
  if (type.kind === 'optional') return `${typeText(type.of)} or null`;
  if (type.kind === 'enum') return type.symbols.join(' | ');
  return type.kind === 'ip' ? 'address' : type.kind;
}

const rows = (fields: readonly FieldModel[], path: string): FieldRow[] =>
  fields.flatMap(({ name, type, doc }) => [{ field: path + name, type: typeText(type), doc }, ...(type.kind === 'array' ? rows(type.of.fields, `${path}${name}[].`) : [])]);

/** The fields of a topic's record. */
export const fieldsOf = (topic: Topic): FieldRow[] => rows(record(JSON.parse(topic.record.schema) as AvroJson).fields, '');
