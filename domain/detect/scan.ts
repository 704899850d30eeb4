import { figure, type Figure } from './evidence';

/**
 * A source as detectors see it: how many different addresses and ports it has asked and got no further, and how many addresses it talks with. It gets no further with flows of TCP that open or close
 * a connection without ever acknowledging anything: refused, not answered, or left half open on purpose, with SYN then RST, FIN alone, or FIN, PSH and URG (Staniford, Hoagland, McAlerney,
 * "Practical automated detection of stealthy portscans", 2002).
 */
export interface SourceView {
  /** Different addresses that such flows went to. */
  readonly tried: number;
  /** Different ports of these flows. */
  readonly ports: number;
  /** Different addresses that it has TCP connections with. */
  readonly met: number;
  /** How many of them. */
  readonly probes: number;
  /** Different addresses that it sent anything to. */
  readonly peers: number;
}

/** What a source does. */
export interface ScanVerdict {
  readonly kind: 'horizontal-scan' | 'vertical-scan' | 'super-spreader';
  readonly severity: 'info' | 'warning';
  readonly score: number;
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
  readonly evidence: readonly Figure[];
}

/**
 * Threshold random walk (Jung, Paxson, Berger, Balakrishnan, "Fast portscan detection using sequential hypothesis testing", 2004): a first contact of an honest
 * source fails with a probability of 0.2, of a scanner with 0.8, so each failure adds ln 4 and each success takes it off; the walk decides at ln((1 - beta) / alpha). Alpha is smaller
 * than in the paper, because every source that ever sends a SYN is judged: one in a million.
 */
const STEP = Math.log(0.8 / 0.2);
const LIMIT = Math.log((1 - 0.01) / 1e-6);
/** Contacts that failed less the successes at which the walk decides. */
export const FAILURES = Math.ceil(LIMIT / STEP);
/** Counts come from sketches with a standard error of 13 %: twice that, and what is counted is beyond doubt. */
const SURE = 1.26;
/** Ports of few addresses that an honest client tries in vain: a handful, where a service moved; RFC 8305 makes it two a name. */
const PORTS = 32;
/** Ports for each address that make it vertical. */
const DEEP = 4;

/** Who looks for hosts that answer, or for ports; null where nothing is decided. */
export function scan({ tried, ports, met, probes }: SourceView): ScanVerdict | null {
  const evidence = [figure('addresses tried in vain', tried, 'addresses'), figure('ports tried in vain', ports, 'ports'), figure('addresses talked with', met, 'addresses'), figure('probes', probes, 'flows')];
  if (ports >= SURE * PORTS && ports >= DEEP * tried) return { kind: 'vertical-scan', severity: 'warning', score: ports / PORTS, value: ports, threshold: PORTS, unit: 'ports', evidence };
  const failures = tried - met;
  if (failures < SURE * FAILURES) return null;
  return { kind: 'horizontal-scan', severity: 'warning', score: failures / FAILURES, value: tried, threshold: FAILURES, unit: 'addresses', evidence };
}

/** A source that talks with more than `limit` addresses (Venkataraman, Song, Gibbons, Blum, "New streaming algorithms for fast detection of superspreaders", 2005): a worm, a crawler, or a server that very many visit. */
export function superSpreader({ peers, met, tried }: SourceView, limit: number): ScanVerdict | null {
  if (peers < SURE * limit) return null;
  return { kind: 'super-spreader', severity: 'info', score: peers / limit, value: peers, threshold: limit, unit: 'addresses', evidence: [figure('distinct destinations', peers, 'addresses'), figure('addresses talked with', met, 'addresses'), figure('addresses tried in vain', tried, 'addresses')] };
}
