/** The collector's metrics: counted in plain numbers on the hot path, brought here from time to time. */
import { PROTOCOL_NAMES } from '../../../domain/flow/protocol';
import type { ComponentCounters, Telemetry } from '../../../infra/telemetry/telemetry';
import type { FaultCounts } from './fault-counts';
import type { Intake } from './intake';
import type { Publisher } from './publisher';
import type { SocketState } from './receiver';

/** The parts of the collector that count. */
export interface Counting {
  readonly intake: Intake;
  readonly publisher: Publisher;
}

/** Turns totals into increments. */
export class Delta {
  private last = 0;

  constructor(private readonly inc: (by: number) => void) {}

  to(total: number): void {
    if (total > this.last) this.inc(total - this.last);
    this.last = total;
  }
}

/** What sockets count, by socket. */
class SocketMetrics {
  private readonly of = new Map<string, { readonly drops: Delta; readonly truncated: Delta }>();

  constructor(
    private readonly dropped: (socket: string, by: number) => void,
    private readonly truncated: (by: number) => void,
    private readonly set: (socket: string, state: SocketState) => void,
  ) {}

  update(sockets: readonly SocketState[]): void {
    for (const state of sockets) {
      const socket = state.address.includes(':') ? `[${state.address}]:${state.port}` : `${state.address}:${state.port}`;
      let known = this.of.get(socket);
      if (known === undefined) this.of.set(socket, (known = { drops: new Delta((by) => this.dropped(socket, by)), truncated: new Delta(this.truncated) }));
      known.drops.to(Math.max(0, state.drops));
      known.truncated.to(state.truncated);
      this.set(socket, state);
    }
  }
}

export class CollectorMetrics {
  private readonly component: ComponentCounters;
  private readonly datagrams: Delta[];
  private readonly flows: Delta[];
  private readonly totals: { readonly delta: Delta; readonly of: (counting: Counting) => number }[];
  private readonly gauges: { set(value: number): void; readonly of: (counting: Counting) => number }[];
  private readonly sockets: SocketMetrics;
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
    const kernel = telemetry.counter('collector_kernel_drops', 'Datagrams that the system dropped for want of room in the receive buffer of a socket.', ['socket']);
    const truncated = counter('collector_truncated_datagrams', 'Datagrams longer than the memory for one; what fitted was decoded.');
    const queued = telemetry.gauge('collector_receive_queue_bytes', 'Bytes in the receive buffer of a socket, as the system counts them.', ['socket']);
    const buffer = telemetry.gauge('collector_receive_buffer_bytes', 'Size of the receive buffer of a socket.', ['socket']);
    this.sockets = new SocketMetrics(
      (socket, by) => {
        kernel.inc({ socket }, by);
        component.discarded('receive_buffer_full', by);
      },
      truncated,
      (socket, { queuedBytes, receiveBuffer }) => {
        queued.set({ socket }, Math.max(0, queuedBytes));
        buffer.set({ socket }, receiveBuffer);
      },
    );
    const dropped = counter('collector_dropped_datagrams', 'Datagrams let go because the log was slow and collector.inFlightMiB were waiting for it.');
    const limited = counter('collector_limited_datagrams', 'Datagrams left out because their exporter sent more than collector.flowsPerSecond; others stand for them.');
    const given = telemetry.counter('collector_given_up_datagrams', 'Datagrams of which data waited for its template and was given up: after collector.waitingSeconds (age), or for want of room (room).', ['reason']);
    const givenUp = (reason: string) => (by: number) => {
      given.inc({ reason }, by);
      component.discarded('template_missing', by);
    };
    this.totals = [
      { delta: new Delta((by) => component.received(by)), of: ({ intake }) => intake.received },
      { delta: new Delta((by) => component.sent(by)), of: ({ publisher }) => publisher.published },
      { delta: new Delta(counter('collector_bytes', 'Bytes of the datagrams received.')), of: ({ intake }) => intake.receivedBytes },
      { delta: new Delta(counter('collector_extra_left_out', 'Elements asked for by collector.extra that a row, or a datagram, had no room for.')), of: ({ intake }) => intake.decoder.counts.extraLeftOut },
      { delta: new Delta(counter('collector_options_records', 'Records of options data.')), of: ({ intake }) => intake.decoder.counts.optionsRecords },
      { delta: new Delta(counter('collector_counter_samples', 'Counter samples of sFlow.')), of: ({ intake }) => intake.decoder.counts.counterSamples },
      { delta: new Delta(counter('collector_discarded_packet_samples', 'Samples of discarded packets of sFlow.')), of: ({ intake }) => intake.decoder.counts.discardedPacketSamples },
      { delta: new Delta(counter('collector_decoded_late_datagrams', 'Datagrams of which data waited for its template and was decoded when that came.')), of: ({ intake }) => intake.decoder.waiting.decoded },
      { delta: new Delta(givenUp('age')), of: ({ intake }) => intake.decoder.waiting.tooOld },
      { delta: new Delta(givenUp('room')), of: ({ intake }) => intake.decoder.waiting.noRoom },
      { delta: new Delta(counter('collector_templates_expired', 'Templates forgotten because they were not sent again for collector.templateTtlSeconds.')), of: ({ intake }) => intake.decoder.templates.expired },
      {
        delta: new Delta((by) => {
          dropped(by);
          component.discarded('log_slow', by);
        }),
        of: ({ intake }) => intake.dropped,
      },
      {
        delta: new Delta((by) => {
          limited(by);
          component.discarded('rate_limit', by);
        }),
        of: ({ intake }) => intake.thinnedOut,
      },
    ];
    this.gauges = [
      { ...settable(telemetry.gauge('collector_templates', 'Templates held.')), of: ({ intake }) => intake.decoder.templates.size },
      { ...settable(telemetry.gauge('collector_template_bytes', 'Memory of templates and learnt sampling rates, about.')), of: ({ intake }) => intake.decoder.templates.weight },
      { ...settable(telemetry.gauge('collector_streams', 'Observation domains of exporters that are followed.')), of: ({ intake }) => intake.decoder.streams.size },
      { ...settable(telemetry.gauge('collector_waiting_datagrams', 'Datagrams of which data waits for its template.')), of: ({ intake }) => intake.decoder.waiting.size },
      { ...settable(telemetry.gauge('collector_waiting_bytes', 'Memory of the data that waits for its template.')), of: ({ intake }) => intake.decoder.waiting.bytes },
      { ...settable(telemetry.gauge('collector_in_flight_bytes', 'Bytes handed to the log and not yet durable.')), of: ({ publisher }) => publisher.bytes },
    ];
    const errors = telemetry.counter('collector_errors', 'Faults in datagrams, by exporter (the first collector.exporterLabels; then other) and reason.', ['exporter', 'reason']);
    this.fault = (exporter, reason, count) => {
      errors.inc({ exporter, reason }, count);
      component.error(reason, count);
    };
  }

  /** Brings all metrics up to date. */
  update(intake: Intake, publisher: Publisher, sockets: readonly SocketState[], faults: FaultCounts): void {
    const { counts } = intake.decoder;
    this.datagrams.forEach((delta, i) => delta.to(counts.datagrams[i]));
    this.flows.forEach((delta, i) => delta.to(counts.flows[i]));
    const counting = { intake, publisher };
    for (const { delta, of } of this.totals) delta.to(of(counting));
    for (const { set, of } of this.gauges) set(of(counting));
    this.sockets.update(sockets);
    faults.take(this.fault);
  }
}

const settable = (gauge: { set(value: number): void }): { set(value: number): void } => ({ set: (value) => gauge.set(value) });
