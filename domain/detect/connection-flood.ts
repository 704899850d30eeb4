import { figure, type Figure } from './evidence';

/** What a host received in a window, of the features. */
export interface ConnectionView {
  /** Flows to it. */
  readonly flows: number;
  readonly packets: number;
  /** Its ports that were talked to, and addresses that it talked with; not a number where not known. */
  readonly ports: number;
  readonly peers: number;
  /** Entropy of the sources, 0 to 1. */
  readonly srcEntropy: number;
  /** TCP's share of the packets, 0 to 1; not a number where not known. */
  readonly tcpShare: number;
  /** Of the flows; unit: seconds. */
  readonly meanSeconds: number;
  readonly windowSeconds: number;
}

/** What is too much. */
export interface ConnectionLimits {
  /** Flows a second that are nothing unusual for any host; the same of flows that linger. */
  readonly least: number;
  readonly leastLingering: number;
  /** Times what is usual that is to be found. */
  readonly ratio: number;
  /** Windows that the usual level is a mean of. */
  readonly memory: number;
}

/** Kept of a host: windows known, mean of their flows, the cumulative sum in nats, and the variance of the flows. */
export const CONNECTION_CELLS = 4;
const KNOWN = 0, MEAN = 1, SUM = 2, VARIANCE = 3;
/** Sum at which it is told: by Lorden's bound (1971) no more than one false alarm in e^16, nine million, windows of steady traffic: one a day in a thousand hosts. */
export const ALARM_NATS = 16;
/** No more than this is added by one window: one alone decides nothing. */
const MOST_NATS = 10;
/** Flows for each port that was talked to: a service gets many at one port, a client that browses gets one answer at each of its own. */
const FLOWS_A_PORT = 2;
/** So few flows say nothing about that. */
const FEW = 2;
/** Flows of TCP that last so long on average, with fewer packets a second, linger: what holds a connection open, and a place at the server, without asking for anything. What has no connection holds none. */
const LINGERING_SECONDS = 20;
const LINGERING_PACKETS = 0.5;
/** Part of the usual pace at which what speaks for a flood is learnt. */
const SLOWLY = 0.1;
/** From so many times the threshold on it is critical. */
const CRITICAL = 10;

/** What a window says; null where nothing is to be told. */
export interface ConnectionVerdict {
  readonly severity: 'warning' | 'critical';
  /** Flows a second, and those from which on a window speaks for a flood. */
  readonly score: number;
  readonly value: number;
  readonly threshold: number;
  readonly evidence: readonly Figure[];
}

/**
 * Many more connections to the ports of a service than usual: floods of requests (HTTP floods, Slowloris and the like), which have too few packets for a limit of
 * packets and are answered like honest ones. Of connections that linger fewer are enough (Cambiaso et al., "Slow DoS attacks: definition and categorisation", 2013).
 *
 * A cumulative sum of log-likelihood ratios of Poisson counts (Page 1954; Lucas, "Counted data CUSUM's", 1985): `ratio` times the usual level against the usual one, which is at least
 * `least`. Where counts vary more than those of Poisson do, as those of a resolver, whose clients ask in bursts, the ratio is divided by how much more: quasi-likelihood (Wedderburn 1974).
 * What speaks for a flood is learnt a tenth as fast: it is usual when it has lasted for hours. `gap` windows before this one had no flows; `isNew`: nothing is known of any host yet, so that
 * this window is only learnt.
 */
export function connectionFlood(cells: Float64Array, at: number, view: ConnectionView, gap: number, isNew: boolean, limits: ConnectionLimits): ConnectionVerdict | null {
  const { flows, windowSeconds } = view;
  if (!(flows >= 0)) return null;
  const lingers = view.tcpShare >= 0.5 && view.meanSeconds >= LINGERING_SECONDS && view.packets <= LINGERING_PACKETS * view.meanSeconds * flows;
  const least = (lingers ? limits.leastLingering : limits.least) * windowSeconds;
  idle(cells, at, gap, limits, least);
  const usual = Math.max(least, cells[at + KNOWN] > 0 ? cells[at + MEAN] : 0);
  // Above so many flows the sum grows.
  const reference = (usual * (limits.ratio - 1)) / Math.log(limits.ratio);
  const isService = flows <= FEW || flows >= FLOWS_A_PORT * view.ports;
  const nats = isNew ? 0 : isService ? Math.min(MOST_NATS, (Math.log(limits.ratio) * (flows - reference)) / dispersionOf(cells, at, usual)) : -MOST_NATS;
  cells[at + SUM] = Math.max(0, Math.min(2 * ALARM_NATS, cells[at + SUM] + nats));
  // What speaks for a flood is learnt slowly, and by no more than would be told.
  const isSlow = nats > 0 && isService;
  const count = isSlow ? Math.max(1, cells[at + KNOWN]) : Math.min(limits.memory, cells[at + KNOWN] + 1);
  const pace = isSlow ? SLOWLY / limits.memory : 1 / count;
  const away = (isNew ? flows : Math.min(flows, limits.ratio * usual)) - cells[at + MEAN];
  cells[at + KNOWN] = count;
  cells[at + MEAN] += pace * away;
  cells[at + VARIANCE] += pace * ((1 - pace) * away * away - cells[at + VARIANCE]);
  if (cells[at + SUM] < ALARM_NATS || nats <= 0) return null;
  const value = flows / windowSeconds;
  const threshold = reference / windowSeconds;
  const evidence = [
    figure('flows', value, 'flows/s', cells[at + KNOWN] > 0 ? cells[at + MEAN] / windowSeconds : NaN),
    figure('flows for each port', flows / Math.max(1, view.ports)),
    figure('distinct peers', view.peers, 'addresses'),
    figure('packets a flow', view.packets / flows),
    figure('mean duration of a flow', view.meanSeconds, 's'),
    figure('entropy of the sources', view.srcEntropy),
  ];
  return { severity: value >= CRITICAL * threshold ? 'critical' : 'warning', score: value / threshold, value, threshold, evidence };
}

/** How many times as much as the counts of Poisson those of a host vary, at its usual level; at least one. */
const dispersionOf = (cells: Float64Array, at: number, usual: number): number => Math.max(1, cells[at + VARIANCE] / usual);

/** Windows without flows: they are part of what is usual, and speak against a flood as much as any. */
function idle(cells: Float64Array, at: number, gap: number, limits: ConnectionLimits, least: number): void {
  if (gap <= 0 || cells[at + KNOWN] === 0) return;
  const usual = Math.max(least, cells[at + MEAN]);
  cells[at + SUM] = Math.max(0, cells[at + SUM] - (gap * (limits.ratio - 1) * usual) / dispersionOf(cells, at, usual));
  const count = Math.min(limits.memory, cells[at + KNOWN] + gap);
  const rest = Math.max(0, 1 - gap / count);
  cells[at + VARIANCE] = rest * (cells[at + VARIANCE] + (1 - rest) * cells[at + MEAN] ** 2);
  cells[at + MEAN] *= rest;
  cells[at + KNOWN] = count;
}
