/** What a link costs: the rule, its doubling under load, and what stands in for what is not known. */

/** Weights and borders of the rule. */
export interface CostPolicy {
  /** Weight of 100 ms of latency, of full utilisation, of one per cent of loss. */
  readonly latencyWeight: number;
  readonly utilisationWeight: number;
  readonly lossWeight: number;
  /** Utilisation from which the cost is doubled, and below which it no longer is: two borders, so that a load about one of them does not double it to and fro. */
  readonly busyFrom: number;
  readonly busyUntil: number;
  /** Latency of a link of which none is known; unit: milliseconds. */
  readonly assumedLatencyMs: number;
}

/** The rule as it is without a policy of one's own. */
export const DEFAULT_COST: CostPolicy = { latencyWeight: 0.4, utilisationWeight: 0.4, lossWeight: 0.2, busyFrom: 0.8, busyUntil: 0.7, assumedLatencyMs: 1 };

/** What is known of a link in one direction; null: nothing. */
export interface LinkMeasures {
  readonly up: boolean;
  readonly latencyMs: number | null;
  readonly utilisationRatio: number | null;
  readonly lossRatio: number | null;
}

/**
 * Costs are whole multiples of this: sums of whole numbers are exact, so that a path costs the same however its
 * links are added up. A link that works costs at least one of it, so that of two ways that cost nothing the one of fewer links is shorter.
 */
export const COST_STEP = 1e-6;

/** A cost and whether the link counts as busy, which is to be remembered for the next. */
export interface LinkCost {
  readonly cost: number;
  readonly busy: boolean;
  /** Measures that were no measures: negative, not a number, more than all packets lost. They count as not known. */
  readonly refused: number;
}

const sane = (value: number | null, most: number): boolean => value === null || (value >= 0 && value <= most);

/** w1 latency / 100 ms + w2 utilisation + w3 loss 100, doubled while the link is busy, infinite where it is down. What is not known: the assumed latency, no load, no loss. */
export function costOf({ up, latencyMs, utilisationRatio, lossRatio }: LinkMeasures, wasBusy: boolean, policy: CostPolicy = DEFAULT_COST): LinkCost {
  let refused = 0;
  const known = (value: number | null, most: number, otherwise: number): number => {
    if (!sane(value, most)) refused++;
    return value !== null && sane(value, most) ? value : otherwise;
  };
  const latency = known(latencyMs, Number.MAX_VALUE, policy.assumedLatencyMs);
  const utilisation = known(utilisationRatio, Number.MAX_VALUE, 0);
  const loss = known(lossRatio, 1, 0);
  const busy = utilisation >= policy.busyFrom || (wasBusy && utilisation > policy.busyUntil);
  if (!up) return { cost: Infinity, busy, refused };
  const sum = (policy.latencyWeight * latency) / 100 + policy.utilisationWeight * utilisation + policy.lossWeight * loss * 100;
  return { cost: Math.max(1, Math.round(((busy ? 2 : 1) * sum) / COST_STEP)) * COST_STEP, busy, refused };
}

/** A cost in steps, a whole number, as the computation of paths takes it; Infinity stays. */
export const stepsOf = (cost: number): number => (cost === Infinity ? Infinity : Math.max(1, Math.round(cost / COST_STEP)));
