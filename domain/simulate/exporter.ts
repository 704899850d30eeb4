import { NetWeaverError } from '../../infra/errors';
import type { Flow } from './flow';

/** The four protocols by the names that a command line uses. */
export const PROTOCOLS = ['v5', 'v9', 'ipfix', 'sflow'] as const;
/** One of {@link PROTOCOLS}. */
export type Protocol = (typeof PROTOCOLS)[number];
/** Where each is usually sent. */
export const USUAL_PORTS: Readonly<Record<Protocol, number>> = { v5: 2055, v9: 2055, ipfix: 4739, sflow: 6343 };

/**
 * A list of protocols as an option gives it, separated by commas.
 * @throws NW_USAGE
 */
export function protocolsOf(option: string, text: string): Protocol[] {
  const words = text.split(',').map((word) => word.trim());
  const unknown = words.find((word) => !(PROTOCOLS as readonly string[]).includes(word));
  if (unknown !== undefined) throw new NetWeaverError('NW_USAGE', `${option} ${unknown}: known are ${PROTOCOLS.join(', ')}.`);
  return words as Protocol[];
}

/** An interface as an exporter's own tables name it. */
export interface ExportedInterface {
  readonly ifIndex: number;
  readonly name: string;
  /** Bits a second. */
  readonly speed: number;
}

/** Who an exporter is. */
export interface ExporterIdentity {
  /** Router number; also its observation domain, source id, engine id or sub-agent. */
  readonly router: number;
  readonly name: string;
  readonly protocol: Protocol;
  /** The router's own address as 4 bytes: sFlow's agent address. */
  readonly address: Uint8Array;
  /** Packets that one exported packet stands for; 1 is unsampled. */
  readonly sampling: number;
  readonly interfaces: readonly ExportedInterface[];
}

/** What an exporter has sent. Packets and bytes as exported; scaled: times the sampling rate. */
export interface Sent {
  datagrams: number;
  flows: number;
  packets: number;
  bytes: number;
  scaledPackets: number;
  scaledBytes: number;
  /** Interface counter samples (sFlow). */
  counters: number;
}

/** Nothing sent yet. */
export const nothingSent = (): Sent => ({ datagrams: 0, flows: 0, packets: 0, bytes: 0, scaledPackets: 0, scaledBytes: 0, counters: 0 });

/** Largest UDP payload: fits an Ethernet MTU of 1500 with room for tunnels. */
export const MAX_PAYLOAD = 1400;
/** Flows wait at most this long for a datagram to fill. */
export const MAX_HOLD_MS = 250;

/**
 * A router's exporter: takes flows, gives datagrams. Counts are taken when a datagram goes out, so that they are what was
 * sent and nothing else. Each datagram is a buffer of its own; the receiver of it may keep it.
 */
export abstract class Exporter {
  readonly sent: Sent = nothingSent();
  /** When the router started, milliseconds since the epoch: its uptime counts from there. */
  protected readonly bootMs: number;
  private heldSinceMs = Infinity;
  private flows = 0;
  private packets = 0;
  private bytes = 0;

  constructor(
    readonly identity: ExporterIdentity,
    startMs: number,
    private readonly emit: (datagram: Buffer) => void,
  ) {
    // Within the 49 days after which an uptime of 32 bits begins anew.
    this.bootMs = startMs - 86_400_000 * (identity.router % 40);
  }

  /** Reports a flow: at once when a datagram is full, else within {@link MAX_HOLD_MS} of {@link tick}. */
  abstract report(flow: Flow, nowMs: number): void;

  /** Sends what is held. */
  abstract flush(nowMs: number): void;

  /** To be called now and then: sends what has waited long enough, and what is due by time. */
  tick(nowMs: number): void {
    if (nowMs - this.heldSinceMs >= MAX_HOLD_MS) this.flush(nowMs);
  }

  /** Notes a flow that waits in the datagram under construction. */
  protected held(packets: number, bytes: number, nowMs: number): void {
    this.flows++;
    this.packets += packets;
    this.bytes += bytes;
    if (this.heldSinceMs === Infinity) this.heldSinceMs = nowMs;
  }

  /** Sends a datagram without flows: templates, options, counters. */
  protected sendOther(datagram: Buffer): void {
    this.sent.datagrams++;
    this.emit(datagram);
  }

  /** Sends the datagram with all flows noted by {@link held}. */
  protected sendHeld(datagram: Buffer): void {
    const { sent } = this;
    sent.flows += this.flows;
    sent.packets += this.packets;
    sent.bytes += this.bytes;
    sent.scaledPackets += this.packets * this.identity.sampling;
    sent.scaledBytes += this.bytes * this.identity.sampling;
    this.flows = this.packets = this.bytes = 0;
    this.heldSinceMs = Infinity;
    this.sendOther(datagram);
  }
}
