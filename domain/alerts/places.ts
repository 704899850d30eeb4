/** Where links, interfaces and devices lie to one another: what the grouping of alerts asks the topology. A fold of topology.state. */
import type { TopologyState } from '../../schemas';
import { byCodeUnits, elementKey } from '../topology/elements';

/** What is needed of an element. */
export type PlacedElement = Pick<TopologyState, 'element' | 'id' | 'up' | 'address' | 'ifIndex' | 'a' | 'aInterface' | 'b' | 'bInterface'>;

/** A link's end: its device, and its interface, null where that is not known. */
interface PlacedEnd {
  readonly device: string;
  readonly interface: string | null;
}

const NONE: readonly string[] = [];

/** See the file's head. Nothing it gives depends on the order in which elements came. */
export class Places {
  private readonly elements = new Map<string, PlacedElement>();
  private readonly links = new Map<string, Set<string>>();
  private readonly interfaces = new Map<string, Set<string>>();
  private readonly byAddress = new Map<string, string>();

  /** Forgets everything. */
  clear(): void {
    for (const map of [this.elements, this.links, this.interfaces, this.byAddress]) map.clear();
  }

  put(element: PlacedElement): void {
    const key = elementKey(element);
    this.remove(key);
    this.elements.set(key, element);
    if (element.element === 'device' && element.address !== null) this.byAddress.set(element.address, element.id);
    if (element.element === 'link') for (const { device } of this.ends(element.id)) add(this.links, device, element.id);
    if (element.element === 'interface') add(this.interfaces, deviceIn(element.id), element.id);
  }

  /** Takes an element out, by its key on topology.state. */
  remove(key: string): void {
    const element = this.elements.get(key);
    if (element === undefined) return;
    if (element.element === 'device' && element.address !== null && this.byAddress.get(element.address) === element.id) this.byAddress.delete(element.address);
    if (element.element === 'link') for (const { device } of this.ends(element.id)) this.links.get(device)?.delete(element.id);
    if (element.element === 'interface') this.interfaces.get(deviceIn(element.id))?.delete(element.id);
    this.elements.delete(key);
  }

  /** False where the topology says that it is down. */
  isUp(element: string, id: string): boolean {
    return this.elements.get(`${element}/${id}`)?.up !== false;
  }

  /** Ends of a link; none where it is not known. */
  ends(link: string): PlacedEnd[] {
    const of = this.elements.get(`link/${link}`);
    if (of === undefined) return [];
    return [{ device: of.a, interface: of.aInterface }, { device: of.b, interface: of.bInterface }].filter((end): end is PlacedEnd => end.device !== null);
  }

  /** Links at a device, by name. */
  linksAt(device: string): readonly string[] {
    return sorted(this.links.get(device));
  }

  /** Interfaces of a device, as `<device>/<name>`. */
  interfacesOf(device: string): readonly string[] {
    return sorted(this.interfaces.get(device));
  }

  /** A device by its name or address: its name where it is known. */
  device(nameOrAddress: string): string {
    return this.byAddress.get(nameOrAddress) ?? nameOrAddress;
  }

  /** All texts that name a device: its name, and its address. */
  deviceNames(device: string): readonly string[] {
    const address = this.elements.get(`device/${device}`)?.address ?? null;
    return address === null ? [device] : [device, address];
  }

  /** An interface by any of its names, `<device>/<name>` or `<device or address>/<ifIndex>`, as `<device>/<name>`; the text itself where it is not known. */
  interface(subject: string): string {
    const [device, rest] = [this.device(deviceIn(subject)), subject.slice(deviceIn(subject).length + 1)];
    const named = `${device}/${rest}`;
    if (this.elements.has(`interface/${named}`)) return named;
    return this.interfacesOf(device).find((id) => String(this.elements.get(`interface/${id}`)!.ifIndex) === rest) ?? named;
  }

  /** All texts that name an interface `<device>/<name>`. */
  interfaceNames(id: string): readonly string[] {
    const devices = this.deviceNames(deviceIn(id));
    const own = id.slice(deviceIn(id).length + 1);
    const ifIndex = this.elements.get(`interface/${id}`)?.ifIndex ?? null;
    return devices.flatMap((device) => [`${device}/${own}`, ...(ifIndex === null ? [] : [`${device}/${ifIndex}`])]);
  }

  /** Links that an interface `<device>/<name>` is an end of. */
  linksOf(id: string): readonly string[] {
    const device = deviceIn(id);
    const name = id.slice(device.length + 1);
    return this.linksAt(device).filter((link) => this.ends(link).some((end) => end.device === device && end.interface === name));
  }
}

/** The device in `<device>/<interface>`. */
export const deviceIn = (id: string): string => (id.includes('/') ? id.slice(0, id.indexOf('/')) : id);

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

const sorted = (set: ReadonlySet<string> | undefined): readonly string[] => (set === undefined ? NONE : [...set].sort(byCodeUnits));
