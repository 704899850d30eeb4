import { decodeFlowBatch, type Flow } from '../../schemas';
import { FlowPartitions } from './batch-builder';
import { FlowDecoder } from './decoder';
import { bytes, ethernet, ip4, ipfix, ipv4Packet, set, tcp, template, vlan, type FixtureField } from './fixtures';
import { ConfiguredRates } from './sampling';
import type { TunnelMode } from './tunnels';

/** The flow of one record of a template. */
function flowOf(fields: readonly FixtureField[], record: Uint8Array, tunnels: TunnelMode = 'outer'): Flow {
  const partitions = new FlowPartitions(1);
  const decoder = new FlowDecoder(partitions, new ConfiguredRates({}, 0), { perExporter: 1 << 20, total: 1 << 22 }, { fault: () => undefined }, { tunnels });
  decoder.decode(ipfix([set(2, template(256, fields)), set(256, record)]), decoder.sources.of('192.0.2.1'), 1_700_000_000_000, 0);
  return decodeFlowBatch(partitions.builders[0].take(0)).flows[0];
}

/** A section of variable length. */
const section = (payload: Uint8Array): Buffer => bytes([payload.length, 1], payload);
const packet = ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1234, 443, 0x12), { tos: 8 });
const frame = ethernet(0x0800, packet, vlan(5));
const seen = { srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', srcPort: 1234, dstPort: 443, proto: 6, tcpFlags: 0x12, tos: 8, packets: 1, bytes: 40 };
const nothing = { srcAddr: '', dstAddr: '', srcPort: 0, dstPort: 0, proto: 0, vlan: 0, bytes: 0 };
const carrier = ethernet(0x0800, ipv4Packet('192.0.2.1', '192.0.2.2', 47, bytes([0x20000800, 4], [99, 4], packet)), vlan(5));

describe('a piece of the packet in a template', () => {
  test.each<[string, readonly FixtureField[], Buffer, object]>([
    ['a frame (IE 315)', [[315, 65535]], section(frame), { ...seen, vlan: 5 }],
    ['a frame by the element before it (IE 104)', [[104, 65535]], section(frame), { ...seen, vlan: 5 }],
    ['an IP header (IE 313)', [[313, 65535]], section(packet), { ...seen, vlan: 0 }],
    ['what is under labels (IE 317), with the labels (IE 316)', [[316, 8], [317, 65535]], bytes([0x00010040, 4], [0x00011140, 4], section(packet)), seen],
    ['the payload of an IP packet (IE 314) beside its addresses and protocol', [[8, 4], [12, 4], [4, 1], [314, 65535]], bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [6, 1], section(tcp(1234, 443, 0x12))), { ...seen, tos: 0, bytes: 0 }],
    ['a frame that has no IP packet: its size is the frame\'s (IE 312)', [[312, 2], [315, 65535]], bytes([1514, 2], section(ethernet(0x0806, Buffer.alloc(28)))), { ...nothing, bytes: 1514 }],
    ['an IP packet\'s size is its own', [[312, 2], [315, 65535]], bytes([1514, 2], section(frame)), seen],
    ['counters of the template before those of the packet', [[2, 4], [1, 4], [315, 65535]], bytes([7, 4], [7000, 4], section(frame)), { ...seen, packets: 7, bytes: 7000 }],
    ['a section that begins at the packet (IE 409)', [[409, 2], [315, 65535]], bytes([0, 2], section(frame)), seen],
    ['a section that begins within the packet', [[409, 2], [315, 65535]], bytes([14, 2], section(frame)), nothing],
    ['the same of the element before it (IE 102)', [[102, 2], [104, 65535]], bytes([14, 2], section(frame)), nothing],
    ['a frame of 802.11 (IE 408)', [[408, 2], [315, 65535]], bytes([2, 2], section(frame)), nothing],
    ['a frame of Ethernet', [[408, 2], [315, 65535]], bytes([1, 2], section(frame)), seen],
    ['an empty one', [[315, 65535]], section(Buffer.alloc(0)), nothing],
  ])('%s', (_name, fields, record, wanted) => {
    expect(flowOf(fields, record)).toMatchObject({ ...wanted, detail: null });
  });

  test('a packet in the packet, by collector.tunnels', () => {
    const record = section(carrier);
    const outer = { srcAddr: '192.0.2.1', dstAddr: '192.0.2.2', proto: 47, vlan: 5, bytes: 68 };
    expect(flowOf([[315, 65535]], record)).toMatchObject({ ...outer, detail: null });
    expect(flowOf([[315, 65535]], record, 'both')).toMatchObject({ ...outer, detail: { tunnel: 'GRE', tunnelId: 99, innerSrcAddr: '10.0.0.1', innerDstPort: 443, innerProto: 6 } });
    expect(flowOf([[315, 65535]], record, 'inner')).toMatchObject({ ...seen, vlan: 5, bytes: 68, detail: { tunnel: 'GRE', tunnelId: 99, innerSrcAddr: '' } });
    expect(flowOf([[315, 65535]], section(frame), 'inner')).toMatchObject({ ...seen, detail: null });
  });

  test('labels beside what is under them: the bottom one is the identifier', () => {
    const record = bytes([0x00010040, 4], [0x00011140, 4], section(packet));
    expect(flowOf([[316, 8], [317, 65535]], record, 'both')).toMatchObject({ ...seen, detail: { tunnel: 'MPLS', tunnelId: 17, innerSrcAddr: '' } });
  });
});
