import type { Protocol } from '../../../domain/simulate/exporter';
import { Simulation, type Totals } from '../../../domain/simulate/simulation';
import { resolveTarget, UdpSender, type UdpTarget } from '../../../infra/udp/sender';

/** Ports of the collector by protocol. */
export interface CollectorPorts {
  readonly netflow: number;
  readonly ipfix: number;
  readonly sflow: number;
}

/** What a generator sends, where and how fast. */
export interface GeneratorOptions {
  /** Host of the collector. Default 127.0.0.1. */
  readonly target?: string;
  /** Default 2055, 4739, 6343. */
  readonly ports?: Partial<CollectorPorts>;
  /** Flows a second, all exporters together. */
  readonly rate: number;
  /** Equal seeds draw equal flows. Default 1. */
  readonly seed?: number;
  /** Protocols of the four edge routers, in turn. Default all four. */
  readonly protocols?: readonly Protocol[];
  /** Ends by itself after this long. Default never. */
  readonly durationMs?: number;
  /** See {@link Simulation}. */
  readonly sampling?: 'typical' | 'none';
  readonly overlap?: number;
}

/** Totals as sent, with what the system refused to send (by error code). */
export interface GeneratorTotals extends Totals {
  readonly seconds: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Source of each exporter's datagrams. */
  readonly exporters: readonly { readonly name: string; readonly protocol: Protocol; readonly address: string; readonly observationDomain: number; readonly sampling: number }[];
}

/** A running generator. */
export interface RunningGenerator {
  /** What was sent so far. */
  progress(): Totals;
  /** Resolves at the end, whether by its duration or by {@link stop}; rejects where it could not begin (NW_TARGET_UNKNOWN, NW_TARGET_REFUSED). */
  readonly finished: Promise<GeneratorTotals>;
  /** Sends what exporters hold and ends. */
  stop(): Promise<GeneratorTotals>;
}

const MOST_OUTSTANDING = 512;
/** A generator that was held up catches up by at most this much at once, then lets the rest go. */
const MOST_CATCH_UP_MS = 1000;

/**
 * Starts a simulated network's exporters sending to a collector, at a steady rate in small batches.
 *
 * To a collector on 127.0.0.1 each exporter sends from an address of its own, 127.0.1.r, where the system allows it (Linux
 * does); elsewhere all send from one address with an observation domain (engine id, sub-agent) of their own.
 *
 * Delivery: UDP, at most once; totals are what was handed to the system.
 */
export function startGenerator(options: GeneratorOptions): RunningGenerator {
  const running = new Generator(options);
  return { progress: () => running.progress(), finished: running.finished, stop: () => running.stop() };
}

class Generator {
  readonly finished: Promise<GeneratorTotals>;
  private simulation: Simulation | null = null;
  private readonly senders = new Map<number, UdpSender>();
  private stopped = false;
  private wake: () => void = () => undefined;

  constructor(private readonly options: GeneratorOptions) {
    this.finished = this.run();
    this.finished.catch(() => undefined);
  }

  progress(): Totals {
    return this.simulation?.totals() ?? new Simulation({ seed: 0, protocols: ['v5'], startMs: 0, emit: () => undefined }).totals();
  }

  stop(): Promise<GeneratorTotals> {
    this.stopped = true;
    this.wake();
    return this.finished;
  }

  private async run(): Promise<GeneratorTotals> {
    const { options } = this;
    const target = await resolveTarget(options.target ?? '127.0.0.1');
    const startMs = Date.now();
    const simulation = new Simulation({
      seed: options.seed ?? 1,
      protocols: options.protocols ?? ['v5', 'v9', 'ipfix', 'sflow'],
      sampling: options.sampling,
      overlap: options.overlap,
      startMs,
      emit: ({ router, protocol }, datagram) => this.senders.get(router)?.send(datagram, this.portOf(protocol)),
      addressOf: (router) => (target.loopback ? Uint8Array.of(127, 0, 1, router) : Uint8Array.of(10, 255, 0, router)),
    });
    try {
      for (const { identity } of simulation.exporters) this.senders.set(identity.router, await openSource(target, `127.0.1.${identity.router}`));
      this.simulation = simulation;
      await this.pace(simulation, startMs);
      simulation.flush(Date.now());
      const exporters = simulation.exporters.map(({ identity }) => ({
        name: identity.name,
        protocol: identity.protocol,
        address: this.senders.get(identity.router)?.source.address ?? '',
        observationDomain: identity.router,
        sampling: identity.sampling,
      }));
      return { ...simulation.totals(), seconds: (Date.now() - startMs) / 1000, refused: this.refused(), exporters };
    } finally {
      await Promise.all([...this.senders.values()].map((sender) => sender.close()));
    }
  }

  private async pace(simulation: Simulation, startMs: number): Promise<void> {
    const { rate, durationMs = Infinity } = this.options;
    // About ten flows a batch: few wakes when there is little to do, small bursts when there is much.
    const tickMs = Math.min(50, Math.max(2, 10_000 / rate));
    const began = performance.now();
    let drawn = 0;
    let forgiven = 0;
    while (!this.stopped) {
      const elapsed = Math.min(durationMs, performance.now() - began);
      let due = Math.floor((elapsed * rate) / 1000) - drawn - forgiven;
      const most = Math.max(1, Math.ceil((MOST_CATCH_UP_MS * rate) / 1000));
      if (due > most) {
        forgiven += due - most;
        due = most;
      }
      drawn += due;
      simulation.advance(Math.round(startMs + elapsed), due);
      if (elapsed >= durationMs) return;
      for (const sender of this.senders.values()) await sender.below(MOST_OUTSTANDING);
      await this.sleep(Math.min(tickMs, durationMs - elapsed));
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private portOf(protocol: Protocol): number {
    const { netflow = 2055, ipfix = 4739, sflow = 6343 } = this.options.ports ?? {};
    return protocol === 'sflow' ? sflow : protocol === 'ipfix' ? ipfix : netflow;
  }

  private refused(): Record<string, number> {
    const all: Record<string, number> = {};
    for (const { refused } of this.senders.values()) for (const [code, count] of refused) all[code] = (all[code] ?? 0) + count;
    return all;
  }
}

async function openSource(target: UdpTarget, address: string): Promise<UdpSender> {
  if (target.loopback && target.family === 4) {
    try {
      return await UdpSender.open(target, { address });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') throw error;
    }
  }
  return UdpSender.open(target);
}
