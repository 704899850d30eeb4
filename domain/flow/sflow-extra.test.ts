import { decodeFlowBatch } from '../../schemas';
import { FlowPartitions } from './batch-builder';
import { FlowDecoder } from './decoder';
import { BUILT_IN } from './elements/registry';
import { ExtraSelection } from './extra';
import { bytes, ethernet, flowSample, ip4, ipv4Packet, sampledHeader, sflow5, sflowPart, tcp, vlan } from './fixtures';
import { ConfiguredRates } from './sampling';
import type { TunnelMode } from './tunnels';

const text = (value: string): Buffer => bytes([value.length, 4], Buffer.from(value), Buffer.alloc(-value.length & 3));
const six = bytes([0x20010db8, 4], [0, 8], [1, 4]);
const header = sampledHeader(ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1, 2)), vlan(7, 0x88a8), vlan(8)));
const RECORDS: Readonly<Record<string, Buffer>> = {
  header,
  frame: sflowPart(2, bytes([64, 4], [0x0200000000aa, 6], [0, 2], [0x0200000000bb, 6], [0, 2], [0x0800, 4])),
  switch: sflowPart(1001, bytes([30, 4], [5, 4], [31, 4], [0, 4])),
  gateway: sflowPart(1003, bytes([1, 4], ip4('10.9.9.9'), [64_500, 4], [64_501, 4], [64_502, 4], [2, 4], [2, 4], [2, 4], [64_503, 4], [64_504, 4], [1, 4], [1, 4], [64_505, 4], [2, 4], [0xfde80001, 4], [2, 4], [100, 4])),
  user: sflowPart(1004, bytes([106, 4], text('alice'), [106, 4], text('bob'))),
  url: sflowPart(1005, bytes([1, 4], text('/index'), text('example.net'))),
  nat: sflowPart(1007, bytes([1, 4], ip4('198.51.100.1'), [2, 4], six)),
  ports: sflowPart(1020, bytes([40_000, 4], [443, 4])),
};

function extraOf(names: readonly string[], records: readonly Buffer[], tunnels: TunnelMode = 'outer'): (Record<string, string> | null)[] {
  const partitions = new FlowPartitions(1);
  const extra = names.length === 0 ? null : new ExtraSelection(names, BUILT_IN);
  const decoder = new FlowDecoder(partitions, new ConfiguredRates({}, 0), { perExporter: 1 << 20, total: 1 << 22 }, { fault: () => undefined }, { tunnels, extra });
  decoder.decode(sflow5([flowSample(records), flowSample([])]), decoder.sources.of('192.0.2.1'), 1_700_000_000_000, 0);
  return decodeFlowBatch(partitions.builders[0].take(0)).flows.map(({ detail }) => detail && Object.fromEntries(Object.entries(detail.extra)));
}

describe('elements that sFlow\'s records tell', () => {
  test.each<[string, readonly string[], object]>([
    ['addresses and the inner tag of the frame', ['header'], { sourceMacAddress: '02:02:02:02:02:02', destinationMacAddress: '02:02:02:02:02:02', dot1qCustomerVlanId: '8' }],
    ['a sampled Ethernet record', ['frame'], { sourceMacAddress: '02:00:00:00:00:aa', destinationMacAddress: '02:00:00:00:00:bb' }],
    ['a switch', ['switch'], { dot1qPriority: '5', postVlanId: '31' }],
    ['a gateway', ['gateway'], { bgpPrevAdjacentAsNumber: '64502', bgpNextAdjacentAsNumber: '64503', bgpDestinationAsPathList: '[64503,64504,64505]', bgpDestinationCommunityList: '[4259840001,2]' }],
    ['a user', ['user'], { userName: 'alice' }],
    ['a URL', ['url'], { httpRequestTarget: '/index', httpRequestHost: 'example.net' }],
    ['addresses and ports after translation', ['nat', 'ports'], { postNATSourceIPv4Address: '198.51.100.1', postNATDestinationIPv6Address: '2001:db8::1', postNAPTSourceTransportPort: '40000', postNAPTDestinationTransportPort: '443' }],
    ['the first record that tells an element counts', ['switch', 'switch', 'header', 'frame'], { dot1qPriority: '5', postVlanId: '31', sourceMacAddress: '02:02:02:02:02:02', destinationMacAddress: '02:02:02:02:02:02', dot1qCustomerVlanId: '8' }],
  ])('%s', (_name, names, wanted) => {
    expect(extraOf(['*'], names.map((name) => RECORDS[name]))).toEqual([wanted, null]);
  });

  test('only those that were asked for', () => {
    expect(extraOf(['userName', 'sourceMacAddress'], Object.values(RECORDS))).toEqual([{ userName: 'alice', sourceMacAddress: '02:02:02:02:02:02' }, null]);
    expect(extraOf(['flowEndReason'], Object.values(RECORDS))).toEqual([null, null]);
    expect(extraOf([], Object.values(RECORDS))).toEqual([null, null]);
  });

  test('beside a tunnel, and without one', () => {
    const carried = sampledHeader(ethernet(0x0800, ipv4Packet('192.0.2.1', '192.0.2.2', 4, ipv4Packet('10.0.0.1', '10.0.0.2', 6, tcp(1, 2)))));
    expect(extraOf(['userName'], [carried, RECORDS.user], 'both')).toEqual([{ userName: 'alice' }, null]);
    expect(extraOf(['userName'], [carried], 'both')).toEqual([{}, null]);
  });

  test('records cut anywhere: what they reach', () => {
    for (const record of Object.values(RECORDS)) {
      for (let size = 0; size < record.length - 8; size++) {
        const [got] = extraOf(['*'], [bytes([record.readUInt32BE(0), 4], [size, 4], record.subarray(8, 8 + size))]);
        const [whole] = extraOf(['*'], [record]);
        for (const [name, value] of Object.entries(got ?? {})) expect(name === 'bgpDestinationAsPathList' ? value : whole![name]).toBe(value);
      }
    }
  });
});
