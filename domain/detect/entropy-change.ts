import { figure, SLIGHT, type Weight } from './evidence';
import type { HostView } from './host-view';

/**
 * Change of the entropy of the sources: rises to 1 where packets come evenly from many forged addresses, falls where one source drowns all
 * others (Lakhina, Crovella, Diot 2005). Within honest traffic of one host it moves by a few hundredths from second to second.
 */
const CHANGE = 0.2;
/** With fewer sources it means little. */
const LEAST = 8;

/** How evenly packets come from their sources is not what it was. An honest surge comes from somewhere too: it weighs little, and tells what kind of attack it is. */
export function entropyChange(view: HostView): Weight | null {
  if (!(view.sources >= LEAST)) return null;
  const { entropy, usual } = view;
  if (!(Math.abs(entropy - usual.entropy) > CHANGE)) return null;
  return { kind: 'volumetric', nats: SLIGHT, figures: [figure('entropy of the sources', entropy, '', usual.entropy)] };
}
