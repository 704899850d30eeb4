import { decodeFlowBatch } from '../../schemas';
import { FlowPartitions } from './batch-builder';
import { CaptureDecoder, type CaptureRecord } from './capture-records';
import { FlowDecoder } from './decoder';
import { bytes, flowSample, ip4, ipfix, netflow5, netflow9, optionsTemplate10, optionsTemplate9, set, sflow5, template, type FixtureField } from './fixtures';
import { ConfiguredRates, SamplingRates, SharedRates } from './sampling';

type FlowRecord = Extract<CaptureRecord, { kind: 'flow' }>;

const BASE: readonly FixtureField[] = [[8, 4], [12, 4], [1, 4]];
const base = bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [100, 4]);

/** The sampling rates of the flows of some datagrams of one exporter. */
function rates(datagrams: readonly Buffer[], decoder = new CaptureDecoder()): number[] {
  const records = datagrams.flatMap((payload) => decoder.decode({ srcAddr: '192.0.2.1', payload, timestampMs: 1_700_000_000_000 }));
  expect(records.filter(({ kind }) => kind === 'fault')).toEqual([]);
  return records.filter((record): record is FlowRecord => record.kind === 'flow').map(({ samplingRate }) => samplingRate);
}

const float64 = (value: number): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(value);
  return buffer;
};
const float32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatBE(value);
  return buffer;
};

describe('what options data tell (IPFIX)', () => {
  /** A record of options about scope 302 = 7, and the rate of a flow that names selector 7. */
  const selector = (fields: readonly FixtureField[], values: Uint8Array): number =>
    rates([ipfix([set(3, optionsTemplate10(257, [[302, 4]], fields)), set(257, bytes([7, 4], values)), set(2, template(256, [...BASE, [302, 4]])), set(256, bytes(base, [7, 4]))])])[0];

  test.each<[string, readonly FixtureField[], Uint8Array, number]>([
    ['one of each interval', [[305, 4]], bytes([100, 4]), 100],
    ['an interval and the space after it', [[304, 2], [305, 4], [306, 4]], bytes([1, 2], [1, 4], [999, 4]), 1000],
    ['two of each hundred', [[304, 2], [305, 4], [306, 4]], bytes([1, 2], [2, 4], [98, 4]), 50],
    ['a time of each period', [[304, 2], [307, 4], [308, 4]], bytes([2, 2], [1000, 4], [9000, 4]), 10],
    ['n out of N', [[304, 2], [309, 4], [310, 4]], bytes([3, 2], [3, 4], [1500, 4]), 500],
    ['a probability', [[304, 2], [311, 8]], bytes([4, 2], float64(0.005)), 200],
    ['a probability of reduced size', [[311, 4]], float32(0.001), 1000],
    ['flows of all flows', [[396, 4], [397, 4]], bytes([1, 4], [3, 4]), 4],
    ['the fields of its algorithm, others being there and empty', [[304, 2], [305, 4], [306, 4], [309, 4], [310, 4]], bytes([3, 2], [0, 4], [0, 4], [1, 4], [64, 4]), 64],
    ['a filter scales nothing', [[304, 2]], bytes([5, 2]), 0],
    ['a random interval (Cisco)', [[49, 1], [50, 4]], bytes([2, 1], [128, 4]), 128],
  ])('%s', (_name, fields, values, wanted) => {
    expect(selector(fields, values)).toBe(wanted);
  });

  test('a selection sequence is the product of its selectors, a filter among them (RFC 5476 section 6.5)', () => {
    const report = [set(3, optionsTemplate10(257, [[302, 4]], [[304, 2], [305, 4], [306, 4]])), set(257, bytes([1, 4], [1, 2], [1, 4], [9, 4], [2, 4], [1, 2], [1, 4], [4, 4], [3, 4], [5, 2], [0, 4], [0, 4]))];
    const sequence = [set(3, optionsTemplate10(258, [[301, 8]], [[138, 8], [302, 4], [302, 4], [302, 4]])), set(258, bytes([77, 8], [5, 8], [1, 4], [3, 4], [2, 4]))];
    const flows = [set(2, template(256, [...BASE, [301, 8]])), set(256, bytes(base, [77, 8]))];
    expect(rates([ipfix([...report, ...sequence, ...flows])])).toEqual([50]);
    expect(rates([ipfix([...sequence, ...report, ...flows])])).toEqual([50]);
  });

  test.each([['ingressInterface', 10], ['egressInterface', 14], ['ingressPhysicalInterface', 252]])('by %s as scope: flows that came in there', (_name, id) => {
    const options = [set(3, optionsTemplate10(257, [[id, 4]], [[34, 4]])), set(257, bytes([3, 4], [2048, 4]))];
    expect(rates([ipfix([...options, set(2, template(256, [...BASE, [10, 4]])), set(256, bytes(base, [3, 4], base, [4, 4]))])])).toEqual([2048, 0]);
  });
});

describe('what options data tell (NetFlow v9)', () => {
  const cards = (...pairs: readonly (readonly [card: number, rate: number])[]) => [set(1, optionsTemplate9(257, [[3, 4]], [[34, 4]])), set(257, bytes(...pairs.map(([card, rate]) => bytes([card, 4], [rate, 4]))))];
  const flows = [set(0, template(256, BASE)), set(256, base)];

  test('a line card that is the source id has its own rate', () => {
    expect(rates([netflow9([...cards([1, 100], [2, 200]), ...flows], { domain: 2 })])).toEqual([200]);
  });

  test('line cards that agree speak for the domain, those that differ do not', () => {
    expect(rates([netflow9([...cards([1, 100], [2, 100]), ...flows], { domain: 9 })])).toEqual([100]);
    expect(rates([netflow9([...cards([1, 100], [2, 200]), ...flows], { domain: 9 })])).toEqual([0]);
  });
});

describe('across the domains of an exporter', () => {
  const sampler = [set(1, optionsTemplate9(257, [[1, 4]], [[48, 1], [50, 4]])), set(257, bytes([0, 4], [1, 1], [1000, 4]))];
  const naming = [set(0, template(256, [...BASE, [48, 1]])), set(256, bytes(base, [1, 1]))];

  test('a sampler described in one domain is known in another', () => {
    expect(rates([netflow9(sampler, { domain: 0 }), netflow9(naming, { domain: 513 })])).toEqual([1000]);
  });

  test('its own description goes first', () => {
    const own = [set(1, optionsTemplate9(257, [[1, 4]], [[48, 1], [50, 4]])), set(257, bytes([0, 4], [1, 1], [10, 4]))];
    expect(rates([netflow9(own, { domain: 513 }), netflow9(sampler, { domain: 0 }), netflow9(naming, { domain: 513 })])).toEqual([10]);
  });

  test('a rate of the whole exporting process (domain 0) holds where a domain says nothing; that of another domain does not', () => {
    const whole = (domain: number) => ipfix([set(3, optionsTemplate10(257, [[144, 4]], [[34, 4]])), set(257, bytes([1, 4], [512, 4]))], { domain });
    const flows = ipfix([set(2, template(256, BASE)), set(256, base)], { domain: 7 });
    expect(rates([whole(0), flows])).toEqual([512]);
    expect(rates([whole(3), flows])).toEqual([0]);
  });

  test('another exporter is none of it', () => {
    const decoder = new CaptureDecoder();
    decoder.decode({ srcAddr: '192.0.2.9', payload: netflow9(sampler), timestampMs: 0 });
    expect(rates([netflow9(naming)], decoder)).toEqual([0]);
  });
});

describe('NetFlow v5', () => {
  test.each([
    ['mode 1, 1 of 100', 0x4064, 100],
    ['mode 2, 1 of 100', 0x8064, 100],
    ['no mode, as many routers leave it, 1 of 100', 0x0064, 100],
    ['a mode and no interval', 0x4000, 0],
    ['nothing', 0, 0],
  ])('header: %s', (_name, sampling, wanted) => {
    expect(rates([netflow5([{ src: '10.0.0.1', dst: '10.0.0.2' }], { sampling })])).toEqual([wanted]);
  });

  test('engines of one router have rates of their own', () => {
    const of = (engine: number, sampling: number) => netflow5([{ src: '10.0.0.1', dst: '10.0.0.2' }], { engine, sampling });
    expect(rates([of(1, 100), of(2, 200), of(1, 100)])).toEqual([100, 200, 100]);
  });
});

describe('exporters that multiply their counters themselves', () => {
  test('have a rate of 1, whatever they or the configuration say, and their datagrams are marked', () => {
    const configured = new ConfiguredRates({ '192.0.2.0/24': 10 }, 99, ['192.0.2.1', '2001:db8::/32']);
    const decoder = new CaptureDecoder(configured);
    const v5 = netflow5([{ src: '10.0.0.1', dst: '10.0.0.2' }], { sampling: 0x4064 });
    expect(rates([v5], decoder)).toEqual([1]);
    expect([...decoder.decoder.streams].map(({ scaled, rates: of }) => [scaled, of?.describe()])).toEqual([[true, { rate: 1, origin: 'exporter-scaled' }]]);
  });

  test('are known by the agent of sFlow as well; the rows of one datagram are marked once, counters as sent', () => {
    const partitions = new FlowPartitions(1);
    const decoder = new FlowDecoder(partitions, new ConfiguredRates({}, 0, ['192.0.2.77']), { perExporter: 1 << 20, total: 1 << 20 }, { fault: () => undefined });
    const from = decoder.sources.of('198.51.100.1');
    decoder.decode(sflow5([flowSample([], { rate: 512 }), flowSample([], { rate: 512 })], { agent: '192.0.2.77' }), from, 0, 0);
    decoder.decode(sflow5([flowSample([], { rate: 512 })], { agent: '192.0.2.78' }), from, 0, 1, 3);
    const { datagrams, flows } = decodeFlowBatch(partitions.builders[0].take(0));
    expect(datagrams.map(({ scaled, thinning }) => [scaled, thinning])).toEqual([[true, 1], [false, 3]]);
    expect(flows.map(({ samplingRate, packets }) => [samplingRate, packets])).toEqual([[1, 1], [1, 1], [1536, 1]]);
  });

  test.each(['router-1', '192.0.2.0/33'])('%s is none', (text) => {
    expect(() => new ConfiguredRates({}, 0, [text])).toThrow();
  });
});

describe('thinning', () => {
  test.each([
    ['a rate that is known', 100, 400],
    ['one that is not: the exporter is taken as unsampled', 0, 4],
  ])('is multiplied into %s', (_name, rate, wanted) => {
    const known = new SamplingRates(0, 0);
    if (rate > 0) known.learnDomain(rate);
    known.thin(4);
    expect(known.plain(0)).toBe(wanted);
    known.thin(1);
    expect(known.plain(0)).toBe(rate);
  });

  test('and into those of records, samplers, interfaces and configuration', () => {
    const rates = new SamplingRates(0, 0, 0, new SharedRates());
    rates.learnSampler(1, 10);
    rates.learnSampler(2, 20);
    rates.learnInterface(5, 50);
    rates.thin(3);
    expect([rates.of(7, -1, 0), rates.of(0, 2, 0), rates.of(0, -1, 5), rates.plain(5)]).toEqual([21, 60, 150, 150]);
    const configured = new SamplingRates(100, 0);
    configured.thin(3);
    expect([configured.plain(0), configured.of(7, 1, 1)]).toEqual([300, 300]);
  });
});

test.each<[string, (rates: SamplingRates) => void, object]>([
  ['nothing', () => undefined, { rate: 9, origin: 'default' }],
  ['a header', (rates) => rates.learnDomain(100, 'header'), { rate: 100, origin: 'header' }],
  ['options of the domain', (rates) => rates.learnDomain(100), { rate: 100, origin: 'options' }],
  ['one sampler', (rates) => rates.learnSampler(1, 50), { rate: 50, origin: 'sampler' }],
  ['samplers that differ', (rates) => [1, 2].forEach((id) => rates.learnSampler(id, id * 50)), { rate: 0, origin: 'sampler' }],
  ['interfaces', (rates) => rates.learnInterface(1, 50), { rate: 50, origin: 'interface' }],
])('where the rate is known from: %s', (_name, learn, wanted) => {
  const rates = new SamplingRates(0, 9);
  learn(rates);
  expect(rates.describe()).toEqual(wanted);
});
