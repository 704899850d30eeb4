/**
 * The decoder of flow datagrams: NetFlow v5 and v9, IPFIX and sFlow v5, told apart by their first bytes whatever port they come to.
 * Flows go as Avro rows into {@link FlowPartitions}; what is wrong with a datagram is reported, never thrown.
 */
import { FlowPartitions } from './batch-builder';
import { contentHash } from './hash';
import { Netflow5 } from './netflow5';
import type { OptionsRecord, OptionValue } from './options';
import type { Fault } from './protocol';
import type { ConfiguredRates } from './sampling';
import { Scratch } from './scratch';
import { Sflow5 } from './sflow';
import type { Counters, CounterSample, DeviceSample } from './sflow-counters';
import type { DiscardSample } from './sflow-discards';
import { Sources, type Source } from './sources';
import { TemplateCache, type TemplateLimits } from './template-cache';
import { TemplateProtocols } from './template-protocols';
import type { TranscodeContext } from './transcoder';
import type { TunnelMode } from './tunnels';

export type { Source } from './sources';

/** The datagram that an event belongs to. */
export interface DatagramInfo {
  /** 4 or 16 bytes: where it came from, or sFlow's agent address. Valid during the call. */
  exporter: Uint8Array;
  /** Index as in {@link PROTOCOL_NAMES}. */
  protocol: number;
  domain: number;
  sequence: number;
  contentHash: number;
  exportMs: number;
  receiveMs: number;
  /** See {@link DatagramHeader}. */
  thinning: number;
  scaled: boolean;
}

/** What a decoder tells besides flows. */
export interface DecoderEvents {
  fault(source: Source, fault: Fault): void;
  /** A counter sample of sFlow with generic interface counters. */
  counters?(datagram: DatagramInfo, counters: CounterSample): void;
  /** A counter sample of sFlow with something about the device itself. */
  device?(datagram: DatagramInfo, device: DeviceSample): void;
  /** A discarded-packet sample of sFlow. */
  discarded?(datagram: DatagramInfo, packet: DiscardSample): void;
  /** A record of options data. */
  options?(datagram: DatagramInfo, values: Record<string, OptionValue>): void;
}

/** What the protocols' decoders call. */
export interface Sink {
  fault(source: Source, fault: Fault): void;
  begin(source: Source, protocol: number, domain: number, sequence: number, exportMs: number, receiveMs: number, serial: number, length: number, exporter?: Uint8Array): void;
  template(options: boolean): void;
  options(record: OptionsRecord, bytes: Uint8Array, v9: boolean): void;
  /**
   * A sample of sFlow. `kind`: as in `SampleKind`; `dataSource`: class * 2^32 + index; `sequence`: its number among the samples of that
   * kind of the data source; `drops`: packets that its agent could not sample for want of resources, since its start.
   */
  sample(kind: number, dataSource: number, sequence: number, drops: number): void;
  counters(counters: Counters): void;
  discardedPacket(packet: DiscardSample): void;
}

/** How datagrams are decoded, as configured; what is left out is as usual. */
export interface Reading {
  /** What of a packet in a packet makes the row. */
  readonly tunnels?: TunnelMode;
}

/** What was decoded so far. */
export interface DecoderCounts {
  /** Datagrams with a header of their protocol, by its index. */
  readonly datagrams: number[];
  readonly flows: number[];
  templates: number;
  optionsTemplates: number;
  optionsRecords: number;
  counterSamples: number;
  discardedPacketSamples: number;
}

/** Decodes datagrams one after the other. */
export class FlowDecoder {
  readonly counts: DecoderCounts = { datagrams: [0, 0, 0, 0], flows: [0, 0, 0, 0], templates: 0, optionsTemplates: 0, optionsRecords: 0, counterSamples: 0, discardedPacketSamples: 0 };
  readonly templates: TemplateCache;
  readonly sources: Sources;
  private readonly scratch = new Scratch();
  private readonly info: DatagramInfo = { exporter: new Uint8Array(0), protocol: -1, domain: 0, sequence: 0, contentHash: 0, exportMs: 0, receiveMs: 0, thinning: 1, scaled: false };
  private readonly netflow5: Netflow5;
  private readonly withTemplates: TemplateProtocols;
  private readonly sflow5: Sflow5;

  constructor(
    readonly out: FlowPartitions,
    rates: ConfiguredRates,
    limits: TemplateLimits,
    private readonly events: DecoderEvents,
    { tunnels = 'outer' }: Reading = {},
  ) {
    this.sources = new Sources(rates);
    this.templates = new TemplateCache(limits, rates, (exporter) => events.fault(this.sources.of(exporter), 'template_evicted'));
    const context: TranscodeContext = { exportMs: 0, bootMs: -1, uptime: -1, rates: rates.ratesOf(new Uint8Array(0)), overrun: false };
    const sink = this.sink();
    this.netflow5 = new Netflow5(this.scratch, context, out, sink);
    this.withTemplates = new TemplateProtocols(this.scratch, this.templates, context, out, sink);
    this.sflow5 = new Sflow5(this.scratch, out, sink, this.sources, tunnels);
  }

  /**
   * Decodes one datagram; the rows it added. `serial` grows with each. `receiveMs`: milliseconds since the epoch, whole. `thinning`:
   * datagrams of its exporter that it stands for.
   */
  decode(payload: Uint8Array, source: Source, receiveMs: number, serial: number, thinning = 1): number {
    const { length } = payload;
    this.info.thinning = thinning;
    this.out.rows = 0;
    this.info.protocol = -1;
    if (length > Scratch.SIZE) this.events.fault(source, 'oversize');
    else if (length < 4) this.events.fault(source, 'truncated');
    else {
      this.scratch.load(payload);
      this.dispatch(length, source, receiveMs, serial);
    }
    const { rows } = this.out;
    if (rows > 0) this.counts.flows[this.info.protocol] += rows;
    return rows;
  }

  /** sFlow's version has 32 bits, NetFlow's and IPFIX's 16: sFlow v5 begins 00 00 00 05, NetFlow v5 with 00 05. */
  private dispatch(length: number, source: Source, receiveMs: number, serial: number): void {
    const { view } = this.scratch;
    const version = view.getUint16(0);
    if (version === 5) this.netflow5.decode(length, source, receiveMs, serial);
    else if (version === 9 || version === 10) this.withTemplates.decode(version, length, source, receiveMs, serial);
    else if (view.getUint32(0) === 5) this.sflow5.decode(length, source, receiveMs, serial);
    else this.events.fault(source, 'unsupported_version');
  }

  private sink(): Sink {
    const { counts, events, info, out, scratch } = this;
    return {
      fault: (source, fault) => events.fault(source, fault),
      begin: (source, protocol, domain, sequence, exportMs, receiveMs, serial, length, exporter = source.bytes) => {
        counts.datagrams[protocol]++;
        info.exporter = exporter;
        info.protocol = protocol;
        info.domain = domain;
        info.sequence = sequence;
        info.contentHash = contentHash(scratch.words, (length + 3) >> 2, length);
        info.exportMs = exportMs;
        info.receiveMs = receiveMs;
        out.begin(info, serial);
      },
      template: (options) => {
        if (options) counts.optionsTemplates++;
        else counts.templates++;
      },
      options: (record, bytes, v9) => {
        counts.optionsRecords++;
        events.options?.(info, record.values(bytes, v9));
      },
      sample: () => undefined,
      counters: (counters) => {
        counts.counterSamples++;
        if (counters.interface) events.counters?.(info, counters.interface);
        if (counters.device) events.device?.(info, counters.device);
      },
      discardedPacket: (packet) => {
        counts.discardedPacketSamples++;
        events.discarded?.(info, packet);
      },
    };
  }
}
