import { figure, type Weight } from './evidence';
import type { HostView } from './host-view';

/** Honest TCP has a packet back for every two or three (RFC 1122 section 4.2.3.2: an ACK at least for every second full one). */
const PACKETS = 0.3;
/** A server answers with more than it was asked: requests are small, what they ask for is not. */
const BITS = 1;
/** Bare SYNs are answered too, by a SYN-ACK as large. */
const SYN = 0.25;
/** Speaks against whatever speaks for an attack, time included. */
const AGAINST = -1000;

/**
 * The host answers what it gets, with more than it got: many visitors of a service, not a flood (Jung, Krishnamurthy, Rabinovich, "Flash crowds and
 * denial of service attacks", 2002). ICMP echo and reflected answers are no conversation.
 */
export function answered(view: HostView): Weight | null {
  const { packets, bits, outPackets, outBits, syn, icmp, reflected } = view;
  if (outPackets < PACKETS * packets || outBits < BITS * bits || syn > SYN || icmp > SYN || reflected > 0.5) return null;
  const { sources, usual } = view;
  return { kind: 'flash-crowd', nats: AGAINST, figures: [figure('bits sent for each received', bits > 0 ? outBits / bits : Infinity), figure('packets sent for each received', packets > 0 ? outPackets / packets : Infinity), figure('distinct sources', sources, 'addresses', usual.sources)] };
}
