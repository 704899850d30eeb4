import { addressBytes, isWithin, parseAddress, parsePrefix } from './prefix';

test.each<[string, number[] | null]>([
  ['192.0.2.1', [192, 0, 2, 1]],
  ['2001:db8::1', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ['::ffff:192.0.2.1', [192, 0, 2, 1]],
  ['fe80::1%eth0', [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ['::', Array.from({ length: 16 }, () => 0)],
  ['', null],
  ['192.0.2', null],
  ['192.0.2.256', null],
  ['core1.example.net', null],
  ['1:2', null],
])('the bytes of the address %p', (text, bytes) => {
  expect(parseAddress(text)).toEqual(bytes === null ? null : Uint8Array.from(bytes));
});

test.each<[string, string, number]>([
  ['192.0.2.0/24', '192.0.2.0', 24],
  ['0.0.0.0/0', '0.0.0.0', 0],
  ['192.0.2.1', '192.0.2.1', 32],
  ['2001:db8::/32', '2001:db8::', 32],
  ['2001:db8::1', '2001:db8::1', 128],
  ['::ffff:192.0.2.0/120', '192.0.2.0', 24],
])('the prefix %s', (text, address, bits) => {
  expect(parsePrefix(text)).toEqual({ bytes: addressBytes(address), bits });
});

test.each([
  ['192.0.2.0/33', /192\.0\.2\.0\/33 has no such prefix length/],
  ['2001:db8::/129', /no such prefix length/],
  ['192.0.2.0/', /no such prefix length/],
  ['192.0.2.0/-1', /no such prefix length/],
  ['192.0.2.0/2e1', /no such prefix length/],
  ['192.0.2.0/24/1', /no such prefix length/],
  ['::ffff:0.0.0.0/90', /no such prefix length/],
  ['nonsense/8', /nonsense is no IP address/],
  ['/8', /is no IP address/],
])('no prefix: %s', (text, said) => {
  expect(() => parsePrefix(text)).toThrow(said);
});

test.each<[string, string, boolean]>([
  ['192.0.2.255', '192.0.2.0/24', true],
  ['192.0.3.0', '192.0.2.0/24', false],
  ['192.0.2.129', '192.0.2.128/25', true],
  ['192.0.2.127', '192.0.2.128/25', false],
  ['192.0.2.1', '192.0.2.1', true],
  ['10.0.0.1', '0.0.0.0/0', true],
  ['10.0.0.1', '::/0', false],
  ['2001:db8:1::1', '2001:db8::/47', true],
  ['2001:db8:2::1', '2001:db8::/47', false],
])('%s within %s: %p', (address, prefix, within) => {
  expect(isWithin(addressBytes(address), parsePrefix(prefix))).toBe(within);
});
