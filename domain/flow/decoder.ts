/**
 * The decoder of flow datagrams: NetFlow v5 and v9, IPFIX and sFlow v5, told apart by their first bytes whatever port they come to.
 * Flows go as Avro rows into {@link FlowPartitions}; what is wrong with a datagram is reported, never thrown.
 */
import { PLACES_BYTES } from '../enrich/places';
import { FlowPartitions } from './batch-builder';
import { contentHash } from './hash';
import { Netflow5 } from './netflow5';
import type { OptionsRecord, OptionValue } from './options';
import { Protocol, type Fault } from './protocol';
import type { ConfiguredRates } from './sampling';
import { AS_IT_IS, type Finishing } from './row-finish';
import { Scratch } from './scratch';
import { SampleKind, Sflow5 } from './sflow';
import type { Counters, CounterSample, DeviceSample } from './sflow-counters';
import type { DiscardSample } from './sflow-discards';
import { SflowExtra } from './sflow-extra';
import { Sources, type Source, type TemplateScope } from './sources';
import { Streams, UNKNOWN_PROTOCOL, type Stream } from './streams';
import { TemplateCache, type TemplateLimits } from './template-cache';
import { TemplateProtocols } from './template-protocols';
import { EXTRA_ROW_BYTES, type ExtraSelection } from './extra';
import type { Elements } from './elements/registry';
import { SharedTranscoders } from './template';
import { PLAIN, transcodeContext, type TranscodeContext } from './transcoder';
import type { TunnelMode } from './tunnels';
import { WaitingData, type Waiting, type WaitingLimits } from './waiting';

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
  /** `detail`: the id of the template that is missing. */
  fault(source: Source, fault: Fault, detail?: number): void;
  /** A stream is forgotten for want of room, or because its session has ended. */
  forgotten?(stream: Stream): void;
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
  /** The datagram being decoded. */
  readonly present: Readonly<DatagramInfo>;
  fault(source: Source, fault: Fault, detail?: number): void;
  /** A datagram with a header of its protocol. */
  begin(source: Source, protocol: number, domain: number, sequence: number, exportMs: number, receiveMs: number, serial: number, length: number, exporter?: Uint8Array): Stream;
  /** Data of an earlier datagram of the present one's stream. */
  again(waiting: Waiting, contentHash: number, serial: number): void;
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
  /** Information elements; left out: IANA's and vendors'. */
  readonly elements?: Elements;
  /** What is done with every row before it is written; left out: nothing. */
  readonly finishing?: Finishing;
  /** Elements that are kept beside the row; left out: none. */
  readonly extra?: ExtraSelection | null;
  /** What templates belong to. */
  readonly templateScope?: TemplateScope;
  /** Data that comes before its template; left out: none is kept. */
  readonly waiting?: WaitingLimits;
  /** Streams followed at once. */
  readonly streams?: number;
}

/** {@link Reading.streams} where nothing is said. */
const STREAMS = 65_536;

/** What was decoded so far. */
export interface DecoderCounts {
  /** Datagrams with a header of their protocol, by its index. */
  readonly datagrams: number[];
  /** Rows: of a record that tells of both directions there are two. */
  readonly flows: number[];
  /** Data records and samples that were made rows of. */
  readonly records: number[];
  /** Extra elements left out for want of room. */
  extraLeftOut: number;
  templates: number;
  optionsTemplates: number;
  optionsRecords: number;
  counterSamples: number;
  discardedPacketSamples: number;
}

/** Decodes datagrams one after the other. */
export class FlowDecoder {
  readonly counts: DecoderCounts = { datagrams: [0, 0, 0, 0], flows: [0, 0, 0, 0], records: [0, 0, 0, 0], extraLeftOut: 0, templates: 0, optionsTemplates: 0, optionsRecords: 0, counterSamples: 0, discardedPacketSamples: 0 };
  readonly templates: TemplateCache;
  /** Compiled templates. */
  readonly transcoders: SharedTranscoders;
  readonly sources: Sources;
  /** What is counted by exporter and domain. */
  readonly streams: Streams;
  readonly waiting: WaitingData;
  private stream: Stream | null = null;
  private receiveMs = 0;
  private readonly scratch = new Scratch();
  private readonly info: DatagramInfo = { exporter: new Uint8Array(0), protocol: -1, domain: 0, sequence: 0, contentHash: 0, exportMs: 0, receiveMs: 0, thinning: 1, scaled: false };
  private readonly context: TranscodeContext;
  private readonly netflow5: Netflow5;
  private readonly withTemplates: TemplateProtocols;
  private readonly sflow5: Sflow5;

  constructor(
    readonly out: FlowPartitions,
    rates: ConfiguredRates,
    limits: TemplateLimits,
    private readonly events: DecoderEvents,
    { tunnels = 'outer', elements = PLAIN.elements, extra = null, finishing = AS_IT_IS, templateScope, waiting = { totalBytes: 0, perExporterBytes: 0, ageMs: 0 }, streams = STREAMS }: Reading = {},
  ) {
    this.sources = new Sources(rates, templateScope);
    this.waiting = new WaitingData(waiting);
    this.streams = new Streams(streams, (exporter) => rates.isScaled(exporter), (stream) => {
      this.waiting.forget(stream);
      events.forgotten?.(stream);
    });
    this.templates = new TemplateCache(limits, rates, (exporter) => events.fault(this.sources.of(exporter), 'template_evicted'));
    this.context = transcodeContext(rates.ratesOf(new Uint8Array(0)), this.templates.firewall);
    const { context } = this;
    if (extra) out.makeRoom(EXTRA_ROW_BYTES);
    if (finishing.places) out.makeRoom(PLACES_BYTES);
    const reading = { elements, extra, tunnels, finishing };
    this.transcoders = new SharedTranscoders(reading);
    const sink = this.sink();
    this.netflow5 = new Netflow5(this.scratch, context, out, sink, rates, reading);
    this.withTemplates = new TemplateProtocols(this.scratch, this.templates, this.transcoders, elements, this.waiting, context, out, sink);
    this.sflow5 = new Sflow5(this.scratch, out, sink, rates, tunnels, SflowExtra.of(this.scratch, extra, elements, context, finishing.anonymiser !== null), finishing);
  }

  /**
   * Decodes one datagram; the rows it added, with those of earlier ones that waited for its templates. `serial` grows with each.
   * `receiveMs`: milliseconds since the epoch, whole. `thinning`: datagrams of its exporter that it stands for.
   */
  decode(payload: Uint8Array, source: Source, receiveMs: number, serial: number, thinning = 1): number {
    const { length } = payload;
    const { info } = this;
    info.thinning = thinning;
    this.out.rows = 0;
    info.protocol = UNKNOWN_PROTOCOL;
    this.stream = null;
    this.receiveMs = receiveMs;
    if (length > Scratch.SIZE) this.fault(source, 'oversize');
    else if (length < 4) this.fault(source, 'truncated');
    else {
      this.scratch.load(payload);
      this.dispatch(length, source, receiveMs, serial);
    }
    const stream = this.stream as Stream | null;
    if (stream === null) return 0;
    stream.datagrams++;
    stream.bytes += length;
    let { rows } = this.out;
    if ((info.protocol === Protocol.IPFIX || info.protocol === Protocol.NETFLOW_V9) && this.withTemplates.brought) rows += this.withTemplates.late(serial);
    if (rows > 0) {
      stream.flows += rows;
      this.counts.flows[info.protocol] += rows;
    }
    if (info.protocol !== UNKNOWN_PROTOCOL) this.count(info.protocol, rows);
    return rows;
  }

  /**
   * Takes note of the sequence number of a datagram that is not decoded, because its exporter sends more than it may: so it
   * does not count as lost.
   */
  skip(payload: Uint8Array, source: Source, receiveMs: number): void {
    const { length } = payload;
    if (length < 24) return;
    const view = new DataView(payload.buffer, payload.byteOffset, length);
    const version = view.getUint16(0);
    const { bytes } = source;
    if (version === 5) this.streams.of(source, Protocol.NETFLOW_V5, view.getUint16(20), bytes, receiveMs).sequence.track(view.getUint32(16), view.getUint16(2), 1, -1, receiveMs);
    else if (version === 9) this.streams.of(source, Protocol.NETFLOW_V9, view.getUint32(16), bytes, receiveMs).sequence.track(view.getUint32(12), 1, -1, -1, receiveMs);
    else if (version === 10) this.streams.of(source, Protocol.IPFIX, view.getUint32(12), bytes, receiveMs).sequence.track(view.getUint32(8), -1, 1, -1, receiveMs);
    else if (view.getUint32(0) === 5) {
      const at = view.getUint32(4) === 2 ? 24 : 12;
      if (length >= at + 8) this.streams.of(source, Protocol.SFLOW_V5, view.getUint32(at), payload.subarray(8, at), receiveMs).sequence.track(view.getUint32(at + 4), 1, -1, -1, receiveMs);
    }
  }

  /** Counts a datagram of an exporter that is not admitted; nothing of it is looked at. */
  refuse(source: Source, receiveMs: number): void {
    this.stream = null;
    this.receiveMs = receiveMs;
    this.fault(source, 'exporter_refused');
  }

  /** A session has ended: its templates and streams are forgotten. */
  end(source: Source): void {
    this.streams.end(source);
    this.templates.end(source);
  }

  /** Records of the datagram just decoded; a sample of sFlow makes one row. */
  private count(protocol: number, rows: number): void {
    const { context, counts } = this;
    counts.records[protocol] += protocol === Protocol.SFLOW_V5 ? rows : context.records;
    counts.extraLeftOut = context.extraCut;
    context.records = 0;
  }

  private fault(source: Source, fault: Fault, detail?: number): void {
    this.stream ??= this.streams.of(source, UNKNOWN_PROTOCOL, 0, source.bytes, this.receiveMs);
    this.stream.count(fault);
    this.events.fault(source, fault, detail);
  }

  /** sFlow's version has 32 bits, NetFlow's and IPFIX's 16: sFlow v5 begins 00 00 00 05, NetFlow v5 with 00 05. */
  private dispatch(length: number, source: Source, receiveMs: number, serial: number): void {
    const { view } = this.scratch;
    const version = view.getUint16(0);
    if (version === 5) this.netflow5.decode(length, source, receiveMs, serial);
    else if (version === 9 || version === 10) this.withTemplates.decode(version, length, source, receiveMs, serial);
    else if (view.getUint32(0) === 5) this.sflow5.decode(length, source, receiveMs, serial);
    else this.fault(source, 'unsupported_version');
  }

  private sink(): Sink {
    const { counts, events, info, out, scratch } = this;
    return {
      present: info,
      fault: (source, fault, detail) => this.fault(source, fault, detail),
      begin: (source, protocol, domain, sequence, exportMs, receiveMs, serial, length, exporter = source.bytes) => {
        const stream = (this.stream = this.streams.of(source, protocol, domain, exporter, receiveMs));
        counts.datagrams[protocol]++;
        info.exporter = exporter;
        info.protocol = protocol;
        info.domain = domain;
        info.sequence = sequence;
        info.contentHash = contentHash(scratch.words, (length + 3) >> 2, length);
        info.exportMs = exportMs;
        info.receiveMs = receiveMs;
        info.scaled = stream.scaled;
        out.begin(info, serial);
        return stream;
      },
      again: (waiting, contentHash, serial) => {
        info.sequence = waiting.sequence;
        info.contentHash = contentHash;
        info.exportMs = waiting.exportMs;
        info.receiveMs = waiting.receiveMs;
        info.thinning = waiting.thinning;
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
      sample: (kind, dataSource, sequence, drops) => {
        if (kind === SampleKind.FLOW) this.stream!.sample(dataSource, sequence, drops);
      },
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
