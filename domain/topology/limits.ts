import type { Element } from './elements';

/** Where the numbers of an element may lie; a number elsewhere says nothing. */
const ALLOWED: Readonly<Record<string, (value: number) => boolean>> = {
  latitude: (value) => Math.abs(value) <= 90,
  longitude: (value) => Math.abs(value) <= 180,
  ifIndex: (value) => Number.isSafeInteger(value) && value > 0,
  bitsPerSecond: (value) => Number.isSafeInteger(value) && value > 0,
  latencyMs: (value) => value >= 0 && value < Infinity,
  metric: (value) => value >= 0 && value < Infinity,
  metricBack: (value) => value >= 0 && value < Infinity,
};
const NAMES = Object.keys(ALLOWED) as (keyof Element)[];

/** Names of the numbers of an element that cannot be. */
export function impossibleNumbers(element: Element): (keyof Element)[] {
  return NAMES.filter((name) => {
    const value = element[name] as number | null;
    return value !== null && !ALLOWED[name](value);
  });
}

/** The element without some of what it says. */
export const without = <T extends Element>(element: T, names: readonly (keyof Element)[]): T => (names.length === 0 ? element : { ...element, ...Object.fromEntries(names.map((name) => [name, null])) });
