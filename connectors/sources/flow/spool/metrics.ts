import type { Telemetry } from '../../../../infra/telemetry/telemetry';
import { Delta } from '../metrics';
import type { SpoolState } from './spooled-producer';

/** Metrics of a spool. */
export class SpoolMetrics {
  private readonly totals: { readonly delta: Delta; readonly of: (state: SpoolState) => number }[];
  private readonly gauges: { readonly set: (value: number) => void; readonly of: (state: SpoolState) => number }[];

  constructor(telemetry: Telemetry) {
    const component = telemetry.component('source', 'flow');
    const total = (name: string, help: string, of: (state: SpoolState) => number, also: (by: number) => void = () => undefined): (typeof this.totals)[number] => {
      const counter = telemetry.counter(name, help);
      const inc = (by: number): void => {
        counter.inc(by);
        also(by);
      };
      return { delta: new Delta(inc), of };
    };
    const gauge = (name: string, help: string, of: (state: SpoolState) => number): (typeof this.gauges)[number] => {
      const made = telemetry.gauge(name, help);
      return { set: (value) => made.set(value), of };
    };
    this.totals = [
      total('collector_spooled_batches', 'Batches written to the spool because the log did not take them.', ({ written }) => written.batches),
      total('collector_spooled_flows', 'Flows in them.', ({ written }) => written.flows),
      total('collector_spool_dropped_batches', 'Oldest batches dropped because the spool was full.', ({ losses }) => losses.dropped.batches),
      total('collector_spool_dropped_flows', 'Flows in them.', ({ losses }) => losses.dropped.flows, (by) => component.discarded('spool_full', by)),
      total('collector_spool_damaged_batches', 'Batches of the spool that were not what was written.', ({ losses }) => losses.damaged.batches),
      total('collector_spool_torn_bytes', 'Bytes cut off the spool at the start: writes that were interrupted.', ({ losses }) => losses.tornBytes),
      total('collector_spool_errors', 'Writes to the spool that failed; they are tried again.', ({ errors }) => errors, (by) => component.error('NW_SPOOL_UNUSABLE', by)),
      total('collector_refused_batches', 'Batches that the log refused for good.', ({ refused }) => refused.batches, (by) => component.discarded('log_refused', by)),
    ];
    this.gauges = [
      gauge('collector_spool_usable', '1 where the spool can be written.', ({ usable }) => Number(usable)),
      gauge('collector_spool_active', '1 while batches go through the spool.', ({ active }) => Number(active)),
      gauge('collector_spool_bytes', 'Bytes of the spool on disk.', ({ bytes }) => bytes),
      gauge('collector_spool_flows', 'Flows in the spool that were not handed to the log yet.', ({ unread }) => unread.flows),
    ];
  }

  update(state: SpoolState): void {
    for (const { delta, of } of this.totals) delta.to(of(state));
    for (const { set, of } of this.gauges) set(of(state));
  }
}
