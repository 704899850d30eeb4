/** NetFlow v5: one fixed record, transcoded as a template would be. */
import type { FlowPartitions } from './batch-builder';
import type { Sink } from './decoder';
import { IE, type Field } from './elements';
import { Protocol } from './protocol';
import type { Scratch } from './scratch';
import type { Source } from './sources';
import type { ConfiguredRates } from './sampling';
import type { TemplateReading } from './template-row';
import { compileTranscoder, type Transcoder, type TranscodeContext } from './transcoder';

const HEADER = 24;
const RECORD = 48;

const FIELDS: readonly Field[] = (
  [
    [IE.sourceIPv4Address, 4], [IE.destinationIPv4Address, 4], [IE.ipNextHopIPv4Address, 4], [IE.ingressInterface, 2], [IE.egressInterface, 2],
    [IE.packetDeltaCount, 4], [IE.octetDeltaCount, 4], [IE.flowStartSysUpTime, 4], [IE.flowEndSysUpTime, 4], [IE.sourceTransportPort, 2],
    [IE.destinationTransportPort, 2], [210, 1], [IE.tcpControlBits, 1], [IE.protocolIdentifier, 1], [IE.ipClassOfService, 1], [IE.bgpSourceAsNumber, 2],
    [IE.bgpDestinationAsNumber, 2], [IE.sourceIPv4PrefixLength, 1], [IE.destinationIPv4PrefixLength, 1], [210, 2],
  ] as const
).map(([id, length]) => ({ id, enterprise: 0, length, scope: false }));

/**
 * Decodes NetFlow v5. The header's sampling interval is its low 14 bits. The mode in the high 2 (0 none, 1 deterministic, 2 random) is not
 * asked for: many routers sample and leave it 0. So an interval above 0 is the rate, whatever the mode; 0 says nothing.
 */
export class Netflow5 {
  private readonly transcode: Transcoder;

  constructor(
    private readonly scratch: Scratch,
    private readonly context: TranscodeContext,
    private readonly out: FlowPartitions,
    private readonly sink: Sink,
    private readonly rates: ConfiguredRates,
    reading: TemplateReading,
  ) {
    this.transcode = compileTranscoder(FIELDS, reading);
  }

  /** A datagram of `length` bytes in the scratch. A count that the length does not bear out is a fault; the records that are there are kept. */
  decode(length: number, source: Source, receiveMs: number, serial: number): void {
    const { view, bytes } = this.scratch;
    if (length < HEADER) return this.sink.fault(source, 'truncated');
    const count = view.getUint16(2);
    const there = Math.floor((length - HEADER) / RECORD);
    const exportMs = view.getUint32(8) * 1000 + Math.floor(view.getUint32(12) / 1_000_000);
    const { context } = this;
    context.exportMs = exportMs;
    context.uptime = view.getUint32(4);
    context.bootMs = exportMs - context.uptime;
    const sequence = view.getUint32(16);
    const stream = this.sink.begin(source, Protocol.NETFLOW_V5, view.getUint16(20), sequence, exportMs, receiveMs, serial, length);
    if (count > there || count === 0) this.sink.fault(source, 'bad_length');
    const rates = (stream.rates ??= this.rates.ratesOf(source.bytes));
    rates.learnDomain(view.getUint16(22) & 0x3fff, 'header');
    rates.thin(this.sink.present.thinning);
    context.rates = rates;
    this.transcode(bytes, view, HEADER, HEADER + RECORD * there, Math.min(count, there), context, this.out);
    stream.sequence.track(sequence, count, 1, context.bootMs, receiveMs);
  }
}
