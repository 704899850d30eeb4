/** How often an element of the network goes up and down. */
export interface FlapLimits {
  /** Changes that make it a flap; a failure and its repair are two. */
  readonly changes: number;
  /** Within so long; and it is over when none came for so long. Unit: milliseconds. */
  readonly windowMs: number;
}

/** Takes a change into the times of the latest ones, oldest first; those that are out of the window go. A change that is not later than the last is none. */
export function noteChange(times: readonly number[], timeMs: number, { windowMs, changes }: FlapLimits): number[] {
  if (times.length > 0 && timeMs <= times[times.length - 1]) return [...times];
  // As many again as make a flap: how bad it is can be told, and memory is bounded.
  return [...times.filter((time) => time > timeMs - windowMs), timeMs].slice(-4 * changes);
}

/** Changes within the window that ends at a time. */
export const changesAt = (times: readonly number[], nowMs: number, { windowMs }: FlapLimits): number => times.filter((time) => time > nowMs - windowMs && time <= nowMs).length;

/** True where an element flaps at a time. */
export const isFlapping = (times: readonly number[], nowMs: number, limits: FlapLimits): boolean => changesAt(times, nowMs, limits) >= limits.changes;

/** An element that flaps, and the devices that it is at. */
export interface Flapping {
  readonly element: 'device' | 'interface' | 'link';
  readonly id: string;
  readonly devices: readonly string[];
}

/** What flaps, as it is to be told: one subject for what has one cause. */
export interface FlapGroup {
  readonly subjectKind: 'device' | 'interface' | 'link';
  readonly subject: string;
  readonly members: readonly Flapping[];
}

/**
 * Groups what flaps by the device that it has in common: a device that flaps itself, or at which two elements or more do, stands for them; the device with
 * most of them first, equal ones in the order of their names. What is left stands for itself.
 */
export function groupFlaps(flapping: readonly Flapping[]): FlapGroup[] {
  const left = new Set(flapping);
  const groups: FlapGroup[] = [];
  for (;;) {
    const at = new Map<string, Flapping[]>();
    for (const one of left) for (const device of new Set(one.devices)) at.set(device, [...(at.get(device) ?? []), one]);
    const weight = (members: readonly Flapping[]): number => members.length + (members.some(({ element }) => element === 'device') ? 1 : 0);
    const [best] = [...at].filter(([, members]) => weight(members) >= 2).sort(([a, some], [b, others]) => weight(others) - weight(some) || (a < b ? -1 : 1));
    if (best === undefined) break;
    const [subject, members] = best;
    groups.push({ subjectKind: 'device', subject, members });
    for (const member of members) left.delete(member);
  }
  for (const one of left) groups.push({ subjectKind: one.element, subject: one.id, members: [one] });
  return groups;
}
