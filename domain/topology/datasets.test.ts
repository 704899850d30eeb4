/** Every network of the Internet Topology Zoo and of SNDlib, as GraphML, GML and XML, against the index that comes with them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../../infra/root';
import type { TopologyFile } from './builder';
import { fibreLatencyMs } from './geography';
import { readTopology } from './read';

const DATASETS = resolve(ROOT, '../shared/datasets');
const ZOO = join(DATASETS, 'topology-zoo');
const SNDLIB = join(DATASETS, 'topology-sndlib');
const whenZoo = existsSync(join(ZOO, 'index.csv')) ? describe : describe.skip;
const whenSndlib = existsSync(join(SNDLIB, 'index.csv')) ? describe : describe.skip;

type Row = Readonly<Record<string, string>>;
function rows(folder: string): Row[] {
  if (!existsSync(join(folder, 'index.csv'))) return [{ name: 'none' }];
  const [head, ...lines] = readFileSync(join(folder, 'index.csv'), 'utf8').trim().split('\n').map((line) => line.trim().split(','));
  return lines.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i]])));
}

const unzipped = (path: string): string => gunzipSync(readFileSync(path)).toString('utf8');

/** What the index counts, from what was read. */
function shape(file: TopologyFile): { nodes: number; edges: number; simple: number; multigraph: boolean; components: number; selfLoops: number; places: number; speeds: number } {
  const devices = file.elements.filter(({ element }) => element === 'device');
  const links = file.elements.filter(({ element }) => element === 'link');
  const selfLoops = file.remarks['self-loop']?.count ?? 0;
  const parent = new Map(devices.map(({ id }) => [id, id]));
  const top = (id: string): string => {
    let at = id;
    while (parent.get(at) !== at) at = parent.get(at)!;
    return at;
  };
  for (const { a, b } of links) parent.set(top(a!), top(b!));
  const pairs = new Set(links.map(({ a, b }) => [a, b].sort().join('\0'))).size;
  return {
    nodes: devices.length, edges: links.length + selfLoops, simple: pairs + selfLoops, multigraph: pairs < links.length,
    components: new Set(devices.map(({ id }) => top(id))).size, selfLoops,
    places: devices.filter(({ latitude, longitude }) => latitude !== null && longitude !== null).length, speeds: links.filter(({ bitsPerSecond }) => bitsPerSecond !== null).length,
  };
}

/** The index counts LinkSpeedRaw alone; this network has LinkSpeed with LinkSpeedUnits. */
const WITHOUT_RAW_SPEEDS: Readonly<Record<string, number>> = { Garr: 55 };

const indexed = (row: Row): ReturnType<typeof shape> => ({
  nodes: Number(row.nodes), edges: Number(row.edges), simple: Number(row.simple_edges), multigraph: row.multigraph === '1', components: Number(row.components), selfLoops: Number(row.self_loops),
  places: Number(row.nodes_with_latlon), speeds: WITHOUT_RAW_SPEEDS[row.name] ?? Number(row.edges_with_speed),
});

whenZoo('the Internet Topology Zoo (needs shared/datasets/topology-zoo)', () => {
  const gml = (): Record<string, string> => JSON.parse(unzipped(join(ZOO, 'gml.json.gz'))) as Record<string, string>;

  test.each(rows(ZOO))('$name as GraphML: $nodes devices, $edges links', (row) => {
    expect(shape(readTopology(`${row.name}.graphml`, unzipped(join(ZOO, 'graphml', `${row.name}.graphml.gz`))))).toEqual(indexed(row));
  });

  test('as GML every network is the same as in GraphML, parallel links and all', () => {
    const texts = gml();
    expect(Object.keys(texts)).toHaveLength(rows(ZOO).length);
    for (const row of rows(ZOO)) expect({ name: row.name, ...shape(readTopology(`${row.name}.gml`, texts[row.name])) }).toEqual({ name: row.name, ...indexed(row) });
  });

  test('every device and every link has a name of its own, the same in both formats', () => {
    const texts = gml();
    for (const { name } of rows(ZOO)) {
      const [fromXml, fromGml] = [readTopology('a.graphml', unzipped(join(ZOO, 'graphml', `${name}.graphml.gz`))), readTopology('a.gml', texts[name])];
      const ids = fromXml.elements.map(({ element, id }) => `${element}/${id}`);
      expect(new Set(ids).size).toBe(ids.length);
      expect(fromGml.elements.map(({ element, id }) => `${element}/${id}`)).toEqual(ids);
    }
  });

  test('links between known places have the latency of the great circle', () => {
    const { elements } = readTopology('Agis.graphml', unzipped(join(ZOO, 'graphml', 'Agis.graphml.gz')));
    const [houston, dallas] = ['Houston', 'Dallas'].map((id) => elements.find((one) => one.element === 'device' && one.id === id)!);
    const link = elements.find(({ id }) => id === 'Dallas--Houston')!;
    expect(link.latencyMs).toBe(fibreLatencyMs({ latitude: houston.latitude!, longitude: houston.longitude! }, { latitude: dallas.latitude!, longitude: dallas.longitude! }));
    // 362 km
    expect(link.latencyMs).toBeCloseTo(1.81, 2);
  });
});

whenSndlib('SNDlib (needs shared/datasets/topology-sndlib)', () => {
  /** Files where every link has one that leads back. */
  const DIRECTED = ['brain', 'giul39', 'janos-us', 'sun'];

  test.each(rows(SNDLIB))('$name: $nodes devices, $links links', (row) => {
    const file = readTopology(`${row.name}.xml`, unzipped(join(SNDLIB, `${row.name}.xml.gz`)));
    const { nodes, edges, places } = shape(file);
    expect({ nodes, edges, places }).toEqual({ nodes: Number(row.nodes), edges: Number(row.links) / (DIRECTED.includes(row.name) ? 2 : 1), places: row.coordinates === 'geographical' ? Number(row.nodes) : 0 });
    expect(file.name).toBe(row.name);
  });

  test('capacities are in bits a second where the file names a unit, and else not guessed', () => {
    const links = (name: string): (number | null)[] => readTopology(`${name}.xml`, unzipped(join(SNDLIB, `${name}.xml.gz`))).elements.filter(({ element }) => element === 'link').map(({ bitsPerSecond }) => bitsPerSecond);
    expect(new Set(links('abilene'))).toEqual(new Set([9.92e9, 2.48e9]));
    expect(new Set(links('polska'))).toEqual(new Set([null]));
  });

  test('every file is there', () => expect(readdirSync(SNDLIB).filter((name) => name.endsWith('.xml.gz'))).toHaveLength(rows(SNDLIB).length));
});
