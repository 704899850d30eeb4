/** A join run live, its inputs interleaved as they happen to be, with restarts between; then replayed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { INTERFACES_COUNTERS, INTERFACES_RATES, INTERFACES_STATE, subjectOf, topicName, topicSettings, TURNS, type Topic } from '../../../topics';
import { interfaceRates } from '../../interface-rates';
import type { Processor } from '../processor';
import { replayLog, type ReplayOutcome } from '../replay-log';
import { HOUR } from '../testing/flows';
import { countersValue, interfaceKey, stateValue } from '../testing/interfaces';
import { openProcessing, type Processing } from '../testing/processing';
import { groupOf } from '../worker';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-join-'));
const brokers = process.env.NETWEAVER_TEST_KAFKA;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['the embedded log', [], true],
  [brokers === undefined ? 'Kafka (needs NETWEAVER_TEST_KAFKA)' : 'Kafka', [`kafka.brokers=${brokers}`], brokers !== undefined],
] as const)('a join on %s', (_, place, available) => {
  const whenAvailable = available ? test : test.skip;
  const prefix = `join-${Date.now().toString(36)}-${process.pid}.`;
  const sets = [...place, `topics.prefix=${prefix}`, 'topics.metricPartitions=2', 'processing.processors=interface-rates', 'processing.commitMs=10', 'processing.checkpointMs=600000', 'processing.pollRecords=5', 'interfaceRates.leastMs=1'];
  let processing: Processing;
  let ids: Map<Topic, number>;
  const nameOf = (topic: Topic): string => topicName(topic, processing.context.config);

  /** Runs the processor while `work` goes on, then until it has read everything. */
  async function runWhile(work: () => Promise<void>): Promise<void> {
    const failures: Error[] = [];
    const role = processing.role((error) => void failures.push(error));
    await role.start();
    await work();
    const reader = await processing.log.reader();
    for (let behind = true; behind; await sleep(20)) {
      if (failures.length > 0) throw failures[0];
      behind = false;
      for (const topic of [INTERFACES_COUNTERS, INTERFACES_STATE] as Topic[]) {
        const committed = await processing.log.admin.committed(groupOf(interfaceRates.name, processing.context.config), nameOf(topic));
        for (const { partition, end } of await reader.bounds(nameOf(topic))) behind ||= (committed.get(partition) ?? 0) < end;
      }
    }
    await reader.close();
    await role.drain();
  }

  const put = async (topic: Topic, ifIndex: number, value: Buffer | null): Promise<void> => {
    value?.writeUInt32BE(ids.get(topic)!, 1);
    const producer = await processing.log.producer('test');
    await producer.append([{ topic: nameOf(topic), partition: ifIndex % 2, key: interfaceKey(ifIndex), value, timestampMs: Date.now() }]);
    await producer.close();
  };
  const feed = async (from: number, to: number): Promise<void> => {
    for (let step = from; step < to; step++) {
      for (let ifIndex = 0; ifIndex < 4; ifIndex++) {
        await put(INTERFACES_COUNTERS, ifIndex, countersValue({ ifIndex, time: HOUR + 1000 * step, inOctets: 1000 * step }));
        if ((step + ifIndex) % 3 === 0) await put(INTERFACES_STATE, ifIndex, step % 7 === 5 ? null : stateValue({ ifIndex, name: `as of ${step}`, speed: 1e6 * (1 + step) }));
      }
    }
  };
  const replay = (into: string, border: { from?: number; to?: number } = {}): Promise<{ outcome: ReplayOutcome; differences: string[] }> => {
    const differences: string[] = [];
    const at = (offset: number | undefined, otherwise: 'begin' | 'end'): { offset: number } | 'begin' | 'end' => (offset === undefined ? otherwise : { offset });
    return replayLog(processing.context, {
      processors: [interfaceRates] as unknown as Processor[], from: at(border.from, 'begin'), to: at(border.to, 'end'), into, against: null,
      onDifference: ({ kind, id }) => void differences.push(`${kind} ${id}`),
    }).then((outcome) => ({ outcome, differences }));
  };
  const rates = ({ counts }: ReplayOutcome): unknown => counts.find(({ topic }) => topic === nameOf(INTERFACES_RATES));

  beforeAll(async () => {
    if (!available) return;
    processing = await openProcessing(folder, sets);
    await processing.log.admin.createTopics([INTERFACES_COUNTERS, INTERFACES_STATE].map((topic) => topicSettings(topic, processing.context.config)));
    ids = new Map();
    for (const topic of [INTERFACES_COUNTERS, INTERFACES_STATE] as Topic[]) ids.set(topic, await processing.context.registry.register(subjectOf(nameOf(topic)), topic.record.schema));
    // The table is there before the first record of the stream is read.
    for (let ifIndex = 0; ifIndex < 4; ifIndex++) await put(INTERFACES_STATE, ifIndex, stateValue({ ifIndex, name: 'from the beginning', speed: 1e6 }));
    await feed(0, 3);
    await runWhile(() => feed(3, 12));
    await feed(12, 15);
    await runWhile(() => feed(15, 25));
  }, 300_000);
  afterAll(async () => {
    if (!available) return;
    if (brokers !== undefined) for (const { name } of await processing.log.admin.listTopics()) if (name.startsWith(prefix)) await processing.log.admin.deleteTopic(name);
    await processing.close();
  }, 300_000);

  whenAvailable('reads the table first, to its end', async () => {
    const reader = await processing.log.reader();
    const names: string[] = [];
    for (const { partition, begin, end } of await reader.bounds(nameOf(INTERFACES_RATES))) {
      for await (const { value } of reader.read({ topic: nameOf(INTERFACES_RATES), partition }, begin, end)) names.push(INTERFACES_RATES.record.decode(value!).name);
    }
    const turns: number[] = [];
    const [{ begin, end }] = await reader.bounds(nameOf(TURNS));
    for await (const { value } of reader.read({ topic: nameOf(TURNS), partition: 0 }, begin, end)) turns.push(...TURNS.record.decode(value!).turns.map(({ records }) => records));
    await reader.close();
    expect(names).toHaveLength(4 * 24);
    // Steps 0 to 2 were there, with the states of then, before the processor began.
    expect(names.slice(0, 2)).not.toContain('from the beginning');
    expect(turns.reduce((sum, records) => sum + records, 0)).toBe(4 + 34);
  }, 300_000);

  whenAvailable('comes out again byte for byte, however its inputs met', async () => {
    const { outcome, differences } = await replay('all');
    expect(differences).toEqual([]);
    expect(outcome.truncated).toEqual([]);
    expect(rates(outcome)).toMatchObject({ replayed: 96, expected: 96, identical: 96 });
  }, 300_000);

  whenAvailable('and so does a range in the middle, with the table that there was', async () => {
    const { outcome, differences } = await replay('middle', { from: 10, to: 30 });
    expect(differences).toEqual([]);
    expect(rates(outcome)).toMatchObject({ identical: 40 });
  }, 300_000);
});
