import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TUNNEL_KIND_SYMBOLS } from '../../schemas';
import { formatIpRow, formatIpv4 } from '../../schemas/ip';
import { frames } from '../pcap/capture-file';
import { bytes, ethernet, ipv4Packet, ipv6Packet, tcp, vlan } from './fixtures';
import { PacketHeader } from './packet-header';
import { Tunnels } from './tunnels';

const six = (last: number): Buffer => bytes([0x20010db8, 4], [0, 8], [last, 4]);
const text = (s: Uint8Array, at: number, length: number): string => (length === 0 ? '' : length === 4 ? formatIpv4(s.subarray(at, at + 4)) : formatIpRow(s.subarray(at, at + 16)));

function read(frame: Uint8Array, end = frame.length) {
  const outer = new PacketHeader();
  const tunnels = new Tunnels();
  outer.ethernet(frame, 0, end);
  tunnels.read(frame, outer);
  const { kind, id, inner, flow } = tunnels;
  const shown = ({ srcAt, dstAt, addressLength, srcPort, dstPort, proto }: PacketHeader) => ({ src: text(frame, srcAt, addressLength), dst: text(frame, dstAt, addressLength), srcPort, dstPort, proto });
  return { kind: TUNNEL_KIND_SYMBOLS[kind], id, inner: shown(inner), flow: shown(flow) };
}

const inner4 = ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1234, 443, 0x12));
const inner6 = ipv6Packet(six(1), six(2), 17, bytes([53, 2], [4000, 2], [8, 2], [0, 2]));
const seen4 = { src: '10.0.0.1', dst: '10.0.0.2', srcPort: 1234, dstPort: 443, proto: 6 };
const seen6 = { src: '2001:db8::1', dst: '2001:db8::2', srcPort: 53, dstPort: 4000, proto: 17 };
const nothing = { src: '', dst: '', srcPort: 0, dstPort: 0, proto: 0 };

/** An outer packet from 192.0.2.1 to 192.0.2.2. */
const over = (proto: number, ...payload: readonly Uint8Array[]): Buffer => ethernet(0x0800, ipv4Packet('192.0.2.1', '192.0.2.2', proto, bytes(...payload)));
const udp = (port: number, ...payload: readonly Uint8Array[]): Buffer => {
  const body = bytes(...payload);
  return over(17, bytes([50_000, 2], [port, 2], [body.length + 8, 2], [0, 2], body));
};
const over6 = (next: number, ...payload: readonly Uint8Array[]): Buffer => ethernet(0x86dd, ipv6Packet(six(0x11), six(0x12), next, bytes(...payload)));
const n = (value: number | bigint, length: number): Buffer => bytes([value, length]);
const frame4 = ethernet(0x0800, inner4);
const frame6 = ethernet(0x86dd, inner6, vlan(7));
const label = (value: number, bottom = true): Buffer => n((value * 4096 + (bottom ? 0x100 : 0) + 64) >>> 0, 4);
const vxlan = (vni: number): Buffer => bytes([0x08, 1], [0, 3], [vni, 3], [0, 1]);
const srh = (next: number, ...segments: readonly Buffer[]): Buffer => bytes([next, 1], [segments.length * 2, 1], [4, 1], [1, 1], [segments.length - 1, 1], [0, 3], ...segments);
const ethernetType = n(0x6558, 2);

/** Name, frame, kind, id, what is inside. */
const FRAMES: readonly (readonly [string, Buffer, string, number, typeof seen4])[] = [
  ['VXLAN', udp(4789, vxlan(5000), frame4), 'VXLAN', 5000, seen4],
  ['VXLAN on the port that Linux had first', udp(8472, vxlan(16_000_000), frame6), 'VXLAN', 16_000_000, seen6],
  ['VXLAN with group policy', udp(4789, bytes([0x88, 1], [0, 1], [12, 2], [5000, 3], [0, 1]), frame4), 'VXLAN', 5000, seen4],
  ['VXLAN-GPE of IPv6', udp(4790, bytes([0x0c, 1], [0, 2], [2, 1], [77, 3], [0, 1]), inner6), 'VXLAN', 77, seen6],
  ['VXLAN-GPE of Ethernet behind a service header', udp(4790, bytes([0x0c, 1], [0, 2], [4, 1], [77, 3], [0, 1]), bytes([0x0fc2, 2], [2, 1], [3, 1], [0x000010ff, 4]), frame4), 'VXLAN', 77, seen4],
  ['GENEVE', udp(6081, n(0, 2), ethernetType, n(99, 3), n(0, 1), frame4), 'GENEVE', 99, seen4],
  ['GENEVE with options', udp(6081, n(0x0300, 2), ethernetType, n(99, 3), n(0, 1), Buffer.alloc(12, 1), frame6), 'GENEVE', 99, seen6],
  ['GENEVE of IPv4', udp(6081, n(0, 2), n(0x0800, 2), n(99, 3), n(0, 1), inner4), 'GENEVE', 99, seen4],
  ['GRE', over(47, n(0, 2), n(0x0800, 2), inner4), 'GRE', 0, seen4],
  ['GRE of IPv6 with checksum, key and sequence', over(47, n(0xb000, 2), n(0x86dd, 2), n(0, 4), n(0xfffffffe, 4), n(1, 4), inner6), 'GRE', 0xfffffffe, seen6],
  ['NVGRE: the key is subnet and flow id', over(47, n(0x2000, 2), ethernetType, n(0x00138899, 4), frame4), 'GRE', 0x00138899, seen4],
  ['GRE in IPv6', over6(47, n(0, 2), n(0x0800, 2), inner4), 'GRE', 0, seen4],
  ['GRE of MPLS', over(47, n(0, 2), n(0x8847, 2), label(16, false), label(17), inner4), 'GRE', 0, seen4],
  ['ERSPAN type I', over(47, n(0, 2), n(0x88be, 2), frame4), 'GRE', 0, seen4],
  ['ERSPAN type II', over(47, n(0x1000, 2), n(0x88be, 2), n(1, 4), n(0x10000064, 4), n(1, 4), frame4), 'GRE', 100, seen4],
  ['ERSPAN type III', over(47, n(0x1000, 2), n(0x22eb, 2), n(1, 4), n(0x20000065, 4), n(0, 8), frame4), 'GRE', 101, seen4],
  ['ERSPAN type III with the platform\'s subheader', over(47, n(0x1000, 2), n(0x22eb, 2), n(1, 4), n(0x20000065, 4), n(1, 8), n(0, 8), frame4), 'GRE', 101, seen4],
  ['PPTP', over(47, n(0x3081, 2), n(0x880b, 2), n(inner4.length + 4, 2), n(9, 2), n(1, 4), n(1, 4), n(0xff030021, 4), inner4), 'GRE', 9, seen4],
  ['PPTP, PPP compressed', over(47, n(0x3001, 2), n(0x880b, 2), n(inner4.length + 1, 2), n(9, 2), n(1, 4), n(0x21, 1), inner4), 'GRE', 9, seen4],
  ['IPv4 in IPv4', over(4, inner4), 'IPIP', 0, seen4],
  ['IPv6 in IPv4', over(41, inner6), 'IPIP', 0, seen6],
  ['IPv4 in IPv6', over6(4, inner4), 'IPIP', 0, seen4],
  ['EtherIP', over(97, n(0x3000, 2), frame4), 'IPIP', 0, seen4],
  ['EtherIP in IPv6, of a tagged frame', over6(97, n(0x3000, 2), frame6), 'IPIP', 0, seen6],
  ['SRv6 of IPv4', over6(43, srh(4, six(0x99), six(0x12)), inner4), 'SRV6', 0, seen4],
  ['SRv6 of IPv6', over6(43, srh(41, six(0x99), six(0x12)), inner6), 'SRV6', 0, seen6],
  ['SRv6 of Ethernet', over6(43, srh(143, six(0x99), six(0x12)), frame4), 'SRV6', 0, seen4],
  ['SRv6 of Ethernet without a segment list', over6(143, frame6), 'SRV6', 0, seen6],
  ['SRv6 inserted: the packet on its way to the last segment', over6(43, srh(6, six(0x99), six(0x12)), tcp(1, 2)), 'SRV6', 0, { src: '2001:db8::11', dst: '2001:db8::99', srcPort: 1, dstPort: 2, proto: 6 }],
  ['MPLS in UDP', udp(6635, label(16, false), label(30), inner6), 'MPLS', 30, seen6],
  ['MPLS in IP', over(137, label(31), inner4), 'MPLS', 31, seen4],
  ['GTP-U', udp(2152, n(0x30ff, 2), n(inner4.length, 2), n(0xcafe0001, 4), inner4), 'GTPU', 0xcafe0001, seen4],
  ['GTP-U with sequence and two extension headers', udp(2152, n(0x36ff, 2), n(inner4.length + 16, 2), n(7, 4), n(1, 2), n(0, 1), n(0x85, 1), n(0x01100185, 4), n(0x0210010203040500n, 8), inner4), 'GTPU', 7, seen4],
  ['L2TPv2', udp(1701, n(0x4002, 2), n(inner4.length + 12, 2), n(3, 2), n(4, 2), n(0xff030021, 4), inner4), 'L2TP', 3 * 65_536 + 4, seen4],
  ['L2TPv2 with sequence and offset', udp(1701, n(0x0a02, 2), n(3, 2), n(4, 2), n(0, 4), n(2, 2), n(0, 2), n(0x0057, 2), inner6), 'L2TP', 3 * 65_536 + 4, seen6],
  ['L2TPv3: what it carries cannot be told', udp(1701, n(0x30000, 4), n(77, 4), n(0, 8), frame4), 'L2TP', 77, nothing],
  ['VXLAN in GRE: the innermost', over(47, n(0, 2), n(0x0800, 2), ipv4Packet('172.16.0.1', '172.16.0.2', 17, bytes([1, 2], [4789, 2], [frame4.length + 16, 2], [0, 2], vxlan(8), frame4))), 'VXLAN', 8, seen4],
  ['ARP in VXLAN', udp(4789, vxlan(5000), ethernet(0x0806, Buffer.alloc(28))), 'VXLAN', 5000, nothing],
];

describe('the packet inside', () => {
  test.each(FRAMES)('%s', (_name, frame, kind, id, inner) => {
    expect(read(frame)).toEqual({ kind, id, inner, flow: inner === nothing ? expect.objectContaining({ proto: 17 }) : inner });
  });

  test('L2TPv3 in IP: what it carries cannot be told', () => {
    expect(read(over(115, n(77, 4), n(0, 8), frame4))).toEqual({ kind: 'L2TP', id: 77, inner: nothing, flow: expect.objectContaining({ src: '192.0.2.1', proto: 115 }) as object });
  });

  test('labels without another tunnel: the packet under them is the outer one, the bottom label its id', () => {
    expect(read(ethernet(0x8847, bytes(label(16, false), label(300_012), inner4)))).toEqual({ kind: 'MPLS', id: 300_012, inner: nothing, flow: seen4 });
  });

  test.each([
    ['a plain packet', ethernet(0x0800, inner4)],
    ['the VXLAN port without the flag of an identifier', udp(4789, bytes([0, 8]), frame4)],
    ['another version of GENEVE', udp(6081, n(0x4000, 2), ethernetType, n(99, 4), frame4)],
    ['an echo of GTP', udp(2152, n(0x3201, 2), n(4, 2), n(0, 8))],
    ['control of L2TP', udp(1701, n(0xc802, 2), n(20, 2), n(0, 16))],
    ['control of L2TPv3', over(115, n(0, 4), n(0xc8030014, 4), n(0, 12))],
    ['another version of EtherIP', over(97, n(0x4000, 2), frame4)],
    ['routing in GRE', over(47, n(0x4000, 2), n(0x0800, 2), inner4)],
    ['GRE of another version', over(47, n(2, 2), n(0x0800, 2), inner4)],
    ['the answer, from the VXLAN port', over(17, bytes([4789, 2], [50_000, 2], [0, 4], vxlan(1), frame4))],
    ['a later fragment', ethernet(0x0800, ipv4Packet('192.0.2.1', '192.0.2.2', 17, bytes([1, 2], [4789, 2], [0, 4], vxlan(1), frame4), { fragment: 185 }))],
  ])('no tunnel: %s', (_name, frame) => {
    expect(read(frame)).toMatchObject({ kind: 'NONE', id: 0, inner: nothing });
  });

  test('four tunnels are followed, no more', () => {
    const nested = Array.from({ length: 6 }).reduce<Buffer>((packet, _, i) => ipv4Packet(`10.${i}.0.1`, `10.${i}.0.2`, 4, packet), inner4);
    expect(read(ethernet(0x0800, nested)).inner).toMatchObject({ src: '10.1.0.1', proto: 4 });
  });

  test.each(FRAMES)('cut anywhere nothing is read beyond: %s', (_name, frame) => {
    const padded = Buffer.concat([frame, Buffer.alloc(256, 0xff)]);
    for (let end = 0; end < frame.length; end++) {
      const cut = Buffer.concat([frame.subarray(0, end), Buffer.alloc(256)]);
      expect(read(padded, end)).toEqual(read(cut, end));
    }
  });
});

/** Fails on a read outside of `at` to `end`. */
function guarded(frame: Uint8Array, at: number, end: number): Uint8Array {
  return new Proxy(frame, {
    get(target, key) {
      const index = typeof key === 'string' && /^-?\d+$/.test(key) ? Number(key) : NaN;
      if (index < at || index >= end) throw new Error(`read at ${index} of ${at} to ${end}`);
      return Reflect.get(target, key, target) as unknown;
    },
  });
}

test('any bytes: nothing outside of the packet is read, and offsets stay within', () => {
  let state = 88_172_645;
  const random = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const outer = new PacketHeader();
  const tunnels = new Tunnels();
  let found = 0;
  for (let round = 0; round < 20_000; round++) {
    const frame = Buffer.from(FRAMES[random(FRAMES.length)][1]);
    for (let i = random(6); i > 0; i--) frame[random(frame.length)] = random(256);
    const end = random(4) === 0 ? random(frame.length + 1) : frame.length;
    const s = guarded(frame, 0, end);
    if (random(5) === 0) outer.ip(s, Math.min(14, end), end);
    else outer.ethernet(s, 0, end);
    tunnels.read(s, outer);
    if (tunnels.kind !== 0) found++;
    for (const { srcAt, dstAt, addressLength } of [outer, tunnels.inner, tunnels.flow]) expect(Math.max(srcAt, dstAt) + addressLength).toBeLessThanOrEqual(end);
  }
  expect(found).toBeGreaterThan(10_000);
});

const whenTshark = spawnSync('tshark', ['-v']).status === 0 ? describe : describe.skip;

whenTshark('as Wireshark sees it (needs tshark)', () => {
  /** Where it says something else. */
  const OTHERWISE: Readonly<Record<string, string>> = {
    'VXLAN on the port that Linux had first': 'it knows 8472 as OTV',
    'SRv6 inserted: the packet on its way to the last segment': 'it shows the address of the header',
  };
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-tunnels-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('addresses, protocol and ports of the innermost packet', () => {
    const file = join(folder, 'frames.pcap');
    const u32 = (...values: number[]): Buffer => Buffer.concat(values.map((value) => n(value, 4)));
    writeFileSync(file, bytes([0xa1b2c3d4, 4], [2, 2], [4, 2], [0, 8], [65_535, 4], [1, 4], ...FRAMES.map(([, frame]) => bytes(u32(1, 0, frame.length, frame.length), frame))));
    const fields = ['ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst', 'tcp.srcport', 'udp.srcport', 'frame.protocols'];
    const lines = execFileSync('tshark', ['-r', file, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n');
    const wrong: string[] = [];
    FRAMES.forEach(([name, , , , inner], i) => {
      const [src4, dst4, src6, dst6, tcpPort, udpPort] = lines[i].split('\t').map((list) => list.split(',').at(-1)!);
      const want = inner === nothing ? '' : inner === seen4 ? `${src4} ${dst4} ${tcpPort}` : `${src6} ${dst6} ${udpPort}`;
      const got = inner === nothing ? '' : `${inner.src} ${inner.dst} ${inner.srcPort}`;
      if ((want === got) === name in OTHERWISE) wrong.push(`${name}: ${got}; tshark ${want} in ${lines[i]}`);
    });
    expect(wrong).toEqual([]);
  });
});

const FOLDER = join(__dirname, '../../../shared/captures/sampled-headers');
const whenCaptures = existsSync(FOLDER) ? describe : describe.skip;

whenCaptures('frames of the collection of captures (needs it)', () => {
  test.each([
    ['gre-v4-key.pcap', 'GRE', 1, { src: '192.168.1.101', dst: '192.168.2.102', proto: 1, dstPort: 8 * 256 }],
    ['gre-v4-plain.pcap', 'GRE', 0, { src: '66.59.111.190', dst: '66.59.111.182', proto: 17, srcPort: 123, dstPort: 123 }],
    ['ipv4-ipv4.pcap', 'IPIP', 0, { src: '192.168.0.1', dst: '192.168.0.2', proto: 1, dstPort: 8 * 256 }],
    ['ipv4-ipv6.pcap', 'IPIP', 0, { src: '2001:610:1908:a000::149:20', dst: '2002:2470:9ffa:fa9:0:dd:ed00:2', proto: 6, srcPort: 80, dstPort: 35_673 }],
    ['mpls-eompls-cw.pcap', 'MPLS', 17, nothing],
    ['mpls-ipv4.pcap', 'MPLS', 16, nothing],
    ['mpls-invalid-nibble.pcap', 'MPLS', 100, nothing],
  ])('%s', (name, kind, id, inner) => {
    const [{ bytes: frame }] = [...frames(readFileSync(join(FOLDER, name)))];
    expect(read(frame)).toMatchObject({ kind, id, inner });
  });
});

test('the innermost flow of a tunnel with no IP packet in it is the outer one', () => {
  expect(read(udp(4789, vxlan(5000), ethernet(0x0806, Buffer.alloc(28)))).flow).toMatchObject({ src: '192.0.2.1', dst: '192.0.2.2', dstPort: 4789 });
});
