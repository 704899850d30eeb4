import type { TopologyEvent } from '../../schemas';

/** One device, interface or link as a source describes it; what it does not say is null. Units are those of {@link TopologyEvent}. */
export type Element = Readonly<Omit<TopologyEvent, 'change' | 'time' | 'source'>>;

/** An element of which a source says nothing but its name. */
export const NOTHING_SAID: Omit<Element, 'element' | 'id'> = {
  up: null, address: null, site: null, latitude: null, longitude: null, ifIndex: null, bitsPerSecond: null,
  a: null, aInterface: null, b: null, bInterface: null, latencyMs: null, metric: null, metricBack: null, riskGroups: '', prefixes: '', attributes: {},
};

/** Key of an element on topology.events and topology.state: `<element>/<id>`. */
export const elementKey = ({ element, id }: Pick<Element, 'element' | 'id'>): string => `${element}/${id}`;

/** A device. */
export const device = (id: string, said: Partial<Element> = {}): Element => ({ ...NOTHING_SAID, ...said, element: 'device', id });

/** An interface of a device; its id is `<device>/<name>`. */
export const networkInterface = (of: string, name: string, said: Partial<Element> = {}): Element => ({ ...NOTHING_SAID, ...said, element: 'interface', id: `${of}/${name}` });

/** One end of a link. */
export interface End {
  readonly device: string;
  readonly interface: string | null;
}

/**
 * Name of a link by its ends, the same from whichever end it is told: `A--B`, or `A:eth0--B:eth1` where the interfaces are known.
 * The end whose text comes first in the order of code units stands first.
 */
export function linkName(one: End, other: End): string {
  const [first, second] = [endName(one), endName(other)].sort(byCodeUnits);
  return `${first}--${second}`;
}

const endName = ({ device: of, interface: name }: End): string => (name === null ? of : `${of}:${name}`);

/** The order of code units, which does not depend on a language. */
export const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** A link between two ends. */
export function link(id: string, a: End, b: End, said: Partial<Element> = {}): Element {
  return { ...NOTHING_SAID, ...said, element: 'link', id, a: a.device, aInterface: a.interface, b: b.device, bInterface: b.interface };
}

/** The parts of a network in the order in which they can be built: devices, interfaces, links, then kinds that are not known here. */
export const BUILDING_ORDER: readonly string[] = ['device', 'interface', 'link'];
const rank = (element: string): number => (BUILDING_ORDER.includes(element) ? BUILDING_ORDER.indexOf(element) : BUILDING_ORDER.length);

/** Sorts elements into {@link BUILDING_ORDER}, by id within a kind. */
export const inBuildingOrder = (one: Element, other: Element): number => rank(one.element) - rank(other.element) || byCodeUnits(one.element, other.element) || byCodeUnits(one.id, other.id);
