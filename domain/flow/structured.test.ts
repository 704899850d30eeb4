/** Lists in records (RFC 6313). */
import { CaptureDecoder, type CaptureRecord } from './capture-records';
import { BUILT_IN } from './elements/registry';
import { ExtraSelection } from './extra';
import { bytes, ip4, ipfix, set, template, type FixtureField } from './fixtures';

type FlowRecord = Extract<CaptureRecord, { kind: 'flow' }>;
const VARIABLE = 65535;
const [BASIC, LIST, MULTI_LIST] = [291, 292, 293];
const ALL_OF = 3;

const variable = (body: Buffer): Buffer => (body.length < 255 ? bytes([body.length, 1], body) : bytes([255, 1], [body.length, 2], body));
const subTemplateList = (id: number, ...records: Buffer[]): Buffer => variable(bytes([ALL_OF, 1], [id, 2], ...records));
const entry = (id: number, ...records: Buffer[]): Buffer => bytes([id, 2], [Buffer.concat(records).length + 4, 2], ...records);
const multiList = (...entries: Buffer[]): Buffer => variable(bytes([ALL_OF, 1], ...entries));

function decode(templates: readonly (readonly [id: number, fields: readonly FixtureField[]])[], data: Buffer, extra: readonly string[] = []): { flows: FlowRecord[]; faults: string[]; records: number } {
  const decoder = new CaptureDecoder(undefined, { extra: extra.length > 0 ? new ExtraSelection(extra, BUILT_IN) : null });
  const payload = ipfix([...templates.map(([id, fields]) => set(2, template(id, fields))), set(256, data)]);
  const records = decoder.decode({ srcAddr: '192.0.2.1', payload, timestampMs: 1_700_000_000_000 });
  return {
    flows: records.filter((record) => record.kind === 'flow'),
    faults: records.flatMap((record) => (record.kind === 'fault' ? [record.fault] : [])),
    records: decoder.decoder.counts.records[2],
  };
}

const FLOW: readonly FixtureField[] = [[8, 4], [12, 4], [4, 1], [1, 4]];
const flow = (host: number, octets = 100): Buffer => bytes(ip4(`10.0.0.${host}`), ip4('10.0.1.1'), [6, 1], [octets, 4]);

describe('a container of flows', () => {
  const CONTAINER: readonly FixtureField[] = [[10, 4], [LIST, VARIABLE], [16, 4]];

  test('each record of its list makes a row, with what the container says of all', () => {
    const { flows, faults, records } = decode([[256, CONTAINER], [257, FLOW]], bytes([3, 4], subTemplateList(257, flow(1), flow(2, 200)), [64500, 4], [4, 4], subTemplateList(257, flow(3)), [64501, 4]));
    expect(flows).toMatchObject([
      { srcAddr: '10.0.0.1', bytes: 100, inIf: 3, srcAs: 64500 },
      { srcAddr: '10.0.0.2', bytes: 200, inIf: 3, srcAs: 64500 },
      { srcAddr: '10.0.0.3', bytes: 100, inIf: 4, srcAs: 64501 },
    ]);
    expect([faults, records]).toEqual([[], 2]);
  });

  test('what a record says itself goes before what the container says', () => {
    const { flows } = decode([[256, [[1, 4], [LIST, VARIABLE]]], [257, FLOW]], bytes([9, 4], subTemplateList(257, flow(1, 77))));
    expect(flows).toMatchObject([{ bytes: 77 }]);
  });

  test('flows in lists in lists, and of several templates', () => {
    const { flows, faults } = decode(
      [[256, [[10, 4], [MULTI_LIST, VARIABLE]]], [257, FLOW], [258, [[58, 2], [LIST, VARIABLE]]], [259, [[12, 4], [2, 4]]]],
      bytes([3, 4], multiList(entry(257, flow(1)), entry(258, bytes([100, 2], subTemplateList(257, flow(2), flow(3)))), entry(259, bytes(ip4('10.0.1.9'), [5, 4])))),
    );
    expect(flows.map(({ srcAddr, dstAddr, packets, inIf }) => [srcAddr, dstAddr, packets, inIf])).toEqual([['10.0.0.1', '10.0.1.1', 0, 3], ['10.0.0.2', '10.0.1.1', 0, 3], ['10.0.0.3', '10.0.1.1', 0, 3], ['', '10.0.1.9', 5, 3]]);
    expect(faults).toEqual([]);
  });

  test('records of variable length', () => {
    const { flows } = decode([[256, CONTAINER], [257, [[82, VARIABLE], ...FLOW]]], bytes([3, 4], subTemplateList(257, variable(Buffer.from('eth0')), flow(1), variable(Buffer.alloc(300)), flow(2)), [1, 4]));
    expect(flows.map(({ srcAddr }) => srcAddr)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  test('without flows in it: one row of what it says', () => {
    expect(decode([[256, CONTAINER], [257, [[82, VARIABLE]]]], bytes([3, 4], subTemplateList(257, variable(Buffer.from('eth0'))), [1, 4])).flows).toMatchObject([{ srcAddr: '', inIf: 3 }]);
    expect(decode([[256, CONTAINER], [257, FLOW]], bytes([3, 4], subTemplateList(257), [1, 4], [4, 4], variable(Buffer.alloc(0)), [1, 4])).flows).toMatchObject([{ inIf: 3 }, { inIf: 4 }]);
  });
});

describe('a flow with lists', () => {
  const CERT = 6871;
  const OUTER: readonly FixtureField[] = [...FLOW, [MULTI_LIST, VARIABLE]];

  test('what it lacks is taken from the first record of its lists that has it', () => {
    const { flows, records } = decode([[256, OUTER], [257, [[82, VARIABLE]]], [258, [[184, 4], [14, 1, CERT], [15, 1, CERT]]]], bytes(flow(1), multiList(entry(257, variable(Buffer.from('x'))), entry(258, bytes([1, 4], [2, 1], [16, 1]), bytes([1, 4], [0xff, 1], [0, 1]))), flow(2), multiList()));
    expect(flows).toMatchObject([{ srcAddr: '10.0.0.1', bytes: 100, tcpFlags: 18 }, { srcAddr: '10.0.0.2', tcpFlags: 0 }]);
    expect(records).toBe(2);
  });

  test('what it says itself stays', () => {
    expect(decode([[256, OUTER], [257, [[1, 4], [6, 1]]]], bytes(flow(1, 100), multiList(entry(257, bytes([999, 4], [2, 1]))))).flows).toMatchObject([{ bytes: 100, tcpFlags: 2 }]);
  });
});

describe('lists that lie, and lists that are not understood', () => {
  const OUTER: readonly FixtureField[] = [...FLOW, [LIST, VARIABLE]];
  const MULTI: readonly FixtureField[] = [...FLOW, [MULTI_LIST, VARIABLE]];
  const BASICS: readonly FixtureField[] = [...FLOW, [BASIC, VARIABLE]];
  const basic = (...parts: (readonly [number, number] | Buffer)[]): Buffer => variable(bytes([ALL_OF, 1], ...parts));
  test.each<[string, readonly FixtureField[], Buffer, string[]]>([
    ['a record cut short', OUTER, subTemplateList(257, Buffer.alloc(2)), ['bad_list']],
    ['no room for the template', OUTER, variable(bytes([ALL_OF, 1], [1, 1])), ['bad_list']],
    ['an entry longer than its list', MULTI, multiList(bytes([257, 2], [400, 2], [1, 2])), ['bad_list']],
    ['an entry shorter than its header', MULTI, multiList(bytes([257, 2], [3, 2])), ['bad_list']],
    ['bytes behind the last entry', MULTI, multiList(entry(257, bytes([1, 4])), bytes([1, 2])), ['bad_list']],
    ['values cut short', BASICS, basic([184, 2], [4, 2], [1, 3]), ['bad_list']],
    ['values of no length', BASICS, basic([184, 2], [0, 2], [1, 3]), ['bad_list']],
    ['a basicList without its element', BASICS, basic([184, 2]), ['bad_list']],
    ['a template that is not known', OUTER, subTemplateList(999, bytes([1, 4])), ['list_template_missing']],
    ['a basicList as it should be', BASICS, basic([184, 2], [4, 2], [1, 4], [2, 4]), []],
    ['a basicList of an enterprise, of variable length', BASICS, basic([0x8001, 2], [VARIABLE, 2], [6871, 4], variable(Buffer.from('a')), variable(Buffer.from('bc'))), []],
  ])('%s: the record around it, and the next, are there', (_name, fields, list, wanted) => {
    const { flows, faults } = decode([[256, fields], [257, [[184, 4]]]], bytes(flow(1), list, flow(2), variable(Buffer.alloc(0))));
    expect(flows.map(({ srcAddr }) => srcAddr)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(faults).toEqual(wanted);
  });

  test('a list that runs over its record ends the set', () => {
    const { flows, faults } = decode([[256, OUTER], [257, FLOW]], bytes(flow(1), [200, 1], [3, 1]));
    expect([flows.length, faults]).toEqual([0, ['truncated']]);
  });

  test('lists that hold themselves end at a depth; a list whose records are of next to no bytes ends at a limit', () => {
    let list = subTemplateList(257, flow(1));
    for (let depth = 0; depth < 12; depth++) list = subTemplateList(258, list);
    expect(decode([[256, [[10, 4], [LIST, VARIABLE]]], [257, FLOW], [258, [[LIST, VARIABLE]]]], bytes([3, 4], list)).flows).toMatchObject([{ srcAddr: '', inIf: 3 }]);
    const nothing: FixtureField[] = Array.from({ length: 500 }, (_, i) => [300 + i, 0]);
    const many = decode([[256, [[10, 4], [LIST, VARIABLE]]], [257, [...nothing, [8, 1]]]], bytes([3, 4], subTemplateList(257, Buffer.alloc(60_000))));
    expect(many.faults).toEqual(['bad_list']);
    expect(many.flows.length).toBeLessThan(2 ** 18 / 500);
  });
});

test('lists that are asked for are kept as JSON', () => {
  const fields: readonly FixtureField[] = [...FLOW, [LIST, VARIABLE], [BASIC, VARIABLE]];
  const { flows } = decode(
    [[256, fields], [257, [[82, VARIABLE], [56, 6]]]],
    bytes(flow(1), subTemplateList(257, bytes(variable(Buffer.from('eth0')), Buffer.from('0a0b0c0d0e0f', 'hex'))), variable(bytes([ALL_OF, 1], [8, 2], [4, 2], ip4('10.0.0.8'), ip4('10.0.0.9')))),
    ['subTemplateList', 'basicList'],
  );
  const { extra } = flows[0].detail!;
  expect(JSON.parse(extra.subTemplateList)).toEqual({ semantic: 'allOf', records: [{ interfaceName: 'eth0', sourceMacAddress: '0a:0b:0c:0d:0e:0f' }] });
  expect(JSON.parse(extra.basicList)).toEqual({ semantic: 'allOf', of: 'sourceIPv4Address', values: ['10.0.0.8', '10.0.0.9'] });
});
