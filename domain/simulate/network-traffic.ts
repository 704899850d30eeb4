import { NO_ARC, ShortestPaths } from '../paths/shortest-paths';
import { MEAN_BYTES } from './conversations';
import type { Exporter, Protocol } from './exporter';
import { newFlow, type Flow } from './flow';
import { makeExporter } from './make-exporter';
import { ACCESS_INDEX, type WiredNetwork } from './wired-network';
import type { InterfaceCounts } from './sflow5';

/** How a network's traffic is told. */
export interface TrafficOptions {
  readonly seed: number;
  readonly startMs: number;
  /** Flows per second in the busiest hour. */
  readonly rate: number;
  /** Protocols of the edges, in turn. Default IPFIX. */
  readonly formats?: readonly Protocol[];
  /** Packets that one reported packet stands for, of every exporter. Default 1, for sFlow {@link SFLOW_SAMPLING}. */
  readonly sampling?: number;
}

/** Packets that a sample of sFlow stands for where nobody says. */
export const SFLOW_SAMPLING = 256;
/** Capacities that links are built with, bits a second, and the load that they are chosen for. */
const CAPACITIES = [1e6, 1e7, 1e8, 1e9, 1e10, 4e10, 1e11, 4e11, 1e12];
const PLANNED_LOAD = 0.4;
const TEMPLATE_EVERY = 20;
const ADDRESS = (address: string): Uint8Array => Uint8Array.from(address.split('.'), Number);

/**
 * The flows of a network on their way: each takes the shortest path by latency from one edge to another, is counted on every interface of it, and is
 * exported by the device where it comes in. Sampling takes every n-th packet of an edge (systematic and by count: RFC 5475 section 5.1).
 */
export class NetworkTraffic {
  readonly flow: Flow = newFlow();
  flows = 0;
  /** Bytes and packets over each direction of a link since the start. */
  readonly bytes: Float64Array;
  readonly packets: Float64Array;
  /** Bits a second of each link. */
  readonly capacity: Float64Array;
  private readonly trees: (ShortestPaths | undefined)[];
  private readonly treeOf: Int32Array;
  private readonly access: InterfaceCounts[];
  private readonly exporters: Exporter[];
  private readonly pool: Float64Array;

  /** @param isDown whether a device is down */
  constructor(
    private readonly network: WiredNetwork,
    readonly edges: readonly number[],
    private readonly options: TrafficOptions,
    private readonly isDown: (device: number) => boolean,
    emit: (device: number, datagram: Buffer, protocol: Protocol) => void,
  ) {
    const { devices, links } = network;
    const { formats = ['ipfix'], sampling, startMs } = options;
    this.trees = edges.map(() => undefined);
    this.treeOf = new Int32Array(edges.length).fill(-1);
    this.bytes = new Float64Array(2 * links.length);
    this.packets = new Float64Array(2 * links.length);
    this.pool = new Float64Array(edges.length);
    this.access = edges.map(() => ({ inOctets: 0, inPackets: 0, outOctets: 0, outPackets: 0 }));
    this.capacity = this.capacities();
    const interfaces = network.interfacesOf(edges, (link) => this.capacity[link]);
    this.exporters = edges.map((device, i) => {
      const protocol = formats[i % formats.length];
      const identity = { router: device + 1, name: devices[device].id, protocol, address: ADDRESS(devices[device].address), sampling: sampling ?? (protocol === 'sflow' ? SFLOW_SAMPLING : 1), interfaces: interfaces[i] };
      return makeExporter(identity, startMs, (datagram) => emit(device, datagram, protocol), TEMPLATE_EVERY, (ifIndex) => this.countsOf(i, ifIndex));
    });
  }

  /** Whether an edge's exporter can tell of IPv6: NetFlow v5 cannot. */
  speaksIPv6(edge: number): boolean {
    return this.exporters[edge].identity.protocol !== 'v5';
  }

  /** What came in from the hosts of an edge and went out to them. */
  accessOf(edge: number): Readonly<InterfaceCounts> {
    return this.access[edge];
  }

  /** Counts {@link flow} on its way from an edge to another, back to front, and reports it where it comes in. What cannot get there is not sent: false. */
  carry(from: number, to: number, nowMs: number): boolean {
    const { network, flow } = this;
    const source = this.edges[from];
    let at = this.edges[to];
    if (this.isDown(source) || this.isDown(at) || source === at) return false;
    const tree = this.treeFrom(from);
    if (tree.distance[at] === Infinity) return false;
    let direction = 0;
    for (let arc = tree.arc[at]; arc !== NO_ARC; arc = tree.arc[at]) {
      direction = network.directionOf[arc];
      this.bytes[direction] += flow.bytes;
      this.packets[direction] += flow.packets;
      at = network.graph.from[arc];
    }
    const into = this.access[from];
    const out = this.access[to];
    into.inOctets += flow.bytes;
    into.inPackets += flow.packets;
    out.outOctets += flow.bytes;
    out.outPackets += flow.packets;
    const link = network.links[direction >> 1];
    flow.inIf = ACCESS_INDEX;
    flow.outIf = (direction & 1) === 0 ? link.aIndex : link.bIndex;
    flow.nextHop = ((direction & 1) === 0 ? link.b : link.a) + 1;
    this.flows++;
    this.export(from, nowMs);
    return true;
  }

  /** Sends what exporters have held long enough, or all of it. */
  tick(nowMs: number): void {
    for (const exporter of this.exporters) exporter.tick(nowMs);
  }

  flush(nowMs: number): void {
    for (const exporter of this.exporters) exporter.flush(nowMs);
  }

  private export(from: number, nowMs: number): void {
    const { flow } = this;
    const exporter = this.exporters[from];
    const { sampling, protocol } = exporter.identity;
    this.pool[from] += flow.packets;
    const taken = Math.floor(this.pool[from] / sampling);
    this.pool[from] -= taken * sampling;
    if (protocol === 'sflow') {
      for (let i = 0; i < taken; i++) exporter.report(flow, nowMs);
    } else if (taken > 0) {
      flow.bytes = Math.round((flow.bytes * taken) / flow.packets);
      flow.packets = taken;
      exporter.report(flow, nowMs);
    }
  }

  private countsOf(edge: number, ifIndex: number): InterfaceCounts {
    if (ifIndex === ACCESS_INDEX) return this.access[edge];
    const out = this.network.directionOut(this.edges[edge], ifIndex);
    return { inOctets: this.bytes[out ^ 1], inPackets: this.packets[out ^ 1], outOctets: this.bytes[out], outPackets: this.packets[out] };
  }

  private treeFrom(edge: number): ShortestPaths {
    const { graph } = this.network;
    const tree = (this.trees[edge] ??= new ShortestPaths(graph));
    if (this.treeOf[edge] !== graph.version) {
      tree.run(this.edges[edge]);
      this.treeOf[edge] = graph.version;
    }
    return tree;
  }

  /** Each link that no file gives a capacity is built for the load that is expected in the busiest hour without failures. */
  private capacities(): Float64Array {
    const { links, graph, directionOf } = this.network;
    const pairs = new Float64Array(graph.arcs);
    this.edges.forEach((source, i) => {
      const tree = this.treeFrom(i);
      for (const target of this.edges) for (let at = target; at !== source; at = graph.from[tree.arc[at]]) pairs[directionOf[tree.arc[at]]]++;
    });
    const perPair = (8 * MEAN_BYTES * this.options.rate) / (this.edges.length * (this.edges.length - 1));
    return Float64Array.from(links, ({ given }, l) => {
      const needed = (Math.max(pairs[2 * l], pairs[2 * l + 1], 1) * perPair) / PLANNED_LOAD;
      return given ?? CAPACITIES.find((capacity) => capacity >= needed) ?? needed;
    });
  }
}
