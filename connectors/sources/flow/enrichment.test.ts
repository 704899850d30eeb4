import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mmdbOf } from '../../../domain/enrich/mmdb-fixture';
import { addressBytes } from '../../../domain/flow/prefix';
import { dataSection } from '../../../infra/config/data';
import { loadConfiguration } from '../../../infra/config/load';
import { openTelemetry } from '../../../infra/telemetry/open';
import { telemetrySection } from '../../../infra/telemetry/settings';
import { admissionOf, anonymiserOf } from './admission';
import { Enrichment, enrichSection } from './enrichment';
import { collectorSection } from './settings';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-enrich-'));
const path = (name: string): string => join(folder, name);
const load = (enrich: Record<string, unknown>) =>
  loadConfiguration({ sections: [dataSection, telemetrySection, enrichSection, collectorSection], environment: {}, sets: ['telemetry.logLevel=silent', ...Object.entries(enrich).map(([key, value]) => `${key.includes('.') ? key : `enrich.${key}`}=${typeof value === 'string' ? value : JSON.stringify(value)}`)] });
const telemetry = openTelemetry(load({}), 'collect');
afterAll(async () => {
  await telemetry.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (enrich: Record<string, unknown>): Enrichment | null => Enrichment.open(load(enrich), telemetry);
const refused = (message: string | RegExp) => expect.objectContaining({ code: 'NW_CONFIG_INVALID', message: expect.stringMatching(message) as string }) as Error;
/** System, country and site of an address. */
function placeOf({ places }: Enrichment, address: string): unknown {
  const bytes = addressBytes(address);
  places.look(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length, 0, 0);
  const target = Buffer.alloc(256);
  const text = target.subarray(0, places.write(target, 0));
  const country = text.subarray(1, 1 + (text[0] >> 1)).toString();
  const siteAt = 1 + country.length + 1;
  return { as: places.srcAs, country, site: text.subarray(siteAt + 1, siteAt + 1 + (text[siteAt] >> 1)).toString() };
}

test('nothing is looked up where nothing is configured', () => {
  expect(open({})).toBeNull();
});

test('databases, prefixes of the configuration and of a file, the longest prefix first', () => {
  writeFileSync(path('asn.mmdb'), mmdbOf([['10.0.0.0/8', { autonomous_system_number: 64_500 }]]));
  writeFileSync(path('country.mmdb'), mmdbOf([['10.0.0.0/8', { country: { iso_code: 'DE' } }]]));
  writeFileSync(path('sites.yaml'), '- {prefix: 10.2.0.0/16, site: Bern, country: CH}\n- {prefix: "2001:db8::/32", as: 64511}\n');
  const enrichment = open({ asnFile: path('asn.mmdb'), countryFile: path('country.mmdb'), prefixes: { '10.1.0.0/16': 'Hamburg' }, prefixFile: path('sites.yaml') })!;
  expect(placeOf(enrichment, '10.1.0.1')).toEqual({ as: 64_500, country: 'DE', site: 'Hamburg' });
  expect(placeOf(enrichment, '10.2.0.1')).toEqual({ as: 64_500, country: 'CH', site: 'Bern' });
  expect(placeOf(enrichment, '2001:db8::1')).toEqual({ as: 64_511, country: '', site: '' });
  expect(placeOf(enrichment, '192.0.2.1')).toEqual({ as: 0, country: '', site: '' });
});

test.each([
  ['a file that is not there', { asnFile: path('none.mmdb') }, /enrich\.asnFile .*none\.mmdb/],
  ['a database that is none', { countryFile: path('bad.mmdb') }, /enrich\.countryFile .*bad\.mmdb/],
  ['a prefix that is none', { prefixes: { '10.0.0.0/40': 'x' } }, /enrich\.prefixes: 10\.0\.0\.0\/40/],
  ['a site that is too long', { prefixes: { '10.0.0.0/8': 'x'.repeat(64) } }, /enrich\.prefixes: the site of 10\.0\.0\.0\/8/],
  ['an entry with an unknown key', { prefixFile: path('bad.yaml') }, /enrich\.prefixFile .*entry 2: 'name' is none of/],
])('%s is refused at the start, by its key', (_, enrich, message) => {
  writeFileSync(path('bad.mmdb'), 'no database');
  writeFileSync(path('bad.yaml'), '- {prefix: 10.0.0.0/8}\n- {prefix: 10.1.0.0/16, name: x}\n');
  expect(() => open(enrich)).toThrow(refused(message));
});

test('a file that has changed is read again; where it cannot be, the one before stays', async () => {
  writeFileSync(path('changing.yaml'), '- {prefix: 10.0.0.0/8, site: one}\n');
  const enrichment = open({ prefixFile: path('changing.yaml') })!;
  writeFileSync(path('changing.yaml'), '- {prefix: 10.0.0.0/8, site: another}\n');
  enrichment.look();
  expect(placeOf(enrichment, '10.0.0.1')).toMatchObject({ site: 'another' });
  writeFileSync(path('changing.yaml'), '- {prefix: nonsense}\n');
  enrichment.look();
  expect(placeOf(enrichment, '10.0.0.1')).toMatchObject({ site: 'another' });
  expect(await telemetry.metrics.metrics()).toMatch(/netweaver_collector_enrichment_reloads_total\{[^}]*result="failed"[^}]*\} 1/);
});

describe('admission and anonymisation', () => {
  const settings = (sets: Record<string, unknown>) => load(sets).get(collectorSection);

  test('are off by default', () => {
    expect([admissionOf(settings({})), anonymiserOf(settings({}))]).toEqual([null, null]);
  });

  test.each([
    [{ 'collector.exporters': '192.0.2.0/33' }, /collector\.exporters: 192\.0\.2\.0\/33/],
    [{ 'collector.flowsPerSecondOf': { nonsense: 5 } }, /collector\.flowsPerSecondOf: nonsense/],
  ])('%j is refused', (sets, message) => {
    expect(() => admissionOf(settings(sets))).toThrow(refused(message));
  });

  test('a key comes from a file or the environment, raw or hexadecimal, and is never repeated in an error', () => {
    writeFileSync(path('key'), Buffer.alloc(32, 200));
    writeFileSync(path('key.hex'), `${'c8'.repeat(32)}\n`);
    writeFileSync(path('short'), 'secret');
    process.env.NETWEAVER_TEST_KEY = 'c8'.repeat(32);
    const texts = [`file:${path('key')}`, `file:${path('key.hex')}`, 'env:NETWEAVER_TEST_KEY'].map((reference) => anonymiserOf(settings({ 'collector.anonymiseKey': reference }))!.text('192.0.2.1'));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).not.toBe('192.0.2.1');
    for (const [reference, message] of [['c8'.repeat(32), /no reference/], ['env:NETWEAVER_TEST_NO_KEY', /has no NETWEAVER_TEST_NO_KEY/], [`file:${path('none')}`, /cannot be read/], [`file:${path('short')}`, /6 bytes/]] as const) {
      expect(() => anonymiserOf(settings({ 'collector.anonymiseKey': reference }))).toThrow(refused(message));
      try {
        anonymiserOf(settings({ 'collector.anonymiseKey': reference }));
      } catch (error) {
        expect((error as Error).message).not.toMatch(/secret|c8c8/);
      }
    }
  });
});
