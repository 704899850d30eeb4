import { Partitioners } from 'kafkajs';
import { murmur2, partitionOf } from './partition';

/** Vectors of Apache Kafka's own UtilsTest.testMurmur2. */
const VECTORS: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('the partition of a key', () => {
  test.each(VECTORS)("murmur2 of '%s' is Kafka's", (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  test('is that of the partitioner of kafkajs, for keys of every length and any bytes', () => {
    const choose = Partitioners.DefaultPartitioner();
    let seed = 1;
    const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0);
    for (let length = 0; length < 200; length++) {
      const key = Buffer.from(Array.from({ length }, () => random() >>> 16));
      for (const partitions of [1, 3, 4, 12, 257]) {
        const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionErrorCode: 0, partitionId, leader: 0, replicas: [], isr: [] }));
        expect(partitionOf(key, partitions)).toBe(choose({ topic: 't', partitionMetadata, message: { key, value: null } }));
      }
    }
  });
});
