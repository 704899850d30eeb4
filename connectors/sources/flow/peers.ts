/** Senders by the text of their address, for receivers that are told it for each datagram. */
import { PEERS_KNOWN, type Peer } from './receiver';

const MAPPED = /^::ffff:(?=\d+\.)/i;

export class Peers {
  private readonly known = new Map<string, Map<number, Peer>>();
  private size = 0;

  constructor(private readonly limit = PEERS_KNOWN) {}

  /** The same object for the same address and port, until too many are known: then all are forgotten. */
  of(address: string, port: number): Peer {
    const found = this.known.get(address)?.get(port);
    return found ?? this.learn(address, port);
  }

  private learn(address: string, port: number): Peer {
    if (this.size >= this.limit) {
      this.known.clear();
      this.size = 0;
    }
    const made: Peer = { address: address.replace(MAPPED, ''), port };
    const ports = this.known.get(address) ?? new Map<number, Peer>();
    this.known.set(address, ports.set(port, made));
    this.size++;
    return made;
  }
}
