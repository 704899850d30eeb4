/**
 * What is counted of each stream of datagrams: one exporter's observation domain (NetFlow v5: engine; sFlow: agent and sub-agent) by
 * one protocol. Memory is bounded: beyond the limit those go first that came with a single datagram, as made-up addresses
 * do, the longest silent before the others.
 */
import { formatIpv4, formatIpRow } from '../../schemas/ip';
import { FAULTS, PROTOCOL_NAMES, Protocol, type Fault } from './protocol';
import type { SamplingRates } from './sampling';
import { sameBytes } from './same-bytes';
import { Sequence, type Unit } from './sequence';
import type { Source } from './sources';
import type { Domain } from './template-cache';
import { UseOrder } from './use-order';
import type { Waiting } from './waiting';

/** Protocol of datagrams that none can be told of. */
export const UNKNOWN_PROTOCOL = PROTOCOL_NAMES.length;

/** Every fault, in the order of a stream's `faults`. */
export const FAULT_CODES = Object.keys(FAULTS) as readonly Fault[];
const FAULT_INDEX = Object.fromEntries(FAULT_CODES.map((code, i) => [code, i])) as Readonly<Record<Fault, number>>;

/** Data sources of sFlow that a stream follows. */
const MAX_DATA_SOURCES = 1024;

/** Unit of the protocol's sequence numbers, and of those of exporters that count otherwise. */
const UNITS_OF: readonly (readonly [Unit, Unit])[] = [['FLOWS', 'DATAGRAMS'], ['DATAGRAMS', 'FLOWS'], ['RECORDS', 'DATAGRAMS'], ['DATAGRAMS', 'SAMPLES'], ['DATAGRAMS', 'DATAGRAMS']];

/** Samples of one kind of one data source. */
class DataSource {
  readonly sequence = new Sequence('SAMPLES');
  /** Last value of the agent's own count of drops; -1 before the first. */
  drops = -1;
}

/** One stream. Everything counts since the start. */
export class Stream {
  datagrams = 0;
  /** Of payload. */
  bytes = 0;
  flows = 0;
  templatesChanged = 0;
  readonly sequence: Sequence;
  /** Samples of sFlow that did not come, by the numbers of their data sources; those of lost datagrams are among them. */
  samplesLost = 0;
  /** Packets that agents of sFlow could not sample for want of resources, as they say. */
  samplesDropped = 0;
  /** Times of the first and the last datagram, milliseconds since the epoch. */
  readonly firstMs: number;
  lastMs: number;
  /** Rates of what it sends; for sFlow the last sample's. */
  rates: SamplingRates | null = null;
  lastRate = 0;
  /** When the exporter's sysUpTime was 0; -1 where not known. */
  bootMs = -1;
  /** Templates and rates learnt from options data; null before the first. */
  domain: Domain | null = null;
  /** Datagrams whose data came before their template. */
  waiting: Waiting[] | null = null;
  /** False once it was forgotten. */
  alive = true;
  /** What was told of it last; for whoever tells. */
  told: unknown = null;
  private faults: Uint32Array | null = null;
  private dataSources: Map<number, DataSource> | null = null;
  /** That of the last sample: most datagrams have samples of one. */
  private lastId = -1;
  private lastSource: DataSource | null = null;

  /** `exporter`: 4 or 16 bytes. `scaled`: its counters come multiplied by its sampling rate. */
  constructor(
    readonly key: string,
    readonly source: Source,
    readonly protocol: number,
    readonly domainId: number,
    readonly exporter: Uint8Array,
    readonly scaled: boolean,
    nowMs: number,
  ) {
    this.sequence = new Sequence(...UNITS_OF[protocol]);
    this.firstMs = this.lastMs = nowMs;
  }

  /** The exporter in text. */
  get address(): string {
    return textOf(this.exporter, this.source);
  }

  count(fault: Fault): void {
    this.faults ??= new Uint32Array(FAULT_CODES.length);
    this.faults[FAULT_INDEX[fault]]++;
  }

  faultCount(index: number): number {
    return this.faults === null ? 0 : this.faults[index];
  }

  /** A flow sample of sFlow, by its data source; `drops` is the agent's count, modulo 2^32. */
  sample(dataSource: number, number: number, drops: number): void {
    const { bootMs, lastMs } = this;
    const source = dataSource === this.lastId ? this.lastSource! : this.dataSource(dataSource);
    if (source === null) return;
    const { sequence } = source;
    const { lost, restarts } = sequence;
    sequence.track(number, 1, 1, bootMs, lastMs);
    this.samplesLost += sequence.lost - lost;
    if (source.drops >= 0 && sequence.restarts === restarts) {
      const more = (drops - source.drops) | 0;
      if (more > 0) this.samplesDropped += more;
    }
    source.drops = drops;
  }

  /** The data source of an id, which is the last from now on; null where there are too many. */
  private dataSource(id: number): DataSource | null {
    this.dataSources ??= new Map();
    let source = this.dataSources.get(id);
    if (source === undefined) {
      if (this.dataSources.size >= MAX_DATA_SOURCES) return null;
      this.dataSources.set(id, (source = new DataSource()));
    }
    this.lastId = id;
    return (this.lastSource = source);
  }
}

/** All streams. */
export class Streams {
  /** Streams forgotten for want of room. */
  forgotten = 0;
  private readonly strangers = new UseOrder<string, Stream>();
  private readonly known = new UseOrder<string, Stream>();

  /** `scaled` tells exporters that multiply their counters; `forget` is called with a stream that goes for want of room. */
  constructor(
    private readonly limit: number,
    private readonly scaled: (exporter: Uint8Array) => boolean = () => false,
    private readonly forget: (stream: Stream) => void = () => undefined,
  ) {}

  get size(): number {
    return this.strangers.size + this.known.size;
  }

  /** A datagram's stream; made where there is none. `exporter` is copied. */
  of(source: Source, protocol: number, domainId: number, exporter: Uint8Array, nowMs: number): Stream {
    const { last } = source;
    if (last !== null && last.domainId === domainId && last.protocol === protocol && last.alive && sameBytes(last.exporter, exporter)) {
      if (nowMs - last.lastMs >= 1000 || last.datagrams < 2) this.touch(last);
      last.lastMs = nowMs;
      return last;
    }
    const key = `${source.scope} ${protocol} ${domainId}${protocol === Protocol.SFLOW_V5 ? ` ${textOf(exporter, source)}` : ''}`;
    const stream = this.known.get(key) ?? this.strangers.get(key) ?? this.make(key, source, protocol, domainId, exporter, nowMs);
    this.touch(stream);
    stream.lastMs = nowMs;
    source.last = stream;
    return stream;
  }

  private make(key: string, source: Source, protocol: number, domainId: number, exporter: Uint8Array, nowMs: number): Stream {
    while (this.size >= this.limit) {
      const victim = this.strangers.takeOldest() ?? this.known.takeOldest();
      if (!victim) break;
      victim.alive = false;
      this.forgotten++;
      this.forget(victim);
    }
    const own = sameBytes(exporter, source.bytes);
    const stream = new Stream(key, source, protocol, domainId, own ? source.bytes : exporter.slice(), source.scaled || (!own && this.scaled(exporter)), nowMs);
    this.strangers.put(key, stream);
    return stream;
  }

  /** Keeps the order of last use; a second datagram makes a stranger known. */
  private touch(stream: Stream): void {
    const { key } = stream;
    if (stream.datagrams === 0) return;
    this.strangers.delete(key);
    this.known.put(key, stream);
  }

  /** Forgets the streams of a session that has ended. */
  end(source: Source): void {
    for (const streams of [this.strangers, this.known]) {
      for (const stream of streams.values()) {
        if (stream.source.scope !== source.scope) continue;
        stream.alive = false;
        streams.delete(stream.key);
        this.forget(stream);
      }
    }
  }

  *[Symbol.iterator](): Generator<Stream> {
    yield* this.known.values();
    yield* this.strangers.values();
  }
}

function textOf(exporter: Uint8Array, source: Source): string {
  if (exporter === source.bytes) return source.address;
  return exporter.length === 4 ? formatIpv4(exporter) : formatIpRow(exporter);
}
