/**
 * Sums of the last second, in cells that hold a slot each, for several columns side by side; they lie anywhere in an array, so in a row of a store too. Slots may come
 * out of order, up to a second late: partitions of a log are read at different speeds.
 */
export interface Sliding {
  /** Slots of a second, and cells of a column: twice as many. */
  readonly window: number;
  readonly ring: number;
  readonly columns: number;
}

/** Shape for slots of so many milliseconds. */
export const sliding = (slotMs: number, columns: number): Sliding => ({ window: Math.max(1, Math.round(1000 / slotMs)), ring: 2 * Math.max(1, Math.round(1000 / slotMs)), columns });

/** Cell of a slot in its column: the remainder, which the processor has no instruction for where the slot has more than 32 bits. */
export const placeOf = (ring: number, slot: number): number => slot - ring * Math.floor(slot / ring);

/** Makes room for a slot where `newest` was the newest (-1: none yet); what is now the newest, or -1 where the slot is too old to be taken. */
export function admit(cells: Float64Array, at: number, { window, ring, columns }: Sliding, newest: number, slot: number): number {
  if (slot <= newest) return slot > newest - window ? newest : -1;
  for (let passed = Math.max(newest + 1, slot - ring + 1); passed <= slot; passed++) {
    const place = placeOf(ring, passed);
    for (let column = 0; column < columns; column++) cells[at + column * ring + place] = 0;
  }
  return slot;
}

/** Sum of a column over the second that ends with a slot; over the last `slots` of it, where so many are given. */
export function lastSecond(cells: Float64Array, at: number, { window, ring }: Sliding, column: number, slot: number, slots = window): number {
  const from = at + column * ring;
  let sum = 0;
  for (let i = 0, place = placeOf(ring, slot); i < slots; i++, place = place > 0 ? place - 1 : ring - 1) sum += cells[from + place];
  return sum;
}
