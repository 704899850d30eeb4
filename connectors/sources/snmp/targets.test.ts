import { loadConfiguration } from '../../../infra/config/load';
import { NetWeaverError } from '../../../infra/errors';
import { hasDevices, snmpSection } from './settings';
import { addressOf, Targets } from './targets';

const load = (snmp: Record<string, unknown>) => loadConfiguration({ sections: [snmpSection], environment: {}, sets: Object.entries(snmp).map(([key, value]) => `snmp.${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`) });
const credentials = { default: { community: 'env:SNMP_TEST_A' }, core: { community: 'env:SNMP_TEST_B' } };
const targets = (snmp: Record<string, unknown>): Targets => new Targets(load({ credentials, ...snmp }).get(snmpSection));
beforeAll(() => void Object.assign(process.env, { SNMP_TEST_A: 'a', SNMP_TEST_B: 'b' }));

it('a device has its own settings, those of its prefixes, the longest first, and the section\'s', () => {
  const { configured } = targets({
    port: 1161,
    devices: {
      '192.0.2.1': { retries: 5 }, '192.0.2.200': 'core', '2001:DB8::1': null, 'core1.example.net': { address: '192.0.2.9', exporter: '2001:db8:0::9' },
      '192.0.2.0/24': { credentials: 'core', timeoutMs: 700, retries: 1 }, '192.0.2.0/28': { timeoutMs: 900 }, '0.0.0.0/0': { intervalSeconds: 30 },
    },
  });
  expect(configured).toEqual([
    { name: '192.0.2.1', host: '192.0.2.1', device: null, credentials: credentials.core, port: 1161, intervalMs: 30_000, timeoutMs: 900, retries: 5, maxRepetitions: 20 },
    { name: '192.0.2.200', host: '192.0.2.200', device: null, credentials: credentials.core, port: 1161, intervalMs: 30_000, timeoutMs: 700, retries: 1, maxRepetitions: 20 },
    { name: '2001:DB8::1', host: '2001:DB8::1', device: null, credentials: credentials.default, port: 1161, intervalMs: 60_000, timeoutMs: 2000, retries: 2, maxRepetitions: 20 },
    { name: 'core1.example.net', host: '192.0.2.9', device: '2001:db8::9', credentials: credentials.core, port: 1161, intervalMs: 30_000, timeoutMs: 900, retries: 1, maxRepetitions: 20 },
  ]);
});

it('an exporter has the settings of its prefix; outside of all prefixes, or with a device of its own, it is not polled as such', () => {
  const them = targets({ devices: { '192.0.2.1': null, 'core1.example.net': { exporter: '198.51.100.1' }, '192.0.2.0/24': 'core' } });
  expect(them.exporter('192.0.2.7')).toMatchObject({ name: '192.0.2.7', credentials: credentials.core });
  expect(them.exporter('203.0.113.7')).toBeNull();
  expect(them.exporter('')).toBeNull();
  expect(them.exporter('192.0.2.1')).toBeNull();
  expect(them.exporter('198.51.100.1')).toBeNull();
});

it.each([
  ['credentials that are not there', { devices: { '192.0.2.1': 'other' } }, /192\.0\.2\.1 needs the credentials 'other'/],
  ['a secret that is not there', { devices: { '192.0.2.1': null }, credentials: { default: { community: 'env:SNMP_TEST_MISSING' } } }, /the credentials of 192\.0\.2\.1: env:SNMP_TEST_MISSING is not set/],
  ['credentials of a prefix that are not there', { devices: { '192.0.2.0/24': 'other' } }, /192\.0\.2\.0\/24 needs the credentials 'other'/],
  ['a prefix that is none', { devices: { '192.0.2.0/33': null } }, /192\.0\.2\.0\/33 is no prefix/],
])('%s: nothing is started', (_, snmp, message) => {
  expect(() => targets(snmp)).toThrow(message);
  expect(() => targets(snmp)).toThrow(NetWeaverError);
});

it.each([{ '192.0.2.1': { ports: 161 } }, { '192.0.2.1': { port: 0 } }, { '192.0.2.1': { exporter: 'core1' } }, { '192.0.2.1': 161 }, { '192.0.2.1': [] }])('%j is not allowed', (devices) => {
  expect(() => load({ devices })).toThrow(/snmp\.devices/);
});

it.each([[{}, false], [{ devices: { '192.0.2.0/24': 'core' } }, false], [{ devices: { '192.0.2.1': null } }, true], [{ exporters: true }, false], [{ exporters: true, devices: { '192.0.2.0/24': 'core' } }, true]])('with %j there is something to poll: %s', (snmp, expected) => {
  expect(hasDevices(load(snmp))).toBe(expected);
});

it('a name is looked up, an address is not', async () => {
  expect(await addressOf('2001:DB8:0::1')).toBe('2001:db8::1');
  expect(['127.0.0.1', '::1']).toContain(await addressOf('localhost'));
  await expect(addressOf('no.such.name.invalid')).rejects.toMatchObject({ fault: 'unresolved' });
});
