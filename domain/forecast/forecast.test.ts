/** The mathematics of forecasts: the solver against elimination, the linear model on series whose law is known, intervals under drift, gaps, trends. */
import { seeded } from '../simulate/random';
import { ewma, persistence, seasonal } from './baselines';
import { crossing } from './capacity';
import { conformalQuantile, follow, LEVELS, moveOf, splitConformal, stepOf } from './conformal';
import { Courses } from './course';
import { LinearLearner } from './learner';
import { changeOf, fillRow, fitLinear, reach, rowSize, type LinearDesign } from './linear';
import { Errors, pinball } from './metrics';
import { Mixture } from './mixture';
import { NormalEquations } from './ridge';
import { SHIPPED, type LinearModel } from './shipped';
import { median, theilSen } from './theil-sen';

/** Gauss's elimination with pivots, of a copy. */
function eliminated(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, vector[i]]);
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let k = 0; k < rows.length; k++) {
      if (k === i) continue;
      const by = rows[k][i] / rows[i][i];
      rows[k] = rows[k].map((value, j) => value - by * rows[i][j]);
    }
  }
  return rows.map((row, i) => row[rows.length] / row[i]);
}

describe('ridge', () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed + 1))('gives what elimination gives, on random rows (%i)', (seed) => {
    const random = seeded(seed);
    const size = 1 + Math.floor(random() * 8);
    const equations = new NormalEquations(size);
    const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
    const vector = new Array<number>(size).fill(0);
    const ridge = random() * 0.1;
    for (let i = 0; i < 5 * size; i++) {
      const row = Float64Array.from({ length: size }, () => random() - 0.5);
      const [target, weight] = [random(), 0.1 + random()];
      equations.add(row, 0, target, weight);
      row.forEach((a, j) => {
        vector[j] += weight * a * target;
        row.forEach((b, k) => (matrix[j][k] += weight * a * b));
      });
    }
    const held = matrix.map((row, i) => row.map((value, j) => (i === j ? value * (1 + ridge) : value)));
    equations.solve(ridge).forEach((value, i) => expect(value).toBeCloseTo(eliminated(held, vector)[i], 8));
    const towards = Float64Array.from({ length: size }, () => random());
    const rest = vector.map((value, i) => value - matrix[i].reduce((sum, cell, j) => sum + cell * towards[j], 0));
    equations.solve(ridge, towards).forEach((value, i) => expect(value).toBeCloseTo(towards[i] + eliminated(held, rest)[i], 8));
  });

  test('numbers that depend on others, or are zero in all rows, do no harm', () => {
    const equations = new NormalEquations(4);
    for (let i = 1; i < 50; i++) equations.add(Float64Array.of(i % 7, 2 * (i % 7), 0, i % 5), 0, 3 * (i % 7) + (i % 5), 1);
    const weights = equations.solve(0);
    expect([...weights].every(Number.isFinite)).toBe(true);
    expect(weights[0] + 2 * weights[1]).toBeCloseTo(3, 6);
    expect([weights[2], weights[3]]).toEqual([0, expect.closeTo(1, 6)]);
    expect([...equations.solve(0, Float64Array.of(0, 0, 5, 0))][2]).toBe(5);
  });

  test('what fades counts less', () => {
    const equations = new NormalEquations(1);
    for (let i = 0; i < 10; i++) equations.add(Float64Array.of(1), 0, 1, 1);
    equations.fade(0.1);
    equations.add(Float64Array.of(1), 0, 3, 1);
    expect(equations.solve(0)[0]).toBeCloseTo(2, 10);
  });
});

const DESIGN: LinearDesign = { window: 12, seasons: [{ period: 48, width: 1, cycles: 2 }], horizons: [1, 4], day: 48 };

/** Reverts to 100 with that memory, from step to step. */
function reverting(length: number, memory: number, seed: number): Float64Array {
  const random = seeded(seed);
  const values = new Float64Array(length);
  let away = 0;
  for (let t = 0; t < length; t++) values[t] = 100 + (away = memory * away + 10 * (random() + random() - 1));
  return values;
}

describe('linear', () => {
  const relative = (series: readonly Float64Array[], weights: readonly Float64Array[], design: LinearDesign, i: number): number => {
    const errors = new Errors();
    const row = new Float64Array(rowSize(design));
    const horizon = design.horizons[i];
    for (const values of series) {
      for (let t = reach(design); t + horizon < values.length; t++) errors.add(values[t + horizon], values[t] + fillRow(values, t, t, horizon, design, row) * changeOf(weights[i], row), values[t]);
    }
    return errors.relative;
  };

  test('finds what reverts to its mean: close to the best that can be told, on series that it has not seen', () => {
    const of = (from: number): Float64Array[] => Array.from({ length: 6 }, (_, i) => reverting(1000, 0.5, from + i));
    const weights = fitLinear(of(1), DESIGN, { ridge: [1e-3, 1e-3] });
    // Persistence errs by sqrt(2 (1 - m^h)) deviations, the best by sqrt(1 - m^2h) where the mean is known; here twelve windows tell of it.
    [1, 4].forEach((horizon, i) => {
      const best = Math.sqrt((1 - 0.5 ** (2 * horizon)) / (2 * (1 - 0.5 ** horizon)));
      expect(relative(of(100), weights, DESIGN, i)).toBeGreaterThan(0.97 * best);
      expect(relative(of(100), weights, DESIGN, i)).toBeLessThan(1.1 * best);
    });
  });

  test('finds a season', () => {
    const of = (seed: number): Float64Array => {
      const random = seeded(seed);
      return Float64Array.from({ length: 1500 }, (_, t) => 100 + 40 * Math.sin((2 * Math.PI * t) / 48) + 40 * Math.sin((8 * Math.PI * t) / 48) + 4 * random());
    };
    const weights = fitLinear([of(1), of(2)], DESIGN, { ridge: [1e-3, 1e-3] });
    expect(relative([of(3)], weights, DESIGN, 1)).toBeLessThan(0.1);
  });

  test('single bursts do not decide: the same weights, nearly, with a hundredth of the values tenfold', () => {
    const calm = reverting(3000, 0.5, 5);
    const random = seeded(9);
    const bursts = calm.map((value) => (random() < 0.01 ? 10 * value : value));
    const [robust, plain] = [5, 0].map((rounds) => fitLinear([bursts], DESIGN, { ridge: [1e-3, 1e-3], rounds }));
    expect(relative([calm], robust, DESIGN, 0)).toBeLessThan(relative([calm], plain, DESIGN, 0));
  });

  test('knows that weekends are not working days before it has seen a week of a series, and what a week ago was when it has', () => {
    const design: LinearDesign = { window: 12, seasons: [{ period: 24, width: 1, cycles: 2 }, { period: 7 * 24, width: 1, cycles: 1 }], horizons: [24], day: 24 };
    // The epoch was a Thursday: the third and the fourth day of each week.
    const of = (days: number, share: (day: number) => number): Float64Array => Float64Array.from({ length: days * 24 }, (_, t) => 100 * share(Math.floor(t / 24) % 7));
    const weekends = (share: number) => (day: number): number => (day === 2 || day === 3 ? share : 1);
    const weights = fitLinear([of(21, weekends(0.4)), of(21, weekends(0.6))], design, { ridge: [1e-3] });
    const told = (values: Float64Array, t: number): number => {
      const row = new Float64Array(rowSize(design));
      return values[t] + fillRow(values, t, t, 24, design, row) * changeOf(weights[0], row);
    };
    // Friday noon; then a Friday of which a week ago the weekend was none.
    expect(told(of(3, weekends(0.5)), 36)).toBeLessThan(75);
    expect(told(of(10, () => 1), 8 * 24 + 12)).toBeGreaterThan(told(of(10, weekends(0.5)), 8 * 24 + 12) + 5);
    expect(told(of(3, weekends(0.5)), 36 - 24)).toBeCloseTo(100, 0);
  });

  test('bursts end and lower levels last: it does not take the one for the other', () => {
    const random = seeded(4);
    let level = 100;
    const bursts = Float64Array.from({ length: 6000 }, () => {
      if (random() < 0.02) level = level === 100 ? 50 : 100;
      return level + 3 * random() + (random() < 0.05 ? 60 : 0);
    });
    const [weights] = fitLinear([bursts], { ...DESIGN, horizons: [1] }, { ridge: [1e-3] });
    const change = (latest: number): number => {
      const row = new Float64Array(rowSize(DESIGN));
      const values = Float64Array.from({ length: 200 }, (_, t) => (t === 199 ? latest : 101.5));
      return fillRow(values, 199, 199, 1, DESIGN, row) * changeOf(weights, row);
    };
    expect(change(161.5)).toBeLessThan(-45);
    expect(Math.abs(change(51.5))).toBeLessThan(10);
  });

  test('does not depend on units, knows nothing from nothing, and tells nothing where nothing was carried', () => {
    const series = [reverting(800, 0.5, 1), reverting(800, 0.8, 2)];
    const weights = fitLinear(series, DESIGN, { ridge: [1e-3, 1e-3], levelPower: 0 });
    const scaled = fitLinear(series.map((values) => values.map((value) => value * 1e6)), DESIGN, { ridge: [1e-3, 1e-3], levelPower: 0 });
    weights.forEach((row, i) => row.forEach((weight, k) => expect(scaled[i][k]).toBeCloseTo(weight, 6)));
    expect(fitLinear([], DESIGN, { ridge: [0, 0] }).every((row) => row.every((weight) => weight === 0))).toBe(true);
    expect(fillRow(new Float64Array(60), 59, 0, 1, DESIGN, new Float64Array(rowSize(DESIGN)))).toBe(0);
  });
});

describe('learner', () => {
  const model = (weights: readonly Float64Array[]): LinearModel => ({ design: DESIGN, weights, ridge: [1e-3, 1e-3], scores: DESIGN.horizons.map(() => Float64Array.of(-2, -1.5, 0, 1.5, 2)) });
  const run = (values: Float64Array, weights: readonly Float64Array[]): Errors => {
    const learner = new LinearLearner(DESIGN, weights, [1e-3, 1e-3], new Float64Array(LinearLearner.cells(DESIGN)));
    const courses = new Courses(model(weights), learner, 0);
    const cells = new Float32Array(courses.cells);
    courses.begin(cells);
    const errors = new Errors();
    values.forEach((value, t) => {
      courses.take(cells, t - 1, t, value);
      if (t > 2000) errors.add(value, courses.expected[0].centre, values[t - 1]);
      if (courses.ready) courses.issue([courses.told(0), courses.told(1)]);
      if (t % 100 === 99) learner.solve();
    });
    return errors;
  };
  const zeros = DESIGN.horizons.map(() => new Float64Array(rowSize(DESIGN)));

  test('learns what the shipped weights do not know', () => {
    expect(run(reverting(4000, 0.3, 3), zeros).relative).toBeLessThan(0.86);
  });

  test('where shipped weights are wrong it is hardly worse than persistence', () => {
    const wrong = zeros.map((row) => row.map((_, i) => (i === 1 ? -2 : 0)));
    expect(run(reverting(2600, 1, 4), wrong).relative).toBeLessThan(1.03);
  });
});

describe('mixture', () => {
  /** Sum of absolute errors of the mixture and of each expert, over so many rounds; each is learned from `overlap` rounds later. */
  const play = (first: readonly number[], rounds: number, round: (t: number, random: () => number) => { told: number[]; actual: number }, overlap = 1): { mixed: number; each: number[]; shares: Float64Array } => {
    const mixture = new Mixture(Float64Array.from(first));
    const cells = new Float32Array(Mixture.cells(first.length));
    const random = seeded(12);
    const past: { told: Float64Array; actual: number }[] = [];
    let mixed = 0;
    const each = first.map(() => 0);
    for (let t = 0; t < rounds; t++) {
      const { told, actual } = round(t, random);
      past.push({ told: Float64Array.from(told), actual });
      mixture.open(cells, 0);
      mixed += Math.abs(mixture.tell(past[t].told) - actual);
      told.forEach((value, k) => (each[k] += Math.abs(value - actual)));
      if (t >= overlap) mixture.learn(cells, 0, past[t - overlap].told, past[t - overlap].actual, overlap);
    }
    mixture.open(cells, 0);
    return { mixed, each, shares: mixture.shares };
  };

  test('of nothing known the first shares tell', () => {
    const mixture = new Mixture(Float64Array.of(0.2, 0.3, 0.5));
    mixture.open(new Float32Array(Mixture.cells(3)), 0);
    [0.2, 0.3, 0.5].forEach((share, k) => expect(mixture.shares[k]).toBeCloseTo(share, 12));
    expect(mixture.tell(Float64Array.of(10, 0, 2))).toBeCloseTo(3, 12);
  });

  test.each([1, 12])('finds the best expert, though its first share is small; of what comes %i rounds later too', (overlap) => {
    const { mixed, each, shares } = play([0.45, 0.05, 0.5], 4000, (t, random) => {
      const actual = Math.sin(t / 9);
      return { told: [actual + random() - 0.5, actual + 0.2 * (random() - 0.5), 0], actual };
    }, overlap);
    expect(shares[1]).toBeGreaterThan(0.8);
    expect(mixed).toBeLessThan(1.5 * each[1] + 100);
  });

  test('errs less than each of its experts where they err apart: the best share is between them', () => {
    const { mixed, each } = play([0.9, 0.1], 4000, (_, random) => ({ told: [random() - 0.5, random() - 0.5], actual: 0 }));
    expect(mixed).toBeLessThan(0.87 * Math.min(...each));
  });

  test('does not depend on units', () => {
    const round = (unit: number) => (t: number, random: () => number) => ({ told: [unit * random(), unit * Math.sin(t)], actual: unit * 0.3 });
    const [one, other] = [play([0.5, 0.5], 500, round(1)), play([0.5, 0.5], 500, round(2 ** 20))];
    one.shares.forEach((share, k) => expect(other.shares[k]).toBeCloseTo(share, 6));
  });

  test('errors that hang together count once: chance does not decide where few are apart', () => {
    // For 200 rounds one expert is right, all in one go.
    const round = (): { told: number[]; actual: number } => ({ told: [1, 0], actual: 1 });
    expect(play([0.5, 0.5], 200, round).shares[0]).toBeGreaterThan(0.95);
    expect(play([0.5, 0.5], 200, round, 100).shares[0]).toBeLessThan(0.8);
  });
});

describe('conformal', () => {
  test('quantiles of few scores are on the safe side', () => {
    const scores = Float64Array.from({ length: 19 }, (_, i) => i + 1);
    expect(LEVELS.map((level) => conformalQuantile(scores, level))).toEqual([1, 2, 10, 18, 19]);
    expect([...splitConformal(Float64Array.of(3, 1, 2))]).toEqual([1, 1, 2, 3, 3]);
  });

  test.each([
    [3, 2.3534, 1.6377],
    [5, 2.015, 1.4759],
    [10, 1.8125, 1.3722],
    [100, 1.6602, 1.2901],
  ])('of %i that say something of their own they are drawn out as of Student', (independent, t95, t90) => {
    const scores = Float64Array.from({ length: 99 }, (_, i) => i - 49);
    const drawn = splitConformal(scores, independent);
    [-t95 / 1.6449, -t90 / 1.2816, 0, t90 / 1.2816, t95 / 1.6449].forEach((by, i) => expect(drawn[i] / Math.abs(splitConformal(scores)[i] || 1)).toBeCloseTo(by, 1));
    expect([...splitConformal(scores, 1)]).toEqual([...splitConformal(scores, 3)]);
  });

  test.each<[string, (t: number, random: () => number) => number]>([
    ['scores as they were', (_, random) => 4 * (random() - 0.5)],
    ['scores four times as wide', (_, random) => 16 * (random() - 0.5)],
    ['scores that drift away', (t, random) => t / 1000 + 4 * (random() - 0.5)],
    ['scores that widen and narrow', (t, random) => 4 * (random() - 0.5) * (1.5 + Math.sin(t / 500))],
    ['scores of a tail that was not seen', (_, random) => 0.5 * Math.tan(Math.PI * (random() - 0.5))],
  ])('nine in ten lie within, whatever comes: %s', (_, score) => {
    const random = seeded(21);
    const first = Float64Array.of(-1.8, -1.6, 0, 1.6, 1.8);
    const quantiles = Float64Array.from(first);
    let inside = 0;
    let ordered = true;
    const count = 10_000;
    for (let t = 0; t < count; t++) {
      const value = score(t, random);
      if (value >= quantiles[0] && value <= quantiles[4]) inside++;
      follow(quantiles, 0, value, first, stepOf(1));
      for (let i = 1; i < quantiles.length; i++) ordered &&= quantiles[i - 1] <= quantiles[i];
    }
    expect(ordered).toBe(true);
    expect(inside / count).toBeGreaterThan(0.88);
    expect(inside / count).toBeLessThan(0.92);
  });

  test('a step farther ahead is smaller; a series that does not move has no move', () => {
    expect(stepOf(12)).toBeLessThan(stepOf(1));
    expect(moveOf(new Float64Array(10), 9, 1, 5)).toBe(0);
    expect(moveOf(Float64Array.of(1, 2, 1, 2), 3, 1, 4)).toBeCloseTo(1 + (0.01 * (2 + 1 + 2)) / 3, 10);
  });

  test('a move is over the horizon, as far back as is asked; over as much as is known where that is less', () => {
    const up = Float64Array.from({ length: 40 }, (_, t) => 1000 + t);
    expect(moveOf(up, 39, 4, 10)).toBeCloseTo(4 + 0.02 * 1034.5, 6);
    const begun = up.map((value, t) => (t < 30 ? NaN : value));
    // Ten are known: eight apart are the first and the last two.
    expect(moveOf(begun, 39, 16, 10)).toBeCloseTo(8 + 0.04 * 1038.5, 6);
    expect(moveOf(Float64Array.of(NaN, 5, 7), 2, 16, 10)).toBeCloseTo(2 + 0.04 * 7, 10);
  });
});

describe('course', () => {
  const fresh = (maxGaps: number): { courses: Courses; cells: Float32Array } => {
    const courses = new Courses(SHIPPED, null, maxGaps);
    const cells = new Float32Array(courses.cells);
    courses.begin(cells);
    return { courses, cells };
  };

  test('fills gaps straight between neighbours, and counts them', () => {
    const { courses, cells } = fresh(12);
    let last = -1;
    for (const [number, value] of [...Array.from({ length: 60 }, (_, i) => [i, 10]), [64, 60], [65, NaN]]) {
      courses.take(cells, last, number, value);
      last = number;
    }
    expect([...courses.values.slice(-7)]).toEqual([10, 20, 30, 40, 50, 60, 60]);
    expect(courses.gaps).toBe(5);
    expect([courses.valueAt(0), courses.valueAt(1), courses.valueAt(2)]).toEqual([NaN, 60, NaN]);
  });

  test('what was forecast is what is expected when its window comes, at every horizon; across a gap nothing is', () => {
    const { courses, cells } = fresh(0);
    const told = new Map<string, number>();
    for (let t = 0; t < 700; t++) {
      courses.take(cells, t - 1, t, 100 + (t % 10));
      SHIPPED.design.horizons.forEach((horizon, i) => {
        const before = told.get(`${i} ${t - horizon}`);
        if (before === undefined) expect(courses.expected[i].centre).toBeNaN();
        else expect(courses.expected[i].centre).toBeCloseTo(before, 3);
      });
      if (!courses.ready) continue;
      const centres = SHIPPED.design.horizons.map((_, i) => courses.told(i));
      courses.issue(centres);
      centres.forEach((centre, i) => told.set(`${i} ${t}`, centre));
    }
    courses.take(cells, 699, 2000, 100);
    expect(courses.expected.map(({ centre }) => centre)).toEqual([NaN, NaN, NaN, NaN]);
    expect(courses.gaps).toBe(59);
  });

  test('comes back to a series after others as it was', () => {
    const { courses, cells } = fresh(0);
    const other = new Float32Array(courses.cells);
    courses.begin(other);
    for (let t = 0; t < 80; t++) courses.take(cells, t - 1, t, 100 + t);
    const told = courses.told(0);
    courses.take(other, 4, 5, 1);
    courses.resume(cells, 79);
    expect(courses.told(0)).toBe(told);
  });
});

describe('baselines and metrics', () => {
  const values = Float64Array.of(1, 2, 3, NaN, 5, 6, 7);

  test('as now, as a season ago, as the weighted mean', () => {
    expect(persistence(values, 4)).toBe(5);
    // One season back, two, one that did not begin yet, one whose window is missing.
    expect([seasonal(values, 4, 1, 3), seasonal(values, 5, 4, 3), seasonal(values, 5, 1, 12), seasonal(values, 5, 1, 3)]).toEqual([3, 6, 6, 6]);
    expect([...ewma(values, 0.5)].slice(0, 5)).toEqual([1, 1.5, 2.25, 2.25, 3.625]);
  });

  test('errors', () => {
    const errors = new Errors();
    errors.add(10, 8, 6, 7, 9);
    errors.add(20, 21, 16, 19, 22);
    errors.add(NaN, 1, 1);
    const other = new Errors();
    other.add(10, 10, 10);
    errors.merge(other);
    expect([errors.count, errors.wape, errors.relative, errors.coverage]).toEqual([3, 3 / 40, 3 / 8, 0.5]);
    expect(errors.relativeWidth).toBeCloseTo(2.5 / (40 / 3), 10);
    expect(pinball(10, 8, 0.9)).toBeCloseTo(1.8, 10);
    expect(pinball(8, 10, 0.9)).toBeCloseTo(0.2, 10);
  });
});

describe('trend', () => {
  test('the slope is exact on a line, and one point far out bends nothing', () => {
    const x = Float64Array.from({ length: 15 }, (_, i) => i);
    expect(theilSen(x, x.map((day) => 3 + 2 * day))).toEqual({ slope: 2, low: 2, high: 2 });
    expect(theilSen(x, x.map((day) => (day === 7 ? 1000 : 3 + 2 * day))).slope).toBe(2);
    expect(theilSen([1, 2], [1, 2]).slope).toBeNaN();
    expect([median([]), median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([NaN, 2, 2.5]);
  });

  test('its 90 % interval holds the true slope nine times in ten', () => {
    const random = seeded(8);
    let within = 0;
    for (let run = 0; run < 300; run++) {
      const x = Float64Array.from({ length: 20 }, (_, i) => i);
      const { low, high } = theilSen(x, x.map((day) => 0.5 * day + 6 * (random() + random() - 1)));
      if (low <= 0.5 && high >= 0.5) within++;
    }
    expect(within / 300).toBeGreaterThan(0.86);
    expect(within / 300).toBeLessThan(0.96);
  });

  test('where the line meets the threshold', () => {
    const days = [100, 101, 102, 103, 104];
    expect(crossing(days, [10, 11, 12, 13, 14], 20)).toMatchObject({ earliest: 110, likely: 110, latest: 110 });
    expect(crossing(days, [14, 13, 12, 11, 10], 20)).toMatchObject({ earliest: Infinity, likely: Infinity, latest: Infinity });
    expect(crossing(days, [21, 22, 23, 24, 25], 20)).toMatchObject({ likely: 104 });
  });
});
