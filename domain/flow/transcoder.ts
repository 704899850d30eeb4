/**
 * A template made into a function that writes Avro rows straight from the datagram: the fields' places become constants,
 * what the row does not want is stepped over, and nothing is allocated for a flow.
 */
import type { FlowPartitions } from './batch-builder';
import { mayTellWho } from './anonymise';
import { IE, VARIABLE, type Field } from './elements';
import { BUILT_IN } from './elements/registry';
import { Extras } from './extra';
import { FirewallEvents } from './firewall-events';
import { ListReader, MAX_VALUES, type ListContext, type ListTemplate } from './lists';
import { PacketHeader } from './packet-header';
import { HELPERS, rowCode, type NumberCode, type RowCode } from './row-code';
import { AS_IT_IS, finish, type Finishing } from './row-finish';
import type { SamplingRates } from './sampling';
import { icmpReply, reverseOf } from './template-biflow';
import { Layout, type Segment } from './template-layout';
import { rowOf, type TemplateReading } from './template-row';
import { delta, ntp } from './template-times';
import { Tunnels } from './tunnels';

/** What a transcoder needs to know besides the bytes. Times in milliseconds since the epoch. */
export interface TranscodeContext extends ListContext {
  exportMs: number;
  /** When the exporter's sysUpTime was 0; -1 where it is not known. */
  bootMs: number;
  /** sysUpTime of the header in milliseconds; -1 where it has none. */
  uptime: number;
  rates: SamplingRates;
  /** Templates of the observation domain; an object that stands for it. */
  templates: ReadonlyMap<number, ListTemplate>;
  domain: object;
  readonly firewall: FirewallEvents;
  /** Set by a transcoder that met a record running over `end`. */
  overrun: boolean;
  /** Data records transcoded: a record may make no row, one, or several. */
  records: number;
  /** Bytes of extra elements in the present datagram, and elements left out for want of room. */
  extraBytes: number;
  extraCut: number;
}

/** A context for one datagram after the other. */
export function transcodeContext(rates: SamplingRates, firewall = new FirewallEvents()): TranscodeContext {
  return { exportMs: 0, bootMs: -1, uptime: -1, rates, templates: new Map(), domain: rates, firewall, overrun: false, records: 0, lies: 0, unknown: 0, values: MAX_VALUES, extraBytes: 0, extraCut: 0 };
}

/**
 * Transcodes the records between `at` and `end`, at most `max` of them; returns where it stopped: what is left is padding
 * where it is shorter than a record.
 */
export type Transcoder = (s: Uint8Array, v: DataView, at: number, end: number, max: number, c: TranscodeContext, out: FlowPartitions) => number;

/** Transcodes the one record between `at` and `end` together with a record in one of its lists, between `iat` and `iend`. */
export type PairTranscoder = (s: Uint8Array, v: DataView, at: number, end: number, iat: number, iend: number, c: TranscodeContext, out: FlowPartitions) => void;

/** The usual: IANA's and vendors' elements, the outer packet, nothing beside the row. */
export const PLAIN: TemplateReading = { elements: BUILT_IN, extra: null, tunnels: 'outer', finishing: AS_IT_IS };

/** Length of the shortest record of a template, in bytes. */
export const shortestRecord = (fields: readonly Field[]): number => fields.reduce((sum, { length }) => sum + (length === VARIABLE ? 1 : length), 0);

/** Makes the transcoder of a template's fields. */
export function compileTranscoder(fields: readonly Field[], reading: TemplateReading = PLAIN): Transcoder {
  const overrun = '{ c.overrun = true; break; }';
  const { before, body, rows, end, parts } = recordCode([{ fields, base: 'at', end: 'end', overrun }], reading);
  return build(
    `function transcode(s, v, at, end, max, c, out) {
  ${before}
  let n = 0;
  for (const most = ${rows === 1 ? 'max' : 'max >> 1'}; n < most && at + ${shortestRecord(fields)} <= end; n++) {
    ${body}
    at = ${end};
  }
  c.records += n;
  return at;
}`,
    parts,
  ) as Transcoder;
}

/** Makes the transcoder of records with one of a list in them; elements of `first` count before those of the other. */
export function compilePair(outer: readonly Field[], inner: readonly Field[], first: 'outer' | 'inner', reading: TemplateReading): PairTranscoder {
  const overrun = '{ c.overrun = true; return; }';
  const segments: Segment[] = [{ fields: outer, base: 'at', end: 'end', overrun }, { fields: inner, base: 'iat', end: 'iend', overrun }];
  const { before, body, parts } = recordCode(first === 'outer' ? segments : segments.reverse(), reading);
  return build(`function transcode(s, v, at, end, iat, iend, c, out) {\n  ${before}\n  ${body}\n}`, parts) as PairTranscoder;
}

/** What a transcoder's text refers to. */
interface Parts {
  readonly extras: Extras | null;
  readonly finishing: Finishing;
}

function build(text: string, { extras, finishing }: Parts): unknown {
  const packet = new PacketHeader();
  return new Function('H', 'o', 'z', 'x', 'P', 'A', `return ${text};`)({ ...HELPERS, delta, ntp, icmpReply }, packet, new Tunnels(), extras, finishing.places, finishing.anonymiser);
}

/** Statements before all records, and for one; `rows` that a record may make. */
function recordCode(segments: readonly Segment[], reading: TemplateReading): { before: string; body: string; rows: number; end: string; parts: Parts } {
  const layout = new Layout(segments, reading.elements);
  const plain = rowOf(layout, reading);
  const reverse = reverseOf(layout, plain);
  const events = firewallEvents(layout);
  const row = events ? counted(plain) : plain;
  const extras = extrasOf(layout, reading);
  const code = (of: RowCode): string => {
    const finished = finish(withExtra(of, extras), reading.finishing);
    return finished.before + rowCode(finished.row);
  };
  const rows = [code(row)];
  if (reverse) rows.push(`if (${events ? 'counts && ' : ''}(${reverse.when})) {${code(reverse.row)}\n}`);
  return {
    before: events ? 'const firewall = c.firewall.numberOf(c.domain);' : '',
    body: [...layout.walk, ...layout.prelude, ...(events ? [events] : []), ...(extras ? extras.statements : []), ...rows.map((code) => `{${code}\n}`)].join('\n    '),
    rows: rows.length,
    end: layout.end,
    parts: { extras: extras?.values ?? null, finishing: reading.finishing },
  };
}

/** Events of a Cisco firewall: a statement that says whether a record's counters tell of new traffic; null for other templates. */
function firewallEvents(layout: Layout): string | null {
  if (!layout.has(IE.firewallEvent) || !layout.has(IE.firewallExtendedEvent) || !layout.has(IE.flowId) || !layout.has(IE.initiatorOctets)) return null;
  return `const counts = c.firewall.counts(firewall, ${layout.number(IE.flowId)!.text}, ${layout.number(IE.firewallEvent)!.text});`;
}

function counted(row: RowCode): RowCode {
  const once = ({ text, max }: NumberCode): NumberCode => ({ text: `(counts ? ${text} : 0)`, max });
  return { ...row, packets: once(row.packets), bytes: once(row.bytes) };
}

/** Statements that collect the extra elements of a record, where the template has some that are asked for. */
function extrasOf(layout: Layout, { extra, elements, finishing }: TemplateReading): { statements: string[]; values: Extras } | null {
  if (!extra) return null;
  const wanted = layout.all.filter(({ field }) => extra.wants(field, layout.took(field)) && !(finishing.anonymiser && mayTellWho(elements.of(field.enterprise, field.id))));
  if (wanted.length === 0) return null;
  const values = new Extras(wanted.map(({ field }) => field), elements, new ListReader(elements));
  return { statements: ['x.clear();', ...wanted.map(({ place }, slot) => `x.add(${slot}, s, ${place.at}, ${place.length}, c);`)], values };
}

function withExtra(row: RowCode, extras: object | null): RowCode {
  if (!extras) return row;
  return { ...row, detail: { ...row.detail, present: ['x.count > 0', ...(row.detail?.present ?? [])], extra: 'p = x.write(b, p);' } };
}
