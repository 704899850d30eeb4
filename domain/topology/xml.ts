import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { unreadable } from './text-place';

/** An element of an XML document: attributes by `@name`, children by name, text by `#text`. Children named in `repeated` are lists. */
export type XmlElement = { readonly [name: string]: unknown };

/** Reads a well-formed XML document; every value stays text. Entities beyond the five of XML are not expanded. @throws NW_TOPOLOGY_UNREADABLE */
export function readXml(text: string, repeated: ReadonlySet<string>): XmlElement {
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw unreadable(valid.err.msg, `line ${valid.err.line}, column ${valid.err.col ?? 1}`);
  if (/<!ENTITY/.test(text)) throw unreadable('the document defines entities of its own, which are not read');
  const parser = new XMLParser({
    ignoreAttributes: false, attributeNamePrefix: '@', removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false, trimValues: true,
    processEntities: { enabled: true, maxTotalExpansions: 10_000_000, maxExpandedLength: 1e9 },
    isArray: (name) => repeated.has(name),
  });
  try {
    return parser.parse(text) as XmlElement;
  } catch (error) {
    throw unreadable((error as Error).message);
  }
}

/** A child element; null where there is none, or only text. */
export function child(of: XmlElement, name: string): XmlElement | null {
  const found = Object.hasOwn(of, name) ? of[name] : null;
  const one: unknown = Array.isArray(found) ? found[0] : found;
  return typeof one === 'object' && one !== null ? (one as XmlElement) : null;
}

/** Children of a name that is a list; text among them is an element with `#text` alone. */
export function children(of: XmlElement, name: string): XmlElement[] {
  const found = Object.hasOwn(of, name) ? of[name] : [];
  return (Array.isArray(found) ? found : [found]).map((one: unknown) => (typeof one === 'object' && one !== null ? (one as XmlElement) : { '#text': String(one) }));
}

/** Text of a child or an attribute; '' where there is none. */
export function textOf(of: XmlElement, name: string): string {
  const found = Object.hasOwn(of, name) ? of[name] : '';
  const one: unknown = Array.isArray(found) ? found[0] : found;
  if (typeof one === 'object' && one !== null) return textOf(one as XmlElement, '#text');
  return one === undefined || one === null ? '' : String(one);
}
