import { cusum, type CusumShape } from './cusum';
import { deviations, learnt, usualOf } from './baseline';
import { figure } from './evidence';
import { measured, type Limits, type Verdict } from './host-verdict';

/** Changes from two deviations on count, a second that is far off as five at most; thirty in all: six seconds at the least, so no surge of a few seconds. */
export const DEPARTURE: CusumShape = { slack: 1, limit: 30, most: 5 };
/** A deviation is at least this part of the mean. */
const STEADIEST = 0.25;
/** Seconds that must be known before anything is unusual. */
const KNOWN = 60;
/** Below this part of the limit nothing is worth telling, however unusual. */
const WORTH = 0.5;

/** The cumulative sum after a second with this value. The baseline is in `cells` from `at` on: see `baseline.ts`. */
export function departs(sum: number, value: number, cells: Float64Array, at: number): number {
  return learnt(cells, at) < KNOWN ? 0 : cusum(sum, deviations(cells, at, value, STEADIEST), DEPARTURE);
}

/** A host that is within its limit, and receives far more than it usually does: by the sum of {@link departs} over packets or bits, whichever is larger. */
export function departure(sum: number, packets: number, bits: number, limits: Limits, cells: Float64Array, packetsAt: number, bitsAt: number): Verdict | null {
  if (sum < DEPARTURE.limit) return null;
  const of = measured(packets, bits, limits);
  if (of.score < WORTH) return null;
  const usual = usualOf(cells, of.unit === 'packets/s' ? packetsAt : bitsAt);
  return { ...of, kind: 'volumetric', severity: 'warning', evidence: [figure('sum of deviations', sum, 'standard deviations'), figure(of.unit, of.value, of.unit, usual)] };
}
