/**
 * Detection on labelled sets: flows go through `measure`, `features` and `connections`, and through `pulse` and `detect`, with the settings that they have by default, and what is
 * told is held against the attacks that the set has.
 */
import { join } from 'node:path';
import { ROOT } from '../../infra/root';
import { alarmsOf, baselineAlarms, eventsOf, judge, type Classes, type DetectionResult } from './events';
import type { LabelledSet } from './flows';
import { replay, type Weighting } from './replay';
import { labelledSets } from './sets';

/** What was measured, and what to know about it. */
export interface DetectionTable {
  readonly results: readonly DetectionResult[];
  readonly notes: readonly string[];
}

/** Where the sets are, beside the project. */
export const DATASETS = join(ROOT, '../shared/datasets');
const SEED = 1;
const WEIGHTINGS: readonly Weighting[] = ['full', 'full, ports as drawn', 'thinned'];
const MINUTE_MS = 60_000;
/** So long a set must be without attacks for the baseline to know anything. */
const LEAST_KNOWN_MS = 10 * MINUTE_MS;

const NOTES = [
  'full: each flow stands for as many of its class as were left out, spread between its neighbours, benign ones over twenty minutes; benign traffic is then smoother than it was, and its false alarms are a lower bound. A port that was drawn once stands for others that were not drawn (Good and Turing); ports as drawn: it does not. The two port scans of some 260 flows each are four or five ports that a firewall let through, in a sample of seven and eight flows: how many ports they were the sample cannot say.',
  'thinned: every class thinned to the rate of the benign one, as by an exporter that samples flows; limits of flows are divided alike. Attacks of few flows can hardly be seen so.',
  'Flows are cut after 60 s, as exporters do, and received at their end. Addresses are used for one thing: whether what is told is of the attack.',
  'baseline: a host gets more flows in a minute than any host did before the first attack of the set, of a set without attacks in its first half; where a set has no ten minutes before its first attack there is none.',
  'claimed: whether the class is one that the detectors are to find. A set of less than an hour says little of false alarms a day.',
  'Nmap in a laboratory: one of the attacks is three ICMP messages that a port is closed, in three minutes, which its labels count as scans like all that this host sends.',
  'exposed host: each scan from outside is one or two packets to one host; nothing tells it from a client that errs, and the detectors do not try to.',
];

const GROUPS: Readonly<Record<string, string>> = { 'DoS Hulk': 'DoS', 'DoS Slowloris': 'DoS (slow)', 'DoS Slowhttptest': 'DoS (slow)', 'FTP-Patator': 'password guessing', 'SSH-Patator': 'password guessing', Portscan: 'Port scan' };
const CLAIMED = new Set(['DDoS', 'DoS', 'DoS (slow)', 'Port scan']);
const CLASSES: Classes = { groupOf: (label) => GROUPS[label] ?? label, isClaimed: (group) => CLAIMED.has(group) };

const isSampled = ({ rates }: LabelledSet): boolean => Object.keys(rates).length > 0;

function evaluateSet(set: LabelledSet, weighting: Weighting): DetectionResult[] {
  // What is a limit of flows for an exporter that sees all is one in so many for one that samples flows.
  const sampled = weighting === 'thinned' ? Math.min(1, ...Object.values(set.rates)) : 1;
  const { told, features, hours } = replay(set, weighting, SEED, { connections: { leastPerMinute: Math.max(1, Math.round(600 * sampled)), leastLingeringPerMinute: Math.max(1, Math.round(60 * sampled)) } });
  // An attack that came from outside by many sources is as many scans.
  const events = eventsOf(set, !isSampled(set));
  const head = { set: set.name, weighting: isSampled(set) ? weighting : 'as it is' };
  const [first, last] = [set.flows[0].start, set.flows[set.flows.length - 1].start];
  const before = events.length > 0 ? events[0].start - MINUTE_MS : (first + last) / 2;
  const results = judge(alarmsOf(told), events, hours, CLASSES, { ...head, detector: 'netweaver' });
  if (features.some(({ windowStart }) => windowStart < before - LEAST_KNOWN_MS)) results.push(...judge(baselineAlarms(features, before), events, hours, CLASSES, { ...head, detector: 'baseline' }));
  return results;
}

/** Evaluates on all sets that are there; `tell` is called before each. */
export async function evaluateDetection(datasets = DATASETS, tell: (doing: string) => void = () => undefined): Promise<DetectionTable> {
  const results: DetectionResult[] = [];
  for (const set of labelledSets(datasets)) {
    for (const weighting of isSampled(set) ? WEIGHTINGS : WEIGHTINGS.slice(0, 1)) {
      tell(`${set.name}, ${weighting}`);
      results.push(...evaluateSet(set, weighting));
      // Between two sets others have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { results, notes: NOTES };
}
