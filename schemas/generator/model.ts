/**
 * The part of Avro that NetWeaver's schemas use, read into a model that the writers of code walk over: a record of
 * scalars, of optional scalars (`["null", …]`), of maps of strings, of optional records of these, and of arrays of records of
 * scalars and optional records. Anything else is refused here.
 */

/** A value without parts. */
export type Scalar =
  | { readonly kind: 'int' | 'long' | 'double' | 'boolean' | 'string' | 'bytes' | 'ip' }
  | { readonly kind: 'enum'; readonly name: string; readonly doc: string; readonly symbols: readonly string[] };

/** What a field holds. A `part` is an optional record (`["null", record]`), a `map` one of strings. */
export type FieldType = Scalar | { readonly kind: 'map' } | { readonly kind: 'optional'; readonly of: Scalar } | { readonly kind: 'part'; readonly of: RecordModel } | { readonly kind: 'array'; readonly of: RecordModel };

/** A field. */
export interface FieldModel {
  readonly name: string;
  readonly doc: string;
  readonly type: FieldType;
}

/** A record. */
export interface RecordModel {
  readonly name: string;
  readonly doc: string;
  readonly fields: readonly FieldModel[];
}

/** A field of a row that is a column of its own. */
export interface ScalarField extends FieldModel {
  readonly type: Scalar;
}

/** A field of a row that stays bytes: an optional record. */
export interface PartField extends FieldModel {
  readonly type: { readonly kind: 'part'; readonly of: RecordModel };
}

/** Parsed JSON of a schema. */
export type AvroJson = string | readonly AvroJson[] | { readonly [key: string]: unknown };

const refuse = (where: string, type: unknown): never => {
  throw new Error(`${where}: the generator does not know ${JSON.stringify(type)}`);
};

function scalar(type: AvroJson, where: string): Scalar {
  if (type === 'int' || type === 'long' || type === 'double' || type === 'boolean' || type === 'string' || type === 'bytes') return { kind: type };
  if (typeof type === 'string' || Array.isArray(type)) return refuse(where, type);
  const { type: base, logicalType, name, doc, symbols } = type as Record<string, unknown>;
  if (base === 'bytes' && logicalType === 'ip-address') return { kind: 'ip' };
  if (base === 'long' && logicalType === 'timestamp-millis') return { kind: 'long' };
  if (base === 'enum') return { kind: 'enum', name: String(name), doc: String(doc ?? ''), symbols: symbols as string[] };
  return refuse(where, type);
}

function fieldType(type: AvroJson, where: string): FieldType {
  if (Array.isArray(type)) {
    if (type.length !== 2 || type[0] !== 'null') return refuse(where, type);
    const [, inner] = type as readonly AvroJson[];
    if (typeof inner === 'object' && 'type' in inner && inner.type === 'record') return { kind: 'part', of: record(inner) };
    return { kind: 'optional', of: scalar(type[1], where) };
  }
  if (typeof type === 'object' && 'type' in type && type.type === 'array') return { kind: 'array', of: record((type as { items: AvroJson }).items) };
  if (typeof type === 'object' && 'type' in type && type.type === 'map') return type.values === 'string' ? { kind: 'map' } : refuse(where, type);
  return scalar(type, where);
}

/** The model of a record's schema. @throws Error what the generator does not know. */
export function record(schema: AvroJson): RecordModel {
  const { type, name, doc, fields } = schema as Record<string, unknown>;
  if (type !== 'record') return refuse(String(name), schema);
  return {
    name: String(name),
    doc: String(doc ?? ''),
    fields: (fields as { name: string; doc?: string; type: AvroJson }[]).map((field) => ({
      name: field.name,
      doc: field.doc ?? '',
      type: fieldType(field.type, `${String(name)}.${field.name}`),
    })),
  };
}

/** The arrays of a record, each with the record that it holds. */
export const arraysOf = (model: RecordModel): { readonly field: FieldModel; readonly row: RecordModel }[] =>
  model.fields.flatMap((field) => (field.type.kind === 'array' ? [{ field, row: field.type.of }] : []));

/** The records within a record, those that others need before these. */
export const recordsOf = (model: RecordModel): RecordModel[] => model.fields.flatMap(({ type }) => (type.kind === 'array' || type.kind === 'part' ? [...recordsOf(type.of), type.of] : []));

/** The enumerations of a record and of the records within. */
export const enumsOf = (model: RecordModel): Extract<Scalar, { kind: 'enum' }>[] =>
  model.fields.flatMap(({ type }) => {
    if (type.kind === 'array' || type.kind === 'part') return enumsOf(type.of);
    const inner = type.kind === 'optional' ? type.of : type;
    return inner.kind === 'enum' ? [inner] : [];
  });

/** The fields of a row of columns. @throws Error where one is neither a scalar nor a part, or bytes. */
export function rowFields(row: RecordModel): readonly (ScalarField | PartField)[] {
  return row.fields.map((field) => {
    const { kind } = field.type;
    if (kind === 'optional' || kind === 'array' || kind === 'map' || kind === 'bytes') return refuse(`${row.name}.${field.name} as a column`, kind);
    return field as ScalarField | PartField;
  });
}

/** True for a part of a row. */
export const isPart = (field: ScalarField | PartField): field is PartField => field.type.kind === 'part';

const MIN_BYTES: Record<Scalar['kind'] | 'part', number> = { int: 1, long: 1, double: 8, boolean: 1, string: 1, bytes: 1, ip: 1, enum: 1, part: 1 };
const MAX_BYTES: Record<Scalar['kind'] | 'part', number> = { int: 5, long: 8, double: 8, boolean: 1, string: 8, bytes: 8, ip: 17, enum: 5, part: 1 };

/** Fewest bytes that a row can take: what a count is held against. */
export const minRowBytes = (row: RecordModel): number => rowFields(row).reduce((sum, { type }) => sum + MIN_BYTES[type.kind], 0);

/** Most bytes that a row can take, the texts of strings and what is in parts left out. */
export const maxRowBytes = (row: RecordModel): number => rowFields(row).reduce((sum, { type }) => sum + MAX_BYTES[type.kind], 0);

/** `HostTraffic` → `HOST_TRAFFIC`. */
export const upperCase = (name: string): string => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase();
