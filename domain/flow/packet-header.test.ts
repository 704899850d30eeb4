import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { frames } from '../pcap/capture-file';
import { bytes, ethernet, ip4, ipv4Packet, ipv6Packet, tcp, vlan } from './fixtures';
import { PacketHeader } from './packet-header';

const a6 = bytes([0x20010db8, 4], [0, 8], [1, 4]);
const b6 = bytes([0x20010db8, 4], [0, 8], [2, 4]);
const a4 = ip4('192.0.2.1');

function decode(frame: Uint8Array, from: 'ethernet' | 'ip' = 'ethernet', end = frame.length) {
  const header = new PacketHeader();
  header[from](frame, 0, end);
  const { proto, srcPort, dstPort, tcpFlags, tos, vlan: vlanId, innerVlan, label: bottom, ipLength, addressLength, srcAt } = header;
  return { proto, srcPort, dstPort, tcpFlags, tos, vlan: vlanId, innerVlan, label: bottom, ipLength, src: Buffer.from(frame.subarray(srcAt, srcAt + addressLength)).toString('hex') };
}

const tcp4 = ipv4Packet('192.0.2.1', '192.0.2.2', 6, tcp(1234, 443, 0x12), { tos: 0x28 });
const seen4 = { proto: 6, srcPort: 1234, dstPort: 443, tcpFlags: 0x12, tos: 0x28, vlan: 0, innerVlan: 0, label: -1, ipLength: 40, src: a4.toString('hex') };
const label = (value: number, bottom: boolean): Buffer => bytes([(value << 12) | (bottom ? 0x100 : 0) | 64, 4]);

describe('the header of a sampled packet', () => {
  test.each([
    ['IPv4 and TCP', ethernet(0x0800, tcp4), {}],
    ['802.1Q', ethernet(0x0800, tcp4, vlan(100)), { vlan: 100 }],
    ['802.1ad with 802.1Q', ethernet(0x0800, tcp4, vlan(7, 0x88a8), vlan(8)), { vlan: 7, innerVlan: 8 }],
    ['a tag of priority alone before a VLAN', ethernet(0x0800, tcp4, vlan(0xe000), vlan(8)), { vlan: 8 }],
    ['802.1ah', ethernet(0x88e7, bytes([77, 4], ethernet(0x0800, tcp4, vlan(5))), vlan(4, 0x88a8)), { vlan: 4, innerVlan: 5 }],
    ['MPLS', ethernet(0x8847, bytes(label(16, false), label(17, true), tcp4)), { label: 17 }],
    ['MPLS, explicit null', ethernet(0x8847, bytes(label(0, true), tcp4)), { label: 0 }],
    ['Ethernet over MPLS with a control word', ethernet(0x8847, bytes(label(16, true), [0, 4], ethernet(0x0800, tcp4, vlan(5)))), { vlan: 5, label: 16 }],
    ['Ethernet over MPLS without one', ethernet(0x8847, bytes(label(16, true), ethernet(0x0800, tcp4))), { label: 16 }],
    ['Ethernet over MPLS without one, the address beginning with 0', ethernet(0x8847, bytes(label(16, true), [0x001b21, 3], [1, 3], ethernet(0x0800, tcp4).subarray(6))), { label: 16 }],
    ['IPv4 options', ethernet(0x0800, bytes([0x46, 1], [0x28, 1], [40, 2], [0, 4], [64, 1], [6, 1], [0, 2], ip4('192.0.2.1'), ip4('192.0.2.2'), [0x94040000, 4], tcp(1234, 443, 0x12))), {}],
    ['a total length of 0, as segmentation in the network card leaves it', ethernet(0x0800, ipv4Packet('192.0.2.1', '192.0.2.2', 6, tcp(1234, 443, 0x12), { tos: 0x28, length: 0 })), { ipLength: 0 }],
    ['LLC and SNAP', ethernet(48, bytes([0xaaaa03, 3], [0, 3], [0x0800, 2], tcp4)), {}],
    ['PPPoE', ethernet(0x8864, bytes([0x11, 1], [0, 1], [1, 2], [tcp4.length + 2, 2], [0x0021, 2], tcp4)), {}],
  ])('%s', (_name, frame, more) => {
    expect(decode(frame)).toEqual({ ...seen4, ...more });
  });

  test.each([
    ['IPv6 and UDP', 17, bytes([53, 2], [4000, 2], [8, 2], [0, 2]), { proto: 17, srcPort: 53, dstPort: 4000 }],
    ['hop-by-hop, routing and destination options before TCP', 0, bytes([43, 1], [0, 1], [0, 6], [60, 1], [0, 1], [0, 6], [6, 1], [1, 1], [0, 14], tcp(1, 2, 2)), { proto: 6, srcPort: 1, dstPort: 2, tcpFlags: 2 }],
    ['the first fragment', 44, bytes([6, 1], [0, 1], [1, 2], [99, 4], tcp(1, 2, 2)), { proto: 6, srcPort: 1, dstPort: 2, tcpFlags: 2 }],
    ['a later fragment has no ports', 44, bytes([6, 1], [0, 1], [8 << 3, 2], [99, 4], tcp(1, 2, 2)), { proto: 6 }],
    ['a later fragment whose first part began with an extension header: the protocol is in that part', 44, bytes([60, 1], [0, 1], [8 << 3, 2], [99, 4], tcp(1, 2, 2)), { proto: 0 }],
    ['authentication header', 51, bytes([17, 1], [4, 1], [0, 2], [0, 20], [5, 2], [6, 2], [8, 2], [0, 2]), { proto: 17, srcPort: 5, dstPort: 6 }],
    ['an authentication header cut off: the protocol is not reached', 51, bytes([17, 1], [4, 1]), { proto: 0 }],
    ['mobility, HIP and Shim6 before UDP', 135, bytes([139, 1], [0, 1], [0, 6], [140, 1], [0, 1], [0, 6], [17, 1], [0, 1], [0, 6], [5, 2], [6, 2], [8, 2], [0, 2]), { proto: 17, srcPort: 5, dstPort: 6 }],
    ['encryption: nothing beyond', 50, bytes([1, 4], [1, 4], Buffer.alloc(20, 1)), { proto: 50 }],
    ['nothing follows', 59, Buffer.alloc(8, 1), { proto: 59 }],
    ['headers without end', 60, Buffer.alloc(1024, bytes([60, 1], [0, 7])), { proto: 0 }],
    ['ICMPv6: type * 256 + code', 58, bytes([135, 1], [4, 1], [0, 2]), { proto: 58, dstPort: 135 * 256 + 4 }],
    ['UDP-Lite', 136, bytes([9, 2], [10, 2], [0, 4]), { proto: 136, srcPort: 9, dstPort: 10 }],
    ['DCCP', 33, bytes([9, 2], [10, 2], [0, 12]), { proto: 33, srcPort: 9, dstPort: 10 }],
    ['SCTP', 132, bytes([9, 2], [10, 2], [0, 8]), { proto: 132, srcPort: 9, dstPort: 10 }],
  ])('IPv6: %s', (_name, next, payload, more) => {
    const packet = ipv6Packet(a6, b6, next, payload, 0xb8);
    expect(decode(ethernet(0x86dd, packet))).toEqual({ srcPort: 0, dstPort: 0, tcpFlags: 0, tos: 0xb8, vlan: 0, innerVlan: 0, label: -1, ipLength: packet.length, src: a6.toString('hex'), ...more });
  });

  test('a later fragment of IPv4 has no ports', () => {
    expect(decode(ipv4Packet('192.0.2.1', '192.0.2.2', 17, bytes([9, 2], [9, 2], [0, 4]), { fragment: 185 }), 'ip')).toMatchObject({ proto: 17, srcPort: 0, dstPort: 0 });
  });

  test('padding of the frame is no ports', () => {
    expect(decode(ethernet(0x0800, bytes(ipv4Packet('192.0.2.1', '192.0.2.2', 17, Buffer.alloc(0)), Buffer.alloc(26, 9))))).toMatchObject({ proto: 17, srcPort: 0, dstPort: 0 });
  });

  test('an IPv4 header that claims to be shorter than one has no ports', () => {
    const packet = Buffer.from(tcp4);
    packet[0] = 0x44;
    expect(decode(packet, 'ip')).toMatchObject({ proto: 6, srcPort: 0, tcpFlags: 0 });
  });

  test('frames within frames are followed to a bound', () => {
    const nested = Array.from({ length: 2000 }).reduce<Buffer>((frame) => ethernet(0x88e7, bytes([77, 4], frame)), ethernet(0x0800, tcp4));
    expect(decode(nested)).toMatchObject({ src: '' });
  });

  test('ICMP: type * 256 + code', () => {
    expect(decode(ipv4Packet('192.0.2.1', '192.0.2.2', 1, bytes([3, 1], [1, 1], [0, 6])), 'ip')).toMatchObject({ proto: 1, dstPort: 0x301 });
  });

  test('cut anywhere it gives what it reached, and never reads on', () => {
    const whole = ethernet(0x86dd, ipv6Packet(a6, b6, 0, bytes([6, 1], [0, 1], [0, 6], tcp(1, 2, 2))), vlan(9), vlan(10));
    const padded = Buffer.concat([whole, Buffer.alloc(64, 0xff)]);
    for (let end = 0; end < whole.length; end++) {
      const { proto, srcPort, tcpFlags } = decode(padded, 'ethernet', end);
      expect([0, 6]).toContain(proto);
      expect([0, 1]).toContain(srcPort);
      expect([0, 2]).toContain(tcpFlags);
    }
  });

  test('ARP and nonsense are no IP packets', () => {
    expect(decode(ethernet(0x0806, Buffer.alloc(28)))).toMatchObject({ src: '', proto: 0 });
    expect(decode(ethernet(0x0800, Buffer.alloc(28)))).toMatchObject({ src: '', proto: 0 });
    expect(decode(ethernet(0x8847, bytes(label(1, true), [0xf0, 1], [0, 30])))).toMatchObject({ src: '', proto: 0 });
    expect(decode(ethernet(0x8847, bytes(label(1, true), [0x10, 1], ethernet(0x0800, tcp4).subarray(1))))).toMatchObject({ src: '', proto: 0 });
  });
});

const FOLDER = join(__dirname, '../../../shared/captures/sampled-headers');
const whenCaptures = existsSync(FOLDER) ? describe : describe.skip;

whenCaptures('frames of the collection of captures (needs it)', () => {
  /** Outer packets: protocol and address length, by looking at the frames. */
  const wanted: Readonly<Record<string, readonly [proto: number, addressLength: number]>> = {
    'gre-v4-key.pcap': [47, 4],
    'gre-v4-plain.pcap': [47, 4],
    'ipv4-ipv4.pcap': [4, 4],
    'ipv4-ipv6.pcap': [41, 4],
    'mpls-invalid-nibble.pcap': [0, 0],
  };
  test.each((existsSync(FOLDER) ? readdirSync(FOLDER) : []).filter((name) => name.endsWith('.pcap')).map((name) => [name]))('%s', (name) => {
    for (const { bytes: frame } of frames(readFileSync(join(FOLDER, name)))) {
      const header = new PacketHeader();
      header.ethernet(frame, 0, frame.length);
      if (wanted[name]) expect([header.proto, header.addressLength]).toEqual(wanted[name]);
      else expect([header.addressLength, header.ipLength > 0]).toEqual([name.includes('ipv6') ? 16 : 4, true]);
    }
  });
});
