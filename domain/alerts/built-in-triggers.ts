import type { Trigger } from './trigger';

const SECOND = 1000;
const COMMON = { subjects: null, severity: null, criticalFrom: null, group: 'cause', mute: [], ignore: false, opens: true } as const;

/** Triggers that there are without a file, and behind those of a file: every anomaly that is not merely 'info', but one that only says that a model has not seen the like; what fails; links that are full or lossy for long. */
export const BUILT_IN_TRIGGERS: readonly Trigger[] = [
  // Two standard deviations beyond what a model reconstructs are nothing rare: they speak for an alert, and make none.
  { ...COMMON, name: 'unlike', when: 'anomaly', kinds: ['reconstruction'], minSeverity: 'info', minScore: 1, opens: false },
  { ...COMMON, name: 'anomalies', when: 'anomaly', kinds: null, minSeverity: 'warning', minScore: 1 },
  { ...COMMON, name: 'device-down', when: 'topology', element: 'device', downForMs: 10 * SECOND, severity: 'critical' },
  { ...COMMON, name: 'link-down', when: 'topology', element: 'link', downForMs: 10 * SECOND, severity: 'warning' },
  { ...COMMON, name: 'utilisation', when: 'performance', measure: 'utilisation', above: 0.9, clear: 0.8, forMs: 300 * SECOND, severity: 'warning' },
  { ...COMMON, name: 'loss', when: 'performance', measure: 'loss', above: 0.02, clear: 0.01, forMs: 120 * SECOND, severity: 'warning' },
];
