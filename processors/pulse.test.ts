import { hllEstimate } from '../domain/sketch/hyperloglog';
import type { Flow, TrafficPulse } from '../schemas';
import { TRAFFIC_PULSES } from '../topics';
import { pulse } from './pulse';
import { HOST_SKETCH, MET_AT, PRECISION, SOURCE_SKETCH, TRIED_AT, TRIED_PORTS_AT } from './pulse/columns';
import { Driver } from './runtime/driver';
import { batch, course, HOUR } from './runtime/testing/flows';

const FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32;
const SETTINGS = { packetsPerSecond: 1000, bitsPerSecond: 1_000_000, carpetPacketsPerSecond: 1000, carpetBitsPerSecond: 0, floorPercent: 10 };
/** Flows received at so many milliseconds; they are as short as can be. */
const at = (ms: number, ...flows: Partial<Flow>[]): Buffer => batch(flows.map((flow) => ({ start: HOUR + ms, end: HOUR + ms, ...flow })), { receiveTime: HOUR + ms });
/** What goes out when the partition then falls silent. */
function told(values: readonly Buffer[], settings: Partial<typeof SETTINGS> & Record<string, unknown> = {}): TrafficPulse[] {
  const driver = new Driver(pulse, { ...SETTINGS, ...settings });
  for (const value of values) driver.feed(value);
  driver.silence(HOUR + 3_600_000);
  driver.commit();
  return driver.values(TRAFFIC_PULSES);
}
const hostsOf = (pulses: readonly TrafficPulse[]): string[] => pulses.flatMap(({ slotStart, hosts }) => hosts.map(({ addr, packets, outPackets }) => `${slotStart - HOUR}: ${addr} ${packets}/${outPackets}`));

describe('pulse', () => {
  test.each<[string, Buffer[], string[]]>([
    ['hosts above the floor of a slot, both ends', [at(10, { packets: 10, bytes: 1 }, { packets: 9, bytes: 1, srcAddr: '10.0.0.2', dstAddr: '10.0.1.2' })], ['0: 10.0.1.1 10/0', '0: 10.0.0.1 0/10']],
    ['above that of bytes', [at(10, { packets: 1, bytes: 1250, srcAddr: '' })], ['0: 10.0.1.1 1/0']],
    ['a slot that is over goes out with the next', [at(99, { packets: 20, srcAddr: '' }), at(100, { packets: 30, srcAddr: '' })], ['0: 10.0.1.1 20/0', '100: 10.0.1.1 30/0']],
    ['what comes late counts in the slot that is open', [at(250, { packets: 20, srcAddr: '' }), at(120, { packets: 30, srcAddr: '' })], ['200: 10.0.1.1 50/0']],
    ['a clock that is set back begins anew', [at(60_000, { packets: 20, srcAddr: '' }), at(0, { packets: 30, srcAddr: '' })], ['60000: 10.0.1.1 20/0', '0: 10.0.1.1 30/0']],
    ['scaled by the sampling rate', [at(10, { packets: 2, samplingRate: 100, srcAddr: '' })], ['0: 10.0.1.1 200/0']],
    ['IPv6', [at(10, { packets: 20, srcAddr: '2001:db8::1', dstAddr: '2001:db8::2' })], ['0: 2001:db8::2 20/0', '0: 2001:db8::1 0/20']],
    ['who has no address is nobody', [at(10, { packets: 20, srcAddr: '', dstAddr: '' })], []],
  ])('tells of %s', (_, values, expected) => expect(hostsOf(told(values))).toEqual(expected));

  test('a flow of a minute counts with the packets of a second, apart', () => {
    const [{ hosts }] = told([at(10, { packets: 1200, bytes: 60_000, start: HOUR + 10 - 60_000, srcAddr: '' })]);
    expect(hosts[0]).toMatchObject({ packets: 20, bytes: 1000, longPackets: 20, longBytes: 1000, longSeconds: 1200 });
  });

  test('only protected hosts are told of, where networks are named', () => {
    const values = [at(10, { packets: 20 }, { packets: 20, srcAddr: '2001:db8::1', dstAddr: '2001:db9::2' })];
    expect(hostsOf(told(values, { networks: ['10.0.1.0/24', '2001:db8::/32'] }))).toEqual(['0: 10.0.1.1 20/0', '0: 2001:db8::1 0/20']);
  });

  test('what it consists of', () => {
    const flows = [
      { packets: 4, bytes: 40, tcpFlags: SYN }, { packets: 8, bytes: 80, tcpFlags: SYN | ACK }, { packets: 16, bytes: 4000, proto: 17, srcPort: 53 }, { packets: 32, bytes: 320, proto: 17, srcPort: 40_000 }, { packets: 64, bytes: 640, proto: 1 },
      { packets: 128, bytes: 1, proto: 17, srcAddr: '10.0.1.1', dstAddr: '10.0.0.1', dstPort: 53 },
    ];
    const [{ hosts: [host] }] = told([at(10, ...flows)]);
    expect(host).toMatchObject({ packets: 124, flows: 5, synPackets: 4, udpPackets: 48, icmpPackets: 64, reflectedPackets: 16, reflectedBytes: 4000, outPackets: 128, askedPackets: 128, variance: 0 });
  });

  test('with sketches of sources, ports and services above the floor', () => {
    const flows = Array.from({ length: 200 }, (_, i) => ({ packets: 1, bytes: 100, proto: 17, srcAddr: `10.1.${i >> 6}.${i & 63}`, srcPort: 123, dstPort: 1000 + (i % 20) }));
    const [{ hosts, hostSketches }] = told([at(10, ...flows)], { networks: ['10.0.1.0/24'] });
    const sketch = hostSketches.subarray(HOST_SKETCH * hosts[0].sketch);
    // A standard error of 13 %: four of them.
    expect(hllEstimate(sketch, 0, PRECISION) / 200).toBeCloseTo(1, 0);
    expect(Math.abs(hllEstimate(sketch, 64, PRECISION) - 20)).toBeLessThan(10);
    // NTP is the second of the services. With the first nine flows it was not worth a sketch yet.
    expect(sketch.readFloatLE(3 * 64 + 16 * 4 + 4)).toBe(100 * (200 - 9));
  });

  test('prefixes are the sum of their hosts, with the addresses that were sent to', () => {
    const flows = [1, 2, 300].map((host) => ({ packets: 5, bytes: 50, srcAddr: '', dstAddr: `10.0.${host >> 8}.${host & 255}` }));
    const [{ prefixes, prefixSketches }] = told([at(10, ...flows)]);
    expect(prefixes.map(({ prefix, bits, packets }) => [prefix, bits, packets])).toEqual([['10.0.0.0', 24, 10]]);
    expect(prefixSketches[0]).toBe(0b110);
  });

  test('a source goes out when it has asked sixteen times in vain, with whom it tried, met, and at which ports', () => {
    const probe = (i: number): Partial<Flow> => ({ packets: 1, bytes: 40, tcpFlags: SYN, dstAddr: `10.0.2.${i}`, dstPort: 22 });
    const met = { packets: 1, bytes: 40, tcpFlags: SYN | ACK, dstAddr: '10.0.3.1' };
    expect(told([at(10, ...Array.from({ length: 15 }, (_, i) => probe(i)))]).flatMap(({ sources }) => sources)).toEqual([]);
    const [{ sources, sourceSketches }] = told([at(10, ...Array.from({ length: 15 }, (_, i) => probe(i))), at(150, met, probe(15))]).filter((one) => one.sources.length > 0);
    expect(sources).toEqual([{ addr: '10.0.0.1', probes: 16, lastTarget: '10.0.2.15', lastPort: 22 }]);
    expect(sourceSketches).toHaveLength(SOURCE_SKETCH);
    const counts = [TRIED_AT, MET_AT, TRIED_PORTS_AT].map((place) => Math.round(hllEstimate(sourceSketches, place, PRECISION)));
    expect(Math.abs(counts[0] - 16)).toBeLessThan(6);
    expect(counts.slice(1)).toEqual([1, 1]);
  });

  test.each<[string, number, number]>([
    ['refused or not answered', SYN, 16],
    ['left half open', SYN | RST, 16],
    ['closed without having been opened', FIN, 16],
    ['the same with PSH and URG', FIN | PSH | URG, 16],
    ['opened', SYN | ACK, 0],
    ['answered, and refused', RST | ACK, 0],
    ['answers to what was never asked', RST, 0],
    ['not told', 0, 0],
  ])('flows of TCP that ask and get no further: %s', (_, tcpFlags, expected) => {
    const flows = Array.from({ length: 16 }, (__, i) => ({ packets: 1, bytes: 40, tcpFlags, dstPort: 1 + i }));
    expect(told([at(10, ...flows)]).flatMap(({ sources }) => sources.map(({ probes }) => probes))).toEqual(expected === 0 ? [] : [expected]);
  });

  test('a flood of forged sources takes no more memory than is given; what finds no room is counted', () => {
    const driver = new Driver(pulse, { ...SETTINGS, maxHosts: 1000, maxSources: 256, maxSketches: 16 });
    const sizes = new Set<number>();
    for (let second = 0; second < 6; second++) {
      for (let part = 0; part < 4; part++) driver.feed(at(second * 1000, ...Array.from({ length: 400 }, (_, i) => ({ packets: 1, bytes: 40, tcpFlags: SYN, srcAddr: `10.${second}.${part}.${i & 255}`, srcPort: i }))));
      sizes.add(driver.size().bytes);
    }
    expect(driver.discards()['sources-forgotten']).toBeGreaterThan(256);
    expect(driver.discards()['host-not-kept'] ?? 0).toBeGreaterThanOrEqual(0);
    expect(Math.max(...sizes)).toBeLessThan(4 * 2 ** 20);
  });

  test('who asks a host that is flooded is no scanner; who scans beside the flood is', () => {
    const driver = new Driver(pulse, { ...SETTINGS, maxSources: 4000 });
    for (let slot = 0; slot < 20; slot++) {
      const flood = Array.from({ length: 300 }, (_, i) => ({ packets: 1, bytes: 40, tcpFlags: SYN, srcAddr: `10.${slot}.${i >> 8}.${i & 255}` }));
      driver.feed(at(slot * 100, ...flood, { packets: 1, bytes: 40, tcpFlags: SYN, srcAddr: '10.99.0.1', dstAddr: `10.0.3.${slot}` }));
    }
    driver.commit();
    expect(driver.discards()).toEqual({});
    expect(driver.values(TRAFFIC_PULSES).flatMap(({ sources }) => sources.map(({ addr, probes }) => [addr, probes]))).toEqual([['10.99.0.1', 16]]);
  });

  test('a batch that names datagrams that are not there is refused, and what is beside it counts', () => {
    const driver = new Driver(pulse, SETTINGS);
    driver.feed(Buffer.from('no flows'));
    driver.feed(at(10, { packets: 20, srcAddr: '' }));
    driver.silence(HOUR + 1000);
    driver.commit();
    expect(hostsOf(driver.values(TRAFFIC_PULSES))).toEqual(['0: 10.0.1.1 20/0']);
  });

  test('a restart changes nothing', () => {
    const run = (restart: boolean): unknown => {
      const driver = new Driver(pulse, { ...SETTINGS, packetsPerSecond: 10_000, maxSources: 300 });
      course(40).forEach((value, i) => {
        driver.feed(value);
        driver.feed(at(i * 40, ...Array.from({ length: 9 }, (_, k) => ({ packets: 40, tcpFlags: SYN, srcAddr: `10.9.0.${(i * k) % 29}`, dstAddr: `10.0.5.${(i + k) % 99}` }))));
        if (restart && i % 4 === 3) driver.commit(i % 8 === 3);
        if (restart && i % 7 === 6) driver.restart();
      });
      driver.silence(HOUR + 3_600_000);
      driver.commit();
      return driver.outputs;
    };
    expect(run(true)).toEqual(run(false));
  });
});
