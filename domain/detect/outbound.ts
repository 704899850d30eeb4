import { figure } from './evidence';
import type { HostView } from './host-view';
import { CRITICAL, measured, type Limits, type Verdict } from './host-verdict';

/** Who sends over TCP gets an ACK for every second full packet (RFC 1122 section 4.2.3.2), and media over UDP has its reports (RFC 3550 section 6.2: 5 % of the session). */
const HEARD = 0.04;
/** Visitors that make a crowd. */
const CROWD = 256;

/**
 * A host that sends more than its limit: answers of a service that very many visit, or what nobody hears: a flood that it takes part in.
 * Null within the limit; where it is heard by few (a backup, a transfer); and for the first `toleranceMs`, as answers come later than what they answer.
 */
export function outboundVerdict(view: HostView, limits: Limits, heldMs: number, toleranceMs: number): Verdict | null {
  const { outPackets, outBits, packets } = view;
  const of = measured(outPackets, outBits, limits);
  if (of.score < 1 || heldMs < toleranceMs) return null;
  const { peers } = view;
  const evidence = [figure('packets received for each sent', packets / outPackets), figure('distinct destinations', peers, 'addresses'), figure('lasting', heldMs / 1000, 's')];
  if (packets < HEARD * outPackets) return { ...of, kind: 'outbound-flood', severity: of.score >= CRITICAL ? 'critical' : 'warning', evidence };
  return peers >= CROWD ? { ...of, kind: 'flash-crowd', severity: 'info', evidence } : null;
}
