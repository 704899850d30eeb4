import { SHIPPED } from '../domain/forecast/shipped';
import { seeded } from '../domain/simulate/random';
import { InferenceHost } from '../infra/inference/host';
import { findModels, SHIPPED as SHIPPED_MODELS } from '../infra/inference/registry';
import { hasRuntime } from '../infra/inference/testing/folder';
import { encodeModelDeployment } from '../schemas';
import { ANOMALIES, MODELS_DEPLOYED, TRAFFIC_FORECASTS } from '../topics';
import { forecast } from './forecast';
import { Driver } from './runtime/driver';
import { featuresValue, WINDOW_MS } from './runtime/testing/forecasts';

const START = Date.UTC(2026, 0, 5);
type ForecastDriver = Driver<typeof forecast.section>;

/** A day with its ups and downs, and noise that is the same for every run. */
const traffic = (i: number, subject = 0): number => Math.round(1e9 * (1 + 0.4 * Math.sin((2 * Math.PI * i) / 288) + 0.1 * seeded(i * 7 + subject)()));

/** Windows `from` to `to`; `bytes` null: no row. */
function feed(driver: ForecastDriver, from: number, to: number, bytes: (i: number) => number | null = traffic, subject = 'r1/1/out'): void {
  for (let i = from; i < to; i++) {
    const value = bytes(i);
    driver.feed(featuresValue(START + i * WINDOW_MS, value === null ? {} : { [subject]: value }), { timestampMs: START + (i + 1) * WINDOW_MS });
  }
  driver.commit();
}

const forecasts = (driver: ForecastDriver) => driver.values(TRAFFIC_FORECASTS);

describe('forecast', () => {
  test('five hours are known: four horizons, each with its quantiles in order, by the linear model', () => {
    const driver = new Driver(forecast);
    feed(driver, 0, 60);
    const told = forecasts(driver);
    // Twelve windows may be missing, so the first forecast comes with the 48th.
    expect(told).toHaveLength(13);
    expect(told.map(({ gaps }) => gaps)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const { horizons, ...last } = told[12];
    expect(last).toMatchObject({ subject: 'r1/1/out', kind: 'interface', time: START + 60 * WINDOW_MS, windowMs: WINDOW_MS, model: 'linear' });
    expect(last.modelHash).toMatch(/^[0-9a-f]{64}$/);
    expect(horizons.map(({ horizonMs }) => horizonMs / 60_000)).toEqual([5, 15, 60, 1440]);
    for (const { p05, p10, p50, p90, p95, bitsPerSecond } of horizons) {
      expect([p05, p10, p50, p90, p95]).toEqual([p05, p10, p50, p90, p95].sort((one, other) => one - other));
      expect(bitsPerSecond).toBeGreaterThan(2.5e7);
      expect(bitsPerSecond).toBeLessThan(5e7);
    }
  });

  test('over weeks nine values in ten lie in their intervals, an hour ahead too', () => {
    const driver = new Driver(forecast, {}, 1);
    const drift = (i: number): number => traffic(i) * (1 + i / 2000);
    feed(driver, 0, 1500, drift);
    const told = forecasts(driver);
    for (const place of [0, 2]) {
      const steps = SHIPPED.design.horizons[place];
      const inside = told.slice(300, -12).filter(({ time, horizons }) => {
        const actual = (drift((time - START) / WINDOW_MS + steps - 1) * 8000) / WINDOW_MS;
        return actual >= horizons[place].p05 && actual <= horizons[place].p95;
      });
      expect(inside.length / (told.length - 312)).toBeGreaterThan(0.86);
      expect(inside.length / (told.length - 312)).toBeLessThan(0.94);
    }
  });

  test('it learns: after days the weights are others, and the hash says so; without learning it stays', () => {
    const hashes = (learn: boolean): number => {
      const driver = new Driver(forecast, { learn }, 1);
      for (let i = 0; i < 700; i++) {
        const rows = Object.fromEntries(Array.from({ length: 4 }, (_, s) => [`r1/${s}/in`, traffic(i, s)]));
        driver.feed(featuresValue(START + i * WINDOW_MS, rows), { timestampMs: START + (i + 1) * WINDOW_MS });
      }
      driver.commit();
      return new Set(forecasts(driver).map(({ modelHash }) => modelHash)).size;
    };
    expect(hashes(true)).toBeGreaterThan(1);
    expect(hashes(false)).toBe(1);
  });

  test.each<[string, (i: number) => number | null, Record<string, number>, number | null]>([
    ['missing windows are filled in and counted', (i) => (i >= 65 && i < 70 ? null : traffic(i)), {}, 5],
    ['windows whose bytes are not known count as missing', (i) => (i >= 65 && i < 70 ? NaN : traffic(i)), { 'bytes-not-known': 5 }, 5],
    ['a negative count, as of a counter that was reset, is not known', (i) => (i === 65 ? -5e8 : traffic(i)), { 'bytes-not-known': 1 }, 1],
    ['where too many are missing there is no forecast', (i) => (i >= 60 && i < 75 ? null : traffic(i)), { 'too-many-gaps': 47 + 5 }, null],
    ['nothing but zeros is forecast as zero', () => 0, {}, 0],
  ])('%s', (_, bytes, discards, gaps) => {
    const driver = new Driver(forecast);
    feed(driver, 0, 60, (i) => (bytes(0) === 0 ? 0 : traffic(i)));
    const before = forecasts(driver).length;
    for (let i = 60; i < 80; i++) {
      const value = bytes(i);
      driver.feed(featuresValue(START + i * WINDOW_MS, value === null ? {} : { 'r1/1/out': value }), { timestampMs: START + (i + 1) * WINDOW_MS });
    }
    expect(driver.discards()).toMatchObject(discards);
    driver.commit();
    const last = forecasts(driver).at(-1)!;
    if (gaps === null) expect(forecasts(driver)).toHaveLength(before);
    else expect(last).toMatchObject({ time: START + 80 * WINDOW_MS, gaps });
    for (const { bitsPerSecond, p95 } of last.horizons) expect(Number.isFinite(bitsPerSecond) && bitsPerSecond >= 0 && p95 >= 0).toBe(true);
    if (bytes(0) === 0) expect(last.horizons[0].bitsPerSecond).toBe(0);
  });

  test('a window that comes again, or late, and one of a clock far ahead change nothing', () => {
    const driver = new Driver(forecast);
    feed(driver, 0, 60);
    const at = { timestampMs: START + 60 * WINDOW_MS };
    driver.feed(featuresValue(START + 59 * WINDOW_MS, { 'r1/1/out': 9e9 }), at);
    driver.feed(featuresValue(START + 20 * WINDOW_MS, { 'r1/1/out': 9e9 }), at);
    driver.feed(featuresValue(START + 9000 * WINDOW_MS, { 'r1/1/out': 9e9 }), at);
    expect(driver.discards()).toMatchObject({ 'out-of-order': 2, ahead: 1 });
    feed(driver, 60, 61);
    expect(forecasts(driver).at(-1)!.horizons[0].bitsPerSecond).toBeLessThan(5e7);
  });

  test('windows of other lengths, and kinds that are not wanted, are for others', () => {
    const driver = new Driver(forecast, { kinds: ['link'] });
    feed(driver, 0, 60);
    for (let i = 0; i < 60; i++) driver.feed(featuresValue(START + i * 60_000, { 'ab/ahead': 1e9 }, 'link', 60_000), { timestampMs: START + i * 60_000 });
    driver.commit();
    expect(forecasts(driver)).toEqual([]);
  });

  test('a level that stays outside the interval is a change of pattern, with what was expected; an hour on it is the pattern', () => {
    const driver = new Driver(forecast);
    feed(driver, 0, 400, (i) => traffic(i) * (i >= 350 ? 4 : 1));
    const told = driver.values(ANOMALIES);
    expect(told.map(({ phase }) => phase)).toEqual(['began', 'goes-on', ...told.slice(2, -1).map(() => 'goes-on'), 'over']);
    expect(told[0]).toMatchObject({ subject: 'r1/1', subjectKind: 'interface', kind: 'pattern-change', detector: 'forecast/out', began: START + 350 * WINDOW_MS, time: START + 353 * WINDOW_MS, unit: 'bits/s', model: 'linear' });
    expect(told[0].score).toBeGreaterThan(1);
    expect(told[0].value).toBeGreaterThan(3 * told[0].evidence[0].usual);
    expect(told[0].elements).toEqual([{ kind: 'interface', id: 'r1/1/out', share: 1 }]);
    expect(told.at(-1)!.time).toBeLessThan(START + 372 * WINDOW_MS);
  });

  test.each<[string, (i: number) => number]>([
    ['one window', (i) => traffic(i) * (i === 350 ? 10 : 1)],
    ['two windows', (i) => traffic(i) * (i === 350 || i === 351 ? 10 : 1)],
    ['a day as the others', traffic],
    ['traffic too small to matter', (i) => (traffic(i) / 1e5) * (i >= 350 ? 4 : 1)],
  ])('%s is none', (_, bytes) => {
    const driver = new Driver(forecast);
    feed(driver, 0, 400, bytes);
    expect(driver.values(ANOMALIES)).toEqual([]);
  });

  test('a subject that falls silent while its pattern has changed is over', () => {
    const driver = new Driver(forecast);
    feed(driver, 0, 353, (i) => traffic(i) * (i >= 350 ? 4 : 1));
    feed(driver, 353, 360, traffic, 'r9/9/in');
    expect(driver.values(ANOMALIES).map(({ phase }) => phase)).toEqual(['began', 'over']);
  });

  test('subjects beyond the memory are counted, and those that are known go on', () => {
    const driver = new Driver(forecast, { maxStateMiB: 1 }, 1);
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`r/${i}/in`, 1e6]));
    for (let i = 0; i < 60; i++) driver.feed(featuresValue(START + i * WINDOW_MS, many), { timestampMs: START + (i + 1) * WINDOW_MS });
    expect(driver.discards()['state-full']).toBeGreaterThan(0);
    driver.commit();
    expect(new Set(forecasts(driver).map(({ subject }) => subject)).size).toBeGreaterThan(50);
  });

  test('subjects that were not seen for long are forgotten', () => {
    const driver = new Driver(forecast, { lifeMs: 3_600_000 });
    feed(driver, 0, 60);
    const { entries } = driver.size();
    feed(driver, 80, 81, traffic, 'r2/2/in');
    expect(driver.size().entries).toBe(entries);
  });

  test('a restart changes nothing', () => {
    const run = (restart: boolean): unknown => {
      const driver = new Driver(forecast, {}, 1);
      for (let i = 0; i < 400; i++) {
        const rows = { 'r1/1/in': traffic(i) * (i >= 380 ? 4 : 1), ...(i % 17 === 0 ? {} : { 'r1/1/out': traffic(i, 2) }) };
        driver.feed(featuresValue(START + i * WINDOW_MS, rows), { timestampMs: START + (i + 1) * WINDOW_MS });
        if (restart && i % 10 === 5) driver.commit(i % 20 === 5);
        if (restart && i % 31 === 0) driver.restart();
      }
      driver.commit();
      return driver.outputs;
    };
    expect(run(true)).toEqual(run(false));
  });
});

/** Models of `models/`: what is there depends on what was trained. */
const shipped = findModels([SHIPPED_MODELS]).flatMap(({ card }) => (card?.task === 'forecast' ? [card] : []));
const whenModels = hasRuntime && shipped.length > 0 ? describe : describe.skip;

whenModels('forecast by an ONNX model, where onnxruntime-node can be loaded and a model is shipped', () => {
  const host = new InferenceHost({ folders: [SHIPPED_MODELS], waitMs: 60_000 });
  afterAll(() => host.close());

  test.each(shipped.map(({ name, sha256 }) => [name, sha256]))('%s gives the middle, and its name and hash stand in the forecast', (name, hash) => {
    const driver = new Driver(forecast, { model: name }, 1, host);
    feed(driver, 0, 61, (i) => (i === 30 ? null : traffic(i)));
    const last = forecasts(driver).at(-1)!;
    expect(last).toMatchObject({ model: name, modelHash: hash, gaps: 1 });
    const actual = (traffic(61) * 8000) / WINDOW_MS;
    expect(Math.abs(last.horizons[0].bitsPerSecond - actual)).toBeLessThan(0.5 * actual);
    expect(last.horizons[0].p05).toBeLessThan(last.horizons[0].p95);
  });

  test('a model is deployed, and withdrawn, between two windows', () => {
    const [{ name, sha256 }] = shipped;
    const driver = new Driver(forecast, {}, 1, host);
    feed(driver, 0, 60);
    const at = { timestampMs: START + 60 * WINDOW_MS };
    driver.feedTable(MODELS_DEPLOYED, Buffer.from('forecast/serving'), encodeModelDeployment({ processor: 'forecast', slot: 'serving', model: name, modelHash: sha256, time: START, by: 'test' }, 1), at);
    feed(driver, 60, 61);
    driver.feedTable(MODELS_DEPLOYED, Buffer.from('forecast/serving'), null, at);
    feed(driver, 61, 62);
    expect(forecasts(driver).slice(-3).map(({ model }) => model)).toEqual(['linear', name, 'linear']);
  });

  test('the same bytes after a restart', () => {
    const run = (restart: boolean): unknown => {
      const driver = new Driver(forecast, { model: shipped[0].name }, 1, host);
      for (let i = 0; i < 70; i++) {
        feed(driver, i, i + 1);
        if (restart && i % 9 === 0) driver.restart();
      }
      return driver.outputs;
    };
    expect(run(true)).toEqual(run(false));
  });
});

test('where the model that is configured is not there the linear one serves, and it is counted', () => {
  const driver = new Driver(forecast, { model: 'no-such-model' }, 1);
  for (let i = 0; i < 60; i++) driver.feed(featuresValue(START + i * WINDOW_MS, { 'r1/1/out': traffic(i) }), { timestampMs: START + (i + 1) * WINDOW_MS });
  expect(driver.discards()).toMatchObject({ NW_MODEL_UNKNOWN: 13 });
  driver.commit();
  expect(forecasts(driver).at(-1)).toMatchObject({ model: 'linear' });
});
