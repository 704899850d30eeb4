import { nothingSent, type Exporter, type ExporterIdentity, type Protocol, type Sent } from './exporter';
import { makeExporter } from './make-exporter';
import { newFlow, type Flow } from './flow';
import { CORES, coreBetween, EDGES, interfacesOf, uplinkTo } from './network';
import { Random } from './random';
import { Traffic } from './traffic';

/** What a simulation is made of. */
export interface SimulationOptions {
  /** Equal seeds, times and counts give equal datagrams. */
  readonly seed: number;
  /** Protocols of the edge routers 1 to 4, taken in turn. At least one. */
  readonly protocols: readonly Protocol[];
  /** When it begins, milliseconds since the epoch. */
  readonly startMs: number;
  /** A datagram of an exporter. The buffer is the receiver's. */
  readonly emit: (exporter: ExporterIdentity, datagram: Buffer) => void;
  /** `typical`: each protocol with a usual rate; `none`: every packet counts. Default `typical`. sFlow always samples. */
  readonly sampling?: 'typical' | 'none';
  /** Share (0 to 1) of the flows through the core which a core router reports too, by IPFIX; needs sampling `none`. Default 0. */
  readonly overlap?: number;
  /** Data datagrams between two sendings of the templates. Default 20. */
  readonly templateEvery?: number;
  /** Address (4 bytes) that a router exports from: sFlow's agent address. Default 10.255.0.r. */
  readonly addressOf?: (router: number) => Uint8Array;
}

/** What was sent: by protocol, and `unique`, each flow once however many routers reported it. */
export interface Totals extends Sent {
  readonly protocols: Partial<Record<Protocol, Sent>>;
  readonly unique: { readonly flows: number; readonly packets: number; readonly bytes: number };
}

const TYPICAL_SAMPLING: Readonly<Record<Protocol, number>> = { v5: 50, v9: 100, ipfix: 64, sflow: 512 };

/**
 * A network whose exporters report what its hosts do. The edge router by which a flow comes in reports it at ingress; with
 * `overlap` a core router on its way reports it again. Nothing here reads a clock: time is what {@link advance} is told.
 */
export class Simulation {
  readonly exporters: readonly Exporter[];
  private readonly flow: Flow = newFlow();
  private readonly random: Random;
  private readonly traffic: Traffic;
  private readonly byRouter = new Map<number, Exporter>();
  private readonly overlap: number;
  private readonly duplicates = { flows: 0, packets: 0, bytes: 0 };

  constructor(options: SimulationOptions) {
    const { protocols, startMs, emit, sampling = 'typical', overlap = 0, templateEvery = 20 } = options;
    if (protocols.length === 0) throw new RangeError('a simulation needs a protocol');
    if (overlap > 0 && sampling !== 'none') throw new RangeError('overlap needs sampling none');
    const addressOf = options.addressOf ?? ((router) => Uint8Array.of(10, 255, 0, router));
    this.overlap = overlap;
    this.random = new Random(options.seed);
    const add = (router: number, name: string, protocol: Protocol): void => {
      const identity: ExporterIdentity = {
        router, name, protocol, address: addressOf(router), sampling: sampling === 'none' && protocol !== 'sflow' ? 1 : TYPICAL_SAMPLING[protocol],
        interfaces: interfacesOf(router),
      };
      this.byRouter.set(router, makeExporter(identity, startMs, (datagram) => emit(identity, datagram), templateEvery));
    };
    for (const edge of EDGES) add(edge, `edge-${edge}`, protocols[(edge - 1) % protocols.length]);
    if (overlap > 0) for (const core of CORES) add(core, `core-${core}`, 'ipfix');
    this.exporters = [...this.byRouter.values()];
    this.traffic = new Traffic(this.random, (edge) => this.byRouter.get(edge)?.identity.protocol !== 'v5');
  }

  /** Draws `flows` flows that end about `nowMs`, and lets the exporters send what is due. */
  advance(nowMs: number, flows: number): void {
    const { flow, traffic, byRouter } = this;
    for (let i = 0; i < flows; i++) {
      traffic.next(flow, nowMs);
      const { edge } = flow.src;
      const core = edge === flow.dst.edge ? 0 : coreBetween(edge, flow.dst.edge);
      flow.inIf = flow.src.inIf;
      flow.outIf = core === 0 ? flow.dst.inIf : uplinkTo(core);
      flow.nextHop = core;
      const exporter = byRouter.get(edge) as Exporter;
      exporter.report(flow, nowMs);
      if (core !== 0 && this.overlap > 0 && exporter.identity.protocol !== 'sflow' && this.random.chance(this.overlap)) this.reportAgain(core, nowMs);
    }
    for (const exporter of this.exporters) exporter.tick(nowMs);
  }

  /** Sends everything that exporters still hold. */
  flush(nowMs: number): void {
    for (const exporter of this.exporters) exporter.flush(nowMs);
  }

  /** What was sent so far; what exporters hold is not in it. After {@link flush} `unique` is exact. */
  totals(): Totals {
    const all = nothingSent();
    const protocols: Partial<Record<Protocol, Sent>> = {};
    for (const { identity, sent } of this.exporters) {
      const mine = (protocols[identity.protocol] ??= nothingSent());
      for (const name of Object.keys(all) as (keyof Sent)[]) {
        mine[name] += sent[name];
        all[name] += sent[name];
      }
    }
    const { duplicates } = this;
    return { ...all, protocols, unique: { flows: all.flows - duplicates.flows, packets: all.packets - duplicates.packets, bytes: all.bytes - duplicates.bytes } };
  }

  private reportAgain(core: number, nowMs: number): void {
    const { flow } = this;
    flow.inIf = flow.src.edge;
    flow.outIf = flow.dst.edge;
    flow.nextHop = flow.dst.edge;
    this.byRouter.get(core)?.report(flow, nowMs);
    this.duplicates.flows++;
    this.duplicates.packets += flow.packets;
    this.duplicates.bytes += flow.bytes;
  }
}
