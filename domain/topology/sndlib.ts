/**
 * Networks of SNDlib (sndlib.zib.de), XML. Coordinates of type `geographical` are degrees, others are places on a picture and are
 * not taken. Capacity: what is installed, else the smallest module that can be; only where the file names its unit.
 * The format does not say whether links have a direction: where every link has one that leads back, two are one link.
 */
import { TopologyBuilder, type TopologyFile } from './builder';
import { device, link, type Element } from './elements';
import { numberOf } from './quantities';
import { unreadable } from './text-place';
import { child, children, readXml, textOf, type XmlElement } from './xml';

const REPEATED: ReadonlySet<string> = new Set(['node', 'link', 'addModule', 'demand']);
const UNITS: Readonly<Record<string, number>> = { BITPERSEC: 1, BITSPERSEC: 1, KBITPERSEC: 1e3, MBITPERSEC: 1e6, GBITPERSEC: 1e9, TBITPERSEC: 1e12 };

interface Edge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly xml: XmlElement;
}

/** Reads a network. @throws NW_TOPOLOGY_UNREADABLE */
export function readSndlib(text: string): TopologyFile {
  const network = child(readXml(text, REPEATED), 'network');
  const structure = network === null ? null : child(network, 'networkStructure');
  const [nodes, links] = ['nodes', 'links'].map((name) => (structure === null ? null : child(structure, name)));
  if (network === null || nodes === null) throw unreadable('the document has no <network> with <networkStructure> and <nodes>');
  const meta = child(network, 'meta');
  const unit = UNITS[meta === null ? '' : textOf(meta, 'unit')] ?? NaN;
  const builder = new TopologyBuilder();
  const geographical = textOf(nodes, '@coordinatesType') === 'geographical';
  for (const node of children(nodes, 'node')) {
    const place = geographical ? child(node, 'coordinates') : null;
    builder.add(device(textOf(node, '@id'), place === null ? {} : { longitude: numberOf(textOf(place, 'x')), latitude: numberOf(textOf(place, 'y')) }));
  }
  const edges = links === null ? [] : children(links, 'link').map((xml): Edge => ({ id: textOf(xml, '@id'), source: textOf(xml, 'source'), target: textOf(xml, 'target'), xml }));
  const ways = new Map(edges.map((edge) => [JSON.stringify([edge.source, edge.target]), edge]));
  const back = (edge: Edge): Edge | undefined => ways.get(JSON.stringify([edge.target, edge.source]));
  const directed = edges.length > 0 && ways.size === edges.length && edges.every((edge) => edge.source !== edge.target && back(edge) !== undefined);
  const done = new Set<Edge>();
  for (const edge of edges) {
    if (done.has(edge)) continue;
    const other = directed ? back(edge)! : null;
    if (other !== null) done.add(other);
    const metricBack = other === null ? null : metricOf(other.xml);
    builder.addLink(link(edge.id, { device: edge.source, interface: null }, { device: edge.target, interface: null }, { ...capacity(edge, unit, builder), metric: metricOf(edge.xml), metricBack }));
  }
  return builder.finish('');
}

function metricOf(xml: XmlElement): number | null {
  const text = textOf(xml, 'routingCost');
  return text === '' ? null : numberOf(text);
}

function capacity({ id, xml }: Edge, unit: number, builder: TopologyBuilder): Partial<Element> {
  const installed = child(xml, 'preInstalledModule');
  const modules = child(xml, 'additionalModules');
  const sizes = modules === null ? [] : children(modules, 'addModule').map((one) => numberOf(textOf(one, 'capacity'))).filter((size) => size > 0);
  const given = installed === null ? NaN : numberOf(textOf(installed, 'capacity'));
  if (!(given > 0) && sizes.length === 0) return {};
  const bitsPerSecond = Math.round((given > 0 ? given : Math.min(...sizes)) * unit);
  const attributes = { ...(given > 0 ? { installed: String(given) } : {}), ...(sizes.length > 0 ? { modules: sizes.join(',') } : {}) };
  if (Number.isNaN(unit)) builder.remark('no-unit-of-capacity', id);
  else if (!(given > 0)) builder.remark('capacity-by-module', id);
  return { bitsPerSecond: Number.isNaN(unit) ? null : bitsPerSecond, attributes };
}
