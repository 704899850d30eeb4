/** A slice of `npm run fuzz`: datagrams mutated by their structure, with every feature on. */
import { fuzz } from './fuzz';
import { allSeeds } from './seeds';

const DATAGRAMS = 40_000;

test(`${DATAGRAMS} datagrams: nothing is thrown, memory is bounded, each is clean, counted with its faults, or left out`, () => {
  const { datagrams, clean, faulty, thinnedOut, flows, faults, largestBatch, templateBytes, operations } = fuzz({ datagrams: DATAGRAMS, seed: 7, seeds: allSeeds(), readBack: 5 });
  expect(datagrams).toBe(DATAGRAMS);
  expect(clean + faulty + thinnedOut).toBe(DATAGRAMS);
  expect(Object.values(faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(faulty);
  // It gets past the first checks, and is wrong often enough.
  expect([clean > DATAGRAMS / 20, faulty > DATAGRAMS / 20, flows > DATAGRAMS]).toEqual([true, true, true]);
  for (const [operation, count] of Object.entries(operations)) expect([operation, count > DATAGRAMS / 200]).toEqual([operation, true]);
  expect(largestBatch).toBeLessThan(8 << 20);
  expect(templateBytes).toBeLessThanOrEqual(1 << 23);
});
