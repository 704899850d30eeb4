import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFlowBatch, type Flow } from '../../schemas';
import { CaptureReader } from '../pcap/datagrams';
import { Anonymiser } from './anonymise';
import { FlowPartitions } from './batch-builder';
import { CaptureDecoder, type CaptureRecord } from './capture-records';
import { FlowDecoder } from './decoder';
import { bytes, counterSample, ethernet, flowSample, ip4, ipv4Packet, ipv6Packet, sampledHeader, sflow5, sflowPart, tcp, vlan } from './fixtures';
import { ConfiguredRates } from './sampling';
import { reasonName } from './sflow-discards';
import type { TunnelMode } from './tunnels';

const RECEIVED = 1_700_000_000_123;
const LIMITS = { perExporter: 1 << 20, total: 1 << 22 };
const NONE = 0xffffffff;

function records(datagram: Buffer, decoder = new CaptureDecoder()): CaptureRecord[] {
  return decoder.decode({ srcAddr: '192.0.2.1', payload: datagram, timestampMs: RECEIVED });
}

function flows(datagram: Buffer, tunnels: TunnelMode): Flow[] {
  const partitions = new FlowPartitions(1);
  const decoder = new FlowDecoder(partitions, new ConfiguredRates({}, 0), LIMITS, { fault: () => undefined }, { tunnels });
  decoder.decode(datagram, decoder.sources.of('192.0.2.1'), RECEIVED, 0);
  return decodeFlowBatch(partitions.builders[0].take(0)).flows;
}

const text = (value: string): Buffer => bytes([value.length, 4], Buffer.from(value), Buffer.alloc(-value.length & 3));
const counters = (...parts: readonly Uint8Array[]): Buffer => sflow5([sflowPart(2, bytes([1, 4], [7, 4], [parts.length, 4], ...parts))]);
const generic = (ifIndex: number, ...words: readonly number[]): Buffer => sflowPart(1, bytes([ifIndex, 4], [6, 4], [10_000_000_000, 8], [1, 4], [1, 4], [5, 8], ...words.map((n) => [n, 4] as const), [6, 8], ...words.map((n) => [n, 4] as const)));
const six = bytes([0x20010db8, 4], [0, 8], [1, 4]);

describe('discarded packets', () => {
  const discarded = (reason: number, ...parts: readonly Uint8Array[]): Buffer =>
    sflow5([sflowPart(5, bytes([2, 4], [0, 4], [3, 4], [17, 4], [3, 4], [4, 4], [reason, 4], [parts.length, 4], ...parts))], { agent: '192.0.2.77' });
  const nothing = { srcAddr: '', dstAddr: '', srcPort: 0, dstPort: 0, proto: 0, tcpFlags: 0, vlan: 0, length: 0, queue: null, acl: null, aclName: '', function: '' };

  test('the packet, the reason, the list it met, the queue and the function', () => {
    const frame = ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1234, 443, 2)), vlan(9));
    const parts = [sampledHeader(frame, { length: 1514 }), sflowPart(1036, bytes([42, 4])), sflowPart(1037, bytes([101, 4], text('block-x'), [1, 4])), sflowPart(1038, text('tcp_v4_rcv'))];
    expect(records(discarded(258, ...parts))).toEqual([
      {
        kind: 'discarded', exporter: '192.0.2.77', protocol: 'SFLOW_V5', domain: 0, sequence: 1, exportTime: RECEIVED, receiveTime: RECEIVED, inIf: 3, outIf: 4, reason: 258, reasonName: 'acl', drops: 17,
        srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', srcPort: 1234, dstPort: 443, proto: 6, tcpFlags: 2, vlan: 9, length: 1514, queue: 42, acl: 101, aclName: 'block-x', function: 'tcp_v4_rcv',
      },
    ]);
  });

  test('addresses are anonymised where those of flows are', () => {
    const anonymiser = new Anonymiser(Buffer.alloc(32, 7));
    const told: string[][] = [];
    const decoder = new FlowDecoder(new FlowPartitions(1), new ConfiguredRates({}, 0), LIMITS, { fault: () => undefined, discarded: (_, packet) => told.push([packet.srcAddr, packet.dstAddr]) }, { finishing: { places: null, anonymiser } });
    decoder.decode(discarded(258, sampledHeader(ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1, 2))))), decoder.sources.of('192.0.2.1'), RECEIVED, 0);
    decoder.decode(discarded(258), decoder.sources.of('192.0.2.1'), RECEIVED, 1);
    expect(told).toEqual([[anonymiser.text('10.0.0.1'), anonymiser.text('10.0.0.2')], ['', '']]);
    expect(told[0][0]).not.toBe('10.0.0.1');
  });

  test('one after the other, each by itself; a flow sample beside them stays a flow', () => {
    const decoder = new CaptureDecoder();
    expect(records(discarded(260, sflowPart(1036, bytes([1, 4]))), decoder)).toMatchObject([{ reasonName: 'red', queue: 1 }]);
    expect(records(discarded(1), decoder)).toMatchObject([{ ...nothing, reasonName: 'host_unreachable' }]);
    expect(records(sflow5([flowSample([])]), decoder)).toMatchObject([{ kind: 'flow' }]);
  });

  test('a record that runs over its sample is a fault, what was read of it stays', () => {
    expect(records(discarded(269, bytes([1036, 4], [400, 4])))).toMatchObject([{ kind: 'discarded', reasonName: 'blackhole_route' }, { kind: 'fault', fault: 'truncated' }]);
  });

  test.each([[0, 'net_unreachable'], [15, 'precedence_cutoff'], [256, 'unknown'], [279, 'unresolved_neigh'], [303, 'split_horizon'], [16, 'reason_16'], [999, 'reason_999']])('reason %i is %s', (reason, name) => {
    expect(reasonName(reason)).toBe(name);
  });
});

describe('counters of interfaces', () => {
  test('what the agent does not keep is null, not 0', () => {
    const all = counters(generic(7, 0, NONE, NONE, 4, 5, NONE), sflowPart(1005, text('eth7')));
    expect(records(all)).toMatchObject([
      {
        kind: 'counters', ifIndex: 7, ifName: 'eth7', speed: 1e10, adminUp: true, operUp: false, inOctets: 5, inUnicastPackets: 0, inMulticastPackets: null, inBroadcastPackets: null, inDiscards: 4, inErrors: 5,
        inUnknownProtocols: null, outOctets: 6, outUnicastPackets: 0, outMulticastPackets: null, outErrors: 5, uptimeSeconds: 3600, discontinuity: false, fcsErrors: null, opticsCelsius: null,
      },
    ]);
  });

  test('of 64 bits the low 53 are carried, exactly', () => {
    expect(records(sflow5([counterSample(7, 2 ** 53 + 8, 2 ** 63)]))).toMatchObject([{ inOctets: 8, outOctets: 0 }]);
  });

  test('errors of Ethernet and the weakest lane of the optics, before the counters or after', () => {
    const errors = sflowPart(2, bytes([1, 4], [2, 4], [3, 4], [4, 4], [5, 4], [6, 4], [7, 4], [8, 4], [9, 4], [10, 4], [11, 4], [12, 4], [NONE, 4]));
    const lane = (sent: number, received: number): Buffer => bytes([0, 4], [6000, 4], [sent, 4], [0, 8], [1310, 4], [received, 4], [0, 8], [1310, 4]);
    const optics = sflowPart(10, bytes([1, 4], [2, 4], [3300, 4], [0xffffec78, 4], [2, 4], lane(900, NONE), lane(800, 120)));
    const wanted = { alignmentErrors: 1, fcsErrors: 2, lateCollisions: 7, excessiveCollisions: 8, carrierSenseErrors: 10, frameTooLongs: 11, symbolErrors: null, opticsCelsius: -5, opticsSentMicrowatts: 800, opticsReceivedMicrowatts: 120 };
    expect(records(counters(errors, generic(7, 0, 0, 0, 0, 0, 0), optics))).toMatchObject([wanted]);
    expect(records(counters(optics, generic(7, 0, 0, 0, 0, 0, 0), errors))).toMatchObject([wanted]);
    const cut = sflowPart(10, bytes([1, 4], [9, 4], [3300, 4], [25_500, 4], [9, 4], lane(900, 700), [0, 4], [1, 4], [2, 4]));
    expect(records(counters(cut, generic(7, 0, 0, 0, 0, 0, 0)))).toMatchObject([{ opticsCelsius: 25.5, opticsSentMicrowatts: 900, opticsReceivedMicrowatts: 700 }]);
  });
});

describe('health of devices', () => {
  test('a processor: hundredths of a percent, memory in bytes', () => {
    const processor = (five: number, minute: number): Buffer => counters(sflowPart(1001, bytes([five, 4], [minute, 4], [0, 4], [4000, 8], [1000, 8])));
    expect(records(processor(1450, 1370))).toMatchObject([{ kind: 'device', cpuPercent: 14.5, memoryPercent: 75, memoryBytes: 4000, uptimeSeconds: 3600 }]);
    expect(records(processor(NONE, 200))).toMatchObject([{ cpuPercent: 2 }]);
  });

  const host = (idle: number, busy: number): Buffer =>
    counters(
      sflowPart(2000, bytes(text('web1'), Buffer.alloc(16), [3, 4], [2, 4], text('6.1.0'))),
      sflowPart(2003, bytes([0x3fc00000, 4], [0, 16], [4, 4], [2000, 4], [86_400, 4], [busy, 4], [0, 8], [idle, 4], [0, 12], [1, 8])),
      sflowPart(2004, bytes([1000, 8], [300, 8], [0, 8], [100, 8], [100, 8], [0, 32])),
      sflowPart(2005, bytes([2000, 8], [1500, 8], [0, 4])),
    );

  test('a host: its processor\'s load is what grew since the last sample', () => {
    const decoder = new CaptureDecoder();
    const first = { kind: 'device', name: 'web1', description: 'Linux 6.1.0 x86_64', cpuPercent: null, loadAverage: 1.5, memoryPercent: 50, memoryBytes: 1000, diskPercent: 25, uptimeSeconds: 86_400 };
    expect(records(host(1000, 1000), decoder)).toMatchObject([first]);
    expect(records(host(1750, 1250), decoder)).toMatchObject([{ ...first, cpuPercent: 25 }]);
    expect(records(host(10, 10), decoder)).toMatchObject([{ ...first, cpuPercent: null }]); // it restarted
    expect(records(host(15, 0), decoder)).toMatchObject([{ ...first, cpuPercent: null }]); // and again
  });
});

describe('packets in packets, by collector.tunnels', () => {
  const inner = ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1234, 443, 0x12));
  const vxlan = ethernet(0x0800, ipv4Packet('192.0.2.1', '192.0.2.2', 17, bytes([50_000, 2], [4789, 2], [0, 4], [8, 1], [0, 3], [5000, 3], [0, 1], ethernet(0x0800, inner))), vlan(3));
  const plain = ethernet(0x0800, inner);
  const datagram = sflow5([flowSample([sampledHeader(vxlan, { length: 200 })]), flowSample([sampledHeader(plain)])]);
  const ends = { srcCountry: '', dstCountry: '', srcSite: '', dstSite: '', extra: new Map() };
  const outer = { srcAddr: '192.0.2.1', dstAddr: '192.0.2.2', srcPort: 50_000, dstPort: 4789, proto: 17, vlan: 3, bytes: 200 };
  const inside = { srcAddr: '10.0.0.1', dstAddr: '10.0.0.2', srcPort: 1234, dstPort: 443, proto: 6, tcpFlags: 0x12 };

  test('outer', () => {
    expect(flows(datagram, 'outer')).toMatchObject([{ ...outer, detail: null }, { ...inside, detail: null }]);
  });

  test('both', () => {
    const detail = { tunnel: 'VXLAN', tunnelId: 5000, innerSrcAddr: '10.0.0.1', innerDstAddr: '10.0.0.2', innerSrcPort: 1234, innerDstPort: 443, innerProto: 6 };
    expect(flows(datagram, 'both')).toMatchObject([{ ...outer, detail }, { ...inside, detail: null }]);
  });

  test('inner', () => {
    const detail = { tunnel: 'VXLAN', tunnelId: 5000, innerSrcAddr: '', innerDstAddr: '', innerSrcPort: 0, innerDstPort: 0, innerProto: 0 };
    expect(flows(datagram, 'inner')).toMatchObject([{ ...inside, vlan: 3, bytes: 200, detail }, { ...inside, detail: null }]);
    expect(Object.keys(flows(datagram, 'inner')[0].detail!).sort()).toEqual([...Object.keys(detail), ...Object.keys(ends)].sort());
  });

  test('a tunnel that the device takes the packet out of: by its records', () => {
    const decapsulated = (...parts: readonly Uint8Array[]): Buffer => sflow5([flowSample([sampledHeader(plain), ...parts])]);
    const outerHeader = (proto: number, port: number): Buffer => sflowPart(1024, bytes([200, 4], [proto, 4], ip4('192.0.2.1'), ip4('192.0.2.2'), [0, 4], [port, 4], [0, 8]));
    const outerHeader6 = sflowPart(1026, bytes([200, 4], [47, 4], six, six, [0, 16]));
    expect(flows(decapsulated(outerHeader(17, 6081), sflowPart(1030, bytes([77, 4]))), 'both')).toMatchObject([{ ...inside, detail: { tunnel: 'GENEVE', tunnelId: 77, innerSrcAddr: '' } }]);
    expect(flows(decapsulated(sflowPart(1029, bytes([78, 4]))), 'inner')).toMatchObject([{ ...inside, detail: { tunnel: 'VXLAN', tunnelId: 78 } }]);
    expect(flows(decapsulated(outerHeader6), 'both')).toMatchObject([{ detail: { tunnel: 'GRE', tunnelId: 0 } }]);
    expect(flows(decapsulated(outerHeader(99, 0)), 'both')).toMatchObject([{ detail: null }]);
    expect(flows(decapsulated(outerHeader6), 'outer')).toMatchObject([{ detail: null }]);
  });
});

describe('records of flow samples', () => {
  const header = sampledHeader(ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1, 2)), vlan(12)));
  const one = (...parts: readonly Uint8Array[]): Flow => flows(sflow5([flowSample(parts)]), 'outer')[0];

  test.each([
    ['a switch that does not know the VLAN: the header\'s', [header, sflowPart(1001, bytes([NONE, 4], [0, 4], [NONE, 4], [0, 4]))], { vlan: 12 }],
    ['a switch that says there is none', [header, sflowPart(1001, Buffer.alloc(16))], { vlan: 0 }],
    ['tags taken off before', [header, sflowPart(1012, bytes([1, 4], [0x88a80005, 4]))], { vlan: 5 }],
    ['the next hop of MPLS', [header, sflowPart(1006, bytes([1, 4], ip4('10.9.9.9'), [0, 8]))], { nextHop: '10.9.9.9' }],
    ['a next hop of a kind that there is not', [header, sflowPart(1002, bytes([9, 4], [1, 4], [24, 4], [24, 4]))], { nextHop: '', srcMask: 0 }],
    ['a mask in place of its length', [header, sflowPart(1002, bytes([1, 4], ip4('10.9.9.9'), [0xffffff00, 4], [24, 4]))], { nextHop: '10.9.9.9', srcMask: 0, dstMask: 24 }],
    ['an empty AS path: the router\'s own', [header, sflowPart(1003, bytes([1, 4], ip4('10.9.9.9'), [64_500, 4], [0, 4], [0, 4], [0, 4], [0, 4], [100, 4]))], { srcAs: 64_500, dstAs: 64_500 }],
    ['PPP', [sampledHeader(bytes([0xff030021, 4], ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1, 2))), { protocol: 7 })], { srcAddr: '10.0.0.1', dstPort: 2 }],
    ['IPv6 without a link', [sampledHeader(ipv6Packet(six, six, 17, bytes([53, 2], [54, 2], [0, 4])), { protocol: 12 })], { srcAddr: '2001:db8::1', dstPort: 54 }],
    ['MPLS without a link', [sampledHeader(bytes([0x00010140, 4], ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1, 2))), { protocol: 13 })], { srcAddr: '10.0.0.1', dstPort: 2 }],
    ['a link of another kind', [sampledHeader(Buffer.alloc(60, 0x45), { protocol: 5 })], { srcAddr: '', bytes: 60 }],
    ['user, URL, NAT and an enterprise\'s', [header, sflowPart(1004, bytes([106, 4], text('me'), [106, 4], text('you'))), sflowPart(1005, bytes([1, 4], text('/x'), text('h'))), sflowPart(1007, bytes([1, 4], ip4('1.1.1.1'), [1, 4], ip4('2.2.2.2'))), sflowPart(8800 * 4096 + 1, Buffer.alloc(20))], { srcAddr: '10.0.0.1' }],
  ])('%s', (_name, parts, wanted) => {
    expect(one(...parts)).toMatchObject(wanted);
  });

  test('each sample by itself', () => {
    const said = [header, sflowPart(1001, bytes([30, 4], [0, 4], [31, 4], [0, 4])), sflowPart(1002, bytes([1, 4], ip4('10.9.9.9'), [24, 4], [16, 4])), sflowPart(1003, bytes([1, 4], ip4('10.9.9.9'), [1, 4], [2, 4], [3, 4], [0, 8], [0, 4]))];
    expect(flows(sflow5([flowSample(said), flowSample([header]), flowSample([])]), 'outer')).toMatchObject([
      { vlan: 30, srcMask: 24, srcAs: 2, nextHop: '10.9.9.9' },
      { vlan: 12, srcMask: 0, dstMask: 0, srcAs: 0, dstAs: 0, nextHop: '', srcAddr: '10.0.0.1' },
      { vlan: 0, srcAddr: '', srcPort: 0, bytes: 0 },
    ]);
  });

  test.each([
    ['an interface', 0, 7, 7],
    ['the agent itself', 0, 0x3fffffff, 0],
    ['a reason to discard', 1, 258, 0],
    ['several interfaces', 2, 3, 0],
  ])('an output of %s', (_name, format, value, outIf) => {
    expect(one(header)).toMatchObject({ outIf: 2 });
    expect(flows(sflow5([flowSample([header], { output: format * 2 ** 30 + value })]), 'outer')).toMatchObject([{ outIf }]);
    expect(flows(sflow5([sflowPart(3, bytes([1, 4], [0, 4], [1, 4], [512, 4], [0, 8], [0, 4], [1, 4], [format, 4], [value, 4], [0, 4]))]), 'outer')).toMatchObject([{ outIf }]);
  });

  test('samples of counters and of enterprises are no flows', () => {
    expect(records(sflow5([counterSample(3, 1, 2), sflowPart(0x1001, Buffer.alloc(4))])).map(({ kind }) => kind)).toEqual(['counters']);
  });
});

const FOLDER = join(__dirname, '../../../shared/captures/sflow');
const whenCaptures = existsSync(FOLDER) ? describe : describe.skip;

whenCaptures('counters of captures, field by field as tshark decoded them (needs the collection of captures)', () => {
  const NAMES = {
    ifindex: 'ifIndex', ifspeed: 'speed', ifinoct: 'inOctets', ifinpkt: 'inUnicastPackets', ifinmcast: 'inMulticastPackets', ifinbcast: 'inBroadcastPackets', ifindisc: 'inDiscards', ifinerr: 'inErrors',
    ifinunk: 'inUnknownProtocols', ifoutoct: 'outOctets', ifoutpkt: 'outUnicastPackets', ifoutmcast: 'outMulticastPackets', ifoutbcast: 'outBroadcastPackets', ifoutdisc: 'outDiscards', ifouterr: 'outErrors',
    dot3StatsAlignmentErrors: 'alignmentErrors', dot3StatsFCSErrors: 'fcsErrors', dot3StatsLateCollisions: 'lateCollisions', dot3StatsExcessiveCollisions: 'excessiveCollisions',
    dot3StatsCarrierSenseErrors: 'carrierSenseErrors', dot3StatsFrameTooLongs: 'frameTooLongs', dot3StatsSymbolErrors: 'symbolErrors',
  } as const;
  /** It reads nothing after a record that it does not know: those of OpenFlow and of port names, which stand first here. */
  const STOPS = ['gopacket-openflow-counters', 'gopacket-port-name', 'telegraf-v5-example'];
  type Sample = { readonly kind: string; readonly fields?: Readonly<Record<string, string>> };
  const files = (existsSync(FOLDER) ? readdirSync(FOLDER) : []).filter((name) => name.endsWith('.tshark.json'));

  test.each(files.map((name) => [name.replace('.tshark.json', '')]))('%s', (name) => {
    const wanted = (JSON.parse(readFileSync(join(FOLDER, `${name}.tshark.json`), 'utf8')) as { readonly samples?: readonly Sample[] }[])
      .flatMap(({ samples = [] }) => samples)
      .flatMap(({ fields }) => (fields?.['sflow_245.ifindex'] ? [fields] : []))
      .map((fields) => Object.fromEntries(Object.entries(NAMES).flatMap(([theirs, ours]) => (fields[`sflow_245.${theirs}`] === undefined ? [] : [[ours, /^(4294967295|18446744073709551615)$/.test(fields[`sflow_245.${theirs}`]) ? null : Number(fields[`sflow_245.${theirs}`])]]))));
    const decoder = new CaptureDecoder();
    const got = [...CaptureReader.open(join(FOLDER, `${name}.pcap`)).datagrams()].flatMap((datagram) => decoder.decode(datagram)).filter(({ kind }) => kind === 'counters');
    expect(got).toHaveLength(STOPS.includes(name) ? 1 : wanted.length);
    expect(got.slice(0, wanted.length)).toMatchObject(wanted);
  });
});
