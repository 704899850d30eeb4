import { DEAD_LETTERS, LATE, SILENCES } from '../../../topics';
import { seeded } from '../../../domain/simulate/random';
import { Windowed, type Row, type Sent, type WindowedOptions } from '../testing/windowed';
import type { HoppingOptions } from './hopping';

const DAY = 86_400_000;
/** A time that is a multiple of every window here. */
const T = 20_000 * DAY;
const row = (key: number, at: number, value = 1): Row => [key, T + at, value];
/** Windows that went out, as `key@start-end=sum`, times from T. */
const told = (sent: readonly Sent[]): string[] => sent.map(({ key, start, end, sum }) => `${key}@${start - T}-${end - T}=${sum}`);
const driver = (hopping: Partial<HoppingOptions> = {}, time: WindowedOptions['time'] = {}): Windowed => new Windowed({ time, hopping: { lengthMs: 100, graceMs: 0, maxKeys: 1000, ...hopping } });
const after = (given: Windowed, ...rows: Row[]): string[] => {
  for (const one of rows) given.rows([one]);
  return told(given.sent());
};

describe('tumbling windows', () => {
  test.each<[string, number, Row[], string[]]>([
    ['in order: one after the other', 0, [row(1, 0, 1), row(1, 99, 2), row(1, 100, 4), row(1, 200, 8)], ['1@0-100=3', '1@100-200=4']],
    ['out of order: the row counts where it belongs, while that is open', 50, [row(1, 90, 1), row(1, 149, 2), row(1, 10, 4), row(1, 150, 8)], ['1@0-100=5']],
    ['late: the row is left out', 0, [row(1, 50, 1), row(1, 100, 2), row(1, 99, 4), row(1, 200, 8)], ['1@0-100=1', '1@100-200=2']],
    ['at the start of a window: in it; at its end: in the next', 0, [row(1, 100, 1), row(1, 200, 2), row(1, 300, 4)], ['1@100-200=1', '1@200-300=2']],
    ['one before the end of grace: still open', 50, [row(1, 0, 1), row(1, 149, 2)], []],
    ['exactly at the end of grace: closed', 50, [row(1, 0, 1), row(1, 150, 2), row(1, 99, 4)], ['1@0-100=1']],
    ['by key, in the order in which keys came', 0, [row(7, 0, 1), row(-3, 1, 2), row(7, 2, 4), row(1, 100, 8)], ['7@0-100=5', '-3@0-100=2']],
    ['what no row fell into does not go out', 0, [row(1, 0, 1), row(1, 1000, 2)], ['1@0-100=1']],
  ])('%s', (_, graceMs, rows, expected) => {
    expect(after(driver({ graceMs }), ...rows)).toEqual(expected);
  });

  test('keep sums, smallest and largest', () => {
    const given = driver();
    given.rows([row(1, 0, 5), row(1, 1, -2), row(1, 2, 9), row(2, 3, -4), row(1, 100, 0)]);
    expect(given.sent()).toMatchObject([{ key: 1, sum: 12, count: 3, min: -2, max: 9, kind: 'final' }, { key: 2, sum: -4, count: 1, min: -4, max: -4 }]);
  });

  test('tell of late rows once a record, with the stream time of the last', () => {
    const given = driver();
    given.rows([row(1, 250, 1)]);
    const offset = given.rows([row(1, 120, 2), row(1, 30, 4), row(1, 260, 8)], { received: T + 260 });
    expect(given.discards()).toEqual({ late: 2 });
    given.commit();
    expect(given.values(LATE)).toMatchObject([{ sourceOffset: offset, rows: 2, earliest: T + 30, latest: T + 120, bytes: 6, streamTime: T + 250 }]);
  });

  test('name the records that they were made from', () => {
    const given = driver();
    for (const at of [0, 10, 120, 130, 200]) given.rows([row(1, at)]);
    given.commit();
    expect(given.outputs.map(({ headers }) => headers.causes)).toEqual(['flows.raw/0/0-1 config=driver', 'flows.raw/0/2-3 config=driver']);
  });
});

describe('hopping windows', () => {
  const hopping = { lengthMs: 100, advanceMs: 25 };

  test('hold a row in each window that its time is in', () => {
    expect(after(driver(hopping), row(1, 60, 1), row(1, 1000))).toEqual(['1@-25-75=1', '1@0-100=1', '1@25-125=1', '1@50-150=1']);
  });

  test('go out one by one, put together from their panes', () => {
    const given = driver(hopping);
    expect(after(given, row(1, 10, 1), row(2, 30, 2), row(1, 80, 4), row(1, 99, 8))).toEqual(['1@-75-25=1', '1@-50-50=1', '2@-50-50=2', '1@-25-75=1', '2@-25-75=2']);
    expect(after(given, row(3, 100, 16)).slice(5)).toEqual(['1@0-100=13', '2@0-100=2']);
    expect(after(given, row(3, 125, 32)).slice(7)).toEqual(['2@25-125=2', '1@25-125=12', '3@25-125=16']);
  });

  test('whose length and advance have little in common are put together as well', () => {
    expect(after(driver({ lengthMs: 90, advanceMs: 60 }), row(1, 0, 1), row(1, 59, 2), row(1, 60, 4), row(1, 89, 8), row(1, 90, 16), row(1, 1000))).toEqual(['1@-60-30=1', '1@0-90=15', '1@60-150=28']);
  });

  test('take a row that is late for some of them in the others, and count it late once', () => {
    const given = driver(hopping);
    expect(after(given, row(1, 60, 1), row(1, 110, 2), row(1, 70, 4), row(1, 1000))).toEqual(['1@-25-75=1', '1@0-100=1', '1@25-125=7', '1@50-150=7', '1@75-175=2', '1@100-200=2']);
    expect(given.values(LATE)).toMatchObject([{ rows: 1, earliest: T + 70, streamTime: T + 110 }]);
  });

  test('that are closed do not get what comes late for them alone, whether they held something or not', () => {
    expect(after(driver(hopping), row(1, 160, 1), row(1, 80, 2), row(1, 1000))).toEqual(['1@75-175=3', '1@100-200=1', '1@125-225=1', '1@150-250=1']);
  });

  test('cost a row the same however many of them it is in', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => row(i, i % 100));
    const held = (advanceMs: number): number => {
      const given = driver({ lengthMs: 3_600_000, advanceMs, graceMs: 0 });
      given.rows([row(0, 0)]);
      const before = given.size().entries;
      given.rows(rows);
      return given.size().entries - before;
    };
    expect([held(3_600_000), held(60_000)]).toEqual([999, 999]);
  });
});

describe('time', () => {
  test('of partitions is their own', () => {
    const given = driver();
    given.rows([row(1, 0, 1)], { partition: 0 });
    given.rows([row(1, 500, 2)], { partition: 1 });
    given.rows([row(1, 50, 4)], { partition: 0 });
    given.rows([row(1, 50, 8)], { partition: 1 });
    given.rows([row(1, 100, 16)], { partition: 0 });
    given.rows([row(1, 600, 32)], { partition: 1 });
    expect([told(given.sent(0)), told(given.sent(1))]).toEqual([['1@0-100=5'], ['1@500-600=2']]);
  });

  test.each([
    ['a year ago', -365 * DAY],
    ['a year ahead', 365 * DAY],
  ])('of a record from %s does not touch that of the others; the record has windows of its own', (_, far) => {
    const given = driver({}, { idleMs: 5000 });
    given.rows([row(1, 0, 1)]);
    given.rows([row(1, far, 2)], { received: T + 10 });
    given.rows([row(1, 90, 4), row(1, far + 1, 8)], { received: T + 90 });
    expect(after(given, row(1, 100, 16))).toEqual(['1@0-100=5']);
    given.rows([row(1, 6000, 32)]);
    given.rows([row(1, 6001, 64)]);
    expect(told(given.sent())).toEqual(['1@0-100=5', `1@100-200=16`, `1@${far}-${far + 100}=10`]);
    expect(given.discards()).toEqual({});
  });

  test('that cannot be one: the row is counted; a record of nothing else is a dead letter, and moves nothing', () => {
    const given = driver();
    given.rows([row(1, 0, 1)]);
    given.rows([[1, -5, 2], row(1, 1, 4), [1, 8e15, 8]], { received: T });
    expect(given.discards()).toEqual({ 'absurd-time': 2 });
    given.rows([[1, Number.MAX_SAFE_INTEGER, 16], [1, -1, 32]], { received: T });
    expect(after(given, row(1, 100))).toEqual(['1@0-100=5']);
    expect(given.values(DEAD_LETTERS)).toMatchObject([{ code: 'NW_TIME_ABSURD', sourceOffset: 2 }]);
  });

  test('goes on by the clock where the partition is silent; a window that went out so is closed', () => {
    const given = driver({ graceMs: 50 }, { idleMs: 30 });
    given.rows([row(1, 10, 1)]);
    given.silence(T + 149);
    expect(told(given.sent())).toEqual([]);
    given.silence(T + 150);
    expect(told(given.sent())).toEqual(['1@0-100=1']);
    given.rows([row(1, 20, 2)], { received: T + 160 });
    given.rows([row(1, 160, 4)]);
    expect(after(given, row(1, 1000))).toEqual(['1@0-100=1', '1@100-200=4']);
    expect(given.values(LATE)).toMatchObject([{ rows: 1, earliest: T + 20 }]);
    expect(given.values(SILENCES)).toHaveLength(1);
  });

  test('of windows that are not over waits for its silence: with rows on the way nothing goes out by the clock', () => {
    const given = driver({}, { idleMs: 1000 });
    given.rows([row(1, 10, 1)]);
    given.rows([row(1, 20, 1)], { received: T + 500 });
    given.silence(T + 1400);
    expect(told(given.sent())).toEqual([]);
    given.silence(T + 1500);
    expect(told(given.sent())).toEqual(['1@0-100=2']);
  });

  test('of a replay of the past begins anew when that was silent', () => {
    const given = driver({}, { idleMs: 1000, pastMs: DAY });
    for (const [past, received] of [[0, 0], [300, 1], [0, 5000], [300, 5001]]) given.rows([[1, T - 10 * DAY + past, 1]], { received: T + received });
    given.silence(T + 9000);
    expect(given.sent().map(({ start, sum }) => [start - T + 10 * DAY, sum])).toEqual([[0, 1], [300, 1], [0, 1], [300, 1]]);
    expect(given.discards()).toEqual({});
  });
});

describe('updates', () => {
  const updates = { lengthMs: 1000, updateMs: 300, graceMs: 0 };

  test('bring what changed, at most once a key and interval, ahead of what comes in the next; the last when the window closes', () => {
    const given = driver(updates);
    const steps = [row(1, 10, 1), row(2, 20, 2), row(1, 299, 4), row(1, 300, 8), row(1, 450, 16), row(3, 700, 32), row(3, 999, 64), row(3, 1000, 128)].map((one) => {
      given.rows([one]);
      return given.sent().length;
    });
    expect(steps).toEqual([0, 0, 0, 2, 2, 3, 4, 5]);
    expect(told(given.sent())).toEqual(['1@0-1000=5', '2@0-1000=2', '1@0-1000=29', '3@0-1000=32', '3@0-1000=96']);
    expect(given.sent().map(({ kind }) => kind)).toEqual(['update', 'update', 'update', 'update', 'final']);
  });

  test('have revisions that grow', () => {
    const given = driver(updates);
    for (let at = 0; at <= 5000; at += 50) given.rows([row(1, at, 1)]);
    const revisions = given.sent().map(({ revision }) => revision);
    expect(revisions.length).toBeGreaterThan(8);
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
  });

  test('come by the clock where the partition is silent and the interval is over, and not twice', () => {
    const given = driver(updates, { idleMs: 30 });
    given.rows([row(1, 10, 1)]);
    given.silence(T + 299);
    expect(given.sent()).toEqual([]);
    given.silence(T + 300);
    given.silence(T + 700);
    expect(told(given.sent())).toEqual(['1@0-1000=1']);
    given.rows([row(1, 750, 2)]);
    given.silence(T + 900);
    expect(told(given.sent())).toEqual(['1@0-1000=1', '1@0-1000=3']);
  });

  test('do not depend on transactions, nor on what other partitions do', () => {
    const run = (commitEvery: number, others: boolean): Sent[] => {
      const given = driver({ ...updates, advanceMs: 250 });
      for (let i = 0; i < 200; i++) {
        given.rows([row(i % 7, 13 * i, i)]);
        if (others) given.rows([row(1, 100 * i, i)], { partition: 1 });
        if (i % commitEvery === 0) given.commit();
      }
      return given.sent(0);
    };
    const calm = run(1e9, false);
    expect(calm.length).toBeGreaterThan(100);
    expect(run(1, false)).toEqual(calm);
    expect(run(3, true)).toEqual(calm);
  });
});

describe('memory', () => {
  const rows = Array.from({ length: 900 }, (_, i) => row(i % 450, i % 100, i));

  test('that a pane needs more of: parts of its windows go out, and together they are whole', () => {
    const sums = (maxKeys: number): unknown => {
      const given = driver({ maxKeys, advanceMs: 50, graceMs: 100 });
      for (let i = 0; i < rows.length; i += 30) given.rows(rows.slice(i, i + 30), { received: T });
      given.rows([row(0, 99_999)], { received: T });
      const totals = new Map<string, number[]>();
      const sent = given.sent();
      for (const { key, start, sum, count } of sent) totals.set(`${start} ${key}`, [(totals.get(`${start} ${key}`)?.[0] ?? 0) + sum, (totals.get(`${start} ${key}`)?.[1] ?? 0) + count]);
      expect(sent.some(({ kind }) => kind === 'part')).toBe(maxKeys < 450);
      expect(given.discards().late).toBeUndefined();
      return [...totals].sort(([a], [b]) => (a < b ? -1 : 1));
    };
    expect(sums(256)).toEqual(sums(1000));
  });

  test('that windows with updates need more of: new keys are left out, and counted', () => {
    const given = driver({ maxKeys: 256, updateMs: 1000 });
    for (let i = 0; i < rows.length; i += 30) given.rows(rows.slice(i, i + 30), { received: T });
    expect(given.discards()).toEqual({ 'window-full': 2 * (450 - 256) });
    given.rows([row(0, 200)], { received: T });
    expect(given.sent()).toHaveLength(256);
  });

  test('is bounded: what is closed is given back', () => {
    const given = driver({ advanceMs: 20 });
    const sizes: number[] = [];
    for (let i = 0; i < 300; i++) {
      given.rows(Array.from({ length: 100 }, (_, key) => row(key + 100 * i, 20 * i)));
      given.commit();
      sizes.push(given.size().bytes);
    }
    expect(Math.max(...sizes.slice(100))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 100)));
  });

  test.each([
    [{ advanceMs: 0 }, 'advance'],
    [{ advanceMs: 101 }, 'advance'],
    [{ lengthMs: 3_600_000, advanceMs: 7 }, 'panes'],
    [{ maxKeys: 10 }, 'maxKeys'],
    [{ maxKeys: 10_000_000, advanceMs: 50 }, 'maxKeys'],
  ])('%j is refused', (options, message) => {
    expect(() => driver(options).rows([row(1, 0)])).toThrow(message);
  });
});

describe.each<[string, Partial<HoppingOptions>]>([
  ['tumbling', {}],
  ['tumbling with grace', { graceMs: 70 }],
  ['hopping', { advanceMs: 20, graceMs: 30 }],
  ['hopping, little in common', { lengthMs: 90, advanceMs: 60, graceMs: 10 }],
])('any course of rows: %s', (_, options) => {
  const { lengthMs, advanceMs, graceMs } = { lengthMs: 100, advanceMs: options.lengthMs ?? 100, graceMs: 0, ...options };
  const course = (seed: number): Row[][] => {
    const next = seeded(seed);
    const below = (n: number): number => Math.floor(next() * n);
    let now = 0;
    return Array.from({ length: 120 }, () => {
      now += below(60);
      return Array.from({ length: 1 + below(6) }, () => row(below(5), Math.max(0, now - (below(4) === 0 ? below(300) : below(20))), below(100)));
    });
  };

  /** Every window as a list of what was put in, one row after the other. */
  function slowly(records: readonly Row[][]): { windows: Map<string, number[]>; late: number } {
    const windows = new Map<string, number[]>();
    let streamTime = -Infinity;
    let late = 0;
    for (const [key, time, value] of records.flat()) {
      streamTime = Math.max(streamTime, time);
      let missed = false;
      for (let start = time - (time % advanceMs); start > time - lengthMs; start -= advanceMs) {
        if (start + lengthMs + graceMs <= streamTime) missed = true;
        else {
          const name = `${key}@${start - T}`;
          windows.set(name, [...(windows.get(name) ?? []), value]);
        }
      }
      if (missed) late++;
    }
    return { windows, late };
  }
  const sorted = <V>(map: Map<string, V>): [string, V][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  const summed = (values: readonly number[]): number[] => [values.reduce((a, b) => a + b, 0), values.length, Math.min(...values), Math.max(...values)];
  const run = (records: readonly Row[][], more: Partial<HoppingOptions>, disturb: (given: Windowed, i: number) => void = () => undefined): Windowed => {
    const given = driver({ ...options, ...more }, { idleMs: DAY });
    records.forEach((rows, i) => {
      given.rows(rows);
      disturb(given, i);
    });
    given.silence(T + 1000 * DAY);
    given.commit();
    return given;
  };

  test.each([1, 2, 3, 4, 5, 6])('each row is once in each of its windows that is open (seed %i)', (seed) => {
    const records = course(seed);
    const { windows, late } = slowly(records);
    const given = run(records, {});
    const sent = given.sent();
    const names = sent.map(({ key, start }) => `${key}@${start - T}`);
    expect(new Set(names).size).toBe(names.length);
    expect(sorted(new Map(sent.map(({ sum, count, min, max }, i) => [names[i], [sum, count, min, max]])))).toEqual(sorted(new Map([...windows].map(([name, values]) => [name, summed(values)]))));
    expect(given.values(LATE).reduce((sum, { rows }) => sum + rows, 0)).toBe(late);
    expect(late).toBeGreaterThan(0);
  });

  test.each([1, 2, 3, 4, 5, 6])('the last update of each window and key is what a final one brings, and none comes twice in an interval (seed %i)', (seed) => {
    const records = course(seed);
    const given = run(records, { updateMs: 35 });
    const last = new Map<string, number[]>();
    const updates = given.sent().filter(({ kind }) => kind === 'update').map(({ key, start, sentAt }) => `${key}@${start} ${Math.floor(sentAt / 35)}`);
    expect(new Set(updates).size).toBe(updates.length);
    expect(updates.length).toBeGreaterThan(50);
    for (const { key, start, sum, count, min, max } of given.sent()) last.set(`${key}@${start - T}`, [sum, count, min, max]);
    expect(sorted(last)).toEqual(sorted(new Map([...slowly(records).windows].map(([name, values]) => [name, summed(values)]))));
  });

  test.each([7, 8, 9])('restarts at any place change no byte (seed %i)', (seed) => {
    const records = course(seed);
    for (const updateMs of [0, 35]) {
      const next = seeded(seed);
      const calm = run(records, { updateMs }).outputs;
      const disturbed = run(records, { updateMs }, (given) => {
        if (next() < 0.4) given.commit(next() < 0.5);
        if (next() < 0.2) given.restart();
      });
      expect(disturbed.outputs).toEqual(calm);
    }
  });
});
