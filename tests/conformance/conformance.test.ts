/** `npm run conformance` as a test: every capture of the collection beside the checkout, against what independent decoders made of it. */
import { available, entries } from './capture';
import { compareCapture } from './run';

const whenCaptures = available ? describe : describe.skip;

whenCaptures('conformance (needs the collection of captures)', () => {
  test.each(entries.map((entry) => [entry.file, entry] as const))('%s', (_, entry) => {
    const outcomes = compareCapture(entry);
    expect(outcomes.flatMap(({ different }) => different)).toEqual([]);
    expect(outcomes.reduce((sum, { fields }) => sum + fields, 0)).toBeGreaterThan(0);
  });
});
