/**
 * Receives IPFIX over TCP and over TLS (RFC 7011 section 10.4): messages one after the other, each as long as its header says. A
 * connection is a transport session: what templates its exporter sends live and end with it (section 8.4), so each has a
 * {@link Peer} of its own with the name of its session.
 *
 * Nothing tells where a message begins but the length of the one before: a version other than 10, or a length shorter than a header,
 * ends the connection, counted as `bad_message`. Memory is bounded: a connection keeps one unfinished message (64 KiB), and there is a limit
 * on connections. While the log is slow nothing is read, and TCP has the exporter wait; nothing is dropped.
 */
import { createServer as createTcpServer, isIPv6, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions } from 'node:tls';
import { NetWeaverError } from '../../../infra/errors';
import { MessageCutter } from './message-cutter';
import type { DatagramHandler, Endpoint, OpenSocket, Peer } from './receiver';

/** How long a connection that is made may take to agree on TLS, milliseconds. */
const HANDSHAKE_MS = 10_000;
/** Between looks whether the log takes more, milliseconds. */
const BUSY_MS = 20;
/** Codes of a system without IPv6: `::` is then left out. */
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT']);
const KEEPALIVE_MS = 60_000;

/** A port for connections. */
export interface StreamEndpoint extends Endpoint {
  readonly transport: 'tcp' | 'tls';
}

/** What TLS is spoken with. */
export interface TlsIdentity extends Pick<SecureContextOptions, 'cert' | 'key' | 'ca'> {
  /** True: an exporter must show a certificate that `ca` signed (RFC 7011 section 11.3). */
  readonly clientCertificates: boolean;
}

export interface StreamReceiverOptions {
  readonly endpoints: readonly StreamEndpoint[];
  /** Left out where no endpoint is TLS. */
  readonly tls?: TlsIdentity;
  /** Connections at once, on all endpoints together. */
  readonly maxConnections: number;
  /** A connection on which nothing comes for so long is closed, milliseconds; 0: never. */
  readonly idleMs: number;
  /** True while no more is to be read. */
  busy(): boolean;
  /** What came is no IPFIX message; the connection is closed. */
  broken(peer: Peer): void;
  /** The session has ended. */
  ended(peer: Peer): void;
  /** A connection that did not come to be: the limit, or TLS. For the log. */
  refused(reason: 'limit' | 'tls', detail: string): void;
}

/** Counts since the start, and connections that are open. */
export interface StreamCounts {
  open: number;
  accepted: number;
  /** Over the limit. */
  refused: number;
  /** Handshakes of TLS that failed: no certificate, a wrong one, something that is no TLS. */
  tlsFailed: number;
  /** Closed because nothing came. */
  idle: number;
  /** Closed because what came is no IPFIX message. */
  broken: number;
}

export class StreamReceiver {
  readonly counts: StreamCounts = { open: 0, accepted: 0, refused: 0, tlsFailed: 0, idle: 0, broken: 0 };
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private sessions = 0;

  constructor(private readonly options: StreamReceiverOptions) {}

  /** Listens; resolves with the ports. @throws NW_PORT_IN_USE naming the key, NW_CONFIG_INVALID a certificate or key that is none */
  async start(onMessage: DatagramHandler): Promise<readonly OpenSocket[]> {
    const open: OpenSocket[] = [];
    try {
      for (const endpoint of this.options.endpoints) {
        const port = await this.listen(endpoint, onMessage);
        if (port !== null) open.push({ ...endpoint, port, receiveBuffer: 0 });
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
    return open;
  }

  /** Closes ports and connections. */
  async stop(): Promise<void> {
    const closed = this.servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(closed);
  }

  /** The port; null where `::` was asked for and there is no IPv6. */
  private async listen(endpoint: StreamEndpoint, onMessage: DatagramHandler): Promise<number | null> {
    const { address, port, key, transport } = endpoint;
    const server = transport === 'tls' ? this.tlsServer(onMessage) : createTcpServer((socket) => this.serve(socket, onMessage));
    server.on('connection', (socket: Socket) => this.admit(socket));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host: address, port, ipv6Only: isIPv6(address) }, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      if (address === '::' && NO_IPV6.has(String((error as NodeJS.ErrnoException).code))) return null;
      throw new NetWeaverError('NW_PORT_IN_USE', `TCP ${isIPv6(address) ? `[${address}]` : address}:${port} (${key}): ${(error as NodeJS.ErrnoException).code}.`, { cause: error });
    }
    server.on('error', (error) => this.options.refused('limit', error.message));
    this.servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  private tlsServer(onMessage: DatagramHandler): Server {
    const { clientCertificates, ...identity } = this.options.tls!;
    try {
      const server = createTlsServer({ ...identity, requestCert: clientCertificates, rejectUnauthorized: clientCertificates, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS }, (socket) => this.serve(socket, onMessage));
      server.on('tlsClientError', (error, socket) => {
        this.counts.tlsFailed++;
        this.options.refused('tls', `${socket.remoteAddress ?? ''}: ${error.message}`);
        socket.destroy();
      });
      return server;
    } catch (error) {
      throw new NetWeaverError('NW_CONFIG_INVALID', `collector.ipfixTlsCert, collector.ipfixTlsKey, collector.ipfixTlsCa: ${(error as Error).message}.`, { cause: error });
    }
  }

  /** A connection as it is made, before TLS: counted towards the limit. */
  private admit(socket: Socket): void {
    const { counts, options, sockets } = this;
    socket.on('error', () => undefined);
    if (sockets.size >= options.maxConnections) {
      counts.refused++;
      options.refused('limit', socket.remoteAddress ?? '');
      socket.destroy();
      return;
    }
    sockets.add(socket);
    counts.open = sockets.size;
    socket.on('close', () => {
      sockets.delete(socket);
      counts.open = sockets.size;
    });
  }

  private serve(socket: Socket, onMessage: DatagramHandler): void {
    if (socket.destroyed) return;
    const { counts, options } = this;
    counts.accepted++;
    const { remoteAddress = '', remotePort = 0 } = socket;
    const peer: Peer = { address: remoteAddress.replace(/^::ffff:(?=\d+\.)/i, ''), port: remotePort, session: String(++this.sessions) };
    const cutter = new MessageCutter((message) => onMessage(message, peer, Date.now()));
    let waiting: NodeJS.Timeout | null = null;
    const waitWhileBusy = (): void => {
      waiting = null;
      if (!options.busy()) socket.resume();
      else waiting = setTimeout(waitWhileBusy, BUSY_MS);
    };
    socket.on('error', () => undefined);
    socket.setKeepAlive(true, KEEPALIVE_MS);
    socket.setTimeout(options.idleMs, () => {
      counts.idle++;
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => {
      if (!cutter.take(chunk)) {
        counts.broken++;
        options.broken(peer);
        socket.destroy();
      } else if (waiting === null && options.busy()) {
        socket.pause();
        waiting = setTimeout(waitWhileBusy, BUSY_MS);
      }
    });
    // The exporter has said all; we never say anything.
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      if (waiting !== null) clearTimeout(waiting);
      options.ended(peer);
    });
  }
}
