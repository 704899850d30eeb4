import { Sequence, Verdict, type Unit } from './sequence';

const WRAP = 4294967296;

/** A stream of datagrams, each `[number, units]`, a millisecond apart; `boot` of all. */
function follow(datagrams: readonly (readonly [number: number, units: number, boot?: number])[], { unit = 'FLOWS', other = 'DATAGRAMS', boot = -1 }: { unit?: Unit; other?: Unit; boot?: number } = {}) {
  const sequence = new Sequence(unit, other);
  const verdicts = datagrams.map(([number, units, own = boot], i) => sequence.track(number, units, unit === 'DATAGRAMS' ? 7 : 1, own, i));
  const { received, lost, reordered, duplicates, restarts } = sequence;
  return { sequence, verdicts, figures: { received, lost, reordered, duplicates, restarts } };
}

const figures = (received: number, rest: Partial<Record<'lost' | 'reordered' | 'duplicates' | 'restarts', number>> = {}) => ({ received, lost: 0, reordered: 0, duplicates: 0, restarts: 0, ...rest });

/** `count` datagrams of `units` units from `start`, those left out that `missing` names. */
const stream = (count: number, units: number, start = 0, missing: readonly number[] = []): [number, number][] =>
  Array.from({ length: count }, (_, i): [number, number] => [(start + i * units) % WRAP, units]).filter((_, i) => !missing.includes(i));

test('in order: nothing is lost, whatever number it begins with', () => {
  expect(follow(stream(100, 30, 4711)).figures).toEqual(figures(3000));
});

test.each<[string, number, readonly number[], number]>([
  ['one datagram', 0, [5], 30],
  ['three in a row', 0, [5, 6, 7], 90],
  ['every tenth', 0, [9, 19, 29, 39, 49], 150],
  ['just before the wrap', WRAP - 30 * 20, [18, 19], 60],
  ['just after the wrap', WRAP - 30 * 20, [20], 30],
  ['over a wrap in the middle of a datagram', WRAP - 30 * 20 - 13, [20], 30],
])('loss of %s, in the units of the protocol', (_name, start, missing, lost) => {
  expect(follow(stream(60, 30, start, missing)).figures).toEqual(figures(1800 - lost, { lost }));
});

test('datagrams of different sizes', () => {
  expect(follow([[0, 30], [30, 1], [31, 17], [60, 5]]).figures).toEqual(figures(53, { lost: 12 }));
});

describe('a datagram that comes late', () => {
  test('fills its gap: the loss is corrected down', () => {
    const { verdicts, figures: got } = follow([[0, 30], [60, 30], [30, 30], [90, 30]]);
    expect(verdicts).toEqual([Verdict.IN_ORDER, Verdict.AFTER_LOSS, Verdict.LATE, Verdict.IN_ORDER]);
    expect(got).toEqual(figures(120, { reordered: 1 }));
  });

  test('fills the middle of a gap, the rest stays lost', () => {
    expect(follow([[0, 10], [50, 10], [20, 10], [60, 10]]).figures).toEqual(figures(40, { lost: 30, reordered: 1 }));
  });

  test('fills it once: the second time it is a duplicate', () => {
    expect(follow([[0, 10], [20, 10], [10, 10], [10, 10], [30, 10]]).figures).toEqual(figures(40, { reordered: 1, duplicates: 1 }));
  });

  test('over the wrap', () => {
    expect(follow([[WRAP - 20, 10], [0, 10], [WRAP - 10, 10], [10, 10]]).figures).toEqual(figures(40, { reordered: 1 }));
  });

  test('any order of nearby datagrams comes out without loss', () => {
    let seed = 7;
    const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / WRAP;
    const mixed = stream(400, 24, WRAP - 4000).slice(1).map((datagram, i) => ({ datagram, at: i + random() * 8 })).sort((a, b) => a.at - b.at);
    const { figures: got } = follow([[WRAP - 4000, 24], ...mixed.map(({ datagram }) => datagram)]);
    expect(got).toMatchObject({ received: 9600, lost: 0, duplicates: 0, restarts: 0 });
    expect(got.reordered).toBeGreaterThan(50);
  });
});

describe('duplicates', () => {
  test('are told from loss and restarts: every datagram twice', () => {
    expect(follow(stream(50, 30).flatMap((datagram) => [datagram, datagram])).figures).toEqual(figures(1500, { duplicates: 50 }));
  });

  test('of a burst, after it', () => {
    const burst = stream(8, 30);
    expect(follow([...burst, ...burst, ...stream(20, 30, 240)]).figures).toEqual(figures(840, { duplicates: 8 }));
  });
});

describe('a restart', () => {
  test('by sysUpTime: the first datagram tells, and nothing counts as lost', () => {
    const { verdicts, figures: got } = follow([[5_000_000, 30, 1000], [5_000_030, 30, 1000], [0, 30, 900_000], [30, 30, 900_000], [60, 30, 900_000]]);
    expect(verdicts[2]).toBe(Verdict.RESTART);
    expect(got).toEqual(figures(150, { restarts: 1 }));
  });

  test('by sysUpTime to a number ahead of the old one', () => {
    expect(follow([[100, 30, 1000], [1000, 30, 900_000], [1030, 30, 900_000]]).figures).toEqual(figures(90, { restarts: 1 }));
  });

  test('a datagram from before it that comes late is no second restart', () => {
    expect(follow([[500, 10, 1000], [0, 10, 900_000], [510, 10, 1000], [10, 10, 900_000]]).figures).toEqual(figures(30, { restarts: 1, reordered: 1 }));
  });

  test('rounded seconds and the wrap of sysUpTime after 49.7 days are none: loss stays loss', () => {
    expect(follow([[0, 10, 1_000_000], [20, 10, 1_000_999], [40, 10, 1_000_000 + WRAP]]).figures).toEqual(figures(30, { lost: 20 }));
  });

  test('without sysUpTime: numbers far behind that go on from there', () => {
    expect(follow([...stream(50, 30, 5_000_000), ...stream(50, 30)]).figures).toMatchObject({ lost: 0, duplicates: 0, restarts: 1 });
  });

  test('without sysUpTime, soon after the start: what looked like duplicates is taken back', () => {
    expect(follow([...stream(50, 30), ...stream(50, 30)]).figures).toMatchObject({ lost: 0, duplicates: 0, restarts: 1 });
  });

  test('a jump ahead further than it can have counted is none of loss', () => {
    expect(follow([...stream(50, 30), ...stream(50, 30, 1_000_000_000)]).figures).toMatchObject({ lost: 0, restarts: 1 });
  });

  test('an outage of an hour at its pace is loss', () => {
    const sequence = new Sequence('FLOWS');
    for (let i = 0; i < 1000; i++) sequence.track(i * 1000, 1000, 1, -1, i);
    sequence.track(1_000_000 + 3_600_000_000 * 0.5, 1000, 1, -1, 1000 + 3_600_000);
    expect(sequence).toMatchObject({ lost: 1_800_000_000, restarts: 0 });
  });

  test('one datagram from nowhere is no restart', () => {
    const { verdicts, figures: got } = follow([...stream(10, 30), [3_000_000_000, 30], ...stream(10, 30, 300)]);
    expect(verdicts[10]).toBe(Verdict.STRAY);
    expect(got).toEqual(figures(600));
  });
});

test('a datagram of which it is not known how much was in it: nothing is lost that may have been there', () => {
  expect(follow([[0, 10], [10, -1], [25, 10], [40, 10]], { unit: 'RECORDS' }).figures).toEqual(figures(30, { lost: 5 }));
});

describe('exporters that count otherwise', () => {
  test('datagrams in IPFIX', () => {
    const datagrams = Array.from({ length: 100 }, (_, i): [number, number] => [i, 5 + (i % 4)]).filter((_, i) => i !== 60 && i !== 70);
    const { sequence, figures: got } = follow(datagrams, { unit: 'RECORDS' });
    expect(sequence.unit).toBe('DATAGRAMS');
    expect(got).toMatchObject({ lost: 2, duplicates: 0, restarts: 0 });
  });

  test('flows in NetFlow v9, some datagrams having but one', () => {
    const sequence = new Sequence('DATAGRAMS', 'FLOWS');
    let number = 0;
    for (let i = 0; i < 200; i++) {
      const flows = i % 5 === 0 ? 1 : 20;
      if (i !== 150) sequence.track(number, 1, flows, -1, i);
      number += flows;
    }
    expect(sequence).toMatchObject({ unit: 'FLOWS', lost: 1, duplicates: 0, restarts: 0 });
  });

  test('the number after the datagram in place of that before it', () => {
    const sequence = new Sequence('FLOWS');
    let number = 0;
    for (let i = 0; i < 200; i++) {
      const flows = 10 + (i % 7);
      number += flows;
      if (i !== 150) sequence.track(number, flows, 1, -1, i);
    }
    expect(sequence).toMatchObject({ lost: 10 + (150 % 7), duplicates: 0, restarts: 0 });
  });

  test.each([['of the datagram itself', 1], ['of those before it', 0]])('records without those of options, the number being that %s', (_name, included) => {
    const sequence = new Sequence('RECORDS', 'DATAGRAMS');
    let number = 0;
    for (let i = 0; i < 600; i++) {
      const flows = 10 + (i % 5);
      const options = i % 20 === 0 ? 1 : 0;
      if (i !== 450) sequence.track(number + included * flows, flows + options, 1, -1, i, flows);
      number += flows;
    }
    expect(sequence).toMatchObject({ unit: 'RECORDS', lost: 10, duplicates: 0, restarts: 0 });
  });

  test('steady loss does not look like one', () => {
    const { sequence, figures: got } = follow(stream(500, 30, 0, Array.from({ length: 50 }, (_, i) => i * 10 + 9)));
    expect([sequence.unit, got.lost]).toEqual(['FLOWS', 1470]);
  });
});
