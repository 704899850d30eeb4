import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetWeaverError } from '../infra/errors';
import { LoadedConfiguration } from '../infra/config/load';
import { ConfluentRegistry } from '../infra/registry/confluent';
import { EmbeddedRegistry } from '../infra/registry/embedded';
import { WIRE_PREFIX, writeWirePrefix } from '../infra/registry/registry';
import type { SchemaRegistry } from '../infra/registry/registry';
import { registrySection } from '../infra/registry/settings';
import { decodeInterfaceTraffic, encodeInterfaceTraffic, INTERFACE_TRAFFIC_SCHEMA, InterfaceTrafficColumns } from '../schemas';
import type { InterfaceTraffic } from '../schemas';
import { typeOf } from '../infra/registry/compatibility';
import { seeded } from '../schemas/random';
import { CATALOGUE, TRAFFIC_BY_INTERFACE } from './catalogue';
import { TopicCodec } from './codec';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-codec-'));
const NAME = 'traffic.by-interface';
let registry: EmbeddedRegistry;
let codec: TopicCodec<InterfaceTraffic>;

beforeAll(async () => {
  registry = new EmbeddedRegistry(folder);
  codec = await TopicCodec.open(TRAFFIC_BY_INTERFACE, NAME, registry);
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

const value: InterfaceTraffic = {
  windowStart: 1_700_000_000_000,
  windowMs: 60_000,
  sourcePartition: 3,
  rows: [
    { exporter: '192.0.2.1', ifIndex: 7, direction: 0, bytes: 2 ** 40, packets: 5, flows: 1 },
    { exporter: '2001:db8::1', ifIndex: 8, direction: 1, bytes: 10, packets: 6, flows: 2 },
  ],
};

interface Field {
  name: string;
  type: string | { items: { fields: Field[] } };
  doc: string;
  default?: unknown;
}

/** The present schema, changed. */
function changed(change: (fields: Field[], rows: Field[]) => void): string {
  const schema = JSON.parse(INTERFACE_TRAFFIC_SCHEMA) as { fields: Field[] };
  change(schema.fields, (schema.fields[3].type as { items: { fields: Field[] } }).items.fields);
  return JSON.stringify(schema);
}

/** A value framed with a schema that another program registered. */
async function written(schema: string, plain: unknown): Promise<Buffer> {
  const id = await registry.register(`other-${id0++}-value`, schema);
  const prefix = Buffer.alloc(WIRE_PREFIX);
  writeWirePrefix(prefix, id);
  return Buffer.concat([prefix, typeOf(schema).toBuffer(plain)]);
}
let id0 = 0;

const plainRows = value.rows.map((row) => ({ ...row, exporter: Buffer.from(row.exporter === '192.0.2.1' ? 'c0000201' : '20010db8000000000000000000000001', 'hex') }));
/** How the present program would read rows without their flows. */
const withoutFlows = { ...value, rows: value.rows.map((row) => ({ ...row, flows: 0 })) };

describe('the values of a topic', () => {
  test('are written with the id that the registry gave, and read again', async () => {
    const bytes = codec.encode(value);
    expect(bytes.readUInt32BE(1)).toBe(codec.schemaId);
    expect(await registry.schema(codec.schemaId)).toBe(INTERFACE_TRAFFIC_SCHEMA);
    expect(codec.isOwn(bytes)).toBe(true);
    expect(await codec.toOwn(bytes)).toBe(bytes);
    expect(await codec.decode(bytes)).toEqual(value);
  });

  test('are read where they were written with documentation that differs, as they are', async () => {
    const schema = changed((fields) => (fields[0].doc = 'Another word.'));
    const bytes = await written(schema, { ...value, rows: plainRows });
    expect(codec.isOwn(bytes)).toBe(false);
    expect(await codec.toOwn(bytes)).toBe(bytes);
    expect(codec.isOwn(bytes)).toBe(true);
  });

  test('are read where a later version has a field more', async () => {
    const schema = changed((_, rows) => rows.push({ name: 'drops', type: 'long', doc: 'Dropped; unit: packets.', default: 0 }));
    const bytes = await written(schema, { ...value, rows: plainRows.map((row) => ({ ...row, drops: 9 })) });
    expect(await codec.decode(bytes)).toEqual(value);
    const columns = new InterfaceTrafficColumns();
    columns.decode(await codec.toOwn(bytes));
    expect([...columns.rows.bytes.subarray(0, 2)]).toEqual([2 ** 40, 10]);
  });

  test('are read where an earlier version has a field less, which takes its default', async () => {
    const grown = changed((_, rows) => (rows[5].default = 0));
    const earlier = changed((_, rows) => rows.pop());
    const reader = await TopicCodec.open({ ...TRAFFIC_BY_INTERFACE, record: { ...TRAFFIC_BY_INTERFACE.record, schema: grown } }, 'grown', registry);
    const bytes = await written(earlier, { ...value, rows: plainRows.map(({ exporter, ifIndex, direction, bytes, packets }) => ({ exporter, ifIndex, direction, bytes, packets })) });
    const own = await reader.toOwn(bytes);
    expect(own.readUInt32BE(1)).toBe(reader.schemaId);
    expect(decodeInterfaceTraffic(own)).toEqual(withoutFlows);
  });

  test('are read without registering anything', async () => {
    const reader = TopicCodec.forReading(TRAFFIC_BY_INTERFACE, registry);
    expect(await reader.decode(codec.encode(value))).toEqual(value);
    expect(reader.isOwn(codec.encode(value))).toBe(true);
  });
});

const url = process.env['NETWEAVER_TEST_REGISTRY'];
const registries: readonly (readonly [string, () => SchemaRegistry, boolean])[] = [
  ['the embedded registry', () => new EmbeddedRegistry(join(folder, 'all')), true],
  [url === undefined ? 'a registry server (needs NETWEAVER_TEST_REGISTRY)' : 'a registry server', () => new ConfluentRegistry({ ...new LoadedConfiguration([], {}).get(registrySection), url: url ?? '' }), url !== undefined],
];
for (const [name, open, available] of registries) {
  const whenAvailable = available ? test : test.skip;
  whenAvailable(`every topic of the catalogue registers its schema at ${name}, which gives it back as it is`, async () => {
    const server = open();
    for (const topic of CATALOGUE) {
      const { schemaId } = await TopicCodec.open(topic, `codec-test.${topic.name}`, server);
      expect(await server.schema(schemaId)).toBe(topic.record.schema);
    }
    await server.close();
  });
}

describe('values that cannot be read', () => {
  test('an id that the registry does not know: NW_SCHEMA_UNKNOWN, asked for once in a while', async () => {
    let asked = 0;
    const counting: SchemaRegistry = { register: (subject, schema) => registry.register(subject, schema), schema: (id) => (asked++, registry.schema(id)), close: async () => undefined };
    const own = await TopicCodec.open(TRAFFIC_BY_INTERFACE, NAME, counting);
    const bytes = encodeInterfaceTraffic(value, 987_654);
    for (let i = 0; i < 3; i++) await expect(own.decode(bytes)).rejects.toMatchObject({ code: 'NW_SCHEMA_UNKNOWN' });
    expect(asked).toBe(1);
  });

  test('a schema from which no way leads to ours: NW_SCHEMA_UNKNOWN', async () => {
    const bytes = await written('{"type":"record","name":"Other","fields":[{"name":"a","type":"long"}]}', { a: 1 });
    await expect(codec.decode(bytes)).rejects.toMatchObject({ code: 'NW_SCHEMA_UNKNOWN' });
  });

  test('no prefix: NW_SCHEMA_MALFORMED', async () => {
    await expect(codec.decode(Buffer.from('hello, world'))).rejects.toMatchObject({ code: 'NW_SCHEMA_MALFORMED' });
    await expect(codec.decode(Buffer.alloc(0))).rejects.toMatchObject({ code: 'NW_SCHEMA_MALFORMED' });
  });

  test('a registry that is away is not the fault of the value', async () => {
    const away = new NetWeaverError('NW_REGISTRY_UNREACHABLE', 'away');
    const broken = TopicCodec.forReading(TRAFFIC_BY_INTERFACE, { register: () => Promise.reject(away), schema: () => Promise.reject(away), close: async () => undefined });
    await expect(broken.decode(encodeInterfaceTraffic(value, 5))).rejects.toBe(away);
  });

  test('mutated values of another version are refused or read, and never hang', async () => {
    const schema = changed((_, rows) => rows.push({ name: 'mutants', type: 'long', doc: 'More; no unit.', default: 0 }));
    const bytes = await written(schema, { ...value, rows: plainRows.map((row) => ({ ...row, mutants: 9 })) });
    const random = seeded(9);
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const mutant = Buffer.from(bytes);
      for (let changes = 0; changes < 3; changes++) mutant[WIRE_PREFIX + Math.floor(random() * (mutant.length - WIRE_PREFIX))] = random() < 0.5 ? 255 : Math.floor(random() * 256);
      try {
        await codec.decode(mutant);
      } catch (error) {
        expect((error as NetWeaverError).code).toBe('NW_SCHEMA_MALFORMED');
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });

  test('a count that avsc would believe', async () => {
    const schema = changed((_, rows) => rows.push({ name: 'bomb', type: 'long', doc: 'More; no unit.', default: 0 }));
    const good = await written(schema, { ...value, rows: [] });
    const lie = Buffer.concat([good.subarray(0, good.length - 1), Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0x7f])]);
    await expect(codec.decode(lie)).rejects.toMatchObject({ code: 'NW_SCHEMA_MALFORMED' });
  });
});
