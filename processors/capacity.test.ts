import { seeded } from '../domain/simulate/random';
import { encodeInterfaceRates, encodeLinkState, type CapacityForecast, type InterfaceRates, type LinkState, type TrafficForecast } from '../schemas';
import { CAPACITY_FORECASTS, INTERFACES_RATES, LINKS_STATE } from '../topics';
import { capacity } from './capacity';
import { Driver, DRIVER_SCHEMA_ID } from './runtime/driver';
import { forecastValue } from './runtime/testing/forecasts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);
type CapacityDriver = Driver<typeof capacity.section>;

function speed(driver: CapacityDriver, bitsPerSecond: number | null, device = '192.0.2.1', ifIndex = 1): void {
  const rates: InterfaceRates = {
    device, ifIndex, name: '', alias: '', time: START, seconds: 10, source: 'SNMP', speed: bitsPerSecond, inBitsPerSecond: null, inPacketsPerSecond: null, inUtilisation: null, inErrorsPerSecond: null, inDiscardsPerSecond: null,
    outBitsPerSecond: null, outPacketsPerSecond: null, outUtilisation: null, outErrorsPerSecond: null, outDiscardsPerSecond: null, wraps: 0,
  };
  driver.feedTable(INTERFACES_RATES, Buffer.from(`${device}/${ifIndex}`), encodeInterfaceRates(rates, DRIVER_SCHEMA_ID), { timestampMs: START });
}

function link(driver: CapacityDriver, name: string, bitsPerSecond: number | null): void {
  const state: LinkState = { link: name, time: START, a: 'a', b: 'b', up: true, bitsPerSecond, latencyMs: null, lossRatio: null, utilisationAhead: null, costAhead: 1, utilisationBack: null, costBack: 1, riskGroups: '', reason: 'topology' };
  driver.feedTable(LINKS_STATE, Buffer.from(name), encodeLinkState(state, DRIVER_SCHEMA_ID), { timestampMs: START });
}

/** Forecasts every three hours; the peak of day d is `peak(d)`, at noon. */
function days(driver: CapacityDriver, count: number, peak: (day: number) => number, subject = '192.0.2.1/1/out', of: Partial<TrafficForecast> = {}, from = 0): void {
  for (let i = 8 * from; i < 8 * count; i++) {
    const time = START + i * (DAY / 8) + 300_000;
    driver.feed(forecastValue(subject, time, peak(Math.floor(i / 8)) * (i % 8 === 4 ? 1 : 0.5), of), { timestampMs: time });
  }
  driver.commit();
}

const told = (driver: CapacityDriver): CapacityForecast[] => driver.values(CAPACITY_FORECASTS);
const dayOf = (time: number | null): number => (time! - START) / DAY;

describe('capacity', () => {
  test('what grows by the same each day passes 80 % when the line says so, and is told of once a day', () => {
    const driver = new Driver(capacity, {}, 1);
    speed(driver, 1e9);
    days(driver, 20, (day) => 4e8 + 1e7 * day);
    expect(told(driver)).toHaveLength(14);
    const last = told(driver).at(-1)!;
    expect(last).toMatchObject({ subject: '192.0.2.1/1/out', kind: 'interface', capacity: 1e9, threshold: 8e8, trend: 1e7, peak: 5.8e8 });
    expect([last.earliest, last.likely, last.latest].map(dayOf)).toEqual([40, 40, 40]);
  });

  test('with noise the true day lies between the earliest and the latest, nine times in ten', () => {
    let within = 0;
    const runs = 60;
    for (let run = 0; run < runs; run++) {
      const random = seeded(run + 1);
      const driver = new Driver(capacity, {}, 1);
      speed(driver, 1e9);
      days(driver, 30, (day) => 4e8 + 5e6 * day + 4e7 * (random() + random() - 1));
      const { earliest, likely, latest } = told(driver).at(-1)!;
      if (earliest !== null && likely !== null) expect(earliest).toBeLessThanOrEqual(likely);
      if (dayOf(earliest) <= 80 && (latest === null || dayOf(latest) >= 80)) within++;
    }
    expect(within).toBeGreaterThanOrEqual(0.9 * runs);
  });

  test.each<[string, (day: number) => number, (last: CapacityForecast) => void]>([
    ['what does not grow is not foreseen', () => 4e8, ({ likely, latest }) => expect([likely, latest]).toEqual([null, null])],
    ['what falls neither', (day) => 6e8 - 1e7 * day, ({ earliest, likely, latest }) => expect([earliest, likely, latest]).toEqual([null, null, null])],
    ['what is past it already is so now', (day) => 8.5e8 + 1e6 * day, ({ time, earliest, likely, latest }) => expect([earliest, likely, latest]).toEqual([time, time, time])],
    ['one day in thirty that is far out bends nothing', (day) => (day === 11 ? 7.9e8 : 4e8 + 1e7 * day), ({ trend }) => expect(trend).toBeCloseTo(1e7, -5)],
    ['what lies too far ahead is not foreseen', (day) => 4e8 + 1e5 * day, ({ likely }) => expect(likely).toBeNull()],
  ])('%s', (_, peak, expected) => {
    const driver = new Driver(capacity, {}, 1);
    speed(driver, 1e9);
    days(driver, 16, peak);
    expected(told(driver).at(-1)!);
  });

  test('a link has the capacity that links.state says', () => {
    const driver = new Driver(capacity, { thresholdPercent: 50 }, 1);
    link(driver, 'a-b', 1e10);
    days(driver, 10, (day) => 1e9 + 1e8 * day, 'a-b/back', { kind: 'link' });
    expect(told(driver).at(-1)).toMatchObject({ subject: 'a-b/back', kind: 'link', capacity: 1e10, threshold: 5e9 });
  });

  test('without a capacity nothing is told, and counted; hosts have none', () => {
    const driver = new Driver(capacity, {}, 1);
    speed(driver, null);
    days(driver, 9, () => 4e8);
    days(driver, 9, () => 4e8, '198.51.100.7', { kind: 'host' });
    expect(told(driver)).toEqual([]);
    days(driver, 10, () => 4e8, '192.0.2.1/1/out', {}, 9);
    speed(driver, 1e9);
    speed(driver, null);
    days(driver, 11, () => 4e8, '192.0.2.1/1/out', {}, 10);
    expect(told(driver)).toHaveLength(1);
  });

  test('too few days, forecasts that come again, and ones without numbers give nothing', () => {
    const driver = new Driver(capacity, {}, 1);
    speed(driver, 1e9);
    days(driver, 6, () => 4e8);
    days(driver, 6, () => 9e8);
    expect(told(driver)).toEqual([]);
    days(driver, 12, (day) => (day === 8 ? NaN : 4e8), '192.0.2.1/1/out', {}, 6);
    expect(told(driver).at(-1)).toMatchObject({ days: 11 - 1, peak: 4e8 });
  });

  test('a restart changes nothing', () => {
    const run = (restart: boolean): unknown => {
      const driver = new Driver(capacity, {}, 1);
      speed(driver, 1e9);
      for (let day = 0; day < 14; day++) {
        days(driver, day + 1, (of) => 4e8 + 1e7 * of, undefined, undefined, day);
        if (restart && day % 3 === 1) driver.restart();
      }
      return told(driver);
    };
    expect(run(true)).toEqual(run(false));
  });
});
