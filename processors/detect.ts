/**
 * Finds floods and scans in what `pulse` picked, and tells of them as they begin, go on and are over.
 *
 * Partitions are put together by subject as they come: a sum only grows by what comes later, so that nothing waits for a partition that is silent. A host's level is
 * what it received in the last second; what the detectors of `domain/detect` say of it decides how long it may last (`host-verdict.ts`): a flood that looks like one
 * is told at once, and what is only much when it has lasted longer than honest bursts do. Time is that of receipt.
 *
 * Units: packets/s and bits/s, scaled by the sampling rate.
 *
 * Delivery: exactly once, from traffic.pulses to anomalies.
 * State: 2 KiB a host, 1 KiB a prefix and 400 bytes a source that is followed, for five minutes after it was seen last.
 */
import { carpet } from '../domain/detect/carpet';
import { departure } from '../domain/detect/departure';
import { hostVerdict, type Limits } from '../domain/detect/host-verdict';
import { Networks } from '../domain/detect/networks';
import { outboundVerdict } from '../domain/detect/outbound';
import { REFLECTORS } from '../domain/detect/reflectors';
import { scan, superSpreader } from '../domain/detect/scan';
import { TrafficPulseColumns, type Anomaly } from '../schemas';
import { formatIpRow } from '../schemas/ip';
import { ANOMALIES, TRAFFIC_PULSES } from '../topics';
import { PREFIX_MASKS } from './aggregate/breakdowns';
import { HostStates } from './detect/host-states';
import { OpenAnomalies, type About, type Since } from './detect/open';
import { PrefixStates, type Single } from './detect/prefix-states';
import { SCAN, SINCE, SourceStates, SPREADER } from './detect/source-states';
import { detectionSection, limitOf, type DetectionSettings } from './pulse/settings';
import type { Context, Processor, ProcessorTask } from './runtime/processor';
import type { AgeingTable } from './runtime/state/ageing-table';
import { Cells } from './runtime/state/cells';
import type { Table } from './runtime/state/table';

/** Latest time of receipt; anomalies that go on; when the first pulse came. */
const NOW = 0, OPEN = 1, STARTED = 2;
/** What a second is late at most, beyond honest bursts: the window's own length, and what exporters hold back of a burst that is over; unit: milliseconds. */
const LATE_MS = 2000;
/** A surge goes on where it is not seen above half its limit for less than this: a host is seen when something of it is reported; unit: milliseconds. */
const GAP_MS = 1500;
/** A host with this part of its limit is attacked, or busy, for itself: it is no part of a carpet. */
const SINGLE = 0.25;
/** A prefix's usual level must have had time to show: the detector has run for so long; unit: milliseconds. */
const SETTLED_MS = 5000;
/** Sources are told of rarely: one that scans slowly is not over for that; unit: milliseconds. */
const SCAN_OVER_MS = 60_000;

class DetectTask implements ProcessorTask {
  readonly stores;
  private readonly pulse = new TrafficPulseColumns();
  private readonly clock = new Cells('clock', 3);
  private readonly hosts: HostStates;
  private readonly prefixes: PrefixStates;
  private readonly sources: SourceStates;
  private readonly open: OpenAnomalies;
  private readonly toleranceMs: number;
  private readonly carpetLimits: Limits;
  /** Of the pulse: hosts near a limit of their own; null where nobody has asked for them. */
  private busy: readonly number[] | null = null;

  constructor(private readonly settings: DetectionSettings) {
    const { slotMs, maxSubjects, packetsPerSecondOf, bitsPerSecondOf } = settings;
    const packets = new Networks(Object.keys(packetsPerSecondOf));
    const bits = new Networks(Object.keys(bitsPerSecondOf));
    const limit = (of: Networks, values: Readonly<Record<string, number>>, otherwise: number, words: Int32Array, at: number): number => {
      const place = of.find(words, at);
      return limitOf(place < 0 ? otherwise : values[of.prefixes[place]]);
    };
    this.hosts = new HostStates(slotMs, maxSubjects, (words, at) => ({ packets: limit(packets, packetsPerSecondOf, settings.packetsPerSecond, words, at), bits: limit(bits, bitsPerSecondOf, settings.bitsPerSecond, words, at) }));
    this.prefixes = new PrefixStates(slotMs, maxSubjects);
    this.sources = new SourceStates(maxSubjects);
    this.open = new OpenAnomalies(settings.goesOnMs, (by) => this.clock.set(OPEN, this.clock.values[OPEN] + by));
    this.toleranceMs = settings.burstMs + LATE_MS;
    this.carpetLimits = { packets: limitOf(settings.carpetPacketsPerSecond), bits: limitOf(settings.carpetBitsPerSecond) };
    this.stores = [this.clock, ...this.hosts.table.stores, ...this.prefixes.table.stores, ...this.sources.table.stores];
  }

  streamTime(): number | null {
    return this.clock.values[NOW] || null;
  }

  decode(value: Buffer): void {
    this.pulse.decode(value);
  }

  step(context: Context): void {
    const { pulse, hosts, prefixes, sources } = this;
    context.received(pulse.hosts.length + pulse.prefixes.length + pulse.sources.length);
    const evicted = this.evicted();
    const nowMs = pulse.slotStart + pulse.slotMs;
    this.pass(nowMs, context);
    hosts.take(pulse, (table, row, at, slot) => this.lookAtHost(table, row, at, slot, context));
    if (hosts.late > 0) context.discarded('late-pulse', hosts.late);
    hosts.late = 0;
    this.busy = null;
    prefixes.take(pulse, (table, row, at, slot) => this.lookAtPrefix(table, row, at, slot, context));
    sources.take(pulse, nowMs, (table, row, at, i) => this.lookAtSource(table, row, at, i, nowMs, context));
    if (this.evicted() > evicted) context.discarded('state-evicted', this.evicted() - evicted);
  }

  due(): number {
    return this.clock.values[OPEN] > 0 ? this.clock.values[NOW] + 1000 : Infinity;
  }

  silence(timeMs: number, context: Context): void {
    this.pass(timeMs, context);
  }

  /** Time goes on: once a second, what is over is told. */
  private pass(nowMs: number, context: Context): void {
    const { clock } = this;
    const before = clock.values[NOW];
    if (nowMs <= before) return;
    clock.set(NOW, nowMs);
    if (clock.values[STARTED] === 0) clock.set(STARTED, nowMs);
    for (const { table } of [this.hosts, this.prefixes, this.sources]) table.advance(nowMs);
    if (Math.floor(nowMs / 1000) === Math.floor(before / 1000) || clock.values[OPEN] <= 0) return;
    const { overMs } = this.settings;
    const { IN, OUT, DEPARTS } = this.hosts.cells;
    this.endAll(this.hosts.table, [IN, OUT, DEPARTS], overMs, nowMs, (table, row, of) => aboutHost(table, row, of === DEPARTS ? 'baseline' : 'surge'), context);
    this.endAll(this.prefixes.table, [this.prefixes.cells.CARPET], overMs, nowMs, (table, row) => aboutPrefix(table, row), context);
    this.endAll(this.sources.table, [SCAN, SPREADER], Math.max(overMs, SCAN_OVER_MS), nowMs, (table, row) => aboutHost(table, row, 'scan'), context, (table, row) => this.sources.forget(table, row));
  }

  /** Ends the anomalies of a table that were not seen for so long. */
  private endAll(of: AgeingTable, places: readonly number[], overMs: number, nowMs: number, about: (table: Table, row: number, place: number) => About, context: Context, ended: (table: Table, row: number) => void = () => undefined): void {
    for (const { table, newer } of of.parts()) {
      for (let row = 0, at = table.doublesAt; row < table.entries; row++, at += table.doublesPerRow) {
        for (const place of places) {
          if (!this.open.isOpen(table.doubles, at + place) || nowMs - this.open.seenAt(table.doubles, at + place) < overMs) continue;
          if (newer !== undefined && newer.find(table.words, row * table.wordsPerRow) >= 0) continue;
          table.touch(row);
          this.open.over(table.doubles, at + place, about(table, row, place), nowMs, context);
          ended(table, row);
        }
      }
    }
  }

  private lookAtHost(table: Table, row: number, at: number, slot: number, context: Context): void {
    const { hosts, open } = this;
    const { cells } = hosts;
    const { doubles } = table;
    const nowMs = (slot + 1) * this.settings.slotMs;
    const limits = { packets: doubles[at + cells.LIMIT_PACKETS], bits: doubles[at + cells.LIMIT_BITS] };
    const received = hosts.received(doubles, at, slot);
    const sent = hosts.sent(doubles, at, slot);
    doubles[at + cells.PACKETS] = received.packets;
    doubles[at + cells.BITS] = received.bits;
    const isIn = hold(doubles, at + cells.IN_SINCE, isHalf(received, limits), nowMs, context.offset, gapOf(hosts.longReceived(doubles, at), limits)) || isHalf(hosts.moment(doubles, at, slot), limits);
    const isOut = hold(doubles, at + cells.OUT_SINCE, isHalf(sent, limits), nowMs, context.offset, gapOf(hosts.longSent(doubles, at), limits));
    const isLearning = Math.floor((slot * this.settings.slotMs) / 1000) > doubles[at + cells.SECOND] && !open.isOpen(doubles, at + cells.IN);
    if (!isIn && !isOut && !isLearning) return;
    const view = hosts.view(table, row, at, slot);
    const about = aboutHost(table, row, 'surge');
    if (isIn) {
      const since = nowMs - doubles[at + cells.IN_UNTIL] > GAP_MS ? { ms: nowMs, offset: context.offset } : sinceIn(doubles, at + cells.IN_SINCE);
      const verdict = hostVerdict(view, limits, nowMs - since.ms, this.toleranceMs);
      if (verdict !== null) open.found(doubles, at + cells.IN, verdict, about, since, nowMs, elementsOf(view.reflectors, verdict.kind), context);
      else open.seen(doubles, at + cells.IN, nowMs);
    }
    if (isOut) {
      const verdict = outboundVerdict(view, limits, nowMs - doubles[at + cells.OUT_SINCE], this.toleranceMs);
      if (verdict !== null) open.found(doubles, at + cells.OUT, verdict, about, sinceIn(doubles, at + cells.OUT_SINCE), nowMs, [], context);
      else open.seen(doubles, at + cells.OUT, nowMs);
    }
    if (!isLearning) return;
    hosts.learn(view, doubles, at, slot);
    if (!this.settings.baseline) return;
    const unusual = departure(Math.max(doubles[at + cells.PACKETS_SUM], doubles[at + cells.BITS_SUM]), received.packets, received.bits, limits, doubles, at + cells.USUAL_PACKETS, at + cells.USUAL_BITS);
    if (unusual !== null) open.found(doubles, at + cells.DEPARTS, unusual, aboutHost(table, row, 'baseline'), { ms: nowMs, offset: context.offset }, nowMs, [], context);
  }

  private lookAtPrefix(table: Table, row: number, at: number, slot: number, context: Context): void {
    const { prefixes, open, carpetLimits } = this;
    const { cells } = prefixes;
    const { doubles } = table;
    const nowMs = (slot + 1) * this.settings.slotMs;
    const isLearning = Math.floor((slot * this.settings.slotMs) / 1000) > doubles[at + cells.SECOND] && !open.isOpen(doubles, at + cells.CARPET);
    if (!isLearning && !isHalf(prefixes.received(doubles, at, slot), carpetLimits)) return;
    const view = prefixes.view(table, row, at, slot, this.single(table.words, row * table.wordsPerRow, slot));
    const isHeld = hold(doubles, at + cells.SINCE, isHalf(view, carpetLimits), nowMs, context.offset);
    const verdict = isHeld && nowMs - this.clock.values[STARTED] >= SETTLED_MS ? carpet(view, carpetLimits, nowMs - doubles[at + cells.SINCE], this.toleranceMs) : null;
    if (verdict !== null) open.found(doubles, at + cells.CARPET, verdict, aboutPrefix(table, row), sinceIn(doubles, at + cells.SINCE), nowMs, [], context);
    else if (isHeld) open.seen(doubles, at + cells.CARPET, nowMs);
    if (isLearning) prefixes.learn(view, doubles, at, slot);
  }

  /** What those hosts of a prefix receive that are near a limit of their own. */
  private single(key: Int32Array, from: number, slot: number): Single {
    const { cells, table: of } = this.hosts;
    const { words, doubles, wordsPerRow, doublesPerRow, doublesAt } = of.young;
    const bits = key[from + 4];
    const mask = 4 * (key[from + 2] === -65536 ? 96 + bits : bits);
    let packets = 0;
    let sum = 0;
    this.busy ??= this.busyAt(slot);
    for (const row of this.busy) {
      const word = row * wordsPerRow;
      const at = row * doublesPerRow + doublesAt;
      if ((words[word + 3] & PREFIX_MASKS[mask + 3]) !== key[from + 3] || (words[word + 2] & PREFIX_MASKS[mask + 2]) !== key[from + 2] || (words[word + 1] & PREFIX_MASKS[mask + 1]) !== key[from + 1] || (words[word] & PREFIX_MASKS[mask]) !== key[from]) continue;
      packets += doubles[at + cells.PACKETS];
      sum += doubles[at + cells.BITS];
    }
    return { packets, bits: sum };
  }

  /** Rows of the hosts that are near a limit of their own. */
  private busyAt(slot: number): number[] {
    const { cells, table: of } = this.hosts;
    const { doubles, entries, doublesPerRow, doublesAt } = of.young;
    const rows: number[] = [];
    for (let row = 0, at = doublesAt; row < entries; row++, at += doublesPerRow) {
      if (doubles[at + cells.PACKETS] < SINGLE * doubles[at + cells.LIMIT_PACKETS] && doubles[at + cells.BITS] < SINGLE * doubles[at + cells.LIMIT_BITS]) continue;
      if (slot - doubles[at + cells.NEWEST] <= 1000 / this.settings.slotMs) rows.push(row);
    }
    return rows;
  }

  private lookAtSource(table: Table, row: number, at: number, i: number, nowMs: number, context: Context): void {
    const { open, sources, pulse } = this;
    const { doubles } = table;
    const view = sources.view(table, row, at);
    const about = aboutHost(table, row, 'scan');
    const scanned = scan(view);
    if (scanned !== null) {
      const target = formatIpRow(pulse.sources.lastTarget, 16 * i);
      const elements = scanned.kind === 'vertical-scan' ? [{ kind: 'destination', id: target, share: NaN }] : [{ kind: 'port', id: String(pulse.sources.lastPort[i]), share: NaN }, { kind: 'destination', id: target, share: NaN }];
      open.found(doubles, at + SCAN, scanned, about, { ms: doubles[at + SINCE], offset: context.offset }, nowMs, elements, context);
    }
    const limit = this.settings.superSpreaderPeers;
    const spread = limit > 0 ? superSpreader(view, limit) : null;
    if (spread !== null) open.found(doubles, at + SPREADER, spread, about, { ms: doubles[at + SINCE], offset: context.offset }, nowMs, [], context);
  }

  private evicted(): number {
    return this.hosts.table.evicted + this.prefixes.table.evicted + this.sources.table.evicted;
  }
}

/** True where half a limit is reached. */
const isHalf = ({ packets, bits }: Single, limits: Limits): boolean => packets >= 0.5 * limits.packets || bits >= 0.5 * limits.bits;

/** Keeps, in three cells, since when something holds, until when it has held, and the offset that it began with; true where it holds now. */
function hold(cells: Float64Array, at: number, holds: boolean, nowMs: number, offset: number, gapMs = GAP_MS): boolean {
  if (!holds) return false;
  if (nowMs - cells[at + 1] > gapMs) {
    cells[at] = nowMs;
    cells[at + 2] = offset;
  }
  if (nowMs > cells[at + 1]) cells[at + 1] = nowMs;
  return true;
}

/** How long a surge may go unseen: where flows that are reported rarely make it, until they are reported again. */
const gapOf = (long: Single & { seconds: number }, limits: Limits): number => (isHalf(long, limits) ? GAP_MS + 1000 * long.seconds : GAP_MS);

const sinceIn = (cells: Float64Array, at: number): Since => ({ ms: cells[at], offset: cells[at + 2] });

const textOf = ({ words, wordsPerRow }: Table, row: number): string => formatIpRow(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), 4 * row * wordsPerRow);
const aboutHost = (table: Table, row: number, detector: string): About => ({ subject: textOf(table, row), subjectKind: 'host', detector });
const aboutPrefix = (table: Table, row: number): About => ({ subject: `${textOf(table, row)}/${table.words[row * table.wordsPerRow + 4]}`, subjectKind: 'prefix', detector: 'carpet' });

/** Services that take part in an amplification. */
function elementsOf(reflectors: ArrayLike<number>, kind: string): Anomaly['elements'] {
  if (kind !== 'udp-amplification') return [];
  return REFLECTORS.map(({ port, name }, i) => ({ kind: 'port', id: `${port} (${name})`, share: reflectors[i] })).filter(({ share }) => share > 0.01).sort((one, other) => other.share - one.share);
}

/** See the file's head. */
export const detect: Processor<typeof detectionSection> = {
  name: 'detect',
  doc: 'Finds floods and scans in what is worth a look, within about a second, and tells as they begin, go on and are over.',
  delivery: 'exactly once, from traffic.pulses to anomalies',
  input: TRAFFIC_PULSES,
  outputs: [ANOMALIES],
  section: detectionSection,
  idleMs: 1000,
  windows: () => [],
  create: (settings) => new DetectTask(settings),
};
