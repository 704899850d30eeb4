/** `netweaver simulate` as a whole: on the log, embedded and Kafka, as datagrams to a collector, on networks of files. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readTopologyFile } from '../../connectors/sources/topology/read-file';
import { CaptureDecoder, type CaptureRecord } from '../../domain/flow/capture-records';
import { ROOT } from '../../infra/root';
import type { InterfaceCounters, LinkMetrics, TopologyEvent } from '../../schemas';
import * as simulate from './simulate';
import * as tail from './tail';
import { runCommand, type Outcome } from './testing/run';
import * as topics from './topics';

const brokers = process.env['NETWEAVER_TEST_KAFKA'];
const registryUrl = process.env['NETWEAVER_TEST_REGISTRY'];
const servers = brokers !== undefined && registryUrl !== undefined;
const folder = mkdtempSync(join(tmpdir(), 'netweaver-simulate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const netweaver = (sets: readonly string[], ...words: string[]): Promise<Outcome> => runCommand([simulate.register, tail.register, topics.register], [...sets, 'telemetry.logLevel=error'], ...words);
const RUN = ['--duration', '25', '--speed', 'max', '--start', '2026-03-02T20:00:00Z', '--nodes', '12', '--rate', '50'];
const MARCH = Date.UTC(2026, 2, 2, 20);
const linesOf = (path: string): Record<string, unknown>[] => readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);

describe.each([
  ['embedded', [`data.dir=${join(folder, 'data')}`], true],
  [servers ? 'Kafka' : 'Kafka (needs NETWEAVER_TEST_KAFKA and NETWEAVER_TEST_REGISTRY)', [`kafka.brokers=${brokers}`, `registry.url=${registryUrl}`, `data.dir=${join(folder, 'none')}`], servers],
] as const)('on the log, %s', (_, log, there) => {
  const sets = [...log, `topics.prefix=simulate-${randomUUID()}.`, 'topics.flowPartitions=1'];
  const told = async <T>(topic: string): Promise<T[]> => (await netweaver(sets, 'tail', topic, '--from-beginning', '--no-follow')).lines.map((line) => (JSON.parse(line) as { value: T }).value);

  (there ? test : test.skip)('topology, counters and measurements are written, and agree with the truth', async () => {
    expect(await netweaver(sets, 'simulate', ...RUN, '--no-flows')).toMatchObject({ code: 3, error: expect.stringContaining('NW_TOPIC_MISSING') as string });
    expect((await netweaver(sets, 'topics', 'apply')).code).toBe(0);
    const truth = join(folder, 'truth.jsonl');
    const { code, lines, error } = await netweaver(sets, 'simulate', ...RUN, '--no-flows', '--truth', truth, '--json', '--attack', 'udp-amplification@5+10:500');
    expect({ code, error }).toEqual({ code: 0, error: '' });
    const totals = JSON.parse(lines[0]) as { records: number; seconds: number; datagrams: number };
    expect(totals).toMatchObject({ seconds: 25, datagrams: 0 });

    const events = await told<TopologyEvent>('topology.events');
    const counters = await told<InterfaceCounters>('interfaces.counters');
    const metrics = await told<LinkMetrics>('links.metrics');
    const states = await told<object>('interfaces.state');
    expect(events.length + counters.length + metrics.length + states.length).toBe(totals.records);
    expect(events.filter(({ element, change }) => element === 'device' && change === 'present')).toHaveLength(12);
    const [head] = linesOf(truth);
    expect(head).toMatchObject({ kind: 'network', devices: 12, links: events.filter(({ element, change }) => element === 'link' && change === 'present').length, time: MARCH });
    // What came in from hosts by the last reading is what the truth's rates and the counters of links know too.
    const sums = new Map<string, number>();
    for (const line of linesOf(truth)) {
      if (line.kind !== 'rates') continue;
      for (const [link, [ahead, back]] of Object.entries(line.bitsPerSecond as Record<string, [number, number]>)) sums.set(link, (sums.get(link) ?? 0) + ((ahead + back) * (line.seconds as number)) / 8);
    }
    const links = new Map(events.flatMap((event) => (event.element === 'link' && event.change === 'present' ? [[event.id, event] as const] : [])));
    const addresses = new Map(events.flatMap(({ element, id, address }) => (element === 'device' ? [[id, address] as const] : [])));
    for (const [id, bytes] of sums) {
      const { a, aInterface } = links.get(id)!;
      const last = counters.filter(({ device, ifName }) => device === addresses.get(a!) && ifName === aInterface).at(-1)!;
      expect(Math.abs(last.inOctets! + last.outOctets! - bytes)).toBeLessThan(20);
    }
    expect(new Set(metrics.map(({ link }) => link))).toEqual(new Set(links.keys()));
    expect(linesOf(truth).filter(({ kind }) => kind === 'attack')).toMatchObject([{ attack: 'udp-amplification', start: MARCH + 5000, end: MARCH + 15_000, rate: 500 }]);
  }, 120_000);
});

/** Runs it towards a socket; what a collector makes of the datagrams. */
async function collected(...words: string[]): Promise<CaptureRecord[]> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  const decoder = new CaptureDecoder();
  const records: CaptureRecord[] = [];
  let datagrams = 0;
  socket.on('message', (payload, { address }) => {
    datagrams++;
    records.push(...decoder.decode({ srcAddr: address, payload, timestampMs: Date.now() }));
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { lines, code, error } = await netweaver([`data.dir=${join(folder, 'none')}`], 'simulate', ...RUN, '--no-log', '--json', '--port', String(socket.address().port), ...words);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  const sent = (JSON.parse(lines[0]) as { datagrams: number }).datagrams;
  while (datagrams < sent) await sleep(10);
  socket.close();
  return records;
}

test('devices take the formats in turn, each from its own address; nothing is written', async () => {
  const records = await collected('--format', 'v5,v9,ipfix,sflow', '--ipv6', '0.5', '--sampling', '10', '--no-incidents', '--duration', '10');
  const flows = records.filter((record) => record.kind === 'flow');
  expect(records.filter(({ kind }) => kind === 'fault')).toEqual([]);
  expect(new Set(flows.map(({ protocol }) => protocol))).toEqual(new Set(['NETFLOW_V5', 'NETFLOW_V9', 'IPFIX', 'SFLOW_V5']));
  for (const protocol of ['NETFLOW_V5', 'NETFLOW_V9', 'IPFIX', 'SFLOW_V5']) expect(new Set(flows.flatMap((flow) => (flow.protocol === protocol ? [flow.exporter] : []))).size).toBe(3);
  expect(new Set(flows.map(({ samplingRate }) => samplingRate))).toEqual(new Set([10]));
  expect(flows.some(({ srcAddr }) => srcAddr.startsWith('2001:db8:1:'))).toBe(true);
  expect(existsSync(join(folder, 'none'))).toBe(false);
}, 60_000);

const FILES: readonly (readonly [string, string])[] = [
  ['net.graphml', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="l" for="node" attr.name="label" attr.type="string"/><graph edgedefault="undirected"><node id="0"><data key="l">fra</data></node><node id="1"><data key="l">ams</data></node><node id="2"><data key="l">par</data></node><edge source="0" target="1"/><edge source="1" target="2"/></graph></graphml>'],
  ['net.gml', 'graph [ node [ id 0 label "fra" ] node [ id 1 label "ams" ] node [ id 2 label "par" ] edge [ source 0 target 1 ] edge [ source 1 target 2 ] ]'],
  ['net.xml', '<network xmlns="http://sndlib.zib.de/network" version="1.0"><networkStructure><nodes coordinatesType="geographical"><node id="fra"><coordinates><x>8.7</x><y>50.1</y></coordinates></node><node id="ams"><coordinates><x>4.9</x><y>52.4</y></coordinates></node><node id="par"><coordinates><x>2.3</x><y>48.9</y></coordinates></node></nodes><links><link id="L1"><source>fra</source><target>ams</target></link><link id="L2"><source>ams</source><target>par</target></link></links></networkStructure></network>'],
  ['net.yaml', 'devices: { fra: {}, ams: {}, par: {} }\nlinks: [{ a: fra, b: ams, capacity: 1G }, { a: ams, b: par, latencyMs: 3 }]'],
];

test.each(FILES)('the network of %s is run', async (name, text) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  const truth = join(folder, `${name}.truth`);
  const records = await collected('--file', file, '--truth', truth, '--no-incidents', '--duration', '10');
  expect(linesOf(truth)[0]).toMatchObject({ kind: 'network', devices: 3, links: 2, edges: ['ams', 'fra', 'par'] });
  const rates = linesOf(truth).find(({ kind }) => kind === 'rates')!;
  expect(Object.keys(rates.bitsPerSecond as object)).toHaveLength(2);
  expect(new Set(records.flatMap((record) => (record.kind === 'flow' ? [record.exporter] : []))).size).toBe(3);
}, 60_000);

const DATASETS = join(ROOT, '../shared/datasets');
const sets = [['topology-zoo/graphml/Abilene.graphml.gz', 11, 14], ['topology-sndlib/germany50.xml.gz', 50, 88], ['topology-zoo/graphml/Cogentco.graphml.gz', 197, 245]] as const;
const whenDatasets = existsSync(join(DATASETS, 'topology-zoo')) ? describe : describe.skip;
whenDatasets('networks of the Topology Zoo and of SNDlib (need ../shared/datasets)', () => {
  test.each(sets)('%s is run', async (path, devices, links) => {
    const file = join(DATASETS, path);
    const truth = join(folder, 'dataset.truth');
    expect((await readTopologyFile(file)).elements.filter(({ element }) => element === 'device')).toHaveLength(devices);
    const { code, error } = await netweaver([], 'simulate', ...RUN, '--no-log', '--no-flows', '--file', file, '--truth', truth);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(linesOf(truth)[0]).toMatchObject({ devices, links });
    expect(linesOf(truth).filter(({ kind }) => kind === 'rates')).toHaveLength(3);
  }, 60_000);
});

test('beside another process on the embedded log it says so, and which way is left', async () => {
  const taken = [`data.dir=${join(folder, 'taken')}`, 'topics.flowPartitions=1', 'telemetry.logLevel=error'];
  await netweaver(taken, 'topics', 'apply');
  const writes = join(folder, 'writes');
  const holder = spawn(process.execPath, ['-r', join(ROOT, 'bin/ts.cjs'), join(ROOT, 'bin/netweaver.ts'), ...taken.flatMap((set) => ['--set', set]), 'simulate', '--no-flows', '--truth', writes], { stdio: 'ignore' });
  try {
    while (!existsSync(writes)) await sleep(50);
    const { code, error } = await netweaver(taken, 'simulate', '--no-flows', '--duration', '1', '--speed', 'max');
    expect(error).toContain(`NW_LOG_LOCKED: The embedded log is in use by another process. Process ${holder.pid} writes`);
    expect(error).toContain('With --no-log flows alone are sent');
    expect(code).toBe(3);
  } finally {
    holder.kill('SIGKILL');
  }
}, 60_000);

test.each([
  ['NW_USAGE', ['--attack', 'flood']],
  ['NW_USAGE', ['--format', 'v5,v10']],
  ['NW_USAGE', ['--ipv6', '2']],
  ['NW_USAGE', ['--shape', 'star']],
  ['NW_USAGE', ['--start', 'tomorrow']],
  ['NW_TOPOLOGY_UNREADABLE', ['--file', 'nowhere.gml']],
  ['NW_USAGE', ['--truth', join('no', 'such', 'folder', 't')]],
])('refuses with %s: %p', async (code, words) => {
  const outcome = await netweaver([], 'simulate', '--no-log', '--no-flows', '--duration', '1', '--speed', 'max', ...words);
  expect(outcome.error).toContain(code);
  expect(outcome.code).toBeGreaterThan(0);
});
