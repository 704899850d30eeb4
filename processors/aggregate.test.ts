import { decodeFlowBatch, type HostTraffic, type InterfaceTraffic, type PrefixTraffic } from '../schemas';
import { DEAD_LETTERS, FLOWS_OBSERVATIONS, FLOWS_UNIQUE, LATE, SILENCES, TRAFFIC_BY_HOST, TRAFFIC_BY_INTERFACE, TRAFFIC_BY_PREFIX, type Topic } from '../topics';
import { aggregate, observedInterfaces } from './aggregate';
import { dedup } from './dedup';
import { Driver } from './runtime/driver';
import { batch, course, HOUR } from './runtime/testing/flows';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Late enough for every window to go out. */
const END = HOUR + 86_400 * SECOND;

/** Partial sums added up: row by window and key. */
function added<T extends { windowStart: number; windowMs: number; rows: object[] }>(driver: Driver<typeof aggregate.section>, topic: Topic<T>, sums: readonly string[]): Map<string, number[]> {
  const totals = new Map<string, number[]>();
  for (const { windowStart, windowMs, rows } of driver.values(topic)) {
    for (const row of rows) {
      const key = Object.entries(row).filter(([name]) => !sums.includes(name)).map(([name, value]) => `${name}=${value}`);
      const name = `${(windowStart - HOUR) / MINUTE}+${windowMs / MINUTE} ${key.join(' ')}`;
      const values = sums.map((sum) => (row as Record<string, number>)[sum]);
      totals.set(name, (totals.get(name) ?? sums.map(() => 0)).map((value, i) => value + values[i]));
    }
  }
  return totals;
}
const SUMS = ['bytes', 'packets', 'flows'];
const HOST_SUMS = ['bytesOut', 'packetsOut', 'flowsOut', 'bytesIn', 'packetsIn', 'flowsIn'];
const run = (values: readonly Buffer[], settings = {}, processor = aggregate, silences: readonly number[] = []): Driver<typeof aggregate.section> => {
  const driver = new Driver(processor, settings);
  for (const value of values) driver.feed(value);
  for (const timeMs of [...silences, END]) driver.silence(timeMs);
  driver.commit();
  return driver;
};

describe('sums', () => {
  test('by interface: into one and out of the other, scaled by the sampling rate, not known counting once', () => {
    const driver = run([batch([{ bytes: 100, packets: 2, samplingRate: 10 }, { bytes: 7, packets: 1, samplingRate: 0 }])], { graceMs: 0 });
    const rows = driver.values<InterfaceTraffic>(TRAFFIC_BY_INTERFACE);
    expect(rows[0]).toEqual({
      windowStart: HOUR, windowMs: MINUTE, sourcePartition: 0,
      rows: [
        { exporter: '192.0.2.1', ifIndex: 1, direction: 0, bytes: 1007, packets: 21, flows: 2 },
        { exporter: '192.0.2.1', ifIndex: 2, direction: 1, bytes: 1007, packets: 21, flows: 2 },
      ],
    });
    expect(rows[1]).toEqual({ ...rows[0], windowMs: 5 * MINUTE });
  });

  test('of a flow that two devices report: at the interfaces of both, between its prefixes and hosts once', () => {
    const first = new Driver(dedup);
    first.feed(batch([{ bytes: 100, inIf: 1, outIf: 2 }], { exporter: '192.0.2.1' }));
    first.feed(batch([{ bytes: 100, inIf: 7, outIf: 8 }], { exporter: '192.0.2.2', sequence: 2 }));
    first.commit();
    const unique = run(first.outputs.filter(({ topic }) => topic === FLOWS_UNIQUE).map(({ value }) => value));
    const observed = run(first.outputs.filter(({ topic }) => topic === FLOWS_OBSERVATIONS).map(({ value }) => value), {}, observedInterfaces);
    const interfaces = [unique, observed].map((driver) => driver.values<InterfaceTraffic>(TRAFFIC_BY_INTERFACE)[0].rows.map(({ exporter, ifIndex, bytes }) => `${exporter} ${ifIndex} ${bytes}`));
    expect(interfaces).toEqual([['192.0.2.1 1 100', '192.0.2.1 2 100'], ['192.0.2.2 7 100', '192.0.2.2 8 100']]);
    expect(new Set(observed.outputs.map(({ topic }) => topic))).toEqual(new Set([TRAFFIC_BY_INTERFACE, SILENCES]));
    expect(unique.values<PrefixTraffic>(TRAFFIC_BY_PREFIX)[0].rows).toMatchObject([{ bytes: 100, flows: 1 }]);
  });

  test.each([
    ['10.1.2.3', 16, '10.1.0.0', 16],
    ['10.1.2.3', 0, '10.1.2.0', 24],
    ['10.1.2.3', 32, '10.1.2.3', 32],
    ['10.1.2.3', 33, '10.1.2.0', 24],
    ['10.1.255.3', 17, '10.1.128.0', 17],
    ['2001:db8:1:2::3', 0, '2001:db8:1::', 48],
    ['2001:db8:1:ffff::3', 50, '2001:db8:1:c000::', 50],
    ['', 8, '', 0],
  ])('by prefix: %s with a mask of %i is %s/%i', (srcAddr, srcMask, srcPrefix, length) => {
    const driver = run([batch([{ srcAddr, dstAddr: srcAddr === '' ? '10.0.0.1' : srcAddr, srcMask, dstMask: srcMask, srcAs: 4_200_000_000, dstAs: 2 }])]);
    const [{ rows }] = driver.values<PrefixTraffic>(TRAFFIC_BY_PREFIX);
    expect(rows).toMatchObject([{ srcPrefix, srcMask: length, srcAs: 4_200_000_000, dstAs: 2, flows: 1 }]);
  });

  test('by host: sent and received, IPv4 and IPv6', () => {
    const driver = run([batch([{ srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', bytes: 5 }, { srcAddr: '10.0.0.2', dstAddr: '10.0.0.1', bytes: 7 }, { srcAddr: '2001:db8::1', dstAddr: '2001:db8::1', bytes: 1 }])]);
    const rows = driver.values<HostTraffic>(TRAFFIC_BY_HOST).filter(({ windowMs }) => windowMs === MINUTE).flatMap((of) => of.rows);
    expect(rows).toMatchObject([
      { addr: '10.0.0.1', bytesOut: 5, flowsOut: 1, bytesIn: 7, flowsIn: 1 },
      { addr: '10.0.0.2', bytesOut: 7, flowsOut: 1, bytesIn: 5, flowsIn: 1 },
      { addr: '2001:db8::1', bytesOut: 1, flowsOut: 1, bytesIn: 1, flowsIn: 1 },
    ]);
  });

  test('stay at the largest exact number', () => {
    const driver = run([batch([{ bytes: 2 ** 52, samplingRate: 4096 }, { bytes: 2 ** 52, samplingRate: 4096 }])]);
    expect(driver.values<InterfaceTraffic>(TRAFFIC_BY_INTERFACE)[0].rows[0].bytes).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('of ten minutes of traffic are those of a plain calculation', () => {
    const values = course(300);
    const driver = run(values, { graceMs: 1_200_000 });
    const interfaces = new Map<string, number[]>();
    const hosts = new Map<string, number[]>();
    const add = (totals: Map<string, number[]>, key: string, sums: number[]): void => void totals.set(key, (totals.get(key) ?? sums.map(() => 0)).map((sum, i) => sum + sums[i]));
    for (const value of values) {
      const { datagrams, flows } = decodeFlowBatch(value);
      for (const { datagram, srcAddr, dstAddr, inIf, outIf, bytes, packets, samplingRate, end } of flows) {
        const scale = samplingRate || 1;
        for (const minutes of [1, 5]) {
          const window = `${Math.floor((end - HOUR) / MINUTE / minutes) * minutes}+${minutes}`;
          const sums = [bytes * scale, packets * scale, 1];
          add(interfaces, `${window} exporter=${datagrams[datagram].exporter} ifIndex=${inIf} direction=0`, sums);
          add(interfaces, `${window} exporter=${datagrams[datagram].exporter} ifIndex=${outIf} direction=1`, sums);
          add(hosts, `${window} addr=${srcAddr}`, [...sums, 0, 0, 0]);
          add(hosts, `${window} addr=${dstAddr}`, [0, 0, 0, ...sums]);
        }
      }
    }
    const sorted = (totals: Map<string, number[]>): unknown => [...totals].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(added(driver, TRAFFIC_BY_INTERFACE, SUMS))).toEqual(sorted(interfaces));
    expect(sorted(added(driver, TRAFFIC_BY_HOST, HOST_SUMS))).toEqual(sorted(hosts));
    expect(driver.values(LATE)).toEqual([]);
  });
});

describe('windows', () => {
  const windowsOut = (driver: Driver<typeof aggregate.section>): number[][] => {
    driver.commit();
    return driver.values<InterfaceTraffic>(TRAFFIC_BY_INTERFACE).map(({ windowStart, windowMs, rows }) => [(windowStart - HOUR) / MINUTE, windowMs / MINUTE, rows.reduce((sum, row) => sum + row.flows, 0) / 2]);
  };
  const at = (ms: number, receiveTime?: number): Buffer => batch([{ end: HOUR + ms }], receiveTime === undefined ? {} : { receiveTime });

  test('go out when stream time is past their end and grace, and hold the flows that ended in them', () => {
    const driver = new Driver(aggregate, { graceMs: 30_000 });
    for (const ms of [0, 59_999, 60_000, 89_999]) driver.feed(at(ms));
    expect(windowsOut(driver)).toEqual([]);
    driver.feed(at(90_000));
    expect(windowsOut(driver)).toEqual([[0, 1, 2]]);
    driver.feed(at(330_000));
    expect(windowsOut(driver)).toEqual([[0, 1, 2], [1, 1, 3], [0, 5, 5]]);
  });

  test('do not take what comes after that: it is counted and told, and the five minutes have it where they are open', () => {
    const driver = new Driver(aggregate, { graceMs: 0 });
    driver.feed(at(0));
    driver.feed(at(61_000));
    const late = driver.feed(batch([{ end: HOUR + 10_000, bytes: 3, samplingRate: 2 }, { end: HOUR + 5_000, bytes: 1 }], { receiveTime: HOUR + 62_000 }));
    expect(driver.discards()).toEqual({ late: 2 });
    driver.silence(END);
    expect(windowsOut(driver)).toEqual([[0, 1, 1], [1, 1, 1], [0, 5, 4]]);
    expect(driver.values(LATE)).toEqual([{ component: 'aggregate', sourceTopic: 'flows.unique', sourcePartition: 0, sourceOffset: late, rows: 2, streamTime: HOUR + 61_000, earliest: HOUR + 5_000, latest: HOUR + 10_000, bytes: 7 }]);
  });

  test('of a replay of the past have a time of their own: neither they nor live flows are late, and a second replay is not either', () => {
    const driver = new Driver(aggregate, { graceMs: 0, idleMs: 10_000 });
    const YEARS = -3000 * 86_400 * SECOND;
    for (let second = 0; second < 5; second++) {
      driver.feed(at(second * SECOND));
      driver.feed(at(YEARS + second * MINUTE, HOUR + second * SECOND));
    }
    driver.feed(at(20_000));
    for (let second = 20; second < 25; second++) driver.feed(at(YEARS + second * MINUTE - 20 * MINUTE, HOUR + second * SECOND));
    expect(driver.discards()).toEqual({});
    driver.silence(END);
    const past = windowsOut(driver).filter(([minute, length]) => minute < 0 && length === 5);
    expect(past.map(([, , flows]) => flows)).toEqual([5, 5]);
    expect(windowsOut(driver).filter(([minute]) => minute >= 0)).toEqual([[0, 1, 6], [0, 5, 6]]);
  });

  test('ahead of the clock do not make live flows late', () => {
    const driver = new Driver(aggregate, { graceMs: 0 });
    driver.feed(at(86_400_000, HOUR));
    driver.feed(at(0));
    driver.feed(at(1000));
    expect(driver.discards()).toEqual({});
  });

  test('of no time at all: the flow is counted and left out', () => {
    const driver = new Driver(aggregate);
    driver.feed(batch([{ end: -1, start: -1 }, { end: 8e15, start: 0 }], { receiveTime: HOUR }));
    expect(driver.discards()).toEqual({ 'absurd-time': 2 });
  });

  test('of a silent partition go out when they are over by the clock; what comes for them after that goes out beside it', () => {
    const driver = new Driver(aggregate, { graceMs: 0, idleMs: 30_000 });
    driver.feed(at(1000));
    driver.silence(HOUR + 59_999);
    expect(windowsOut(driver)).toEqual([]);
    driver.silence(HOUR + 60_000);
    expect(windowsOut(driver)).toEqual([[0, 1, 1]]);
    driver.feed(at(2000, HOUR + 70_000));
    driver.silence(HOUR + 400_000);
    expect(windowsOut(driver)).toEqual([[0, 1, 1], [0, 1, 1], [0, 5, 2]]);
  });

  test('go out early, with nothing lost, where more are open or have more rows than there is memory for', () => {
    const values = course(300);
    const roomy = run(values, { graceMs: 1_200_000, maxWindows: 64 });
    const narrow = run(values, { graceMs: 1_200_000, maxWindows: 4, maxKeys: 1000 });
    expect(narrow.outputs.length).toBeGreaterThan(roomy.outputs.length);
    expect([roomy.early(), narrow.early() > 1000]).toEqual([0, true]);
    for (const [topic, sums] of [[TRAFFIC_BY_INTERFACE, SUMS], [TRAFFIC_BY_PREFIX, SUMS], [TRAFFIC_BY_HOST, HOST_SUMS]] as const) {
      const sorted = (driver: typeof roomy): unknown => [...added(driver, topic as typeof TRAFFIC_BY_HOST, sums)].sort(([a], [b]) => (a < b ? -1 : 1));
      expect(sorted(narrow)).toEqual(sorted(roomy));
    }
  });

  test('with many rows are cut into records of a thousand', () => {
    const flows = Array.from({ length: 2500 }, (_, i) => ({ srcAddr: `10.${i >> 8}.${i & 255}.1`, dstAddr: '10.0.0.9' }));
    const driver = run([batch(flows)]);
    expect(driver.values<HostTraffic>(TRAFFIC_BY_HOST).map(({ rows }) => rows.length)).toEqual([1000, 1000, 501, 1000, 1000, 501]);
  });

  test('that are open show what they hold so far every updateMs, and the sums are the same; the five minutes stay one', () => {
    const values = course(300);
    const calm = run(values, { graceMs: 1_200_000, maxWindows: 64 });
    const driver = new Driver(aggregate, { graceMs: 1_200_000, maxWindows: 64, updateMs: 10_000 });
    values.slice(0, 10).forEach((value) => driver.feed(value));
    expect(windowsOut(driver)).not.toEqual([]);
    values.slice(10).forEach((value, i) => {
      driver.feed(value);
      if (i % 3 === 0) driver.commit(i % 4 === 0);
      if (i % 5 === 0) driver.restart();
    });
    driver.silence(HOUR + 700_000);
    driver.silence(END);
    driver.commit();
    const sorted = (of: typeof driver): unknown => [...added(of, TRAFFIC_BY_INTERFACE, SUMS)].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(driver)).toEqual(sorted(calm));
    const events = (of: typeof driver, length: number): number => of.values<InterfaceTraffic>(TRAFFIC_BY_INTERFACE).filter(({ windowMs }) => windowMs === length).length;
    expect(events(driver, MINUTE)).toBeGreaterThan(4 * events(calm, MINUTE));
    expect(events(driver, 5 * MINUTE)).toBe(events(calm, 5 * MINUTE));
    expect(driver.outputs).toEqual(run(values, { graceMs: 1_200_000, maxWindows: 64, updateMs: 10_000 }, aggregate, [HOUR + 700_000]).outputs);
  });

  test('of a partition that falls silent show what they hold when the interval is over', () => {
    const driver = new Driver(aggregate, { updateMs: 10_000, idleMs: 1000 });
    driver.feed(at(1000));
    driver.silence(HOUR + 9_999);
    expect(windowsOut(driver)).toEqual([]);
    driver.silence(HOUR + 10_000);
    driver.silence(HOUR + 30_000);
    expect(windowsOut(driver)).toEqual([[0, 1, 1]]);
    expect(driver.values(SILENCES)).toHaveLength(1);
  });

  test('name the records that they were made from', () => {
    const driver = run([batch([{ end: HOUR }]), batch([{ end: HOUR + MINUTE }]), batch([{ end: HOUR + 10 }])]);
    expect(driver.outputs.filter(({ topic }) => topic === TRAFFIC_BY_INTERFACE).map(({ headers }) => headers.causes)).toEqual(['flows.unique/0/0-2 config=driver', 'flows.unique/0/1-1 config=driver', 'flows.unique/0/0-2 config=driver']);
  });
});

describe('state', () => {
  test('is the same after restarts at any place: the same bytes come out', () => {
    const drive = (restartEvery: number, checkpointEvery: number): unknown[] => {
      const driver = new Driver(aggregate, { graceMs: 20_000, maxWindows: 4 });
      course(400).forEach((value, i) => {
        driver.feed(value);
        if (i % 3 === 0) driver.commit(i % checkpointEvery === 0);
        if (i % restartEvery === restartEvery - 1) driver.restart();
      });
      driver.silence(END);
      driver.commit();
      driver.restart();
      driver.silence(END);
      driver.commit();
      return driver.outputs;
    };
    const calm = drive(1e9, 1);
    expect(calm.length).toBeGreaterThan(60);
    expect(drive(1e9, 1)).toEqual(calm);
    expect(drive(7, 1)).toEqual(calm);
    expect(drive(7, 12)).toEqual(calm);
  });

  test('does not grow with time', () => {
    const driver = new Driver(aggregate);
    const sizes: number[] = [];
    for (let minute = 0; minute < 60; minute++) {
      driver.feed(batch(Array.from({ length: 500 }, (_, i) => ({ srcAddr: `10.${minute}.${i >> 8}.${i & 255}`, end: HOUR + minute * MINUTE }))));
      driver.commit();
      sizes.push(driver.changelog.get(0)!.size);
    }
    expect(Math.max(...sizes.slice(30))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 30)));
  });

  test('is untouched by a record that is malformed', () => {
    const driver = new Driver(aggregate);
    driver.feed(Buffer.from('not a flow'));
    driver.feed(null);
    driver.feed(batch([{}]));
    driver.silence(END);
    driver.commit();
    expect(driver.values(DEAD_LETTERS).map(({ code }) => code)).toEqual(['NW_SCHEMA_MALFORMED', 'NW_SCHEMA_MALFORMED']);
    expect(driver.values<InterfaceTraffic>(TRAFFIC_BY_INTERFACE)[0].rows[0].flows).toBe(1);
  });
});
