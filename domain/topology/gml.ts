/** GML as the Internet Topology Zoo writes it; parallel edges, at which strict readers stumble, are parallel links. */
import type { TopologyFile } from './builder';
import { parseGml, type GmlEntry, type GmlList } from './gml-parser';
import { topologyOf } from './graph-file';
import { placeIn, unreadable } from './text-place';

/** Reads the first graph of a text. @throws NW_TOPOLOGY_UNREADABLE */
export function readGml(text: string): TopologyFile {
  const entry = parseGml(text).find(({ key, value }) => key === 'graph' && typeof value !== 'string');
  if (entry === undefined) throw unreadable('the file has no list `graph`');
  const graph = entry.value as GmlList;
  const lists = (key: string): GmlEntry[] => graph.filter((one) => one.key === key && typeof one.value !== 'string');
  const needed = ({ key, value, at }: GmlEntry, name: string): string => {
    const found = textIn(value as GmlList, name);
    if (found === '') throw unreadable(`this ${key} has no ${name}`, placeIn(text, at));
    return found;
  };
  const attributes = ({ value }: GmlEntry, without: readonly string[]): Record<string, string> => {
    const values: Record<string, string> = {};
    for (const one of value as GmlList) if (typeof one.value === 'string' && !without.includes(one.key)) values[one.key] ??= one.value;
    return values;
  };
  return topologyOf({
    name: textIn(graph, 'Network') || textIn(graph, 'label'),
    directed: textIn(graph, 'directed') === '1',
    nodes: lists('node').map((node) => ({ id: needed(node, 'id'), attributes: attributes(node, ['id']) })),
    edges: lists('edge').map((edge) => ({ id: '', source: needed(edge, 'source'), target: needed(edge, 'target'), attributes: attributes(edge, ['source', 'target']) })),
  });
}

const textIn = (list: GmlList, key: string): string => {
  const found = list.find((one) => one.key === key)?.value;
  return typeof found === 'string' ? found : '';
};
