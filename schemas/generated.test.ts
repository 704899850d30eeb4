import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readWireSchemaId, WIRE_PREFIX } from '../infra/registry/registry';
import { NetWeaverError } from '../infra/errors';
import * as schemas from '.';
import type { RecordType } from './avro';
import { typeOf } from '../infra/registry/compatibility';
import { generate, schemaFiles } from './generate';
import { arraysOf, record } from './generator/model';
import type { FieldType, RecordModel } from './generator/model';
import { IP_ROW, parseIpRow } from './ip';
import { RandomValues, seeded } from './random';

const ROOT = join(__dirname, '..');
const ID = 0x01020304;

/** Columns as every batch class has them. */
interface Columns {
  decode(value: Uint8Array): void;
  bytes: Buffer;
  [member: string]: unknown;
}
interface Rows {
  length: number;
  rowStart: Int32Array;
  at(row: number): unknown;
}

const exported = schemas as unknown as Record<string, unknown>;
const files = schemaFiles(ROOT);
const cases = files.map(({ path, schema }) => {
  const model = record(schema);
  const type = (Object.values(exported) as Partial<RecordType<unknown>>[]).find((candidate) => candidate.name?.endsWith(`.${model.name}`) === true) as RecordType<unknown>;
  return { path, model, type };
});
const batches = cases
  .filter(({ model }) => arraysOf(model).length > 0)
  .map(({ model, type }) => ({
    model,
    type,
    make: () => new (exported[`${model.name}Columns`] as new () => Columns)(),
    encode: exported[`encode${model.name}Columns`] as (columns: Columns, id: number) => Buffer,
  }));

/** A value as avsc takes it: addresses as bytes. */
function forAvsc(value: unknown, type: FieldType | { kind: 'record'; of: RecordModel }): unknown {
  if (type.kind === 'record') return Object.fromEntries(type.of.fields.map((field) => [field.name, forAvsc((value as Record<string, unknown>)[field.name], field.type)]));
  if (type.kind === 'array') return (value as unknown[]).map((row) => forAvsc(row, { kind: 'record', of: type.of }));
  if (type.kind === 'part') return value === null ? null : forAvsc(value, { kind: 'record', of: type.of });
  if (type.kind !== 'ip') return value;
  const text = value as string;
  if (text === '') return Buffer.alloc(0);
  const row = Buffer.alloc(IP_ROW);
  parseIpRow(text, row);
  return text.includes(':') ? row : row.subarray(12);
}

const rowsOf = (columns: Columns, name: string): Rows => columns[name] as Rows;

/** The value that columns hold, as an object. */
const asObject = (columns: Columns, model: RecordModel): Record<string, unknown> =>
  Object.fromEntries(model.fields.map(({ name, type }) => [name, type.kind === 'array' ? Array.from({ length: rowsOf(columns, name).length }, (_, row) => rowsOf(columns, name).at(row)) : columns[name]]));

describe('generated files', () => {
  test.each([...generate(ROOT)])('%s is what the generator makes now', (path, text) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text);
  });

  test('there is none whose schema is gone', () => {
    const made = [...generate(ROOT).keys()].filter((path) => path.startsWith('schemas/generated/'));
    expect(readdirSync(join(__dirname, 'generated')).sort()).toEqual(made.map((path) => path.replace('schemas/generated/', '')).sort());
  });
});

describe.each(cases)('$path as objects', ({ model, type }) => {
  const avsc = typeOf(type.schema);

  test('encodes the bytes that avsc encodes, behind the prefix, and decodes them to the same value', () => {
    const values = new RandomValues(seeded(1));
    for (let i = 0; i < 200; i++) {
      const value = values.record(model);
      const bytes = type.encode(value, ID);
      expect(readWireSchemaId(bytes)).toBe(ID);
      expect(bytes.subarray(WIRE_PREFIX).equals(avsc.toBuffer(forAvsc(value, { kind: 'record', of: model })))).toBe(true);
      expect(isDeepStrictEqual(type.decode(bytes), value)).toBe(true);
    }
  });

  test('refuses a value without the prefix, one that ends early and one with bytes behind it', () => {
    const bytes = type.encode(new RandomValues(seeded(2)).record(model), ID);
    const refused = expect.objectContaining({ code: 'NW_SCHEMA_MALFORMED' }) as Error;
    expect(() => type.decode(bytes.subarray(WIRE_PREFIX + 1))).toThrow(refused);
    expect(() => type.decode(Buffer.alloc(0))).toThrow(refused);
    expect(() => type.decode(bytes.subarray(0, bytes.length - 1))).toThrow(refused);
    expect(() => type.decode(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(refused);
  });
});

describe.each(batches)('$type.name as columns', ({ model, type, make, encode }) => {
  test('holds the same value as the object, and encodes the same bytes', () => {
    const values = new RandomValues(seeded(3), 200);
    const columns = make();
    for (let i = 0; i < 100; i++) {
      const value = values.record(model);
      const bytes = type.encode(value, ID);
      columns.decode(bytes);
      expect(isDeepStrictEqual(asObject(columns, model), value)).toBe(true);
      expect(encode(columns, ID).equals(bytes)).toBe(true);
    }
  });

  test('tells where each row lies in its bytes', () => {
    const values = new RandomValues(seeded(4), 50);
    const many = Array.from({ length: 5 }, () => values.record(model));
    const value = { ...many[0], ...Object.fromEntries(arraysOf(model).map(({ field }) => [field.name, many.flatMap((one) => one[field.name])])) };
    for (const { field, row } of arraysOf(model)) {
      const single = { ...value, ...Object.fromEntries(arraysOf(model).map((other) => [other.field.name, []])) };
      const rows = value[field.name] as unknown[];
      expect(rows.length).toBeGreaterThan(0);
      const columns = make();
      columns.decode(type.encode(value, ID));
      const { rowStart } = rowsOf(columns, field.name);
      rows.forEach((item, i) => {
        // A batch of this row alone: count 1 before it, end of the array after it.
        const alone = type.encode({ ...single, [field.name]: [item] }, ID);
        const none = type.encode(single, ID);
        const own = columns.bytes.subarray(rowStart[i], rowStart[i + 1]);
        expect(alone.length).toBe(none.length + 1 + own.length);
        expect(alone.includes(own)).toBe(true);
      });
      expect(row.fields.length).toBeGreaterThan(0);
    }
  });

  test('never crashes, hangs or keeps rows on mutated bytes, and agrees with the decoder of objects', () => {
    const random = seeded(5);
    const values = new RandomValues(random, 10);
    const columns = make();
    let refused = 0;
    for (let i = 0; i < 2500; i++) {
      const bytes = type.encode(values.record(model), ID);
      for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) bytes[WIRE_PREFIX + Math.floor(random() * (bytes.length - WIRE_PREFIX))] = random() < 0.5 ? 255 : Math.floor(random() * 256);
      const cut = random() < 0.2 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
      let object: unknown;
      try {
        object = type.decode(cut);
      } catch (error) {
        expect((error as NetWeaverError).code).toBe('NW_SCHEMA_MALFORMED');
        refused++;
        expect(() => columns.decode(cut)).toThrow(NetWeaverError);
        for (const { field } of arraysOf(model)) expect(rowsOf(columns, field.name).length).toBe(0);
        continue;
      }
      columns.decode(cut);
      expect(isDeepStrictEqual(asObject(columns, model), object)).toBe(true);
    }
    expect(refused).toBeGreaterThan(300);
  });
});
