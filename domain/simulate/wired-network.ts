import { NetWeaverError } from '../../infra/errors';
import { PathGraph } from '../paths/graph';
import { ShortestPaths } from '../paths/shortest-paths';
import { networkInterface, type Element } from '../topology/elements';
import type { ExportedInterface } from './exporter';
import { MOST_NODES } from './shapes';

/** A device by number. */
export interface WiredDevice {
  readonly id: string;
  /** Management address, from which it exports too. */
  readonly address: string;
  readonly element: Element;
}

/** A link by number, with the numbers of its devices and of their interfaces. */
export interface WiredLink {
  readonly id: string;
  readonly a: number;
  readonly b: number;
  readonly aIndex: number;
  readonly bIndex: number;
  readonly latencyMs: number;
  /** Given capacity in bits a second; null: by the load that is expected. */
  readonly given: number | null;
  readonly element: Element;
}

/** ifIndex of the interface that hosts are behind; those of links follow. */
export const ACCESS_INDEX = 1;
/** Its name. */
export const ACCESS_NAME = 'access';
const UNKNOWN_LATENCY_MS = 2;

/** Number of device d as an IPv4 address under a first byte, 10.0.0.1 for the first. */
export const numberedAddress = (first: number, second: number, number: number): string => `${first}.${second}.${(number + 1) >> 8}.${(number + 1) & 255}`;

/**
 * A network by numbers: devices with addresses, links with interfaces, the graph of its latencies. Direction 2 l of the graph is link l from a
 * to b, 2 l + 1 back.
 */
export class WiredNetwork {
  readonly devices: WiredDevice[] = [];
  readonly links: WiredLink[] = [];
  readonly interfaces: Element[] = [];
  readonly graph: PathGraph;
  /** Direction of each arc of the graph. */
  readonly directionOf: Int32Array;
  /** Of each device the directions of the graph that leave it, by ifIndex from that after {@link ACCESS_INDEX} on. */
  private readonly outOf: number[][];

  /**
   * @param elements devices and links; interfaces are made where links name none
   * @param addressOf management address of device number i
   * @throws NW_USAGE too many devices, or none of two that a link joins
   */
  constructor(elements: readonly Element[], addressOf: (device: number) => string) {
    const numbers = new Map<string, number>();
    for (const element of elements) {
      if (element.element !== 'device') continue;
      const address = addressOf(this.devices.length);
      numbers.set(element.id, this.devices.length);
      this.devices.push({ id: element.id, address, element: { ...element, address } });
    }
    if (this.devices.length > MOST_NODES) throw new NetWeaverError('NW_USAGE', `A network of ${this.devices.length} devices: at most ${MOST_NODES} are simulated.`);
    this.outOf = this.devices.map(() => []);
    for (const element of elements) if (element.element === 'link') this.wire(element, numbers);
    if (this.links.length === 0) throw new NetWeaverError('NW_USAGE', 'A network without a link between two devices: nothing to simulate.');
    this.graph = new PathGraph(this.devices.length, this.links.flatMap(({ a, b, latencyMs }) => [{ from: a, to: b, cost: latencyMs }, { from: b, to: a, cost: latencyMs }]));
    this.directionOf = new Int32Array(this.graph.arcs);
    this.graph.arcOf.forEach((arc, direction) => void (this.directionOf[arc] = direction));
  }

  /** Direction of the graph that leaves a device by an interface of a link. */
  directionOut(device: number, ifIndex: number): number {
    return this.outOf[device][ifIndex - ACCESS_INDEX - 1];
  }

  /** The interfaces of devices, that of the hosts first. The hosts' is as fast as all others together. */
  interfacesOf(devices: readonly number[], speedOf: (link: number) => number): ExportedInterface[][] {
    return devices.map((device) => {
      const links = this.outOf[device].map((direction) => {
        const { aIndex, bIndex, element } = this.links[direction >> 1];
        const [ifIndex, name] = (direction & 1) === 0 ? [aIndex, element.aInterface!] : [bIndex, element.bInterface!];
        return { ifIndex, name, speed: speedOf(direction >> 1) };
      });
      return [{ ifIndex: ACCESS_INDEX, name: ACCESS_NAME, speed: links.reduce((sum, { speed }) => sum + speed, 0) }, ...links];
    });
  }

  /** Devices that the first edge of the largest part can reach, itself first. */
  largestPart(): number[] {
    const paths = new ShortestPaths(this.graph);
    const seen = new Set<number>();
    let largest: number[] = [];
    for (let v = 0; v < this.devices.length; v++) {
      if (seen.has(v)) continue;
      paths.run(v);
      const part = [...paths.distance.keys()].filter((w) => paths.distance[w] < Infinity);
      for (const w of part) seen.add(w);
      if (part.length > largest.length) largest = part;
      if (largest.length * 2 > this.devices.length) break;
    }
    return largest;
  }

  private wire(element: Element, numbers: ReadonlyMap<string, number>): void {
    const a = numbers.get(element.a ?? '');
    const b = numbers.get(element.b ?? '');
    if (a === undefined || b === undefined || a === b) return;
    const end = (device: number, given: string | null, direction: number): [number, string] => {
      const index = ACCESS_INDEX + this.outOf[device].push(direction);
      const name = given ?? `if${index}`;
      this.interfaces.push(networkInterface(this.devices[device].id, name, { ifIndex: index }));
      return [index, name];
    };
    const [aIndex, aInterface] = end(a, element.aInterface, 2 * this.links.length);
    const [bIndex, bInterface] = end(b, element.bInterface, 2 * this.links.length + 1);
    const latencyMs = element.latencyMs ?? UNKNOWN_LATENCY_MS;
    this.links.push({ id: element.id, a, b, aIndex, bIndex, latencyMs, given: element.bitsPerSecond, element: { ...element, aInterface, bInterface, latencyMs } });
  }
}
