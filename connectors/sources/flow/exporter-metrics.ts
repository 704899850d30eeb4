/** Metrics by exporter: what came and what was lost. Exporters beyond a limit are counted together as `other`, so that labels stay few. */
import type { Streams, Stream } from '../../../domain/flow/streams';
import type { Telemetry } from '../../../infra/telemetry/telemetry';
import { lossRatio, Mark, protocolName } from './health';

/** Seconds over which the ratio of loss is reckoned. */
const RATIO_SECONDS = 60;

/** Sums of one exporter and protocol for the ratio. */
interface Ratio {
  received: number;
  lost: number;
  readonly set: (value: number) => void;
}

export class ExporterMetrics {
  private readonly names = new Set<string>();
  private readonly marks = new WeakMap<Stream, Mark>();
  private readonly seen = new WeakMap<Stream, number>();
  private readonly ratios = new Map<string, Ratio>();
  private readonly counters: ((labels: { exporter: string; protocol: string }, by: number, stream: Stream) => void)[];
  private readonly ratio: (labels: { exporter: string; protocol: string }, value: number) => void;
  private rounds = 0;

  constructor(
    telemetry: Telemetry,
    private readonly limit: number,
  ) {
    const labels = ['exporter', 'protocol'] as const;
    const counter = (name: string, help: string): ((labels: { exporter: string; protocol: string }, by: number) => void) => {
      const made = telemetry.counter(name, `${help}, by exporter (the first collector.exporterLabels; then other).`, labels);
      return (values, by) => made.inc(values, by);
    };
    const lost = telemetry.counter('collector_lost', 'Units that did not come, by the sequence numbers of exporters (datagrams, flows or records, as the protocol counts), by exporter (the first collector.exporterLabels; then other).', [...labels, 'unit']);
    const gauge = telemetry.gauge('collector_loss_ratio', 'Share of what was sent that did not come, of the last minute, by exporter (the first collector.exporterLabels; then other).', labels);
    this.ratio = (values, value) => gauge.set(values, value);
    this.counters = [
      counter('collector_exporter_datagrams', 'Datagrams received'),
      counter('collector_exporter_flows', 'Flows decoded'),
      (values, by, stream) => lost.inc({ ...values, unit: stream.sequence.unit.toLowerCase() }, by),
      counter('collector_reordered_datagrams', 'Datagrams that came late and filled a gap'),
      counter('collector_duplicate_datagrams', 'Datagrams that came twice'),
      counter('collector_exporter_restarts', 'Times that an exporter began to count anew'),
      counter('collector_lost_samples', 'Flow samples of sFlow that did not come, by the numbers of their data sources'),
      counter('collector_unsampled_packets', 'Packets that agents of sFlow could not sample for want of resources, as they say'),
      counter('collector_templates_changed', 'Templates that were given another definition'),
    ];
  }

  /** Brings the metrics up to date; once a second. */
  update(streams: Streams): void {
    for (const stream of streams) this.take(stream);
    if (++this.rounds % RATIO_SECONDS !== 0) return;
    for (const ratio of this.ratios.values()) {
      ratio.set(lossRatio(ratio.lost, ratio.received));
      ratio.lost = ratio.received = 0;
    }
  }

  /** A stream's figures since the last time. */
  take(stream: Stream): void {
    if (this.seen.get(stream) === stream.datagrams) return;
    this.seen.set(stream, stream.datagrams);
    let mark = this.marks.get(stream);
    if (mark === undefined) this.marks.set(stream, (mark = new Mark()));
    const { sequence } = stream;
    const labels = { exporter: this.nameOf(stream.address), protocol: protocolName(stream) };
    const values = mark.take([
      stream.datagrams, stream.flows, sequence.lost, sequence.reordered, sequence.duplicates, sequence.restarts, stream.samplesLost, stream.samplesDropped, stream.templatesChanged, sequence.received,
    ]);
    this.counters.forEach((add, i) => {
      if (values[i] > 0) add(labels, values[i], stream);
    });
    const ratio = this.ratioOf(labels);
    ratio.lost += values[2];
    ratio.received += values[9];
  }

  private ratioOf(labels: { exporter: string; protocol: string }): Ratio {
    const key = `${labels.exporter} ${labels.protocol}`;
    let ratio = this.ratios.get(key);
    if (ratio === undefined) this.ratios.set(key, (ratio = { received: 0, lost: 0, set: (value) => this.ratio(labels, value) }));
    return ratio;
  }

  private nameOf(exporter: string): string {
    if (this.names.has(exporter)) return exporter;
    if (this.names.size >= this.limit) return 'other';
    this.names.add(exporter);
    return exporter;
  }
}
