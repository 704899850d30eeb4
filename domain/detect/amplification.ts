import { CLEAR, DECISIVE, figure, type Weight } from './evidence';
import type { HostView } from './host-view';
import { REFLECTORS } from './reflectors';

/** Part of the bits that must come from such services: honest hosts get most of theirs from elsewhere. */
const SHARE = 0.5;
/** Answers for each question. A resolver or a time server asks before it is answered, packet for packet. */
const ASKED = 0.2;
/** A mean answer of DNS has 100 to 200 bytes, one of NTP 76: amplified ones are several times as large; bytes. */
const LARGE = 300;
/** Reflectors: one server alone may send a large answer, a file, a transfer of a zone. */
const MANY = 16;

/** Answers of services such as DNS, NTP or memcached that the host never asked for. */
export function amplification(view: HostView): Weight | null {
  const { reflected, reflectedSize, asked } = view;
  if (reflected <= SHARE || asked >= ASKED) return null;
  const { sources, reflectors } = view;
  const isMany = !(sources < MANY);
  const figures = [figure('share of bits from services that amplify', reflected), figure('mean size of their packets', reflectedSize, 'bytes'), figure('packets sent to them for each received', asked), figure('distinct sources', sources, 'addresses')];
  for (let i = 0; i < REFLECTORS.length; i++) if (reflectors[i] > 0.1) figures.push(figure(`share of ${REFLECTORS[i].name}`, reflectors[i]));
  return { kind: 'udp-amplification', nats: reflectedSize >= LARGE && isMany ? DECISIVE : CLEAR, figures };
}
