/**
 * Receives through `recvmmsg`: every few milliseconds all datagrams that have come, hundreds with one system call, into memory
 * of its own. A process that is woken by each datagram spends more on waking up than on the datagram.
 *
 * Latency: a datagram is read at most `pauseMs` after it came, or as soon as the event loop has time.
 */
import { NetWeaverError } from '../../../infra/errors';
import { EAGAIN, libc, MSG_DONTWAIT, MSG_TRUNC, type Libc } from './linux/libc';
import { Pace } from './linux/pace';
import { Senders } from './linux/senders';
import { Slots } from './linux/slots';
import { adoptSocket, openSocket, socketState, type LinuxSocket } from './linux/socket';
import type { DatagramHandler, Endpoint, OpenSocket, Receiver, SharedSocket, SocketState } from './receiver';

/** Datagrams read from a socket at once; then the next socket has its turn, and after the last one the event loop. */
const SLOTS = 256;
/** No UDP payload is longer (jumbograms of RFC 2675 apart). */
const LONGEST = 65_536;
/** Errors of `recvmmsg` that pass: a signal, no memory just now, an ICMP error of somebody else's. */
const PASSING = new Set(['EINTR', 'ENOMEM', 'ENOBUFS', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']);

/** What a {@link LinuxReceiver} is asked for. */
export interface LinuxReceiverOptions {
  readonly endpoints: readonly Endpoint[];
  /** Bytes asked for each socket, beyond `net.core.rmem_max` where the process may (CAP_NET_ADMIN); 0 leaves the system's default. */
  readonly receiveBuffer: number;
  /** The longest pause between two looks, milliseconds; the load makes it shorter (see `Pace`). */
  readonly pauseMs: number;
  /** Sockets that were opened for this receiver by {@link openShared}; `endpoints` are then not opened. */
  readonly sockets?: readonly SharedSocket[];
  readonly onError: (error: Error) => void;
  /** Memory for one datagram, bytes; longer ones are cut and counted. */
  readonly datagramBytes?: number;
}

export class LinuxReceiver implements Receiver {
  private readonly libc: Libc;
  private readonly senders = new Senders();
  private sockets: (LinuxSocket & { truncated: number })[] = [];
  private slots: Slots | null = null;
  private pace = new Pace(1, 0);
  private handler: DatagramHandler | null = null;
  private timer: NodeJS.Timeout | null = null;
  private soon: NodeJS.Immediate | null = null;
  private lookedAt = 0;

  /** @throws NW_CONFIG_INVALID where this is no Linux that it can work on */
  constructor(private readonly options: LinuxReceiverOptions) {
    this.libc = libc();
    this.libc.keepFreedMemory();
  }

  async start(onDatagram: DatagramHandler): Promise<readonly OpenSocket[]> {
    const { endpoints, receiveBuffer, sockets, pauseMs, datagramBytes = LONGEST } = this.options;
    try {
      if (sockets) for (const socket of sockets) this.keep(adoptSocket(this.libc, socket));
      else for (const endpoint of endpoints) this.keep(openSocket(this.libc, endpoint, receiveBuffer));
      if (this.sockets.length === 0 && endpoints.length > 0) throw new NetWeaverError('NW_PORT_IN_USE', 'None of collector.addresses exists on this machine.');
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.slots = new Slots(this.libc, SLOTS, datagramBytes);
    this.pace = new Pace(pauseMs, Math.min(...this.sockets.map(({ open }) => open.receiveBuffer)));
    this.handler = onDatagram;
    this.lookedAt = performance.now();
    this.look();
    return this.sockets.map(({ open }) => open);
  }

  private keep(socket: LinuxSocket | null): void {
    if (socket) this.sockets.push({ ...socket, truncated: 0 });
  }

  /** One turn: each socket at most {@link SLOTS} datagrams; where one of them had more, the next turn comes as soon as others had theirs. */
  private readonly look = (): void => {
    this.timer = this.soon = null;
    let datagrams = 0;
    let more = false;
    for (const socket of this.sockets) {
      const got = this.read(socket);
      if (this.handler === null) return;
      datagrams += got;
      more ||= got === SLOTS;
    }
    const now = performance.now();
    const pause = this.pace.next(datagrams, now - this.lookedAt);
    this.lookedAt = now;
    if (more) this.soon = setImmediate(this.look);
    else this.timer = setTimeout(this.look, pause);
  };

  private read(socket: LinuxSocket & { truncated: number }): number {
    const slots = this.slots!;
    const got = this.libc.recvmmsg(socket.fd, slots.address, SLOTS, MSG_DONTWAIT, null);
    if (got < 0) {
      if (this.libc.errno() === EAGAIN) return 0;
      const code = this.libc.error();
      if (!PASSING.has(code)) this.options.onError(new Error(`reading from UDP port ${socket.open.port}: ${code}`));
      return 0;
    }
    const receiveMs = Date.now();
    for (let i = 0; i < got && this.handler !== null; i++) {
      if ((slots.flags(i) & MSG_TRUNC) !== 0) socket.truncated++;
      const peer = this.senders.of(slots.words, slots.view, slots.nameAt(i));
      this.handler(slots.take(i), peer, receiveMs);
    }
    return got;
  }

  async stop(): Promise<void> {
    this.handler = null;
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.soon !== null) clearImmediate(this.soon);
    this.timer = this.soon = null;
    for (const { fd } of this.sockets) this.libc.close(fd);
    this.sockets = [];
    this.slots?.release();
    this.slots = null;
  }

  state(): readonly SocketState[] {
    return this.sockets.map((socket) => socketState(this.libc, socket, socket.truncated));
  }
}

/**
 * Opens the sockets of `count` receivers that share the ports of `endpoints`: the n-th answer is for the n-th receiver, in this process
 * (descriptors are the process's, not the thread's) or in one that inherits the descriptors. Datagrams of one address always come to the
 * same of them (`socketOf`). The kernel counts sockets in the order in which they were bound, and has the last take the place of one that is
 * closed: so whoever opened them keeps them open, and receivers take duplicates. While a receiver is away its datagrams wait in its socket.
 *
 * @throws NW_PORT_IN_USE, NW_CONFIG_INVALID
 */
export function openShared(endpoints: readonly Endpoint[], count: number, receiveBuffer: number): readonly (readonly SharedSocket[])[] {
  const c = libc();
  const shared: SharedSocket[][] = Array.from({ length: count }, () => []);
  try {
    for (const endpoint of endpoints) {
      let { port } = endpoint;
      for (const sockets of shared) {
        const socket = openSocket(c, { ...endpoint, port }, receiveBuffer, count);
        if (socket === null) break;
        port = socket.open.port;
        sockets.push({ fd: socket.fd, key: endpoint.key });
      }
    }
  } catch (error) {
    closeShared(shared);
    throw error;
  }
  return shared;
}

/** Closes what {@link openShared} opened. */
export function closeShared(shared: readonly (readonly SharedSocket[])[]): void {
  for (const sockets of shared) for (const { fd } of sockets) libc().close(fd);
}
