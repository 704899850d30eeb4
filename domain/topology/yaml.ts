/**
 * Our own format, YAML or JSON:
 *
 *     name: example
 *     sites: { Berlin: { latitude: 52.52, longitude: 13.405 } }
 *     devices:
 *       r1: { address: 192.0.2.1, site: Berlin, prefixes: [203.0.113.0/24], interfaces: { eth0: { ifIndex: 1, capacity: 10G } } }
 *       r2: { latitude: 48.14, longitude: 11.58 }
 *     links:
 *       - { a: r1, aInterface: eth0, b: r2, capacity: 10G, latencyMs: 2.5, metric: 10, riskGroups: [duct-7] }
 *
 * Somebody wrote it by hand, so what is not understood is an error with its place; what has to be counted is what programs get wrong as well: duplicates
 * and links to devices that are not there.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type YAMLMap } from 'yaml';
import { canonicalPrefix } from '../paths/prefixes';
import { TopologyBuilder, type TopologyFile } from './builder';
import { device, link, networkInterface, type Element } from './elements';
import { bitsPerSecondOf } from './quantities';
import { unreadable } from './text-place';

/** How a key is read: into which field, as what. */
type Kind = 'text' | 'number' | 'rate' | 'flag' | 'list' | 'map' | 'texts';
type Fields = Readonly<Record<string, { readonly kind: Kind; readonly field?: keyof Element }>>;

const COMMON: Fields = { up: { kind: 'flag', field: 'up' }, attributes: { kind: 'texts', field: 'attributes' } };
const PLACE: Fields = { latitude: { kind: 'number', field: 'latitude' }, longitude: { kind: 'number', field: 'longitude' } };
const ROOT: Fields = { name: { kind: 'text' }, sites: { kind: 'map' }, devices: { kind: 'map' }, links: { kind: 'list' } };
const DEVICE: Fields = { ...COMMON, ...PLACE, address: { kind: 'text', field: 'address' }, site: { kind: 'text', field: 'site' }, prefixes: { kind: 'list' }, interfaces: { kind: 'map' } };
const INTERFACE: Fields = { ...COMMON, address: { kind: 'text', field: 'address' }, ifIndex: { kind: 'number', field: 'ifIndex' }, capacity: { kind: 'rate', field: 'bitsPerSecond' } };
const LINK: Fields = {
  ...COMMON, name: { kind: 'text' }, a: { kind: 'text' }, b: { kind: 'text' }, aInterface: { kind: 'text' }, bInterface: { kind: 'text' },
  capacity: { kind: 'rate', field: 'bitsPerSecond' }, latencyMs: { kind: 'number', field: 'latencyMs' }, metric: { kind: 'number', field: 'metric' }, metricBack: { kind: 'number', field: 'metricBack' }, riskGroups: { kind: 'list' },
};

/** Reads a file. @throws NW_TOPOLOGY_UNREADABLE with line and column */
export function readYaml(text: string): TopologyFile {
  return new YamlReader(text).read();
}

class YamlReader {
  private readonly lines = new LineCounter();
  private readonly document: Document;
  private readonly builder = new TopologyBuilder();

  constructor(text: string) {
    this.document = parseDocument(text, { lineCounter: this.lines, uniqueKeys: false });
  }

  read(): TopologyFile {
    const [fault] = this.document.errors;
    if (fault !== undefined) throw unreadable(fault.message.split('\n')[0], this.placeOf(fault.pos[0]));
    const root = this.map(this.document.contents, 'the file');
    this.known(root, ROOT, 'the file');
    const sites = new Map(this.entries(root, 'sites').map(([name, value]) => {
      const map = this.map(value, name);
      this.known(map, PLACE, name);
      return [name, this.fields(map, PLACE)];
    }));
    for (const [name, value] of this.entries(root, 'devices')) this.device(name, value, sites);
    const links = this.value(root, 'links');
    if (links !== null && !isSeq(links)) throw this.wrong(links, 'links is a list');
    for (const item of isSeq(links) ? links.items : []) this.link(this.resolved(item as Node));
    return this.builder.finish(this.text(root, 'name') ?? '');
  }

  private device(name: string, value: Node | null, sites: ReadonlyMap<string, Partial<Element>>): void {
    const map = this.map(value, name);
    this.known(map, DEVICE, name);
    if (name === '' || name.includes('/')) throw this.wrong(map, 'the name of a device is not empty and has no slash');
    const own = this.fields(map, DEVICE);
    const added = this.builder.add(device(name, { ...sites.get(own.site ?? ''), ...own, prefixes: this.prefixes(map) }));
    if (!added) return;
    for (const [of, one] of this.entries(map, 'interfaces')) {
      const fields = this.map(one, of);
      this.known(fields, INTERFACE, of);
      this.builder.add(networkInterface(name, of, this.fields(fields, INTERFACE)));
    }
  }

  private link(value: Node | null): void {
    const map = this.map(value, 'a link');
    this.known(map, LINK, 'a link');
    const [a, b] = [this.text(map, 'a'), this.text(map, 'b')];
    if (a === null || b === null) throw this.wrong(map, 'a link has `a` and `b`');
    const riskGroups = this.texts(map, 'riskGroups').map(({ text }) => text).join(',');
    this.builder.addLink(link(this.text(map, 'name') ?? '', { device: a, interface: this.text(map, 'aInterface') }, { device: b, interface: this.text(map, 'bInterface') }, { ...this.fields(map, LINK), riskGroups }));
  }

  private prefixes(map: YAMLMap): string {
    return this.texts(map, 'prefixes').map(({ text, node }) => {
      const prefix = canonicalPrefix(text);
      if (prefix === null) throw this.wrong(node, `${text.slice(0, 60)} is no prefix`);
      return prefix;
    }).join(',');
  }

  /** A list of single values, or one of them. */
  private texts(map: YAMLMap, name: string): { text: string; node: Node | null }[] {
    const value = this.value(map, name);
    const nodes = isSeq(value) ? value.items.map((item) => this.resolved(item as Node)) : value === null ? [] : [value];
    return nodes.map((node) => ({ node, text: this.scalar(node, name) }));
  }

  /** What a map says by the fields of an element. */
  private fields(map: YAMLMap, fields: Fields): Partial<Element> {
    const values: Record<string, unknown> = {};
    for (const [name, { kind, field }] of Object.entries(fields)) {
      const node = this.value(map, name);
      if (field === undefined || node === null) continue;
      if (kind === 'texts') {
        values[field] = Object.fromEntries(this.entries(map, name).map(([key, one]) => [key, this.scalar(one, key)]));
        continue;
      }
      const text = this.scalar(node, name);
      const read: unknown = kind === 'text' ? text : kind === 'flag' ? ({ true: true, false: false } as Record<string, boolean>)[text] : kind === 'rate' ? bitsPerSecondOf(text) : Number(text);
      if (read === undefined || Number.isNaN(read)) throw this.wrong(node, `${name} is ${kind === 'flag' ? 'true or false' : kind === 'rate' ? 'a rate as 10G or 64000' : 'a number'}, not ${text.slice(0, 40)}`);
      values[field] = read;
    }
    return values;
  }

  private known(map: YAMLMap, fields: Fields, of: string): void {
    for (const { key } of map.items) if (!Object.hasOwn(fields, this.scalar(key as Node, 'a key'))) throw this.wrong(key as Node, `${of} has no ${this.scalar(key as Node, 'a key')}; there are ${Object.keys(fields).join(', ')}`);
  }

  /** Keys and values of a map in a map, in the order of the file, a key as often as it stands there. */
  private entries(map: YAMLMap, name: string): [string, Node | null][] {
    const inner = this.value(map, name);
    return inner === null ? [] : this.map(inner, name).items.map(({ key, value }) => [this.scalar(key as Node, name), this.resolved(value as Node | null)]);
  }

  private value(map: YAMLMap, name: string): Node | null {
    const found = this.resolved((map.items.find(({ key }) => isScalar(key) && key.value === name)?.value as Node | null | undefined) ?? null);
    return isScalar(found) && found.value === null ? null : found;
  }

  private text(map: YAMLMap, name: string): string | null {
    const node = this.value(map, name);
    return node === null ? null : this.scalar(node, name);
  }

  /** A map; one that is left empty has no keys. */
  private map(node: unknown, name: string): YAMLMap {
    if (isMap(node)) return node as YAMLMap;
    if (node === null || (isScalar(node) && node.value === null)) return this.document.createNode({}) as unknown as YAMLMap;
    throw this.wrong(node as Node, `${name} is a map`);
  }

  private scalar(node: Node | null, name: string): string {
    if (!isScalar(node)) throw this.wrong(node, `${name} is a single value`);
    // Names stay as they are written: 007 is no number.
    return typeof node.value === 'number' || typeof node.value === 'boolean' ? (node.source ?? String(node.value)) : String(node.value ?? '');
  }

  private resolved(node: Node | null): Node | null {
    return isAlias(node) ? ((node.resolve(this.document) as Node | undefined) ?? null) : node;
  }

  private wrong(node: Node | null, what: string): Error {
    return unreadable(what, node?.range === undefined || node.range === null ? '' : this.placeOf(node.range[0]));
  }

  private placeOf(at: number): string {
    const { line, col } = this.lines.linePos(at);
    return `line ${line}, column ${col}`;
  }
}
