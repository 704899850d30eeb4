import type { InterfaceCounters } from '../schemas';
import { DEAD_LETTERS, INTERFACES_RATES, INTERFACES_STATE } from '../topics';
import { interfaceRates } from './interface-rates';
import { difference, RESET } from './interface-rates/difference';
import { Driver } from './runtime/driver';
import { HOUR } from './runtime/testing/flows';
import { countersValue, interfaceKey, stateValue } from './runtime/testing/interfaces';

type Counters = Partial<InterfaceCounters>;

/** Feeds readings, each some seconds after the start of the hour. */
function read(driver: Driver<typeof interfaceRates.section>, ...readings: readonly (readonly [seconds: number, counters: Counters])[]): void {
  for (const [seconds, counters] of readings) driver.feed(countersValue({ time: HOUR + 1000 * seconds, ...counters }), { key: interfaceKey(counters.ifIndex), timestampMs: HOUR + 1000 * seconds });
}
const drive = (...readings: readonly (readonly [number, Counters])[]): Driver<typeof interfaceRates.section> => {
  const driver = new Driver(interfaceRates);
  read(driver, ...readings);
  return driver;
};
const ratesOf = (driver: Driver<typeof interfaceRates.section>): ReturnType<typeof INTERFACES_RATES.record.decode>[] => {
  driver.commit();
  return driver.values(INTERFACES_RATES);
};

describe('the difference of a counter', () => {
  test.each<[string, number, number, number, number]>([
    ['grows', 10, 15, 100, 5],
    ['stands', 10, 10, 100, 0],
    ['is not known before', NaN, 10, 100, NaN],
    ['is not known now', 10, NaN, 100, NaN],
    ['of 32 bits wraps, where so much can have passed', 2 ** 32 - 10, 5, 100, 15],
    ['of 32 bits is reset, where it cannot', 2 ** 31, 5, 100, RESET],
    ['of 64 bits is reset', 2 ** 32 + 10, 5, 2 ** 40, RESET],
    ['of 64 bits wraps where it is carried to, where so much can have passed', 2 ** 53 - 10, 5, 100, 15],
    ['of 64 bits is reset near there, where it cannot', 2 ** 53 - 1000, 5, 100, RESET],
  ])('%s', (_, before, now, most, expected) => expect(difference(before, now, most)).toBe(expected));
});

describe('interface-rates', () => {
  test('makes rates of two readings', () => {
    const driver = drive([0, { inOctets: 1000, outOctets: 50, inUnicastPackets: 10, inMulticastPackets: 1, inErrors: 0, inDiscards: 2, speed: 1000 }], [10, { inOctets: 2000, outOctets: 50, inUnicastPackets: 30, inMulticastPackets: 11, inErrors: 5, inDiscards: 2, speed: 1000 }]);
    expect(ratesOf(driver)).toMatchObject([
      {
        device: '192.0.2.1', ifIndex: 1, time: HOUR + 10_000, seconds: 10, source: 'SNMP', speed: 1000, wraps: 0,
        inBitsPerSecond: 800, inPacketsPerSecond: 3, inUtilisation: 0.8, inErrorsPerSecond: 0.5, inDiscardsPerSecond: 0,
        outBitsPerSecond: 0, outPacketsPerSecond: null, outUtilisation: 0, outErrorsPerSecond: null, outDiscardsPerSecond: null,
      },
    ]);
  });

  test('takes name and speed from interfaces.state as it stands, what one source leaves out from another', () => {
    const driver = new Driver(interfaceRates);
    const state = (value: Buffer | null): number => driver.feedTable(INTERFACES_STATE, interfaceKey(), value);
    state(stateValue({ name: 'xe-0/0/1', alias: 'uplink', speed: 1e9 }));
    state(stateValue({ name: 'xe-0/0/1', source: 'OPTIONS' }));
    read(driver, [0, { inOctets: 0, ifName: 'if1', speed: 5e8 }], [10, { inOctets: 125e6, ifName: 'if1', speed: 5e8 }]);
    state(stateValue({ speed: 2e9 }));
    read(driver, [20, { inOctets: 250e6, ifName: 'if1', speed: 5e8 }]);
    state(null);
    read(driver, [30, { inOctets: 375e6, ifName: 'if1', speed: 5e8 }]);
    expect(ratesOf(driver).map(({ name, alias, speed, inUtilisation }) => ({ name, alias, speed, inUtilisation }))).toEqual([
      { name: 'xe-0/0/1', alias: 'uplink', speed: 1e9, inUtilisation: 0.1 },
      { name: 'xe-0/0/1', alias: 'uplink', speed: 2e9, inUtilisation: 0.05 },
      { name: 'if1', alias: '', speed: 5e8, inUtilisation: 0.2 },
    ]);
    expect(driver.outputs.flatMap(({ topic, headers }) => (topic === INTERFACES_RATES ? [headers.causes] : []))).toEqual([
      'interfaces.counters/0/1-1 interfaces.counters/0/0-0 interfaces.state/0/1-1 config=driver',
      'interfaces.counters/0/2-2 interfaces.counters/0/1-1 interfaces.state/0/2-2 config=driver',
      'interfaces.counters/0/3-3 interfaces.counters/0/2-2 config=driver',
    ]);
  });

  test('allows for counters of 32 bits that wrap', () => {
    const driver = drive([0, { inOctets: 2 ** 32 - 1000, outOctets: 0, speed: 1e6 }], [10, { inOctets: 250, outOctets: 0, speed: 1e6 }]);
    expect(ratesOf(driver)).toMatchObject([{ inBitsPerSecond: 1000, wraps: 1 }]);
  });

  test('goes on where counters of 64 bits pass what is carried of them, at any speed', () => {
    const octets = 400e9 / 8;
    const driver = drive([0, { inOctets: 2 ** 53 - octets, outOctets: Number.MAX_SAFE_INTEGER, speed: 400e9 }], [10, { inOctets: 9 * octets, outOctets: 79, speed: 400e9 }]);
    expect(ratesOf(driver)).toMatchObject([{ inBitsPerSecond: 400e9, inUtilisation: 1, outBitsPerSecond: 64, wraps: 2 }]);
  });

  test.each<[string, Counters, Counters]>([
    ['a source says so', { inOctets: 10 }, { inOctets: 20, discontinuity: true }],
    ['the device is up for a shorter time', { inOctets: 10, uptimeSeconds: 1000 }, { inOctets: 20, uptimeSeconds: 5 }],
    ['a counter became smaller by more than can have passed', { inOctets: 2 ** 31, speed: 1e6 }, { inOctets: 10, speed: 1e6 }],
    ['a counter of 64 bits became smaller', { inOctets: 2 ** 40 }, { inOctets: 10 }],
  ])('leaves a reset out, and goes on from there: %s', (_, before, after) => {
    const driver = drive([0, before], [10, after]);
    expect(driver.discards()).toEqual({ 'first-reading': 1, reset: 1 });
    read(driver, [20, { ...after, inOctets: after.inOctets! + 100, discontinuity: false }]);
    expect(ratesOf(driver)).toMatchObject([{ inBitsPerSecond: 80, seconds: 10 }]);
  });

  test('keeps sources and interfaces apart', () => {
    const driver = drive([0, { inOctets: 0 }], [1, { inOctets: 5000, source: 'SFLOW' }], [2, { inOctets: 7, ifIndex: 2 }], [10, { inOctets: 100 }], [11, { inOctets: 5200, source: 'SFLOW' }]);
    expect(ratesOf(driver).map(({ source, inBitsPerSecond }) => [source, inBitsPerSecond])).toEqual([['SNMP', 80], ['SFLOW', 160]]);
  });

  test('waits for a reading that is far enough from the last, lets older ones go, and a pause is no rate', () => {
    const driver = drive([0, { inOctets: 0 }], [0.5, { inOctets: 1 }], [-5, { inOctets: 2 }], [10, { inOctets: 10 }], [4000, { inOctets: 20 }], [4010, { inOctets: 30 }]);
    expect(driver.discards()).toMatchObject({ 'too-soon': 1, 'out-of-order': 1 });
    expect(ratesOf(driver).map(({ time, seconds }) => [time - HOUR, seconds])).toEqual([[10_000, 10], [4_010_000, 10]]);
  });

  test('gets over a reading from a clock a year ahead', () => {
    const driver = new Driver(interfaceRates);
    driver.feed(countersValue({ time: HOUR + 365 * 86_400_000, inOctets: 0 }), { key: interfaceKey(), timestampMs: HOUR });
    read(driver, [10, { inOctets: 0 }], [20, { inOctets: 10 }]);
    expect(ratesOf(driver)).toMatchObject([{ inBitsPerSecond: 8 }]);
  });

  test('sends what does not fit its memory to dead-letters', () => {
    const driver = new Driver(interfaceRates, { stateBytes: 2 ** 20 });
    for (let ifIndex = 0; ifIndex < 8000; ifIndex++) driver.feed(countersValue({ ifIndex }), { key: interfaceKey(ifIndex) });
    driver.commit();
    const letters = driver.values(DEAD_LETTERS);
    expect(letters.length).toBeGreaterThan(100);
    expect(new Set(letters.map(({ code }) => code))).toEqual(new Set(['NW_STATE_FULL']));
  });

  test('forgets an interface that is not read any more', () => {
    const driver = new Driver(interfaceRates, { gapMs: 60_000 });
    for (let i = 0; i < 100; i++) read(driver, [i * 10, { ifIndex: i, inOctets: 0 }]);
    expect(driver.size().entries).toBeLessThan(20);
  });
});
