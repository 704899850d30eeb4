import type { Anomaly } from '../../schemas';
import { tellAnomaly } from '../detect/tell';
import type { Context, EmitOptions } from '../runtime/processor';
import { KeyValue } from '../runtime/state/key-value';

/** What is said of an anomaly each time: its phase is worked out. */
export type Found = Omit<Anomaly, 'phase' | 'model' | 'modelHash'>;

interface Kept {
  /** As it was told last; what is not a number is null. */
  readonly anomaly: Found;
  /** When it was told last and seen last; milliseconds. */
  told: number;
  seen: number;
}

/** What names an anomaly that goes on. */
export type Named = Pick<Anomaly, 'kind' | 'detector' | 'subject'>;

/** Anomalies that go on: a store of few, rarely changed. */
export class OpenAnomalies {
  readonly store: KeyValue;

  constructor(maxBytes: number, private readonly goesOnMs: number) {
    this.store = new KeyValue({ name: 'open', maxBytes });
  }

  /** Something is out of the ordinary: it begins, or goes on, which is told every `goesOnMs` and when it becomes graver. False where there is no room to remember it. */
  found(found: Found, context: Context, options: EmitOptions = {}): boolean {
    const key = keyOf(found);
    const kept = this.get(key);
    if (kept === null) {
      if (!this.put(key, { anomaly: found, told: found.time, seen: found.time })) return false;
      tell(found, 'began', context, options);
      return true;
    }
    const isGraver = found.severity === 'critical' && kept.anomaly.severity !== 'critical';
    const isDue = isGraver || found.time - kept.told >= this.goesOnMs;
    const goesOn = { ...found, began: kept.anomaly.began };
    this.put(key, { anomaly: goesOn, told: isDue ? found.time : kept.told, seen: Math.max(kept.seen, found.time) });
    if (isDue) tell(goesOn, 'goes-on', context, options);
    return true;
  }

  /** It is over, by what was said of it last. */
  over(named: Named, time: number, context: Context, options: EmitOptions = {}): void {
    const key = keyOf(named);
    const kept = this.get(key);
    if (kept === null) return;
    this.store.delete(key);
    tell({ ...kept.anomaly, evidence: [], elements: [], time: Math.max(time, kept.anomaly.time) }, 'over', context, options);
  }

  /** All of them, with when they were seen last, in the order of their names. */
  all(): (Named & { readonly seen: number })[] {
    const all: (Named & { key: string; seen: number })[] = [];
    this.store.forEach((key, value) => {
      const { anomaly, seen } = JSON.parse(value.toString()) as Kept;
      all.push({ kind: anomaly.kind, detector: anomaly.detector, subject: anomaly.subject, key: key.toString(), seen });
    });
    return all.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  private get(key: Buffer): Kept | null {
    const value = this.store.get(key);
    return value === null ? null : (JSON.parse(value.toString()) as Kept);
  }

  private put(key: Buffer, kept: Kept): boolean {
    return this.store.put(key, Buffer.from(JSON.stringify({ ...kept, anomaly: { ...kept.anomaly, evidence: [], elements: [] } })));
  }
}

const keyOf = ({ kind, detector, subject }: Named): Buffer => Buffer.from(`${kind} ${detector} ${subject}`);

function tell(found: Found, phase: Anomaly['phase'], context: Context, options: EmitOptions): void {
  tellAnomaly({ ...found, phase, model: '', modelHash: '' }, context, options);
}
