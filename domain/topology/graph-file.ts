import { TopologyBuilder, type TopologyFile } from './builder';
import { device, link, type Element } from './elements';
import { bitsPerSecondOf, numberOf } from './quantities';

/** Nodes and edges as GraphML and GML have them: bare ids, and attributes as texts by name. */
export interface GraphFile {
  readonly name: string;
  readonly directed: boolean;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface GraphEdge {
  /** '' where the file gives none. */
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** By the name in lower case: what an attribute of a node or an edge says. Those of the Internet Topology Zoo, and our own. */
const MEANINGS: Readonly<Record<string, keyof Element>> = {
  latitude: 'latitude', lat: 'latitude', longitude: 'longitude', lon: 'longitude', address: 'address', site: 'site',
  linkspeedraw: 'bitsPerSecond', bitspersecond: 'bitsPerSecond', capacity: 'bitsPerSecond', latencyms: 'latencyMs', metric: 'metric', metricback: 'metricBack', riskgroups: 'riskGroups', prefixes: 'prefixes',
};
const TEXTS: ReadonlySet<keyof Element> = new Set(['address', 'site', 'riskGroups', 'prefixes']);

/**
 * Devices and links of a file of nodes and edges. Devices are named by their labels; those that share one by label and id,
 * `None#7`. In a directed graph two opposite edges are a link; an edge without its opposite is none and is counted.
 */
export function topologyOf(file: GraphFile): TopologyFile {
  const builder = new TopologyBuilder();
  const nodes = new Map<string, GraphNode>();
  for (const node of file.nodes) {
    if (nodes.has(node.id)) builder.remark('duplicate-device', node.id);
    else nodes.set(node.id, node);
  }
  const names = namesOf([...nodes.values()]);
  for (const node of nodes.values()) builder.add(device(names.get(node.id)!, { ...said(node.attributes, builder), attributes: { ...rest(node.attributes), id: node.id } }));
  const ids = new Set<string>();
  const unique = file.edges.filter(({ id }) => {
    if (id === '' || !ids.has(id)) return ids.add(id);
    builder.remark('duplicate-link', id);
    return false;
  });
  for (const { id, source, target, attributes, back } of file.directed ? paired(unique, builder) : unique.map((edge) => ({ ...edge, back: null as GraphEdge | null }))) {
    const of = said(attributes, builder);
    const metricBack = back === null ? of.metricBack : said(back.attributes, builder).metric;
    const [a, b] = [source, target].map((end) => ({ device: names.get(end) ?? end, interface: null }));
    if (!nodes.has(source) || !nodes.has(target)) builder.remark('unknown-device', `${source} to ${target}`);
    else builder.addLink(link('', a, b, { ...of, metricBack: metricBack ?? null, attributes: id === '' ? rest(attributes) : { ...rest(attributes), id } }));
  }
  return builder.finish(file.name);
}

/** Names of the nodes: none twice, none empty, none with the slash that parts device and interface. */
function namesOf(nodes: readonly GraphNode[]): Map<string, string> {
  const label = ({ id, attributes }: GraphNode): string => (attributes.label ?? '').trim().replaceAll('/', '-') || id.replaceAll('/', '-');
  const shared = new Map<string, number>();
  for (const node of nodes) shared.set(label(node), (shared.get(label(node)) ?? 0) + 1);
  const taken = new Set([...shared.keys()]);
  const names = new Map<string, string>();
  for (const node of nodes) {
    let name = label(node);
    if (shared.get(name)! > 1) {
      name = `${name}#${node.id.replaceAll('/', '-')}`;
      while (taken.has(name)) name += "'";
      taken.add(name);
    }
    names.set(node.id, name);
  }
  return names;
}

/** What the attributes say that an element has a field for. */
function said(attributes: Readonly<Record<string, string>>, builder: TopologyBuilder): Partial<Element> {
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(attributes)) {
    const field = MEANINGS[name.toLowerCase()];
    if (field === undefined || text.trim() === '') continue;
    if (TEXTS.has(field)) {
      values[field] = text.trim();
      continue;
    }
    const value = field === 'bitsPerSecond' ? bitsPerSecondOf(text) : numberOf(text);
    // A speed of 0 is that of a link of which none is known.
    if (Number.isNaN(value)) builder.remark('impossible-number', `${name} is ${text.slice(0, 40)}`);
    else if (field !== 'bitsPerSecond' || value > 0) values[field] = value;
  }
  if (values.bitsPerSecond === undefined && attributes.LinkSpeed !== undefined) {
    const speed = bitsPerSecondOf(`${attributes.LinkSpeed}${attributes.LinkSpeedUnits ?? ''}`);
    if (speed > 0) values.bitsPerSecond = speed;
  }
  return values;
}

const rest = (attributes: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries(Object.entries(attributes).filter(([name]) => MEANINGS[name.toLowerCase()] === undefined));

/** Each edge with the next that leads back. */
function paired(edges: readonly GraphEdge[], builder: TopologyBuilder): (GraphEdge & { readonly back: GraphEdge | null })[] {
  const waiting = new Map<string, number[]>();
  const links: (GraphEdge & { back: GraphEdge | null })[] = [];
  for (const edge of edges) {
    const first = waiting.get(JSON.stringify([edge.target, edge.source]))?.shift();
    if (first !== undefined && edge.source !== edge.target) {
      links[first].back = edge;
      continue;
    }
    const key = JSON.stringify([edge.source, edge.target]);
    waiting.set(key, [...(waiting.get(key) ?? []), links.push({ ...edge, back: null }) - 1]);
  }
  return links.filter((edge) => {
    if (edge.back === null && edge.source !== edge.target) builder.remark('one-way', `${edge.source} to ${edge.target}`);
    return edge.back !== null || edge.source === edge.target;
  });
}
