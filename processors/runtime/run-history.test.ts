import { hasCheckpoint, lastOf, RunHistory, type Runs } from './run-history';

/** A run after another that writes so many checkpoints. */
function run(before: Runs | undefined, checkpoints: number): Runs {
  const history = RunHistory.after(before);
  for (let i = 0; i < checkpoints; i++) history.checkpointed();
  return history.runs;
}

describe('the history of a changelog', () => {
  test('knows every checkpoint of its own runs, and none to come', () => {
    const first = run(undefined, 3);
    const second = run(first, 2);
    expect(second.checkpoint).toBe(5);
    expect([1, 2, 3, 4].map((checkpoint) => hasCheckpoint(second, { ...lastOf(first), checkpoint }))).toEqual([true, true, true, false]);
    expect([3, 4, 5, 6].map((checkpoint) => hasCheckpoint(second, { ...lastOf(second), checkpoint }))).toEqual([false, true, true, false]);
  });

  test('does not know the checkpoints of a changelog that went another way from the same beginning', () => {
    const first = run(undefined, 3);
    const [one, other] = [run(first, 2), run(first, 2)];
    expect(hasCheckpoint(other, lastOf(one))).toBe(false);
    expect(hasCheckpoint(run(other, 1), lastOf(one))).toBe(false);
    // Put back to where `first` was at its first checkpoint, and gone on from there.
    const back = run({ ...first, checkpoint: 1 }, 4);
    expect(hasCheckpoint(back, lastOf(first))).toBe(false);
    expect(hasCheckpoint(back, { ...lastOf(first), checkpoint: 1 })).toBe(true);
  });

  test('forgets runs that wrote nothing, and those of long ago', () => {
    const first = run(undefined, 1);
    let later = first;
    for (let i = 0; i < 100; i++) later = run(later, 0);
    expect(later.runs).toHaveLength(2);
    expect(hasCheckpoint(later, lastOf(first))).toBe(true);
    for (let i = 0; i < 16; i++) later = run(later, 1);
    expect(later.runs).toHaveLength(16);
    expect(hasCheckpoint(later, lastOf(first))).toBe(false);
  });
});
