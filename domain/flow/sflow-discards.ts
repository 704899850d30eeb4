/** Discarded-packet samples of sFlow v5 (sflow.org: sFlow Dropped Packet Notification Structures): one packet each, with the reason. */
import type { DiscardedPacket } from '../../schemas';
import { formatIpv4, formatIpRow } from '../../schemas/ip';
import type { Anonymiser } from './anonymise';
import type { Scratch } from './scratch';
import type { FlowRecords } from './sflow-records';

/** A discarded packet as its sample tells. */
export type DiscardSample = Omit<DiscardedPacket, 'device' | 'time'>;

/** `drop_reason`: from 0 the codes of ICMP's destination unreachable, from 256 its own. */
const UNREACHABLE = [
  'net_unreachable', 'host_unreachable', 'protocol_unreachable', 'port_unreachable', 'frag_needed', 'src_route_failed', 'dst_net_unknown', 'dst_host_unknown', 'src_host_isolated',
  'dst_net_prohibited', 'dst_host_prohibited', 'dst_net_tos_unreachable', 'dst_host_tos_unreachable', 'comm_admin_prohibited', 'host_precedence_violation', 'precedence_cutoff',
];
const OTHERS = [
  'unknown', 'ttl_exceeded', 'acl', 'no_buffer_space', 'red', 'traffic_shaping', 'pkt_too_big', 'src_mac_is_multicast', 'vlan_tag_mismatch', 'ingress_vlan_filter',
  'ingress_spanning_tree_filter', 'port_list_is_empty', 'port_loopback_filter', 'blackhole_route', 'non_ip', 'uc_dip_over_mc_dmac', 'dip_is_loopback_address', 'sip_is_mc',
  'sip_is_loopback_address', 'ip_header_corrupted', 'ipv4_sip_is_limited_bc', 'ipv6_mc_dip_reserved_scope', 'ipv6_mc_dip_interface_local_scope', 'unresolved_neigh',
  'mc_reverse_path_forwarding', 'non_routable_packet', 'decap_error', 'overlay_smac_is_mc', 'unknown_l2', 'unknown_l3', 'unknown_l3_exception', 'unknown_buffer', 'unknown_tunnel',
  'unknown_l4', 'sip_is_unspecified', 'mlag_port_isolation', 'blackhole_arp_neigh', 'src_mac_is_dmac', 'dmac_is_reserved', 'sip_is_class_e', 'mc_dmac_mismatch', 'sip_is_dip',
  'dip_is_local_network', 'dip_is_link_local', 'overlay_smac_is_dmac', 'egress_vlan_filter', 'uc_reverse_path_forwarding', 'split_horizon',
];

/** The name of a reason. */
export const reasonName = (reason: number): string => (reason < 256 ? UNREACHABLE[reason] : OTHERS[reason - 256]) ?? `reason_${reason}`;

/** Reads the sample whose head begins at `at` and whose records have been read; the parts that only such samples have are read here. */
export class DiscardRecords {
  private queue: number | null = null;
  private acl: number | null = null;
  private aclName = '';
  private function = '';

  constructor(
    private readonly scratch: Scratch,
    private readonly records: FlowRecords,
    private readonly anonymiser: Anonymiser | null,
  ) {}

  begin(): void {
    this.records.begin();
    this.queue = this.acl = null;
    this.aclName = this.function = '';
  }

  /** The body of a record; those that flow samples have too are the flow records' to read. */
  read(format: number, at: number, end: number): void {
    const { view } = this.scratch;
    if (format === 1036 && at + 4 <= end) this.queue = view.getUint32(at);
    else if (format === 1037 && at + 8 <= end) {
      this.acl = view.getUint32(at);
      this.aclName = this.text(at + 4, end);
    } else if (format === 1038 && at + 4 <= end) this.function = this.text(at, end);
    else this.records.read(format, at, end);
  }

  /** The packet. `drops`, `inIf`, `outIf` and `reason` are in the sample's head. */
  end(drops: number, inIf: number, outIf: number, reason: number): DiscardSample {
    const { packet, sample } = this.records;
    const { srcAt, dstAt, addressLength, srcPort, dstPort, proto, tcpFlags } = packet;
    return {
      inIf, outIf, reason, reasonName: reasonName(reason), drops,
      srcAddr: this.address(srcAt, addressLength), dstAddr: this.address(dstAt, addressLength),
      srcPort, dstPort, proto, tcpFlags, vlan: sample.vlan < 0 ? packet.vlan : sample.vlan, length: sample.length,
      queue: this.queue, acl: this.acl, aclName: this.aclName, function: this.function,
    };
  }

  private address(at: number, length: number): string {
    if (length === 0) return '';
    const bytes = this.scratch.bytes.subarray(at, at + length);
    const text = length === 4 ? formatIpv4(bytes) : formatIpRow(bytes);
    return this.anonymiser === null ? text : this.anonymiser.text(text);
  }

  private text(at: number, end: number): string {
    const length = this.scratch.view.getUint32(at);
    return Buffer.from(this.scratch.bytes.subarray(at + 4, Math.min(end, at + 4 + length))).toString('utf8');
  }
}
