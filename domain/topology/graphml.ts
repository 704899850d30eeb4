/** GraphML (graphml.graphdrawing.org), as the Internet Topology Zoo and graph libraries write it. */
import { topologyOf, type GraphEdge } from './graph-file';
import { TopologyBuilder, type TopologyFile } from './builder';
import { unreadable } from './text-place';
import { child, children, readXml, textOf, type XmlElement } from './xml';

const REPEATED: ReadonlySet<string> = new Set(['key', 'graph', 'node', 'edge', 'data', 'hyperedge']);

/** Reads the first graph of a document. @throws NW_TOPOLOGY_UNREADABLE */
export function readGraphml(text: string): TopologyFile {
  const root = child(readXml(text, REPEATED), 'graphml');
  if (root === null) throw unreadable('the document has no <graphml>');
  const graphs = children(root, 'graph').filter((graph) => Object.hasOwn(graph, '@edgedefault'));
  if (graphs.length === 0) throw unreadable('<graphml> has no <graph edgedefault="…">');
  const [graph] = graphs;
  const keys = new Map(children(root, 'key').map((key) => [textOf(key, '@id'), { name: textOf(key, '@attr.name') || textOf(key, '@id'), fallback: textOf(key, 'default'), of: textOf(key, '@for') }]));
  const attributes = (of: XmlElement, kind: string): Record<string, string> => {
    const values: Record<string, string> = {};
    for (const { name, fallback, of: kinds } of keys.values()) if (fallback !== '' && (kinds === kind || kinds === 'all' || kinds === '')) values[name] = fallback;
    for (const data of children(of, 'data')) values[keys.get(textOf(data, '@key'))?.name ?? textOf(data, '@key')] = textOf(data, '#text');
    return values;
  };
  const directed = textOf(graph, '@edgedefault') === 'directed';
  const nodes = children(graph, 'node').map((node) => ({ id: textOf(node, '@id'), attributes: attributes(node, 'node') }));
  const edges = children(graph, 'edge').map((edge): GraphEdge => ({ id: textOf(edge, '@id'), source: textOf(edge, '@source'), target: textOf(edge, '@target'), attributes: attributes(edge, 'edge') }));
  const named = attributes(graph, 'graph');
  const file = topologyOf({ name: named.Network ?? named.label ?? textOf(graph, '@id'), directed, nodes, edges });
  const left = new TopologyBuilder();
  if (graphs.length > 1) left.remark('further-graph', textOf(graphs[1], '@id'), graphs.length - 1);
  const nested = children(graph, 'node').filter((node) => Object.hasOwn(node, 'graph'));
  if (nested.length > 0) left.remark('nested-graph', textOf(nested[0], '@id'), nested.length);
  const hyperedges = children(graph, 'hyperedge').length;
  if (hyperedges > 0) left.remark('hyperedge', file.name, hyperedges);
  return { ...file, remarks: { ...file.remarks, ...left.finish('').remarks } };
}
