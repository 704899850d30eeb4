import { BatchMemory } from './batch-memory';

describe('the memory of batches', () => {
  test('is used again when it was given back, a part of it too', () => {
    const memory = new BatchMemory();
    const first = memory.take(100_000);
    memory.give(first.subarray(0, 10));
    const second = memory.take(120_000);
    expect(second.buffer).toBe(first.buffer);
    expect(second.length).toBe(120_000);
    expect(memory.take(120_000).buffer).not.toBe(first.buffer);
  });

  test('is not used twice at once, and is as long as was asked for', () => {
    const memory = new BatchMemory();
    for (const length of [0, 1, 65_536, 65_537, 3_000_000]) expect(memory.take(length).length).toBe(length);
    memory.give(memory.take(60_000));
    expect(memory.take(70_000).buffer.byteLength).toBeGreaterThanOrEqual(70_000);
  });

  test('is kept within a bound', () => {
    const memory = new BatchMemory();
    const blocks = Array.from({ length: 40 }, () => memory.take(1 << 20));
    for (const block of blocks) memory.give(block);
    const old = new Set(blocks.map(({ buffer }) => buffer));
    expect(Array.from({ length: 40 }, () => old.has(memory.take(1 << 20).buffer)).filter(Boolean)).toHaveLength(32);
  });
});
