import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { snapshot } from '../../domain/topology/differences';
import { device, link } from '../../domain/topology/elements';
import { loadConfiguration } from '../../infra/config/load';
import { openLog } from '../../infra/log/open';
import { openRegistry } from '../../infra/registry/open';
import { encodeTopologyState, type TopologyEvent } from '../../schemas';
import { subjectOf, TOPOLOGY_STATE } from '../../topics';
import { sections } from '../sections';
import * as tail from './tail';
import { runCommand, type Outcome } from './testing/run';
import * as topics from './topics';
import * as topology from './topology';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-topology-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sets = [`data.dir=${join(folder, 'data')}`, 'telemetry.logLevel=error'];
const netweaver = (...words: string[]): Promise<Outcome> => runCommand([topics.register, tail.register, topology.register], sets, ...words);
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
};
const TEXT = 'devices: { a: {}, b: {} }\nlinks: [{ a: a, b: b, capacity: 10G }, { a: a, b: z }]';

test('import --dry-run prints the events of a file and writes nothing', async () => {
  const { code, lines, error } = await netweaver('topology', 'import', write('lab.yaml.gz', TEXT), '--dry-run');
  expect(code).toBe(0);
  const events = lines.map((line) => JSON.parse(line) as TopologyEvent);
  expect(events.map(({ change, element, id, source }) => [change, element, id, source])).toEqual([
    ['present', 'device', 'a', 'file:lab.yaml.gz'], ['present', 'device', 'b', 'file:lab.yaml.gz'], ['present', 'link', 'a--b', 'file:lab.yaml.gz'], ['complete', 'snapshot', '', 'file:lab.yaml.gz'],
  ]);
  expect(error).toBe('lab: 2 devices, 0 interfaces, 1 links.\n  unknown-device: 1, the first a--z to z\n');
});

test('import writes the events, keyed by element, with the headers of an event', async () => {
  const path = write('lab.yaml', TEXT);
  expect(await netweaver('topology', 'import', path)).toMatchObject({ code: 3, error: expect.stringContaining('NW_TOPIC_MISSING') as string });
  await netweaver('topics', 'apply');
  expect((await netweaver('topology', 'import', path)).lines).toEqual(['4 events written, as file:lab.yaml.']);
  const { lines } = await netweaver('tail', 'topology.events', '--from-beginning', '--no-follow');
  const records = lines.map((line) => JSON.parse(line) as { key: string; headers: Record<string, string>; value: TopologyEvent });
  expect(records.map(({ key }) => key)).toEqual(['device/a', 'device/b', 'link/a--b', 'snapshot/']);
  expect(records[2]).toMatchObject({ headers: { ce_source: '/netweaver/topology', ce_type: 'netweaver.topology.TopologyEvent' }, value: { change: 'present', bitsPerSecond: 1e10 } });
});

test('a file that cannot be read is an error with file and place, and nothing is written', async () => {
  const path = write('bad.yaml', 'devices: { a: ');
  expect(await netweaver('topology', 'import', path)).toMatchObject({ code: 2, lines: [], error: expect.stringContaining(`${path}: line 1, column 15`) as string });
  expect((await netweaver('topology', 'import', join(folder, 'none.gml'))).error).toContain('none.gml: ENOENT');
  expect((await netweaver('topology', 'import', write('torn.gml.gz', '').replace('torn', 'none'))).error).toContain('NW_TOPOLOGY_UNREADABLE');
});

test('show prints the network as it is', async () => {
  const config = loadConfiguration({ sections, environment: {}, sets });
  const [log, registry] = [await openLog(config), await openRegistry(config)];
  const schemaId = await registry.register(subjectOf(TOPOLOGY_STATE.name), TOPOLOGY_STATE.record.schema);
  const producer = await log.producer('test');
  const end = (of: string): { device: string; interface: null } => ({ device: of, interface: null });
  const elements = [device('a'), device('b'), device('c'), link('ab', end('a'), end('b'), { up: false, latencyMs: 2.5, bitsPerSecond: 1e10 }), link('bz', end('b'), end('z')), link('gone', end('a'), end('c'))];
  const records = snapshot(elements, 'file:x', Date.now()).slice(0, -1).map(({ change: _, ...said }) => ({ key: `${said.element}/${said.id}`, value: encodeTopologyState(said, schemaId) as Buffer | null }));
  await producer.append([...records, { key: 'link/gone', value: null }].map(({ key, value }) => ({ topic: TOPOLOGY_STATE.name, partition: 0, key: Buffer.from(key), value, timestampMs: Date.now(), headers: {} })));
  await Promise.all([producer.close(), registry.close()]);
  await log.close();
  const { lines } = await netweaver('topology', 'show');
  expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual(['link a b state capacity latency ms metric risk groups', 'ab a b down 10.0 Gbit/s 2.5', 'bz b z', '3 devices, 2 links, 0 other elements.', 'In 2 parts that nothing connects; 3 devices are in the largest.', '1 devices are named by links alone: z']);
  expect((await netweaver('topology', 'show', '--json')).lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['a', 'b', 'c', 'ab', 'bz']);
});
