import type { InterfaceCounters, InterfaceState, LinkMetrics, TopologyEvent } from '../../schemas';
import { NO_COUNTERS } from '../../schemas/unknown';
import { NO_ARC, ShortestPaths } from '../paths/shortest-paths';
import { eventOf, snapshot } from '../topology/differences';
import type { Element } from '../topology/elements';
import { newFlow, type Flow } from './flow';
import { Incidents, pattern, USUAL_INCIDENTS, type Incident, type IncidentRates } from './incidents';
import { IpfixExporter } from './ipfix';
import { Random } from './random';
import { ACCESS_INDEX, WiredNetwork } from './wired-network';

/** Where a simulation puts what it makes. */
export interface NetworkOutput {
  events(events: readonly TopologyEvent[]): void;
  states(states: readonly InterfaceState[]): void;
  counters(counters: readonly InterfaceCounters[]): void;
  metrics(metrics: readonly LinkMetrics[]): void;
  /** IPFIX of a device, by its number. The buffer is the receiver's. */
  datagram(device: number, datagram: Buffer): void;
  /** One line of the truth, to be written as JSON. */
  truth(line: object): void;
}

/** What a simulated network is made of. Equal options give equal output, byte for byte. */
export interface NetworkOptions {
  readonly elements: readonly Element[];
  readonly seed: number;
  /** When it begins, milliseconds since the epoch. */
  readonly startMs: number;
  /** Flows per second of the simulation in the busiest hour. */
  readonly rate: number;
  readonly incidents?: Partial<IncidentRates>;
  /** Between two readings of counters and links. Default 10,000. */
  readonly reportMs?: number;
  /** Management address of device number i. */
  readonly addressOf: (device: number) => string;
  /** Name of the source of its events, after `simulator:`. */
  readonly name: string;
}

/** Time of one step. */
export const STEP_MS = 100;
/** Devices that hosts are behind: all traffic begins and ends there, and they alone export. */
export const MOST_EDGES = 64;
const HOSTS = 32;
const MASK = 26;
const MEAN_BYTES = 60_000;
const HIGH_BYTES = 20_000_000;
const PACKET = 1000;
/** Capacities that links are built with, bits a second, and the load that they are chosen for. */
const CAPACITIES = [1e6, 1e7, 1e8, 1e9, 1e10, 4e10, 1e11, 4e11, 1e12];
const PLANNED_LOAD = 0.4;
/** Flows of a flash crowd and of an attack, as shares of the usual. */
const CROWD_SHARE = 1;
const ATTACK_SHARE = 0.5;

/**
 * A network at work: flows take shortest paths by latency between its edges, move when a link or a device fails, and are counted by every
 * interface on their way; what IPFIX, counters, measurements and the truth say is taken from the same flows. Nothing here reads a clock.
 *
 * Memory: a tree of paths per edge (at most 64) and some numbers per link; nothing per flow.
 */
export class NetworkSimulation {
  readonly network: WiredNetwork;
  readonly edges: readonly number[];
  /** Bits a second of each link. */
  readonly capacity: Float64Array;
  nowMs: number;
  flows = 0;
  private readonly random: Random;
  private readonly incidents: Incidents;
  private present: Incident[] = [];
  private readonly downLinks: Int32Array;
  private readonly downDevices: Int32Array;
  private readonly trees: (ShortestPaths | undefined)[];
  private readonly treeOf: Int32Array;
  /** Bytes and packets over each direction since the start, and as they were at the last report. */
  private readonly bytes: Float64Array;
  private readonly packets: Float64Array;
  private readonly reported: Float64Array;
  private readonly exporters: IpfixExporter[];
  private readonly flow: Flow = newFlow();
  private readonly source: string;
  private readonly reportMs: number;
  private due = 0;
  private reportedMs: number;

  constructor(
    private readonly options: NetworkOptions,
    private readonly output: NetworkOutput,
  ) {
    const { seed, startMs, addressOf } = options;
    this.network = new WiredNetwork(options.elements, addressOf);
    const { devices, links } = this.network;
    this.source = `simulator:${options.name}`;
    this.nowMs = this.reportedMs = startMs;
    this.reportMs = options.reportMs ?? 10_000;
    this.random = new Random(seed);
    this.edges = spread(this.network.largestPart(), MOST_EDGES);
    this.trees = this.edges.map(() => undefined);
    this.treeOf = new Int32Array(this.edges.length).fill(-1);
    this.downLinks = new Int32Array(links.length);
    this.downDevices = new Int32Array(devices.length);
    this.bytes = new Float64Array(2 * links.length);
    this.packets = new Float64Array(2 * links.length);
    this.reported = new Float64Array(2 * links.length);
    this.capacity = this.capacities();
    this.incidents = new Incidents({ links: links.length, devices: devices.length, edges: this.edges.length }, { ...USUAL_INCIDENTS, ...options.incidents }, startMs, (kind) => new Random(seed + 1000 * (kind + 1)));
    this.exporters = this.edges.map((device) => new IpfixExporter({ router: device + 1, name: devices[device].id, protocol: 'ipfix', address: bytesOf(devices[device].address), sampling: 1 }, startMs, (datagram) => output.datagram(device, datagram), 20));
  }

  /** Tells the network as it is built: everything on topology.events, every interface, the head of the truth. */
  begin(): void {
    const { devices, links, interfaces } = this.network;
    const built = links.map(({ element }, l) => ({ ...element, bitsPerSecond: this.capacity[l], up: true }));
    this.output.truth({ kind: 'network', time: this.nowMs, seed: this.options.seed, rate: this.options.rate, devices: devices.length, links: links.length, edges: this.edges.map((edge) => devices[edge].id) });
    this.output.events(snapshot([...devices.map(({ element }) => ({ ...element, up: true })), ...interfaces, ...built], this.source, this.nowMs));
    this.output.states(links.flatMap((_, l) => this.statesOf(l)));
  }

  /** Lets {@link STEP_MS} pass: what ends and begins, flows, and a report when one is due. */
  step(): void {
    this.nowMs += STEP_MS;
    for (const over of this.present.filter(({ untilMs }) => untilMs < this.nowMs)) this.change(over, false);
    this.present = this.present.filter(({ untilMs }) => untilMs >= this.nowMs);
    for (const incident of this.incidents.until(this.nowMs)) {
      this.present.push(incident);
      this.change(incident, true);
    }
    const usual = (this.options.rate * pattern(this.nowMs) * STEP_MS) / 1000;
    this.due += usual;
    for (; this.due >= 1; this.due--) this.converse(this.random.below(this.edges.length), this.random.below(this.edges.length));
    for (const incident of this.present) this.takePart(incident, usual);
    for (const exporter of this.exporters) exporter.tick(this.nowMs);
    if (this.nowMs - this.reportedMs >= this.reportMs) this.report();
  }

  /** Sends what exporters hold and reports what was not. */
  end(): void {
    for (const exporter of this.exporters) exporter.flush(this.nowMs);
    if (this.nowMs > this.reportedMs) this.report();
  }

  isUp(link: number): boolean {
    const { a, b } = this.network.links[link];
    return this.downLinks[link] === 0 && this.downDevices[a] === 0 && this.downDevices[b] === 0;
  }

  private change(incident: Incident, begins: boolean): void {
    const { devices, links } = this.network;
    const { kind } = incident;
    const time = begins ? incident.fromMs : incident.untilMs;
    if (kind === 'crowd' || kind === 'attack') {
      const edge = devices[this.edges[incident.at]].id;
      const who = kind === 'crowd' ? { to: edge } : { attack: incident.attack, from: devices[this.edges[incident.from]].id, to: edge, victim: text(hostOf(this.edges[incident.at], incident.host)) };
      this.output.truth({ kind: begins ? kind : `${kind}-over`, time, ...who, until: incident.untilMs });
      return;
    }
    const down = kind === 'link' ? this.downLinks : this.downDevices;
    down[incident.at] += begins ? 1 : -1;
    // Two incidents of one element overlap: it is up again when both are over.
    if (down[incident.at] !== (begins ? 1 : 0)) return;
    const element = kind === 'link' ? { ...links[incident.at].element, bitsPerSecond: this.capacity[incident.at] } : devices[incident.at].element;
    this.output.truth({ kind: `${kind}-${begins ? 'down' : 'up'}`, time, id: element.id });
    this.output.events([eventOf({ change: begins ? 'down' : 'up', element: { ...element, up: !begins } }, this.source, time)]);
    const touched = links.flatMap(({ a, b }, l) => (kind === 'link' ? l === incident.at : a === incident.at || b === incident.at) ? [l] : []);
    for (const l of touched) {
      const cost = this.isUp(l) ? links[l].latencyMs : Infinity;
      for (const direction of [2 * l, 2 * l + 1]) this.network.graph.setCost(this.network.graph.arcOf[direction], cost);
    }
    this.output.states(touched.flatMap((l) => this.statesOf(l)));
  }

  private takePart(incident: Incident, usual: number): void {
    if (incident.kind === 'crowd') for (let i = 0; i < Math.ceil(usual * CROWD_SHARE); i++) this.converse(this.random.below(this.edges.length), incident.at);
    if (incident.kind !== 'attack') return;
    const { flow, random } = this;
    for (let i = 0; i < Math.ceil(usual * ATTACK_SHARE); i++) {
      const amplified = incident.attack === 'amplification';
      const from = amplified ? random.below(this.edges.length) : incident.from;
      this.ends(from, incident.at);
      flow.dst.v4 = hostOf(this.edges[incident.at], incident.attack === 'scan' ? random.below(HOSTS) : incident.host);
      if (incident.attack === 'scan') flow.src.v4 = hostOf(this.edges[incident.from], 0);
      flow.proto = amplified ? 17 : 6;
      flow.tcpFlags = amplified ? 0 : 2;
      flow.srcPort = amplified ? 53 : 1024 + random.below(64_000);
      flow.dstPort = amplified ? 1024 + random.below(64_000) : incident.attack === 'scan' ? 1 + random.below(1024) : 443;
      flow.packets = amplified ? 10 + random.below(90) : 1;
      flow.bytes = flow.packets * (amplified ? 1400 : 44);
      this.carry(from, incident.at);
    }
  }

  private converse(from: number, to: number): void {
    if (from === to) return;
    const { flow, random } = this;
    this.ends(from, to);
    flow.proto = random.chance(0.8) ? 6 : 17;
    flow.tcpFlags = flow.proto === 6 ? 0x1b : 0;
    flow.srcPort = 32_768 + random.below(28_000);
    flow.dstPort = random.chance(0.7) ? 443 : 80;
    flow.bytes = Math.floor(random.pareto(MEAN_BYTES / 6, HIGH_BYTES, 1.2));
    flow.packets = Math.ceil(flow.bytes / PACKET);
    this.carry(from, to);
  }


  private ends(from: number, to: number): void {
    const { flow, random } = this;
    for (const [host, edge] of [[flow.src, from], [flow.dst, to]] as const) {
      host.edge = this.edges[edge] + 1;
      host.v4 = hostOf(this.edges[edge], random.below(HOSTS));
      host.maskV4 = MASK;
      host.as = 64_512;
    }
  }

  /** Counts the flow on its way, back to front, and reports it where it comes in. What cannot get there is not sent. */
  private carry(from: number, to: number): void {
    const { network, flow } = this;
    const source = this.edges[from];
    let at = this.edges[to];
    if (this.downDevices[source] > 0 || source === at) return;
    const tree = this.treeFrom(from);
    if (tree.distance[at] === Infinity) return;
    let direction = 0;
    for (let arc = tree.arc[at]; arc !== NO_ARC; arc = tree.arc[at]) {
      direction = network.directionOf[arc];
      this.bytes[direction] += flow.bytes;
      this.packets[direction] += flow.packets;
      at = network.graph.from[arc];
    }
    const link = network.links[direction >> 1];
    flow.inIf = ACCESS_INDEX;
    flow.outIf = (direction & 1) === 0 ? link.aIndex : link.bIndex;
    flow.nextHop = ((direction & 1) === 0 ? link.b : link.a) + 1;
    flow.endMs = this.nowMs;
    flow.startMs = this.nowMs - STEP_MS;
    this.flows++;
    this.exporters[from].report(flow, this.nowMs);
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

  private report(): void {
    const { links, devices } = this.network;
    const time = this.nowMs;
    const seconds = (time - this.reportedMs) / 1000;
    this.reportedMs = time;
    const rates: Record<string, [number, number]> = {};
    const metrics: LinkMetrics[] = [];
    const counters: InterfaceCounters[] = [];
    for (let l = 0; l < links.length; l++) {
      const { id, a, b, aIndex, bIndex, latencyMs } = links[l];
      const up = this.isUp(l);
      const [ahead, back] = [2 * l, 2 * l + 1].map((direction) => (8 * (this.bytes[direction] - this.reported[direction])) / seconds);
      this.reported[2 * l] = this.bytes[2 * l];
      this.reported[2 * l + 1] = this.bytes[2 * l + 1];
      if (ahead + back > 0) rates[id] = [Math.round(ahead), Math.round(back)];
      if (up) metrics.push(measured(id, time, latencyMs, Math.max(ahead, back) / this.capacity[l]));
      for (const [device, ifIndex, out] of [[a, aIndex, 2 * l], [b, bIndex, 2 * l + 1]] as const) {
        if (this.downDevices[device] > 0) continue;
        counters.push({
          ...NO_COUNTERS, device: devices[device].address, ifIndex, ifName: `if${ifIndex}`, time, speed: this.capacity[l], adminUp: true, operUp: up, source: 'SNMP',
          inOctets: this.bytes[out ^ 1], inUnicastPackets: this.packets[out ^ 1], outOctets: this.bytes[out], outUnicastPackets: this.packets[out], uptimeSeconds: Math.floor((time - this.options.startMs) / 1000), discontinuity: false,
        });
      }
    }
    this.output.counters(counters);
    this.output.metrics(metrics);
    this.output.truth({ kind: 'rates', time, seconds, bitsPerSecond: rates });
  }

  private statesOf(l: number): InterfaceState[] {
    const { a, b, aIndex, bIndex, element } = this.network.links[l];
    const state = (at: number, ifIndex: number, name: string): InterfaceState => ({
      device: this.network.devices[at].address, ifIndex, time: this.nowMs, source: 'SNMP', deviceName: this.network.devices[at].id, name, alias: element.id, description: '', speed: this.capacity[l], adminUp: true, operUp: this.isUp(l),
    });
    return [state(a, aIndex, element.aInterface!), state(b, bIndex, element.bInterface!)];
  }

  /** Each link that no file gives a capacity is built for the load that is expected in the busiest hour without failures. */
  private capacities(): Float64Array {
    const { links, graph, directionOf } = this.network;
    const pairs = new Float64Array(graph.arcs);
    this.edges.forEach((source, i) => {
      const tree = this.treeFrom(i);
      for (const target of this.edges) for (let at = target; at !== source; at = graph.from[tree.arc[at]]) pairs[directionOf[tree.arc[at]]]++;
    });
    const perPair = (8 * MEAN_BYTES * this.options.rate) / this.edges.length ** 2;
    return Float64Array.from(links, ({ given }, l) => {
      const needed = (Math.max(pairs[2 * l], pairs[2 * l + 1], 1) * perPair) / PLANNED_LOAD;
      return given ?? CAPACITIES.find((capacity) => capacity >= needed) ?? needed;
    });
  }
}

/** Round trip, its variation and loss at a load: the wait of an M/M/1 queue up to 50 ms; what is beyond the capacity is lost. */
function measured(link: string, time: number, latencyMs: number, utilisation: number): LinkMetrics {
  const waitMs = utilisation < 1 ? Math.min(50, (0.1 * utilisation) / (1 - utilisation)) : 50;
  return { link, time, latencyMs: 2 * latencyMs + waitMs, jitterMs: waitMs / 2, lossRatio: utilisation > 1 ? 1 - 1 / utilisation : 0, utilisationRatio: utilisation };
}

/** As many of a list, evenly spread. */
const spread = (all: readonly number[], most: number): number[] => (all.length <= most ? [...all] : Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]));

/** Address of a host behind a device: a network of 64 addresses each, from 172.16.0.0 on. */
const hostOf = (device: number, host: number): number => ((172 << 24) | (16 << 16)) + 64 * device + 10 + host >>> 0;
const bytesOf = (address: string): Uint8Array => Uint8Array.from(address.split('.'), Number);
const text = (v4: number): string => [24, 16, 8, 0].map((shift) => (v4 >>> shift) & 255).join('.');
