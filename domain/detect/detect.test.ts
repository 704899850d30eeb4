/** Detectors, each on what it is for and on what is honest and looks like it. */
import { amplification } from './amplification';
import { answered } from './answered';
import { deviations, learn, learnt, usualOf } from './baseline';
import { carpet, type PrefixView } from './carpet';
import { cusum } from './cusum';
import { departs, departure, DEPARTURE } from './departure';
import { entropyChange } from './entropy-change';
import { CLEAR, DECISIVE } from './evidence';
import { hostVerdict, type Verdict } from './host-verdict';
import type { HostView } from './host-view';
import { Networks } from './networks';
import { newSources } from './new-sources';
import { outboundVerdict } from './outbound';
import { icmpFlood, udpFlood } from './protocol-flood';
import { FAILURES, scan, superSpreader, type SourceView } from './scan';
import { BOUND, timeWeight } from './sequential';
import { admit, lastSecond, placeOf, sliding } from './sliding';
import { synFlood } from './syn-flood';
import { parsePrefix } from '../flow/prefix';
import { parseIpRow } from '../../schemas/ip';

const LIMITS = { packets: 20_000, bits: 200_000_000 };
const TOLERANCE = 5000;
/** A host that receives a quarter more than its limit from a handful of peers, unanswered: no more is known. */
const SURGE: HostView = {
  packets: 25_000, bits: 80_000_000, quickPackets: 25_000, quickBits: 80_000_000, outPackets: 500, outBits: 2_000_000, error: 0, quickError: 0, syn: 0.01, udp: 0.2, icmp: 0, reflected: 0, reflectedSize: 0, asked: 0, reflectors: new Array<number>(12).fill(0),
  size: 400, sources: 100, ports: 90, peers: 5, entropy: 0.9, usual: { packets: 200, bits: 500_000, sources: 20, entropy: 0.85 },
};
const host = (what: Partial<HostView>): HostView => ({ ...SURGE, ...what });
const SYNS = host({ syn: 0.97, size: 60, sources: 9000 });
const REFLECTED = host({ packets: 20_000, quickPackets: 20_000, bits: 224_000_000, quickBits: 224_000_000, udp: 0.99, reflected: 0.98, reflectedSize: 1400, sources: 900, reflectors: [1, ...new Array<number>(11).fill(0)] });
const CROWD = host({ sources: 4000, outPackets: 50_000, outBits: 500_000_000, syn: 0.1 });

describe('one detector', () => {
  test.each([
    ['SYNs without ACK', synFlood(SYNS)?.nats, DECISIVE],
    ['a third of them SYNs', synFlood(host({ syn: 0.33 }))?.nats, CLEAR],
    ['connections that are opened, and used', synFlood(host({ syn: 0.2 })), null],
    ['answers that nobody asked for', amplification(REFLECTED)?.nats, DECISIVE],
    ['small ones', amplification({ ...REFLECTED, reflectedSize: 120 })?.nats, CLEAR],
    ['from one server alone: a large file', amplification({ ...REFLECTED, sources: 1 })?.nats, CLEAR],
    ['where one does not know from how many', amplification({ ...REFLECTED, sources: NaN })?.nats, DECISIVE],
    ['answers to a resolver', amplification({ ...REFLECTED, asked: 1 }), null],
    ['a few of them', amplification({ ...REFLECTED, reflected: 0.3 }), null],
    ['ICMP', icmpFlood(host({ icmp: 0.9 }))?.nats, DECISIVE],
    ['some ping', icmpFlood(host({ icmp: 0.2 })), null],
    ['UDP to many ports', udpFlood(host({ udp: 0.95, ports: 1500 }))?.kind, 'udp-flood'],
    ['UDP to one port', udpFlood(host({ udp: 0.95, ports: 1 })), null],
    ['many sources that were not there', newSources(host({ sources: 1000 }))?.nats, CLEAR],
    ['many that always are', newSources(host({ sources: 1000, usual: { ...SURGE.usual, sources: 900 } })), null],
    ['a hundred', newSources(host({})), null],
    ['one source that drowns the others', entropyChange(host({ entropy: 0.1 }))?.figures[0].usual, 0.85],
    ['sources as they are', entropyChange(host({ entropy: 0.8 })), null],
    ['sources of which nothing is known', entropyChange(host({ entropy: 0.1, usual: { ...SURGE.usual, entropy: NaN } })), null],
    ['visitors', answered(CROWD)?.kind, 'flash-crowd'],
    ['requests of which a few are answered', answered(host({ outPackets: 5000, outBits: 20_000_000 })), null],
    ['SYNs, each answered', answered({ ...SYNS, outPackets: 25_000, outBits: 100_000_000 }), null],
  ])('%s', (_, is, expected) => expect(is).toEqual(expected));
});

describe('a host beyond its limit', () => {
  const verdict = (view: HostView, heldMs: number): string | null => {
    const said = hostVerdict(view, LIMITS, heldMs, TOLERANCE);
    return said === null ? null : `${said.kind} ${said.severity}`;
  };
  test.each<[string, HostView, number, string | null]>([
    ['that looks attacked, at once', SYNS, 0, 'syn-flood warning'],
    ['twice', { ...SYNS, packets: 40_000 }, 0, 'syn-flood critical'],
    ['by the last moment alone', { ...SYNS, packets: 5000 }, 0, 'syn-flood warning'],
    ['by bits', REFLECTED, 0, 'udp-amplification warning'],
    ['of which only that is known, for as long as honest bursts last', SURGE, TOLERANCE - 1, null],
    ['and for longer', SURGE, TOLERANCE, 'volumetric warning'],
    ['with many new sources: sooner', host({ sources: 1000 }), 0.6 * TOLERANCE, 'volumetric warning'],
    ['but not at once', host({ sources: 1000 }), 1000, null],
    ['from others than usual: hardly sooner', host({ entropy: 0.1 }), 0.9 * TOLERANCE, null],
    ['by the last moment, of which only that is known', host({ packets: 15_000, bits: 0 }), 2 * TOLERANCE, null],
    ['visited by many, however long', CROWD, 100 * TOLERANCE, 'flash-crowd info'],
    ['that answers a few', { ...CROWD, sources: 20 }, 100 * TOLERANCE, null],
    ['that visitors and a flood reach', { ...CROWD, syn: 0.6 }, 0, 'syn-flood warning'],
    ['by the moment, but not more than sampling explains, and by the second', { ...SYNS, quickError: 0.3 }, 0, 'syn-flood warning'],
    ['within it', { ...SYNS, packets: 19_000, quickPackets: 19_000, bits: 0, quickBits: 0 }, TOLERANCE, null],
    ['by less than sampling explains', { ...SYNS, error: 0.2, quickError: 0.3 }, 0, null],
  ])('%s', (_, view, heldMs, expected) => expect(verdict(view, heldMs)).toBe(expected));

  test('the evidence has figures with what is usual, the weightiest first', () => {
    const { evidence, value, threshold, unit, score } = hostVerdict(SYNS, LIMITS, 1000, TOLERANCE) as Verdict;
    expect({ value, threshold, unit, score }).toEqual({ value: 25_000, threshold: 20_000, unit: 'packets/s', score: 1.25 });
    expect(evidence[0]).toMatchObject({ name: 'share of packets with SYN and without ACK', value: 0.97 });
    expect(evidence.find(({ name }) => name === 'lasting')).toMatchObject({ value: 1, unit: 's' });
  });

  test('time alone decides when honest bursts are over', () => {
    expect(timeWeight(TOLERANCE, TOLERANCE)).toBeCloseTo(BOUND, 12);
  });
});

describe('a host that sends more than its limit', () => {
  test.each<[string, Partial<HostView>, number, string | undefined]>([
    ['that nobody answers', { outPackets: 30_000, packets: 100 }, TOLERANCE, 'outbound-flood'],
    ['for a moment', { outPackets: 30_000, packets: 100 }, 1000, undefined],
    ['to many who acknowledge', { outPackets: 30_000, packets: 15_000, peers: 3000 }, TOLERANCE, 'flash-crowd'],
    ['to a few who acknowledge: a backup', { outPackets: 30_000, packets: 15_000, peers: 3 }, 10 * TOLERANCE, undefined],
  ])('%s', (_, what, heldMs, expected) => expect(outboundVerdict(host(what), LIMITS, heldMs, TOLERANCE)?.kind).toBe(expected));
});

describe('a carpet', () => {
  const LAID: PrefixView = { packets: 30_000, bits: 100_000_000, reach: 250, syn: 0, udp: 0.9, icmp: 0, reflected: 0, usual: { packets: 5000, bits: 20_000_000, reach: 80 } };
  test.each<[string, Partial<PrefixView>, number, boolean]>([
    ['wider than usual, sooner', {}, 0.6 * TOLERANCE, true],
    ['but not at once', {}, 0, false],
    ['of reflected answers, at once', { reflected: 0.9 }, 0, true],
    ['of SYNs, at once', { syn: 0.9 }, 0, true],
    ['as wide as usual, after a while', { reach: 100 }, TOLERANCE, true],
    ['a few addresses are none', { reach: 20 }, TOLERANCE, false],
    ['what is usual is none', { usual: { packets: 20_000, bits: 0, reach: 80 } }, 10 * TOLERANCE, false],
    ['within the limit', { packets: 15_000 }, 10 * TOLERANCE, false],
    ['of which nothing is known', { usual: { packets: NaN, bits: NaN, reach: NaN } }, 0.6 * TOLERANCE, true],
  ])('%s', (_, what, heldMs, expected) => expect(carpet({ ...LAID, ...what }, LIMITS, heldMs, TOLERANCE) !== null).toBe(expected));
});

describe('a source', () => {
  const IDLE: SourceView = { tried: 0, ports: 0, met: 0, probes: 0, peers: 0 };
  test.each<[string, Partial<SourceView>, string | undefined]>([
    ['that finds nobody', { tried: 20, ports: 1, probes: 20 }, 'horizontal-scan'],
    ['that tries many ports of one host', { tried: 1, ports: 200, probes: 200 }, 'vertical-scan'],
    ['that tries many ports of many', { tried: 100, ports: 100, probes: 400 }, 'horizontal-scan'],
    ['that finds a few dead among many', { tried: 20, ports: 2, met: 80, probes: 60 }, undefined],
    ['that asks one in vain, often', { tried: 1, ports: 1, probes: 10_000 }, undefined],
    ['at the bound of the walk, within the error of sketches', { tried: FAILURES, ports: 1, probes: 20 }, undefined],
  ])('%s', (_, what, expected) => expect(scan({ ...IDLE, ...what })?.kind).toBe(expected));

  test('the walk decides after ten failures: ln(0.99e6) / ln 4, rounded up', () => expect(FAILURES).toBe(10));
  test('that talks with very many is a super-spreader', () => {
    expect(superSpreader({ ...IDLE, peers: 30_000 }, 20_000)).toMatchObject({ kind: 'super-spreader', severity: 'info', score: 1.5 });
    expect(superSpreader({ ...IDLE, peers: 20_001 }, 20_000)).toBeNull();
  });
});

describe('what is usual', () => {
  const taught = (values: readonly number[], memory = 100): Float64Array => {
    const cells = new Float64Array(4);
    for (const value of values) learn(cells, 1, value, memory);
    return cells;
  };
  test('is the mean of what came, with its variance', () => {
    const cells = taught([2, 4, 4, 4, 5, 5, 7, 9]);
    expect([learnt(cells, 1), usualOf(cells, 1), cells[3], cells[0]]).toEqual([8, 5, expect.closeTo(4, 10), 0]);
    expect(usualOf(new Float64Array(3), 0)).toBeNaN();
  });
  test('is forgotten in time', () => expect(usualOf(taught([...new Array<number>(50).fill(0), ...new Array<number>(50).fill(10)], 10), 1)).toBeGreaterThan(9.9));
  test('a steady value has some deviation nevertheless', () => expect(deviations(taught([8, 8, 8]), 1, 12, 0.25)).toBeCloseTo(2, 10));
  test("Page's sum grows with what is above the slack, by no more than the most, and never falls below zero", () => {
    const shape = { slack: 1, limit: 9, most: 5 };
    expect([cusum(0, 3, shape), cusum(2, 100, shape), cusum(2, -9, shape)]).toEqual([2, 7, 0]);
  });

  test('a host that receives five times what it usually does is told of after some seconds, not after three', () => {
    const cells = taught(Array.from({ length: 100 }, (_, second) => 2200 + 200 * (second % 3)));
    let sum = 0;
    const told = Array.from({ length: 10 }, () => departure((sum = departs(sum, 12_000, cells, 1)), 12_000, 0, LIMITS, cells, 1, 1) !== null);
    expect(told.indexOf(true)).toBe(Math.ceil(DEPARTURE.limit / DEPARTURE.most) - 1);
  });
  test('nor is it before a minute is known, or far below its limit', () => {
    expect(departs(100, 12_000, taught(new Array<number>(30).fill(2000)), 1)).toBe(0);
    expect(departure(100, 5000, 0, LIMITS, taught(new Array<number>(99).fill(200)), 1, 1)).toBeNull();
  });
});

describe('the last second', () => {
  const shape = sliding(100, 2);
  /** Adds one to a slot of the second column; sum of the second that ends there. */
  const run = (slots: readonly number[]): (number | null)[] => {
    const cells = new Float64Array(2 * shape.ring + 1);
    let newest = -1;
    return slots.map((slot) => {
      const now = admit(cells, 1, shape, newest, slot);
      if (now < 0) return null;
      newest = now;
      cells[1 + shape.ring + (slot % shape.ring)]++;
      return lastSecond(cells, 1, shape, 1, slot);
    });
  };
  test('holds ten slots', () => expect(run([...Array(13).keys()])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10]));
  test('takes slots out of order, and none that is a second late', () => expect(run([50, 52, 51, 42, 43, 61, 51, 52])).toEqual([1, 2, 2, null, 1, 2, null, 5]));
  test('in slots of our time', () => {
    const slots = [50, 52, 51, 42, 43, 61, 51, 52].map((slot) => 17_637_000_000 + slot);
    expect(run(slots)).toEqual([1, 2, 2, null, 1, 2, null, 5]);
    expect(slots.map((slot) => placeOf(shape.ring, slot))).toEqual(slots.map((slot) => slot % shape.ring));
  });
  test('forgets over a gap', () => expect(run([1, 2, 3, 500])).toEqual([1, 2, 3, 1]));
});

describe('networks', () => {
  const words = new Int32Array(8);
  const find = (networks: Networks, address: string): number => {
    parseIpRow(address, new Uint8Array(words.buffer), 16);
    return networks.find(words, 4);
  };
  test.each([['198.18.1.2', 0], ['198.18.1.129', 2], ['198.19.0.1', -1], ['2001:db8::1', 1], ['2001:db9::1', -1]])('the longest that holds %s', (address, place) => {
    expect(find(new Networks(['198.18.0.0/16', '2001:db8::/32', '198.18.1.128/25']), address)).toBe(place);
  });
  test('everything is a network', () => expect(['0.0.0.0/0', '::/0'].map((prefix) => [find(new Networks([prefix]), '192.0.2.1'), find(new Networks([prefix]), '2001:db8::1')])).toEqual([[0, -1], [0, 0]]));
  test('nonsense is refused', () => expect(() => new Networks(['198.18.0.0/33'])).toThrow('198.18.0.0/33'));
  test('prefixes are as the rest of the project reads them', () => expect(parsePrefix('198.18.0.0/16').bits).toBe(16));
});
