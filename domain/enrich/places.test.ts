import { Reader, type Response } from 'mmdb-lib';
import { FlowPartitions } from '../flow/batch-builder';
import { FlowDecoder } from '../flow/decoder';
import { ethernet, flowSample, ipv4Packet, netflow5, sampledHeader, sflow5, tcp } from '../flow/fixtures';
import { addressBytes, parsePrefix } from '../flow/prefix';
import { ConfiguredRates } from '../flow/sampling';
import { decodeFlowBatch, type Flow } from '../../schemas';
import { countryOf, MmdbTable, systemOf } from './mmdb';
import { mmdbOf, type MmdbEntry } from './mmdb-fixture';
import { Places, type PlaceSources } from './places';
import { PrefixTable } from './prefix-table';

let seed = 1;
const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
const randomAddress = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i < 2 ? (random() >>> 24) & 7 : random() >>> 24));
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const textOf = (bytes: Uint8Array): string => (bytes.length === 4 ? bytes.join('.') : Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16)).join(':'));

test('a table finds the longest prefix, as a search through all does', () => {
  const prefixes = Array.from({ length: 3000 }, (_, i) => ({ bytes: randomAddress(i % 3 === 0 ? 16 : 4), bits: 0, i })).map((p) => ({ ...p, bits: random() % (8 * p.bytes.length + 1) }));
  const table = new PrefixTable();
  for (const { bytes, bits, i } of prefixes) table.add(bytes, bits, i);
  const same = (a: Uint8Array, b: Uint8Array, bits: number): boolean => {
    for (let i = 0; i < bits; i++) if ((a[i >> 3] ^ b[i >> 3]) & (128 >> (i & 7))) return false;
    return true;
  };
  for (let n = 0; n < 5000; n++) {
    const address = n % 5 === 0 ? prefixes[n % 3000].bytes : randomAddress(n % 2 === 0 ? 4 : 16);
    const holding = prefixes.filter(({ bytes, bits }) => bytes.length === address.length && same(bytes, address, bits));
    const bits = Math.max(-1, ...holding.map((p) => p.bits));
    // A prefix given twice has the later value.
    const expected = holding.filter((p) => p.bits === bits).at(-1)?.i ?? -1;
    expect(table.find(viewOf(address), 0, address.length)).toBe(expected);
    if (expected >= 0) expect(table.bits).toBe(bits);
  }
});

describe('a database in the format of MaxMind', () => {
  const entries: readonly MmdbEntry[] = [
    ...Array.from({ length: 400 }, (_, i): MmdbEntry => [`${textOf(randomAddress(4))}/${8 + (i % 25)}`, { autonomous_system_number: 64_496 + i, country: { iso_code: ['DE', 'FR', 'JP'][i % 3] } }]),
    ...Array.from({ length: 400 }, (_, i): MmdbEntry => [`${textOf(randomAddress(16))}/${16 + (i % 100)}`, { autonomous_system_number: 4_200_000_000 + i, country_code: 'NL' }]),
  ];
  test.each([[24, 6], [28, 6], [32, 6], [28, 4]] as const)('of %i bits for IP version %i gives what mmdb-lib gives, for random addresses', (recordSize, ipVersion) => {
    const bytes = mmdbOf(entries.filter(([prefix]) => ipVersion === 6 || !prefix.includes(':')), { recordSize, ipVersion });
    const reader = new Reader<Response>(bytes);
    const systems = new MmdbTable(bytes, systemOf, 0);
    const countries = new MmdbTable(bytes, countryOf, '');
    let known = 0;
    for (let n = 0; n < 100_000; n++) {
      const address = randomAddress(n % 2 === 0 || ipVersion === 4 ? 4 : 16);
      const record = reader.get(textOf(address)) as { autonomous_system_number?: number; country?: { iso_code: string }; country_code?: string } | null;
      if (record !== null) known++;
      const view = viewOf(address);
      if (systems.find(view, 0, address.length) !== (record?.autonomous_system_number ?? 0)) throw new Error(`${textOf(address)}: ${systems.find(view, 0, address.length)}`);
      if (countries.find(view, 0, address.length) !== (record?.country?.iso_code ?? record?.country_code ?? '')) throw new Error(textOf(address));
    }
    expect(known).toBeGreaterThan(1000);
  });

  test('one for IPv4 knows no IPv6; what is none is refused', () => {
    expect(new MmdbTable(mmdbOf([['10.0.0.0/8', { country_code: 'DE' }]], { ipVersion: 4 }), countryOf, '').find(viewOf(addressBytes('2001:db8::1')), 0, 16)).toBe('');
    expect(() => new MmdbTable(Buffer.from('no database'), countryOf, '')).toThrow();
    const lying = Buffer.from(mmdbOf([['10.0.0.0/8', { country_code: 'DE' }]]));
    lying.writeUInt32BE(0x7fffffff, lying.indexOf('node_count') + 11);
    expect(() => new MmdbTable(lying, countryOf, '')).toThrow();
  });
});

test('a record that is damaged says nothing, and is told of once', () => {
  const whole = mmdbOf([['10.0.0.0/8', { autonomous_system_number: 64_500 }], ['11.0.0.0/8', { autonomous_system_number: 64_501 }]]);
  const bytes = Buffer.from(whole);
  // The first record becomes a pointer to far behind the end.
  bytes.writeUInt32BE(0x38ffffff, bytes.indexOf('autonomous') - 2);
  let damaged = 0;
  const table = new MmdbTable(bytes, systemOf, 0, () => damaged++);
  const find = (address: string): number => table.find(viewOf(addressBytes(address)), 0, 4);
  expect([find('10.0.0.1'), find('10.9.9.9'), find('11.0.0.1')]).toEqual([0, 0, 64_501]);
  expect(damaged).toBe(1);
});

describe('rows', () => {
  const database = mmdbOf([['10.0.0.0/8', { autonomous_system_number: 64_500, country: { iso_code: 'DE' } }], ['2001:db8::/32', { autonomous_system_number: 64_501, country: { iso_code: 'NL' } }]]);
  const sources: PlaceSources = {
    systems: new MmdbTable(database, systemOf, 0),
    countries: new MmdbTable(database, countryOf, ''),
    prefixes: [
      { ...parsePrefix('10.1.0.0/16'), place: { site: 'Zürich' } },
      { ...parsePrefix('10.1.2.0/24'), place: { site: 'x'.repeat(63), country: 'CH', as: 64_510 } },
    ],
  };

  function decode(datagram: Buffer, places = new Places(sources)): Flow[] {
    const partitions = new FlowPartitions(1);
    const decoder = new FlowDecoder(partitions, new ConfiguredRates({}, 0), { perExporter: 1 << 20, total: 1 << 20 }, { fault: (_source, fault) => { throw new Error(fault); } }, { finishing: { places, anonymiser: null } });
    decoder.decode(datagram, decoder.sources.of('192.0.2.1', 1), 0, 0);
    return decodeFlowBatch(partitions.builders[0].take(1)).flows;
  }

  test('hold country, system, site and prefix of both ends, from the longest prefix, then from the databases', () => {
    const [flow] = decode(netflow5([{ src: '10.1.9.9', dst: '10.1.2.3' }]));
    expect(flow).toMatchObject({ srcAs: 64_500, dstAs: 64_510, srcMask: 16, dstMask: 24, detail: { srcCountry: 'DE', dstCountry: 'CH', srcSite: 'Zürich', dstSite: 'x'.repeat(63), tunnel: 'NONE', extra: {} } });
  });

  test('keep what the exporter says of systems and masks', () => {
    expect(decode(netflow5([{ src: '10.1.9.9', dst: '10.1.2.3', srcAs: 7, dstAs: 8, srcMask: 20, dstMask: 32 }]))[0]).toMatchObject({ srcAs: 7, dstAs: 8, srcMask: 20, dstMask: 32, detail: { srcCountry: 'DE' } });
  });

  test('or not, where that is preferred', () => {
    const exporter = { srcAs: 7, dstAs: 8, srcMask: 20, dstMask: 32 };
    expect(decode(netflow5([{ src: '10.1.9.9', dst: '192.0.2.1', ...exporter }]), new Places(sources, true))[0]).toMatchObject({ srcAs: 64_500, dstAs: 8, srcMask: 16, dstMask: 32 });
  });

  test('are there without a detail where nothing is known', () => {
    expect(decode(netflow5([{ src: '192.0.2.1', dst: '192.0.2.2' }]))[0]).toMatchObject({ srcAs: 0, dstAs: 0, detail: null });
  });

  test('of sFlow likewise', () => {
    expect(decode(sflow5([flowSample([sampledHeader(ethernet(0x0800, ipv4Packet('10.1.9.9', '192.0.2.1', 6, tcp(1, 2))))])]))[0]).toMatchObject({ srcAs: 64_500, detail: { srcCountry: 'DE', dstCountry: '', srcSite: 'Zürich', dstSite: '' } });
  });

  test('follow other sources as soon as these are loaded', () => {
    const places = new Places(sources);
    decode(netflow5([{ src: '10.1.9.9', dst: '10.1.2.3' }]), places);
    places.load({ systems: null, countries: null, prefixes: [{ ...parsePrefix('10.0.0.0/8'), place: { site: 'Basel' } }] });
    expect(decode(netflow5([{ src: '10.1.9.9', dst: '10.1.2.3' }]), places)[0]).toMatchObject({ srcAs: 0, detail: { srcCountry: '', srcSite: 'Basel', dstSite: 'Basel' } });
  });
});
