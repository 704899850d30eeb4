import type { Fault } from '../../../domain/flow/protocol';

/** Faults by exporter and reason; exporters beyond `limit` are counted together as `other`, so that labels stay few. */
export class FaultCounts {
  private readonly counts = new Map<string, Map<Fault, number>>();

  constructor(private readonly limit: number) {}

  add(exporter: string, fault: Fault): void {
    let faults = this.counts.get(exporter);
    if (!faults) {
      const name = this.counts.size < this.limit ? exporter : 'other';
      faults = this.counts.get(name);
      if (!faults) this.counts.set(name, (faults = new Map()));
    }
    faults.set(fault, (faults.get(fault) ?? 0) + 1);
  }

  /** Gives what was counted since the last call. */
  take(to: (exporter: string, fault: Fault, count: number) => void): void {
    for (const [exporter, faults] of this.counts) {
      for (const [fault, count] of faults) if (count > 0) to(exporter, fault, count);
      for (const fault of faults.keys()) faults.set(fault, 0);
    }
  }
}
