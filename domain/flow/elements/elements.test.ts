import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ELEMENT_TYPES, isList } from './element';
import { parseElementFile } from './file';
import { elementTables } from './generate';
import { BUILT_IN, Elements } from './registry';
import { valueOf } from './value';

test('the generated table is what `npm run generate` would write', () => {
  expect(readFileSync(join(__dirname, 'generated.ts'), 'utf8')).toBe(elementTables(__dirname));
});

describe('the registry', () => {
  test.each([
    [0, 8, 'sourceIPv4Address', 'ipv4Address'],
    [0, 4, 'protocolIdentifier', 'unsigned8'],
    [0, 293, 'subTemplateMultiList', 'subTemplateMultiList'],
    [0, 533, 'pathDelaySumDeltaMicroseconds', 'unsigned64'],
    [29305, 1, 'reverseOctetDeltaCount', 'unsigned64'],
    [6871, 15, 'cert.unionTCPFlags', 'unsigned16'],
    [6871, 15 | 16384, 'cert.reverseUnionTCPFlags', 'unsigned16'],
    [5951, 128, 'netscaler.roundTripTime', 'unsigned32'],
    [0, 33002, 'netflow9.firewallExtendedEvent', 'unsigned16'],
    [0, 32768 + 4315, 'cisco.tcpWindowSizeMin', 'unsigned32'],
    [0, 57472 + 119, 'ntop.l7ProtoName', 'string'],
  ])('%i.%i is %s', (enterprise, id, name, type) => {
    expect(BUILT_IN.of(enterprise, id)).toMatchObject({ name, type });
    expect(BUILT_IN.name(enterprise, id)).toBe(name);
  });

  test('what no one knows is named by its number', () => {
    expect([BUILT_IN.of(0, 600), BUILT_IN.name(0, 600), BUILT_IN.name(99999, 7)]).toEqual([undefined, 'ie600', '99999.7']);
  });

  test('names and numbers lead to elements', () => {
    const key = (enterprise: number, id: number): number => enterprise * 65536 + id;
    const found = ['sourceIPv4Address', 'reverseOctetDeltaCount', 'cert.unionTCPFlags', 'cert.reverseUnionTCPFlags', 'ie600', '99999.7', 'noSuchElement', 'ie70000'].map((name) => BUILT_IN.find(name));
    expect(found).toEqual([8, key(29305, 1), key(6871, 15), key(6871, 15 + 16384), 600, key(99999, 7), undefined, undefined]);
  });

  test('every element of IANA has a type that RFC 7012 knows, and numbers rise', () => {
    const ids = readFileSync(join(__dirname, 'iana.csv'), 'utf8').split('\n').filter((line) => /^\d/.test(line)).map((line) => line.split(','));
    expect(ids.length).toBeGreaterThan(500);
    ids.forEach(([id, , type], i) => {
      expect(ELEMENT_TYPES).toContain(type);
      if (i > 0) expect(Number(id)).toBeGreaterThan(Number(ids[i - 1][0]));
    });
    expect(isList(BUILT_IN.of(0, 291)?.type)).toBe(true);
  });
});

describe("users' files", () => {
  const good = 'enterprise: 12345\nname: acme\nelements:\n  1: { name: application, type: string }\n  2: { name: octets, type: unsigned64, as: bytes }\n';

  test('name elements, and say which field of the row one fills', () => {
    const elements = new Elements([parseElementFile(good, 'acme.yaml')]);
    expect(elements.name(12345, 1)).toBe('acme.application');
    expect(elements.of(12345, 2)).toMatchObject({ as: 'bytes', own: true });
  });

  test('take the place of ours', () => {
    const elements = new Elements([parseElementFile('enterprise: 5951\nname: citrix\nelements:\n  128: { name: rtt, type: unsigned64 }\n', 'f')]);
    expect([elements.name(5951, 128), elements.find('netscaler.roundTripTime'), elements.name(5951, 129)]).toEqual(['citrix.rtt', undefined, 'netscaler.transactionId']);
  });

  test.each([
    ['no YAML', 'enterprise: [1', /^f\.yaml, line 1: /],
    ['not a map', '- 1', 'f.yaml, line 1: must have the keys enterprise, name, reverse, elements.'],
    ['a key that does not exist', 'enterprise: 1\nvendor: x\n', 'f.yaml, line 2: vendor is no key; known are enterprise, name, reverse, elements.'],
    ['no enterprise', 'name: acme\nelements: {}\n', 'f.yaml, line 1: enterprise must be a whole number from 0 to 4294967295.'],
    ['no elements', 'enterprise: 1\nname: acme\n', 'f.yaml, line 1: elements must be a map of numbers to elements.'],
    ['a number that no element can have', 'enterprise: 1\nname: a\nelements:\n  40000: { name: x, type: string }\n', 'f.yaml, line 4: elements.40000 must be a number from 1 to 32767.'],
    ['a type that does not exist', good.replace('type: string', 'type: text'), /^f\.yaml, line 4: elements\.1\.type must be one of octetArray, /],
    ['a name twice', good.replace('name: octets', 'name: application'), 'f.yaml, line 5: elements.2.name application is used twice.'],
    ['a field that the row does not have', good.replace('as: bytes', 'as: volume'), /^f\.yaml, line 5: elements\.2\.as must be one of srcAddr, /],
    ['a type that does not fit the field', good.replace('as: bytes', 'as: srcAddr'), 'f.yaml, line 5: elements.2.as srcAddr needs the type ipv4Address or ipv6Address.'],
    ['a key of an element that does not exist', good.replace('as: bytes', 'is: bytes'), 'f.yaml, line 5: elements.2.is is no key; known are name, type, as.'],
  ])('%s: refused with file, line and key', (_what, text, message) => {
    const refused = (): unknown => parseElementFile(text, 'f.yaml');
    expect(refused).toThrow(expect.objectContaining({ code: 'NW_CONFIG_INVALID' }) as Error);
    expect(refused).toThrow(typeof message === 'string' ? message : expect.objectContaining({ message: expect.stringMatching(message) as string }) as Error);
  });
});

describe('values', () => {
  const value = (type: Parameters<typeof valueOf>[0], hex: string): unknown => {
    const bytes = Buffer.from(`ee${hex}ee`, 'hex');
    return valueOf(type, bytes, 1, bytes.length - 2);
  };
  test.each([
    ['unsigned64', 'ffffffffffffffff', '18446744073709551615'],
    ['unsigned64', '05', 5],
    ['unsigned256', '01'.padEnd(64, '0'), (2n ** 248n).toString()],
    ['signed32', 'fffffffe', -2],
    ['signed32', 'fe', -2],
    ['float32', '3fc00000', 1.5],
    ['float64', '7ff0000000000000', 'Infinity'],
    ['boolean', '01', true],
    ['boolean', '02', false],
    ['boolean', '07', 7],
    ['macAddress', '0a0b0c0d0e0f', '0a:0b:0c:0d:0e:0f'],
    ['string', '4142430000', 'ABC'],
    ['string', 'ff41', 'ff41'],
    ['ipv4Address', 'c0000201', '192.0.2.1'],
    ['ipv6Address', '20010db8000000000000000000000001', '2001:db8::1'],
    ['ipv4Address', 'c000', 49152],
    ['octetArray', '00ff', '00ff'],
    ['dateTimeSeconds', '6553f100', '2023-11-14T22:13:20.000Z'],
    ['dateTimeMilliseconds', '0000018bcfe56801', '2023-11-14T22:13:20.001Z'],
    ['dateTimeMicroseconds', 'e8fe6f8080000000', '2023-11-14T22:13:20.500000Z'],
    ['dateTimeNanoseconds', 'e8fe6f8000000001', '2023-11-14T22:13:20.000000000Z'],
    [undefined, '0005', 5],
    [undefined, '6574683000', 'eth0'],
    [undefined, '00112233445566778899', '00112233445566778899'],
    ['unsigned32', '', 0],
    [undefined, '', ''],
  ] as const)('%s %s: %s', (type, hex, wanted) => {
    expect(value(type, hex)).toBe(wanted);
  });
});
