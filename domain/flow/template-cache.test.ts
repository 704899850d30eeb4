import { FlowPartitions } from './batch-builder';
import { FlowDecoder } from './decoder';
import { ip4, ipfix, netflow5, set, template, bytes } from './fixtures';
import { ConfiguredRates } from './sampling';
import type { TemplateLimits } from './template-cache';

const FIELDS = [[8, 4], [12, 4], [1, 4]] as const;
const record = bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [1, 4]);

function setUp(limits: TemplateLimits) {
  const faults = new Map<string, number>();
  const decoder = new FlowDecoder(new FlowPartitions(1), new ConfiguredRates({}, 0), limits, {
    fault: (source, fault) => faults.set(`${source.address} ${fault}`, (faults.get(`${source.address} ${fault}`) ?? 0) + 1),
  });
  let serial = 0;
  return { decoder, faults, send: (from: string, datagram: Buffer, second = 0) => decoder.decode(datagram, decoder.sources.of(from), second * 1000, serial++) };
}

test('a flood of templates from made-up exporters takes bounded memory and leaves an exporter at work alone', () => {
  const { decoder, faults, send } = setUp({ perExporter: 1 << 20, total: 100_000 });
  send('192.0.2.1', ipfix([set(2, template(256, FIELDS)), set(256, record)]));
  for (let i = 0; i < 10_000; i++) send(`10.${i >> 8}.${i & 255}.1`, ipfix([set(2, template(256, FIELDS))]), i);
  expect(decoder.templates.weight).toBeLessThanOrEqual(100_000);
  expect(decoder.templates.size).toBeLessThan(200);
  expect([...faults.values()].reduce((a, b) => a + b, 0)).toBeGreaterThan(9_800);
  expect(send('192.0.2.1', ipfix([set(256, record)]), 20_000)).toBe(1);
  expect(send('10.0.0.1', ipfix([set(256, record)]), 20_000)).toBe(0);
  expect(faults.get('10.0.0.1 template_missing')).toBe(1);
});

test('of those that never delivered a flow the longest silent is forgotten first', () => {
  const { send } = setUp({ perExporter: 1 << 20, total: 3000 });
  const learn = ipfix([set(2, template(256, FIELDS))]);
  for (let i = 1; i <= 3; i++) send(`192.0.2.${i}`, learn, i);
  send('192.0.2.1', learn, 4);
  send('192.0.2.4', learn, 5); // there is room for three
  expect([1, 2, 3, 4].map((i) => send(`192.0.2.${i}`, ipfix([set(256, record)]), 6))).toEqual([1, 0, 1, 1]);
});

test('an exporter has its share: further templates are refused and counted, known ones go on', () => {
  const { decoder, faults, send } = setUp({ perExporter: 10_000, total: 1 << 20 });
  for (let id = 256; id < 1256; id++) send('192.0.2.1', ipfix([set(2, template(id, FIELDS))], { domain: id % 7 }));
  expect(decoder.templates.weight).toBeLessThanOrEqual(10_000);
  expect(faults.get('192.0.2.1 template_limit')).toBeGreaterThan(900);
  expect(send('192.0.2.1', ipfix([set(256, record)], { domain: 256 % 7 }))).toBe(1);
  expect(send('192.0.2.2', ipfix([set(2, template(256, FIELDS)), set(256, record)]))).toBe(1);
});

test('what is forgotten or withdrawn gives its memory back', () => {
  const { decoder, send } = setUp({ perExporter: 1 << 20, total: 1 << 20 });
  send('192.0.2.1', ipfix([set(2, bytes(template(256, FIELDS), template(257, FIELDS)))]));
  const { weight } = decoder.templates;
  send('192.0.2.1', ipfix([set(2, template(258, FIELDS))]));
  expect(decoder.templates.weight).toBeGreaterThan(weight);
  send('192.0.2.1', ipfix([set(2, bytes([258, 2], [0, 2]))]));
  expect([decoder.templates.weight, decoder.templates.size]).toEqual([weight, 2]);
});

test('a template sent again is not made again', () => {
  const { decoder, send } = setUp({ perExporter: 1 << 20, total: 1 << 20 });
  const both = ipfix([set(2, template(256, FIELDS)), set(256, record)]);
  send('192.0.2.1', both);
  const { weight } = decoder.templates;
  for (let i = 0; i < 100; i++) send('192.0.2.1', both);
  expect([decoder.templates.weight, decoder.templates.size, decoder.counts.templates]).toEqual([weight, 1, 101]);
});

test('learnt sampling rates are bounded as well', () => {
  const { decoder, send } = setUp({ perExporter: 1 << 20, total: 1 << 20 });
  const options = (id: number) => bytes([id, 4], [10, 4]);
  send('192.0.2.1', ipfix([set(3, bytes([257, 2], [2, 2], [1, 2], [302, 2], [4, 2], [305, 2], [4, 2]))]));
  for (let i = 0; i < 100; i++) send('192.0.2.1', ipfix([set(257, Buffer.concat(Array.from({ length: 100 }, (_, j) => options(i * 100 + j))))]));
  expect(decoder.templates.weight).toBeLessThan(1024 * 64 + 2000);
  expect(decoder.counts.optionsRecords).toBe(10_000);
});

describe('what a template belongs to', () => {
  const limits = { perExporter: 1 << 20, total: 1 << 20 };
  const other = [[8, 4], [12, 4], [2, 4]] as const;

  function scoped(templateScope: 'address' | 'address-and-port') {
    const faults: string[] = [];
    const decoder = new FlowDecoder(new FlowPartitions(1), new ConfiguredRates({}, 0), limits, { fault: (_source, fault) => faults.push(fault) }, { templateScope });
    let serial = 0;
    return { decoder, faults, send: (port: number, datagram: Buffer) => decoder.decode(datagram, decoder.sources.of('192.0.2.1', port), 0, serial++) };
  }

  test('an address: two exporters behind one are told by their definitions taking turns', () => {
    const { send, faults } = scoped('address');
    for (let i = 0; i < 4; i++) {
      send(1001, ipfix([set(2, template(256, FIELDS)), set(256, record)]));
      send(1002, ipfix([set(2, template(256, other)), set(256, record)]));
    }
    expect(faults).toEqual(['template_changed', 'template_changed', ...Array<string>(5).fill('template_collision')]);
  });

  test('an address and port, where that is set: both decode', () => {
    const { decoder, send, faults } = scoped('address-and-port');
    send(1001, ipfix([set(2, template(256, FIELDS))]));
    send(1002, ipfix([set(2, template(256, other))]));
    expect([send(1001, ipfix([set(256, record)])), send(1002, ipfix([set(256, record)])), faults]).toEqual([1, 1, []]);
    expect(send(1003, ipfix([set(256, record)]))).toBe(0);
    expect(decoder.streams.size).toBe(3);
  });

  test('a session of TCP: it ends with it (RFC 7011 section 8.4), and none else has it', () => {
    const { decoder, send } = scoped('address');
    const [one, two] = ['1', '2'].map((name) => decoder.sources.session('192.0.2.1', name));
    decoder.decode(ipfix([set(2, template(256, FIELDS))]), one, 0, 0);
    expect([decoder.decode(ipfix([set(256, record)]), one, 0, 0), decoder.decode(ipfix([set(256, record)]), two, 0, 0), send(1, ipfix([set(256, record)]))]).toEqual([1, 0, 0]);
    decoder.end(one);
    expect([decoder.templates.size, decoder.templates.weight, decoder.decode(ipfix([set(256, record)]), one, 0, 0)]).toEqual([0, 0, 0]);
  });
});

describe('the life of a template', () => {
  test('one that is not sent again for the time to live is forgotten and counted; one that is, stays', () => {
    const { decoder, faults, send } = setUp({ perExporter: 1 << 20, total: 1 << 20, ttlSeconds: 100 });
    send('192.0.2.1', ipfix([set(2, template(256, FIELDS))]), 1000);
    send('192.0.2.2', ipfix([set(2, template(256, FIELDS))]), 1000);
    send('192.0.2.2', ipfix([set(2, template(256, FIELDS))]), 1050);
    expect([send('192.0.2.1', ipfix([set(256, record)]), 1100), send('192.0.2.2', ipfix([set(256, record)]), 1101)]).toEqual([1, 1]);
    expect(send('192.0.2.1', ipfix([set(256, record)]), 1101)).toBe(0);
    expect([decoder.templates.expired, decoder.templates.size, faults.get('192.0.2.1 template_missing')]).toEqual([1, 1, 1]);
  });

  test('without one it stays for good', () => {
    const { send } = setUp({ perExporter: 1 << 20, total: 1 << 20 });
    send('192.0.2.1', ipfix([set(2, template(256, FIELDS))]), 0);
    expect(send('192.0.2.1', ipfix([set(256, record)]), 1e9)).toBe(1);
  });

  test('another definition takes its place, and is told once', () => {
    const { decoder, faults, send } = setUp({ perExporter: 1 << 20, total: 1 << 20 });
    send('192.0.2.1', ipfix([set(2, template(256, FIELDS))]));
    for (let i = 0; i < 3; i++) send('192.0.2.1', ipfix([set(2, template(256, [[8, 4], [12, 4], [2, 4], [4, 1]]))]));
    expect([faults.get('192.0.2.1 template_changed'), decoder.templates.changed, [...decoder.streams][0].templatesChanged, decoder.templates.size]).toEqual([1, 1, 1, 1]);
  });
});

test('a million made-up exporters that send templates, data and flows: memory is bounded, those at work go on', () => {
  const faults = new Map<string, number>();
  const waiting = { totalBytes: 1 << 20, perExporterBytes: 1 << 16, ageMs: 600_000 };
  const decoder = new FlowDecoder(new FlowPartitions(1, 1 << 16, (builder) => void builder.take(0)), new ConfiguredRates({}, 0), { perExporter: 1 << 16, total: 1 << 20 }, { fault: (_source, fault) => faults.set(fault, (faults.get(fault) ?? 0) + 1) }, { waiting, streams: 4096 });
  let serial = 0;
  const good = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}`);
  const send = (from: string, datagram: Buffer, second: number): number => decoder.decode(datagram, decoder.sources.of(from), second * 1000, serial++);
  const [both, more] = [ipfix([set(2, template(256, FIELDS)), set(256, record)]), (sequence: number) => ipfix([set(256, record)], { sequence })];
  for (const from of good) send(from, both, 0);
  const kinds = [ipfix([set(2, template(256, FIELDS))]), ipfix([set(256, record)]), netflow5([{ src: '10.0.0.1', dst: '10.0.0.2' }]), Buffer.alloc(30, 255)];
  let missed = 0;
  for (let i = 0; i < 1_000_000; i++) {
    send(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, kinds[i & 3], i / 10_000);
    if (i % 10_000 === 0) for (const from of good) missed += 1 - send(from, more(2 + i / 10_000), i / 10_000);
  }
  expect(missed).toBe(0);
  expect(decoder.templates.weight).toBeLessThanOrEqual(1 << 20);
  expect(decoder.waiting.bytes).toBeLessThanOrEqual(1 << 20);
  expect(decoder.streams.size).toBeLessThanOrEqual(4096);
  const known = [...decoder.streams].filter(({ address }) => good.includes(address));
  expect(known.map(({ datagrams, sequence }) => [datagrams, sequence.lost])).toEqual(good.map(() => [101, 0]));
  expect(faults.get('template_evicted')).toBeGreaterThan(200_000);
  expect(decoder.waiting.noRoom).toBeGreaterThan(200_000);
}, 120_000);
