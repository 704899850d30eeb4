import { COUNTER_CELLS, watchCounter, type CounterLimits } from './interface-errors';
import { changesAt, groupFlaps, isFlapping, noteChange, type Flapping } from './topology-flap';

const LIMITS: CounterLimits = { perSecond: 1, share: 0.001, timesUsual: 5, readings: 2 };
const phases = (rates: readonly number[], packets = NaN, limits = LIMITS): (string | null)[] => {
  const cells = new Float64Array(COUNTER_CELLS);
  return rates.map((rate) => watchCounter(cells, rate, packets, limits, 'errors/s').phase);
};

describe('errors of an interface', () => {
  test.each<[string, number[], number, (string | null)[]]>([
    ['few are none', [0.9, 0.9, 0.9], NaN, [null, null, null]],
    ['one reading beyond is none: a cable was pulled', [0, 9, 0, 9, 0], NaN, [null, null, null, null, null]],
    ['two are, and it is over after two within', [9, 9, 9, 0, 9, 0, 0], NaN, [null, 'began', 'goes-on', 'goes-on', 'goes-on', 'goes-on', 'over']],
    ['a small part of many packets is none', [9, 9, 9], 10_000, [null, null, null]],
    ['a larger part of them is', [11, 11], 10_000, [null, 'began']],
    ['what is usual is none', [0.9, 0.9, 0.9, 0.9, 0.9, 4, 4], NaN, [null, null, null, null, null, null, null]],
    ['several times what is usual is', [0.9, 0.9, 0.9, 0.9, 0.9, 5, 5], NaN, [null, null, null, null, null, null, 'began']],
  ])('%s', (_, rates, packets, expected) => {
    expect(phases(rates, packets)).toEqual(expected);
  });

  test('tells what speaks for it, and is critical far beyond', () => {
    const cells = new Float64Array(COUNTER_CELLS);
    for (let i = 0; i < 6; i++) watchCounter(cells, 0.5, 100, LIMITS, 'errors/s');
    watchCounter(cells, 30, 100, LIMITS, 'errors/s');
    expect(watchCounter(cells, 30, 100, LIMITS, 'errors/s')).toMatchObject({
      phase: 'began', severity: 'critical', score: 12, value: 30, threshold: 2.5, readings: 2,
      evidence: [{ name: 'errors', value: 30, usual: 0.5, unit: 'errors/s' }, { name: 'part of the packets', value: 0.3 }, { name: 'packets', value: 100 }, { name: 'readings beyond', value: 2 }],
    });
  });

  test('that last are not learnt as usual', () => {
    expect(new Set(phases(Array.from({ length: 1000 }, () => 9)).slice(2))).toEqual(new Set(['goes-on']));
  });
});

describe('flaps', () => {
  const limits = { changes: 4, windowMs: 100 };
  const link = (id: string, ...devices: string[]): Flapping => ({ element: 'link', id, devices });

  test('are changes within a window; those out of order are none, and as many as are needed are remembered', () => {
    const times = [0, 10, 10, 5, 20, 99].reduce<number[]>((kept, time) => noteChange(kept, time, limits), []);
    expect(times).toEqual([0, 10, 20, 99]);
    expect([isFlapping(times, 99, limits), isFlapping(times, 100, limits), changesAt(times, 110, limits)]).toEqual([true, false, 2]);
    expect(Array.from({ length: 90 }, (_, i) => i).reduce<number[]>((kept, time) => noteChange(kept, time, limits), [])).toHaveLength(16);
  });

  test.each<[string, Flapping[], string[]]>([
    ['nothing', [], []],
    ['one link is itself', [link('ab', 'a', 'b')], ['link ab']],
    ['links with a device in common are that device', [link('ab', 'a', 'b'), link('ac', 'a', 'c'), link('ad', 'a', 'd')], ['device a: ab ac ad']],
    ['a device that flaps stands for its links', [{ element: 'device', id: 'a', devices: ['a'] }, link('ab', 'a', 'b')], ['device a: a ab']],
    ['an interface and the link at it', [{ element: 'interface', id: 'a/e1', devices: ['a'] }, link('ab', 'a', 'b')], ['device a: a/e1 ab']],
    ['two causes are two', [link('ab', 'a', 'b'), link('ac', 'a', 'c'), link('xy', 'x', 'y')], ['device a: ab ac', 'link xy']],
  ])('grouped: %s', (_, flapping, expected) => {
    expect(groupFlaps(flapping).map(({ subjectKind, subject, members }) => `${subjectKind} ${subject}${subjectKind === 'device' ? `: ${members.map(({ id }) => id).join(' ')}` : ''}`)).toEqual(expected);
  });
});
