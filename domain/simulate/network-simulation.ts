import type { InterfaceCounters, InterfaceState, LinkMetrics, TopologyEvent } from '../../schemas';
import { NO_COUNTERS } from '../../schemas/unknown';
import { eventOf, snapshot } from '../topology/differences';
import { networkInterface, type Element } from '../topology/elements';
import { AttackFlows } from './attack-flows';
import type { AttackRequest } from './attacks';
import { Conversations, FLOWS_OF_ONE } from './conversations';
import type { Protocol } from './exporter';
import { Incidents, pattern, USUAL_INCIDENTS, type Incident, type IncidentRates } from './incidents';
import { NetworkTraffic, type TrafficOptions } from './network-traffic';
import { Random } from './random';
import { ACCESS_INDEX, ACCESS_NAME, WiredNetwork } from './wired-network';

/** Where a simulation puts what it makes. */
export interface NetworkOutput {
  events(events: readonly TopologyEvent[]): void;
  states(states: readonly InterfaceState[]): void;
  counters(counters: readonly InterfaceCounters[]): void;
  metrics(metrics: readonly LinkMetrics[]): void;
  /** Datagram of a device, by its number. The buffer is the receiver's. */
  datagram(device: number, datagram: Buffer, protocol: Protocol): void;
  /** One line of the truth, to be written as JSON. */
  truth(line: object): void;
}

/** What a simulated network is made of. Equal options give equal output, byte for byte. */
export interface NetworkOptions extends TrafficOptions {
  readonly elements: readonly Element[];
  readonly incidents?: Partial<IncidentRates>;
  /** Attacks that happen whatever the incidents. */
  readonly attacks?: readonly AttackRequest[];
  /** Share (0 to 1) of conversations and attacks in IPv6. Default 0. */
  readonly ipv6?: number;
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

/**
 * A network at work: flows take shortest paths by latency between its edges, move when a link or a device fails, and are counted by every
 * interface on their way; what datagrams, counters, measurements and the truth say is taken from the same flows. Nothing here reads a clock.
 *
 * Memory: a tree of paths per edge (at most 64) and some numbers per link; nothing per flow.
 */
export class NetworkSimulation {
  readonly network: WiredNetwork;
  readonly edges: readonly number[];
  readonly traffic: NetworkTraffic;
  nowMs: number;
  private readonly random: Random;
  private readonly conversations: Conversations;
  private readonly incidents: Incidents;
  private present: Incident[] = [];
  private readonly attacks = new Map<Incident, AttackFlows>();
  private readonly downLinks: Int32Array;
  private readonly downDevices: Int32Array;
  /** Bytes over each direction at the last report. */
  private readonly reported: Float64Array;
  private readonly source: string;
  private readonly reportMs: number;
  private due = 0;
  private reportedMs: number;

  constructor(
    private readonly options: NetworkOptions,
    private readonly output: NetworkOutput,
  ) {
    const { seed, startMs, addressOf, ipv6 = 0 } = options;
    this.network = new WiredNetwork(options.elements, addressOf);
    const { devices, links } = this.network;
    this.source = `simulator:${options.name}`;
    this.nowMs = this.reportedMs = startMs;
    this.reportMs = options.reportMs ?? 10_000;
    this.random = new Random(seed);
    this.edges = spread(this.network.largestPart(), MOST_EDGES);
    this.downLinks = new Int32Array(links.length);
    this.downDevices = new Int32Array(devices.length);
    this.reported = new Float64Array(2 * links.length);
    this.traffic = new NetworkTraffic(this.network, this.edges, options, (device) => this.downDevices[device] > 0, output.datagram.bind(output));
    this.conversations = new Conversations(this.random, this.traffic.flow);
    const scene = { links: links.length, devices: devices.length, edges: this.edges.length, ipv6 };
    this.incidents = new Incidents(scene, { ...USUAL_INCIDENTS, ...options.incidents }, options.attacks ?? [], startMs, (stream) => new Random(seed + 1000 * (stream + 1)));
  }

  /** Flows that found a way. */
  get flows(): number {
    return this.traffic.flows;
  }

  /** Tells the network as it is built: everything on topology.events, every interface, the head of the truth. */
  begin(): void {
    const { devices, links, interfaces } = this.network;
    const { capacity } = this.traffic;
    const built = links.map(({ element }, l) => ({ ...element, bitsPerSecond: capacity[l], up: true }));
    const access = this.edges.map((edge) => networkInterface(devices[edge].id, ACCESS_NAME, { ifIndex: ACCESS_INDEX }));
    this.output.truth({ kind: 'network', time: this.nowMs, seed: this.options.seed, rate: this.options.rate, devices: devices.length, links: links.length, edges: this.edges.map((edge) => devices[edge].id) });
    this.output.events(snapshot([...devices.map(({ element }) => ({ ...element, up: true })), ...access, ...interfaces, ...built], this.source, this.nowMs));
    this.output.states([...this.edges.map((edge) => this.stateOf(edge, ACCESS_INDEX, ACCESS_NAME, 'hosts', null, true)), ...links.flatMap((_, l) => this.statesOf(l))]);
  }

  /** Lets {@link STEP_MS} pass: what ends and begins, flows, and a report when one is due. */
  step(): void {
    this.nowMs += STEP_MS;
    for (const incident of this.incidents.until(this.nowMs)) {
      this.present.push(incident);
      this.change(incident, true);
    }
    this.converse();
    for (const attack of this.attacks.values()) attack.step(this.traffic.flow, this.nowMs, STEP_MS, (from, to) => this.traffic.carry(from, to, this.nowMs));
    for (const over of this.present.filter(({ untilMs }) => untilMs <= this.nowMs)) this.change(over, false);
    this.present = this.present.filter(({ untilMs }) => untilMs > this.nowMs);
    this.traffic.tick(this.nowMs);
    if (this.nowMs - this.reportedMs >= this.reportMs) this.report();
  }

  /** Sends what exporters hold and reports what was not. */
  end(): void {
    this.traffic.flush(this.nowMs);
    if (this.nowMs > this.reportedMs) this.report();
  }

  isUp(link: number): boolean {
    const { a, b } = this.network.links[link];
    return this.downLinks[link] === 0 && this.downDevices[a] === 0 && this.downDevices[b] === 0;
  }

  private converse(): void {
    const { random, traffic, conversations, edges } = this;
    const { ipv6 = 0 } = this.options;
    this.due += (this.options.rate * pattern(this.nowMs) * STEP_MS) / 1000;
    for (; this.due >= FLOWS_OF_ONE; this.due -= FLOWS_OF_ONE) {
      const client = random.below(edges.length);
      const server = (client + 1 + random.below(edges.length - 1)) % edges.length;
      conversations.next(random.chance(ipv6) && traffic.speaksIPv6(client) && traffic.speaksIPv6(server));
      conversations.request(edges[client], edges[server], this.nowMs);
      if (!traffic.carry(client, server, this.nowMs)) continue;
      conversations.answer(edges[client], edges[server], this.nowMs);
      traffic.carry(server, client, this.nowMs);
    }
  }

  private change(incident: Incident, begins: boolean): void {
    const { devices, links } = this.network;
    const time = begins ? incident.fromMs : incident.untilMs;
    if (incident.kind === 'attack') {
      this.attack(incident, begins);
      return;
    }
    const { kind, at } = incident;
    const down = kind === 'link' ? this.downLinks : this.downDevices;
    down[at] += begins ? 1 : -1;
    // Two incidents of one element overlap: it is up again when both are over.
    if (down[at] !== (begins ? 1 : 0)) return;
    const element = kind === 'link' ? { ...links[at].element, bitsPerSecond: this.traffic.capacity[at] } : devices[at].element;
    this.output.truth({ kind: `${kind}-${begins ? 'down' : 'up'}`, time, id: element.id });
    this.output.events([eventOf({ change: begins ? 'down' : 'up', element: { ...element, up: !begins } }, this.source, time)]);
    const touched = links.flatMap(({ a, b }, l) => (kind === 'link' ? l === at : a === at || b === at) ? [l] : []);
    for (const l of touched) {
      const cost = this.isUp(l) ? links[l].latencyMs : Infinity;
      for (const direction of [2 * l, 2 * l + 1]) this.network.graph.setCost(this.network.graph.arcOf[direction], cost);
    }
    this.output.states(touched.flatMap((l) => this.statesOf(l)));
  }

  private attack(incident: Incident & { kind: 'attack' }, begins: boolean): void {
    const name = (edge: number): string => this.network.devices[this.edges[edge]].id;
    if (begins) {
      // An edge of NetFlow v5 cannot tell of IPv6, nor can an attack towards all of them.
      const attack = { ...incident.attack, ipv6: incident.attack.ipv6 && this.edges.every((_, edge) => this.traffic.speaksIPv6(edge)) };
      const flows = new AttackFlows(attack, incident.fromMs, incident.untilMs, this.edges, this.random);
      this.attacks.set(incident, flows);
      this.output.truth({ kind: 'attack', time: incident.fromMs, ...flows.describe(name) });
      return;
    }
    const flows = this.attacks.get(incident)!;
    this.attacks.delete(incident);
    this.output.truth({ kind: 'attack-over', time: incident.untilMs, ...flows.describe(name), packets: flows.packets, bytes: flows.bytes });
  }

  private report(): void {
    const { links, devices } = this.network;
    const { bytes, packets, capacity } = this.traffic;
    const time = this.nowMs;
    const seconds = (time - this.reportedMs) / 1000;
    this.reportedMs = time;
    const rates: Record<string, [number, number]> = {};
    const metrics: LinkMetrics[] = [];
    const counters: InterfaceCounters[] = [];
    const read = (device: number, ifIndex: number, ifName: string, speed: number, operUp: boolean, inOctets: number, inUnicastPackets: number, outOctets: number, outUnicastPackets: number): void => {
      if (this.downDevices[device] > 0) return;
      counters.push({
        ...NO_COUNTERS, device: devices[device].address, ifIndex, ifName, time, speed, adminUp: true, operUp, source: 'SNMP',
        inOctets, inUnicastPackets, outOctets, outUnicastPackets, uptimeSeconds: Math.floor((time - this.options.startMs) / 1000), discontinuity: false,
      });
    };
    this.edges.forEach((edge, i) => {
      const { inOctets, inPackets, outOctets, outPackets } = this.traffic.accessOf(i);
      read(edge, ACCESS_INDEX, ACCESS_NAME, 0, true, inOctets, inPackets, outOctets, outPackets);
    });
    links.forEach(({ id, a, b, aIndex, bIndex, latencyMs, element }, l) => {
      const up = this.isUp(l);
      const [ahead, back] = [2 * l, 2 * l + 1].map((direction) => (8 * (bytes[direction] - this.reported[direction])) / seconds);
      this.reported[2 * l] = bytes[2 * l];
      this.reported[2 * l + 1] = bytes[2 * l + 1];
      if (ahead + back > 0) rates[id] = [Math.round(ahead), Math.round(back)];
      if (up) metrics.push(measured(id, time, latencyMs, Math.max(ahead, back) / capacity[l]));
      read(a, aIndex, element.aInterface!, capacity[l], up, bytes[2 * l + 1], packets[2 * l + 1], bytes[2 * l], packets[2 * l]);
      read(b, bIndex, element.bInterface!, capacity[l], up, bytes[2 * l], packets[2 * l], bytes[2 * l + 1], packets[2 * l + 1]);
    });
    this.output.counters(counters);
    this.output.metrics(metrics);
    this.output.truth({ kind: 'rates', time, seconds, bitsPerSecond: rates });
  }

  private stateOf(at: number, ifIndex: number, name: string, alias: string, speed: number | null, operUp: boolean): InterfaceState {
    return { device: this.network.devices[at].address, ifIndex, time: this.nowMs, source: 'SNMP', deviceName: this.network.devices[at].id, name, alias, description: '', speed, adminUp: true, operUp };
  }

  private statesOf(l: number): InterfaceState[] {
    const { a, b, aIndex, bIndex, element } = this.network.links[l];
    const state = (at: number, ifIndex: number, name: string): InterfaceState => this.stateOf(at, ifIndex, name, element.id, this.traffic.capacity[l], this.isUp(l));
    return [state(a, aIndex, element.aInterface!), state(b, bIndex, element.bInterface!)];
  }
}

/** Round trip, its variation and loss at a load: the wait of an M/M/1 queue up to 50 ms; what is beyond the capacity is lost. */
function measured(link: string, time: number, latencyMs: number, utilisation: number): LinkMetrics {
  const waitMs = utilisation < 1 ? Math.min(50, (0.1 * utilisation) / (1 - utilisation)) : 50;
  return { link, time, latencyMs: 2 * latencyMs + waitMs, jitterMs: waitMs / 2, lossRatio: utilisation > 1 ? 1 - 1 / utilisation : 0, utilisationRatio: utilisation };
}

/** As many of a list, evenly spread. */
const spread = (all: readonly number[], most: number): number[] => (all.length <= most ? [...all] : Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]));
