import { parseGroupings, parseSpan } from './query';

describe('netweaver query top', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['all', 'all'],
  ])('--last %s', (text, span) => expect(parseSpan(text)).toBe(span));
  it.each(['', '5', 'm', '0m', '-5m', '5w', '1.5h', '5m '])('refuses --last "%s"', (text) => expect(() => parseSpan(text)).toThrow('5m, or all'));
  it('takes fields in the order given', () => expect(parseGroupings('dst, srcPort')).toEqual(['dst', 'srcPort']));
  it.each(['', 'source', 'src,src', 'src,', 'toString', 'src;drop'])('refuses --by "%s"', (text) => expect(() => parseGroupings(text)).toThrow('src, dst, srcPort'));
});
