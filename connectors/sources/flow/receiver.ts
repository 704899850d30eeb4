/** Receiving datagrams, apart from what is done with them: how sockets are read may differ by platform. */

/**
 * A sender of datagrams. A receiver gives the same object for the same address and port for as long as it knows the sender,
 * so that what is known of one may be kept by its object (in a WeakMap). It knows {@link PEERS_KNOWN} of them at once and forgets
 * all when one more comes: what must outlive that is kept by address.
 */
export interface Peer {
  /** In text; an IPv4-mapped IPv6 address as IPv4, a link-local IPv6 one with its zone (`fe80::1%eth0`). */
  readonly address: string;
  readonly port: number;
  /** Name of a session of TCP, never used again: what is learnt in it ends with it. Left out for datagrams. */
  readonly session?: string;
}

/** Senders that a receiver knows at once. */
export const PEERS_KNOWN = 65_536;

/**
 * Takes a datagram. `payload` is the receiver's memory: it is overwritten after the call. `receiveMs`: whole milliseconds
 * since the epoch when it was read from its socket.
 */
export type DatagramHandler = (payload: Uint8Array, peer: Peer, receiveMs: number) => void;

/** A socket to listen on. */
export interface Endpoint {
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The configuration's key of the port, for error messages. */
  readonly key: string;
}

/** A socket that was opened for a receiver: its file descriptor, and the configuration's key of its port. */
export interface SharedSocket {
  readonly fd: number;
  readonly key: string;
}

/** A socket that is open. */
export interface OpenSocket extends Endpoint {
  /** Receive buffer as the system says, in bytes (Linux: twice what was asked for). */
  readonly receiveBuffer: number;
}

/** How a socket stands; see {@link Receiver.state}. */
export interface SocketState extends OpenSocket {
  /** Bytes in its receive buffer, as the system counts them; -1 where it does not say. */
  readonly queuedBytes: number;
  /** Datagrams that the system dropped since the socket was opened, for want of room in the receive buffer above all; -1 where it does not say. */
  readonly drops: number;
  /** Datagrams longer than the receiver's memory for one; what fitted was handed on. */
  readonly truncated: number;
}

/** Receives datagrams on several sockets. */
export interface Receiver {
  /** Opens all sockets; resolves when they listen. @throws NW_PORT_IN_USE naming the key; then none is open. */
  start(onDatagram: DatagramHandler): Promise<readonly OpenSocket[]>;
  /** Closes all sockets. After it no datagram comes. */
  stop(): Promise<void>;
  /** Each open socket as it stands now; for once a second, not for each datagram. */
  state(): readonly SocketState[];
}
