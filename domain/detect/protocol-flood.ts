import { DECISIVE, figure, HINT, type Weight } from './evidence';
import type { HostView } from './host-view';

/** ICMP tells of errors and answers ping: nothing honest fills a host's limit with it. */
const MOST_ICMP = 0.5;

/** A flood of ICMP or ICMPv6. */
export function icmpFlood(view: HostView): Weight | null {
  const { icmp } = view;
  if (icmp <= MOST_ICMP) return null;
  return { kind: 'icmp-flood', nats: DECISIVE, figures: [figure('share of ICMP', icmp), figure('distinct sources', view.sources, 'addresses')] };
}

/** Nearly all of it UDP, to ever other ports: a service has one port or a few, and a client one for each conversation. */
const UDP_SHARE = 0.8, PORTS = 256;

/** A flood of UDP to ports at random. */
export function udpFlood(view: HostView): Weight | null {
  const { udp } = view;
  if (udp <= UDP_SHARE) return null;
  const { ports, sources } = view;
  if (!(ports >= PORTS)) return null;
  return { kind: 'udp-flood', nats: HINT, figures: [figure('share of UDP', udp), figure('distinct ports', ports, 'ports'), figure('distinct sources', sources, 'addresses')] };
}
