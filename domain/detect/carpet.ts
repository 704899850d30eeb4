import { CLEAR, DECISIVE, figure, type Weight } from './evidence';
import { CRITICAL, measured, type Limits, type Verdict } from './host-verdict';
import { BOUND, timeWeight } from './sequential';

/** A prefix as detectors see it: what came within about the last second, without what went to single hosts that receive much. */
export interface PrefixView {
  readonly packets: number;
  readonly bits: number;
  /** Addresses of it that were sent to. */
  readonly reach: number;
  /** Shares of the packets, 0 to 1; `reflected` of the bits: as in `HostView`. */
  readonly syn: number;
  readonly udp: number;
  readonly icmp: number;
  readonly reflected: number;
  /** What is usual; not a number where not known. */
  readonly usual: { readonly packets: number; readonly bits: number; readonly reach: number };
}

/** Addresses that make a carpet: a few are attacked each for itself. */
const LEAST_REACH = 32;
/** Times what is usual: the sum over a prefix is far steadier than a host. */
const RISE = 3;
/** Times as many addresses as usual. */
const WIDER = 2;

/** What the traffic itself looks like: as for a host, see `syn-flood.ts`, `amplification.ts`, `protocol-flood.ts`. */
function looks({ syn, icmp, reflected, reach, usual }: PrefixView): Weight[] {
  const said: Weight[] = [];
  if (syn > 0.5) said.push({ kind: 'syn-flood', nats: DECISIVE, figures: [figure('share of packets with SYN and without ACK', syn)] });
  if (icmp > 0.5) said.push({ kind: 'icmp-flood', nats: DECISIVE, figures: [figure('share of ICMP', icmp)] });
  if (reflected > 0.5) said.push({ kind: 'udp-amplification', nats: DECISIVE, figures: [figure('share of bits from services that amplify', reflected)] });
  if (reach > WIDER * (usual.reach || 0)) said.push({ kind: '', nats: CLEAR, figures: [figure('distinct destinations', reach, 'addresses', usual.reach)] });
  return said;
}

/**
 * Carpet bombing: many addresses of a prefix get little each, and together more than the limit and several times what is usual. Hosts that are near a limit of
 * their own are left out by who calls. Null where it is none, or may be over within `toleranceMs`.
 */
export function carpet(view: PrefixView, limits: Limits, heldMs: number, toleranceMs: number): Verdict | null {
  const of = measured(view.packets, view.bits, limits);
  if (of.score < 1 || view.reach < LEAST_REACH) return null;
  const usual = of.unit === 'packets/s' ? view.usual.packets : view.usual.bits;
  if (of.value < RISE * (usual || 0)) return null;
  const said = looks(view);
  if (said.reduce((sum, weight) => sum + weight.nats, timeWeight(heldMs, toleranceMs)) < BOUND) return null;
  const evidence = [figure('distinct destinations', view.reach, 'addresses', view.usual.reach), figure(of.unit, of.value, of.unit, usual), ...said.flatMap(({ figures }) => figures), figure('lasting', heldMs / 1000, 's')];
  return { ...of, kind: 'carpet-bombing', severity: of.score >= CRITICAL ? 'critical' : 'warning', evidence: [...new Map(evidence.map((one) => [one.name, one])).values()] };
}
