/**
 * The behaviour that both logs are tested for, as one suite. `embedded/log.test.ts` and `kafka/log.test.ts` run it; what only
 * one of them has is tested beside it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, NetWeaverError } from '../errors';
import { placeOf } from './log';
import type { GroupMember, Log, LogRecord, LogTail, MemberOptions, OutgoingRecord, Position, TopicPartition, TopicSettings } from './log';

/** What the suite needs to know of a log. */
export interface Subject {
  /** Opens another connection to the same log, as another thread or process would. */
  open(): Promise<Log>;
  /** Applies retention and compaction as far as they are due at this clock time; null where that takes the log longer than a test may. */
  readonly maintain: ((log: Log, nowMs: number) => Promise<void>) | null;
}

const bytes = (text: string): Buffer => Buffer.from(text);
const textOf = ({ value }: LogRecord): string => String(value);

/** Runs the suite. */
export function logContract(subject: Subject): void {
  const suffix = Date.now().toString(36);
  let log: Log;
  let counter = 0;
  const closing: { close(): Promise<void> }[] = [];

  const closesAfter = <T extends { close(): Promise<void> }>(thing: T): T => {
    closing.push(thing);
    return thing;
  };
  const uniqueName = (what: string): string => `test.${what}-${suffix}-${++counter}`;
  const makeTopic = async (settings: Partial<TopicSettings> = {}): Promise<string> => {
    const name = uniqueName('topic');
    await log.admin.createTopics([{ name, partitions: 1, cleanup: 'delete', retentionMs: -1, ...settings }]);
    return name;
  };
  const append = async (...records: OutgoingRecord[]): Promise<void> => {
    const producer = await log.producer('test');
    await producer.append(records);
    await producer.close();
  };
  const out = (topic: string, value: string | null, more: Partial<OutgoingRecord> = {}): OutgoingRecord => ({ topic, partition: 0, key: null, value: value === null ? null : bytes(value), ...more });
  const join = async (options: Partial<MemberOptions> & Pick<MemberOptions, 'topics'>, from: Log = log): Promise<GroupMember> =>
    closesAfter(await from.member({ group: uniqueName('group'), instanceId: 'one', transactional: true, ...options }));
  /** Polls until `count` records came, or ten seconds passed. */
  const take = async (member: GroupMember, count: number): Promise<LogRecord[]> => {
    const records: LogRecord[] = [];
    for (const deadline = Date.now() + 20_000; records.length < count && Date.now() < deadline; ) records.push(...(await member.poll(count - records.length, 250)));
    return records;
  };
  const readAll = async (topic: string, partition = 0): Promise<LogRecord[]> => {
    const reader = await log.reader();
    const { begin, end } = (await reader.bounds(topic))[partition];
    const records: LogRecord[] = [];
    for await (const record of reader.read({ topic, partition }, begin, end)) records.push(record);
    await reader.close();
    return records;
  };
  const codeOf = async (work: Promise<unknown>): Promise<unknown> => work.then(() => 'no error', (error) => error.code ?? error);

  beforeAll(async () => {
    log = await subject.open();
  });
  afterEach(async () => {
    for (const thing of closing.splice(0).reverse()) await thing.close();
  });
  afterAll(async () => {
    await log.close();
  });

  describe('administration', () => {
    test('creates what is missing and leaves alone what is there', async () => {
      const name = await makeTopic({ partitions: 3, retentionMs: 3_600_000 });
      const other = uniqueName('topic');
      await expect(log.admin.createTopics([{ name, partitions: 5, cleanup: 'compact' }, { name: other, partitions: 1, cleanup: 'compact' }])).resolves.toEqual([other]);
      const topics = await log.admin.listTopics();
      expect(topics.find((topic) => topic.name === name)).toMatchObject({ partitions: 3, cleanup: 'delete', retentionMs: 3_600_000 });
      expect(topics.find((topic) => topic.name === other)).toMatchObject({ partitions: 1, cleanup: 'compact' });
    });

    test('alters retention and adds partitions, and never takes them away', async () => {
      const name = await makeTopic({ partitions: 2 });
      await log.admin.alterTopic({ name, partitions: 4, cleanup: 'delete', retentionMs: 60_000, retentionBytes: 1_000_000 });
      expect((await log.admin.listTopics()).find((topic) => topic.name === name)).toMatchObject({ partitions: 4, retentionMs: 60_000, retentionBytes: 1_000_000 });
      expect(await codeOf(log.admin.alterTopic({ name, partitions: 3, cleanup: 'delete' }))).toBe('NW_TOPIC_SHRINK');
    });

    test('a deleted topic is missing', async () => {
      const name = await makeTopic();
      await log.admin.deleteTopic(name);
      expect((await log.admin.listTopics()).map((topic) => topic.name)).not.toContain(name);
      expect(await codeOf(append(out(name, 'a')))).toBe('NW_TOPIC_MISSING');
    });
  });

  describe('append and read', () => {
    test('keeps the order within a partition, whoever waits for what', async () => {
      const topic = await makeTopic({ partitions: 2 });
      const producer = closesAfter(await log.producer('test'));
      const appends: Promise<void>[] = [];
      for (let i = 0; i < 200; i++) appends.push(producer.append([out(topic, `even ${i}`), out(topic, `odd ${i}`, { partition: 1 })]));
      await Promise.all(appends);
      expect((await readAll(topic, 0)).map(textOf)).toEqual(Array.from({ length: 200 }, (_, i) => `even ${i}`));
      expect((await readAll(topic, 1)).map(textOf)).toEqual(Array.from({ length: 200 }, (_, i) => `odd ${i}`));
    });

    test('gives back key, value, headers and time as they were written', async () => {
      const topic = await makeTopic();
      const value = Buffer.from(Uint8Array.from({ length: 250_000 }, (_, i) => i * 31));
      await append(
        { topic, partition: 0, key: bytes('käy'), value, timestampMs: 1_234_567_890_123, headers: { ce_type: 'ü.type', traceparent: '00-1-2-01' } },
        { topic, partition: 0, key: null, value: null },
        { topic, partition: 0, key: Buffer.alloc(0), value: Buffer.alloc(0) },
      );
      const [full, none, empty] = await readAll(topic);
      expect(full).toMatchObject({ topic, partition: 0, offset: 0, timestampMs: 1_234_567_890_123, headers: { ce_type: 'ü.type', traceparent: '00-1-2-01' } });
      expect(String(full.key)).toBe('käy');
      expect(full.value?.equals(value)).toBe(true);
      expect(none).toMatchObject({ key: null, value: null, headers: {} });
      expect(Math.abs(none.timestampMs - Date.now())).toBeLessThan(600_000);
      expect(empty).toMatchObject({ key: null, value: null });
    });

    test('buffers handed over may be used again at once', async () => {
      const topic = await makeTopic();
      const producer = closesAfter(await log.producer('test'));
      const value = bytes('first');
      const first = producer.append([{ topic, partition: 0, key: null, value }]);
      value.write('XXXXX');
      await first;
      expect((await readAll(topic)).map(textOf)).toEqual(['first']);
    });

    test('a record to a place that does not exist is refused with everything appended beside it', async () => {
      const topic = await makeTopic();
      expect(await codeOf(append(out(topic, 'good'), out(uniqueName('nowhere'), 'a')))).toBe('NW_TOPIC_MISSING');
      expect(await codeOf(append(out(topic, 'good'), out(topic, 'a', { partition: 7 })))).toBe('NW_LOG_REJECTED');
      expect(await readAll(topic)).toEqual([]);
    });

    test('pending bytes rise with what is handed over and return to nothing', async () => {
      const topic = await makeTopic();
      const producer = closesAfter(await log.producer('test'));
      const appends = Array.from({ length: 20 }, () => producer.append([{ topic, partition: 0, key: null, value: Buffer.alloc(50_000) }]));
      expect(producer.pendingBytes).toBeGreaterThanOrEqual(1_000_000);
      await Promise.all(appends);
      expect(producer.pendingBytes).toBe(0);
    });

    test('flush waits for what was appended', async () => {
      const topic = await makeTopic();
      const producer = closesAfter(await log.producer('test'));
      const appended = producer.append([out(topic, 'a')]);
      await producer.flush();
      expect((await readAll(topic)).map(textOf)).toEqual(['a']);
      await appended;
    });
  });

  describe('reader', () => {
    test('tells the bounds of the partitions that are asked for', async () => {
      const topic = await makeTopic({ partitions: 3 });
      await append(out(topic, 'a', { partition: 2 }), out(topic, 'b', { partition: 1 }), out(topic, 'c', { partition: 2 }));
      const reader = closesAfter(await log.reader());
      expect(await reader.bounds(topic, [2, 0])).toEqual([{ partition: 2, begin: 0, end: 2 }, { partition: 0, begin: 0, end: 0 }]);
    });

    test('reads between bounds, the end left out, and ends there', async () => {
      const topic = await makeTopic();
      await append(...['a', 'b', 'c', 'd'].map((value) => out(topic, value)));
      const reader = closesAfter(await log.reader());
      expect(await reader.bounds(topic)).toEqual([{ partition: 0, begin: 0, end: 4 }]);
      const values: string[] = [];
      for await (const record of reader.read({ topic, partition: 0 }, 1, 3)) values.push(textOf(record));
      expect(values).toEqual(['b', 'c']);
      for await (const record of reader.read({ topic, partition: 0 }, 3, 1000)) values.push(textOf(record));
      expect(values).toEqual(['b', 'c', 'd']);
    });

    test('finds the first offset at or after a time, the end where there is none', async () => {
      const topic = await makeTopic();
      await append(...[1000, 5000, 4000, 9000, 9500].map((timestampMs) => out(topic, 'x', { timestampMs })));
      const reader = closesAfter(await log.reader());
      const found: number[] = [];
      for (const time of [0, 1000, 1001, 4500, 5001, 9001, 9501]) found.push(await reader.offsetAt({ topic, partition: 0 }, time));
      expect(found).toEqual([0, 0, 1, 1, 3, 4, 5]);
    });

    test('follows from the end, or from where it is told, until it is stopped', async () => {
      const topic = await makeTopic({ partitions: 2 });
      await append(out(topic, 'old'));
      const reader = closesAfter(await log.reader());
      const stop = new AbortController();
      const seen: string[] = [];
      const following = (async () => {
        for await (const record of reader.follow(topic, stop.signal, new Map([[0, 0]]))) {
          seen.push(textOf(record));
          if (seen.length === 3) stop.abort();
        }
      })();
      while (seen.length < 1) await new Promise((resolve) => setTimeout(resolve, 20));
      await append(out(topic, 'new'));
      while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      await append(out(topic, 'other', { partition: 1 }));
      await following;
      expect(seen).toEqual(['old', 'new', 'other']);
    });
  });

  describe('tail', () => {
    /** Polls until `count` records came and everything up to `end` is known to be read. */
    const drain = async (tail: LogTail, count: number, at: TopicPartition, end: number): Promise<LogRecord[]> => {
      const records: LogRecord[] = [];
      for (const deadline = Date.now() + 20_000; (records.length < count || tail.position(at) < end) && Date.now() < deadline; await sleep(5)) records.push(...(await tail.poll(2)));
      return records;
    };

    test('follows the partitions that it is given from the offsets that it is given, and no others', async () => {
      const topic = await makeTopic({ partitions: 3 });
      await append(...['a', 'b', 'c'].map((value) => out(topic, value)), out(topic, 'x', { partition: 1 }), out(topic, 'y', { partition: 2 }));
      const tail = closesAfter(await log.tail());
      expect(await tail.poll(10)).toEqual([]);
      const [first, second] = [{ topic, partition: 0 }, { topic, partition: 1 }];
      await tail.assign([{ ...first, next: 1 }]);
      expect((await drain(tail, 2, first, 3)).map(textOf)).toEqual(['b', 'c']);
      await append(out(topic, 'd'));
      expect((await drain(tail, 1, first, 4)).map(textOf)).toEqual(['d']);
      await tail.assign([{ ...first, next: 3 }, { ...second, next: 0 }]);
      const again = await drain(tail, 2, second, 1);
      if (tail.position(first) < 4) again.push(...(await drain(tail, 1, first, 4)));
      expect(again.map(textOf).sort()).toEqual(['d', 'x']);
      await tail.assign([]);
      expect(await tail.poll(10)).toEqual([]);
      expect(() => tail.position(first)).toThrow('not assigned');
    });

    test('says how many records lie between its position and the end', async () => {
      const topic = await makeTopic();
      const at = { topic, partition: 0 };
      const lag = (tail: LogTail): number | undefined => tail.lag().get(placeOf(at));
      await append(...Array.from({ length: 300 }, (_, i) => out(topic, String(i))));
      const tail = closesAfter(await log.tail());
      expect(lag(tail)).toBeUndefined();
      await tail.assign([{ ...at, next: 100 }]);
      const first = await drain(tail, 1, at, 101);
      expect(lag(tail)).toBe(200 - first.length);
      await drain(tail, 200 - first.length, at, 300);
      expect(lag(tail)).toBe(0);
    });

    test('hands out every record where it reaches the end with them', async () => {
      const topic = await makeTopic();
      const at = { topic, partition: 0 };
      await append(...Array.from({ length: 300 }, (_, i) => out(topic, String(i))));
      const tail = closesAfter(await log.tail());
      await tail.assign([{ ...at, next: 0 }]);
      const records: LogRecord[] = [];
      for (const deadline = Date.now() + 20_000; tail.position(at) < 300 && Date.now() < deadline; await sleep(100)) records.push(...(await tail.poll(10_000)));
      expect(records.map(textOf)).toEqual(Array.from({ length: 300 }, (_, i) => String(i)));
    });

    test('hands out what is committed, and its position passes what is not', async () => {
      const [input, topic] = [await makeTopic(), await makeTopic()];
      const member = await join({ topics: [input] });
      while (member.assignment().length === 0) await member.poll(1, 100);
      const tail = closesAfter(await log.tail());
      const at = { topic, partition: 0 };
      await tail.assign([{ ...at, next: 0 }]);
      const failed = member.begin();
      failed.append(out(topic, 'never'));
      await failed.abort();
      const transaction = member.begin();
      transaction.append(out(topic, 'committed'));
      await transaction.commit([]);
      const reader = closesAfter(await log.reader());
      const [{ end }] = await reader.bounds(topic);
      expect((await drain(tail, 1, at, end)).map(textOf)).toEqual(['committed']);
      expect(tail.position(at)).toBe(end);
    });
  });

  describe('group', () => {
    test('a new group starts at the earliest record, or at the latest where told', async () => {
      const topic = await makeTopic();
      await append(out(topic, 'before'));
      const early = await join({ topics: [topic] });
      const late = await join({ topics: [topic], startAt: 'latest' });
      expect(await late.poll(10, 200)).toEqual([]);
      while (late.assignment().length === 0) expect(await late.poll(10, 100)).toEqual([]);
      await late.poll(10, 500);
      await append(out(topic, 'after'));
      expect((await take(early, 2)).map(textOf)).toEqual(['before', 'after']);
      expect((await take(late, 1)).map(textOf)).toEqual(['after']);
    });

    test('goes on from the committed position when opened again', async () => {
      const topic = await makeTopic();
      const group = uniqueName('group');
      await append(...['a', 'b', 'c'].map((value) => out(topic, value)));
      const first = await log.member({ group, instanceId: 'one', topics: [topic], transactional: false });
      const [a, b] = await take(first, 2);
      expect([textOf(a), textOf(b)]).toEqual(['a', 'b']);
      await first.commit([{ topic, partition: 0, next: a.offset + 1 }]);
      await first.close();
      expect(await log.admin.committed(group, topic)).toEqual(new Map([[0, 1]]));
      const again = await join({ group, topics: [topic], transactional: false });
      expect((await take(again, 2)).map(textOf)).toEqual(['b', 'c']);
    });

    test('onAssign names the partitions before their first record, and may say where to start', async () => {
      const topic = await makeTopic({ partitions: 2 });
      await append(...['a', 'b', 'c'].map((value) => out(topic, value)), out(topic, 'z', { partition: 1 }));
      const assigned: string[] = [];
      const member = await join({
        topics: [topic],
        onAssign: async (partitions: readonly TopicPartition[]): Promise<Position[]> => {
          assigned.push(...partitions.map(placeOf));
          return [{ topic, partition: 0, next: 2 }];
        },
      });
      const records = await take(member, 2);
      expect(records.map(textOf).sort()).toEqual(['c', 'z']);
      expect(assigned.sort()).toEqual([`${topic}-0`, `${topic}-1`]);
      expect(member.assignment().map(placeOf).sort()).toEqual([`${topic}-0`, `${topic}-1`]);
    });

    test('where onAssign fails, the next poll asks again, and no record is lost', async () => {
      const topic = await makeTopic({ partitions: 2 });
      await append(...['a', 'b', 'c'].map((value) => out(topic, value)), out(topic, 'z', { partition: 1 }));
      let failures = 2;
      const member = await join({
        topics: [topic],
        onAssign: async (): Promise<void> => {
          if (failures-- > 0) throw new NetWeaverError('NW_LOG_UNREACHABLE', 'the state could not be read');
        },
      });
      const refusals: unknown[] = [];
      const records: LogRecord[] = [];
      while (records.length < 4) records.push(...(await member.poll(10, 100).catch((error: unknown) => (refusals.push(error), []))));
      expect(records.map(textOf).sort()).toEqual(['a', 'b', 'c', 'z']);
      expect(refusals).toEqual([expect.objectContaining({ code: 'NW_LOG_UNREACHABLE' }), expect.objectContaining({ code: 'NW_LOG_UNREACHABLE' })]);
    });

    test('onRevoke is called on close, with the partitions still in hand', async () => {
      const topic = await makeTopic();
      const group = uniqueName('group');
      await append(out(topic, 'a'), out(topic, 'b'));
      const revoked: [string[], boolean][] = [];
      const member: GroupMember = await log.member({
        group,
        instanceId: 'one',
        topics: [topic],
        transactional: true,
        onRevoke: async (partitions, lost) => {
          revoked.push([partitions.map(placeOf), lost]);
          await member.begin().commit([{ topic, partition: 0, next: 1 }]);
        },
      });
      await take(member, 2);
      await member.close();
      expect(revoked).toEqual([[[`${topic}-0`], false]]);
      expect(await log.admin.committed(group, topic)).toEqual(new Map([[0, 1]]));
    });

    test('a paused partition gives nothing until it is resumed', async () => {
      const topic = await makeTopic({ partitions: 2 });
      const member = await join({ topics: [topic] });
      while (member.assignment().length < 2) await member.poll(1, 100);
      member.pause([{ topic, partition: 0 }]);
      await append(out(topic, 'held'), out(topic, 'free', { partition: 1 }));
      expect((await take(member, 1)).map(textOf)).toEqual(['free']);
      expect(await member.poll(10, 300)).toEqual([]);
      member.resume([{ topic, partition: 0 }]);
      expect((await take(member, 1)).map(textOf)).toEqual(['held']);
    });

    test('seek reads again from there', async () => {
      const topic = await makeTopic();
      await append(...['a', 'b', 'c'].map((value) => out(topic, value)));
      const member = await join({ topics: [topic] });
      await take(member, 3);
      await member.seek([{ topic, partition: 0, next: 1 }]);
      expect((await take(member, 2)).map(textOf)).toEqual(['b', 'c']);
    });

    test('lag is what is left between the committed position and the end', async () => {
      const topic = await makeTopic();
      await append(...['a', 'b', 'c'].map((value) => out(topic, value)));
      const member = await join({ topics: [topic] });
      const [first] = await take(member, 3);
      expect(member.lag().get(`${topic}-0`)).toBe(3);
      await member.begin().commit([{ topic, partition: 0, next: first.offset + 1 }]);
      await member.poll(1, 200);
      expect(member.lag().get(`${topic}-0`)).toBe(2);
    });

    test('partitions that are added are assigned', async () => {
      const topic = await makeTopic({ partitions: 1 });
      const member = await join({ topics: [topic] });
      while (member.assignment().length < 1) await member.poll(1, 100);
      await log.admin.alterTopic({ name: topic, partitions: 2, cleanup: 'delete' });
      const deadline = Date.now() + 30_000;
      while (member.assignment().length < 2 && Date.now() < deadline) await member.poll(1, 250);
      await append(out(topic, 'new', { partition: 1 }));
      expect((await take(member, 1)).map(textOf)).toEqual(['new']);
    });

    test('a topic that is missing is said at once', async () => {
      expect(await codeOf(log.member({ group: uniqueName('group'), instanceId: 'one', topics: [uniqueName('nowhere')], transactional: false }))).toBe('NW_TOPIC_MISSING');
    });
  });

  describe('transaction', () => {
    test('outputs, changelog and positions become visible together', async () => {
      const [input, output, changelog] = [await makeTopic(), await makeTopic({ partitions: 2 }), await makeTopic({ cleanup: 'compact' })];
      const group = uniqueName('group');
      await append(out(input, 'a'));
      const member = await join({ group, topics: [input] });
      const [record] = await take(member, 1);
      const transaction = member.begin();
      transaction.append(out(output, 'A', { partition: 1, headers: { causes: 'input' } }));
      transaction.append(out(changelog, 'state', { key: bytes('k') }));
      expect(await readAll(output, 1)).toEqual([]);
      await transaction.commit([{ topic: input, partition: 0, next: record.offset + 1 }]);
      expect((await readAll(output, 1)).map((r) => [textOf(r), r.headers.causes])).toEqual([['A', 'input']]);
      expect((await readAll(changelog)).map(textOf)).toEqual(['state']);
      expect(await log.admin.committed(group, input)).toEqual(new Map([[0, record.offset + 1]]));
    });

    test('nothing of an aborted one is ever seen, and the work can be done again', async () => {
      const [input, output] = [await makeTopic(), await makeTopic()];
      const group = uniqueName('group');
      await append(out(input, 'a'));
      const member = await join({ group, topics: [input] });
      const [record] = await take(member, 1);
      const failed = member.begin();
      failed.append(out(output, 'never'));
      await failed.abort();
      expect(await readAll(output)).toEqual([]);
      expect(await log.admin.committed(group, input)).toEqual(new Map());
      await member.seek([{ topic: input, partition: 0, next: 0 }]);
      const [again] = await take(member, 1);
      expect(again.offset).toBe(record.offset);
      const transaction = member.begin();
      transaction.append(out(output, 'once'));
      await transaction.commit([{ topic: input, partition: 0, next: again.offset + 1 }]);
      expect((await readAll(output)).map(textOf)).toEqual(['once']);
    });

    test('a group that reads the output sees committed records only', async () => {
      const [input, output] = [await makeTopic(), await makeTopic()];
      await append(out(input, 'a'));
      const member = await join({ topics: [input] });
      const downstream = await join({ topics: [output], transactional: false });
      await take(member, 1);
      const failed = member.begin();
      failed.append(out(output, 'aborted'));
      await failed.abort();
      const transaction = member.begin();
      transaction.append(out(output, 'committed'));
      expect(await downstream.poll(10, 500)).toEqual([]);
      await transaction.commit([{ topic: input, partition: 0, next: 1 }]);
      expect((await take(downstream, 1)).map(textOf)).toEqual(['committed']);
    });

    test('many in a row', async () => {
      const [input, output] = [await makeTopic(), await makeTopic()];
      await append(...Array.from({ length: 50 }, (_, i) => out(input, String(i))));
      const member = await join({ topics: [input] });
      for (let done = 0; done < 50; ) {
        const records = await take(member, 5);
        const transaction = member.begin();
        for (const record of records) transaction.append({ topic: output, partition: 0, key: null, value: record.value });
        await transaction.commit([{ topic: input, partition: 0, next: records[records.length - 1].offset + 1 }]);
        done += records.length;
      }
      expect((await readAll(output)).map(textOf)).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
    });

    test('a zombie is fenced: the same name opened again ends it, and nothing of it is written', async () => {
      const [input, output] = [await makeTopic(), await makeTopic()];
      const group = uniqueName('group');
      await append(out(input, 'a'));
      const zombie = await join({ group, topics: [input] });
      await take(zombie, 1);
      const late = zombie.begin();
      late.append(out(output, 'zombie'));

      const other = closesAfter(await subject.open());
      const member = await join({ group, topics: [input] }, other);
      const [record] = await take(member, 1);
      expect(record).toBeDefined();
      const transaction = member.begin();
      transaction.append(out(output, 'alive'));
      await transaction.commit([{ topic: input, partition: 0, next: record.offset + 1 }]);

      expect(await codeOf(late.commit([{ topic: input, partition: 0, next: 1 }]))).toBe('NW_LOG_FENCED');
      expect((await readAll(output)).map(textOf)).toEqual(['alive']);
      expect(await codeOf(zombie.commit([{ topic: input, partition: 0, next: 0 }]))).toBe('NW_LOG_FENCED');
      expect(await log.admin.committed(group, input)).toEqual(new Map([[0, 1]]));
    });

    test('a fenced member is told by poll', async () => {
      const topic = await makeTopic();
      const group = uniqueName('group');
      const revoked: boolean[] = [];
      const zombie = await join({ group, topics: [topic], onRevoke: async (_, lost) => void revoked.push(lost) });
      while (zombie.assignment().length === 0) await zombie.poll(1, 100);
      const other = closesAfter(await subject.open());
      const member = await join({ group, topics: [topic] }, other);
      while (member.assignment().length === 0) await member.poll(1, 100);
      let code: unknown = 'no error';
      for (const deadline = Date.now() + 20_000; code === 'no error' && Date.now() < deadline; ) code = await codeOf(zombie.poll(1, 200));
      expect(code).toBe('NW_LOG_FENCED');
      expect(revoked).toEqual([true]);
    });
  });

  describe('between members', () => {
    test('partitions pass to another member when theirs closes', async () => {
      const topic = await makeTopic({ partitions: 2 });
      const group = uniqueName('group');
      const first = await join({ group, topics: [topic] });
      while (first.assignment().length === 0) await first.poll(1, 100);
      const other = closesAfter(await subject.open());
      const second = await join({ group, topics: [topic], instanceId: 'two' }, other);
      await Promise.all([first.poll(1, 1000), second.poll(1, 1000)]);
      await first.close();
      for (const deadline = Date.now() + 30_000; second.assignment().length < 2 && Date.now() < deadline; ) await second.poll(1, 250);
      expect(second.assignment().map(placeOf).sort()).toEqual([`${topic}-0`, `${topic}-1`]);
    });
  });

  describe('restart', () => {
    test('data, topics and positions are there when opened again', async () => {
      const topic = await makeTopic();
      const group = uniqueName('group');
      const before = await subject.open();
      const producer = await before.producer('test');
      await producer.append([out(topic, 'a'), out(topic, 'b')]);
      await producer.close();
      const member = await before.member({ group, instanceId: 'one', topics: [topic], transactional: true });
      await take(member, 2);
      await member.begin().commit([{ topic, partition: 0, next: 1 }]);
      await member.close();
      await before.close();

      const after = closesAfter(await subject.open());
      expect(await after.admin.committed(group, topic)).toEqual(new Map([[0, 1]]));
      const reader = closesAfter(await after.reader());
      const [{ end }] = await reader.bounds(topic);
      const values: string[] = [];
      for await (const record of reader.read({ topic, partition: 0 }, 0, end)) values.push(textOf(record));
      expect(values).toEqual(['a', 'b']);
    });

    test('ping answers', async () => {
      await expect(log.ping()).resolves.toBeUndefined();
    });

    test('the codes are those of the one list', async () => {
      const reader = closesAfter(await log.reader());
      const error = await reader.bounds(uniqueName('nowhere')).then(() => null, (reason: unknown) => reason);
      expect(hasCode(error, 'NW_TOPIC_MISSING')).toBe(true);
    });
  });

  const whenMaintained = subject.maintain ? describe : describe.skip;
  whenMaintained(`housekeeping${subject.maintain ? '' : ' (left out: the brokers do it in their own time)'}`, () => {
    const maintain = subject.maintain!;
    const hour = 3_600_000;

    test('retention by time removes what was appended before, and offsets go on', async () => {
      const topic = await makeTopic({ retentionMs: hour });
      await append(out(topic, 'a', { timestampMs: 1 }), out(topic, 'b', { timestampMs: 2 }));
      await maintain(log, Date.now());
      expect((await readAll(topic)).map(textOf)).toEqual(['a', 'b']);
      await maintain(log, Date.now() + 2 * hour);
      expect(await readAll(topic)).toEqual([]);
      await append(out(topic, 'c'));
      expect((await readAll(topic)).map((record) => [record.offset, textOf(record)])).toEqual([[2, 'c']]);
    });

    test('retention by bytes keeps the newest', async () => {
      const topic = await makeTopic({ retentionBytes: 350_000 });
      await append(...Array.from({ length: 10 }, (_, i) => ({ topic, partition: 0, key: null, value: Buffer.alloc(100_000, i) })));
      await maintain(log, Date.now());
      expect((await readAll(topic)).map((record) => record.offset)).toEqual([7, 8, 9]);
    });

    test('a reader behind what retention removed goes on with the oldest that is left', async () => {
      const topic = await makeTopic({ retentionBytes: 250_000 });
      const member = await join({ topics: [topic] });
      while (member.assignment().length === 0) await member.poll(1, 50);
      await append(...Array.from({ length: 5 }, (_, i) => ({ topic, partition: 0, key: null, value: Buffer.alloc(100_000, i) })));
      await maintain(log, Date.now());
      expect((await take(member, 2)).map((record) => record.offset)).toEqual([3, 4]);
    });

    test('compaction keeps the latest of each key, with its offset, and drops tombstones after their time', async () => {
      const topic = await makeTopic({ cleanup: 'compact', retentionMs: undefined });
      const longKey = 'long'.repeat(200);
      const write = (key: string, value: string | null): OutgoingRecord => out(topic, value, { key: bytes(key) });
      await append(write('a', 'a1'), write('b', 'b1'), write('a', 'a2'), write(longKey, 'l1'), write('c', 'c1'), write('b', null), write(longKey, 'l2'));
      await maintain(log, Date.now());
      const left = async (): Promise<unknown[]> => (await readAll(topic)).map(({ offset, value }) => [offset, value && String(value)]);
      expect(await left()).toEqual([[2, 'a2'], [4, 'c1'], [5, null], [6, 'l2']]);
      await append(write('c', 'c2'));
      await maintain(log, Date.now() + 25 * hour);
      expect(await left()).toEqual([[2, 'a2'], [6, 'l2'], [7, 'c2']]);
      await append(write('b', 'b2'), write('a', null));
      await maintain(log, Date.now() + 50 * hour);
      expect(await left()).toEqual([[6, 'l2'], [7, 'c2'], [8, 'b2'], [9, null]]);
    });

    test('compaction leaves what was replaced for as long as is asked', async () => {
      const topic = await makeTopic({ cleanup: 'compact', retentionMs: hour });
      const write = (key: string, value: string): OutgoingRecord => out(topic, value, { key: bytes(key) });
      await append(write('a', 'a1'), write('a', 'a2'), write('b', 'b1'));
      await maintain(log, Date.now() + hour / 2);
      expect((await readAll(topic)).map(textOf)).toEqual(['a1', 'a2', 'b1']);
      await maintain(log, Date.now() + 2 * hour);
      expect((await readAll(topic)).map(textOf)).toEqual(['a2', 'b1']);
      await append(write('b', 'b2'));
      await maintain(log, Date.now() + hour / 2);
      expect((await readAll(topic)).map(textOf)).toEqual(['a2', 'b1', 'b2']);
    });

    test('a compacted topic takes no record without a key', async () => {
      const topic = await makeTopic({ cleanup: 'compact' });
      expect(await codeOf(append(out(topic, 'a')))).toBe('NW_LOG_REJECTED');
    });
  });
}
