import { CLEAR, figure, type Weight } from './evidence';
import type { HostView } from './host-view';

/** As a flood of a botnet or of forged addresses begins, sources become many times as many; a transfer or a backup adds a handful. */
const TIMES = 8, LEAST = 500;

/** The number of sources jumps. A crowd's does as well: `answered` tells the two apart. */
export function newSources(view: HostView): Weight | null {
  const { sources } = view;
  if (!(sources >= LEAST)) return null;
  const { usual } = view;
  const before = Math.max(1, usual.sources || 0);
  if (sources < TIMES * before) return null;
  return { kind: 'volumetric', nats: CLEAR, figures: [figure('distinct sources', sources, 'addresses', usual.sources)] };
}
