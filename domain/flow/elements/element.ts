/** What an information element is: RFC 7012 section 3 (abstract data types) and what NetWeaver makes of it. */

/** Abstract data types: RFC 7012 section 3.1, lists of RFC 6313, unsigned256 of RFC 9740. */
export const ELEMENT_TYPES = [
  'octetArray', 'unsigned8', 'unsigned16', 'unsigned32', 'unsigned64', 'unsigned256', 'signed8', 'signed16', 'signed32', 'signed64', 'float32', 'float64', 'boolean', 'macAddress', 'string',
  'dateTimeSeconds', 'dateTimeMilliseconds', 'dateTimeMicroseconds', 'dateTimeNanoseconds', 'ipv4Address', 'ipv6Address', 'basicList', 'subTemplateList', 'subTemplateMultiList',
] as const;
export type ElementType = (typeof ELEMENT_TYPES)[number];

const ADDRESS: readonly ElementType[] = ['ipv4Address', 'ipv6Address'];
const NUMBER: readonly ElementType[] = ['unsigned8', 'unsigned16', 'unsigned32', 'unsigned64'];
const TIME: readonly ElementType[] = ['dateTimeSeconds', 'dateTimeMilliseconds', 'dateTimeMicroseconds', 'dateTimeNanoseconds'];

/**
 * Fields of the row that an element may be said to fill (`as`), with the types that can. `reverse…` are for the row of the other
 * direction, `reverseStartDelay` says by how many milliseconds it began later; `inner…` and `tunnelId` are of the row's detail.
 */
export const ROW_FIELDS = {
  srcAddr: ADDRESS, dstAddr: ADDRESS, nextHop: ADDRESS, innerSrcAddr: ADDRESS, innerDstAddr: ADDRESS,
  srcPort: NUMBER, dstPort: NUMBER, proto: NUMBER, tcpFlags: NUMBER, tos: NUMBER, packets: NUMBER, bytes: NUMBER, samplingRate: NUMBER, inIf: NUMBER, outIf: NUMBER,
  srcAs: NUMBER, dstAs: NUMBER, srcMask: NUMBER, dstMask: NUMBER, vlan: NUMBER, direction: NUMBER,
  reversePackets: NUMBER, reverseBytes: NUMBER, reverseTcpFlags: NUMBER, reverseStartDelay: NUMBER,
  innerSrcPort: NUMBER, innerDstPort: NUMBER, innerProto: NUMBER, tunnelId: NUMBER,
  start: TIME, end: TIME,
} as const satisfies Record<string, readonly ElementType[]>;
export type RowField = keyof typeof ROW_FIELDS;

/** The field of the opposite direction that an element's reverse fills. */
export const REVERSE_FIELD: Readonly<Partial<Record<RowField, RowField>>> = { bytes: 'reverseBytes', packets: 'reversePackets', tcpFlags: 'reverseTcpFlags', reverseBytes: 'bytes', reversePackets: 'packets', reverseTcpFlags: 'tcpFlags' };

/** An information element. */
export interface Element {
  /** As it is shown: IANA's name, or `<vendor>.<name>`. */
  readonly name: string;
  readonly type: ElementType;
  /** RFC 7012 section 3.2; empty where the registry says nothing. */
  readonly semantics: string;
  /** Empty where it has none. */
  readonly units: string;
  /** The field of the row that it fills where the standard's elements do not. */
  readonly as?: RowField;
  /** True where a user's file says so: then it comes before the standard's elements. */
  readonly own?: boolean;
}

/** True for lists of RFC 6313. */
export const isList = (type: ElementType | undefined): boolean => type === 'basicList' || type === 'subTemplateList' || type === 'subTemplateMultiList';

/** A vendor's elements, as a file of them says. */
export interface VendorElements {
  /** Private enterprise number; 0 for numbers that only NetFlow v9 has, from 32768. */
  readonly enterprise: number;
  /** Before the elements' names: `<name>.<element>`. */
  readonly name: string;
  /** The bit of an element's number that marks the reverse of the element without it; 0 where the vendor has none. */
  readonly reverse: number;
  readonly elements: ReadonlyMap<number, { readonly name: string; readonly type: ElementType; readonly as?: RowField }>;
}
