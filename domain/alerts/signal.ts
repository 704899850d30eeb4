/**
 * What speaks for an alert: an anomaly, a failure that lasts, a measurement beyond its limit. All three are made one thing here, so that whatever opens, joins and
 * closes alerts need not know which it was.
 */
import type { Anomaly } from '../../schemas';

/** Severities, the least first. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
/** One of {@link SEVERITIES}. */
export type Severity = (typeof SEVERITIES)[number];

/** Families of causes; what is of one family becomes one alert. */
export type Family = 'traffic' | 'scan' | 'network';

/** A signal; the fields are those of an anomaly. */
export type Signal = Omit<Anomaly, 'severity'> & { readonly severity: Severity };

/** The signal of an anomaly. A severity that is not known counts as 'warning'. */
export const signalOf = (anomaly: Anomaly): Signal => ({ ...anomaly, severity: SEVERITIES.find((one) => one === anomaly.severity) ?? 'warning' });

/** The higher of two severities. */
export const graver = (one: string, other: string): Severity => SEVERITIES[Math.max(0, SEVERITIES.indexOf(one as Severity), SEVERITIES.indexOf(other as Severity))];

/** True where a severity is at least another. */
export const isAtLeast = (severity: string, least: Severity): boolean => SEVERITIES.indexOf(severity as Severity) >= SEVERITIES.indexOf(least);

const SCANS: ReadonlySet<string> = new Set(['horizontal-scan', 'vertical-scan', 'super-spreader']);
const NETWORK_SUBJECTS: ReadonlySet<string> = new Set(['interface', 'link', 'device', 'network']);

/** Family of a cause: who scans is another cause than what is flooded, and both are others than what fails. */
export const familyOf = ({ kind, subjectKind }: Pick<Signal, 'kind' | 'subjectKind'>): Family => (NETWORK_SUBJECTS.has(subjectKind) ? 'network' : SCANS.has(kind) ? 'scan' : 'traffic');

/** How much a kind says of the cause: an alert is called by the one that says most. What is not listed says that there is an attack. */
const RANKS: Readonly<Record<string, number>> = {
  'flash-crowd': 0, reconstruction: 1, 'pattern-change': 1, 'entropy-change': 1, utilisation: 1, latency: 1, loss: 1, volumetric: 2, 'interface-errors': 2, 'topology-flap': 2,
  'interface-down': 4, 'link-down': 5, 'device-down': 6, 'carpet-bombing': 5,
};
/** Rank of a kind that is not listed, such as 'syn-flood'. */
const NAMED_ATTACK = 3;

/** See {@link RANKS}. */
export const rankOf = (kind: string): number => RANKS[kind] ?? NAMED_ATTACK;

/** True where hosts of one prefix with this kind have one cause: an attack, but not that each behaves unlike itself. */
export const groupsByPrefix = (kind: string): boolean => rankOf(kind) >= RANKS.volumetric;

/** True for a failure, in consequence of which what lies behind it fails too. */
export const isFailure = (kind: string): boolean => kind === 'device-down' || kind === 'link-down' || kind === 'interface-down' || kind === 'topology-flap';

/** What joins alerts: the same cause by subject, prefix and topology; the same subject; nothing but the same subject and kind. */
export const GROUPS = ['cause', 'subject', 'none'] as const;
/** One of {@link GROUPS}. */
export type Group = (typeof GROUPS)[number];
