/** Comparing records of ours with those of an oracle, field by field. */
import type { CaptureRecord } from '../../domain/flow/capture-records';
import { EXPLANATIONS, type Explanation } from './differences';

/** What was compared of one capture with one oracle. */
export interface Outcome {
  readonly capture: string;
  readonly oracle: string;
  /** Records that the oracle has. */
  records: number;
  /** Fields compared; fields that we hold in no comparable form are not. */
  fields: number;
  equal: number;
  explained: number;
  readonly different: string[];
}

/** Explanations that applied to something in this process. */
export const used = new Set<Explanation>();

/** Compares one capture with one oracle. */
export class Comparison {
  readonly outcome: Outcome;
  private readonly explanations: readonly Explanation[];

  constructor(capture: string, oracle: string) {
    this.outcome = { capture, oracle, records: 0, fields: 0, equal: 0, explained: 0, different: [] };
    this.explanations = EXPLANATIONS.filter((explanation) => explanation.oracle === oracle && (explanation.files?.test(capture) ?? true));
  }

  /** One field: what we have, what the oracle has. `place` says which record it is. `wanted`: the oracle's whole record. */
  field(place: string, name: string, got: unknown, want: unknown, wanted: Readonly<Record<string, unknown>>, record: CaptureRecord | null, equals: (a: string, b: string) => boolean = same): void {
    const { outcome } = this;
    const [ours, theirs] = [String(got), String(want)];
    outcome.fields++;
    if (equals(ours, theirs)) {
      outcome.equal++;
      return;
    }
    const explanation = this.explanations.find(({ fields, when }) => fields.includes(name) && (when?.({ got: ours, want: theirs, wanted, record, name }) ?? true));
    if (explanation) {
      used.add(explanation);
      outcome.explained++;
    } else outcome.different.push(`${place} ${name}: ours ${ours}, ${outcome.oracle} ${theirs}`);
  }

  /** A count of records. */
  count(name: string, got: number, want: number): void {
    this.field('', name, got, want, {}, null);
  }
}

/** True for texts that say the same: numbers in any notation, bytes with or without colons, whatever case. */
export function same(a: string, b: string): boolean {
  if (a === b) return true;
  if (a !== '' && b !== '' && Number(a) === Number(b)) return true;
  return plain(a) === plain(b);
}

const plain = (text: string): string => (/^([0-9a-f]{2}:)+[0-9a-f]{2}$/i.test(text) || /^0x[0-9a-f]+$/i.test(text) ? text.replace(/^0x|:/g, '') : text.replace(/\0+$/, '')).toLowerCase();

/** Values of a record by the names of information elements in small letters: of a flow those of its row, and those beside it. */
export function elementsOf(record: CaptureRecord): Map<string, string> {
  const values = new Map<string, string>();
  if (record.kind === 'options') {
    for (const [name, value] of Object.entries(record.values)) values.set(name.toLowerCase(), String(value));
    return values;
  }
  if (record.kind !== 'flow') return values;
  const put = (name: string, value: string | number): void => void values.set(name.toLowerCase(), String(value));
  const address = (text: string, v4: string, v6: string): void => {
    if (text !== '') put(text.includes(':') ? v6 : v4, text);
  };
  address(record.srcAddr, 'sourceIPv4Address', 'sourceIPv6Address');
  address(record.dstAddr, 'destinationIPv4Address', 'destinationIPv6Address');
  put('octetDeltaCount', record.bytes);
  put('packetDeltaCount', record.packets);
  put('octetTotalCount', record.bytes);
  put('packetTotalCount', record.packets);
  put('protocolIdentifier', record.proto);
  put('ipClassOfService', record.tos);
  put('tcpControlBits', record.tcpFlags);
  put('sourceTransportPort', record.srcPort);
  put('destinationTransportPort', record.dstPort);
  put('ingressInterface', record.inIf);
  put('egressInterface', record.outIf);
  put('bgpSourceAsNumber', record.srcAs);
  put('bgpDestinationAsNumber', record.dstAs);
  for (const family of ['IPv4', 'IPv6']) {
    put(`source${family}PrefixLength`, record.srcMask);
    put(`destination${family}PrefixLength`, record.dstMask);
  }
  put('vlanId', record.vlan);
  put('flowDirection', record.direction);
  put('start', record.start);
  put('end', record.end);
  if (record.nextHop !== '') put('nextHop', record.nextHop);
  for (const [name, value] of Object.entries(record.detail?.extra ?? {})) put(name, value);
  return values;
}

/** Captures with records of both directions. */
export const BOTH_DIRECTIONS = /ipfixprobe-biflow|telegraf-ipfix-example/;

/**
 * The rows that others have: of a record that tells of both directions (RFC 5103) they make one. The row of the other direction
 * follows ours with its ends exchanged.
 */
export function asForward<R extends CaptureRecord>(records: readonly R[]): R[] {
  const forward: R[] = [];
  let before: R | undefined;
  for (const record of records) {
    const reverse = record.kind === 'flow' && before?.kind === 'flow' && isReverse(before, record);
    before = reverse ? undefined : record;
    if (!reverse) forward.push(record);
  }
  return forward;
}

function isReverse(one: Extract<CaptureRecord, { kind: 'flow' }>, other: Extract<CaptureRecord, { kind: 'flow' }>): boolean {
  const icmp = other.proto === 1 || other.proto === 58;
  return one.srcAddr === other.dstAddr && one.dstAddr === other.srcAddr && one.sequence === other.sequence && (icmp || (one.srcPort === other.dstPort && one.dstPort === other.srcPort));
}
