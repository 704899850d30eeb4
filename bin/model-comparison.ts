/** What a model in the shadow says, held against the one that serves. */
import type { Anomaly } from '../schemas';

/** An anomaly from its beginning to its end, as far as it is known. */
export interface Span {
  readonly subject: string;
  readonly detector: string;
  readonly model: string;
  readonly began: number;
  until: number;
  score: number;
}

/** One line of the table: a detector of both models. */
export interface Comparison {
  readonly detector: string;
  readonly serving: number;
  readonly shadow: number;
  /** Those of the serving model that overlap with one of the shadow's, of the same subject; and those that do not, of either. */
  readonly both: number;
  readonly servingAlone: number;
  readonly shadowAlone: number;
  /** Median of the highest scores. */
  readonly servingScore: number;
  readonly shadowScore: number;
}

/** Anomalies of models as spans, from the records of a topic in their order; `wanted` says which times count. */
export function spansOf(anomalies: Iterable<Anomaly>, wanted: (timeMs: number) => boolean): Span[] {
  const spans = new Map<string, Span>();
  for (const { subject, detector, kind, began, time, score, model, modelHash } of anomalies) {
    if (kind !== 'reconstruction' || !wanted(time)) continue;
    const id = `${subject} ${detector} ${began}`;
    const span = spans.get(id);
    if (span === undefined) spans.set(id, { subject, detector, model: `${model}@${modelHash.slice(0, 8)}`, began, until: time, score });
    else {
      span.until = Math.max(span.until, time);
      span.score = Math.max(span.score, score);
    }
  }
  return [...spans.values()];
}

/** A line a detector, and what only one of the models says. */
export function compare(serving: readonly Span[], shadow: readonly Span[]): { readonly rows: Comparison[]; readonly alone: (Span & { readonly by: 'serving' | 'shadow' })[] } {
  const meets = (one: Span, others: readonly Span[]): boolean => others.some((other) => other.subject === one.subject && other.detector === one.detector && other.began <= one.until && one.began <= other.until);
  const alone = [
    ...serving.filter((one) => !meets(one, shadow)).map((one) => ({ ...one, by: 'serving' as const })),
    ...shadow.filter((one) => !meets(one, serving)).map((one) => ({ ...one, by: 'shadow' as const })),
  ].sort((one, other) => one.began - other.began);
  const rows = [...new Set([...serving, ...shadow].map(({ detector }) => detector))].sort().map((detector) => {
    const of = (spans: readonly Span[]): Span[] => spans.filter((span) => span.detector === detector);
    const onlyBy = (by: string): number => alone.filter((span) => span.detector === detector && span.by === by).length;
    return {
      detector, serving: of(serving).length, shadow: of(shadow).length, both: of(serving).length - onlyBy('serving'), servingAlone: onlyBy('serving'), shadowAlone: onlyBy('shadow'),
      servingScore: median(of(serving).map(({ score }) => score)), shadowScore: median(of(shadow).map(({ score }) => score)),
    };
  });
  return { rows, alone };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted.length === 0 ? NaN : (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
