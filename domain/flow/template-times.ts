/** When a flow began and ended, from whichever elements of a template say so. */
import { IE } from './elements';
import { REVERSE_PEN } from './elements/registry';
import { numberAt, type Layout } from './template-layout';

/** Expressions: milliseconds since the epoch. */
export interface Times {
  readonly start: string;
  readonly end: string;
}

/** Start and end: the first known way of telling them; a missing one is the other; with neither both are the time of export. */
export function timesOf(layout: Layout): Times {
  const { prelude } = layout;
  const start = startOf(layout, 0) ?? claimedTime(layout, 'start');
  const end = endOf(layout, 0) ?? claimedTime(layout, 'end');
  const first = layout.number(IE.flowStartSysUpTime)?.text;
  const last = layout.number(IE.flowEndSysUpTime)?.text;
  if (!start && !end && (first || last)) {
    const boot = layout.number(IE.systemInitTimeMilliseconds)?.text;
    prelude.push(
      `const bootMs = ${boot ? `(${boot} || c.bootMs)` : 'c.bootMs'};`,
      `const lastUp = ${last ?? first}, firstUp = ${first ?? last};`,
      'const end0 = bootMs < 0 ? c.exportMs : bootMs + H.delta(lastUp, c.uptime);',
      'const start0 = bootMs < 0 ? c.exportMs - (lastUp > firstUp ? lastUp - firstUp : 0) : bootMs + H.delta(firstUp, c.uptime);',
    );
    return { start: 'start0', end: 'end0' };
  }
  const duration = layout.has(IE.flowDurationMilliseconds) ? layout.number(IE.flowDurationMilliseconds)!.text : layout.has(IE.flowDurationMicroseconds) ? `Math.round(${layout.number(IE.flowDurationMicroseconds)!.text} / 1000)` : '0';
  const observed = absoluteTime(layout, 0, IE.observationTimeMilliseconds, 0, 0, IE.observationTimeSeconds, 0);
  prelude.push(
    `let start0 = ${start ?? '0'}, end0 = ${end ?? '0'};`,
    `if (end0 === 0) end0 = start0 !== 0 ? start0 + ${duration} : ${observed ? `(${observed} || c.exportMs)` : 'c.exportMs'};`,
    `if (start0 === 0) start0 = end0 - ${duration};`,
  );
  return { start: 'start0', end: 'end0' };
}

/** Of the other direction: what its own elements say, else the flow's times, begun later by the delay that an element tells. */
export function reverseTimesOf(layout: Layout, { start, end }: Times): Times {
  const delay = layout.claimed('reverseStartDelay', undefined)?.text;
  const own = startOf(layout, REVERSE_PEN);
  const last = endOf(layout, REVERSE_PEN);
  return {
    start: own ? `(${own} || ${start})` : delay ? `Math.min(${start} + ${delay}, ${end})` : start,
    end: last ? `(${last} || ${end})` : end,
  };
}

const startOf = (layout: Layout, enterprise: number): string | undefined =>
  absoluteTime(layout, enterprise, IE.flowStartMilliseconds, IE.flowStartMicroseconds, IE.flowStartNanoseconds, IE.flowStartSeconds, IE.flowStartDeltaMicroseconds);
const endOf = (layout: Layout, enterprise: number): string | undefined =>
  absoluteTime(layout, enterprise, IE.flowEndMilliseconds, IE.flowEndMicroseconds, IE.flowEndNanoseconds, IE.flowEndSeconds, IE.flowEndDeltaMicroseconds);

function absoluteTime(layout: Layout, enterprise: number, ms: number, us: number, ns: number, seconds: number, deltaUs: number): string | undefined {
  if (layout.has(ms, enterprise)) return layout.number(ms, enterprise)!.text;
  for (const id of [us, ns]) {
    const place = layout.place(id, enterprise);
    if (place?.length === 8) return `H.ntp(v.getUint32(${place.at}), v.getUint32(${place.at} + 4))`;
  }
  if (layout.has(seconds, enterprise)) return `${layout.number(seconds, enterprise)!.text} * 1000`;
  return layout.has(deltaUs, enterprise) ? `Math.round(c.exportMs - ${layout.number(deltaUs, enterprise)!.text} / 1000)` : undefined;
}

/** A time that an element says it is (`as: start`), by its type. */
function claimedTime(layout: Layout, field: 'start' | 'end'): string | undefined {
  const claim = layout.claim(field);
  if (!claim) return undefined;
  const { place, type } = claim;
  if (type === 'dateTimeSeconds') return `${numberAt(place).text} * 1000`;
  if (type === 'dateTimeMilliseconds') return numberAt(place).text;
  return place.length === 8 ? `H.ntp(v.getUint32(${place.at}), v.getUint32(${place.at} + 4))` : undefined;
}

/** NTP time (RFC 7011 sections 6.1.9 and 6.1.10: seconds since 1900 and a fraction of 2^32) in milliseconds since 1970; 0 stays 0. */
export function ntp(seconds: number, fraction: number): number {
  return seconds === 0 ? 0 : (seconds - 2208988800) * 1000 + Math.floor((fraction * 1000) / 4294967296);
}

/** sysUpTime of a flow, less 2^32 where the counter has wrapped between the flow and the header (every 49.7 days). */
export function delta(flow: number, uptime: number): number {
  return uptime >= 0 && flow - uptime > 0x7fffffff ? flow - 4294967296 : flow;
}
