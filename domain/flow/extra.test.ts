/** Elements kept beside the row, and elements of users that fill it. */
import { CaptureDecoder, type CaptureRecord } from './capture-records';
import { parseElementFile } from './elements/file';
import { BUILT_IN, Elements } from './elements/registry';
import { EXTRA_ROW_BYTES, ExtraSelection } from './extra';
import { bytes, ip4, ipfix, netflow9, set, template, type FixtureField } from './fixtures';

type FlowRecord = Extract<CaptureRecord, { kind: 'flow' }>;
const VARIABLE = 65535;
const BASE: readonly FixtureField[] = [[8, 4], [12, 4], [4, 1], [1, 4]];
const base = (octets = 100): Buffer => bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [6, 1], [octets, 4]);

interface Asked {
  readonly extra?: readonly string[];
  readonly files?: readonly string[];
  readonly version?: 9 | 10;
}

function decode(fields: readonly FixtureField[], data: Buffer, { extra = [], files = [], version = 10 }: Asked): { flows: FlowRecord[]; decoder: CaptureDecoder } {
  const elements = files.length > 0 ? new Elements(files.map((text, i) => parseElementFile(text, `${i}.yaml`))) : BUILT_IN;
  const decoder = new CaptureDecoder(undefined, { elements, extra: extra.length > 0 ? new ExtraSelection(extra, elements) : null });
  const sets = (id: number): Buffer[] => [set(id, template(256, [...BASE, ...fields])), set(256, data)];
  const records = decoder.decode({ srcAddr: '192.0.2.1', payload: version === 10 ? ipfix(sets(2)) : netflow9(sets(0)), timestampMs: 1_700_000_000_000 });
  return { flows: records.filter((record) => record.kind === 'flow'), decoder };
}

describe('extra elements', () => {
  const FIELDS: readonly FixtureField[] = [[136, 1], [82, VARIABLE], [999, 2], [7, 2], [1, 4, 99999], [210, 3], [60, 1]];
  const values = bytes(base(), [3, 1], [4, 1], Buffer.from('eth0'), [77, 2], [80, 2], [8, 4], Buffer.alloc(3), [4, 1]);

  test('by name and number, of elements that are known and that are not', () => {
    const { flows } = decode(FIELDS, values, { extra: ['interfaceName', 'ie999', '99999.1', 'sourceTransportPort', 'vlanId'] });
    expect(flows[0]).toMatchObject({ bytes: 100, srcPort: 80 });
    expect(flows[0].detail?.extra).toEqual({ interfaceName: 'eth0', ie999: '77', '99999.1': '8', sourceTransportPort: '80' });
  });

  test('*: all that the row is not made of, without padding', () => {
    const { flows } = decode(FIELDS, values, { extra: ['*'] });
    expect(flows[0].detail?.extra).toEqual({ flowEndReason: '3', interfaceName: 'eth0', ie999: '77', '99999.1': '8', ipVersion: '4' });
  });

  test('nothing asked for, or nothing there: no detail', () => {
    expect(decode(FIELDS, values, {}).flows[0].detail).toBeNull();
    expect(decode([], base(), { extra: ['*', 'vlanId'] }).flows[0].detail).toBeNull();
  });

  test('an element that is there several times', () => {
    expect(decode([[1, 4], [56, 6], [56, 6]], bytes(base(), [200, 4], Buffer.alloc(6, 1), Buffer.alloc(6, 2)), { extra: ['octetDeltaCount', 'sourceMacAddress'] }).flows[0].detail?.extra).toEqual({
      octetDeltaCount: '100', 'octetDeltaCount#2': '200', sourceMacAddress: '01:01:01:01:01:01', 'sourceMacAddress#2': '02:02:02:02:02:02',
    });
  });

  test("NetFlow v9: its own numbers, and Cisco's elements by their number and 32768", () => {
    const { flows } = decode([[40000, 20], [32768 + 4315, 4]], bytes(base(), Buffer.from('alice'.padEnd(20, '\0')), [1460, 4]), { extra: ['netflow9.userName', 'ie37083'], version: 9 });
    expect(flows[0].detail?.extra).toEqual({ 'netflow9.userName': 'alice', 'cisco.tcpWindowSizeMin': '1460' });
  });

  test('a row has room for so much: what is beyond is left out and counted, the rest is there', () => {
    const long = bytes([255, 1], [3000, 2], Buffer.alloc(3000, 65));
    const { flows, decoder } = decode([[82, VARIABLE], [83, VARIABLE], [136, 1]], bytes(base(), long, [2, 1], Buffer.from('ok'), [1, 1]), { extra: ['*'] });
    expect(flows[0].detail?.extra).toEqual({ interfaceDescription: 'ok', flowEndReason: '1' });
    expect(decoder.decoder.counts.extraLeftOut).toBe(1);
  });

  test('many long rows in one batch', () => {
    const text = Buffer.alloc(EXTRA_ROW_BYTES - 100, 66);
    const record = bytes(base(), [255, 1], [text.length, 2], text);
    const { flows } = decode([[82, VARIABLE]], Buffer.concat(Array.from({ length: 30 }, () => record)), { extra: ['interfaceName'] });
    expect(flows.map(({ detail }) => detail?.extra.interfaceName)).toEqual(Array.from({ length: 30 }, () => text.toString()));
  });

  test('a datagram has room for so much', () => {
    const fields: FixtureField[] = Array.from({ length: 20 }, (_, i) => [300 + i, 1]);
    const { flows, decoder } = decode(fields, Buffer.concat(Array.from({ length: 1500 }, () => bytes(base(), Buffer.alloc(20, 7)))), { extra: ['*'] });
    expect(flows).toHaveLength(1500);
    expect(decoder.decoder.counts.extraLeftOut).toBeGreaterThan(0);
    expect(JSON.stringify(flows.map(({ detail }) => detail?.extra ?? {})).length).toBeLessThan(2 ** 18 * 1.5);
  });

  test('a name that means nothing is refused', () => {
    expect(() => new ExtraSelection(['vlanId', 'vlanID'], BUILT_IN)).toThrow(expect.objectContaining({ code: 'NW_CONFIG_INVALID', message: expect.stringContaining('collector.extra: vlanID is no element') as string }) as Error);
  });
});

describe("users' elements that fill the row", () => {
  const file = (elements: string): string => `enterprise: 4242\nname: acme\nelements:\n${elements}`;

  test('counters, addresses, ports: before what the standard has, where they are not 0', () => {
    const files = [file('  1: { name: octets, type: unsigned64, as: bytes }\n  2: { name: inside, type: ipv4Address, as: srcAddr }\n  3: { name: insidePort, type: unsigned16, as: srcPort }\n')];
    const fields: FixtureField[] = [[7, 2], [1, 8, 4242], [2, 4, 4242], [3, 2, 4242]];
    const { flows } = decode(fields, bytes(base(), [80, 2], [5000, 8], ip4('192.168.0.1'), [8080, 2], base(), [80, 2], [0, 8], ip4('0.0.0.0'), [0, 2]), { files });
    expect(flows).toMatchObject([{ bytes: 5000, srcAddr: '192.168.0.1', srcPort: 8080 }, { bytes: 100, srcAddr: '10.0.0.1', srcPort: 80 }]);
  });

  test('times by their type, rates, the other direction', () => {
    const files = [file('  1: { name: began, type: dateTimeMicroseconds, as: start }\n  2: { name: over, type: dateTimeSeconds, as: end }\n  3: { name: rate, type: unsigned32, as: samplingRate }\n  4: { name: back, type: unsigned32, as: reverseBytes }\n')];
    const fields: FixtureField[] = [[1, 8, 4242], [2, 4, 4242], [3, 4, 4242], [4, 4, 4242]];
    const { flows } = decode(fields, bytes(base(), [1_699_999_990 + 2_208_988_800, 4], [0x80000000, 4], [1_700_000_000, 4], [512, 4], [60, 4]), { files });
    expect(flows).toMatchObject([
      { start: 1_699_999_990_500, end: 1_700_000_000_000, samplingRate: 512, bytes: 100 },
      { srcAddr: '10.0.0.2', bytes: 60, samplingRate: 512 },
    ]);
  });
});
