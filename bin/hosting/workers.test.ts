import { mergeResponses } from './workers';

const merge = (...bodies: unknown[]): unknown => mergeResponses(bodies.map((body) => ({ status: 200, body }))).body;

describe('the answers of several workers, as one', () => {
  test('counts are added; the instance is another as soon as one of them is', () => {
    expect(merge({ instance: 'a', received: 3, acknowledged: 2 }, { instance: 'b', received: 4, acknowledged: 4 })).toEqual({ instance: 'a b', received: 7, acknowledged: 6 });
    expect(merge('30\n', '12\n', '0\n')).toBe('42\n');
  });

  test('lists are put together, objects member by member, what only one has is kept', () => {
    expect(merge([{ port: 1 }], [], [{ port: 1 }, { port: 2 }])).toEqual([{ port: 1 }, { port: 1 }, { port: 2 }]);
    expect(merge({ losses: { dropped: { flows: 1 } }, active: false }, { losses: { dropped: { flows: 2 } }, active: true, bytes: 5 })).toEqual({ losses: { dropped: { flows: 3 } }, active: [false, true], bytes: 5 });
    expect(merge(null, { bytes: 1 }, null)).toEqual({ bytes: 1 });
  });

  test('one that does not answer is the answer: a sum without it would be wrong', () => {
    const silent = { status: 503, body: 'role collect/1 does not answer\n' };
    expect(mergeResponses([{ status: 200, body: { received: 1 } }, silent])).toEqual(silent);
  });
});
