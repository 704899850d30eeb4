import { learnt, usualOf } from '../../domain/detect/baseline';
import type { HostView } from '../../domain/detect/host-view';
import { foldedEntropy } from '../../domain/sketch/entropy';
import { hllEstimate, hllMergeWords } from '../../domain/sketch/hyperloglog';
import { BUCKETS, PRECISION, SERVICES } from '../pulse/columns';
import type { Table } from '../runtime/state/table';
import { GENERATION, KNOWN_SECONDS, MIX, MIX_MS, MOMENT_MS, sketchAt, SKETCH_WORDS, type HostCells } from './host-cells';
import type { HostStates } from './host-states';

const union = new Int32Array(SKETCH_WORDS);
const unionBytes = new Uint8Array(union.buffer);

/** A row as detectors see it; what takes long to find out is found out when it is asked for. */
export class HostRow implements HostView {
  readonly packets: number;
  readonly bits: number;
  readonly quickPackets: number;
  readonly quickBits: number;
  readonly outPackets: number;
  readonly outBits: number;
  readonly error: number;
  readonly quickError: number;
  readonly syn: number;
  readonly udp: number;
  readonly icmp: number;
  readonly reflected: number;
  readonly reflectedSize: number;
  readonly asked: number;
  readonly size: number;
  private readonly cells: HostCells;
  private knownSources: number | null = null;

  constructor(
    of: HostStates,
    private readonly table: Table,
    private readonly row: number,
    private readonly at: number,
    slot: number,
  ) {
    const { doubles } = table;
    this.cells = of.cells;
    const received = of.received(doubles, at, slot);
    const moment = of.moment(doubles, at, slot);
    const sent = of.sent(doubles, at, slot);
    const mix = at + of.cells.MIX;
    const packets = Math.max(1, doubles[mix + MIX.packets]);
    const bytes = Math.max(1, doubles[mix + MIX.bytes]);
    const reflectedPackets = doubles[mix + MIX.reflectedPackets];
    this.packets = received.packets;
    this.bits = received.bits;
    this.quickPackets = moment.packets;
    this.quickBits = moment.bits;
    this.outPackets = sent.packets;
    this.outBits = sent.bits;
    // Both sums fade with MIX_MS: their quotient is the error of that long.
    const deviation = Math.sqrt(doubles[mix + MIX.variance]) / packets;
    this.error = deviation * Math.sqrt(MIX_MS / 1000);
    this.quickError = deviation * Math.sqrt(MIX_MS / MOMENT_MS);
    this.syn = doubles[mix + MIX.syn] / packets;
    this.udp = doubles[mix + MIX.udp] / packets;
    this.icmp = doubles[mix + MIX.icmp] / packets;
    this.reflected = doubles[mix + MIX.reflectedBytes] / bytes;
    this.reflectedSize = reflectedPackets > 0 ? doubles[mix + MIX.reflectedBytes] / reflectedPackets : 0;
    this.asked = reflectedPackets > 0 ? doubles[mix + MIX.asked] / reflectedPackets : 0;
    this.size = bytes / packets;
  }

  get sources(): number {
    return (this.knownSources ??= this.distinct(0));
  }

  get ports(): number {
    return this.distinct(1);
  }

  get peers(): number {
    return this.distinct(2);
  }

  get entropy(): number {
    const { sources } = this;
    return Number.isNaN(sources) ? NaN : foldedEntropy(this.table.doubles, this.at + this.cells.SPREAD, BUCKETS, sources);
  }

  get reflectors(): number[] {
    const services = Array.from({ length: SERVICES }, (_, i) => this.table.doubles[this.at + this.cells.SERVICES + i]);
    const reflected = services.reduce((sum, value) => sum + value, 0);
    return reflected > 0 ? services.map((value) => value / reflected) : services;
  }

  get usual(): HostView['usual'] {
    const { cells } = this;
    return { packets: this.usualOf(cells.USUAL_PACKETS), bits: this.usualOf(cells.USUAL_BITS), sources: this.usualOf(cells.USUAL_SOURCES), entropy: this.usualOf(cells.USUAL_ENTROPY) };
  }

  private usualOf(from: number): number {
    return learnt(this.table.doubles, this.at + from) >= KNOWN_SECONDS ? usualOf(this.table.doubles, this.at + from) : NaN;
  }

  /** Different things in both generations of a sketch: of sources, ports or peers. */
  private distinct(sketch: number): number {
    const { words } = this.table;
    const from = sketchAt(this.table, this.row) + sketch * SKETCH_WORDS;
    for (let i = 0; i < SKETCH_WORDS; i++) union[i] = words[from + i];
    hllMergeWords(union, 0, SKETCH_WORDS, words, from + GENERATION);
    return hllEstimate(unionBytes, 0, PRECISION) || NaN;
  }
}
