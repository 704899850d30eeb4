import { CLEAR, DECISIVE, figure, type Weight } from './evidence';
import type { HostView } from './host-view';

/**
 * Share of packets that only ask for connections. An honest client sends one SYN among at least four packets, and its flow record has its ACK
 * too unless it is cut between the two; of packets sampled one by one, then, at most a quarter are bare SYNs (RFC 4987 describes the attack).
 */
const MOST_HONEST = 0.25, MOST_LOST = 0.5;

/** A flood of connection requests that are never completed. */
export function synFlood(view: HostView): Weight | null {
  const { syn } = view;
  if (syn <= MOST_HONEST) return null;
  return { kind: 'syn-flood', nats: syn > MOST_LOST ? DECISIVE : CLEAR, figures: [figure('share of packets with SYN and without ACK', syn), figure('distinct sources', view.sources, 'addresses')] };
}
