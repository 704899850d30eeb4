/**
 * What sFlow's records tell beside the row, under the names of the information elements that mean the same: for `collector.extra`. There is
 * no such object, and nothing is spent, where nothing of it is asked for.
 */
import { mayTellWho } from './anonymise';
import type { Elements } from './elements/registry';
import { Extras, type ExtraSelection } from './extra';
import { ListReader } from './lists';
import type { PacketHeader } from './packet-header';
import type { Scratch } from './scratch';
import type { TranscodeContext } from './transcoder';

/** Elements by number, each with where it comes from. */
const ELEMENT = {
  sourceMacAddress: 56, // header, sampled Ethernet
  postVlanId: 59, // switch
  destinationMacAddress: 80,
  bgpNextAdjacentAsNumber: 128, // gateway
  bgpPrevAdjacentAsNumber: 129,
  postNATSourceIPv4Address: 225, // NAT
  postNATDestinationIPv4Address: 226,
  postNAPTSourceTransportPort: 227,
  postNAPTDestinationTransportPort: 228,
  dot1qPriority: 244, // switch
  dot1qCustomerVlanId: 245, // header
  postNATSourceIPv6Address: 281,
  postNATDestinationIPv6Address: 282,
  userName: 371, // user
  httpRequestHost: 460, // URL
  httpRequestTarget: 461,
  bgpDestinationCommunityList: 485, // gateway
  bgpDestinationAsPathList: 512,
} as const;

/** Collects them from the records of one sample after the other. */
export class SflowExtra {
  /** What was collected, as the row's code writes it. */
  readonly values: Extras;
  private readonly slots: ReadonlyMap<number, number>;
  /** A bit for each slot that the sample has filled: the first record that tells an element counts. */
  private filled = 0;

  private constructor(
    private readonly scratch: Scratch,
    wanted: readonly number[],
    elements: Elements,
    private readonly context: TranscodeContext,
  ) {
    this.values = new Extras(wanted.map(field), elements, new ListReader(elements));
    this.slots = new Map(wanted.map((id, slot) => [id, slot]));
  }

  /** Null where nothing that sFlow tells is asked for. */
  static of(scratch: Scratch, selection: ExtraSelection | null, elements: Elements, context: TranscodeContext, anonymous: boolean): SflowExtra | null {
    const wanted = selection ? Object.values(ELEMENT).filter((id) => selection.wants(field(id), false) && !(anonymous && mayTellWho(elements.of(0, id)))) : [];
    return wanted.length === 0 ? null : new SflowExtra(scratch, wanted, elements, context);
  }

  /** Begins a datagram. */
  datagram(): void {
    this.context.extraBytes = 0;
  }

  /** Begins a sample. */
  begin(): void {
    this.filled = 0;
    this.values.clear();
  }

  /** The body of a flow record between `at` and `end`. */
  read(format: number, at: number, end: number): void {
    const { view } = this.scratch;
    const size = end - at;
    if (format === 1 && size >= 30 && view.getUint32(at) === 1 && view.getUint32(at + 12) >= 14) {
      this.bytes(ELEMENT.destinationMacAddress, at + 16, 6);
      this.bytes(ELEMENT.sourceMacAddress, at + 22, 6);
    } else if (format === 2 && size >= 20) {
      this.bytes(ELEMENT.sourceMacAddress, at + 4, 6);
      this.bytes(ELEMENT.destinationMacAddress, at + 12, 6);
    } else if (format === 1001 && size >= 16) {
      this.bytes(ELEMENT.dot1qPriority, at + 4, 4);
      if (view.getUint32(at + 8) <= 4095) this.bytes(ELEMENT.postVlanId, at + 8, 4);
    } else if (format === 1003 && size >= 20) this.gateway(at, end);
    else if (format === 1004 && size >= 8) this.string(ELEMENT.userName, at + 4, end);
    else if (format === 1005 && size >= 8) {
      const host = this.string(ELEMENT.httpRequestTarget, at + 4, end);
      if (host > 0) this.string(ELEMENT.httpRequestHost, host, end);
    } else if (format === 1007 && size >= 8) {
      const destination = this.address(ELEMENT.postNATSourceIPv4Address, ELEMENT.postNATSourceIPv6Address, at, end);
      if (destination > 0) this.address(ELEMENT.postNATDestinationIPv4Address, ELEMENT.postNATDestinationIPv6Address, destination, end);
    } else if (format === 1020 && size >= 8) {
      this.bytes(ELEMENT.postNAPTSourceTransportPort, at, 4);
      this.bytes(ELEMENT.postNAPTDestinationTransportPort, at + 4, 4);
    }
  }

  /** Ends a sample: what the packet itself tells. */
  end(packet: PacketHeader): void {
    if (packet.innerVlan > 0) this.text(ELEMENT.dot1qCustomerVlanId, String(packet.innerVlan));
  }

  private bytes(id: number, at: number, length: number): void {
    const slot = this.free(id);
    if (slot >= 0) this.values.add(slot, this.scratch.bytes, at, length, this.context);
  }

  private text(id: number, text: string): void {
    const slot = this.free(id);
    if (slot >= 0) this.values.put(slot, text, this.context);
  }

  /** The slot of an element that was asked for and is not filled, else -1. */
  private free(id: number): number {
    const slot = this.slots.get(id);
    if (slot === undefined || ((this.filled >> slot) & 1) === 1) return -1;
    this.filled |= 1 << slot;
    return slot;
  }

  /** A string of XDR that is not empty; the offset after it, 0 where it runs over the end. */
  private string(id: number, at: number, end: number): number {
    const length = at + 4 <= end ? this.scratch.view.getUint32(at) : Infinity;
    if (at + 4 + length > end) return 0;
    if (length > 0) this.bytes(id, at + 4, length);
    return Math.min(end, at + 4 + length + (-length & 3));
  }

  /** An address with its type before it; the offset after it, 0 where it is none. */
  private address(v4: number, v6: number, at: number, end: number): number {
    const type = at + 4 <= end ? this.scratch.view.getUint32(at) : 0;
    const length = type === 1 ? 4 : type === 2 ? 16 : 0;
    if (length === 0 || at + 4 + length > end) return 0;
    this.bytes(length === 4 ? v4 : v6, at + 4, length);
    return at + 4 + length;
  }

  /** Extended gateway: the neighbour on the way back, the first AS of the path, the path (its segments one after the other), communities. */
  private gateway(at: number, end: number): void {
    const { view } = this.scratch;
    const type = view.getUint32(at);
    at += type === 1 ? 8 : type === 2 ? 20 : 4;
    if (at + 16 > end) return;
    if (view.getUint32(at + 8) > 0) this.bytes(ELEMENT.bgpPrevAdjacentAsNumber, at + 8, 4);
    let segments = view.getUint32(at + 12);
    const path: number[] = [];
    for (at += 16; segments > 0 && at + 8 <= end; segments--) {
      const next = at + 8 + 4 * view.getUint32(at + 4);
      if (next > end) return;
      for (at += 8; at < next; at += 4) path.push(view.getUint32(at));
    }
    if (path.length > 0) {
      this.text(ELEMENT.bgpNextAdjacentAsNumber, String(path[0]));
      this.text(ELEMENT.bgpDestinationAsPathList, JSON.stringify(path));
    }
    const communities = at + 4 <= end ? view.getUint32(at) : 0;
    if (communities === 0 || at + 4 + 4 * communities > end) return;
    this.text(ELEMENT.bgpDestinationCommunityList, JSON.stringify(Array.from({ length: communities }, (_, i) => view.getUint32(at + 4 + 4 * i))));
  }
}

const field = (id: number) => ({ id, enterprise: 0, length: 4, scope: false });
