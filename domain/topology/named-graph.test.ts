import { device, link, networkInterface } from './elements';
import { NamedGraph } from './named-graph';

const end = (of: string): { device: string; interface: null } => ({ device: of, interface: null });
const ab = link('ab', end('a'), end('b'), { metric: 1 });
const nodes = ({ graph }: NamedGraph): string[] => {
  const found: string[] = [];
  graph.forEachNode(({ id, data }) => void found.push(`${id}${data === null ? '?' : ''}`));
  return found;
};

describe('the named graph', () => {
  test('keeps parallel links apart, and devices that only links name', () => {
    const named = NamedGraph.of([device('a'), networkInterface('a', 'e1'), ab, { ...ab, id: 'ab2' }]);
    expect(nodes(named)).toEqual(['a', 'b?']);
    expect([named.graph.getLinkCount(), named.link('ab')?.data.metric, named.others.size]).toEqual([2, 1, 1]);
    named.put({ ...ab, metric: 7 });
    expect([named.graph.getLinkCount(), named.link('ab')?.data.metric, named.link('ab2')?.data.metric]).toEqual([2, 7, 1]);
  });

  test('a device stays as long as links lead to it', () => {
    const named = NamedGraph.of([device('a'), device('b'), ab]);
    expect(named.remove('device/a')).toBe(true);
    expect(nodes(named)).toEqual(['a?', 'b']);
    expect([named.remove('device/a'), named.remove('link/ab'), named.remove('link/ab'), named.remove('interface/x/y')]).toEqual([false, true, false, false]);
    expect(nodes(named)).toEqual(['b']);
  });

  test('a link that leads elsewhere leaves nothing where it was', () => {
    const named = NamedGraph.of([ab]);
    named.put(link('ab', end('a'), end('c')));
    expect(nodes(named)).toEqual(['a?', 'c?']);
    expect(named.put({ ...ab, a: null })).toBe(false);
  });

  test('tells what became other, several changes as one', () => {
    const named = new NamedGraph();
    const told: string[] = [];
    named.graph.on('changed', (changes: { changeType: string; node?: { id: string }; link?: { data: { id: string } } }[]) =>
      told.push(changes.map(({ changeType, node, link: of }) => `${changeType} ${node?.id ?? of?.data.id}`).join(', ')));
    named.together(() => void [device('a'), device('b'), ab].forEach((element) => named.put(element)));
    named.remove('link/ab');
    expect(told).toEqual(['add a, add b, add ab', 'remove ab']);
  });

  test('knows its connected parts', () => {
    const named = NamedGraph.of([device('x'), ab, link('bc', end('c'), end('b'))]);
    expect(named.components().map((part) => part.sort())).toEqual([['a', 'b', 'c'], ['x']]);
  });
});
