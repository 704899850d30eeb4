import { LINE, roomFor } from './large';

const MIB = 2 ** 20;

describe('room for a table', () => {
  test.each([8, MIB - 8, MIB, 5 * MIB + 8])('of %i bytes is there in full, and zero', (bytes) => {
    const { buffer, offset } = roomFor(bytes);
    const words = new Int32Array(buffer, offset, bytes / 4);
    expect(words.length).toBe(bytes / 4);
    expect(words.every((word) => word === 0)).toBe(true);
  });

  test('can hold doubles where it begins', () => {
    for (let i = 0; i < 20; i++) {
      const { offset } = roomFor(MIB + 8 * i);
      expect(offset % 8).toBe(0);
      expect(offset).toBeLessThan(LINE);
    }
  });
});

const whenLinux = process.platform === 'linux' ? describe : describe.skip;
whenLinux('room for a large table (needs Linux)', () => {
  test('begins where a cache line does', () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const koffi = require('koffi') as { address(buffer: ArrayBuffer): bigint };
    for (let i = 0; i < 20; i++) {
      const { buffer, offset } = roomFor(MIB + 8 * i);
      expect((Number(koffi.address(buffer)) + offset) % LINE).toBe(0);
    }
  });
});
