/**
 * Templates that carry a piece of the packet itself (RFC 5477 section 8.5, RFC 7133 section 4): frame, IP header, IP payload, or what is under
 * MPLS labels. It is decoded before the row, into `o`; `z` are the tunnels in it where they are asked for, `k` is the packet of the flow.
 */
import { IE } from './elements';
import type { Layout } from './template-layout';
import type { TunnelMode } from './tunnels';

/** The kinds of sections, the fullest first; where a template holds several, the first of these is read. */
const SECTIONS = [
  { id: IE.dataLinkFrameSection, how: 'ethernet' },
  { id: IE.dataLinkFrameSectionOld, how: 'ethernet' },
  { id: IE.ipHeaderPacketSection, how: 'ip' },
  { id: IE.mplsPayloadPacketSection, how: 'mplsPayload' },
  { id: IE.ipPayloadPacketSection, how: 'transportOf' },
] as const;

/** Puts the statements that decode the section into the layout's prelude; false where the template has none. */
export function packetOf(layout: Layout, tunnels: TunnelMode): boolean {
  const section = SECTIONS.find(({ id, how }) => layout.has(id) && (how !== 'transportOf' || layout.has(IE.protocolIdentifier)));
  if (!section) return false;
  const { id, how } = section;
  const { at, length } = layout.place(id)!;
  const first = how === 'transportOf' ? `${layout.number(IE.protocolIdentifier)!.text}, ` : '';
  const readable = how === 'ethernet' ? [beginning(layout, id), ethernetLink(layout)] : [beginning(layout, id)];
  const conditions = readable.filter((condition) => condition !== undefined);
  const decode = `o.${how}(s, ${first}${at}, ${at} + ${length});`;
  layout.prelude.push(conditions.length === 0 ? decode : `if (${conditions.join(' && ')}) ${decode} else o.clear();`);
  const stack = how === 'mplsPayload' ? layout.place(IE.mplsLabelStackSection) : undefined;
  if (stack) layout.prelude.push(`o.labels(s, ${stack.at}, ${stack.at} + ${stack.length});`);
  if (tunnels !== 'outer') layout.prelude.push('z.read(s, o);');
  layout.prelude.push(`const k = ${tunnels === 'inner' ? 'z.flow' : 'o'};`);
  return true;
}

/** A section that does not begin where the packet does cannot be read (sectionOffset; layer2packetSectionOffset for the element before it). */
function beginning(layout: Layout, id: number): string | undefined {
  const offset = layout.number(id === IE.dataLinkFrameSectionOld ? IE.layer2PacketSectionOffset : IE.sectionOffset);
  return offset && `${offset.text} === 0`;
}

/** dataLinkFrameType: 1 is Ethernet (0 is left by exporters that fill nothing in); 802.11 is not read. */
function ethernetLink(layout: Layout): string | undefined {
  const type = layout.number(IE.dataLinkFrameType);
  return type && `${type.text} <= 1`;
}
