import type { PathGraph } from './graph';

/** Most buckets of a queue: their heads should stay in the first cache. */
const MOST_BUCKETS = 2048;

/** How a queue of buckets is laid out for the costs of a graph. */
export interface Scale {
  /** Buckets in a circle, a power of two, more than the longest arc spans. */
  readonly buckets: number;
  /** 1 / width of a bucket. */
  readonly perCost: number;
}

/**
 * Lays out buckets for the costs of a graph; null where they are too uneven for buckets (or all zero), and a heap is to be
 * used. The width is the tenth percentile of the costs (of a sample): few arcs then stay within a bucket, and few buckets are empty.
 */
export function scaleFor({ arcs, cost, nodes, longest }: Pick<PathGraph, 'arcs' | 'cost' | 'nodes' | 'longest'>): Scale | null {
  const sample: number[] = [];
  const step = Math.max(1, Math.floor(arcs / 1024));
  for (let arc = 0; arc < arcs; arc += step) {
    const of = cost[arc];
    if (of > 0 && of < Infinity) sample.push(of);
  }
  if (sample.length === 0) return null;
  sample.sort((a, b) => a - b);
  const width = sample[Math.floor(sample.length * WIDTH_QUANTILE)];
  const needed = longest / width + 2;
  if (!(needed <= MOST_BUCKETS) || needed * nodes > 2 ** 30) return null;
  return { buckets: 2 ** Math.ceil(Math.log2(needed)), perCost: 1 / width };
}

const WIDTH_QUANTILE = 0.1;
