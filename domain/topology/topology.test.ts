import { hasCode } from '../../infra/errors';
import { differences, snapshot } from './differences';
import { device, link, linkName, networkInterface, type Element } from './elements';
import { fibreLatencyMs, greatCircleKm } from './geography';
import { bitsPerSecondOf } from './quantities';
import { readTopology } from './read';

const at = (name: string): { device: string; interface: null } => ({ device: name, interface: null });
const ids = (elements: readonly Element[]): string[] => elements.map(({ element, id }) => `${element} ${id}`);
const faultOf = (file: string, text: string): string => {
  try {
    readTopology(file, text);
  } catch (error) {
    if (!hasCode(error, 'NW_TOPOLOGY_UNREADABLE')) throw error;
    return error.message;
  }
  return 'no fault';
};
const counts = (file: string, text: string): Record<string, number> => Object.fromEntries(Object.entries(readTopology(file, text).remarks).map(([reason, { count }]) => [reason, count]));

describe('our own format', () => {
  const TEXT = `
name: lab
sites: { Berlin: { latitude: 52.52, longitude: 13.405 } }
devices:
  r1: { address: 192.0.2.1, site: Berlin, interfaces: { eth0: { ifIndex: 1, capacity: 10G, up: true } } }
  r2: { latitude: 48.14, longitude: 11.58, attributes: { rack: 7 } }
  007:
links:
  - { b: r1, bInterface: eth0, a: r2, aInterface: xe/0/1, capacity: 10G, metric: 10, riskGroups: [duct-7, bridge] }
  - { a: r1, b: 007, latencyMs: 2.5, metricBack: 4, up: false, name: spur }
`;

  test('says devices, interfaces, links, their places and what they can carry', () => {
    const { name, elements, remarks } = readTopology('some/where/net.yaml', TEXT);
    expect(name).toBe('lab');
    expect(ids(elements)).toEqual(['device 007', 'device r1', 'device r2', 'interface r1/eth0', 'link r1:eth0--r2:xe/0/1', 'link spur']);
    expect(elements[1]).toEqual(device('r1', { address: '192.0.2.1', site: 'Berlin', latitude: 52.52, longitude: 13.405 }));
    expect(elements[2].attributes).toEqual({ rack: '7' });
    expect(elements[3]).toEqual(networkInterface('r1', 'eth0', { ifIndex: 1, bitsPerSecond: 1e10, up: true }));
    expect(elements[4]).toMatchObject({ a: 'r2', aInterface: 'xe/0/1', b: 'r1', bInterface: 'eth0', bitsPerSecond: 1e10, metric: 10, riskGroups: 'duct-7,bridge', attributes: { latencyBy: 'distance' } });
    expect(elements[4].latencyMs).toBeCloseTo(2.52, 1);
    expect(elements[5]).toEqual(link('spur', at('r1'), at('007'), { latencyMs: 2.5, metricBack: 4, up: false }));
    expect(remarks).toEqual({ 'latency-by-distance': { count: 1, first: 'r1:eth0--r2:xe/0/1' } });
  });

  test('says which prefixes a device announces, without the bits behind their length', () => {
    const { elements } = readTopology('net.yaml', '{ devices: { a: { prefixes: [203.0.113.7/24, 2001:DB8:0::/32, "::/0"] }, b: { prefixes: 198.51.100.1 }, c: } }');
    expect(elements.map(({ prefixes }) => prefixes)).toEqual(['203.0.113.0/24,2001:db8::/32,::/0', '198.51.100.1/32', '']);
  });

  test('the same in JSON; a file that gives no name has that of the file', () => {
    const { name, elements } = readTopology('C:\\net\\two.json.gz', '{"devices":{"a":{},"b":null},"links":[{"a":"a","b":"b"}]}');
    expect([name, ids(elements)]).toEqual(['two', ['device a', 'device b', 'link a--b']]);
  });

  test.each([
    ['a word that is no key', 'devices:\n  a: { adress: x }', 'line 2, column 8: a has no adress; there are up, attributes, latitude, longitude, address, site, prefixes, interfaces'],
    ['a prefix that is none', 'devices:\n  a: { prefixes: [192.0.2.0/24, 192.0.2.0/33] }', 'line 2, column 33: 192.0.2.0/33 is no prefix'],
    ['a number that is none', 'links:\n- { a: x, b: y, latencyMs: fast }', 'line 2, column 28: latencyMs is a number, not fast'],
    ['a rate that is none', 'links:\n- { a: x, b: y, capacity: ten }', 'line 2, column 27: capacity is a rate as 10G or 64000, not ten'],
    ['a flag that is none', 'devices:\n  a: { up: perhaps }', 'line 2, column 12: up is true or false, not perhaps'],
    ['a link with one end', 'links:\n- { a: x }', 'line 2, column 3: a link has `a` and `b`'],
    ['a list where a map is meant', 'devices: [a, b]', 'line 1, column 10: devices is a map'],
    ['a slash in a name', 'devices: { a/b: { site: x } }', 'line 1, column 17: the name of a device is not empty and has no slash'],
    ['no YAML', 'devices: { a: ', 'line 1, column 15: Flow map in block collection must be sufficiently indented and end with a } at line 1, column 15:'],
    ['a text', 'hello', 'line 1, column 1: the file is a map'],
  ])('%s is an error with its place', (_, text, fault) => expect(faultOf('net.yaml', text)).toBe(fault));

  test('duplicates, strangers, loops and impossible numbers are counted, and the rest is taken', () => {
    const text = `
devices: { a: { latitude: 91 }, b: {}, b: { site: x } }
links:
- { a: a, b: b, latencyMs: -1, name: one }
- { a: a, b: b, name: one }
- { a: a, b: c }
- { a: a, b: a }
- { a: a, b: b }
- { a: b, b: a }`;
    expect(counts('net.yaml', text)).toEqual({ 'duplicate-device': 1, 'impossible-number': 2, 'duplicate-link': 1, 'unknown-device': 1, 'self-loop': 1 });
    expect(ids(readTopology('net.yaml', text).elements)).toEqual(['device a', 'device b', 'link a--b', 'link a--b#2', 'link one']);
  });
});

describe('GML', () => {
  test('texts with entities, comments, and keys that come again', () => {
    const { name, elements } = readTopology('x.gml', `# made by hand
graph [ directed 0 label "A &#38; B"
  node [ id 1 label "K&quot;ln / West" ] node [ id 2 ]
  edge [ source 1 target 2 LinkSpeed "2.5" LinkSpeedUnits "G" LinkLabel "line
two" ] ]`);
    expect([name, ids(elements)]).toEqual(['A & B', ['device 2', 'device K"ln - West', 'link 2--K"ln - West']]);
    expect(elements[2]).toMatchObject({ bitsPerSecond: 2.5e9, attributes: { LinkLabel: 'line\ntwo' } });
  });

  test('devices that share a label are told apart by their ids, and never taken for one', () => {
    const { elements } = readTopology('x.gml', 'graph [ node [ id 1 label "None" ] node [ id 2 label "None" ] node [ id 3 label "None#1" ] edge [ source 1 target 2 ] ]');
    expect(ids(elements)).toEqual(["device None#1", "device None#1'", 'device None#2', "link None#1'--None#2"]);
  });

  test('in a directed graph opposite edges are one link, with a metric each way', () => {
    const text = 'graph [ directed 1 node [ id 1 ] node [ id 2 ] node [ id 3 ] edge [ source 1 target 2 metric 5 ] edge [ source 2 target 1 metric 7 ] edge [ source 2 target 3 ] ]';
    expect(readTopology('x.gml', text).elements[3]).toMatchObject({ id: '1--2', a: '1', b: '2', metric: 5, metricBack: 7 });
    expect(counts('x.gml', text)).toEqual({ 'one-way': 1 });
  });

  test.each([
    ['a list that does not end', 'graph [\n  node [ id 1 ', 'line 2, column 3: the list does not end'],
    ['a text that does not end', 'graph [\n label "x ]', 'line 2, column 8: the text in quotation marks does not end'],
    ['a bracket too many', 'graph [ ] ]', 'line 1, column 11: ] closes nothing'],
    ['a key without a value', 'graph [ id ]', 'line 1, column 9: id has no value'],
    ['a value that is none', 'graph [ id x ]', 'line 1, column 12: expected a number, a text or [ after id, found x'],
    ['no graph', 'Creator "x"', 'the file has no list `graph`'],
    ['an edge with one end', 'graph [ node [ id 1 ]\nedge [ source 1 ] ]', 'line 2, column 1: this edge has no target'],
    ['lists without end', 'a [ '.repeat(100_000), 'line 1, column 131: lists are nested deeper than 32'],
  ])('%s is an error with its place', (_, text, fault) => expect(faultOf('x.gml', text)).toBe(fault));
});

describe('GraphML', () => {
  const graphml = (graph: string): string => `<?xml version="1.0"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n<key id="d0" for="edge" attr.name="metric"><default>3</default></key>${graph}</graphml>`;

  test('defaults of keys hold where an edge says nothing; what cannot be a link is counted', () => {
    const text = graphml('<graph id="g" edgedefault="undirected"><node id="a"/><node id="a"/><node id="b"><graph edgedefault="directed"/></node><hyperedge/><edge id="e1" source="a" target="b"/><edge id="e1" source="a" target="b"/><edge source="a" target="z"/><edge source="b" target="a"><data key="d0">4</data></edge></graph>');
    expect(readTopology('x.graphml', text).elements.slice(2).map(({ id, metric, a, b }) => [id, metric, a, b])).toEqual([['a--b', 3, 'a', 'b'], ['a--b#2', 4, 'b', 'a']]);
    expect(counts('x.graphml', text)).toEqual({ 'duplicate-device': 1, 'duplicate-link': 1, 'unknown-device': 1, 'nested-graph': 1, hyperedge: 1 });
  });

  test.each([
    ['a tag that does not end', graphml('<graph edgedefault="directed"><node></graph>'), "line 3, column 106: Expected closing tag 'node' (opened in line 3, col 100) instead of closing tag 'graph'."],
    ['no graph', graphml(''), '<graphml> has no <graph edgedefault="…">'],
    ['another document', '<html></html>', 'the document has no <graphml>'],
    ['entities of its own', '<!DOCTYPE g [<!ENTITY a "b">]><graphml>&a;</graphml>', 'the document defines entities of its own, which are not read'],
    ['no document', '', 'line 1, column 1: Start tag expected.'],
  ])('%s is an error', (_, text, fault) => expect(faultOf('x.graphml', text)).toBe(fault));
});

test('a file of an unknown format is refused', () => {
  expect(faultOf('net.txt', '')).toBe('net.txt: the name ends with none of .graphml, .gml, .xml, .yaml, .yml, .json');
  expect(faultOf('net.xml', '<network/>')).toBe('the document has no <network> with <networkStructure> and <nodes>');
});

describe('names and quantities', () => {
  test('a link has one name from both ends', () => {
    const ends = [{ device: 'b', interface: 'eth1' }, { device: 'a', interface: 'eth9' }];
    expect(linkName(ends[0], ends[1])).toBe('a:eth9--b:eth1');
    expect(linkName(ends[1], ends[0])).toBe('a:eth9--b:eth1');
  });

  test.each([['10G', 1e10], ['1.5 Gbit/s', 1.5e9], ['622 Mbps', 6.22e8], ['64000', 64_000], ['45000000.0', 4.5e7], ['<10M', NaN], ['', NaN], ['-1', NaN]])('%s is %p bits a second', (text, rate) => expect(bitsPerSecondOf(text)).toBe(rate));

  test('a quarter of the Earth is 10,008 km, for light in fibre 50 ms', () => {
    const [pole, equator] = [{ latitude: 90, longitude: 0 }, { latitude: 0, longitude: 77 }];
    expect(greatCircleKm(pole, equator)).toBeCloseTo(10_007.6, 1);
    expect(fibreLatencyMs(pole, equator)).toBeCloseTo(50.038, 3);
    expect(fibreLatencyMs(pole, pole)).toBe(0);
  });
});

describe('from one set of elements to another', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => device(id));
  const ab = link('a--b', at('a'), at('b'), { up: true, attributes: { x: '1' } });
  const bc = link('b--c', at('b'), at('c'));
  const changes = (before: Element[], after: Element[]): string[] => differences(before, after).map(({ change, element }) => `${change} ${element.element} ${element.id}`);

  test('nothing leads to the same', () => expect(changes([a, b, ab], [{ ...ab, attributes: { x: '1' } }, b, a])).toEqual([]));

  test('links go before their devices and come after them', () => {
    expect(changes([a, b, ab], [b, c, bc])).toEqual(['removed link a--b', 'removed device a', 'added device c', 'added link b--c']);
  });

  test('going up and down is told apart from any other change', () => {
    expect(changes([ab, bc], [{ ...ab, up: false }, { ...bc, metric: 4 }])).toEqual(['down link a--b', 'changed link b--c']);
    expect(changes([{ ...ab, up: false }], [ab])).toEqual(['up link a--b']);
    expect(changes([ab], [{ ...ab, up: null }])).toEqual(['changed link a--b']);
    expect(changes([ab], [{ ...ab, up: false, metric: 3 }])).toEqual(['changed link a--b']);
    expect(changes([ab], [{ ...ab, attributes: { x: '2' } }])).toEqual(['changed link a--b']);
  });

  test('a snapshot names everything at one time, then says that it is over', () => {
    const events = snapshot([ab, b, a], 'file:lab', 7);
    expect(events.map(({ change, element, id, source, time }) => [change, element, id, source, time])).toEqual([
      ['present', 'device', 'a', 'file:lab', 7], ['present', 'device', 'b', 'file:lab', 7], ['present', 'link', 'a--b', 'file:lab', 7], ['complete', 'snapshot', '', 'file:lab', 7],
    ]);
  });
});
