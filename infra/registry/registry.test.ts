import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { hasCode } from '../errors';
import type { Configuration } from '../config/configuration';
import { dataSection } from '../config/data';
import type { Key, Section } from '../config/section';
import { kafkaSection } from '../log/settings';
import { ConfluentRegistry } from './confluent';
import { EmbeddedRegistry } from './embedded';
import type { RegistryValues } from './http';
import { openRegistry } from './open';
import type { SchemaRegistry } from './registry';
import { registrySection } from './settings';

/** A configuration of defaults with some values set. */
const configuration = (set: Record<string, Record<string, unknown>>): Configuration =>
  ({
    get: (section: Section<Record<string, Key<unknown>>>) =>
      Object.fromEntries(Object.entries(section.keys).map(([name, key]) => [name, set[section.name]?.[name] ?? key.default])),
    hash: () => '',
  }) as Configuration;

const values = (set: Partial<RegistryValues>): RegistryValues => ({ ...configuration({}).get(registrySection), retries: 0, ...set });

const url = process.env['NETWEAVER_TEST_REGISTRY'];
const folders: string[] = [];
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'netweaver-registry-'));
  folders.push(path);
  return path;
};
afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));

/** A schema of a record with these fields. `run` makes subjects and names that no earlier run has used. */
const run = `r${Date.now().toString(36)}${process.pid}`;
const field = (name: string, type: unknown, initial?: unknown): Record<string, unknown> => (initial === undefined ? { name, type } : { name, type, default: initial });
const schemaOf = (name: string, ...fields: Record<string, unknown>[]): string => JSON.stringify({ type: 'record', name, namespace: run, doc: 'One.', fields });

const implementations: readonly (readonly [string, () => SchemaRegistry, boolean])[] = [
  ['embedded', () => new EmbeddedRegistry(folder()), true],
  [url === undefined ? 'server (needs NETWEAVER_TEST_REGISTRY)' : 'server', () => new ConfluentRegistry(values({ url: url ?? '' })), url !== undefined],
];

for (const [kind, open, available] of implementations) {
  const whenAvailable = available ? describe : describe.skip;
  whenAvailable(`the registry: ${kind}`, () => {
    let registry: SchemaRegistry;
    beforeAll(() => {
      registry = open();
    });
    afterAll(() => registry.close());

    test('gives a schema one id, however often it is registered', async () => {
      const schema = schemaOf('Once', field('a', 'long'));
      const id = await registry.register(`${run}.once-value`, schema);
      expect(id).toBeGreaterThan(0);
      expect(await registry.register(`${run}.once-value`, schema)).toBe(id);
    });

    test('gives one schema the same id under two subjects, and another schema another', async () => {
      const schema = schemaOf('Shared', field('a', 'long'));
      const id = await registry.register(`${run}.left-value`, schema);
      expect(await registry.register(`${run}.right-value`, schema)).toBe(id);
      expect(await registry.register(`${run}.other-value`, schemaOf('Other', field('a', 'long')))).not.toBe(id);
    });

    test('returns the text behind an id as it was sent, with documentation and logical types', async () => {
      const schema = schemaOf('Text', { name: 'time', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When; milliseconds.' }, { name: 'addr', type: { type: 'bytes', logicalType: 'ip-address' } });
      const id = await registry.register(`${run}.text-value`, schema);
      expect(JSON.parse(await registry.schema(id))).toEqual(JSON.parse(schema));
    });

    test('takes a new field with a default', async () => {
      const subject = `${run}.grow-value`;
      const first = await registry.register(subject, schemaOf('Grow', field('a', 'long')));
      const second = await registry.register(subject, schemaOf('Grow', field('a', 'long'), field('b', 'long', 0)));
      expect(second).not.toBe(first);
      expect(await registry.register(subject, schemaOf('Grow', field('a', 'long')))).toBe(first);
    });

    test('refuses a new field without a default, and registers nothing', async () => {
      const subject = `${run}.break-value`;
      await registry.register(subject, schemaOf('Break', field('a', 'long')));
      const broken = schemaOf('Break', field('a', 'long'), field('b', 'long'));
      await expect(registry.register(subject, broken)).rejects.toMatchObject({ code: 'NW_SCHEMA_INCOMPATIBLE' });
      await expect(registry.register(subject, broken)).rejects.toMatchObject({ code: 'NW_SCHEMA_INCOMPATIBLE' });
    });

    test('holds a schema against every version before it, not only the last', async () => {
      const subject = `${run}.chain-value`;
      await registry.register(subject, schemaOf('Chain', field('a', 'long')));
      await registry.register(subject, schemaOf('Chain', field('a', 'long'), field('b', 'long', 0)));
      // Readable from the second version, which has b, but not from the first.
      await expect(registry.register(subject, schemaOf('Chain', field('a', 'long'), field('b', 'long')))).rejects.toMatchObject({ code: 'NW_SCHEMA_INCOMPATIBLE' });
    });

    test('refuses what is no schema', async () => {
      await expect(registry.register(`${run}.bad-value`, '{"type":"recurd"}')).rejects.toMatchObject({ code: 'NW_SCHEMA_INCOMPATIBLE' });
      await expect(registry.register(`${run}.bad-value`, 'nothing')).rejects.toMatchObject({ code: 'NW_SCHEMA_INCOMPATIBLE' });
    });

    test('says that it does not know an id', async () => {
      await expect(registry.schema(2_000_000_000)).rejects.toMatchObject({ code: 'NW_SCHEMA_UNKNOWN' });
    });
  });
}

describe('the embedded registry', () => {
  test('keeps ids over a restart', async () => {
    const path = folder();
    const schema = schemaOf('Kept', field('a', 'long'));
    const before = new EmbeddedRegistry(path);
    await before.register('first-value', schemaOf('First', field('a', 'long')));
    const id = await before.register('kept-value', schema);
    await before.close();
    const after = new EmbeddedRegistry(path);
    expect(await after.register('kept-value', schema)).toBe(id);
    expect(await after.schema(id)).toBe(schema);
    await after.close();
  });

  test('gives threads that register at once the same ids for the same schemas', async () => {
    const path = folder();
    const code = `
      require(${JSON.stringify(join(__dirname, '../../bin/ts.cjs'))});
      const { EmbeddedRegistry } = require(${JSON.stringify(join(__dirname, 'embedded.ts'))});
      const { parentPort, workerData } = require('node:worker_threads');
      (async () => {
        const registry = new EmbeddedRegistry(workerData.path);
        const ids = [];
        for (const [subject, schema] of workerData.schemas) ids.push(await registry.register(subject, schema));
        await registry.close();
        parentPort.postMessage(ids);
      })();`;
    const schemas = Array.from({ length: 12 }, (_, i) => [`thread-${i}-value`, schemaOf(`Thread${i}`, field('a', 'long'))] as const);
    const orders = [schemas, [...schemas].reverse(), schemas];
    const answers = await Promise.all(
      orders.map(
        (order) =>
          new Promise<Map<string, number>>((resolve, reject) => {
            const worker = new Worker(code, { eval: true, workerData: { path, schemas: order } });
            worker.once('message', (ids: number[]) => resolve(new Map(order.map(([subject], i) => [subject, ids[i]]))));
            worker.once('error', reject);
          }),
      ),
    );
    expect(new Set(answers[0].values()).size).toBe(schemas.length);
    for (const answer of answers.slice(1)) expect(new Map([...answer].sort())).toEqual(new Map([...answers[0]].sort()));
  });

  test('says so where its folder cannot be used', () => {
    expect(() => new EmbeddedRegistry('/dev/null/registry')).toThrow(expect.objectContaining({ code: 'NW_REGISTRY_UNREACHABLE' }) as Error);
  });
});

describe('a registry server that fails', () => {
  /** Answers every request with a status, the first `refusals` times. */
  const serve = async (reply: (authorization: string | undefined, count: number) => readonly [number, unknown]): Promise<{ url: string; requests: () => number; close: () => void }> => {
    let count = 0;
    const server = createServer((request, response) => {
      const [status, body] = reply(request.headers.authorization, ++count);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => count, close: () => server.close() };
  };

  test('is unreachable where nothing listens', async () => {
    const gone = await serve(() => [200, {}]);
    gone.close();
    const registry = new ConfluentRegistry(values({ url: gone.url }));
    await expect(registry.register('a-value', schemaOf('A', field('a', 'long')))).rejects.toMatchObject({ code: 'NW_REGISTRY_UNREACHABLE' });
    await expect(registry.schema(1)).rejects.toMatchObject({ code: 'NW_REGISTRY_UNREACHABLE' });
    await registry.close();
  });

  test('is asked again, as often as configured', async () => {
    const server = await serve((_, count) => (count < 3 ? [503, { message: 'starting' }] : [200, { schema: '"long"' }]));
    const patient = new ConfluentRegistry(values({ url: server.url, retries: 2 }));
    expect(await patient.schema(7)).toBe('"long"');
    expect(server.requests()).toBe(3);
    expect(await patient.schema(7)).toBe('"long"');
    expect(server.requests()).toBe(3);
    await patient.close();
    server.close();
  });

  test('gets the user and the password, and its refusal is not retried', async () => {
    const server = await serve((authorization) => (authorization === `Basic ${Buffer.from('net:weaver').toString('base64')}` ? [200, { schema: '"long"' }] : [401, {}]));
    const allowed = new ConfluentRegistry(values({ url: server.url, user: 'net', password: 'weaver' }));
    expect(await allowed.schema(1)).toBe('"long"');
    const refused = new ConfluentRegistry(values({ url: server.url, retries: 5 }));
    await expect(refused.schema(1)).rejects.toMatchObject({ code: 'NW_REGISTRY_REFUSED' });
    expect(server.requests()).toBe(2);
    await Promise.all([allowed.close(), refused.close()]);
    server.close();
  });

  test('does not keep us for ever', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const registry = new ConfluentRegistry(values({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs: 100 }));
    await expect(registry.schema(1)).rejects.toMatchObject({ code: 'NW_REGISTRY_UNREACHABLE' });
    await registry.close();
    server.closeAllConnections();
    server.close();
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0;
const whenOpenssl = openssl ? describe : describe.skip;
whenOpenssl(openssl ? 'a registry behind TLS' : 'a registry behind TLS (needs openssl)', () => {
  test('is believed where its authority is given, and not otherwise', async () => {
    const path = folder();
    const [key, cert] = [join(path, 'key.pem'), join(path, 'cert.pem')];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert];
    expect(spawnSync('openssl', made).status).toBe(0);
    const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => void response.end('{"schema":"\\"long\\""}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const trusting = new ConfluentRegistry(values({ url, tlsCa: cert }));
    expect(await trusting.schema(1)).toBe('"long"');
    const wary = new ConfluentRegistry(values({ url }));
    await expect(wary.schema(1)).rejects.toMatchObject({ code: 'NW_REGISTRY_UNREACHABLE', message: expect.stringContaining('self-signed') as string });
    await Promise.all([trusting.close(), wary.close()]);
    server.close();
  });
});

describe('which registry is opened', () => {
  test('the embedded one in the data folder, without any address', async () => {
    const registry = await openRegistry(configuration({ [dataSection.name]: { dir: folder() } }));
    expect(registry).toBeInstanceOf(EmbeddedRegistry);
    await registry.close();
  });

  test('a server where there is an address', async () => {
    const registry = await openRegistry(configuration({ registry: { url: 'http://127.0.0.1:1' } }));
    expect(registry).toBeInstanceOf(ConfluentRegistry);
    await registry.close();
  });

  test.each([
    ['Kafka without a registry', { [kafkaSection.name]: { brokers: ['127.0.0.1:9092'] } }],
    ['an address that is none', { registry: { url: 'registry:8081' } }],
    ['an address with a password', { registry: { url: 'http://net:sesame@127.0.0.1:1' } }],
    ['a certificate that is not there', { registry: { url: 'https://127.0.0.1:1', tlsCa: '/nowhere/ca.pem' } }],
  ])('none for %s: a configuration error that names the key', async (_, set) => {
    const error = await openRegistry(configuration(set)).catch((reason: unknown) => reason);
    expect(hasCode(error, 'NW_CONFIG_INVALID')).toBe(true);
    expect((error as Error).message).toMatch(/^registry\.\w+: /);
    expect((error as Error).message).not.toContain('sesame');
  });
});
