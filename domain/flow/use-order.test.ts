import { UseOrder } from './use-order';

const orderOf = (...keys: readonly string[]): UseOrder<string, string> => {
  const order = new UseOrder<string, string>();
  for (const key of keys) order.put(key, key.toUpperCase());
  return order;
};

test('the oldest goes first, one that is put again last', () => {
  const order = orderOf('a', 'b', 'c', 'a');
  expect([...order.values()]).toEqual(['B', 'C', 'A']);
  expect([order.takeOldest(), order.takeOldest(), order.takeOldest(), order.takeOldest()]).toEqual(['B', 'C', 'A', undefined]);
});

test('between takings entries may come and go', () => {
  const order = orderOf('a', 'b', 'c', 'd');
  expect(order.takeOldest()).toBe('A');
  order.put('e', 'E');
  order.delete('b');
  order.put('c', 'C');
  expect([order.takeOldest(), order.takeOldest(), order.takeOldest(), order.size]).toEqual(['D', 'E', 'C', 0]);
});

test('one may be passed over: it is still there, and taken when it is no longer spared', () => {
  const order = orderOf('a', 'b');
  expect([order.takeOldest('A'), order.takeOldest('A'), order.size, order.takeOldest()]).toEqual(['B', undefined, 1, 'A']);
});

test('of any order of puts, removals and takings the outcome is that of a list', () => {
  let seed = 3;
  const below = (n: number): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % n;
  const order = new UseOrder<number, number>();
  let list: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    const key = below(200);
    if (below(3) > 0) {
      order.put(key, key);
      list = [...list.filter((other) => other !== key), key];
    } else if (below(2) > 0) expect(order.takeOldest()).toBe(list.shift());
    else {
      expect(order.delete(key)).toBe(list.includes(key));
      list = list.filter((other) => other !== key);
    }
  }
  expect([...order.values()]).toEqual(list);
});
