/** `explain` and `dead-letters` after the processors have run, on the embedded log. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { batch, HOUR } from '../../processors/runtime/testing/flows';
import { openProcessing } from '../../processors/runtime/testing/processing';
import { applyTopics, FLOWS_OBSERVATIONS, FLOWS_RAW, FLOWS_UNIQUE, TRAFFIC_BY_HOST } from '../../topics';
import * as deadLetters from './dead-letters';
import * as explain from './explain';
import * as tail from './tail';
import { runCommand, type Outcome } from './testing/run';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-explain-'));
const sets = [`data.dir=${folder}`, 'topics.flowPartitions=2', 'processing.commitMs=10', 'processing.idleMs=86400000'];
const netweaver = (...words: string[]): Promise<Outcome> => runCommand([explain.register, deadLetters.register, tail.register], sets, ...words);
const json = ({ lines }: Outcome): Record<string, unknown>[] => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

/** Runs the processors until flows.raw is consumed by dedup and what came of it by aggregate. */
async function process(values: readonly (Buffer | null)[] = []): Promise<void> {
  const processing = await openProcessing(folder, sets);
  await applyTopics(processing.log, processing.context.config);
  const producer = await processing.log.producer('test');
  for (const value of values) await producer.append([{ topic: FLOWS_RAW.name, partition: 1, key: null, value, timestampMs: HOUR }]);
  await producer.close();
  const failures: Error[] = [];
  const role = processing.role((error) => failures.push(error));
  await role.start();
  const reader = await processing.log.reader();
  for (let tries = 0; tries < 200; tries++) {
    const behind: string[] = [];
    for (const [processor, topic] of [['dedup', FLOWS_RAW], ['aggregate', FLOWS_UNIQUE], ['observed-interfaces', FLOWS_OBSERVATIONS]] as const) {
      const committed = await processing.log.admin.committed(`netweaver.${processor}`, topic.name);
      for (const { partition, end } of await reader.bounds(topic.name)) if (end > (committed.get(partition) ?? 0)) behind.push(processor);
    }
    if (behind.length === 0) break;
    await sleep(50);
  }
  await reader.close();
  await role.drain();
  await processing.close();
  expect(failures).toEqual([]);
}

const flow = { srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', bytes: 700 };
const first = batch([flow, { ...flow, srcPort: 2 }], { exporter: '192.0.2.7', sequence: 41, receiveTime: HOUR });
const second = batch([{ ...flow, srcPort: 3 }], { exporter: '192.0.2.8', sequence: 9, receiveTime: HOUR + 5000 });
/** Event time that closes every window before. */
const later = batch([{ ...flow, end: HOUR + 7_200_000 }], { sequence: 1 });

beforeAll(() => process([first, second, Buffer.from('no flows'), later]));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('explain', () => {
  const hostsPlace = `${TRAFFIC_BY_HOST.name}/1/0`;

  test('follows a window back to the datagrams of both exporters, through each processor', async () => {
    const [tree] = json(await netweaver('explain', hostsPlace, '--json'));
    expect(tree).toMatchObject({ topic: 'traffic.by-host', partition: 1, first: 0, last: 0, records: 1, sources: ['/netweaver/aggregate/1'], types: ['netweaver.traffic.HostTraffic'], missing: [] });
    const causes = tree.causes as Record<string, unknown>[];
    expect(causes).toMatchObject([{ topic: 'flows.unique', partition: 1, first: 0, sources: ['/netweaver/dedup/1'] }]);
    const [raw] = causes[0].causes as Record<string, unknown>[];
    expect(raw).toMatchObject({ topic: 'flows.raw', partition: 1, first: 0 });
    expect(raw.received).toEqual(expect.arrayContaining([
      { exporter: '192.0.2.7', protocol: 'NETFLOW_V9', observationDomain: 1, datagrams: 1, flows: 2, firstSequence: 41, lastSequence: 41, firstReceived: HOUR, lastReceived: HOUR },
      { exporter: '192.0.2.8', protocol: 'NETFLOW_V9', observationDomain: 1, datagrams: 1, flows: 1, firstSequence: 9, lastSequence: 9, firstReceived: HOUR + 5000, lastReceived: HOUR + 5000 },
    ]));
  });

  test('prints the chain as a tree, each step deeper', async () => {
    const { lines } = await netweaver('explain', hostsPlace);
    expect(lines[0]).toMatch(/^traffic\.by-host\/1\/0 {2}HostTraffic {2}by \/netweaver\/aggregate\/1 {2}config [0-9a-f]{12} {2}/);
    expect(lines[1]).toMatch(/^└─ flows\.unique\/1\/0-\d+ \(\d+ records\) {2}FlowBatch {2}by \/netweaver\/dedup\/1/);
    expect(lines[2]).toMatch(/^ {3}└─ flows\.raw\/1\/0-\d+ \(\d+ records\)/);
    expect(lines.some((line) => /^ {6}[├└]─ 192\.0\.2\.7 {2}NETFLOW_V9 domain 1 {2}1 datagram \(sequence 41\) {2}2 flows {2}received 2026-01-02T03:00:00\.000Z/.test(line))).toBe(true);
  });

  test('of a place where nothing is ends with exit code 3, of what is no place with 2', async () => {
    const nothing = await netweaver('explain', 'flows.unique/1/999999');
    expect(nothing).toMatchObject({ code: 3, lines: [] });
    expect(nothing.error).toContain('NW_RECORD_MISSING');
    expect(await netweaver('explain', 'flows.nowhere/1/0')).toMatchObject({ code: 3, lines: [] });
    expect((await netweaver('explain', 'flows.unique')).code).toBe(2);
  });
});

describe('dead-letters', () => {
  test('list says which record was refused by whom and why; show adds its bytes', async () => {
    const listed = json(await netweaver('dead-letters', 'list', '--json'));
    expect(listed).toMatchObject([{ offset: 0, component: 'dedup', record: 'flows.raw/1/2', code: expect.stringMatching(/^NW_SCHEMA/) as string, time: new Date(HOUR).toISOString() }]);
    expect(json(await netweaver('dead-letters', 'show', '0'))).toMatchObject([{ component: 'dedup', sourceTopic: 'flows.raw', sourceOffset: 2, value: Buffer.from('no flows').toString('hex'), undecodable: expect.any(String) as string }]);
    expect((await netweaver('dead-letters', 'list', '--component', 'aggregate')).lines).toEqual(['There are none.']);
    expect((await netweaver('dead-letters', 'show', '5')).error).toContain('NW_RECORD_MISSING');
  });

  test('redrive wants to be told which', async () => {
    expect(await netweaver('dead-letters', 'redrive')).toMatchObject({ code: 2, lines: [] });
    expect((await netweaver('dead-letters', 'redrive', '--offset', '7')).error).toContain('NW_RECORD_MISSING');
  });

  test('redrive gives the record to its component again, which refuses it again; the old letter is closed', async () => {
    expect((await netweaver('dead-letters', 'redrive', '--all')).lines.at(-1)).toBe('1 driven again.');
    expect((await netweaver('dead-letters', 'list')).lines).toEqual(['There are none.']);
    expect(json(await netweaver('tail', 'flows.raw', '--from-beginning', '--no-follow')).at(-1)).toMatchObject({ partition: 1, offset: 4, headers: { redriven_for: 'dedup', redriven_from: '0' } });
    await process();
    expect(json(await netweaver('dead-letters', 'list', '--json'))).toMatchObject([{ component: 'dedup', record: 'flows.raw/1/4' }]);
    expect(json(await netweaver('dead-letters', 'list', '--closed', '--json'))).toMatchObject([{ offset: 0, closed: true }, { closed: false }]);
  });
});
