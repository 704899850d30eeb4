import { FlowPartitions } from './batch-builder';
import { FlowDecoder } from './decoder';
import { ip4, ipfix, set, template, bytes } from './fixtures';
import { ConfiguredRates } from './sampling';
import { addressBytes } from './sources';

const FIELDS = [[8, 4], [12, 4], [1, 4]] as const;
const record = bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [1, 4]);

function setUp(limits: { perExporter: number; total: number }) {
  const faults = new Map<string, number>();
  const decoder = new FlowDecoder(new FlowPartitions(1), new ConfiguredRates({}, 0, addressBytes), limits, {
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
