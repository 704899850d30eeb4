import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { incompatibility } from '../infra/registry/compatibility';
import { historyOf, schemaFiles } from './generate';
import { enumsOf, record } from './generator/model';
import type { FieldModel, FieldType } from './generator/model';

const ROOT = join(__dirname, '..');
const files = schemaFiles(ROOT).map(({ path, schema }) => ({ path, schema, text: readFileSync(join(ROOT, 'schemas', path), 'utf8'), versions: historyOf(ROOT, path) }));

describe.each(files)('$path', ({ schema, text, versions }) => {
  test('is its newest version (npm run generate:versions keeps a changed one)', () => {
    expect(versions.at(-1)).toBe(text);
  });

  test('reads, in every version, what all versions before it wrote', () => {
    versions.forEach((reader, i) => expect(incompatibility(reader, versions.slice(0, i))).toBeNull());
  });

  test('says of every field what it means, and of every number its unit', () => {
    const without: string[] = [];
    const check = (fields: readonly FieldModel[]): void =>
      fields.forEach(({ name, doc, type }) => {
        if (type.kind === 'array') check(type.of.fields);
        const inner: FieldType = type.kind === 'optional' ? type.of : type;
        const isNumber = inner.kind === 'int' || inner.kind === 'long' || inner.kind === 'double';
        if (isNumber ? !/unit: [a-z]|no unit|in milliseconds since the epoch/.test(doc) : doc.length < 5) without.push(name);
      });
    const model = record(schema);
    check(model.fields);
    expect(without).toEqual([]);
    expect(model.doc).not.toBe('');
    for (const { doc } of enumsOf(model)) expect(doc).not.toBe('');
  });
});

describe('the rule of compatibility', () => {
  const of = (...fields: object[]): string => JSON.stringify({ type: 'record', name: 'R', fields });
  const a = { name: 'a', type: 'long' };

  test.each([
    ['a new field with a default', of(a, { name: 'b', type: 'int', default: 0 }), [of(a)], true],
    ['a new field without one', of(a, { name: 'b', type: 'int' }), [of(a)], false],
    ['a field taken away', of(a), [of(a, { name: 'b', type: 'int' })], true],
    ['a field renamed', of({ name: 'c', type: 'long' }), [of(a)], false],
    ['a number made narrower', of({ name: 'a', type: 'int' }), [of(a)], false],
    ['a number made wider', of(a), [of({ name: 'a', type: 'int' })], true],
    ['the last version alone', of(a, { name: 'b', type: 'int' }), [of(a), of(a, { name: 'b', type: 'int', default: 0 })], false],
  ])('%s', (_, reader, writers, allowed) => {
    expect(incompatibility(reader, writers) === null).toBe(allowed);
  });
});
