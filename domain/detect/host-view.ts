/** A host as detectors see it: what came and went within about the last second. Rates are scaled by the sampling rate. What is distinct, even or usual may be worked out as it is asked for: ask for it last. */
export interface HostView {
  /** Received; packets/s, bits/s. */
  readonly packets: number;
  readonly bits: number;
  /** Received in the last moment, less than half a second; packets/s, bits/s. */
  readonly quickPackets: number;
  readonly quickBits: number;
  /** Sent; packets/s, bits/s. */
  readonly outPackets: number;
  readonly outBits: number;
  /** Standard deviation of `packets` that comes from sampling, relative to it; and of `quickPackets`. */
  readonly error: number;
  readonly quickError: number;
  /** Shares of the packets received, 0 to 1: TCP with SYN and without ACK; UDP; ICMP and ICMPv6. */
  readonly syn: number;
  readonly udp: number;
  readonly icmp: number;
  /** Share of the bits received that came by UDP from ports of services known to amplify, 0 to 1; the mean size of these packets, bytes; packets sent to such ports for each that came from there. */
  readonly reflected: number;
  readonly reflectedSize: number;
  readonly asked: number;
  /** Shares of the reflected bits by service, in the order of {@link REFLECTORS}. */
  readonly reflectors: ArrayLike<number>;
  /** Mean size of a packet received, bytes. */
  readonly size: number;
  /** Different addresses that sent to it, different ports of it that were sent to, different addresses that it sent to; not a number where not known. */
  readonly sources: number;
  readonly ports: number;
  readonly peers: number;
  /** Entropy of the sources by packets, 0 to 1; not a number where not known. */
  readonly entropy: number;
  /** What is usual for it: packets/s, bits/s received, different sources, entropy of the sources; not a number where not known. */
  readonly usual: { readonly packets: number; readonly bits: number; readonly sources: number; readonly entropy: number };
}
