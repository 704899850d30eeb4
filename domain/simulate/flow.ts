import { newHost, type Host } from './network';

/** One flow as one router reports it. A single object is filled again and again; exporters copy what they need. */
export interface Flow {
  readonly src: Host;
  readonly dst: Host;
  ipv6: boolean;
  srcPort: number;
  /** For ICMP type * 256 + code. */
  dstPort: number;
  /** IP protocol number. */
  proto: number;
  tcpFlags: number;
  /** Type of service or traffic class. */
  tos: number;
  vlan: number;
  /** Packets and IP bytes as exported, i.e. those that were sampled. */
  packets: number;
  bytes: number;
  /** First and last packet, milliseconds since the epoch. */
  startMs: number;
  endMs: number;
  /** Interfaces of the reporting router, and the router that it sends to (0: none, the destination is attached). */
  inIf: number;
  outIf: number;
  nextHop: number;
}

/** An empty flow. */
export const newFlow = (): Flow => ({
  src: newHost(), dst: newHost(), ipv6: false, srcPort: 0, dstPort: 0, proto: 0, tcpFlags: 0, tos: 0, vlan: 0,
  packets: 0, bytes: 0, startMs: 0, endMs: 0, inIf: 0, outIf: 0, nextHop: 0,
});
