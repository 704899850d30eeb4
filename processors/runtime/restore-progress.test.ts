import type { Logger } from 'pino';
import { RestoreProgress } from './restore-progress';
import type { WorkerMetrics } from './worker-metrics';

const told: Record<string, unknown>[] = [];
const measured: [string, ...number[]][] = [];
const logger = { info: (fields: Record<string, unknown>, text: string) => told.push({ ...fields, text }) } as unknown as Logger;
const metrics = { restoring: (share: number) => measured.push(['share', share]), restoreRead: (records: number, bytes: number) => measured.push(['read', records, bytes]) } as unknown as WorkerMetrics;
const record = (offset: number): never => ({ offset, key: Buffer.from('k'), value: Buffer.alloc(99) }) as never;

beforeEach(() => {
  told.length = 0;
  measured.length = 0;
});
afterEach(() => jest.restoreAllMocks());

describe('the progress of restoring', () => {
  test('is told in hundredths of the offsets to be read, gaps and what a copy spares among them', () => {
    const progress = new RestoreProgress('dedup', logger, metrics);
    expect(progress.text).toBe('restoring state 0 %');
    progress.spared(300);
    const read = progress.range(300, 400);
    expect(progress.text).toBe('restoring state 75 %');
    read(record(300));
    read(record(339));
    expect(progress.text).toBe('restoring state 85 %');
    progress.range(0, 400)(record(119));
    expect(progress.text).toBe('restoring state 57 %');
  });

  test('is not over before it is finished', () => {
    const progress = new RestoreProgress('dedup', logger, metrics);
    progress.range(0, 1)(record(0));
    expect(progress.text).toBe('restoring state 99 %');
    progress.finish(2);
    expect(told).toEqual([{ processor: 'dedup', partitions: 2, copies: 0, records: 1, bytes: 100, seconds: expect.any(Number) as number, text: 'state restored' }]);
    expect(measured).toEqual([['share', 0], ['share', 1], ['read', 1, 100]]);
  });

  test('has a line every five seconds', () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const progress = new RestoreProgress('dedup', logger, metrics);
    const read = progress.range(0, 1000);
    for (let offset = 0; offset < 256; offset++) read(record(offset));
    expect(told).toEqual([]);
    now.mockReturnValue(5000);
    for (let offset = 256; offset < 400; offset++) read(record(offset));
    expect(told).toEqual([{ processor: 'dedup', percent: 38, records: 384, bytes: 38_400, text: 'restoring state' }]);
    expect(measured).toEqual([['share', 0], ['share', 0.38]]);
  });

  test('of nothing is not told', () => {
    new RestoreProgress('dedup', logger, metrics).finish(3);
    expect(told).toEqual([]);
  });
});
