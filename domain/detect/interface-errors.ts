import { learn, learnt, usualOf } from './baseline';
import { figure, type Figure } from './evidence';

/** What errors or discards of one direction of an interface are measured against. */
export interface CounterLimits {
  /** Fewer a second are none, however many are usual. */
  readonly perSecond: number;
  /** So are fewer than this part of the packets, 0 to 1, where these are known. */
  readonly share: number;
  /** Times what is usual for this interface. */
  readonly timesUsual: number;
  /** Readings that must be beyond one after the other, and then within, before it begins and is over: a cable that is pulled makes errors once. */
  readonly readings: number;
}

/** A counter of an interface as it is remembered: the {@link BASELINE} of its rate, then readings beyond and within one after the other. */
export const COUNTER_CELLS = 5;
const BASELINE = 0, BEYOND = 3, WITHIN = 4;
/** Readings that the usual level is a mean of, and those before which nothing is usual. */
const MEMORY = 288, KNOWN = 5;
/** From so many times the threshold on it is critical. */
const CRITICAL = 10;

/** What a reading says. `phase`: it begins; it goes on, within the last readings; it is over; null: nothing to tell. */
export interface CounterVerdict {
  readonly phase: 'began' | 'goes-on' | 'over' | null;
  readonly severity: 'warning' | 'critical';
  readonly score: number;
  readonly value: number;
  readonly threshold: number;
  /** Readings beyond, one after the other. */
  readonly readings: number;
  readonly evidence: readonly Figure[];
}

/**
 * Errors (ifInErrors, ifOutErrors) or discards (ifInDiscards, ifOutDiscards; RFC 2863) of an interface, against levels that are absolute and against what is usual: beyond
 * where they are more than each of the limits says. What is beyond is not learnt as usual.
 *
 * @param packets packets a second of that direction; not a number where not known
 * @param unit of the value, `errors/s` or `discards/s`
 */
export function watchCounter(cells: Float64Array, perSecond: number, packets: number, limits: CounterLimits, unit: string): CounterVerdict {
  const usual = learnt(cells, BASELINE) >= KNOWN ? usualOf(cells, BASELINE) : NaN;
  const threshold = Math.max(limits.perSecond, packets > 0 ? limits.share * packets : 0, limits.timesUsual * (usual || 0));
  const isBeyond = perSecond >= threshold;
  const wasOpen = cells[BEYOND] >= limits.readings;
  if (isBeyond) {
    cells[BEYOND]++;
    cells[WITHIN] = 0;
  } else {
    learn(cells, BASELINE, perSecond, MEMORY);
    cells[WITHIN]++;
    if (!wasOpen || cells[WITHIN] >= limits.readings) cells[BEYOND] = 0;
  }
  const isOpen = cells[BEYOND] >= limits.readings;
  const phase = isOpen ? (wasOpen ? 'goes-on' : 'began') : wasOpen ? 'over' : null;
  const score = perSecond / threshold;
  const evidence = [figure(unit.slice(0, unit.indexOf('/')), perSecond, unit, usual)];
  if (packets > 0) evidence.push(figure('part of the packets', Math.min(1, perSecond / packets)), figure('packets', packets, 'packets/s'));
  evidence.push(figure('readings beyond', cells[BEYOND]));
  return { phase, severity: score >= CRITICAL ? 'critical' : 'warning', score, value: perSecond, threshold, readings: cells[BEYOND], evidence };
}
