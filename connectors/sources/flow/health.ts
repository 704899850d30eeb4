/**
 * What goes to `collector.health` and to the metrics of exporters: for each stream what came and what was lost since it was told last, and
 * for the collector itself what was lost on this machine. Reckoned from time to time, off the hot path.
 */
import { PROTOCOL_NAMES } from '../../../domain/flow/protocol';
import type { FlowDecoder } from '../../../domain/flow/decoder';
import { FAULT_CODES, type Stream } from '../../../domain/flow/streams';
import { partitionOf } from '../../../infra/log/partition';
import { encodeCollectorHealth, type CollectorHealth, type FaultCount } from '../../../schemas';
import type { Target } from './intake';
import type { Outgoing } from './publisher';

/** Records encoded at a time; between them the collector takes datagrams. */
const SLICE = 250;

/** What was lost on this machine since the start. */
export interface OwnLosses {
  /** Datagrams received and their bytes. */
  readonly received: number;
  readonly receivedBytes: number;
  /** Datagrams. */
  readonly kernelDrops: number;
  readonly queueDrops: number;
  readonly refused: number;
  /** Flows. */
  readonly spoolDrops: number;
}

/** Name of a stream's protocol. */
export const protocolName = (stream: Stream): string => PROTOCOL_NAMES[stream.protocol] ?? 'unknown';

/** The figures of a stream as they were when they were told last. */
export class Mark {
  private readonly last: number[] = [];

  /** What came to each since; one that was corrected down is 0 until it has risen over what was told. */
  take(values: readonly number[]): number[] {
    return values.map((value, i) => {
      const before = this.last[i] ?? 0;
      if (value > before) this.last[i] = value;
      return Math.max(0, value - before);
    });
  }
}

const figuresOf = (stream: Stream): number[] => {
  const { sequence } = stream;
  return [
    stream.datagrams, stream.flows, stream.bytes, sequence.received, sequence.lost, sequence.reordered, sequence.duplicates, sequence.restarts,
    stream.samplesLost, stream.samplesDropped, stream.templatesChanged, ...FAULT_CODES.map((_, i) => stream.faultCount(i)),
  ];
};

/** Loss as a share of what was sent. */
export const lossRatio = (lost: number, received: number): number => (lost > 0 ? lost / (lost + received) : 0);

export class Health {
  private readonly streams = new WeakMap<Stream, Mark>();
  private readonly own = new Mark();
  private windowStart: number;

  /** `instance` and `worker` tell this collector from others; `publish` takes records. */
  constructor(
    private readonly decoder: FlowDecoder,
    private readonly target: Target,
    private readonly instance: string,
    private readonly worker: number,
    private readonly publish: (records: readonly Outgoing[]) => void,
    nowMs: number,
  ) {
    this.windowStart = nowMs;
  }

  /** Tells what came and went since the last call: a record for each stream with activity, then that of the collector. */
  async tell(nowMs: number, own: OwnLosses): Promise<void> {
    const windowStart = this.windowStart;
    this.windowStart = nowMs;
    const { decoder } = this;
    let records: Outgoing[] = [this.record(this.ofCollector(windowStart, nowMs, own))];
    for (const stream of [...decoder.streams]) {
      const record = this.ofStream(stream, windowStart, nowMs);
      if (record === null) continue;
      records.push(this.record(record));
      if (records.length < SLICE) continue;
      this.publish(records);
      records = [];
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (records.length > 0) this.publish(records);
  }

  /** A stream is about to be forgotten: its last figures. */
  last(stream: Stream, nowMs: number): void {
    const record = stream.datagrams > 1 ? this.ofStream(stream, this.windowStart, nowMs) : null;
    if (record !== null) this.publish([this.record(record)]);
  }

  private ofStream(stream: Stream, windowStart: number, windowEnd: number): CollectorHealth | null {
    if (stream.lastMs < windowStart - 1000 && stream.waiting === null) return null;
    let mark = this.streams.get(stream);
    if (mark === undefined) this.streams.set(stream, (mark = new Mark()));
    const [datagrams, flows, receivedBytes, received, lost, reordered, duplicates, restarts, samplesLost, samplesDropped, templatesChanged, ...faults] = mark.take(figuresOf(stream));
    if (datagrams === 0 && lost === 0 && flows === 0) return null;
    const { rate, origin } = samplingOf(stream);
    return {
      ...this.common(windowStart, windowEnd),
      exporter: stream.address, protocol: protocolName(stream), domain: stream.domainId, lastSeen: stream.lastMs,
      datagrams, flows, receivedBytes, lost, lossUnit: stream.sequence.unit, lossRatio: lossRatio(lost, received), reordered, duplicates, restarts, samplesLost, samplesDropped, templatesChanged,
      waiting: stream.waiting?.length ?? 0, templates: stream.domain?.templates.size ?? 0, samplingRate: rate, samplingOrigin: origin,
      faults: faults.map((count, i): FaultCount => ({ code: FAULT_CODES[i], count })).filter(({ count }) => count > 0),
    };
  }

  private ofCollector(windowStart: number, windowEnd: number, own: OwnLosses): CollectorHealth {
    const { counts, templates, waiting } = this.decoder;
    const total = counts.flows.reduce((sum, flows) => sum + flows, 0);
    const [datagrams, receivedBytes, kernelDrops, queueDrops, refused, spoolDrops, flows, givenUp, templatesChanged] = this.own.take([
      own.received, own.receivedBytes, own.kernelDrops, own.queueDrops, own.refused, own.spoolDrops, total, waiting.tooOld + waiting.noRoom, templates.changed,
    ]);
    const lost = kernelDrops + queueDrops;
    return {
      ...this.common(windowStart, windowEnd),
      datagrams, flows, receivedBytes, lost, lossRatio: lossRatio(lost, datagrams), refused, kernelDrops, queueDrops, spoolDrops, givenUp, templatesChanged,
      waiting: waiting.size, templates: templates.size, lastSeen: windowEnd,
    };
  }

  /** What every record has, the rest at nothing. */
  private common(windowStart: number, windowEnd: number): CollectorHealth {
    return {
      collector: this.instance, worker: this.worker, exporter: '', protocol: '', domain: 0, windowStart, windowEnd, lastSeen: 0,
      datagrams: 0, flows: 0, receivedBytes: 0, lost: 0, lossUnit: 'DATAGRAMS', lossRatio: 0, reordered: 0, duplicates: 0, restarts: 0, samplesLost: 0, samplesDropped: 0,
      refused: 0, kernelDrops: 0, queueDrops: 0, spoolDrops: 0, waiting: 0, givenUp: 0, templates: 0, templatesChanged: 0, samplingRate: 0, samplingOrigin: '', faults: [],
    };
  }

  private record(health: CollectorHealth): Outgoing {
    const { name, partitions, schemaId, type } = this.target;
    const key = Buffer.from(health.exporter || this.instance);
    return { topic: name, partition: partitionOf(key, partitions), key, value: encodeCollectorHealth(health, schemaId), type, flows: 0, firstSerial: Infinity };
  }
}

/** A stream's sampling rate now, and where it is known from. */
export function samplingOf(stream: Stream): { readonly rate: number; readonly origin: string } {
  if (stream.rates === null) return { rate: stream.lastRate, origin: 'unknown' };
  const { rate: stated, origin } = stream.rates.describe();
  const rate = Math.min(stated, Number.MAX_SAFE_INTEGER); // an exporter may say anything
  if (stream.lastRate > 0 && origin !== 'configured' && origin !== 'exporter-scaled') return { rate: stream.lastRate, origin: 'record' };
  return { rate, origin };
}
