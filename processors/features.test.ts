import { decodeFlowBatch, encodeFlowBatch, type Flow, type TrafficFeatures, type TrafficFeaturesRow } from '../schemas';
import { DEAD_LETTERS, LATE, TOPOLOGY_STATE, TRAFFIC_FEATURES, TRAFFIC_INTERFACE_PARTIALS, TRAFFIC_PARTIALS, type Topic } from '../topics';
import { features, interfaceFeatures } from './features';
import { measure, measureObserved } from './measure';
import { Driver, type DrivenRecord } from './runtime/driver';
import { batch, course, HOUR } from './runtime/testing/flows';
import { elementValue } from './runtime/testing/links';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
type Given = { readonly flows: readonly Partial<Flow>[]; readonly at?: number };
const measured = (values: readonly Buffer[], settings = {}, partition = 0, processor = measure): DrivenRecord[] => {
  const driver = new Driver(processor, { graceMs: 0, ...settings }, 1);
  for (const value of values) driver.feed(value, { partition: 0, timestampMs: receivedOf(value) });
  driver.silence(HOUR + 1000 * MINUTE);
  driver.commit();
  return driver.outputs.map((output) => ({ ...output, headers: { ...output.headers, partition: `${partition}` } }));
};
const receivedOf = (value: Buffer): number => decodeFlowBatch(value).datagrams[0].receiveTime;
const of = (outputs: readonly DrivenRecord[], topic: Topic): Buffer[] => outputs.filter((output) => output.topic === topic).map(({ value }) => value);
/** Parts as they come from partitions that are equally far: by their window. */
const inTime = (parts: readonly Buffer[]): Buffer[] => [...parts].sort((a, b) => start(a) - start(b));
const start = (part: Buffer): number => TRAFFIC_PARTIALS.record.decode(part).windowStart;
function whole(parts: readonly Buffer[], settings = {}, feed: (driver: Driver<typeof features.section>) => void = () => undefined, processor = features): TrafficFeatures[] {
  const driver = new Driver(processor, { graceMs: 0, ...settings }, 1);
  feed(driver);
  for (const part of parts) driver.feed(part, { timestampMs: start(part) + 10 * SECOND });
  driver.silence(HOUR + 1000 * MINUTE);
  driver.commit();
  return driver.values(TRAFFIC_FEATURES);
}
const rowsOf = (records: readonly TrafficFeatures[], windowMs: number, subject: string): (TrafficFeaturesRow & { windowStart: number })[] =>
  records.filter((record) => record.windowMs === windowMs).flatMap(({ windowStart, rows }) => rows.filter((row) => row.subject === subject).map((row) => ({ ...row, windowStart })));
const batches = (...given: Given[]): Buffer[] => given.map(({ flows, at = 0 }) => batch(flows.map((flow) => ({ end: HOUR + at, ...flow })), { receiveTime: HOUR + at }));
const hostRows = (values: readonly Buffer[], windowMs: number, subject: string): TrafficFeaturesRow[] => rowsOf(whole(of(measured(values), TRAFFIC_PARTIALS)), windowMs, subject);

describe('features of hosts', () => {
  test('what was received and what was sent, shares of protocols by packets, mean duration', () => {
    const [row] = hostRows(
      batches({
        flows: [
          { dstAddr: '10.0.0.9', srcAddr: '10.0.0.1', packets: 6, bytes: 600, samplingRate: 10, start: HOUR - 3000 },
          { dstAddr: '10.0.0.9', srcAddr: '10.0.0.2', packets: 30, bytes: 40, samplingRate: 0, proto: 17, start: HOUR - 1000 },
          { dstAddr: '10.0.0.9', srcAddr: '10.0.0.3', packets: 10, bytes: 5, proto: 1, start: HOUR + 5000 },
          { srcAddr: '10.0.0.9', dstAddr: '10.0.0.1', packets: 2, bytes: 9 },
        ],
      }),
      10 * SECOND,
      '10.0.0.9',
    );
    expect(row).toMatchObject({ bytes: 6045, packets: 100, flows: 3, bytesOut: 9, packetsOut: 2, meanDurationMs: 4000 / 3, tcpShare: 0.6, udpShare: 0.3, icmpShare: 0.1, dstEntropy: NaN, gap: 0 });
    expect(Math.round(row.distinctPeers)).toBe(3);
  });

  test('who only sent has no shares', () => {
    const [row] = hostRows(batches({ flows: [{}] }), 10 * SECOND, '10.0.0.1');
    expect(row).toMatchObject({ bytes: 0, flows: 0, meanDurationMs: NaN, tcpShare: NaN, bytesOut: 1000, distinctPorts: 0 });
  });

  test('a scanned host has many ports and high entropy, a flooded one forged sources', () => {
    const scan = Array.from({ length: 300 }, (_, i) => ({ srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', dstPort: 1 + i, packets: 1 }));
    const flood = Array.from({ length: 300 }, (_, i) => ({ srcAddr: `2001:db8::${(1 + i).toString(16)}`, dstAddr: '2001:db8:1::1', dstPort: 80, packets: 1 }));
    const values = batches({ flows: scan }, { flows: flood });
    const [scanned] = hostRows(values, 10 * SECOND, '10.0.0.2');
    const [flooded] = hostRows(values, 10 * SECOND, '2001:db8:1::1');
    expect([scanned.srcEntropy, flooded.portEntropy]).toEqual([0, 0]);
    for (const count of [scanned.distinctPorts, flooded.distinctPeers]) expect(Math.abs(count / 300 - 1)).toBeLessThan(0.4);
    for (const entropy of [scanned.portEntropy, flooded.srcEntropy]) expect(entropy).toBeGreaterThan(0.9);
    expect(Math.round(flooded.distinctPorts)).toBe(1);
  });

  test('one and five minutes are their ten seconds added up', () => {
    const given = Array.from({ length: 36 }, (_, i) => ({ at: i * 10 * SECOND, flows: [{ bytes: i, packets: 1 }] }));
    const records = whole(of(measured(batches(...given)), TRAFFIC_PARTIALS));
    const sums = (windowMs: number): number[] => rowsOf(records, windowMs, '10.0.1.1').map(({ bytes }) => bytes);
    expect(sums(10 * SECOND)).toEqual(given.map((_, i) => i));
    expect(sums(MINUTE)).toEqual([15, 51, 87, 123, 159, 195]);
    expect(sums(5 * MINUTE)).toEqual([(30 * 29) / 2, 195]);
  });

  test('of several partitions are those of one, whatever the order of the parts', () => {
    const values = course(50);
    const only = whole(inTime(of(measured(values, { graceMs: 10 * MINUTE }), TRAFFIC_PARTIALS)), { hosts: 50 });
    const parts = [0, 1, 2].flatMap((partition) => {
      const some = values.map((value) => {
        const { datagrams, flows } = decodeFlowBatch(value);
        return encodeFlowBatch({ datagrams, flows: flows.filter(({ srcPort }) => srcPort % 3 === partition) }, 1);
      });
      return of(measured(some, { graceMs: 10 * MINUTE }, partition), TRAFFIC_PARTIALS);
    });
    expect(only.length).toBeGreaterThan(10);
    expect(whole(inTime(parts), { hosts: 50 })).toEqual(only);
    expect(whole(inTime([...parts].reverse()), { hosts: 50 })).toEqual(only);
  });

  test('only those with most traffic go out, in the order of their addresses; the others are counted', () => {
    const flows = Array.from({ length: 40 }, (_, i) => ({ srcAddr: `10.1.0.${i}`, dstAddr: `10.0.0.${i}`, bytes: 1000 * ((i * 7) % 40), packets: 1 }));
    const driver = new Driver(measure, { graceMs: 0, hosts: 5 }, 1);
    for (const value of batches({ flows })) driver.feed(value);
    driver.silence(HOUR + MINUTE);
    expect(driver.discards()).toEqual({ 'host-not-among-largest': 75 });
    driver.commit();
    const addresses = driver.values(TRAFFIC_PARTIALS).flatMap(({ rows }) => rows.map(({ addr }) => addr));
    // 39,000 bytes went to 17, 38,000 to 34 and so on, as many to each as from its peer, which received no flow.
    expect(addresses).toEqual(['10.0.0.5', '10.0.0.11', '10.0.0.17', '10.0.0.28', '10.0.0.34']);
    expect(whole(driver.outputs.filter(({ topic }) => topic === TRAFFIC_PARTIALS).map(({ value }) => value), { hosts: 2 })[0].rows).toHaveLength(2);
  });

  test('a host beyond those with sketches has its sums', () => {
    const flows = Array.from({ length: 60 }, (_, i) => ({ srcAddr: `10.1.0.${i}`, dstAddr: '10.0.0.1', bytes: 1 }));
    const late = [{ srcAddr: '10.2.0.1', dstAddr: '10.0.0.2', bytes: 1e6 }];
    const rows = whole(of(measured(batches({ flows }, { flows: late }), { hosts: 2 }), TRAFFIC_PARTIALS))[0].rows;
    expect(rows.map(({ subject, bytes, bytesOut, distinctPeers }) => [subject, bytes, bytesOut, Number.isNaN(distinctPeers)])).toEqual([['10.0.0.1', 60, 0, false], ['10.0.0.2', 1e6, 0, true]]);
  });
});

describe('windows', () => {
  const steady = (minutes: readonly number[]): TrafficFeaturesRow[] => hostRows(batches(...minutes.map((minute, i) => ({ at: minute * MINUTE, flows: [{ bytes: 100 + 10 * i }] }))), MINUTE, '10.0.1.1');

  test('average and trend of the latest', () => {
    const rows = steady([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(rows[0]).toMatchObject({ movingAverage: 100, trend: NaN });
    expect(rows[1].movingAverage).toBeCloseTo(100 + (2 / 13) * 10, 9);
    expect(rows[1].trend).toBeCloseTo(10 / 105, 9);
    expect(rows[7].trend).toBeCloseTo(10 / 145, 9);
  });

  test('that are missing are counted, and a gap is no zero', () => {
    const rows = steady([0, 1, 4, 30]);
    expect(rows.map(({ gap }) => gap)).toEqual([0, 0, 2, 25]);
    expect(rows[2].trend).toBeCloseTo((120 - 100) / 4.333 / 110, 2);
    expect(rows[3].trend).toBeNaN();
  });

  test('are told apart by day and week', () => {
    // 2026-01-02 is a Friday.
    const [row] = steady([0]);
    expect([row.dayFraction, row.weekFraction]).toEqual([3 / 24, (4 * 24 + 3) / (7 * 24)]);
  });

  test('closed do not take what is late: it is counted and told, and counts in those that are longer', () => {
    const parts = of(measured(batches({ flows: [{ bytes: 1 }] }, { at: 20 * SECOND, flows: [{ bytes: 2 }] })), TRAFFIC_PARTIALS);
    const late = of(measured(batches({ flows: [{ bytes: 4 }] })), TRAFFIC_PARTIALS);
    const driver = new Driver(features, { graceMs: 0 }, 1);
    for (const part of [...parts, ...late]) driver.feed(part, { timestampMs: HOUR + 30 * SECOND });
    expect(driver.discards()).toEqual({ late: 2 });
    driver.silence(HOUR + 10 * MINUTE);
    driver.commit();
    expect(driver.values(LATE)).toMatchObject([{ component: 'features', rows: 2, bytes: 8, streamTime: HOUR + 20 * SECOND }]);
    const records = driver.values(TRAFFIC_FEATURES);
    expect([10 * SECOND, MINUTE, 5 * MINUTE].map((windowMs) => rowsOf(records, windowMs, '10.0.1.1').map(({ bytes }) => bytes))).toEqual([[1, 2], [7], [7]]);
  });

  test('that went out in a silence stay closed', () => {
    const driver = new Driver(features, { graceMs: 0, idleMs: 1000 }, 1);
    const [part] = of(measured(batches({ flows: [{}] })), TRAFFIC_PARTIALS);
    driver.feed(part, { timestampMs: HOUR + 10 * SECOND });
    driver.silence(HOUR + 20 * SECOND);
    driver.feed(part, { timestampMs: HOUR + 21 * SECOND });
    driver.silence(HOUR + 10 * MINUTE);
    driver.commit();
    expect(driver.values(TRAFFIC_FEATURES).map(({ windowMs, rows }) => [windowMs / SECOND, rows[1].bytes])).toEqual([[10, 1000], [60, 2000], [300, 2000]]);
  });

  test('a restart changes nothing', () => {
    const parts = of(measured(course(50)), TRAFFIC_PARTIALS);
    const run = (restart: boolean): unknown => {
      const driver = new Driver(features, { graceMs: 20 * SECOND }, 1);
      parts.forEach((part, i) => {
        driver.feed(part, { timestampMs: start(part) + 10 * SECOND });
        if (restart && i % 5 === 2) driver.commit(i % 2 === 0);
        if (restart && i % 7 === 0) driver.restart();
      });
      driver.silence(HOUR + 1000 * MINUTE);
      driver.commit();
      return driver.outputs;
    };
    expect(run(true)).toEqual(run(false));
  });
});

describe('bad input', () => {
  const [good] = of(measured(batches({ flows: [{}] })), TRAFFIC_PARTIALS);
  const spoilt = (change: object): Buffer => TRAFFIC_PARTIALS.record.encode({ ...TRAFFIC_PARTIALS.record.decode(good), ...change }, 1);

  test.each<[string, Buffer, string]>([
    ['no record', Buffer.from('nonsense'), ''],
    ['another kind', spoilt({ kind: 'interface' }), "of kind 'interface'"],
    ['other sketches', spoilt({ registers: 16 }), '16 registers'],
    ['sketches cut short', spoilt({ peers: Buffer.alloc(7) }), 'sketches of 7'],
    ['a window that is none', spoilt({ windowStart: HOUR + 1 }), 'begins at'],
    ['a time that is none', spoilt({ windowStart: 8e15 }), 'begins at'],
  ])('%s is a dead letter, and what comes after it counts', (_, bad, message) => {
    const driver = new Driver(features, { graceMs: 0 }, 1);
    for (const value of [bad, good]) driver.feed(value, { timestampMs: HOUR + 10 * SECOND });
    driver.silence(HOUR + 10 * MINUTE);
    driver.commit();
    expect(driver.values(DEAD_LETTERS)).toMatchObject([{ message: expect.stringContaining(message) as string }]);
    expect(driver.values(TRAFFIC_FEATURES)).toHaveLength(3);
  });

  test('counts that are no numbers count as none', () => {
    const counts = Buffer.from(new Float64Array(32).fill(NaN).buffer);
    const [{ rows }] = whole([spoilt({ sources: counts })]);
    expect(rows.map(({ bytes, srcEntropy }) => [bytes, srcEntropy])).toEqual([[0, NaN], [1000, NaN]]);
  });
});

describe('features of interfaces and links', () => {
  const key = (element: string, id: string): Buffer => Buffer.from(`${element}/${id}`);
  const topology = (driver: Driver<typeof features.section>): void => {
    const element = (kind: string, id: string, of_: object): void => void driver.feedTable(TOPOLOGY_STATE, key(kind, id), elementValue(kind, id, of_));
    element('device', 'a', { address: '192.0.2.1' });
    element('device', 'b', { address: '192.0.2.2' });
    element('interface', 'a/e1', { ifIndex: 1 });
    element('interface', 'b/e2', { ifIndex: 2 });
    element('link', 'ab', { a: 'a', aInterface: 'e1', b: 'b', bInterface: 'e2' });
    element('link', 'none', { a: 'a', aInterface: 'e7', b: 'x', bInterface: null });
  };
  const values = [
    batch([{ inIf: 9, outIf: 1, bytes: 100 }, { inIf: 1, outIf: 9, bytes: 30 }, { inIf: 0, outIf: 0, bytes: 5 }], { exporter: '192.0.2.1' }),
    batch([{ inIf: 2, outIf: 9, bytes: 90 }], { exporter: '192.0.2.2' }),
  ];
  const run = (given: readonly Buffer[]): Map<string, number> => {
    const parts = [...of(measured(given), TRAFFIC_INTERFACE_PARTIALS)];
    const records = whole(parts, {}, topology, interfaceFeatures as unknown as typeof features).filter(({ windowMs }) => windowMs === 10 * SECOND);
    return new Map(records.flatMap(({ kind, rows }) => rows.map(({ subject, bytes }) => [`${kind} ${subject}`, bytes])));
  };

  test('by interface and direction; ahead of a link is what end a sends', () => {
    expect(run(values)).toEqual(new Map([
      ['interface 192.0.2.1/1/in', 30], ['interface 192.0.2.1/1/out', 100], ['interface 192.0.2.1/9/in', 100], ['interface 192.0.2.1/9/out', 30],
      ['interface 192.0.2.2/2/in', 90], ['interface 192.0.2.2/9/out', 90], ['link ab/ahead', 100], ['link ab/back', 30],
    ]));
  });

  test('where end a is silent, what end b receives', () => {
    expect(run(values.slice(1)).get('link ab/ahead')).toBe(90);
    expect(run(values.slice(1)).has('link ab/back')).toBe(false);
  });

  test('observations of other exporters count at their interfaces and at no host', () => {
    const outputs = measured(values.slice(1), {}, 0, measureObserved as typeof measure);
    expect([of(outputs, TRAFFIC_PARTIALS).length, of(outputs, TRAFFIC_INTERFACE_PARTIALS).length]).toEqual([0, 1]);
  });

  test('an interface has the entropies of all that passed it', () => {
    const flows = Array.from({ length: 200 }, (_, i) => ({ srcAddr: '10.0.0.1', dstAddr: `10.0.${i % 7}.${i}`, inIf: 1, outIf: 2, packets: 1 }));
    const [record] = whole(of(measured(batches({ flows })), TRAFFIC_INTERFACE_PARTIALS), {}, undefined, interfaceFeatures as unknown as typeof features);
    expect(record.rows[0]).toMatchObject({ srcEntropy: 0, portEntropy: 0 });
    expect(record.rows[0].dstEntropy).toBeGreaterThan(0.9);
  });
});
