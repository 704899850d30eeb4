/**
 * How exporters count what their sequence numbers number, where not as their protocol says. Seen: datagrams in IPFIX; flows in NetFlow
 * v9; numbers without the records of options (softflowd); the number of the last flow in place of the first (Open vSwitch's NetFlow v5:
 * `ofproto/netflow.c` numbers the header anew with every flow that is put into it).
 *
 * A way is told by the step from one datagram's number to the next. A step that another way explains to the unit, and the present way does
 * not, speaks for that way; one that the present way explains, and that other does not, takes back all that spoke for it; one that none
 * explains is loss, and says nothing. A step too short for what was sent speaks most: no loss, no late datagram makes it.
 */

/** The ways: the protocol's; in its other unit; with the datagram's own units included; without records of options, and so with its own included. */
export const Counting = { PROTOCOL: 0, OTHER: 1, AFTER: 2, PLAIN: 3, PLAIN_AFTER: 4 } as const;
const WAYS = 5;

/** What speaks for a way before it is taken: so many datagrams behind something that looked like loss, or two within what came before. */
const CONVINCED = 8;
const TOO_SHORT = CONVINCED / 2;

/** Sizes of a datagram: units of its protocol (-1: not known), of the other unit, and of the protocol without records of options. */
export class Sizes {
  units = 0;
  other = 0;
  plain = 0;

  set(units: number, other: number, plain: number): void {
    this.units = units;
    this.other = other;
    this.plain = plain;
  }
}

/** Units of a datagram by a way of counting. */
export function sizeBy(way: number, units: number, other: number, plain: number): number {
  if (way === Counting.OTHER) return other;
  return way >= Counting.PLAIN && units >= 0 ? plain : units;
}

/** True for ways that number a datagram by its end. */
export const numbersEnd = (way: number): boolean => way === Counting.AFTER || way === Counting.PLAIN_AFTER;

/** The step by a way from the number of a datagram of `last` to that of one of `own`, where nothing is missing between them. */
function expectedStep(way: number, last: Sizes, own: Sizes): number {
  const { units, other, plain } = numbersEnd(way) ? own : last;
  return sizeBy(way, units, other, plain);
}

/** True where a way other than `present`, and not that, explains a step. */
export function isOdd(present: number, step: number, last: Sizes, own: Sizes): boolean {
  if (step <= 0 || step === expectedStep(present, last, own)) return false;
  for (let way = 0; way < WAYS; way++) if (step === expectedStep(way, last, own)) return true;
  return false;
}

/** Figures of a sequence. */
export interface Figures {
  readonly received: number;
  readonly lost: number;
  readonly reordered: number;
  readonly duplicates: number;
  readonly restarts: number;
}

/** Weighs the ways from the first odd step on; goes once nothing speaks for another way. */
export class Doubt {
  private readonly evidence = new Uint8Array(WAYS);
  /** By way, since the doubt began: units that are missing, and those that came. */
  private readonly missing = new Float64Array(WAYS);
  private readonly came = new Float64Array(WAYS);

  /** `before`: figures at its beginning. */
  constructor(private readonly before: Figures) {}

  /** Weighs a datagram; the way to be taken from now on, `present` in most cases. A `step` is negative for a late datagram. */
  weigh(present: number, step: number, last: Sizes, own: Sizes): number {
    const expected = expectedStep(present, last, own);
    const odd = isOdd(present, step, last, own);
    let taken = present;
    for (let way = 0; way < WAYS; way++) {
      const fits = step === expectedStep(way, last, own);
      this.missing[way] += step - expectedStep(way, last, own);
      this.came[way] += sizeBy(way, own.units, own.other, own.plain);
      if (!fits && (odd || step === expected)) this.evidence[way] = 0;
      else if (fits && odd) this.evidence[way] += step < expected ? TOO_SHORT : 1;
      if (this.evidence[way] >= CONVINCED) taken = way; // the last: without options where none came yet
    }
    return taken;
  }

  /** True where nothing speaks for another way any more. */
  get isOver(): boolean {
    return this.evidence.every((weight) => weight === 0);
  }

  /** The figures, had `way` been the way since the doubt began; a restart ends a doubt. */
  figures(way: number): Figures {
    const { received, lost, reordered, duplicates, restarts } = this.before;
    return { received: received + this.came[way], lost: lost + Math.max(0, this.missing[way]), reordered, duplicates, restarts };
  }
}
