import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP, isIPv4 } from 'node:net';
import { NetWeaverError } from '../errors';

/** Where datagrams go; the address is numeric, so that no send asks a resolver. */
export interface UdpTarget {
  readonly address: string;
  readonly family: 4 | 6;
  /** The target is this machine, so that sources may be chosen from 127/8 (Linux lets a program bind any of them). */
  readonly loopback: boolean;
}

/**
 * Resolves a host once.
 * @throws NW_TARGET_UNKNOWN no such host.
 */
export async function resolveTarget(host: string): Promise<UdpTarget> {
  let address = host;
  if (isIP(host) === 0) {
    try {
      ({ address } = await lookup(host));
    } catch (error) {
      throw new NetWeaverError('NW_TARGET_UNKNOWN', `${host}: ${(error as Error).message}`, { cause: error });
    }
  }
  const family = isIPv4(address) ? 4 : 6;
  return { address, family, loopback: family === 4 ? address.startsWith('127.') : address === '::1' };
}

/** Sends from one source address and port; counts what the system refuses instead of failing, for UDP promises nothing. */
export class UdpSender {
  /** Datagrams handed to the system and not yet taken. */
  outstanding = 0;
  sent = 0;
  /** Refused datagrams by error code, e.g. `ENETUNREACH`, `EMSGSIZE`. */
  readonly refused = new Map<string, number>();
  private idleWaiters: (() => void)[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly target: UdpTarget,
  ) {
    socket.on('error', (error: NodeJS.ErrnoException) => this.refuse(error));
  }

  /**
   * Opens a socket, bound to a source address and port where given (0: any free one).
   * @throws the system's error (`EADDRNOTAVAIL`, `EADDRINUSE`, `EACCES`) where it may not have that source.
   */
  static async open(target: UdpTarget, source: { readonly address?: string; readonly port?: number } = {}): Promise<UdpSender> {
    const socket = createSocket({
      type: target.family === 4 ? 'udp4' : 'udp6',
      sendBufferSize: 1 << 20,
      lookup: (host, _options, callback) => callback(null, host, target.family),
    });
    const bound = once(socket, 'listening');
    socket.bind({ port: source.port ?? 0, address: source.address });
    try {
      await bound;
    } catch (error) {
      socket.close();
      throw error;
    }
    return new UdpSender(socket, target);
  }

  /** The source that datagrams come from. */
  get source(): { address: string; port: number } {
    return this.socket.address();
  }

  /** Hands a datagram to the system. The buffer must stay as it is until the system has taken it. */
  send(datagram: Uint8Array, port: number): void {
    this.outstanding++;
    this.socket.send(datagram, port, this.target.address, this.taken);
  }

  /** Resolves when no more than `most` datagrams are outstanding: the sender's backpressure. */
  async below(most: number): Promise<void> {
    while (this.outstanding > most) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  /** Waits for what is outstanding, then closes. */
  async close(): Promise<void> {
    await this.below(0);
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
  }

  private readonly taken = (error: Error | null): void => {
    this.outstanding--;
    if (error === null) this.sent++;
    else this.refuse(error);
    if (this.idleWaiters.length > 0) {
      const waiters = this.idleWaiters;
      this.idleWaiters = [];
      for (const wake of waiters) wake();
    }
  };

  private refuse(error: NodeJS.ErrnoException): void {
    const code = error.code ?? 'UNKNOWN';
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }
}
