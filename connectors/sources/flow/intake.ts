/**
 * The hot path of the collector: a datagram's sender, admission, decoding into batches by partition, and the hand-over of finished
 * batches to the publisher. One call a datagram, nothing allocated a flow.
 */
import { THINNED_OUT, type Admission } from '../../../domain/flow/admission';
import { FlowPartitions, type BatchBuilder } from '../../../domain/flow/batch-builder';
import { BatchMemory } from '../../../domain/flow/batch-memory';
import { FlowDecoder, type DatagramInfo, type DecoderEvents, type Reading, type Source } from '../../../domain/flow/decoder';
import type { Fault } from '../../../domain/flow/protocol';
import type { ConfiguredRates } from '../../../domain/flow/sampling';
import type { TemplateLimits } from '../../../domain/flow/template-cache';
import { partitionOf } from '../../../infra/log/partition';
import { encodeDeviceMetrics, encodeDiscardedPacket, encodeExporterName, encodeInterfaceCounters, encodeInterfaceState, type InterfaceState } from '../../../schemas';
import { formatIpv4, formatIpRow } from '../../../schemas/ip';
import { exporterNameKey, ExporterNames } from './exporter-names';
import { InterfaceNames } from './interface-names';
import type { Outgoing, Publisher } from './publisher';
import type { Peer } from './receiver';

/** Records of counters and the like that wait for a batch at most. */
const WAITING = 1024;

/** A topic as the collector writes it. */
export interface Target {
  readonly name: string;
  readonly partitions: number;
  readonly schemaId: number;
  readonly type: string;
}

/** What an intake is made of. */
export interface IntakeParts {
  readonly publisher: Publisher;
  readonly flows: Target;
  readonly counters: Target;
  readonly devices: Target;
  readonly discarded: Target;
  readonly states: Target;
  readonly exporterNames: Target;
  readonly rates: ConfiguredRates;
  readonly templates: TemplateLimits;
  readonly reading: Reading;
  /** Size of a batch that is cut with the next datagram, bytes. */
  readonly cutBytes: number;
  /** Age of a batch that is cut, milliseconds. */
  readonly cutMs: number;
  /** Bytes not yet durable beyond which datagrams are dropped. */
  readonly inFlightBytes: number;
  /** Null: every datagram is taken. */
  readonly admission: Admission | null;
  /** Faults of datagrams and what else the decoder tells; counters, health and discarded packets go to their topics. */
  readonly events: Omit<DecoderEvents, 'counters' | 'device' | 'discarded'>;
  /** A bug in decoding: the batch under construction cannot be trusted. */
  readonly fail: (error: Error) => void;
}

export class Intake {
  readonly decoder: FlowDecoder;
  /** Datagrams taken in; the serial of the next. */
  received = 0;
  receivedBytes = 0;
  /** Datagrams let go because the log is slow. */
  dropped = 0;
  private readonly partitions: FlowPartitions;
  private readonly memory = new BatchMemory();
  /** What the decoder knows of a sender, by the receiver's object for it; the last one at hand. */
  private readonly sources = new WeakMap<Peer, Source>();
  private lastPeer: Peer | null = null;
  private lastSource: Source | null = null;
  private readonly admission: Admission | null;
  /** Batches and counters that wait for the end of the datagram or the next cut. */
  private ready: Outgoing[] = [];
  private cutTimer: NodeJS.Timeout | null = null;

  constructor(private readonly parts: IntakeParts) {
    this.admission = parts.admission;
    this.partitions = new FlowPartitions(parts.flows.partitions, parts.cutBytes, (builder) => this.take(builder));
    const { counters, devices, discarded, states, exporterNames, events } = parts;
    const names = new InterfaceNames();
    const others = new ExporterNames();
    const tell = (state: InterfaceState | null): void => {
      if (state !== null) this.put(states, `${state.device}/${state.ifIndex}`, encodeInterfaceState(state, states.schemaId));
    };
    const told: DecoderEvents = {
      ...events,
      counters: (datagram, sample) => {
        const device = deviceOf(datagram);
        this.put(counters, `${device}/${sample.ifIndex}`, encodeInterfaceCounters({ device, time: datagram.receiveMs, source: 'SFLOW', ...sample }, counters.schemaId));
        if (sample.ifName !== '') tell(names.sample(device, sample, datagram.receiveMs));
      },
      options: (datagram, values) => {
        const device = deviceOf(datagram);
        tell(names.options(device, values, datagram.receiveMs));
        const named = others.options(device, values, datagram.receiveMs);
        if (named !== null) this.put(exporterNames, exporterNameKey(named), encodeExporterName(named, exporterNames.schemaId));
        events.options?.(datagram, values);
      },
      device: (datagram, sample) => {
        const device = deviceOf(datagram);
        this.put(devices, device, encodeDeviceMetrics({ device, time: datagram.receiveMs, ...sample }, devices.schemaId));
      },
      discarded: (datagram, packet) => {
        const device = deviceOf(datagram);
        this.put(discarded, `${device}/${packet.inIf}`, encodeDiscardedPacket({ device, time: datagram.receiveMs, ...packet }, discarded.schemaId));
      },
    };
    this.decoder = new FlowDecoder(this.partitions, parts.rates, parts.templates, told, parts.reading);
  }

  /** Datagrams that admission refused or left out. */
  get refused(): number {
    return this.admission === null ? 0 : this.admission.refused + this.admission.thinnedOut;
  }

  /** Datagrams that the limit of flows left out. */
  get thinnedOut(): number {
    return this.admission === null ? 0 : this.admission.thinnedOut;
  }

  /** True while the log is so slow that datagrams are dropped. */
  get blocked(): boolean {
    return this.parts.publisher.bytes > this.parts.inFlightBytes;
  }

  /** Takes a datagram: see `DatagramHandler`. */
  datagram(payload: Uint8Array, peer: Peer, receiveMs: number): void {
    if (this.blocked) {
      this.dropped++;
      return;
    }
    const serial = this.received++;
    this.receivedBytes += payload.length;
    const source = this.sourceOf(peer);
    const thinning = this.admission === null ? 1 : this.admission.admit(payload, source, receiveMs);
    if (thinning <= 0) {
      if (thinning === THINNED_OUT) this.decoder.skip(payload, source, receiveMs);
      else this.decoder.refuse(source, receiveMs);
      return;
    }
    let rows = 0;
    try {
      rows = this.decoder.decode(payload, source, receiveMs, serial, thinning);
    } catch (error) {
      this.parts.fail(error as Error);
      return;
    }
    this.admission?.decoded(source, rows);
    if (this.ready.length > 0 && (this.ready[0].flows > 0 || this.ready.length >= WAITING)) this.publishReady();
    if (this.cutTimer === null && (rows > 0 || this.ready.length > 0)) this.cutTimer = setTimeout(() => this.cut(), this.parts.cutMs);
  }

  /** A sender of TCP sent what is no message. */
  fault(peer: Peer, fault: Fault): void {
    this.parts.events.fault(this.sourceOf(peer), fault);
  }

  /** A session of TCP has ended: what was learnt in it is forgotten. */
  end(peer: Peer): void {
    this.decoder.end(this.sourceOf(peer));
    this.lastPeer = this.lastSource = null;
  }

  /** Everything that waits goes to the log. */
  cut(): void {
    if (this.cutTimer !== null) clearTimeout(this.cutTimer);
    this.cutTimer = null;
    for (const builder of this.partitions.builders) if (builder.flows > 0) this.take(builder);
    this.publishReady();
  }

  /** Datagrams of which everything is durable, up to the first of which something is not. */
  acknowledged(): number {
    let first = this.parts.publisher.oldest();
    for (const builder of this.partitions.builders) if (builder.flows > 0) first = Math.min(first, builder.firstSerial);
    for (const { firstSerial } of this.ready) first = Math.min(first, firstSerial);
    return Math.min(this.received, first);
  }

  private sourceOf(peer: Peer): Source {
    if (peer === this.lastPeer) return this.lastSource!;
    let source = this.sources.get(peer);
    if (source === undefined) this.sources.set(peer, (source = peer.session === undefined ? this.decoder.sources.of(peer.address, peer.port) : this.decoder.sources.session(peer.address, peer.session)));
    this.lastPeer = peer;
    this.lastSource = source;
    return source;
  }

  private take(builder: BatchBuilder): void {
    const { name, schemaId, type } = this.parts.flows;
    const { flows, firstSerial, partition } = builder;
    // batches before counters: see datagram()
    const value = builder.take(schemaId, this.memory);
    this.ready.unshift({ topic: name, partition, key: null, value, type, flows, firstSerial, release: () => this.memory.give(value) });
  }

  /** A record of its own, with the next batch. */
  private put({ name, partitions, type }: Target, keyText: string, value: Buffer): void {
    const key = Buffer.from(keyText);
    this.ready.push({ topic: name, partition: partitionOf(key, partitions), key, value, type, flows: 0, firstSerial: this.received - 1 });
  }

  private publishReady(): void {
    const { ready } = this;
    this.ready = [];
    this.parts.publisher.publish(ready);
  }
}

/** The address that a datagram's events are told of. */
const deviceOf = ({ exporter }: DatagramInfo): string => (exporter.length === 4 ? formatIpv4(exporter) : formatIpRow(exporter));
