import type { MetricValues } from '../hosting/messages';

/** Sum of a metric's values over all roles, where `match` agrees with the labels. */
export function sumOf(metrics: readonly MetricValues[], name: string, match: Readonly<Record<string, string>> = {}): number {
  let sum = 0;
  for (const { values, ...metric } of metrics) {
    if (metric.name !== name) continue;
    for (const { value, labels } of values) {
      if (Object.entries(match).every(([label, wanted]) => String((labels as Record<string, unknown>)[label]) === wanted)) sum += value;
    }
  }
  return sum;
}

/** Sums of a metric by the values of one label, largest first; zeros left out. */
export function sumsBy(metrics: readonly MetricValues[], name: string, label: string): [string, number][] {
  const sums = new Map<string, number>();
  for (const { values, ...metric } of metrics) {
    if (metric.name !== name) continue;
    for (const { value, labels } of values) {
      const key = String((labels as Record<string, unknown>)[label] ?? '');
      sums.set(key, (sums.get(key) ?? 0) + value);
    }
  }
  return [...sums].filter(([, sum]) => sum > 0).sort((a, b) => b[1] - a[1]);
}
