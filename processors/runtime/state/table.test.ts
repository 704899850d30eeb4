import { seeded } from '../../../domain/simulate/random';
import { AgeingTable } from './ageing-table';
import type { Store } from './store';
import { Table, type TableShape } from './table';

const SHAPE: TableShape = { name: 't', keyWords: 3, ints: 1, doubles: 2, maxRows: 100_000 };

/** A changelog after compaction. */
class Pages extends Map<number, Uint8Array> {
  written = 0;
  take(store: Store): this {
    store.checkpoint((page, bytes) => {
      this.written++;
      if (bytes === null) this.delete(page);
      else this.set(page, bytes);
    });
    return this;
  }
}

const add = (table: Table, key: readonly number[], value: number): number => {
  const row = table.upsert(Int32Array.from(key));
  if (row >= 0) table.doubles[row * table.doublesPerRow + table.doublesAt] += value;
  return row;
};
const rowsOf = (table: Table): number[][] => Array.from({ length: table.entries }, (_, row) => [...table.words.subarray(row * table.wordsPerRow, row * table.wordsPerRow + 3), table.doubles[row * table.doublesPerRow + table.doublesAt]]);

describe('a table', () => {
  test('holds what a Map holds, in the order of insertion, over many doublings', () => {
    const table = new Table(SHAPE);
    const expected = new Map<string, number>();
    const next = seeded(7);
    for (let i = 0; i < 50_000; i++) {
      const key = [Math.floor(next() * 20_000), -5, 1];
      add(table, key, i);
      expected.set(key.join(), (expected.get(key.join()) ?? 0) + i);
    }
    expect(rowsOf(table).map(([a, b, c, sum]) => [`${a},${b},${c}`, sum])).toEqual([...expected]);
  });

  test('looks up many keys at once as one after the other, also those that come twice and those that are new', () => {
    const one = new Table(SHAPE);
    const many = new Table(SHAPE);
    const next = seeded(3);
    const rows = new Int32Array(1500);
    for (let round = 0; round < 20; round++) {
      const keys = Int32Array.from({ length: 3 * 1500 }, () => Math.floor(next() * 30));
      many.upsertAll(keys, 1500, rows);
      for (let i = 0; i < 1500; i++) expect(rows[i]).toBe(one.upsert(keys, 3 * i));
    }
    expect(many.words.subarray(0, 100)).toEqual(one.words.subarray(0, 100));
  });

  test('refuses a key that is one too many, and goes on with those it has', () => {
    const table = new Table({ ...SHAPE, maxRows: 2 });
    expect([1, 2, 3, 1].map((key) => add(table, [key, 0, 0], 1))).toEqual([0, 1, -1, 0]);
  });

  test('refuses in a batch the keys that are too many, and finds the others', () => {
    const table = new Table({ ...SHAPE, maxRows: 100 });
    const rows = new Int32Array(200);
    const keys = Int32Array.from({ length: 600 }, (_, word) => Math.floor(word / 3) % 150);
    table.upsertAll(keys, 200, rows);
    expect([...rows]).toEqual(Array.from({ length: 200 }, (_, i) => (i % 150 < 100 ? i % 150 : -1)));
    expect(table.entries).toBe(100);
  });

  test('takes keys that lie apart, as those of another table do', () => {
    const from = new Table(SHAPE);
    for (let i = 0; i < 3000; i++) add(from, [i % 7, i, -i], i);
    const to = new Table(SHAPE);
    const rows = new Int32Array(2000);
    to.upsertAll(from.words, 2000, rows, 1000 * from.wordsPerRow, from.wordsPerRow);
    expect([...rows]).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(rowsOf(to).map(([a, b, c]) => [a, b, c])).toEqual(rowsOf(from).slice(1000).map(([a, b, c]) => [a, b, c]));
  });

  test.each(['clear', 'empty'] as const)('after %s it holds what it is given then, whether more or less than before', (forget) => {
    const table = new Table(SHAPE);
    const pages = new Pages();
    for (const count of [3000, 2500, 100, 9000]) {
      for (let i = 0; i < count; i++) add(table, [i, count, 0], 1);
      expect(rowsOf(table)).toEqual(Array.from({ length: count }, (_, i) => [i, count, 0, 1]));
      expect(table.find(Int32Array.of(count - 1, count, 0))).toBe(count - 1);
      expect(table.find(Int32Array.of(count, count, 0))).toBe(-1);
      const restored = new Table(SHAPE);
      restored.restore(pages.take(table));
      expect(rowsOf(restored)).toEqual(rowsOf(table));
      table[forget]();
      expect(table.entries).toBe(0);
    }
  });

  test('takes the rows of another, which is empty then, and both are in the changelog', () => {
    const from = new Table(SHAPE);
    const to = new Table(SHAPE);
    for (let i = 0; i < 5000; i++) add(from, [i, 0, 0], i);
    const expected = rowsOf(from);
    const fromPages = new Pages().take(from);
    const toPages = new Pages().take(to);
    to.take(from);
    expect(from.entries).toBe(0);
    expect(rowsOf(to)).toEqual(expected);
    add(from, [1, 1, 1], 7);
    add(to, [3, 0, 0], 1);
    expected[3][3]++;
    const [restoredFrom, restoredTo] = [new Table(SHAPE), new Table(SHAPE)];
    restoredFrom.restore(fromPages.take(from));
    restoredTo.restore(toPages.take(to));
    expect(rowsOf(restoredFrom)).toEqual([[1, 1, 1, 7]]);
    expect(rowsOf(restoredTo)).toEqual(expected);
    expect(() => to.take(from)).toThrow('cannot take');
  });

  test('restored from its pages is the same, and a checkpoint after a change writes the changed page only', () => {
    const table = new Table(SHAPE);
    for (let i = 0; i < 10_000; i++) add(table, [i, i, i], i);
    const pages = new Pages().take(table);
    add(table, [5000, 5000, 5000], 1);
    pages.written = 0;
    pages.take(table);
    expect(pages.written).toBe(1);

    const restored = new Table(SHAPE);
    restored.restore(pages);
    expect(rowsOf(restored)).toEqual(rowsOf(table));
    expect(restored.find(Int32Array.of(77, 77, 77))).toBe(77);
    expect(new Pages().take(restored).size).toBe(0);
  });

  test('cleared takes its pages back from the changelog', () => {
    const table = new Table(SHAPE);
    for (let i = 0; i < 10_000; i++) add(table, [i, 0, 0], i);
    const pages = new Pages().take(table);
    expect(pages.size).toBeGreaterThan(5);
    table.clear();
    add(table, [1, 2, 3], 4);
    pages.take(table);
    expect(pages.size).toBe(1);
    const restored = new Table(SHAPE);
    restored.restore(pages);
    expect(rowsOf(restored)).toEqual([[1, 2, 3, 4]]);
  });

  test('refuses pages that are not all there', () => {
    const table = new Table(SHAPE);
    for (let i = 0; i < 10_000; i++) add(table, [i, 0, 0], i);
    const pages = new Pages().take(table);
    pages.set(0, pages.get(0)!.subarray(8));
    expect(() => new Table(SHAPE).restore(pages)).toThrow('page 0');
  });
});

describe('a table that ages', () => {
  const key = (n: number): Int32Array => Int32Array.of(n, 0, 0);
  const touch = (table: AgeingTable, n: number): { fresh: boolean; value: number } => {
    const rows = new Int32Array(1);
    const fresh = new Uint8Array(1);
    table.upsertAll(key(n), 1, rows, fresh);
    const cell = rows[0] * table.young.doublesPerRow + table.young.doublesAt;
    return { fresh: fresh[0] === 1, value: ++table.young.doubles[cell] };
  };

  test('keeps a key for its time after it was last touched, and not for twice that', () => {
    const table = new AgeingTable(SHAPE, 100);
    table.advance(1000);
    touch(table, 1);
    touch(table, 2);
    table.advance(1100);
    expect(touch(table, 1)).toEqual({ fresh: false, value: 2 });
    expect(table.has(key(2))).toBe(true);
    table.advance(1200);
    expect(table.has(key(2))).toBe(false);
    expect(touch(table, 1)).toEqual({ fresh: false, value: 3 });
    table.advance(1500);
    expect(touch(table, 1)).toEqual({ fresh: true, value: 1 });
  });

  test('looks up many keys at once as one after the other, in either generation or in none, also those that come twice', () => {
    const many = new AgeingTable(SHAPE, 100);
    const one = new AgeingTable(SHAPE, 100);
    const next = seeded(11);
    const rows = new Int32Array(300);
    const fresh = new Uint8Array(300);
    for (let round = 0; round < 40; round++) {
      const numbers = Array.from({ length: 300 }, () => Math.floor(next() * 2000));
      for (const table of [many, one]) table.advance(1000 + 30 * round);
      many.upsertAll(Int32Array.from(numbers.flatMap((n) => [n, 0, 0])), 300, rows, fresh);
      const { doubles, doublesPerRow, doublesAt } = many.young;
      const seen = numbers.map((_, i) => ({ fresh: fresh[i] === 1, value: ++doubles[rows[i] * doublesPerRow + doublesAt] }));
      expect(seen).toEqual(numbers.map((n) => touch(one, n)));
    }
    expect(rowsOf(many.young)).toEqual(rowsOf(one.young));
  });

  test('lets the oldest give way when it is full, and counts them', () => {
    const table = new AgeingTable({ ...SHAPE, maxRows: 10 }, 1e9);
    for (let n = 0; n < 25; n++) touch(table, n);
    expect(table.evicted).toBe(10);
    expect([5, 15, 24].map((n) => table.has(key(n)))).toEqual([false, true, true]);
  });
});
