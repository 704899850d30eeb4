/** The collector's metrics: counted in plain numbers on the hot path, brought here from time to time. */
import type { FlowDecoder } from '../../../domain/flow/decoder';
import { PROTOCOL_NAMES } from '../../../domain/flow/protocol';
import type { ComponentCounters, Telemetry } from '../../../infra/telemetry/telemetry';
import type { FaultCounts } from './fault-counts';

/** What the collector counts besides its decoder. */
export interface CollectorCounts {
  /** Datagrams taken in. */
  received: number;
  receivedBytes: number;
  /** Datagrams let go because the log is slow. */
  dropped: number;
  /** Flows durable on the log. */
  published: number;
  /** Bytes handed to the log and not yet durable. */
  inFlightBytes: number;
  kernelDrops: number;
}

/** Turns totals into increments. */
class Delta {
  private last = 0;

  constructor(private readonly inc: (by: number) => void) {}

  to(total: number): void {
    if (total > this.last) this.inc(total - this.last);
    this.last = total;
  }
}

export class CollectorMetrics {
  private readonly component: ComponentCounters;
  private readonly datagrams: Delta[];
  private readonly flows: Delta[];
  private readonly totals: { readonly delta: Delta; readonly of: (counts: CollectorCounts, decoder: FlowDecoder) => number }[];
  private readonly gauges: { set(value: number): void; readonly of: (counts: CollectorCounts, decoder: FlowDecoder) => number }[];
  private readonly fault: (exporter: string, reason: string, count: number) => void;

  constructor(telemetry: Telemetry) {
    this.component = telemetry.component('source', 'flow');
    const { component } = this;
    const counter = (name: string, help: string): ((by: number) => void) => {
      const made = telemetry.counter(name, help);
      return (by) => made.inc(by);
    };
    const byProtocol = (name: string, help: string): Delta[] => {
      const made = telemetry.counter(name, help, ['protocol']);
      return PROTOCOL_NAMES.map((protocol) => new Delta((by) => made.inc({ protocol }, by)));
    };
    this.datagrams = byProtocol('collector_datagrams', 'Datagrams with a header of their protocol.');
    this.flows = byProtocol('collector_flows', 'Flow records and flow samples decoded.');
    const kernel = counter('collector_kernel_drops', 'Datagrams that the system dropped for want of room in the receive buffers.');
    const dropped = counter('collector_dropped_datagrams', 'Datagrams let go because the log was slow and collector.inFlightMiB were waiting for it.');
    this.totals = [
      { delta: new Delta((by) => component.received(by)), of: (counts) => counts.received },
      { delta: new Delta((by) => component.sent(by)), of: (counts) => counts.published },
      { delta: new Delta(counter('collector_bytes', 'Bytes of the datagrams received.')), of: (counts) => counts.receivedBytes },
      { delta: new Delta(counter('collector_options_records', 'Records of options data.')), of: (_, { counts }) => counts.optionsRecords },
      { delta: new Delta(counter('collector_counter_samples', 'Counter samples of sFlow.')), of: (_, { counts }) => counts.counterSamples },
      { delta: new Delta(counter('collector_discarded_packet_samples', 'Samples of discarded packets of sFlow.')), of: (_, { counts }) => counts.discardedPacketSamples },
      {
        delta: new Delta((by) => {
          kernel(by);
          component.discarded('receive_buffer_full', by);
        }),
        of: (counts) => Math.max(0, counts.kernelDrops),
      },
      {
        delta: new Delta((by) => {
          dropped(by);
          component.discarded('log_slow', by);
        }),
        of: (counts) => counts.dropped,
      },
    ];
    this.gauges = [
      { ...settable(telemetry.gauge('collector_templates', 'Templates held.')), of: (_, { templates }) => templates.size },
      { ...settable(telemetry.gauge('collector_template_bytes', 'Memory of templates and learnt sampling rates, about.')), of: (_, { templates }) => templates.weight },
      { ...settable(telemetry.gauge('collector_in_flight_bytes', 'Bytes handed to the log and not yet durable.')), of: (counts) => counts.inFlightBytes },
    ];
    const errors = telemetry.counter('collector_errors', 'Faults in datagrams, by exporter (the first collector.exporterLabels; then other) and reason.', ['exporter', 'reason']);
    this.fault = (exporter, reason, count) => {
      errors.inc({ exporter, reason }, count);
      component.error(reason, count);
    };
  }

  /** Brings all metrics up to date. */
  update(counts: CollectorCounts, decoder: FlowDecoder, faults: FaultCounts): void {
    this.datagrams.forEach((delta, i) => delta.to(decoder.counts.datagrams[i]));
    this.flows.forEach((delta, i) => delta.to(decoder.counts.flows[i]));
    for (const { delta, of } of this.totals) delta.to(of(counts, decoder));
    for (const { set, of } of this.gauges) set(of(counts, decoder));
    faults.take(this.fault);
  }
}

const settable = (gauge: { set(value: number): void }): { set(value: number): void } => ({ set: (value) => gauge.set(value) });
