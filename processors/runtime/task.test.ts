import { section, whole } from '../../infra/config/section';
import { NetWeaverError } from '../../infra/errors';
import { LATE_RECORDS } from '../../schemas';
import { DEAD_LETTERS, FLOWS_RAW, LATE, type Topic } from '../../topics';
import { Driver } from './driver';
import type { Processor, ProcessorTask } from './processor';
import { Cells } from './state/cells';

const settings = section('sums', 'For this test.', { failAt: whole({ doc: 'Number on which the step fails.', default: -1, min: -1, max: 1000 }) });
const SUMS: Topic = { ...LATE, name: 'sums', record: LATE_RECORDS, partitions: 'flowPartitions' };

/** Adds up the numbers that it is given and emits the sum so far. It fails in the middle of its step, with the state already changed. */
const sums: Processor<typeof settings> = {
  name: 'sums',
  doc: '',
  delivery: 'exactly once',
  input: FLOWS_RAW,
  outputs: [SUMS],
  section: settings,
  windows: () => [],
  create({ failAt }): ProcessorTask {
    const sum = new Cells('sum', 1);
    let given = 0;
    return {
      stores: [sum],
      decode(value) {
        given = Number(value);
        if (Number.isNaN(given)) throw new NetWeaverError('NW_SCHEMA_MALFORMED', 'not a number');
      },
      step(context) {
        sum.set(0, sum.values[0] + given);
        context.emit(SUMS, context.partition, null, Buffer.from(String(sum.values[0])), { timeMs: 1000 });
        if (given === failAt) throw new Error('the step failed');
      },
      due: () => (sum.values[0] > 100 ? 5000 : Infinity),
      silence(timeMs, context) {
        context.emit(SUMS, context.partition, null, Buffer.from(`silent at ${timeMs} with ${sum.values[0]}`));
        sum.set(0, 0);
      },
    };
  },
};

const number = (n: number): Buffer => Buffer.from(String(n));
const sent = (driver: Driver<typeof settings>): string[] => driver.outputs.filter(({ topic }) => topic === SUMS).map(({ value }) => String(value));

describe('a task', () => {
  test('does not hold a record to blame for a log that takes nothing', () => {
    const fenced = new NetWeaverError('NW_LOG_FENCED', 'another goes on');
    const driver = new Driver(sums);
    const refusing = { append: () => { throw fenced; } };
    const record = { topic: 'flows.raw', partition: 0, offset: 0, timestampMs: 1, key: null, value: number(1), headers: {} };
    expect(() => driver.task(0).process(record, refusing)).toThrow(fenced);
  });

  test('emits with ids that derive from the input, and says what caused them', () => {
    const driver = new Driver(sums);
    driver.feed(number(1), { partition: 2, timestampMs: 7 });
    driver.commit();
    expect(driver.outputs).toEqual([
      {
        topic: SUMS, partition: 2, key: null, value: number(1), timestampMs: 7,
        headers: { ce_specversion: '1.0', ce_id: 'sums/2/0-0', ce_source: '/netweaver/sums/2', ce_type: 'netweaver.system.LateRecords', ce_time: '1970-01-01T00:00:01.000Z', causes: 'flows.raw/2/0-0 config=driver' },
      },
    ]);
  });

  test('steps over what was driven again for another component', () => {
    const driver = new Driver(sums);
    driver.feed(number(1), { headers: { redriven_for: 'others' } });
    driver.feed(number(2), { headers: { redriven_for: 'sums' } });
    driver.commit();
    expect(sent(driver)).toEqual(['2']);
    driver.restart();
    expect(driver.feed(number(3))).toBe(2);
    driver.commit();
    expect(sent(driver)).toEqual(['2', '5']);
  });

  test('sends what it cannot decode to dead-letters, and goes on', () => {
    const driver = new Driver(sums);
    for (const value of [number(1), Buffer.from('x'), null, number(2)]) driver.feed(value, { timestampMs: 9 });
    driver.commit();
    expect(sent(driver)).toEqual(['1', '3']);
    expect(driver.values(DEAD_LETTERS)).toMatchObject([
      { component: 'sums', sourceTopic: 'flows.raw', sourcePartition: 0, sourceOffset: 1, code: 'NW_SCHEMA_MALFORMED', message: 'not a number', time: 9, value: Buffer.from('x') },
      { sourceOffset: 2, value: null },
    ]);
  });

  test('sends a record too large for a dead letter there without its bytes', () => {
    const driver = new Driver(sums);
    driver.feed(Buffer.alloc(1_100_000, 'x'));
    driver.commit();
    expect(driver.values(DEAD_LETTERS)).toMatchObject([{ value: null, message: 'not a number Its 1100000 bytes do not fit a dead letter; they are at its source.' }]);
  });

  test('undoes a step that fails half way, sends its record to dead-letters, and goes on as if it had never been', () => {
    const driver = new Driver(sums, { failAt: 5 });
    for (const n of [1, 2]) driver.feed(number(n));
    driver.commit();
    for (const n of [3, 5, 4]) driver.feed(number(n));
    driver.commit(false);
    driver.restart();
    driver.feed(number(10));
    driver.commit();
    expect(sent(driver)).toEqual(['1', '3', '6', '10', '20']);
    expect(driver.values(DEAD_LETTERS)).toMatchObject([{ sourceOffset: 3, code: 'NW_PROCESSOR_FAILED', message: 'the step failed', value: number(5) }]);
  });

  test('comes back from a checkpoint and the input since, with nothing sent twice', () => {
    const driver = new Driver(sums);
    driver.feed(number(1));
    driver.commit(true);
    driver.feed(number(2));
    driver.commit(false);
    driver.feed(number(3));
    driver.restart();
    driver.feed(number(4));
    driver.commit(false);
    expect(sent(driver)).toEqual(['1', '3', '6', '10']);
  });

  test('acts on silence when something is due, and remembers that it did', () => {
    const driver = new Driver(sums);
    driver.feed(number(101));
    driver.commit();
    driver.silence(4999);
    driver.silence(5000);
    driver.commit(false);
    driver.restart();
    driver.silence(6000);
    driver.feed(number(1));
    driver.commit();
    expect(sent(driver)).toEqual(['101', 'silent at 5000 with 101', '1']);
  });

  test('keeps its changelog as large as its state', () => {
    const driver = new Driver(sums);
    for (let n = 0; n < 100; n++) {
      driver.feed(number(n));
      driver.commit();
    }
    expect([...driver.changelog.get(0)!.keys()].sort()).toEqual(['head', 'sum/0']);
  });

  test('refuses the state of another shape', () => {
    const driver = new Driver(sums);
    driver.feed(number(1));
    driver.commit();
    driver.changelog.get(0)!.set('head', Buffer.from(JSON.stringify({ next: 1, checkpoint: 1, shapes: { sum: 'cells 2' } })));
    expect(() => driver.restart()).toThrow(expect.objectContaining({ code: 'NW_STATE_UNUSABLE' }));
  });
});
