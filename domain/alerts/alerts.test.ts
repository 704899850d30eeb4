import { groupPrefix, subjectTest } from './subjects';
import { Thresholds, type ThresholdSettings } from './thresholds';
import { mutedUntil } from './trigger';
import { Places } from './places';

const DAY = 86_400_000;

describe('thresholds', () => {
  const settings: ThresholdSettings = { step: 1.5, highest: 4, lowest: 2, halfLifeMs: 7 * DAY, most: 3 };
  const verdict = (action: string, time: number, score = 1, subject = 'a') => ({ action, time, by: 'anna', targets: [{ subject, kind: 'scan', score }] });
  const after = (...verdicts: ReturnType<typeof verdict>[]): Thresholds => {
    const thresholds = new Thresholds(settings);
    for (const one of verdicts) thresholds.take(one);
    return thresholds;
  };

  test.each<[string, ReturnType<typeof verdict>[], number]>([
    ['a false positive raises by a step', [verdict('false-positive', 0)], 1.5],
    ['and above the score that it had', [verdict('false-positive', 0, 2)], 2.2],
    ['a second one further', [verdict('false-positive', 0), verdict('false-positive', 0)], 2.25],
    ['but not without end', [verdict('false-positive', 0, 1000), verdict('false-positive', 0)], 4],
    ['a true positive takes as much back', [verdict('false-positive', 0), verdict('true-positive', 0)], 1],
    ['and lowers, to an end', [verdict('true-positive', 0), verdict('true-positive', 0), verdict('true-positive', 0)], 0.5],
    ['a score that is no number moves by a step', [verdict('false-positive', 0, NaN)], 1.5],
    ['other words move nothing', [verdict('note', 0), verdict('close', 0)], 1],
  ])('%s', (_, verdicts, factor) => expect(after(...verdicts).factor('a', 'scan', 0)).toBeCloseTo(factor, 10));

  test('fade: after the half-life half of the way is gone, at last all of it; what is said of the past counts from then', () => {
    const thresholds = after(verdict('false-positive', 0, 3.6));
    expect(thresholds.factor('a', 'scan', 0)).toBeCloseTo(3.96, 10);
    expect(thresholds.factor('a', 'scan', 7 * DAY)).toBeCloseTo(Math.sqrt(3.96), 10);
    expect(thresholds.factor('a', 'scan', -DAY)).toBeCloseTo(3.96, 10);
    expect(thresholds.factor('a', 'scan', 100 * DAY)).toBe(1);
    expect(thresholds.moved(100 * DAY)).toEqual([]);
  });

  test('are of a subject and a kind, and of so many; those that have faded make room', () => {
    const thresholds = after(...['a', 'b', 'c'].map((subject) => verdict('false-positive', 0, 1, subject)));
    expect(thresholds.factor('a', 'flood', 0)).toBe(1);
    expect(thresholds.take(verdict('false-positive', DAY, 1, 'd'))).toEqual({ changed: [], gone: [], full: 1 });
    expect(thresholds.take(verdict('false-positive', 200 * DAY, 1, 'd'))).toEqual({ changed: ['d\nscan'], gone: ['a\nscan', 'b\nscan', 'c\nscan'], full: 0 });
  });
});

test.each([
  ['198.51.100.7', '198.51.100.0/24'],
  ['198.51.100.128/25', '198.51.100.0/24'],
  ['198.51.0.0/16', null],
  ['2001:db8:1:2::3', '2001:db8:1::/48'],
  ['r1/3', null],
  ['link', null],
])('%s is of the group %s', (subject, group) => expect(groupPrefix(subject, { ipv4: 24, ipv6: 48 })).toBe(group));

test.each<[string, string, boolean]>([
  ['198.51.100.0/24', '198.51.100.7', true],
  ['198.51.100.0/24', '198.51.100.128/25', true],
  ['198.51.100.0/24', '198.51.0.0/16', false],
  ['198.51.100.7', '198.51.100.7', true],
  ['::/0', '198.51.100.7', false],
  ['2001:db8::/32', '2001:DB8::1', true],
  ['core-*', 'core-1--edge-7', true],
  ['core-?', 'core-12', false],
  ['a.b', 'axb', false],
  ['r1/*', 'r1/eth0', true],
])('the pattern %s and %s: %s', (pattern, subject, meant) => expect(subjectTest(pattern)(subject)).toBe(meant));

describe('windows of muting', () => {
  const at = (text: string): number => Date.parse(text);
  const night = { days: [5], from: 22 * 60, until: 4 * 60 };

  test.each([
    ['before it', '2026-01-02T21:59:59Z', 0],
    ['on its evening', '2026-01-02T22:00:00Z', at('2026-01-03T04:00:00Z')],
    ['on the morning after', '2026-01-03T03:59:59Z', at('2026-01-03T04:00:00Z')],
    ['after it', '2026-01-03T04:00:00Z', 0],
    ['on another day', '2026-01-03T22:00:00Z', 0],
  ])('%s', (_, time, until) => expect(mutedUntil([night], at(time))).toBe(until));

  test('of every day, the longest counts', () => expect(mutedUntil([{ days: [], from: 0, until: 1440 }, night], at('2026-01-02T23:00:00Z'))).toBe(at('2026-01-03T04:00:00Z')));
});

test('an interface is known by its name and by its number, of its device by name and address, whatever came first', () => {
  const none = { up: null, address: null, ifIndex: null, a: null, aInterface: null, b: null, bInterface: null };
  const elements = [
    { ...none, element: 'device', id: 'r1', address: '192.0.2.1' }, { ...none, element: 'interface', id: 'r1/eth0', ifIndex: 3 }, { ...none, element: 'link', id: 'r1-r2', a: 'r1', aInterface: 'eth0', b: 'r2' },
  ];
  for (const order of [elements, [...elements].reverse()]) {
    const places = new Places();
    for (const element of order) places.put(element);
    for (const subject of ['r1/eth0', 'r1/3', '192.0.2.1/3', '192.0.2.1/eth0']) expect(places.linksOf(places.interface(subject))).toEqual(['r1-r2']);
    expect(places.linksOf(places.interface('r1/4'))).toEqual([]);
    places.remove('link/r1-r2');
    expect([places.linksAt('r1'), places.linksAt('r2')]).toEqual([[], []]);
  }
});
