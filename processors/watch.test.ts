import { encodeInterfaceRates, type Anomaly, type InterfaceRates } from '../schemas';
import { ANOMALIES, TOPOLOGY_STATE } from '../topics';
import { Driver } from './runtime/driver';
import { HOUR } from './runtime/testing/flows';
import { elementValue } from './runtime/testing/links';
import { watch } from './watch';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const RATES: InterfaceRates = {
  device: '192.0.2.1', ifIndex: 1, name: 'xe-0/0/1', alias: '', time: HOUR, seconds: 60, source: 'SNMP', speed: 1e9,
  inBitsPerSecond: 1e6, inPacketsPerSecond: 1000, inUtilisation: 0.001, inErrorsPerSecond: 0, inDiscardsPerSecond: 0,
  outBitsPerSecond: 1e6, outPacketsPerSecond: 1000, outUtilisation: 0.001, outErrorsPerSecond: 0, outDiscardsPerSecond: 0, wraps: 0,
};
type Fed = (driver: Driver<typeof watch.section>) => void;
const rates = (minute: number, of: Partial<InterfaceRates> = {}): Fed => (driver) => {
  const time = HOUR + minute * MINUTE;
  driver.feed(encodeInterfaceRates({ ...RATES, time, ...of }, 1), { timestampMs: time + 5, key: Buffer.from(`${of.device ?? RATES.device}/${of.ifIndex ?? RATES.ifIndex}`) });
};
const element = (second: number, kind: string, id: string, of: object): Fed => (driver) => {
  const time = HOUR + second * SECOND;
  driver.feedTable(TOPOLOGY_STATE, Buffer.from(`${kind}/${id}`), elementValue(kind, id, { time, ...of }), { timestampMs: time + 5 });
};
const flap = (id: string, a: string, b: string, from: number, changes: number): Fed[] => Array.from({ length: changes + 1 }, (_, i) => element(from + 10 * i, 'link', id, { up: i % 2 === 0, a, b }));
const run = (fed: readonly Fed[], settings = {}, each: (driver: Driver<typeof watch.section>, i: number) => void = () => undefined): Driver<typeof watch.section> => {
  const driver = new Driver(watch, settings, 1);
  fed.forEach((feed, i) => {
    feed(driver);
    each(driver, i);
  });
  driver.commit();
  return driver;
};
const told = (driver: Driver<typeof watch.section>): string[] => driver.values<Anomaly>(ANOMALIES).map(({ kind, subject, subjectKind, phase, time, detector }) => `${kind} ${detector} of ${subjectKind} ${subject} ${phase} ${(time - HOUR) / SECOND}`);

describe('interfaces', () => {
  test('errors begin, go on and are over, each direction by itself', () => {
    const minutes = Array.from({ length: 12 }, (_, minute) => rates(minute, { inErrorsPerSecond: minute > 1 && minute < 9 ? 4 : 0, outDiscardsPerSecond: minute > 8 ? 90 : 0 }));
    const driver = run(minutes);
    expect(told(driver)).toEqual([
      'interface-errors counters-in of interface 192.0.2.1/1 began 180',
      'interface-errors counters-in of interface 192.0.2.1/1 goes-on 480',
      'interface-errors counters-in of interface 192.0.2.1/1 over 600',
      'interface-discards counters-out of interface 192.0.2.1/1 began 600',
    ]);
    expect(driver.values<Anomaly>(ANOMALIES)[0]).toMatchObject({ began: HOUR + MINUTE, severity: 'critical', score: 24, value: 4, unit: 'errors/s', evidence: [{ name: 'errors', value: 4 }, { name: 'part of the packets', value: 0.004 }, {}, {}], elements: [{ kind: 'interface', id: '192.0.2.1/1' }] });
  });

  test('of which nothing comes any more are told of no more', () => {
    const ill = { inErrorsPerSecond: 4, ifIndex: 7, device: '2001:db8::1' };
    expect(told(run([rates(0, ill), rates(1, ill), rates(10), rates(20)]))).toEqual(['interface-errors counters-in of interface 2001:db8::1/7 began 60', 'interface-errors counters-in of interface 2001:db8::1/7 over 1200']);
    const driver = run([rates(0, ill), rates(1, ill)]);
    driver.silence(HOUR + 10 * MINUTE);
    driver.silence(HOUR + 20 * MINUTE);
    driver.commit();
    expect(told(driver)).toHaveLength(2);
  });

  test('what is not counted is not judged', () => {
    expect(told(run([0, 1, 2].map((minute) => rates(minute, { inErrorsPerSecond: null, outErrorsPerSecond: NaN, inPacketsPerSecond: null }))))).toEqual([]);
  });
});

describe('flaps', () => {
  test('a link that goes up and down again and again, until it rests', () => {
    const driver = run([...flap('ab', 'a', 'b', 0, 7), rates(9), rates(14)]);
    expect(told(driver)).toEqual(['topology-flap flaps of link ab began 60', 'topology-flap flaps of link ab over 840']);
    expect(driver.values<Anomaly>(ANOMALIES)[0]).toMatchObject({ value: 6, threshold: 6, severity: 'warning', began: HOUR + 10 * SECOND, unit: 'changes' });
  });

  test('a failure and its repair are none, nor what goes slowly', () => {
    expect(told(run([...flap('ab', 'a', 'b', 0, 2), ...flap('bc', 'b', 'c', 0, 5), element(700, 'link', 'bc', { up: true, a: 'b', b: 'c' })]))).toEqual([]);
  });

  test('links of one device are one anomaly of that device, which takes the place of theirs', () => {
    const fed = [...flap('ab', 'a', 'b', 0, 6), ...flap('ac', 'a', 'c', 70, 6)];
    const driver = run(fed);
    expect(told(driver)).toEqual(['topology-flap flaps of link ab began 60', 'topology-flap flaps of link ab over 130', 'topology-flap flaps of device a began 130']);
    expect(driver.values<Anomaly>(ANOMALIES)[2]).toMatchObject({ severity: 'critical', elements: [{ kind: 'link', id: 'ab', share: 0.5 }, { kind: 'link', id: 'ac', share: 0.5 }] });
  });
});

test('a restart changes nothing', () => {
  const fed = [...flap('ab', 'a', 'b', 0, 9), ...Array.from({ length: 20 }, (_, minute) => rates(minute, { ifIndex: minute % 3, inErrorsPerSecond: minute % 7 })), ...flap('ac', 'a', 'c', 900, 9)];
  const calm = run(fed, { readings: 1 }).outputs.filter(({ topic }) => topic === ANOMALIES);
  const restarted = run(fed, { readings: 1 }, (driver, i) => {
    if (i % 4 === 1) driver.commit(i % 8 === 1);
    if (i % 6 === 5) driver.restart();
  }).outputs.filter(({ topic }) => topic === ANOMALIES);
  expect(calm.length).toBeGreaterThan(5);
  expect(restarted).toEqual(calm);
});
