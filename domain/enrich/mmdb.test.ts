/** Databases that MaxMind's own writer wrote (`testdata/README.md`), and its own reader beside ours. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatIpRow, formatIpv4 } from '../../schemas/ip';
import { addressBytes, isWithin, parsePrefix } from '../flow/prefix';
import { countryOf, MmdbTable, systemOf } from './mmdb';

const fileOf = (version: number, recordSize: number): string => join(__dirname, 'testdata', `ipv${version}-${recordSize}.mmdb`);
const FILES = [4, 6].flatMap((version) => [24, 28, 32].map((recordSize) => [version, recordSize] as const));

/** System and country of an address of 4 or 16 bytes. */
function reader(file: string): (bytes: Uint8Array) => [number, string] {
  const database = readFileSync(file);
  const damaged = (): never => {
    throw new Error('damaged');
  };
  const systems = new MmdbTable(database, systemOf, 0, damaged);
  const countries = new MmdbTable(database, countryOf, '', damaged);
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return [systems.find(view, 0, bytes.length), countries.find(view, 0, bytes.length)];
  };
}

const IPV4: readonly (readonly [address: string, as: number, country: string, why: string])[] = [
  ['1.0.0.1', 13_335, 'DE', 'the country before that of registration'],
  ['1.0.0.127', 13_335, 'DE', 'the last before a longer prefix'],
  ['1.0.0.128', 0, 'JP', 'a longer prefix: no system, the country of registration'],
  ['1.0.1.1', 0, '', 'neither'],
  ['1.0.2.1', 0, '', 'an empty record'],
  ['1.0.3.7', 4_294_967_294, 'CH', 'one address; a number of 32 bits'],
  ['1.0.3.8', 0, '', 'that beside it'],
  ['0.255.255.255', 0, '', 'nothing'],
  ['127.255.255.255', 0, '', 'nothing'],
  ['128.0.0.0', 64_512, 'NL', 'half of all; a number of 16 bits, a country in a text'],
  ['255.255.255.255', 64_512, 'NL', 'its end'],
  ['192.0.2.9', 0, '', 'a system that is text, a country without a code'],
  ['198.51.100.9', 64_514, 'FR', 'records with values of every type'],
];
const IPV6: typeof IPV4 = [
  ['2001:db8::1', 64_515, 'CH', 'a prefix of IPv6'],
  ['2001:db8:1::1', 4_200_000_000, 'DE', 'a longer one'],
  ['2001:db8:2::1', 64_515, 'CH', 'that beside it'],
  ['2a00:1::1', 0, 'JP', 'one address'],
  ['2a00:1::2', 0, 'DE', 'that beside it'],
  ['2b00::1', 0, '', 'nothing'],
  ['8000::', 1, '', 'half of all'],
  ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 1, '', 'its end'],
  ['2002:100:1::1', 13_335, 'DE', '6to4 of 1.0.0.1'],
  ['2002:100:307::1', 4_294_967_294, 'CH', '6to4 of 1.0.3.7'],
  ['2001:0:100:307::', 4_294_967_294, 'CH', 'Teredo by the server 1.0.3.7'],
];

describe.each(FILES)('a database for IPv%i with records of %i bits', (version, recordSize) => {
  const find = reader(fileOf(version, recordSize));

  test.each(IPV4)('%s: %i %p, %s', (address, as, country) => expect(find(addressBytes(address))).toEqual([as, country]));

  if (version === 4) test.each(IPV6)('%s is not in it', (address) => expect(find(addressBytes(address))).toEqual([0, '']));
  else test.each(IPV6)('%s: %i %p, %s', (address, as, country) => expect(find(addressBytes(address))).toEqual([as, country]));

  test.each(IPV4)('%s written as an address of IPv6', (address, as, country) => {
    const mapped = Uint8Array.from([...Array.from({ length: 10 }, () => 0), 255, 255, ...addressBytes(address)]);
    expect(find(mapped)).toEqual(version === 4 ? [0, ''] : [as, country]);
  });
});

const hasLookup = spawnSync('mmdblookup', ['--version']).error === undefined;
const whenLookup = hasLookup ? describe : describe.skip;

whenLookup('as libmaxminddb reads them (needs mmdblookup)', () => {
  /** The value at a path of the address's record; '' where there is none. */
  function lookup(file: string, address: string, ...path: readonly string[]): string {
    const { stdout } = spawnSync('mmdblookup', ['--file', file, '--ip', address, ...path], { encoding: 'utf8' });
    return /^\s*"?(.*?)"? <(?:uint\d+|utf8_string)>/m.exec(stdout)?.[1] ?? '';
  }

  let seed = 9;
  const random = (below: number): number => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8) % below;
  const prefixes = ['1.0.0.0/22', '0.0.0.0/0', '198.51.100.0/23', '2001:db8::/46', '2a00::/11', '2002:100::/38', '::/0'].map(parsePrefix);
  const addresses = Array.from({ length: 42 }, (_, i) => {
    const { bytes, bits } = prefixes[i % prefixes.length];
    const address = Uint8Array.from(bytes, (byte, at) => (8 * at + 8 <= bits ? byte : 8 * at >= bits ? random(256) : byte | (random(256) & (0xff >> (bits & 7)))));
    expect(isWithin(address, { bytes, bits })).toBe(true);
    return address;
  });

  test.each(FILES)('IPv%i, %i bits: random addresses', (version, recordSize) => {
    const file = fileOf(version, recordSize);
    const find = reader(file);
    const wanted = addresses.filter(({ length }) => version === 6 || length === 4);
    const theirs = wanted.map((bytes) => {
      const text = bytes.length === 4 ? formatIpv4(bytes) : formatIpRow(bytes);
      const as = lookup(file, text, 'autonomous_system_number');
      const country = lookup(file, text, 'country_code') || lookup(file, text, 'country', 'iso_code') || lookup(file, text, 'country') || lookup(file, text, 'registered_country', 'iso_code');
      return [text, Number(as), country];
    });
    expect(wanted.map((bytes, i) => [theirs[i][0], ...find(bytes)])).toEqual(theirs);
    expect(theirs.filter(([, as]) => as !== 0).length).toBeGreaterThan(3);
  }, 60_000);
});
