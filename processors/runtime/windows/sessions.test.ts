import { LATE } from '../../../topics';
import { seeded } from '../../../domain/simulate/random';
import { Windowed, type Row, type Sent, type WindowedOptions } from '../testing/windowed';
import type { SessionOptions } from './sessions';

const DAY = 86_400_000;
const T = 20_000 * DAY;
const row = (key: number, at: number, value = 1): Row => [key, T + at, value];
const driver = (sessions: Partial<SessionOptions> = {}, time: WindowedOptions['time'] = {}): Windowed => new Windowed({ time, sessions: { gapMs: 10, graceMs: 0, maxSessions: 1000, ...sessions } });
/** Sessions that went out, as `key@first-last=sum`, times from T. */
const told = (sent: readonly Sent[]): string[] => sent.map(({ key, start, end, sum }) => `${key}@${start - T}-${end - T}=${sum}`);
const after = (given: Windowed, ...rows: Row[]): string[] => {
  for (const one of rows) given.rows([one]);
  return told(given.sent());
};

describe('sessions', () => {
  test.each<[string, number, Row[], string[]]>([
    ['in order: as long as rows follow one another', 0, [row(1, 0, 1), row(1, 10, 2), row(1, 15, 4), row(1, 26, 8), row(1, 100)], ['1@0-15=7', '1@26-26=8']],
    ['exactly the gap apart: one session; one more: two', 0, [row(1, 0, 1), row(1, 10, 2), row(2, 0, 4), row(2, 11, 8), row(1, 100)], ['2@0-0=4', '1@0-10=3', '2@11-11=8']],
    ['by key', 0, [row(1, 0, 1), row(2, 5, 2), row(1, 9, 4), row(2, 14, 8), row(3, 100)], ['1@0-9=5', '2@5-14=10']],
    ['out of order: grown at its beginning', 50, [row(1, 20, 1), row(1, 12, 2), row(1, 100)], ['1@12-20=3']],
    ['two that a row joins are one', 50, [row(1, 0, 1), row(1, 20, 2), row(1, 10, 4), row(1, 100)], ['1@0-20=7']],
    ['three, each joined to the next', 50, [row(1, 40, 1), row(1, 0, 2), row(1, 20, 4), row(1, 30, 8), row(1, 10, 16), row(1, 200)], ['1@0-40=31']],
    ['two of one key that nothing joins stay two', 50, [row(1, 0, 1), row(1, 20, 2), row(1, 100)], ['1@0-0=1', '1@20-20=2']],
    ['when gap and grace are just over: still open', 5, [row(1, 0, 1), row(2, 15)], []],
    ['one after that: closed', 5, [row(1, 0, 1), row(2, 16)], ['1@0-0=1']],
    ['late: what would be closed at once is left out', 5, [row(2, 50), row(1, 34, 1), row(1, 35, 2), row(2, 100)], ['1@35-35=2', '2@50-50=1']],
    ['however old, a row that joins what is open counts', 30, [row(1, 50, 1), row(1, 40, 2), row(1, 30, 4), row(1, 20, 8), row(1, 10, 16), row(1, 200)], ['1@10-50=31']],
    ['go out in the order in which they end, then of their numbers', 50, [row(3, 8), row(2, 5), row(1, 5), row(9, 200)], ['2@5-5=1', '1@5-5=1', '3@8-8=1']],
  ])('%s', (_, graceMs, rows, expected) => {
    expect(after(driver({ graceMs }), ...rows)).toEqual(expected);
  });

  test('keep sums, smallest and largest, also of two that become one', () => {
    const given = driver({ graceMs: 100 });
    for (const one of [row(1, 0, 5), row(1, 20, -2), row(1, 10, 9), row(2, 500)]) given.rows([one]);
    expect(given.sent()).toMatchObject([{ sum: 12, count: 3, min: -2, max: 9, kind: 'final', id: 1 }]);
    expect(given.outputs.map(({ headers }) => headers.causes)).toEqual(['flows.raw/0/0-2 config=driver']);
  });

  test('tell of late rows', () => {
    const given = driver();
    given.rows([row(1, 50), row(2, 39, 7), row(2, 40, 1)]);
    given.commit();
    expect(given.values(LATE)).toMatchObject([{ rows: 1, earliest: T + 39, bytes: 7, streamTime: T + 50 }]);
    expect(given.discards()).toEqual({ late: 1 });
  });

  test('of partitions have times of their own', () => {
    const given = driver();
    given.rows([row(1, 0, 1)], { partition: 0 });
    given.rows([row(1, 500, 2)], { partition: 1 });
    given.rows([row(1, 5, 4)], { partition: 0 });
    given.rows([row(1, 11)], { partition: 0 });
    given.rows([row(1, 600)], { partition: 1 });
    expect([told(given.sent(0)), told(given.sent(1))]).toEqual([[], ['1@500-500=2']]);
  });

  test.each([
    ['a year ago', -365 * DAY],
    ['a year ahead', 365 * DAY],
  ])('of rows from %s are others of the same key, and touch none', (_, far) => {
    const given = driver({}, { idleMs: 1000 });
    given.rows([row(1, 0, 1)]);
    given.rows([row(1, far, 2), row(1, 5, 4)], { received: T + 5 });
    given.rows([row(1, far + 3, 8)], { received: T + 6 });
    expect(after(given, row(1, 16, 16))).toEqual(['1@0-5=5']);
    given.silence(T + 5000);
    expect(told(given.sent()).sort()).toEqual(['1@0-5=5', '1@16-16=16', `1@${far}-${far + 3}=10`].sort());
  });

  test('of a silent partition close by the clock; what belonged to them and comes after that is late', () => {
    const given = driver({ graceMs: 5 }, { idleMs: 3 });
    given.rows([row(1, 0, 1)]);
    given.silence(T + 15);
    expect(given.sent()).toEqual([]);
    given.silence(T + 16);
    expect(told(given.sent())).toEqual(['1@0-0=1']);
    given.rows([row(1, -1, 2), row(1, 1, 4)], { received: T + 17 });
    given.rows([row(1, 100)]);
    expect(told(given.sent())).toEqual(['1@0-0=1', '1@1-1=4']);
    expect(given.values(LATE)).toMatchObject([{ rows: 1, earliest: T - 1 }]);
  });

  test('beside other windows of the same rows share their time: a row that is late for both is counted once', () => {
    const given = new Windowed({ hopping: { lengthMs: 100, graceMs: 0, maxKeys: 1000 }, sessions: { gapMs: 10, graceMs: 0, maxSessions: 10 } });
    for (const one of [row(1, 250, 1), row(1, 20, 2), row(1, 230, 4), row(1, 300, 8)]) given.rows([one]);
    expect(given.discards()).toEqual({ late: 2 });
    expect(told(given.sent())).toEqual(['1@200-300=5', '1@250-250=1']);
  });

  test('that are more than there is room for: the one that would close first goes out as a part, and nothing is lost', () => {
    const given = driver({ maxSessions: 50, graceMs: 1000 });
    for (let i = 0; i < 200; i++) given.rows([row(i % 80, i, 1)]);
    given.rows([row(0, 9999, 0)]);
    expect(given.size().entries).toBeLessThan(80);
    expect(given.sent().filter(({ kind }) => kind === 'part').length).toBeGreaterThan(100);
    expect(given.sent().reduce((sum, { count }) => sum + count, 0)).toBe(200);
  });

  test('give their memory back', () => {
    const given = driver();
    const sizes: number[] = [];
    for (let i = 0; i < 100; i++) {
      given.rows(Array.from({ length: 200 }, (_, key) => row(1000 * i + key, 5 * i)));
      given.commit();
      sizes.push(given.size().bytes + given.changelog.get(0)!.size);
    }
    expect(Math.max(...sizes.slice(50))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 50)));
  });
});

describe('updates of sessions', () => {
  test('bring what changed; a session that was taken in goes out as gone, with the one that took it', () => {
    const given = driver({ graceMs: 1000, updateMs: 100 });
    for (const one of [row(1, 20, 1), row(1, 0, 2), row(1, 120, 4), row(1, 10, 8), row(1, 125, 16), row(1, 250, 32)]) given.rows([one]);
    const brief = given.sent().map(({ id, start, end, sum, count, gone }) => [id, start - T, end - T, sum, count, gone]);
    expect(brief).toEqual([
      [1, 20, 20, 1, 1, false],
      [2, 0, 0, 2, 1, false],
      [1, 20, 20, 0, 0, true],
      [2, 0, 20, 11, 3, false],
      [3, 120, 125, 20, 2, false],
    ]);
    expect(given.sent().map(({ kind }) => kind)).toEqual(Array(5).fill('update'));
  });

  test('a session that nobody was told of goes without a word when it is taken in', () => {
    const given = driver({ graceMs: 1000, updateMs: 100 });
    for (const one of [row(1, 20, 1), row(1, 0, 2), row(1, 10, 4), row(1, 120, 8)]) given.rows([one]);
    expect(given.sent().map(({ id, sum, gone }) => [id, sum, gone])).toEqual([[2, 7, false]]);
  });

  test('a session that is gone but was not told of yet takes no more rows, after a restart neither', () => {
    const given = driver({ graceMs: 1000, updateMs: 100 });
    for (const one of [row(1, 20, 1), row(1, 0, 2), row(2, 120, 4), row(1, 10, 8)]) given.rows([one]);
    given.commit();
    given.restart();
    for (const one of [row(1, 25, 16), row(2, 250, 32)]) given.rows([one]);
    expect(given.sent().slice(2).map(({ id, sum, gone }) => [id, sum, gone])).toEqual([[1, 0, true], [2, 27, false], [3, 4, false]]);
  });

  test('what is gone goes out before what is final', () => {
    const given = driver({ graceMs: 200, updateMs: 1000 });
    for (const rows of [[row(1, 985, 1), row(1, 965, 2)], [row(2, 1000, 4)], [row(1, 975, 8)], [row(2, 1500, 16)]]) given.rows(rows);
    expect(given.sent().map(({ kind, sum, gone }) => [kind, sum, gone])).toEqual([
      ['update', 1, false],
      ['update', 2, false],
      ['update', 0, true],
      ['final', 11, false],
      ['final', 4, false],
    ]);
  });
});

describe('any course of rows', () => {
  const course = (seed: number, spread: number): Row[][] => {
    const next = seeded(seed);
    const below = (n: number): number => Math.floor(next() * n);
    let now = 0;
    return Array.from({ length: 150 }, () => {
      now += below(12);
      return Array.from({ length: 1 + below(4) }, () => row(below(6), Math.max(0, now - below(spread)), below(100)));
    });
  };
  const run = (records: readonly Row[][], options: Partial<SessionOptions>, disturb: (given: Windowed, i: number) => void = () => undefined): Windowed => {
    const given = driver(options, { idleMs: DAY });
    records.forEach((rows, i) => {
      given.rows(rows);
      disturb(given, i);
    });
    given.silence(T + 1000 * DAY);
    given.commit();
    return given;
  };
  type Session = { key: number; start: number; end: number; sum: number; count: number; min: number; max: number };
  const brief = (sessions: readonly Session[]): string[] => sessions.map(({ key, start, end, sum, count, min, max }) => [key, start - T, end - T, sum, count, min, max].join()).sort();
  const sessionOf = (rows: readonly Row[]): Session => {
    const values = rows.map(([, , value]) => value);
    const times = rows.map(([, time]) => time);
    return { key: rows[0][0], start: Math.min(...times), end: Math.max(...times), sum: values.reduce((a, b) => a + b, 0), count: rows.length, min: Math.min(...values), max: Math.max(...values) };
  };

  test.each([1, 2, 3, 4, 5, 6])('with grace enough, sessions are the rows of a key in order of time, cut where more than the gap lies between (seed %i)', (seed) => {
    const records = course(seed, 60);
    const wanted: Session[] = [];
    for (let key = 0; key < 6; key++) {
      const rows = records.flat().filter(([of]) => of === key).sort(([, a], [, b]) => a - b);
      for (let from = 0, to = 1; from < rows.length; from = to++) {
        while (to < rows.length && rows[to][1] - rows[to - 1][1] <= 10) to++;
        wanted.push(sessionOf(rows.slice(from, to)));
      }
    }
    expect(brief(run(records, { graceMs: 1000 }).sent())).toEqual(brief(wanted));
  });

  /** Sessions as lists of rows, looked through one after the other. */
  function slowly(records: readonly Row[][], graceMs: number): { sessions: Session[]; late: number } {
    const done: Row[][] = [];
    let open: Row[][] = [];
    let streamTime = -Infinity;
    let late = 0;
    for (const one of records.flat()) {
      streamTime = Math.max(streamTime, one[1]);
      const isOver = (rows: readonly Row[]): boolean => sessionOf(rows).end + 10 + graceMs < streamTime;
      done.push(...open.filter(isOver));
      open = open.filter((rows) => !isOver(rows));
      const near = open.filter((rows) => rows[0][0] === one[0] && one[1] >= sessionOf(rows).start - 10 && one[1] <= sessionOf(rows).end + 10);
      if (near.length === 0 && isOver([one])) late++;
      else open = [...open.filter((rows) => !near.includes(rows)), [one, ...near.flat()]];
    }
    return { sessions: [...done, ...open].map(sessionOf), late };
  }

  test.each([1, 2, 3, 4, 5, 6])('with little grace they are what a slow calculation says, each row in one (seed %i)', (seed) => {
    const records = course(seed, 40);
    const { sessions, late } = slowly(records, 7);
    const given = run(records, { graceMs: 7 });
    expect(brief(given.sent())).toEqual(brief(sessions));
    expect(given.values(LATE).reduce((sum, { rows }) => sum + rows, 0)).toBe(late);
    expect(late).toBeGreaterThan(0);
  });

  test.each([1, 2, 3, 4, 5, 6])('the last update of each session is what a final one brings, and none comes twice in an interval (seed %i)', (seed) => {
    const records = course(seed, 60);
    const given = run(records, { graceMs: 30, updateMs: 5 });
    const last = new Map(given.sent().map((one) => [one.id, one]));
    expect(brief([...last.values()].filter(({ gone }) => !gone))).toEqual(brief(slowly(records, 30).sessions));
    expect(given.sent().some(({ gone }) => gone)).toBe(true);
    const updates = given.sent().filter(({ kind, gone }) => kind === 'update' && !gone).map(({ id, sentAt }) => `${id} ${Math.floor(sentAt / 5)}`);
    expect(new Set(updates).size).toBe(updates.length);
  });

  test.each([7, 8, 9, 10])('restarts at any place change no byte (seed %i)', (seed) => {
    const records = course(seed, 60);
    for (const options of [{ graceMs: 7 }, { graceMs: 30, updateMs: 12 }, { graceMs: 100, maxSessions: 8 }, { graceMs: 100, maxSessions: 8, updateMs: 25 }]) {
      const next = seeded(seed);
      const calm = run(records, options).outputs;
      const disturbed = run(records, options, (given) => {
        if (next() < 0.5) given.commit(next() < 0.5);
        if (next() < 0.3) given.restart();
      });
      expect(calm.length).toBeGreaterThan(20);
      expect(disturbed.outputs).toEqual(calm);
    }
  });
});
