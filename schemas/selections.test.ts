import { join } from 'node:path';
import * as schemas from '.';
import { encodeFlowBatch, FlowBatchColumns, type FlowBatch } from '.';
import { schemaFiles } from './generate';
import { arraysOf, record, rowFields } from './generator/model';
import { RandomValues, seeded } from './random';
import { SELECTIONS } from './selections';

const PATH = 'flows/flow-batch.avsc';
const model = record(schemaFiles(join(__dirname, '..')).find(({ path }) => path === PATH)!.schema);
const row = arraysOf(model).find(({ field }) => field.name === 'flows')!.row;
const batch = (seed: number): Buffer => encodeFlowBatch(new RandomValues(seeded(seed), 40).record(model) as unknown as FlowBatch, 1);
type Columns = Record<string, ArrayLike<number>>;

const outcome = (columns: FlowBatchColumns, bytes: Buffer): string => {
  try {
    columns.decode(bytes);
    return `${columns.flows.length} rows`;
  } catch (error) {
    return (error as Error).message;
  }
};

describe.each(SELECTIONS[PATH])('the selection $name', ({ name, fields }) => {
  const made = new (schemas as unknown as Record<string, new () => FlowBatchColumns>)[`${name}BatchColumns`]();
  const whole = new FlowBatchColumns();

  test('has in its columns, and says of each row where it lies, what all columns have; the others are empty', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const bytes = batch(seed);
      whole.decode(bytes);
      made.decode(bytes);
      const { length } = whole.flows;
      expect(made.flows.length).toBe(length);
      expect([...made.flows.rowStart.subarray(0, length + 1)]).toEqual([...whole.flows.rowStart.subarray(0, length + 1)]);
      for (const field of rowFields(row)) {
        if (field.type.kind === 'part') continue;
        const { kind } = field.type;
        const column = (made.flows as unknown as Columns)[field.name];
        const entries = kind === 'ip' ? 16 * length : length;
        if (fields.includes(field.name)) expect([...Array.from(column).slice(0, entries)]).toEqual([...Array.from((whole.flows as unknown as Columns)[field.name]).slice(0, entries)]);
        else expect(column).toHaveLength(0);
      }
    }
  });

  test('refuses what all columns refuse, for the same reason, and nothing else', () => {
    const next = seeded(9);
    const values = Array.from({ length: 20 }, (_, seed) => batch(seed + 1));
    const outcomes = new Set<string>();
    for (let round = 0; round < 2000; round++) {
      const bytes = Buffer.from(values[round % values.length]);
      for (let change = 0; change < 3; change++) bytes[5 + Math.floor(next() * (bytes.length - 5))] = Math.floor(next() * 256);
      const expected = outcome(whole, bytes);
      outcomes.add(expected);
      expect(outcome(made, bytes)).toBe(expected);
    }
    expect(outcomes.size).toBeGreaterThan(20);
  });
});
