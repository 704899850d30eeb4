import { Pace } from './pace';

describe('the pause between two looks at the sockets', () => {
  test.each([
    ['nothing comes', 0, 20],
    ['little comes', 1, 20],
    ['as much as it wants to find comes within the longest pause', 6.4, 20],
    ['more comes', 16, 8],
    ['very much comes', 33, 3],
    ['all that one can read comes', 500, 1],
  ])('%s: %d datagrams a millisecond make it %i ms', (_name, perMs, pauseMs) => {
    expect(new Pace(20, 1 << 24).next(perMs * 20, 20)).toBe(pauseMs);
  });

  test.each([
    ['the longest that is configured', 20, 25 << 20, 20],
    ['what a burst takes to fill a small receive buffer', 20, 425_984, 3],
    ['a millisecond at least', 20, 4096, 1],
  ])('is at most %s', (_name, longest, buffer, pauseMs) => expect(new Pace(longest, buffer).next(0, 20)).toBe(pauseMs));

  test('becomes short at once under load, and long again by and by', () => {
    const pace = new Pace(20, 1 << 24);
    expect(pace.next(0, 20)).toBe(20);
    expect(pace.next(640, 20)).toBe(4);
    const after = Array.from({ length: 100 }, () => pace.next(0, 4));
    expect(after[0]).toBeLessThan(6);
    expect(after).toEqual([...after].sort((a, b) => a - b));
    expect(after[99]).toBe(20);
  });
});
