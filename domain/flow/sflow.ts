/**
 * sFlow version 5 (sflow.org, "sFlow Version 5"): datagrams and the samples in them, of packets, of counters and of discarded packets. The
 * records in a sample are read by `sflow-records.ts`, `sflow-counters.ts` and `sflow-discards.ts`.
 */
import { formatIpv4, formatIpRow } from '../../schemas/ip';
import type { FlowPartitions } from './batch-builder';
import type { Sink } from './decoder';
import { MAX_RECORDS, Protocol } from './protocol';
import { sameBytes } from './same-bytes';
import type { ConfiguredRates, SamplingRates } from './sampling';
import type { Scratch } from './scratch';
import { CounterRecords } from './sflow-counters';
import { DiscardRecords } from './sflow-discards';
import type { SflowExtra } from './sflow-extra';
import { FlowRecords } from './sflow-records';
import type { Finishing } from './row-finish';
import { sampleWriter, type SampleWriter } from './sflow-sample';
import type { Source } from './sources';
import type { Stream } from './streams';
import { Tunnels, type TunnelMode } from './tunnels';

/** Kinds of samples; each data source numbers those of a kind by themselves. */
export const SampleKind = { FLOW: 0, COUNTERS: 1, DISCARDED: 2 } as const;

/** Decodes sFlow v5. One row a flow sample, whether or not its packet is IP. */
export class Sflow5 {
  private readonly records: FlowRecords;
  private readonly tunnels: Tunnels | null;
  private readonly write: SampleWriter;
  private readonly counters: CounterRecords;
  private readonly discards: DiscardRecords;
  private rates!: SamplingRates;
  private stream!: Stream;
  private agent!: Uint8Array;
  private uptimeMs = 0;

  constructor(
    private readonly scratch: Scratch,
    private readonly out: FlowPartitions,
    private readonly sink: Sink,
    private readonly configured: ConfiguredRates,
    mode: TunnelMode,
    private readonly extra: SflowExtra | null,
    finishing: Finishing,
  ) {
    this.records = new FlowRecords(scratch, mode);
    this.tunnels = mode === 'outer' ? null : new Tunnels();
    this.write = sampleWriter(mode, extra?.values ?? null, finishing);
    this.counters = new CounterRecords(scratch);
    this.discards = new DiscardRecords(scratch, new FlowRecords(scratch, 'outer'), finishing.anonymiser);
  }

  /** A datagram of `length` bytes in the scratch. */
  decode(length: number, source: Source, receiveMs: number, serial: number): void {
    const { view, bytes } = this.scratch;
    const agentLength = view.getUint32(4) === 2 ? 16 : 4;
    let at = 8 + agentLength;
    if (length < at + 16) return this.sink.fault(source, 'truncated');
    const agent = bytes.subarray(8, at);
    const count = view.getUint32(at + 12);
    this.agent = agent.some((byte) => byte !== 0) ? agent : source.bytes;
    this.uptimeMs = view.getUint32(at + 8);
    this.records.sample.receiveMs = receiveMs;
    this.extra?.datagram();
    const sequence = view.getUint32(at + 4);
    const stream = this.sink.begin(source, Protocol.SFLOW_V5, view.getUint32(at), sequence, receiveMs, receiveMs, serial, length, this.agent);
    this.stream = stream;
    stream.bootMs = receiveMs - this.uptimeMs;
    stream.sequence.track(sequence, 1, count, stream.bootMs, receiveMs);
    this.rates = stream.rates ??= this.ratesOf(agent, source);
    this.rates.thin(this.sink.present.thinning);
    at += 16;
    for (let i = 0; i < count; i++) {
      if (i === MAX_RECORDS) return this.sink.fault(source, 'record_limit');
      if (at + 8 > length) return this.sink.fault(source, 'truncated');
      const end = at + 8 + view.getUint32(at + 4);
      if (end > length) return this.sink.fault(source, 'bad_length');
      if (!this.one(view.getUint32(at), at + 8, end)) this.sink.fault(source, 'truncated');
      at = end;
    }
  }

  /** The rates configured for the agent, else those for where its datagrams come from. */
  private ratesOf(agent: Uint8Array, source: Source): SamplingRates {
    const rates = this.configured.ratesOf(agent);
    return rates.configured > 0 || sameBytes(agent, source.bytes) ? rates : this.configured.ratesOf(source.bytes);
  }

  /** One sample; false where it is shorter than it says. Samples of other kinds, and of enterprises, are stepped over. */
  private one(format: number, at: number, end: number): boolean {
    switch (format) {
      case 1:
        return this.flowSample(at, end);
      case 2:
        return this.counterSample(at, end, false);
      case 3:
        return this.expandedFlowSample(at, end);
      case 4:
        return this.counterSample(at, end, true);
      case 5:
        return this.discardedPacket(at, end);
      default:
        return true;
    }
  }

  private flowSample(at: number, end: number): boolean {
    const { view } = this.scratch;
    if (at + 32 > end) return false;
    const input = view.getUint32(at + 20);
    const output = view.getUint32(at + 24);
    this.sink.sample(SampleKind.FLOW, compactSource(view.getUint32(at + 4)), view.getUint32(at), view.getUint32(at + 16));
    return this.packet(view.getUint32(at + 8), ifIndex(input >>> 30, input & 0x3fffffff), ifIndex(output >>> 30, output & 0x3fffffff), view.getUint32(at + 28), at + 32, end);
  }

  private expandedFlowSample(at: number, end: number): boolean {
    const { view } = this.scratch;
    if (at + 44 > end) return false;
    this.sink.sample(SampleKind.FLOW, sourceOf(view.getUint32(at + 4), view.getUint32(at + 8)), view.getUint32(at), view.getUint32(at + 20));
    return this.packet(view.getUint32(at + 12), ifIndex(view.getUint32(at + 24), view.getUint32(at + 28)), ifIndex(view.getUint32(at + 32), view.getUint32(at + 36)), view.getUint32(at + 40), at + 44, end);
  }

  /** The records of a flow sample and its row. */
  private packet(rate: number, inIf: number, outIf: number, count: number, at: number, end: number): boolean {
    const { view, bytes } = this.scratch;
    const { extra, records, tunnels } = this;
    const { sample, packet } = records;
    records.begin();
    extra?.begin();
    let whole = true;
    for (let i = 0; i < count && whole; i++) {
      const next = at + 8 <= end ? at + 8 + view.getUint32(at + 4) : Infinity;
      whole = next <= end;
      if (whole) {
        records.read(view.getUint32(at), at + 8, next);
        extra?.read(view.getUint32(at), at + 8, next);
      }
      at = next;
    }
    extra?.end(packet);
    sample.rate = this.stream.lastRate = this.rates.of(rate, -1, inIf);
    sample.inIf = inIf;
    sample.outIf = outIf;
    if (tunnels !== null) tunnels.read(bytes, packet);
    this.write(bytes, view, sample, packet, tunnels, this.out);
    return whole;
  }

  private counterSample(at: number, end: number, expanded: boolean): boolean {
    const { view } = this.scratch;
    const { counters, uptimeMs } = this;
    const head = expanded ? 16 : 12;
    if (at + head > end) return false;
    const source = expanded ? sourceOf(view.getUint32(at + 4), view.getUint32(at + 8)) : compactSource(view.getUint32(at + 4));
    this.sink.sample(SampleKind.COUNTERS, source, view.getUint32(at), 0);
    const device = formatAddress(this.agent);
    const count = view.getUint32(at + head - 4);
    at += head;
    counters.begin();
    let whole = true;
    for (let i = 0; i < count && whole; i++) {
      const next = at + 8 <= end ? at + 8 + view.getUint32(at + 4) : Infinity;
      whole = next <= end;
      if (whole) counters.read(view.getUint32(at), at + 8, next, device, uptimeMs);
      at = next;
    }
    this.sink.counters(counters.end());
    return whole;
  }

  private discardedPacket(at: number, end: number): boolean {
    const { view } = this.scratch;
    const { discards } = this;
    if (at + 32 > end) return false;
    const drops = view.getUint32(at + 12);
    const head = at;
    this.sink.sample(SampleKind.DISCARDED, sourceOf(view.getUint32(at + 4), view.getUint32(at + 8)), view.getUint32(at), drops);
    const count = view.getUint32(at + 28);
    at += 32;
    discards.begin();
    let whole = true;
    for (let i = 0; i < count && whole; i++) {
      const next = at + 8 <= end ? at + 8 + view.getUint32(at + 4) : Infinity;
      whole = next <= end;
      if (whole) discards.read(view.getUint32(at), at + 8, next);
      at = next;
    }
    this.sink.discardedPacket(discards.end(drops, ifIndex(0, view.getUint32(head + 16)), ifIndex(0, view.getUint32(head + 20)), view.getUint32(head + 24)));
    return whole;
  }
}

/** A data source of an expanded sample as one number: class * 2^32 + index; of interfaces, whose class is 0, their ifIndex. */
const sourceOf = (kind: number, index: number): number => (kind === 0 ? index : kind * 4294967296 + index);

/** The same of eight bits of class and 24 of index. */
const compactSource = (word: number): number => sourceOf(word >>> 24, word & 0xffffff);

/**
 * An interface of a sample (two bits of format and thirty of value, or a word each when expanded) as ifIndex. The value is one where the
 * format is 0, and not the agent itself (0x3fffffff); format 1 is a reason to discard, 2 a number of interfaces.
 */
const ifIndex = (format: number, value: number): number => (format === 0 && value !== 0x3fffffff ? value : 0);

const formatAddress = (bytes: Uint8Array): string => (bytes.length === 4 ? formatIpv4(bytes) : formatIpRow(bytes));
