import { decodeFlowBatch, type Flow } from '../schemas';
import { DEAD_LETTERS, FLOWS_OBSERVATIONS, FLOWS_UNIQUE, type Topic } from '../topics';
import { dedup, dedupSection } from './dedup';
import { Driver } from './runtime/driver';
import type { ValuesOf } from '../infra/config/section';
import { batch, course, HOUR } from './runtime/testing/flows';

const A = { exporter: '192.0.2.1' };
const B = { exporter: '192.0.2.2' };
const SECOND = 1000;

/** Bytes of the flows that stay of each batch, as marks of who is who, and of those that are observations. */
function kept(values: readonly Buffer[], settings: Partial<ValuesOf<typeof dedupSection>> = {}): { flows: number[][]; observers: number[][]; observations: number[][]; discards: Record<string, number> } {
  const driver = new Driver(dedup, settings);
  const flows: number[][] = [];
  const observers: number[][] = [];
  const observations: number[][] = [];
  for (const value of values) {
    const before = driver.outputs.length;
    driver.feed(value);
    driver.commit();
    const on = (topic: Topic): Flow[] => driver.outputs.slice(before).filter((output) => output.topic === topic).flatMap((output) => decodeFlowBatch(output.value).flows);
    flows.push(on(FLOWS_UNIQUE).map(({ bytes }) => bytes));
    observers.push(on(FLOWS_UNIQUE).map((flow) => flow.observers));
    observations.push(on(FLOWS_OBSERVATIONS).map((flow) => 100 * flow.observers + flow.bytes));
  }
  return { flows, observers, observations, discards: driver.discards() };
}

describe('a datagram sent twice', () => {
  const first = batch([{ bytes: 1 }, { bytes: 2, srcPort: 7 }], { ...A, sequence: 5, contentHash: 99 });

  test('goes, with all its flows, and is counted', () => {
    expect(kept([first, first])).toMatchObject({ flows: [[1, 2], []], discards: { 'datagram-sent-twice': 2 } });
  });

  test.each<[string, object]>([
    ['another sequence number', { ...A, sequence: 6, contentHash: 99 }],
    ['other content', { ...A, sequence: 5, contentHash: 98 }],
    ['another observation domain', { ...A, sequence: 5, contentHash: 99, observationDomain: 2 }],
    ['an observation domain that differs above 32 bits', { ...A, sequence: 5, contentHash: 99, observationDomain: 1 + 2 ** 32 }],
  ])('is not one with %s', (_, datagram) => {
    expect(kept([first, batch([{ bytes: 3 }], datagram)]).flows).toEqual([[1, 2], [3]]);
  });

  test('is forgotten after twice datagramMs', () => {
    const again = (receiveTime: number): Buffer => batch([{ bytes: 3 }], { ...A, sequence: 5, contentHash: 99, receiveTime });
    expect(kept([first, again(HOUR + 60 * SECOND)]).flows).toEqual([[1, 2], []]);
    expect(kept([first, again(HOUR + 250 * SECOND)]).flows).toEqual([[1, 2], [3]]);
  });
});

describe('two records of one exporter', () => {
  test('both stay, however alike: they are slices of a long flow', () => {
    expect(kept([batch([{ bytes: 1 }, { bytes: 1 }], A), batch([{ bytes: 1 }], A)]).flows).toEqual([[1, 1], [1]]);
  });

  test('of two observation domains are one exporter’s', () => {
    expect(kept([batch([{ bytes: 1 }], { ...A, observationDomain: 1 }), batch([{ bytes: 2 }], { ...A, observationDomain: 2 })]).flows).toEqual([[1], [2]]);
  });
});

describe('a flow that several exporters report', () => {
  test.each<[string, Partial<Flow>]>([
    ['IPv4', {}],
    ['IPv6', { srcAddr: '2001:db8::1', dstAddr: '2001:db8::2' }],
    ['IPv4 to IPv6', { srcAddr: '10.0.0.1', dstAddr: '2001:db8::2' }],
  ])('is kept from the first (%s), which says how many see it', (_, flow) => {
    const slice = (bytes: number, second: number): Partial<Flow> => ({ ...flow, bytes, end: HOUR + second * SECOND });
    const result = kept([batch([slice(1, 0)], A), batch([slice(2, 1)], B), batch([slice(3, 60)], A), batch([slice(4, 61)], { exporter: '192.0.2.3' }), batch([slice(5, 120)], A)]);
    expect(result.flows).toEqual([[1], [], [3], [], [5]]);
    expect(result.observers).toEqual([[1], [], [2], [], [3]]);
    expect(result.observations).toEqual([[], [202], [], [304], []]);
    expect(result.discards).toEqual({});
  });

  test('is kept from all where acrossExporters is off', () => {
    expect(kept([batch([{ bytes: 1 }], A), batch([{ bytes: 2 }], B)], { acrossExporters: false })).toMatchObject({ flows: [[1], [2]], observers: [[1], [1]] });
  });

  test.each<[string, Partial<Flow>]>([
    ['source port', { srcPort: 1 }],
    ['destination port', { dstPort: 1 }],
    ['protocol', { proto: 17 }],
    ['source', { srcAddr: '10.0.0.2' }],
    ['destination', { dstAddr: '10.0.1.2' }],
    ['direction', { srcAddr: '10.0.1.1', dstAddr: '10.0.0.1' }],
  ])('is another flow with another %s', (_, flow) => {
    expect(kept([batch([{ bytes: 1 }], A), batch([{ bytes: 2, ...flow }], B)]).flows).toEqual([[1], [2]]);
  });

  test('changes its owner when the first is silent about it for ownerMs', () => {
    const at = (bytes: number, second: number): Partial<Flow> => ({ bytes, end: HOUR + second * SECOND });
    const result = kept([batch([at(1, 0)], A), batch([at(2, 119)], B), batch([at(3, 121)], B), batch([at(4, 122)], A)]);
    expect(result.flows).toEqual([[1], [], [3], []]);
  });

  test('is a different flow where it ended before the first began, but not where clocks differ a little', () => {
    const owner = batch([{ bytes: 1, start: HOUR, end: HOUR + 60 * SECOND }], A);
    expect(kept([owner, batch([{ bytes: 2, end: HOUR - 20 * SECOND }], B)]).flows).toEqual([[1], [2]]);
    expect(kept([owner, batch([{ bytes: 2, end: HOUR - 5 * SECOND }], B)]).flows).toEqual([[1], []]);
  });

  test('of years ago does not touch one of today', () => {
    const old = HOUR - 10 * 365 * 86_400 * SECOND;
    const result = kept([batch([{ bytes: 1 }], A), batch([{ bytes: 2, end: old }], { ...B, receiveTime: HOUR }), batch([{ bytes: 3 }], A)]);
    expect(result.flows).toEqual([[1], [2], [3]]);
  });

  test('is none where there are no addresses: frames that are not IP', () => {
    const frame = (bytes: number): Partial<Flow> => ({ bytes, srcAddr: '', dstAddr: '', srcPort: 0, dstPort: 0, proto: 0 });
    expect(kept([batch([frame(1)], A), batch([frame(2)], B)]).flows).toEqual([[1], [2]]);
  });
});

describe('what comes out', () => {
  test('is byte for byte what came in where nothing goes', () => {
    const driver = new Driver(dedup);
    const value = batch([{ bytes: 1 }, { bytes: 2, srcAddr: '2001:db8::1' }, { bytes: 3 }], A);
    driver.feed(value);
    driver.commit();
    expect(driver.outputs[0].value).toEqual(value);
  });

  test('keeps every field, the order and the datagram of each flow', () => {
    const driver = new Driver(dedup);
    driver.feed(batch([{ srcPort: 2 }], B));
    driver.feed(batch([{ srcPort: 1, bytes: 1 }, { srcPort: 2, bytes: 2 }, { srcPort: 3, bytes: 3, nextHop: '10.9.9.9', vlan: 4000 }], A), { partition: 0, timestampMs: HOUR });
    driver.commit();
    const [, out] = driver.values(FLOWS_UNIQUE);
    expect(out.flows).toMatchObject([{ bytes: 1 }, { bytes: 3, nextHop: '10.9.9.9', vlan: 4000, datagram: 0 }]);
    expect(out.datagrams).toMatchObject([A]);
    expect(driver.outputs[1]).toMatchObject({ partition: 0, timestampMs: HOUR, headers: { ce_type: 'netweaver.flows.FlowBatch', ce_id: 'dedup/0/1-0', causes: 'flows.raw/0/1-1 config=driver' } });
  });

  test('a batch that names a datagram which it does not have goes to dead-letters with its bytes, and the next is worked on', () => {
    const driver = new Driver(dedup);
    const lying = batch([{ datagram: 3 }], A);
    driver.feed(lying);
    driver.feed(batch([{ bytes: 5 }], A));
    driver.commit();
    expect(driver.values(DEAD_LETTERS)).toMatchObject([{ component: 'dedup', sourceTopic: 'flows.raw', sourcePartition: 0, sourceOffset: 0, code: 'NW_SCHEMA_MALFORMED', value: lying }]);
    expect(driver.values(FLOWS_UNIQUE).flatMap(({ flows }) => flows)).toMatchObject([{ bytes: 5 }]);
  });

  test('is the same bytes in every run, and after restarts at any place', () => {
    const run = (restartEvery: number, checkpointEvery: number): unknown[] => {
      const driver = new Driver(dedup, { maxFlows: 1000, ownerMs: 20_000 });
      course(400).forEach((value, i) => {
        driver.feed(value);
        if (i % 3 === 0) driver.commit(i % checkpointEvery === 0);
        if (i % restartEvery === restartEvery - 1) driver.restart();
      });
      driver.commit();
      return driver.outputs;
    };
    const calm = run(1e9, 1);
    expect(calm.length).toBeGreaterThan(300);
    expect(run(1e9, 1)).toEqual(calm);
    expect(run(7, 1)).toEqual(calm);
    expect(run(7, 12)).toEqual(calm);
  });
});
