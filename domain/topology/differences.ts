import type { TopologyEvent } from '../../schemas';
import { elementKey, inBuildingOrder, NOTHING_SAID, type Element } from './elements';

/** Kinds of change that this program makes and understands. */
export type Change = 'added' | 'changed' | 'removed' | 'up' | 'down' | 'present' | 'complete';

/** A change of an element. */
export interface ElementChange {
  readonly change: Change;
  readonly element: Element;
}

/**
 * What leads from one set of elements to another: what is gone, links before interfaces before devices; then what is new or
 * other, the other way round, so that no link stands without its devices in between. Where nothing but `up` is other, and it is said, the change is 'up' or 'down'.
 */
export function differences(before: readonly Element[], after: readonly Element[]): ElementChange[] {
  const old = new Map(before.map((element) => [elementKey(element), element]));
  const now = new Map(after.map((element) => [elementKey(element), element]));
  const gone = [...old.values()].filter((element) => !now.has(elementKey(element))).sort((one, other) => inBuildingOrder(other, one));
  const changes: ElementChange[] = gone.map((element) => ({ change: 'removed', element }));
  for (const element of [...now.values()].sort(inBuildingOrder)) {
    const was = old.get(elementKey(element));
    if (was === undefined) changes.push({ change: 'added', element });
    else if (!isSame(was, element)) changes.push({ change: element.up !== null && isSame({ ...was, up: element.up }, element) ? (element.up ? 'up' : 'down') : 'changed', element });
  }
  return changes;
}

/** Events of a snapshot: everything that a source has, and the end of it. All bear the same time, by which they belong together. */
export function snapshot(elements: readonly Element[], source: string, time: number): TopologyEvent[] {
  const present = [...elements].sort(inBuildingOrder).map((element) => eventOf({ change: 'present', element }, source, time));
  return [...present, eventOf({ change: 'complete', element: COMPLETE }, source, time)];
}

/** A change as an event. */
export const eventOf = ({ change, element }: ElementChange, source: string, time: number): TopologyEvent => ({ ...element, change, time, source });

/** What the event 'complete' is of: no element. */
const COMPLETE: Element = { ...NOTHING_SAID, element: 'snapshot', id: '' };

/** True where two elements say the same. */
export function isSame(one: Element, other: Element): boolean {
  return (Object.keys(COMPLETE) as (keyof Element)[]).every((name) => (name === 'attributes' ? sameTexts(one.attributes, other.attributes) : one[name] === other[name]));
}

function sameTexts(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
