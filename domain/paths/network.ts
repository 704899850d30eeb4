import { PathGraph } from './graph';

/** A link of the network in both directions; costs in steps (see `stepsOf`). */
export interface NetworkLink {
  readonly link: string;
  readonly a: string;
  readonly b: string;
  readonly costAhead: number;
  readonly costBack: number;
}

/** A link as it is kept: numbers instead of names, by its own number. */
interface Kept {
  link: string;
  a: number;
  b: number;
}

/** Direction of a link: 2 x its number, + 1 from b to a. */
export type Direction = number;

/** A cost that has changed. */
export interface CostChange {
  readonly direction: Direction;
  readonly cost: number;
}

/**
 * Devices and links by name and by number. Numbers are given in the order of appearance and stay: a link that is gone
 * keeps its own, at infinite cost, for when it comes back. So what is kept by number outlives changes of the graph.
 */
export class Network {
  readonly devices: string[] = [];
  readonly links: Kept[] = [];
  /** Of each direction. */
  readonly cost: number[] = [];
  private readonly deviceOf = new Map<string, number>();
  private readonly linkOf = new Map<string, number>();
  private compiled: PathGraph | null = null;
  /** Arc of each direction; direction of each arc. */
  arcOf: Int32Array = new Int32Array(0);
  directionOf: Int32Array = new Int32Array(0);

  /** Number of a device; -1 where it is not known. */
  device(name: string): number {
    return this.deviceOf.get(name) ?? -1;
  }

  /** Number of a link; -1 where it is not known. */
  link(name: string): number {
    return this.linkOf.get(name) ?? -1;
  }

  /** Adds a link or says what it costs now; the directions whose cost changed. A link that joins other devices than before is another one, under its name. */
  put({ link, a, b, costAhead, costBack }: NetworkLink): CostChange[] {
    let number = this.link(link);
    const [from, to] = [this.number(a), this.number(b)];
    const changes: CostChange[] = [];
    const set = (direction: Direction, cost: number): void => {
      if (this.cost[direction] === cost) return;
      this.cost[direction] = cost;
      changes.push({ direction, cost });
    };
    if (number >= 0 && (this.links[number].a !== from || this.links[number].b !== to)) {
      set(2 * number, Infinity);
      set(2 * number + 1, Infinity);
      this.linkOf.delete(link);
      number = -1;
    }
    if (number < 0) {
      number = this.links.push({ link, a: from, b: to }) - 1;
      this.linkOf.set(link, number);
      this.cost.push(Infinity, Infinity);
      this.compiled = null;
    }
    set(2 * number, costAhead);
    set(2 * number + 1, costBack);
    return changes;
  }

  /** Takes a link out; the directions whose cost changed. */
  remove(link: string): CostChange[] {
    const number = this.link(link);
    if (number < 0) return [];
    const { a, b } = this.links[number];
    return this.put({ link, a: this.devices[a], b: this.devices[b], costAhead: Infinity, costBack: Infinity });
  }

  /** The graph of all links with the costs that it was compiled with; compiled anew where `fresh`, or where links were added. */
  graph(fresh = false): PathGraph {
    if (this.compiled !== null && !fresh) return this.compiled;
    const arcs = this.cost.map((cost, direction) => ({ from: this.fromOf(direction), to: this.toOf(direction), cost }));
    const graph = new PathGraph(this.devices.length, arcs);
    this.arcOf = graph.arcOf;
    this.directionOf = new Int32Array(graph.arcs);
    for (let direction = 0; direction < this.arcOf.length; direction++) this.directionOf[this.arcOf[direction]] = direction;
    return (this.compiled = graph);
  }

  /** True where the next {@link graph} is another one. */
  get grown(): boolean {
    return this.compiled === null;
  }

  fromOf(direction: Direction): number {
    const link = this.links[direction >> 1];
    return (direction & 1) === 0 ? link.a : link.b;
  }

  toOf(direction: Direction): number {
    const link = this.links[direction >> 1];
    return (direction & 1) === 0 ? link.b : link.a;
  }

  private number(device: string): number {
    let number = this.device(device);
    if (number < 0) {
      number = this.devices.push(device) - 1;
      this.deviceOf.set(device, number);
      this.compiled = null;
    }
    return number;
  }
}
