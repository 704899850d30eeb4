import { isIPv4 } from 'node:net';
import { UdpSender, type UdpTarget } from '../../../infra/udp/sender';
import type { FlowDatagram } from './capture';

/** Sockets open at once; datagrams of further (exporter, source port) pairs share their exporter's first socket. */
export const MOST_SOCKETS = 512;

/** Where an exporter of the capture sends from now: one row of the table that `replay` prints. */
export interface ExporterRow {
  readonly exporter: string;
  /** Source address; empty where the system chooses it. */
  readonly source: string;
  /** Source ports that it used in the capture. */
  readonly ports: number;
  readonly protocols: string;
  datagrams: number;
}

/**
 * Gives each exporter of a capture a loopback address of its own, always the same for the same set of exporters: a.b.c.d becomes
 * 127.b.c.d, and where that is taken or unusable, and for IPv6, an address found by hashing. A collector on 127.0.0.1
 * then keeps exporters apart as it would in the network.
 */
export function loopbackAddresses(exporters: Iterable<string>): Map<string, string> {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  for (const exporter of [...exporters].sort()) {
    let candidate = isIPv4(exporter) ? `127.${exporter.split('.').slice(1).join('.')}` : '';
    for (let attempt = 0; !usable(candidate) || taken.has(candidate); attempt++) candidate = hashed(`${exporter} ${attempt}`);
    taken.add(candidate);
    given.set(exporter, candidate);
  }
  return given;
}

/** Any of 127/8 but the collector's own, the network's and the broadcast address. */
const usable = (address: string): boolean => address !== '' && !['127.0.0.0', '127.0.0.1', '127.255.255.255'].includes(address);

/** 127.h.h.h by FNV-1a of a text. */
function hashed(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `127.${(hash >>> 16) & 255}.${(hash >>> 8) & 255}.${hash & 255}`;
}

/**
 * The sockets that a capture's exporters send from. Streams of one exporter from different source ports stay apart, each on a
 * socket of its own, with the original port where it is free. To a collector elsewhere, or over IPv6, the source address
 * is this machine's: exporters are then told apart by port and observation domain alone.
 */
export class Exporters {
  readonly rows: readonly ExporterRow[];
  private readonly senders = new Map<string, UdpSender>();

  private constructor(
    rows: readonly ExporterRow[],
    private readonly streams: ReadonlyMap<string, UdpSender>,
    opened: readonly UdpSender[],
  ) {
    this.rows = rows;
    opened.forEach((sender, i) => this.senders.set(String(i), sender));
  }

  /** Opens a socket for each stream. @throws the system's error where it refuses even a free source. */
  static async open(target: UdpTarget, datagrams: readonly FlowDatagram[]): Promise<Exporters> {
    const found = new Map<string, { ports: Set<number>; protocols: Set<string>; datagrams: number }>();
    for (const { exporter, exporterPort, protocol } of datagrams) {
      let entry = found.get(exporter);
      if (entry === undefined) found.set(exporter, (entry = { ports: new Set(), protocols: new Set(), datagrams: 0 }));
      entry.ports.add(exporterPort);
      entry.protocols.add(protocol);
      entry.datagrams++;
    }
    const addresses = target.loopback && target.family === 4 ? loopbackAddresses(found.keys()) : new Map<string, string>();
    const streams = new Map<string, UdpSender>();
    const opened: UdpSender[] = [];
    const rows: ExporterRow[] = [];
    try {
      for (const [exporter, { ports, protocols, datagrams: count }] of found) {
        let address = addresses.get(exporter);
        let first: UdpSender | null = null;
        for (const port of ports) {
          if (first === null || opened.length < MOST_SOCKETS) {
            const sender: UdpSender = await openSource(target, address, port);
            opened.push(sender);
            first ??= sender;
            streams.set(`${exporter} ${port}`, sender);
            if (sender.source.address !== address) address = undefined;
          } else {
            streams.set(`${exporter} ${port}`, first);
          }
        }
        rows.push({ exporter, source: address ?? '', ports: ports.size, protocols: [...protocols].join(' '), datagrams: count });
      }
    } catch (error) {
      await Promise.all(opened.map((sender) => sender.close()));
      throw error;
    }
    return new Exporters(rows, streams, opened);
  }

  /** The socket of a datagram's stream. */
  senderOf(datagram: FlowDatagram): UdpSender {
    return this.streams.get(`${datagram.exporter} ${datagram.exporterPort}`) as UdpSender;
  }

  /** Datagrams that the system refused, by error code. */
  refused(): Record<string, number> {
    const all: Record<string, number> = {};
    for (const { refused } of this.senders.values()) for (const [code, count] of refused) all[code] = (all[code] ?? 0) + count;
    return all;
  }

  async close(): Promise<void> {
    await Promise.all([...this.senders.values()].map((sender) => sender.close()));
  }
}

/** The wished source; else the address with another port; else any. */
async function openSource(target: UdpTarget, address: string | undefined, port: number): Promise<UdpSender> {
  for (const source of [{ address, port: port >= 1024 ? port : 0 }, { address, port: 0 }]) {
    try {
      return await UdpSender.open(target, source);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EADDRNOTAVAIL' && code !== 'EACCES') throw error;
    }
  }
  return UdpSender.open(target);
}
