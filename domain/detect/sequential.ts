/**
 * When to say so: Wald's sequential probability ratio test ("Sequential analysis", 1947). Every moment that a surge lasts is evidence too, for
 * honest bursts end: if their lengths are distributed exponentially with mean `tau`, one of length `t` or more has the probability exp(-t / tau), and a flood
 * lasts as long as one likes. So time adds `t / tau` nats to what the detectors say, and where they say nothing, time alone reaches the bound.
 */

/** One false alarm in so many surges that look as honest as they can. */
const FALSE_ALARMS = 1e-3;

/** Nats at which the test decides for an attack. */
export const BOUND = Math.log(1 / FALSE_ALARMS);

/** Nats of a surge that has lasted for `heldMs`, where level alone is to decide after `toleranceMs`. */
export const timeWeight = (heldMs: number, toleranceMs: number): number => BOUND * (heldMs / toleranceMs);
