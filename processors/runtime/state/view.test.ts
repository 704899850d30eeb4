/** What people see of the stores: on the processors that keep them. */
import { DEAD_LETTERS, INTERFACES_STATE } from '../../../topics';
import { aggregate } from '../../aggregate';
import { dedup } from '../../dedup';
import { interfaceRates } from '../../interface-rates';
import { Driver } from '../driver';
import { JoinTable } from '../joins/join-table';
import { batch, HOUR } from '../testing/flows';
import { polls, states } from '../testing/interfaces';
import { keyColumn, TableView, type StoreView } from './view';
import { Table } from './table';

/** Rows that an answer looks at. */
const MOST = 1000;

const named = (view: StoreView, rows: readonly (readonly unknown[])[] | null): Record<string, unknown>[] | null => rows && rows.map((row) => Object.fromEntries(view.columns.map(({ name }, i) => [name, row[i]])));
const viewOf = (driver: Driver<never>, name: string): StoreView => driver.views().find((view) => view.name === name)!;

describe('the stores of dedup', () => {
  const driver = new Driver(dedup);
  driver.feed(batch([{ srcPort: 50_000 }, { srcAddr: '2001:db8::1', dstAddr: '2001:db8::2' }], { exporter: '192.0.2.1', sequence: 7, contentHash: -1, observationDomain: 2 ** 40 + 3 }));
  driver.feed(batch([{ srcPort: 50_000, end: HOUR + 1000 }], { exporter: '2001:db8::ff', sequence: 8, contentHash: 9 }));
  const view = (name: string): StoreView => viewOf(driver as never, name);

  test('say who owns a flow, since when, and how many report it', () => {
    const flows = view('flows4');
    const flow = { srcAddr: '10.0.0.1', dstAddr: '10.0.1.1', srcPort: 50_000, dstPort: 443, proto: 6, owner: '192.0.2.1', since: '2026-01-02T03:00:00.000Z', until: '2026-01-02T03:00:00.000Z', observers: 2 };
    expect(named(flows, flows.read(0, 10, MOST).rows)).toEqual([flow]);
    expect(flows.key).toEqual(['srcAddr', 'dstAddr', 'srcPort', 'dstPort', 'proto']);
    expect(named(flows, flows.find(['10.0.0.1', '10.0.1.1', '50000', '443', '6']))).toEqual([flow]);
    expect(named(view('flows6'), view('flows6').find(['2001:db8::1', '2001:0db8::2', '40000', '443', '6']))).toMatchObject([{ srcAddr: '2001:db8::1', owner: '192.0.2.1', observers: 1 }]);
  });

  test('name the exporter of a datagram, and find it by everything that makes it the same', () => {
    const datagrams = view('datagrams');
    const datagram = { exporter: '192.0.2.1', observationDomain: 2 ** 40 + 3, sequence: 7, contentHash: 2 ** 32 - 1 };
    expect(named(datagrams, datagrams.read(0, 1, MOST).rows)).toEqual([datagram]);
    expect(named(datagrams, datagrams.find(Object.values(datagram).map(String)))).toEqual([datagram]);
    expect(named(view('exporters'), view('exporters').read(0, 10, MOST).rows)).toEqual([{ exporter: '192.0.2.1' }, { exporter: '2001:db8::ff' }]);
  });

  test.each([
    ['too few parts', ['10.0.0.1', '10.0.1.1', '50000', '443']],
    ['an IPv6 address where there are none', ['2001:db8::1', '10.0.1.1', '50000', '443', '6']],
    ['a port that is none', ['10.0.0.1', '10.0.1.1', '65536', '443', '6']],
    ['a word', ['10.0.0.1', '10.0.1.1', 'https', '443', '6']],
  ])('refuse a key with %s', (_, key) => expect(view('flows4').find(key)).toBeNull());

  test('find nothing of a flow that was never seen', () => expect(view('flows4').find(['10.0.0.9', '10.0.1.1', '50000', '443', '6'])).toEqual([]));

  test('show a key once that both generations hold', () => {
    const aged = new Driver(dedup, { ownerMs: 60_000 });
    for (const minute of [0, 1.2]) aged.feed(batch([{ bytes: 1, end: HOUR + minute * 60_000 }], { sequence: minute * 10, receiveTime: HOUR + minute * 60_000 }));
    const flows = viewOf(aged as never, 'flows4');
    expect(aged.size().entries).toBeGreaterThan(2);
    expect(flows.read(0, 10, MOST).rows).toHaveLength(1);
    expect(flows.find(['10.0.0.1', '10.0.1.1', '40000', '443', '6'])).toHaveLength(1);
  });

  test('are left as they are by being read', () => {
    driver.commit();
    const before = JSON.stringify([...driver.changelog]);
    for (const of of driver.views()) of.read(0, 100, MOST);
    view('flows4').find(['10.0.0.9', '10.0.1.1', '50000', '443', '6']);
    driver.commit();
    expect(JSON.stringify([...driver.changelog])).toBe(before);
  });
});

describe('the open windows of aggregate', () => {
  const driver = new Driver(aggregate);
  driver.feed(batch([{ bytes: 100, packets: 2, samplingRate: 10, srcMask: 16, srcAs: 64_500 }, { bytes: 7, end: HOUR + 60_000 }]));

  test('show what they have added up so far, each window apart', () => {
    const prefixes = viewOf(driver as never, 'w1-prefixes4');
    expect(named(prefixes, prefixes.read(0, 10, MOST).rows)).toEqual([
      { windowStart: '2026-01-02T03:00:00.000Z', windowMs: 60_000, srcPrefix: '10.0.0.0', dstPrefix: '10.0.1.0', srcMask: 16, dstMask: 24, srcAs: 64_500, dstAs: 0, bytes: 1000, packets: 20, flows: 1 },
      { windowStart: '2026-01-02T03:01:00.000Z', windowMs: 60_000, srcPrefix: '10.0.0.0', dstPrefix: '10.0.1.0', srcMask: 24, dstMask: 24, srcAs: 0, dstAs: 0, bytes: 7, packets: 10, flows: 1 },
    ]);
    const hosts = viewOf(driver as never, 'w1-hosts4');
    expect(named(hosts, hosts.find(['10.0.1.1']))).toMatchObject([{ addr: '10.0.1.1', bytesOut: 0, bytesIn: 1000, flowsIn: 1 }, { addr: '10.0.1.1', bytesIn: 7 }]);
    const interfaces = viewOf(driver as never, 'w1-interfaces');
    expect(named(interfaces, interfaces.find(['192.0.2.1', '2', '1']))).toMatchObject([{ bytes: 1000 }, { bytes: 7 }]);
  });

  test('read on where the answer before ended', () => {
    const interfaces = viewOf(driver as never, 'w1-interfaces');
    const all = interfaces.read(0, 100, MOST);
    expect([all.rows.length, all.next]).toEqual([4, null]);
    const read: unknown[] = [];
    for (let from: number | null = 0; from !== null; ) {
      const { rows, next } = interfaces.read(from, 1, MOST);
      read.push(...rows);
      from = next;
    }
    expect(read).toEqual(all.rows);
  });

  test('have a view for every table, whose keys are columns', () => {
    expect(driver.views().map(({ name }) => name)).toEqual(['w1', 'w5'].flatMap((length) => ['interfaces', 'prefixes4', 'prefixes6', 'hosts4', 'hosts6'].map((kind) => `${length}-${kind}`)));
  });
});

test('an answer looks at a bounded number of rows, however few of them are shown', () => {
  const [older, newer] = ['old', 'new'].map((name) => new Table({ name, keyWords: 1, ints: 0, doubles: 0, maxRows: 100_000 }));
  for (let key = 0; key < MOST + 5; key++) for (const table of [older, newer]) table.upsert(Int32Array.of(key));
  older.upsert(Int32Array.of(-1));
  const view = new TableView({ name: 'v', doc: '', columns: [keyColumn.uint(0, 'key', '')], parts: () => [{ table: older, newer }] });
  const first = view.read(0, 10, MOST);
  expect([first.rows.length, first.next]).toEqual([0, MOST]);
  expect(view.read(first.next!, 10, MOST)).toEqual({ rows: [[2 ** 32 - 1]], next: null, looked: 6 });
});

test('a table of a topic is shown by key, with the offset of each record', () => {
  const prices = new JoinTable({ name: 'prices', topic: DEAD_LETTERS, maxBytes: 2 ** 20 });
  const steps = prices.steps();
  for (let i = 0; i < 3000; i++) {
    steps.decode(Buffer.from(`${i}`.padEnd(20)), Buffer.from(`key-${i % 2500}`));
    steps.step({ offset: i, received: () => undefined } as never);
  }
  const view = prices.view('A price.', [{ name: 'price', doc: '' }], (kept) => [Number(kept.toString())]);
  expect(view.find(['key-7'])).toEqual([['key-7', 2507, 2507]]);
  expect([view.find(['nothing']), view.find(['a', 'b'])]).toEqual([[], null]);
  const keys: unknown[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const { rows, next, looked }: ReturnType<typeof view.read> = view.read(from, 700, MOST);
    expect(looked).toBeLessThanOrEqual(700);
    keys.push(...rows.map(([key]) => key));
    from = next;
  }
  expect(new Set(keys).size).toBe(2500);
  expect(keys).toHaveLength(2500);
});

test('interface-rates shows names and speeds, and the last readings by source', () => {
  const driver = new Driver(interfaceRates);
  for (const [i, { value, ...at }] of states(1).slice(0, 1).entries()) driver.feedTable(INTERFACES_STATE, at.key, value, { ...at, timestampMs: HOUR + i });
  for (const { value, ...at } of polls(1).slice(0, 3)) driver.feed(value, at);
  const view = (name: string): StoreView => viewOf(driver as never, name);
  expect(named(view('readings'), view('readings').find(['SNMP', '192.0.2.1/2']))).toMatchObject([{ source: 'SNMP', interface: '192.0.2.1/2', time: '2026-01-02T03:00:00.000Z', offset: 1, inOctets: 4_000_000_000, inDiscards: null }]);
  expect(view('readings').read(0, 10, MOST).rows).toHaveLength(3);
  expect(view('readings').find(['NOBODY', '192.0.2.1/2'])).toBeNull();
  expect(named(view('states'), view('states').read(0, 10, MOST).rows)).toMatchObject([{ key: '192.0.2.1/1', offset: 0, speed: expect.any(Number) }]);
});
