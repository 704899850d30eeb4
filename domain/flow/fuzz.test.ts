/** Mutated datagrams of every protocol: none may throw, hang, take memory without bound, or make a batch that cannot be read. */
import { decodeFlowBatch } from '../../schemas';
import { FlowPartitions } from './batch-builder';
import { FlowDecoder } from './decoder';
import {
  bytes, counterSample, ethernet, flowSample, ip4, ipfix, ipv4Packet, ipv6Packet, netflow5, netflow9, optionsTemplate10, optionsTemplate9, sampledHeader, set, sflow5, sflowPart, tcp, template, vlan,
  type FixtureField,
} from './fixtures';
import { BUILT_IN } from './elements/registry';
import { EXTRA_DATAGRAM_BYTES, ExtraSelection } from './extra';
import { MAX_RECORDS } from './protocol';
import { ConfiguredRates } from './sampling';

/** Marsaglia's xorshift: the same numbers for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const FIELDS: readonly FixtureField[] = [[8, 4], [12, 4], [27, 16], [28, 16], [7, 2], [11, 2], [4, 1], [1, 8], [2, 4], [154, 8], [153, 8], [82, 65535], [34, 4], [10, 4], [5, 1], [302, 2]];
const record = (i: number): Buffer =>
  bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), Buffer.alloc(16, i), Buffer.alloc(16), [i, 2], [443, 2], [6, 1], [1000, 8], [3, 4], [0xe9000000n << 32n, 8], [1_700_000_000_000, 8], [3, 1], Buffer.from('eth'), [10, 4], [1, 4], [0, 1], [1, 2]);
const records = Buffer.concat(Array.from({ length: 12 }, (_, i) => record(i)));
const options = bytes([9, 2], [1, 4], [99, 4], [10, 2], [1, 4], [199, 4]);
const frame = ethernet(0x86dd, ipv6Packet(Buffer.alloc(16, 1), Buffer.alloc(16, 2), 0, bytes([6, 1], [0, 1], [0, 6], tcp(1, 2))), vlan(3));
const frame4 = ethernet(0x8847, bytes([0x00010140, 4], ipv4Packet('10.0.0.1', '10.0.0.2', 1, bytes([8, 1], [0, 7]))));

const tunnel = ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 17, bytes([9, 2], [4789, 2], [0, 4], [8, 1], [0, 3], [5, 3], [0, 1], ethernet(0x86dd, ipv6Packet(Buffer.alloc(16, 1), Buffer.alloc(16, 2), 43, bytes([4, 1], [2, 1], [4, 1], [0, 5], Buffer.alloc(16, 9), ipv4Packet('10.0.0.3', '10.0.0.4', 47, bytes([0x20006558, 4], [9, 4], frame4))))))));

const LISTS: readonly FixtureField[] = [[10, 4], [292, 65535], [293, 65535], [95, 65535]];
const flows = Buffer.concat(Array.from({ length: 5 }, (_, i) => bytes(ip4(`10.0.0.${i}`), ip4('10.1.0.1'), [2, 1], Buffer.from('ge'), [13, 1], [3, 1], [56, 2], [4, 2], [i, 4], [i, 4])));
const inner = bytes([18, 1], [3 + flows.length, 1], [3, 1], [257, 2], flows);
const listed = bytes(
  [3, 4], [3 + flows.length, 1], [3, 1], [257, 2], flows, [255, 1], [1 + 8 + flows.length + inner.length, 2], [4, 1], [257, 2], [4 + flows.length, 2], flows, [258, 2], [4 + inner.length, 2], inner, [4, 1], [9, 4],
);

const SEEDS: Readonly<Record<string, readonly Buffer[]>> = {
  'NetFlow v5': [netflow5(Array.from({ length: 30 }, (_, i) => ({ src: `10.0.0.${i}`, dst: '10.1.0.1', first: i, last: i * 2 })))],
  'NetFlow v9': [netflow9([set(0, template(256, FIELDS.filter(([, length]) => length !== 65535))), set(1, optionsTemplate9(257, [[2, 2]], [[34, 4], [50, 4]])), set(257, options), set(256, records)]), netflow9([set(256, records)])],
  IPFIX: [
    ipfix([set(2, bytes(template(256, FIELDS), template(258, [[315, 65535], [1, 4, 29305]]))), set(3, optionsTemplate10(257, [[302, 2]], [[305, 4], [306, 4]])), set(257, options), set(256, records), set(258, bytes([frame.length, 1], frame, [0, 4]))]),
    ipfix([set(256, records)]),
  ],
  'IPFIX with lists and both directions': [
    ipfix([
      set(2, bytes(template(256, LISTS), template(257, [[8, 4], [12, 4], [82, 65535], [291, 65535]]), template(258, [[14, 1, 6871], [292, 65535]]), template(259, [[8, 4], [12, 4], [1, 4], [1, 4, 29305], [148, 4], [233, 1], [231, 4], [232, 4]]))),
      set(256, listed),
      set(259, Buffer.alloc(29 * 20, 5)),
    ]),
    ipfix([set(256, listed), set(259, Buffer.alloc(29 * 20, 2))]),
  ],
  'sFlow v5': [
    sflow5([
      flowSample([sampledHeader(frame), sflowPart(1001, Buffer.alloc(16)), sflowPart(1002, bytes([1, 4], ip4('10.0.0.1'), [24, 4], [24, 4]))]),
      flowSample([sampledHeader(frame4), sflowPart(1003, bytes([2, 4], Buffer.alloc(16, 1), [1, 4], [2, 4], [3, 4], [1, 4], [2, 4], [1, 4], [5, 4]))]),
      counterSample(3, 1, 2),
    ]),
    sflow5([
      flowSample([sampledHeader(tunnel)]),
      flowSample([sampledHeader(tunnel, { protocol: 12 })]),
      sflowPart(5, bytes([1, 4], [0, 4], [3, 4], [0, 4], [3, 4], [4, 4], [258, 4], [3, 4], sampledHeader(frame4), sflowPart(1037, bytes([1, 4], [4, 4], Buffer.from('list'), [1, 4])), sflowPart(1038, bytes([4, 4], Buffer.from('kfun'))))),
      sflowPart(4, bytes([1, 4], [2, 4], [1, 4], [5, 4], sflowPart(1001, Buffer.alloc(28, 1)), sflowPart(2000, bytes([3, 4], Buffer.from('web\0'), Buffer.alloc(24, 1), [3, 4], Buffer.from('6.1\0'))), sflowPart(2003, Buffer.alloc(68, 2)), sflowPart(2, Buffer.alloc(52, 3)), sflowPart(10, Buffer.alloc(60, 1)))),
      flowSample([sampledHeader(tunnel), sflowPart(1023, Buffer.alloc(32, 17)), sflowPart(1029, bytes([7, 4])), sflowPart(1006, bytes([1, 4], ip4('10.0.0.1'))), sflowPart(1012, bytes([1, 4], [7, 4]))]),
    ]),
  ],
};

function mutate(datagram: Buffer, below: (n: number) => number): Buffer {
  let mutated = Buffer.from(datagram);
  for (let n = 1 + below(4); n > 0; n--) {
    const at = below(mutated.length || 1);
    switch (below(6)) {
      case 0:
        mutated[at] = below(256);
        break;
      case 1:
        mutated[at] ^= 1 << below(8);
        break;
      case 2: // a word of extremes where lengths and counts like to be
        if (mutated.length >= 8) mutated.writeUInt16BE([0, 1, 3, 4, 255, 0x7fff, 0x8000, 0xffff][below(8)], Math.min(at & ~1, mutated.length - 2));
        break;
      case 3:
        mutated = mutated.subarray(0, at);
        break;
      case 4:
        mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(below(mutated.length || 1))]);
        break;
      default:
        if (mutated.length >= 4) mutated.writeUInt32BE([0, 0xffffffff, 0x80000000, 1][below(4)], Math.min(at & ~3, mutated.length - 4));
    }
  }
  return mutated.length > 0 ? mutated : Buffer.alloc(1);
}

const ROUNDS = 25_000;
const LIMITS = { perExporter: 200_000, total: 1_000_000 };

test.each(Object.entries(SEEDS))(`%s: ${ROUNDS} mutated datagrams`, (_name, seeds) => {
  const below = random(20_241_121);
  let faults = 0;
  let largest = 0;
  const partitions = new FlowPartitions(2, 65_536, (builder) => {
    largest = Math.max(largest, builder.size);
    decodeFlowBatch(builder.take(1));
  });
  const decoder = new FlowDecoder(partitions, new ConfiguredRates({}, 0), LIMITS, { fault: () => void faults++, options: () => undefined, counters: () => undefined, device: () => undefined, discarded: (_, packet) => void packet.reasonName }, { tunnels: 'both', extra: new ExtraSelection(['*'], BUILT_IN) });
  let flows = 0;
  let heaviest = 0;
  for (let serial = 0; serial < ROUNDS; serial++) {
    const source = decoder.sources.of(`192.0.2.${below(20)}`);
    flows += decoder.decode(mutate(seeds[below(seeds.length)], below), source, 1_700_000_000_000 + serial, serial);
    heaviest = Math.max(heaviest, decoder.templates.weight);
  }
  for (const builder of partitions.builders) decodeFlowBatch(builder.take(1));
  expect(largest).toBeLessThan(65_536 + MAX_RECORDS * 256 + EXTRA_DATAGRAM_BYTES);
  expect(heaviest).toBeLessThanOrEqual(LIMITS.total);
  expect(decoder.transcoders.size).toBeLessThanOrEqual(4096 + 256);
  expect(flows).toBe(decoder.counts.flows.reduce((sum, n) => sum + n, 0));
  // Most keep something, many have a fault, all are counted as one or the other or had nothing to give.
  expect([flows > ROUNDS, faults > ROUNDS / 10]).toEqual([true, true]);
});
