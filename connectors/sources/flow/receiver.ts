/** Receiving datagrams, apart from what is done with them: how sockets are read may differ by platform. */

/**
 * Takes a datagram. `payload` may be reused after the call. `address` is the sender's, in text (an IPv6 one may carry a zone);
 * `receiveMs` whole milliseconds since the epoch.
 */
export type DatagramHandler = (payload: Uint8Array, address: string, receiveMs: number) => void;

/** A socket to listen on. */
export interface Endpoint {
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The configuration's key of the port, for error messages. */
  readonly key: string;
}

/** A socket that is open. */
export interface OpenSocket extends Endpoint {
  /** Receive buffer as the system says, in bytes (Linux: twice what was asked for, and at most twice net.core.rmem_max). */
  readonly receiveBuffer: number;
}

/** Receives datagrams on several sockets. */
export interface Receiver {
  /** Opens all sockets; resolves when they listen. @throws NW_PORT_IN_USE naming the key; then none is open. */
  start(onDatagram: DatagramHandler): Promise<readonly OpenSocket[]>;
  /** Closes all sockets. */
  stop(): Promise<void>;
  /** Datagrams that the system dropped for want of room in the receive buffers since the start; -1 where it does not say. */
  drops(): number;
}
