/** The packet inside, as a template's elements tell it; see `template-inner.ts`. */
import { CaptureDecoder, type CaptureRecord } from './capture-records';
import { bytes, ip4, ipfix, set, template, type FixtureField } from './fixtures';
import type { TunnelMode } from './tunnels';

type FlowRecord = Extract<CaptureRecord, { kind: 'flow' }>;

function decode(fields: readonly FixtureField[], data: Buffer, tunnels: TunnelMode): FlowRecord[] {
  const payload = ipfix([set(2, template(256, fields)), set(256, data)]);
  return new CaptureDecoder(undefined, { tunnels }).decode({ srcAddr: '192.0.2.1', payload, timestampMs: 0 }).filter((record) => record.kind === 'flow');
}

const six = (last: number): Buffer => bytes([0x20010db8, 4], Buffer.alloc(11), [last, 1]);

describe('elements that are repeated: the outer packet first, then the inner', () => {
  const OUTER: readonly FixtureField[] = [[27, 16], [28, 16], [7, 2], [11, 2], [4, 1], [6, 2], [5, 1], [1, 8]];
  const outer = (proto: number): Buffer => bytes(six(1), six(2), [0, 2], [0, 2], [proto, 1], [0, 2], [0, 1], [1000, 8]);
  const FOUR: readonly FixtureField[] = [...OUTER, [8, 4], [12, 4], [7, 2], [11, 2], [4, 1], [6, 2], [5, 1]];
  const SIX: readonly FixtureField[] = [...OUTER, [27, 16], [28, 16], [7, 2], [11, 2], [4, 1], [6, 2], [5, 1]];
  const rest = bytes([1024, 2], [443, 2], [6, 1], [0x12, 2], [8, 1]);
  const outerRow = { srcAddr: '2001:db8::1', dstAddr: '2001:db8::2', srcPort: 0, dstPort: 0, tcpFlags: 0, tos: 0, bytes: 1000 };

  test.each([
    ['IPv4', FOUR, bytes(ip4('10.0.0.1'), ip4('10.0.0.2')), 4, '10.0.0.1', '10.0.0.2'],
    ['IPv6', SIX, bytes(six(8), six(9)), 41, '2001:db8::8', '2001:db8::9'],
  ])('%s inside', (_name, fields, addresses, proto, innerSrcAddr, innerDstAddr) => {
    const data = bytes(outer(proto), addresses, rest);
    expect(decode(fields, data, 'outer')).toMatchObject([{ ...outerRow, proto, detail: null }]);
    expect(decode(fields, data, 'both')).toMatchObject([{ ...outerRow, proto, detail: { tunnel: 'IPIP', innerSrcAddr, innerDstAddr, innerSrcPort: 1024, innerDstPort: 443, innerProto: 6 } }]);
    expect(decode(fields, data, 'inner')).toMatchObject([{ srcAddr: innerSrcAddr, dstAddr: innerDstAddr, srcPort: 1024, dstPort: 443, proto: 6, tcpFlags: 0x12, tos: 8, bytes: 1000, detail: { tunnel: 'IPIP', innerSrcAddr: '' } }]);
  });

  test('a record without a packet inside', () => {
    const data = bytes(outer(6), Buffer.alloc(8), Buffer.alloc(8), [0, 2]);
    for (const mode of ['both', 'inner'] as const) expect(decode(FOUR, data, mode)).toMatchObject([{ ...outerRow, proto: 6, detail: null }]);
  });

  test('a segment routing header says that it is SRv6', () => {
    const data = bytes(outer(4), ip4('10.0.0.1'), ip4('10.0.0.2'), rest, [16, 1], six(5));
    expect(decode([...FOUR, [497, 65535]], data, 'both')[0].detail).toMatchObject({ tunnel: 'SRV6', innerSrcAddr: '10.0.0.1' });
  });

  test('both families in one template, without a second protocol, are one packet of either', () => {
    const fields: FixtureField[] = [[8, 4], [12, 4], [27, 16], [28, 16], [4, 1]];
    expect(decode(fields, bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), six(1), six(2), [6, 1]), 'both')).toMatchObject([{ srcAddr: '10.0.0.1', detail: null }]);
  });
});

describe("layer 2 segments and vendors' elements", () => {
  const FIELDS: readonly FixtureField[] = [[8, 4], [12, 4], [4, 1], [1, 4], [351, 8], [880, 1, 6876], [881, 4, 6876], [882, 4, 6876], [883, 16, 6876], [884, 16, 6876], [886, 2, 6876], [887, 2, 6876]];
  const record = (segment: number, addresses: Buffer): Buffer => bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [17, 1], [100, 4], [segment, 4], [5001, 4], [17, 1], addresses, [1111, 2], [53, 2]);
  const inFour = record(0x01000000, bytes(ip4('172.16.0.1'), ip4('172.16.0.2'), Buffer.alloc(32)));
  const inSix = record(0x01000000, bytes(Buffer.alloc(8), six(1), six(2)));

  test('are in the detail where tunnels are looked into', () => {
    expect(decode(FIELDS, bytes(inFour, inSix), 'both')).toMatchObject([
      { srcAddr: '10.0.0.1', detail: { tunnel: 'VXLAN', tunnelId: 5001, innerSrcAddr: '172.16.0.1', innerDstAddr: '172.16.0.2', innerSrcPort: 1111, innerDstPort: 53, innerProto: 17 } },
      { srcAddr: '10.0.0.1', detail: { tunnel: 'VXLAN', tunnelId: 5001, innerSrcAddr: '2001:db8::1', innerDstAddr: '2001:db8::2' } },
    ]);
    expect(decode(FIELDS, bytes(inFour, inSix), 'inner').map(({ srcAddr, dstPort }) => [srcAddr, dstPort])).toEqual([['172.16.0.1', 53], ['2001:db8::1', 53]]);
    expect(decode(FIELDS, inFour, 'outer')[0].detail).toBeNull();
  });

  test('a segment alone', () => {
    const fields: FixtureField[] = [[8, 4], [12, 4], [351, 8]];
    const row = (type: number): Buffer => bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [type, 1], [7, 7]);
    for (const mode of ['both', 'inner'] as const) expect(decode(fields, bytes(row(1), row(2)), mode).map(({ detail }) => detail?.tunnelId)).toEqual([7, undefined]);
  });
});
