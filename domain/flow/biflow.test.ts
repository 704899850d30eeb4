/** Records of both directions: RFC 5103, responder counters, vendors' own elements. */
import { CaptureDecoder, type CaptureRecord } from './capture-records';
import { bytes, ip4, ipfix, netflow9, set, template, type FixtureField } from './fixtures';

type FlowRecord = Extract<CaptureRecord, { kind: 'flow' }>;
const REVERSE = 29305;
const BASE: readonly FixtureField[] = [[8, 4], [12, 4], [7, 2], [11, 2], [4, 1], [10, 4], [14, 4], [2, 4], [1, 4], [152, 8], [153, 8]];
const START = 1_700_000_000_000;

const base = ({ proto = 6, src = 1024, dst = 80 } = {}): Buffer =>
  bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [src, 2], [dst, 2], [proto, 1], [3, 4], [4, 4], [5, 4], [500, 4], [START, 8], [START + 1000, 8]);

function rows(fields: readonly FixtureField[], ...records: Buffer[]): { flows: FlowRecord[]; decoder: CaptureDecoder } {
  const decoder = new CaptureDecoder();
  const sets = [set(2, template(256, [...BASE, ...fields])), set(256, Buffer.concat(records))];
  const decoded = decoder.decode({ srcAddr: '192.0.2.1', payload: ipfix(sets), timestampMs: START });
  return { flows: decoded.filter((record) => record.kind === 'flow'), decoder };
}

describe('reverse elements (RFC 5103)', () => {
  test('a record of both directions makes two rows, the second with its ends exchanged', () => {
    const fields: FixtureField[] = [[2, 4, REVERSE], [1, 4, REVERSE], [6, 1], [6, 1, REVERSE], [16, 4], [17, 4], [9, 1], [13, 1], [5, 1], [15, 4]];
    const { flows, decoder } = rows(fields, bytes(base(), [7, 4], [700, 4], [0x02, 1], [0x12, 1], [64500, 4], [64501, 4], [24, 1], [16, 1], [8, 1], ip4('10.9.9.9')));
    expect(flows).toMatchObject([
      { srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', srcPort: 1024, dstPort: 80, inIf: 3, outIf: 4, packets: 5, bytes: 500, tcpFlags: 0x02, srcAs: 64500, dstAs: 64501, srcMask: 24, dstMask: 16, tos: 8, nextHop: '10.9.9.9' },
      { srcAddr: '10.0.0.2', dstAddr: '10.0.0.1', srcPort: 80, dstPort: 1024, inIf: 4, outIf: 3, packets: 7, bytes: 700, tcpFlags: 0x12, srcAs: 64501, dstAs: 64500, srcMask: 16, dstMask: 24, tos: 0, nextHop: '', start: START, end: START + 1000 },
    ]);
    expect([decoder.decoder.counts.records[2], decoder.decoder.counts.flows[2]]).toEqual([1, 2]);
  });

  test('no row where nothing came back', () => {
    const counters: FixtureField[] = [[2, 4, REVERSE], [1, 4, REVERSE]];
    expect(rows(counters, bytes(base(), [0, 4], [0, 4]), bytes(base(), [1, 4], [0, 4])).flows.map(({ packets, srcPort }) => [packets, srcPort])).toEqual([[5, 1024], [5, 1024], [1, 80]]);
  });

  test('times of its own, and interfaces of its own', () => {
    const { flows } = rows([[86, 4, REVERSE], [85, 4, REVERSE], [152, 8, REVERSE], [153, 8, REVERSE], [10, 4, REVERSE], [14, 4, REVERSE]], bytes(base(), [1, 4], [60, 4], [START + 10, 8], [START + 900, 8], [8, 4], [9, 4]));
    expect(flows[1]).toMatchObject({ packets: 1, bytes: 60, start: START + 10, end: START + 900, inIf: 8, outIf: 9 });
  });

  test.each([
    ['an echo is answered by a reply', 1, 0x0800, 0x0000],
    ['a reply answers an echo', 1, 0x0000, 0x0800],
    ['the same of ICMPv6', 58, 0x8000, 0x8100],
    ['others are what they are', 1, 0x0303, 0x0303],
  ])('ICMP: %s', (_name, proto, typeAndCode, answer) => {
    const { flows } = rows([[2, 4, REVERSE]], bytes(base({ proto, src: 0, dst: typeAndCode }), [1, 4]));
    expect(flows.map(({ srcPort, dstPort }) => [srcPort, dstPort])).toEqual([[0, typeAndCode], [0, answer]]);
  });

  test('ICMP: type and code of the answer where the exporter says them', () => {
    const { flows } = rows([[2, 4, REVERSE], [32, 2, REVERSE]], bytes(base({ proto: 1, src: 0, dst: 0x0800 }), [1, 4], [0x0301, 2]));
    expect(flows[1].dstPort).toBe(0x0301);
  });

  test("YAF: flags of its own elements in both directions, the answer's delay", () => {
    const CERT = 6871;
    const fields: FixtureField[] = [[1, 4, REVERSE], [14, 1, CERT], [15, 1, CERT], [14 | 0x4000, 1, CERT], [15 | 0x4000, 1, CERT], [21, 4, CERT]];
    const { flows } = rows(fields, bytes(base(), [700, 4], [0x02, 1], [0x18, 1], [0x12, 1], [0x11, 1], [40, 4]));
    expect(flows).toMatchObject([{ tcpFlags: 0x1a, start: START }, { tcpFlags: 0x13, start: START + 40, end: START + 1000 }]);
  });
});

describe('initiator and responder (IE 231, 232, 298, 299)', () => {
  const addresses: FixtureField[] = [[8, 4], [12, 4], [4, 1]];
  const flowsOf = (fields: FixtureField[], values: Buffer): FlowRecord[] => {
    const payload = netflow9([set(0, template(256, [...addresses, ...fields])), set(256, bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [17, 1], values))]);
    return new CaptureDecoder().decode({ srcAddr: '192.0.2.1', payload, timestampMs: START }).filter((record) => record.kind === 'flow');
  };

  test('each direction has its row', () => {
    expect(flowsOf([[231, 4], [232, 4], [298, 4], [299, 4]], bytes([100, 4], [200, 4], [1, 4], [2, 4]))).toMatchObject([{ srcAddr: '10.0.0.1', bytes: 100, packets: 1 }, { srcAddr: '10.0.0.2', bytes: 200, packets: 2 }]);
  });

  test('beside counters of the flow itself they make no row', () => {
    expect(flowsOf([[231, 4], [232, 4], [1, 4], [2, 4]], bytes([100, 4], [200, 4], [300, 4], [3, 4]))).toMatchObject([{ bytes: 300, packets: 3 }]);
  });
});
