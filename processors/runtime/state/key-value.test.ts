import { seeded } from '../../../domain/simulate/random';
import { KeyValue, LEAST_BYTES, MOST_ENTRY_BYTES } from './key-value';
import { PAGE_BYTES } from './store';

const MIB = 2 ** 20;
const bytes = (text: string): Buffer => Buffer.from(text);
const content = (store: KeyValue): [string, string, number][] => {
  const all: [string, string, number][] = [];
  store.forEach((key, value, timeMs) => all.push([key.toString(), value.toString(), timeMs]));
  return all;
};
const checkpoint = (store: KeyValue, pages = new Map<number, Buffer>()): Map<number, Buffer> => {
  store.checkpoint((page, value) => (value === null ? pages.delete(page) : pages.set(page, value)));
  return pages;
};

describe('a store of values by key', () => {
  test('gives what was put last, nothing for what was deleted, and keeps the order of what stays', () => {
    const store = new KeyValue({ name: 's', maxBytes: MIB });
    expect(store.put(bytes('a'), bytes('1'))).toBe(true);
    store.put(bytes('b'), bytes('2'));
    store.put(bytes('c'), bytes(''));
    store.put(bytes('a'), bytes('3'));
    expect([store.delete(bytes('b')), store.delete(bytes('b'))]).toEqual([true, false]);
    expect(['a', 'b', 'c', ''].map((key) => store.get(bytes(key))?.toString())).toEqual(['3', undefined, '', undefined]);
    expect(content(store)).toEqual([['a', '3', 0], ['c', '', 0]]);
    expect(store.entries).toBe(2);
  });

  test.each([1, 2, 3, 4])('holds what a Map holds after any course of puts and deletes, and the same pages whether restored in between or not (course %i)', (seed) => {
    const options = { name: 's', maxBytes: MIB / 2, lifeMs: 5000 };
    let store = new KeyValue(options);
    const calm = new KeyValue(options);
    const expected = new Map<string, { value: string; timeMs: number }>();
    const changelog = new Map<number, Buffer>();
    const calmChangelog = new Map<number, Buffer>();
    const next = seeded(seed);
    const below = (n: number): number => Math.floor(next() * n);
    let refused = 0;
    const differs: string[] = [];
    const same = (what: string, a: unknown, b: unknown): void => void (a !== b && differs.push(`${what}: ${String(a)}, not ${String(b)}`));
    let now = 1e12;
    for (const one of [store, calm]) one.advance(now);
    for (let i = 0; i < 20_000; i++) {
      const key = `key ${below(2000)}`.padEnd(below(3) * 4, '.');
      if (below(4) === 0) {
        const was = expected.delete(key);
        same('delete', store.delete(bytes(key)), was);
        same('calm delete', calm.delete(bytes(key)), was);
      }
      else {
        const value = String.fromCharCode(97 + below(26)).repeat(below(50) === 0 ? below(60_000) : below(400));
        const took = store.put(bytes(key), bytes(value));
        same('calm put', calm.put(bytes(key), bytes(value)), took);
        if (took) expected.set(key, { value, timeMs: now });
        else refused++;
      }
      if (below(10) === 0) {
        now += below(100);
        store.advance(now);
        calm.advance(now);
        for (const [old, { timeMs }] of expected) if (timeMs + 5000 <= now) expected.delete(old);
      }
      if (below(2000) === 0) {
        checkpoint(store, changelog);
        checkpoint(calm, calmChangelog);
        store = new KeyValue(options);
        store.restore(changelog);
        same('clean', checkpoint(store).size, 0);
      }
      const known = below(2000);
      same('get', store.get(bytes(`key ${known}`))?.toString(), expected.get(`key ${known}`)?.value);
    }
    expect(differs).toEqual([]);
    expect(refused).toBeGreaterThan(0);
    expect(new Map(content(store).map(([key, value]) => [key, value]))).toEqual(new Map([...expected].map(([key, { value }]) => [key, value])));
    expect(content(calm)).toEqual(content(store));
    expect(checkpoint(calm, calmChangelog)).toEqual(checkpoint(store, changelog));
  });

  test('gives memory back as entries go', () => {
    const store = new KeyValue({ name: 's', maxBytes: 64 * MIB });
    for (let i = 0; i < 20_000; i++) store.put(bytes(`key ${i}`), Buffer.alloc(100, 'x'));
    const full = store.bytes;
    for (let i = 0; i < 20_000; i++) if (i % 100 !== 7) store.delete(bytes(`key ${i}`));
    expect(store.entries).toBe(200);
    expect(store.bytes).toBeLessThan(full / 20);
    expect(store.get(bytes('key 1907'))).toHaveLength(100);
  });

  test('refuses what does not fit, keeps what it has, and takes more after something was deleted', () => {
    const store = new KeyValue({ name: 's', maxBytes: LEAST_BYTES });
    let count = 0;
    while (store.put(bytes(`key ${count}`), Buffer.alloc(1000, 'x'))) count++;
    expect(count).toBeGreaterThan(50);
    expect(store.bytes).toBeLessThanOrEqual(LEAST_BYTES);
    expect(store.put(bytes('key 3'), Buffer.alloc(5000, 'y'))).toBe(false);
    expect(store.get(bytes('key 3'))).toEqual(Buffer.alloc(1000, 'x'));
    expect(store.put(bytes('key 3'), Buffer.alloc(1000, 'y'))).toBe(true);
    for (let i = 0; i < count; i += 1) if (i % 4 !== 0) store.delete(bytes(`key ${i}`));
    expect(store.put(bytes('another'), Buffer.alloc(5000, 'y'))).toBe(true);
  });

  test('takes an entry as large as a record of the log takes, and no larger', () => {
    const store = new KeyValue({ name: 's', maxBytes: 8 * MIB });
    expect(store.put(bytes('k'), Buffer.alloc(MOST_ENTRY_BYTES))).toBe(false);
    expect(store.put(bytes('k'), Buffer.alloc(MOST_ENTRY_BYTES - 1, 'x'))).toBe(true);
    store.put(bytes('l'), bytes('small'));
    const restored = new KeyValue({ name: 's', maxBytes: 8 * MIB });
    const pages = checkpoint(store);
    restored.restore(pages);
    expect(restored.get(bytes('k'))!.equals(Buffer.alloc(MOST_ENTRY_BYTES - 1, 'x'))).toBe(true);
    store.delete(bytes('k'));
    expect(store.bytes).toBeLessThan(3 * PAGE_BYTES);
    expect([...checkpoint(store, pages).keys()]).toHaveLength(2);
  });

  test('keeps an entry for its time after it was last put, and no longer', () => {
    const store = new KeyValue({ name: 's', maxBytes: MIB, lifeMs: 1000 });
    store.advance(10_000);
    for (const key of ['a', 'b', 'c']) store.put(bytes(key), bytes('x'));
    store.put(bytes('c'), bytes('x'), 9500);
    store.advance(10_500);
    store.put(bytes('b'), bytes('y'));
    expect(content(store).map(([key]) => key)).toEqual(['a', 'b']);
    store.advance(10_999);
    expect(store.find(bytes('a'))).toBe(true);
    expect(store.timeMs).toBe(10_000);
    store.advance(11_000);
    expect([store.find(bytes('a')), store.find(bytes('b')), store.delete(bytes('a'))]).toEqual([false, true, false]);
    store.advance(20_000);
    expect(store.entries).toBe(0);
  });

  test('writes the changed pages only', () => {
    const store = new KeyValue({ name: 's', maxBytes: 64 * MIB });
    for (let i = 0; i < 10_000; i++) store.put(bytes(`key ${i}`), Buffer.alloc(100, 'x'));
    expect(checkpoint(store).size).toBeGreaterThan(30);
    store.put(bytes('key 17'), Buffer.alloc(100, 'y'));
    expect(checkpoint(store).size).toBe(1);
  });

  test.each([
    ['a page that is missing', (pages: Map<number, Buffer>) => pages.delete(0)],
    ['a tail that is missing', (pages: Map<number, Buffer>) => pages.delete(1)],
    ['a page that is cut off', (pages: Map<number, Buffer>) => pages.set(1, pages.get(1)!.subarray(0, 40))],
    ['a place of no length', (pages: Map<number, Buffer>) => pages.get(1)!.writeInt32LE(0, 8)],
    ['a key beyond its place', (pages: Map<number, Buffer>) => pages.get(1)!.writeInt32LE(5000, 12)],
  ])('refuses %s', (_, damage) => {
    const store = new KeyValue({ name: 's', maxBytes: MIB });
    for (let i = 0; i < 100; i++) store.put(bytes(`key ${i}`), Buffer.alloc(50, 'x'));
    const pages = checkpoint(store);
    damage(pages);
    expect(() => new KeyValue({ name: 's', maxBytes: MIB }).restore(pages)).toThrow('store s: page');
  });
});
