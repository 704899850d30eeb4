/**
 * Loss by the sequence numbers of one exporter's observation domain. Each protocol counts what it sends in units of its own:
 * NetFlow v5 flows, NetFlow v9 datagrams (RFC 3954 section 5.1), IPFIX data records, those of options among them (RFC 7011
 * section 3.1), sFlow datagrams and, for each data source, samples. A number is that of the first unit of its datagram; it wraps
 * at 2^32. Told apart:
 *
 * - loss: the number is ahead of what was expected. A datagram that comes later fills its gap, and the loss is corrected down.
 * - reordering: such a late datagram.
 * - duplicates: a number from behind that no gap was left for.
 * - a restart: sysUpTime says that the exporter started anew; or the numbers jump further than the exporter can have counted in
 *   the time, or go back, and the datagrams after it go on from there (as RFC 3550 appendix A.1 does). Nothing is lost by a restart.
 *
 * Some exporters count otherwise than their protocol says: datagrams in IPFIX, flows in NetFlow v9, or a datagram's own units
 * already in its number, or leave records of options out. Where {@link CONVINCED} datagrams fit another way and not the protocol's,
 * and none between them the protocol's and not that way, it is taken, and what the wrong one had made of them is taken back.
 *
 * A datagram allocates nothing; memory is some 200 bytes, and 300 more once something is missing.
 */

/** What a sequence number counts; as the `LossUnit` symbols in `schemas/system/collector-health.avsc`. */
export const UNITS = ['DATAGRAMS', 'FLOWS', 'RECORDS', 'SAMPLES'] as const;
export type Unit = (typeof UNITS)[number];

/** What {@link Sequence.track} made of a datagram. */
export const Verdict = { IN_ORDER: 0, AFTER_LOSS: 1, LATE: 2, DUPLICATE: 3, RESTART: 4, STRAY: 5 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Gaps remembered for late datagrams. */
const GAPS = 16;
/** Units behind the present that a datagram may be sent twice; further behind it is a stray or a restart. */
const BEHIND = 65_536;
/** A jump ahead that is loss at any pace, in units; beyond it the pace so far decides. */
const AHEAD = 65_536;
/** How many times its average pace an exporter may have had while nothing came from it. */
const FASTER = 32;
/** Datagrams in a row that go on from a number behind before it is a restart. */
const CHAIN = 8;
/** Shift of the exporter's boot time that is a restart, milliseconds: sysUpTime and the clock are not read at once, seconds are rounded. */
const BOOT_SHIFT = 10_000;
/** Datagrams that speak for another way of counting, none between them speaking for the protocol's, before it is taken. */
const CONVINCED = 8;

/**
 * How exporters count: as their protocol says; in the other unit; by the protocol's, this datagram's units included; without
 * records of options, and so with this datagram's included (softflowd does).
 */
const Counting = { PROTOCOL: 0, OTHER: 1, AFTER: 2, PLAIN: 3, PLAIN_AFTER: 4 } as const;
const WAYS = 5;
/** True for ways that count the datagram itself in its number. */
const after = (counting: number): boolean => counting === Counting.AFTER || counting === Counting.PLAIN_AFTER;

/** Follows the sequence numbers of one stream. All counts are units, but for those named otherwise. */
export class Sequence {
  /** Units that came, duplicates left out. */
  received = 0;
  /** Units that did not come; goes down when one comes late. */
  lost = 0;
  /** Datagrams that came late. */
  reordered = 0;
  /** Datagrams that came twice. */
  duplicates = 0;
  restarts = 0;
  /** Unit of the last number; see {@link UNITS}. */
  unit: Unit;
  private counting: number = Counting.PROTOCOL;
  /** Expected number, 32 bits; and where that is, counted on without wrapping since the start. */
  private next = -1;
  private position = 0;
  /** True where it is not known how many units the last datagram had. */
  private open = false;
  private boot = -1;
  private bootBefore = -1;
  private firstMs = 0;
  private lastMs = 0;
  /** What would follow the last stray or duplicate, and how many did so in a row. */
  private candidate = -1;
  private chain = 0;
  /** Number and sizes of the last datagram, for the ways of counting. */
  private lastNumber = 0;
  private lastUnits = 0;
  private lastOther = 0;
  private lastPlain = 0;
  /** How many datagrams spoke for each way and against the protocol's; null before the first. */
  private runs: Uint8Array | null = null;
  private readonly before = { lost: 0, reordered: 0, duplicates: 0, restarts: 0 };
  /** Start and end of each remembered gap. */
  private gaps: Float64Array | null = null;
  private oldest = 0;

  /** Units of the protocol, and those of exporters that count otherwise. */
  constructor(
    unit: Unit,
    private readonly otherUnit: Unit = unit,
  ) {
    this.unit = unit;
  }

  /**
   * A datagram with the number `number` and `units` units (-1: not known) by its protocol, `other` by the other unit, `plain` without
   * records of options. `bootMs`: when the exporter's sysUpTime was 0 by its own clock, in milliseconds; -1 where it does not tell.
   * `nowMs`: time of receipt.
   */
  track(number: number, units: number, other: number, bootMs: number, nowMs: number, plain = units): Verdict {
    const size = this.counting === Counting.PROTOCOL ? units : this.size(units, other, plain);
    if (this.next === (this.counting === Counting.PROTOCOL ? number : this.normal(number, size)) && !this.open) {
      if (this.runs !== null) this.doubt(number, units, plain);
      this.remember(number, units, other, plain);
      this.advance(size);
      this.boot = bootMs;
      this.lastMs = nowMs;
      this.candidate = -1;
      return Verdict.IN_ORDER;
    }
    return this.outOfOrder(number, units, other, plain, bootMs, nowMs);
  }

  private outOfOrder(number: number, units: number, other: number, plain: number, bootMs: number, nowMs: number): Verdict {
    const begun = this.next >= 0;
    if (begun && this.learnsCounting(number, units, other, plain)) return Verdict.IN_ORDER;
    const size = this.size(units, other, plain);
    const first = this.normal(number, size);
    if (!begun) {
      this.firstMs = nowMs;
      this.remember(number, units, other, plain);
      this.resume(first, size, bootMs, nowMs);
      return Verdict.IN_ORDER;
    }
    const distance = (first - this.next) | 0;
    if (this.hasRestarted(bootMs)) {
      if (apart(bootMs, this.bootBefore)) return this.restart(first, size, bootMs, nowMs);
      this.reordered++; // from before the restart
      return Verdict.LATE;
    }
    if (this.open && distance >= 0 && distance < BEHIND) {
      this.position += distance;
      this.resume(first, size, bootMs, nowMs);
      return Verdict.IN_ORDER;
    }
    if (distance >= 0 && this.plausible(distance, nowMs)) {
      this.lost += distance;
      this.leaveGap(this.position, this.position + distance);
      this.position += distance;
      this.resume(first, size, bootMs, nowMs);
      return Verdict.AFTER_LOSS;
    }
    if (distance < 0 && this.fill(this.position + distance, Math.max(size, 0))) {
      this.reordered++;
      return Verdict.LATE;
    }
    return this.fromElsewhere(first, size, distance, bootMs, nowMs);
  }

  /** A number from behind that no gap was left for, or from nowhere near. */
  private fromElsewhere(first: number, size: number, distance: number, bootMs: number, nowMs: number): Verdict {
    const follows = this.candidate >= 0 && first === this.candidate;
    const near = distance < 0 && -distance <= BEHIND;
    this.chain = follows ? this.chain + 1 : 0;
    this.candidate = (first + Math.max(size, 0)) >>> 0;
    if (follows && (!near || this.chain >= CHAIN)) {
      if (near) this.duplicates -= this.chain;
      return this.restart(first, size, bootMs, nowMs);
    }
    if (!near) return Verdict.STRAY;
    this.duplicates++;
    return Verdict.DUPLICATE;
  }

  private restart(first: number, size: number, bootMs: number, nowMs: number): Verdict {
    this.restarts++;
    this.gaps?.fill(-1);
    this.bootBefore = this.boot;
    this.firstMs = nowMs;
    this.position = 0;
    this.resume(first, size, bootMs, nowMs);
    return Verdict.RESTART;
  }

  private resume(first: number, size: number, bootMs: number, nowMs: number): void {
    this.next = first;
    this.boot = bootMs;
    this.lastMs = nowMs;
    this.candidate = -1;
    this.chain = 0;
    this.open = false;
    this.advance(size);
  }

  private advance(size: number): void {
    if (size < 0) {
      this.open = true;
      return;
    }
    this.received += size;
    this.position += size;
    this.next = (this.next + size) >>> 0;
  }

  /** True where the exporter's clock and sysUpTime, which wraps at 2^32 ms, speak of another start than before. */
  private hasRestarted(bootMs: number): boolean {
    return bootMs >= 0 && this.boot >= 0 && apart(bootMs, this.boot);
  }

  /** Whether an exporter can have sent so many units since the last that came. */
  private plausible(distance: number, nowMs: number): boolean {
    if (distance <= AHEAD) return true;
    const pace = this.position / (1000 + Math.max(0, this.lastMs - this.firstMs));
    return distance <= FASTER * pace * (1000 + Math.max(0, nowMs - this.lastMs));
  }

  private size(units: number, other: number, plain: number): number {
    if (this.counting === Counting.OTHER) return other;
    return this.counting >= Counting.PLAIN && units >= 0 ? plain : units;
  }

  /** The number as if it were that of the datagram's first unit. */
  private normal(number: number, size: number): number {
    return after(this.counting) ? (number - Math.max(size, 0)) >>> 0 : number;
  }

  // ways of counting

  private remember(number: number, units: number, other: number, plain: number): void {
    this.lastNumber = number;
    this.lastUnits = units;
    this.lastOther = other;
    this.lastPlain = plain;
  }

  /** Whether a step from the last number to one with `units` and `plain` fits a way of counting. */
  private fits(way: number, step: number, units: number, plain: number): boolean {
    switch (way) {
      case Counting.OTHER:
        return step === this.lastOther;
      case Counting.AFTER:
        return step === units;
      case Counting.PLAIN:
        return step === this.lastPlain;
      default:
        return step === plain;
    }
  }

  /** Compares the step from the last number with the other ways; true where the exporter turns out to count in one of them. */
  private learnsCounting(number: number, units: number, other: number, plain: number): boolean {
    const step = (number - this.lastNumber) >>> 0;
    if (this.counting === Counting.PROTOCOL && step > 0 && step !== this.lastUnits && units >= 0) {
      if (this.runs === null) {
        this.runs = new Uint8Array(WAYS);
        this.keepBefore();
      }
      const { runs } = this;
      for (let way = WAYS - 1; way > 0; way--) { // without options first: where none came yet, both fit
        runs[way] = this.fits(way, step, units, plain) ? runs[way] + 1 : 0;
        if (runs[way] < CONVINCED) continue;
        this.takeBack(way, number, units, other, plain);
        return true;
      }
      this.forgetRuns();
    } else if (step > 0) this.doubt(number, units, plain);
    this.remember(number, units, other, plain);
    return false;
  }

  /** A step that is right by the protocol speaks against the ways by which it would have been another. */
  private doubt(number: number, units: number, plain: number): void {
    const step = (number - this.lastNumber) >>> 0;
    if (step !== this.lastUnits || this.runs === null) return;
    for (let way = 1; way < WAYS; way++) if (!this.fits(way, step, units, plain)) this.runs[way] = 0;
    this.forgetRuns();
  }

  private forgetRuns(): void {
    if (this.runs?.every((run) => run === 0)) this.runs = null;
  }

  private keepBefore(): void {
    const { before } = this;
    before.lost = this.lost;
    before.reordered = this.reordered;
    before.duplicates = this.duplicates;
    before.restarts = this.restarts;
  }

  private takeBack(counting: number, number: number, units: number, other: number, plain: number): void {
    const { before } = this;
    this.counting = counting;
    this.runs = null;
    if (counting === Counting.OTHER) this.unit = this.otherUnit;
    this.lost = before.lost;
    this.reordered = before.reordered;
    this.duplicates = before.duplicates;
    this.restarts = before.restarts;
    this.gaps?.fill(-1);
    this.remember(number, units, other, plain);
    const size = this.size(units, other, plain);
    this.resume(this.normal(number, size), size, this.boot, this.lastMs);
  }

  // gaps

  private leaveGap(from: number, to: number): void {
    if (to <= from) return;
    this.gaps ??= new Float64Array(2 * GAPS).fill(-1);
    this.gaps[this.oldest] = from;
    this.gaps[this.oldest + 1] = to;
    this.oldest = (this.oldest + 2) % (2 * GAPS);
  }

  /** Takes `size` units at `from` out of a gap; false where none of the remembered ones holds them. */
  private fill(from: number, size: number): boolean {
    const { gaps } = this;
    if (gaps === null) return false;
    for (let i = 0; i < 2 * GAPS; i += 2) {
      const start = gaps[i];
      const end = gaps[i + 1];
      if (from < start || from >= end) continue;
      const to = Math.min(from + size, end);
      this.received += to - from;
      this.lost -= to - from;
      gaps[i] = gaps[i + 1] = -1;
      this.leaveGap(start, from);
      this.leaveGap(to, end);
      return true;
    }
    return false;
  }
}

/** True where two boot times differ by more than rounding; sysUpTime has 32 bits, so whole turns of it do not count. */
function apart(a: number, b: number): boolean {
  if (b < 0) return true;
  const shift = (a - b) % 4294967296;
  const turned = Math.abs(shift) > 2147483648 ? 4294967296 - Math.abs(shift) : Math.abs(shift);
  return turned > BOOT_SHIFT;
}
