import { whatIf, type LinkNow } from './what-if';

const link = (a: string, b: string, cost: number, more: Partial<LinkNow> = {}): LinkNow => ({
  link: `${a}${b}`, a, b, up: true, bitsPerSecond: 100, latencyMs: null, lossRatio: null, utilisationAhead: 0.5, utilisationBack: 0.2, costAhead: cost, costBack: cost, ...more,
});
/** a and b side by side, c by way of b or, dearer, straight; d hangs on c. */
const square = [link('a', 'b', 1), link('b', 'c', 1), link('a', 'c', 5), link('c', 'd', 1)];
const as = { downLinks: [], downDevices: [], load: 1 };

describe('what if', () => {
  test('nothing: nothing', () => expect(whatIf(square, as)).toEqual({ changed: [], changedCount: 0, cutOff: [], cutOffCount: 0, overLimit: [], unknownLoads: 0 }));

  test('a link fails: the pairs that went over it take the other way, with its load in even parts', () => {
    const { changed, cutOff, overLimit } = whatIf(square, { ...as, downLinks: ['bc'], limit: 0.6 });
    expect(cutOff).toEqual([]);
    expect(changed.filter(({ source }) => source === 'a')).toEqual([
      { source: 'a', target: 'c', oldPath: [{ link: 'ab', node: 'b' }, { link: 'bc', node: 'c' }], newPath: [{ link: 'ac', node: 'c' }], oldCost: Infinity, newCost: 5 },
      { source: 'a', target: 'd', oldPath: ['ab b', 'bc c', 'cd d'].map(hop), newPath: ['ac c', 'cd d'].map(hop), oldCost: Infinity, newCost: 6 },
    ]);
    expect(changed.map(({ source, target }) => source + target)).toEqual(['ac', 'ad', 'bc', 'bd', 'ca', 'cb', 'da', 'db']);
    // 50 from b to c are those of ac, ad, bc, bd, 12.5 each: all go over ac now.
    expect(overLimit).toEqual([{ link: 'ac', from: 'a', to: 'c', before: 0.5, scaled: 0.5, after: 1 }]);
  });

  test('a device fails, or the only link: pairs are cut off', () => {
    expect(whatIf(square, { ...as, downLinks: ['cd'] }).cutOff.map(({ source, target }) => source + target)).toEqual(['ad', 'bd', 'cd', 'da', 'db', 'dc']);
    const { changed, cutOff } = whatIf(square, { ...as, downDevices: ['b'], sources: ['a'] });
    expect([changed.map(({ target }) => target), cutOff.map(({ target }) => target)]).toEqual([['c', 'd'], ['b']]);
  });

  test('more load: links over their limit, and paths that leave what became busy', () => {
    const busy = [link('a', 'b', 0.304, { utilisationAhead: 0.75 }), link('a', 'c', 0.16, { utilisationAhead: 0.2 }), link('c', 'b', 0.16, { utilisationAhead: 0.2 })];
    const { changed, overLimit } = whatIf(busy, { ...as, load: 1.4 });
    // Over 80 % the cost is doubled: (0.004 + 0.4 x 1.05) x 2.
    expect(changed).toHaveLength(1);
    expect(changed[0]).toMatchObject({ source: 'a', target: 'b', newPath: [{ link: 'ac', node: 'c' }, { link: 'cb', node: 'b' }] });
    expect(changed[0].oldCost).toBeCloseTo(0.848, 9);
    expect(overLimit.map(({ link: name, after }) => [name, after])).toEqual([['ab', 0.75 * 1.4]]);
  });

  test('what is not worth leaving a path that works stays', () => {
    const near = [link('a', 'b', 1), { ...link('a', 'b', 0.95), link: 'ab2', up: true }, link('b', 'c', 1)];
    expect(whatIf(near, { ...as, downLinks: ['bc'] }).changed).toEqual([]);
  });

  test('loads and capacities that are not known are counted, not guessed', () => {
    const unknown = square.map((one) => (one.link === 'bc' ? { ...one, utilisationAhead: null } : one.link === 'ac' ? { ...one, bitsPerSecond: null } : one));
    // From b to c; and from c to a, where 20 would come.
    expect(whatIf(unknown, { ...as, downLinks: ['bc'] }).unknownLoads).toBe(2);
  });

  test('no more pairs are named than asked for, but all are counted', () => {
    const { changed, changedCount, cutOff, cutOffCount } = whatIf(square, { ...as, downDevices: ['b'], most: 1 });
    expect([changed.length, changedCount, cutOff.length, cutOffCount]).toEqual([1, 4, 1, 6]);
  });

  test('links that are down already change nothing', () => {
    expect(whatIf([...square.slice(0, 3), { ...square[3], up: false }], { ...as, downLinks: ['cd'] }).cutOff).toEqual([]);
  });
});

function hop(text: string): { link: string; node: string } {
  const [name, node] = text.split(' ');
  return { link: name, node };
}
