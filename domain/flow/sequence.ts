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
 * Some exporters count otherwise than their protocol says (`counting.ts`). Where their numbers tell so, that way is taken: what the wrong one
 * had made of them is taken back, and what was lost meanwhile is reckoned anew.
 *
 * A datagram allocates nothing; memory is some 200 bytes, and 300 more once something is missing.
 */
import { Counting, Doubt, isOdd, numbersEnd, sizeBy, Sizes } from './counting';

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
/** Sizes of the datagram at hand. */
const own = new Sizes();

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
  private readonly last = new Sizes();
  /** Whether it counts in another way; null where nothing says so. */
  private doubt: Doubt | null = null;
  /** Start and end of each remembered gap. */
  private gaps: Float64Array | null = null;
  private oldest = 0;

  /** Units of the protocol, and those of exporters that count otherwise. */
  constructor(
    private readonly ownUnit: Unit,
    private readonly otherUnit: Unit = ownUnit,
  ) {
    this.unit = ownUnit;
  }

  /**
   * A datagram with the number `number` and `units` units (-1: not known) by its protocol, `other` by the other unit, `plain` without
   * records of options. `bootMs`: when the exporter's sysUpTime was 0 by its own clock, in milliseconds; -1 where it does not tell.
   * `nowMs`: time of receipt.
   */
  track(number: number, units: number, other: number, bootMs: number, nowMs: number, plain = units): Verdict {
    const size = this.counting === Counting.PROTOCOL ? units : sizeBy(this.counting, units, other, plain);
    if (this.doubt === null && !this.open && this.next === (this.counting === Counting.PROTOCOL ? number : this.normal(number, size))) {
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
    if (begun) this.learnCounting(number, units, other, plain);
    this.remember(number, units, other, plain);
    const size = sizeBy(this.counting, units, other, plain);
    const first = this.normal(number, size);
    if (!begun || (first === this.next && !this.open)) {
      if (!begun) this.firstMs = nowMs;
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
    this.doubt = null;
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

  /** The number as if it were that of the datagram's first unit. */
  private normal(number: number, size: number): number {
    return numbersEnd(this.counting) ? (number - Math.max(size, 0)) >>> 0 : number;
  }

  // ways of counting

  private remember(number: number, units: number, other: number, plain: number): void {
    this.lastNumber = number;
    this.last.set(units, other, plain);
  }

  /** Weighs the step from the last number; what it expects is as the exporter counts from here on. */
  private learnCounting(number: number, units: number, other: number, plain: number): void {
    const step = (number - this.lastNumber) | 0;
    if (units < 0 || this.last.units < 0 || Math.abs(step) > BEHIND) {
      this.doubt = null;
      return;
    }
    own.set(units, other, plain);
    if (step === 0 || (this.doubt === null && !isOdd(this.counting, step, this.last, own))) return;
    const doubt = (this.doubt ??= new Doubt({ received: this.received, lost: this.lost, reordered: this.reordered, duplicates: this.duplicates, restarts: this.restarts }));
    const way = doubt.weigh(this.counting, step, this.last, own);
    if (way !== this.counting) this.countBy(way, doubt, number);
    else if (doubt.isOver) this.doubt = null;
  }

  /** Counts by another way, as if it had been known when the doubt began; the datagram of `number`, of sizes `own`, comes next. */
  private countBy(way: number, doubt: Doubt, number: number): void {
    const size = sizeBy(way, own.units, own.other, own.plain);
    this.counting = way;
    this.doubt = null;
    this.unit = way === Counting.OTHER ? this.otherUnit : this.ownUnit;
    Object.assign(this, doubt.figures(way));
    this.received -= size;
    this.gaps?.fill(-1);
    this.next = this.normal(number, size);
    this.open = false;
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
