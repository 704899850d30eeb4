import { NetWeaverError } from '../../../infra/errors';
import { resolveTarget } from '../../../infra/udp/sender';
import { AcknowledgementWatch, type CollectorState } from './acknowledgement';
import { loadCaptures, type FlowDatagram } from './capture';
import { Exporters, type ExporterRow } from './exporters';
import { stamp, type FlowProtocol } from './recognise';
import { TemplateMemory } from './templates';

/** What is replayed, where to and how fast. */
export interface ReplayOptions {
  /** Paths of captures, replayed one after another. */
  readonly captures: readonly string[];
  /** Host of the collector. */
  readonly target: string;
  readonly ports: { readonly netflow: number; readonly ipfix: number; readonly sflow: number };
  /** 1 is real time, 10 ten times as fast, Infinity without pause. Default 1. */
  readonly speed?: number;
  /** Datagrams a second instead of the capture's own times. */
  readonly rate?: number;
  /** How often. Default 1. */
  readonly loops?: number;
  /** Sets the export time of every header to the time when it is due. */
  readonly rewriteTime?: boolean;
  /** Sends in windows and again what is not acknowledged. */
  readonly acknowledge?: {
    /** Address of the collector's `/collector/acknowledged`. */
    readonly url: string;
    /** Most datagrams in a window. Default 1000. */
    readonly window?: number;
    /** A window is sent again when it is not acknowledged after this long. Default 5 s. */
    readonly timeoutMs?: number;
    /** Ends with NW_REPLAY_UNACKNOWLEDGED when nothing was acknowledged for this long. Default 120 s. */
    readonly giveUpMs?: number;
  };
}

/** How far a replay is, and its totals at the end. */
export interface ReplayProgress {
  state: 'loading' | 'running' | 'done' | 'stopped' | 'failed';
  /** Datagrams of all loops. */
  planned: number;
  /** Datagrams sent, each counted once however often it was sent. */
  datagrams: number;
  bytes: number;
  protocols: Partial<Record<FlowProtocol, number>>;
  /** Datagrams of the captures that are no flow export. */
  skipped: number;
  /** Sent again because their acknowledgement did not come. */
  resent: number;
  /** Acknowledged windows; collectors' restarts seen; datagrams of others in the collector's count. */
  windows: number;
  restarts: number;
  foreign: number;
  seconds: number;
  /** Refused by the system, by error code. */
  refused: Record<string, number>;
  error: string | null;
}

/** A running replay. */
export interface RunningReplay {
  /** A copy of the present state. */
  progress(): ReplayProgress;
  /** Where each exporter sends from; empty until the captures are read. */
  exporters(): readonly ExporterRow[];
  /** Resolves when the exporters' sockets are open. */
  readonly opened: Promise<void>;
  /** Resolves at the end or after {@link stop}; rejects with NW_CAPTURE_UNREADABLE, NW_TARGET_UNKNOWN, NW_REPLAY_UNACKNOWLEDGED. */
  readonly finished: Promise<ReplayProgress>;
  stop(): Promise<ReplayProgress>;
}

const MOST_OUTSTANDING = 256;
const LEAST_WINDOW = 16;

/**
 * Sends the flow datagrams of captures as their exporters did.
 *
 * Delivery: UDP, at most once. With `acknowledge` at least once up to the log: a window whose acknowledgement does not come, or
 * whose collector was replaced meanwhile, is sent again whole; what came twice is removed by dedup. A collector that was replaced is told
 * the templates again first.
 */
export function startReplay(options: ReplayOptions): RunningReplay {
  const replay = new Replay(options);
  return {
    progress: () => replay.snapshot(),
    exporters: () => replay.exporters?.rows ?? [],
    opened: replay.opened,
    finished: replay.finished,
    stop: () => replay.stop(),
  };
}

class Replay {
  readonly opened: Promise<void>;
  readonly finished: Promise<ReplayProgress>;
  exporters: Exporters | null = null;
  private readonly progress: ReplayProgress = {
    state: 'loading', planned: 0, datagrams: 0, bytes: 0, protocols: {}, skipped: 0, resent: 0, windows: 0, restarts: 0, foreign: 0, seconds: 0, refused: {}, error: null,
  };
  private datagrams: readonly FlowDatagram[] = [];
  private durationMs = 0;
  private began = 0;
  /** The same moment on the wall clock: a datagram that is sent again must carry the same stamp, or it is no duplicate. */
  private beganAt = 0;
  private stopped = false;
  private wake: () => void = () => undefined;

  constructor(private readonly options: ReplayOptions) {
    let opened: () => void = () => undefined;
    this.opened = new Promise((resolve) => (opened = resolve));
    this.finished = this.run(opened).finally(opened);
    this.finished.catch(() => undefined);
  }

  snapshot(): ReplayProgress {
    const { progress } = this;
    if (progress.state === 'running') progress.seconds = (performance.now() - this.began) / 1000;
    return { ...progress, protocols: { ...progress.protocols }, refused: this.exporters?.refused() ?? progress.refused };
  }

  stop(): Promise<ReplayProgress> {
    this.stopped = true;
    this.wake();
    return this.finished;
  }

  private async run(opened: () => void): Promise<ReplayProgress> {
    const { options, progress } = this;
    try {
      const target = await resolveTarget(options.target);
      const loaded = loadCaptures(options.captures);
      this.datagrams = loaded.datagrams;
      // A loop begins one mean gap after the end of the one before.
      this.durationMs = loaded.durationMs + loaded.durationMs / Math.max(1, loaded.datagrams.length - 1);
      progress.planned = loaded.datagrams.length * (options.loops ?? 1);
      progress.skipped = loaded.skipped;
      const exporters = (this.exporters = await Exporters.open(target, loaded.datagrams));
      opened();
      this.began = performance.now();
      this.beganAt = Date.now();
      progress.state = 'running';
      try {
        if (options.acknowledge === undefined) await this.send(exporters, 0, progress.planned);
        else await this.sendAcknowledged(exporters, options.acknowledge);
      } finally {
        await exporters.close();
        progress.seconds = (performance.now() - this.began) / 1000;
      }
      if (loaded.fault !== null && !this.stopped) throw loaded.fault;
      progress.state = this.stopped && progress.datagrams < progress.planned ? 'stopped' : 'done';
      return this.snapshot();
    } catch (error) {
      progress.state = 'failed';
      progress.error = error instanceof NetWeaverError ? `${error.code}: ${error.message}` : String(error);
      throw error;
    }
  }

  /** Sends datagrams `from` up to `to` of all loops, each at its time; stops between two when asked. Returns how many. */
  private async send(exporters: Exporters, from: number, to: number, again = false): Promise<number> {
    const { datagrams, options, progress } = this;
    let i = from;
    for (; i < to && !this.stopped; i++) {
      const datagram = datagrams[i % datagrams.length];
      if (!again) await this.until(this.dueMs(i));
      if (this.stopped) break;
      const { protocol, payload } = datagram;
      const sender = exporters.senderOf(datagram);
      sender.send(options.rewriteTime === true ? stamp(payload, protocol, this.beganAt + this.dueMs(i)) : payload, this.portOf(protocol));
      if (sender.outstanding > MOST_OUTSTANDING) await sender.below(MOST_OUTSTANDING / 2);
      else if ((i & 63) === 63) await nextTurn();
      if (again) {
        progress.resent++;
        continue;
      }
      progress.datagrams++;
      progress.bytes += payload.length;
      progress.protocols[protocol] = (progress.protocols[protocol] ?? 0) + 1;
    }
    return i - from;
  }

  private async sendAcknowledged(exporters: Exporters, { url, window = 1000, timeoutMs = 5_000, giveUpMs = 120_000 }: NonNullable<ReplayOptions['acknowledge']>): Promise<void> {
    const { progress } = this;
    const watch = new AcknowledgementWatch(url, () => this.stopped);
    const gaveUp = (at: number): NetWeaverError =>
      new NetWeaverError('NW_REPLAY_UNACKNOWLEDGED', `${url}: nothing was acknowledged for ${giveUpMs / 1000} s; ${at} of ${progress.planned} datagrams are durable.`);
    let size = window;
    let from = 0;
    let lastMs = performance.now();
    const memory = new TemplateMemory();
    let forgotten = false;
    let told = 0;
    let base = await watch.quietState(giveUpMs);
    if (base === null && !this.stopped) throw gaveUp(0);
    while (base !== null && from < progress.planned && !this.stopped) {
      const to = Math.min(from + size, progress.planned);
      // What was sent before is sent again without waiting for its time.
      const known = Math.min(to, progress.datagrams);
      const sent: number = (known > from ? await this.send(exporters, from, known, true) : 0) + (await this.send(exporters, Math.max(from, known), to));
      if (this.stopped) return;
      const result: CollectorState | null = await watch.settle(base, told + sent, timeoutMs);
      progress.foreign = watch.foreign;
      if (result !== null) {
        progress.windows++;
        base = result;
        forgotten = false;
        told = 0;
        for (; from < to; from++) memory.note(this.datagrams[from % this.datagrams.length]);
        size = Math.min(window, size + LEAST_WINDOW);
        lastMs = performance.now();
        continue;
      }
      size = Math.max(LEAST_WINDOW, size >> 1);
      const before: string = base.instance;
      const left = giveUpMs - (performance.now() - lastMs);
      base = left > 0 ? await watch.quietState(left) : null;
      if (base === null && !this.stopped) throw gaveUp(from);
      if (base === null) return;
      if (base.instance !== before) {
        progress.restarts++;
        forgotten = true;
      }
      told = forgotten ? await this.tell(exporters, memory) : 0;
    }
  }

  /** Sends the templates that were acknowledged before to a collector that has forgotten them. Returns how many datagrams. */
  private async tell(exporters: Exporters, memory: TemplateMemory): Promise<number> {
    const datagrams = memory.tell();
    for (const datagram of datagrams) {
      const sender = exporters.senderOf(datagram);
      sender.send(datagram.payload, this.portOf(datagram.protocol));
      await sender.below(MOST_OUTSTANDING);
    }
    return datagrams.length;
  }

  /** When datagram `i` is due, milliseconds after the beginning. */
  private dueMs(i: number): number {
    const { speed = 1, rate } = this.options;
    if (rate !== undefined) return (i * 1000) / rate;
    if (speed === Infinity) return 0;
    const count = this.datagrams.length;
    return (Math.floor(i / count) * this.durationMs + this.datagrams[i % count].atMs) / speed;
  }

  private async until(dueMs: number): Promise<void> {
    for (let left = dueMs - (performance.now() - this.began); left >= 1 && !this.stopped; left = dueMs - (performance.now() - this.began)) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 2 ** 31 - 1));
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  private portOf(protocol: FlowProtocol): number {
    const { netflow, ipfix, sflow } = this.options.ports;
    return protocol === 'sflow' ? sflow : protocol === 'ipfix' ? ipfix : netflow;
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
