import Ajv from 'ajv';
import specification from '@asyncapi/specs/schemas/3.0.0-without-$id.json';
import { typeOf } from '../infra/registry/compatibility';
import { asyncApi } from './asyncapi';
import { CATALOGUE } from './catalogue';

const document = asyncApi('1.2.3') as {
  channels: Record<string, { messages: Record<string, { $ref: string }> }>;
  operations: Record<string, { action: string; channel: { $ref: string }; messages: { $ref: string }[] }>;
  components: { schemas: Record<string, { schemaFormat?: string; schema?: object }> };
};

/** Everything that a reference of the document points at must be there. */
const resolve = (pointer: string): unknown =>
  pointer
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);

test('the AsyncAPI document is one, by the specification of 3.0.0', () => {
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(specification as object);
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  const broken = { ...document, operations: { x: { action: 'shout', channel: {} } } };
  expect(validate(broken)).toBe(false);
});

test('every reference in it leads somewhere', () => {
  const pointers = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
  expect(pointers.length).toBeGreaterThan(3 * CATALOGUE.length);
  expect(pointers.filter((pointer) => resolve(pointer) === undefined)).toEqual([]);
});

test('every topic is a channel, with its writers and readers as operations and its schema as avsc reads it', () => {
  expect(Object.keys(document.channels)).toEqual(CATALOGUE.map(({ name }) => name));
  for (const { name, record, writers } of CATALOGUE) {
    const own = Object.values(document.operations).filter((operation) => operation.channel.$ref === `#/channels/${name}`);
    // Commands of people are not programs that run.
    const programs = writers.filter((writer) => !writer.startsWith('other programs') && !writer.startsWith('`'));
    expect(own.filter(({ action }) => action === 'send').length).toBe(programs.length);
    const { schema } = document.components.schemas[record.name.split('.').at(-1) as string];
    expect(typeOf(JSON.stringify(schema)).equals(typeOf(record.schema))).toBe(true);
  }
});
