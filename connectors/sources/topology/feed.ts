/**
 * A feed of snapshots and changes over WebSocket (RFC 6455). After the last sequence number that it has it asks for what follows; where a number is
 * missing it asks for a snapshot, and takes nothing until that has come.
 *
 * Delivery: at least once from the message on; a message that was not taken is told again by the feed, or is in its next snapshot.
 */
import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import type { Telemetry } from '../../../infra/telemetry/telemetry';
import { RateLimited } from '../../../infra/telemetry/rate-limit';
import { secretOf } from '../snmp/credentials';
import { readFeedMessage, type DeltaMessage, type SnapshotMessage } from './feed-messages';
import type { TopologyMetrics } from './metrics';
import type { FeedSettings } from './settings';
import { SourceState } from './source-state';
import type { EventSink } from './writer';

/** How feeds are followed. */
export interface FeedOptions {
  readonly name: string;
  readonly settings: FeedSettings;
  readonly sink: EventSink;
  readonly metrics: TopologyMetrics;
  readonly logger: Telemetry['logger'];
  readonly silenceMs: number;
  readonly maxBackoffMs: number;
  readonly maxMessageBytes: number;
  readonly maxElements: number;
  /** The log is lost for good. */
  readonly fail: (error: Error) => void;
  /** First wait after a failure; milliseconds. */
  readonly firstBackoffMs?: number;
}

const FIRST_BACKOFF_MS = 1000;
const HANDSHAKE_MS = 10_000;
/** Messages that are read ahead while the log is slow. */
const MOST_WAITING = 16;

/** How a feed stands. */
export interface FeedStatus {
  readonly source: string;
  readonly connected: boolean;
  /** Of the last message that was taken; null before the first. */
  readonly sequence: number | null;
  readonly elements: number;
  readonly problem: string | null;
}

/** See the file's head. */
export class Feed {
  readonly state: SourceState;
  private readonly faults = new RateLimited(60_000);
  private socket: WebSocket | null = null;
  private timer: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private sequence: number | null = null;
  /** A snapshot was asked for; changes are let go until it is here. */
  private awaiting = false;
  private failures = 0;
  private waiting = 0;
  private working: Promise<void> = Promise.resolve();
  private stopped = false;
  private problem: string | null = 'not connected yet';

  constructor(private readonly options: FeedOptions) {
    this.state = new SourceState(`websocket:${options.name}`, options.sink);
  }

  start(): void {
    this.connect();
  }

  get status(): FeedStatus {
    return { source: this.state.source, connected: this.socket?.readyState === WebSocket.OPEN, sequence: this.sequence, elements: this.state.elements, problem: this.problem };
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.heartbeat);
    this.socket?.terminate();
    await this.working;
  }

  private connect(): void {
    if (this.stopped) return;
    const { settings, maxMessageBytes } = this.options;
    let socket: WebSocket;
    try {
      // Read anew every time: a token that was changed holds from the next connection on.
      const headers = settings.token === undefined ? {} : { Authorization: `Bearer ${secretOf(settings.token)}` };
      const ca = settings.ca === undefined ? undefined : readFileSync(settings.ca);
      socket = new WebSocket(settings.url, { headers, ca, maxPayload: maxMessageBytes, perMessageDeflate: false, handshakeTimeout: HANDSHAKE_MS, followRedirects: false });
    } catch (error) {
      this.note('connect', `cannot be connected: ${(error as Error).message}`);
      this.again();
      return;
    }
    this.socket = socket;
    let why = 'the feed closed the connection';
    let heard = performance.now();
    socket.on('open', () => {
      this.problem = null;
      this.options.metrics.connected();
      this.options.logger.info({ feed: this.options.name, after: this.sequence }, 'connected to a feed of the topology');
      this.awaiting = false;
      socket.send(JSON.stringify({ type: 'subscribe', after: this.sequence }));
      this.heartbeat = setInterval(() => {
        if (performance.now() - heard > this.options.silenceMs) {
          why = 'the feed fell silent';
          socket.terminate();
        } else socket.ping();
      }, this.options.silenceMs / 3);
    });
    socket.on('pong', () => {
      heard = performance.now();
      // It lasted.
      this.failures = 0;
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      heard = performance.now();
      this.enqueue(socket, data, isBinary);
    });
    socket.on('error', (error) => (why = error.message));
    socket.on('close', () => {
      clearInterval(this.heartbeat);
      if (this.stopped) return;
      this.note('disconnect', why);
      this.again();
    });
  }

  private again(): void {
    if (this.stopped) return;
    const { maxBackoffMs, firstBackoffMs = FIRST_BACKOFF_MS } = this.options;
    const most = Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.min(this.failures++, 20));
    // Many clients of one server do not come back all at once.
    this.timer = setTimeout(() => this.connect(), most * (0.5 + Math.random() / 2));
  }

  /** One message after the other; the socket waits where the log is slow. */
  private enqueue(socket: WebSocket, data: Buffer, isBinary: boolean): void {
    if (++this.waiting >= MOST_WAITING) socket.pause();
    this.working = this.working
      .then(() => (this.stopped || socket !== this.socket ? undefined : this.take(socket, isBinary ? null : data.toString('utf8'))))
      .catch((error: Error) => {
        if (error.name !== 'AbortError' && !this.stopped) this.options.fail(error);
      })
      .finally(() => {
        if (--this.waiting < MOST_WAITING && socket.isPaused) socket.resume();
      });
  }

  private async take(socket: WebSocket, text: string | null): Promise<void> {
    const { metrics } = this.options;
    const message = text === null ? null : readFeedMessage(text);
    metrics.received(1);
    if (message === null) {
      metrics.discarded('malformed-message', 1);
      return this.warn('malformed', 'a message of a feed is none');
    }
    if (message.type === 'other') return metrics.discarded('message-kind-not-known', 1);
    if (message.type === 'snapshot') return this.takeSnapshot(message);
    const { sequence } = this;
    if (this.awaiting) return metrics.discarded('awaiting-snapshot', 1);
    if (sequence !== null && message.sequence <= sequence) return metrics.discarded('repeated', 1);
    if (sequence === null || message.sequence !== sequence + 1) {
      metrics.gap();
      this.warn('gap', `a feed went from message ${sequence} to ${message.sequence}; a snapshot is asked for`);
      this.awaiting = true;
      socket.send(JSON.stringify({ type: 'snapshot' }));
      return;
    }
    await this.takeDelta(message);
  }

  private async takeSnapshot({ sequence, timeMs, elements, malformed, duplicates }: SnapshotMessage): Promise<void> {
    const { metrics, maxElements } = this.options;
    metrics.discarded('malformed-element', malformed);
    metrics.discarded('duplicate-element', duplicates);
    if (elements.length > maxElements) {
      metrics.discarded('too-many-elements', elements.length);
      // What follows would belong to a network that was not taken.
      this.awaiting = true;
      this.problem = `a snapshot has ${elements.length} elements, more than topology.maxElements`;
      return this.warn('too-many', this.problem);
    }
    metrics.sent(await this.state.all(elements, timeMs ?? undefined));
    metrics.elements(this.state.source, this.state.elements);
    this.settle(sequence);
  }

  private async takeDelta({ sequence, timeMs, changes, malformed }: DeltaMessage): Promise<void> {
    const { metrics, maxElements } = this.options;
    metrics.discarded('malformed-element', malformed);
    let room = maxElements - this.state.elements;
    const taken = changes.filter(({ change, element }) => change === 'removed' || this.state.has(`${element.element}/${element.id}`) || --room >= 0);
    metrics.discarded('too-many-elements', changes.length - taken.length);
    metrics.sent(await this.state.changed(taken, timeMs ?? undefined));
    metrics.elements(this.state.source, this.state.elements);
    this.settle(sequence);
  }

  private settle(sequence: number): void {
    this.sequence = sequence;
    this.awaiting = false;
    this.problem = null;
    // A feed that says something is there again.
    this.failures = 0;
  }

  private note(code: 'connect' | 'disconnect', why: string): void {
    this.problem = why;
    this.options.metrics.error(code);
    this.warn(code, why);
  }

  private warn(key: string, detail: string): void {
    this.faults.note(key, (heldBack) => this.options.logger.warn({ feed: this.options.name, detail, heldBack }, 'a feed of the topology'));
  }
}
