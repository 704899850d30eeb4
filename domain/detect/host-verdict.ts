/** What detectors together say of a host that receives more than its limit. */
import { amplification } from './amplification';
import { answered } from './answered';
import { entropyChange } from './entropy-change';
import { figure, type Figure, type Weight } from './evidence';
import type { HostView } from './host-view';
import { newSources } from './new-sources';
import { icmpFlood, udpFlood } from './protocol-flood';
import { BOUND, timeWeight } from './sequential';
import { synFlood } from './syn-flood';

/** Limits of a host. */
export interface Limits {
  /** Packets/s, bits/s; Infinity where there is none. */
  readonly packets: number;
  readonly bits: number;
}

/** What was found. */
export interface Verdict {
  readonly kind: string;
  readonly severity: 'info' | 'warning' | 'critical';
  /** Value divided by threshold. */
  readonly score: number;
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
  /** The weightiest first. */
  readonly evidence: readonly Figure[];
}

/** From so many times the limit on it is critical. */
export const CRITICAL = 2;
/** Sampling errors that a value must be above its limit: one in forty is more by chance. */
const ERRORS = 2;
/** Visitors that make a crowd. */
const CROWD = 256;

const DETECTORS: readonly ((view: HostView) => Weight | null)[] = [synFlood, amplification, icmpFlood, udpFlood, newSources, entropyChange, answered];

/** The limit that is passed furthest: value, threshold, unit. */
export function measured(packets: number, bits: number, limits: Limits): Pick<Verdict, 'score' | 'value' | 'threshold' | 'unit'> {
  const isPackets = packets / limits.packets >= bits / limits.bits;
  const [value, threshold] = isPackets ? [packets, limits.packets] : [bits, limits.bits];
  return { score: value / threshold, value, threshold, unit: isPackets ? 'packets/s' : 'bits/s' };
}

/** True where the limit is passed by more than sampling explains. */
export const isBeyond = (score: number, error: number): boolean => score * (1 - ERRORS * error) >= 1;

/**
 * What a host is under that has received at least half its limit for `heldMs`; null while it is within its limit, or may be a surge that ends within `toleranceMs`.
 *
 * Its level is that of the last second. Where detectors decide without the help of time, that of the last moment will do: the second is there to smooth what honest
 * hosts receive. Answered to the full, it is no attack: a flash crowd where the visitors are many, and nothing to speak of where they are few.
 */
export function hostVerdict(view: HostView, limits: Limits, heldMs: number, toleranceMs: number): Verdict | null {
  const lasting = measured(view.packets, view.bits, limits);
  const quick = measured(view.quickPackets, view.quickBits, limits);
  const isLasting = isBeyond(lasting.score, view.error);
  if (!isLasting && !isBeyond(quick.score, view.quickError)) return null;
  const of = isLasting && lasting.score >= quick.score ? lasting : quick;
  const said = DETECTORS.map((detector) => detector(view)).filter((weight) => weight !== null).sort((one, other) => Math.abs(other.nats) - Math.abs(one.nats));
  const figures = said.flatMap((weight) => weight.figures);
  const evidence = [...new Map(figures.map((one) => [one.name, one])).values(), figure('lasting', heldMs / 1000, 's'), figure('mean size of a packet', view.size, 'bytes')];
  if (said.some(({ kind }) => kind === 'flash-crowd')) return isLasting && view.sources >= CROWD ? { ...of, kind: 'flash-crowd', severity: 'info', evidence } : null;
  const nats = said.reduce((sum, weight) => sum + weight.nats, 0);
  if (nats < BOUND && (!isLasting || nats + timeWeight(heldMs, toleranceMs) < BOUND)) return null;
  return { ...of, kind: said[0]?.kind ?? 'volumetric', severity: of.score >= CRITICAL ? 'critical' : 'warning', evidence };
}
