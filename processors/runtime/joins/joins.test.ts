import { section } from '../../../infra/config/section';
import { DEAD_LETTERS, LATE, TURNS, type Topic } from '../../../topics';
import { Driver } from '../driver';
import type { Processor, ProcessorTask } from '../processor';
import { JoinTable, type JoinTableOptions } from './join-table';
import { joinTables, type JoinKind } from './table-join';

const settings = section('joined', 'For this test.', {});
const topic = (name: string, cleanup: Topic['cleanup']): Topic => ({ ...LATE, name, partitions: 'flowPartitions', cleanup });
const ORDERS = topic('orders', 'delete');
const PRICES = topic('prices', 'compact');
const STOCKS = topic('stocks', 'compact');
const RESULTS = topic('results', 'delete');

const common = { doc: '', delivery: 'exactly once', outputs: [RESULTS], section: settings, windows: () => [] } as const;
const refuseX = (value: Buffer): Buffer => {
  if (value.toString() === 'x') throw new Error('x is no value');
  return value;
};

/** `<order>@<price>`, or `<order>@-`. */
const priced = (options: Partial<JoinTableOptions> = {}): Processor<typeof settings> => ({
  ...common,
  name: 'priced',
  input: ORDERS,
  tables: [PRICES],
  create(): ProcessorTask {
    const prices = new JoinTable({ name: 'prices', topic: PRICES, maxBytes: 4 * 32_768, keep: refuseX, ...options });
    let order = '';
    let key: Buffer = Buffer.alloc(0);
    return {
      stores: [prices.store],
      tables: [prices.steps()],
      decode(value, of) {
        order = value.toString();
        key = of!;
      },
      step(context) {
        const price = prices.get(key);
        context.emit(RESULTS, context.partition, key, Buffer.from(`${order}@${price?.toString() ?? '-'}`), price === null ? {} : { joined: prices.causes() });
      },
    };
  },
});

/** `<price>x<stock>`, - for what is missing. */
const valued = (kind: JoinKind): Processor<typeof settings> => ({
  ...common,
  name: 'valued',
  input: PRICES,
  tables: [STOCKS],
  create(): ProcessorTask {
    const prices = new JoinTable({ name: 'prices', topic: PRICES, maxBytes: 2 ** 20 });
    const stocks = new JoinTable({ name: 'stocks', topic: STOCKS, maxBytes: 2 ** 20 });
    const { left, right } = joinTables(kind, prices, stocks, (key, result, context, joined) => {
      const text = (side: Buffer | null): string => side?.toString() ?? '-';
      context.emit(RESULTS, context.partition, Buffer.from(key), Buffer.from(result === null ? 'gone' : `${text(result.left)}x${text(result.right)}`), { joined });
    });
    return { stores: [prices.store, stocks.store], ...left, tables: [right] };
  },
});

const bytes = (text: string): Buffer => Buffer.from(text);
const results = (driver: Driver<typeof settings>): string[] => driver.outputs.filter(({ topic: of }) => of === RESULTS).map(({ key, value }) => `${String(key)}: ${String(value)}`);

describe('a stream joined with a table', () => {
  test('meets the table as it stands, and nothing where it says nothing', () => {
    const driver = new Driver(priced());
    driver.feed(bytes('first'), { key: bytes('tea') });
    driver.feedTable(PRICES, bytes('tea'), bytes('3'));
    driver.feed(bytes('second'), { key: bytes('tea') });
    driver.feedTable(PRICES, bytes('tea'), bytes('4'));
    driver.feed(bytes('third'), { key: bytes('tea') });
    driver.feedTable(PRICES, bytes('tea'), null);
    driver.feed(bytes('fourth'), { key: bytes('tea') });
    driver.feed(bytes('fifth'), { key: bytes('coffee') });
    driver.commit();
    expect(results(driver)).toEqual(['tea: first@-', 'tea: second@3', 'tea: third@4', 'tea: fourth@-', 'coffee: fifth@-']);
  });

  test('says of each result which records of both it came from', () => {
    const driver = new Driver(priced());
    driver.feedTable(PRICES, bytes('coffee'), bytes('5'), { partition: 1 });
    driver.feedTable(PRICES, bytes('tea'), bytes('3'), { partition: 1 });
    driver.feed(bytes('order'), { key: bytes('tea'), partition: 1 });
    driver.commit();
    expect(driver.outputs[0].headers.causes).toBe('orders/1/0-0 prices/1/1-1 config=driver');
  });

  test('partitions do not meet', () => {
    const driver = new Driver(priced());
    driver.feedTable(PRICES, bytes('tea'), bytes('3'), { partition: 1 });
    driver.feed(bytes('order'), { key: bytes('tea'), partition: 2 });
    driver.commit();
    expect(results(driver)).toEqual(['tea: order@-']);
  });

  test('a record of the table that is malformed or does not fit goes to dead-letters and changes nothing', () => {
    const driver = new Driver(priced());
    driver.feedTable(PRICES, bytes('tea'), bytes('3'));
    driver.feedTable(PRICES, bytes('tea'), bytes('x'));
    driver.feedTable(PRICES, bytes('tea'), Buffer.alloc(200_000, 'y'));
    driver.feed(bytes('order'), { key: bytes('tea') });
    driver.commit();
    expect(results(driver)).toEqual(['tea: order@3']);
    expect(driver.values(DEAD_LETTERS)).toMatchObject([
      { sourceTopic: 'prices', sourceOffset: 1, code: 'NW_PROCESSOR_FAILED', message: 'x is no value' },
      { sourceTopic: 'prices', sourceOffset: 2, code: 'NW_STATE_FULL' },
    ]);
  });

  test('comes back from a restart with the same table, whether that was committed or not', () => {
    const driver = new Driver(priced());
    driver.feedTable(PRICES, bytes('tea'), bytes('3'));
    driver.feed(bytes('first'), { key: bytes('tea') });
    driver.commit(false);
    driver.feedTable(PRICES, bytes('tea'), bytes('4'));
    driver.feed(bytes('second'), { key: bytes('tea') });
    driver.restart();
    driver.feed(bytes('third'), { key: bytes('tea') });
    driver.commit();
    expect(results(driver)).toEqual(['tea: first@3', 'tea: second@4', 'tea: third@4']);
  });

  test('puts on the log in which order the two were read, once a commit', () => {
    const driver = new Driver(priced());
    driver.feedTable(PRICES, bytes('tea'), bytes('1'));
    driver.feedTable(PRICES, bytes('tea'), bytes('2'));
    driver.feed(bytes('a'), { key: bytes('tea') });
    driver.feed(bytes('b'), { key: bytes('tea') });
    driver.feedTable(PRICES, bytes('tea'), bytes('3'));
    driver.commit();
    driver.feed(bytes('c'), { key: bytes('tea') });
    driver.commit();
    expect(driver.values(TURNS)).toEqual([
      {
        component: 'priced', sourceTopic: 'orders', sourcePartition: 0,
        turns: [
          { sourceOffset: 0, table: 'prices', next: 2, records: 2, silentUntil: 0 },
          { sourceOffset: 2, table: 'prices', next: 3, records: 1, silentUntil: 0 },
        ],
      },
    ]);
  });
});

describe('two tables joined', () => {
  type Change = readonly ['price' | 'stock', string | null];
  const CHANGES: readonly Change[] = [['stock', '7'], ['price', '3'], ['price', '4'], ['stock', null], ['price', null], ['price', null], ['price', '5'], ['stock', '8'], ['price', null], ['stock', null]];
  const after = (kind: JoinKind, restartAfter = -1): Driver<typeof settings> => {
    const driver = new Driver(valued(kind));
    CHANGES.forEach(([side, value], i) => {
      if (side === 'price') driver.feed(value === null ? null : bytes(value), { key: bytes('tea') });
      else driver.feedTable(STOCKS, bytes('tea'), value === null ? null : bytes(value));
      if (i === restartAfter) driver.restart();
      if (i % 3 === 0) driver.commit(false);
    });
    driver.commit(false);
    return driver;
  };

  test.each<[JoinKind, string[]]>([
    ['inner', ['3x7', '4x7', 'gone', '5x8', 'gone']],
    ['left', ['3x7', '4x7', '4x-', 'gone', '5x-', '5x8', 'gone']],
    ['outer', ['-x7', '3x7', '4x7', '4x-', 'gone', '5x-', '5x8', '-x8', 'gone']],
  ])('%s: a result on every change of either, gone when there is none any more', (kind, expected) => {
    expect(results(after(kind))).toEqual(expected.map((value) => `tea: ${value}`));
  });

  test('the results name the records of both sides', () => {
    const [first, , third] = after('outer').outputs.filter(({ topic: of }) => of === RESULTS);
    expect(first.headers).toMatchObject({ ce_id: 'valued/0/0-t1.0-0', causes: 'stocks/0/0-0 config=driver' });
    expect(third.headers).toMatchObject({ ce_id: 'valued/0/1-0', causes: 'prices/0/1-1 stocks/0/0-0 config=driver' });
  });

  test.each(CHANGES.map((_, i) => i))('are the same with a restart after change %i, byte for byte', (i) => {
    const events = (driver: Driver<typeof settings>): unknown => driver.outputs.filter(({ topic: of }) => of === RESULTS).map(({ value, headers }) => [String(value), headers]);
    expect(events(after('outer', i))).toEqual(events(after('outer')));
  });
});
