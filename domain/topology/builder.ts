import { elementKey, inBuildingOrder, linkName, type Element } from './elements';
import { fibreLatencyMs } from './geography';
import { impossibleNumbers, without } from './limits';

/** Why something of a file was not taken as it stands. */
export interface Remark {
  count: number;
  /** The first of them, for people. */
  readonly first: string;
}

/** What is in a file. */
export interface TopologyFile {
  /** Name that the file gives the network; '' where it gives none. */
  readonly name: string;
  /** Devices, interfaces and links in that order, each named once; both ends of every link are among the devices. */
  readonly elements: readonly Element[];
  /** What was left out or changed, by reason; empty where everything was taken. */
  readonly remarks: Readonly<Record<string, Remark>>;
}

/**
 * Collects the elements of a file, such that no graph can come of it that the file does not describe: the first of two of one name
 * counts, a link needs both its devices, numbers that cannot be are none. All of it is counted by reason.
 */
export class TopologyBuilder {
  private readonly elements = new Map<string, Element>();
  private readonly remarks: Record<string, Remark> = {};

  /** Notes that something was left out or changed. */
  remark(reason: string, what: string, count = 1): void {
    const remark = (this.remarks[reason] ??= { count: 0, first: what });
    remark.count += count;
  }

  has(element: string, id: string): boolean {
    return this.elements.has(elementKey({ element, id }));
  }

  /** Adds a device or an interface; false where one of that name is there. */
  add(element: Element): boolean {
    const key = elementKey(element);
    if (this.elements.has(key)) {
      this.remark(`duplicate-${element.element}`, element.id);
      return false;
    }
    this.elements.set(key, this.checked(element));
    return true;
  }

  /**
   * Adds a link, after the devices. Without an id it gets that of its ends, and where links lie in parallel, their number in the order of the file: `A--B`, `A--B#2`.
   */
  addLink(element: Element): void {
    const { a, b } = element;
    const of = element.id === '' ? linkName({ device: a!, interface: element.aInterface }, { device: b!, interface: element.bInterface }) : element.id;
    const stranger = [a!, b!].find((end) => !this.has('device', end));
    if (stranger !== undefined) return this.remark('unknown-device', `${of} to ${stranger}`);
    if (a === b) return this.remark('self-loop', of);
    let id = of;
    if (element.id === '') for (let number = 2; this.has('link', id); number++) id = `${of}#${number}`;
    this.add({ ...element, id });
  }

  /** Ends the file: latency where none is given but both places are known, as light takes along the great circle. */
  finish(name: string): TopologyFile {
    const elements = [...this.elements.values()].map((element) => this.withLatency(element));
    return { name, elements: elements.sort(inBuildingOrder), remarks: this.remarks };
  }

  private checked(element: Element): Element {
    const wrong = impossibleNumbers(element);
    if (wrong.length > 0) this.remark('impossible-number', `${wrong[0]} of ${element.id} is ${String(element[wrong[0]])}`, wrong.length);
    return without(element, wrong);
  }

  private withLatency(element: Element): Element {
    if (element.element !== 'link' || element.latencyMs !== null) return element;
    const [a, b] = [element.a, element.b].map((end) => this.elements.get(elementKey({ element: 'device', id: end! }))!);
    if (a.latitude === null || a.longitude === null || b.latitude === null || b.longitude === null) return element;
    const latencyMs = fibreLatencyMs({ latitude: a.latitude, longitude: a.longitude }, { latitude: b.latitude, longitude: b.longitude });
    this.remark('latency-by-distance', element.id);
    return { ...element, latencyMs, attributes: { ...element.attributes, latencyBy: 'distance' } };
  }
}
