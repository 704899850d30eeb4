/** What a model in the shadow says, held against the one that serves. */
import type { Anomaly } from '../schemas';
import { compare, spansOf } from './model-comparison';

const MINUTE = 60_000;

/** An anomaly of a model from one minute to another. */
const told = (subject: string, from: number, to: number, score = 2, detector = 'score/60s'): Anomaly[] =>
  (['began', 'over'] as const).map((phase, i) => ({
    subject, subjectKind: 'host', kind: 'reconstruction', phase, began: from * MINUTE, time: (i === 0 ? from : to) * MINUTE, detector, severity: 'info', score: i === 0 ? 1 : score, value: 1, threshold: 1, unit: '', evidence: [], elements: [], model: 'm', modelHash: '0123456789',
  }));

const always = (): boolean => true;

describe('models compare', () => {
  test('anomalies of one subject that overlap are the same; the others stand alone', () => {
    const serving = spansOf([...told('a', 1, 5, 4), ...told('b', 1, 2), ...told('c', 1, 2)], always);
    const shadow = spansOf([...told('a', 4, 9, 8), ...told('b', 3, 4), ...told('d', 6, 7)], always);
    const { rows, alone } = compare(serving, shadow);
    expect(rows).toEqual([{ detector: 'score/60s', serving: 3, shadow: 3, both: 1, servingAlone: 2, shadowAlone: 2, servingScore: 2, shadowScore: 2 }]);
    expect(alone.map(({ by, subject, began }) => `${by} ${subject} ${began / MINUTE}`)).toEqual(['serving b 1', 'serving c 1', 'shadow b 3', 'shadow d 6']);
  });

  test('a detector a line, also where only one model has it', () => {
    const { rows } = compare(spansOf(told('a', 1, 2), always), spansOf(told('a', 1, 2, 3, 'score/10s'), always));
    expect(rows.map(({ detector, serving, shadow, both }) => [detector, serving, shadow, both])).toEqual([['score/10s', 0, 1, 0], ['score/60s', 1, 0, 0]]);
  });

  test('only what models reconstruct counts, and only the time that is asked for', () => {
    const other = told('a', 1, 2).map((anomaly) => ({ ...anomaly, kind: 'unscored' }));
    expect(spansOf([...other, ...told('b', 1, 2), ...told('c', 8, 9)], (timeMs) => timeMs > 5 * MINUTE).map(({ subject, model, score }) => [subject, model, score])).toEqual([['c', 'm@01234567', 2]]);
  });
});
