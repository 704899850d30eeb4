import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogRecord, OutgoingRecord } from '../log';
import type { EmbeddedLog } from './log';
import { embeddedLog } from './testing/open';

const hour = 3_600_000;
let path: string;
let log: EmbeddedLog;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'netweaver-log-'));
  log = embeddedLog(path);
});
afterEach(async () => {
  await log.close();
  rmSync(path, { recursive: true, force: true });
});

const write = async (...records: [key: string | null, value: string | Buffer | null][]): Promise<void> => {
  const producer = await log.producer('test');
  await producer.append(records.map(([key, value]): OutgoingRecord => ({ topic: 't', partition: 0, key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value) })));
};
const left = async (): Promise<LogRecord[]> => {
  const reader = await log.reader();
  const [{ begin, end }] = await reader.bounds('t');
  const records: LogRecord[] = [];
  for await (const record of reader.read({ topic: 't', partition: 0 }, begin, end)) records.push(record);
  return records;
};
const offsets = async (): Promise<number[]> => (await left()).map(({ offset }) => offset);

describe('housekeeping of the embedded log', () => {
  test('a topic that becomes compacted loses the records that have no key', async () => {
    await log.admin.createTopics([{ name: 't', partitions: 1, cleanup: 'delete' }]);
    await write(['a', '1'], [null, '2'], ['a', '3']);
    await log.admin.alterTopic({ name: 't', partitions: 1, cleanup: 'compact' });
    await log.maintain();
    expect(await offsets()).toEqual([2]);
  });

  test('a topic that is compacted no longer is retained over its gaps', async () => {
    await log.admin.createTopics([{ name: 't', partitions: 1, cleanup: 'compact' }]);
    await write(['a', '1'], ['a', '2'], ['b', null]);
    await log.maintain();
    await log.maintain(Date.now() + 25 * hour);
    expect(await offsets()).toEqual([1]);
    await log.admin.alterTopic({ name: 't', partitions: 1, cleanup: 'delete', retentionMs: hour });
    await log.maintain(Date.now() + 2 * hour);
    expect(await offsets()).toEqual([]);
    await write(['c', '3']);
    expect(await offsets()).toEqual([3]);
  });

  test('more than a slice is worked through, and the time index follows', async () => {
    await log.admin.createTopics([{ name: 't', partitions: 1, cleanup: 'delete', retentionBytes: 1_000_000 }]);
    for (let i = 0; i < 30; i++) await write(...Array.from({ length: 100 }, (): [null, Buffer] => [null, Buffer.alloc(10_000, i)]));
    await log.maintain();
    const kept = await offsets();
    expect(kept[kept.length - 1]).toBe(2999);
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept.length).toBeGreaterThanOrEqual(99);
    const reader = await log.reader();
    expect(await reader.offsetAt({ topic: 't', partition: 0 }, 0)).toBe(kept[0]);
  });

  test('a deleted topic gives its bytes back, and one of the same name begins anew', async () => {
    await log.admin.createTopics([{ name: 't', partitions: 1, cleanup: 'delete' }]);
    await write(['a', '1']);
    const member = await log.member({ group: 'g', instanceId: 'i', topics: ['t'], transactional: false });
    await member.poll(1, 0);
    await member.commit([{ topic: 't', partition: 0, next: 1 }]);
    await member.close();
    await log.admin.deleteTopic('t');
    await log.admin.createTopics([{ name: 't', partitions: 1, cleanup: 'delete' }]);
    await log.maintain();
    expect(await offsets()).toEqual([]);
    expect(await log.admin.committed('g', 't')).toEqual(new Map());
    await write(['b', '2']);
    expect((await left()).map(({ offset, value }) => [offset, String(value)])).toEqual([[0, '2']]);
  });

  test('runs by itself in its turn', async () => {
    await log.close();
    log = embeddedLog(path, { maintainEveryMs: 20 });
    await log.admin.createTopics([{ name: 't', partitions: 1, cleanup: 'compact' }]);
    await write(['a', '1'], ['a', '2']);
    for (const deadline = Date.now() + 20_000; (await offsets()).length > 1 && Date.now() < deadline; ) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await offsets()).toEqual([1]);
  });
});
