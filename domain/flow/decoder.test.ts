import { CaptureDecoder, type CaptureRecord } from './capture-records';
import {
  bytes, counterSample, ethernet, flowSample, ip4, ipfix, ipv4Packet, netflow5, netflow9, optionsTemplate10, optionsTemplate9, sampledHeader, set, sflow5, sflowPart, tcp, template, vlan,
  type FixtureField,
} from './fixtures';
import { ConfiguredRates } from './sampling';

type FlowRecord = Extract<CaptureRecord, { kind: 'flow' }>;

const RECEIVED = 1_700_000_123_456;
const EXPORT = 1_700_000_000_000;
const UPTIME = 3_600_000;

/** Decodes datagrams in order; each may name its exporter. */
function decode(datagrams: readonly (Uint8Array | readonly [from: string, datagram: Uint8Array])[], decoder = new CaptureDecoder()) {
  const records = datagrams.flatMap((item) => {
    const [srcAddr, payload] = item instanceof Uint8Array ? ['192.0.2.1', item] : item;
    return decoder.decode({ srcAddr, payload: Buffer.from(payload), timestampMs: RECEIVED });
  });
  return {
    records,
    flows: records.filter((record): record is FlowRecord => record.kind === 'flow'),
    faults: records.filter((record) => record.kind === 'fault').map(({ fault }) => fault),
  };
}

const BASE: readonly FixtureField[] = [[8, 4], [12, 4], [4, 1]];
const base = (proto = 6): Buffer => bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [proto, 1]);

/** The one flow of a template with {@link BASE} and further fields. */
function flowWith(fields: readonly FixtureField[], values: Uint8Array, { proto = 6, version = 10 } = {}): FlowRecord {
  const sets = (id: number) => [set(id, template(256, [...BASE, ...fields])), set(256, bytes(base(proto), values))];
  const { flows, faults } = decode([version === 10 ? ipfix(sets(2)) : netflow9(sets(0))]);
  expect(faults).toEqual([]);
  expect(flows).toHaveLength(1);
  return flows[0];
}

test('prefix lengths of more bytes than they need, of both families and without an address, are cut to what the row holds', () => {
  const { flows } = decode([ipfix([set(2, template(256, [[9, 4], [29, 4], [13, 2], [30, 2], [7, 2]])), set(256, bytes([0xfffffe18, 4], [0xffffff20, 4], [0xff10, 2], [0xff30, 2], [5, 2]))])]);
  expect(flows).toMatchObject([{ srcMask: 24, dstMask: 16, srcPort: 5 }]);
});

describe('NetFlow v5', () => {
  test('every field of header and record', () => {
    const { flows } = decode([
      netflow5(
        [{ src: '10.0.0.1', dst: '10.0.0.2', nextHop: '10.0.0.3', inIf: 4, outIf: 5, packets: 6, bytes: 700, first: 3_590_000, last: 3_599_000, srcPort: 8, dstPort: 9, flags: 0x1b, proto: 6, tos: 12, srcAs: 64512, dstAs: 64513, srcMask: 24, dstMask: 16 }],
        { sequence: 4294967295, engine: 0x0102, nanoseconds: 500_999_999, sampling: 0x4064 },
      ),
    ]);
    expect(flows).toEqual([
      {
        kind: 'flow', exporter: '192.0.2.1', protocol: 'NETFLOW_V5', domain: 258, sequence: 4294967295, exportTime: EXPORT + 500, receiveTime: RECEIVED,
        srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', nextHop: '10.0.0.3', inIf: 4, outIf: 5, packets: 6, bytes: 700, samplingRate: 100, start: EXPORT + 500 - 10_000, end: EXPORT + 500 - 1000,
        srcPort: 8, dstPort: 9, tcpFlags: 0x1b, proto: 6, tos: 12, srcAs: 64512, dstAs: 64513, srcMask: 24, dstMask: 16, vlan: 0, direction: 0, detail: null, observers: 1,
      },
    ]);
  });

  test('a flow from before the wrap of sysUpTime lies before the export', () => {
    const [flow] = decode([netflow5([{ src: '10.0.0.1', dst: '10.0.0.2', first: 4294967295 - 9999, last: 1000 }], { uptime: 2000 })]).flows;
    expect([flow.start, flow.end]).toEqual([EXPORT - 12_000, EXPORT - 1000]);
  });

  test.each([
    ['a count beyond the datagram keeps the records that are there', { count: 55582 }, 2, ['bad_length']],
    ['a count below it keeps the counted', { count: 1 }, 1, []],
    ['a count of nothing', { count: 0 }, 0, ['bad_length']],
  ])('%s', (_name, header, flows, faults) => {
    const got = decode([netflow5([{ src: '10.0.0.1', dst: '10.0.0.2' }, { src: '10.0.0.1', dst: '10.0.0.2' }], header)]);
    expect([got.flows.length, got.faults]).toEqual([flows, faults]);
  });
});

describe('fields of templates', () => {
  test.each<[string, FixtureField[], Buffer, Partial<FlowRecord>]>([
    ['reduced sizes (RFC 7011 section 6.2)', [[1, 2], [2, 1], [10, 1], [14, 3], [16, 4]], bytes([500, 2], [3, 1], [7, 1], [70000, 3], [4200000000, 4]), { bytes: 500, packets: 3, inIf: 7, outIf: 70000, srcAs: 4200000000 }],
    ['totals where there are no deltas', [[85, 8], [86, 8]], bytes([5e9, 8], [7, 8]), { bytes: 5e9, packets: 7 }],
    ['an element repeated: the first', [[1, 4], [1, 4], [7, 2], [7, 2]], bytes([1, 4], [2, 4], [3, 2], [4, 2]), { bytes: 1, srcPort: 3 }],
    ['unknown and enterprise elements stepped over', [[999, 3], [1, 4, 99999], [1, 4]], bytes([1, 3], [2, 4], [3, 4]), { bytes: 3 }],
    ['variable lengths, short and long', [[82, 65535], [7, 2], [83, 65535], [11, 2]], bytes([3, 1], Buffer.from('eth'), [80, 2], [255, 1], [300, 2], Buffer.alloc(300, 65), [81, 2]), { srcPort: 80, dstPort: 81 }],
    ['fields of no length', [[210, 0], [7, 2]], bytes([80, 2]), { srcPort: 80 }],
    ['flags of 16 bits, masks, VLAN, direction, next hop', [[6, 2], [9, 1], [13, 1], [58, 2], [61, 1], [15, 4]], bytes([0x0112, 2], [24, 1], [25, 1], [100, 2], [1, 1], ip4('10.9.9.9')), { tcpFlags: 0x112, srcMask: 24, dstMask: 25, vlan: 100, direction: 1, nextHop: '10.9.9.9' }],
    ['interfaces of the box where the logical ones are 0', [[10, 4], [14, 4], [252, 4], [253, 4]], bytes([0, 4], [3, 4], [8, 4], [9, 4]), { inIf: 8, outIf: 3 }],
  ])('%s', (_name, fields, values, wanted) => {
    expect(flowWith(fields, values)).toMatchObject(wanted);
  });

  test.each<[string, number, FixtureField[], Buffer, number]>([
    ['IE 32', 1, [[32, 2]], bytes([0x0801, 2]), 0x801],
    ['IE 139', 58, [[139, 2]], bytes([0x8700, 2]), 0x8700],
    ['IE 176 and 177', 1, [[176, 1], [177, 1]], bytes([3, 1], [13, 1]), 0x30d],
    ['IE 178 and 179', 58, [[178, 1], [179, 1]], bytes([1, 1], [4, 1]), 0x104],
    ['the port, where IE 32 is 0', 1, [[32, 2], [11, 2]], bytes([0, 2], [0x0800, 2]), 0x800],
    ['the port of what is not ICMP', 6, [[32, 2], [11, 2]], bytes([0x0801, 2], [443, 2]), 443],
  ])('ICMP type and code from %s', (_name, proto, fields, values, wanted) => {
    expect(flowWith(fields, values, { proto }).dstPort).toBe(wanted);
  });

  const ntp = (ms: number): bigint => (BigInt(Math.floor(ms / 1000) + 2208988800) << 32n) | (BigInt(Math.floor(((ms % 1000) / 1000) * 2 ** 32)) + 1n);
  test.each<[string, FixtureField[], Buffer, number, number]>([
    ['milliseconds', [[152, 8], [153, 8]], bytes([EXPORT - 5, 8], [EXPORT - 3, 8]), EXPORT - 5, EXPORT - 3],
    ['seconds', [[150, 4], [151, 4]], bytes([EXPORT / 1000 - 5, 4], [EXPORT / 1000 - 3, 4]), EXPORT - 5000, EXPORT - 3000],
    ['microseconds, which are NTP times', [[154, 8], [155, 8]], bytes([ntp(EXPORT - 1500), 8], [ntp(EXPORT - 250), 8]), EXPORT - 1500, EXPORT - 250],
    ['nanoseconds, which are NTP times', [[156, 8], [157, 8]], bytes([ntp(EXPORT - 999), 8], [ntp(EXPORT - 1), 8]), EXPORT - 999, EXPORT - 1],
    ['microseconds before the export', [[158, 4], [159, 4]], bytes([2_000_000, 4], [500_000, 4]), EXPORT - 2000, EXPORT - 500],
    ['a start and a duration', [[152, 8], [161, 4]], bytes([EXPORT - 900, 8], [400, 4]), EXPORT - 900, EXPORT - 500],
    ['sysUpTime and IE 160 in the record', [[22, 4], [21, 4], [160, 8]], bytes([1000, 4], [2000, 4], [EXPORT - 60_000, 8]), EXPORT - 59_000, EXPORT - 58_000],
    ['sysUpTime without its beginning: the end is the export', [[22, 4], [21, 4]], bytes([1000, 4], [3500, 4]), EXPORT - 2500, EXPORT],
    ['the time of observation', [[323, 8]], bytes([EXPORT - 7, 8]), EXPORT - 7, EXPORT - 7],
    ['no time at all: the export', [[7, 2]], bytes([1, 2]), EXPORT, EXPORT],
  ])('times: %s', (_name, fields, values, start, end) => {
    const flow = flowWith(fields, values);
    expect([flow.start, flow.end]).toEqual([start, end]);
  });

  test('NetFlow v9: sysUpTime is that of the header', () => {
    const flow = flowWith([[22, 4], [21, 4]], bytes([UPTIME - 4000, 4], [UPTIME - 1000, 4]), { version: 9 });
    expect([flow.start, flow.end]).toEqual([EXPORT - 4000, EXPORT - 1000]);
  });

  test('IPv6, and templates that hold both families', () => {
    const six = Buffer.from('20010db8000000000000000000000001', 'hex');
    const fields: FixtureField[] = [[8, 4], [27, 16], [28, 16], [12, 4], [9, 1], [29, 1]];
    const records = bytes(ip4('10.0.0.1'), Buffer.alloc(16), Buffer.alloc(16), ip4('10.0.0.2'), [24, 1], [0, 1], ip4('0.0.0.0'), six, six, ip4('0.0.0.0'), [0, 1], [48, 1]);
    const { flows } = decode([ipfix([set(2, template(256, fields)), set(256, records)])]);
    expect(flows).toMatchObject([
      { srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', srcMask: 24 },
      { srcAddr: '2001:db8::1', dstAddr: '2001:db8::1', srcMask: 48 },
    ]);
  });

  test('the frame itself (IE 315, RFC 7133)', () => {
    const frame = ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(80, 81, 2), { length: 1400 }), vlan(5));
    const { flows } = decode([ipfix([set(2, template(256, [[10, 4], [315, 65535]])), set(256, bytes([3, 4], [frame.length, 1], frame))])]);
    expect(flows).toMatchObject([{ srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', srcPort: 80, dstPort: 81, proto: 6, tcpFlags: 2, vlan: 5, bytes: 1400, packets: 1, inIf: 3 }]);
  });
});

describe('sampling rates', () => {
  const flowTemplate = (...more: FixtureField[]): Buffer => template(256, [...BASE, ...more]);
  const rates = (datagrams: Uint8Array[], configured?: ConfiguredRates): number[] => decode(datagrams, new CaptureDecoder(configured)).flows.map(({ samplingRate }) => samplingRate);

  test.each<[string, FixtureField[], Buffer, number]>([
    ['IE 34 in the record', [[34, 4]], bytes([512, 4]), 512],
    ['IE 305 and 306: one of so many', [[305, 4], [306, 4]], bytes([1, 4], [999, 4]), 1000],
    ['IE 305 alone is the interval', [[305, 4]], bytes([64, 4]), 64],
    ['IE 309 and 310: so many of so many', [[309, 4], [310, 4]], bytes([2, 4], [256, 4]), 128],
    ['nothing known', [], Buffer.alloc(0), 0],
  ])('%s', (_name, fields, values, rate) => {
    expect(rates([ipfix([set(2, flowTemplate(...fields)), set(256, bytes(base(), values))])])).toEqual([rate]);
  });

  test('options data of the whole exporter (NetFlow v9, IE 34)', () => {
    const options = [set(1, optionsTemplate9(257, [[1, 4]], [[34, 4], [35, 1]])), set(257, bytes([0, 4], [100, 4], [1, 1]))];
    expect(rates([netflow9([...options, set(0, flowTemplate()), set(256, base())])])).toEqual([100]);
  });

  test('sampler tables: a record names its sampler (v9 IE 48; IPFIX IE 302)', () => {
    const nine = [set(1, optionsTemplate9(257, [[1, 4]], [[48, 1], [49, 1], [50, 4]])), set(257, bytes([0, 4], [1, 1], [2, 1], [10, 4], [0, 4], [2, 1], [2, 1], [20, 4]))];
    expect(rates([netflow9([...nine, set(0, flowTemplate([48, 1])), set(256, bytes(base(), [2, 1], base(), [1, 1], base(), [3, 1]))])])).toEqual([20, 10, 0]);
    const ten = [set(3, optionsTemplate10(257, [[302, 4]], [[305, 4], [306, 4]])), set(257, bytes([7, 4], [1, 4], [4095, 4]))];
    expect(rates([ipfix([...ten, set(2, flowTemplate([302, 4])), set(256, bytes(base(), [7, 4]))])])).toEqual([4096]);
  });

  test('the only sampler of a domain is for records that name none, too', () => {
    const ten = [set(3, optionsTemplate10(257, [[302, 4]], [[305, 4]])), set(257, bytes([7, 4], [50, 4]))];
    expect(rates([ipfix([...ten, set(2, flowTemplate()), set(256, base())])])).toEqual([50]);
  });

  test('rates by interface (scope of the options)', () => {
    const nine = [set(1, optionsTemplate9(257, [[2, 4]], [[34, 4]])), set(257, bytes([5, 4], [500, 4]))];
    expect(rates([netflow9([...nine, set(0, flowTemplate([10, 4])), set(256, bytes(base(), [5, 4], base(), [6, 4]))])])).toEqual([500, 0]);
  });

  test('configuration by prefix wins, its default is for what nothing tells', () => {
    const configured = new ConfiguredRates({ '192.0.2.0/24': 10, '192.0.2.1': 7, '2001:db8::/32': 3 }, 99);
    const v5 = netflow5([{ src: '10.0.0.1', dst: '10.0.0.2' }], { sampling: 1000 });
    const silent = netflow5([{ src: '10.0.0.1', dst: '10.0.0.2' }]);
    const { flows } = decode([v5, ['192.0.2.9', v5], ['2001:db8::9', v5], ['198.51.100.1', v5], ['198.51.100.1', silent], ['198.51.100.2', sflow5([flowSample([], { rate: 0 })], { agent: '198.51.100.3' })], ['198.51.100.2', sflow5([flowSample([])])]], new CaptureDecoder(configured));
    expect(flows.map(({ samplingRate }) => samplingRate)).toEqual([7, 10, 3, 1000, 99, 99, 7]);
  });
});

describe('templates', () => {
  const t = (id: number, ...fields: FixtureField[]): Buffer => set(2, template(id, [...BASE, ...fields]));

  test('are of one exporter, version and observation domain', () => {
    const data = [set(256, base())];
    const { flows, faults } = decode([ipfix([t(256)], { domain: 1 }), ipfix(data, { domain: 1 }), ipfix(data, { domain: 2 }), ['192.0.2.2', ipfix(data, { domain: 1 })], netflow9(data, { domain: 1 })]);
    expect([flows.length, faults]).toEqual([1, ['template_missing', 'template_missing', 'template_missing']]);
  });

  test('may change', () => {
    const { flows } = decode([ipfix([t(256, [7, 2])]), ipfix([set(256, bytes(base(), [1, 2]))]), ipfix([t(256, [11, 2])]), ipfix([set(256, bytes(base(), [2, 2]))])]);
    expect(flows).toMatchObject([{ srcPort: 1, dstPort: 0 }, { srcPort: 0, dstPort: 2 }]);
  });

  test.each([
    ['one', set(2, bytes([256, 2], [0, 2])), 1],
    ['all', set(2, bytes([2, 2], [0, 2])), 0],
    ['all of options: templates of data stay', set(3, bytes([3, 2], [0, 2])), 2],
  ])('are withdrawn (RFC 7011 section 8.1): %s', (_name, withdrawal, left) => {
    const { flows } = decode([ipfix([t(256), t(257)]), ipfix([withdrawal]), ipfix([set(256, base()), set(257, base())])]);
    expect(flows).toHaveLength(left);
  });

  test.each<[string, Buffer, string[], number]>([
    ['no fields (NetFlow v9)', netflow9([set(0, bytes([256, 2], [0, 2]))]), ['bad_template'], 0],
    ['a reserved id', netflow9([set(0, template(255, BASE))]), ['bad_template'], 0],
    ['records of no length', netflow9([set(0, template(256, [[8, 0]])), set(256, base())]), ['bad_template', 'template_missing'], 0],
    ['more fields than the set holds: those before it stay', netflow9([set(0, bytes(template(256, BASE), [257, 2], [9, 2], [8, 2])), set(256, base())]), ['truncated'], 1],
    ['zeros after the last template are padding', netflow9([set(0, bytes(template(256, BASE), [0, 4])), set(256, base())]), [], 1],
  ])('%s', (_name, datagram, faults, flows) => {
    const got = decode([datagram]);
    expect([got.faults, got.flows.length]).toEqual([faults, flows]);
  });
});

describe('messages that are not as they should be', () => {
  const nine = (...sets: Buffer[]): Buffer[] => [set(0, template(256, BASE)), ...sets];
  test.each<[string, Buffer, string[], number]>([
    ['padding after the records', netflow9(nine(set(256, base(), 3))), [], 1],
    ['padding behind the last set that its length does not say', netflow9([...nine(set(256, base())), Buffer.alloc(3)]), [], 1],
    ['bytes behind the last set that are none', netflow9([...nine(set(256, base())), Buffer.alloc(3, 7)]), ['truncated'], 1],
    ['a header count that is wrong either way', netflow9(nine(set(256, base())), { count: 1 }), [], 1],
    ['a set that ends after the datagram: the records that are whole', netflow9(nine(bytes([256, 2], [400, 2], base(), base(), [1, 3]))), ['bad_length'], 2],
    ['a set of no length ends the datagram', netflow9(nine(set(256, base()), bytes([256, 2], [0, 2]))), ['bad_length'], 1],
    ['a set that no standard knows', netflow9(nine(set(77, base()), set(256, base()))), ['reserved_set'], 1],
    ['a set that ends after the message but not the datagram', ipfix([set(2, template(256, BASE)), set(256, base())], { length: 44 }), ['bad_length'], 1],
    ['a message longer than its datagram', ipfix([set(2, template(256, BASE)), set(256, base())], { length: 500 }), ['bad_length'], 1],
    ['a field that runs over its record', ipfix([set(2, template(256, [...BASE, [82, 65535]])), set(256, bytes(base(), [200, 1]))]), ['truncated'], 0],
    ['NetFlow v1 is no NetFlow v5', bytes([1, 2], [1, 2], [0, 12], Buffer.alloc(52)), ['unsupported_version'], 0],
    ['sFlow v4', bytes([4, 4], [1, 4], [0, 20]), ['unsupported_version'], 0],
    ['a header cut short (v5)', bytes([5, 2], [1, 2]), ['truncated'], 0],
    ['a header cut short (v9)', bytes([9, 2], [1, 2]), ['truncated'], 0],
    ['a header cut short (sFlow)', bytes([5, 4], [1, 4]), ['truncated'], 0],
    ['three bytes', Buffer.alloc(3), ['truncated'], 0],
    ['nothing', Buffer.alloc(0), ['truncated'], 0],
    ['more than UDP holds', Buffer.alloc(70_000), ['oversize'], 0],
  ])('%s', (_name, datagram, faults, flows) => {
    const got = decode([datagram]);
    expect([got.faults, got.flows.length]).toEqual([faults, flows]);
  });

  test('options of next to no bytes each, with hundreds of fields', () => {
    const nothing: FixtureField[] = Array.from({ length: 500 }, (_, i) => [300 + i, 0]);
    const { records, faults } = decode([ipfix([set(3, optionsTemplate10(256, [[149, 1]], nothing)), set(256, Buffer.alloc(60_000))])]);
    expect(records.filter(({ kind }) => kind === 'options').length).toBeLessThan(2 ** 18 / 500);
    expect(faults).toEqual(['record_limit']);
  });

  test('a datagram of more records than any real one holds', () => {
    const { flows, faults } = decode([netflow9([set(0, template(256, [[4, 1]])), set(256, Buffer.alloc(60_000))])]);
    expect([flows.length, faults]).toEqual([8192, ['record_limit']]);
  });
});

describe('sFlow v5', () => {
  const frame = ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 17, bytes([53, 2], [4000, 2], [0, 4]), { tos: 8 }), vlan(12));

  test('a sampled header', () => {
    const { flows } = decode([sflow5([flowSample([sampledHeader(frame, { length: 1514 })], { rate: 2048, input: 3, output: 0x3fffffff })], { agent: '192.0.2.77', subAgent: 5, sequence: 6 })]);
    expect(flows).toEqual([
      {
        kind: 'flow', exporter: '192.0.2.77', protocol: 'SFLOW_V5', domain: 5, sequence: 6, exportTime: RECEIVED, receiveTime: RECEIVED,
        srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', srcPort: 53, dstPort: 4000, proto: 17, tcpFlags: 0, tos: 8, packets: 1, bytes: 1514, samplingRate: 2048, start: RECEIVED, end: RECEIVED,
        inIf: 3, outIf: 0, nextHop: '', srcAs: 0, dstAs: 0, srcMask: 0, dstMask: 0, vlan: 12, direction: 0, detail: null, observers: 1,
      },
    ]);
  });

  test('an expanded sample with switch, router and gateway records', () => {
    const records = [
      sampledHeader(frame),
      sflowPart(1001, bytes([30, 4], [0, 4], [31, 4], [0, 4])),
      sflowPart(1002, bytes([1, 4], ip4('0.0.0.0'), [24, 4], [16, 4])),
      sflowPart(1003, bytes([1, 4], ip4('10.9.9.9'), [64500, 4], [64501, 4], [64502, 4], [1, 4], [2, 4], [2, 4], [64503, 4], [64504, 4], [0, 4], [100, 4])),
      sflowPart(4096, Buffer.alloc(8)),
    ];
    const sample = sflowPart(3, bytes([1, 4], [0, 4], [1, 4], [512, 4], [0, 4], [0, 4], [0, 4], [2_000_000_000, 4], [1, 4], [9, 4], [records.length, 4], ...records));
    expect(decode([sflow5([sample])]).flows).toMatchObject([{ samplingRate: 512, inIf: 2_000_000_000, outIf: 0, vlan: 30, srcMask: 24, dstMask: 16, nextHop: '10.9.9.9', srcAs: 64501, dstAs: 64504 }]);
  });

  test('sampled IPv4 and IPv6 records, where there is no header', () => {
    const six = Buffer.from('20010db8000000000000000000000001', 'hex');
    const { flows } = decode([
      sflow5([
        flowSample([sflowPart(3, bytes([600, 4], [6, 4], ip4('10.0.0.1'), ip4('10.0.0.2'), [80, 4], [81, 4], [2, 4], [4, 4]))]),
        flowSample([sflowPart(4, bytes([700, 4], [17, 4], six, six, [53, 4], [54, 4], [0, 4], [5, 4])), sflowPart(2, bytes([714, 4], Buffer.alloc(16), [0x86dd, 4]))]),
      ]),
    ]);
    expect(flows).toMatchObject([
      { srcAddr: '10.0.0.1', dstPort: 81, proto: 6, tcpFlags: 2, tos: 4, bytes: 600 },
      { srcAddr: '2001:db8::1', dstPort: 54, proto: 17, tos: 5, bytes: 714 },
    ]);
  });

  test('counter samples, discarded packets and unknown samples', () => {
    const { records, flows, faults } = decode([sflow5([counterSample(3, 5e9, 6), sflowPart(5, Buffer.alloc(40)), sflowPart(0x1001, Buffer.alloc(4)), flowSample([])])]);
    expect(records.filter(({ kind }) => kind === 'counters')).toMatchObject([{ ifIndex: 3, inOctets: 5e9, outOctets: 6, adminUp: true, operUp: true }]);
    expect([flows.length, faults]).toEqual([1, []]);
  });

  test.each([
    ['a sample that runs over the datagram: those before it stay', bytes(flowSample([]), [1, 4], [400, 4], [0, 4]), 2, ['bad_length']],
    ['more samples counted than there are', flowSample([]), 9, ['truncated']],
    ['a record that runs over its sample: what was read of it stays', flowSample([bytes([1, 4], [400, 4])]), 1, ['truncated']],
  ])('%s', (_name, samples, count, wanted) => {
    const { flows, faults } = decode([sflow5([samples], { count })]);
    expect([flows.length, faults]).toEqual([1, wanted]);
  });
});
