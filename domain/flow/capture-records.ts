/** What the collectors make of a capture: every record as an object, for people and tests; collectors never make objects. */
import { decodeFlowBatch, type Flow, type FlowProtocol } from '../../schemas';
import type { CapturedDatagram } from '../pcap/datagrams';
import { FlowPartitions } from './batch-builder';
import { FlowDecoder, type DatagramInfo, type DecoderEvents, type Reading } from './decoder';
import type { OptionValue } from './options';
import type { Fault } from './protocol';
import { ConfiguredRates } from './sampling';
import type { CounterSample, DeviceSample } from './sflow-counters';
import type { DiscardSample } from './sflow-discards';
import { formatIpv4, formatIpRow } from '../../schemas/ip';

/** What every record says of its datagram. Times in milliseconds since the epoch. */
export interface RecordOrigin {
  readonly exporter: string;
  readonly protocol: FlowProtocol;
  readonly domain: number;
  readonly sequence: number;
  readonly exportTime: number;
  readonly receiveTime: number;
}

/** A record of a capture. */
export type CaptureRecord =
  | ({ readonly kind: 'flow' } & RecordOrigin & Omit<Flow, 'datagram'>)
  | ({ readonly kind: 'counters' } & RecordOrigin & CounterSample)
  | ({ readonly kind: 'device' } & RecordOrigin & DeviceSample)
  | ({ readonly kind: 'discarded' } & RecordOrigin & DiscardSample)
  | ({ readonly kind: 'options' } & RecordOrigin & { readonly values: Readonly<Record<string, OptionValue>> })
  | { readonly kind: 'fault'; readonly exporter: string; readonly fault: Fault; readonly receiveTime: number };

const SYMBOLS: readonly FlowProtocol[] = ['NETFLOW_V5', 'NETFLOW_V9', 'IPFIX', 'SFLOW_V5'];
/** Memory for the templates of a capture's exporters, in bytes. */
const LIMITS = { perExporter: 1 << 24, total: 1 << 26 };

/** Decodes captured datagrams one after the other. */
export class CaptureDecoder {
  readonly decoder: FlowDecoder;
  private readonly partitions = new FlowPartitions(1);
  private readonly records: CaptureRecord[] = [];
  private serial = 0;
  private receiveTime = 0;

  constructor(rates = new ConfiguredRates({}, 0), reading: Reading = {}) {
    const events: DecoderEvents = {
      fault: (source, fault) => this.records.push({ kind: 'fault', exporter: source.address, fault, receiveTime: this.receiveTime }),
      counters: (datagram, counters) => this.records.push({ kind: 'counters', ...originOf(datagram), ...counters }),
      device: (datagram, device) => this.records.push({ kind: 'device', ...originOf(datagram), ...device }),
      discarded: (datagram, packet) => this.records.push({ kind: 'discarded', ...originOf(datagram), ...packet }),
      options: (datagram, values) => this.records.push({ kind: 'options', ...originOf(datagram), values }),
    };
    this.decoder = new FlowDecoder(this.partitions, rates, LIMITS, events, reading);
  }

  /** The records of a datagram: options, counters and faults first, then the flows. */
  decode({ srcAddr, payload, timestampMs }: Pick<CapturedDatagram, 'srcAddr' | 'payload' | 'timestampMs'>): CaptureRecord[] {
    this.receiveTime = Math.floor(timestampMs);
    const rows = this.decoder.decode(payload, this.decoder.sources.of(srcAddr), this.receiveTime, this.serial++);
    if (rows > 0) {
      const batch = decodeFlowBatch(this.partitions.builders[0].take(0));
      const { exporter, protocol, observationDomain, sequence, exportTime, receiveTime } = batch.datagrams[0];
      for (const flow of batch.flows) this.records.push({ kind: 'flow', exporter, protocol, domain: observationDomain, sequence, exportTime, receiveTime, ...withoutIndex(flow) });
    }
    return this.records.splice(0);
  }
}

function withoutIndex(flow: Flow): Omit<Flow, 'datagram'> {
  const rest: Partial<Flow> = { ...flow };
  delete rest.datagram;
  return rest as Omit<Flow, 'datagram'>;
}

const originOf = ({ exporter, protocol, domain, sequence, exportMs, receiveMs }: DatagramInfo): RecordOrigin => ({
  exporter: exporter.length === 4 ? formatIpv4(exporter) : formatIpRow(exporter),
  protocol: SYMBOLS[protocol],
  domain,
  sequence,
  exportTime: exportMs,
  receiveTime: receiveMs,
});
