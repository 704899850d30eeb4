import { crc32, tabled } from '../../../../infra/crc32';
import { decodeFrame, encodeFrame, isWhole, readFrameHeader } from './frame';

describe('a frame', () => {
  test('says what is in it before it is inflated', async () => {
    const frame = await encodeFrame([{ topic: 't', partition: 0, key: null, value: Buffer.from('a'), flows: 3 }, { topic: 't', partition: 1, key: null, value: null, flows: 4 }]);
    expect(readFrameHeader(frame)).toMatchObject({ size: frame.length, flows: 7, records: 2 });
    expect(await decodeFrame(frame)).toMatchObject([{ topic: 't', value: Buffer.from('a') }, { partition: 1, value: null }]);
  });

  test('is not whole with any bit turned, its counts included', async () => {
    const frame = await encodeFrame([{ topic: 't', partition: 0, key: Buffer.from('k'), value: Buffer.from('value'), flows: 1 }]);
    const header = readFrameHeader(frame)!;
    expect(isWhole(frame, header)).toBe(true);
    for (let bit = 8 * 12; bit < 8 * frame.length; bit++) {
      frame[bit >> 3] ^= 1 << (bit & 7);
      expect(isWhole(frame, header)).toBe(false);
      frame[bit >> 3] ^= 1 << (bit & 7);
    }
  });

  test('begins with a mark: zeros and noise are none', () => {
    expect(readFrameHeader(Buffer.alloc(100))).toBeNull();
    expect(readFrameHeader(Buffer.from('SWN1'.repeat(10)))).toBeNull();
  });
});

test('the checksum by table is that of zlib (check value of CRC-32: cbf43926)', () => {
  expect(tabled(Buffer.from('123456789'))).toBe(0xcbf4_3926);
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf4_3926);
});
