import type { BookSettings } from '../../domain/alerts/book';
import type { ThresholdSettings } from '../../domain/alerts/thresholds';
import { section, text, whole, type ValuesOf } from '../../infra/config/section';

/** Keys of `alerts`. */
export const alertsSection = section('alerts', 'What becomes an alert, when it closes, and how far feedback moves thresholds.', {
  triggersFile: text({ doc: 'YAML file of triggers, see docs/detection.md. Empty: the built-in ones alone.', default: '' }),
  quietMs: whole({ doc: 'An alert whose cause is over closes after so long without it; twice as long each time that it came back, up to 16 times; unit: milliseconds.', default: 60_000, min: 0, max: 86_400_000 }),
  reopenMs: whole({ doc: 'What comes back within so long after its alert was closed reopens it; unit: milliseconds.', default: 600_000, min: 0, max: 604_800_000 }),
  updateMs: whole({ doc: 'What merely goes on is put out so often; unit: milliseconds.', default: 10_000, min: 0, max: 3_600_000 }),
  staleMs: whole({ doc: 'An anomaly that was not heard of for so long is over; unit: milliseconds.', default: 3_600_000, min: 1000, max: 604_800_000 }),
  keepMs: whole({ doc: 'How long closed alerts are kept; unit: milliseconds.', default: 604_800_000, min: 0, max: 31_536_000_000 }),
  maxAlerts: whole({ doc: 'Alerts that are kept, closed ones included, and as many failures that are not alerts yet. The one closed first gives way; where all are open, new ones are counted and not opened.', default: 5000, min: 1, max: 100_000 }),
  groupBitsIpv4: whole({ doc: 'Attacks on hosts of one IPv4 prefix of this length are one alert; 32: each host its own; unit: bits.', default: 24, min: 0, max: 32 }),
  groupBitsIpv6: whole({ doc: 'The same of IPv6; 128: each host its own; unit: bits.', default: 48, min: 0, max: 128 }),
  thresholdStepPercent: whole({ doc: 'A false positive raises the threshold of its subject and kind by so much, and above the score that it had; a true positive takes as much back; unit: percent.', default: 50, min: 1, max: 1000 }),
  thresholdHighestPercent: whole({ doc: 'Highest that feedback raises a threshold to; unit: percent of the threshold.', default: 400, min: 100, max: 100_000 }),
  thresholdLowestPercent: whole({ doc: 'Lowest that feedback takes a threshold to; unit: percent of the threshold.', default: 50, min: 1, max: 100 }),
  thresholdHalfLifeHours: whole({ doc: 'A threshold that was moved goes half of the way back in so long; unit: hours.', default: 168, min: 1, max: 87_600 }),
  maxThresholds: whole({ doc: 'Subjects and kinds whose thresholds are moved; feedback on others is counted and has no effect.', default: 10_000, min: 1, max: 1_000_000 }),
  maxTopologyMiB: whole({ doc: 'Memory of the topology that alerts are joined by; unit: MiB.', default: 64, min: 1, max: 16_384 }),
});

/** Values of the section. */
export type AlertsSettings = ValuesOf<typeof alertsSection>;

/** How the book of alerts is kept. */
export const bookSettings = ({ quietMs, reopenMs, updateMs, staleMs, keepMs, maxAlerts, groupBitsIpv4, groupBitsIpv6 }: AlertsSettings): BookSettings => ({
  quietMs, reopenMs, updateMs, staleMs, keepMs, maxAlerts, groupBits: { ipv4: groupBitsIpv4, ipv6: groupBitsIpv6 },
});

/** How far feedback moves thresholds. */
export const thresholdSettings = ({ thresholdStepPercent, thresholdHighestPercent, thresholdLowestPercent, thresholdHalfLifeHours, maxThresholds }: AlertsSettings): ThresholdSettings => ({
  step: 1 + thresholdStepPercent / 100, highest: thresholdHighestPercent / 100, lowest: 100 / thresholdLowestPercent, halfLifeMs: 3_600_000 * thresholdHalfLifeHours, most: maxThresholds,
});
