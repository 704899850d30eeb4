import { byCodeUnits, device, link, linkName, networkInterface, type Element, type End } from '../../../domain/topology/elements';
import type { LldpPort, LldpReading } from './lldp-reading';

/** A device that was asked. */
interface Asked {
  readonly address: string;
  readonly reading: LldpReading;
  readonly atMs: number;
}

/** What it leaves out, by reason. */
export type Counts = Readonly<Record<string, number>>;

/**
 * The network as the devices tell of it together. A neighbour that is asked itself is known by its chassis, else by its name; a
 * link has one name, whichever end tells of it. A link that no end tells of any more is down, until it is forgotten.
 */
export class LldpNetwork {
  /** By the key that the device has in the configuration. */
  private readonly asked = new Map<string, Asked>();
  private readonly links = new Map<string, { readonly element: Element; readonly atMs: number }>();

  /** @param holdMs how long what was said holds that is said no more */
  constructor(private readonly holdMs: number) {}

  /** A device answered. */
  answered(key: string, address: string, reading: LldpReading, atMs: number): void {
    this.asked.set(key, { address, reading, atMs });
  }

  /** Everything that is known at a time. */
  elements(nowMs: number): { readonly elements: Element[]; readonly counts: Counts } {
    const counts: Record<string, number> = {};
    for (const [key, { atMs }] of this.asked) if (nowMs - atMs > this.holdMs) this.asked.delete(key);
    const names = this.names(counts);
    const found = new Map<string, Element>();
    const put = (element: Element): void => {
      const key = `${element.element}/${element.id}`;
      if (!found.has(key)) found.set(key, element);
    };
    const speeds = new Map<string, number>();
    for (const [{ address, reading }, name] of names.asked) {
      put(device(name, { address }));
      for (const { ifIndex, name: of, bitsPerSecond, up } of reading.interfaces) {
        put(networkInterface(name, of, { ifIndex, bitsPerSecond, up }));
        if (bitsPerSecond !== null) speeds.set(`${name}/${of}`, bitsPerSecond);
      }
    }
    const told = new Set<string>();
    for (const [{ reading }, name] of names.asked) {
      for (const neighbour of reading.neighbours) {
        const other = names.of(neighbour.chassis, neighbour.systemName);
        if (other === '') counts['neighbour-without-name'] = (counts['neighbour-without-name'] ?? 0) + 1;
        if (other === '' || other === name) continue;
        put(device(other));
        const ends = [{ device: name, interface: neighbour.local.name || null }, { device: other, interface: names.port(other, neighbour.port) || null }];
        const element = linkOf(ends, speeds);
        told.add(element.id);
        this.links.set(element.id, { element, atMs: nowMs });
      }
    }
    for (const [id, { element, atMs }] of this.links) {
      if (told.has(id)) put(element);
      else if (nowMs - atMs > this.holdMs) this.links.delete(id);
      else {
        // An end that only this link named is still an end of it.
        for (const end of [element.a!, element.b!]) put(device(end));
        put({ ...element, up: false });
      }
    }
    return { elements: [...found.values()], counts };
  }

  private names(counts: Record<string, number>): Names {
    const names = new Names();
    for (const asked of [...this.asked.values()].sort((one, other) => byCodeUnits(one.address, other.address))) {
      if (!names.add(asked)) counts['duplicate-device'] = (counts['duplicate-device'] ?? 0) + 1;
    }
    return names;
  }
}

/** Names of devices and of their ports. */
class Names {
  readonly asked = new Map<Asked, string>();
  private readonly byChassis = new Map<string, string>();
  private readonly ports = new Map<string, ReadonlyMap<string, string>>();

  /** False where the same device was asked at another address. */
  add(asked: Asked): boolean {
    const { chassis, systemName, ports } = asked.reading;
    if (chassis !== '' && this.byChassis.has(chassis)) return false;
    let name = plain(systemName) || asked.address;
    // Two devices of one name are two.
    if (this.ports.has(name)) name = `${name}#${asked.address}`;
    this.asked.set(asked, name);
    if (chassis !== '') this.byChassis.set(chassis, name);
    this.ports.set(name, new Map(ports.map((port) => [port.key, port.name])));
    return true;
  }

  /** Of a neighbour; '' where it tells neither chassis nor name. */
  of(chassis: string, systemName: string): string {
    return this.byChassis.get(chassis) ?? (plain(systemName) || chassis);
  }

  /** A port as its own device calls it, else as it was told. */
  port(of: string, port: LldpPort): string {
    return this.ports.get(of)?.get(port.key) ?? port.name;
  }
}

/** A slash parts device and interface. */
const plain = (name: string): string => name.replaceAll('/', '-');

function linkOf(ends: readonly End[], speeds: ReadonlyMap<string, number>): Element {
  const [a, b] = [...ends].sort((one, other) => byCodeUnits(textOf(one), textOf(other)));
  const known = [a, b].flatMap((end) => speeds.get(`${end.device}/${end.interface}`) ?? []);
  return link(linkName(a, b), a, b, { up: true, bitsPerSecond: known.length === 0 ? null : Math.min(...known) });
}

const textOf = (end: End): string => (end.interface === null ? end.device : `${end.device}:${end.interface}`);
